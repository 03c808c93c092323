//! The library's verdict over a bundle, and the closed list of what it cannot judge.

use std::borrow::Cow;

use sigstore_types::{
    Artifact, ArtifactDigest, Bundle, DigestBytes, HashAlgorithm, SignatureContent,
};
use sigstore_verify::{PublicKeyVerificationPolicy, VerificationPolicy};

use super::{
    Instance, material,
    scheme::KeyKind,
    steps::{Context, SignedBy, log_body, structure},
};
use crate::domain::{
    Digest, Verdict,
    demand::Demand,
    digest::Algorithm,
    verdict::{StepName, Steps, Terms},
};

/// Contract, "Library and own steps": the verdict is the library's, explained by our steps; where
/// the library refuses and every step holds, one of the two is wrong, and the piece is refuted.
pub(super) fn agree(cx: &Context<'_>, steps: &mut Steps) {
    if exception(cx).is_some() {
        return;
    }
    let Err(refusal) = verdict(cx) else { return };
    if steps.evidence_holds(&terms(cx)) {
        let words = format!("internal disagreement: every step holds, the library says: {refusal}");
        steps.set(StepName::Structure, Verdict::Refuted, words, structure::CLAUSE);
    }
}

fn terms(cx: &Context<'_>) -> Terms {
    let terms = Demand::terms(cx.demand);
    match cx.instance {
        Instance::WithLogs => terms,
        Instance::GitHub => terms.under_github(),
    }
}

/// What the library refuses although it is right; then every step of our own must hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Exception {
    /// The library has no ECDSA on P-521.
    P521Leaf,
    /// It compares log bodies by SHA-256 only.
    OtherLogHash,
    /// It does not know `intoto 0.0.1`, cosign's attestations until the end of 2023.
    Intoto001,
    /// It wants evidence of a time, of which a key that was never logged has none.
    KeyWithoutLog,
}

/// Contract, the closed list. "Root without TSA" and "v0.1 proof without checkpoint" are not among
/// these: there the library judges the bundle without the part, see [`judgeable`]; an otherName
/// identity and GitHub's root it judges whole.
fn exception(cx: &Context<'_>) -> Option<Exception> {
    let entries = &cx.bundle.verification_material.tlog_entries;
    match cx.signer {
        SignedBy::Certificate(leaf) if leaf.kind == KeyKind::P521 => Some(Exception::P521Leaf),
        SignedBy::Key(_) if cx.waives(StepName::Set) && material::says_no_time(cx.bundle) => {
            Some(Exception::KeyWithoutLog)
        }
        _ if cx.layer.is_some() && entries.iter().any(log_body::is_intoto_001) => {
            Some(Exception::Intoto001)
        }
        _ if entries.iter().any(log_body::hashes_otherwise) => Some(Exception::OtherLogHash),
        _ => None,
    }
}

fn verdict(cx: &Context<'_>) -> Result<(), String> {
    let artifact = library_artifact(cx).ok_or("no digest of the artifact that it can take")?;
    let bundle = judgeable(cx);
    let no_log = cx.exempt(StepName::Set).is_some();
    let verified = match cx.signer {
        SignedBy::Certificate(_) => {
            let policy = VerificationPolicy::any_identity();
            let no_sct = cx.exempt(StepName::Sct).is_some();
            let policy = if no_sct { policy.skip_sct() } else { policy };
            let policy = if no_log { policy.skip_tlog_unsafe() } else { policy };
            cx.root.verifier.verify(artifact, &bundle, &policy)
        }
        SignedBy::Key(key) => {
            let policy = PublicKeyVerificationPolicy::new(key.spki.clone());
            let policy = if no_log { policy.skip_tlog_unsafe() } else { policy };
            cx.root.verifier.verify(artifact, &bundle, &policy)
        }
    };
    verified.map(|_| ()).map_err(|e| e.to_string())
}

/// The bundle without the parts that our steps found to say nothing.
///
/// A trust root without timestamp authorities cannot judge a token: the step stays undecided, and
/// another source of time must hold. A version 0.1 proof without checkpoint leads to a root that
/// nobody signed: it vouches for nothing, and the promise must hold.
fn judgeable<'a>(cx: &Context<'a>) -> Cow<'a, Bundle> {
    let mut bundle = structure::without_unsigned_proofs(cx.bundle);
    let stamps = &cx.bundle.verification_material.timestamp_verification_data.rfc3161_timestamps;
    if cx.root.tsas.is_empty() && !stamps.is_empty() {
        let material = &mut bundle.to_mut().verification_material;
        material.timestamp_verification_data.rfc3161_timestamps.clear();
    }
    bundle
}

/// The artifact in the shape that the library needs for this bundle: the bytes where they are at
/// hand, else the digest that the bundle is about.
fn library_artifact<'a>(cx: &Context<'a>) -> Option<Artifact<'a>> {
    if let Some(bytes) = cx.signed_bytes() {
        return Some(Artifact::from(bytes));
    }
    let wanted = match &cx.bundle.content {
        SignatureContent::MessageSignature(message) => {
            let said = message.message_digest.as_ref().map(|d| d.algorithm);
            said.or_else(|| cx.signer.kind().default_scheme().hash_algorithm())?
        }
        _ => return cx.artifact.first().and_then(library_digest).map(Artifact::from),
    };
    let kind = log_body::algorithm(wanted).ok()?;
    let digest = cx.signed_digests().iter().find(|d| d.algorithm() == kind)?;
    library_digest(digest).map(Artifact::from)
}

fn library_digest(digest: &Digest) -> Option<ArtifactDigest> {
    let kind = match digest.algorithm() {
        Algorithm::Sha256 => HashAlgorithm::Sha2256,
        Algorithm::Sha384 => HashAlgorithm::Sha2384,
        Algorithm::Sha512 => HashAlgorithm::Sha2512,
    };
    ArtifactDigest::new(kind, DigestBytes::new(digest.bytes())).ok()
}
