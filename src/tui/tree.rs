//! Registries, repositories and tags of the browser, as plain data.

use std::collections::{BTreeMap, BTreeSet};

use super::{cursor::Cursor, message::RunId};
use crate::{
    domain::{Repository, Tag},
    inspect::tags::Walk,
};

/// How far the tags of a repository are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Load {
    /// Nobody asked.
    #[default]
    NotAsked,
    /// Asked.
    Running(RunId),
    /// A page came.
    Done,
    /// None came: why.
    Failed(String),
}

/// One repository of the browser.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RepositoryNode {
    /// Which.
    pub repository: Repository,
    /// Whether its tags are shown.
    pub unfolded: bool,
    /// Its tags, newest version first.
    pub tags: Vec<Tag>,
    /// How many listed names are no tags.
    pub odd: usize,
    /// Where the next page is.
    pub next: Option<String>,
    /// How far it is.
    pub load: Load,
    /// The walk over its pages.
    pub walk: Option<Walk>,
    /// Why these are not all of its tags.
    pub incomplete: Option<String>,
    /// What the filter leaves of the tags, by number, and how many it hides; see `panes::browser`.
    pub sifted: Sifted,
}

impl RepositoryNode {
    /// A repository of which nothing was asked.
    pub fn new(repository: Repository, unfolded: bool) -> Self {
        let (tags, odd, next, load) = (vec![], 0, None, Load::NotAsked);
        let (walk, incomplete, sifted) = (None, None, Sifted::default());
        Self { repository, unfolded, tags, odd, next, load, walk, incomplete, sifted }
    }
}

/// The tags that the filter leaves.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sifted {
    /// Their numbers.
    pub shown: Vec<usize>,
    /// How many tags of attached material are not shown.
    pub hidden: usize,
    /// For which filter, with attached material or not, and for how many tags.
    pub of: Option<(String, bool, usize)>,
}

/// A registry that was asked what it has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HostNode {
    /// Only what lies below it.
    pub namespace: Option<String>,
    /// How far it is.
    pub load: Load,
    /// The walk over its pages.
    pub walk: Option<Walk>,
    /// Where the next page is.
    pub next: Option<String>,
    /// How many listed names are no repositories.
    pub odd: usize,
    /// Why these are not all of its repositories.
    pub incomplete: Option<String>,
}

/// Registries, repositories, tags.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Browser {
    /// Repositories of one registry stand together.
    pub repositories: Vec<RepositoryNode>,
    /// Registries that were asked what they have.
    pub hosts: BTreeMap<String, HostNode>,
    /// Registries that are folded.
    pub folded: BTreeSet<String>,
    /// Only tags with these letters.
    pub filter: String,
    /// Whether tags of attached material are shown.
    pub attachments: bool,
    /// The row under the cursor.
    pub cursor: Cursor,
}
