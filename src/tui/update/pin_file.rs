//! The pin of the open release, written into a file that names its image: what would change is
//! shown first, and the tag is asked for once more before it is.

use std::path::PathBuf;

use super::decision::DEMO;
use crate::{
    domain::Tag,
    inspect::Subject,
    tui::{
        message::{Effect, RunId},
        pinning::{Draft, Ending, Proved},
        state::{Asking, Field, Job, Pin, State},
        text::shown,
    },
};

/// The release, where it is proved and has a tag that can be asked for again.
///
/// # Errors
/// Why nothing is written, in words.
fn proved(state: &State) -> Result<Proved, String> {
    if state.in_demo() {
        return Err(DEMO.to_owned());
    }
    let slot = state.slot().ok_or("nothing is open")?;
    let decision = state.decision.as_ref().ok_or("it is not known what is proved")?;
    if let Some(why) = &decision.unproved {
        return Err(format!("nothing is written: {}", shown(why)));
    }
    let Subject::Artifact(reference) = &slot.inspection.subject else {
        return Err("only images are pinned".to_owned());
    };
    let (digest, named) = (slot.inspection.digest(), slot.inspection.named_digest());
    let (Some(digest), Some(named)) = (digest, named) else {
        return Err("there is no digest to write yet".to_owned());
    };
    let tag = match (&reference.tag, &reference.digest) {
        (Some(tag), _) => tag.clone(),
        (None, None) => Tag::parse("latest").map_err(|e| e.to_string())?,
        (None, Some(_)) => {
            let words = "it was opened by its digest: open it by its tag, which is asked for again";
            return Err(words.to_owned());
        }
    };
    let reference = reference.clone();
    Ok(Proved { reference, again: (tag, named.clone()), digest: digest.clone() })
}

/// Asks for the file.
pub(super) fn ask(state: &mut State) {
    match proved(state) {
        Ok(_) => super::field::ask(state, Asking::PinFile),
        Err(why) => state.say(why),
    }
}

/// Sends somebody to see what would change in it.
pub(super) fn accept(state: &mut State) -> Vec<Effect> {
    let name = state.field.as_ref().map(|field| field.text.trim().to_owned()).unwrap_or_default();
    let of = match proved(state) {
        Ok(of) if !name.is_empty() => of,
        Ok(_) => {
            state.field = None;
            return vec![];
        }
        Err(why) => {
            state.field = None;
            state.complain(why);
            return vec![];
        }
    };
    if state.jobs.values().any(|job| *job == Job::PinFile) {
        state.say("still reading");
        return vec![];
    }
    let run = state.next_run();
    state.jobs.insert(run, Job::PinFile);
    vec![Effect::Draft { run, path: PathBuf::from(name), of: Box::new(of) }]
}

/// Shows what would change; a file in which nothing would stays in the field.
pub(super) fn drafted(
    state: &mut State,
    run: RunId,
    answer: Result<Box<Draft>, String>,
) -> Vec<Effect> {
    let known = state.jobs.remove(&run).is_some();
    let asking = |field: &Field| field.asking == Asking::PinFile;
    // Whoever left the field meanwhile wants nothing written.
    if known && state.field.as_ref().is_some_and(asking) {
        match answer {
            Ok(draft) => {
                state.field = None;
                state.pin = Some(Pin::Draft(draft, 0));
            }
            Err(why) => state.complain(shown(&why)),
        }
    }
    vec![Effect::Cancel(run)]
}

/// Writes it, if the release is still proved.
pub(super) fn commit(state: &mut State, draft: Box<Draft>) -> Vec<Effect> {
    state.pin = None;
    if let Err(why) = proved(state) {
        state.complain(why);
        return vec![];
    }
    let run = state.next_run();
    state.jobs.insert(run, Job::PinFile);
    let scope = Box::new(state.judge().scope.clone());
    vec![Effect::Commit { run, draft, scope }]
}

/// Takes in how it ended; a moved tag is an alarm.
pub(super) fn committed(
    state: &mut State,
    run: RunId,
    answer: Result<Ending, String>,
) -> Vec<Effect> {
    state.jobs.remove(&run);
    match answer {
        Ok(Ending::Wrote(words)) => state.say(shown(&words)),
        Ok(Ending::Moved(now)) => super::pin::moved(state, &now),
        Err(why) => state.complain(shown(&why)),
    }
    vec![Effect::Cancel(run)]
}
