//! Pinning: the tag is asked for again before anything is copied.

use super::engine::end_pin;
use crate::{
    domain::{Digest, Reference, Repository, Verdict, text::shell_word},
    inspect::{Fetched, RegistryError, Subject, pin::REFERENCE, tags::TagFacts},
    tui::{
        cursor::Cursor,
        keymap::Action,
        message::{Effect, Ended, RunId},
        offers,
        panes::{
            decision::{self, What},
            draft::{last, rows},
            suggest,
        },
        state::{Job, Pin, Slot, State},
        text::shown,
    },
};

/// What stands behind a pin that was copied although it is not proved.
const NOT_PROVED: &str = "# NOT proved by sigscope";

/// Asks where the tag points now; nothing is copied before the answer.
pub(super) fn ask(state: &mut State) -> Vec<Effect> {
    if let Err(why) = offers::pinnable(state) {
        if !why.is_empty() {
            state.say(why);
        }
        return vec![];
    }
    let Some(slot) = state.slot() else { return vec![] };
    let Subject::Artifact(reference) = &slot.inspection.subject else { return vec![] };
    match (reference.tag.clone(), reference.digest.is_some()) {
        (Some(tag), _) => repin(state, tag),
        // Written as a digest alone: nothing there can move.
        (None, true) => offer(state),
        (None, false) => match crate::domain::Tag::parse("latest") {
            Ok(latest) => repin(state, latest),
            Err(_) => vec![],
        },
    }
}

/// Copies the flags that accept the signer of the selected row, or of the first one.
pub(super) fn copy_flags(state: &mut State) -> Vec<Effect> {
    if state.in_demo() {
        state.say("DEMO: nothing of the demo is copied; its signer does not exist outside");
        return vec![];
    }
    // Whoever is not verified is shown, and never copied into a policy.
    let Some(flags) = suggest::selected(state) else {
        state.say("nothing was copied: no verified evidence names a signer here");
        return vec![];
    };
    state.say(format!("copied {}", shown(&flags)));
    vec![Effect::Copy(flags)]
}

fn repin(state: &mut State, tag: crate::domain::Tag) -> Vec<Effect> {
    let Some(repository) = repository(state) else { return vec![] };
    let mut effects = end_pin(state);
    let run = state.next_run();
    state.jobs.insert(run, Job::Repin);
    state.pin = Some(Pin::Asking(run));
    effects.push(Effect::Repin { run, repository, tag });
    effects
}

fn repository(state: &State) -> Option<Repository> {
    match &state.slot()?.inspection.subject {
        Subject::Artifact(reference) => Some(reference.repository.clone()),
        _ => None,
    }
}

/// Takes in where the tag points now.
pub(super) fn answered(
    state: &mut State,
    run: RunId,
    answer: Result<Fetched, RegistryError>,
) -> Vec<Effect> {
    if state.jobs.remove(&run).is_none() || state.pin != Some(Pin::Asking(run)) {
        return vec![];
    }
    let mut effects = vec![Effect::Cancel(run)];
    let digest = state.slot().and_then(|slot| slot.inspection.named_digest().cloned());
    let Some(digest) = digest else {
        state.pin = None;
        return effects;
    };
    match answer {
        Err(error) => state.pin = Some(Pin::Failed(shown(&error.to_string()))),
        Ok(now) if now.descriptor.digest != digest => {
            if let Some((repository, tag)) = state.slot().and_then(|s| s.inspection.tag()) {
                let (repository, digest) = (repository.clone(), now.descriptor.digest.clone());
                let media_type = now.descriptor.media_type.clone();
                let facts = TagFacts { digest, media_type, created: None, contradicted: None };
                super::tags::learn(state, &repository, &tag, facts);
            }
            state.pin = None;
            moved(state, &now.descriptor.digest);
        }
        Ok(_) => effects.extend(offer(state)),
    }
    effects
}

