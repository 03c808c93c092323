//! SBOM: the components in one of four arrangements, of which only the rows on the screen are made.

use std::{collections::BTreeSet, sync::Arc};

pub use super::unsigned::{Apart, Unattested, Unsigned};
use super::{Key, Row, pieces::signer, unsigned::apart};
use crate::{
    domain::{
        sbom::{
            Component, Quality, Query, Sbom,
            rows::{Arrangement, Line, Rows},
            tree::Shape,
            vulnerabilities::{Class, Findings},
        },
        verdict::Judgement,
    },
    inspect::{CheckId, CheckKind, FoundPiece, SbomFacts, Subject},
    tui::{
        mark::Mark,
        state::{Slot, State},
        text::{count, shown},
        theme::Role,
    },
};

/// The components of one SBOM, as far as they are unfolded.
#[derive(Clone, Debug, PartialEq)]
pub struct SbomView {
    /// Of which target.
    pub subject: Subject,
    /// Of which check.
    pub of: CheckId,
    /// The components.
    pub sbom: Arc<Sbom>,
    /// The rows.
    pub rows: Rows,
    /// For how many components it says what a reviewer needs.
    pub quality: Quality,
    /// What was searched for, as it was written.
    pub query: String,
    /// The same, read.
    pub wanted: Query,
    /// How many components could be hits and cannot be decided: their versions have no order.
    pub undecided: usize,
    /// What was found, in document order.
    pub hits: Vec<u32>,
    /// What is said of vulnerabilities, once it was found out.
    pub findings: Option<Arc<Findings>>,
    /// How much was known when somebody was sent to find it out.
    pub surveyed: Option<u64>,
    /// Whether the details show the component as it is written.
    pub raw: bool,
    /// The components that are marked for the export.
    pub marked: BTreeSet<u32>,
    /// Where nobody signed it: what is known of it instead.
    pub unsigned: Option<Arc<Unsigned>>,
}

impl SbomView {
    /// Arranges the rows anew; what was found stays found.
    pub fn arrange(&mut self, arrangement: Arrangement) {
        self.rows = Rows::new(&self.sbom, arrangement);
        if !self.query.trim().is_empty() {
            self.rows.filter(&self.sbom, &self.hits);
        }
    }
}

/// Makes the view of the SBOM that is to be shown, unless it is there.
pub fn sync(state: &mut State) {
    let Some(subject) = &state.open else {
        state.sbom = None;
        return;
    };
    let kept =
        |view: &SbomView| view.subject == *subject && offered(state).iter().any(|one| one.is(view));
    if state.sbom.as_ref().is_some_and(kept) {
        return;
    }
    state.sbom = offered(state).first().map(|one| one.view(subject));
}

/// One that can be shown.
struct Offered<'a> {
    of: CheckId,
    facts: &'a SbomFacts,
    unsigned: Option<&'a Arc<Unsigned>>,
}

impl Offered<'_> {
    fn is(&self, view: &SbomView) -> bool {
        self.of == view.of
            && Arc::ptr_eq(&self.facts.sbom, &view.sbom)
            && self.unsigned.is_some() == view.unsigned.is_some()
    }

    fn view(&self, subject: &Subject) -> SbomView {
        SbomView { unsigned: self.unsigned.map(Arc::clone), ..view(subject, &self.of, self.facts) }
    }
}

/// Every SBOM of the release, in the order in which they are offered: those whose attestation may
/// hold; what nobody signed, where none of those does; then those whose attestation does not hold.
/// The last ones wait until it is known whether somebody left an honest one unsigned.
fn offered(state: &State) -> Vec<Offered<'_>> {
    let (Some(subject), Some(slot)) = (&state.open, state.slot()) else { return vec![] };
    let contradicted = refutation(slot);
    let (refuted, mut all): (Vec<_>, Vec<_>) = slot
        .inspection
        .sboms()
        .map(|(id, facts)| Offered { of: id.clone(), facts, unsigned: None })
        .partition(|one| contradicted(one.facts));
    let apart = apart(state, subject, slot);
    all.extend(apart.into_iter().flatten().map(|found| {
        let of = CheckId { kind: CheckKind::Sbom, subject: Some(found.facts.carrier.clone()) };
        Offered { of, facts: &found.facts, unsigned: Some(found) }
    }));
    if apart.is_some() || subject.reference().is_none() || !all.is_empty() {
        all.extend(refuted);
    }
    all
}

/// Tells whether the attestation that carries an SBOM does not hold: a carrier may have several.
fn refutation(slot: &Slot) -> impl Fn(&SbomFacts) -> bool {
    let (mut refuted, mut held) = (BTreeSet::new(), BTreeSet::new());
    for (_, found) in slot.inspection.pieces() {
        let of = if found.piece.judgement == Judgement::Refuted { &mut refuted } else { &mut held };
        of.insert(&found.carrier);
    }
    move |facts| refuted.contains(&facts.carrier) && !held.contains(&facts.carrier)
}

/// How many can be shown.
pub fn number(state: &State) -> usize {
    offered(state).len()
}

