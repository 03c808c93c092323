//! The rows of the browser: registry → repository → tags.

use std::cmp::Reverse;

use crate::{
    domain::{Reference, Repository, Tag},
    inspect::Subject,
    tui::{
        state::{Browser, Load, RepositoryNode, State},
        text::shown,
    },
};

/// One row; numbers count repositories and their tags.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BrowserRow {
    /// A registry, or what stands for one.
    Host(String),
    /// A repository.
    Repository(usize),
    /// A tag.
    Tag(usize, usize),
    /// Tags of attached material that are not shown.
    Hidden(usize, usize),
    /// There is another page.
    More(usize),
    /// Why there are no tags.
    Note(usize),
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
    let mut last = None;
    for (number, node) in browser.repositories.iter().enumerate() {
        let host = host(&node.repository);
        if last.as_ref() != Some(&host) {
            rows.push(BrowserRow::Host(host.clone()));
            last = Some(host.clone());
        }
        if browser.folded.contains(&host) {
            continue;
        }
        rows.push(BrowserRow::Repository(number));
        if node.unfolded {
            tags(browser, number, node, &mut rows);
        }
    }
    rows
}

fn tags(browser: &Browser, number: usize, node: &RepositoryNode, rows: &mut Vec<BrowserRow>) {
    let mut hidden = 0;
    for (i, tag) in node.tags.iter().enumerate() {
        if !tag.as_str().contains(&browser.filter) {
            continue;
        }
        if tag.is_attachment() && !browser.attachments {
            hidden += 1;
        } else {
            rows.push(BrowserRow::Tag(number, i));
        }
    }
    if hidden > 0 {
        rows.push(BrowserRow::Hidden(number, hidden));
    }
    if node.next.is_some() {
        rows.push(BrowserRow::More(number));
    }
    if !matches!(node.load, Load::Done) || node.tags.is_empty() {
        rows.push(BrowserRow::Note(number));
    }
}

/// The row under the cursor.
pub fn selected(state: &State) -> Option<BrowserRow> {
    rows(&state.browser).into_iter().nth(state.browser.cursor.selected)
}

/// What a tag's row opens.
pub fn subject(browser: &Browser, repository: usize, tag: usize) -> Option<Subject> {
    let node = browser.repositories.get(repository)?;
    let reference = Reference {
        repository: node.repository.clone(),
        tag: Some(node.tags.get(tag)?.clone()),
        digest: None,
    };
    Some(Subject::Artifact(reference))
}

/// Newest version first, then the tags that are no versions, by their letters.
pub fn sort(tags: &mut [Tag]) {
    tags.sort_by_cached_key(|tag| {
        let version = version(tag.as_str());
        (version.is_none(), Reverse(version), tag.as_str().to_owned())
    });
}

/// `4.0.0`, `v1.2`, `3.9.0-busybox` as a version.
fn version(tag: &str) -> Option<semver::Version> {
    let bare = tag.strip_prefix('v').unwrap_or(tag);
    semver::Version::parse(bare).ok().or_else(|| {
        let (core, rest) = bare.split_once('-').unwrap_or((bare, ""));
        let rest = if rest.is_empty() { String::new() } else { format!("-{rest}") };
        match core.matches('.').count() {
            1 => semver::Version::parse(&format!("{core}.0{rest}")).ok(),
            _ => None,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_version_comes_first_and_names_come_last() {
        let mut tags: Vec<Tag> = ["latest", "1.2", "v1.10.0", "1.9.1", "1.9.1-rc.1", "edge"]
            .map(|t| Tag::parse(t).unwrap())
            .into();
        sort(&mut tags);
        let names: Vec<&str> = tags.iter().map(Tag::as_str).collect();
        assert_eq!(names, ["v1.10.0", "1.9.1", "1.9.1-rc.1", "1.2", "edge", "latest"]);
    }
}
