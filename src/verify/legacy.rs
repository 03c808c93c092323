//! cosign's legacy format: one layer of a `.sig` or `.att` tag, put into the shape of a bundle.
//!
//! Signature, certificate and log entry stand in annotations, which no digest of the payload
//! covers; the payload is the layer. The same steps judge it: signature, log entry and layer are
//! compared over the same bytes, so nothing can be swapped between them.
//!
//! Source: cosign `specs/SIGNATURE_SPEC.md`, `pkg/oci/static` and `pkg/cosign/bundle`.

use std::{collections::BTreeMap, sync::Arc};

use base64::{Engine, engine::general_purpose::STANDARD};
use serde::Deserialize;
use sigstore_types::{
    Bundle, CanonicalizedBody, DerCertificate, DigestBytes, HashAlgorithm, InclusionPromise,
    KindVersion, LogId, LogIndex, LogKeyId, MediaType, MessageDigest, SignatureBytes,
    SignatureContent, SignedTimestamp, TimestampToken, TransparencyLogEntry,
    bundle::{
        MessageSignature, PublicKeyIdentifier, Rfc3161Timestamp, TimestampVerificationData,
        VerificationMaterial, VerificationMaterialContent, X509Certificate,
    },
};

use super::{
    Case, Format, Kind, Piece,
    bundle::{Parsed, Payload, unread},
    json::{Ambiguity, Shape, refuse_other_shapes},
    lookup::judge_or_wait,
    material::{LEGACY_ENVELOPE, REKOR_BUNDLE, RFC3161, SIMPLE_SIGNING, Unreadable},
};
use crate::domain::{Digest, Timestamp, digest::Algorithm, simple_signing::SimpleSigning};

const SIGNATURE: &str = "dev.cosignproject.cosign/signature";
const CERTIFICATE: &str = "dev.sigstore.cosign/certificate";
const CHAIN: &str = "dev.sigstore.cosign/chain";
const BUNDLE: &str = "dev.sigstore.cosign/bundle";
const TIMESTAMP: &str = "dev.sigstore.cosign/rfc3161timestamp";

/// One layer of a legacy tag.
#[derive(Clone, Copy)]
pub struct Layer<'a> {
    /// The layer's annotations.
    pub annotations: &'a BTreeMap<String, String>,
    /// The layer itself; its digest was checked.
    pub payload: &'a [u8],
    /// Whether it stands under `.att` and not under `.sig`.
    pub attestation: bool,
}

impl Layer<'_> {
    /// The leaf and what stands between it and a root; empty where a key signed, and where a
    /// certificate cannot be read.
    pub(super) fn certificates(&self) -> Vec<X509Certificate> {
        let text = |name: &str| self.annotations.get(name).map(String::as_str);
        let leaf = text(CERTIFICATE).filter(|leaf| !leaf.trim().is_empty());
        leaf.and_then(|leaf| chain(leaf, text(CHAIN)).ok()).unwrap_or_default()
    }
}

