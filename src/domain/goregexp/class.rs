//! Character classes: in brackets, by Perl's letters, by POSIX and Unicode names.

use super::{GoRegexpError, Reader, plain_escape, refuse};

/// Members of a Perl class as Go defines them, for use inside brackets.
pub(super) fn perl_class(c: char) -> &'static str {
    match c {
        'd' => "0-9",
        's' => "\\t\\n\\x0c\\r ",
        'w' => "0-9A-Za-z_",
        'D' => "^0-9",
        'S' => "^\\t\\n\\x0c\\r ",
        _ => "^0-9A-Za-z_",
    }
}

/// General categories, which both engines know by these names.
const CATEGORIES: [&str; 36] = [
    "C", "Cc", "Cf", "Co", "Cs", "L", "Ll", "Lm", "Lo", "Lt", "Lu", "M", "Mc", "Me", "Mn", "N",
    "Nd", "Nl", "No", "P", "Pc", "Pd", "Pe", "Pf", "Pi", "Po", "Ps", "S", "Sc", "Sk", "Sm", "So",
    "Z", "Zl", "Zp", "Zs",
];
/// Scripts that are carried over; Go knows scripts and no other property by name.
const SCRIPTS: [&str; 11] = [
    "Arabic",
    "Cyrillic",
    "Devanagari",
    "Greek",
    "Han",
    "Hangul",
    "Hebrew",
    "Hiragana",
    "Katakana",
    "Latin",
    "Thai",
];

/// The name behind `\\p`: one letter, or what stands in braces.
pub(super) fn class_name(reader: &mut Reader) -> Result<String, GoRegexpError> {
    match reader.next() {
        Some('{') => {
            let mut name = String::new();
            loop {
                match reader.next() {
                    Some('}') => return Ok(name),
                    Some(c) => name.push(c),
                    None => return refuse("incomplete \\p class"),
                }
            }
        }
        Some(c) => Ok(c.to_string()),
        None => refuse("incomplete \\p class"),
    }
}

pub(super) fn class(reader: &mut Reader, out: &mut String) -> Result<(), GoRegexpError> {
    out.push('[');
    if reader.peek() == Some('^') {
        reader.next();
        out.push('^');
    }
    let mut first = true;
    loop {
        let Some(c) = reader.next() else { return refuse("missing closing ]") };
        match c {
            ']' if !first => break out.push(']'),
            '[' if reader.peek() == Some(':') && posix_name(reader).is_some() => {
                let name = posix_name(reader).unwrap_or_default();
                if !POSIX.contains(&name.trim_start_matches('^')) {
                    return refuse("invalid character class range");
                }
                reader.at += name.chars().count() + 3;
                out.push_str(&format!("[:{name}:]"));
            }
            '\\' => escape_inside(reader, out)?,
            '-' => out.push('-'),
            // A literal bracket, and the crate's set operators `&&`, `--`, `~~`, mean themselves.
            '[' | ']' | '&' | '~' | '^' => out.extend(['\\', c]),
            c => out.push(c),
        }
        if c == '-' && reader.peek() == Some('-') {
            return refuse("-- inside a class is ambiguous; escape the dash");
        }
        if c == '-' && !first && ends_in_a_class(reader) {
            return refuse("invalid character class range");
        }
        first = false;
    }
    Ok(())
}

/// The class names that Go knows between `[:` and `:]`.
const POSIX: [&str; 14] = [
    "alnum", "alpha", "ascii", "blank", "cntrl", "digit", "graph", "lower", "print", "punct",
    "space", "upper", "word", "xdigit",
];

fn posix_name(reader: &Reader) -> Option<String> {
    let ahead = reader.ahead();
    let (name, _) = ahead.strip_prefix(':')?.split_once(":]")?;
    let letters = name.strip_prefix('^').unwrap_or(name);
    letters.chars().all(|c| c.is_ascii_lowercase()).then(|| name.to_owned())
}

/// Whether what follows a dash is a class, which cannot end a range.
fn ends_in_a_class(reader: &Reader) -> bool {
    let ahead = reader.ahead();
    let mut letters = ahead.chars();
    match (letters.next(), letters.next()) {
        (Some('\\'), Some(c)) => matches!(c, 'd' | 's' | 'w' | 'D' | 'S' | 'W' | 'p' | 'P'),
        (Some('['), Some(':')) => posix_name_at(&ahead),
        _ => false,
    }
}

fn posix_name_at(ahead: &str) -> bool {
    ahead.strip_prefix("[:").is_some_and(|rest| rest.contains(":]"))
}

fn escape_inside(reader: &mut Reader, out: &mut String) -> Result<(), GoRegexpError> {
    let Some(c) = reader.next() else { return refuse("trailing backslash at end of expression") };
    match c {
        'd' | 's' | 'w' | 'D' | 'S' | 'W' => out.push_str(&format!("[{}]", perl_class(c))),
        'Q' | 'A' | 'z' | 'b' | 'B' => refuse(&format!("invalid escape in a class: \\{c}"))?,
        c => plain_escape(c, reader, out)?,
    }
    Ok(())
}

/// Whether a Unicode class means the same in both engines.
pub(super) fn is_known_class(name: &str) -> bool {
    let bare = name.trim_start_matches('^');
    CATEGORIES.contains(&bare) || SCRIPTS.contains(&bare)
}
