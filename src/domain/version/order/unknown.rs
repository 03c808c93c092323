//! Versions of which nobody says by what rules they are ordered.
//!
//! All that is ordered with rules has numbers between dots in common, the first one the most
//! significant; that much is believed. Whether `-1` is a prerelease or a later packaging, whether
//! `1.0` is `1.0.0`, and what an epoch is worth only the rules say.

use std::cmp::Ordering;

use super::{is_plain, numbers};

/// The numbers in front, and whether anything is behind them; `None` for anything else.
fn parts(text: &str) -> Option<(&str, bool)> {
    let bare = text.strip_prefix(['v', 'V']).unwrap_or(text);
    let end = bare.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(bare.len());
    let (front, rest) = bare.split_at_checked(end)?;
    let fits =
        rest.is_empty() || (rest.starts_with(['-', '+', '~', '^', '_']) && !rest.contains(':'));
    (is_plain(front) && fits).then_some((front, !rest.is_empty()))
}

/// Which has the higher numbers; `None` where these are equal and more than they would decide.
pub(super) fn compare(a: &str, b: &str) -> Option<Ordering> {
    let ((x, more), (y, most)) = (parts(a)?, parts(b)?);
    let order = numbers(x, y);
    let same_length = || x.split('.').count() == y.split('.').count();
    let decided = order.is_ne() || a == b || (!more && !most && same_length());
    decided.then_some(order)
}
