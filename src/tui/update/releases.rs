//! The same question to every release: asked in the background, a few at a time.

use super::{engine, sbom};
use crate::{
    domain::{Tag, sbom::Query},
    inspect::sboms::Release,
    tui::{
        cursor::Step,
        layout,
        message::{Effect, RunId},
        panes::{
            compared,
            releases::{Releases, chosen, visible},
        },
        state::{Focus, Job, State},
        text::shown,
    },
};

/// Lines above the rows: what is asked, how far it is, and the names of the columns.
pub(super) const HEADER: usize = 3;

/// Asks every release for what is searched for; where that was asked already, shows the answers.
pub(super) fn ask(state: &mut State) -> Vec<Effect> {
    if visible(state).is_some() {
        return hide(state);
    }
    if compared::visible(state).is_some() {
        state.say("two SBOMs are compared; d leads back to the components");
        return vec![];
    }
    let chosen = match chosen(state) {
        Ok(chosen) => chosen,
        Err(why) => {
            state.say(why);
            return vec![];
        }
    };
    let view = state.sbom.as_ref();
    let query = view.map(|view| view.query.trim().to_owned()).unwrap_or_default();
    let wanted = view.filter(|_| !query.is_empty()).map(|view| view.wanted.clone());
    if let Some(hint) = wanted.as_ref().and_then(Query::hint) {
        state.say(hint);
        return vec![];
    }
    if let Some(kept) = &mut state.releases {
        let same = kept.rows.iter().map(|row| &row.release.tag).eq(&chosen.tags);
        // A release without an SBOM has no search of its own: it is on the way of the one before.
        let query = state.sbom.as_ref().map(|_| &query).is_none_or(|query| kept.query == *query);
        if same && kept.repository == chosen.repository && query {
            (kept.shown, kept.incomplete) = (true, chosen.incomplete);
            return vec![];
        }
    }
    let mut effects = end(state);
    let run = state.next_run();
    effects.push(start(state, run, (&chosen.repository, chosen.tags.clone()), wanted));
    state.releases = Some(Releases::new(run, chosen, query));
    effects
}

fn start(
    state: &mut State,
    run: RunId,
    (repository, tags): (&crate::domain::Repository, Vec<Tag>),
    query: Option<Query>,
) -> Effect {
    state.jobs.insert(run, Job::Releases);
    let (place, judge) = (state.place, Box::new(state.judge().clone()));
    Effect::Releases { run, place, repository: repository.clone(), tags, query, judge }
}

/// Asks those again of which it is not known.
pub(super) fn again(state: &mut State) -> Vec<Effect> {
    let Some(all) = &mut state.releases else { return vec![] };
    if all.running() {
        state.say("they are being asked; x stops that");
        return vec![];
    }
    let open = all.rows.iter_mut().filter(|row| row.release.has.is_none());
    let tags: Vec<Tag> = open
        .map(|row| {
            row.answered = false;
            row.release.tag.clone()
        })
        .collect();
    if tags.is_empty() {
        state.say("every release is known");
        return vec![];
    }
    let (repository, query) = (all.repository.clone(), all.query.clone());
    let query = (!query.is_empty()).then(|| Query::parse(&query));
    let run = state.next_run();
    if let Some(all) = &mut state.releases {
        all.run = Some(run);
    }
    vec![start(state, run, (&repository, tags), query)]
}

/// Asks nobody else; what has answered stays.
pub(super) fn stop(state: &mut State) -> Vec<Effect> {
    let effects = end(state);
    state.say(if effects.is_empty() { "nobody is being asked" } else { "stopped; r goes on" });
    effects
}

fn end(state: &mut State) -> Vec<Effect> {
    let Some(run) = state.releases.as_mut().and_then(|all| all.run.take()) else { return vec![] };
    state.jobs.remove(&run);
    vec![Effect::Cancel(run)]
}

/// Back to the components; the answers are kept, and come in while nobody looks.
pub(super) fn hide(state: &mut State) -> Vec<Effect> {
    if let Some(all) = &mut state.releases {
        all.shown = false;
    }
    vec![]
}

/// Takes in what one release says.
pub(super) fn answered(state: &mut State, run: RunId, release: Release) {
    let Some(all) = state.releases.as_mut().filter(|all| all.run == Some(run)) else { return };
    if let Some(row) = all.rows.iter_mut().find(|row| row.release.tag == release.tag) {
        row.release = release;
        row.answered = true;
    }
}

/// Nobody is asked any more; who has not answered is not known.
pub(super) fn ended(state: &mut State, run: RunId, why: Option<String>) -> Vec<Effect> {
    state.jobs.remove(&run);
    if let Some(all) = state.releases.as_mut().filter(|all| all.run == Some(run)) {
        all.run = None;
    }
    if let Some(why) = why {
        state.complain(shown(&why));
    }
    vec![Effect::Cancel(run)]
}

/// One movement over the releases.
pub(super) fn step(state: &mut State, step: Step) {
    let page = layout::rows(layout::areas(state).master).saturating_sub(HEADER);
    if let Some(all) = &mut state.releases {
        let len = all.rows.len();
        all.cursor.step(step, len, page);
    }
}

/// Opens the release of the row, with the same search.
pub(super) fn enter(state: &mut State) -> Vec<Effect> {
    let Some(all) = &mut state.releases else { return vec![] };
    let Some(subject) = all.subject(all.cursor.selected) else { return vec![] };
    all.shown = false;
    all.opened = Some(subject.clone());
    let effects = engine::open(state, &subject);
    state.focus = Focus::Master;
    effects
}

/// The rows fit the screen; a release that was opened from a row is searched once it is read.
pub(super) fn settle(state: &mut State, rows: usize) {
    let here = state.sbom.as_ref().map(|view| (&view.subject, view.query.is_empty()));
    let Some(all) = &mut state.releases else { return };
    let len = all.rows.len();
    all.cursor.settle(len, rows.saturating_sub(HEADER));
    if all.opened.is_some() && all.opened != state.open {
        all.opened = None;
    }
    if let Some((subject, fresh)) = here
        && all.opened.as_ref() == Some(subject)
    {
        all.opened = None;
        let query = all.query.clone();
        if fresh && !query.is_empty() {
            sbom::search(state, &query);
        }
    }
}
