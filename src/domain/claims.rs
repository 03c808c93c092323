//! What a signing certificate says about its holder: subject alternative names and the Fulcio
//! extensions, 1.3.6.1.4.1.57264.1.1 to .24.
//!
//! Source: Fulcio `docs/oid-info.md`. Values are claims of the certificate; whether they may be
//! believed is said by the type that carries them (`verify::Evidence`).

use super::Timestamp;

/// One subject alternative name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum San {
    /// A URI: a workflow, a SPIFFE id.
    Uri(String),
    /// An e-mail address.
    Email(String),
    /// Fulcio's otherName, 1.3.6.1.4.1.57264.1.7: a user name of an issuer.
    OtherName(String),
    /// Any other kind, described.
    Other(String),
}

impl San {
    /// The value that an identity is compared with.
    pub fn value(&self) -> &str {
        match self {
            Self::Uri(v) | Self::Email(v) | Self::OtherName(v) | Self::Other(v) => v,
        }
    }

    /// The kind, in words.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Uri(_) => "URI",
            Self::Email(_) => "e-mail",
            Self::OtherName(_) => "otherName",
            Self::Other(_) => "other",
        }
    }
}

/// One extension of the certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Extension {
    /// The whole OID, dotted.
    pub oid: String,
    /// Its place in Fulcio's arc (`.1` to `.24`), if it is one of those.
    pub fulcio: Option<u8>,
    /// The decoded text, or hex where it cannot be decoded.
    pub value: String,
    /// Whether `value` is decoded text rather than hex.
    pub decoded: bool,
    /// Whether the certificate marks it critical.
    pub critical: bool,
}

/// Everything that is read from one certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claims {
    /// All subject alternative names; an identity is only ever the one of them.
    pub sans: Vec<San>,
    /// Extensions in the order of the certificate.
    pub extensions: Vec<Extension>,
    /// Start of the window in which the key may sign.
    pub not_before: Timestamp,
    /// End of that window, inclusive.
    pub not_after: Timestamp,
    /// Serial number, hex.
    pub serial: String,
    /// Distinguished name of the issuing authority.
    pub issuer_name: String,
    /// Distinguished name of the subject; empty in Fulcio's certificates.
    pub subject_name: String,
    /// Key algorithm and size, in words.
    pub key: String,
}

/// Name, name in reports, and OID number of every Fulcio extension.
pub const FULCIO: [(u8, &str, &str); 24] = [
    (1, "Issuer (deprecated)", "issuer_v1"),
    (2, "GitHub Workflow Trigger (deprecated)", "github_workflow_trigger"),
    (3, "GitHub Workflow SHA (deprecated)", "github_workflow_sha"),
    (4, "GitHub Workflow Name (deprecated)", "github_workflow_name"),
    (5, "GitHub Workflow Repository (deprecated)", "github_workflow_repository"),
    (6, "GitHub Workflow Ref (deprecated)", "github_workflow_ref"),
    (7, "OtherName SAN", "other_name"),
    (8, "Issuer", "issuer"),
    (9, "Build Signer URI", "build_signer_uri"),
    (10, "Build Signer Digest", "build_signer_digest"),
    (11, "Runner Environment", "runner_environment"),
    (12, "Source Repository URI", "source_repository_uri"),
    (13, "Source Repository Digest", "source_repository_digest"),
    (14, "Source Repository Ref", "source_repository_ref"),
    (15, "Source Repository Identifier", "source_repository_identifier"),
    (16, "Source Repository Owner URI", "source_repository_owner_uri"),
    (17, "Source Repository Owner Identifier", "source_repository_owner_identifier"),
    (18, "Build Config URI", "build_config_uri"),
    (19, "Build Config Digest", "build_config_digest"),
    (20, "Build Trigger", "build_trigger"),
    (21, "Run Invocation URI", "run_invocation_uri"),
    (22, "Source Repository Visibility At Signing", "source_repository_visibility_at_signing"),
    (23, "Deployment Environment", "deployment_environment"),
    (24, "Token Subject", "token_subject"),
];

impl Extension {
    /// Its name: Fulcio's, or the OID.
    pub fn name(&self) -> &str {
        let known = FULCIO.iter().find(|(n, ..)| Some(*n) == self.fulcio);
        known.map_or(self.oid.as_str(), |(_, name, _)| name)
    }

    /// Its name in reports, for Fulcio's extensions.
    pub fn key(&self) -> Option<&'static str> {
        FULCIO.iter().find(|(n, ..)| Some(*n) == self.fulcio).map(|(.., key)| *key)
    }
}

impl Claims {
    /// The value of Fulcio extension `.number`.
    pub fn fulcio(&self, number: u8) -> Option<&str> {
        let found = self.extensions.iter().find(|e| e.fulcio == Some(number));
        found.map(|e| e.value.as_str())
    }

    /// The identity: the one SAN, if there is exactly one.
    pub fn identity(&self) -> Option<&San> {
        match self.sans.as_slice() {
            [one] => Some(one),
            _ => None,
        }
    }

    /// The OIDC issuer: `.8`, else `.1`.
    pub fn issuer(&self) -> Option<&str> {
        self.fulcio(8).or_else(|| self.fulcio(1))
    }
}
