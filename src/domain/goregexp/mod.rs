//! [`GoRegexp`]: a regular expression with the meaning that cosign, gh and the admission
//! controllers give it, which is Go's `regexp` (RE2).
//!
//! The `regex` crate reads nearly the same language. Where the two differ, the expression is
//! rewritten (ASCII classes, `\Q…\E`, literal `[` and set operators inside a class) or refused
//! (what Go refuses, and what cannot be carried over), so that no expression ever accepts a
//! signer that Go would not.

mod class;
mod escape;
mod sizes;

use std::fmt;

use regex::{Regex, RegexBuilder};

use self::{
    class::{class, perl_class, unicode_class},
    escape::{escaped, literal},
    sizes::Sizes,
};

/// Memory that one compiled expression may take.
const MAX_COMPILED_BYTES: usize = 1 << 20;
/// Go's limit for the count in `x{n,m}`.
const MAX_REPEAT: u32 = 1000;

/// A compiled expression with its source; unanchored, as in Go's `MatchString`.
#[derive(Clone, Debug)]
pub struct GoRegexp {
    source: String,
    compiled: Regex,
}

/// Why an expression cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct GoRegexpError(String);

impl GoRegexp {
    /// Compiles Go syntax.
    ///
    /// # Errors
    /// What Go refuses, what the translation cannot carry, and what would grow over 1 MiB.
    pub fn new(source: &str) -> Result<Self, GoRegexpError> {
        let translated = translate(source)?;
        let compiled = RegexBuilder::new(&translated)
            .size_limit(MAX_COMPILED_BYTES)
            .build()
            .map_err(|e| GoRegexpError(e.to_string()))?;
        Ok(Self { source: source.to_owned(), compiled })
    }

    /// Whether any part of `text` matches.
    pub fn is_match(&self, text: &str) -> bool {
        self.compiled.is_match(text)
    }

    /// The first match, as a byte range of `text`.
    pub fn find(&self, text: &str) -> Option<std::ops::Range<usize>> {
        self.compiled.find(text).map(|m| m.range())
    }

    /// The expression in the crate's syntax.
    pub(crate) fn translated(&self) -> &str {
        self.compiled.as_str()
    }

    /// The expression as it was written.
    pub fn source(&self) -> &str {
        &self.source
    }
}

impl PartialEq for GoRegexp {
    fn eq(&self, other: &Self) -> bool {
        self.source == other.source
    }
}

impl fmt::Display for GoRegexp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.source)
    }
}

fn translate(source: &str) -> Result<String, GoRegexpError> {
    let mut reader = Reader { rest: source.chars().collect::<Vec<_>>(), at: 0 };
    let mut out = String::with_capacity(source.len() + 16);
    // How many repetition operators stand just before: one, or one with its lazy `?`.
    let mut operators = 0;
    let mut sizes = Sizes::default();
    while let Some(c) = reader.next() {
        let mut operator = matches!(c, '*' | '+' | '?');
        match c {
            '\\' => escape_outside(&mut reader, &mut out)?,
            '[' => class(&mut reader, &mut out)?,
            '(' => group(&mut reader, &mut out)?,
            '{' => match repeat(&mut reader, &mut out)? {
                Some(count) => {
                    sizes.repeat(count)?;
                    operator = true;
                }
                None => sizes.item(),
            },
            c => out.push(c),
        }
        match c {
            '(' => sizes.open(),
            ')' => sizes.close(),
            '{' | '*' | '+' | '?' => {}
            _ => sizes.item(),
        }
        let lazy = operators == 1 && c == '?';
        if operator && operators > 0 && !lazy {
            return refuse("invalid nested repetition operator");
        }
        operators = if operator { operators + 1 } else { 0 };
    }
    Ok(out)
}

struct Reader {
    rest: Vec<char>,
    at: usize,
}

impl Reader {
    fn next(&mut self) -> Option<char> {
        let c = self.rest.get(self.at).copied();
        self.at += usize::from(c.is_some());
        c
    }

    fn peek(&self) -> Option<char> {
        self.rest.get(self.at).copied()
    }

    /// The next two, neither of them read.
    fn pair(&self) -> (Option<char>, Option<char>) {
        (self.peek(), self.rest.get(self.at + 1).copied())
    }

    fn ahead(&self) -> String {
        self.rest.get(self.at..).unwrap_or_default().iter().take(64).collect()
    }
}

fn refuse<T>(what: &str) -> Result<T, GoRegexpError> {
    Err(GoRegexpError(what.to_owned()))
}

fn escape_outside(reader: &mut Reader, out: &mut String) -> Result<(), GoRegexpError> {
    let Some(c) = reader.next() else { return refuse("trailing backslash at end of expression") };
    match c {
        'Q' => {
            let text = quoted(reader);
            if text.is_empty() {
                // Nothing, to which an operator behind it could not belong.
                return refuse("\\Q\\E without anything between is not carried over");
            }
            out.extend(text.chars().map(literal));
        }
        // Go's Perl classes and word boundaries are ASCII; the crate's are Unicode.
        'd' | 's' | 'w' | 'D' | 'S' | 'W' => out.push_str(&format!("[{}]", perl_class(c))),
        'b' => out.push_str("(?-u:\\b)"),
        'B' => out.push_str("(?-u:\\B)"),
        'A' | 'z' => out.extend(['\\', c]),
        'p' | 'P' => out.push_str(&unicode_class(c, reader)?),
        c => out.push_str(&literal(escaped(c, reader)?)),
    }
    Ok(())
}

