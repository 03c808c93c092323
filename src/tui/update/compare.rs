//! Two SBOMs beside each other: one is put aside, another one is opened, and both are compared.

use std::sync::Arc;

use crate::tui::{
    cursor::{Cursor, Step},
    layout,
    message::{Effect, RunId},
    panes::compared::{Changes, Comparison, Side},
    state::{Job, State},
};

/// Lines above the rows.
pub(super) const HEADER: usize = 2;

/// Puts the SBOM aside; where one is aside already, compares both.
pub(super) fn ask(state: &mut State) -> Vec<Effect> {
    if state.compared.is_some() {
        return leave(state);
    }
    let Some((slot, view)) = state.slot().zip(state.sbom.as_ref()) else {
        state.say("there is no SBOM to compare");
        return vec![];
    };
    let now = Side::of(slot, view);
    match state.aside.take() {
        None => {
            let words = "put aside as the older one; open another release's SBOM and press d there";
            state.say(words);
            state.aside = Some(now);
            vec![]
        }
        Some(old) if Arc::ptr_eq(&old.sbom, &now.sbom) => {
            state.say("that is the one that was put aside; it is no longer");
            vec![]
        }
        Some(old) => {
            let run = state.next_run();
            state.jobs.insert(run, Job::Compare);
            let (before, after) = (Arc::clone(&old.sbom), Arc::clone(&now.sbom));
            let cursor = Cursor::default();
            state.compared = Some(Comparison { run, old, new: now, answer: None, cursor });
            vec![Effect::Compare { run, before, after }]
        }
    }
}

/// The newer one becomes the older one.
pub(super) fn turn(state: &mut State) -> Vec<Effect> {
    let mut effects = vec![];
    let run = state.next_run();
    let Some(shown) = &mut state.compared else { return vec![] };
    if state.jobs.remove(&shown.run).is_some() {
        effects.push(Effect::Cancel(shown.run));
    }
    std::mem::swap(&mut shown.old, &mut shown.new);
    (shown.run, shown.answer, shown.cursor) = (run, None, Cursor::default());
    let (before, after) = (Arc::clone(&shown.old.sbom), Arc::clone(&shown.new.sbom));
    state.jobs.insert(run, Job::Compare);
    effects.push(Effect::Compare { run, before, after });
    effects
}

/// Back to the components; the older one stays aside for the next release.
pub(super) fn leave(state: &mut State) -> Vec<Effect> {
    let Some(left) = state.compared.take() else { return vec![] };
    let run = left.run;
    let here = state.sbom.as_ref().map(|view| Arc::clone(&view.sbom));
    // The one that is not open stays aside, whichever way round they stood.
    let other = here.is_some_and(|sbom| Arc::ptr_eq(&sbom, &left.old.sbom));
    state.aside = Some(if other { left.new } else { left.old });
    match state.jobs.remove(&run) {
        Some(_) => vec![Effect::Cancel(run)],
        None => vec![],
    }
}

/// Takes in what changed; of a comparison that was left nothing is shown.
pub(super) fn answered(
    state: &mut State,
    run: RunId,
    answer: Result<Arc<Changes>, String>,
) -> Vec<Effect> {
    state.jobs.remove(&run);
    match &mut state.compared {
        Some(shown) if shown.run == run => shown.answer = Some(answer),
        _ => {}
    }
    vec![Effect::Cancel(run)]
}

/// One movement over the changes.
pub(super) fn step(state: &mut State, step: Step) {
    let page = layout::rows(layout::areas(state).master).saturating_sub(HEADER);
    if let Some(shown) = &mut state.compared {
        let len = shown.height();
        shown.cursor.step(step, len, page);
    }
}

/// Of another release nothing of the comparison is shown; its rows fit the screen.
pub(super) fn settle(state: &mut State, rows: usize) {
    let here = state.sbom.as_ref().map(|view| &view.sbom);
    let mine = |shown: &Comparison| {
        let of = |side: &Side| here.is_some_and(|sbom| Arc::ptr_eq(sbom, &side.sbom));
        of(&shown.new) || of(&shown.old)
    };
    if state.compared.as_ref().is_some_and(|shown| !mine(shown)) {
        // Its answer finds no comparison, changes nothing and ends its task.
        if let Some(left) = state.compared.take() {
            state.jobs.remove(&left.run);
            state.aside = Some(left.old);
        }
    }
    if let Some(shown) = &mut state.compared {
        let len = shown.height();
        shown.cursor.settle(len, rows.saturating_sub(HEADER));
    }
}
