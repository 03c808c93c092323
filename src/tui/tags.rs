//! What is known of tags besides their names: where they point, since when, how that was judged.
//!
//! A tag is resolved once in a run; whatever comes after works on the digest.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    mark::Mark,
    message::RunId,
    state::{Judge, Slot},
};
use crate::{
    domain::{Digest, Repository, Tag, Timestamp, verdict::Answer, version::TagOrder},
    inspect::{
        CheckKind, Facts,
        tags::{Entry, Ledger, Moved, Seen, TagFacts},
    },
};

/// How far one tag is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Known {
    /// Its row is in sight, and it was asked for.
    Asking(RunId),
    /// It points there.
    Found {
        /// Where.
        facts: TagFacts,
        /// Where it pointed when it was seen before, if that was elsewhere.
        moved: Option<Box<Moved>>,
    },
    /// Why nobody knows; `Absent` when it is gone.
    Failed(Answer, String),
}

/// A verdict, and under what it was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Marked {
    /// As it was drawn.
    pub mark: Mark,
    /// Its word.
    pub word: &'static str,
    /// In one line; foreign text.
    pub reason: String,
    /// When it was given.
    pub at: Timestamp,
    /// Over what.
    digest: Digest,
    /// By which policy and root.
    judged_by: Digest,
}

/// How a mark is to be drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Validity {
    /// Digest, policy and root are still the same.
    Holds,
    /// One of them is another by now: grey.
    Stale,
}

/// Where one repository's tags point.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Page {
    known: BTreeMap<Tag, Known>,
    names: BTreeMap<Digest, BTreeSet<(TagOrder, String)>>,
    by_digest: BTreeMap<Digest, Marked>,
    by_tag: BTreeMap<Tag, Marked>,
}

/// Everything that is known of tags.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TagBook {
    pages: BTreeMap<Repository, Page>,
    /// What was remembered from earlier runs, and of this one.
    pub ledger: Ledger,
    /// What is not written yet.
    pub unsaved: Vec<Entry>,
    /// Releases that moved, the last one first.
    pub alarms: Vec<(Repository, Moved)>,
    /// Which rows are in sight, and since when they stand still.
    pub window: Option<(Window, Timestamp)>,
    /// Whether a row in sight waits to be asked for.
    pub waiting: bool,
    /// The judge that the marks hold under.
    judge: Option<Judge>,
    judged_by: Option<Digest>,
}

/// The rows in sight: the first, how many, of how many.
pub type Window = (usize, usize, usize);

impl TagBook {
    /// The book for another place: only what is remembered between runs goes with it.
    #[must_use]
    pub fn elsewhere(self) -> Self {
        Self { ledger: self.ledger, unsaved: self.unsaved, ..Self::default() }
    }

    /// How far a tag is.
    pub fn known(&self, repository: &Repository, tag: &Tag) -> Option<&Known> {
        self.pages.get(repository)?.known.get(tag)
    }

    /// Where a tag points, as far as this run knows.
    pub fn digest(&self, repository: &Repository, tag: &Tag) -> Option<&Digest> {
        match self.known(repository, tag)? {
            Known::Found { facts, .. } => Some(&facts.digest),
            Known::Asking(_) | Known::Failed(..) => None,
        }
    }

    /// Where a tag was seen last, and where before that.
    pub fn last_seen(&self, repository: &Repository, tag: &Tag) -> Option<Seen> {
        self.ledger.last(repository, tag).cloned()
    }

    /// The tags that are being asked for.
    pub fn asking(&self) -> Vec<(RunId, Repository, Tag)> {
        let of = |(repository, page): (&Repository, &Page)| {
            let asking = page.known.iter().filter_map(|(tag, known)| match known {
                Known::Asking(run) => Some((*run, repository.clone(), tag.clone())),
                Known::Found { .. } | Known::Failed(..) => None,
            });
            asking.collect::<Vec<_>>()
        };
        self.pages.iter().flat_map(of).collect()
    }

    /// Everything that this run found out.
    pub fn found(&self) -> Vec<(Repository, Tag, TagFacts)> {
        let of = |(repository, page): (&Repository, &Page)| {
            let found = page.known.iter().filter_map(|(tag, known)| match known {
                Known::Found { facts, .. } => {
                    Some((repository.clone(), tag.clone(), facts.clone()))
                }
                Known::Asking(_) | Known::Failed(..) => None,
            });
            found.collect::<Vec<_>>()
        };
        self.pages.iter().flat_map(of).collect()
    }

