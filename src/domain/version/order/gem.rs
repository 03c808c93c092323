//! Ruby's versions: `Gem::Version`, whose documentation is its specification.

use std::cmp::Ordering;

use super::{Cursor, number};

/// One segment. "A version is considered a prerelease if it contains a letter", and a word comes
/// before every number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Segment<'a> {
    Word(&'a str),
    Number(&'a str),
}

impl Segment<'_> {
    fn is_zero(&self) -> bool {
        matches!(self, Self::Number(digits) if digits.bytes().all(|b| b == b'0'))
    }

    fn order(self, other: Self) -> Ordering {
        match (self, other) {
            (Self::Word(a), Self::Word(b)) => a.cmp(b),
            (Self::Word(_), Self::Number(_)) => Ordering::Less,
            (Self::Number(_), Self::Word(_)) => Ordering::Greater,
            (Self::Number(a), Self::Number(b)) => number(a, b),
        }
    }
}

/// `VERSION_PATTERN`: numbers and words between dots, a number first, and behind a hyphen a
/// prerelease.
fn fits(text: &str) -> bool {
    let (front, pre) = match text.split_once('-') {
        Some((front, pre)) => (front, Some(pre)),
        None => (text, None),
    };
    let word = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric());
    let first = front.split('.').next().is_some_and(super::is_number);
    let dashed = |part: &str| {
        !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
    };
    first && front.split('.').all(word) && pre.is_none_or(|pre| pre.split('.').all(dashed))
}

/// Runs of digits and of letters. A hyphen is read as `.pre.`.
fn segments(text: &str) -> Vec<Segment<'_>> {
    let mut rest = Cursor(text.trim());
    let mut all: Vec<Segment<'_>> = Vec::new();
    let mut words = false;
    while !rest.0.is_empty() {
        let segment = if rest.sign('-') {
            Segment::Word("pre")
        } else if rest.sign('.') {
            continue;
        } else {
            match rest.digits() {
                "" => Segment::Word(rest.run(|b| b.is_ascii_alphabetic())),
                digits => Segment::Number(digits),
            }
        };
        // `canonical_segments`: trailing zeros go, in the numbers and again at the end.
        if matches!(segment, Segment::Word(_)) && !words {
            words = true;
            trim(&mut all);
        }
        all.push(segment);
    }
    trim(&mut all);
    all
}

fn trim(segments: &mut Vec<Segment<'_>>) {
    while segments.last().is_some_and(Segment::is_zero) {
        segments.pop();
    }
}

/// What is missing is 0, so that a word in its place makes a version older.
fn segment<'a>(segments: &[Segment<'a>], at: usize) -> Segment<'a> {
    segments.get(at).copied().unwrap_or(Segment::Number(""))
}

pub(super) fn compare(a: &str, b: &str) -> Option<Ordering> {
    if !fits(a) || !fits(b) {
        return None;
    }
    let (a, b) = (segments(a), segments(b));
    let mut orders = (0..a.len().max(b.len())).map(|at| segment(&a, at).order(segment(&b, at)));
    Some(orders.find(|order| order.is_ne()).unwrap_or(Ordering::Equal))
}
