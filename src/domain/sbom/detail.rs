//! What only a detail view needs, read out of a component's own text when it is asked for.
//!
//! A reviewer looks at one component at a time: reading descriptions, properties and references of
//! 100,000 of them in advance would cost more memory than the document.

use std::borrow::Cow;

use serde::de::{DeserializeSeed as _, MapAccess};
use serde_json::value::RawValue;

use super::{
    Component, Language,
    json::{Found, Read, Reader, Text, each},
    mend,
    spdx::stated,
    tag_value, xml_detail,
};

/// The most entries of one list that are kept.
pub(super) const MAX_ENTRIES: usize = 1000;

/// What the document says of a component beside what is searched.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Detail {
    /// What it is, in the writer's words.
    pub description: Option<String>,
    /// Who published it. CycloneDX `publisher` or `author`, SPDX `originator`.
    pub publisher: Option<String>,
    /// Why it is there: `required`, `optional`, `excluded`.
    pub scope: Option<String>,
    /// Its copyright notice.
    pub copyright: Option<String>,
    /// Hashes of its content.
    pub hashes: Vec<Hash>,
    /// Places elsewhere.
    pub references: Vec<Reference>,
    /// Name and value pairs of the tool that wrote the document.
    pub properties: Vec<Property>,
    /// How the writer came to know of it, as it stands in the document. CycloneDX `evidence`.
    pub evidence: Option<String>,
    /// Entries that are not among these, because there are too many or they could not be read.
    pub left_out: usize,
}

/// A hash of a component's content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hash {
    /// The algorithm's name in the document's own spelling: `SHA-256`, `SHA256`.
    pub algorithm: String,
    /// The value, usually hex; not checked.
    pub value: String,
}

/// A place elsewhere that says more, or has the thing itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    /// What is there: `website`, `vcs`, `purl`.
    pub kind: String,
    /// Where; not visited.
    pub locator: String,
}

/// A name and a value; names may repeat.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Property {
    /// The name.
    pub name: String,
    /// The value; empty when there is none.
    pub value: String,
}

impl<'a> Component<'a> {
    /// The component as it stands in the document, byte for byte; `None` for what has no text of
    /// its own: the root of an SPDX document, an empty object.
    pub fn raw(self) -> Option<&'a str> {
        let text = self.sbom.source.text().get(self.start()?..)?;
        text.get(..self.sbom.body.language.own_text(text))
    }

    /// What the document says of it beside what is searched. Reads the component's own text.
    pub fn detail(self) -> Detail {
        let Some(raw) = self.raw() else { return Detail::default() };
        match self.sbom.body.language {
            Language::CycloneDxXml => return xml_detail::detail(raw),
            Language::Spdx2Tags => return tag_value::detail(raw),
            Language::CycloneDx | Language::Spdx2 | Language::Spdx3 => {}
        }
        let mended = serde_json::from_str::<&RawValue>(raw).is_err().then(|| mend::json(raw));
        let mended = mended.flatten().map(|(text, _)| text);
        let text = mended.as_deref().unwrap_or(raw);
        match self.sbom.body.language {
            Language::Spdx2 => spdx(text),
            Language::Spdx3 => spdx3(text),
            _ => cyclonedx(text),
        }
    }
}

/// The length of the object that `text` begins with: to its closing brace, or all of it where the
/// document is cut off. Needs no valid JSON, for a document that was mended has none.
pub(super) fn object(text: &str) -> usize {
    let (mut depth, mut in_string, mut escaped) = (0_usize, false, false);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            b'{' if !in_string => depth = depth.saturating_add(1),
            b'}' if !in_string => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return at.saturating_add(1);
                }
            }
            _ => {}
        }
    }
    text.len()
}

/// The members of an object, the last of each name. A derived struct refuses an object in which a
/// name stands twice: one line more in a hostile document, and its details would be gone.
struct Members<'a>(Vec<(String, &'a RawValue)>);

impl<'a> Members<'a> {
    fn of(raw: &'a str) -> Self {
        let mut members = Self(Vec::new());
        let mut json = serde_json::Deserializer::from_str(raw);
        drop(Read(&mut members).deserialize(&mut json));
        members
    }

