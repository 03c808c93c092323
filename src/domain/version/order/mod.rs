//! Which of two versions of a package is the newer one, by the rules of whoever publishes it.
//!
//! `1.0-1` is a prerelease for npm, a second packaging of `1.0` for Debian and a later version for
//! Maven: a number alone says nothing, the package URL's type says which rules hold. Every order
//! here is total over what it understands and answers nothing about the rest, because a version
//! that was guessed to be "older than the fix" is a false alarm, and one guessed newer a false
//! proof. All are written by the specification: the ready crates bind to one ecosystem each, and
//! those for dpkg and apk are ports of programs under the GPL.
//!
//! No step recurses or copies a version, so that one of ten megabytes costs one pass over it.

mod alpine;
mod debian;
mod gem;
mod maven;
mod pep440;
mod rpm;
mod semver;
#[cfg(test)]
mod tests;
mod unknown;

use std::cmp::Ordering;

/// The rules by which versions of one kind of package are ordered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scheme {
    /// Semantic Versioning 2.0.0 §11, read leniently: golang, npm, cargo, hex, swift, julia.
    SemVer,
    /// As `SemVer`, with four numbers and words whatever their case.
    NuGet,
    /// PEP 440: pypi.
    Pep440,
    /// Maven's version order specification.
    Maven,
    /// deb-version(7).
    Debian,
    /// rpm-version(7).
    Rpm,
    /// apk-package(5).
    Alpine,
    /// `Gem::Version`.
    Gem,
    /// What says no type, or one whose order is not among these: numbers alone, and nothing where
    /// more than numbers would decide.
    Unknown,
    /// None at all: cpan, for which 1.10 is a decimal fraction and older than 1.9.
    Opaque,
}

impl Scheme {
    /// Every one, in the order of [`Self::place`].
    pub const ALL: [Self; 10] = [
        Self::SemVer,
        Self::NuGet,
        Self::Pep440,
        Self::Maven,
        Self::Debian,
        Self::Rpm,
        Self::Alpine,
        Self::Gem,
        Self::Unknown,
        Self::Opaque,
    ];

    /// The rules for a package URL's type, whatever its case. `6.0.1-1` is a prerelease only for
    /// those that are known to follow Semantic Versioning: for alpm, cran and luarocks it is a
    /// later packaging. Dart's pub orders build metadata, tags of images have variants.
    pub fn of_purl_type(kind: &str) -> Self {
        let table = [
            ("npm", Self::SemVer),
            ("golang", Self::SemVer),
            ("cargo", Self::SemVer),
            ("hex", Self::SemVer),
            ("swift", Self::SemVer),
            ("julia", Self::SemVer),
            ("cpan", Self::Opaque),
            ("nuget", Self::NuGet),
            ("pypi", Self::Pep440),
            ("maven", Self::Maven),
            ("deb", Self::Debian),
            ("rpm", Self::Rpm),
            ("apk", Self::Alpine),
            ("gem", Self::Gem),
        ];
        let known = table.iter().find(|(name, _)| name.eq_ignore_ascii_case(kind));
        known.map_or(Self::Unknown, |(_, scheme)| *scheme)
    }

    /// Its number, from 0.
    pub const fn place(self) -> usize {
        self as usize
    }

    /// What reviewers call it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::SemVer => "semver",
            Self::NuGet => "NuGet",
            Self::Pep440 => "PEP 440",
            Self::Maven => "Maven",
            Self::Debian => "dpkg",
            Self::Rpm => "rpm",
            Self::Alpine => "apk",
            Self::Gem => "RubyGems",
            Self::Unknown => "numbers alone",
            Self::Opaque => "no order",
        }
    }

    /// Whether a missing part is a zero: `1.2` and `1.2.0` are one version.
    pub const fn pads(self) -> bool {
        !matches!(self, Self::Debian | Self::Rpm | Self::Alpine | Self::Unknown | Self::Opaque)
    }

    /// Which is the newer one; `None` where the rules do not know one of them.
    pub fn compare(self, a: &str, b: &str) -> Option<Ordering> {
        if self.pads() && is_plain(a) && is_plain(b) {
            return Some(numbers(a, b));
        }
        match self {
            Self::SemVer => semver::compare(a, b, semver::Words::AsWritten),
            Self::NuGet => semver::compare(a, b, semver::Words::Folded),
            Self::Pep440 => pep440::compare(a, b),
            Self::Maven => maven::compare(a, b),
            Self::Debian => debian::compare(a, b),
            Self::Rpm => rpm::compare(a, b),
            Self::Alpine => alpine::compare(a, b),
            Self::Gem => gem::compare(a, b),
            Self::Unknown => unknown::compare(a, b),
            Self::Opaque => (a == b).then_some(Ordering::Equal),
        }
    }

    /// [`Self::compare`] with a bound that a person typed.
    ///
    /// rpm-version(7) and rpm's manual on dependencies: a bound without a release holds for every
    /// release of that version, so `<= 1.1.1k` means `1.1.1k-9.el8` too. As an order between
    /// versions of packages that would be no order: all releases would equal the bare version and
    /// not each other.
    pub fn compare_with_bound(self, version: &str, bound: &str) -> Option<Ordering> {
        match (self, version.rsplit_once('-')) {
            (Self::Rpm, Some((version, _))) if !bound.contains('-') => self.compare(version, bound),
            _ => self.compare(version, bound),
        }
    }

    /// Whether the rules know this text at all.
    pub fn knows(self, version: &str) -> bool {
        self.compare(version, version).is_some()
    }
}

