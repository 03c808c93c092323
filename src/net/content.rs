//! Bytes → [`Fetched`]: what every source of manifests does with what it read.

use std::sync::Arc;

use serde::{Deserialize, de::IgnoredAny};

use crate::{
    domain::{
        Digest,
        oci::{self, Descriptor},
        text,
    },
    inspect::{Fetched, RegistryError},
};

use super::limits;

/// What came, and what was said about it.
pub(super) struct Arrived<'a> {
    /// In words, for errors.
    pub(super) what: &'a str,
    /// What came.
    pub(super) bytes: Vec<u8>,
    /// The digest that was asked for, if one was.
    pub(super) want: Option<&'a Digest>,
    /// What the carrier says it is; used where the content does not say.
    pub(super) media_type: Option<&'a str>,
    /// `Docker-Content-Digest`.
    pub(super) named: Option<&'a str>,
}

/// The parts of a manifest that say what it is.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Shape {
    media_type: Option<String>,
    artifact_type: Option<String>,
    manifests: Option<IgnoredAny>,
    layers: Option<IgnoredAny>,
}

/// Hashes what came, and only then looks at it.
///
/// # Errors
/// [`RegistryError::DigestMismatch`] when the bytes are not those that were asked for,
/// [`RegistryError::Malformed`] when they cannot be a manifest at all: a login page under a tag
/// must not become "the digest of that tag".
pub(super) fn fetched(arrived: Arrived<'_>) -> Result<Fetched, RegistryError> {
    let Arrived { what, bytes, want, media_type, named } = arrived;
    if let Some(want) = want.filter(|want| !want.matches(&bytes)) {
        let got = Digest::of(want.algorithm(), &bytes);
        return Err(RegistryError::DigestMismatch { want: want.clone(), got });
    }
    if !is_object(&bytes) {
        let named = text::safe(media_type.unwrap_or("none"));
        let words = format!("not a manifest: the answer is no JSON object (Content-Type {named})");
        return Err(RegistryError::Malformed { what: what.to_owned(), words });
    }
    let header: Option<Digest> = named.and_then(|n| n.trim().parse().ok());
    let deserved = header.filter(|header| header.matches(&bytes));
    let contradicted = match (named, &deserved) {
        (Some(named), None) => Some(foreign(named)),
        _ => None,
    };
    // A registry that speaks sha512 is asked for referrers under that name, so its word stands
    // where the bytes deserve it.
    let digest = want.cloned().or(deserved).unwrap_or_else(|| Digest::sha256(&bytes));
    let shape: Option<Shape> = serde_json::from_slice(&bytes).ok();
    let descriptor = Descriptor {
        media_type: kind(shape.as_ref(), media_type),
        digest,
        size: bytes.len() as u64,
        artifact_type: shape.and_then(|s| s.artifact_type).filter(|t| !t.is_empty()),
        annotations: std::collections::BTreeMap::new(),
        platform: None,
    };
    Ok(Fetched { descriptor, bytes: bytes.into(), contradicted })
}

/// Whether the bytes alone say everything that `fetched` says: no header beside them was needed for
/// it, and none spoke against it. Only then another reading of the bytes is the same answer.
pub(super) fn speaks_for_itself(fetched: &Fetched) -> bool {
    let shape: Option<Shape> = serde_json::from_slice(&fetched.bytes).ok();
    let alone = kind(shape.as_ref(), None);
    fetched.contradicted.is_none() && alone == fetched.descriptor.media_type
}

/// Checks that a blob is the one that its descriptor describes.
///
/// # Errors
/// [`RegistryError::DigestMismatch`] for other bytes, [`RegistryError::Malformed`] for a
/// descriptor that lies about the size.
pub(super) fn blob(
    what: &str,
    bytes: Vec<u8>,
    descriptor: &Descriptor,
) -> Result<Arc<[u8]>, RegistryError> {
    let want = &descriptor.digest;
    if !want.matches(&bytes) {
        let got = Digest::of(want.algorithm(), &bytes);
        return Err(RegistryError::DigestMismatch { want: want.clone(), got });
    }
    if bytes.len() as u64 != descriptor.size {
        let words = format!("{} bytes, its descriptor says {}", bytes.len(), descriptor.size);
        return Err(RegistryError::Malformed { what: what.to_owned(), words });
    }
    Ok(bytes.into())
}

/// What the content says of itself, else what the carrier says, else what it looks like. Content
/// decides because the `Content-Type` is not covered by the digest (CVE-2021-41190).
fn kind(shape: Option<&Shape>, carried: Option<&str>) -> String {
    let own = shape.and_then(|s| s.media_type.clone()).filter(|m| !m.is_empty());
    let carried = carried.map(essence).filter(|c| c.starts_with("application/vnd."));
    let looks = || match shape {
        Some(Shape { manifests: Some(_), .. }) => oci::INDEX,
        Some(Shape { layers: Some(_), .. }) => oci::MANIFEST,
        _ => "application/json",
    };
    own.or(carried).unwrap_or_else(|| looks().to_owned())
}

/// A media type without its parameters.
pub(super) fn essence(content_type: &str) -> String {
    content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

/// Whether the first thing in it opens a JSON object.
pub(super) fn is_object(bytes: &[u8]) -> bool {
    bytes.iter().find(|b| !b.is_ascii_whitespace()) == Some(&b'{')
}

/// A server's own words: harmless for a terminal, and short.
pub(super) fn foreign(words: &str) -> String {
    let cut: String = words.chars().take(limits::SERVER_WORDS).collect();
    let more = if cut.len() < words.len() { "…" } else { "" };
    format!("{}{more}", text::safe(cut.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn media_type(body: &str, carried: Option<&str>) -> String {
        let bytes = body.as_bytes().to_vec();
        let arrived = Arrived { what: "x", bytes, want: None, media_type: carried, named: None };
        fetched(arrived).unwrap().descriptor.media_type
    }

    #[test]
    fn content_says_what_it_is_before_anybody_else() {
        for (body, carried, is) in [
            (r#"{"mediaType":"a/b","manifests":[]}"#, Some(oci::MANIFEST), "a/b"),
            (
                r#"{"manifests":[]}"#,
                Some("application/vnd.x+json; charset=x"),
                "application/vnd.x+json",
            ),
            (r#"{"manifests":[]}"#, Some("text/plain"), oci::INDEX),
            (r#"{"layers":[]}"#, None, oci::MANIFEST),
            ("{}", Some("text/html"), "application/json"),
        ] {
            assert_eq!(media_type(body, carried), is, "{body}");
        }
    }

    #[test]
    fn the_header_is_a_contradiction_unless_the_bytes_deserve_it() {
        let right = Digest::of(crate::domain::digest::Algorithm::Sha512, b"{}").to_string();
        for (named, contradicted) in [
            (None, None),
            (Some(right.as_str()), None),
            (Some("sha256:00"), Some("sha256:00")),
            (Some("a\x1b[2Jb"), Some("a\\x1b[2Jb")),
        ] {
            let arrived =
                Arrived { what: "x", bytes: b"{}".to_vec(), want: None, media_type: None, named };
            let got = fetched(arrived).unwrap();
            assert_eq!(got.contradicted.as_deref(), contradicted);
            assert!(got.descriptor.digest.matches(b"{}"));
        }
    }

    #[test]
    fn a_servers_words_are_short_and_harmless() {
        assert_eq!(foreign(" a\nb\u{202e} "), "a\\nb⟨U+202E⟩");
        assert!(foreign(&"x".repeat(1_000_000)).chars().count() <= limits::SERVER_WORDS + 1);
    }
}