    /// Notes that a tag was asked for, or what stopped it.
    pub fn note(&mut self, repository: &Repository, tag: &Tag, known: Known) {
        self.pages.entry(repository.clone()).or_default().known.insert(tag.clone(), known);
    }

    /// Forgets where a tag points, so that it is asked for again.
    pub fn forget(&mut self, repository: &Repository, tag: &Tag) {
        if let Some(page) = self.pages.get_mut(repository) {
            page.known.remove(tag);
        }
    }

    /// Takes in where a tag points. Answers whether it is somewhere else than before.
    pub fn learn(
        &mut self,
        repository: &Repository,
        tag: &Tag,
        facts: TagFacts,
        (now, remembered): (Timestamp, bool),
    ) -> bool {
        if let Some(entry) = Entry::of(repository, tag, &facts.digest, now).filter(|_| remembered) {
            self.ledger.put(entry.clone());
            self.unsaved.push(entry);
        }
        // The ledger knows where it was before, also when that was told already.
        let moved = Moved::between(tag, self.last_seen(repository, tag).as_ref(), &facts.digest);
        let is_moved = moved.is_some();
        if let Some(moved) = moved.clone().filter(Moved::is_alarm) {
            let same = |(r, m): &(Repository, Moved)| r == repository && m.tag == moved.tag;
            self.alarms.retain(|alarm| !same(alarm));
            self.alarms.insert(0, (repository.clone(), moved));
        }
        let page = self.pages.entry(repository.clone()).or_default();
        let name = (TagOrder::of(tag.as_str()), tag.to_string());
        page.names.values_mut().for_each(|names| {
            names.remove(&name);
        });
        page.names.entry(facts.digest.clone()).or_default().insert(name);
        page.names.retain(|_, names| !names.is_empty());
        page.known.insert(tag.clone(), Known::Found { facts, moved: moved.map(Box::new) });
        is_moved
    }

    /// The other tags that are known to point at the same digest, the best name first.
    pub fn same(&self, repository: &Repository, tag: &Tag) -> Vec<&str> {
        let names = self
            .digest(repository, tag)
            .and_then(|digest| self.pages.get(repository).and_then(|page| page.names.get(digest)));
        let names = names.into_iter().flatten().map(|(_, name)| name.as_str());
        names.filter(|name| *name != tag.as_str()).collect()
    }

    /// Keeps the verdict over a tag that was looked at to its end.
    pub fn mark(
        &mut self,
        (repository, tag): (&Repository, &Tag),
        slot: &Slot,
        (mark, word): (Mark, &'static str),
        now: Timestamp,
    ) {
        let Some(digest) = slot.inspection.named_digest().cloned() else { return };
        let judged_by = fingerprint(slot);
        self.judged_by = Some(judged_by.clone());
        let reason = slot.overall.reason.clone();
        let marked = Marked { mark, word, reason, at: now, digest: digest.clone(), judged_by };
        let page = self.pages.entry(repository.clone()).or_default();
        page.by_digest.insert(digest, marked.clone());
        page.by_tag.insert(tag.clone(), marked);
    }

    /// The verdict over what a tag points at, and whether it still holds: one over the same digest
    /// in this repository, else the last one over the tag.
    pub fn marked(&self, repository: &Repository, tag: &Tag) -> Option<(&Marked, Validity)> {
        let page = self.pages.get(repository)?;
        let digest = self.digest(repository, tag);
        let of_digest = digest.and_then(|digest| page.by_digest.get(digest));
        let marked = of_digest.or_else(|| page.by_tag.get(tag))?;
        let same = digest.is_none_or(|digest| *digest == marked.digest);
        let holds = same && self.judged_by.as_ref() == Some(&marked.judged_by);
        Some((marked, if holds { Validity::Holds } else { Validity::Stale }))
    }

    /// Marks that were given under another judge hold no longer.
    pub fn judged_under(&mut self, judge: &Judge) {
        if self.judge.as_ref() != Some(judge) {
            self.judge = Some(judge.clone());
            self.judged_by = None;
        }
    }
}

/// Policy and root of a verdict; the root is the one that was read, not only where from.
fn fingerprint(slot: &Slot) -> Digest {
    let root = slot.inspection.finding(CheckKind::TrustRoot).map(|finding| match &finding.facts {
        Facts::Root(facts) => format!("{:?}", facts.root),
        _ => String::new(),
    });
    Digest::sha256(format!("{:?}\n{root:?}", slot.inspection.demand).as_bytes())
}