/// Raises the alarm, which stays with the release until it is checked again.
pub(super) fn moved(state: &mut State, now: &Digest) {
    let was = state.slot().and_then(|slot| slot.inspection.named_digest().cloned());
    let (Some(was), Some(tag)) = (was, tag_words(state)) else { return };
    if let Some(slot) = state.open.as_ref().and_then(|open| state.known.get_mut(open)) {
        slot.moved = Some(now.to_string());
        slot.generation += 1;
    }
    state.pin = Some(Pin::Moved { tag, was: was.to_string(), now: now.to_string() });
}

fn tag_words(state: &State) -> Option<String> {
    match &state.slot()?.inspection.subject {
        Subject::Artifact(reference) => Some(shown(&reference.to_string())),
        _ => None,
    }
}

/// Copies a proved pin; asks first for any other.
fn offer(state: &mut State) -> Vec<Effect> {
    state.pin = None;
    let Some(slot) = state.slot() else { return vec![] };
    let Some(line) = line(slot) else { return vec![] };
    if slot.inspection.demand.is_some() && slot.overall.verdict == Verdict::Proved {
        // Of several lines the first alone would not say what was copied.
        if let Some((name, text)) = form(state) {
            state.say(format!("copied the pin for {name}"));
            return vec![Effect::Copy(text)];
        }
        state.say(format!("copied {}", shown(&line)));
        return vec![Effect::Copy(line)];
    }
    let why = match (&slot.inspection.demand, !slot.overall.running) {
        (None, _) => "UNVERIFIED: no signer was demanded".to_owned(),
        (Some(_), false) => "it is still being checked".to_owned(),
        (Some(_), true) => format!("{}: {}", slot.overall.verdict, shown(&slot.overall.reason)),
    };
    state.pin = Some(Pin::Confirm { line: format!("{line} {NOT_PROVED}"), why });
    vec![]
}

/// The form under the cursor, where it is not the reference alone.
fn form(state: &State) -> Option<(&'static str, String)> {
    let entry = decision::selected(state).filter(|entry| entry.what == What::Pin)?;
    // The reference alone is copied as everywhere else.
    let text = entry.text.as_ref().ok().filter(|_| entry.name != REFERENCE)?;
    Some((entry.name, text.clone()))
}

/// `name:tag@digest`, quoted and on one line.
fn line(slot: &Slot) -> Option<String> {
    let Subject::Artifact(reference) = &slot.inspection.subject else { return None };
    let digest: Option<Digest> = slot.inspection.digest().cloned();
    digest.as_ref()?;
    Some(shell_word(&Reference { digest, ..reference.clone() }.to_string()))
}

/// A key while the question is open.
pub(super) fn dialog(state: &mut State, action: Action) -> Vec<Effect> {
    match (action, &state.pin) {
        (Action::Quit, _) => vec![Effect::Quit(Ended::Quit)],
        (Action::Back, _) => end_pin(state),
        (Action::Accept, Some(Pin::Draft(draft, from))) => {
            // Nothing is agreed to that was not on the screen.
            if *from < last(state, draft) {
                state.say("there is more of it: ↓ or PgDn leads to its end");
                return vec![];
            }
            let draft = draft.clone();
            super::pin_file::commit(state, draft)
        }
        (action, Some(Pin::Draft(draft, from))) => {
            let (last, page) = (last(state, draft), rows(state));
            let mut top = Cursor { selected: *from, offset: 0 };
            if let Some(step) = super::step(action) {
                top.step(step, last + 1, page);
            }
            if let Some(Pin::Draft(_, from)) = &mut state.pin {
                *from = top.selected;
            }
            vec![]
        }
        (Action::Accept, Some(Pin::Confirm { line, .. })) => {
            let line = line.clone();
            state.pin = None;
            state.say(format!("copied, NOT proved: {}", shown(&line)));
            vec![Effect::Copy(line)]
        }
        _ => vec![],
    }
}
