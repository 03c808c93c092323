//! The walk over the pages of a listing. It always ends, and it always says whether it saw
//! everything: a list that only looks whole is how a tag or a repository is hidden.

use std::{collections::HashSet, time::Duration};

use crate::{
    domain::{Repository, Tag, Timestamp},
    inspect::{RegistryError, TagPage, World},
};

/// Pages of one listing.
pub const PAGES: usize = 1_000;
/// Names of one listing.
pub const NAMES: usize = 200_000;
/// Time for one listing with all its pages.
pub const TIME: Duration = Duration::from_secs(120);
/// Names that cannot be, of one listing, that are kept; the others are counted.
pub const ODD: usize = 1_000;
/// Characters of such a name that are kept.
const ODD_LENGTH: usize = 300;
/// Pages in a row on which every name is known already, or there is none.
pub const PAGES_OF_NOTHING: usize = 10;

/// How long a walk may be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListingLimits {
    /// Pages.
    pub pages: usize,
    /// Names.
    pub names: usize,
    /// Time from the first page on.
    pub time: Duration,
}

impl Default for ListingLimits {
    fn default() -> Self {
        Self { pages: PAGES, names: NAMES, time: TIME }
    }
}

/// What comes after a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum After {
    /// Another page, at this cursor.
    Page(String),
    /// That was the last one.
    End,
    /// The walk ends before the listing does: why, in words.
    Stopped(String),
}

/// How far a walk is. Pure: whoever walks asks for the pages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Walk {
    limits: ListingLimits,
    since: Timestamp,
    known: HashSet<String>,
    cursors: HashSet<String>,
    pages: usize,
    nothing: usize,
    /// Every name that was listed: repeated, or one that cannot be.
    all: usize,
    /// Those that cannot be.
    odd: usize,
}

impl Walk {
    /// A walk that begins at `since`.
    pub fn new(limits: ListingLimits, since: Timestamp) -> Self {
        let (known, cursors) = (HashSet::new(), HashSet::new());
        Self { limits, since, known, cursors, pages: 0, nothing: 0, all: 0, odd: 0 }
    }

    /// Takes in the names of one page: those that were not listed before, up to the limit.
    pub fn fresh<T: AsRef<str>>(&mut self, names: Vec<T>) -> Vec<T> {
        self.all += names.len();
        let before = self.known.len();
        let mut fresh = Vec::new();
        for name in names {
            if self.known.len() <= self.limits.names && self.known.insert(name.as_ref().to_owned())
            {
                fresh.push(name);
            }
        }
        // The one too many only tells that there are more.
        if self.known.len() > self.limits.names {
            fresh.pop();
        }
        self.nothing = if self.known.len() > before { 0 } else { self.nothing + 1 };
        self.pages += 1;
        fresh
    }

    /// Takes in the names of that page that cannot be: those that are kept, cut to a length that
    /// can be shown. They count as names, or a registry would fill the memory with them.
    pub fn odd(&mut self, names: Vec<String>) -> Vec<String> {
        self.all += names.len();
        let room = ODD.saturating_sub(self.odd);
        self.odd += names.len();
        names.into_iter().take(room).map(cut).collect()
    }

    /// What comes after that page; `next` is what it names as the next one.
    pub fn after(&mut self, next: Option<String>, now: Timestamp) -> After {
        let Self { limits, .. } = &*self;
        if self.nothing >= PAGES_OF_NOTHING && next.is_some() {
            return After::Stopped(format!("{PAGES_OF_NOTHING} pages in a row with nothing new"));
        }
        if self.known.len() > limits.names || self.all > limits.names {
            return After::Stopped(format!("more than {} names", limits.names));
        }
        let Some(next) = next else {
            return match self.odd.checked_sub(ODD) {
                None | Some(0) => After::End,
                Some(more) => After::Stopped(format!("{more} more names that cannot be")),
            };
        };
        let used = Duration::try_from(now.duration_since(self.since)).unwrap_or_default();
        if self.pages >= limits.pages {
            return After::Stopped(format!("more than {} pages", limits.pages));
        }
        if used > limits.time {
            return After::Stopped(format!("not listed to the end within {:?}", limits.time));
        }
        // A page that was read before: A → B → A never ends, and hides what is behind it.
        if !self.cursors.insert(next.clone()) {
            return After::Stopped("the pages go round in a circle".to_owned());
        }
        After::Page(next)
    }
}

