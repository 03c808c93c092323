//! What a licence text says, word by word: SPDX ids, deprecated and unknown ones.

use spdx::{Expression, ParseMode};

/// The longest text that is looked at as an expression, in bytes.
const MAX_EXPRESSION_BYTES: usize = 4096;

/// What one word of a licence text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Word {
    /// An id of the SPDX licence list.
    Known,
    /// One that the list has replaced: `GPL-2.0`.
    Deprecated,
    /// `LicenseRef-…`: defined in the document, on no list.
    Own,
    /// An exception, behind `WITH`.
    Exception,
    /// `AND`, `OR`, `WITH`, a parenthesis.
    Operator,
    /// On no list: a name, a free text, a mistake.
    Unknown,
}

/// A licence text and what is to be said of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading<'a> {
    /// Its words in order; together, with what stands between, the text.
    pub words: Vec<(&'a str, Word)>,
    /// Whether it is an SPDX expression (SPDX 2.3, annex D), deprecated ids allowed.
    pub is_expression: bool,
}

impl Reading<'_> {
    /// What a reviewer should know, in words; `None` where there is nothing.
    pub fn remark(&self) -> Option<&'static str> {
        let has = |wanted| self.words.iter().any(|(_, word)| *word == wanted);
        if !self.is_expression {
            Some("no SPDX expression")
        } else if has(Word::Deprecated) {
            Some("a deprecated SPDX id")
        } else {
            None
        }
    }
}

/// Reads a licence text.
pub fn read(text: &str) -> Reading<'_> {
    if text.len() > MAX_EXPRESSION_BYTES {
        return Reading { words: vec![(text, Word::Unknown)], is_expression: false };
    }
    let mode =
        ParseMode { allow_deprecated: true, allow_postfix_plus_on_gpl: true, ..ParseMode::STRICT };
    Reading {
        words: split(text).map(|word| (word, kind(word))).collect(),
        is_expression: Expression::parse_mode(text, mode).is_ok(),
    }
}

/// Words and parentheses.
fn split(text: &str) -> impl Iterator<Item = &str> {
    text.split_inclusive(['(', ')']).flat_map(|part| {
        let body = part.trim_end_matches(['(', ')']);
        let (_, parenthesis) = part.split_at_checked(body.len()).unwrap_or((part, ""));
        body.split_whitespace().chain(Some(parenthesis).filter(|p| !p.is_empty()))
    })
}

fn kind(word: &str) -> Word {
    match word {
        "AND" | "OR" | "WITH" | "(" | ")" => Word::Operator,
        _ if word.starts_with("LicenseRef-") || word.starts_with("DocumentRef-") => Word::Own,
        _ => match spdx::license_id(word.strip_suffix('+').unwrap_or(word)) {
            Some(id) if id.is_deprecated() => Word::Deprecated,
            Some(_) => Word::Known,
            None if spdx::exception_id(word).is_some() => Word::Exception,
            None => Word::Unknown,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_of_a_licence_is_known_deprecated_or_neither() {
        use Word::{Deprecated, Exception, Known, Operator, Own, Unknown};
        for (text, words, is_expression, remark) in [
            ("MIT", vec![Known], true, None),
            ("MIT OR Apache-2.0", vec![Known, Operator, Known], true, None),
            ("GPL-2.0", vec![Deprecated], true, Some("a deprecated SPDX id")),
            ("GPL-2.0+", vec![Deprecated], true, Some("a deprecated SPDX id")),
            (
                "(GPL-2.0-only WITH Classpath-exception-2.0)",
                vec![Operator, Known, Operator, Exception, Operator],
                true,
                None,
            ),
            ("LicenseRef-own", vec![Own], true, None),
            ("mit", vec![Unknown], false, Some("no SPDX expression")),
            ("MIT OR", vec![Known, Operator], false, Some("no SPDX expression")),
            (
                "GPL v2 (see file)",
                vec![Unknown, Unknown, Operator, Unknown, Unknown, Operator],
                false,
                Some("no SPDX expression"),
            ),
            ("", vec![], false, Some("no SPDX expression")),
        ] {
            let reading = read(text);
            let kinds: Vec<Word> = reading.words.iter().map(|(_, kind)| *kind).collect();
            assert_eq!((kinds, reading.is_expression), (words, is_expression), "{text}");
            assert_eq!(reading.remark(), remark, "{text}");
        }
    }

    #[test]
    fn a_long_text_and_a_deep_one_are_no_expression() {
        for text in [
            "(".repeat(4000),
            "MIT AND ".repeat(100_000),
            format!("{}MIT{}", "(".repeat(2000), ")".repeat(2000)),
        ] {
            let _ = read(&text).remark();
        }
        assert!(!read(&"x".repeat(5000)).is_expression);
    }
}
