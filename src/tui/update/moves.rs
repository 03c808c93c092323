//! Moving: over rows, between parts of the screen, into and out of things.

use super::{browser, compare, engine, releases, sbom};
use crate::{
    inspect::{CheckId, CheckKind, Subject},
    tui::{
        cursor::Step,
        layout,
        message::{Effect, Place},
        offers,
        panes::{self, Key},
        state::{Crumb, Focus, Pane, Screen, State},
    },
};

/// The most charts that Esc leads back through.
const MAX_TRAIL: usize = 16;

/// What stands on the first screen, below the field.
pub(super) fn home_len(state: &State) -> usize {
    state.recents.len() + usize::from(state.demo.is_some())
}

/// One movement in the list that takes the keys.
pub(super) fn step(state: &mut State, step: Step) {
    if state.screen == Screen::Home {
        let len = home_len(state);
        return state.home.step(step, len, len);
    }
    let areas = layout::areas(state);
    match state.focus {
        Focus::Browser => {
            let len = panes::browser::len(&state.browser);
            state.browser.cursor.step(step, len, layout::rows(areas.browser));
        }
        Focus::Master if panes::compared::visible(state).is_some() => compare::step(state, step),
        Focus::Master if panes::releases::visible(state).is_some() => releases::step(state, step),
        Focus::Master if state.pane == Pane::Sbom => {
            let (len, page) = (panes::len(state), layout::rows(areas.master));
            state.master_mut().step(step, len, page.saturating_sub(panes::sbom::header(page)));
        }
        Focus::Master if state.pane == Pane::Trace => {
            let (len, page) = (panes::len(state), layout::rows(areas.master));
            state.master_mut().step(step, len, page);
        }
        Focus::Master => {
            let rows = panes::rows(state);
            let all: Vec<bool> = rows.iter().map(panes::Row::selectable).collect();
            state.master_mut().step_over(step, layout::rows(areas.master), &all);
        }
        Focus::Detail => {
            let len = state.detail.visible().len();
            state.detail.cursor.step(step, len, layout::rows(areas.detail));
        }
    }
}

/// To the next part of the screen, or the one before.
pub(super) fn focus(state: &mut State, forward: bool) {
    let all = [Focus::Browser, Focus::Master, Focus::Detail];
    let order = if state.has_browser() { &all[..] } else { &all[1..] };
    let here = order.iter().position(|f| *f == state.focus).unwrap_or(0);
    let next = if forward { here + 1 } else { here + order.len() - 1 };
    state.focus = order[next % order.len()];
    if state.open.is_none() && state.pane != Pane::Trace {
        state.focus = Focus::Browser;
    }
}

/// Shows a pane of the open target.
pub(super) fn show(state: &mut State, pane: Pane) {
    // What a listing of tags waits for is of interest before anything is open.
    if pane == Pane::Trace {
        state.masters[pane as usize].selected = panes::trace::len(state).saturating_sub(1);
        state.pane = pane;
        state.focus = Focus::Master;
        return;
    }
    let Some(slot) = state.slot() else { return state.say("open a tag first") };
    if !panes::offered(&slot.inspection, pane) {
        return state.say("files have no index, platforms or labels; those are an image's");
    }
    state.pane = pane;
    // Whoever asks for a pane means its keys next: `4` and `/` search the SBOM.
    state.focus = Focus::Master;
}

/// Enter.
pub(super) fn enter(state: &mut State) -> Vec<Effect> {
    if state.screen == Screen::Home {
        return open_from_home(state);
    }
    match (state.focus, state.pane) {
        (Focus::Browser, _) => return browser::enter(state),
        (Focus::Detail, _) => {
            state.detail.fold(None);
        }
        (Focus::Master, Pane::Overview) => go_there(state),
        (Focus::Master, Pane::Sbom) if panes::releases::visible(state).is_some() => {
            return releases::enter(state);
        }
        (Focus::Master, Pane::Sbom) => sbom::toggle(state),
        (Focus::Master, Pane::Image) => return open_image(state),
        (Focus::Master, _) => state.focus = Focus::Detail,
    }
    vec![]
}

/// From a chart to an image that it names; any other row is read in full.
fn open_image(state: &mut State) -> Vec<Effect> {
    let Some(Key::ChartImage(number)) = panes::selected(state) else {
        state.focus = Focus::Detail;
        return vec![];
    };
    let chart = state.slot().and_then(|slot| slot.inspection.chart());
    let image = chart.and_then(|chart| chart.images.get(number));
    match image.and_then(|image| image.reference.clone()) {
        Some(reference) => follow(state, &Subject::Artifact(reference)),
        None => {
            state.say("only rendering the chart would tell which image that is");
            vec![]
        }
    }
}

/// Opens an image of the open chart, and keeps the way back.
fn follow(state: &mut State, image: &Subject) -> Vec<Effect> {
    let Some(chart) = state.open.clone() else { return vec![] };
    let crumb = Crumb { chart, place: state.place, row: state.master() };
    let mut trail = std::mem::take(&mut state.trail);
    let effects = engine::visit(state, image);
    // Charts that name each other would make the way longer at every step.
    if trail.len() == MAX_TRAIL {
        trail.remove(0);
    }
    trail.push(crumb);
    state.trail = trail;
    effects
}

