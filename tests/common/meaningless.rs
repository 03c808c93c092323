//! Which changes change nothing that is signed or said twice, and why.

use std::{collections::HashSet, ops::Range};

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::Value;

use super::{
    json,
    material::{Input, Material},
};

/// Why a change that is proved changes nothing that is signed or said twice; `None`: it is a hole.
///
/// Only what is listed here may be proved, and only for the reason that stands beside it.
pub(crate) fn means_nothing(
    what: &str,
    changed: &Input,
    material: &Material,
) -> Option<&'static str> {
    let (family, rest) = what.split_once(' ')?;
    let (path, how) = rest.split_once(": ")?;
    in_any_piece(family, path, how, &material.input)
        .or_else(|| less_evidence(family, path, how, &material.input))
        .or_else(|| in_a_layer(family, path, how, &material.input))
        .or_else(|| beside_signatures(family, path, changed, &material.input))
}

fn ends(path: &str, names: &[&str]) -> bool {
    names.iter().any(|name| path.ends_with(name))
}

/// The same document in other letters, labels and hints.
fn in_any_piece(family: &str, path: &str, how: &str, piece: &Input) -> Option<&'static str> {
    // The payload of a `.sig` layer is signed as text: in other letters it is another text.
    let signed_text = matches!(piece, Input::Layer { attestation: false, .. });
    let chain = "/verificationMaterial/x509CertificateChain/certificates";
    match family {
        // RFC 8259: "insignificant whitespace"; names of an object are "unordered".
        "order" if !(signed_text && how.ends_with("in payload")) => Some("the same document"),
        // proto3 JSON mapping: "either standard or URL-safe base64 encoding with/without paddings".
        "form" => Some("the same bytes in other letters"),
        // proto3 JSON mapping, int64: "either numbers or strings are accepted".
        "numeral" => Some("the same number; no reader makes another one of it"),
        // C2SP signed-note: verifiers "MUST ignore signatures from unknown keys".
        "note" if how.starts_with("stranger") || how == "signature twice" => {
            Some("signatures of others say nothing of this log's")
        }
        // proto3 JSON mapping: a field that is not there has its default value.
        "remove" if is_default(path, piece) => Some("the same value"),
        // A bundle that has what two versions ask for is a bundle of both; the label is not signed.
        _ if path == "/mediaType" => Some("the version is a label"),
        // sigstore_bundle.proto: "a hint"; DSSE: keyid "MUST NOT be used for security decisions".
        _ if ends(path, &["/messageDigest", "/keyid", "/hint"]) => Some("hints"),
        // RFC 5280 §6.1: certificates between leaf and anchor help to find a path; what counts is
        // the path, and here the trust root holds every certificate of it.
        "repeat" if path.starts_with(chain) => Some("certificates beside the leaf are hints"),
        "donor" if path == chain && how.starts_with("beside") => {
            Some("certificates beside the leaf are hints")
        }
        _ if path.strip_prefix(chain).is_some_and(|n| n.len() > 1 && !n.starts_with("/0")) => {
            Some("certificates beside the leaf are hints")
        }
        // Nothing authenticates them without the promise, so nothing shows them (`hide_hearsay`).
        _ if !promised(piece) && ends(path, &["/integratedTime", "/0/logIndex"]) => Some("hearsay"),
        _ => None,
    }
}

/// What is left has to be enough by itself, and only what is left is shown.
fn less_evidence(family: &str, path: &str, how: &str, piece: &Input) -> Option<&'static str> {
    let evidence = [
        "/timestampVerificationData",
        "/rfc3161Timestamps",
        "/rfc3161Timestamps/0",
        "/inclusionPromise",
        "/dev.sigstore.cosign~1rfc3161timestamp",
        "/dev.sigstore.cosign/rfc3161timestamp",
    ];
    let nothing = Some("evidence that is not there says nothing");
    match family {
        "remove" | "empty" if ends(path, &evidence) => nothing,
        // Version 0.1 asks for the promise alone.
        "remove" if path.ends_with("/inclusionProof") && promised(piece) => nothing,
        // And a proof without its checkpoint says nothing there: contract, closed list.
        "remove" if path.ends_with("/inclusionProof/checkpoint") && is_version_01(piece) => nothing,
        "remove" | "empty"
            if path.ends_with("/inclusionProof/checkpoint/envelope") && is_version_01(piece) =>
        {
            nothing
        }
        // Annotations under other names are not evidence; an empty one is none.
        "name" if ends(path, &["cosign/rfc3161timestamp"]) => nothing,
        "cut" if how.starts_with("at 0 of") && how.ends_with("cosign/rfc3161timestamp") => nothing,
        _ => None,
    }
}

/// What nobody looks at in the annotations of a layer.
fn in_a_layer(family: &str, path: &str, how: &str, piece: &Input) -> Option<&'static str> {
    let Input::Layer { attestation, .. } = piece else { return None };
    // The predicate of a layer is under its signature; other annotations are not evidence.
    if ends(path, &["/predicateType", "/unknown"]) {
        return Some("not looked at");
    }
    // An attestation's signature stands in its envelope; cosign leaves the annotation empty.
    if *attestation && ends(path, &["cosign/signature", "cosign~1signature"]) {
        return Some("not looked at");
    }
    if ends(path, &["cosign/chain", "cosign~1chain"]) {
        return Some("certificates beside the leaf are hints");
    }
    // RFC 7468 and RFC 8259 allow white space around the block, and around the document.
    (family == "word" && how.starts_with("space")).then_some("the same document")
}

