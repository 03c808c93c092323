//! The components of a CycloneDX document, nested ones included.

use serde::{
    Deserialize,
    de::{Error as _, IgnoredAny, MapAccess, SeqAccess},
};
use serde_json::value::RawValue;

use super::{
    Component, Hash, MAX_NESTING, Property, SbomError, Text as Words,
    build::{Builder, Step},
    json::{Found, Read, Reader, Text, each},
};

/// What a list of components stands in.
#[derive(Clone, Copy, Debug)]
pub(super) enum Outer {
    /// The document.
    Document,
    /// A component or (`None`) the root.
    Part(Option<u32>),
}

/// The name itself, with the life of the table.
pub(super) fn member(key: &str, table: &[&'static str]) -> Option<&'static str> {
    table.iter().find(|name| **name == key).copied()
}

/// Notes a member that stands twice.
pub(super) fn once(b: &mut Builder<'_>, name: &'static str, seen: &mut Vec<&'static str>) {
    if seen.contains(&name) {
        b.at(Step::Member(name), |b| {
            b.problem("stands twice; readers differ in which one they take");
        });
    } else {
        seen.push(name);
    }
}

/// Reads the member `components` of something.
pub(super) fn components<'de, A: MapAccess<'de>>(
    b: &mut Builder<'de>,
    outer: Outer,
    depth: usize,
    map: &mut A,
) -> Result<(), A::Error> {
    let found =
        b.at(Step::Member("components"), |b| map.next_value_seed(Read(Parts { b, outer, depth })))?;
    b.expect("components", "an array", found);
    Ok(())
}

/// A list of components.
struct Parts<'b, 'de> {
    b: &'b mut Builder<'de>,
    outer: Outer,
    /// How many components the list stands in.
    depth: usize,
}

impl<'de> Reader<'de> for Parts<'_, 'de> {
    fn array<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Found, A::Error> {
        let Self { b, outer, depth } = self;
        for index in 0_usize.. {
            let entry = b.at(Step::Element(index), |b| {
                let found = seq.next_element_seed(Read(Entry { b, outer, depth }))?;
                match found {
                    Some(Found::Other(other)) => {
                        b.problem(format!("{other} instead of a component; not shown"));
                    }
                    Some(Found::Null) => b.problem("null instead of a component; not shown"),
                    Some(Found::Wanted) | None => {}
                }
                Ok(found)
            })?;
            if entry.is_none() {
                break;
            }
        }
        Ok(Found::Wanted)
    }
}

/// One element of a list of components.
struct Entry<'b, 'de> {
    b: &'b mut Builder<'de>,
    outer: Outer,
    depth: usize,
}

impl<'de> Reader<'de> for Entry<'_, 'de> {
    fn object<A: MapAccess<'de>>(self, map: A) -> Result<Found, A::Error> {
        let Self { b, outer, depth } = self;
        // Every level costs stack in this reader: a chain of a million would end the program.
        if depth > MAX_NESTING {
            return Err(A::Error::custom(b.give_up(SbomError::TooDeep)));
        }
        let place = b.reserve().map_err(|e| A::Error::custom(b.give_up(e)))?;
        match outer {
            Outer::Document => {}
            Outer::Part(outer) => b.nest(outer, place),
        }
        let component = component(b, Some(place), depth, map)?;
        if component.name.is_empty() {
            b.problem("a component without a name");
        }
        b.fill(Some(place), component);
        Ok(Found::Wanted)
    }
}

/// `metadata.component`: what the document describes.
pub(super) struct Subject<'b, 'de>(pub(super) &'b mut Builder<'de>);

impl<'de> Reader<'de> for Subject<'_, 'de> {
    fn object<A: MapAccess<'de>>(self, map: A) -> Result<Found, A::Error> {
        let component = component(self.0, None, 0, map)?;
        // Some writers give an empty object where there is no subject.
        if component != Component::default() {
            self.0.fill(None, component);
        }
        Ok(Found::Wanted)
    }
}

const MEMBERS: [&str; 16] = [
    "name",
    "group",
    "version",
    "purl",
    "cpe",
    "type",
    "bom-ref",
    "description",
    "publisher",
    "author",
    "supplier",
    "licenses",
    "hashes",
    "properties",
    "components",
    "versionRange",
];

/// Reads the members of a component at `place` (`None`: the root), `depth` components deep.
fn component<'de, A: MapAccess<'de>>(
    b: &mut Builder<'de>,
    place: Option<u32>,
    depth: usize,
    mut map: A,
) -> Result<Component, A::Error> {
    let mut part = Component::default();
    let mut seen = Vec::with_capacity(MEMBERS.len());
    let mut author = None;
    while let Some(key) = map.next_key::<Text<'de>>()? {
        let Some(name) = key.said().and_then(|key| member(&key, &MEMBERS)) else {
            map.next_value::<IgnoredAny>()?;
            continue;
        };
        once(b, name, &mut seen);
        match name {
            "components" => {
                components(b, Outer::Part(place), depth.saturating_add(1), &mut map)?;
            }
            "licenses" => part.licences = list(b, name, &mut map, licences)?,
            "hashes" => part.hashes = list(b, name, &mut map, hash)?,
            "properties" => part.properties = list(b, name, &mut map, property)?,
            "supplier" => {
                let raw = map.next_value::<&RawValue>()?;
                part.supplier = b.at(Step::Member(name), |b| supplier(b, raw));
            }
            "bom-ref" => {
                let text = map.next_value()?;
                if let Some(text) = b.said(name, text) {
                    part.bom_ref = Some(Words::from(text.as_ref()));
                    b.name(text, place);
                }
            }
            "author" => author = text(b, name, &mut map)?,
            _ => {
                let text = text(b, name, &mut map)?;
                set(&mut part, name, text);
            }
        }
    }
    part.publisher = part.publisher.or(author);
    // Many writers use the purl as reference: one memory for both.
    if part.bom_ref == part.purl {
        part.bom_ref.clone_from(&part.purl);
    }
    Ok(part)
}

