//! Registries, repositories, tags: what their rows do.

use super::{catalog, engine};
use crate::{
    domain::{Repository, Tag},
    inspect::Subject,
    tui::{
        layout,
        message::Effect,
        panes::browser::{self, BrowserRow},
        state::{Focus, Job, Load, RepositoryNode, State},
    },
};

/// Puts a repository into the browser, unless it is there, and asks for its tags.
pub(super) fn show(state: &mut State, repository: &Repository) -> Vec<Effect> {
    let nodes = &mut state.browser.repositories;
    if !nodes.iter().any(|node| node.repository == *repository) {
        // Repositories of one registry stand together.
        let host = repository.host();
        let behind = nodes.iter().rposition(|node| node.repository.host() == host);
        nodes.insert(
            behind.map_or(nodes.len(), |i| i + 1),
            RepositoryNode::new(repository.clone(), true),
        );
    }
    state.browser.folded.remove(&browser::host(repository));
    select(state, |state, row| match row {
        BrowserRow::Repository(n) => node(state, *n).is_some_and(|n| n.repository == *repository),
        _ => false,
    });
    load(state, repository)
}

fn node(state: &State, number: usize) -> Option<&RepositoryNode> {
    state.browser.repositories.get(number)
}

/// Asks for the next page of tags, or the first one.
pub(super) fn load(state: &mut State, repository: &Repository) -> Vec<Effect> {
    let run = state.next_run();
    let place = state.place;
    let mut nodes = state.browser.repositories.iter_mut();
    let Some(node) = nodes.find(|node| node.repository == *repository) else { return vec![] };
    let finished = matches!(node.load, Load::Done) && node.next.is_none();
    if finished || matches!(node.load, Load::Running(_)) {
        return vec![];
    }
    node.load = Load::Running(run);
    let after = node.next.clone();
    state.jobs.insert(run, Job::Tags(repository.clone()));
    vec![Effect::LoadTags { run, repository: repository.clone(), after, place }]
}

/// Puts the cursor on the first row of which `wanted` is true.
fn select(state: &mut State, wanted: impl Fn(&State, &BrowserRow) -> bool) -> bool {
    let found = browser::rows(&state.browser).iter().position(|row| wanted(state, row));
    if let Some(found) = found {
        state.browser.cursor.selected = found;
    }
    found.is_some()
}

/// Repository and tag of a tag's row.
pub(super) fn tag_of(state: &State, row: &BrowserRow) -> Option<(Repository, Tag)> {
    let BrowserRow::Tag(repository, tag) = row else { return None };
    let node = node(state, *repository)?;
    Some((node.repository.clone(), node.tags.get(*tag)?.clone()))
}

/// After tags came in: the cursor stays on its tag, else goes to the open one, else to the first
/// of the repository that was named.
pub(super) fn reselect(
    state: &mut State,
    anchor: Option<(Repository, Tag)>,
    repository: &Repository,
) {
    let open = match &state.open {
        Some(Subject::Artifact(reference)) => {
            reference.tag.clone().map(|tag| (reference.repository.clone(), tag))
        }
        _ => None,
    };
    for wanted in [anchor, open].into_iter().flatten() {
        if select(state, |state, row| tag_of(state, row).as_ref() == Some(&wanted)) {
            return;
        }
    }
    let on_it = match browser::selected(state) {
        Some(BrowserRow::Repository(n) | BrowserRow::Note(n)) => {
            node(state, n).is_some_and(|n| n.repository == *repository)
        }
        Some(BrowserRow::Host(_) | BrowserRow::HostNote(_)) => false,
        _ => true,
    };
    if on_it {
        select(state, |state, row| tag_of(state, row).is_some_and(|(r, _)| r == *repository));
    }
}

/// Shows or hides tags of attached material.
pub(super) fn attachments(state: &mut State) {
    let anchor = browser::selected(state).and_then(|row| tag_of(state, &row));
    state.browser.attachments = !state.browser.attachments;
    browser::sync(&mut state.browser);
    if let Some(anchor) = anchor {
        select(state, |state, row| tag_of(state, row).as_ref() == Some(&anchor));
    }
}

/// Opens the tag of the row, folds and unfolds the others.
pub(super) fn enter(state: &mut State) -> Vec<Effect> {
    match browser::selected(state) {
        Some(BrowserRow::Tag(repository, tag)) => {
            let Some(subject) = browser::subject(&state.browser, repository, tag) else {
                return vec![];
            };
            let again = state.open.as_ref() == Some(&subject);
            let effects = engine::open(state, &subject);
            if again || !layout::side_by_side(state) {
                state.focus = Focus::Master;
            }
            effects
        }
        Some(BrowserRow::Hidden(..)) => {
            attachments(state);
            vec![]
        }
        Some(BrowserRow::HostNote(host)) => match state.browser.hosts.get(&host) {
            Some(node) if matches!(node.load, Load::Failed(_)) => catalog::load(state, &host),
            _ => vec![],
        },
        Some(BrowserRow::Note(n)) => {
            let repository = node(state, n).map(|node| node.repository.clone());
            repository.map(|repository| load(state, &repository)).unwrap_or_default()
        }
        Some(row) => fold(state, &row, None).unwrap_or_default(),
        None => vec![],
    }
}

/// Folds or unfolds a row; `None` when there is nothing to fold, or it stands so already.
fn fold(state: &mut State, row: &BrowserRow, unfold: Option<bool>) -> Option<Vec<Effect>> {
    match row {
        BrowserRow::Host(host) => {
            let folded = state.browser.folded.contains(host);
            if unfold.is_some_and(|unfold| unfold != folded) {
                return None;
            }
            if folded {
                state.browser.folded.remove(host);
            } else {
                state.browser.folded.insert(host.clone());
            }
            Some(vec![])
        }
        BrowserRow::Repository(number) => {
            let node = state.browser.repositories.get_mut(*number)?;
            if unfold == Some(node.unfolded) {
                return None;
            }
            node.unfolded = !node.unfolded;
            let repository = node.repository.clone();
            let ask = node.unfolded && node.load == Load::NotAsked;
            Some(if ask { load(state, &repository) } else { vec![] })
        }
        _ => None,
    }
}

/// Unfolds, or goes on to the pane.
pub(super) fn right(state: &mut State) -> Vec<Effect> {
    let Some(row) = browser::selected(state) else { return vec![] };
    let effects = fold(state, &row, Some(true));
    if effects.is_none() && state.open.is_some() {
        state.focus = Focus::Master;
    }
    effects.unwrap_or_default()
}

/// Folds, or goes to the row above which this one lies.
pub(super) fn left(state: &mut State) -> Vec<Effect> {
    let Some(row) = browser::selected(state) else { return vec![] };
    if let Some(effects) = fold(state, &row, Some(false)) {
        return effects;
    }
    match row {
        BrowserRow::Host(_) => {}
        BrowserRow::HostNote(host) => {
            select(state, |_, row| *row == BrowserRow::Host(host.clone()));
        }
        BrowserRow::Repository(n) => {
            let host = node(state, n).map(|node| browser::host(&node.repository));
            select(state, |_, row| matches!(row, BrowserRow::Host(h) if Some(h) == host.as_ref()));
        }
        BrowserRow::Tag(n, _) | BrowserRow::Hidden(n, _) | BrowserRow::Note(n) => {
            select(state, |_, row| *row == BrowserRow::Repository(n));
        }
    }
    vec![]
}
