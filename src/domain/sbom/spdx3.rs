//! SPDX 3.0 JSON-LD, read leniently: packages and their relationships, files as names only.
//!
//! A document is a flat list of elements (`@graph`) in any order, that name one another: licences,
//! agents and relationships are elements too, so that they are put together at the end.

use std::borrow::Cow;

use serde::{
    Deserialize,
    de::{DeserializeSeed as _, Error as _, IgnoredAny, MapAccess, SeqAccess},
};
use serde_json::value::RawValue;

use super::{
    MAX_EDGES, SbomError,
    build::{Builder, Step, Stop},
    component::Record,
    graph::index,
    json::{Found, Read, Reader, Text, each},
    sniff::clip,
    source::offset,
    spdx::entries,
    spdx3_graph::Graph,
};

/// Reads a document whose context is SPDX 3's.
pub(super) fn read<'de>(builder: &mut Builder<'de>, text: &'de str) -> Result<(), Stop> {
    let mut json = serde_json::Deserializer::from_str(text);
    let mut graph = Graph::default();
    let read = Read(Document { b: builder, graph: &mut graph }).deserialize(&mut json);
    let read = read.and_then(|_| json.end()).map_err(|e| builder.refusal(&e));
    // Also of a document that breaks off: what was read so far is put together.
    builder.path.clear();
    graph.join(builder);
    read
}

struct Document<'b, 'g, 'de> {
    b: &'b mut Builder<'de>,
    graph: &'g mut Graph<'de>,
}

impl<'de> Reader<'de> for Document<'_, '_, 'de> {
    fn object<A: MapAccess<'de>>(self, mut map: A) -> Result<Found, A::Error> {
        let Self { b, graph } = self;
        let mut elements = false;
        while let Some(key) = map.next_key::<Text<'de>>()? {
            if key.said().as_deref() == Some("@graph") {
                elements = true;
                let elements = Elements { b: &mut *b, graph: &mut *graph };
                let found = map.next_value_seed(Read(elements))?;
                b.expect("@graph", "an array", found);
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        if !elements {
            b.hides("no @graph; elements are read only there");
        }
        Ok(Found::Wanted)
    }
}

struct Elements<'b, 'g, 'de> {
    b: &'b mut Builder<'de>,
    graph: &'g mut Graph<'de>,
}

impl<'de> Reader<'de> for Elements<'_, '_, 'de> {
    fn array<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Found, A::Error> {
        let Self { b, graph } = self;
        let mut index = 0_usize;
        while let Some(raw) = seq.next_element::<&'de RawValue>()? {
            b.path.clear();
            b.path.extend([Step::Member("@graph"), Step::Element(index)]);
            graph.element(b, raw).map_err(|e| A::Error::custom(b.give_up(e)))?;
            index = index.saturating_add(1);
        }
        b.path.clear();
        Ok(Found::Wanted)
    }
}

/// An element, whatever its type.
#[derive(Deserialize)]
struct Element<'a> {
    #[serde(rename = "type", alias = "@type", borrow, default)]
    kind: Text<'a>,
    #[serde(rename = "spdxId", alias = "@id", borrow, default)]
    id: Text<'a>,
    #[serde(borrow, default)]
    name: Text<'a>,
    #[serde(rename = "software_packageVersion", borrow, default)]
    version: Text<'a>,
    #[serde(rename = "software_packageUrl", borrow, default)]
    purl: Text<'a>,
    #[serde(rename = "software_primaryPurpose", borrow, default)]
    purpose: Text<'a>,
    #[serde(rename = "externalIdentifier", borrow)]
    identifiers: Option<&'a RawValue>,
    #[serde(rename = "verifiedUsing", borrow)]
    hashes: Option<&'a RawValue>,
    #[serde(rename = "suppliedBy", borrow, default)]
    supplier: Text<'a>,
    #[serde(rename = "simplelicensing_licenseExpression", borrow, default)]
    expression: Text<'a>,
    #[serde(borrow, default)]
    from: Text<'a>,
    #[serde(borrow)]
    to: Option<&'a RawValue>,
    #[serde(rename = "relationshipType", borrow, default)]
    relationship: Text<'a>,
    #[serde(rename = "rootElement", borrow)]
    roots: Option<&'a RawValue>,
    #[serde(rename = "element", borrow)]
    elements: Option<&'a RawValue>,
    #[serde(rename = "specVersion", borrow, default)]
    spec: Text<'a>,
    #[serde(borrow, default)]
    created: Text<'a>,
}

