//! CycloneDX JSON 1.2 to 1.7 (ECMA-424), read leniently.
//!
//! Members that are not shown are skipped unread. A member that stands twice is a problem, because
//! readers differ in which one they take: of texts the last holds, as in most, lists are joined.

use std::borrow::Cow;

use serde::{
    Deserialize,
    de::{DeserializeSeed as _, Error as _, IgnoredAny, MapAccess, SeqAccess},
};
use serde_json::value::RawValue;

use super::{
    MAX_EDGES, SbomError,
    build::{Builder, Step, Stop},
    json::{Found, Read, Reader, Text, each},
    parts::{Outer, Seen, Subject, components},
    sniff::clip,
};

const VERSIONS: [&str; 6] = ["1.2", "1.3", "1.4", "1.5", "1.6", "1.7"];

/// Reads a document that says it is CycloneDX.
pub(super) fn read<'de>(builder: &mut Builder<'de>, text: &'de str) -> Result<(), Stop> {
    let mut json = serde_json::Deserializer::from_str(text);
    let read = Read(Document(builder)).deserialize(&mut json);
    read.and_then(|_| json.end()).map_err(|e| builder.refusal(&e))
}

struct Document<'b, 'de>(&'b mut Builder<'de>);

impl<'de> Reader<'de> for Document<'_, 'de> {
    fn object<A: MapAccess<'de>>(self, mut map: A) -> Result<Found, A::Error> {
        let b = self.0;
        let mut seen = Seen::default();
        while let Some(key) = map.next_key::<Text<'de>>()? {
            let known = key.said().and_then(|key| seen.member(b, &key, &DOCUMENT));
            let Some(name) = known else {
                map.next_value::<IgnoredAny>()?;
                continue;
            };
            match name {
                "specVersion" => {
                    version(b, map.next_value()?).map_err(|e| A::Error::custom(b.give_up(e)))?;
                }
                "spdxVersion" => {
                    map.next_value::<IgnoredAny>()?;
                    b.hides("the document also says that it is SPDX; read as CycloneDX");
                }
                "metadata" => {
                    let found = b.at(Step::Member(name), |b| map.next_value_seed(Read(Meta(b))))?;
                    b.expect(name, "an object", found);
                }
                "components" => components(b, Outer::Document, 0, &mut map)?,
                "services" => {
                    let found = map.next_value_seed(each(|_, raw: &RawValue| service(b, raw)))?;
                    b.expect(name, "an array", found);
                }
                _ => {
                    let found =
                        b.at(Step::Member(name), |b| map.next_value_seed(Read(Dependencies(b))))?;
                    b.expect(name, "an array", found);
                }
            }
        }
        if b.format == "CycloneDX" {
            b.problem("no specVersion");
        }
        Ok(Found::Wanted)
    }
}

const DOCUMENT: [&str; 6] =
    ["specVersion", "spdxVersion", "metadata", "components", "services", "dependencies"];

fn version<'de>(b: &mut Builder<'de>, text: Text<'de>) -> Result<(), SbomError> {
    let Some(version) = b.said("specVersion", text) else { return Ok(()) };
    b.format = format!("CycloneDX {}", clip(&version));
    readable(&version)?;
    if !VERSIONS.contains(&version.as_ref()) {
        b.hides(format!("specVersion {:?} is not one of 1.2 to 1.7", clip(&version)));
    }
    Ok(())
}

/// Nobody knows where another major version keeps its components: that none is found in the
/// places of this one would say nothing.
///
/// # Errors
/// [`SbomError::Unsupported`].
pub(super) fn readable(version: &str) -> Result<(), SbomError> {
    let major = version.split('.').next().unwrap_or_default();
    match major.parse::<u64>() {
        Ok(major) if major != 1 => {
            Err(SbomError::Unsupported(format!("CycloneDX {}", clip(version))))
        }
        Ok(_) | Err(_) => Ok(()),
    }
}

/// The reference of a service: dependencies may name it, though it is no component.
fn service<'de>(b: &mut Builder<'de>, raw: &'de RawValue) {
    #[derive(Deserialize)]
    struct Service<'a> {
        #[serde(rename = "bom-ref", borrow, default)]
        bom_ref: Text<'a>,
    }
    if let Some(name) =
        serde_json::from_str::<Service<'_>>(raw.get()).ok().and_then(|s| s.bom_ref.said())
    {
        b.name_other(name);
    }
}

