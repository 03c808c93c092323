//! The command line, as `contract` says it: flags carry the names that cosign and gh users type.

use std::{path::PathBuf, sync::Arc};

use clap::{Args, Parser, Subcommand};

use super::{
    diff::DiffFlags, files::FileFlags, github::GitHubFlags, keeping::Keeping, pin::PinFlags,
    policy::PolicyFlags, profile::Loaded, registry::RegistryFlags, root::RootFlags,
    sbom::SbomFlags, scope::ScopeFlags, tags::TagFlags, trust_root::Action,
};

/// Open a software release: what was published, who signed it, what the log says, what is inside.
#[derive(Parser)]
#[command(name = "sigscope", version, args_conflicts_with_subcommands = true)]
pub(super) struct Cli {
    #[command(subcommand)]
    pub(super) command: Option<Command>,
    /// An image, repository, or OCI layout (`oci:DIR:TAG`); none opens the home screen
    pub(super) target: Option<String>,
    #[command(flatten)]
    pub(super) flags: Flags,
    #[command(flatten)]
    pub(super) screen: Screen,
}

#[derive(Subcommand)]
pub(super) enum Command {
    /// Open a signed release that is built into the program; no network
    Demo {
        #[command(flatten)]
        screen: Screen,
    },
    /// Judge targets against a policy; exit 0 proved, 1 refuted, 3 undecided, 4 absent
    Verify {
        /// Image, `oci:DIR:TAG`, release folder, file or `sha256:…` with --bundle, --owner or --repo
        #[arg(required = true)]
        targets: Vec<String>,
        #[command(flatten)]
        flags: Flags,
        /// Print one JSON report per target
        #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true", default_value = "false", action = clap::ArgAction::Set)]
        json: bool,
    },
    /// Find out everything that can be found out; no policy needed, nothing is called proved
    Inspect {
        /// Image, `oci:DIR:TAG`, release folder, file or `sha256:…` with --bundle, --owner or --repo
        target: String,
        #[command(flatten)]
        flags: Flags,
        /// Print a JSON report
        #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true", default_value = "false", action = clap::ArgAction::Set)]
        json: bool,
    },
    /// Read the SBOM and search it; exit 0 found, 1 no match, 3 none read or verified, 4 none there
    Sbom(Box<SbomFlags>),
    /// Compare the SBOMs of two releases; exit 0 the same, 1 different, 3 not known, 4 none there
    Diff(Box<DiffFlags>),
    /// Pin the images of manifests, values, Dockerfiles and workflows to digests that are proved
    Pin(Box<PinFlags>),
    /// Write the proved signer as a policy: cosign, gh, GitHub Actions, policy-controller, Kyverno
    Policy(Box<PolicyFlags>),
    /// List the tags of a repository, or the repositories of a registry
    Tags(TagFlags),
    /// Show the authorities and logs that judge, their windows, and the TUF metadata behind them
    TrustRoot {
        /// `update` asks the TUF repository in any case and says what changed
        #[arg(value_enum, default_value = "show")]
        action: Action,
        /// A `trusted_root.json`, or JSON lines of them
        #[arg(long, alias = "custom-trusted-root", value_name = "FILE")]
        trusted_root: Option<PathBuf>,
        #[command(flatten)]
        root: RootFlags,
        #[command(flatten)]
        network: Network,
        /// Print one JSON object
        #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true", default_value = "false", action = clap::ArgAction::Set)]
        json: bool,
    },
}

/// How the terminal UI draws.
#[derive(Args, Default)]
pub(super) struct Screen {
    /// Draw marks and borders in ASCII
    #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true", default_value = "false", action = clap::ArgAction::Set)]
    pub(super) ascii: bool,
}

/// Which requests may be made.
#[derive(Args, Default)]
pub(super) struct Network {
    /// No request but to the registry
    #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true", default_value = "false", action = clap::ArgAction::Set)]
    pub(super) offline: bool,
    /// No request at all
    #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true", default_value = "false", action = clap::ArgAction::Set)]
    pub(super) no_network: bool,
}

