//! SBOM: the component tree, of which only the rows on the screen are made.

use std::sync::Arc;

use super::{Key, Row};
use crate::{
    domain::sbom::{
        Component, Sbom,
        tree::{Shape, Tree},
    },
    inspect::{CheckId, SbomFacts, Subject},
    tui::{
        state::{Slot, State},
        text::{count, shown},
        theme::Role,
    },
};

/// The component tree of one SBOM, as far as it is unfolded.
#[derive(Clone, Debug, PartialEq)]
pub struct SbomView {
    /// Of which target.
    pub subject: Subject,
    /// Of which check.
    pub of: CheckId,
    /// The components.
    pub sbom: Arc<Sbom>,
    /// The rows.
    pub tree: Tree,
    /// What was searched for.
    pub query: String,
    /// What was found, in document order.
    pub hits: Vec<u32>,
}

/// Makes the view of the SBOM that is to be shown, unless it is there.
pub fn sync(state: &mut State) {
    let (Some(subject), Some(slot)) = (&state.open, state.slot()) else {
        state.sbom = None;
        return;
    };
    let current = state.sbom.as_ref();
    let mine = |view: &&SbomView| {
        view.subject == *subject
            && slot
                .inspection
                .sboms()
                .any(|(id, facts)| *id == view.of && Arc::ptr_eq(&facts.sbom, &view.sbom))
    };
    if current.as_ref().is_some_and(mine) {
        return;
    }
    let first = slot.inspection.sboms().next();
    state.sbom = first.map(|(id, facts)| view(subject, id, facts));
}

/// Turns to the next SBOM; says whether there is another one.
pub fn next(state: &mut State) -> bool {
    let (Some(subject), Some(slot), Some(now)) = (&state.open, state.slot(), &state.sbom) else {
        return false;
    };
    let all: Vec<_> = slot.inspection.sboms().collect();
    let here = all.iter().position(|(id, _)| **id == now.of).unwrap_or(0);
    match all.get((here + 1) % all.len().max(1)) {
        Some((id, facts)) if all.len() > 1 => {
            state.sbom = Some(view(subject, id, facts));
            true
        }
        _ => false,
    }
}

fn view(subject: &Subject, id: &CheckId, facts: &SbomFacts) -> SbomView {
    SbomView {
        subject: subject.clone(),
        of: id.clone(),
        tree: Tree::new(&facts.sbom),
        sbom: Arc::clone(&facts.sbom),
        query: String::new(),
        hits: Vec::new(),
    }
}

/// How many rows there are.
pub fn len(state: &State) -> usize {
    state.sbom.as_ref().map_or(0, |view| view.tree.rows().len())
}

/// The component under the cursor; `None` inside: what the whole document describes.
pub fn selected(state: &State) -> Option<Option<u32>> {
    let view = state.sbom.as_ref()?;
    view.tree.rows().get(state.master().selected).map(|row| row.component)
}

/// The facts of the SBOM that is shown.
pub fn facts<'a>(slot: &'a Slot, view: &SbomView) -> Option<&'a SbomFacts> {
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
    view.tree
        .rows()
        .iter()
        .skip(from)
        .take(rows)
        .map(|row| {
            let component = view.sbom.at(row.component);
            let hit = row.component.is_some_and(|n| view.hits.binary_search(&n).is_ok());
            let sign = match row.shape {
                Shape::Leaf => " ",
                Shape::Open => "▾",
                Shape::Closed => "▸",
                Shape::SeenAbove => "↑",
                Shape::Cycle => "↻",
            };
            let indent = "  ".repeat(usize::from(row.depth.min(24)));
            let title = component.map_or_else(|| "the document".to_owned(), title);
            let out =
                Row::new(Key::Component(row.component), None, format!("{indent}{sign} {title}"));
            let out = match row.shape {
                Shape::SeenAbove => out.right("seen above"),
                Shape::Cycle => out.right("a cycle"),
                Shape::Closed => {
                    let below = view.sbom.dependencies_of(row.component).len();
                    out.right(if below == 0 { String::new() } else { format!("{below} below") })
                }
                Shape::Leaf | Shape::Open => out,
            };
            let dim = matches!(row.shape, Shape::SeenAbove | Shape::Cycle)
                || (!view.query.is_empty() && !hit);
            let text = component.map(licences).unwrap_or_default();
            out.text(text).role(if dim { Role::Dim } else { Role::Text })
        })
        .collect()
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
    let attested = facts(slot, view).is_some_and(|facts| facts.attested);
    let words = if attested { "attested, proved" } else { "UNVERIFIED: read, not vouched for" };
    let all = slot.inspection.sboms().count();
    let several = if all > 1 { format!(" · 1 of {all}, s next") } else { String::new() };
    let line = format!(
        "{} · {} · {} · {} · {words}{several}",
        shown(view.sbom.format()),
        count(counts.components, "component"),
        count(counts.edges, "edge"),
        count(counts.licences, "licence"),
    );
    (line, attested)
}
