//! Floor 1: bytes + trust root + time → steps and facts. Pure: no I/O, no clock, no task.
//!
//! The only folder that names the signature, certificate and log crates, and the only maker of
//! [`Verified`]: what a screen or a report shows as the publisher's own word has passed here.

mod built_in;
mod bundle;
mod certificate;
mod detached;
mod github;
mod json;
pub mod key;
mod legacy;
mod library;
mod lookup;
mod material;
mod named;
pub mod pki;
pub mod root;
mod root_document;
mod root_entries;
pub mod root_material;
pub mod roots;
mod scheme;
pub mod signer;
mod steps;

pub use bundle::{Case, judge};
pub use detached::{Detached, judge_detached, judge_document};
pub use legacy::{Layer, judge_legacy};
pub use lookup::{LookUp, Question};
pub use named::{
    Named, marks_of_a_statement, marks_of_evidence, named, shaped_like_evidence, stated_in,
};

use std::sync::Arc;

use crate::domain::{
    Timestamp, Verdict,
    claims::Claims,
    demand::Demand,
    statement::Statement,
    steps::StepName,
    verdict::{Judgement, Steps, Terms},
};

/// A fact under a signature whose every evidence step holds.
///
/// The field is private and there is no public constructor: outside this folder nothing can make
/// one, so nothing outside can call something verified that was not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified<T>(T);

impl<T> Verified<T> {
    /// The fact.
    pub const fn get(&self) -> &T {
        &self.0
    }
}

/// A fact together with whether it may be believed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Evidence<T> {
    /// Under a signature whose every evidence step holds. Says nothing of *who* signed.
    Verified(Verified<T>),
    /// Read, but not vouched for.
    Observed(T),
}

impl<T> Evidence<T> {
    /// The fact, believed or not.
    pub const fn get(&self) -> &T {
        match self {
            Self::Verified(fact) => fact.get(),
            Self::Observed(fact) => fact,
        }
    }

    /// The fact, if it may be believed.
    pub const fn verified(&self) -> Option<&Verified<T>> {
        match self {
            Self::Verified(fact) => Some(fact),
            Self::Observed(_) => None,
        }
    }
}

/// In which shape a piece was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Sigstore bundle, media type version 0.1.
    Bundle01,
    /// Sigstore bundle, media type version 0.2.
    Bundle02,
    /// Sigstore bundle, media type version 0.3.
    Bundle03,
    /// cosign's `.sig` and `.att` tags.
    CosignLegacy,
    /// A detached signature, with or without a certificate.
    Detached,
    /// cosign's own `--bundle` file, before the sigstore bundle.
    CosignBlob,
    /// A DSSE envelope and nothing else.
    Envelope,
    /// A bundle of no known version, or bytes that are none.
    Unknown,
}

impl Format {
    /// The word in reports.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Bundle01 => "bundle-0.1",
            Self::Bundle02 => "bundle-0.2",
            Self::Bundle03 => "bundle-0.3",
            Self::CosignLegacy => "cosign-legacy",
            Self::Detached => "detached",
            Self::CosignBlob => "cosign-blob-bundle",
            Self::Envelope => "dsse-envelope",
            Self::Unknown => "unknown",
        }
    }
}

/// What a piece is; only its payload tells, never an annotation beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Predicate type `https://sigstore.dev/cosign/sign/v1`, or simple signing.
    Signature,
    /// A signature over the bytes of a file.
    MessageSignature,
    /// A statement of another predicate type.
    Attestation,
    /// Could not be read; it may be any of them.
    Unknown,
}

/// Whose Sigstore instance vouches for a piece.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Instance {
    /// Any with a certificate transparency log and a transparency log.
    WithLogs,
    /// GitHub's own, for private repositories and releases: no log, its own timestamps. Recognised
    /// by the authority's certificate alone.
    GitHub,
}

/// How the signer compares with the demand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PolicyAnswer {
    /// It is the demanded one.
    Matched,
    /// It is another one.
    Mismatched,
    /// Nobody demanded one, or there is no readable signer.
    NotAsked,
}