/// Policy and trust flags.
#[derive(Args, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag that users know by name")]
pub(super) struct Flags {
    /// A public key in PEM: only a signature by it counts
    #[arg(long, value_name = "FILE")]
    pub(super) key: Option<PathBuf>,
    /// An annotation of the signed payload, exactly; may be repeated
    #[arg(short = 'a', long, value_name = "KEY=VALUE")]
    pub(super) annotations: Vec<String>,
    /// Do not ask for a transparency log entry; the report says so
    #[arg(long, alias = "private-infrastructure", num_args = 0..=1, require_equals = true, default_missing_value = "true", default_value = "false", action = clap::ArgAction::Set)]
    pub(super) insecure_ignore_tlog: bool,
    /// The signer's identity, exactly
    #[arg(long, alias = "cert-identity", value_name = "IDENTITY")]
    pub(super) certificate_identity: Option<String>,
    /// The signer's identity as an unanchored Go regexp
    #[arg(long, alias = "cert-identity-regex", value_name = "REGEXP")]
    pub(super) certificate_identity_regexp: Option<String>,
    /// Who vouches for the identity, exactly
    #[arg(long, alias = "cert-oidc-issuer", value_name = "URL")]
    pub(super) certificate_oidc_issuer: Option<String>,
    /// Who vouches for the identity, as an unanchored Go regexp
    #[arg(long, value_name = "REGEXP")]
    pub(super) certificate_oidc_issuer_regexp: Option<String>,
    /// Demand an attestation of this predicate type instead of a signature
    #[arg(long = "type", value_name = "TYPE|URI")]
    pub(super) predicate: Option<String>,
    /// Demand a signature beside the attestation of --type
    #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true", default_value = "false", action = clap::ArgAction::Set)]
    pub(super) require_signature: bool,
    /// Demand an RFC 3161 timestamp
    #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true", default_value = "false", action = clap::ArgAction::Set)]
    pub(super) use_signed_timestamps: bool,
    /// The workflow's name in the certificate (.1.4), exactly
    #[arg(long, value_name = "NAME")]
    pub(super) certificate_github_workflow_name: Option<String>,
    /// The workflow's repository in the certificate (.1.5), exactly
    #[arg(long, value_name = "OWNER/REPO")]
    pub(super) certificate_github_workflow_repository: Option<String>,
    /// The workflow's ref in the certificate (.1.6), exactly
    #[arg(long, value_name = "REF")]
    pub(super) certificate_github_workflow_ref: Option<String>,
    /// The workflow's commit in the certificate (.1.3), exactly
    #[arg(long, value_name = "SHA")]
    pub(super) certificate_github_workflow_sha: Option<String>,
    /// The workflow's trigger in the certificate (.1.2), exactly
    #[arg(long, value_name = "EVENT")]
    pub(super) certificate_github_workflow_trigger: Option<String>,
    /// Any Fulcio claim by its name in the report, exactly
    #[arg(long, value_name = "NAME=VALUE")]
    pub(super) claim: Vec<String>,
    /// Do not ask for a signed certificate timestamp; the report says so
    #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true", default_value = "false", action = clap::ArgAction::Set)]
    pub(super) insecure_ignore_sct: bool,
    /// Judge as cosign 3 judges: any attestation counts, a bundle hides legacy material
    #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true", default_value = "false", action = clap::ArgAction::Set)]
    pub(super) cosign_compatible: bool,
    /// `false`: nothing but cosign's legacy material is looked at
    #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true", value_parser = clap::value_parser!(bool))]
    pub(super) new_bundle_format: Option<bool>,
    /// A policy that the config file keeps under this name
    #[arg(long, value_name = "NAME")]
    pub(super) profile: Option<String>,
    /// The sigstore bundle of a file or digest
    #[arg(long, value_name = "FILE")]
    pub(super) bundle: Option<PathBuf>,
    /// A `trusted_root.json`, or JSON lines of them, instead of the public-good root
    #[arg(long, alias = "custom-trusted-root", value_name = "FILE")]
    pub(super) trusted_root: Option<PathBuf>,
    /// Certificate authorities of your own in PEM, instead of those of the trust root
    #[arg(long, value_name = "FILE", conflicts_with = "certificate_chain")]
    pub(super) ca_roots: Option<PathBuf>,
    /// Intermediates between --ca-roots and the signer
    #[arg(long, value_name = "FILE", requires = "ca_roots")]
    pub(super) ca_intermediates: Option<PathBuf>,
    /// The same as one chain: the signer's parent first, the root last
    #[arg(long, value_name = "FILE")]
    pub(super) certificate_chain: Option<PathBuf>,
    /// The profile, once it is read.
    #[arg(skip)]
    pub(super) loaded: Option<Arc<Loaded>>,
    #[command(flatten)]
    pub(super) root: RootFlags,
    #[command(flatten)]
    pub(super) files: FileFlags,
    #[command(flatten)]
    pub(super) github: GitHubFlags,
    #[command(flatten)]
    pub(super) registry: RegistryFlags,
    #[command(flatten)]
    pub(super) scope: ScopeFlags,
    #[command(flatten)]
    pub(super) network: Network,
    #[command(flatten)]
    pub(super) keeping: Keeping,
}

