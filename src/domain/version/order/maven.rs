//! Maven's versions: "Version Order Specification" of the POM reference.
//!
//! Its tokens are compared as one flat sequence. Maven 3 compares nested lists, in which
//! `1-sp < 1.0.alpha < 1 < 1-sp`; Maven 3.9 ended that by reading `.qualifier` as `-qualifier`,
//! as the specification says, and so does this order.

use std::cmp::Ordering;

use super::{Cursor, number};

/// One token with its prefix, in the order of the specification: "`.qualifier` = `-qualifier` <
/// `-number` < `.number`".
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    /// "alpha" < "beta" < "milestone" < "rc" = "cr" < "snapshot".
    Before(u8),
    /// What a shorter version is padded with.
    End,
    /// "" = "final" = "ga" = "release".
    Release,
    /// "sp".
    Behind,
    /// Any other qualifier, in alphabetical order.
    Word,
    /// A number behind a hyphen or a letter.
    Dashed,
    /// A number behind a dot, or the first.
    Dotted,
}

#[derive(Clone, Copy, Debug)]
struct Token<'a> {
    kind: Kind,
    text: &'a str,
}

impl<'a> Token<'a> {
    const END: Self = Self { kind: Kind::End, text: "" };

    fn word(text: &'a str, before_digit: bool) -> Self {
        let is = |words: &[&str]| words.iter().any(|word| word.eq_ignore_ascii_case(text));
        // "can respectively be shortened to a, b and m when directly followed by a number".
        let short = |letter: &str| before_digit && is(&[letter]);
        let kind = if is(&["alpha"]) || short("a") {
            Kind::Before(0)
        } else if is(&["beta"]) || short("b") {
            Kind::Before(1)
        } else if is(&["milestone"]) || short("m") {
            Kind::Before(2)
        } else if is(&["rc", "cr"]) {
            Kind::Before(3)
        } else if is(&["snapshot"]) {
            Kind::Before(4)
        } else if is(&["final", "ga", "release"]) {
            Kind::Release
        } else if is(&["sp"]) {
            Kind::Behind
        } else {
            Kind::Word
        };
        Self { kind, text }
    }

    /// "the trailing "null" values (0, "", "final", "ga") are trimmed".
    fn is_null(&self) -> bool {
        match self.kind {
            Kind::Dashed | Kind::Dotted => self.text.bytes().all(|b| b == b'0'),
            kind => kind == Kind::Release,
        }
    }

    fn order(self, other: Self) -> Ordering {
        self.kind.cmp(&other.kind).then_with(|| match self.kind {
            Kind::Dashed | Kind::Dotted => number(self.text, other.text),
            Kind::Word => folded(self.text).cmp(folded(other.text)),
            _ => Ordering::Equal,
        })
    }
}

fn folded(text: &str) -> impl Iterator<Item = u8> {
    text.bytes().map(|b| b.to_ascii_lowercase())
}

/// "split in tokens between dots, hyphens and transitions between digits and characters. … A
/// transition between digits and characters is equivalent to a hyphen. Empty tokens are replaced
/// with 0." `None` unless it begins with a number, as versions "are expected to".
fn tokens(text: &str) -> Option<Vec<Token<'_>>> {
    let known = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_' | b'+');
    if !text.starts_with(|c: char| c.is_ascii_digit()) || !text.bytes().all(known) {
        return None;
    }
    let mut rest = Cursor(text);
    let mut all: Vec<Token<'_>> = Vec::new();
    let mut separator = Kind::Dotted;
    loop {
        let digits = rest.digits();
        let token = if digits.is_empty() && !rest.0.is_empty() && !rest.0.starts_with(['.', '-']) {
            let word = rest.run(|b| !b.is_ascii_digit() && b != b'.' && b != b'-');
            Token::word(word, rest.0.starts_with(|c: char| c.is_ascii_digit()))
        } else {
            Token { kind: separator, text: digits }
        };
        // "This process is repeated at each remaining hyphen from end to start."
        if token.kind != Kind::Dotted {
            trim(&mut all);
        }
        all.push(token);
        separator = match (rest.sign('.'), rest.0.is_empty()) {
            (true, _) => Kind::Dotted,
            (false, true) => break,
            (false, false) => {
                let _ = rest.sign('-');
                Kind::Dashed
            }
        };
    }
    trim(&mut all);
    Some(all)
}

fn trim(tokens: &mut Vec<Token<'_>>) {
    while tokens.last().is_some_and(Token::is_null) {
        tokens.pop();
    }
}

fn token<'a>(tokens: &[Token<'a>], at: usize) -> Token<'a> {
    tokens.get(at).copied().unwrap_or(Token::END)
}

pub(super) fn compare(a: &str, b: &str) -> Option<Ordering> {
    let (a, b) = (tokens(a)?, tokens(b)?);
    let mut orders = (0..a.len().max(b.len())).map(|at| token(&a, at).order(token(&b, at)));
    Some(orders.find(|order| order.is_ne()).unwrap_or(Ordering::Equal))
}
