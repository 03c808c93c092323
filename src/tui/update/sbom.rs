//! The component tree: searching, folding, going from hit to hit.

use std::sync::Arc;

use crate::domain::sbom::tree::Shape;
use crate::tui::{
    panes::sbom::{self, SbomView},
    state::{Focus, State},
    text::count,
};

/// Shows only components with these words, and the ways to them.
pub(super) fn search(state: &mut State, query: &str) {
    let Some(view) = &mut state.sbom else { return };
    let sbom = Arc::clone(&view.sbom);
    query.clone_into(&mut view.query);
    if query.trim().is_empty() {
        view.hits.clear();
        view.tree.unfilter(&sbom);
        return;
    }
    view.hits = sbom.search(query);
    view.tree.filter(&sbom, &view.hits);
    let first = next_hit(view, None, true);
    state.master_mut().selected = first.unwrap_or(0);
}

/// The row of the next hit behind `from`, or before it.
fn next_hit(view: &SbomView, from: Option<usize>, forward: bool) -> Option<usize> {
    let hit = |row: &crate::domain::sbom::tree::Row| {
        let home = !matches!(row.shape, Shape::SeenAbove | Shape::Cycle);
        home && row.component.is_some_and(|n| view.hits.binary_search(&n).is_ok())
    };
    let rows = view.tree.rows().iter().enumerate();
    let mut hits = rows.filter(|(_, row)| hit(row)).map(|(at, _)| at);
    match (from, forward) {
        (None, _) => hits.next(),
        (Some(from), true) => hits.find(|at| *at > from),
        (Some(from), false) => hits.take_while(|at| *at < from).last(),
    }
}

/// To the next component that was found, or the one before.
pub(super) fn hit(state: &mut State, forward: bool) {
    let from = state.master().selected;
    let Some(view) = &state.sbom else { return };
    if view.hits.is_empty() {
        return state.say("nothing is searched for; / searches");
    }
    match next_hit(view, Some(from), forward) {
        Some(at) => state.master_mut().selected = at,
        None if forward => state.say("that was the last one"),
        None => state.say("that was the first one"),
    }
}

/// The next SBOM, where there are several.
pub(super) fn next(state: &mut State) {
    if sbom::next(state) {
        *state.master_mut() = crate::tui::cursor::Cursor::default();
        let all = state.slot().map_or(0, |slot| slot.inspection.sboms().count());
        state.say(format!("{} are there", count(all, "SBOM")));
    } else {
        state.say("there is no other SBOM");
    }
}

fn shape(state: &State) -> Option<Shape> {
    let view = state.sbom.as_ref()?;
    view.tree.rows().get(state.master().selected).map(|row| row.shape)
}

/// Folds or unfolds the component; on a row that repeats one, goes to it.
pub(super) fn toggle(state: &mut State) {
    let at = state.master().selected;
    if shape(state) == Some(Shape::Leaf) {
        state.focus = Focus::Detail;
        return;
    }
    let Some(view) = &mut state.sbom else { return };
    let sbom = Arc::clone(&view.sbom);
    let now = view.tree.toggle(&sbom, at);
    state.master_mut().selected = now;
}

/// Unfolds the component, or goes on to its details.
pub(super) fn unfold(state: &mut State) {
    if shape(state) == Some(Shape::Closed) { toggle(state) } else { state.focus = Focus::Detail }
}

/// Folds the component, or goes to the one above, or back to the tags.
pub(super) fn fold(state: &mut State) {
    if shape(state) == Some(Shape::Open) {
        return toggle(state);
    }
    let at = state.master().selected;
    let rows = state.sbom.as_ref().map(|view| view.tree.rows()).unwrap_or_default();
    let Some(here) = rows.get(at) else {
        state.focus = Focus::Browser;
        return;
    };
    match rows.iter().take(at).rposition(|row| row.depth < here.depth) {
        Some(above) => state.master_mut().selected = above,
        None => state.focus = Focus::Browser,
    }
}