/// Bytes of a checkpoint or a timestamp that its signature does not cover.
fn beside_signatures(
    family: &str,
    path: &str,
    changed: &Input,
    piece: &Input,
) -> Option<&'static str> {
    if family == "donor" && path.ends_with("/timestampVerificationData") {
        return tokens(changed).is_empty().then_some("evidence that is not there says nothing");
    }
    if !["flip", "word"].contains(&family) {
        return None;
    }
    if path.ends_with("/checkpoint/envelope") {
        let text = |input: &Input| match input {
            Input::Bundle(bytes) => json(bytes).pointer(path)?.as_str().map(str::to_owned),
            Input::Layer { .. } => None,
        };
        return same_log_line(&text(piece)?, &text(changed)?)
            .then_some("signatures of others say nothing of this log's");
    }
    // RFC 5652 §5.1, §5.3: the lists of algorithms and certificates are there "to facilitate"
    // reading and are not signed; the signer and its key come from the trust root.
    let covered = |input: &Input| tokens(input).iter().map(|t| covered(t)).collect::<Vec<_>>();
    let stamp = path.to_lowercase().contains("timestamp");
    (stamp && covered(piece) == covered(changed)).then_some("not covered by the timestamp")
}

/// Whether the text of a checkpoint is the same, and one line that its log signed.
fn same_log_line(one: &str, other: &str) -> bool {
    let parts = |note: &str| -> Option<(String, HashSet<String>)> {
        let (text, signatures) = note.split_once("\n\n")?;
        let origin = text.lines().next()?;
        let name = origin.split_once(" - ").map_or(origin, |(name, _)| name);
        let own = |line: &&str| line.starts_with(&format!("— {name} "));
        Some((text.to_owned(), signatures.lines().filter(own).map(str::to_owned).collect()))
    };
    match (parts(one), parts(other)) {
        (Some(one), Some(other)) => one.0 == other.0 && !one.1.is_disjoint(&other.1),
        _ => false,
    }
}

fn promised(piece: &Input) -> bool {
    match piece {
        Input::Bundle(bytes) => String::from_utf8_lossy(bytes).contains("signedEntryTimestamp"),
        Input::Layer { .. } => true,
    }
}

/// The only version that a promise is enough for.
fn is_version_01(piece: &Input) -> bool {
    match piece {
        Input::Bundle(bytes) => {
            String::from_utf8_lossy(bytes).contains("version=0.1") && promised(piece)
        }
        Input::Layer { .. } => false,
    }
}

fn is_default(path: &str, piece: &Input) -> bool {
    let Input::Bundle(bytes) = piece else { return false };
    let doc = json(bytes);
    let empty = |value: &Value| match value {
        Value::String(text) => text == "0" || text.is_empty(),
        Value::Array(items) => items.is_empty(),
        _ => false,
    };
    doc.pointer(path).is_some_and(empty)
}

/// The timestamps of a piece.
fn tokens(piece: &Input) -> Vec<Vec<u8>> {
    let decode = |value: &Value| STANDARD.decode(value.as_str()?).ok();
    match piece {
        Input::Bundle(bytes) => {
            let place = "/verificationMaterial/timestampVerificationData/rfc3161Timestamps";
            let doc = json(bytes);
            let all = doc.pointer(place).and_then(Value::as_array).cloned().unwrap_or_default();
            all.iter().filter_map(|stamp| decode(&stamp["signedTimestamp"])).collect()
        }
        Input::Layer { annotations, .. } => {
            let text = annotations.get("dev.sigstore.cosign/rfc3161timestamp");
            let stamp = text.and_then(|text| serde_json::from_str::<Value>(text).ok());
            stamp.and_then(|s| decode(&s["SignedRFC3161Timestamp"])).into_iter().collect()
        }
    }
}

/// A token with nothing in the place of what is not signed: `TimeStampResp { status, ContentInfo {
/// type, [0] { SignedData { version, algorithms, content, certificates…, { SignerInfo { version,
/// signer, digest algorithm, attributes, signature algorithm, signature, … } } } } } }`.
fn covered(token: &[u8]) -> Vec<u8> {
    let mut out = token.to_vec();
    let path = |range: Range<usize>, steps: &[usize]| {
        steps.iter().try_fold(range, |range, n| children(token, range).get(*n).cloned())
    };
    let Some(data) = path(0..token.len(), &[0, 1, 1, 0]) else { return out };
    let parts = children(token, data);
    let signer = parts.last().and_then(|signers| path(signers.clone(), &[0]));
    let signer = signer.map(|range| children(token, range)).unwrap_or_default();
    let lists =
        parts.iter().enumerate().filter(|(n, _)| *n == 1 || (3..parts.len() - 1).contains(n));
    let others = signer.iter().enumerate().filter(|(n, _)| *n == 4 || *n > 5);
    for (_, range) in lists.chain(others) {
        out[range.clone()].fill(0);
    }
    out
}

/// The contents of the DER values that stand in a range.
fn children(der: &[u8], range: Range<usize>) -> Vec<Range<usize>> {
    let (mut at, mut found) = (range.start, vec![]);
    while at < range.end {
        let Some(short) = der.get(at + 1) else { break };
        let more = if *short < 0x80 { 0 } else { usize::from(short & 0x7F) };
        let Some(long) = der.get(at + 2..at + 2 + more) else { break };
        let long = long.iter().fold(0_usize, |len, byte| (len << 8) | usize::from(*byte));
        let start = at + 2 + more;
        at = start.saturating_add(if more == 0 { usize::from(*short) } else { long });
        if at > range.end {
            break;
        }
        found.push(start..at);
    }
    found
}
