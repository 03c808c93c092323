//! The member `vulnerabilities` of a CycloneDX document: the SBOM's own, or another one's.

use serde::de::{DeserializeSeed as _, IgnoredAny, MapAccess};
use serde_json::value::RawValue;

use super::{
    super::{
        Sbom,
        json::{Found, Read, Reader, Text, each},
        mend,
    },
    Attested, Standing, State, Statement,
    fold::Sink,
    name::{Document, MAX_NAMES, Name, Named, Target, VersionSaid},
    purl::{Purl, Strictness},
    read::{aliases, doubt, id, joined, text},
};
use crate::domain::{
    Timestamp,
    predicate::tree::{Room, Tree},
};

/// How much of one entry is read.
const ROOM: Room = Room { nodes: 50_000, text: 1 << 20 };

/// Whether a document may have such a member. Its name can be written with escapes, which no honest
/// writer does with a letter; where somebody did, the document is read to know.
pub(super) fn may_speak(document: &str) -> bool {
    let bytes = document.as_bytes();
    let letter = |at: usize| {
        let digits = at.checked_add(4).and_then(|from| document.get(from..from.checked_add(2)?));
        let code = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok());
        code.is_some_and(|code| code.is_ascii_lowercase())
    };
    memchr::memmem::find(bytes, b"vulnerabilities").is_some()
        || memchr::memmem::find_iter(bytes, b"\\u00").any(letter)
}

/// What the SBOM says of its own components, and which document it is, if it was read for that.
pub(super) fn own(sbom: &Sbom, standing: Standing, sink: &mut Sink) -> Option<Document> {
    let source = sbom.source().text();
    if !sbom.format().starts_with("CycloneDX") || !may_speak(source) {
        return None;
    }
    let begin = |sink: &mut Sink| {
        sink.begin("the SBOM itself".to_owned(), standing, sbom.created().map(str::to_owned));
    };
    if is_xml(source) {
        begin(sink);
        sink.missed("vulnerabilities in CycloneDX XML are not read".to_owned());
        return None;
    }
    document(source, &|_, bom_ref| Name::Ref(None, bom_ref.to_owned()), &begin, sink)
}

/// Which document the SBOM is. Reads all of it.
pub(super) fn identity(sbom: &Sbom) -> Option<Document> {
    let source = sbom.source().text();
    if !sbom.format().starts_with("CycloneDX") || is_xml(source) {
        return None;
    }
    let (seen, _) = read(source.trim_start_matches('\u{feff}'));
    Some(Document::of(seen.serial.as_deref()?, seen.version.as_deref()))
}

fn is_xml(source: &str) -> bool {
    source.trim_start_matches('\u{feff}').trim_start().starts_with('<')
}

/// What another CycloneDX document says of components of this one.
pub(super) fn beside(from: &Attested<'_>, sink: &mut Sink) {
    let begin = |sink: &mut Sink| {
        sink.begin("CycloneDX beside the SBOM".to_owned(), from.standing, None);
    };
    // What is no BOM-Link refers to that document; many writers use the purl as reference.
    let name = |document: Option<&Document>, bom_ref: &str| {
        let purl = || Purl::parse(bom_ref).map(Name::Purl);
        let nameless = || Document { serial: String::new(), version: String::new() };
        let link =
            || Name::Ref(Some(document.cloned().unwrap_or_else(nameless)), bom_ref.to_owned());
        purl().unwrap_or_else(link)
    };
    document(from.predicate, &name, &begin, sink);
}

/// What a document says: its head, and its entries as they stand.
#[derive(Default)]
struct Seen<'de> {
    serial: Option<String>,
    version: Option<String>,
    timestamp: Option<String>,
    entries: Vec<&'de RawValue>,
    /// Entries that are not kept.
    more: usize,
    speaks: bool,
    not_a_list: bool,
}

type Naming<'a> = &'a dyn Fn(Option<&Document>, &str) -> Name;

fn document(
    source: &str,
    name: Naming<'_>,
    begin: &dyn Fn(&mut Sink),
    sink: &mut Sink,
) -> Option<Document> {
    let body = source.trim_start_matches('\u{feff}');
    let mended;
    let (mut seen, mut broken) = read(body);
    if broken && let Some((text, _)) = mend::json(body) {
        mended = text;
        (seen, broken) = read(&mended);
    }
    let document =
        seen.serial.as_deref().map(|serial| Document::of(serial, seen.version.as_deref()));
    if !seen.speaks {
        return document;
    }
    begin(sink);
    let written = seen.timestamp.as_deref().and_then(|at| at.parse().ok());
    for (at, raw) in seen.entries.iter().enumerate() {
        match entry(raw.get(), written, &|bom_ref| name(document.as_ref(), bom_ref)) {
            Ok((statement, targets)) => sink.push(statement, targets),
            Err(why) => sink.problem(format!("vulnerabilities[{at}]: {why}")),
        }
    }
    if seen.not_a_list {
        sink.problem("vulnerabilities is no list".to_owned());
    }
    if seen.more > 0 {
        sink.missed(format!("{} more vulnerabilities were not read", seen.more));
    }
    if broken {
        sink.missed("the document breaks off: it may say more of vulnerabilities".to_owned());
    }
    document
}

