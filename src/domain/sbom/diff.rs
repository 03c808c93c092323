//! What changed from one SBOM to another: the question after every release.
//!
//! A package is the same one in both documents if its package URL is, without version and
//! qualifiers (an architecture, a checksum or a file name differ between any two builds), and
//! where there is none if group, name and type are. One document often has several versions of a
//! package, so the versions are compared as sets: what stands on both sides did not change, unless it comes from
//! somewhere else or has another hash.

use std::{
    borrow::Cow,
    cmp::Ordering,
    collections::{BTreeSet, HashMap},
};

use foldhash::quality::RandomState;

use super::{Component, Sbom, beside, graph::index, purl, search::Versioned};
use crate::domain::version::order::Scheme;

/// What changed. Every number is that of a component, and every list is ordered by package and
/// version, so that the same two documents always give the same.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Diff {
    /// In the new document only: the package, or one of its versions where others stayed.
    pub added: Vec<u32>,
    /// In the old document only, likewise.
    pub removed: Vec<u32>,
    /// Packages of which versions went and others came.
    pub versions: Vec<VersionChange>,
    /// Packages that say another licence than before.
    pub licences: Vec<LicenceChange>,
    /// Packages that say another source or another hash than before, in the same version.
    pub others: Vec<OtherChange>,
    /// Packages in both, in the same versions under the same licences.
    pub unchanged: usize,
    /// Whether the old document was not read to its end: what was added may have been there.
    pub old_left_out: bool,
    /// Whether the new document was not read to its end: what was removed may still be there.
    pub new_left_out: bool,
}

/// How many of each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DiffCounts {
    /// See [`Diff::added`].
    pub added: usize,
    /// See [`Diff::removed`].
    pub removed: usize,
    /// Versions that went up.
    pub up: usize,
    /// Versions that went down.
    pub down: usize,
    /// Versions that changed without one being newer, or nobody can tell; and
    /// [`Diff::others`].
    pub unclear: usize,
    /// See [`Diff::licences`].
    pub licences: usize,
    /// See [`Diff::unchanged`].
    pub unchanged: usize,
}

/// A package of which versions went and others came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VersionChange {
    /// What went, in the old document; each version once.
    pub old: Vec<u32>,
    /// What came, in the new document; each version once.
    pub new: Vec<u32>,
    /// Which of them are newer, by the order of the package's kind.
    pub direction: Direction,
}

/// Where versions went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// Every new one is newer than every old one.
    Up,
    /// Every new one is older than every old one.
    Down,
    /// Written in another way, or built anew: by the order of their kind neither is newer.
    Same,
    /// The order of their kind does not know one of them, or some are newer and some older.
    Unclear,
}

/// A package that says another licence than before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LicenceChange {
    /// In the old document.
    pub old: u32,
    /// In the new document.
    pub new: u32,
}

/// A package that says another source or another hash than before, in the same version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OtherChange {
    /// In the old document.
    pub old: u32,
    /// In the new document.
    pub new: u32,
}

impl Diff {
    /// Whether nothing changed that was compared.
    pub fn is_empty(&self) -> bool {
        self.added.is_empty()
            && self.removed.is_empty()
            && self.versions.is_empty()
            && self.licences.is_empty()
            && self.others.is_empty()
    }

    /// How many of each.
    pub fn counts(&self) -> DiffCounts {
        let went = |directions: &[Direction]| {
            self.versions.iter().filter(|change| directions.contains(&change.direction)).count()
        };
        DiffCounts {
            added: self.added.len(),
            removed: self.removed.len(),
            up: went(&[Direction::Up]),
            down: went(&[Direction::Down]),
            unclear: went(&[Direction::Same, Direction::Unclear]).saturating_add(self.others.len()),
            licences: self.licences.len(),
            unchanged: self.unchanged,
        }
    }
}

impl Direction {
    const fn of(order: Ordering) -> Self {
        match order {
            Ordering::Less => Self::Up,
            Ordering::Equal => Self::Same,
            Ordering::Greater => Self::Down,
        }
    }
}

/// The same package in any document.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Identity<'a> {
    /// Type in lower case, namespace and name, subpath, decoded.
    Purl(Cow<'a, str>, Cow<'a, str>, Cow<'a, str>),
    /// Group, name, type.
    Name(&'a str, &'a str, &'a str),
}

/// One version of a package: every component that has it.
#[derive(Debug, Default)]
struct Held<'a> {
    /// The first of them.
    first: u32,
    /// The rest.
    more: Vec<u32>,
    licences: BTreeSet<&'a str>,
}

/// The versions of a package in one document. Most have one, and for these nothing is allocated.
#[derive(Debug, Default)]
struct Versions<'a> {
    one: Option<(Cow<'a, str>, Held<'a>)>,
    others: HashMap<Cow<'a, str>, Held<'a>, RandomState>,
}

