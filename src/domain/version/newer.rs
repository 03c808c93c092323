//! Which tags may take the place of another one.

use std::cmp::Ordering;

use super::{Constraint, TagOrder, Version};
use crate::domain::Tag;

/// The tags of a list that fit the constraint and are newer than `current`, the newest first; `None`
/// where `current` is no version.
///
/// Only tags that are written alike are compared: `4.1.0-alpine` is no newer `4.0.0`, but another
/// image; `v4.1.0` beside `4.0.0` may be another project's habit; and `4` moves where `4.1.0` should
/// not. A constraint looks at the version without its variant.
pub fn newer(current: &Tag, listed: &[Tag], constraint: &Constraint) -> Option<Vec<Tag>> {
    let own = Written::of(current.as_str())?;
    let alike = |tag: &&Tag| {
        Written::of(tag.as_str()).is_some_and(|other| {
            own.alike(&other)
                && constraint.allows(&other.bare)
                && own.bare.precedence(&other.bare) == Ordering::Less
        })
    };
    let mut fit: Vec<Tag> = listed.iter().filter(alike).cloned().collect();
    fit.sort_by_cached_key(|tag| TagOrder::of(tag.as_str()));
    fit.dedup();
    // `TagOrder` keeps prereleases behind their release, where `precedence` has them too.
    Some(fit)
}

/// Whether `new` may take the place of `old`: the same tag, or one that is written alike and is not
/// older.
pub fn may_replace(old: &Tag, new: &Tag) -> bool {
    let both = Written::of(old.as_str()).zip(Written::of(new.as_str()));
    old == new
        || both.is_some_and(|(old, new)| {
            old.alike(&new) && old.bare.precedence(&new.bare) != Ordering::Greater
        })
}

/// A tag as far as it says what it is a tag of.
struct Written {
    /// Whether a `v` stands before it.
    v: bool,
    /// The version without a variant.
    bare: Version,
    /// `alpine`, of `4.0.0-alpine`.
    variant: String,
}

impl Written {
    fn of(tag: &str) -> Option<Self> {
        let version = Version::parse(tag)?;
        let v = tag.starts_with(['v', 'V']);
        if version.class() != 1 {
            return Some(Self { v, bare: version, variant: String::new() });
        }
        let variant = tag.split_once('-').map(|(_, variant)| variant.to_owned())?;
        Some(Self { v, bare: Version { pre: vec![], ..version }, variant })
    }

    fn alike(&self, other: &Self) -> bool {
        self.v == other.v
            && self.variant == other.variant
            && self.bare.written == other.bare.written
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_newer_tags_of_the_same_kind_take_a_place() {
        let listed = "4.0.0 4.1.0 4.1.0-alpine 4.2.0-rc.1 4.2.0-rc.2 v4.3.0 4.10.0 5.0.0 3.9.0 4 4.1 \
                      latest 4.0.0-alpine 4.2.0-alpine 4.2.0-alpine3.20 sha256-00 4.10.0_build.2";
        let listed: Vec<Tag> = listed.split_whitespace().map(|t| Tag::parse(t).unwrap()).collect();
        // The tag, the constraint, and what may take its place; `-`: it is no version.
        for (current, constraint, wanted) in [
            ("4.0.0", "^4", "4.10.0 4.10.0_build.2 4.1.0"),
            ("4.1.0", "^4", "4.10.0 4.10.0_build.2"),
            ("4.0.0", "~4.1", "4.1.0"),
            ("4.0.0", "^4-0", "4.10.0 4.10.0_build.2 4.2.0-rc.2 4.2.0-rc.1 4.1.0"),
            ("4.2.0-rc.1", "^4-0", "4.10.0 4.10.0_build.2 4.2.0-rc.2"),
            ("4.0.0-alpine", "^4", "4.2.0-alpine 4.1.0-alpine"),
            ("v4.0.0", "^4", "v4.3.0"),
            ("4", "^4", ""),
            ("4.0", "^4", "4.1"),
            // Never an older one, and never another major than was asked for.
            ("5.0.0", "^4", ""),
            ("3.9.0", ">=3", "5.0.0 4.10.0 4.10.0_build.2 4.1.0 4.0.0"),
            ("10.0.0", ">=0", ""),
            ("latest", "^4", "-"),
        ] {
            let constraint = Constraint::parse(constraint).unwrap();
            let found = newer(&Tag::parse(current).unwrap(), &listed, &constraint);
            let words = found.map_or_else(
                || "-".to_owned(),
                |found| found.iter().map(Tag::as_str).collect::<Vec<_>>().join(" "),
            );
            assert_eq!(words, wanted, "{current} {constraint:?}");
        }
    }
}
