//! CycloneDX XML 1.0 to 1.7 (ECMA-424), read leniently, as [`super::cyclonedx`] reads the JSON.

use std::borrow::Cow;

use super::{
    MAX_NESTING, SbomError,
    build::{Builder, Step, Stop},
    component::Record,
    cyclonedx::readable,
    markup::{Cursor, Tag, Token},
    parts::{Outer, Seen},
    sniff::clip,
    source::offset,
};

const VERSIONS: [&str; 8] = ["1.0", "1.1", "1.2", "1.3", "1.4", "1.5", "1.6", "1.7"];

/// Reads a document whose outermost element is CycloneDX's `bom`.
pub(super) fn read<'de>(builder: &mut Builder<'de>, text: &'de str) -> Result<(), Stop> {
    let mut cursor = Cursor::new(text);
    let read = document(builder, &mut cursor);
    builder.path.clear();
    for (note, hides) in std::mem::take(&mut cursor.notes) {
        builder.note_if(hides, note);
    }
    read
}

fn document<'de>(b: &mut Builder<'de>, cursor: &mut Cursor<'de>) -> Result<(), Stop> {
    let Some(root) = cursor.root()? else { return Ok(()) };
    version(b, root)?;
    let mut seen = Seen::default();
    cursor.each(|cursor, tag| {
        let known = ["metadata", "components", "services", "dependencies"];
        let Some(name) = seen.member(b, tag.name, &known) else {
            return Ok(cursor.skip()?);
        };
        match name {
            "metadata" => b.at(Step::Member(name), |b| metadata(b, cursor)),
            "components" => components(b, cursor, Outer::Document, 0),
            "services" => services(b, cursor),
            _ => dependencies(b, cursor),
        }
    })?;
    if cursor.root()?.is_some() {
        b.hides("a second element behind the document; not read");
    }
    Ok(())
}

/// The version is the last part of the namespace.
fn version(b: &mut Builder<'_>, root: Tag<'_>) -> Result<(), SbomError> {
    let version = root.space.and_then(|space| space.rsplit('/').next()).unwrap_or_default();
    b.format = format!("CycloneDX {}", clip(version));
    readable(version)?;
    if !VERSIONS.contains(&version) {
        b.hides(format!("the namespace's version {:?} is not one of 1.0 to 1.7", clip(version)));
    }
    Ok(())
}

fn metadata<'de>(b: &mut Builder<'de>, cursor: &mut Cursor<'de>) -> Result<(), Stop> {
    let mut tools: Vec<String> = Vec::new();
    cursor.each::<Stop>(|cursor, tag| {
        match tag.name {
            "timestamp" => b.created = said(cursor.text()?).map(Cow::into_owned),
            "component" => b.at(Step::Member("component"), |b| subject(b, cursor, tag))?,
            // Since 1.5 they are components.
            "tools" => cursor.each::<Stop>(|cursor, tag| match tag.name {
                "tool" => tool(cursor, &mut tools),
                "components" => cursor.each(|cursor, _| tool(cursor, &mut tools)),
                _ => Ok(cursor.skip()?),
            })?,
            _ => cursor.skip()?,
        }
        Ok(())
    })?;
    b.tool = (!tools.is_empty()).then(|| tools.join(", "));
    Ok(())
}

fn tool(cursor: &mut Cursor<'_>, all: &mut Vec<String>) -> Result<(), Stop> {
    let (mut name, mut version) = (None, None);
    cursor.each::<Stop>(|cursor, tag| {
        match tag.name {
            "name" => name = said(cursor.text()?),
            "version" => version = said(cursor.text()?),
            _ => cursor.skip()?,
        }
        Ok(())
    })?;
    let words: Vec<_> = [name, version].into_iter().flatten().collect();
    if !words.is_empty() && all.len() < 16 {
        all.push(words.join(" "));
    }
    Ok(())
}

