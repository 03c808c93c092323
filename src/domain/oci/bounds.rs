//! What a document may hold, beside its number of entries. A short text can be large in memory: four
//! bytes of JSON are a name and its value, which take a hundred.

use std::fmt;

use serde::{
    Deserialize, Deserializer,
    de::{self, MapAccess, Visitor},
};

use super::{Annotations, Descriptor, ManifestError, RawDescriptor};
use crate::domain::text;

/// The most names with a value in one manifest, in all its objects: ten thousand entries of an index
/// have fifteen each.
pub const MAX_MEMBERS: usize = 150_000;
/// The most characters of a media type, or of a part of a platform. Source: RFC 6838 §4.2, 127 on
/// each side of the slash.
pub const MAX_NAME: usize = 255;
/// The bytes of memory that one name with its value takes beside its text, about.
const MEMBER_BYTES: usize = 130;

/// How many names with a value are in the objects of a JSON text. Of what is no JSON the number means
/// nothing, and the parser says so.
pub(super) fn members(json: &[u8]) -> usize {
    let (mut colons, mut rest) = (0, json);
    while let Some((byte, behind)) = rest.split_first() {
        rest = match byte {
            b'"' => behind_text(behind),
            b':' => {
                colons += 1;
                behind
            }
            _ => behind,
        };
    }
    colons
}

/// What stands behind a text whose first quote was read.
fn behind_text(mut rest: &[u8]) -> &[u8] {
    loop {
        let Some(at) = memchr::memchr2(b'"', b'\\', rest) else { return &[] };
        let escape = rest.get(at) == Some(&b'\\');
        rest = rest.get(at + 1 + usize::from(escape)..).unwrap_or_default();
        if !escape {
            return rest;
        }
    }
}

/// The bytes of memory that a manifest or config takes once it is parsed, about.
pub fn weight(json: &[u8]) -> usize {
    json.len().saturating_add(members(json).saturating_mul(MEMBER_BYTES))
}

/// A descriptor of a listing, its annotations read and not kept: nobody believes them, and two
/// thousand entries may have thousands each.
///
/// # Errors
/// [`ManifestError::NotAManifest`] when it is no descriptor.
pub fn listed(json: &str) -> Result<Descriptor, ManifestError> {
    let raw: RawDescriptor<Unkept> = serde_json::from_str(json)
        .map_err(|e| ManifestError::NotAManifest(text::json_error(&e)))?;
    raw.parse()
}

/// Names and texts that are read and not kept.
struct Unkept;

impl From<Unkept> for Annotations {
    fn from(_: Unkept) -> Self {
        Self::new()
    }
}

impl<'de> Deserialize<'de> for Unkept {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Reader;
        impl<'de> Visitor<'de> for Reader {
            type Value = Unkept;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a map")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut from: A) -> Result<Unkept, A::Error> {
                while from.next_entry::<Text, Text>()?.is_some() {}
                Ok(Unkept)
            }
        }
        from.deserialize_map(Reader)
    }
}

/// A text that is read and not kept.
struct Text;

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Reader;
        impl Visitor<'_> for Reader {
            type Value = Text;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string")
            }

            fn visit_str<E: de::Error>(self, _: &str) -> Result<Text, E> {
                Ok(Text)
            }
        }
        from.deserialize_str(Reader)
    }
}
