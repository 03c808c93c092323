//! Where every tag pointed when it was last seen. A release whose tag moved since was replaced
//! under somebody's feet: the attack that a digest stops and a tag does not.

use std::{collections::BTreeMap, time::Duration};

use crate::domain::{Digest, Repository, Tag, Timestamp, version::is_fixed};

/// The most tags that are remembered; the ones not seen for longest are forgotten first.
pub const MAX_ENTRIES: usize = 20_000;

/// How long a release that moved is an alarm: whoever looks once a week must hear of it.
const ALARM_FOR: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// Where a tag pointed, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// The digest.
    pub digest: Digest,
    /// When it was seen there last.
    pub at: Timestamp,
    /// Where it pointed before that. The first run that sees the new digest must not be the only
    /// one that warns: nobody need have read what it said.
    pub before: Option<Before>,
}

/// Where a tag pointed before it moved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Before {
    /// The digest.
    pub digest: Digest,
    /// When it was seen there last.
    pub at: Timestamp,
    /// When it was first seen elsewhere.
    pub until: Timestamp,
}

/// One tag that was resolved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Where.
    pub repository: String,
    /// Which.
    pub tag: String,
    /// Where it pointed.
    pub seen: Seen,
}

impl Entry {
    /// What is remembered of a tag, if it is one that is: tags of attached material grow with
    /// every signature, and a layout is a folder that its owner writes.
    pub fn of(repository: &Repository, tag: &Tag, digest: &Digest, at: Timestamp) -> Option<Self> {
        let remembered = matches!(repository, Repository::Remote { .. }) && !tag.is_attachment();
        let seen = Seen { digest: digest.clone(), at, before: None };
        remembered.then(|| Self { repository: repository.to_string(), tag: tag.to_string(), seen })
    }
}

/// Everything that is remembered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ledger(BTreeMap<String, BTreeMap<String, Seen>>);

impl Ledger {
    /// Where a tag pointed last.
    pub fn last(&self, repository: &Repository, tag: &Tag) -> Option<&Seen> {
        self.0.get(&repository.to_string())?.get(tag.as_str())
    }

    /// Remembers where a tag pointed; an older sight does not replace a newer one, and where it
    /// pointed before stays beside it.
    pub fn put(&mut self, entry: Entry) {
        let Entry { repository, tag, mut seen } = entry;
        let tags = self.0.entry(repository).or_default();
        match tags.get(&tag) {
            Some(known) if known.at > seen.at => return,
            Some(known) if known.digest == seen.digest => {
                seen.before = known.before.clone().or(seen.before);
            }
            Some(Seen { digest, at, .. }) => {
                let (digest, until) = (digest.clone(), seen.at);
                seen.before = Some(Before { digest, at: *at, until });
            }
            None => {}
        }
        tags.insert(tag, seen);
    }

    /// Forgets moves that were told for long enough; that a floating name moved is told once.
    pub fn forget_moves(&mut self, now: Timestamp) {
        let old = |before: &Before| now.duration_since(before.until).unsigned_abs() > ALARM_FOR;
        for (tag, seen) in self.0.values_mut().flatten() {
            if !is_fixed(tag) || seen.before.as_ref().is_some_and(old) {
                seen.before = None;
            }
        }
    }

    /// Every entry.
    pub fn entries(&self) -> impl Iterator<Item = (&str, &str, &Seen)> {
        self.0.iter().flat_map(|(repository, tags)| {
            tags.iter().map(move |(tag, seen)| (repository.as_str(), tag.as_str(), seen))
        })
    }

    /// Forgets what was not seen for longest, so that `most` entries stay.
    pub fn trim(&mut self, most: usize) {
        let mut ages: Vec<Timestamp> = self.entries().map(|(.., seen)| seen.at).collect();
        let Some(over) = ages.len().checked_sub(most).filter(|over| *over > 0) else { return };
        ages.sort_unstable();
        let Some(last) = ages.get(over - 1).copied() else { return };
        let mut left = over;
        for tags in self.0.values_mut() {
            tags.retain(|_, seen| {
                let goes = left > 0 && seen.at <= last;
                left -= usize::from(goes);
                !goes
            });
        }
        self.0.retain(|_, tags| !tags.is_empty());
    }
}

/// A tag that points elsewhere than when it was last seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moved {
    /// Which.
    pub tag: String,
    /// Where it pointed, and when.
    pub was: Seen,
    /// Where it points.
    pub now: Digest,
    /// When it was first seen there; nothing where that is now.
    pub since: Option<Timestamp>,
}

impl Moved {
    /// Compares with where it was seen last, else with where it was before it moved.
    pub fn between(tag: &Tag, last: Option<&Seen>, now: &Digest) -> Option<Self> {
        let last = last?;
        let (was, since) = if last.digest == *now {
            let Before { digest, at, until } = last.before.clone()?;
            (Seen { digest, at, before: None }, Some(until))
        } else {
            (last.clone(), None)
        };
        Some(Self { tag: tag.to_string(), was, now: now.clone(), since })
    }

    /// Whether it should never have moved: `4.0.0`, but not `4` or `latest`.
    pub fn is_alarm(&self) -> bool {
        is_fixed(&self.tag)
    }

    /// The code in reports.
    pub fn code(&self) -> &'static str {
        if self.is_alarm() { "tag-moved" } else { "floating-tag-moved" }
    }

    /// In words, with both digests.
    pub fn message(&self) -> String {
        let Self { tag, was, now, since } = self;
        let minute = |at: &Timestamp| at.strftime("%Y-%m-%d %H:%M UTC").to_string();
        let (digest, day) = (&was.digest, minute(&was.at));
        let words = match since.as_ref().map(minute) {
            Some(since) => {
                format!("{tag} moved on {since} from {digest}, seen on {day}, to {now}")
            }
            None => format!("{tag} pointed at {digest} on {day} and points at {now} now"),
        };
        if self.is_alarm() {
            return format!("{words}; a release that is published does not change");
        }
        format!("{words}, as such a name may")
    }
}

