//! Alpine's versions: apk-package(5), "number{.number}…{letter}{_suffix{number}}…{~hash}{-r#}".

use std::cmp::Ordering;

use super::{Cursor, number};

/// One piece of a version. Two versions agree up to the first place where these differ, and there
/// the later variant is the newer one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Piece {
    /// "_alpha, _beta, _pre, _rc: pre-release", before the version without them.
    Before(u8),
    /// Nothing more: `1.0` is older than `1.0-r0` and than `1.0.0`.
    End,
    Revision,
    Hash,
    SuffixNumber,
    /// "_cvs, _svn, _git, _hg, _p: post-release", behind it.
    Behind(u8),
    Letter(u8),
    Number,
    First,
}

const BEFORE: [&str; 4] = ["alpha", "beta", "pre", "rc"];
const BEHIND: [&str; 5] = ["cvs", "svn", "git", "hg", "p"];

/// The pieces of a version, one at a time.
struct Pieces<'a> {
    rest: Cursor<'a>,
    last: Option<Piece>,
}

impl<'a> Pieces<'a> {
    fn new(text: &'a str) -> Self {
        Self { rest: Cursor(text), last: None }
    }

    /// The next piece and its digits; `None` where no piece can be.
    fn next(&mut self) -> Option<(Piece, &'a str)> {
        let found = match self.last {
            None => (Piece::First, some(self.rest.digits())?),
            Some(last) => self.behind(last)?,
        };
        self.last = Some(found.0);
        Some(found)
    }

    fn behind(&mut self, last: Piece) -> Option<(Piece, &'a str)> {
        let rest = &mut self.rest;
        let numbers = matches!(last, Piece::First | Piece::Number);
        let suffixes = numbers || matches!(last, Piece::Letter(_) | Piece::SuffixNumber);
        let suffix = matches!(last, Piece::Before(_) | Piece::Behind(_));
        if rest.0.is_empty() {
            return Some((Piece::End, ""));
        }
        if numbers && rest.sign('.') {
            return Some((Piece::Number, some(rest.digits())?));
        }
        if numbers && let Some(letter) = rest.0.bytes().next().filter(u8::is_ascii_lowercase) {
            rest.0 = rest.0.get(1..)?;
            return Some((Piece::Letter(letter), ""));
        }
        if suffix && rest.0.starts_with(|c: char| c.is_ascii_digit()) {
            return Some((Piece::SuffixNumber, rest.digits()));
        }
        if (suffixes || suffix) && rest.sign('_') {
            let word = rest.run(|b| b.is_ascii_lowercase());
            let rank = |words: &[&str]| u8::try_from(words.iter().position(|w| *w == word)?).ok();
            let before = rank(&BEFORE).map(Piece::Before);
            return Some((before.or_else(|| rank(&BEHIND).map(Piece::Behind))?, ""));
        }
        let open = last != Piece::Revision;
        if open && last != Piece::Hash && rest.sign('~') {
            let hex = |b: u8| b.is_ascii_digit() || matches!(b, b'a'..=b'f');
            return Some((Piece::Hash, some(rest.run(hex))?));
        }
        if open && rest.word("-r") {
            return Some((Piece::Revision, some(rest.digits())?));
        }
        None
    }
}

fn some(text: &str) -> Option<&str> {
    Some(text).filter(|text| !text.is_empty())
}

pub(super) fn compare(a: &str, b: &str) -> Option<Ordering> {
    // Both are read to their end first: a version that breaks off in nonsense has no order, also
    // where its beginning would decide.
    let (mut left, mut right) = (Pieces::new(a), Pieces::new(b));
    while left.next()?.0 != Piece::End {}
    while right.next()?.0 != Piece::End {}
    (left, right) = (Pieces::new(a), Pieces::new(b));
    loop {
        let ((a, i), (b, j)) = (left.next()?, right.next()?);
        let order = a.cmp(&b).then_with(|| match a {
            // A number with a zero in front is read as what stands behind a decimal point, so
            // that 1.05 is older than 1.1.
            Piece::Number if i.starts_with('0') || j.starts_with('0') => i.cmp(j),
            Piece::Hash => i.cmp(j),
            _ => number(i, j),
        });
        if order.is_ne() || a == Piece::End {
            return Some(order);
        }
    }
}
