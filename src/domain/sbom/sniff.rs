//! What a document is, by its content: file names and media types are the attacker's to choose.

use std::borrow::Cow;

use serde::de::{Deserializer as _, Error as _, IgnoredAny, MapAccess};
use serde_json::value::RawValue;

use super::{
    Language, SbomError, Wrapping,
    json::{Found, Read, Reader, Text},
    markup::Cursor,
};

/// What a text is.
#[derive(Debug)]
pub(super) enum Seen<'a> {
    /// A document of this format.
    Document(Language),
    /// Something around a document.
    Around(Wrapping, Inner<'a>),
}

/// What stands in a [`Wrapping`].
#[derive(Debug)]
pub(super) enum Inner<'a> {
    /// A part of the text around it, as it stands there.
    Part(&'a str),
    /// A string, unescaped.
    Text(Cow<'a, str>),
    /// Bytes in Base64.
    Base64(Cow<'a, str>),
}

/// The format of `text`, or what is around another text, or why it cannot be read.
pub(super) fn look(text: &str) -> Result<Seen<'_>, SbomError> {
    let body = text.strip_prefix('\u{feff}').unwrap_or(text);
    let body = body.trim_start_matches([' ', '\t', '\n', '\r']);
    match body.bytes().next() {
        None => Err(no_sbom("the document is empty")),
        Some(b'{') => json(body),
        Some(b'"') => match serde_json::from_str::<Text<'_>>(body) {
            Ok(Text::Is(inner)) => Ok(Seen::Around(Wrapping::Text, Inner::Text(inner))),
            _ => other(body),
        },
        Some(b'<') => xml(body),
        Some(b'[') => Err(no_sbom("a JSON array")),
        Some(_) if body.trim_end() == "null" => Err(no_sbom("null, which says nothing")),
        Some(_) => other(body),
    }
}

fn json(body: &str) -> Result<Seen<'_>, SbomError> {
    let mut head = Head::default();
    let mut json = serde_json::Deserializer::from_str(body);
    // The reader stops with an error as soon as it knows.
    let read = json.deserialize_any(Read(&mut head));
    match (&head.known, read) {
        (Some(Known::CycloneDx), _) => return Ok(Seen::Document(Language::CycloneDx)),
        (Some(Known::Spdx(v)), _) if v.starts_with("SPDX-2.") => {
            return Ok(Seen::Document(Language::Spdx2));
        }
        (Some(Known::Spdx(v)), _) => return Err(unsupported(&format!("{v} JSON"))),
        (Some(Known::Linked), _) => return Ok(Seen::Document(Language::Spdx3)),
        (None, Err(e)) => return Err(syntax(&e)),
        (None, Ok(_)) => {}
    }
    if let Some(around) = head.around() {
        json.end().map_err(|e| syntax(&e))?;
        return around;
    }
    Err(match head {
        Head { members: 0, .. } => no_sbom("an empty object ({}), which says nothing"),
        Head { other: Some(name), .. } => no_sbom(&format!("its bomFormat is {name:?}")),
        _ => no_sbom("a JSON object without bomFormat and spdxVersion"),
    })
}

/// What an object says that it is.
enum Known {
    CycloneDx,
    /// SPDX, with the version.
    Spdx(String),
    /// JSON-LD in SPDX's own context, which it has since 3.0.
    Linked,
}

/// What the members of the outermost object say.
#[derive(Default)]
struct Head<'de> {
    members: usize,
    known: Option<Known>,
    other: Option<String>,
    statement: bool,
    predicate_type: Option<String>,
    predicate: Option<&'de RawValue>,
    payload_type: bool,
    payload: Option<Cow<'de, str>>,
    envelope: Option<&'de RawValue>,
    data: Option<&'de RawValue>,
    timestamp: bool,
}

