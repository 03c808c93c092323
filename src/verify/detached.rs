//! Evidence that is no sigstore bundle: a detached signature with its certificate, cosign's old
//! `--bundle` file, and a bare DSSE envelope. Each is put into the shape of a bundle, so that the
//! same steps judge it.
//!
//! Which shape a document has is told by its content, and said: a reader that tries one parser
//! after another judges a broken bundle as something else.
//!
//! Sources: cosign `pkg/cosign/fetch.go` (`LocalSignedPayload`), `cmd/cosign/cli/verify/verify_blob.go`;
//! DSSE `envelope.md`; slsa-github-generator, which puts the certificate into the signature.

use std::{collections::BTreeSet, fmt, sync::Arc};

use base64::{Engine, engine::general_purpose::STANDARD};
use serde::{
    Deserialize, Deserializer,
    de::{IgnoredAny, MapAccess, Visitor},
};
use sigstore_types::{
    Bundle, DerCertificate, DigestBytes, HashAlgorithm, MediaType, MessageDigest, SignatureBytes,
    SignatureContent,
    bundle::{
        MessageSignature, PublicKeyIdentifier, VerificationMaterial, VerificationMaterialContent,
        X509Certificate,
    },
};

use super::{
    Case, Format, Kind, Piece,
    bundle::{Parsed, judge, unread},
    key::one_block,
    legacy::{self, RekorBundle, entry, shaped},
    material::{self, BARE_ENVELOPE, OLD_BUNDLE, Unreadable},
};
use crate::domain::{Digest, digest::Algorithm};

/// A signature in a file of its own.
#[derive(Clone, Copy)]
pub struct Detached<'a> {
    /// Base64 of the signature, or the signature itself.
    pub signature: &'a [u8],
    /// PEM of the certificate, or base64 of that.
    pub certificate: Option<&'a [u8]>,
}

/// Judges a detached signature. Cannot fail: what cannot be judged is an undecided piece.
pub fn judge_detached(parts: Detached<'_>, case: Case<'_>) -> Piece {
    judged(from_parts(parts, case.artifact), Format::Detached, case)
}

/// Judges one document of a file: a sigstore bundle, cosign's old bundle, or a DSSE envelope.
pub fn judge_document(bytes: &[u8], case: Case<'_>) -> Piece {
    match shape(bytes) {
        Format::CosignBlob => {
            judged(from_old_bundle(bytes, case.artifact), Format::CosignBlob, case)
        }
        Format::Envelope => judged(from_envelope(bytes), Format::Envelope, case),
        _ => judge(bytes, case),
    }
}

/// The material of a document in the shape of a bundle; `None` where it cannot be read.
pub(super) fn bundle_of(bytes: &[u8]) -> Option<Bundle> {
    match shape(bytes) {
        Format::CosignBlob => from_old_bundle(bytes, &[]).ok().map(|parsed| parsed.bundle),
        Format::Envelope => from_envelope(bytes).ok().map(|parsed| parsed.bundle),
        _ => material::parse(bytes).ok(),
    }
}

impl Detached<'_> {
    /// The same of a detached signature.
    pub(super) fn bundle(self) -> Option<Bundle> {
        from_parts(self, &[]).ok().map(|parsed| parsed.bundle)
    }
}

/// The shape by the names that stand in it; what has none of them, or several, is left to the
/// strict reader of bundles, which says what is wrong.
fn shape(bytes: &[u8]) -> Format {
    let names = names(bytes);
    let has = |name: &str| names.contains(name);
    let bundle = has("mediaType") || has("verificationMaterial");
    match (bundle, has("base64Signature"), has("payload") && has("signatures")) {
        (false, true, false) => Format::CosignBlob,
        (false, false, true) => Format::Envelope,
        _ => Format::Unknown,
    }
}

/// The names of the members of a document; none where it is no object.
pub(super) fn names(bytes: &[u8]) -> BTreeSet<String> {
    let Names(names) = serde_json::from_slice(bytes).unwrap_or_default();
    names
}

/// The names in an object; of its values nothing is kept.
#[derive(Default)]
struct Names(BTreeSet<String>);

