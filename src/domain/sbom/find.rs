//! A [`Query`] → the components that meet it.
//!
//! Words are looked for first, the longest of them in one pass over the whole text; what needs a
//! look at each component comes last, when few are left.

use memchr::memmem::Finder;

use super::{
    Sbom,
    beside::other_version,
    graph::index,
    purl,
    query::{Bound, Query, Term, Test},
    search::{Facts, Haystack, Line, Texts, Versioned, lower},
};
use crate::domain::version::{
    Version,
    order::{Plain, Scheme, is_plain},
};

/// What a query found.
///
/// A version that cannot be compared is neither older nor newer, so its component is no hit, and
/// none of `!version:<2` either; whoever shows the hits has to say how many were left undecided.
/// What [`Sbom::left_out`] says holds for these too.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hits {
    /// The numbers of the components, in document order.
    pub components: Vec<u32>,
    /// How many others meet everything else that was asked for, and have a version that the order
    /// of their kind does not know.
    pub incomparable: usize,
    /// How many others meet everything else that was asked for, and have no version.
    pub unversioned: usize,
}

impl Hits {
    /// How many components could be hits and could not be decided.
    pub const fn undecided(&self) -> usize {
        self.incomparable.saturating_add(self.unversioned)
    }
}

impl Sbom {
    /// The components that meet everything that is asked for.
    pub fn find(&self, query: &Query) -> Hits {
        let hay = &self.body.haystack;
        let mut rest: Vec<&Term> = query.terms.iter().collect();
        let mut components = match driver(&rest) {
            Some((at, word)) => {
                let found = hay.parts.holders(&Finder::new(&word));
                // A word that may stand anywhere is done with; one of a field is confirmed below.
                if matches!(rest.get(at), Some(Term { test: Test::Any(_), .. })) {
                    rest.remove(at);
                }
                found
            }
            None => (0..u32::try_from(hay.facts.len()).unwrap_or(u32::MAX)).collect(),
        };
        rest.sort_by_key(|term| cost(term));
        let (versions, others): (Vec<&Term>, Vec<&Term>) =
            rest.into_iter().partition(|term| matches!(term.test, Test::Version(_)));
        for term in others {
            self.narrow(&mut components, term);
        }
        let mut hits = Hits::default();
        if !versions.is_empty() {
            components.retain(|component| match self.meets(*component, &versions) {
                Some(met) => met,
                None => {
                    let facts = hay.facts.get(index(*component));
                    let versioned = facts.is_some_and(|f| f.version != Versioned::No);
                    let count =
                        if versioned { &mut hits.incomparable } else { &mut hits.unversioned };
                    *count = count.saturating_add(1);
                    false
                }
            });
        }
        hits.components = components;
        hits
    }

    /// Keeps the components that meet one condition, which needs no order of versions.
    fn narrow(&self, components: &mut Vec<u32>, term: &Term) {
        let hay = &self.body.haystack;
        let wanted = !term.negated;
        match &term.test {
            Test::Any(word) => hold(&hay.parts, components, word, wanted),
            Test::Hash(word) => hold(&hay.hashes, components, word, wanted),
            Test::In(line, word) => {
                let word = Finder::new(word);
                components.retain(|c| word.find(hay.line(*c, *line)).is_some() == wanted);
            }
            Test::Kind(word) => {
                let held = held(&hay.kinds.texts, word);
                components.retain(|c| shares(hay, *c, |facts| facts.kind, &held) == wanted);
            }
            Test::Supplier(word) => {
                let held = held(&hay.suppliers.texts, word);
                components.retain(|c| shares(hay, *c, |facts| facts.supplier, &held) == wanted);
            }
            Test::Contains(text) => {
                let mut low = String::new();
                lower(text, &mut low);
                let (exact, low) = (Finder::new(text), Finder::new(&low));
                components.retain(|c| self.contains(*c, &exact, &low) == wanted);
            }
            // These leave a third answer beside yes and no.
            Test::Version(_) => {}
        }
    }

    fn contains(&self, component: u32, exact: &Finder<'_>, low: &Finder<'_>) -> bool {
        let hay = &self.body.haystack;
        let line = hay.line(component, Line::Name);
        match hay.facts.get(index(component)) {
            Some(facts) if facts.plain_top => exact.find(line).is_some(),
            // What holds the text holds it in lower case too: most need no look at the document.
            Some(_) if low.find(line).is_none() => false,
            _ => self
                .component(component)
                .is_some_and(|c| c.is_top() && exact.find(c.name().as_bytes()).is_some()),
        }
    }

    /// Whether a component's version meets all conditions; `None` where one cannot be decided and
    /// no other is missed.
    fn meets(&self, component: u32, terms: &[&Term]) -> Option<bool> {
        let hay = &self.body.haystack;
        let facts = hay.facts.get(index(component))?;
        let line = std::str::from_utf8(hay.line(component, Line::Version)).ok()?;
        match facts.version {
            Versioned::No => return None,
            Versioned::Plain => return every(terms, facts.scheme, line),
            Versioned::Written | Versioned::Contradicted => {}
        }
        let component = self.component(component)?;
        let version = component.version()?;
        let ordered = purl::ordered(version, component.purl(), facts.scheme);
        let met = every(terms, facts.scheme, &ordered);
        if facts.version != Versioned::Contradicted {
            return met;
        }
        let other = other_version(version, component.purl(), facts.scheme)?;
        let other = purl::ordered(&other, component.purl(), facts.scheme);
        met.filter(|met| every(terms, facts.scheme, &other) == Some(*met))
    }
}