impl Cli {
    /// The policy flags of whichever command was typed.
    pub(super) fn policy(&mut self) -> Option<&mut Flags> {
        match &mut self.command {
            None => Some(&mut self.flags),
            Some(Command::Verify { flags, .. } | Command::Inspect { flags, .. }) => Some(flags),
            Some(Command::Diff(asked)) => Some(&mut asked.flags),
            Some(Command::Sbom(asked)) => Some(&mut asked.flags),
            Some(Command::Pin(asked)) => Some(&mut asked.flags),
            Some(Command::Policy(asked)) => Some(&mut asked.flags),
            Some(Command::Demo { .. } | Command::Tags(_) | Command::TrustRoot { .. }) => None,
        }
    }
}

impl Flags {
    /// The first flag that a profile says itself and that must not stand beside it.
    pub(super) fn beside_a_profile(&self) -> Option<&'static str> {
        let given = [
            (self.key.is_some(), "--key"),
            (!self.annotations.is_empty(), "--annotations"),
            (self.insecure_ignore_tlog, "--insecure-ignore-tlog"),
            (self.insecure_ignore_sct, "--insecure-ignore-sct"),
            (self.certificate_identity.is_some(), "--certificate-identity"),
            (self.certificate_identity_regexp.is_some(), "--certificate-identity-regexp"),
            (self.certificate_oidc_issuer.is_some(), "--certificate-oidc-issuer"),
            (self.certificate_oidc_issuer_regexp.is_some(), "--certificate-oidc-issuer-regexp"),
            (self.predicate.is_some(), "--type"),
            (self.require_signature, "--require-signature"),
            (self.use_signed_timestamps, "--use-signed-timestamps"),
            (self.certificate_github_workflow_name.is_some(), "--certificate-github-workflow-name"),
            (
                self.certificate_github_workflow_repository.is_some(),
                "--certificate-github-workflow-repository",
            ),
            (self.certificate_github_workflow_ref.is_some(), "--certificate-github-workflow-ref"),
            (self.certificate_github_workflow_sha.is_some(), "--certificate-github-workflow-sha"),
            (
                self.certificate_github_workflow_trigger.is_some(),
                "--certificate-github-workflow-trigger",
            ),
            (!self.claim.is_empty(), "--claim"),
            (!self.github.words().is_empty(), "--owner, --repo and gh's other flags"),
        ];
        given.into_iter().find_map(|(given, flag)| given.then_some(flag))
    }
}
