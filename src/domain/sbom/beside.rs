//! What stands beside a component's name and version and has to agree with it.
//!
//! A package in the same version that comes out of another repository, or has another hash, is not
//! the same; and where a component says one version and its package URL another, neither alone may
//! decide what is newer.

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
};

use super::{Component, purl};
use crate::domain::version::order::Scheme;

/// Qualifiers that say for which machine or system a document was made, or what stands elsewhere.
const ELSEWHERE: [&str; 4] = ["arch", "distro", "epoch", "package-id"];

/// The version that a package URL says, where it is another one than the component's own.
///
/// Of a commit or a digest nobody can say that it is not what is called by that version.
pub(super) fn other_version<'a>(
    version: &str,
    purl: Option<&'a str>,
    scheme: Scheme,
) -> Option<Cow<'a, str>> {
    let purl = purl?;
    let (_, behind) = purl.rsplit_once('@')?;
    // Nearly every one, and no look further is needed.
    if behind.strip_prefix(version).is_some_and(|rest| rest.is_empty() || rest.starts_with('?')) {
        return None;
    }
    let said = purl::decoded(purl::parts(purl)?.version.filter(|said| !said.is_empty())?);
    if version.is_empty() || is_digest(&said) || same(version, &said, scheme) {
        return None;
    }
    Some(said)
}

/// Whether two ways to write a version mean one.
fn same(a: &str, b: &str, scheme: Scheme) -> bool {
    let (a, b) = (bare(a.trim()), bare(b.trim()));
    if a.eq_ignore_ascii_case(b) {
        return true;
    }
    // An epoch that only one of them has stands beside the other.
    let (a, b) = match (purl::split_epoch(a, scheme), purl::split_epoch(b, scheme)) {
        ((Some(_), a), (None, b)) | ((None, a), (Some(_), b)) => (a, b),
        _ => (a, b),
    };
    let equal = |a, b| scheme.compare_with_bound(a, b).is_some_and(std::cmp::Ordering::is_eq);
    a.eq_ignore_ascii_case(b) || equal(a, b) || equal(b, a)
}

/// Without what only says that a version follows: `v1.2`, `go1.24`.
fn bare(text: &str) -> &str {
    let number = |rest: &&str| rest.starts_with(|c: char| c.is_ascii_digit());
    let bare = text.strip_prefix(['v', 'V']).or_else(|| text.strip_prefix("go"));
    bare.filter(number).unwrap_or(text)
}

/// `sha256:…`, or the name of a commit.
fn is_digest(text: &str) -> bool {
    let hex = text.bytes().all(|b| b.is_ascii_hexdigit());
    let letters = text.bytes().any(|b| b.is_ascii_alphabetic());
    text.starts_with("sha256:") || (hex && (text.len() == 40 || (text.len() >= 7 && letters)))
}

/// Whether the components of two documents that have one name and one version say the same beside
/// it: versions and qualifiers of their package URLs, and hashes.
pub(super) fn alike(old: &[Component<'_>], new: &[Component<'_>]) -> bool {
    if let ([a], [b]) = (old, new)
        && a.purl() == b.purl()
        && a.hashes().eq(b.hashes())
    {
        return true;
    }
    purls(old) == purls(new) && !contradict(&hashes(old), &hashes(new))
}

type Said<'a> = (String, BTreeSet<(String, Cow<'a, str>)>);

/// What the package URLs say behind the name.
fn purls<'a>(all: &[Component<'a>]) -> BTreeSet<Said<'a>> {
    let said = |one: &Component<'a>| {
        let parts = purl::parts(one.purl()?)?;
        // One that says no version leaves it to the component.
        let version = parts.version.filter(|said| !said.is_empty()).map(purl::decoded);
        let version = version.unwrap_or_else(|| one.version().unwrap_or_default().into());
        let (_, version) = purl::split_epoch(bare(&version), Scheme::of_purl_type(parts.kind));
        let pairs = parts.qualifiers.split('&').filter_map(|pair| pair.split_once('='));
        let pairs = pairs.map(|(key, value)| (key.to_ascii_lowercase(), purl::decoded(value)));
        let pairs = pairs.filter(|(key, _)| !ELSEWHERE.contains(&key.as_str()));
        Some((version.to_ascii_lowercase(), pairs.collect()))
    };
    all.iter().filter_map(said).collect()
}

/// The values of hashes by their length, which is as good as the name of their algorithm.
fn hashes(all: &[Component<'_>]) -> BTreeMap<usize, BTreeSet<String>> {
    let mut by_length: BTreeMap<usize, BTreeSet<String>> = BTreeMap::new();
    for value in all.iter().flat_map(|one| one.hashes()) {
        by_length.entry(value.len()).or_default().insert(value.to_ascii_lowercase());
    }
    by_length
}

/// Whether both state hashes of one length, and not the same ones. One that states none says
/// nothing against the other.
fn contradict(
    old: &BTreeMap<usize, BTreeSet<String>>,
    new: &BTreeMap<usize, BTreeSet<String>>,
) -> bool {
    old.iter().any(|(length, values)| new.get(length).is_some_and(|others| others != values))
}
