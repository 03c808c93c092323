//! Listing and resolving tags: page by page, and only what is in sight.

use std::time::Duration;

use super::{browser, catalog, engine};
use crate::{
    domain::{Repository, Tag, Timestamp, verdict::Answer},
    inspect::{
        Inspection, RegistryError, Subject, TagPage,
        tags::{After, Ledger, TagFacts, resolve::AT_ONCE},
    },
    tui::{
        layout,
        message::{Effect, RunId},
        panes::{
            self,
            browser::{BrowserRow, subject_of},
        },
        state::{Job, Load, Screen, State},
        tags::Known,
        text::shown,
    },
};

/// Rows must stand still for so long before they are asked for: whoever scrolls through ten
/// thousand tags does not want to know all of them.
const QUIET: Duration = Duration::from_millis(150);

/// Takes in a page of tags.
pub(super) fn page(
    state: &mut State,
    run: RunId,
    page: Result<TagPage, RegistryError>,
) -> Vec<Effect> {
    let Some(Job::Tags(repository)) = state.jobs.remove(&run) else { return vec![] };
    let before = panes::browser::selected(state);
    let anchor = before.as_ref().and_then(|row| browser::tag_of(state, row));
    // Who did not move wants to see the newest, which a later page may bring.
    let first = panes::browser::rows(&state.browser);
    let first = first.into_iter().find(|row| matches!(row, BrowserRow::Tag(..)));
    let anchor = anchor.filter(|_| first != before);
    let now = state.now;
    let mut nodes = state.browser.repositories.iter_mut();
    let Some(node) = nodes.find(|node| node.repository == repository) else { return vec![] };
    let mut effects = vec![Effect::Cancel(run)];
    let mut namespace = false;
    match page {
        Err(error) => {
            namespace = node.tags.is_empty();
            node.load = Load::Failed(shown(&error.to_string()));
        }
        Ok(page) => {
            let walk = node.walk.get_or_insert_with(|| panes::browser::walk(now));
            node.tags.extend(walk.fresh(page.tags));
            node.odd += page.odd.len();
            walk.odd(page.odd);
            node.load = Load::Done;
            (node.next, node.incomplete) = match walk.after(page.next, now) {
                After::Page(next) => (Some(next), None),
                After::End => (None, None),
                After::Stopped(why) => (None, Some(shown(&why))),
            };
            panes::browser::sort(&mut node.tags);
        }
    }
    let more = node.next.is_some() && node.load == Load::Done;
    panes::browser::sync(&mut state.browser);
    browser::reselect(state, anchor, &repository);
    if more {
        effects.extend(browser::load(state, &repository));
    }
    if namespace {
        effects.extend(catalog::instead(state, &repository));
    }
    effects.extend(engine::after_listing(state));
    effects
}

/// Takes in what earlier runs remembered.
pub(super) fn history(state: &mut State, ledger: Ledger, trouble: Option<String>) {
    let found = state.tags.found();
    state.tags.ledger = ledger;
    state.tags.ledger.forget_moves(state.now);
    // What was learnt before the history was read is compared now.
    for (repository, tag, facts) in found {
        let last = state.tags.ledger.last(&repository, &tag).cloned();
        if let Some(slot) = state.known.get_mut(&subject_of(&repository, &tag)) {
            slot.inspection.last_seen = last;
            slot.generation += 1;
        }
        learn(state, &repository, &tag, facts);
    }
    if let Some(words) = trouble {
        state.complain(shown(&words));
    }
}

/// Takes in where a tag points.
pub(super) fn resolved(
    state: &mut State,
    run: RunId,
    answer: Result<TagFacts, RegistryError>,
) -> Vec<Effect> {
    let Some(Job::Resolve(repository, tag)) = state.jobs.remove(&run) else { return vec![] };
    match answer {
        Ok(facts) => learn(state, &repository, &tag, facts),
        Err(error) => {
            let (answer, words) = (Answer::from(error.verdict()), shown(&error.to_string()));
            state.tags.note(&repository, &tag, Known::Failed(answer, words));
        }
    }
    vec![Effect::Cancel(run)]
}

/// Notes where a tag points, and tells an open release that its tag moved under it.
pub(super) fn learn(state: &mut State, repository: &Repository, tag: &Tag, facts: TagFacts) {
    let digest = facts.digest.clone();
    let told = (state.now, !state.in_demo());
    state.tags.learn(repository, tag, facts, told);
    let subject = subject_of(repository, tag);
    if let Some(slot) = state.known.get_mut(&subject)
        && slot.inspection.named_digest().is_some_and(|judged| *judged != digest)
        && slot.moved.as_deref() != Some(digest.to_string().as_str())
    {
        slot.moved = Some(digest.to_string());
        slot.generation += 1;
    }
}

