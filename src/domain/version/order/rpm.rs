//! RPM's versions: rpm-version(7), "[epoch:]version[-release]".

use std::cmp::Ordering;

use super::{Cursor, is_number, number};

struct Parts<'a> {
    epoch: &'a str,
    version: &'a str,
    release: &'a str,
}

impl<'a> Parts<'a> {
    fn read(text: &'a str) -> Option<Self> {
        // "If the epoch is not present, it is assumed to be 0."
        let (epoch, rest) = text.split_once(':').unwrap_or(("0", text));
        let (version, release) = match rest.rsplit_once('-') {
            Some((version, release)) => (version, Some(release)),
            None => (rest, None),
        };
        let allowed =
            |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'+' | b'~' | b'^');
        let fits = |text: &str| {
            text.bytes().all(allowed) && text.bytes().any(|b| b.is_ascii_alphanumeric())
        };
        let all = is_number(epoch) && fits(version) && release.is_none_or(fits);
        all.then_some(Self { epoch, version, release: release.unwrap_or_default() })
    }
}

/// Epochs, then versions, then releases; no release comes before every release.
pub(super) fn compare(a: &str, b: &str) -> Option<Ordering> {
    let (a, b) = (Parts::read(a)?, Parts::read(b)?);
    Some(
        number(a.epoch, b.epoch)
            .then_with(|| part(a.version, b.version))
            .then_with(|| part(a.release, b.release)),
    )
}

/// A part is split into segments of digits or letters; everything else only separates, but for
/// `~` and `^`.
fn part(a: &str, b: &str) -> Ordering {
    let (mut a, mut b) = (Cursor(a), Cursor(b));
    loop {
        for side in [&mut a, &mut b] {
            side.run(|b| !b.is_ascii_alphanumeric() && b != b'~' && b != b'^');
        }
        // "tilde ... sorts before everything, even the end": 1.0~rc1 is older than 1.0.
        match (a.sign('~'), b.sign('~')) {
            (true, true) => continue,
            (true, false) => return Ordering::Less,
            (false, true) => return Ordering::Greater,
            (false, false) => {}
        }
        // "caret ... sorts after the end of the version but before everything else": 1.0^git1 is
        // newer than 1.0 and older than 1.0.1.
        let ends = (a.0.is_empty(), b.0.is_empty());
        match (a.sign('^'), b.sign('^')) {
            (true, true) => continue,
            (true, false) => return if ends.1 { Ordering::Greater } else { Ordering::Less },
            (false, true) => return if ends.0 { Ordering::Less } else { Ordering::Greater },
            (false, false) => {}
        }
        let order = match ends {
            (true, true) => return Ordering::Equal,
            // What is left over is newer.
            (true, false) => return Ordering::Less,
            (false, true) => return Ordering::Greater,
            (false, false) => segment(&mut a, &mut b),
        };
        if order.is_ne() {
            return order;
        }
    }
}

/// "Numeric segments are always newer than alphabetic ones."
fn segment(a: &mut Cursor<'_>, b: &mut Cursor<'_>) -> Ordering {
    match (a.digits(), b.digits()) {
        ("", "") => {
            let letter = |b: u8| b.is_ascii_alphabetic();
            a.run(letter).cmp(b.run(letter))
        }
        ("", _) => Ordering::Less,
        (_, "") => Ordering::Greater,
        (a, b) => number(a, b),
    }
}
