//! What an expression looks like: its tokens with their places, and a text that it matches.

use std::ops::Range;

use regex_syntax::hir::{Class, Hir, HirKind, Look, LookSet};

use crate::domain::goregexp::GoRegexp;

/// The longest text that is made up for an expression.
const MAX_EXEMPLAR: usize = 2048;

/// What stands at one place of an expression.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// This character and no other.
    Literal(char),
    /// A bare `.`.
    Dot,
    /// Whatever else.
    Other,
}

/// One token and its bytes in the expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) span: Range<usize>,
    /// Whether a repetition follows it.
    pub(super) repeated: bool,
}

/// The tokens of an expression that compiles.
pub(super) fn tokens(source: &str) -> Vec<Token> {
    let mut tokens: Vec<Token> = vec![];
    let mut at = 0;
    while let Some(rest) = source.get(at..) {
        let Some(c) = rest.chars().next() else { break };
        if let (true, Some(length)) = (!tokens.is_empty(), repetition(rest)) {
            if let Some(last) = tokens.last_mut() {
                last.repeated = true;
                last.span.end += length;
            }
            at += length;
            continue;
        }
        let (kind, length) = match c {
            '\\' => escape(rest, at, &mut tokens),
            '[' => (Kind::Other, class_length(rest)),
            '(' if rest.starts_with("(?") => {
                let end = rest.find([':', ')', '>']).map_or(rest.len(), |i| i + 1);
                (Kind::Other, end)
            }
            '.' => (Kind::Dot, 1),
            '(' | ')' | '|' | '^' | '$' => (Kind::Other, 1),
            c => (Kind::Literal(c), c.len_utf8()),
        };
        if length > 0 {
            tokens.push(Token { kind, span: at..at + length, repeated: false });
            at += length;
        } else {
            // A quotation has put its characters in by itself.
            at = tokens.last().map_or(source.len(), |t| t.span.end);
        }
    }
    tokens
}

/// The length of `*`, `+`, `?` or `{n,m}` with what makes it lazy.
fn repetition(rest: &str) -> Option<usize> {
    let length = match rest.chars().next()? {
        '*' | '+' | '?' => 1,
        '{' => {
            let inside = rest.strip_prefix('{')?.split_once('}')?.0;
            let counts = inside.bytes().all(|b| b.is_ascii_digit() || b == b',');
            (counts && inside.starts_with(|c: char| c.is_ascii_digit()))
                .then_some(inside.len() + 2)?
        }
        _ => return None,
    };
    let lazy = rest.get(length..).is_some_and(|rest| rest.starts_with('?'));
    Some(length + usize::from(lazy))
}

fn escape(rest: &str, at: usize, tokens: &mut Vec<Token>) -> (Kind, usize) {
    let Some(c) = rest.chars().nth(1) else { return (Kind::Other, rest.len()) };
    match c {
        'Q' => {
            let quoted = rest.get(2..).unwrap_or_default();
            let inside = quoted.split("\\E").next().unwrap_or_default();
            for (place, c) in inside.char_indices() {
                let from = at + 2 + place;
                let span = from..from + c.len_utf8();
                tokens.push(Token { kind: Kind::Literal(c), span, repeated: false });
            }
            let closed = usize::from(inside.len() < quoted.len()) * 2;
            if let Some(last) = tokens.last_mut() {
                last.span.end += closed;
            }
            (Kind::Other, 0)
        }
        'x' | 'p' | 'P' => {
            let braces = rest.get(2..).is_some_and(|rest| rest.starts_with('{'));
            let end = if braces { rest.find('}').map(|i| i + 1) } else { None };
            let bare = if c == 'x' { 4 } else { 3 };
            (Kind::Other, end.unwrap_or(bare).min(rest.len()))
        }
        c if c.is_ascii_punctuation() => (Kind::Literal(c), 1 + c.len_utf8()),
        c => (Kind::Other, 1 + c.len_utf8()),
    }
}