/// The text unless it is empty.
fn said(text: Cow<'_, str>) -> Option<Cow<'_, str>> {
    (!text.is_empty()).then_some(text)
}

/// `metadata.component`: what the document describes.
fn subject<'de>(b: &mut Builder<'de>, cursor: &mut Cursor<'de>, tag: Tag<'de>) -> Result<(), Stop> {
    let mut part = Record::EMPTY;
    let read = members(b, cursor, tag, Place { of: None, depth: 0 }, &mut part);
    if part != Record::EMPTY {
        part.start = start(b, tag);
        b.fill(None, part);
    }
    read
}

/// Where an element begins.
fn start(b: &Builder<'_>, tag: Tag<'_>) -> u32 {
    offset(b.spans.read, tag.text).and_then(|at| u32::try_from(at).ok()).unwrap_or(u32::MAX)
}

/// Reads the elements of `components`.
fn components<'de>(
    b: &mut Builder<'de>,
    cursor: &mut Cursor<'de>,
    outer: Outer,
    depth: usize,
) -> Result<(), Stop> {
    // Every level costs stack in this reader: a chain of a million would end the program.
    if depth > MAX_NESTING {
        let path = b.path.clone();
        b.leave_out(SbomError::TooDeep);
        b.path = path;
        return Ok(cursor.skip()?);
    }
    let mut index = 0_usize;
    cursor.each(|cursor, tag| {
        b.path.extend([Step::Member("components"), Step::Element(index)]);
        index = index.saturating_add(1);
        let read = if tag.name == "component" {
            component(b, cursor, tag, outer, depth)
        } else {
            b.hides(format!("an element {:?} instead of a component; not shown", clip(tag.name)));
            cursor.skip().map_err(Stop::from)
        };
        b.path.truncate(b.path.len().saturating_sub(2));
        read
    })
}

fn component<'de>(
    b: &mut Builder<'de>,
    cursor: &mut Cursor<'de>,
    tag: Tag<'de>,
    outer: Outer,
    depth: usize,
) -> Result<(), Stop> {
    let place = b.reserve(start(b, tag), matches!(outer, Outer::Document))?;
    if let Outer::Part(outer) = outer {
        b.nest(outer, place);
    }
    let mut part = Record::EMPTY;
    let read = members(b, cursor, tag, Place { of: Some(place), depth }, &mut part);
    // Also what was cut off in the middle is shown as far as it goes.
    b.fill(Some(place), part);
    b.named(&part, "a component");
    read
}

/// A component while it is read.
#[derive(Clone, Copy)]
struct Place {
    /// `None`: the root.
    of: Option<u32>,
    /// How many components it stands in.
    depth: usize,
}

const MEMBERS: [&str; 10] = [
    "name",
    "group",
    "version",
    "purl",
    "cpe",
    "supplier",
    "licenses",
    "hashes",
    "components",
    "versionRange",
];

fn members<'de>(
    b: &mut Builder<'de>,
    cursor: &mut Cursor<'de>,
    tag: Tag<'de>,
    place: Place,
    part: &mut Record,
) -> Result<(), Stop> {
    part.kind = b.spans.maybe(tag.attribute("type"));
    doubled(b, tag, true);
    if let Some(name) = tag.attribute("bom-ref") {
        part.bom_ref = b.spans.of(&name);
        b.name(name, place.of);
    }
    let mut seen = Seen::default();
    cursor.each(|cursor, tag| {
        let Some(name) = seen.member(b, tag.name, &MEMBERS) else {
            return Ok(cursor.skip()?);
        };
        match name {
            "components" => {
                components(b, cursor, Outer::Part(place.of), place.depth.saturating_add(1))?;
            }
            "licenses" => licences(b, cursor, part)?,
            "hashes" => cursor.each::<Stop>(|cursor, _| {
                if let Some(value) = said(cursor.text()?) {
                    b.hash(part, &value);
                }
                Ok(())
            })?,
            "supplier" => {
                let name = child(cursor, "name")?;
                part.supplier = b.spans.maybe(name);
            }
            _ => {
                let text = said(cursor.text()?);
                let span = b.spans.maybe(text);
                match name {
                    "name" => part.name = span,
                    "group" => part.group = span,
                    "versionRange" if part.version.is_some() => {}
                    "version" | "versionRange" => part.version = span,
                    "purl" => part.purl = span,
                    _ => part.cpe = span,
                }
            }
        }
        Ok(())
    })
}

