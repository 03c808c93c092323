//! Targets and their checks: opening, leaving, learning, trying again; the demo.

use super::{browser, tags};
use crate::{
    domain::{Reference, Repository},
    inspect::{Event, Inspection, Subject, ready, verdict::overall},
    tui::{
        cursor::Cursor,
        message::{Effect, Place, RunId},
        offers,
        panes::{self, Key, browser::BrowserRow},
        state::{Browser, DemoFacts, Focus, Job, Load, Pane, RepositoryNode, Screen, Slot, State},
        text::count,
    },
};

/// The most targets whose facts are kept.
const MAX_KNOWN: usize = 32;
/// The most recent targets on the first screen.
const MAX_RECENT: usize = 8;
/// The most targets of the demo that are looked at in the background at once.
const SURVEYED_AT_ONCE: usize = 2;

/// Shows a repository's tags.
pub(super) fn browse(state: &mut State, repository: &Repository) -> Vec<Effect> {
    let mut effects = leave_demo_for(state, repository);
    state.screen = Screen::Work;
    state.focus = Focus::Browser;
    effects.extend(browser::show(state, repository));
    effects
}

/// Opens a target that was named, with the tags beside it.
pub(super) fn visit(state: &mut State, subject: &Subject) -> Vec<Effect> {
    let mut effects = Vec::new();
    if let Subject::Artifact(reference) = subject {
        effects.extend(leave_demo_for(state, &reference.repository));
        effects.extend(browser::show(state, &reference.repository));
    } else {
        effects.extend(leave_demo(state));
    }
    state.screen = Screen::Work;
    state.focus = Focus::Master;
    // Of a file that is only read there is nothing else to see.
    let only_read = matches!(subject, Subject::Document(_));
    state.pane = if only_read { Pane::Sbom } else { Pane::Overview };
    effects.extend(open(state, subject));
    effects
}

/// Opens a target; what was open is left, and its work ends.
pub(super) fn open(state: &mut State, subject: &Subject) -> Vec<Effect> {
    if state.open.as_ref() == Some(subject) {
        return start_ready(state, subject);
    }
    let mut effects = leave(state);
    let used = state.known.values().map(|slot| slot.used).max().unwrap_or(0) + 1;
    ensure(state, subject).used = used;
    forget_the_oldest(state);
    if !state.in_demo() {
        state.recents.retain(|recent| recent != subject);
        state.recents.insert(0, subject.clone());
        state.recents.truncate(MAX_RECENT);
    }
    state.open = Some(subject.clone());
    // Whoever goes elsewhere is on another way.
    state.trail.clear();
    state.masters = Default::default();
    effects.extend(start_ready(state, subject));
    effects
}

/// Leaves the open target: its work ends, what it learnt stays.
fn leave(state: &mut State) -> Vec<Effect> {
    let mut effects = end_pin(state);
    let Some(left) = state.open.take() else { return effects };
    if let Some(slot) = state.known.get_mut(&left) {
        effects.extend(end(slot, &mut state.jobs));
    }
    effects
}

fn end(slot: &mut Slot, jobs: &mut std::collections::BTreeMap<RunId, Job>) -> Option<Effect> {
    let run = slot.run.take()?;
    jobs.remove(&run);
    slot.inspection.park();
    Some(Effect::Cancel(run))
}

/// Ends the question about a pin, and the work for it.
pub(super) fn end_pin(state: &mut State) -> Vec<Effect> {
    state.pin = None;
    let runs: Vec<RunId> =
        state.jobs.iter().filter(|(_, job)| **job == Job::Repin).map(|(run, _)| *run).collect();
    state.jobs.retain(|_, job| *job != Job::Repin);
    runs.into_iter().map(Effect::Cancel).collect()
}

/// The linter's findings in words.
fn linted(seen: &Inspection) -> Vec<(String, String)> {
    let found = crate::inspect::advice::lint(seen);
    found.iter().map(|f| (f.report_code().to_owned(), f.message())).collect()
}

fn ensure<'a>(state: &'a mut State, subject: &Subject) -> &'a mut Slot {
    let judge = state.judge().clone();
    // Over a file other pieces are a signature than over an image.
    let demand = match subject.reference() {
        Some(_) => judge.demand,
        None => judge.over_files,
    };
    let begun = Inspection::new(subject.clone(), demand, judge.root).within(judge.scope);
    let inspection = tags::begin(state, begun);
    state.known.entry(subject.clone()).or_insert_with(|| {
        let overall = overall(&inspection);
        Slot {
            lint: linted(&inspection),
            inspection,
            overall,
            run: None,
            finished: false,
            generation: 0,
            used: 0,
            moved: None,
        }
    })
}