impl<'a> Versions<'a> {
    fn add(&mut self, version: Cow<'a, str>, component: u32) -> &mut Held<'a> {
        let new = || Held { first: component, ..Held::default() };
        let one = self.one.get_or_insert_with(|| (version.clone(), new()));
        if one.0 == version {
            return &mut one.1;
        }
        self.others.entry(version).or_insert_with(new)
    }

    fn get(&self, version: &str) -> Option<&Held<'a>> {
        let one = self.one.as_ref().filter(|(one, _)| one == version).map(|(_, held)| held);
        one.or_else(|| self.others.get(version))
    }

    fn iter(&self) -> impl Iterator<Item = (&str, &Held<'a>)> {
        let one = self.one.iter().map(|(version, held)| (version, held));
        one.chain(&self.others).map(|(version, held)| (version.as_ref(), held))
    }

    fn len(&self) -> usize {
        self.others.len().saturating_add(usize::from(self.one.is_some()))
    }
}

type Packages<'a> = HashMap<Identity<'a>, Versions<'a>, RandomState>;

/// What changed from `old` to `new`. One pass over each; only what differs is sorted.
pub fn diff(old: &Sbom, new: &Sbom) -> Diff {
    let (before, mut after) = (packages(old), packages(new));
    let mut diff = Diff {
        old_left_out: old.left_out().is_some(),
        new_left_out: new.left_out().is_some(),
        ..Diff::default()
    };
    let same = Same { old, new };
    let mut changed: Vec<(Identity<'_>, Versions<'_>, Versions<'_>)> = Vec::new();
    for (package, old) in before {
        let new = after.remove(&package).unwrap_or_default();
        if same.alike(&old, &new) {
            diff.unchanged = diff.unchanged.saturating_add(1);
        } else {
            changed.push((package, old, new));
        }
    }
    changed.extend(after.into_iter().map(|(package, new)| (package, Versions::default(), new)));
    changed.sort_by(|(a, ..), (b, ..)| a.cmp(b));
    for (package, old, new) in &changed {
        diff.package(package, old, new, same);
    }
    diff
}

/// The two documents.
#[derive(Clone, Copy)]
struct Same<'a> {
    old: &'a Sbom,
    new: &'a Sbom,
}

impl Same<'_> {
    /// Whether a package has the same versions under the same licences, and says the same beside.
    fn alike(self, old: &Versions<'_>, new: &Versions<'_>) -> bool {
        old.len() == new.len()
            && old.iter().all(|(version, held)| {
                new.get(version).is_some_and(|other| {
                    other.licences == held.licences && self.beside(held, other)
                })
            })
    }

    /// Whether a version that went or came is another one in its own purl.
    fn contradicted(self, gone: &[(&str, &Held<'_>)], come: &[(&str, &Held<'_>)]) -> bool {
        let of = |sbom: &Sbom, held: &[(&str, &Held<'_>)]| {
            let facts = |number| sbom.body.haystack.facts.get(index(number));
            held.iter().any(|(_, held)| {
                facts(held.first).is_some_and(|facts| facts.version == Versioned::Contradicted)
            })
        };
        of(self.old, gone) || of(self.new, come)
    }

    /// Whether one version of a package says the same beside its name and version.
    fn beside(self, old: &Held<'_>, new: &Held<'_>) -> bool {
        if let (Some(a), Some(b)) = (self.old.component(old.first), self.new.component(new.first))
            && old.more.is_empty()
            && new.more.is_empty()
        {
            return beside::alike(&[a], &[b]);
        }
        beside::alike(&old.components(self.old), &new.components(self.new))
    }
}

impl Held<'_> {
    fn components<'s>(&self, sbom: &'s Sbom) -> Vec<Component<'s>> {
        let all = std::iter::once(&self.first).chain(&self.more);
        all.filter_map(|number| sbom.component(*number)).collect()
    }
}

fn packages(sbom: &Sbom) -> Packages<'_> {
    let mut all = Packages::with_capacity_and_hasher(sbom.len(), RandomState::default());
    for (number, component) in (0_u32..).zip(sbom.components()) {
        let (identity, version) = identify(component);
        let held = all.entry(identity).or_default().add(version, number);
        if held.first != number {
            held.more.push(number);
        }
        held.licences.extend(component.licences());
    }
    all
}

