//! The same question to every release of a repository: what is in which.

use super::look::{Found, Looked};
use crate::domain::{
    Digest, Tag, Verdict,
    sbom::Query,
    text::{safe, shorten},
    version::{chronology, is_fixed},
};

/// Releases that are looked at at once: each may hold an SBOM of megabytes in memory.
pub const AT_ONCE: usize = 4;
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
    Document(String, usize),
    /// There is no SBOM.
    NoSbom,
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
            None => (Some(Has::Document(sbom.format().to_owned(), sbom.len())), doubt),
            Some(Found { numbers, .. }) if !numbers.is_empty() => {
                let components = numbers.iter().filter_map(|number| sbom.component(*number));
                let named = components
                    .take(MAX_NAMED)
                    .map(|one| (one.name().to_owned(), one.version().map(str::to_owned)));
                (Some(Has::Hits(named.collect(), numbers.len())), doubt)
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

    fn is_hit(&self) -> bool {
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
}

/// The first of `releases` that has what was looked for. Only tags that name one release count: `4`
/// moves to every new one.
pub fn first<'a>(releases: impl Iterator<Item = &'a Release>) -> Option<First<'a>> {
    let mut fixed: Vec<&Release> =
        releases.filter(|release| is_fixed(release.tag.as_str())).collect();
    fixed.sort_by_cached_key(|release| chronology(release.tag.as_str()));
    let mut unknown = vec![];
    for release in fixed {
        if release.is_hit() {
            return Some(First { release, unknown });
        }
        // One that nobody described with an SBOM may well have it.
        if matches!(release.has, None | Some(Has::NoSbom)) {
            unknown.push(release.tag.as_str());
        }
    }
    None
}

impl First<'_> {
    /// `the first that has it: 4.0.0`, or what is not known of it.
    pub fn words(&self, incomplete: bool) -> String {
        let tag = self.release.tag.as_str();
        if !self.unknown.is_empty() {
            let unknown = self.unknown.join(", ");
            return format!("the first known to have it: {tag}; not known of {unknown}");
        }
        if incomplete {
            return format!("the first known to have it: {tag}; not every tag is known");
        }
        format!("the first that has it: {tag}")
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
            // It names another release tomorrow.
            (&[("1", || None)], "the first that has it: 2.0.0"),
            (&[("2", || Some(Has::Hits(vec![], 1)))], "the first that has it: 2.0.0"),
            // A variant of a release is not older than the release, and what led to it is.
            (&[("2.0.0-busybox", || Some(Has::Hits(vec![], 1)))], "the first that has it: 2.0.0"),
            (&[("2.0.0-rc.1", || Some(Has::Hits(vec![], 1)))], "the first that has it: 2.0.0-rc.1"),
        ];
        for (earlier, words) in before {
            let mut rows: Vec<Release> =
                earlier.iter().map(|(tag, has)| release(tag, has())).collect();
            rows.push(release("2.0.0", hit()));
            assert_eq!(first(rows.iter()).unwrap().words(false), words);
        }
        let rows = [release("2.0.0", hit())];
        let words = first(rows.iter()).unwrap().words(true);
        assert_eq!(words, "the first known to have it: 2.0.0; not every tag is known");
        assert_eq!(first([release("1.0.0", Some(Has::Not))].iter()), None);
    }
}