    fn raw(&self, name: &str) -> Option<&'a RawValue> {
        self.0.iter().rev().find(|(known, _)| known == name).map(|(_, raw)| *raw)
    }

    fn text(&self, name: &str) -> Option<String> {
        let text: Text<'a> = serde_json::from_str(self.raw(name)?.get()).ok()?;
        if text == Text::Not("an array") {
            // SPDX 3 has lists of one.
            let all: Vec<Text<'a>> = serde_json::from_str(self.raw(name)?.get()).ok()?;
            return all.into_iter().find_map(Text::said).map(Cow::into_owned);
        }
        text.said().map(Cow::into_owned)
    }

    /// A list of objects with two texts of these names each.
    fn pairs(
        &self,
        list: &str,
        names: (&str, &str),
        left_out: &mut usize,
    ) -> Vec<(String, String)> {
        let mut all = Vec::new();
        let mut json =
            serde_json::Deserializer::from_str(self.raw(list).map_or("[]", RawValue::get));
        let read = each(|_, raw: &'a RawValue| {
            let entry = Members::of(raw.get());
            match entry.text(names.0) {
                Some(name) if all.len() < MAX_ENTRIES => {
                    all.push((name, entry.text(names.1).unwrap_or_default()));
                }
                _ => *left_out = left_out.saturating_add(1),
            }
        });
        drop(read.deserialize(&mut json));
        all
    }
}

impl<'de> Reader<'de> for &mut Members<'de> {
    fn object<A: MapAccess<'de>>(self, mut map: A) -> Result<Found, A::Error> {
        while let Some((key, raw)) = map.next_entry::<Text<'de>, &'de RawValue>()? {
            self.0.extend(key.said().map(|key| (key.into_owned(), raw)));
        }
        Ok(Found::Wanted)
    }
}

fn hashes(pairs: Vec<(String, String)>) -> Vec<Hash> {
    pairs.into_iter().map(|(algorithm, value)| Hash { algorithm, value }).collect()
}

fn references(pairs: Vec<(String, String)>) -> Vec<Reference> {
    pairs.into_iter().map(|(kind, locator)| Reference { kind, locator }).collect()
}

fn cyclonedx(raw: &str) -> Detail {
    let part = Members::of(raw);
    let mut left_out = 0;
    let properties = part.pairs("properties", ("name", "value"), &mut left_out);
    Detail {
        description: part.text("description"),
        publisher: part.text("publisher").or_else(|| part.text("author")),
        scope: part.text("scope"),
        copyright: part.text("copyright"),
        hashes: hashes(part.pairs("hashes", ("alg", "content"), &mut left_out)),
        references: references(part.pairs("externalReferences", ("type", "url"), &mut left_out)),
        properties: properties.into_iter().map(|(name, value)| Property { name, value }).collect(),
        evidence: part.raw("evidence").map(|raw| raw.get().to_owned()),
        left_out,
    }
}

fn spdx(raw: &str) -> Detail {
    let package = Members::of(raw);
    let mut left_out = 0;
    let names = ("referenceType", "referenceLocator");
    let mut references = references(package.pairs("externalRefs", names, &mut left_out));
    for (kind, member) in [("download", "downloadLocation"), ("homepage", "homepage")] {
        let locator = stated(package.text(member));
        references.extend(locator.map(|locator| Reference { kind: kind.to_owned(), locator }));
    }
    Detail {
        description: package.text("description"),
        publisher: stated(package.text("originator")),
        copyright: stated(package.text("copyrightText")),
        hashes: hashes(package.pairs("checksums", ("algorithm", "checksumValue"), &mut left_out)),
        references,
        left_out,
        ..Detail::default()
    }
}

fn spdx3(raw: &str) -> Detail {
    let package = Members::of(raw);
    let mut left_out = 0;
    let names = ("externalRefType", "locator");
    let mut references = references(package.pairs("externalRef", names, &mut left_out));
    let names = ("externalIdentifierType", "identifier");
    let identifiers = package.pairs("externalIdentifier", names, &mut left_out);
    references.extend(self::references(identifiers));
    for (kind, member) in
        [("download", "software_downloadLocation"), ("homepage", "software_homePage")]
    {
        let locator = stated(package.text(member));
        references.extend(locator.map(|locator| Reference { kind: kind.to_owned(), locator }));
    }
    Detail {
        description: package.text("description").or_else(|| package.text("summary")),
        copyright: stated(package.text("software_copyrightText")),
        hashes: hashes(package.pairs("verifiedUsing", ("algorithm", "hashValue"), &mut left_out)),
        references,
        left_out,
        ..Detail::default()
    }
}