/// A version of at most four numbers, as most are, for comparing many with one bound: where a
/// missing part is a zero ([`Scheme::pads`]) these have the order of every scheme.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Plain([u64; 4]);

impl Plain {
    /// The numbers of a plain version; `None` of any other, and where one does not fit.
    pub fn read(text: &str) -> Option<Self> {
        let mut numbers = [0_u64; 4];
        let (mut at, mut digit_before) = (0, false);
        for byte in text.bytes() {
            match byte {
                b'0'..=b'9' => {
                    let number: &mut u64 = numbers.get_mut(at)?;
                    *number = number.checked_mul(10)?.checked_add(u64::from(byte - b'0'))?;
                    digit_before = true;
                }
                b'.' if digit_before => (at, digit_before) = (at + 1, false),
                _ => return None,
            }
        }
        digit_before.then_some(Self(numbers))
    }
}

/// Numbers between single dots and nothing else.
pub fn is_plain(text: &str) -> bool {
    let mut digit_before = false;
    for byte in text.bytes() {
        match byte {
            b'0'..=b'9' => digit_before = true,
            b'.' if digit_before => digit_before = false,
            _ => return false,
        }
    }
    digit_before
}

/// Plain versions of any length, a missing number being a zero.
fn numbers(a: &str, b: &str) -> Ordering {
    let (mut a, mut b) = (a.split('.'), b.split('.'));
    loop {
        let order = match (a.next(), b.next()) {
            (None, None) => return Ordering::Equal,
            (a, b) => number(a.unwrap_or_default(), b.unwrap_or_default()),
        };
        if order.is_ne() {
            return order;
        }
    }
}

/// Digits of any length as numbers. Never parsed: a version may have more of them than any
/// integer, and two such must not become equal.
fn number(a: &str, b: &str) -> Ordering {
    let (a, b) = (a.trim_start_matches('0'), b.trim_start_matches('0'));
    a.len().cmp(&b.len()).then_with(|| a.cmp(b))
}

/// Whether a text is digits and at least one.
fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

/// What is left of a text while it is read.
#[derive(Clone, Copy, Debug)]
struct Cursor<'a>(&'a str);

impl<'a> Cursor<'a> {
    /// Takes what belongs together, which may be nothing.
    fn run(&mut self, belongs: impl Fn(u8) -> bool) -> &'a str {
        let end = self.0.bytes().position(|b| !belongs(b)).unwrap_or(self.0.len());
        // Every byte that belongs is ASCII, so that the end is between two letters.
        let (run, rest) = self.0.split_at_checked(end).unwrap_or(("", self.0));
        self.0 = rest;
        run
    }

    /// Takes digits, which may be none.
    fn digits(&mut self) -> &'a str {
        self.run(|b| b.is_ascii_digit())
    }

    /// Takes a sign if it is next.
    fn sign(&mut self, sign: char) -> bool {
        let rest = self.0.strip_prefix(sign);
        self.0 = rest.unwrap_or(self.0);
        rest.is_some()
    }

    /// Takes a word if it is next, whatever its case.
    fn word(&mut self, word: &str) -> bool {
        match self.0.split_at_checked(word.len()) {
            Some((front, rest)) if front.eq_ignore_ascii_case(word) => {
                self.0 = rest;
                true
            }
            _ => false,
        }
    }
}
