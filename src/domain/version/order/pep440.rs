//! Python's versions: PEP 440, "Version Identification and Dependency Specification", with the
//! spellings that its "Normalization" allows.

use std::cmp::Ordering;

use super::{Cursor, is_number, number, numbers};

#[derive(Debug)]
struct Parts<'a> {
    epoch: &'a str,
    release: &'a str,
    /// 0 alpha, 1 beta, 2 release candidate, and its number.
    pre: Option<(u8, &'a str)>,
    post: Option<&'a str>,
    dev: Option<&'a str>,
    local: Option<&'a str>,
}

/// Appendix B: every spelling and what it is normalised to.
const PRE: [(&str, u8); 8] = [
    ("alpha", 0),
    ("a", 0),
    ("beta", 1),
    ("b", 1),
    ("preview", 2),
    ("pre", 2),
    ("c", 2),
    ("rc", 2),
];

impl<'a> Parts<'a> {
    fn read(text: &'a str) -> Option<Self> {
        let mut rest = Cursor(text.trim());
        let _ = rest.word("v");
        let mut epoch = "";
        let mut ahead = rest;
        let number = ahead.digits();
        if !number.is_empty() && ahead.sign('!') {
            (epoch, rest) = (number, ahead);
        }
        let release = release(&mut rest)?;
        let pre = suffix(&mut rest, |rest| {
            PRE.iter().find(|(word, _)| rest.word(word)).map(|(_, rank)| *rank)
        });
        let post = implicit_post(&mut rest).or_else(|| {
            let words = ["post", "rev", "r"];
            suffix(&mut rest, |rest| words.iter().any(|word| rest.word(word)).then_some(()))
                .map(|((), number)| number)
        });
        let dev = suffix(&mut rest, |rest| rest.word("dev").then_some(()));
        let local = if rest.sign('+') { Some(std::mem::take(&mut rest.0)) } else { None };
        let word = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric());
        let fits = rest.0.is_empty() && local.is_none_or(|l| l.split(SEPARATORS).all(word));
        let dev = dev.map(|((), number)| number);
        fits.then_some(Self { epoch, release, pre, post, dev, local })
    }

    /// "Summary of permitted suffixes and relative ordering": `.devN, aN, bN, rcN, <no suffix>,
    /// .postN`; a development release of something comes before it.
    fn phase(&self) -> (u8, &'a str) {
        match (self.pre, self.post, self.dev) {
            (None, None, Some(_)) => (0, ""),
            (Some((rank, number)), ..) => (1 + rank, number),
            (None, ..) => (4, ""),
        }
    }
}

const SEPARATORS: [char; 3] = ['.', '-', '_'];

/// Numbers between dots; a dot that no number follows belongs to what comes behind.
fn release<'a>(rest: &mut Cursor<'a>) -> Option<&'a str> {
    let whole = rest.0;
    let mut ahead = *rest;
    loop {
        if ahead.digits().is_empty() {
            break;
        }
        *rest = ahead;
        if !ahead.sign('.') {
            break;
        }
    }
    whole.get(..whole.len() - rest.0.len()).filter(|release| !release.is_empty())
}

/// A word between optional separators, and its number.
fn suffix<'a, T>(
    rest: &mut Cursor<'a>,
    word: impl Fn(&mut Cursor<'a>) -> Option<T>,
) -> Option<(T, &'a str)> {
    let mut ahead = *rest;
    let _ = SEPARATORS.iter().any(|sign| ahead.sign(*sign));
    let found = word(&mut ahead)?;
    let _ = SEPARATORS.iter().any(|sign| ahead.sign(*sign));
    let number = ahead.digits();
    *rest = ahead;
    Some((found, number))
}

/// "Implicit post releases": `1.0-1` is `1.0.post1`.
fn implicit_post<'a>(rest: &mut Cursor<'a>) -> Option<&'a str> {
    let mut ahead = *rest;
    let number = ahead.sign('-').then(|| ahead.digits()).filter(|number| !number.is_empty())?;
    *rest = ahead;
    Some(number)
}

pub(super) fn compare(a: &str, b: &str) -> Option<Ordering> {
    let (a, b) = (Parts::read(a)?, Parts::read(b)?);
    let phase = |(a, i): (u8, &str), (b, j): (u8, &str)| a.cmp(&b).then_with(|| number(i, j));
    Some(
        number(a.epoch, b.epoch)
            .then_with(|| numbers(a.release, b.release))
            .then_with(|| phase(a.phase(), b.phase()))
            // No post release comes before the first one, no development release behind the last.
            .then_with(|| optional(a.post, b.post))
            .then_with(|| match (a.dev, b.dev) {
                (Some(a), Some(b)) => number(a, b),
                (a, b) => b.is_some().cmp(&a.is_some()),
            })
            .then_with(|| local(a.local, b.local)),
    )
}

fn optional(a: Option<&str>, b: Option<&str>) -> Ordering {
    match (a, b) {
        (Some(a), Some(b)) => number(a, b),
        (a, b) => a.is_some().cmp(&b.is_some()),
    }
}

/// "Local version identifiers": segment by segment; "when comparing a numeric and lexicographic
/// segment, the numeric section always compares as greater"; more segments are greater.
fn local(a: Option<&str>, b: Option<&str>) -> Ordering {
    let (Some(a), Some(b)) = (a, b) else { return a.is_some().cmp(&b.is_some()) };
    let (mut a, mut b) = (a.split(SEPARATORS), b.split(SEPARATORS));
    loop {
        let order = match (a.next(), b.next()) {
            (None, None) => return Ordering::Equal,
            (None, Some(_)) => Ordering::Less,
            (Some(_), None) => Ordering::Greater,
            (Some(a), Some(b)) => match (is_number(a), is_number(b)) {
                (true, true) => number(a, b),
                (false, false) => a.to_ascii_lowercase().cmp(&b.to_ascii_lowercase()),
                (a, b) => a.cmp(&b),
            },
        };
        if order.is_ne() {
            return order;
        }
    }
}
