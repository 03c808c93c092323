//! The same question to every release of a repository: what is in which.

use std::{collections::BTreeSet, panic::AssertUnwindSafe, sync::Arc, time::Duration};

use futures_util::FutureExt as _;
use tokio::time::timeout;

use super::look::{Found, Look, Looked};
use crate::{
    domain::{
        Digest, Tag, Verdict,
        demand::Demand,
        sbom::Query,
        text::{safe, shorten},
        version::{chronology, is_fixed},
    },
    inspect::{Scope, Subject},
};

/// Releases that are looked at at once: each may hold an SBOM of megabytes in memory.
pub const AT_ONCE: usize = 4;
/// How long one release may take: a registry that sends a byte from time to time would otherwise
/// keep the whole table.
const DEADLINE: Duration = Duration::from_secs(120);
/// The most versions that one row names.
const MAX_NAMED: usize = 20;
/// The most columns of one text in [`Release::shortened`].
const MAX_COLUMNS: usize = 300;

/// What one release says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Release {
    /// Its tag.
    pub tag: Tag,
    /// What its SBOM says; `None` where it could not be found out.
    pub has: Option<Has>,
    /// Whether the demanded signer vouches for the SBOM.
    pub attested: bool,
    /// Where the tag points.
    pub digest: Option<Digest>,
    /// Why it could not be found out, or what else is to be said. Foreign text.
    pub note: Option<String>,
}

/// What an SBOM says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Has {
    /// What was looked for: name and version, the first ones; how many in all. Foreign text.
    Hits(Vec<(String, Option<String>)>, usize),
    /// Not that.
    Not,
    /// Nobody asked for anything: format and number of components.
    Document(String, Count),
    /// There is no SBOM.
    NoSbom,
}

/// How many components a document has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Count {
    /// So many.
    Exactly(usize),
    /// It was not read to its end.
    AtLeast(usize),
}

impl std::fmt::Display for Count {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Exactly(number) => write!(f, "{number}"),
            Self::AtLeast(number) => write!(f, "at least {number}"),
        }
    }
}

impl Look {
    /// What one release says. It ends: neither a registry that is slow nor a panic keeps the others
    /// waiting or takes them along.
    pub async fn release(
        &self,
        tag: Tag,
        (subject, scope): (Subject, Scope),
        demanded: Option<Arc<Demand>>,
        query: Option<&Query>,
    ) -> Release {
        let asked = tag.clone();
        let answer = async {
            let looked = self.at((subject, scope), demanded, |begun| begun).await;
            // Only the row is kept: many releases have many megabytes.
            Release::of(asked, &looked, query)
        };
        within(tag, answer).await
    }
}

/// What was answered in time.
async fn within(tag: Tag, answer: impl Future<Output = Release>) -> Release {
    match timeout(DEADLINE, AssertUnwindSafe(answer).catch_unwind()).await {
        Ok(Ok(release)) => release,
        Ok(Err(_)) => Release::unknown(tag, "internal error: the log has it".to_owned()),
        Err(_) => {
            let seconds = DEADLINE.as_secs();
            Release::unknown(tag, format!("it took more than {seconds} s and was given up"))
        }
    }
}

impl Release {
    /// What was found out of one release.
    pub fn of(tag: Tag, looked: &Looked, query: Option<&Query>) -> Self {
        let digest = looked.seen.as_ref().and_then(|seen| seen.digest()).cloned();
        let Some((document, hits)) = looked.found(query) else {
            let (verdict, why) =
                looked.nothing.clone().unwrap_or((Verdict::Undecided, String::new()));
            let has = (verdict == Verdict::Absent && digest.is_some()).then_some(Has::NoSbom);
            return Self { tag, has, attested: false, digest, note: Some(why) };
        };
        let sbom = &document.sbom;
        let doubt = looked.doubt();
        let (has, note) = match hits {
            None => {
                let cut = sbom.left_out().is_some();
                let count = if cut { Count::AtLeast } else { Count::Exactly };
                (Some(Has::Document(sbom.format().to_owned(), count(sbom.len()))), doubt)
            }
            Some(Found { numbers, .. }) if !numbers.is_empty() => {
                let components = numbers.iter().filter_map(|number| sbom.component(*number));
                let named = components
                    .take(MAX_NAMED)
                    .map(|one| (one.name().to_owned(), one.version().map(str::to_owned)));
                let several = looked.documents.len() > 1;
                let which = || Some(format!("found in {}", document.which())).filter(|_| several);
                (Some(Has::Hits(named.collect(), numbers.len())), doubt.or_else(which))
            }
            Some(hits) if hits.undecided > 0 => {
                (None, Some(format!("{} with no version that can be compared", hits.undecided)))
            }
            // What was not read to its end cannot say that something is not there.
            Some(_) if doubt.is_some() => (None, doubt),
            Some(_) => (Some(Has::Not), None),
        };
        Self { tag, has, attested: document.attested, digest, note }
    }

    /// One of which nothing could be found out.
    pub const fn unknown(tag: Tag, why: String) -> Self {
        Self { tag, has: None, attested: false, digest: None, note: Some(why) }
    }

