//! The component tree: searching, folding, going from hit to hit.

use std::sync::Arc;

use crate::{
    domain::sbom::{
        Component, Query,
        list::{GroupKey, SortKey},
        rows::{Arrangement, Line},
        tree::Shape,
        vulnerabilities::Findings,
    },
    tui::{
        cursor::Step,
        message::{Effect, RunId},
        panes::{
            compared, releases,
            sbom::{self, SbomView},
        },
        state::{Focus, Job, Pane, State},
        text::{count, shown},
    },
};

/// The most queries that are remembered.
const MAX_QUERIES: usize = 50;

/// Shows only components with these words, and the ways to them.
pub(super) fn search(state: &mut State, query: &str) {
    let Some(view) = &mut state.sbom else { return };
    let sbom = Arc::clone(&view.sbom);
    query.clone_into(&mut view.query);
    view.wanted = Query::parse(query);
    if query.trim().is_empty() {
        view.hits.clear();
        view.undecided = 0;
        view.rows.unfilter(&sbom);
        return;
    }
    let found = sbom.find(&view.wanted);
    view.undecided = found.undecided();
    view.hits = found.components;
    view.rows.filter(&sbom, &view.hits);
    let first = next_hit(view, None, true);
    state.master_mut().selected = first.unwrap_or(0);
}

/// The row of the next hit behind `from`, or before it.
fn next_hit(view: &SbomView, from: Option<usize>, forward: bool) -> Option<usize> {
    let hit = |line: Line| {
        let home = !matches!(line.shape(), Shape::SeenAbove | Shape::Cycle);
        let component = line.component().flatten();
        home && component.is_some_and(|n| view.hits.binary_search(&n).is_ok())
    };
    let is_hit = |at: &usize| view.rows.get(*at).is_some_and(hit);
    match (from, forward) {
        (None, _) => (0..view.rows.len()).find(is_hit),
        (Some(from), true) => (from + 1..view.rows.len()).find(is_hit),
        (Some(from), false) => (0..from).rev().find(is_hit),
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
        let all = sbom::number(state);
        state.say(format!("{} are there", count(all, "SBOM")));
    } else {
        state.say("there is no other SBOM");
    }
}

fn shape(state: &State) -> Option<Shape> {
    let view = state.sbom.as_ref()?;
    view.rows.get(state.master().selected).map(Line::shape)
}

/// The next arrangement: a tree by dependencies, one by nesting where anything is nested, a list,
/// groups.
pub(super) fn arrange(state: &mut State) {
    let Some(view) = &state.sbom else { return };
    let nested = (0_u32..).take(view.sbom.len()).any(|n| view.sbom.contents_of(n).len() > 0);
    let next = match view.rows.arrangement() {
        Arrangement::Dependencies if nested => Arrangement::Nesting,
        Arrangement::Dependencies | Arrangement::Nesting => Arrangement::List(SortKey::Name),
        Arrangement::List(_) => Arrangement::Groups(GroupKey::Licence),
        Arrangement::Groups(_) => Arrangement::Dependencies,
    };
    rearrange(state, next);
}

/// By what the list is ordered, or what groups have in common: the next one.
pub(super) fn arrange_by(state: &mut State) {
    let Some(view) = &state.sbom else { return };
    let next = match view.rows.arrangement() {
        Arrangement::List(key) => Arrangement::List(after(&SortKey::ALL, key)),
        Arrangement::Groups(key) => Arrangement::Groups(after(&GroupKey::ALL, key)),
        Arrangement::Dependencies | Arrangement::Nesting => {
            return state.say("a tree has one order; t turns to the list and the groups");
        }
    };
    rearrange(state, next);
}

fn after<T: Copy + PartialEq>(all: &[T], now: T) -> T {
    let here = all.iter().position(|key| *key == now).unwrap_or(0);
    all.iter().copied().cycle().nth(here + 1).unwrap_or(now)
}

/// Arranges anew, with the cursor on the component where it was.
fn rearrange(state: &mut State, arrangement: Arrangement) {
    let at = state.master().selected;
    let Some(view) = &mut state.sbom else { return };
    let here = view.rows.get(at).and_then(Line::component);
    view.arrange(arrangement);
    let home = here.and_then(|component| view.rows.home(component));
    // Without a search the arrangement stands above the rows.
    let words = (!view.query.is_empty()).then(|| sbom::arrangement(view));
    state.master_mut().selected = home.unwrap_or(0);
    if let Some(words) = words {
        state.say(words);
    }
}

/// Turns the details between what was read and what is written.
pub(super) fn raw(state: &mut State) {
    if let Some(view) = &mut state.sbom {
        view.raw = !view.raw;
    }
}

