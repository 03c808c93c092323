//! The rows of the browser: registry → repository → tags.

use std::collections::BTreeSet;

use crate::{
    domain::{
        Reference, Repository, Tag, Timestamp,
        version::{Constraint, TagOrder, Version},
    },
    inspect::{
        Subject,
        tags::{ListingLimits, Walk},
    },
    tui::{
        state::{Browser, Load, RepositoryNode, Sifted, State},
        text::shown,
    },
};

/// One row; numbers count repositories and their tags.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BrowserRow {
    /// A registry, or what stands for one.
    Host(String),
    /// How the list of a registry's repositories stands, where it is not whole.
    HostNote(String),
    /// A repository.
    Repository(usize),
    /// A tag.
    Tag(usize, usize),
    /// Tags of attached material that are not shown.
    Hidden(usize, usize),
    /// Why there are no tags, or not all of them.
    Note(usize),
}

/// What the filter line asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Filter {
    /// Tags with these letters; none: all tags.
    Letters(String),
    /// Versions that fit.
    Versions(Constraint),
    /// A constraint that is not written to its end: all tags, and why.
    Unfinished(&'static str),
}

impl Filter {
    /// What a text asks for.
    pub fn read(text: &str) -> Self {
        if !Constraint::is_meant(text) {
            return Self::Letters(text.to_owned());
        }
        match Constraint::parse(text) {
            Ok(constraint) => Self::Versions(constraint),
            Err(error) => Self::Unfinished(error.message),
        }
    }

    fn takes(&self, tag: &Tag) -> bool {
        match self {
            Self::Letters(letters) => tag.as_str().contains(letters.as_str()),
            Self::Versions(constraint) => {
                Version::parse(tag.as_str()).is_some_and(|version| constraint.allows(&version))
            }
            Self::Unfinished(_) => true,
        }
    }
}

/// A walk over the pages of a list that begins now.
pub fn walk(now: Timestamp) -> Walk {
    Walk::new(ListingLimits::default(), now)
}

/// Sifts the tags anew where the filter or the tags changed: a frame only looks at the result, and
/// ten thousand tags are read once.
pub fn sync(browser: &mut Browser) {
    let Browser { repositories, filter, attachments, .. } = browser;
    let mut read = None;
    for node in repositories {
        let of = Some((filter.clone(), *attachments, node.tags.len()));
        if node.sifted.of == of {
            continue;
        }
        let filter = read.get_or_insert_with(|| Filter::read(filter));
        let mut sifted = Sifted { of, ..Sifted::default() };
        for (number, tag) in node.tags.iter().enumerate() {
            let attached = tag.is_attachment();
            if attached && !*attachments {
                sifted.hidden += 1;
            } else if filter.takes(tag) {
                sifted.shown.push(number);
            }
        }
        node.sifted = sifted;
    }
}

/// How many rows there are.
pub fn len(browser: &Browser) -> usize {
    rows(browser).len()
}

/// What stands above the repositories of one registry.
pub fn host(repository: &Repository) -> String {
    repository.host().map_or_else(|| "OCI layouts".to_owned(), shown)
}

/// A repository below its registry.
pub fn path(repository: &Repository) -> String {
    match repository {
        Repository::Remote { path, .. } => shown(path),
        Repository::Layout(path) => shown(&path.display().to_string()),
    }
}

/// All rows.
pub fn rows(browser: &Browser) -> Vec<BrowserRow> {
    let mut rows = Vec::new();
    let mut begun = BTreeSet::new();
    let mut last: Option<String> = None;
    for (number, node) in browser.repositories.iter().enumerate() {
        let host = host(&node.repository);
        if last.as_ref() != Some(&host) {
            if let Some(host) = &last {
                host_note(browser, host, &mut rows);
            }
            rows.push(BrowserRow::Host(host.clone()));
            begun.insert(host.clone());
            last = Some(host.clone());
        }
        if browser.folded.contains(&host) {
            continue;
        }
        rows.push(BrowserRow::Repository(number));
        if node.unfolded {
            tags(number, node, &mut rows);
        }
    }
    if let Some(host) = &last {
        host_note(browser, host, &mut rows);
    }
    // A registry of which nothing is known yet, or that lists nothing.
    for host in browser.hosts.keys().filter(|host| !begun.contains(*host)) {
        rows.push(BrowserRow::Host(host.clone()));
        host_note(browser, host, &mut rows);
    }
    rows
}