/// Back to the chart that named the open image, on the row that did.
fn return_to_chart(state: &mut State) -> Option<Vec<Effect>> {
    let mut trail = std::mem::take(&mut state.trail);
    let crumb = trail.pop()?;
    let mut effects = Vec::new();
    if crumb.place == Place::Demo && !state.in_demo() {
        effects.extend(engine::enter_demo(state));
    }
    effects.extend(engine::visit(state, &crumb.chart));
    state.trail = trail;
    state.pane = Pane::Image;
    *state.master_mut() = crumb.row;
    Some(effects)
}

/// Opens the row of the first screen.
pub(super) fn open_from_home(state: &mut State) -> Vec<Effect> {
    let selected = state.home.selected;
    match state.recents.get(selected).cloned() {
        Some(subject) => {
            state.field = None;
            engine::visit(state, &subject)
        }
        None if state.demo.is_some() && selected == state.recents.len() => {
            state.field = None;
            engine::enter_demo(state)
        }
        None => vec![],
    }
}

/// From a row of Overview to the pane that shows it whole.
fn go_there(state: &mut State) {
    let Some(key) = panes::selected(state) else { return };
    let target = match &key {
        Key::Check(id) if id.kind == CheckKind::Sbom => Some((Pane::Sbom, None)),
        Key::Check(id) if id.kind == CheckKind::Platform => {
            let digest = id.subject.clone();
            Some((Pane::Image, digest.map(Key::Platform)))
        }
        Key::Check(id) if matches!(id.kind, CheckKind::Chart | CheckKind::Listed) => {
            Some((Pane::Image, Some(key.clone())))
        }
        Key::Check(id) if id.kind == CheckKind::Resolve && is_image(state) => {
            Some((Pane::Image, Some(Key::Index)))
        }
        Key::Check(id) if id.kind == CheckKind::Piece => piece(state, id, 0),
        Key::Signer(id, number) | Key::Suggestion(id, number) => piece(state, id, *number),
        _ => None,
    };
    let Some((pane, row)) = target else {
        state.focus = Focus::Detail;
        return;
    };
    state.pane = pane;
    if let Some(row) = row
        && let Some(at) = panes::rows(state).iter().position(|r| r.key == row)
    {
        state.master_mut().selected = at;
    }
}

/// Whether the Image pane has rows.
fn is_image(state: &State) -> bool {
    state.slot().is_some_and(|slot| slot.inspection.resolved().is_some())
}

/// The pane and the row of a piece.
fn piece(state: &State, id: &CheckId, number: usize) -> Option<(Pane, Option<Key>)> {
    let seen = &state.slot()?.inspection;
    let (.., found) = panes::pieces_of(seen).find(|(other, n, _)| *other == id && *n == number)?;
    Some((panes::belongs(&found.piece), Some(Key::Piece(id.clone(), number))))
}

/// Right: into what is selected.
pub(super) fn right(state: &mut State) -> Vec<Effect> {
    match (state.focus, state.pane) {
        (Focus::Browser, _) => return browser::right(state),
        (Focus::Detail, _) => {
            state.detail.fold(Some(true));
        }
        (Focus::Master, Pane::Sbom) => sbom::unfold(state),
        (Focus::Master, Pane::Image) => return open_image(state),
        (Focus::Master, _) => state.focus = Focus::Detail,
    }
    vec![]
}

/// Left: out of it.
pub(super) fn left(state: &mut State) -> Vec<Effect> {
    match (state.focus, state.pane) {
        (Focus::Browser, _) => return browser::left(state),
        (Focus::Detail, _) => {
            if !state.detail.fold(Some(false)) && !state.detail.to_parent() {
                state.focus = Focus::Master;
            }
        }
        (Focus::Master, Pane::Sbom) => sbom::fold(state),
        (Focus::Master, _) if !state.has_browser() => {}
        (Focus::Master, _) => state.focus = Focus::Browser,
    }
    vec![]
}

/// Esc: one step back.
pub(super) fn back(state: &mut State) -> Vec<Effect> {
    let searched = offers::searched(state);
    match (state.screen, state.focus, state.pane) {
        (Screen::Home, ..) if state.browser.repositories.is_empty() && state.open.is_none() => {
            state.say("q ends the program");
        }
        (Screen::Home, ..) => state.screen = Screen::Work,
        (_, Focus::Detail, _) => state.focus = Focus::Master,
        (_, Focus::Master, Pane::Sbom) if state.compared.is_some() => return compare::leave(state),
        (_, Focus::Master, Pane::Sbom) if panes::releases::visible(state).is_some() => {
            return releases::hide(state);
        }
        (_, Focus::Master, Pane::Sbom) if searched => sbom::search(state, ""),
        (_, Focus::Master, _) if !state.trail.is_empty() => {
            return return_to_chart(state).unwrap_or_default();
        }
        (_, Focus::Master, _) if state.has_browser() => state.focus = Focus::Browser,
        (_, Focus::Browser, _) if !state.browser.filter.is_empty() => {
            state.browser.filter.clear();
            panes::browser::sync(&mut state.browser);
        }
        (_, Focus::Browser, _) if !state.trail.is_empty() => {
            return return_to_chart(state).unwrap_or_default();
        }
        (_, Focus::Master | Focus::Browser, _) => {
            state.say("q ends the program, o names another target");
        }
    }
    vec![]
}
