//! Which bytes the reader means.

use std::ops::Range;

use saphyr_parser::{ScalarStyle, Span};

/// How many characters lie between two entries of the table of offsets.
const STRIDE: usize = 64;

/// YAML 1.2, 6.9: an anchor and a tag stand in front of the content, with space between.
pub(super) fn without_properties(source: &str) -> &str {
    let mut rest = source;
    while rest.starts_with(['&', '!']) {
        let space = rest.find([' ', '\t', '\n', '\r']).and_then(|i| rest.get(i..));
        rest = space.unwrap_or_default().trim_start();
    }
    rest
}

/// The span up to the closing quote: the reader reports what stands behind it too, space and
/// comments.
pub(super) fn quoted_only(text: &str, span: Range<usize>, style: ScalarStyle) -> Range<usize> {
    let quote = match style {
        ScalarStyle::SingleQuoted => '\'',
        ScalarStyle::DoubleQuoted => '"',
        _ => return span,
    };
    let content = without_properties(text.get(span.clone()).unwrap_or_default());
    let mut inside = content.char_indices().skip(1).peekable();
    while let Some((i, c)) = inside.next() {
        let doubled = c == '\'' && inside.peek().is_some_and(|(_, next)| *next == c);
        if (quote == '"' && c == '\\') || (quote == c && doubled) {
            inside.next();
        } else if c == quote {
            return span.start..span.end - content.len() + i + 1;
        }
    }
    span
}

/// Bytes for characters: the reader counts the latter.
pub(super) struct Offsets(Vec<usize>);

impl Offsets {
    /// The table of a text.
    pub(super) fn of(text: &str) -> Self {
        if text.is_ascii() {
            return Self(vec![]);
        }
        Self(text.char_indices().step_by(STRIDE).map(|(i, _)| i).collect())
    }

    fn byte(&self, text: &str, character: usize) -> usize {
        if self.0.is_empty() {
            return character.min(text.len());
        }
        let Some(near) = self.0.get(character / STRIDE) else { return text.len() };
        let rest = text.get(*near..).unwrap_or_default();
        rest.char_indices().nth(character % STRIDE).map_or(text.len(), |(i, _)| near + i)
    }

    /// The bytes of a span.
    pub(super) fn range(&self, text: &str, span: Span) -> Range<usize> {
        let (start, end) = (span.start.index(), span.end.index());
        self.byte(text, start)..self.byte(text, end.max(start))
    }
}