    /// With every foreign text shortened to what a screen shows of it.
    #[must_use]
    pub fn shortened(mut self) -> Self {
        if let Some(Has::Hits(named, _)) = &mut self.has {
            for (name, version) in named {
                *name = shorten(&safe(name), MAX_COLUMNS);
                *version = version.as_deref().map(|text| shorten(&safe(text), MAX_COLUMNS));
            }
        }
        self.note = self.note.map(|note| shorten(&safe(&note), MAX_COLUMNS));
        self
    }

    /// One that nobody described with an SBOM may well have it.
    const fn is_unknown(&self) -> bool {
        matches!(self.has, None | Some(Has::NoSbom))
    }

    const fn is_hit(&self) -> bool {
        matches!(self.has, Some(Has::Hits(..)))
    }

    /// What was found, in a cell. Foreign text.
    pub fn words(&self) -> String {
        match &self.has {
            None => "?".to_owned(),
            Some(Has::Not) => "not in it".to_owned(),
            Some(Has::NoSbom) => "no SBOM".to_owned(),
            Some(Has::Document(format, number)) => format!("{format}, {number} components"),
            Some(Has::Hits(named, all)) => {
                let text = |(name, version): &(String, Option<String>)| {
                    format!("{name}@{}", version.as_deref().unwrap_or("null"))
                };
                let mut words: Vec<String> = named.iter().map(text).collect();
                if *all > named.len() {
                    words.push(format!("{} more", all - named.len()));
                }
                words.join(", ")
            }
        }
    }

    /// The same in little room: the first hit, and how many more. Foreign text.
    pub fn first_hit(&self) -> String {
        match &self.has {
            Some(Has::Hits(named, all)) if *all > 1 => {
                let Some((name, version)) = named.first() else { return self.words() };
                format!("{name}@{} and {} more", version.as_deref().unwrap_or("null"), all - 1)
            }
            _ => self.words(),
        }
    }

    /// Whether somebody vouches for what it says; nobody vouches for what was not read.
    pub const fn standing(&self) -> &'static str {
        match (&self.has, self.attested) {
            (None | Some(Has::NoSbom), _) => "-",
            (_, true) => "attested",
            (_, false) => "UNVERIFIED",
        }
    }
}

/// The first release that has what was looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct First<'a> {
    /// That one.
    pub release: &'a Release,
    /// The earlier ones of which it is not known: unread, or without an SBOM.
    pub unknown: Vec<&'a str>,
    /// Those that have it, or may, and whose tag does not tell when they came.
    pub unordered: Vec<&'a str>,
}

/// The first of `releases` that has what was looked for, among those whose tag tells when they came.
/// `4` moves to every new release; where it names one that has such a tag as well it says nothing
/// more. Where it names another it is a release of its own, as `1.0` is in a project that numbers
/// its releases so, and nobody knows where it stands.
pub fn first<'a>(releases: impl Iterator<Item = &'a Release>) -> Option<First<'a>> {
    let (mut fixed, others): (Vec<&Release>, Vec<&Release>) =
        releases.partition(|release| is_fixed(release.tag.as_str()));
    let known: BTreeSet<&Digest> = fixed.iter().filter_map(|one| one.digest.as_ref()).collect();
    let own = |one: &&Release| one.digest.as_ref().is_none_or(|digest| !known.contains(digest));
    let may = |one: &&Release| one.is_hit() || one.is_unknown();
    let unordered = others.into_iter().filter(own).filter(may).map(|one| one.tag.as_str());
    let unordered = unordered.collect();
    fixed.sort_by_cached_key(|release| chronology(release.tag.as_str()));
    let mut unknown = vec![];
    for release in fixed {
        if release.is_hit() {
            return Some(First { release, unknown, unordered });
        }
        if release.is_unknown() {
            unknown.push(release.tag.as_str());
        }
    }
    None
}

/// What a list of tags leaves open, in words; `None` where it is whole and every tag can be read.
pub fn left_open(incomplete: Option<&str>, unread: usize) -> Option<String> {
    let unread = match unread {
        0 => None,
        1 => Some("1 tag is no version and was not asked".to_owned()),
        many => Some(format!("{many} tags are no versions and were not asked")),
    };
    match (incomplete.map(str::to_owned), unread) {
        (Some(list), Some(unread)) => Some(format!("{list}; {unread}")),
        (list, unread) => list.or(unread),
    }
}

/// The longest list of tags in a sentence.
const MAX_IN_WORDS: usize = 8;