fn doubled(b: &mut Builder<'_>, tag: Tag<'_>, hides: bool) {
    if let Some(name) = tag.doubled() {
        let message = format!("the attribute {:?} stands twice; the first holds", clip(name));
        b.note_if(hides, message);
    }
}

/// The text of the last element of that name right inside the one whose tag was read last.
fn child<'de>(cursor: &mut Cursor<'de>, name: &str) -> Result<Option<Cow<'de, str>>, Stop> {
    let mut found = None;
    cursor.each::<Stop>(|cursor, tag| {
        if tag.name == name {
            found = said(cursor.text()?);
        } else {
            cursor.skip()?;
        }
        Ok(())
    })?;
    Ok(found)
}

/// `license` with an id or a name, or `expression`; 1.7 has `expression-detailed` too.
fn licences<'de>(
    b: &mut Builder<'de>,
    cursor: &mut Cursor<'de>,
    part: &mut Record,
) -> Result<(), Stop> {
    cursor.each::<Stop>(|cursor, tag| {
        let (mut id, mut name) = (None, None);
        match tag.name {
            "license" => cursor.each::<Stop>(|cursor, tag| {
                match tag.name {
                    "id" => id = said(cursor.text()?),
                    "name" => name = said(cursor.text()?),
                    _ => cursor.skip()?,
                }
                Ok(())
            })?,
            "expression" => id = said(cursor.text()?),
            "expression-detailed" => {
                id = tag.attribute("expression");
                cursor.skip()?;
            }
            _ => cursor.skip()?,
        }
        if let Some(text) = id.or(name) {
            b.licence(part, &text);
        }
        Ok(())
    })
}

/// The references of services, nested ones included: dependencies may name them, though they are
/// no components.
fn services<'de>(b: &mut Builder<'de>, cursor: &mut Cursor<'de>) -> Result<(), Stop> {
    let depth = cursor.depth();
    while cursor.depth() >= depth {
        match cursor.next()? {
            Token::Open(tag) if tag.ours && tag.name == "service" => {
                if let Some(name) = tag.attribute("bom-ref") {
                    b.name_other(name);
                }
            }
            Token::End => break,
            Token::Open(_) | Token::Close | Token::Text(_) => {}
        }
    }
    Ok(())
}

/// `<dependency ref="a"><dependency ref="b"/></dependency>`: a depends on b.
fn dependencies<'de>(b: &mut Builder<'de>, cursor: &mut Cursor<'de>) -> Result<(), Stop> {
    let depth = cursor.depth();
    // The references of the open elements; `None` for what is no dependency.
    let mut open: Vec<Option<u32>> = Vec::new();
    while cursor.depth() >= depth {
        match cursor.next()? {
            Token::Open(tag) if tag.ours && tag.name == "dependency" => {
                doubled(b, tag, false);
                let to = tag.attribute("ref").map(|name| b.reference(name));
                match (open.last().copied(), to) {
                    (Some(Some(from)), Some(to)) => b.depend(from, to)?,
                    (_, None) => b.at(Step::Member("dependencies"), |b| {
                        b.problem("a dependency without ref; not read");
                    }),
                    (_, Some(_)) => {}
                }
                open.push(to);
            }
            Token::Open(_) => open.push(None),
            Token::Close => drop(open.pop()),
            Token::End => break,
            Token::Text(_) => {}
        }
    }
    Ok(())
}
