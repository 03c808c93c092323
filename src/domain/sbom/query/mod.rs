//! What a reviewer types to find components.
//!
//! ```text
//! client go                both words, whatever their case, in name, version, purl, licence, …
//! "apache 2"               a phrase; also the way to look for a colon behind a field's name
//! !test                    not these
//! name:client-go           in `group/name`; also purl: licence: version: type: hash: cpe: supplier:
//! version:<0.30            by the order of the package's own kind; < <= > >= = != ^ ~
//! version:>=0.30,<0.40     both
//! contains:k8s.io/client   jq's `select(.name | contains(…))` over the outermost list
//! ```
//!
//! A query is read at every key, so nothing that is typed is an error: what is half typed does not
//! restrict anything yet, and [`Query::hint`] says what is expected.

use std::ops::Range;

use memchr::memmem;

use super::search::{Line, lower, lowered};
use crate::domain::version::{Constraint, order::Plain};

mod read;

/// The most conditions of one query, and the most comparisons of one condition: a page that was
/// pasted by mistake must not hold up the next key.
pub const MAX_CONDITIONS: usize = 32;

/// What is looked for. Cheap to make and to keep.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    pub(super) terms: Vec<Term>,
    hint: Option<String>,
}

/// A text of a component, as a screen shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// `group/name`, or the name alone.
    Name,
    /// Version.
    Version,
    /// Package URL.
    Purl,
    /// A licence.
    Licence,
    /// CPE.
    Cpe,
    /// The name by which dependencies refer to it.
    BomRef,
    /// Its type.
    Kind,
    /// The value of a hash.
    Hash,
    /// Its supplier.
    Supplier,
}

/// One condition; a component has to meet all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Term {
    pub(super) negated: bool,
    pub(super) test: Test,
}

/// Every text is lower-cased, but for that of `Contains`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Test {
    /// In any of the lines.
    Any(String),
    In(Line, String),
    Kind(String),
    Supplier(String),
    Hash(String),
    /// As written, in the name alone, of a component in the outermost list.
    Contains(String),
    /// All of them.
    Version(Vec<Bound>),
}

/// A condition on a version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Bound {
    /// By the order of the package's kind; with its numbers, if it is nothing else.
    Order(Operator, String, Option<Plain>),
    /// `^1.2`, `~1.2`.
    Range(Constraint),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operator {
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Equal,
    NotEqual,
}

impl Operator {
    pub(super) fn allows(self, order: std::cmp::Ordering) -> bool {
        match self {
            Self::Less => order.is_lt(),
            Self::LessOrEqual => order.is_le(),
            Self::Greater => order.is_gt(),
            Self::GreaterOrEqual => order.is_ge(),
            Self::Equal => order.is_eq(),
            Self::NotEqual => order.is_ne(),
        }
    }
}

impl Query {
    /// What that text asks for; every text asks for something.
    pub fn parse(text: &str) -> Self {
        read::query(text)
    }

    /// Whether it restricts nothing, so that every component is a hit.
    pub fn is_empty(&self) -> bool {
        self.terms.is_empty()
    }

    /// What is half typed or probably not meant, in words. Holds foreign text: the reviewer's own.
    pub fn hint(&self) -> Option<&str> {
        self.hint.as_deref()
    }

    /// Where in a shown text something stands that was looked for: byte ranges in rising order,
    /// not overlapping, on letter boundaries. Not what was excluded, and no comparisons.
    pub fn spans(&self, field: Field, text: &str) -> Vec<Range<usize>> {
        let mut all: Vec<Range<usize>> = Vec::new();
        for term in self.terms.iter().filter(|term| !term.negated) {
            match &term.test {
                Test::Any(word) if field.line().is_some() => folded(text, word, &mut all),
                Test::In(line, word) if field.line() == Some(*line) => folded(text, word, &mut all),
                Test::Kind(word) if field == Field::Kind => folded(text, word, &mut all),
                Test::Supplier(word) if field == Field::Supplier => folded(text, word, &mut all),
                Test::Hash(word) if field == Field::Hash => folded(text, word, &mut all),
                Test::Contains(word) if field == Field::Name => {
                    let found = memmem::find_iter(text.as_bytes(), word);
                    all.extend(found.map(|at| at..at.saturating_add(word.len())));
                }
                _ => {}
            }
        }
        all.sort_by_key(|span| span.start);
        all.dedup_by(|next, last| {
            let joined = next.start <= last.end;
            if joined {
                last.end = last.end.max(next.end);
            }
            joined
        });
        all
    }
}

impl Field {
    const fn line(self) -> Option<Line> {
        match self {
            Self::Name => Some(Line::Name),
            Self::Version => Some(Line::Version),
            Self::Purl => Some(Line::Purl),
            Self::Licence => Some(Line::Licences),
            Self::Cpe => Some(Line::Cpe),
            Self::BomRef => Some(Line::BomRef),
            Self::Kind | Self::Hash | Self::Supplier => None,
        }
    }
}

/// Where a lower-cased word stands in a text. A letter that is two in lower case (İ) is marked
/// whole where one of them is meant.
fn folded(text: &str, word: &str, out: &mut Vec<Range<usize>>) {
    let mut low = String::with_capacity(text.len());
    lower(text, &mut low);
    let mut found = memmem::find_iter(low.as_bytes(), word);
    if text.is_ascii() {
        out.extend(found.map(|at| at..at.saturating_add(word.len())));
        return;
    }
    // Walks the text beside its lower-cased copy, whose letters may have other lengths.
    let Some(mut at) = found.next() else { return };
    let (mut passed, mut start) = (0_usize, None);
    for (here, letter) in text.char_indices() {
        let behind = lowered(letter).map(char::len_utf8).fold(passed, usize::saturating_add);
        if behind > at && start.is_none() {
            start = Some(here);
        }
        let end = here.saturating_add(letter.len_utf8());
        while let Some(begin) = start
            && behind >= at.saturating_add(word.len())
        {
            out.push(begin..end);
            match found.next() {
                Some(next) => at = next,
                None => return,
            }
            start = (behind > at).then_some(here);
        }
        passed = behind;
    }
}
