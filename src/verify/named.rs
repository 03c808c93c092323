//! Which digests a document of evidence is about: only to choose what to judge it against.

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::Value;

use crate::domain::{Digest, digest::Algorithm, statement::Statement};

/// The digests that a bundle or envelope names, none of them believed; none for a shape that names
/// nothing.
///
/// # Errors
/// In words, when it is neither.
pub fn named_digests(document: &[u8]) -> Result<Vec<Digest>, String> {
    let value: Value = serde_json::from_slice(document).map_err(|e| format!("not JSON: {e}"))?;
    let envelope = value.get("dsseEnvelope").unwrap_or(&value);
    if let Some(payload) = envelope.get("payload").and_then(Value::as_str) {
        let payload = STANDARD.decode(payload).map_err(|e| format!("the payload: {e}"))?;
        let statement = Statement::parse(&payload).map_err(|e| e.to_string())?;
        let digests = statement.subjects.iter().flat_map(|subject| &subject.digests);
        let digests =
            digests.filter_map(|(name, hex)| Digest::new(Algorithm::from_name(name)?, hex).ok());
        return Ok(digests.collect());
    }
    if let Some(message) = value.get("messageSignature") {
        let text = |name: &str| message.pointer(&format!("/messageDigest/{name}"))?.as_str();
        let algorithm = match text("algorithm") {
            Some("SHA2_256") => Algorithm::Sha256,
            Some("SHA2_384") => Algorithm::Sha384,
            Some("SHA2_512") => Algorithm::Sha512,
            _ => return Ok(vec![]),
        };
        let bytes = text("digest").and_then(|digest| STANDARD.decode(digest).ok());
        let digest = bytes.and_then(|bytes| Digest::new(algorithm, &hex::encode(bytes)).ok());
        return Ok(digest.into_iter().collect());
    }
    if value.get("base64Signature").is_some() {
        return Ok(vec![]);
    }
    Err("neither a bundle nor an envelope".into())
}