fn cut(name: String) -> String {
    let short: String = name.chars().take(ODD_LENGTH).collect();
    if short.len() == name.len() { name } else { format!("{short}…[{} bytes]", name.len()) }
}

/// Everything that was listed, and whether that is everything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed<T> {
    /// Without repetitions, in the order of the registry.
    pub names: Vec<T>,
    /// Names that cannot be, at most [`ODD`]; foreign text.
    pub odd: Vec<String>,
    /// Why it is not everything.
    pub incomplete: Option<String>,
}

/// Lists the tags of a repository.
///
/// # Errors
/// [`RegistryError`] when not even the first page can be had; later failures stand in the list.
pub async fn list_tags(
    world: &World,
    of: &Repository,
    limits: ListingLimits,
) -> Result<Listed<Tag>, RegistryError> {
    let mut walk = Walk::new(limits, (world.now)());
    let mut listed = Listed { names: vec![], odd: vec![], incomplete: None };
    let mut cursor: Option<String> = None;
    loop {
        let page = world.registry.tags(of, cursor.as_deref()).await;
        let TagPage { tags, odd, next } = match (page, &cursor) {
            (Ok(page), _) => page,
            (Err(error), None) => return Err(error),
            (Err(error), Some(_)) => {
                listed.incomplete = Some(error.to_string());
                return Ok(listed);
            }
        };
        listed.names.extend(walk.fresh(tags));
        listed.odd.extend(walk.odd(odd));
        match walk.after(next, (world.now)()) {
            After::Page(next) => cursor = Some(next),
            After::End => return Ok(listed),
            After::Stopped(why) => {
                listed.incomplete = Some(why);
                return Ok(listed);
            }
        }
    }
}

/// Lists the repositories of a registry, those of one namespace where one is named: `enix` means
/// `enix` itself and `enix/…`.
///
/// # Errors
/// [`RegistryError`] when not even the first page can be had; later failures stand in the list.
pub async fn list_repositories(
    world: &World,
    host: &str,
    namespace: Option<&str>,
    limits: ListingLimits,
) -> Result<Listed<String>, RegistryError> {
    let mut walk = Walk::new(limits, (world.now)());
    let mut listed = Listed { names: vec![], odd: vec![], incomplete: None };
    let mut cursor: Option<String> = None;
    loop {
        let page = match (world.registry.catalog(host, cursor.as_deref()).await, &cursor) {
            (Ok(page), _) => page,
            (Err(error), None) => return Err(error),
            (Err(error), Some(_)) => {
                listed.incomplete = Some(error.to_string());
                return Ok(listed);
            }
        };
        let fresh = walk.fresh(page.paths);
        listed.names.extend(fresh.into_iter().filter(|path| is_within(path, namespace)));
        listed.odd.extend(walk.odd(page.odd));
        match walk.after(page.next, (world.now)()) {
            After::Page(next) => cursor = Some(next),
            After::End => return Ok(listed),
            After::Stopped(why) => {
                listed.incomplete = Some(why);
                return Ok(listed);
            }
        }
    }
}

