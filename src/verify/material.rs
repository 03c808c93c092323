//! Bytes → one bundle, read strictly: what another reader could read otherwise is refused.

use sigstore_types::{Bundle, MediaType};

use super::{
    Format,
    json::{Ambiguity, Shape, refuse_duplicates, refuse_other_shapes},
};

/// The most log entries, and the most timestamps, of one bundle; each costs a few signatures.
/// sigstore-go has the same limit.
const MAX_WITNESSES: usize = 32;

/// Why bytes are no bundle that can be judged.
#[derive(Debug)]
pub(super) enum Unreadable {
    /// Malformed, or of a version or kind that is not understood: nothing was found out.
    Undecided(String),
    /// Readable in two ways: somebody built it to deceive.
    Refuted(String),
}

/// `dev.sigstore.bundle.v1.Bundle` and everything in it, as `sigstore_bundle.proto`,
/// `sigstore_common.proto`, `sigstore_rekor.proto` and `envelope.proto` name it.
static BUNDLE: Shape = Shape {
    fields: &[
        ("mediaType", None),
        ("verificationMaterial", Some(&MATERIAL)),
        ("messageSignature", Some(&MESSAGE)),
        ("dsseEnvelope", Some(&ENVELOPE)),
    ],
    one_of: &["messageSignature", "dsseEnvelope"],
    required: &["mediaType", "verificationMaterial"],
    open: false,
    list: false,
};
static MATERIAL: Shape = Shape {
    fields: &[
        ("publicKey", Some(&PUBLIC_KEY)),
        ("x509CertificateChain", Some(&CHAIN)),
        ("certificate", Some(&RAW)),
        ("tlogEntries", Some(&ENTRY)),
        ("timestampVerificationData", Some(&TIMESTAMPS)),
    ],
    one_of: &["publicKey", "x509CertificateChain", "certificate"],
    required: &[],
    open: false,
    list: false,
};
static PUBLIC_KEY: Shape = fields(&[("hint", None)]);
static CHAIN: Shape = fields(&[("certificates", Some(&RAWS))]);
static RAWS: Shape = list(fields(&[("rawBytes", None)]));
static RAW: Shape = fields(&[("rawBytes", None)]);
static ENTRY: Shape = list(fields(&[
    ("logIndex", None),
    ("logId", Some(&LOG_ID)),
    ("kindVersion", Some(&KIND)),
    ("integratedTime", None),
    ("inclusionPromise", Some(&PROMISE)),
    ("inclusionProof", Some(&PROOF)),
    ("canonicalizedBody", None),
]));
static LOG_ID: Shape = fields(&[("keyId", None)]);
static KIND: Shape = fields(&[("kind", None), ("version", None)]);
static PROMISE: Shape = fields(&[("signedEntryTimestamp", None)]);
static PROOF: Shape = fields(&[
    ("logIndex", None),
    ("rootHash", None),
    ("treeSize", None),
    ("hashes", None),
    ("checkpoint", Some(&CHECKPOINT)),
]);
static CHECKPOINT: Shape = fields(&[("envelope", None)]);
static TIMESTAMPS: Shape = fields(&[("rfc3161Timestamps", Some(&TIMESTAMP))]);
static TIMESTAMP: Shape = list(fields(&[("signedTimestamp", None)]));
static MESSAGE: Shape = fields(&[("messageDigest", Some(&DIGEST)), ("signature", None)]);
static DIGEST: Shape = fields(&[("algorithm", None), ("digest", None)]);
static ENVELOPE: Shape =
    fields(&[("payload", None), ("payloadType", None), ("signatures", Some(&SIGNATURE))]);
static SIGNATURE: Shape = list(fields(&[("sig", None), ("keyid", None)]));

const fn fields(fields: &'static [(&'static str, Option<&'static Shape>)]) -> Shape {
    Shape { fields, one_of: &[], required: &[], open: false, list: false }
}

/// An array of such objects.
const fn list(item: Shape) -> Shape {
    Shape { list: true, ..item }
}

/// What is signed may say more than is known here, in any words but those that count.
const fn open(fields: &'static [(&'static str, Option<&'static Shape>)]) -> Shape {
    Shape { fields, one_of: &[], required: &[], open: true, list: false }
}

/// in-toto `spec/v1/statement.md`; what is under `predicate` is the predicate type's own.
pub(super) static STATEMENT: Shape = open(&[
    ("_type", None),
    ("subject", Some(&SUBJECT)),
    ("predicateType", None),
    ("predicate", None),
]);
static SUBJECT: Shape =
    list(open(&[("name", None), ("digest", Some(&DIGESTS)), ("annotations", None)]));
/// in-toto `spec/v1/digest_set.md`: names in lower case.
static DIGESTS: Shape = open(&[("sha256", None), ("sha384", None), ("sha512", None)]);