impl<'de> Head<'de> {
    fn around(&mut self) -> Option<Result<Seen<'de>, SbomError>> {
        if let Some(envelope) = self.envelope.take() {
            return Some(Ok(Seen::Around(Wrapping::Bundle, Inner::Part(envelope.get()))));
        }
        if let Some(payload) = self.payload.take().filter(|_| self.payload_type) {
            return Some(Ok(Seen::Around(Wrapping::Envelope, Inner::Base64(payload))));
        }
        if self.statement {
            let Some(predicate) = self.predicate else {
                return Some(Err(no_sbom("an in-toto statement without a predicate")));
            };
            let around = Wrapping::Statement { predicate_type: self.predicate_type.take() };
            return Some(Ok(Seen::Around(around, Inner::Part(predicate.get()))));
        }
        // Only these two: a document with a member `Data` is no wrapping of cosign's.
        let only = usize::from(self.timestamp).saturating_add(1) == self.members;
        let data = self.data.filter(|_| only)?;
        Some(match serde_json::from_str::<Text<'_>>(data.get()) {
            Ok(Text::Is(text)) => Ok(Seen::Around(Wrapping::Custom, Inner::Text(text))),
            _ => Ok(Seen::Around(Wrapping::Custom, Inner::Part(data.get()))),
        })
    }

    fn member<A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        let text = |map: &mut A| map.next_value::<Text<'de>>().map(Text::said);
        match key {
            "bomFormat" => match text(map)?.as_deref() {
                Some("CycloneDX") => self.known = Some(Known::CycloneDx),
                name => self.other = name.map(clip),
            },
            "spdxVersion" => self.known = text(map)?.map(|v| Known::Spdx(clip(&v))),
            "@context" => {
                let context = map.next_value::<&'de RawValue>()?;
                self.known = context.get().contains("spdx.org/rdf/3").then_some(Known::Linked);
            }
            "_type" => {
                self.statement =
                    text(map)?.is_some_and(|t| t.starts_with("https://in-toto.io/Statement/"));
            }
            "predicateType" => self.predicate_type = text(map)?.map(|t| clip(&t)),
            "predicate" => self.predicate = Some(map.next_value()?),
            "payloadType" => self.payload_type = text(map)?.is_some(),
            "payload" => self.payload = text(map)?,
            "dsseEnvelope" => self.envelope = Some(map.next_value()?),
            "Data" => self.data = Some(map.next_value()?),
            _ => {
                self.timestamp |= key == "Timestamp";
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(())
    }
}

impl<'de> Reader<'de> for &mut Head<'de> {
    fn object<A: MapAccess<'de>>(self, mut map: A) -> Result<Found, A::Error> {
        while let Some(key) = map.next_key::<Text<'de>>()? {
            self.members = self.members.saturating_add(1);
            let key = key.said();
            self.member(key.as_deref().unwrap_or_default(), &mut map)?;
            if self.known.is_some() {
                return Err(A::Error::custom("known"));
            }
        }
        Ok(Found::Wanted)
    }
}

fn xml(body: &str) -> Result<Seen<'_>, SbomError> {
    let root = Cursor::new(body).root()?;
    match root {
        Some(tag) if tag.ours && tag.name == "bom" => Ok(Seen::Document(Language::CycloneDxXml)),
        Some(tag) if tag.name == "RDF" && tag.text.contains("spdx.org/rdf") => {
            Err(unsupported("SPDX RDF/XML"))
        }
        Some(_) | None => Err(no_sbom("an XML document of another kind")),
    }
}

fn other(body: &str) -> Result<Seen<'_>, SbomError> {
    let says = |key: &str| body.lines().take(200).any(|line| line.trim_start().starts_with(key));
    if says("SPDXVersion:") {
        Ok(Seen::Document(Language::Spdx2Tags))
    } else if says("spdxVersion:") {
        Err(unsupported("SPDX YAML"))
    } else {
        Err(no_sbom("neither JSON nor XML nor SPDX tag-value"))
    }
}

fn no_sbom(what: &str) -> SbomError {
    SbomError::NotAnSbom(what.to_owned())
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
