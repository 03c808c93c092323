//! `set`, `inclusion`, `checkpoint`: the transparency log took the signature in.

use sigstore_crypto::VerificationKey;
use sigstore_merkle::{hash_leaf, verify_inclusion_proof};
use sigstore_types::{Sha256Hash, SignatureBytes, TransparencyLogEntry, bundle::InclusionProof};

use super::{
    Context, Outcome,
    log_body::is_intoto_001,
    structure::{is_proof_without_checkpoint, is_rekor_v2},
    time::SignedTime,
};
use crate::{domain::Timestamp, verify::LogFacts};

pub(crate) const SET_CLAUSE: &str = "Rekor v1 signed entry timestamp; RFC 8785 canonical JSON";
pub(crate) const INCLUSION_CLAUSE: &str = "RFC 6962 §2.1.1";
pub(crate) const CHECKPOINT_CLAUSE: &str = "C2SP tlog-checkpoint, signed-note; RFC 6962 §3.5";

/// Runs one check over every log entry.
fn each(
    cx: &Context<'_>,
    none: &str,
    check: impl Fn(&TransparencyLogEntry) -> Option<Outcome>,
) -> Outcome {
    let entries = cx.bundle.verification_material.tlog_entries.iter();
    Outcome::all(entries.filter_map(check)).unwrap_or_else(|| Outcome::absent(none))
}

/// Verifies every signed entry timestamp.
pub(crate) fn set(cx: &Context<'_>) -> Outcome {
    each(cx, "no signed entry timestamp", |entry| {
        entry.inclusion_promise.as_ref().map(|_| one_set(cx, entry).into())
    })
}

/// The promise covers body, integrated time, log id and log index, as canonical JSON.
///
/// It is the only thing that authenticates `integratedTime`: without it a signature could be
/// backdated into the window of an expired certificate.
fn one_set(cx: &Context<'_>, entry: &TransparencyLogEntry) -> Result<String, String> {
    let promise = entry.inclusion_promise.as_ref().ok_or("no promise")?;
    let time = entry.integrated_time.ok_or("the entry has no integrated time")?;
    if time > cx.now {
        return Err(format!("the integrated time {time} lies in the future"));
    }
    let id = log_id(entry)?;
    let key = cx.root.rekor.key_at(&id, time).ok_or_else(|| unknown_log(cx, entry, time))?;
    // RFC 8785: members sorted by name, no white space; base64 and hex need no escapes.
    let signed = format!(
        r#"{{"body":"{}","integratedTime":{},"logID":"{}","logIndex":{}}}"#,
        entry.canonicalized_body.to_base64(),
        time.as_second(),
        hex::encode(entry.log_id.key_id.as_bytes()),
        entry.log_index.get(),
    );
    let signature = SignatureBytes::new(promise.signed_entry_timestamp.as_bytes().to_vec());
    key.verify(signed.as_bytes(), &signature)
        .map_err(|e| format!("the log did not sign it: {e}"))?;
    let log = cx.root.log_name(entry.log_id.key_id.as_bytes());
    Ok(format!("{log} promised entry {} at {time}", entry.log_index.get()))
}

fn log_id(entry: &TransparencyLogEntry) -> Result<Sha256Hash, String> {
    Sha256Hash::try_from(entry.log_id.key_id.as_bytes()).map_err(|e| format!("log id: {e}"))
}

fn unknown_log(cx: &Context<'_>, entry: &TransparencyLogEntry, at: Timestamp) -> String {
    let id = hex::encode(entry.log_id.key_id.as_bytes());
    let (name, hint) = (cx.root.name(), cx.root.stale_hint());
    format!("the trust root {name} has no log {id} that was valid at {at}{hint}")
}

/// Verifies every Merkle path.
pub(crate) fn inclusion(cx: &Context<'_>) -> Outcome {
    each(cx, "no inclusion proof", |entry| {
        let proof = entry.inclusion_proof.as_ref()?;
        if is_proof_without_checkpoint(cx.bundle.media_type, entry) {
            return Some(unsigned_inclusion(entry, proof));
        }
        Some(one_inclusion(entry, proof).into())
    })
}

/// A path to a root that nobody signed must lead there, and proves nothing.
fn unsigned_inclusion(entry: &TransparencyLogEntry, proof: &InclusionProof) -> Outcome {
    let leaf = hash_leaf(entry.canonicalized_body.as_bytes());
    let (index, size) = (proof.log_index.get(), proof.tree_size);
    match verify_inclusion_proof(&leaf, index, size, &proof.hashes, &proof.root_hash) {
        Ok(()) => Outcome::undecided("it leads to a root that no checkpoint signs"),
        Err(e) => Outcome::refuted(e.to_string()),
    }
}

