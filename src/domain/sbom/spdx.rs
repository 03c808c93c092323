//! SPDX 2.1 to 2.3 JSON, read leniently: packages and their relationships, no files.

use std::borrow::Cow;

use serde::{
    Deserialize,
    de::{DeserializeSeed as _, Error as _, IgnoredAny, MapAccess, SeqAccess},
};
use serde_json::value::RawValue;

use super::{
    SbomError,
    build::{Builder, Step, Stop},
    component::Record,
    json::{Found, Read, Reader, Text, each},
    sniff::clip,
    source::offset,
};

/// Reads a document that says it is SPDX 2.
pub(super) fn read<'de>(builder: &mut Builder<'de>, text: &'de str) -> Result<(), Stop> {
    let mut json = serde_json::Deserializer::from_str(text);
    let read = Read(Document(builder)).deserialize(&mut json);
    read.and_then(|_| json.end()).map_err(|e| builder.refusal(&e))
}

struct Document<'b, 'de>(&'b mut Builder<'de>);

impl<'de> Reader<'de> for Document<'_, 'de> {
    fn object<A: MapAccess<'de>>(self, mut map: A) -> Result<Found, A::Error> {
        let b = self.0;
        let mut root = Record { kind: b.spans.of("document"), ..Record::EMPTY };
        let mut described = Vec::new();
        let own = "SPDXRef-DOCUMENT";
        while let Some(key) = map.next_key::<Text<'de>>()? {
            match key.said().as_deref() {
                Some("spdxVersion") => {
                    let text = map.next_value()?;
                    let version = b.said("spdxVersion", text).unwrap_or_default();
                    said_version(b, &version);
                }
                Some("name") => {
                    let text = map.next_value()?;
                    let name = b.said("name", text);
                    root.name = b.spans.maybe(name.as_deref());
                }
                Some("creationInfo") => creation(b, map.next_value()?),
                Some("packages") => packages(b, &mut map)?,
                Some("files") => files(b, &mut map)?,
                Some("documentDescribes") => {
                    let found = map.next_value_seed(each(|_, text: Text<'de>| {
                        let text = b.said("documentDescribes", text);
                        described.extend(text.map(|text| b.reference(text)));
                    }))?;
                    b.expect("documentDescribes", "an array", found);
                }
                Some("relationships") => {
                    let found = b.at(Step::Member("relationships"), |b| {
                        map.next_value_seed(Read(Relationships(b)))
                    })?;
                    b.expect("relationships", "an array", found);
                }
                Some("components" | "bomFormat") => {
                    map.next_value::<IgnoredAny>()?;
                    b.hides("the document also has members of CycloneDX; read as SPDX");
                }
                Some(_) | None => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        root.bom_ref = b.spans.of(own);
        b.name(own.into(), None);
        b.fill(None, root);
        let document = b.reference(own.into());
        for inner in described {
            b.contain(document, inner).map_err(|e| A::Error::custom(b.give_up(e)))?;
        }
        Ok(Found::Wanted)
    }
}

/// The format, and whether it is one that is known.
pub(super) fn said_version(b: &mut Builder<'_>, version: &str) {
    let number = version.strip_prefix("SPDX-").unwrap_or(version);
    b.format = format!("SPDX {}", clip(number));
    if !matches!(number, "2.1" | "2.2" | "2.3") {
        b.hides(format!("the version {:?} is not one of SPDX-2.1 to SPDX-2.3", clip(version)));
    }
}

fn creation<'de>(b: &mut Builder<'de>, raw: &'de RawValue) {
    #[derive(Deserialize)]
    struct Creation<'a> {
        #[serde(borrow, default)]
        created: Text<'a>,
        #[serde(borrow)]
        creators: Option<&'a RawValue>,
    }
    let Ok(creation) = serde_json::from_str::<Creation<'_>>(raw.get()) else {
        return b.at(Step::Member("creationInfo"), |b| b.problem("not read"));
    };
    b.created = creation.created.said().map(Cow::into_owned);
    let mut tools: Vec<String> = Vec::new();
    let mut json =
        serde_json::Deserializer::from_str(creation.creators.map_or("[]", RawValue::get));
    let read = each(|_, text: Text<'_>| {
        let said = text.said();
        let tool = said.as_deref().and_then(|text| text.strip_prefix("Tool: "));
        tools.extend(tool.filter(|_| tools.len() < 16).map(str::to_owned));
    });
    if read.deserialize(&mut json).is_ok() && !tools.is_empty() {
        b.tool = Some(tools.join(", "));
    }
}

