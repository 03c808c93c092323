//! The command line, as `contract` says it: flags carry the names that cosign and gh users type.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use super::{files::FileFlags, github::GitHubFlags};

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
        /// Image, `oci:DIR:TAG`, release folder, file or `sha256:…` with --bundle
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
        /// Image, `oci:DIR:TAG`, release folder, file or `sha256:…` with --bundle
        target: String,
        #[command(flatten)]
        flags: Flags,
        /// Print a JSON report
        #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true", default_value = "false", action = clap::ArgAction::Set)]
        json: bool,
    },
    /// List the tags of a repository
    Tags {
        /// `ghcr.io/enix/x` or `oci:DIR`
        repository: String,
        /// Print one JSON object
        #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true", default_value = "false", action = clap::ArgAction::Set)]
        json: bool,
        #[command(flatten)]
        network: Network,
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
    /// The sigstore bundle of a file or digest
    #[arg(long, value_name = "FILE")]
    pub(super) bundle: Option<PathBuf>,
    /// A `trusted_root.json` instead of the built-in public-good root
    #[arg(long, alias = "custom-trusted-root", value_name = "FILE")]
    pub(super) trusted_root: Option<PathBuf>,
    #[command(flatten)]
    pub(super) files: FileFlags,
    #[command(flatten)]
    pub(super) github: GitHubFlags,
    #[command(flatten)]
    pub(super) network: Network,
}