/// The offline bundle of Rekor v1, as cosign writes it into an annotation.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct RekorBundle {
    signed_entry_timestamp: String,
    payload: RekorPayload,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RekorPayload {
    body: String,
    integrated_time: i64,
    log_index: u64,
    #[serde(rename = "logID")]
    log_id: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Stamp {
    #[serde(rename = "SignedRFC3161Timestamp")]
    signed_rfc3161_timestamp: String,
}

/// Judges one layer. Cannot fail: what cannot be judged is an undecided piece.
pub fn judge_legacy(layer: Layer<'_>, case: Case<'_>) -> Piece {
    match convert(layer) {
        Ok(parsed) => judge_or_wait(parsed, case),
        Err(unreadable) => {
            let mut piece = unread(unreadable, case.demand);
            piece.format = Format::CosignLegacy;
            // What was not read may be anything, also a signature in the shape of a statement.
            piece.kind = Kind::Unknown;
            piece
        }
    }
}

fn undecided(what: &'static str) -> impl Fn(String) -> Unreadable {
    move |words| Unreadable::Undecided(format!("{what}: {words}"))
}

fn convert(layer: Layer<'_>) -> Result<Parsed, Unreadable> {
    let read =
        |name: &str| layer.annotations.get(name).map(String::as_str).filter(|v| !v.is_empty());
    let mut material = VerificationMaterial::new(match read(CERTIFICATE) {
        Some(pem) => VerificationMaterialContent::X509CertificateChain {
            certificates: chain(pem, read(CHAIN)).map_err(undecided("the certificate"))?,
        },
        None => VerificationMaterialContent::PublicKey(PublicKeyIdentifier::new("")),
    });
    // Version 0.1 is the one that a signed entry timestamp suffices for.
    let mut media_type = MediaType::Bundle0_2;
    if let Some(text) = read(BUNDLE) {
        shaped("the log entry", text.as_bytes(), &REKOR_BUNDLE)?;
        let bundle = serde_json::from_str(text).map_err(|e| e.to_string());
        let entry = bundle.and_then(entry).map_err(undecided("the log entry"))?;
        material = material.with_tlog_entries(vec![entry]);
        media_type = MediaType::Bundle0_1;
    }
    if let Some(text) = read(TIMESTAMP) {
        shaped("the timestamp", text.as_bytes(), &RFC3161)?;
        let token = token(text).map_err(undecided("the timestamp"))?;
        let data = TimestampVerificationData::new(vec![Rfc3161Timestamp::new(token)]);
        material = material.with_timestamp_verification_data(data);
    }
    let (content, payload) = if layer.attestation {
        (envelope(layer.payload)?, None)
    } else {
        let none = || Unreadable::Undecided("it has no signature".into());
        message(read(SIGNATURE).ok_or_else(none)?, layer.payload)?
    };
    Ok(Parsed {
        bundle: Bundle::new(media_type, material, content),
        format: Format::CosignLegacy,
        words: format!("cosign legacy layer, {} bytes", layer.payload.len()),
        payload,
        layer: layer.attestation.then(|| Arc::from(layer.payload)),
    })
}

pub(super) fn shaped(what: &str, bytes: &[u8], shape: &'static Shape) -> Result<(), Unreadable> {
    refuse_other_shapes(bytes, shape).map_err(|ambiguity| match ambiguity {
        Ambiguity::Twofold(words) => Unreadable::Refuted(format!("{what}: {words}")),
        Ambiguity::Malformed(words) => Unreadable::Undecided(format!("{what}: {words}")),
    })
}

/// The leaf and what stands between it and a root; a root in the chain anchors nothing.
fn chain(leaf: &str, chain: Option<&str>) -> Result<Vec<X509Certificate>, String> {
    const END: &str = "-----END CERTIFICATE-----";
    let leaf = DerCertificate::from_pem(super::key::one_block(leaf)?).map_err(|e| e.to_string())?;
    let mut certificates = vec![X509Certificate::new(leaf)];
    for block in chain.unwrap_or_default().split_inclusive(END) {
        if block.trim().is_empty() {
            continue;
        }
        let der = DerCertificate::from_pem(block.trim()).map_err(|e| e.to_string())?;
        if !super::certificate::is_self_issued(&der)? {
            certificates.push(X509Certificate::new(der));
        }
    }
    Ok(certificates)
}

pub(super) fn entry(bundle: RekorBundle) -> Result<TransparencyLogEntry, String> {
    let words = |e: &dyn std::fmt::Display| e.to_string();
    let said = bundle.payload;
    let entry = log_entry(&said.body, said.integrated_time, said.log_index, &said.log_id)?;
    let promise = STANDARD.decode(&bundle.signed_entry_timestamp).map_err(|e| words(&e))?;
    Ok(entry.with_inclusion_promise(InclusionPromise::new(SignedTimestamp::new(promise))))
}

/// An entry of Rekor v1 without what vouches for it.
pub(super) fn log_entry(
    body: &str,
    integrated_time: i64,
    log_index: u64,
    log_id: &str,
) -> Result<TransparencyLogEntry, String> {
    let words = |e: &dyn std::fmt::Display| e.to_string();
    let body = STANDARD.decode(body).map_err(|e| words(&e))?;
    let value: serde_json::Value = serde_json::from_slice(&body).map_err(|e| words(&e))?;
    let kind = log_kind(&value)?;
    let id = hex::decode(log_id).map_err(|e| words(&e))?;
    let index = LogIndex::new(log_index).map_err(|e| words(&e))?;
    let time = Timestamp::from_second(integrated_time).map_err(|e| words(&e))?;
    let log = LogId::new(LogKeyId::new(id));
    Ok(TransparencyLogEntry::new(index, log, kind, CanonicalizedBody::new(body))
        .with_integrated_time(time))
}

/// The kind of a log entry, which only its body names.
///
/// `intoto 0.0.1` has no name in the library: it stands here as 0.0.2, never leaves the memory, and
/// the step that compares the body knows it by `steps::log_body::is_intoto_001`.
fn log_kind(body: &serde_json::Value) -> Result<KindVersion, String> {
    let text = |name: &str| body.get(name).and_then(|v| v.as_str()).unwrap_or_default();
    match (text("kind"), text("apiVersion")) {
        ("intoto", "0.0.1") => Ok(KindVersion::IntotoV002),
        (kind, version) => {
            let named = serde_json::json!({ "kind": kind, "version": version });
            serde_json::from_value(named).map_err(|e| {
                format!("{kind} {version} is a kind of log entry that is not supported: {e}")
            })
        }
    }
}

fn token(text: &str) -> Result<TimestampToken, String> {
    let stamp: Stamp = serde_json::from_str(text).map_err(|e| e.to_string())?;
    let bytes = STANDARD.decode(&stamp.signed_rfc3161_timestamp).map_err(|e| e.to_string())?;
    Ok(TimestampToken::new(bytes))
}

/// cosign's envelope: a layer of a `.att` tag, or what `attest-blob` wrote.
pub(super) fn envelope(payload: &[u8]) -> Result<SignatureContent, Unreadable> {
    shaped("the envelope", payload, &LEGACY_ENVELOPE)?;
    let envelope = serde_json::from_slice(payload)
        .map_err(|e| Unreadable::Undecided(format!("the envelope: {e}")))?;
    Ok(SignatureContent::DsseEnvelope(envelope))
}

/// A signature over the layer, which is a simple signing payload.
fn message(
    signature: &str,
    payload: &[u8],
) -> Result<(SignatureContent, Option<Payload>), Unreadable> {
    // Some signers wrap the base64.
    let text: String = signature.split_whitespace().collect();
    let bytes =
        STANDARD.decode(text).map_err(|e| Unreadable::Undecided(format!("the signature: {e}")))?;
    shaped("the payload", payload, &SIMPLE_SIGNING)?;
    let simple = SimpleSigning::parse(payload).map_err(|e| Unreadable::Undecided(e.to_string()))?;
    let digests = Algorithm::ALL.map(|a| Digest::of(a, payload)).to_vec();
    let said = digests.first().map(Digest::bytes).unwrap_or_default();
    let digest = MessageDigest::new(HashAlgorithm::Sha2256, DigestBytes::new(said));
    let message = MessageSignature::new(SignatureBytes::new(bytes)).with_message_digest(digest);
    let payload = Payload { bytes: Arc::from(payload), digests, simple };
    Ok((SignatureContent::MessageSignature(message), Some(payload)))
}