/// The layer of a `.att` tag: a DSSE envelope.
pub(super) static LEGACY_ENVELOPE: Shape =
    open(&[("payload", None), ("payloadType", None), ("signatures", Some(&LEGACY_SIGNATURE))]);
static LEGACY_SIGNATURE: Shape = list(open(&[("sig", None), ("keyid", None)]));

/// A DSSE envelope by itself, as slsa-github-generator writes it.
pub(super) static BARE_ENVELOPE: Shape =
    open(&[("payload", None), ("payloadType", None), ("signatures", Some(&BARE_SIGNATURE))]);
static BARE_SIGNATURE: Shape = list(open(&[("sig", None), ("keyid", None), ("cert", None)]));

/// cosign `sign-blob --bundle` before the sigstore bundle: `pkg/cosign/fetch.go`.
pub(super) static OLD_BUNDLE: Shape =
    open(&[("base64Signature", None), ("cert", None), ("rekorBundle", Some(&REKOR_BUNDLE))]);

/// The annotation `dev.sigstore.cosign/bundle`: cosign `pkg/cosign/bundle/rekor.go`.
pub(super) static REKOR_BUNDLE: Shape =
    open(&[("SignedEntryTimestamp", None), ("Payload", Some(&REKOR_PAYLOAD))]);
static REKOR_PAYLOAD: Shape =
    open(&[("body", None), ("integratedTime", None), ("logIndex", None), ("logID", None)]);

/// The annotation `dev.sigstore.cosign/rfc3161timestamp`.
pub(super) static RFC3161: Shape = open(&[("SignedRFC3161Timestamp", None)]);

/// cosign `specs/SIGNATURE_SPEC.md`, simple signing.
pub(super) static SIMPLE_SIGNING: Shape =
    open(&[("critical", Some(&CRITICAL)), ("optional", None)]);
static CRITICAL: Shape =
    open(&[("identity", Some(&IDENTITY)), ("image", Some(&IMAGE)), ("type", None)]);
static IDENTITY: Shape = open(&[("docker-reference", None)]);
static IMAGE: Shape = open(&[("docker-manifest-digest", None)]);

/// Parses a bundle.
///
/// Sigstore bundle specification (`sigstore_bundle.proto`): one of `messageSignature` and
/// `dsseEnvelope`, one of `publicKey`, `x509CertificateChain` and `certificate`. Two of them side by
/// side would let one verifier judge this and another that.
///
/// # Errors
/// [`Unreadable`], by case.
pub(super) fn parse(bytes: &[u8]) -> Result<Bundle, Unreadable> {
    let text = std::str::from_utf8(bytes)
        .map_err(|e| Unreadable::Undecided(format!("the bundle is not UTF-8: {e}")))?;
    refuse_other_shapes(bytes, &BUNDLE).map_err(|ambiguity| match ambiguity {
        Ambiguity::Twofold(words) => Unreadable::Refuted(format!("the bundle: {words}")),
        Ambiguity::Malformed(words) => Unreadable::Undecided(format!("the bundle: {words}")),
    })?;
    let bundle =
        Bundle::from_json(text).map_err(|e| Unreadable::Undecided(format!("the bundle: {e}")))?;
    let material = &bundle.verification_material;
    let stamps = material.timestamp_verification_data.rfc3161_timestamps.len();
    if material.tlog_entries.len().max(stamps) > MAX_WITNESSES {
        let words = format!("the bundle: more than {MAX_WITNESSES} log entries or timestamps");
        return Err(Unreadable::Undecided(words));
    }
    Ok(bundle)
}

/// Why two readers would read a log body differently, for the first entry where they would.
pub(super) fn twofold_log_body(bundle: &Bundle) -> Option<String> {
    let bodies = bundle.verification_material.tlog_entries.iter().map(|e| &e.canonicalized_body);
    bodies.map(|body| refuse_duplicates(body.as_bytes())).find_map(|read| match read {
        Err(Ambiguity::Twofold(words)) => Some(format!("the log body: {words}")),
        Ok(()) | Err(Ambiguity::Malformed(_)) => None,
    })
}

/// The format by the bundle's media type.
pub(super) const fn format(bundle: &Bundle) -> Format {
    match bundle.media_type {
        MediaType::Bundle0_1 => Format::Bundle01,
        MediaType::Bundle0_2 => Format::Bundle02,
        MediaType::Bundle0_3 => Format::Bundle03,
        _ => Format::Unknown,
    }
}

/// Whether there is neither a log entry nor a timestamp in it.
pub(super) fn says_no_time(bundle: &Bundle) -> bool {
    let material = &bundle.verification_material;
    material.tlog_entries.is_empty()
        && material.timestamp_verification_data.rfc3161_timestamps.is_empty()
}