fn host_note(browser: &Browser, host: &str, rows: &mut Vec<BrowserRow>) {
    let Some(node) = browser.hosts.get(host).filter(|_| !browser.folded.contains(host)) else {
        return;
    };
    let lists = browser.repositories.iter().any(|n| n.repository.host() == Some(host));
    if node.load != Load::Done || node.incomplete.is_some() || !lists {
        rows.push(BrowserRow::HostNote(host.to_owned()));
    }
}

fn tags(number: usize, node: &RepositoryNode, rows: &mut Vec<BrowserRow>) {
    rows.extend(node.sifted.shown.iter().map(|tag| BrowserRow::Tag(number, *tag)));
    if node.sifted.hidden > 0 {
        rows.push(BrowserRow::Hidden(number, node.sifted.hidden));
    }
    if node.load != Load::Done || node.tags.is_empty() || node.incomplete.is_some() {
        rows.push(BrowserRow::Note(number));
    }
}

/// The row under the cursor.
pub fn selected(state: &State) -> Option<BrowserRow> {
    rows(&state.browser).into_iter().nth(state.browser.cursor.selected)
}

/// Why the list of the row under the cursor is not there, or not whole; all of it.
pub fn trouble(state: &State) -> Option<String> {
    let words = |load: &Load, incomplete: &Option<String>| match (load, incomplete) {
        (Load::Failed(why), _) => Some(why.clone()),
        (_, Some(why)) => Some(format!("not complete: {why}")),
        _ => None,
    };
    match selected(state)? {
        BrowserRow::Host(host) | BrowserRow::HostNote(host) => {
            let node = state.browser.hosts.get(&host)?;
            let why = words(&node.load, &node.incomplete)?;
            Some(format!("{host}: {why}; Enter asks again, o names a repository"))
        }
        BrowserRow::Repository(n) | BrowserRow::Note(n) => {
            let node = state.browser.repositories.get(n)?;
            let why = words(&node.load, &node.incomplete)?;
            Some(format!("{}: {why}", path(&node.repository)))
        }
        BrowserRow::Tag(..) | BrowserRow::Hidden(..) => None,
    }
}

/// The registry of the row under the cursor, where it is one.
pub fn selected_host(state: &State) -> Option<String> {
    let (BrowserRow::Host(host) | BrowserRow::HostNote(host)) = selected(state)? else {
        return None;
    };
    let nodes = &state.browser.repositories;
    let listed = nodes.iter().any(|node| node.repository.host() == Some(host.as_str()));
    (listed || state.browser.hosts.contains_key(&host)).then_some(host)
}

/// What a tag's row opens.
pub fn subject(browser: &Browser, repository: usize, tag: usize) -> Option<Subject> {
    let node = browser.repositories.get(repository)?;
    Some(subject_of(&node.repository, node.tags.get(tag)?))
}

/// What a tag opens.
pub fn subject_of(repository: &Repository, tag: &Tag) -> Subject {
    let (repository, tag) = (repository.clone(), Some(tag.clone()));
    Subject::Artifact(Reference { repository, tag, digest: None })
}

/// Newest version first, then the tags that are no versions.
pub fn sort(tags: &mut [Tag]) {
    tags.sort_by_cached_key(|tag| TagOrder::of(tag.as_str()));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_filter_takes_letters_or_a_constraint() {
        let names = ["4.1.0", "4.1.0-rc.1", "4.0.0", "3.9.0", "latest"];
        let attached = format!("sha256-{}.sig", "0".repeat(64));
        for (filter, attachments, left, hidden) in [
            ("", false, &names[..], 1),
            ("4", false, &["4.1.0", "4.1.0-rc.1", "4.0.0"], 1),
            ("^4", false, &["4.1.0", "4.0.0"], 1),
            ("^4-0", false, &["4.1.0", "4.1.0-rc.1", "4.0.0"], 1),
            ("3.x", false, &["3.9.0"], 1),
            (">=", false, &names[..], 1),
            ("test", false, &["latest"], 1),
            ("sha", true, &[attached.as_str()], 0),
        ] {
            let tags = names.iter().copied().chain([attached.as_str()]);
            let tags: Vec<Tag> = tags.map(|t| Tag::parse(t).unwrap()).collect();
            let repository = Reference::parse("ghcr.io/a/b").unwrap().repository;
            let node = RepositoryNode { tags, ..RepositoryNode::new(repository, true) };
            let (filter, repositories) = (filter.to_owned(), vec![node]);
            let mut browser = Browser { repositories, filter, attachments, ..Browser::default() };
            sync(&mut browser);
            let node = &browser.repositories[0];
            let names: Vec<&str> =
                node.sifted.shown.iter().map(|i| node.tags[*i].as_str()).collect();
            assert_eq!((names, node.sifted.hidden), (left.to_vec(), hidden), "{}", browser.filter);
        }
    }
}