/// Which package a component is, and its version as the order of its kind reads it; empty if
/// neither the component nor its purl says one.
fn identify(component: Component<'_>) -> (Identity<'_>, Cow<'_, str>) {
    let version = component.version().filter(|version| !version.is_empty());
    let parts = component.purl().and_then(purl::parts);
    let Some(parts) = parts.filter(|parts| !parts.path.is_empty()) else {
        let [group, kind] = [component.group(), component.kind()].map(Option::unwrap_or_default);
        return (Identity::Name(group, component.name(), kind), version.unwrap_or_default().into());
    };
    let upper = parts.kind.bytes().any(|b| b.is_ascii_uppercase());
    let kind = Cow::Borrowed(parts.kind);
    let kind = if upper { Cow::Owned(kind.to_ascii_lowercase()) } else { kind };
    let scheme = Scheme::of_purl_type(&kind);
    let version = match version {
        Some(version) => purl::ordered(version, component.purl(), scheme),
        None => match purl::decoded(parts.version.unwrap_or_default()) {
            Cow::Borrowed(version) => purl::ordered(version, component.purl(), scheme),
            Cow::Owned(version) => {
                Cow::Owned(purl::ordered(&version, component.purl(), scheme).into_owned())
            }
        },
    };
    (Identity::Purl(kind, purl::decoded(parts.path), purl::decoded(parts.subpath)), version)
}

impl Diff {
    /// Adds a package that differs.
    fn package(
        &mut self,
        package: &Identity<'_>,
        old: &Versions<'_>,
        new: &Versions<'_>,
        same: Same<'_>,
    ) {
        let scheme = match package {
            Identity::Purl(kind, ..) => Scheme::of_purl_type(kind),
            Identity::Name(..) => Scheme::Unknown,
        };
        let gone = only(old, new, scheme);
        let come = only(new, old, scheme);
        let numbers =
            |held: &[(&str, &Held<'_>)]| held.iter().map(|(_, held)| held.first).collect();
        match (gone.is_empty(), come.is_empty()) {
            (false, false) => self.versions.push(VersionChange {
                old: numbers(&gone),
                new: numbers(&come),
                direction: if same.contradicted(&gone, &come) {
                    Direction::Unclear
                } else {
                    direction(scheme, &gone, &come)
                },
            }),
            _ => {
                self.removed.extend::<Vec<u32>>(numbers(&gone));
                self.added.extend::<Vec<u32>>(numbers(&come));
            }
        }
        let mut stayed: Vec<(&str, &Held<'_>, &Held<'_>)> = old
            .iter()
            .filter_map(|(version, held)| Some((version, held, new.get(version)?)))
            .collect();
        stayed.sort_by(|(a, ..), (b, ..)| in_order(scheme, a, b));
        for (_, old, new) in stayed {
            let (a, b) = (old.first, new.first);
            if old.licences != new.licences {
                self.licences.push(LicenceChange { old: a, new: b });
            }
            if !same.beside(old, new) {
                self.others.push(OtherChange { old: a, new: b });
            }
        }
        // What went and what came may say different licences too.
        if let (Some((_, old)), Some((_, new))) = (gone.first(), come.first())
            && union(&gone) != union(&come)
        {
            self.licences.push(LicenceChange { old: old.first, new: new.first });
        }
    }
}

fn union<'a>(held: &[(&str, &Held<'a>)]) -> BTreeSet<&'a str> {
    held.iter().flat_map(|(_, held)| held.licences.iter().copied()).collect()
}

/// The versions of one side that the other has not, in rising order.
fn only<'v, 'a>(
    these: &'v Versions<'a>,
    other: &Versions<'_>,
    scheme: Scheme,
) -> Vec<(&'v str, &'v Held<'a>)> {
    let mut missing: Vec<_> =
        these.iter().filter(|(version, _)| other.get(version).is_none()).collect();
    missing.sort_by(|(a, _), (b, _)| in_order(scheme, a, b));
    missing
}

/// What the order of the kind does not know comes first, in the order of letters.
fn in_order(scheme: Scheme, a: &str, b: &str) -> Ordering {
    let known = |version| scheme.knows(version);
    known(a)
        .cmp(&known(b))
        .then_with(|| scheme.compare(a, b).unwrap_or(Ordering::Equal))
        .then_with(|| a.cmp(b))
}

/// Both lists rise, so that their ends tell about all between them.
fn direction(scheme: Scheme, old: &[(&str, &Held<'_>)], new: &[(&str, &Held<'_>)]) -> Direction {
    let (Some(oldest), Some(newest)) = (old.first(), old.last()) else { return Direction::Unclear };
    let (Some(first), Some(last)) = (new.first(), new.last()) else { return Direction::Unclear };
    let up = scheme.compare(newest.0, first.0).map(Direction::of);
    let down = scheme.compare(oldest.0, last.0).map(Direction::of);
    // Each first one is the one that is not known, if there is one.
    match (up, down, scheme.knows(oldest.0) && scheme.knows(first.0)) {
        (Some(up), Some(down), true) if up == down => up,
        _ => Direction::Unclear,
    }
}
