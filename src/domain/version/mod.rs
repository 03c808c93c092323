//! Tags as versions: in which order a reviewer wants to see them, and which of them should stay
//! where they are.
//!
//! Source: Semantic Versioning 2.0.0, §10 and §11, read as leniently as Helm and Masterminds'
//! `semver` read it: a leading `v`, missing parts, leading zeros. A tag cannot hold `+`, so Helm
//! writes `_` for it.

mod constraint;
mod newer;
pub mod order;
#[cfg(test)]
mod tests;

use std::cmp::{Ordering, Reverse};

pub use constraint::{Constraint, ConstraintError};
pub use newer::{may_replace, newer};

/// First words of a suffix that names what comes before a release; any other suffix names a
/// variant of it (`4.0.0-busybox`).
const BEFORE: [&str; 17] = [
    "a",
    "alpha",
    "b",
    "beta",
    "c",
    "rc",
    "cr",
    "pre",
    "preview",
    "m",
    "milestone",
    "ea",
    "dev",
    "snapshot",
    "nightly",
    "canary",
    "edge",
];
/// Those of them that are pushed again and again under one name.
const FLOATING: [&str; 5] = ["dev", "snapshot", "nightly", "canary", "edge"];

/// A version as a tag writes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version {
    /// Major, minor, patch; what was not written is 0.
    core: [u64; 3],
    /// How many of the three were written.
    written: u8,
    /// Identifiers behind the first dash.
    pre: Vec<Identifier>,
    /// What stands behind `+` or `_`.
    build: String,
}

/// One identifier of a prerelease; numbers come before words (§11.4.3).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Identifier {
    /// Digits: without leading zeros, by length and then by letters.
    Number(usize, String),
    Word(String),
}

impl Identifier {
    fn parse(text: &str) -> Option<Self> {
        let allowed = |b: u8| b.is_ascii_alphanumeric() || b == b'-';
        if text.is_empty() || !text.bytes().all(allowed) {
            return None;
        }
        Some(if text.bytes().all(|b| b.is_ascii_digit()) {
            let digits = text.trim_start_matches('0');
            Self::Number(digits.len(), digits.to_owned())
        } else {
            Self::Word(text.to_owned())
        })
    }

    /// The letters that it begins with, in lower case.
    fn word(&self) -> String {
        match self {
            Self::Number(..) => String::new(),
            Self::Word(text) => {
                let letters = text.chars().take_while(char::is_ascii_alphabetic);
                letters.map(|c| c.to_ascii_lowercase()).collect()
            }
        }
    }
}

impl Version {
    /// The version that a tag writes, if it writes one.
    pub fn parse(text: &str) -> Option<Self> {
        let bare = text.strip_prefix(['v', 'V']).unwrap_or(text);
        let (front, build) = match bare.split_once(['+', '_']) {
            Some((front, build)) => (front, build),
            None => (bare, ""),
        };
        if bare.len() > front.len() && !build.split('.').all(|i| Identifier::parse(i).is_some()) {
            return None;
        }
        let (numbers, pre) = match front.split_once('-') {
            Some((numbers, pre)) => (numbers, pre.split('.').map(Identifier::parse).collect()),
            None => (front, Some(vec![])),
        };
        let mut core = [0; 3];
        let mut written = 0;
        for (at, number) in numbers.split('.').enumerate() {
            let digits = !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit());
            *core.get_mut(at)? = digits.then(|| number.parse().ok())??;
            written += 1;
        }
        Some(Self { core, written, pre: pre?, build: build.to_owned() })
    }

    /// Whether something stands behind a dash: a prerelease in the words of SemVer.
    pub const fn is_prerelease(&self) -> bool {
        !self.pre.is_empty()
    }

    /// §11: which of two versions is the newer one. Build metadata says nothing.
    pub fn precedence(&self, other: &Self) -> Ordering {
        let pre = || match (self.pre.is_empty(), other.pre.is_empty()) {
            (true, true) => Ordering::Equal,
            (true, false) => Ordering::Greater,
            (false, true) => Ordering::Less,
            (false, false) => self.pre.cmp(&other.pre),
        };
        self.core.cmp(&other.core).then_with(pre)
    }

    /// Whether it names one release: all three numbers, and no word that is pushed every night.
    fn is_fixed(&self) -> bool {
        let word = self.pre.first().map(Identifier::word).unwrap_or_default();
        self.written == 3 && !FLOATING.contains(&word.as_str())
    }

    /// 0 a release, 1 a variant of it, 2 what came before it.
    fn class(&self) -> u8 {
        match self.pre.first() {
            None => 0,
            Some(Identifier::Number(..)) => 2,
            Some(first) if BEFORE.contains(&first.word().as_str()) => 2,
            Some(_) => 1,
        }
    }
}

/// Whether a tag names one release and should never move: `4.0.0` and `v4.0.0-busybox` do, `4`,
/// `4.0`, `latest` and `4.0.0-nightly` move with every release or night.
pub fn is_fixed(tag: &str) -> bool {
    Version::parse(tag).is_some_and(|version| version.is_fixed())
}

/// When a release came, as far as its tag tells: what led to it before it, its variants after it.
/// A tag that is no version has no place.
pub fn chronology(tag: &str) -> Option<impl Ord + use<>> {
    let version = Version::parse(tag)?;
    let age = match version.class() {
        2 => 0_u8,
        class => class + 1,
    };
    Some((version.core, age, version.pre, version.build))
}

/// The place of a tag in a list, least first: versions, the newest first, each above its variants
/// and the prereleases that led to it; then names, with their numbers in the order of numbers.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TagOrder(Place, String);

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    Version(Reverse<[u64; 3]>, Within, Reverse<u8>, Vec<Piece>),
    Name(Vec<Piece>),
}

/// The place among everything that one release has.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Within {
    Release,
    Variant(Vec<Identifier>),
    Before(Reverse<Vec<Identifier>>),
}

/// A run of digits or of anything else.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Piece {
    Number(usize, String),
    Text(String),
}

impl TagOrder {
    /// The place of that tag.
    pub fn of(tag: &str) -> Self {
        let place = match Version::parse(tag) {
            Some(version) => {
                let within = match version.class() {
                    0 => Within::Release,
                    1 => Within::Variant(version.pre),
                    _ => Within::Before(Reverse(version.pre)),
                };
                let build = natural(&version.build);
                Place::Version(Reverse(version.core), within, Reverse(version.written), build)
            }
            None => Place::Name(natural(tag)),
        };
        Self(place, tag.to_owned())
    }
}

/// A text in runs, so that `build-9` comes before `build-10`.
fn natural(text: &str) -> Vec<Piece> {
    let mut pieces: Vec<Piece> = Vec::new();
    for c in text.chars() {
        match (pieces.last_mut(), c.is_ascii_digit()) {
            (Some(Piece::Number(_, run)), true) | (Some(Piece::Text(run)), false) => run.push(c),
            (_, true) => pieces.push(Piece::Number(0, c.to_string())),
            (_, false) => pieces.push(Piece::Text(c.to_string())),
        }
    }
    for piece in &mut pieces {
        match piece {
            Piece::Number(len, run) => {
                *run = run.trim_start_matches('0').to_owned();
                *len = run.len();
            }
            Piece::Text(run) => *run = run.to_ascii_lowercase(),
        }
    }
    pieces
}
