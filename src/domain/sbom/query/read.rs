//! A text → a [`Query`].

use std::borrow::Cow;

use super::{Bound, Line, MAX_CONDITIONS, Operator, Query, Term, Test, lower};
use crate::domain::sbom::purl::decoded;
use crate::domain::version::{Constraint, order::Plain};

/// What can stand in front of a colon.
const FIELDS: &str = "name, purl, licence, version, type, hash, cpe, supplier, contains";

/// What stands in front of a colon in a text that was copied from somewhere, and is meant as text.
const NO_FIELDS: [&str; 10] =
    ["pkg", "http", "https", "urn", "git", "ssh", "sha1", "sha256", "sha512", "spdxref"];

#[derive(Clone, Copy)]
enum Named {
    In(Line),
    Version,
    Kind,
    Hash,
    Supplier,
    Contains,
}

fn field(name: &str) -> Option<Named> {
    Some(match name.to_ascii_lowercase().as_str() {
        "name" => Named::In(Line::Name),
        "purl" => Named::In(Line::Purl),
        "licence" | "license" => Named::In(Line::Licences),
        "cpe" => Named::In(Line::Cpe),
        "version" => Named::Version,
        "type" => Named::Kind,
        "hash" => Named::Hash,
        "supplier" => Named::Supplier,
        "contains" => Named::Contains,
        _ => return None,
    })
}

pub(super) fn query(text: &str) -> Query {
    let mut query = Query::default();
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        if query.terms.len() >= MAX_CONDITIONS {
            query.hint = Some(format!("only the first {MAX_CONDITIONS} conditions are looked at"));
            break;
        }
        let (negated, behind) = match rest.strip_prefix('!') {
            Some(behind) => (true, behind),
            None => (false, rest),
        };
        let (name, behind) = named(behind, &mut query);
        let (value, behind) = value(behind, &mut query);
        rest = behind.trim_start();
        let condition = match name {
            Some((_, named)) if !value.is_empty() => test(named, value, &mut query),
            Some((name, _)) => {
                query.note(|| format!("what is looked for is expected behind {name}:"));
                None
            }
            None if value.is_empty() => {
                if negated {
                    query.note(|| "! excludes the word behind it".to_owned());
                }
                None
            }
            None if is_purl(value) => Some(Test::Any(plain_purl(value))),
            None => Some(Test::Any(low(value))),
        };
        query.terms.extend(condition.map(|test| Term { negated, test }));
    }
    query
}

impl Query {
    /// Keeps the first hint: one line is shown.
    fn note(&mut self, hint: impl FnOnce() -> String) {
        self.hint.get_or_insert_with(hint);
    }
}

/// The field in front of a colon, and what is behind it. Where there is none, all of it.
fn named<'a>(text: &'a str, query: &mut Query) -> (Option<(&'a str, Named)>, &'a str) {
    let end = text.find(|c: char| c.is_whitespace() || c == '"' || c == ':').unwrap_or(text.len());
    let (name, behind) = text.split_at_checked(end).unwrap_or((text, ""));
    let Some(behind) = behind.strip_prefix(':') else { return (None, text) };
    match field(name) {
        Some(field) => (Some((name, field)), behind),
        None => {
            let word = name.len() > 1 && name.bytes().all(|b| b.is_ascii_alphabetic());
            let text_is_meant = NO_FIELDS.iter().any(|known| known.eq_ignore_ascii_case(name));
            if word && !text_is_meant && !behind.starts_with("//") {
                query.note(|| {
                    format!("{name}: is no field and searched as text; fields are {FIELDS}")
                });
            }
            (None, text)
        }
    }
}

/// A phrase or a word, and what is behind it.
fn value<'a>(text: &'a str, query: &mut Query) -> (&'a str, &'a str) {
    if let Some(phrase) = text.strip_prefix('"') {
        return phrase.split_once('"').unwrap_or_else(|| {
            query.note(|| "the quotation mark is not closed".to_owned());
            (phrase, "")
        });
    }
    let end = text.find(char::is_whitespace).unwrap_or(text.len());
    text.split_at_checked(end).unwrap_or((text, ""))
}

