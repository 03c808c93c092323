//! What a document is, by its content: file names and media types are the attacker's to choose.

use serde::de::{Deserializer as _, Error as _, MapAccess};
use serde_json::value::RawValue;

use super::{
    Language, SbomError,
    json::{Found, Read, Reader, Text},
};

/// The format of `text`, or why it cannot be read.
pub(super) fn format(text: &str) -> Result<Language, SbomError> {
    let body = text.trim_start_matches([' ', '\t', '\n', '\r']);
    match body.bytes().next() {
        None => Err(SbomError::NotAnSbom("the document is empty".to_owned())),
        Some(b'{') => json(body),
        Some(b'<') => Err(xml(body)),
        Some(_) => Err(other(body)),
    }
}

fn json(body: &str) -> Result<Language, SbomError> {
    let mut head = Head::default();
    let read = serde_json::Deserializer::from_str(body).deserialize_any(Read(&mut head));
    // The reader stops with an error as soon as it knows.
    match (head, read) {
        (Head { cyclonedx: true, .. }, _) => Ok(Language::CycloneDx),
        (Head { spdx: Some(v), .. }, _) if v.starts_with("SPDX-2.") => Ok(Language::Spdx2),
        (Head { spdx: Some(v), .. }, _) => Err(unsupported(&format!("{} JSON", clip(&v)))),
        (Head { linked: true, .. }, _) => Err(unsupported("SPDX 3 JSON-LD")),
        (_, Err(e)) => Err(syntax(&e)),
        (Head { other: Some(name), .. }, Ok(_)) => {
            Err(SbomError::NotAnSbom(format!("its bomFormat is {name:?}")))
        }
        (_, Ok(_)) => {
            Err(SbomError::NotAnSbom("a JSON object without bomFormat and spdxVersion".to_owned()))
        }
    }
}

/// What the members of the outermost object say.
#[derive(Default)]
struct Head {
    cyclonedx: bool,
    spdx: Option<String>,
    linked: bool,
    other: Option<String>,
}

impl<'de> Reader<'de> for &mut Head {
    fn object<A: MapAccess<'de>>(self, mut map: A) -> Result<Found, A::Error> {
        while let Some(key) = map.next_key::<Text<'de>>()? {
            match key.said().as_deref() {
                Some("bomFormat") => match map.next_value::<Text<'de>>()?.said().as_deref() {
                    Some("CycloneDX") => self.cyclonedx = true,
                    name => self.other = name.map(clip),
                },
                Some("spdxVersion") => {
                    self.spdx = map.next_value::<Text<'de>>()?.said().map(|v| clip(&v));
                }
                Some("@context") => {
                    let context = map.next_value::<&'de RawValue>()?;
                    self.linked = context.get().contains("spdx.org/rdf/3");
                }
                Some(_) | None => {
                    map.next_value::<serde::de::IgnoredAny>()?;
                }
            }
            if self.cyclonedx || self.spdx.is_some() || self.linked {
                return Err(A::Error::custom("known"));
            }
        }
        Ok(Found::Wanted)
    }
}

fn xml(body: &str) -> SbomError {
    let head: String = body.chars().take(4096).collect();
    if head.contains("cyclonedx.org/schema/bom") {
        unsupported("CycloneDX XML")
    } else if head.contains("spdx.org/rdf") {
        unsupported("SPDX RDF/XML")
    } else {
        SbomError::NotAnSbom("an XML document of another kind".to_owned())
    }
}

fn other(body: &str) -> SbomError {
    let says = |key: &str| body.lines().take(200).any(|line| line.starts_with(key));
    if says("SPDXVersion:") {
        unsupported("SPDX tag-value")
    } else if says("spdxVersion:") {
        unsupported("SPDX YAML")
    } else {
        SbomError::NotAnSbom("neither JSON nor XML nor SPDX tag-value".to_owned())
    }
}

fn unsupported(format: &str) -> SbomError {
    SbomError::Unsupported(format.to_owned())
}

/// A refusal of the JSON parser in our words; its text names line and column.
pub(super) fn syntax(error: &serde_json::Error) -> SbomError {
    let text = error.to_string();
    if text.contains("recursion limit exceeded") {
        SbomError::TooDeep
    } else {
        SbomError::Malformed(text)
    }
}

/// The first characters of a foreign text, for a message: a message must not hold megabytes.
pub(super) fn clip(text: &str) -> String {
    let mut rest = text.chars();
    let mut out: String = rest.by_ref().take(120).collect();
    if rest.next().is_some() {
        out.push('…');
    }
    out
}
