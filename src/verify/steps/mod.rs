//! The steps of judging a bundle, one function each, in the words of the specification.
//!
//! The library gives the verdict (`bundle::judge`); these steps explain it, and refuse more: a
//! piece is proved only where both agree.

pub(super) mod chain;
pub(super) mod content;
pub(super) mod log;
pub(super) mod log_body;
pub(super) mod policy;
pub(super) mod sct;
pub(super) mod structure;
pub(super) mod time;

use std::sync::Arc;

use sigstore_types::{Bundle, DerCertificate, DerPublicKey, SignatureBytes, SignatureContent};

use super::{Instance, bundle::Payload, key::TrustedKey, root::TrustRoot, scheme::KeyKind};
use crate::domain::{
    Digest, Timestamp, Verdict,
    claims::Claims,
    demand::Demand,
    statement::Statement,
    steps::{StepName, Terms},
};

/// Everything that a step may look at.
#[derive(Clone, Copy)]
pub(super) struct Context<'a> {
    pub(super) bundle: &'a Bundle,
    pub(super) root: &'a TrustRoot,
    /// Digests of the artifact; the first is the one it was resolved to.
    pub(super) artifact: &'a [Digest],
    /// The artifact itself, where it is at hand.
    pub(super) bytes: Option<&'a [u8]>,
    pub(super) demand: Option<&'a Demand>,
    pub(super) now: Timestamp,
    pub(super) signer: &'a SignedBy,
    /// The statement of a DSSE envelope; `Err` says why it is none.
    pub(super) statement: Option<&'a Result<Statement, String>>,
    /// The payload of a legacy signature.
    pub(super) payload: Option<&'a Payload>,
    /// The bytes of a legacy envelope, which an `intoto 0.0.1` entry hashes.
    pub(super) layer: Option<&'a [u8]>,
    /// Whose authority vouches for the certificate, once the chain has been built.
    pub(super) instance: Instance,
}

/// Who can have made the signature.
pub(super) enum SignedBy {
    /// The holder of a certificate.
    Certificate(Box<Leaf>),
    /// The holder of the key that was demanded.
    Key(Arc<TrustedKey>),
}

impl SignedBy {
    pub(super) fn leaf(&self) -> Option<&Leaf> {
        match self {
            Self::Certificate(leaf) => Some(leaf),
            Self::Key(_) => None,
        }
    }

    pub(super) fn key(&self) -> &DerPublicKey {
        match self {
            Self::Certificate(leaf) => &leaf.key,
            Self::Key(key) => &key.spki,
        }
    }

    pub(super) fn kind(&self) -> KeyKind {
        match self {
            Self::Certificate(leaf) => leaf.kind,
            Self::Key(key) => KeyKind::Library(key.algorithm),
        }
    }
}

impl<'a> Context<'a> {
    /// The digests of what a message signature is over: a payload, or the artifact itself.
    pub(super) fn signed_digests(&self) -> &'a [Digest] {
        self.payload.map_or(self.artifact, |payload| &payload.digests)
    }

    /// What a message signature is over, where it is at hand.
    pub(super) fn signed_bytes(&self) -> Option<&'a [u8]> {
        self.payload.map_or(self.bytes, |payload| Some(&payload.bytes))
    }

    /// Whether a flag waives a step.
    pub(super) fn waives(&self, name: StepName) -> bool {
        self.demand.is_some_and(|d| d.waives(name))
    }

    /// Why a step need not be made, in words; `None` where it must.
    ///
    /// Contract: "Under GitHub's own instance `sct set inclusion checkpoint log-entry` do not apply
    /// and the time must come from its TSA."
    pub(super) fn exempt(&self, name: StepName) -> Option<&'static str> {
        if self.instance == Instance::GitHub && Terms::UNKNOWN_TO_GITHUB.contains(&name) {
            return Some("GitHub's own instance has no public log: does not apply");
        }
        match name {
            _ if !self.waives(name) => None,
            StepName::Sct => Some("waived by --insecure-ignore-sct: not looked at"),
            _ => Some("waived by --insecure-ignore-tlog"),
        }
    }

    /// Contract, closed list: a key without a log has no time, and a demand may waive it.
    pub(super) fn needs_no_time(&self) -> bool {
        self.signer.leaf().is_none() && self.waives(StepName::Set)
    }
}

/// The signing certificate.
pub(super) struct Leaf {
    pub(super) der: DerCertificate,
    /// Its SubjectPublicKeyInfo.
    pub(super) key: DerPublicKey,
    pub(super) kind: KeyKind,
    pub(super) claims: Claims,
}

/// What one step established.
pub(super) struct Outcome {
    pub(super) verdict: Verdict,
    pub(super) detail: String,
}

impl Outcome {
    pub(super) fn holds(detail: impl Into<String>) -> Self {
        Self { verdict: Verdict::Proved, detail: detail.into() }
    }

    pub(super) fn refuted(detail: impl Into<String>) -> Self {
        Self { verdict: Verdict::Refuted, detail: detail.into() }
    }

    /// The step does not apply: what it looks at is not there.
    pub(super) fn absent(detail: impl Into<String>) -> Self {
        Self { verdict: Verdict::Absent, detail: detail.into() }
    }

    /// The step was not made.
    pub(super) fn undecided(detail: impl Into<String>) -> Self {
        Self { verdict: Verdict::Undecided, detail: detail.into() }
    }

    /// The worst of several outcomes of one step, their details joined; `None` for none.
    ///
    /// "Every log entry and every timestamp that is present must hold": one that contradicts is
    /// never outvoted by one that is good.
    pub(super) fn all(each: impl IntoIterator<Item = Self>) -> Option<Self> {
        each.into_iter().reduce(|a, b| Self {
            verdict: a.verdict.max(b.verdict),
            detail: format!("{}; {}", a.detail, b.detail),
        })
    }
}

/// What contradicts, in words.
impl From<String> for Outcome {
    fn from(detail: String) -> Self {
        Self::refuted(detail)
    }
}

impl From<&str> for Outcome {
    fn from(detail: &str) -> Self {
        Self::refuted(detail)
    }
}

impl From<Result<String, Self>> for Outcome {
    fn from(result: Result<String, Self>) -> Self {
        result.map_or_else(|outcome| outcome, Self::holds)
    }
}

impl From<Result<String, String>> for Outcome {
    fn from(result: Result<String, String>) -> Self {
        match result {
            Ok(detail) => Self::holds(detail),
            Err(detail) => Self::refuted(detail),
        }
    }
}

/// The signature bytes of either content; `DsseEnvelope` holds exactly one by construction.
pub(super) fn signature_of(bundle: &Bundle) -> Option<&SignatureBytes> {
    match &bundle.content {
        SignatureContent::MessageSignature(message) => Some(&message.signature),
        SignatureContent::DsseEnvelope(envelope) => Some(&envelope.signature.sig),
        _ => None,
    }
}
