//! Documents beside the SBOM → statements and what they name: OpenVEX, and what scanners find.

use super::{
    Attested, MAX_DOCUMENT_BYTES, State, Statement, cyclonedx,
    fold::Sink,
    name::{MAX_NAMES, Named, Target},
    scan,
};
use crate::domain::{
    predicate::{
        Family,
        tree::{Room, Tree},
    },
    text::shorten,
};

/// More than a screen needs: a scan has ten thousand findings of a hundred values each. Thrown away
/// once it is read.
const ROOM: Room = Room { nodes: 1_000_000, text: 32 << 20 };
/// The most aliases of one vulnerability.
const MAX_ALIASES: usize = 20;
/// The longest id of a vulnerability, in bytes.
const MAX_ID: usize = 256;
/// The longest foreign name in a message, in columns.
const SHOWN: usize = 80;

/// Reads one attestation, if it speaks of vulnerabilities.
pub(super) fn attested(from: &Attested<'_>, sink: &mut Sink) {
    let family = Family::of(from.predicate_type);
    let speaks = match family {
        Family::Vex | Family::Scan => true,
        Family::CycloneDx => cyclonedx::may_speak(from.predicate),
        Family::Custom | Family::Other => is_csaf(from),
        _ => false,
    };
    if !speaks {
        return;
    }
    let name = family.name().unwrap_or_else(|| "CSAF".to_owned());
    if !sink.has_room() {
        sink.missed("more documents about vulnerabilities than are read".to_owned());
        return;
    }
    if from.predicate.len() > MAX_DOCUMENT_BYTES {
        let bytes = from.predicate.len();
        sink.missed(format!("{name}: {bytes} bytes; at most {MAX_DOCUMENT_BYTES} are read"));
        return;
    }
    match family {
        Family::CycloneDx => cyclonedx::beside(from, sink),
        Family::Vex | Family::Scan => match Tree::read(from.predicate, &[], ROOM) {
            Ok(tree) if family == Family::Vex => openvex(&tree, from, sink),
            Ok(tree) => scan::read(&tree, from, sink),
            Err(why) => sink.missed(format!("{name}: cannot be read: {}", shown(&why))),
        },
        _ => sink.missed("a CSAF document is beside it; it is recognised and not read".to_owned()),
    }
}

/// OASIS CSAF 2.0, 3.2.1: `document/csaf_version`. There is no predicate type of its own: it comes
/// under cosign's `custom`, as text or JSON, or under a URI that somebody made up.
fn is_csaf(from: &Attested<'_>) -> bool {
    memchr::memmem::find(from.predicate.as_bytes(), b"csaf_version").is_some()
}

/// A text at a path, if it says something.
pub(super) fn text(tree: &Tree, path: &[&str]) -> Option<String> {
    match tree.at(path)? {
        Tree::Text(text) | Tree::Number(text) if !text.is_empty() => Some(text.clone()),
        _ => None,
    }
}

/// The texts of an array.
pub(super) fn texts(list: Option<&Tree>) -> impl Iterator<Item = String> {
    let items = list.map(Tree::items).unwrap_or_default();
    items.iter().filter_map(Tree::text).map(str::to_owned)
}

/// The id of a vulnerability; what is longer is none.
pub(super) fn id(text: Option<String>) -> Result<String, String> {
    match text.filter(|id| !id.is_empty()) {
        None => Err("names no vulnerability".to_owned()),
        Some(id) if id.len() > MAX_ID => Err(format!("an id of more than {MAX_ID} bytes")),
        Some(id) => Ok(id),
    }
}

/// Its other ids, the first ones.
pub(super) fn aliases(all: impl Iterator<Item = String>) -> Vec<String> {
    all.filter(|id| !id.is_empty() && id.len() <= MAX_ID).take(MAX_ALIASES).collect()
}

/// A foreign word in a message.
pub(super) fn shown(word: &str) -> String {
    shorten(word, SHOWN)
}

/// Why an entry cannot be taken for what it says: a member that stands twice, of which readers
/// take different ones, so that one shows "affected" and another "not affected"; or one that was
/// left out because there was no room, so that a statement about one package would become one
/// about everything.
pub(super) fn doubt(tree: &Tree) -> Option<String> {
    if let Tree::Map { left_out: 1.., .. } | Tree::List { left_out: 1.., .. } = tree {
        return Some("is too large to be read whole".to_owned());
    }
    if let Some(name) = twice(tree) {
        return Some(format!("{} stands twice", shown(name)));
    }
    match tree {
        Tree::Map { fields, .. } => fields.iter().find_map(|(_, value)| doubt(value)),
        Tree::List { items, .. } => items.iter().find_map(doubt),
        _ => None,
    }
}