impl<'de> Deserialize<'de> for Names {
    fn deserialize<D: Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
        struct Object;
        impl<'de> Visitor<'de> for Object {
            type Value = Names;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Names, A::Error> {
                let mut names = BTreeSet::new();
                while let Some((name, IgnoredAny)) = map.next_entry()? {
                    names.insert(name);
                }
                Ok(Names(names))
            }
        }
        reader.deserialize_map(Object)
    }
}

/// Where only the log entry is missing, that is what is waited for: not a contradiction.
fn judged(read: Result<Parsed, Unreadable>, format: Format, case: Case<'_>) -> Piece {
    match read {
        Ok(parsed) => super::lookup::judge_or_wait(parsed, case),
        Err(unreadable) => {
            let mut piece = unread(unreadable, case.demand);
            piece.format = format;
            piece.kind = Kind::Unknown;
            piece
        }
    }
}

fn undecided(what: &str, words: &str) -> Unreadable {
    Unreadable::Undecided(format!("{what}: {words}"))
}

fn from_parts(parts: Detached<'_>, artifact: &[Digest]) -> Result<Parsed, Unreadable> {
    if shape(parts.signature) == Format::Envelope {
        return attested(parts.signature, parts.certificate, Format::Detached);
    }
    let text = std::str::from_utf8(parts.signature).ok();
    let compact = text.map(|t| t.split_whitespace().collect::<String>());
    // cosign: what is not base64 is taken for the signature itself.
    let decoded = compact.filter(|t| !t.is_empty()).and_then(|t| STANDARD.decode(t).ok());
    let signature = decoded.unwrap_or_else(|| parts.signature.to_vec());
    if signature.is_empty() {
        return Err(undecided("the signature", "the file is empty"));
    }
    if shape(&signature) == Format::Envelope {
        return Err(undecided("the signature", "base64 of a DSSE envelope, not the envelope"));
    }
    let content = signer(parts.certificate)?;
    let with = if parts.certificate.is_some() { "with a certificate" } else { "by a bare key" };
    let words = format!("detached signature {with}, {} bytes", signature.len());
    Ok(Parsed {
        bundle: Bundle::new(
            MediaType::Bundle0_2,
            VerificationMaterial::new(content),
            message(signature, artifact),
        ),
        format: Format::Detached,
        words,
        payload: None,
        layer: None,
    })
}

/// What cosign `attest-blob` writes where `sign-blob` writes a signature: the DSSE envelope, which
/// is then kept byte for byte, as an `intoto 0.0.1` entry hashes it. A certificate in its signature
/// is not cosign's and does not count.
fn attested(
    bytes: &[u8],
    certificate: Option<&[u8]>,
    format: Format,
) -> Result<Parsed, Unreadable> {
    let material = VerificationMaterial::new(signer(certificate)?);
    Ok(Parsed {
        bundle: Bundle::new(MediaType::Bundle0_2, material, legacy::envelope(bytes)?),
        format,
        words: format!("DSSE envelope in place of a signature, {} bytes", bytes.len()),
        payload: None,
        layer: Some(Arc::from(bytes)),
    })
}

/// cosign signs the SHA-256 of a file, whatever the size of the key.
fn message(signature: Vec<u8>, artifact: &[Digest]) -> SignatureContent {
    let message = MessageSignature::new(SignatureBytes::new(signature));
    let sha256 = artifact.iter().find(|d| d.algorithm() == Algorithm::Sha256);
    SignatureContent::MessageSignature(match sha256 {
        Some(digest) => {
            let bytes = DigestBytes::new(digest.bytes());
            message.with_message_digest(MessageDigest::new(HashAlgorithm::Sha2256, bytes))
        }
        None => message,
    })
}

fn bare_key() -> VerificationMaterialContent {
    VerificationMaterialContent::PublicKey(PublicKeyIdentifier::new(""))
}

fn signer(certificate: Option<&[u8]>) -> Result<VerificationMaterialContent, Unreadable> {
    certificate.map_or_else(
        || Ok(bare_key()),
        |bytes| verifier(bytes).map_err(|e| undecided("the certificate", &e)),
    )
}

