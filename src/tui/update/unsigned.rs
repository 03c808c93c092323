//! An SBOM that nobody signed, where no attestation that holds carries one: looked for when the
//! pane is shown.

use crate::{
    inspect::sboms::vouched,
    tui::{
        message::{Effect, RunId},
        panes::sbom::{Apart, Unattested},
        state::{Job, Pane, State},
    },
};

/// Sends somebody to look, once every check has answered and none found an SBOM whose attestation holds; again when more
/// was learnt.
pub(super) fn look(state: &mut State) -> Vec<Effect> {
    if state.pane != Pane::Sbom {
        return vec![];
    }
    let (Some(subject), Some(slot)) = (&state.open, state.slot()) else { return vec![] };
    let asked = Apart { subject: subject.clone(), generation: slot.generation, answer: None };
    let known = state.unsigned.as_ref().is_some_and(|apart| apart.is_of(subject, slot));
    let resolved = subject.reference().is_some() && slot.inspection.digest().is_some();
    // Only where nothing cheaper decides: this looks through every attestation.
    if known || !slot.finished || !resolved || vouched(&slot.inspection) {
        return vec![];
    }
    let (seen, place) = (Box::new(slot.inspection.clone()), state.place);
    let run = state.next_run();
    state.jobs.insert(run, Job::Unsigned(asked.subject.clone()));
    state.unsigned = Some(asked);
    vec![Effect::Unsigned { run, seen, place }]
}

/// Takes in what is there.
pub(super) fn looked(state: &mut State, run: RunId, answer: Unattested) -> Vec<Effect> {
    let Some(Job::Unsigned(subject)) = state.jobs.remove(&run) else { return vec![] };
    match &mut state.unsigned {
        Some(apart) if apart.subject == subject => apart.answer = Some(answer),
        _ => {}
    }
    vec![Effect::Cancel(run)]
}