/// `software_Package` of `https://spdx.org/rdf/3.0.1/terms/Software/Package`.
fn compact(kind: &str) -> Cow<'_, str> {
    let mut parts = kind.rsplitn(3, '/');
    match (parts.next(), parts.next(), parts.next()) {
        (Some(name), Some("Core"), Some(_)) => Cow::Borrowed(name),
        (Some(name), Some(profile), Some(_)) => {
            Cow::Owned(format!("{}_{name}", profile.to_ascii_lowercase()))
        }
        _ => Cow::Borrowed(kind),
    }
}

impl<'de> Graph<'de> {
    fn element(&mut self, b: &mut Builder<'de>, raw: &'de RawValue) -> Result<(), SbomError> {
        let element: Element<'de> = match serde_json::from_str(raw.get()) {
            Ok(element) => element,
            Err(e) => {
                b.hides(format!("not read: {e}"));
                return Ok(());
            }
        };
        let Some(kind) = element.kind.clone().said() else {
            b.hides("an element without a type; not read");
            return Ok(());
        };
        let kind = compact(&kind);
        match kind.as_ref() {
            "software_Package" | "ai_AIPackage" | "dataset_DatasetPackage" => {
                self.package(b, raw, element)
            }
            "CreationInfo" => {
                self.creation(b, element);
                Ok(())
            }
            "SpdxDocument" | "software_Sbom" | "Bom" | "Bundle" | "ElementCollection" => {
                collection(b, raw, element, kind == "SpdxDocument")
            }
            kind if kind.ends_with("Relationship") => self.relationship(b, element),
            kind => {
                self.other(b, kind, element);
                Ok(())
            }
        }
    }

    fn creation(&mut self, b: &mut Builder<'de>, element: Element<'de>) {
        // A document that was put together of several has several.
        if std::mem::replace(&mut self.versions, true) {
            return;
        }
        b.created = element.created.said().map(Cow::into_owned);
        if let Some(version) = element.spec.said() {
            b.format = format!("SPDX {}", clip(&version));
            if !version.starts_with("3.0") {
                b.hides(format!("specVersion {:?} is not 3.0", clip(&version)));
            }
        }
    }

    fn package(
        &mut self,
        b: &mut Builder<'de>,
        raw: &'de RawValue,
        element: Element<'de>,
    ) -> Result<(), SbomError> {
        let start = offset(b.spans.read, raw.get()).and_then(|at| u32::try_from(at).ok());
        let place = b.reserve(start.unwrap_or(u32::MAX), true)?;
        let mut part = Record::EMPTY;
        for (slot, member, text) in [
            (&mut part.name, "name", element.name),
            (&mut part.version, "software_packageVersion", element.version),
            (&mut part.purl, "software_packageUrl", element.purl),
            (&mut part.kind, "software_primaryPurpose", element.purpose),
        ] {
            let said = b.said(member, text);
            *slot = b.spans.maybe(said.as_deref());
        }
        match b.said("spdxId", element.id) {
            Some(id) => {
                part.bom_ref = b.spans.of(&id);
                b.name(id, Some(place));
            }
            None => b.problem("a package without spdxId"),
        }
        if let Some(agent) = element.supplier.said() {
            self.suppliers.push((place, b.reference(agent)));
        }
        identifiers(b, element.identifiers, &mut part);
        hashes(b, element.hashes, &mut part);
        b.named(&part, "a package");
        b.keep(index(place), part);
        Ok(())
    }

    /// What is no part itself, but may be named: licences, agents, files.
    fn other(&mut self, b: &mut Builder<'de>, kind: &str, element: Element<'de>) {
        b.files = b.files.saturating_add(usize::from(kind == "software_File"));
        let Some(id) = element.id.said() else { return };
        b.name_other(id.clone());
        let number = b.reference(id.clone());
        if kind.contains("licensing_") {
            let named = || element.name.clone().said();
            let text = element.expression.clone().said().or_else(named).unwrap_or(id);
            self.licences.insert(number, text);
        } else if let Some(name) = element.name.said() {
            if kind == "Tool" && self.tools.len() < 16 {
                self.tools.push(clip(&name));
            }
            if matches!(kind, "Person" | "Organization" | "SoftwareAgent" | "Agent") {
                self.agents.insert(number, name);
            }
        }
    }

    /// SPDX 3.0, Core, `RelationshipType`: "dependsOn: The `from` Element depends on each `to`
    /// Element"; optional and provided dependencies are types of their own, as in SPDX 2.
    fn relationship(&mut self, b: &mut Builder<'de>, said: Element<'de>) -> Result<(), SbomError> {
        let (Some(from), Some(kind)) = (said.from.said(), said.relationship.said()) else {
            b.problem("a relationship without from or relationshipType; not read");
            return Ok(());
        };
        let kind = kind.rsplit('/').next().unwrap_or_default();
        let known = [
            "dependsOn",
            "hasOptionalDependency",
            "hasProvidedDependency",
            "contains",
            "describes",
            "hasConcludedLicense",
            "hasDeclaredLicense",
        ];
        if !known.contains(&kind) {
            return Ok(());
        }
        let from = b.reference(from);
        for to in list(b, "to", said.to) {
            let to = b.reference(to);
            match kind {
                "contains" | "describes" => b.contain(from, to)?,
                "hasConcludedLicense" | "hasDeclaredLicense" => {
                    let concluded = kind == "hasConcludedLicense";
                    let all = if concluded { &mut self.concluded } else { &mut self.declared };
                    if all.len() >= MAX_EDGES {
                        return Err(SbomError::TooMany { what: "licences", limit: MAX_EDGES });
                    }
                    all.push((from, to));
                }
                _ => b.depend(from, to)?,
            }
        }
        Ok(())
    }
}