/// One transparency log entry of a piece.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogFacts {
    /// Kind and version of the body: `dsse 0.0.1`.
    pub kind: String,
    /// Index over all shards of the log.
    pub log_index: Option<u64>,
    /// Index in the tree of the inclusion proof.
    pub proof_index: Option<u64>,
    /// Size of that tree.
    pub tree_size: Option<u64>,
    /// Key id of the log, hex.
    pub log_id: String,
    /// When the log says it took the entry in; only as good as the `set` step.
    pub integrated_time: Option<Timestamp>,
    /// Root hash of the tree, hex.
    pub root_hash: Option<String>,
    /// The Merkle path from the leaf up: side of the sibling (`true`: left) and its hash, hex.
    pub path: Vec<(bool, String)>,
    /// The checkpoint's origin line.
    pub origin: Option<String>,
    /// The canonicalized body.
    pub body: Arc<str>,
}

/// One RFC 3161 timestamp of a piece.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimestampFacts {
    /// The time, when the token verifies.
    pub time: Option<Timestamp>,
    /// Which authority vouched, or why none does.
    pub detail: String,
}

/// One signature or attestation, judged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// The shape it was found in.
    pub format: Format,
    /// What it is.
    pub kind: Kind,
    /// The statement's predicate type.
    pub predicate_type: Option<String>,
    /// Whose instance vouches for it, as far as its chain was proved.
    pub instance: Instance,
    /// The sixteen steps.
    pub steps: Steps,
    /// What they fold to under the demand.
    pub judgement: Judgement,
    /// The decisive step, or what holds, in one line.
    pub summary: String,
    /// Whether the signer is the demanded one.
    pub policy: PolicyAnswer,
    /// The fingerprint of the demanded key that signed it; `None` where none did.
    pub key: Option<String>,
    /// The certificate's claims.
    pub claims: Option<Evidence<Claims>>,
    /// `docker-reference` of a simple signing payload: under what name it was signed.
    pub signed_reference: Option<String>,
    /// The statement.
    pub statement: Option<Evidence<Arc<Statement>>>,
    /// Its log entries.
    pub logs: Vec<LogFacts>,
    /// Its timestamps.
    pub timestamps: Vec<TimestampFacts>,
    /// What deserves a look although nothing contradicts.
    pub warnings: Vec<String>,
    /// What a look-up in the log would need, where only that would settle it.
    pub look_up: Option<Arc<LookUp>>,
}

impl Piece {
    /// A piece that was found and cannot be judged; never hidden, and never a proof.
    pub fn not_judged(format: Format, kind: Kind, why: &str) -> Self {
        Self {
            format,
            kind,
            predicate_type: None,
            instance: Instance::WithLogs,
            steps: Steps::not_made(why),
            judgement: Judgement::Undecided,
            summary: why.to_owned(),
            policy: PolicyAnswer::NotAsked,
            key: None,
            claims: None,
            signed_reference: None,
            statement: None,
            logs: vec![],
            timestamps: vec![],
            warnings: vec![],
            look_up: None,
        }
    }

    /// What its steps must show under that demand.
    pub fn terms(&self, demand: Option<&Demand>) -> Terms {
        let terms = Demand::terms(demand);
        match self.instance {
            Instance::WithLogs => terms,
            Instance::GitHub => terms.under_github(),
        }
    }

    /// Turns what is missing into what was not found out: a step that only a look-up would settle
    /// must not read like a contradiction. What does contradict stays.
    pub(super) fn undecide(&mut self, why: &str, demand: Option<&Demand>) {
        let waits = [StepName::LogEntry, StepName::SignedTime, StepName::Structure];
        for name in waits {
            self.steps.set(name, Verdict::Undecided, why, "cosign: offline verification");
        }
        let terms = self.terms(demand);
        self.judgement = self.steps.judgement(&terms);
        if let Some(step) = self.steps.decisive(&terms) {
            self.summary = format!("{}: {}", step.name.word(), step.detail);
        }
    }
}