/// Copies the package URL of the component under the cursor.
pub(super) fn copy_purl(state: &mut State) -> Vec<Effect> {
    if compared::visible(state).is_some() || releases::visible(state).is_some() {
        state.say("nothing was copied: no component is selected here");
        return vec![];
    }
    let at = state.master().selected;
    let place = state.sbom.as_ref().and_then(|view| view.rows.get(at)?.component());
    let component = place.zip(state.sbom.as_ref()).and_then(|(p, view)| view.sbom.at(p));
    // Copied text ends in shells and reports: it is one harmless line.
    let Some(purl) = component.and_then(Component::purl).map(shown) else {
        state.say("nothing was copied: no package URL is said of it");
        return vec![];
    };
    state.say(format!("copied {purl}"));
    vec![Effect::Copy(purl)]
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
    let now = view.rows.toggle(&sbom, at);
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
    let Some(view) = &state.sbom else { return };
    let depth = |row: usize| view.rows.get(row).map(Line::depth);
    let Some(here) = depth(at) else {
        state.focus = Focus::Browser;
        return;
    };
    match (0..at).rev().find(|row| depth(*row).is_some_and(|depth| depth < here)) {
        Some(above) => state.master_mut().selected = above,
        None => state.focus = Focus::Browser,
    }
}

/// What was searched for before, or after that.
pub(super) fn recall(state: &mut State, before: bool) {
    let Some(field) = &mut state.field else { return };
    let here = state.queries.iter().position(|query| *query == field.text);
    let at = match (here, before) {
        (None, true) => state.queries.len().checked_sub(1),
        (None, false) => None,
        (Some(at), true) => at.checked_sub(1),
        (Some(at), false) => Some(at + 1),
    };
    if let Some(query) = at.and_then(|at| state.queries.get(at)) {
        field.set(query.clone());
    }
}

/// Keeps what was searched for.
pub(super) fn remember(state: &mut State, query: &str) {
    if query.trim().is_empty() {
        return;
    }
    state.queries.retain(|known| known != query);
    state.queries.push(query.to_owned());
    let over = state.queries.len().saturating_sub(MAX_QUERIES);
    state.queries.drain(..over);
}

/// Marks the component under the cursor for the export, or everything that a group shows; and back.
pub(super) fn mark(state: &mut State) {
    let at = state.master().selected;
    let Some(view) = &mut state.sbom else { return };
    let numbers = match view.rows.get(at) {
        Some(Line::Component(row)) => row.component.into_iter().collect(),
        Some(Line::Group(number, _)) => view.rows.members(number).to_vec(),
        None => vec![],
    };
    if numbers.is_empty() {
        return state.say(
            "this is what the document describes, not one of its components; e writes the document",
        );
    }
    if numbers.iter().all(|number| view.marked.contains(number)) {
        for number in &numbers {
            view.marked.remove(number);
        }
    } else {
        view.marked.extend(numbers);
    }
    let words = format!("{} marked; e exports them", count(view.marked.len(), "component"));
    state.say(words);
    super::moves::step(state, Step::Down);
}

/// Sends somebody to find out what is said of vulnerabilities, once every check has answered and
/// an SBOM is shown; again when more was learnt.
pub(super) fn survey(state: &mut State) -> Vec<Effect> {
    if state.pane != Pane::Sbom {
        return vec![];
    }
    let (Some(view), Some(slot)) = (&state.sbom, state.slot()) else { return vec![] };
    let known = Some(slot.generation);
    if !slot.finished || view.surveyed == known {
        return vec![];
    }
    let Some(facts) = sbom::facts(slot, view).cloned() else { return vec![] };
    let (seen, of) = (Box::new(slot.inspection.clone()), view.of.clone());
    let run = state.next_run();
    state.jobs.insert(run, Job::Vulnerabilities(of));
    if let Some(view) = &mut state.sbom {
        view.surveyed = known;
    }
    vec![Effect::Vulnerabilities { run, seen, sbom: Box::new(facts) }]
}

/// Takes in what is said.
pub(super) fn surveyed(
    state: &mut State,
    run: RunId,
    answer: Result<Arc<Findings>, String>,
) -> Vec<Effect> {
    let Some(Job::Vulnerabilities(of)) = state.jobs.remove(&run) else { return vec![] };
    match (answer, &mut state.sbom) {
        (Ok(findings), Some(view)) if view.of == of => {
            view.findings = Some(findings);
            state.detail.of = None;
        }
        (Ok(_), _) => {}
        (Err(why), _) => state.complain(shown(&why)),
    }
    vec![Effect::Cancel(run)]
}
