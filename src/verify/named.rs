//! What a document of evidence is about: only to choose what to judge it against.

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Map, Value};

use crate::domain::{
    Digest,
    digest::Algorithm,
    oci::BUNDLE_PREFIX,
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
/// proto3 JSON mapping: "Parsers accept both the lowerCamelCase name (or the one specified by the
/// `json_name` option) and the original proto field name." cosign reads `dsse_envelope` too, so
/// under that name an attestation would be hidden from whoever looks for the other.
///
/// # Errors
/// In words, when it is neither, or two members of it are one for some readers.
pub fn named(document: &[u8]) -> Result<Named, String> {
    let value: Value = serde_json::from_slice(document).map_err(|e| format!("not JSON: {e}"))?;
    let Value::Object(object) = value else {
        return Err("neither a bundle nor an envelope".into());
    };
    one_spelling(&object)?;
    let inside = member(&object, "dsseEnvelope").and_then(Value::as_object);
    inside.map_or(Ok(()), one_spelling)?;
    if let Some(named) = of_envelope(inside.unwrap_or(&object))? {
        return Ok(named);
    }
    if let Some(message) = member(&object, "messageSignature") {
        return Ok(of_message(message));
    }
    match object.get("base64Signature") {
        Some(signature) => stated_in(signature.as_str().unwrap_or_default().as_bytes()),
        None => Err("neither a bundle nor an envelope".into()),
    }
}

/// A member under its name in either spelling.
fn member<'a>(object: &'a Map<String, Value>, camel: &str) -> Option<&'a Value> {
    object.get(camel).or_else(|| object.get(&snake(camel)))
}

fn snake(camel: &str) -> String {
    let upper = |c: char| c.is_ascii_uppercase().then_some('_');
    camel.chars().flat_map(|c| upper(c).into_iter().chain([c.to_ascii_lowercase()])).collect()
}

/// Two spellings of one member: readers differ in which they take.
fn one_spelling(object: &Map<String, Value>) -> Result<(), String> {
    let fold = |name: &String| name.replace('_', "").to_uppercase().to_lowercase();
    let names: std::collections::BTreeSet<String> = object.keys().map(fold).collect();
    if names.len() == object.len() { Ok(()) } else { Err("one member in two spellings".into()) }
}

fn of_envelope(envelope: &Map<String, Value>) -> Result<Option<Named>, String> {
    let Some(payload) = envelope.get("payload").and_then(Value::as_str) else { return Ok(None) };
    let payload = STANDARD.decode(payload).map_err(|e| format!("the payload: {e}"))?;
    let statement = Statement::parse(&payload).map_err(|e| e.to_string())?;
    let digests = statement.subjects.iter().flat_map(|subject| &subject.digests);
    let digests = digests.filter_map(|(name, hex)| {
        // Upper-case hex finds its file too; whether it counts is for the step `subject`.
        Digest::new(Algorithm::from_name(name)?, &hex.to_ascii_lowercase()).ok()
    });
    Ok(Some(Named {
        digests: digests.collect(),
        predicate_type: Some(statement.predicate_type),
        subjects: statement.subjects,
    }))
}

fn of_message(message: &Value) -> Named {
    let digest = message.as_object().and_then(|message| member(message, "messageDigest"));
    let text = |name: &str| digest?.get(name)?.as_str();
    let algorithm = match text("algorithm") {
        Some("SHA2_256") => Algorithm::Sha256,
        Some("SHA2_384") => Algorithm::Sha384,
        Some("SHA2_512") => Algorithm::Sha512,
        _ => return Named::default(),
    };
    let bytes = text("digest").and_then(|digest| STANDARD.decode(digest).ok());
    let digest = bytes.and_then(|bytes| Digest::new(algorithm, &hex::encode(bytes)).ok());
    Named { digests: digest.into_iter().collect(), ..Named::default() }
}

/// What a detached signature states: cosign's `attest-blob` before the sigstore bundle has a whole
/// envelope, in base64, where another signature has its bytes. It is judged as what its name says;
/// only that a statement is in it must be known.
///
/// # Errors
/// In words, when it is JSON and no envelope.
pub fn stated_in(signature: &[u8]) -> Result<Named, String> {
    let compact: Vec<u8> =
        signature.iter().copied().filter(|byte| !byte.is_ascii_whitespace()).collect();
    let envelope = STANDARD.decode(compact).unwrap_or_default();
    match serde_json::from_slice(&envelope) {
        Ok(Value::Object(envelope)) => {
            one_spelling(&envelope)?;
            let named = of_envelope(&envelope)?;
            let predicate_type = named.ok_or("it is JSON, and no envelope")?.predicate_type;
            Ok(Named { predicate_type, ..Named::default() })
        }
        _ => Ok(Named::default()),
    }
}

/// The members by which a statement under a signature is known, in both spellings.
const STATES: [&str; 4] = ["dsseEnvelope", "dsse_envelope", "payloadType", "payload_type"];
/// Those of signatures over bytes.
const SIGNS: [&str; 3] = ["messageSignature", "message_signature", "base64Signature"];

/// Whether a mark of a signed statement stands anywhere in the text, as a whole string of JSON.
///
/// Names are compared without case: Go's `encoding/json` does.
pub fn marks_of_a_statement(text: &[u8]) -> bool {
    marked(text, &STATES)
}

/// Whether a mark of any evidence stands anywhere in the text.
pub fn marks_of_evidence(text: &[u8]) -> bool {
    let bundle = |part: &[u8]| part.starts_with(BUNDLE_PREFIX.as_bytes());
    marked(text, &STATES) || marked(text, &SIGNS) || text.split(|byte| *byte == b'"').any(bundle)
}

fn marked(text: &[u8], marks: &[&str]) -> bool {
    text.split(|byte| *byte == b'"').any(|part| {
        // Inside of a string that holds JSON itself the quote is escaped.
        let part = part.strip_suffix(b"\\").unwrap_or(part);
        marks.iter().any(|mark| part.eq_ignore_ascii_case(mark.as_bytes()))
    })
}

/// Whether a document has the shape of a bundle or an envelope, whatever its file is called. One
/// with a member twice counts: readers differ in which they take.
pub fn shaped_like_evidence(document: &[u8]) -> bool {
    super::detached::names(document)
        .iter()
        .any(|name| STATES.contains(&name.as_str()) || SIGNS.contains(&name.as_str()))
}
