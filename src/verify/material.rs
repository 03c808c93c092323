//! Bytes → one bundle, read strictly: what another reader could read otherwise is refused.

use sigstore_types::{Bundle, MediaType};

use super::{Format, json};

/// Why bytes are no bundle that can be judged.
#[derive(Debug)]
pub(super) enum Unreadable {
    /// Malformed, or of a version or kind that is not understood: nothing was found out.
    Undecided(String),
    /// Readable in two ways: somebody built it to deceive.
    Refuted(String),
}

/// Parses a bundle.
///
/// Sigstore bundle specification (`sigstore_bundle.proto`): one of `messageSignature` and
/// `dsseEnvelope`, one of `publicKey`, `x509CertificateChain` and `certificate`.
///
/// # Errors
/// [`Unreadable`], by case.
pub(super) fn parse(bytes: &[u8]) -> Result<Bundle, Unreadable> {
    let text = std::str::from_utf8(bytes)
        .map_err(|e| Unreadable::Undecided(format!("the bundle is not UTF-8: {e}")))?;
    let value: serde_json::Value = serde_json::from_str(text)
        .map_err(|e| Unreadable::Undecided(format!("the bundle is not JSON: {e}")))?;
    json::refuse_duplicates(bytes).map_err(|e| Unreadable::Refuted(e.to_string()))?;
    one_of(&value, &["messageSignature", "dsseEnvelope"])?;
    if let Some(material) = value.get("verificationMaterial") {
        one_of(material, &["publicKey", "x509CertificateChain", "certificate"])?;
    }
    Bundle::from_json(text).map_err(|e| Unreadable::Undecided(format!("the bundle: {e}")))
}

/// Refuses two alternatives side by side: one verifier would judge one, another the other.
fn one_of(value: &serde_json::Value, names: &[&str]) -> Result<(), Unreadable> {
    let present: Vec<&str> =
        names.iter().copied().filter(|n| value.get(n).is_some_and(|v| !v.is_null())).collect();
    match present.as_slice() {
        [] => Err(Unreadable::Undecided(format!("the bundle has none of {}", names.join(", ")))),
        [_] => Ok(()),
        many => Err(Unreadable::Refuted(format!("the bundle has {} at once", many.join(" and ")))),
    }
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