fn forget_the_oldest(state: &mut State) {
    while !state.in_demo() && state.known.len() > MAX_KNOWN {
        let open = state.open.as_ref();
        let idle = state.known.iter().filter(|(s, slot)| slot.run.is_none() && Some(*s) != open);
        let Some(oldest) = idle.min_by_key(|(_, slot)| slot.used).map(|(s, _)| s.clone()) else {
            return;
        };
        state.known.remove(&oldest);
    }
}

/// Starts every check of a target that can start now.
fn start_ready(state: &mut State, subject: &Subject) -> Vec<Effect> {
    let (now, place, fresh) = (state.now, state.place, RunId(state.last_run + 1));
    let Some(slot) = state.known.get_mut(subject) else { return vec![] };
    let planned = ready(&slot.inspection);
    slot.finished = planned.is_empty() && slot.inspection.running() == 0;
    if slot.finished {
        slot.overall = overall(&slot.inspection);
        slot.lint = linted(&slot.inspection);
        return end(slot, &mut state.jobs).into_iter().collect();
    }
    let run = *slot.run.get_or_insert(fresh);
    state.jobs.insert(run, Job::Inspect(subject.clone()));
    state.last_run = state.last_run.max(run.0);
    let mut effects = Vec::new();
    for planned in planned {
        slot.inspection.start(planned.id.clone(), now);
        effects.push(Effect::Start { run, planned: Box::new(planned), place });
    }
    slot.overall = overall(&slot.inspection);
    slot.lint = linted(&slot.inspection);
    effects
}

/// Takes in what a check tells; of a left target it changes nothing.
pub(super) fn event(state: &mut State, run: RunId, event: Event) -> Vec<Effect> {
    let Some(Job::Inspect(subject)) = state.jobs.get(&run).cloned() else { return vec![] };
    let learnt = matches!(event, Event::Finished { .. });
    let places = (learnt && state.open.as_ref() == Some(&subject)).then(|| selections(state));
    let Some(slot) = state.known.get_mut(&subject) else { return vec![] };
    slot.inspection.apply(event);
    if !learnt {
        return vec![];
    }
    slot.generation += 1;
    let mut effects = start_ready(state, &subject);
    tags::end(state, &subject);
    if let Some(places) = places {
        reselect(state, places);
    }
    effects.extend(survey(state));
    effects
}

/// What is selected on every pane.
fn selections(state: &State) -> Vec<(Pane, Option<Key>)> {
    let selected = |pane: Pane| {
        // The first row is where nobody moved the cursor yet.
        if state.masters[pane as usize].selected == 0 {
            return None;
        }
        let rows = panes::rows_of(state, pane);
        rows.into_iter().nth(state.masters[pane as usize].selected).map(|row| row.key)
    };
    Pane::ALL.into_iter().map(|pane| (pane, selected(pane))).collect()
}

/// The cursor stays on its row, whatever came in above it.
fn reselect(state: &mut State, places: Vec<(Pane, Option<Key>)>) {
    for (pane, key) in places {
        let Some(key) = key else { continue };
        let now = panes::rows_of(state, pane).iter().position(|row| row.key == key);
        let cursor = &mut state.masters[pane as usize];
        if let Some(now) = now {
            cursor.offset = (cursor.offset + now).saturating_sub(cursor.selected);
            cursor.selected = now;
        }
    }
}

/// Tries what is undecided again, and only that.
pub(super) fn retry(state: &mut State) -> Vec<Effect> {
    let mut effects = list_again(state);
    let several = offers::undecided(state);
    let Some(subject) = state.open.clone() else { return effects };
    let Some(slot) = state.known.get_mut(&subject) else { return effects };
    if several == 0 {
        if effects.is_empty() && state.focus != Focus::Browser {
            state.say("nothing is undecided");
        }
        return effects;
    }
    slot.inspection.retry_undecided();
    slot.generation += 1;
    state.say(format!("trying {} again", count(several, "check")));
    effects.extend(start_ready(state, &subject));
    effects
}

/// Asks again for the tags that could not be listed.
fn list_again(state: &mut State) -> Vec<Effect> {
    let failed = |node: &&RepositoryNode| matches!(node.load, Load::Failed(_));
    let repositories: Vec<Repository> =
        state.browser.repositories.iter().filter(failed).map(|n| n.repository.clone()).collect();
    let hosts = state.browser.hosts.iter().filter(|(_, node)| matches!(node.load, Load::Failed(_)));
    let hosts: Vec<String> = hosts.map(|(host, _)| host.clone()).collect();
    let mut effects: Vec<Effect> =
        repositories.iter().flat_map(|repository| browser::load(state, repository)).collect();
    effects.extend(hosts.iter().flat_map(|host| super::catalog::load(state, host)));
    effects
}

