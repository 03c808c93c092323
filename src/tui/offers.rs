//! What is on offer now: the bottom line names only keys that would do something.

use super::{
    keymap::{Action, Context},
    panes::{
        Key, decision,
        releases::{self, Releases},
        sbom::SbomView,
        suggest,
    },
    state::{Focus, Load, Pane, State},
};
use crate::{
    domain::verdict::Answer,
    inspect::{CheckState, Subject},
};

/// Whether the key for `action` has something to do.
pub fn offered(state: &State, action: Action) -> bool {
    match action {
        Action::Pin if state.context() == Context::Decision => {
            !state.in_demo() && decision::selected(state).is_some_and(|entry| entry.text.is_ok())
        }
        Action::Pin => pinnable(state).is_ok(),
        Action::CopyFlags => {
            let asks = state.slot().is_some_and(|slot| slot.inspection.demand.is_none());
            asks && !state.in_demo() && suggest::selected(state).is_some()
        }
        Action::Retry if state.context() == Context::Releases => {
            releases::visible(state).is_some_and(|all| !all.running() && all.any_unknown())
        }
        Action::Retry => {
            let failed = |load: &Load| matches!(load, Load::Failed(_));
            undecided(state) > 0 || state.browser.repositories.iter().any(|n| failed(&n.load))
        }
        Action::Search => state.focus == Focus::Browser || state.sbom.is_some(),
        Action::Compare => state.aside.is_some() || state.compared.is_some(),
        Action::Releases => releases::visible(state).is_some() || searched(state),
        Action::Stop => releases::visible(state).is_some_and(Releases::running),
        Action::Export => exportable(state).is_ok(),
        Action::Write => {
            !state.in_demo() && decision::selected(state).is_some_and(|entry| entry.text.is_ok())
        }
        Action::NextHit | Action::PreviousHit => {
            state.sbom.as_ref().is_some_and(|view| !view.hits.is_empty())
        }
        Action::Enter => {
            state.pane == Pane::Overview || state.detail.of.as_ref().is_none_or(has_row)
        }
        Action::Back => match state.context() {
            Context::Overview | Context::Pieces | Context::Image | Context::Decision => {
                !state.trail.is_empty()
            }
            // There the first step back is within the screen.
            Context::Browser => !state.trail.is_empty() && state.browser.filter.is_empty(),
            Context::Sbom => !state.trail.is_empty() && !searched(state),
            // Its own key leads back.
            Context::Detail | Context::Compared | Context::Releases => false,
            _ => true,
        },
        _ => true,
    }
}

/// Whether something is searched for among the components.
pub fn searched(state: &State) -> bool {
    state.sbom.as_ref().is_some_and(|view| !view.query.is_empty())
}

fn has_row((_, key, _): &(Pane, Key, u64)) -> bool {
    !matches!(key, Key::Nothing)
}

/// How many checks of the open target could not find out.
pub fn undecided(state: &State) -> usize {
    let undecided = |check: &&CheckState| match check {
        CheckState::Done { finding, .. } => finding.answer == Answer::Undecided,
        CheckState::Running { .. } => false,
    };
    state.slot().map_or(0, |slot| slot.inspection.checks.values().filter(undecided).count())
}

/// The SBOM that may be written into a file.
///
/// # Errors
/// Why not, in words.
pub fn exportable(state: &State) -> Result<&SbomView, &'static str> {
    if state.in_demo() {
        return Err("DEMO: nothing of the demo is written; its images do not exist outside");
    }
    state.sbom.as_ref().ok_or("there is no SBOM to write")
}

/// Whether the open target can be pinned.
///
/// # Errors
/// Why not, in words; empty when nothing is open.
pub fn pinnable(state: &State) -> Result<(), &'static str> {
    if state.in_demo() {
        return Err("DEMO: nothing of the demo is copied; its images do not exist outside");
    }
    let Some(slot) = state.slot() else { return Err("") };
    match (&slot.inspection.subject, slot.inspection.digest()) {
        (Subject::Artifact(_), Some(_)) => Ok(()),
        (Subject::Artifact(_), None) => Err("there is no digest to pin yet"),
        _ => Err("only images are pinned; a file is what it is"),
    }
}
