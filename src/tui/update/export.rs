//! From the screen into a file: what of an SBOM is written, and where.

use std::path::PathBuf;

use super::field;
use crate::{
    domain::{
        sbom::{rows::Line, tree},
        verdict::Judgement,
    },
    report::sbom::{About, Part, Taken, Written},
    tui::{
        export::Writing,
        message::{Effect, RunId},
        offers,
        panes::{
            sbom::{self, SbomView},
            taking,
        },
        state::{Asking, Field, Job, Slot, State, Taking},
        text::shown,
    },
};

/// Asks for the file, unless nothing may be written.
pub(super) fn ask(state: &mut State) {
    match offers::exportable(state) {
        Err(why) => state.say(why),
        Ok(view) => {
            let chosen = !view.marked.is_empty() || !view.query.trim().is_empty();
            let first = if chosen { Taking::Components } else { Taking::Document };
            field::ask(state, Asking::Export(first));
        }
    }
}

/// What is written instead.
pub(super) const fn next(taking: Taking) -> Taking {
    match taking {
        Taking::Document => Taking::Components,
        Taking::Components => Taking::Below,
        Taking::Below => Taking::Licences,
        Taking::Licences => Taking::Document,
    }
}

/// Sends somebody to write it; a name that does not say what to write stays in the field.
pub(super) fn accept(state: &mut State, wanted: Taking) -> Vec<Effect> {
    let Some(field) = &state.field else { return vec![] };
    let name = field.text.trim();
    if name.is_empty() {
        state.field = None;
        return vec![];
    }
    let path = PathBuf::from(name);
    // What is shown may be another release by now.
    if let Err(why) = offers::exportable(state) {
        state.field = None;
        state.complain(why);
        return vec![];
    }
    let taken = match part(state, wanted, Written::by_name(&path)) {
        None => {
            state.complain("the name decides the form: let it end in .csv, .json or .md");
            return vec![];
        }
        Some(part) => taken(state, part),
    };
    let Some(taken) = taken else { return vec![] };
    send(state, path, Writing::Sbom(taken))
}

/// Sends somebody to write; the field stays until it is known what became of it.
pub(super) fn send(state: &mut State, path: PathBuf, writing: Writing) -> Vec<Effect> {
    if state.jobs.values().any(|job| *job == Job::Export) {
        state.say("still writing");
        return vec![];
    }
    let run = state.next_run();
    state.jobs.insert(run, Job::Export);
    let writing = Box::new(writing);
    vec![Effect::Write { run, path, writing }]
}

/// Takes in what became of it.
pub(super) fn written(
    state: &mut State,
    run: RunId,
    answer: Result<String, String>,
) -> Vec<Effect> {
    state.jobs.remove(&run);
    match answer {
        Ok(words) => {
            let file =
                |field: &Field| matches!(field.asking, Asking::Export(_) | Asking::Policy(_));
            state.field = state.field.take().filter(|field| !file(field));
            state.say(shown(&words));
        }
        Err(why) => state.complain(shown(&why)),
    }
    vec![Effect::Cancel(run)]
}

/// `None`: no form is named for it.
fn part(state: &State, wanted: Taking, written: Option<Written>) -> Option<Part> {
    let view = state.sbom.as_ref()?;
    Some(match (wanted, written) {
        (Taking::Document, _) => Part::Document,
        (Taking::Components, written) => Part::Components(taking::chosen(view), written?),
        (Taking::Below, written) => Part::Rows(below(view, state.master().selected), written?),
        (Taking::Licences, written) => Part::Licences(taking::chosen(view), written?),
    })
}

/// The row, and what is shown deeper; all of a list.
fn below(view: &SbomView, at: usize) -> Vec<tree::Row> {
    let range = taking::below(view, at);
    let lines = range.filter_map(|row| view.rows.get(row));
    lines
        .filter_map(|line| match line {
            Line::Component(row) => Some(row),
            Line::Group(..) => None,
        })
        .collect()
}

fn taken(state: &State, part: Part) -> Option<Taken> {
    let (slot, view) = (state.slot()?, state.sbom.as_ref()?);
    let found = view.marked.is_empty() && !view.query.trim().is_empty();
    let undecided = match part {
        Part::Components(..) | Part::Licences(..) if found => Some(view.undecided),
        _ => None,
    };
    Some(Taken { about: about(slot, view), sbom: view.sbom.clone(), part, undecided })
}

fn about(slot: &Slot, view: &SbomView) -> About {
    let facts = sbom::facts(slot, view);
    let carrier = facts.map(|facts| facts.carrier.clone());
    let mut pieces = slot.inspection.pieces();
    let piece = pieces.find(|(_, found)| {
        let proved = found.piece.judgement == Judgement::Proved;
        Some(&found.carrier) == carrier.as_ref()
            && (proved || !facts.is_some_and(|facts| facts.attested))
    });
    let piece = piece.map(|(_, found)| &found.piece);
    let attested = facts.filter(|facts| facts.attested);
    let identity = piece.and_then(|piece| piece.claims.as_ref()?.get().identity());
    let signer = || identity.map_or("the demanded key", |san| san.value()).to_owned();
    About {
        target: slot.inspection.subject.to_string(),
        digest: slot.inspection.digest().cloned(),
        attested_by: attested.map(|_| signer()),
        platform: facts.and_then(|facts| facts.platform.clone()),
        carrier,
        predicate: piece.and_then(|piece| piece.statement.as_ref()?.get().predicate.clone()),
    }
}