/// What an inspection starts with: where this run saw the tag, and where it was before.
pub(super) fn begin(state: &State, begun: Inspection) -> Inspection {
    let Some((repository, tag)) = begun.tag() else { return begun };
    let last_seen = state.tags.last_seen(repository, &tag);
    let pinned = state.tags.digest(repository, &tag).cloned();
    Inspection { last_seen, pinned, ..begun }
}

/// What an inspection found out about its tag.
pub(super) fn end(state: &mut State, subject: &Subject) {
    let Some(slot) = state.known.get(subject) else { return };
    let Some((repository, tag)) = slot.inspection.tag() else { return };
    let (repository, digest) = (repository.clone(), slot.inspection.named_digest().cloned());
    let badge = panes::badge(Some(slot));
    if !slot.overall.running && slot.moved.is_none() {
        state.tags.mark((&repository, &tag), slot, badge, state.now);
    }
    let own = slot.inspection.resolved().map(|r| &r.fetched.descriptor);
    let named = slot.inspection.index().or(own);
    let media_type = named.map(|named| named.media_type.clone());
    let Some(digest) = digest.filter(|d| state.tags.digest(&repository, &tag) != Some(d)) else {
        return;
    };
    if slot.moved.is_some() {
        return;
    }
    let media_type = media_type.unwrap_or_default();
    let facts = TagFacts { digest, media_type, created: None, contradicted: None };
    learn(state, &repository, &tag, facts);
}

/// Forgets where the tag of a target points, so that it is resolved anew.
pub(super) fn forget(state: &mut State, subject: &Subject) {
    let tag = state.known.get(subject).and_then(|slot| slot.inspection.tag());
    if let Some((repository, tag)) = tag {
        state.tags.forget(&repository.clone(), &tag);
    }
}

/// Asks for the tag under the cursor again.
pub(super) fn again(state: &mut State) -> Vec<Effect> {
    let row = panes::browser::selected(state);
    let Some((repository, tag)) = row.and_then(|row| browser::tag_of(state, &row)) else {
        return vec![];
    };
    if matches!(state.tags.known(&repository, &tag), Some(Known::Asking(_))) {
        return vec![];
    }
    state.tags.forget(&repository, &tag);
    state.say(format!("asking where {} points now", shown(tag.as_str())));
    vec![ask(state, repository, tag)]
}

fn ask(state: &mut State, repository: Repository, tag: Tag) -> Effect {
    let (run, place) = (state.next_run(), state.place);
    state.tags.note(&repository, &tag, Known::Asking(run));
    state.jobs.insert(run, Job::Resolve(repository.clone(), tag.clone()));
    Effect::ResolveTag { run, repository, tag, place }
}

/// Asks for the tags in sight, a few at once, and drops what is out of sight again.
pub(super) fn survey(state: &mut State) -> Vec<Effect> {
    let judge = state.judge().clone();
    state.tags.judged_under(&judge);
    let seen = in_sight(state);
    let mut effects = Vec::new();
    let asking = state.tags.asking();
    let mut running = asking.len();
    for (run, repository, tag) in asking {
        if !seen.iter().any(|(r, t)| *r == repository && *t == tag) {
            state.tags.forget(&repository, &tag);
            state.jobs.remove(&run);
            effects.push(Effect::Cancel(run));
            running -= 1;
        }
    }
    let unknown: Vec<_> =
        seen.into_iter().filter(|(r, t)| state.tags.known(r, t).is_none()).collect();
    let quiet = is_quiet(state);
    state.tags.waiting = !quiet && !unknown.is_empty();
    if quiet {
        for (repository, tag) in unknown.into_iter().take(AT_ONCE.saturating_sub(running)) {
            effects.push(ask(state, repository, tag));
            running += 1;
        }
    }
    if running == 0 && !state.tags.unsaved.is_empty() {
        effects.push(Effect::Remember(std::mem::take(&mut state.tags.unsaved)));
    }
    effects
}

/// Whether the same rows have been in sight for a while.
fn is_quiet(state: &mut State) -> bool {
    let rows = layout::rows(layout::areas(state).browser);
    let window = (state.browser.cursor.offset, rows, panes::browser::len(&state.browser));
    let since = match state.tags.window {
        Some((same, since)) if same == window => since,
        _ => state.now,
    };
    state.tags.window = Some((window, since));
    elapsed(since, state.now) >= QUIET
}

fn elapsed(since: Timestamp, now: Timestamp) -> Duration {
    Duration::try_from(now.duration_since(since)).unwrap_or_default()
}

/// The tags in sight that can be asked for, from the top.
fn in_sight(state: &State) -> Vec<(Repository, Tag)> {
    if state.screen != Screen::Work {
        return vec![];
    }
    let height = layout::rows(layout::areas(state).browser);
    let rows = panes::browser::rows(&state.browser);
    let seen = rows.iter().skip(state.browser.cursor.offset).take(height);
    let tags = seen.filter(|row| matches!(row, BrowserRow::Tag(..)));
    tags.filter_map(|row| browser::tag_of(state, row))
        .filter(|(_, tag)| !tag.is_attachment())
        .collect()
}