/// RFC 6962 §2.1.1: the leaf hash and the path must give the root that the checkpoint signs.
fn one_inclusion(entry: &TransparencyLogEntry, proof: &InclusionProof) -> Result<String, String> {
    let checkpoint = proof.checkpoint.checkpoint().ok_or("the proof has no checkpoint")?;
    let leaf = hash_leaf(entry.canonicalized_body.as_bytes());
    let index = leaf_index(entry, proof);
    let (size, root) = (checkpoint.tree_size(), checkpoint.root_hash());
    verify_inclusion_proof(&leaf, index, size, &proof.hashes, root).map_err(|e| e.to_string())?;
    let root = root.to_hex();
    let head = root.get(..8).unwrap_or_default();
    Ok(format!("leaf {index} of {size}, {} hashes → root {head}…", proof.hashes.len()))
}

/// Rekor v1 counts the proof's tree apart from the log; Rekor v2 has one index.
fn leaf_index(entry: &TransparencyLogEntry, proof: &InclusionProof) -> u64 {
    if is_rekor_v2(entry) { entry.log_index.get() } else { proof.log_index.get() }
}

/// Verifies every checkpoint.
pub(crate) fn checkpoint(cx: &Context<'_>, times: &[SignedTime]) -> Outcome {
    each(cx, "no checkpoint", |entry| {
        let signed = !is_proof_without_checkpoint(cx.bundle.media_type, entry);
        let proof = entry.inclusion_proof.as_ref().filter(|_| signed);
        proof.map(|proof| one_checkpoint(cx, entry, proof, times).into())
    })
}

/// The root must be signed by the very log that the entry names: a checkpoint of another trusted
/// log would lend its word to an entry that it never saw.
fn one_checkpoint(
    cx: &Context<'_>,
    entry: &TransparencyLogEntry,
    proof: &InclusionProof,
    times: &[SignedTime],
) -> Result<String, String> {
    let checkpoint = proof.checkpoint.checkpoint().ok_or("the proof has no checkpoint")?;
    let id = log_id(entry)?;
    let key: &VerificationKey =
        cx.root.rekor.key_started_by(&id, cx.now).ok_or_else(|| unknown_log(cx, entry, cx.now))?;
    // A shard that was frozen still signs checkpoints, so the checkpoint may be newer than the
    // key's window. What was signed outside of it cannot be in the log: whoever got hold of a
    // retired key could make an entry today.
    if let Some(time) = times.iter().find(|time| cx.root.rekor.key_at(&id, time.at).is_none()) {
        return Err(unknown_log(cx, entry, time.at));
    }
    let hint = id.as_bytes().get(..4).unwrap_or_default();
    // C2SP signed-note: the name on a signature line is the key's; the log's is its origin, which
    // Rekor v1 follows with the number of the tree.
    let origin = checkpoint.origin();
    let name = origin.split_once(" - ").map_or(origin, |(name, _)| name);
    let signer = checkpoint
        .signatures()
        .iter()
        .filter(|s| s.key_id.as_slice() == hint && s.name == name)
        .find(|s| key.verify(checkpoint.signed_data(), &s.signature).is_ok());
    match signer {
        Some(signer) => Ok(format!(
            "{}, tree size {}, signed by {}",
            checkpoint.origin(),
            checkpoint.tree_size(),
            signer.name
        )),
        None => Err(format!("{} did not sign the checkpoint", cx.root.log_name(id.as_bytes()))),
    }
}

/// What the entries say, for the screen and the report.
pub(crate) fn facts(entries: &[TransparencyLogEntry]) -> Vec<LogFacts> {
    let each = entries.iter().map(|entry| {
        let checkpoint =
            entry.inclusion_proof.as_ref().and_then(|proof| proof.checkpoint.checkpoint());
        // Without a signed root nothing in a proof is more than hearsay.
        let proof = entry.inclusion_proof.as_ref().filter(|_| checkpoint.is_some());
        let (kind, version) = if is_intoto_001(entry) {
            ("intoto", "0.0.1")
        } else {
            (entry.kind_version.kind(), entry.kind_version.version())
        };
        LogFacts {
            kind: format!("{kind} {version}"),
            log_index: Some(entry.log_index.get()),
            proof_index: proof.map(|p| leaf_index(entry, p)),
            tree_size: proof.map(|p| p.tree_size),
            log_id: hex::encode(entry.log_id.key_id.as_bytes()),
            integrated_time: entry.integrated_time,
            root_hash: proof.map(|p| p.root_hash.to_hex()),
            path: proof.map(|p| merkle_path(entry, p)).unwrap_or_default(),
            origin: checkpoint.map(|c| c.origin().to_owned()),
            body: String::from_utf8_lossy(entry.canonicalized_body.as_bytes()).into(),
        }
    });
    each.collect()
}

/// RFC 9162 §2.1.3.2: on which side each sibling of the path stands.
fn merkle_path(entry: &TransparencyLogEntry, proof: &InclusionProof) -> Vec<(bool, String)> {
    let (mut node, mut last) = (leaf_index(entry, proof), proof.tree_size.saturating_sub(1));
    let mut path = vec![];
    for hash in &proof.hashes {
        let left = node % 2 == 1 || node == last;
        path.push((left, hash.to_hex()));
        while left && node % 2 == 0 && node != 0 {
            (node, last) = (node >> 1, last >> 1);
        }
        (node, last) = (node >> 1, last >> 1);
    }
    path
}
