//! Debian's versions: deb-version(7), "[epoch:]upstream-version[-debian-revision]".

use std::cmp::Ordering;

use super::{is_number, number};

struct Parts<'a> {
    epoch: &'a str,
    upstream: &'a str,
    revision: &'a str,
}

impl<'a> Parts<'a> {
    fn read(text: &'a str) -> Option<Self> {
        let (epoch, rest) = text.split_once(':').unwrap_or(("0", text));
        // "The absence of a debian-revision is equivalent to a debian-revision of 0"; it begins at
        // the last hyphen.
        let (upstream, revision) = rest.rsplit_once('-').unwrap_or((rest, "0"));
        let sign = |b: u8| matches!(b, b'.' | b'+' | b'-' | b'~' | b':');
        let upper = upstream.bytes().all(|b| b.is_ascii_alphanumeric() || sign(b));
        let lower = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'.' | b'~');
        let fits = is_number(epoch)
            && upstream.starts_with(|c: char| c.is_ascii_alphanumeric())
            && upper
            && !revision.is_empty()
            && revision.bytes().all(lower);
        fits.then_some(Self { epoch, upstream, revision })
    }
}

pub(super) fn compare(a: &str, b: &str) -> Option<Ordering> {
    let (a, b) = (Parts::read(a)?, Parts::read(b)?);
    Some(
        number(a.epoch, b.epoch)
            .then_with(|| part(a.upstream.as_bytes(), b.upstream.as_bytes()))
            .then_with(|| part(a.revision.as_bytes(), b.revision.as_bytes())),
    )
}

/// "The strings are compared from left to right": first the part without digits, then the digits
/// as a number, and so on.
fn part(mut a: &[u8], mut b: &[u8]) -> Ordering {
    let word = |b: &u8| !b.is_ascii_digit();
    while !(a.is_empty() && b.is_empty()) {
        let (left, right) = (split(&mut a, word), split(&mut b, word));
        for at in 0..left.len().max(right.len()) {
            let order = weight(left.get(at)).cmp(&weight(right.get(at)));
            if order.is_ne() {
                return order;
            }
        }
        let (left, right) = (split(&mut a, u8::is_ascii_digit), split(&mut b, u8::is_ascii_digit));
        let order = digits(left, right);
        if order.is_ne() {
            return order;
        }
    }
    Ordering::Equal
}

/// "All the letters sort earlier than all the non-letters and a tilde sorts before anything, even
/// the end of a part."
fn weight(byte: Option<&u8>) -> u16 {
    match byte {
        Some(b'~') => 0,
        None => 1,
        Some(b) if b.is_ascii_alphabetic() => 2 + u16::from(*b),
        Some(b) => 300 + u16::from(*b),
    }
}

/// Takes what belongs together from the front.
fn split<'a>(text: &mut &'a [u8], belongs: impl Fn(&u8) -> bool) -> &'a [u8] {
    let end = text.iter().position(|b| !belongs(b)).unwrap_or(text.len());
    let (front, rest) = text.split_at(end);
    *text = rest;
    front
}

/// "An empty string counts as zero."
fn digits(a: &[u8], b: &[u8]) -> Ordering {
    let bare = |text: &[u8]| text.iter().position(|b| *b != b'0').unwrap_or(text.len());
    let (a, b) = (a.split_at(bare(a)).1, b.split_at(bare(b)).1);
    a.len().cmp(&b.len()).then_with(|| a.cmp(b))
}
