//! What is demanded of an artifact: by whom it must be signed, and with what.

use std::path::{Path, PathBuf};

use super::github::{GitHubSource, Release};
use super::goregexp::GoRegexp;
use super::rules::Rules;
use super::steps::{StepName, Terms};

/// cosign's predicate type for a signature made with `cosign sign` in the bundle format.
pub const COSIGN_SIGN: &str = "https://sigstore.dev/cosign/sign/v1";

/// How one value of a certificate is compared.
#[derive(Clone, Debug, PartialEq)]
pub enum Matcher {
    /// Equal, byte for byte.
    Exact(String),
    /// Equal but for the case of ASCII letters, as GitHub compares its names.
    AnyCase(String),
    /// Any part matches, as in Go's `regexp.MatchString`.
    Regexp(GoRegexp),
}

impl Matcher {
    /// Whether `value` is what is demanded.
    pub fn matches(&self, value: &str) -> bool {
        match self {
            Self::Exact(wanted) => wanted == value,
            Self::AnyCase(wanted) => wanted.eq_ignore_ascii_case(value),
            Self::Regexp(wanted) => wanted.is_match(value),
        }
    }

    /// The demand in words: `= …`, `~ …`, or `= … (in any case)`.
    pub fn words(&self) -> String {
        match self {
            Self::Exact(wanted) if wanted.is_empty() => "= (none)".into(),
            Self::Exact(wanted) => format!("= {wanted}"),
            Self::AnyCase(wanted) => format!("= {wanted} (in any case)"),
            Self::Regexp(wanted) => format!("~ {wanted}"),
        }
    }
}

/// One accepted signer: an identity and who vouched for it.
#[derive(Clone, Debug, PartialEq)]
pub struct Signer {
    /// Compared with the certificate's one subject alternative name; where two are given, both hold.
    pub identity: Vec<Matcher>,
    /// Compared with the OIDC issuer; where two are given, both hold.
    pub issuer: Vec<Matcher>,
}

/// Whose signature counts.
#[derive(Clone, Debug, PartialEq)]
pub enum Who {
    /// Signers with a certificate; any one of them will do.
    Signers(Vec<Signer>),
    /// The keys in these files, and no certificate; any one of them will do. Never empty.
    Keys(Vec<PathBuf>),
}

/// A kind of piece that must be there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// A signature: a simple-signing payload or predicate [`COSIGN_SIGN`] over the digest.
    Signature,
    /// An attestation with exactly this predicate type.
    Attestation(String),
    /// GitHub's attestation of a release.
    Release(Release),
    /// No attestation with this predicate type, whoever signed it.
    Forbidden(String),
    /// For files: a message signature, or an attestation of any type, over the file's digest.
    AnyOverFile,
    /// For files with `--require-signature`: a message signature, or [`Wanted::Signature`].
    SignatureOverFile,
}

/// Everything that the flags of one run demand.
#[derive(Clone, Debug, PartialEq)]
pub struct Demand {
    /// Who.
    pub who: Who,
    /// What; each of them must be there. Never empty.
    pub wanted: Vec<Wanted>,
    /// `--use-signed-timestamps`: an RFC 3161 time is demanded.
    pub signed_timestamps: bool,
    /// Fulcio extensions that must have these values: number in the arc, value.
    pub claims: Vec<(u8, Matcher)>,
    /// `-a`: annotations that the signed payload must have, key and value.
    pub annotations: Vec<(String, String)>,
    /// Steps that a named flag waives.
    pub waived: Vec<StepName>,
    /// Whose attestations of GitHub's are demanded, where gh's flags say so.
    pub github: Option<GitHubSource>,
    /// Rules over all pieces.
    pub rules: Rules,
    /// `--strict`: a file that a list names and that is not there is absent, one that nothing
    /// vouches for refutes.
    pub strict: bool,
    /// The flags in words, for headers: `--certificate-identity …`.
    pub words: String,
}