/// Whether a path lies in a namespace.
pub fn is_within(path: &str, namespace: Option<&str>) -> bool {
    let Some(namespace) = namespace else { return true };
    let rest = path.strip_prefix(namespace);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// From, to, and the page after it.
    type Page = (usize, usize, Option<&'static str>);

    #[test]
    fn a_walk_ends_and_says_whether_it_saw_everything() {
        let limits = ListingLimits { pages: 20, names: 30, time: Duration::from_secs(9) };
        // Names and next of each page, over and over; how many names, and why it is not all.
        let rows: [(&str, Vec<Page>, usize, Option<&str>); 8] = [
            ("one page", vec![(0, 3, None)], 3, None),
            ("three", vec![(0, 3, Some("b")), (3, 6, Some("c")), (6, 7, None)], 7, None),
            ("an empty one", vec![(0, 3, Some("b")), (3, 3, Some("c")), (3, 6, None)], 6, None),
            ("duplicates", vec![(0, 3, Some("b")), (1, 4, None)], 4, None),
            ("a circle", vec![(0, 3, Some("b")), (3, 6, Some("a"))], 6, Some("circle")),
            ("exactly the limit", vec![(0, 30, None)], 30, None),
            ("one more", vec![(0, 31, None)], 30, Some("30 names")),
            ("nothing new", vec![(0, 3, Some("*"))], 3, Some("nothing new")),
        ];
        for (row, pages, number, why) in rows {
            let mut walk = Walk::new(limits.clone(), Timestamp::UNIX_EPOCH);
            let mut names = vec![];
            let mut at = 0;
            let end = loop {
                let (from, to, next) = pages[at % pages.len()];
                names.extend(walk.fresh((from..to).map(|n| n.to_string()).collect::<Vec<_>>()));
                let next = next.map(|n| if n == "*" { format!("page{at}") } else { n.to_owned() });
                at += 1;
                match walk.after(next, Timestamp::UNIX_EPOCH) {
                    After::Page(_) => {}
                    After::End => break None,
                    After::Stopped(why) => break Some(why),
                }
            };
            assert_eq!(names.len(), number, "{row}");
            let fits = match (&end, why) {
                (None, None) => true,
                (Some(end), Some(why)) => end.contains(why),
                _ => false,
            };
            assert!(fits, "{row}: {end:?}");
        }
        // A registry that always has one page more, and one that is slow.
        let mut walk = Walk::new(limits.clone(), Timestamp::UNIX_EPOCH);
        let after = |walk: &mut Walk, n: usize, second| {
            walk.fresh(vec![n.to_string()]);
            walk.after(Some(format!("p{n}")), Timestamp::from_second(second).unwrap())
        };
        let read =
            (0..99).take_while(|n| matches!(after(&mut walk, *n, 0), After::Page(_))).count();
        assert_eq!(read, 19);
        let mut walk = Walk::new(limits, Timestamp::UNIX_EPOCH);
        assert!(matches!(after(&mut walk, 0, 9), After::Page(_)));
        assert!(matches!(after(&mut walk, 1, 10), After::Stopped(_)));
    }

    #[test]
    fn names_that_cannot_be_and_repeated_ones_count_too() {
        let limits = ListingLimits { names: 5_000, ..ListingLimits::default() };
        // Odd names of each page, repeated ones, pages, whether one more follows; kept, and why not all.
        for (odd, same, pages, next, kept, why) in [
            (3, 0, 1, false, 3, None),
            (ODD, 0, 1, false, ODD, None),
            (ODD + 7, 0, 1, false, ODD, Some("7 more names")),
            (4_998, 0, 1, true, ODD, None),
            (600, 0, 9, true, ODD, Some("more than 5000 names")),
            (0, 5_001, 1, false, 0, Some("more than 5000 names")),
        ] {
            let mut walk = Walk::new(limits.clone(), Timestamp::UNIX_EPOCH);
            let (mut names, mut end) = (vec![], After::End);
            for page in 0..pages {
                walk.fresh([vec![page.to_string()], vec!["1".into(); same]].concat());
                names.extend(walk.odd(vec!["x!".to_owned(); odd]));
                let next = next.then(|| page.to_string());
                end = walk.after(next, Timestamp::UNIX_EPOCH);
            }
            assert_eq!(names.len(), kept, "{odd}");
            let stopped = match &end {
                After::Stopped(why) => Some(why.as_str()),
                _ => None,
            };
            assert_eq!(stopped.is_some(), why.is_some(), "{odd}: {end:?}");
            assert!(stopped.is_none_or(|words| words.contains(why.unwrap())), "{odd}: {end:?}");
        }
        let mut walk = Walk::new(limits, Timestamp::UNIX_EPOCH);
        let kept = walk.odd(vec!["é".repeat(1_000_000)]);
        assert!(kept[0].len() < 700 && kept[0].ends_with("…[2000000 bytes]"));
    }

    #[test]
    fn a_namespace_is_a_whole_component() {
        for (path, namespace, within) in [
            ("enix/x", Some("enix"), true),
            ("enix", Some("enix"), true),
            ("enixother/x", Some("enix"), false),
            ("a/enix/x", Some("enix"), false),
            ("a/b", None, true),
        ] {
            assert_eq!(is_within(path, namespace), within, "{path}");
        }
    }
}
