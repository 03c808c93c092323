//! Transparency logs: bodies, signed entry timestamps, Merkle trees, checkpoints.

use serde_json::{Value, json};

use super::{
    base64,
    key::{Curve, Key},
    pem, sha256,
};

/// The kinds of entry that are made here.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum LogKind {
    HashedRekord001,
    Dsse001,
    Intoto002,
    /// Of Rekor v2.
    HashedRekord002,
}

impl LogKind {
    pub(crate) fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::HashedRekord001 => ("hashedrekord", "0.0.1"),
            Self::Dsse001 => ("dsse", "0.0.1"),
            Self::Intoto002 => ("intoto", "0.0.2"),
            Self::HashedRekord002 => ("hashedrekord", "0.0.2"),
        }
    }

    pub(crate) fn is_v2(self) -> bool {
        self == Self::HashedRekord002
    }
}

/// What an entry tells of a signature.
pub(crate) struct Logged<'a> {
    /// Whose hash an entry for an artifact holds, of real ones the signer's; and one for an
    /// envelope, of real ones SHA-256, whoever signed.
    pub(crate) curves: [Curve; 2],
    /// What was signed: the artifact, or the PAE of an envelope.
    pub(crate) signed: &'a [u8],
    /// The payload of the envelope.
    pub(crate) payload: &'a [u8],
    pub(crate) payload_type: &'a str,
    pub(crate) envelope: &'a [u8],
    pub(crate) signature: &'a [u8],
    /// Of the PEM block of what follows: a certificate or a key.
    pub(crate) label: &'a str,
    pub(crate) certificate: &'a [u8],
}

/// The body of an entry, as canonical JSON: names sorted, no white space.
pub(crate) fn body(kind: LogKind, logged: &Logged<'_>) -> Vec<u8> {
    let verifier = base64(pem(logged.label, logged.certificate).as_bytes());
    let signature = base64(logged.signature);
    let [over_artifact, over_envelope] = logged.curves;
    let sha = |bytes: &[u8]| {
        let (name, digest) = over_envelope.hash(bytes);
        json!({ "algorithm": name, "value": hex::encode(digest) })
    };
    let (name, digest) = over_artifact.hash(logged.signed);
    let spec = match kind {
        LogKind::HashedRekord001 => json!({
            "data": { "hash": { "algorithm": name, "value": hex::encode(digest) } },
            "signature": { "content": signature, "publicKey": { "content": verifier } },
        }),
        LogKind::Dsse001 => json!({
            "envelopeHash": sha(logged.envelope),
            "payloadHash": sha(logged.payload),
            "signatures": [{ "signature": signature, "verifier": verifier }],
        }),
        LogKind::Intoto002 => json!({ "content": {
            "envelope": {
                "payloadType": logged.payload_type,
                // Rekor wraps the signature in base64 once more.
                "signatures": [{ "publicKey": verifier, "sig": base64(signature.as_bytes()) }],
            },
            "hash": sha(logged.envelope),
            "payloadHash": sha(logged.payload),
        }}),
        LogKind::HashedRekord002 => json!({ "hashedRekordV002": {
            "data": { "algorithm": name.replace("sha", "SHA2_"), "digest": base64(&digest) },
            "signature": { "content": signature, "verifier": {
                "keyDetails": "PKIX_ECDSA_P256_SHA_256",
                "x509Certificate": { "rawBytes": base64(logged.certificate) },
            }},
        }}),
    };
    let (name, version) = kind.words();
    json!({ "apiVersion": version, "kind": name, "spec": spec }).to_string().into_bytes()
}

/// The signed entry timestamp of Rekor v1 over RFC 8785 canonical JSON.
pub(crate) fn promise(key: &Key, body: &[u8], time: i64, log_id: &[u8], index: u64) -> Vec<u8> {
    let signed = json!({
        "body": base64(body), "integratedTime": time, "logID": hex::encode(log_id), "logIndex": index,
    });
    key.sign(signed.to_string().as_bytes())
}

/// RFC 6962 §2.1: the hash of a leaf.
fn leaf(body: &[u8]) -> Vec<u8> {
    sha256(&[&[0], body].concat())
}

fn node(left: &[u8], right: &[u8]) -> Vec<u8> {
    sha256(&[&[1], left, right].concat())
}

/// RFC 6962 §2.1: the root of these leaves, and the audit path of the one at `index`.
fn tree(leaves: &[Vec<u8>], index: usize) -> (Vec<u8>, Vec<Vec<u8>>) {
    if let [one] = leaves {
        return (one.clone(), vec![]);
    }
    // "The largest power of two smaller than n".
    let split = (leaves.len().next_power_of_two()) / 2;
    let (left, right) = leaves.split_at(split);
    let (inside, mut path) =
        if index < split { tree(left, index) } else { tree(right, index - split) };
    let other = if index < split { tree(right, 0).0 } else { tree(left, 0).0 };
    path.push(other.clone());
    let root = if index < split { node(&inside, &other) } else { node(&other, &inside) };
    (root, path)
}

/// A tree of `size` entries of which the one at `index` has this body.
pub(crate) fn tree_with(body: &[u8], index: u64, size: u64) -> (Vec<u8>, Vec<Vec<u8>>) {
    let other = |n: u64| leaf(format!("entry {n} of somebody else").as_bytes());
    let leaves: Vec<Vec<u8>> =
        (0..size).map(|n| if n == index { leaf(body) } else { other(n) }).collect();
    tree(&leaves, usize::try_from(index).unwrap())
}

/// C2SP signed note: origin, size, root; signed under the name and the id's first four bytes.
pub(crate) fn checkpoint(
    (origin, name): (&str, &str),
    size: u64,
    root: &[u8],
    log_id: &[u8],
    key: &Key,
) -> Value {
    let text = format!("{origin}\n{size}\n{}\n", base64(root));
    let signature = [log_id.get(..4).unwrap(), &key.sign(text.as_bytes())].concat();
    json!({ "envelope": format!("{text}\n— {name} {}\n", base64(&signature)) })
}