/// Says so where the outer parts of a document have a member twice: only the first is read.
pub(super) fn outer(name: &str, tree: &Tree, sink: &mut Sink) {
    if let Some(member) = twice(tree) {
        sink.missed(format!("{name}: {} stands twice; only the first is read", shown(member)));
    }
}

/// A member that stands twice.
fn twice(tree: &Tree) -> Option<&str> {
    let Tree::Map { fields, .. } = tree else { return None };
    let mut names: Vec<&str> = fields.iter().map(|(name, _)| name.as_str()).collect();
    names.sort_unstable();
    let pairs = names.iter().zip(names.iter().skip(1));
    pairs.into_iter().find(|(a, b)| a == b).map(|(a, _)| *a)
}

fn openvex(tree: &Tree, from: &Attested<'_>, sink: &mut Sink) {
    let author = text(tree, &["author"]);
    let name = author
        .map_or_else(|| "OpenVEX".to_owned(), |author| format!("OpenVEX by {}", shown(&author)));
    let written = text(tree, &["timestamp"]);
    sink.begin(name.clone(), from.standing, written.clone());
    outer(&name, tree, sink);
    let Some(Tree::List { items, left_out }) = tree.get("statements") else {
        sink.problem(format!("{name}: no statements"));
        return;
    };
    for (at, item) in items.iter().enumerate() {
        match statement(item, written.as_deref()) {
            Ok((statement, targets)) => sink.push(statement, targets),
            Err(why) => sink.problem(format!("{name}: statements[{at}]: {why}")),
        }
    }
    if *left_out > 0 {
        sink.missed(format!("{name}: {left_out} more statements were not read"));
    }
}

fn statement(item: &Tree, written: Option<&str>) -> Result<(Statement, Vec<Target>), String> {
    if let Some(why) = doubt(item) {
        return Err(why);
    }
    let named = item.get("vulnerability");
    // An object since v0.2.0, a text before.
    let inside = |named| text(named, &["name"]).or_else(|| text(named, &["@id"]));
    let vulnerability =
        named.and_then(|named| named.text().map(str::to_owned).or_else(|| inside(named)));
    let vulnerability = id(vulnerability)?;
    let status = text(item, &["status"]).ok_or("has no status")?;
    // OpenVEX "Inheritance Flow": a statement without a timestamp has the document's.
    let at = text(item, &["timestamp"]);
    let statement = Statement {
        origin: 0,
        vulnerability,
        aliases: aliases(texts(named.and_then(|named| named.get("aliases")))),
        state: State::of(&status),
        severity: None,
        justification: text(item, &["justification"]),
        detail: joined([
            text(item, &["impact_statement"]),
            text(item, &["action_statement"]),
            text(item, &["status_notes"]),
        ]),
        at: at.as_deref().or(written).and_then(|at| at.parse().ok()),
    };
    Ok((statement, products(item)?))
}

/// What an OpenVEX statement names. Without products it is about what it is attached to.
fn products(item: &Tree) -> Result<Vec<Target>, String> {
    let list = |item: &Tree, name: &str| match item.get(name) {
        None => Ok(vec![]),
        Some(list @ Tree::List { items, left_out: 0 }) if items.len() <= MAX_NAMES => {
            let names = list.items().iter().map(Named::openvex).collect::<Option<Vec<_>>>();
            names.ok_or_else(|| format!("{name} has an entry without a name"))
        }
        Some(_) => Err(format!("{name} is no list, or one that is too long")),
    };
    // Until v0.0.2 parts stood in the statement.
    let shared = list(item, "subcomponents")?;
    let products = list(item, "products")?;
    let mut all = vec![];
    if products.is_empty() {
        let parts = shared.into_iter().map(|part| Target::statement(None, Some(part)));
        all.extend(parts);
        return Ok(all);
    }
    let own = item.get("products").map(Tree::items).unwrap_or_default();
    for (product, tree) in products.into_iter().zip(own) {
        let mut parts = list(tree, "subcomponents")?;
        if parts.is_empty() {
            parts.clone_from(&shared);
        }
        if parts.is_empty() {
            all.push(Target::statement(Some(product), None));
        } else {
            let within = |part| Target::statement(Some(product.clone()), Some(part));
            all.extend(parts.into_iter().map(within));
        }
        if all.len() > MAX_NAMES {
            return Err(format!("names more than {MAX_NAMES} things"));
        }
    }
    Ok(all)
}

/// What is said, in one text.
pub(super) fn joined(all: [Option<String>; 3]) -> Option<String> {
    let all: Vec<String> = all.into_iter().flatten().collect();
    (!all.is_empty()).then(|| all.join("; "))
}