struct Meta<'b, 'de>(&'b mut Builder<'de>);

impl<'de> Reader<'de> for Meta<'_, 'de> {
    fn object<A: MapAccess<'de>>(self, mut map: A) -> Result<Found, A::Error> {
        let b = self.0;
        let mut seen = Seen::default();
        while let Some(key) = map.next_key::<Text<'de>>()? {
            let known = key
                .said()
                .and_then(|key| seen.member(b, &key, &["timestamp", "tools", "component"]));
            let Some(name) = known else {
                map.next_value::<IgnoredAny>()?;
                continue;
            };
            match name {
                "timestamp" => {
                    let text = map.next_value()?;
                    b.created = b.said(name, text).map(Cow::into_owned);
                }
                "tools" => b.tool = tools(map.next_value()?),
                _ => {
                    let found =
                        b.at(Step::Member(name), |b| map.next_value_seed(Read(Subject(b))))?;
                    b.expect(name, "an object", found);
                }
            }
        }
        Ok(Found::Wanted)
    }
}

/// The names and versions of the tools: an array until 1.4, an object with components since 1.5.
fn tools(raw: &RawValue) -> Option<String> {
    #[derive(Deserialize)]
    struct Tool<'a> {
        #[serde(borrow, default)]
        name: Text<'a>,
        #[serde(borrow, default)]
        version: Text<'a>,
    }
    #[derive(Deserialize)]
    struct Tools<'a> {
        #[serde(borrow)]
        components: Option<&'a RawValue>,
    }
    // A derived struct would take the first element of an array for its first member.
    let object = raw.get().starts_with('{').then(|| serde_json::from_str::<Tools<'_>>(raw.get()));
    let list = object.and_then(Result::ok).and_then(|tools| tools.components);
    let mut all: Vec<String> = Vec::new();
    let mut json = serde_json::Deserializer::from_str(list.unwrap_or(raw).get());
    let seed = each(|_, raw: &RawValue| {
        let tool = serde_json::from_str::<Tool<'_>>(raw.get()).ok();
        let words = tool.map(|t| [t.name.said(), t.version.said()].into_iter().flatten());
        let words: Vec<_> = words.into_iter().flatten().collect();
        if !words.is_empty() && all.len() < 16 {
            all.push(words.join(" "));
        }
    });
    seed.deserialize(&mut json).ok()?;
    (!all.is_empty()).then(|| all.join(", "))
}

/// The member `dependencies`: who depends on whom, by reference.
struct Dependencies<'b, 'de>(&'b mut Builder<'de>);

impl<'de> Reader<'de> for Dependencies<'_, 'de> {
    fn array<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Found, A::Error> {
        let b = self.0;
        let mut targets = Vec::new();
        for index in 0_usize.. {
            let entry = b.at(Step::Element(index), |b| {
                let found = seq.next_element_seed(Read(Dependency { b, targets: &mut targets }))?;
                match found {
                    Some(Found::Other(other)) => b.problem(format!("{other}; not read")),
                    Some(Found::Null) => b.problem("null; not read"),
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

struct Dependency<'b, 't, 'de> {
    b: &'b mut Builder<'de>,
    /// Empty between entries; only its memory is kept.
    targets: &'t mut Vec<u32>,
}

impl<'de> Reader<'de> for Dependency<'_, '_, 'de> {
    fn object<A: MapAccess<'de>>(self, mut map: A) -> Result<Found, A::Error> {
        let Self { b, targets } = self;
        let mut from = None;
        targets.clear();
        while let Some(key) = map.next_key::<Text<'de>>()? {
            match key.said().as_deref() {
                Some("ref") => {
                    let text = map.next_value()?;
                    from = b.said("ref", text).map(|text| b.reference(text));
                }
                Some("dependsOn") => {
                    let found = map.next_value_seed(each(|_, text: Text<'de>| {
                        let text = b.said("dependsOn", text).filter(|_| targets.len() <= MAX_EDGES);
                        targets.extend(text.map(|text| b.reference(text)));
                    }))?;
                    b.expect("dependsOn", "an array", found);
                }
                Some(_) | None => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        let Some(from) = from else {
            b.problem("no ref; not read");
            return Ok(Found::Wanted);
        };
        for to in targets.drain(..) {
            b.depend(from, to).map_err(|e| A::Error::custom(b.give_up(e)))?;
        }
        Ok(Found::Wanted)
    }
}