/// The longest word that a hit has to hold, with its place: most likely the rarest.
fn driver(terms: &[&Term]) -> Option<(usize, String)> {
    let words = terms.iter().enumerate().filter(|(_, term)| !term.negated);
    let words = words.filter_map(|(at, term)| match &term.test {
        Test::Any(word) | Test::In(_, word) | Test::Contains(word) => Some((at, word)),
        Test::Kind(_) | Test::Supplier(_) | Test::Hash(_) | Test::Version(_) => None,
    });
    let (at, word) = words.max_by_key(|(_, word)| word.len())?;
    let mut low = String::with_capacity(word.len());
    lower(word, &mut low);
    Some((at, low))
}

/// In which order conditions are looked at: the cheap ones and those that leave little first.
fn cost(term: &Term) -> u8 {
    match (&term.test, term.negated) {
        (Test::Kind(_) | Test::Supplier(_), _) => 0,
        (Test::Hash(_), false) => 1,
        (Test::Any(_) | Test::In(..) | Test::Contains(_), false) => 2,
        (_, true) => 3,
        (Test::Version(_), false) => 4,
    }
}

/// Keeps the components whose text holds a word, or those whose does not. Many of them are
/// compared with the hits of one pass, few are looked at one by one.
fn hold(texts: &Texts, components: &mut Vec<u32>, word: &str, wanted: bool) {
    let word = Finder::new(word);
    if components.len() < texts.len() / 8 {
        components.retain(|c| word.find(texts.of(*c)).is_some() == wanted);
        return;
    }
    let found = texts.holders(&word);
    let mut found = found.iter().peekable();
    components.retain(|component| {
        while found.next_if(|hit| *hit < component).is_some() {}
        (found.peek() == Some(&component)) == wanted
    });
}

/// Which of the texts that components share hold a word.
fn held(texts: &Texts, word: &str) -> Vec<bool> {
    let mut held = vec![false; texts.len()];
    for hit in texts.holders(&Finder::new(word)) {
        if let Some(slot) = held.get_mut(index(hit)) {
            *slot = true;
        }
    }
    held
}

fn shares(hay: &Haystack, component: u32, text: impl Fn(&Facts) -> u32, held: &[bool]) -> bool {
    let facts = hay.facts.get(index(component));
    facts.and_then(|facts| held.get(index(text(facts)))).copied().unwrap_or_default()
}

/// Kleene's "and": no beats unknown, unknown beats yes.
fn every(terms: &[&Term], scheme: Scheme, version: &str) -> Option<bool> {
    let leads = matches!(scheme, Scheme::SemVer | Scheme::Unknown);
    let bare = version.strip_prefix('v').filter(|_| leads).unwrap_or(version);
    let plain = Plain::read(bare).filter(|_| scheme.pads());
    let mut all = Some(true);
    for term in terms {
        let Test::Version(bounds) = &term.test else { continue };
        let mut met = Some(true);
        for bound in bounds {
            let held = match (bound, plain) {
                (Bound::Order(operator, _, Some(bound)), Some(plain)) => {
                    Some(operator.allows(plain.cmp(bound)))
                }
                _ => holds(bound, scheme, version),
            };
            met = both(met, held);
        }
        all = both(all, met.map(|met| met != term.negated));
    }
    all
}

fn both(a: Option<bool>, b: Option<bool>) -> Option<bool> {
    match (a, b) {
        (Some(false), _) | (_, Some(false)) => Some(false),
        (Some(true), Some(true)) => Some(true),
        _ => None,
    }
}

/// Whether a version meets a bound by the rules of its kind; `None` where these do not know.
fn holds(bound: &Bound, scheme: Scheme, version: &str) -> Option<bool> {
    match bound {
        // dpkg and rpm give letters alone an order too; whoever typed them meant no version.
        Bound::Order(_, bound, _) if !bound.starts_with(|c: char| c.is_ascii_digit()) => None,
        Bound::Order(operator, bound, _) => {
            Some(operator.allows(scheme.compare_with_bound(version, bound)?))
        }
        // `^` and `~` are words of SemVer. Numbers alone mean the same wherever missing ones are
        // zeros; of a Debian revision or a Maven qualifier they say nothing.
        Bound::Range(range) => {
            let bare = version.strip_prefix('v').filter(|_| scheme == Scheme::Unknown);
            let plain = scheme.pads() || scheme == Scheme::Unknown;
            let known = scheme == Scheme::SemVer || (plain && is_plain(bare.unwrap_or(version)));
            known.then(|| Version::parse(version)).flatten().map(|v| range.allows(&v))
        }
    }
}