impl First<'_> {
    /// `the first that has it: 4.0.0`, or what is not known of it; `open` says why there may be
    /// another release.
    pub fn words(&self, open: Option<&str>) -> String {
        self.shortly(open, MAX_IN_WORDS)
    }

    /// The same, naming at most so many others of a kind.
    pub fn shortly(&self, open: Option<&str>, most: usize) -> String {
        let tag = self.release.tag.as_str();
        let list = |all: &[&str]| match all.get(..most) {
            Some(some) if all.len() > most => {
                let more = all.len().saturating_sub(most);
                format!("{} and {more} more", some.join(", ")).trim_start().to_owned()
            }
            _ => all.join(", "),
        };
        let mut but = vec![];
        if !self.unknown.is_empty() {
            but.push(format!("not known of {}", list(&self.unknown)));
        }
        if !self.unordered.is_empty() {
            but.push(format!("not ordered: {}", list(&self.unordered)));
        }
        but.extend(open.map(str::to_owned));
        if but.is_empty() {
            return format!("the first that has it: {tag}");
        }
        format!("the first known to have it: {tag}; {}", but.join("; "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An earlier release, and what it has.
    type Row = (&'static str, fn() -> Option<Has>);

    fn release(tag: &str, has: Option<Has>) -> Release {
        let (digest, note) = (None, None);
        Release { tag: Tag::parse(tag).unwrap(), has, attested: true, digest, note }
    }

    #[test]
    fn the_first_release_is_only_called_so_where_every_earlier_one_is_known() {
        let hit = || Some(Has::Hits(vec![("a".into(), None)], 1));
        let before: [(&[Row], &str); 7] = [
            (&[("1.0.0", || Some(Has::Not))], "the first that has it: 2.0.0"),
            (&[("1.0.0", || None)], "the first known to have it: 2.0.0; not known of 1.0.0"),
            (
                &[("1.0.0", || Some(Has::NoSbom)), ("1.1.0", || Some(Has::Not))],
                "the first known to have it: 2.0.0; not known of 1.0.0",
            ),
            // What it names may be a release of its own.
            (&[("1", || None)], "the first known to have it: 2.0.0; not ordered: 1"),
            (&[("1", || Some(Has::Not))], "the first that has it: 2.0.0"),
            // A variant of a release is not older than the release, and what led to it is.
            (&[("2.0.0-busybox", || Some(Has::Hits(vec![], 1)))], "the first that has it: 2.0.0"),
            (&[("2.0.0-rc.1", || Some(Has::Hits(vec![], 1)))], "the first that has it: 2.0.0-rc.1"),
        ];
        for (earlier, words) in before {
            let mut rows: Vec<Release> =
                earlier.iter().map(|(tag, has)| release(tag, has())).collect();
            rows.push(release("2.0.0", hit()));
            assert_eq!(first(rows.iter()).unwrap().words(None), words);
        }
        let rows = [release("2.0.0", hit())];
        let words = first(rows.iter()).unwrap().words(Some("not every tag is known"));
        assert_eq!(words, "the first known to have it: 2.0.0; not every tag is known");
        assert_eq!(first([release("1.0.0", Some(Has::Not))].iter()), None);
    }

    #[test]
    fn a_tag_that_moves_is_a_release_of_its_own_where_no_fixed_one_has_its_digest() {
        let hit = || Some(Has::Hits(vec![("a".into(), None)], 1));
        let at = |tag: &str, digest: &str, has: Option<Has>| Release {
            digest: Some(Digest::sha256(digest.as_bytes())),
            ..release(tag, has)
        };
        for (moving, words) in [
            (at("2", "2.0.0", hit()), "the first that has it: 1.0.1"),
            (at("1.0", "1.0", hit()), "the first known to have it: 1.0.1; not ordered: 1.0"),
            (at("0.5.0.1", "x", None), "the first known to have it: 1.0.1; not ordered: 0.5.0.1"),
            (at("1.0", "1.0", Some(Has::Not)), "the first that has it: 1.0.1"),
        ] {
            let rows = [moving, at("1.0.1", "1.0.1", hit()), at("2.0.0", "2.0.0", hit())];
            assert_eq!(first(rows.iter()).unwrap().words(None), words);
        }
        let many: Vec<Release> = (0..12)
            .map(|n| release(&format!("0.{n}.0"), None))
            .chain([release("1.0.0", hit())])
            .collect();
        let words = first(many.iter()).unwrap().shortly(None, 2);
        let wanted = "the first known to have it: 1.0.0; not known of 0.0.0, 0.1.0 and 10 more";
        assert_eq!(words, wanted);
    }

    #[tokio::test(start_paused = true)]
    async fn a_release_that_does_not_end_is_not_known_and_keeps_nobody_waiting() {
        let tag = || Tag::parse("1.0.0").unwrap();
        let slow = within(tag(), std::future::pending()).await;
        assert_eq!((slow.has, slow.digest), (None, None));
        assert!(slow.note.unwrap().contains("more than 120 s"));
        let broken = within(tag(), async { panic!("made up") }).await;
        assert!(broken.has.is_none() && broken.note.unwrap().contains("internal error"));
        let answered = || release("1.0.0", Some(Has::Not));
        assert_eq!(within(tag(), async { answered() }).await, answered());
    }

    #[test]
    fn a_list_of_tags_says_what_it_leaves_open() {
        assert_eq!(left_open(None, 0), None);
        let words = "page 2: 500; 2 tags are no versions and were not asked";
        assert_eq!(left_open(Some("page 2: 500"), 2).unwrap(), words);
    }
}