/// The literal text of `\Q…\E`; without `\E` it runs to the end.
fn quoted(reader: &mut Reader) -> String {
    let mut text = String::new();
    while let Some(c) = reader.next() {
        if c == '\\' && reader.peek() == Some('E') {
            reader.next();
            break;
        }
        text.push(c);
    }
    text
}

fn group(reader: &mut Reader, out: &mut String) -> Result<(), GoRegexpError> {
    out.push('(');
    let ahead = reader.ahead();
    let Some(rest) = ahead.strip_prefix('?') else { return Ok(()) };
    let name = rest.strip_prefix("P<").or_else(|| rest.strip_prefix('<'));
    let named = name.and_then(|n| n.split_once('>')).is_some_and(|(name, _)| {
        !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
    });
    let flags: String = rest.chars().take_while(|c| !matches!(c, ':' | ')')).collect();
    let known = name.is_none() && flags.chars().all(|c| matches!(c, 'i' | 'm' | 's' | 'U' | '-'));
    // The crate's `x`, `u` and `R` flags would change the meaning of what follows.
    if named || known { Ok(()) } else { refuse(&format!("invalid group: (?{flags}")) }
}

/// The largest count, if the brace begins a repetition.
fn repeat(reader: &mut Reader, out: &mut String) -> Result<Option<u32>, GoRegexpError> {
    let ahead = reader.ahead();
    let counts = ahead.split_once('}').map(|(inside, _)| inside);
    let is_repeat = counts.is_some_and(|inside| {
        // Go "disallows leading zeros": with one it is no repetition but literal text.
        let digits = |s: &str| {
            let plain = !s.is_empty() && s.bytes().all(|b| b.is_ascii_digit());
            plain && (s.len() == 1 || !s.starts_with('0'))
        };
        match inside.split_once(',') {
            Some((low, high)) => digits(low) && (high.is_empty() || digits(high)),
            None => digits(inside),
        }
    });
    let Some(inside) = counts.filter(|_| is_repeat) else {
        // Go reads a brace that is no repetition as itself; the crate refuses it.
        out.push_str("\\{");
        return Ok(None);
    };
    let too_many = |n: &str| !n.is_empty() && n.parse::<u32>().map_or(true, |n| n > MAX_REPEAT);
    if inside.split(',').any(too_many) {
        return refuse("invalid repeat count");
    }
    // The closing brace is part of the operator, so that what follows it counts as the next.
    reader.at += inside.chars().count() + 1;
    out.push_str(&format!("{{{inside}}}"));
    Ok(inside.split(',').filter_map(|n| n.parse().ok()).max())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_expression_means_what_go_means() {
        for (expression, text, matches) in [
            ("github", "https://github.com/x", true),
            ("^github", "https://github.com/x", false),
            ("GitHub", "github", false),
            ("(?i)GitHub", "github", true),
            (r"^\d$", "5", true),
            (r"^\d$", "\u{665}", false),
            (r"^\w$", "\u{e9}", false),
            (r"^\s$", "\u{a0}", false),
            (r"^[\d]$", "\u{665}", false),
            (r"^[^\D]$", "5", true),
            (r"\bx\b", "\u{e9}x\u{e9}", true),
            (r"^\Qa.b\E$", "a.b", true),
            (r"^\Qa.b\E$", "axb", false),
            (r"^a[b[]$", "a[", true),
            (r"^[a&&b]$", "&", true),
            (r"^[a~~b]$", "~", true),
            (r"^[[:digit:]]$", "7", true),
            (r"^[]a]$", "]", true),
            (r"^[a-]$", "-", true),
            (r"^a{2}$", "aa", true),
            ("^a{1,2}?$", "aa", true),
            ("^x{01}$", "x", false),
            ("^x{01}$", "x{01}", true),
            (r"^\p{Greek}$", "\u{3b1}", true),
            (r"^[\d-z]$", "-", true),
            ("^a+?$", "aa", true),
            ("^a{,2}$", "a{,2}", true),
            ("^{$", "{", true),
            (r"^\pL$", "\u{e9}", true),
            (r"^\x41$", "A", true),
            (r"^a.c$", "a\nc", false),
            (r"(?s)^a.c$", "a\nc", true),
            ("^a$", "a\n", false),
            (r"\z", "x", true),
            ("(?P<n>a)|(?<m>b)", "b", true),
        ] {
            let regexp = GoRegexp::new(expression).unwrap_or_else(|e| panic!("{expression}: {e}"));
            assert_eq!(regexp.is_match(text), matches, "{expression} on {text:?}");
        }
    }

    #[test]
    fn what_go_refuses_is_refused() {
        for expression in [
            "a{1001}",
            "(?x)a b",
            "(?u)a",
            "(?R)a",
            r"\Z",
            r"\C",
            "(",
            "[a",
            r"\",
            r"\h",
            "*",
            "a**",
            "a*??",
            "a{2}{3}",
            "a+*",
            r"\p{scx=Greek}",
            r"\p{Alphabetic}",
            "[[:foo:]]",
            r"[ -\d]",
            "(?P<a.b>x)",
            "(a{500}){3}",
            r"\b{start}x",
            r"\<x",
            "(?=a)",
            r"\1",
        ] {
            // `\b{start}` and `\<` are read as Go reads them: a boundary and a literal.
            let quirk = expression.starts_with(r"\b") || expression.starts_with(r"\<");
            assert_eq!(GoRegexp::new(expression).is_err(), !quirk, "{expression}");
        }
    }
}