/// A document or a collection in it, with what it is about.
fn collection<'de>(
    b: &mut Builder<'de>,
    raw: &'de RawValue,
    element: Element<'de>,
    document: bool,
) -> Result<(), SbomError> {
    // JSON-LD allows it, and SPDX 3 "serialization in a flat list" does not.
    if element.elements.is_some_and(|raw| raw.get().contains('{')) {
        b.hides("elements that stand in another one; not read");
    }
    let name = element.name.said();
    let Some(id) = element.id.said() else { return Ok(()) };
    let whole = b.reference("SPDXRef-DOCUMENT".into());
    if document && b.root.is_none() {
        let start = offset(b.spans.read, raw.get()).and_then(|at| u32::try_from(at).ok());
        let root = Record {
            name: b.spans.maybe(name),
            kind: b.spans.of("document"),
            bom_ref: b.spans.of(&id),
            start: start.unwrap_or(u32::MAX),
            ..Record::EMPTY
        };
        b.fill(None, root);
        b.name(id, None);
    } else {
        b.name_other(id);
    }
    // A document is about a bill of materials that is about a package: all of them are the root's.
    if !b.is_named(whole) {
        b.name("SPDXRef-DOCUMENT".into(), None);
    }
    for inner in list(b, "rootElement", element.roots) {
        let inner = b.reference(inner);
        b.contain(whole, inner)?;
    }
    Ok(())
}

/// One reference or a list of them.
fn list<'de>(
    b: &mut Builder<'de>,
    member: &'static str,
    raw: Option<&'de RawValue>,
) -> Vec<Cow<'de, str>> {
    let Some(raw) = raw else { return Vec::new() };
    if let Ok(text @ (Text::Is(_) | Text::Missing)) = serde_json::from_str::<Text<'de>>(raw.get()) {
        return text.said().into_iter().collect();
    }
    let mut all = Vec::new();
    let mut json = serde_json::Deserializer::from_str(raw.get());
    let read = each(|_, text: Text<'de>| all.extend(b.said(member, text)));
    if let Ok(found) = read.deserialize(&mut json) {
        b.expect(member, "an array", found);
    }
    all
}

/// purl and CPE.
fn identifiers<'de>(b: &mut Builder<'de>, raw: Option<&'de RawValue>, part: &mut Record) {
    #[derive(Deserialize)]
    struct Identifier<'a> {
        #[serde(rename = "externalIdentifierType", borrow, default)]
        kind: Text<'a>,
        #[serde(borrow, default)]
        identifier: Text<'a>,
    }
    entries(b, "externalIdentifier", raw, |b, said: Identifier<'de>| {
        let slot = match said.kind.said().as_deref() {
            Some("packageUrl" | "packageURL" | "purl") => &mut part.purl,
            Some("cpe22" | "cpe23") => &mut part.cpe,
            Some(_) | None => return,
        };
        if !slot.is_some() {
            *slot = b.spans.maybe(said.identifier.said());
        }
    });
}

fn hashes<'de>(b: &mut Builder<'de>, raw: Option<&'de RawValue>, part: &mut Record) {
    #[derive(Deserialize)]
    struct Integrity<'a> {
        #[serde(rename = "hashValue", borrow, default)]
        value: Text<'a>,
    }
    entries(b, "verifiedUsing", raw, |b, said: Integrity<'de>| {
        if let Some(value) = said.value.said() {
            b.hash(part, &value);
        }
    });
}