/// Turns to the next SBOM; says whether there is another one.
pub fn next(state: &mut State) -> bool {
    let (Some(subject), Some(now)) = (&state.open, &state.sbom) else { return false };
    let all = offered(state);
    let here = all.iter().position(|one| one.is(now)).unwrap_or(0);
    match all.get((here + 1) % all.len().max(1)) {
        Some(one) if all.len() > 1 => {
            state.sbom = Some(one.view(subject));
            true
        }
        _ => false,
    }
}

fn view(subject: &Subject, id: &CheckId, facts: &SbomFacts) -> SbomView {
    SbomView {
        subject: subject.clone(),
        of: id.clone(),
        rows: Rows::new(&facts.sbom, Arrangement::Dependencies),
        quality: facts.sbom.quality(),
        sbom: Arc::clone(&facts.sbom),
        query: String::new(),
        wanted: Query::default(),
        undecided: 0,
        hits: Vec::new(),
        findings: None,
        surveyed: None,
        raw: false,
        marked: BTreeSet::new(),
        unsigned: None,
    }
}

/// Lines above the rows: what the document is, how much it says, and what is searched for. Where
/// there are few rows, the second gives way.
pub const fn header(rows: usize) -> usize {
    if rows < 12 { 2 } else { 3 }
}

/// How many rows there are.
pub fn len(state: &State) -> usize {
    state.sbom.as_ref().map_or(0, |view| view.rows.len())
}

/// What the row under the cursor is of.
pub fn selected(state: &State) -> Option<Key> {
    let view = state.sbom.as_ref()?;
    Some(match view.rows.get(state.master().selected)? {
        Line::Component(row) if view.raw => Key::RawComponent(row.component),
        Line::Component(row) => Key::Component(row.component),
        Line::Group(number, _) => Key::Group(number),
    })
}

/// The facts of the SBOM that is shown.
pub fn facts<'a>(slot: &'a Slot, view: &'a SbomView) -> Option<&'a SbomFacts> {
    if let Some(unsigned) = &view.unsigned {
        return Some(&unsigned.facts);
    }
    slot.inspection.sboms().find(|(id, _)| **id == view.of).map(|(_, facts)| facts)
}

/// `group/name`, as it is shown.
pub fn name(component: Component<'_>) -> String {
    match component.group() {
        Some(group) => format!("{}/{}", shown(group), shown(component.name())),
        None => shown(component.name()),
    }
}

/// The rows from `from` on, at most `rows` of them.
pub fn window(view: &SbomView, from: usize, rows: usize) -> Vec<Row> {
    let lines = (from..).map_while(|at| view.rows.get(at));
    lines
        .take(rows)
        .map(|line| match line {
            Line::Component(_) => component(view, line),
            Line::Group(number, open) => group(view, number, open),
        })
        .collect()
}

fn group(view: &SbomView, number: usize, open: bool) -> Row {
    let (label, shown_members, all) = view.rows.group(number).unwrap_or((None, 0, 0));
    let label = label.map_or_else(|| "nothing is said".to_owned(), shown);
    let sign = if open { "▾" } else { "▸" };
    let counted = if shown_members == all {
        count(all, "component")
    } else {
        format!("{shown_members} of {}", count(all, "component"))
    };
    Row::new(Key::Group(number), None, format!("{sign} {label}")).right(counted)
}

fn component(view: &SbomView, line: Line) -> Row {
    let place = line.component().flatten();
    let component = view.sbom.at(place);
    let hit = place.is_some_and(|n| view.hits.binary_search(&n).is_ok());
    let flat = matches!(view.rows.arrangement(), Arrangement::List(_));
    let sign = match line.shape() {
        Shape::Leaf if flat => "",
        Shape::Leaf => "  ",
        Shape::Open => "▾ ",
        Shape::Closed => "▸ ",
        Shape::SeenAbove => "↑ ",
        Shape::Cycle => "↻ ",
    };
    let indent = "  ".repeat(usize::from(line.depth().min(24)));
    let title = component.map_or_else(|| "the document".to_owned(), title);
    let row = Row::new(Key::Component(place), None, format!("{indent}{sign}{title}"));
    let row = match line.shape() {
        Shape::SeenAbove => row.right("seen above"),
        Shape::Cycle => row.right("a cycle"),
        Shape::Closed => {
            let below = view.sbom.dependencies_of(place).len();
            row.right(if below == 0 { String::new() } else { format!("{below} below") })
        }
        Shape::Leaf if flat => match view.sbom.dependents_of(place).len() {
            0 => row,
            users => row.right(format!("used by {users}")),
        },
        Shape::Leaf | Shape::Open => row,
    };
    let row = match said(view, place) {
        Some((mark, words)) => Row { mark: Some(mark), right: words, ..row },
        None => row,
    };
    let dim =
        matches!(line.shape(), Shape::SeenAbove | Shape::Cycle) || (!view.query.is_empty() && !hit);
    let text = component.map(licences).unwrap_or_default();
    row.text(text).role(if dim { Role::Dim } else { Role::Text })
}