fn text<'de, A: MapAccess<'de>>(
    b: &mut Builder<'de>,
    name: &'static str,
    map: &mut A,
) -> Result<Option<Words>, A::Error> {
    let text = map.next_value()?;
    let text = b.said(name, text);
    Ok(text.map(|text| match name {
        // Rarely the same twice: not worth a look-up.
        "name" | "purl" | "cpe" | "description" => Words::from(text),
        _ => b.share(text),
    }))
}

fn set(part: &mut Component, name: &str, text: Option<Words>) {
    match name {
        "name" => part.name = text.unwrap_or_default(),
        "group" => part.group = text,
        "version" => part.version = text,
        // CycloneDX 1.7: an external component has a range in place of a version.
        "versionRange" => part.version = part.version.take().or(text),
        "purl" => part.purl = text,
        "cpe" => part.cpe = text,
        "type" => part.kind = text,
        "description" => part.description = text,
        _ => part.publisher = text,
    }
}

/// Reads a list of small objects one by one, so that a bad one does not spoil its neighbours.
fn list<'de, A: MapAccess<'de>, T>(
    b: &mut Builder<'de>,
    name: &'static str,
    map: &mut A,
    read: fn(&mut Builder<'de>, &'de RawValue, &mut Vec<T>) -> Result<(), serde_json::Error>,
) -> Result<Box<[T]>, A::Error> {
    let mut items = Vec::new();
    let found = map.next_value_seed(each(|index, raw: &'de RawValue| {
        if let Err(e) = read(b, raw, &mut items) {
            b.path.extend([Step::Member(name), Step::Element(index)]);
            b.problem(format!("not read: {e}"));
            b.path.truncate(b.path.len().saturating_sub(2));
        }
    }))?;
    b.expect(name, "an array", found);
    Ok(items.into_boxed_slice())
}

/// CycloneDX `licenseChoice`: an id, a name or an expression. The schema wants exactly one; where
/// a writer gives an id and a name, the id is the licence and the name its label.
fn licences<'de>(
    b: &mut Builder<'de>,
    raw: &'de RawValue,
    licences: &mut Vec<Words>,
) -> Result<(), serde_json::Error> {
    #[derive(Deserialize)]
    struct Choice<'a> {
        #[serde(borrow)]
        license: Option<Licence<'a>>,
        #[serde(borrow, default)]
        expression: Text<'a>,
    }
    #[derive(Deserialize)]
    struct Licence<'a> {
        #[serde(borrow, default)]
        id: Text<'a>,
        #[serde(borrow, default)]
        name: Text<'a>,
    }
    let choice: Choice<'_> = serde_json::from_str(raw.get())?;
    let named = choice.license.and_then(|l| l.id.said().or_else(|| l.name.said()));
    let all = [named, choice.expression.said()];
    licences.extend(all.into_iter().flatten().map(|text| b.share(text)));
    Ok(())
}

fn hash<'de>(
    b: &mut Builder<'de>,
    raw: &'de RawValue,
    hashes: &mut Vec<Hash>,
) -> Result<(), serde_json::Error> {
    #[derive(Deserialize)]
    struct Raw<'a> {
        #[serde(borrow, default)]
        alg: Text<'a>,
        #[serde(borrow, default)]
        content: Text<'a>,
    }
    let hash: Raw<'_> = serde_json::from_str(raw.get())?;
    if let Some(value) = hash.content.said() {
        let algorithm = b.share(hash.alg.said().unwrap_or_default());
        hashes.push(Hash { algorithm, value: Words::from(value) });
    }
    Ok(())
}

fn property<'de>(
    b: &mut Builder<'de>,
    raw: &'de RawValue,
    properties: &mut Vec<Property>,
) -> Result<(), serde_json::Error> {
    #[derive(Deserialize)]
    struct Raw<'a> {
        #[serde(borrow, default)]
        name: Text<'a>,
        #[serde(borrow, default)]
        value: Text<'a>,
    }
    let property: Raw<'_> = serde_json::from_str(raw.get())?;
    if let Some(name) = property.name.said() {
        let value = b.share(property.value.said().unwrap_or_default());
        properties.push(Property { name: b.share(name), value });
    }
    Ok(())
}

fn supplier<'de>(b: &mut Builder<'de>, raw: &'de RawValue) -> Option<Words> {
    #[derive(Deserialize)]
    struct Supplier<'a> {
        #[serde(borrow, default)]
        name: Text<'a>,
    }
    match serde_json::from_str::<Option<Supplier<'_>>>(raw.get()) {
        Ok(supplier) => supplier.and_then(|s| s.name.said()).map(|name| b.share(name)),
        Err(e) => {
            b.problem(format!("not read: {e}"));
            None
        }
    }
}