/// Where it is remembered between runs. Both methods may block.
pub trait History: Send + Sync {
    /// Everything that is remembered, and what is wrong with it: a file that cannot be read is
    /// begun anew, and never stops a run.
    fn read(&self) -> (Ledger, Option<String>);

    /// Remembers where tags point now.
    ///
    /// # Errors
    /// In words, when it cannot be written.
    fn record(&self, entries: Vec<Entry>) -> Result<(), String>;
}

/// Remembers nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoHistory;

impl History for NoHistory {
    fn read(&self) -> (Ledger, Option<String>) {
        (Ledger::default(), None)
    }

    fn record(&self, _: Vec<Entry>) -> Result<(), String> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(tag: &str, content: &str, second: i64) -> Entry {
        let at = Timestamp::from_second(second).unwrap();
        let seen = Seen { digest: Digest::sha256(content.as_bytes()), at, before: None };
        Entry { repository: "ghcr.io/a/b".into(), tag: tag.into(), seen }
    }

    #[test]
    fn a_release_that_moved_is_an_alarm_and_a_floating_name_a_note() {
        let repository = crate::domain::Reference::parse("ghcr.io/a/b").unwrap().repository;
        for (tag, before, now, code) in [
            ("4.0.0", Some("a"), "b", Some("tag-moved")),
            ("4.0.0-busybox", Some("a"), "b", Some("tag-moved")),
            ("latest", Some("a"), "b", Some("floating-tag-moved")),
            ("4", Some("a"), "b", Some("floating-tag-moved")),
            ("4.0.0", Some("a"), "a", None),
            ("4.0.0", None, "b", None),
        ] {
            let mut ledger = Ledger::default();
            if let Some(content) = before {
                ledger.put(entry(tag, content, 5));
            }
            let tag = Tag::parse(tag).unwrap();
            let now = Digest::sha256(now.as_bytes());
            let moved = Moved::between(&tag, ledger.last(&repository, &tag), &now);
            assert_eq!(moved.as_ref().map(Moved::code), code, "{tag}");
            if let Some(moved) = moved {
                let words = moved.message();
                let both = [moved.was.digest.to_string(), now.to_string(), "1970-01-01".into()];
                assert!(both.iter().all(|word| words.contains(word)), "{words}");
            }
        }
    }

    #[test]
    fn a_release_that_moved_is_told_for_a_week_and_a_floating_name_once() {
        let repository = crate::domain::Reference::parse("ghcr.io/a/b").unwrap().repository;
        let day = 24 * 60 * 60;
        for (tag, sights, now, told) in [
            ("4.0.0", &[("a", 0), ("b", day)][..], 2 * day, Some("a")),
            ("4.0.0", &[("a", 0), ("b", day), ("b", 3 * day)], 8 * day, Some("a")),
            ("4.0.0", &[("a", 0), ("b", day), ("b", 3 * day)], 8 * day + 1, None),
            ("4.0.0", &[("a", 0), ("b", day), ("c", 2 * day)], 3 * day, Some("b")),
            ("4.0.0", &[("b", day), ("a", 0)], 2 * day, None),
            ("latest", &[("a", 0), ("b", day)], 2 * day, None),
        ] {
            let mut ledger = Ledger::default();
            for (content, second) in sights {
                ledger.put(entry(tag, content, *second));
            }
            ledger.forget_moves(Timestamp::from_second(now).unwrap());
            let tag = Tag::parse(tag).unwrap();
            let last = ledger.last(&repository, &tag).unwrap();
            let moved = Moved::between(&tag, Some(last), &last.digest);
            let was = told.map(|content| Digest::sha256(content.as_bytes()));
            assert_eq!(moved.as_ref().map(|moved| moved.was.digest.clone()), was, "{sights:?}");
            if let (Some(moved), Some(was)) = (moved, was) {
                let words = moved.message();
                assert!(words.contains("moved on 1970-01-0"), "{words}");
                assert!(words.contains(&format!("from {was}")), "{words}");
            }
        }
    }

    #[test]
    fn the_newest_sight_stays_and_the_oldest_entries_go() {
        let mut ledger = Ledger::default();
        ledger.put(entry("1", "new", 9));
        ledger.put(entry("1", "old", 3));
        for n in 2..8 {
            ledger.put(entry(&n.to_string(), "x", n));
        }
        ledger.trim(3);
        let kept: Vec<(&str, i64)> =
            ledger.entries().map(|(_, tag, seen)| (tag, seen.at.as_second())).collect();
        assert_eq!(kept, [("1", 9), ("6", 6), ("7", 7)]);
    }

    #[test]
    fn tags_of_attached_material_and_of_layouts_are_not_remembered() {
        let remote = crate::domain::Reference::parse("ghcr.io/a/b").unwrap().repository;
        let layout = Repository::Layout("x".into());
        let digest = Digest::sha256(b"");
        let attached = format!("sha256-{}.sig", digest.hex());
        for (repository, tag, kept) in
            [(&remote, "1", true), (&remote, attached.as_str(), false), (&layout, "1", false)]
        {
            let tag = Tag::parse(tag).unwrap();
            let entry = Entry::of(repository, &tag, &digest, Timestamp::UNIX_EPOCH);
            assert_eq!(entry.is_some(), kept, "{repository} {tag}");
        }
    }
}