impl Wanted {
    /// What is wanted, in words.
    pub fn words(&self) -> String {
        match self {
            Self::Signature => "signature".into(),
            Self::Attestation(uri) => format!("attestation {uri}"),
            Self::Release(Release { predicate_type, whose, tag }) => {
                let tag = tag.as_ref().map_or_else(String::new, |tag| format!(" {tag}"));
                format!("attestation {predicate_type} of the release{tag} of {whose}")
            }
            Self::Forbidden(uri) => format!("no attestation {uri}"),
            Self::AnyOverFile => "signature or attestation over the file".into(),
            Self::SignatureOverFile => "signature over the file".into(),
        }
    }
}

impl Demand {
    /// Demands nothing: no signer, and nothing of a piece.
    pub fn any() -> Self {
        Self {
            who: Who::Signers(vec![]),
            wanted: vec![],
            signed_timestamps: false,
            claims: vec![],
            annotations: vec![],
            waived: vec![],
            github: None,
            rules: Rules::default(),
            strict: false,
            words: String::new(),
        }
    }

    /// What the steps of a piece must show under this demand.
    pub fn terms(demand: Option<&Self>) -> Terms {
        let Some(demand) = demand else { return Terms::default() };
        let mut also = vec![];
        if demand.signed_timestamps {
            also.push(StepName::Timestamp);
        }
        if !demand.claims.is_empty() || demand.release().is_some() {
            also.push(StepName::Claims);
        }
        let mut waived = demand.waived.clone();
        if demand.key().is_some() {
            // Contract, key mode: these do not apply. A key without a log has no time either.
            waived.extend([StepName::Chain, StepName::Sct, StepName::Identity, StepName::Issuer]);
            if demand.waives(StepName::Set) {
                waived.push(StepName::SignedTime);
            }
        }
        if !demand.annotations.is_empty() {
            also.push(StepName::Annotations);
        }
        Terms { signer_demanded: true, also, waived }
    }

    /// The accepted signers with a certificate.
    pub fn signers(&self) -> &[Signer] {
        match &self.who {
            Who::Signers(signers) => signers,
            Who::Keys(_) => &[],
        }
    }

    /// The release that is demanded.
    pub fn release(&self) -> Option<&Release> {
        self.wanted.iter().find_map(|wanted| match wanted {
            Wanted::Release(release) => Some(release),
            _ => None,
        })
    }

    /// The files of the demanded keys; none where certificates are demanded.
    pub fn keys(&self) -> &[PathBuf] {
        match &self.who {
            Who::Signers(_) => &[],
            Who::Keys(paths) => paths,
        }
    }

    /// The file of the first demanded key; there is one exactly where keys are demanded.
    pub fn key(&self) -> Option<&Path> {
        self.keys().first().map(PathBuf::as_path)
    }

    /// How many signers, or keys, are demanded in all.
    pub fn all_signers(&self) -> usize {
        self.signers().len().max(self.keys().len())
    }

    /// Whether a flag waives that step.
    pub fn waives(&self, name: StepName) -> bool {
        self.waived.contains(&name)
    }
}

/// The predicate types behind cosign's `--type` words; any absolute URI stands for itself.
///
/// Source: cosign `cmd/cosign/cli/options/predicate.go`.
pub fn predicate_type(word: &str) -> Option<String> {
    let uri = match word {
        "custom" => "https://cosign.sigstore.dev/attestation/v1",
        "slsaprovenance" | "slsaprovenance02" => "https://slsa.dev/provenance/v0.2",
        "slsaprovenance1" => "https://slsa.dev/provenance/v1",
        "spdx" | "spdxjson" => "https://spdx.dev/Document",
        "cyclonedx" => "https://cyclonedx.org/bom",
        "link" => "https://in-toto.io/Link/v1",
        "vuln" => "https://cosign.sigstore.dev/attestation/vuln/v1",
        "openvex" => "https://openvex.dev/ns",
        uri if uri.split_once("://").is_some_and(|(scheme, rest)| {
            !rest.is_empty() && scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        }) =>
        {
            uri
        }
        _ => return None,
    };
    Some(uri.to_owned())
}
