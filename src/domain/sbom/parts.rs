//! The components of a CycloneDX document, nested ones included.

use serde::{
    Deserialize,
    de::{DeserializeSeed as _, Error as _, IgnoredAny, MapAccess, SeqAccess},
};
use serde_json::value::RawValue;

use super::{
    MAX_NESTING, SbomError,
    build::{Builder, Step},
    component::Record,
    json::{Found, Read, Reader, Text, each},
    source::offset,
};

/// What a list of components stands in.
#[derive(Clone, Copy, Debug)]
pub(super) enum Outer {
    /// The document.
    Document,
    /// A component or (`None`) the root.
    Part(Option<u32>),
}

/// The members that are a text by which a component is found.
const SEARCHED: [&str; 9] =
    ["name", "group", "version", "purl", "cpe", "type", "bom-ref", "supplier", "versionRange"];

/// Which members of an object were read, out of a table of at most 32.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Seen(u32);

impl Seen {
    /// The name as the table has it, if it is there. Notes where it stands twice.
    pub(super) fn member(
        &mut self,
        b: &mut Builder<'_>,
        key: &str,
        table: &[&'static str],
    ) -> Option<&'static str> {
        let at = table.iter().position(|name| *name == key)?;
        let name = *table.get(at)?;
        let bit = 1_u32.checked_shl(u32::try_from(at).ok()?)?;
        if self.0 & bit != 0 {
            // Lists are joined; of two texts one is not read.
            let hides = SEARCHED.contains(&name);
            b.at(Step::Member(name), |b| {
                b.note_if(hides, "stands twice; readers differ in which one they take");
            });
        }
        self.0 |= bit;
        Some(name)
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
        // Every level costs stack in this reader: a chain of a million would end the program.
        if depth > MAX_NESTING {
            b.leave_out(SbomError::TooDeep);
            while seq.next_element::<IgnoredAny>()?.is_some() {}
            return Ok(Found::Wanted);
        }
        for index in 0_usize.. {
            let entry = b.at(Step::Element(index), |b| {
                let found = entry(b, outer, depth, &mut seq)?;
                match found {
                    Some(Found::Other(other)) => {
                        b.hides(format!("{other} instead of a component; not shown"));
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

/// The next element, straight from the stream or, carefully, cut out first.
fn entry<'de, A: SeqAccess<'de>>(
    b: &mut Builder<'de>,
    outer: Outer,
    depth: usize,
    seq: &mut A,
) -> Result<Option<Found>, A::Error> {
    if !b.careful {
        return seq.next_element_seed(Read(Entry { b, outer, depth, start: None }));
    }
    let Some(raw) = seq.next_element::<&'de RawValue>()? else { return Ok(None) };
    let start = offset(b.spans.read, raw.get()).and_then(|at| u32::try_from(at).ok());
    let mut json = serde_json::Deserializer::from_str(raw.get());
    let read = Read(Entry { b, outer, depth, start }).deserialize(&mut json);
    // Whatever ends it was noted in the builder.
    read.map(Some).map_err(A::Error::custom)
}

/// One element of a list of components.
struct Entry<'b, 'de> {
    b: &'b mut Builder<'de>,
    outer: Outer,
    depth: usize,
    /// Where it begins, if that is known already.
    start: Option<u32>,
}

impl<'de> Reader<'de> for Entry<'_, 'de> {
    fn object<A: MapAccess<'de>>(self, mut map: A) -> Result<Found, A::Error> {
        let Self { b, outer, depth, start } = self;
        let first = map.next_key::<Text<'de>>()?;
        let start = match (start, &first) {
            (Some(start), _) => start,
            (None, Some(key)) => b.beginning(key).map_err(A::Error::custom)?,
            (None, None) => u32::MAX,
        };
        let top = matches!(outer, Outer::Document);
        let place = b.reserve(start, top).map_err(|e| A::Error::custom(b.give_up(e)))?;
        match outer {
            Outer::Document => {}
            Outer::Part(outer) => b.nest(outer, place),
        }
        let mut part = Part { b, record: Record::EMPTY, place: Some(place), depth };
        let read = part.read(first, map);
        let Part { b, record, .. } = part;
        // Also what was cut off in the middle is shown as far as it goes.
        b.fill(Some(place), record);
        b.named(&record, "a component");
        read.map(|()| Found::Wanted)
    }
}

/// `metadata.component`: what the document describes.
pub(super) struct Subject<'b, 'de>(pub(super) &'b mut Builder<'de>);

impl<'de> Reader<'de> for Subject<'_, 'de> {
    fn object<A: MapAccess<'de>>(self, mut map: A) -> Result<Found, A::Error> {
        let b = self.0;
        let first = map.next_key::<Text<'de>>()?;
        let start = first.as_ref().map(|key| b.beginning(key).map_err(A::Error::custom));
        let mut part = Part { b, record: Record::EMPTY, place: None, depth: 0 };
        part.read(first, map)?;
        let Part { b, mut record, .. } = part;
        // Some writers give an empty object where there is no subject.
        if record != Record::EMPTY {
            record.start = start.transpose()?.unwrap_or(u32::MAX);
            b.fill(None, record);
        }
        Ok(Found::Wanted)
    }
}

const MEMBERS: [&str; 12] = [
    "name",
    "group",
    "version",
    "purl",
    "cpe",
    "type",
    "bom-ref",
    "supplier",
    "licenses",
    "hashes",
    "components",
    "versionRange",
];

/// A component while it is read.
struct Part<'b, 'de> {
    b: &'b mut Builder<'de>,
    record: Record,
    /// `None`: the root.
    place: Option<u32>,
    /// How many components it stands in.
    depth: usize,
}

impl<'de> Part<'_, 'de> {
    /// Reads the members; `next` is the name of the first, which was read already.
    fn read<A: MapAccess<'de>>(
        &mut self,
        mut next: Option<Text<'de>>,
        mut map: A,
    ) -> Result<(), A::Error> {
        let mut seen = Seen::default();
        while let Some(key) = next {
            match key.said().and_then(|key| seen.member(self.b, &key, &MEMBERS)) {
                Some(name) => self.member(name, &mut map)?,
                None => drop(map.next_value::<IgnoredAny>()?),
            }
            next = map.next_key()?;
        }
        Ok(())
    }

    fn member<A: MapAccess<'de>>(
        &mut self,
        name: &'static str,
        map: &mut A,
    ) -> Result<(), A::Error> {
        let Self { b, record, place, depth } = self;
        match name {
            "components" => components(b, Outer::Part(*place), depth.saturating_add(1), map),
            "licenses" => list(b, name, map, |b, raw| licences(b, record, raw)),
            "hashes" => list(b, name, map, |b, raw| hash(b, record, raw)),
            "supplier" => {
                let raw = map.next_value::<&RawValue>()?;
                b.at(Step::Member(name), |b| supplier(b, record, raw));
                Ok(())
            }
            _ => {
                let text = map.next_value()?;
                self.text(name, text);
                Ok(())
            }
        }
    }

    fn text(&mut self, name: &'static str, text: Text<'de>) {
        let text = self.b.said(name, text);
        let span = self.b.spans.maybe(text.as_deref());
        let part = &mut self.record;
        match name {
            "name" => part.name = span,
            "group" => part.group = span,
            // CycloneDX 1.7: an external component has a range in place of a version.
            "versionRange" if part.version.is_some() => {}
            "version" | "versionRange" => part.version = span,
            "purl" => part.purl = span,
            "cpe" => part.cpe = span,
            "type" => part.kind = span,
            _ => {
                part.bom_ref = span;
                if let Some(text) = text {
                    self.b.name(text, self.place);
                }
            }
        }
    }
}

/// Reads a list of small objects one by one, so that a bad one does not spoil its neighbours.
fn list<'de, A: MapAccess<'de>>(
    b: &mut Builder<'de>,
    name: &'static str,
    map: &mut A,
    mut read: impl FnMut(&mut Builder<'de>, &'de RawValue) -> Result<(), serde_json::Error>,
) -> Result<(), A::Error> {
    let found = map.next_value_seed(each(|index, raw: &'de RawValue| {
        if let Err(e) = read(b, raw) {
            b.path.extend([Step::Member(name), Step::Element(index)]);
            b.hides(format!("not read: {e}"));
            b.path.truncate(b.path.len().saturating_sub(2));
        }
    }))?;
    b.expect(name, "an array", found);
    Ok(())
}

/// CycloneDX `licenseChoice`: an id, a name or an expression. The schema wants exactly one; where
/// a writer gives an id and a name, the id is the licence and the name its label.
fn licences<'de>(
    b: &mut Builder<'de>,
    part: &mut Record,
    raw: &'de RawValue,
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
    for text in [named, choice.expression.said()].into_iter().flatten() {
        b.licence(part, &text);
    }
    Ok(())
}

fn hash<'de>(
    b: &mut Builder<'de>,
    part: &mut Record,
    raw: &'de RawValue,
) -> Result<(), serde_json::Error> {
    #[derive(Deserialize)]
    struct Raw<'a> {
        #[serde(borrow, default)]
        content: Text<'a>,
    }
    let hash: Raw<'_> = serde_json::from_str(raw.get())?;
    if let Some(value) = hash.content.said() {
        b.hash(part, &value);
    }
    Ok(())
}

fn supplier<'de>(b: &mut Builder<'de>, part: &mut Record, raw: &'de RawValue) {
    #[derive(Deserialize)]
    struct Supplier<'a> {
        #[serde(borrow, default)]
        name: Text<'a>,
    }
    match serde_json::from_str::<Option<Supplier<'_>>>(raw.get()) {
        Ok(supplier) => {
            let name = supplier.and_then(|s| s.name.said());
            part.supplier = b.spans.maybe(name.as_deref());
        }
        Err(e) => b.hides(format!("not read: {e}")),
    }
}
