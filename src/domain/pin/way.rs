//! The way from the root of a document to its images: what cannot be gone is named, never skipped.

use super::{found::Found, tree::At};

/// What is behind an alias stands elsewhere, and is not followed.
const ALIAS: &str = "it stands behind an alias";

impl Found<'_, '_> {
    /// The value under a name, where images may be in it.
    pub(super) fn step(&mut self, map: At, name: &str) -> Option<At> {
        let tree = self.tree;
        if tree.is_alias(map) {
            self.leave_once(map, ALIAS);
            return None;
        }
        let own = |pair: &&(At, At)| tree.text_of(pair.0) == Some(name);
        let mut all = tree.pairs(map).iter().filter(own).map(|(_, value)| *value);
        let Some(first) = all.next() else {
            if let Some((at, why)) = tree.vague(map) {
                self.leave_once(at, why);
            }
            return None;
        };
        let others: Vec<At> = all.collect();
        if !others.is_empty() {
            for at in std::iter::once(first).chain(others) {
                self.leave_once(at, "a name stands twice above it");
            }
            return None;
        }
        if tree.is_alias(first) {
            self.leave_once(first, ALIAS);
            return None;
        }
        Some(first)
    }

    /// What lies at the end of names below each other.
    pub(super) fn steps_below(&mut self, at: At, names: &str) -> Option<At> {
        names.split('.').try_fold(at, |at, name| self.step(at, name))
    }

    /// The items of a list under a name.
    pub(super) fn list(&mut self, map: At, name: &str) -> Vec<At> {
        let list = self.step(map, name);
        let items = self.tree.items(list).to_vec();
        self.without_aliases(items)
    }

    /// The values of a map under a name.
    pub(super) fn values(&mut self, map: At, name: &str) -> Vec<At> {
        let Some(inner) = self.step(map, name) else { return vec![] };
        if let Some((at, why)) = self.tree.vague(inner) {
            self.leave_once(at, why);
        }
        let values = self.tree.pairs(inner).iter().map(|(_, value)| *value).collect();
        self.without_aliases(values)
    }

    fn without_aliases(&mut self, mut all: Vec<At>) -> Vec<At> {
        all.retain(|at| {
            if self.tree.is_alias(*at) {
                self.leave_once(*at, ALIAS);
            }
            !self.is_claimed(*at)
        });
        all
    }

    /// A node that several ways lead to is named once.
    pub(super) fn leave_once(&mut self, at: At, why: &str) {
        if !self.is_claimed(at) {
            self.leave(at, why);
        }
    }

    /// The word under the name `image` of a map.
    pub(super) fn image(&mut self, map: At) {
        let tree = self.tree;
        let own = |pair: &&(At, At)| tree.text_of(pair.0) == Some("image");
        let images: Vec<At> = tree.pairs(map).iter().filter(own).map(|(_, value)| *value).collect();
        for at in &images {
            self.word(*at);
        }
        if let (true, Some((at, why))) = (images.is_empty(), tree.vague(map)) {
            self.leave_once(at, why);
        }
    }
}