fn packages<'de, A: MapAccess<'de>>(b: &mut Builder<'de>, map: &mut A) -> Result<(), A::Error> {
    let found = b.at(Step::Member("packages"), |b| map.next_value_seed(Read(Packages(b))))?;
    b.expect("packages", "an array", found);
    Ok(())
}

struct Packages<'b, 'de>(&'b mut Builder<'de>);

impl<'de> Reader<'de> for Packages<'_, 'de> {
    fn array<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Found, A::Error> {
        let b = self.0;
        let mut index = 0_usize;
        while let Some(raw) = seq.next_element::<&RawValue>()? {
            let start = offset(b.spans.read, raw.get()).and_then(|at| u32::try_from(at).ok());
            let start = start.unwrap_or(u32::MAX);
            b.at(Step::Element(index), |b| match serde_json::from_str(raw.get()) {
                Ok(package) => add(b, start, package).map_err(|e| b.give_up(e)),
                Err(e) => {
                    b.hides(format!("not shown: {e}"));
                    Ok(())
                }
            })
            .map_err(A::Error::custom)?;
            index = index.saturating_add(1);
        }
        Ok(Found::Wanted)
    }
}

#[derive(Deserialize)]
struct Package<'a> {
    #[serde(rename = "SPDXID", borrow, default)]
    id: Text<'a>,
    #[serde(borrow, default)]
    name: Text<'a>,
    #[serde(rename = "versionInfo", borrow, default)]
    version: Text<'a>,
    #[serde(borrow, default)]
    supplier: Text<'a>,
    #[serde(rename = "licenseConcluded", borrow, default)]
    concluded: Text<'a>,
    #[serde(rename = "licenseDeclared", borrow, default)]
    declared: Text<'a>,
    #[serde(rename = "primaryPackagePurpose", borrow, default)]
    purpose: Text<'a>,
    #[serde(borrow)]
    checksums: Option<&'a RawValue>,
    #[serde(rename = "externalRefs", borrow)]
    references: Option<&'a RawValue>,
}

fn add<'de>(b: &mut Builder<'de>, start: u32, package: Package<'de>) -> Result<(), SbomError> {
    let place = b.reserve(start, true)?;
    let mut part = Record::EMPTY;
    for (member, text) in
        [("licenseConcluded", package.concluded), ("licenseDeclared", package.declared)]
    {
        if let Some(text) = stated(b.said(member, text)) {
            b.licence(&mut part, &text);
        }
    }
    for (slot, member, text) in [
        (&mut part.name, "name", package.name),
        (&mut part.version, "versionInfo", package.version),
        (&mut part.kind, "primaryPackagePurpose", package.purpose),
    ] {
        let said = b.said(member, text);
        *slot = b.spans.maybe(said.as_deref());
    }
    let supplier = stated(b.said("supplier", package.supplier));
    part.supplier = b.spans.maybe(supplier.as_deref());
    if let Some(id) = b.said("SPDXID", package.id) {
        part.bom_ref = b.spans.of(&id);
        b.name(id, Some(place));
    }
    checksums(b, package.checksums, &mut part);
    references(b, package.references, &mut part);
    b.named(&part, "a package");
    b.fill(Some(place), part);
    Ok(())
}

/// The text unless it says that there is none (SPDX 2.3, clauses 7.5, 7.13, 7.15).
pub(super) fn stated<T: AsRef<str>>(text: Option<T>) -> Option<T> {
    text.filter(|text| !matches!(text.as_ref(), "NOASSERTION" | "NONE"))
}

fn checksums<'de>(b: &mut Builder<'de>, raw: Option<&'de RawValue>, part: &mut Record) {
    #[derive(Deserialize)]
    struct Checksum<'a> {
        #[serde(rename = "checksumValue", borrow, default)]
        value: Text<'a>,
    }
    entries(b, "checksums", raw, |b, sum: Checksum<'de>| {
        if let Some(value) = sum.value.said() {
            b.hash(part, &value);
        }
    });
}

