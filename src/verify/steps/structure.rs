//! `structure`: the parts fit together, and what is said twice is said alike.

use std::borrow::Cow;

use sigstore_bundle::{Error, ValidationOptions, validate_bundle_with_options};
use sigstore_types::{Bundle, KindVersion, MediaType, TransparencyLogEntry};

use super::{Context, Outcome, log_body};
use crate::domain::steps::StepName;

pub(crate) const CLAUSE: &str = "Sigstore bundle, sigstore_bundle.proto; client spec §Verification";

/// Checks the shape that the media type demands, and every redundant field.
///
/// A field that repeats another is read by one verifier and ignored by the next: where the two
/// differ, somebody can show two entries with one proof.
pub(crate) fn check(cx: &Context<'_>) -> Outcome {
    let log_waived = cx.exempt(StepName::Set).is_some();
    let options = ValidationOptions::new().with_require_inclusion_proof(!log_waived);
    if let Err(e) = shape(&without_unsigned_proofs(cx.bundle), &options, log_waived) {
        return Outcome::refuted(e);
    }
    for entry in &cx.bundle.verification_material.tlog_entries {
        if let Err(contradiction) = redundant_fields(cx, entry) {
            return Outcome::refuted(contradiction);
        }
    }
    if let Some(repeated) = repeated(cx.bundle) {
        return Outcome::refuted(repeated);
    }
    Outcome::holds(format!("{}; redundant fields agree", cx.bundle.media_type))
}

/// The shape by media type. Without a log a key's bundle needs no evidence of time.
fn shape(bundle: &Bundle, options: &ValidationOptions, log_waived: bool) -> Result<(), String> {
    match validate_bundle_with_options(bundle, options) {
        Ok(()) => Ok(()),
        Err(Error::MissingSigningTimeEvidence) if log_waived => Ok(()),
        Err(e) => Err(e.to_string()),
    }
}

/// C2SP signed-note: the text ends before "an empty line", signature lines follow, and there are no
/// ASCII control characters "other than newline".
///
/// Go's `sumdb/note` takes the last empty line for the separator and others take the first: with two
/// of them they would read two trees.
fn one_note(envelope: &str) -> Result<(), String> {
    let control = envelope.chars().any(|c| c != '\n' && c.is_ascii_control());
    let lines = envelope.matches("\n\n").count();
    if control || lines != 1 || envelope.contains("\n\n\n") || !envelope.ends_with('\n') {
        return Err("the checkpoint is not one signed note: text, empty line, signatures".into());
    }
    Ok(())
}

/// What stands in the bundle twice.
///
/// sigstore-go `pkg/verify`: "disallow duplicate entries, as a malicious actor could use duplicates
/// to bypass the threshold", and the same of timestamps. The index is not signed in every entry, so
/// one body twice in one log is a repetition too, whatever index it claims.
fn repeated(bundle: &Bundle) -> Option<String> {
    let material = &bundle.verification_material;
    let (entries, stamps) =
        (&material.tlog_entries, &material.timestamp_verification_data.rfc3161_timestamps);
    let same = |a: &TransparencyLogEntry, b: &TransparencyLogEntry| {
        let place = a.log_index == b.log_index || a.canonicalized_body == b.canonicalized_body;
        a.log_id == b.log_id && place
    };
    let before = entries.iter().enumerate();
    if before.clone().any(|(n, entry)| entries.iter().skip(n + 1).any(|e| same(entry, e))) {
        return Some("a log entry stands in it twice".into());
    }
    let mut tokens = std::collections::HashSet::new();
    let again = stamps.iter().any(|s| !tokens.insert(s.signed_timestamp.as_bytes()));
    again.then(|| "a timestamp stands in it twice".into())
}

/// Whether the entry's log takes index, size and root from the signed checkpoint alone.
pub(crate) fn is_rekor_v2(entry: &TransparencyLogEntry) -> bool {
    entry.kind_version == KindVersion::HashedRekordV002
}

fn redundant_fields(cx: &Context<'_>, entry: &TransparencyLogEntry) -> Result<(), String> {
    let body: serde_json::Value = serde_json::from_slice(entry.canonicalized_body.as_bytes())
        .map_err(|e| format!("the log body is not JSON: {e}"))?;
    let text = |name: &str| body.get(name).and_then(|v| v.as_str()).unwrap_or_default().to_owned();
    let (kind, version) = (text("kind"), text("apiVersion"));
    let named = entry.kind_version;
    // A legacy entry names no kind; it was read from the body.
    let from_body = cx.layer.is_some() && log_body::is_intoto_001(entry);
    if !from_body && (kind.as_str(), version.as_str()) != (named.kind(), named.version()) {
        return Err(format!(
            "kindVersion says {} {}, the log body {kind} {version}",
            named.kind(),
            named.version()
        ));
    }
    let Some(proof) = &entry.inclusion_proof else { return Ok(()) };
    let Some(checkpoint) = proof.checkpoint.checkpoint() else { return Ok(()) };
    one_note(proof.checkpoint.envelope())?;
    if proof.tree_size != checkpoint.tree_size() {
        return Err(format!(
            "the proof is for a tree of {}, its checkpoint for one of {}",
            proof.tree_size,
            checkpoint.tree_size()
        ));
    }
    if proof.root_hash != *checkpoint.root_hash() {
        return Err("the proof's root hash is not that of its checkpoint".into());
    }
    // Rekor v2 has no shards: both indexes count the same tree.
    if is_rekor_v2(entry) && proof.log_index != entry.log_index {
        return Err(format!(
            "the entry has log index {}, its proof {}",
            entry.log_index.get(),
            proof.log_index.get()
        ));
    }
    if is_rekor_v2(entry) && entry.inclusion_promise.is_some() {
        return Err("a Rekor v2 entry has no signed entry timestamp".into());
    }
    Ok(())
}

/// Whether a proof of a version 0.1 bundle leads to a root that nobody signed.
///
/// Old clients left the checkpoint out (`CPython`'s releases of 2024). The signed entry timestamp is
/// what version 0.1 asks for; such a proof is compared and vouches for nothing.
pub(crate) fn is_proof_without_checkpoint(
    media_type: MediaType,
    entry: &TransparencyLogEntry,
) -> bool {
    media_type == MediaType::Bundle0_1
        && entry.inclusion_promise.is_some()
        && entry.inclusion_proof.as_ref().is_some_and(|proof| proof.checkpoint.is_empty())
}

/// The bundle without those proofs.
pub(crate) fn without_unsigned_proofs(bundle: &Bundle) -> Cow<'_, Bundle> {
    let unsigned = |entry: &_| is_proof_without_checkpoint(bundle.media_type, entry);
    if !bundle.verification_material.tlog_entries.iter().any(unsigned) {
        return Cow::Borrowed(bundle);
    }
    let mut stripped = bundle.clone();
    for entry in &mut stripped.verification_material.tlog_entries {
        if unsigned(entry) {
            entry.inclusion_proof = None;
        }
    }
    Cow::Owned(stripped)
}
