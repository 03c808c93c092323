//! What a document of evidence is about: only to choose what to judge it against.

use base64::{Engine, engine::general_purpose::STANDARD};
use serde::{Deserialize, de::IgnoredAny};
use serde_json::Value;

use crate::domain::{
    Digest,
    digest::Algorithm,
    statement::{Statement, Subject},
};

/// What a bundle or envelope says that it is about; none of it is believed.
#[derive(Debug, Default)]
pub struct Named {
    /// Every digest that it names; none for a shape that names nothing.
    pub digests: Vec<Digest>,
    /// The subjects of its statement.
    pub subjects: Vec<Subject>,
    /// The predicate type of its statement; `None` where it signs no statement.
    pub predicate_type: Option<String>,
}

/// What a bundle or envelope names.
///
/// # Errors
/// In words, when it is neither.
pub fn named(document: &[u8]) -> Result<Named, String> {
    let value: Value = serde_json::from_slice(document).map_err(|e| format!("not JSON: {e}"))?;
    let envelope = value.get("dsseEnvelope").unwrap_or(&value);
    if let Some(payload) = envelope.get("payload").and_then(Value::as_str) {
        let payload = STANDARD.decode(payload).map_err(|e| format!("the payload: {e}"))?;
        let statement = Statement::parse(&payload).map_err(|e| e.to_string())?;
        let digests = statement.subjects.iter().flat_map(|subject| &subject.digests);
        let digests =
            digests.filter_map(|(name, hex)| Digest::new(Algorithm::from_name(name)?, hex).ok());
        return Ok(Named {
            digests: digests.collect(),
            predicate_type: Some(statement.predicate_type),
            subjects: statement.subjects,
        });
    }
    if let Some(message) = value.get("messageSignature") {
        let text = |name: &str| message.pointer(&format!("/messageDigest/{name}"))?.as_str();
        let algorithm = match text("algorithm") {
            Some("SHA2_256") => Algorithm::Sha256,
            Some("SHA2_384") => Algorithm::Sha384,
            Some("SHA2_512") => Algorithm::Sha512,
            _ => return Ok(Named::default()),
        };
        let bytes = text("digest").and_then(|digest| STANDARD.decode(digest).ok());
        let digest = bytes.and_then(|bytes| Digest::new(algorithm, &hex::encode(bytes)).ok());
        return Ok(Named { digests: digest.into_iter().collect(), ..Named::default() });
    }
    if value.get("base64Signature").is_some() {
        return Ok(Named::default());
    }
    Err("neither a bundle nor an envelope".into())
}

/// The members by which evidence is known, without reading the rest of a large document.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Shape {
    dsse_envelope: Option<IgnoredAny>,
    message_signature: Option<IgnoredAny>,
    payload_type: Option<IgnoredAny>,
}

/// Whether a document has the shape of a bundle or an envelope, whatever its file is called. One
/// with a member twice counts: readers differ in which they take.
pub fn shaped_like_evidence(document: &[u8]) -> bool {
    match serde_json::from_slice::<Shape>(document) {
        Ok(shape) => {
            shape.dsse_envelope.is_some()
                || shape.message_signature.is_some()
                || shape.payload_type.is_some()
        }
        Err(e) => e.is_data() && document.trim_ascii_start().starts_with(b"{"),
    }
}