/// Forgets everything of the open target and checks it again.
pub(super) fn check_again(state: &mut State) -> Vec<Effect> {
    let mut effects = list_again(state);
    let trail = std::mem::take(&mut state.trail);
    let Some(subject) = state.open.take() else { return effects };
    effects.extend(end_pin(state));
    state.unsigned = None;
    tags::forget(state, &subject);
    if let Some(mut slot) = state.known.remove(&subject) {
        effects.extend(end(&mut slot, &mut state.jobs));
    }
    effects.extend(open(state, &subject));
    state.trail = trail;
    effects
}

/// What a listing sets off: in the demo the first tag is opened, and all are looked at.
pub(super) fn after_listing(state: &mut State) -> Vec<Effect> {
    let mut effects = Vec::new();
    if state.in_demo() && state.open.is_none() {
        effects.extend(open_first(state));
    }
    effects.extend(survey(state));
    effects
}

/// Opens the first tag of the first repository, whichever repository answers first.
fn open_first(state: &mut State) -> Vec<Effect> {
    let waiting = |node: &RepositoryNode| matches!(node.load, Load::Running(_));
    if state.browser.repositories.first().is_none_or(waiting) {
        return vec![];
    }
    let rows = panes::browser::rows(&state.browser);
    let wanted = state.demo.as_ref().and_then(|demo| demo.opening.as_ref());
    let is_wanted = |row: &BrowserRow| match row {
        BrowserRow::Tag(0, tag) => {
            let node = state.browser.repositories.first();
            node.and_then(|node| node.tags.get(*tag)) == wanted && wanted.is_some()
        }
        _ => false,
    };
    let any = || rows.iter().position(|row| matches!(row, BrowserRow::Tag(..)));
    let first = rows.iter().position(is_wanted).or_else(any);
    let Some(BrowserRow::Tag(repository, tag)) = first.and_then(|at| rows.get(at)) else {
        return vec![];
    };
    let subject = panes::browser::subject(&state.browser, *repository, *tag);
    state.browser.cursor.selected = first.unwrap_or(0);
    subject.map(|subject| open(state, &subject)).unwrap_or_default()
}

/// Shows the release that is built in.
pub(super) fn enter_demo(state: &mut State) -> Vec<Effect> {
    let Some(DemoFacts { repositories, .. }) = state.demo.clone() else {
        state.complain("this program was built without its demo");
        return vec![];
    };
    let mut effects = forget_everything(state);
    state.place = Place::Demo;
    state.screen = Screen::Work;
    state.focus = Focus::Browser;
    state.pane = Pane::Overview;
    for repository in &repositories {
        effects.extend(browser::show(state, repository));
    }
    state.browser.cursor = Cursor::default();
    effects
}

/// Leaves the demo unless `repository` is one of its own.
fn leave_demo_for(state: &mut State, repository: &Repository) -> Vec<Effect> {
    let own = state.demo.as_ref().is_some_and(|demo| demo.repositories.contains(repository));
    if own { vec![] } else { leave_demo(state) }
}

pub(super) fn leave_demo(state: &mut State) -> Vec<Effect> {
    if !state.in_demo() {
        return vec![];
    }
    let effects = forget_everything(state);
    state.place = Place::Live;
    effects
}

/// Ends all work and forgets every target: facts of one place are never shown in the other.
fn forget_everything(state: &mut State) -> Vec<Effect> {
    let effects = state.jobs.keys().copied().map(Effect::Cancel).collect();
    state.jobs.clear();
    state.known.clear();
    state.open = None;
    state.trail.clear();
    state.pin = None;
    (state.unsigned, state.aside, state.compared) = (None, None, None);
    state.releases = None;
    state.browser = Browser::default();
    state.tags = std::mem::take(&mut state.tags).elsewhere();
    effects
}

/// Looks at the demo's other tags in the background, so that their verdicts stand beside them.
fn survey(state: &mut State) -> Vec<Effect> {
    let mut effects = Vec::new();
    if !state.in_demo() {
        return effects;
    }
    for subject in all_tags(&state.browser) {
        let busy = state.known.values().filter(|slot| slot.run.is_some()).count();
        if busy > SURVEYED_AT_ONCE {
            break;
        }
        let slot = ensure(state, &subject);
        if slot.run.is_none() && !slot.finished {
            effects.extend(start_ready(state, &subject));
        }
    }
    effects
}

fn all_tags(browser: &Browser) -> Vec<Subject> {
    let of = |node: &RepositoryNode| {
        let repository = node.repository.clone();
        let tags = node.tags.iter().filter(|tag| !tag.is_attachment()).cloned();
        tags.map(move |tag| {
            let repository = repository.clone();
            Subject::Artifact(Reference { repository, tag: Some(tag), digest: None })
        })
        .collect::<Vec<_>>()
    };
    browser.repositories.iter().flat_map(of).collect()
}