fn test(named: Named, value: &str, query: &mut Query) -> Option<Test> {
    Some(match named {
        Named::In(Line::Purl) => Test::In(Line::Purl, plain_purl(value)),
        Named::In(line) => Test::In(line, low(value)),
        Named::Kind => Test::Kind(low(value)),
        Named::Supplier => Test::Supplier(low(value)),
        Named::Hash => {
            // `sha256:…` as registries and checksum lists write it.
            let bare = value.rsplit_once(':').map_or(value, |(_, bare)| bare);
            if bare.is_empty() {
                query.note(|| "the value of a hash is expected behind the colon".to_owned());
                return None;
            }
            Test::Hash(low(bare))
        }
        Named::Contains => Test::Contains(value.to_owned()),
        Named::Version if !is_bound(value) => Test::In(Line::Version, low(value)),
        Named::Version => {
            let pieces = value.split(|c: char| c == ',' || c.is_whitespace());
            let pieces = pieces.filter(|piece| !piece.is_empty());
            let pieces: Vec<&str> = pieces.take(MAX_CONDITIONS.saturating_add(1)).collect();
            if pieces.len() > MAX_CONDITIONS {
                query.hint = Some(format!("at most {MAX_CONDITIONS} comparisons of a version"));
            }
            let pieces = pieces.into_iter().take(MAX_CONDITIONS);
            let bounds: Vec<Bound> = pieces.filter_map(|piece| bound(piece, query)).collect();
            if bounds.is_empty() {
                return None;
            }
            Test::Version(bounds)
        }
    })
}

/// Some write `pkg:npm/@angular/core`, some `pkg:npm/%40angular/core`: decoded it is one.
fn is_purl(value: &str) -> bool {
    value.split_at_checked(4).is_some_and(|(scheme, _)| scheme.eq_ignore_ascii_case("pkg:"))
}

/// Decoded, without an escape of which only the beginning is typed.
fn plain_purl(value: &str) -> String {
    let whole = value.rsplit_once('%').filter(|(_, behind)| behind.len() < 2);
    match whole.map(|(front, _)| decoded(front)) {
        Some(Cow::Owned(front)) => low(&front),
        _ => low(&decoded(value)),
    }
}

fn low(text: &str) -> String {
    let mut low = String::with_capacity(text.len());
    lower(text, &mut low);
    low
}

/// The longer ones first, since `<` begins `<=`.
const OPERATORS: [(&str, Operator); 9] = [
    ("!=", Operator::NotEqual),
    ("<=", Operator::LessOrEqual),
    ("=<", Operator::LessOrEqual),
    (">=", Operator::GreaterOrEqual),
    ("=>", Operator::GreaterOrEqual),
    ("==", Operator::Equal),
    ("<", Operator::Less),
    (">", Operator::Greater),
    ("=", Operator::Equal),
];

fn is_bound(value: &str) -> bool {
    // The last three are typed by phones and word processors, and are no text of a version.
    value.starts_with(['<', '>', '=', '^', '~', ',', '≤', '≥', '≠']) || value.starts_with("!=")
}

/// One comparison; `None` with a hint where it is half typed or none.
fn bound(piece: &str, query: &mut Query) -> Option<Bound> {
    if piece.starts_with(['^', '~']) {
        return match Constraint::parse(piece) {
            Ok(range) => Some(Bound::Range(range)),
            Err(e) => {
                query.note(|| format!("{piece}: {e}"));
                None
            }
        };
    }
    let found = OPERATORS.iter().find_map(|(word, op)| Some((*op, piece.strip_prefix(word)?)));
    let Some((operator, version)) = found else {
        query.note(|| format!("one of < <= > >= = != is expected in front of {piece}"));
        return None;
    };
    // What ends in a separator goes on: at `<0.` the version is 0 so far. For dpkg and rpm `1.0~`
    // and `1.0+` are versions, before and behind 1.0.
    let version = version.trim_end_matches(['.', '-', '_', ':']);
    let number = version.strip_prefix(['v', 'V']).filter(|v| v.starts_with(digit));
    let version = number.unwrap_or(version);
    if version.is_empty() {
        query.note(|| format!("a version is expected behind {piece}, such as {piece}1.2"));
        return None;
    }
    if !version.starts_with(digit) {
        query.note(|| format!("{version} is no version that anything can be compared with"));
    }
    Some(Bound::Order(operator, version.to_owned(), Plain::read(version)))
}

fn digit(c: char) -> bool {
    c.is_ascii_digit()
}
