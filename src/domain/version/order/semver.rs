//! Semantic Versioning 2.0.0, as leniently as tags are read ([`super::super::Version`]): a leading
//! `v`, any number of numbers, leading zeros, `_` for `+`.
//!
//! Go's pseudo-versions are prereleases whose time stands first among their identifiers, and
//! `+incompatible` is build metadata, so both need no rule of their own.

use std::cmp::Ordering;

use super::{is_number, is_plain, number, numbers};

/// How words of a prerelease are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Words {
    /// SemVer §11.4.2: "lexically in ASCII sort order".
    AsWritten,
    /// `NuGet`, "Package versioning": prerelease labels are compared case-insensitively.
    Folded,
}

struct Parts<'a> {
    core: &'a str,
    /// Empty if there is none.
    pre: &'a str,
}

impl<'a> Parts<'a> {
    fn read(text: &'a str) -> Option<Self> {
        let bare = text.strip_prefix(['v', 'V']).unwrap_or(text);
        let (front, build) = bare.split_once(['+', '_']).unwrap_or((bare, "0"));
        let (core, pre) = match front.split_once('-') {
            Some((core, pre)) => (core, Some(pre)),
            None => (front, None),
        };
        let fits = is_plain(core) && pre.is_none_or(identifiers) && identifiers(build);
        fits.then_some(Self { core, pre: pre.unwrap_or_default() })
    }
}

/// §9: "Identifiers MUST comprise only ASCII alphanumerics and hyphens [0-9A-Za-z-]. Identifiers
/// MUST NOT be empty."
fn identifiers(text: &str) -> bool {
    text.split('.').all(|identifier| {
        let allowed = |b: u8| b.is_ascii_alphanumeric() || b == b'-';
        !identifier.is_empty() && identifier.bytes().all(allowed)
    })
}

/// §11, any number of numbers, a missing one being 0.
pub(super) fn compare(a: &str, b: &str, words: Words) -> Option<Ordering> {
    let (a, b) = (Parts::read(a)?, Parts::read(b)?);
    Some(numbers(a.core, b.core).then_with(|| match (a.pre, b.pre) {
        // §11.3: "a pre-release version has lower precedence than a normal version".
        ("", "") => Ordering::Equal,
        ("", _) => Ordering::Greater,
        (_, "") => Ordering::Less,
        (a, b) => prerelease(a, b, words),
    }))
}

/// §11.4: identifier by identifier; "a larger set of pre-release fields has a higher precedence
/// than a smaller set, if all of the preceding identifiers are equal".
fn prerelease(a: &str, b: &str, words: Words) -> Ordering {
    let (mut a, mut b) = (a.split('.'), b.split('.'));
    loop {
        let order = match (a.next(), b.next()) {
            (None, None) => return Ordering::Equal,
            (None, Some(_)) => return Ordering::Less,
            (Some(_), None) => return Ordering::Greater,
            (Some(a), Some(b)) => match (is_number(a), is_number(b)) {
                (true, true) => number(a, b),
                // §11.4.3: "Numeric identifiers always have lower precedence than non-numeric".
                (true, false) => Ordering::Less,
                (false, true) => Ordering::Greater,
                (false, false) if words == Words::Folded => folded(a).cmp(folded(b)),
                (false, false) => a.cmp(b),
            },
        };
        if order.is_ne() {
            return order;
        }
    }
}

fn folded(text: &str) -> impl Iterator<Item = u8> {
    text.bytes().map(|b| b.to_ascii_lowercase())
}
