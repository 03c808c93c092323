//! Writing the decision down: copied, or into a file.

use std::path::PathBuf;

use super::{export, field, pin, pin_file};
use crate::{
    policy::Kind,
    tui::{
        export::Writing,
        message::Effect,
        panes::decision::{What, selected},
        state::{Asking, State},
        text::{count, shown},
    },
};

pub(super) const DEMO: &str =
    "DEMO: nothing of the demo is written; its images do not exist outside";

/// Copies the form under the cursor; a pin only after the tag was asked for once more.
pub(super) fn copy(state: &mut State) -> Vec<Effect> {
    if state.in_demo() {
        state.say(DEMO);
        return vec![];
    }
    let Some(entry) = selected(state).cloned() else { return vec![] };
    match (entry.what, entry.text) {
        (_, Err(why)) => {
            state.say(format!("nothing was copied: {}", shown(&why)));
            vec![]
        }
        (What::Pin, Ok(_)) => pin::ask(state),
        (What::Policy(_), Ok(text)) => {
            let lines = count(text.lines().count(), "line");
            state.say(format!("copied the policy for {}, {lines}", entry.name));
            vec![Effect::Copy(text)]
        }
    }
}

/// Asks for the file into which the form under the cursor is written.
pub(super) fn write(state: &mut State) {
    if state.in_demo() {
        return state.say(DEMO);
    }
    let Some(entry) = selected(state) else { return };
    match (entry.what, &entry.text) {
        (_, Err(why)) => {
            let words = format!("nothing is written: {}", shown(why));
            state.say(words);
        }
        (What::Policy(kind), Ok(_)) => field::ask(state, Asking::Policy(kind)),
        (What::Pin, Ok(_)) => pin_file::ask(state),
    }
}

/// Sends somebody to write the policy; what is not proved any more is not written.
pub(super) fn accept(state: &mut State, wanted: Kind) -> Vec<Effect> {
    let name = state.field.as_ref().map(|field| field.text.trim().to_owned()).unwrap_or_default();
    if name.is_empty() || state.in_demo() {
        state.field = None;
        return vec![];
    }
    let decision = state.decision.as_ref();
    let entry = decision.and_then(|decision| {
        decision.entries.iter().find(|entry| entry.what == What::Policy(wanted))
    });
    let text = match entry.map(|entry| &entry.text) {
        Some(Ok(text)) => text.clone(),
        _ => {
            state.field = None;
            state.complain("nothing was written: the release is not proved any more");
            return vec![];
        }
    };
    let what = format!("the policy for {}", wanted.word());
    export::send(state, PathBuf::from(name), Writing::Text { text, what })
}
