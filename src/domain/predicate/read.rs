//! Lenient reading: a field that is missing is "not said", one of another type is "odd", and
//! neither keeps the rest from being read.

use super::tree::Tree;

/// The most oddities that are listed one by one.
const MAX_ODD: usize = 20;

/// A predicate that is being read.
pub(super) struct Reader<'a> {
    root: &'a Tree,
    not_said: Vec<&'static str>,
    odd: Vec<String>,
    more_odd: usize,
    said: bool,
}

impl<'a> Reader<'a> {
    pub(super) const fn new(root: &'a Tree) -> Self {
        Self { root, not_said: vec![], odd: vec![], more_odd: 0, said: false }
    }

    pub(super) fn odd(&mut self, words: String) {
        if self.odd.len() < MAX_ODD {
            self.odd.push(words);
        } else {
            self.more_odd += 1;
        }
    }

    /// The value at a path, `null` like a missing one.
    pub(super) fn value(&mut self, path: &[&str]) -> Option<&'a Tree> {
        let found = self.root.at(path);
        self.said |= found.is_some();
        found
    }

    /// A text; an empty one says nothing, and another type is odd.
    pub(super) fn text(&mut self, path: &[&str]) -> Option<String> {
        let value = self.value(path)?;
        self.text_of(value, &path.join("."))
    }

    /// The text that a value is, which stands under `name`.
    pub(super) fn text_of(&mut self, value: &Tree, name: &str) -> Option<String> {
        match value {
            Tree::Text(text) => Some(text.clone()).filter(|t| !t.is_empty()),
            // Versions and ids are written as numbers too, and mean the same.
            Tree::Number(number) => Some(number.clone()),
            other => {
                self.odd(format!("{name} is {} and not a text", other.kind()));
                None
            }
        }
    }

    /// The first of several places that says something: field names differ between versions.
    pub(super) fn first(&mut self, paths: &[&[&str]]) -> Option<String> {
        paths.iter().find_map(|path| self.text(path))
    }

    /// An array, with all its length.
    pub(super) fn list(&mut self, path: &[&str]) -> Option<&'a Tree> {
        let value = self.value(path)?;
        if matches!(value, Tree::List { .. }) {
            return Some(value);
        }
        self.odd(format!("{} is {} and not an array", path.join("."), value.kind()));
        None
    }

    /// How many items an array has, or fields an object.
    pub(super) fn count(&mut self, path: &[&str]) -> Option<u64> {
        let value = self.value(path)?;
        if matches!(value, Tree::List { .. } | Tree::Map { .. }) {
            return Some(number(value.len()));
        }
        self.odd(format!("{} is {} and not an array", path.join("."), value.kind()));
        None
    }

    /// The texts of an array, joined in the order of the document.
    pub(super) fn texts(&mut self, path: &[&str]) -> Vec<String> {
        let Some(list) = self.list(path) else { return vec![] };
        let name = path.join(".");
        let mut all = vec![];
        for (place, item) in list.items().iter().enumerate() {
            all.extend(self.text_of(item, &format!("{name}[{place}]")));
        }
        all
    }

    /// Notes under `label` what a predicate of this type is expected to say and does not.
    pub(super) fn expect<T>(&mut self, label: &'static str, value: Option<T>) -> Option<T> {
        if value.is_none() {
            self.not_said.push(label);
        }
        value
    }

    /// What was not said, what is odd, and whether anything was said at all.
    pub(super) fn finish(self) -> (Vec<&'static str>, Vec<String>, bool) {
        let Self { not_said, mut odd, more_odd, said, .. } = self;
        if more_odd > 0 {
            odd.push(format!("and {more_odd} more"));
        }
        (not_said, odd, said)
    }
}

/// A length as a count.
pub(super) fn number(len: usize) -> u64 {
    u64::try_from(len).unwrap_or(u64::MAX)
}
