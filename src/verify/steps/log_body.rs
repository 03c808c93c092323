//! `log-entry`: the entry describes this signature, this key and this payload.
//!
//! Without it an entry of somebody else's signature could ride along and lend its time
//! (CVE-2022-36056).

use base64::{Engine, engine::general_purpose::STANDARD};
use serde::Deserialize;
use sigstore_rekor::body::{DsseV001Signature, RekorEntryBody};
use sigstore_types::{
    DerCertificate, DerPublicKey, DsseEnvelope, HashAlgorithm, KindVersion, SignatureContent,
    TransparencyLogEntry,
};

use super::{Context, Outcome, SignedBy, content, signature_of};
use crate::domain::{
    digest::{Algorithm, Digest},
    steps::StepName,
};

pub(crate) const CLAUSE: &str = "Sigstore client spec §Verification: log entry consistency";

/// Compares every entry's body with the bundle.
pub(crate) fn check(cx: &Context<'_>) -> Outcome {
    let entries = cx.bundle.verification_material.tlog_entries.iter();
    let each = entries.map(|entry| Outcome::from(one_body(cx, entry)));
    Outcome::all(each).unwrap_or_else(|| {
        cx.exempt(StepName::LogEntry).map_or_else(
            || Outcome::refuted("the bundle has no log entry"),
            |why| Outcome::absent(format!("no log entry; {why}")),
        )
    })
}

/// Whether the body is of `intoto 0.0.1`, which the library has no name for.
pub(crate) fn is_intoto_001(entry: &TransparencyLogEntry) -> bool {
    entry.kind_version == KindVersion::IntotoV002
        && serde_json::from_slice::<Intoto001>(entry.canonicalized_body.as_bytes())
            .is_ok_and(|body| body.kind == "intoto" && body.api_version == "0.0.1")
}

/// Whether the body hashes what was signed with another algorithm than SHA-256, as `hashedrekord`
/// does for signatures that are over it.
pub(crate) fn hashes_otherwise(entry: &TransparencyLogEntry) -> bool {
    let body = RekorEntryBody::parse(&entry.canonicalized_body, entry.kind_version);
    let algorithm = match body {
        Ok(RekorEntryBody::HashedRekordV001(body)) => body.spec.data.hash.algorithm,
        Ok(RekorEntryBody::HashedRekordV002(body)) => body.spec.hashed_rekord_v002.data.algorithm,
        _ => return false,
    };
    algorithm != HashAlgorithm::Sha2256
}

