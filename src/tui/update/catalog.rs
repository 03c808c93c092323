//! Registries and namespaces: the repositories that they will list.

use super::{browser, engine};
use crate::{
    domain::{Reference, Repository, reference::DOCKER_HUB},
    inspect::{
        CatalogPage, RegistryError,
        tags::{After, walk::is_within},
    },
    tui::{
        message::{Effect, RunId},
        panes,
        state::{Focus, HostNode, Job, Load, RepositoryNode, Screen, State},
        text::shown,
    },
};

/// Shows what a registry will list.
pub(super) fn browse(state: &mut State, host: &str) -> Vec<Effect> {
    let mut effects = engine::leave_demo(state);
    state.screen = Screen::Work;
    state.focus = Focus::Browser;
    effects.extend(list(state, host, None));
    effects
}

/// `ghcr.io/enix` may be a namespace: where it has no tags, what lies below it is looked for.
pub(super) fn instead(state: &mut State, repository: &Repository) -> Vec<Effect> {
    match repository {
        Repository::Remote { host, path } if !path.contains('/') && host != DOCKER_HUB => {
            list(state, host, Some(path))
        }
        _ => vec![],
    }
}

fn list(state: &mut State, host: &str, namespace: Option<&str>) -> Vec<Effect> {
    let node = state.browser.hosts.entry(host.to_owned()).or_default();
    if matches!(node.load, Load::Running(_)) {
        return vec![];
    }
    *node = HostNode { namespace: namespace.map(str::to_owned), ..HostNode::default() };
    state.browser.folded.remove(host);
    load(state, host)
}

/// Asks for the next page, or the first one again.
pub(super) fn load(state: &mut State, host: &str) -> Vec<Effect> {
    let (run, place) = (state.next_run(), state.place);
    let Some(node) = state.browser.hosts.get_mut(host) else { return vec![] };
    node.load = Load::Running(run);
    let after = node.next.clone();
    state.jobs.insert(run, Job::Catalog(host.to_owned()));
    vec![Effect::LoadCatalog { run, host: host.to_owned(), after, place }]
}

/// Takes in a page of repositories.
pub(super) fn page(
    state: &mut State,
    run: RunId,
    page: Result<CatalogPage, RegistryError>,
) -> Vec<Effect> {
    let Some(Job::Catalog(host)) = state.jobs.remove(&run) else { return vec![] };
    let now = state.now;
    let Some(node) = state.browser.hosts.get_mut(&host) else { return vec![] };
    let mut effects = vec![Effect::Cancel(run)];
    let page = match page {
        Ok(page) => page,
        Err(error) => {
            node.load = Load::Failed(shown(&error.to_string()));
            return effects;
        }
    };
    let walk = node.walk.get_or_insert_with(|| panes::browser::walk(now));
    let fresh = walk.fresh(page.paths);
    node.odd += page.odd.len();
    walk.odd(page.odd);
    node.load = Load::Done;
    (node.next, node.incomplete) = match walk.after(page.next, now) {
        After::Page(next) => (Some(next), None),
        After::End => (None, None),
        After::Stopped(why) => (None, Some(shown(&why))),
    };
    let (namespace, more) = (node.namespace.clone(), node.next.is_some());
    let within = fresh.into_iter().filter(|path| is_within(path, namespace.as_deref()));
    insert(state, &host, within.collect());
    if more {
        effects.extend(load(state, &host));
    }
    effects
}

/// Puts listed repositories below their registry, folded, without asking for their tags.
fn insert(state: &mut State, host: &str, paths: Vec<String>) {
    let anchor = panes::browser::selected(state);
    let anchor = anchor.and_then(|row| browser::tag_of(state, &row));
    let nodes = &mut state.browser.repositories;
    let known: std::collections::BTreeSet<Repository> =
        nodes.iter().map(|node| node.repository.clone()).collect();
    let new = paths.into_iter().filter_map(|path| {
        let named = Reference::parse(&format!("{host}/{path}")).ok()?.repository;
        (!known.contains(&named)).then(|| RepositoryNode::new(named, false))
    });
    let behind = nodes.iter().rposition(|node| node.repository.host() == Some(host));
    let at = behind.map_or(nodes.len(), |i| i + 1);
    let new: Vec<_> = new.collect();
    let found = !new.is_empty();
    nodes.splice(at..at, new);
    let first = nodes.iter().position(|node| node.repository.host() == Some(host));
    if let Some(first) = first {
        let last = nodes.iter().rposition(|n| n.repository.host() == Some(host));
        if let Some(own) = nodes.get_mut(first..=last.unwrap_or(first)) {
            own.sort_by(|a, b| a.repository.cmp(&b.repository));
        }
    }
    // The word that turned out to be a namespace is no repository.
    let node = state.browser.hosts.get(host);
    if let Some(namespace) = node.and_then(|node| node.namespace.clone()).filter(|_| found) {
        let own = Repository::Remote { host: host.to_owned(), path: namespace };
        let failed = |node: &RepositoryNode| matches!(node.load, Load::Failed(_));
        state.browser.repositories.retain(|node| node.repository != own || !failed(node));
    }
    panes::browser::sync(&mut state.browser);
    if let Some((repository, tag)) = anchor {
        browser::reselect(state, Some((repository.clone(), tag)), &repository);
    }
}