/// A certificate, or a public key, which says nothing: only a demanded key counts.
fn verifier(bytes: &[u8]) -> Result<VerificationMaterialContent, String> {
    let text = std::str::from_utf8(bytes).map_err(|e| e.to_string())?;
    let decoded;
    let pem = if text.trim_start().starts_with("-----BEGIN ") {
        text
    } else {
        let compact: String = text.split_whitespace().collect();
        let bytes = STANDARD.decode(compact).map_err(|e| format!("neither PEM nor base64: {e}"))?;
        decoded = String::from_utf8(bytes).map_err(|e| format!("base64, but not of PEM: {e}"))?;
        &decoded
    };
    let block = one_block(pem)?;
    if block.starts_with("-----BEGIN PUBLIC KEY-----") {
        return Ok(bare_key());
    }
    let leaf = DerCertificate::from_pem(block).map_err(|e| e.to_string())?;
    let certificates = vec![X509Certificate::new(leaf)];
    Ok(VerificationMaterialContent::X509CertificateChain { certificates })
}

/// cosign `sign-blob --bundle` and `attest-blob --bundle` before the sigstore bundle.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct OldBundle {
    base64_signature: String,
    cert: Option<String>,
    rekor_bundle: Option<RekorBundle>,
}

fn from_old_bundle(bytes: &[u8], artifact: &[Digest]) -> Result<Parsed, Unreadable> {
    shaped("cosign's old bundle", bytes, &OLD_BUNDLE)?;
    let what = "cosign's old bundle";
    let old: OldBundle =
        serde_json::from_slice(bytes).map_err(|e| undecided(what, &e.to_string()))?;
    let certificate = old.cert.filter(|cert| !cert.is_empty());
    let certificate = certificate.as_ref().map(String::as_bytes);
    // cosign: anything but base64 is an error here.
    let compact: String = old.base64_signature.split_whitespace().collect();
    let signature =
        STANDARD.decode(compact).map_err(|e| undecided("its base64", &e.to_string()))?;
    let mut parsed = if shape(&signature) == Format::Envelope {
        attested(&signature, certificate, Format::CosignBlob)?
    } else {
        from_parts(Detached { signature: old.base64_signature.as_bytes(), certificate }, artifact)?
    };
    if let Some(logged) = old.rekor_bundle {
        let entry = entry(logged).map_err(|e| undecided("the log entry", &e))?;
        // Version 0.1 is the one that a signed entry timestamp suffices for.
        parsed.bundle.media_type = MediaType::Bundle0_1;
        parsed.bundle.verification_material.tlog_entries = vec![entry];
    }
    parsed.format = Format::CosignBlob;
    parsed.words = format!("cosign's old bundle of a file, {} bytes", bytes.len());
    Ok(parsed)
}

/// A DSSE envelope; slsa-github-generator adds the certificate to its one signature.
#[derive(Deserialize)]
struct Envelope {
    signatures: Vec<EnvelopeSignature>,
}

#[derive(Deserialize)]
struct EnvelopeSignature {
    cert: Option<String>,
}

fn from_envelope(bytes: &[u8]) -> Result<Parsed, Unreadable> {
    let what = "the envelope";
    shaped(what, bytes, &BARE_ENVELOPE)?;
    let error = |e: serde_json::Error| undecided(what, &e.to_string());
    let envelope: Envelope = serde_json::from_slice(bytes).map_err(error)?;
    let [signature] = envelope.signatures.as_slice() else {
        let count = envelope.signatures.len();
        return Err(undecided(what, &format!("{count} signatures; exactly one is judged here")));
    };
    let certificate = signature.cert.as_deref().filter(|cert| !cert.is_empty());
    let content = signer(certificate.map(str::as_bytes))?;
    let dsse = serde_json::from_slice(bytes).map_err(error)?;
    Ok(Parsed {
        bundle: Bundle::new(
            MediaType::Bundle0_2,
            VerificationMaterial::new(content),
            SignatureContent::DsseEnvelope(dsse),
        ),
        format: Format::Envelope,
        words: format!("bare DSSE envelope, {} bytes", bytes.len()),
        payload: None,
        layer: Some(Arc::from(bytes)),
    })
}