/// Rekor `pkg/types/intoto/v0.0.1/intoto_v0_0_1_schema.json`, as far as it is compared.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Intoto001 {
    api_version: String,
    kind: String,
    spec: Intoto001Spec,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Intoto001Spec {
    content: Intoto001Content,
    /// The verifier in PEM, in base64.
    public_key: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Intoto001Content {
    hash: LoggedHash,
    payload_hash: LoggedHash,
}

#[derive(Deserialize)]
struct LoggedHash {
    algorithm: HashAlgorithm,
    value: String,
}

/// The body of an `intoto 0.0.1` entry has no signature: `content.hash` is over the envelope as it
/// was uploaded, signature included, and cosign keeps those bytes as the layer. So the layer, byte
/// for byte, is what the log took in.
fn intoto_001(
    cx: &Context<'_>,
    entry: &TransparencyLogEntry,
    layer: &[u8],
    envelope: &DsseEnvelope,
) -> Result<String, Outcome> {
    let body: Intoto001 = serde_json::from_slice(entry.canonicalized_body.as_bytes())
        .map_err(|e| format!("the log body: {e}"))?;
    let Intoto001Content { hash, payload_hash } = body.spec.content;
    let kind = sha256(entry, hash.algorithm)?;
    same("envelope hash", &Digest::of(kind, layer), &hex_digest(kind, &hash.value)?)?;
    let kind = sha256(entry, payload_hash.algorithm)?;
    let payload = Digest::of(kind, envelope.payload.as_bytes());
    same("payload hash", &payload, &hex_digest(kind, &payload_hash.value)?)?;
    let pem = STANDARD.decode(&body.spec.public_key).map_err(|e| format!("the verifier: {e}"))?;
    let pem = std::str::from_utf8(&pem).map_err(|e| format!("the verifier: {e}"))?;
    same_verifier(cx, &DerCertificate::from_pem(pem), &DerPublicKey::from_pem(pem))?;
    Ok("intoto 0.0.1: envelope hash, payload hash and certificate agree".into())
}

fn one_body(cx: &Context<'_>, entry: &TransparencyLogEntry) -> Result<String, Outcome> {
    if let (Some(layer), SignatureContent::DsseEnvelope(envelope)) = (cx.layer, &cx.bundle.content)
        && is_intoto_001(entry)
    {
        return intoto_001(cx, entry, layer, envelope);
    }
    let body = RekorEntryBody::parse(&entry.canonicalized_body, entry.kind_version)
        .map_err(|e| format!("the log body: {e}"))?;
    let signature = signature_of(cx.bundle).ok_or("no signature in the bundle")?.as_bytes();
    let compared = match (&body, &cx.bundle.content) {
        (RekorEntryBody::HashedRekordV001(body), SignatureContent::MessageSignature(_)) => {
            let hash = &body.spec.data.hash;
            let logged = signed_over(cx, hash.algorithm)?;
            same("hash", &artifact(cx, logged)?, &hex_digest(logged, hash.value.as_str())?)?;
            let verifier = &body.spec.signature.public_key;
            same_verifier(cx, &verifier.parse_certificate(), &verifier.parse_public_key())?;
            same_bytes("signature", body.spec.signature.content.as_bytes(), signature)?;
            "hash, certificate and signature"
        }
        (RekorEntryBody::HashedRekordV002(body), content) => {
            let logged = &body.spec.hashed_rekord_v002;
            let kind = signed_over(cx, logged.data.algorithm)?;
            let wanted = match content {
                SignatureContent::DsseEnvelope(envelope) => Digest::of(kind, &envelope.pae()),
                _ => artifact(cx, kind)?,
            };
            same("hash", &wanted, &hex_digest(kind, &logged.data.digest.to_hex())?)?;
            let verifier = &logged.signature.verifier;
            let none = "the log body names no such verifier";
            let cert = verifier.x509_certificate.as_ref().map(|c| c.raw_bytes.clone());
            let key = verifier.public_key.as_ref().map(|k| k.raw_bytes.clone());
            same_verifier(cx, &cert.ok_or(none), &key.ok_or(none))?;
            same_bytes("signature", logged.signature.content.as_bytes(), signature)?;
            "hash, certificate and signature"
        }
        (RekorEntryBody::DsseV001(body), SignatureContent::DsseEnvelope(envelope)) => {
            let hash = &body.spec.payload_hash;
            let kind = sha256(entry, hash.algorithm)?;
            let payload = Digest::of(kind, envelope.payload.as_bytes());
            same("payload hash", &payload, &hex_digest(kind, &hash.value)?)?;
            let [logged] = body.spec.signatures.as_slice() else {
                let count = body.spec.signatures.len();
                return Err(format!("{count} signatures in the log body").into());
            };
            same_verifier(cx, &logged.parse_certificate(), &dsse_key(logged))?;
            same_bytes("signature", logged.signature.as_bytes(), signature)?;
            "payload hash, certificate and signature"
        }
        (RekorEntryBody::IntotoV002(body), SignatureContent::DsseEnvelope(envelope)) => {
            intoto(cx, entry, &body.spec.content, envelope)?;
            "payload hash, payload type, key and signature"
        }
        (_, _) => {
            let kind = entry.kind_version;
            let words = format!("{} {} does not log such a bundle", kind.kind(), kind.version());
            return Err(words.into());
        }
    };
    let kind = entry.kind_version;
    Ok(format!("{} {}: {compared} agree", kind.kind(), kind.version()))
}

fn intoto(
    cx: &Context<'_>,
    entry: &TransparencyLogEntry,
    content: &sigstore_rekor::body::IntotoV002Content,
    envelope: &DsseEnvelope,
) -> Result<(), String> {
    let (hash, logged) = (&content.payload_hash, &content.envelope);
    let kind = sha256(entry, hash.algorithm)?;
    let payload = Digest::of(kind, envelope.payload.as_bytes());
    same("payload hash", &payload, &hex_digest(kind, hash.value.as_str())?)?;
    if logged.payload_type != envelope.payload_type {
        return Err(format!("the log body has payload type {:?}", logged.payload_type));
    }
    let [one] = logged.signatures.as_slice() else {
        return Err(format!("{} signatures in the log body", logged.signatures.len()));
    };
    // Rekor wraps the signature of intoto 0.0.2 in base64 once more.
    let signature = STANDARD.decode(one.sig.as_bytes()).map_err(|e| e.to_string())?;
    same_bytes("signature", &signature, envelope.signature.sig.as_bytes())?;
    match (cx.signer, one.parse_certificate()) {
        // npm and others log the bare key of the certificate.
        (SignedBy::Certificate(leaf), Err(_)) => {
            let key = one.parse_public_key().map_err(|e| e.to_string())?;
            same_bytes("key", key.as_bytes(), leaf.key.as_bytes())
        }
        (_, certificate) => same_verifier(cx, &certificate, &one.parse_public_key()),
    }
}

/// The verifier of a dsse entry where it is a bare key.
fn dsse_key(logged: &DsseV001Signature) -> Result<DerPublicKey, String> {
    let pem = std::str::from_utf8(logged.verifier.as_bytes()).map_err(|e| e.to_string())?;
    DerPublicKey::from_pem(pem).map_err(|e| e.to_string())
}

/// The hash of a `hashedrekord` entry, which must be the one that the signature is over.
///
/// Rekor `pkg/types/hashedrekord`: an entry is taken in when its signature verifies over the hash
/// that it holds. By another hash of the same bytes no log has verified this signature: such an
/// entry was taken in by nobody that keeps to this, and cosign refuses it.
fn signed_over(cx: &Context<'_>, logged: HashAlgorithm) -> Result<Algorithm, Outcome> {
    let logged = algorithm(logged)?;
    let Some(own) = content::scheme(cx)?.hash_algorithm() else { return Ok(logged) };
    let own = algorithm(own)?;
    if own == logged {
        return Ok(logged);
    }
    let message = matches!(cx.bundle.content, SignatureContent::MessageSignature(_));
    if message && content::known(cx, own).is_none() {
        let words = format!("the artifact's {} digest is not known", own.name());
        return Err(Outcome::undecided(words));
    }
    let (own, logged) = (own.name(), logged.name());
    Err(format!("an entry of a {logged} hash does not carry this signature, over {own}").into())
}

/// The hash of an entry for an envelope. Rekor's schemas of `dsse 0.0.1`, `intoto 0.0.1` and
/// `intoto 0.0.2`: `"algorithm": { "enum": [ "sha256" ] }`.
fn sha256(entry: &TransparencyLogEntry, logged: HashAlgorithm) -> Result<Algorithm, String> {
    match algorithm(logged)? {
        Algorithm::Sha256 => Ok(Algorithm::Sha256),
        other => {
            let (kind, other) = (entry.kind_version.kind(), other.name());
            Err(format!("{kind} hashes with sha256, the log body has a {other} hash"))
        }
    }
}

/// The artifact's digest by the algorithm that was logged.
///
/// Where only another digest of the artifact is known, nothing can be compared: that is no
/// contradiction.
fn artifact(cx: &Context<'_>, algorithm: Algorithm) -> Result<Digest, Outcome> {
    content::known(cx, algorithm).cloned().ok_or_else(|| {
        Outcome::undecided(format!("the artifact's {} digest is not known", algorithm.name()))
    })
}

pub(crate) fn algorithm(kind: HashAlgorithm) -> Result<Algorithm, String> {
    match kind {
        HashAlgorithm::Sha2256 => Ok(Algorithm::Sha256),
        HashAlgorithm::Sha2384 => Ok(Algorithm::Sha384),
        HashAlgorithm::Sha2512 => Ok(Algorithm::Sha512),
        _ => Err("a hash algorithm that is not supported".into()),
    }
}

fn hex_digest(algorithm: Algorithm, hex: &str) -> Result<Digest, String> {
    Digest::new(algorithm, &hex.to_ascii_lowercase()).map_err(|e| format!("the log body: {e}"))
}

fn same(what: &str, wanted: &Digest, logged: &Digest) -> Result<(), String> {
    if wanted == logged {
        Ok(())
    } else {
        Err(format!("the log body has {what} {}, the bundle {}", logged.short(), wanted.short()))
    }
}

fn same_bytes(what: &str, logged: &[u8], wanted: &[u8]) -> Result<(), String> {
    if logged == wanted { Ok(()) } else { Err(format!("the log body has another {what}")) }
}

/// The entry's verifier must be the signer: its certificate, or in key mode the demanded key.
///
/// A key that stands in a log body is its signer's own claim; it proves nothing, it must only
/// agree.
fn same_verifier<E: std::fmt::Display>(
    cx: &Context<'_>,
    certificate: &Result<DerCertificate, E>,
    key: &Result<DerPublicKey, impl std::fmt::Display>,
) -> Result<(), String> {
    match cx.signer {
        SignedBy::Certificate(leaf) => {
            let logged = certificate.as_ref().map_err(ToString::to_string)?;
            same_bytes("certificate", logged.as_bytes(), leaf.der.as_bytes())
        }
        SignedBy::Key(demanded) => {
            let logged = key.as_ref().map_err(ToString::to_string)?;
            same_bytes("key", logged.as_bytes(), demanded.spki.as_bytes())
        }
    }
}