/// What attestations say of vulnerabilities in a component: a mark, and of how many.
///
/// Whoever is not proved to be the demanded signer can warn, and cannot give the all-clear.
pub fn said(view: &SbomView, place: Option<u32>) -> Option<(Mark, String)> {
    let mark = view.findings.as_ref()?.mark(place)?;
    let proved = mark.word.proved().is_some();
    let sign = match mark.word.said() {
        Class::Harmless if proved => Mark::Proved,
        Class::Harmless => Mark::Unverified,
        Class::Unclear | Class::Open => Mark::Undecided,
        Class::Reported | Class::Harmful => Mark::Warning,
    };
    let word = match mark.word.said() {
        Class::Harmless => "harmless",
        Class::Unclear => "unclear",
        Class::Open => "open",
        Class::Reported => "reported",
        Class::Harmful => "affected",
    };
    Some((sign, format!("{} {word}", mark.vulnerabilities)))
}

/// What the search found, or how its words are meant.
pub fn found(view: &SbomView) -> String {
    if let Some(hint) = view.wanted.hint() {
        return shown(hint);
    }
    let all = count(view.sbom.counts().components, "component");
    let found = format!("{} of {all}", view.hits.len());
    let versions = match view.undecided {
        0 => None,
        1 => Some("1 version cannot be compared".to_owned()),
        many => Some(format!("{many} versions cannot be compared")),
    };
    let unread = match (view.sbom.left_out(), view.sbom.unread()) {
        (Some(_), _) => Some("not read to its end".to_owned()),
        (None, 0) => None,
        (None, 1) => Some("1 entry could not be read".to_owned()),
        (None, many) => Some(format!("{many} entries could not be read")),
    };
    let doubts: Vec<String> = versions.into_iter().chain(unread).collect();
    if doubts.is_empty() {
        return format!("{found} · n next · N before");
    }
    format!("{found} · {}", doubts.join(" · "))
}

/// `by dependencies`, `list by name`.
pub fn arrangement(view: &SbomView) -> String {
    match view.rows.arrangement() {
        Arrangement::Dependencies => "tree of dependencies".to_owned(),
        Arrangement::Nesting => "tree by nesting".to_owned(),
        Arrangement::List(key) => format!("list {}", key.words()),
        Arrangement::Groups(key) => format!("groups by {}", key.words()),
    }
}

/// `version 72 · purl 72 · …` of so many components: the minimum elements.
pub fn quality(view: &SbomView) -> String {
    let all = view.quality;
    let each = [
        ("version", all.version),
        ("purl", all.purl),
        ("licence", all.licence),
        ("supplier", all.supplier),
        ("hash", all.hash),
    ];
    let said = each.map(|(what, with)| match with {
        with if with == all.components => format!("{what} all"),
        0 => format!("{what} none"),
        with => format!("{what} {with}"),
    });
    let edges = if all.edges == 0 { " · no dependencies are stated" } else { "" };
    format!("says {}{edges}", said.join(" · "))
}

fn title(component: Component<'_>) -> String {
    let version = component.version().map(shown).unwrap_or_default();
    format!("{} {version}", name(component))
}

fn licences(component: Component<'_>) -> String {
    let each: Vec<String> = component.licences().take(4).map(shown).collect();
    each.join(", ")
}

/// `CycloneDX 1.6 · 412 components · 611 edges · attested by the demanded signer`.
pub fn headline(slot: &Slot, view: &SbomView) -> (String, bool) {
    let counts = view.sbom.counts();
    let facts = facts(slot, view);
    let attested = facts.is_some_and(|facts| facts.attested);
    let nobody = view.unsigned.as_ref().map(|found| format!("UNVERIFIED: {}", found.words()));
    let words = match nobody {
        _ if attested => "attested, proved".to_owned(),
        Some(nobody) => nobody,
        None if facts.is_some_and(|facts| refutation(slot)(facts)) => {
            "UNVERIFIED: its attestation does not hold".to_owned()
        }
        None => "UNVERIFIED: read, not vouched for".to_owned(),
    };
    let platform = facts.and_then(|facts| facts.platform.as_deref());
    let platform = platform.map(|p| format!(" · describes {} only !", shown(p)));
    let signer = facts.filter(|facts| facts.attested).and_then(|facts| signed_by(slot, facts));
    let signer = signer.map(|signer| format!(" · by {}", shown(&signer)));
    let all = slot.inspection.sboms().count();
    let several = if all > 1 { format!(" · 1 of {all}, s next") } else { String::new() };
    let some = if view.sbom.left_out().is_some() { "at least " } else { "" };
    let line = format!(
        "{} · {some}{} · {} · {words}{several}{}{}",
        shown(view.sbom.format()),
        count(counts.components, "component"),
        count(counts.edges, "edge"),
        platform.unwrap_or_default(),
        signer.unwrap_or_default(),
    );
    (line, attested)
}

/// Who signed the attestation that carried it.
fn signed_by(slot: &Slot, facts: &SbomFacts) -> Option<String> {
    let mut pieces = slot.inspection.pieces();
    let carried = |found: &&FoundPiece| {
        found.carrier == facts.carrier && found.piece.judgement == Judgement::Proved
    };
    pieces.find_map(|(_, found)| Some(found).filter(carried)).and_then(|f| signer(&f.piece))
}