/// The length of a class in brackets.
fn class_length(rest: &str) -> usize {
    let (mut escaped, mut first) = (false, true);
    let mut at = if rest.starts_with("[^") { 2 } else { 1 };
    while let Some(c) = rest.get(at..).and_then(|rest| rest.chars().next()) {
        let named = rest.get(at..).filter(|r| !escaped && r.starts_with("[:"));
        if let Some(end) = named.and_then(|r| r.find(":]")) {
            at += end + 2;
            first = false;
            continue;
        }
        at += c.len_utf8();
        if c == ']' && !escaped && !first {
            break;
        }
        escaped = c == '\\' && !escaped;
        first = false;
    }
    at
}

/// The bytes of the expression that spell `text`, where they do; a bare dot spells any character.
pub(super) fn spelling(tokens: &[Token], text: &str) -> Option<Range<usize>> {
    let text: Vec<char> = text.chars().collect();
    let spells = |window: &[Token]| {
        let mut pairs = window.iter().zip(&text);
        pairs.all(|(token, c)| match token.kind {
            Kind::Literal(own) => own.eq_ignore_ascii_case(c),
            Kind::Dot => *c == '.',
            Kind::Other => false,
        })
    };
    let found = tokens.windows(text.len().max(1)).find(|window| spells(window))?;
    Some(found.first()?.span.start..found.last()?.span.end)
}

/// Whether every match begins where the text begins, and ends where it ends.
pub(super) fn anchors(regexp: &GoRegexp) -> (bool, bool) {
    let Some(hir) = hir(regexp) else { return (false, false) };
    let properties = hir.properties();
    let any = |set: LookSet, looks: [Look; 2]| looks.into_iter().any(|look| set.contains(look));
    // An identity holds no line break, so a line's beginning is the text's.
    let start = any(properties.look_set_prefix(), [Look::Start, Look::StartLF]);
    (start, any(properties.look_set_suffix(), [Look::End, Look::EndLF]))
}

fn hir(regexp: &GoRegexp) -> Option<Hir> {
    regex_syntax::parse(regexp.translated()).ok()
}

/// A text that the expression should match; the caller has to see whether it does.
///
/// `filling` stands where the expression repeats any character.
pub(super) fn exemplar(regexp: &GoRegexp, filling: &str) -> Option<String> {
    let mut out = String::new();
    spell(&hir(regexp)?, filling, &mut out)?;
    Some(out)
}

fn spell(hir: &Hir, filling: &str, out: &mut String) -> Option<()> {
    if out.len() > MAX_EXEMPLAR {
        return None;
    }
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => {}
        HirKind::Literal(literal) => out.push_str(std::str::from_utf8(&literal.0).ok()?),
        // A bare dot was meant as one.
        HirKind::Class(class) if has(class, '.') && has(class, '/') => out.push('.'),
        HirKind::Class(class) => out.push(member(class)?),
        HirKind::Repetition(repeated) => {
            let class = match repeated.sub.kind() {
                HirKind::Class(class) => Some(class),
                _ => None,
            };
            let wide = |class: &&Class| has(class, '/') && has(class, '@');
            if repeated.max.is_none() && class.as_ref().is_some_and(wide) {
                out.push_str(filling);
                return Some(());
            }
            for _ in 0..repeated.min.max(u32::from(repeated.max != Some(0))) {
                match class {
                    Some(class) => out.push(member(class)?),
                    None => spell(&repeated.sub, filling, out)?,
                }
            }
        }
        HirKind::Capture(capture) => spell(&capture.sub, filling, out)?,
        HirKind::Concat(all) => all.iter().try_for_each(|one| spell(one, filling, out))?,
        HirKind::Alternation(all) => spell(all.first()?, filling, out)?,
    }
    Some(())
}

fn has(class: &Class, c: char) -> bool {
    match class {
        Class::Unicode(class) => class.ranges().iter().any(|r| r.start() <= c && c <= r.end()),
        Class::Bytes(class) => u8::try_from(c)
            .is_ok_and(|b| class.ranges().iter().any(|r| r.start() <= b && b <= r.end())),
    }
}

/// A member of a class, a letter or digit where there is one.
fn member(class: &Class) -> Option<char> {
    let first = match class {
        Class::Unicode(class) => {
            class.ranges().first().map(regex_syntax::hir::ClassUnicodeRange::start)
        }
        Class::Bytes(class) => class.ranges().first().map(|r| char::from(r.start())),
    };
    ['x', 'v', 'a', '1', 'X'].into_iter().find(|c| has(class, *c)).or(first)
}