/// Reads a document, and whether it broke off.
fn read(text: &str) -> (Seen<'_>, bool) {
    let mut seen = Seen::default();
    let mut json = serde_json::Deserializer::from_str(text);
    let read = Read(&mut seen).deserialize(&mut json);
    (seen, read.is_err())
}

impl<'de> Reader<'de> for &mut Seen<'de> {
    fn object<A: MapAccess<'de>>(self, mut map: A) -> Result<Found, A::Error> {
        let said = |text: Text<'de>| text.said().map(std::borrow::Cow::into_owned);
        while let Some(key) = map.next_key::<Text<'de>>()? {
            match key.said().as_deref() {
                Some("serialNumber") => self.serial = said(map.next_value()?),
                Some("version") => self.version = said(map.next_value()?),
                Some("metadata") => {
                    let raw = map.next_value::<&'de RawValue>()?;
                    self.timestamp = timestamp(raw.get());
                }
                Some("vulnerabilities") => {
                    self.speaks = true;
                    let most = super::MAX_STATEMENTS;
                    let (entries, more) = (&mut self.entries, &mut self.more);
                    let found = map.next_value_seed(each(|_, raw: &'de RawValue| {
                        if entries.len() < most {
                            entries.push(raw);
                        } else {
                            *more = more.saturating_add(1);
                        }
                    }))?;
                    self.not_a_list |= matches!(found, Found::Other(_));
                }
                Some(_) | None => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        Ok(Found::Wanted)
    }
}

fn timestamp(metadata: &str) -> Option<String> {
    #[derive(serde::Deserialize)]
    struct Metadata<'a> {
        #[serde(borrow, default)]
        timestamp: Text<'a>,
    }
    let read = serde_json::from_str::<Metadata<'_>>(metadata).ok()?;
    read.timestamp.said().map(std::borrow::Cow::into_owned)
}

fn entry(
    raw: &str,
    written: Option<Timestamp>,
    name: &dyn Fn(&str) -> Name,
) -> Result<(Statement, Vec<Target>), String> {
    let tree = Tree::read(raw, &[], ROOM)?;
    if let Some(why) = doubt(&tree) {
        return Err(why);
    }
    let vulnerability = id(text(&tree, &["id"]).or_else(|| text(&tree, &["bom-ref"])))?;
    let state = text(&tree, &["analysis", "state"]);
    let at = ["lastUpdated", "firstIssued"].iter().find_map(|at| text(&tree, &["analysis", at]));
    let references = tree.get("references").map(Tree::items).unwrap_or_default();
    let statement = Statement {
        origin: 0,
        vulnerability,
        aliases: aliases(references.iter().filter_map(|r| text(r, &["id"]))),
        state: state.map_or(State::Reported, |state| State::of(&state)),
        severity: worst(tree.get("ratings")),
        justification: text(&tree, &["analysis", "justification"]),
        detail: joined([
            text(&tree, &["analysis", "detail"]),
            text(&tree, &["recommendation"]),
            text(&tree, &["workaround"]),
        ]),
        at: at.and_then(|at| at.parse().ok()).or(written),
    };
    let affects = match tree.get("affects") {
        None => return Ok((statement, vec![])),
        Some(Tree::List { items, left_out: 0 }) if items.len() <= MAX_NAMES => items,
        Some(_) => return Err("affects is no list, or one that is too long".to_owned()),
    };
    let targets = affects.iter().map(|affected| {
        let bom_ref = text(affected, &["ref"]).ok_or("affects has an entry without ref")?;
        let named = Name::link(&bom_ref).unwrap_or_else(|| name(&bom_ref));
        Ok(Target {
            product: None,
            part: Some(Named::one(&bom_ref, named)),
            strictness: Strictness::Statement,
            versions: versions(affected),
        })
    });
    Ok((statement, targets.collect::<Result<_, String>>()?))
}

/// CycloneDX: "status […] The default is 'affected'".
fn versions(affected: &Tree) -> Vec<VersionSaid> {
    let all = affected.get("versions").map(Tree::items).unwrap_or_default();
    let said = |entry: &Tree| VersionSaid {
        version: text(entry, &["version"]),
        status: text(entry, &["status"]).unwrap_or_else(|| "affected".to_owned()),
    };
    all.iter().map(said).collect()
}

/// The worst severity of all ratings: sources differ, and the mildest is not the safe one.
fn worst(ratings: Option<&Tree>) -> Option<String> {
    const ORDER: [&str; 7] = ["none", "unknown", "info", "low", "medium", "high", "critical"];
    let words = ratings.map(Tree::items).unwrap_or_default().iter();
    let words = words.filter_map(|rating| text(rating, &["severity"]));
    words.max_by_key(|word| ORDER.iter().position(|known| known == word))
}