/// purl and CPE; writers disagree on the category's spelling, so only the type decides.
fn references<'de>(b: &mut Builder<'de>, raw: Option<&'de RawValue>, part: &mut Record) {
    #[derive(Deserialize)]
    struct Reference<'a> {
        #[serde(rename = "referenceType", borrow, default)]
        kind: Text<'a>,
        #[serde(rename = "referenceLocator", borrow, default)]
        locator: Text<'a>,
    }
    entries(b, "externalRefs", raw, |b, reference: Reference<'de>| {
        let slot = match reference.kind.said().as_deref() {
            Some("purl") => &mut part.purl,
            Some("cpe23Type" | "cpe22Type") => &mut part.cpe,
            Some(_) | None => return,
        };
        if !slot.is_some() {
            *slot = b.spans.maybe(reference.locator.said());
        }
    });
}

/// Shows every entry of a small list to a function; bad ones are noted and skipped.
pub(super) fn entries<'de, T: Deserialize<'de>>(
    b: &mut Builder<'de>,
    name: &'static str,
    raw: Option<&'de RawValue>,
    mut show: impl FnMut(&mut Builder<'de>, T),
) {
    let Some(raw) = raw else { return };
    let mut json = serde_json::Deserializer::from_str(raw.get());
    let read = each(|index, raw: &'de RawValue| match serde_json::from_str(raw.get()) {
        Ok(entry) => show(b, entry),
        Err(e) => b.at(Step::Member(name), |b| {
            b.at(Step::Element(index), |b| b.hides(format!("not read: {e}")));
        }),
    });
    // The raw value was read once: it is JSON.
    if let Ok(found) = read.deserialize(&mut json) {
        b.expect(name, "an array", found);
    }
}

/// The names of files: relationships may point at them, though they are not shown.
fn files<'de, A: MapAccess<'de>>(b: &mut Builder<'de>, map: &mut A) -> Result<(), A::Error> {
    #[derive(Deserialize)]
    struct File<'a> {
        #[serde(rename = "SPDXID", borrow, default)]
        id: Text<'a>,
    }
    let found = map.next_value_seed(each(|_, raw: &'de RawValue| {
        b.files = b.files.saturating_add(1);
        let file = serde_json::from_str::<File<'_>>(raw.get()).ok();
        if let Some(id) = file.and_then(|file| file.id.said()) {
            b.name_other(id);
        }
    }))?;
    b.expect("files", "an array", found);
    Ok(())
}

struct Relationships<'b, 'de>(&'b mut Builder<'de>);

#[derive(Deserialize)]
struct Relationship<'a> {
    #[serde(rename = "spdxElementId", borrow, default)]
    from: Text<'a>,
    #[serde(rename = "relatedSpdxElement", borrow, default)]
    to: Text<'a>,
    #[serde(rename = "relationshipType", borrow, default)]
    kind: Text<'a>,
}

impl<'de> Reader<'de> for Relationships<'_, 'de> {
    fn array<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Found, A::Error> {
        let b = self.0;
        let mut index = 0_usize;
        while let Some(raw) = seq.next_element::<&'de RawValue>()? {
            b.at(Step::Element(index), |b| {
                match serde_json::from_str::<Relationship<'de>>(raw.get()) {
                    Ok(relationship) => relationship.relate(b).map_err(|e| b.give_up(e)),
                    Err(e) => {
                        b.problem(format!("not read: {e}"));
                        Ok(())
                    }
                }
            })
            .map_err(A::Error::custom)?;
            index = index.saturating_add(1);
        }
        Ok(Found::Wanted)
    }
}

impl<'de> Relationship<'de> {
    fn relate(self, b: &mut Builder<'de>) -> Result<(), SbomError> {
        let pair = self.from.said().zip(self.to.said()).zip(self.kind.said());
        let Some(((from, to), kind)) = pair else { return Ok(()) };
        relate(b, from, &kind, to)
    }
}

/// SPDX 2.3, clause 11.1: `A DEPENDS_ON B`, but `A DEPENDENCY_OF B` means that B depends on A.
pub(super) fn relate<'de>(
    b: &mut Builder<'de>,
    from: Cow<'de, str>,
    kind: &str,
    to: Cow<'de, str>,
) -> Result<(), SbomError> {
    let Some((from, to)) = stated(Some(from)).zip(stated(Some(to))) else { return Ok(()) };
    let (from, to) = (b.reference(from), b.reference(to));
    match kind {
        "DEPENDS_ON" => b.depend(from, to),
        "DEPENDENCY_OF" => b.depend(to, from),
        kind if kind.ends_with("_DEPENDENCY_OF") => b.depend(to, from),
        "CONTAINS" | "DESCRIBES" => b.contain(from, to),
        "CONTAINED_BY" | "DESCRIBED_BY" => b.contain(to, from),
        _ => Ok(()),
    }
}
