//! What a predicate says, line by line, for every reader the same.

/// One thing that a predicate says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Its name in reports.
    pub key: &'static str,
    /// Its name on the screen.
    pub label: &'static str,
    /// What is said.
    pub said: Said,
}

/// The value of a [`Row`]; foreign text, at most [`tree::MAX_TEXT`] bytes each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Said {
    /// A text.
    Text(String),
    /// How many.
    Count(u64),
    /// Several texts.
    Texts(Vec<String>),
    /// How many of each kind.
    Counts(Vec<(String, u64)>),
}

/// What every family can do with what it read.
pub(super) trait Speaks {
    /// Line by line.
    fn rows(&self, rows: &mut Rows);
    /// In one line; empty where nothing is worth a line.
    fn words(&self) -> String;
}

/// Rows in the making: what is not said has none.
#[derive(Default)]
pub(super) struct Rows(pub(super) Vec<Row>);

impl Rows {
    pub(super) fn text(&mut self, key: &'static str, label: &'static str, value: Option<&String>) {
        if let Some(text) = value {
            self.0.push(Row { key, label, said: Said::Text(text.clone()) });
        }
    }

    pub(super) fn count(&mut self, key: &'static str, label: &'static str, value: Option<u64>) {
        if let Some(count) = value {
            self.0.push(Row { key, label, said: Said::Count(count) });
        }
    }

    pub(super) fn texts(&mut self, key: &'static str, label: &'static str, values: &[String]) {
        if !values.is_empty() {
            self.0.push(Row { key, label, said: Said::Texts(values.to_vec()) });
        }
    }

    pub(super) fn counts(
        &mut self,
        key: &'static str,
        label: &'static str,
        values: &[(String, u64)],
    ) {
        if !values.is_empty() {
            self.0.push(Row { key, label, said: Said::Counts(values.to_vec()) });
        }
    }
}

impl Said {
    /// In one line; foreign text.
    pub fn words(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Count(count) => count.to_string(),
            Self::Texts(texts) => texts.join(", "),
            Self::Counts(counts) => counted(counts),
        }
    }
}

/// `2 affected, 1 fixed`.
pub(super) fn counted(counts: &[(String, u64)]) -> String {
    let each = counts.iter().map(|(what, count)| format!("{count} {what}"));
    each.collect::<Vec<_>>().join(", ")
}

/// The parts that are there, with a dot between them.
pub(super) fn joined(parts: impl IntoIterator<Item = Option<String>>) -> String {
    parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

/// `1 finding`, `2 findings`.
pub(super) fn plural(count: u64, one: &str) -> String {
    if count == 1 { format!("1 {one}") } else { format!("{count} {one}s") }
}

/// A text of a summary line, so long that it does not push out what stands behind it.
pub(super) fn short(text: &str) -> String {
    crate::domain::text::shorten(text, 80)
}

/// The most kinds that are told apart; more of them are one.
const MAX_KINDS: usize = 12;

/// Counts one more of a kind.
pub(super) fn add(counts: &mut Vec<(String, u64)>, kind: &str) {
    let full = counts.len() >= MAX_KINDS;
    let known = counts.iter().any(|(known, _)| known == kind);
    let kind = if full && !known { "other" } else { kind };
    match counts.iter_mut().find(|(known, _)| known == kind) {
        Some((_, count)) => *count += 1,
        None => counts.push((kind.to_owned(), 1)),
    }
}
