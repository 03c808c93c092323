//! Character classes: in brackets, by Perl's letters, by POSIX and Unicode names.

use super::{
    GoRegexpError, Reader,
    escape::{escaped, literal},
    refuse,
};

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
const CATEGORIES: [&str; 35] = [
    "C", "Cc", "Cf", "Co", "L", "Ll", "Lm", "Lo", "Lt", "Lu", "M", "Mc", "Me", "Mn", "N", "Nd",
    "Nl", "No", "P", "Pc", "Pd", "Pe", "Pf", "Pi", "Po", "Ps", "S", "Sc", "Sk", "Sm", "So", "Z",
    "Zl", "Zp", "Zs",
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
fn class_name(reader: &mut Reader) -> Result<String, GoRegexpError> {
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

/// What stands between brackets. Go's grammar: a class, or one character, or two with a dash
/// between them; every other dash, bracket and operator means itself.
pub(super) fn class(reader: &mut Reader, out: &mut String) -> Result<(), GoRegexpError> {
    out.push('[');
    if reader.peek() == Some('^') {
        reader.next();
        out.push('^');
    }
    let mut first = true;
    while first || reader.peek() != Some(']') {
        first = false;
        if posix(reader, out)? || escaped_class(reader, out)? {
            continue;
        }
        let low = character(reader)?;
        out.push_str(&literal(low));
        if matches!(reader.pair(), (Some('-'), Some(c)) if c != ']') {
            reader.next();
            let high = character(reader)?;
            if high < low {
                return refuse("invalid character class range");
            }
            out.extend(["-", &literal(high)]);
        }
    }
    reader.next();
    out.push(']');
    Ok(())
}

/// One character, plain or escaped.
fn character(reader: &mut Reader) -> Result<char, GoRegexpError> {
    match reader.next() {
        None => refuse("missing closing ]"),
        Some('\\') => match reader.next() {
            Some(c) => escaped(c, reader),
            None => refuse("trailing backslash at end of expression"),
        },
        Some(c) => Ok(c),
    }
}

/// The class names that Go knows between `[:` and `:]`.
const POSIX: [&str; 14] = [
    "alnum", "alpha", "ascii", "blank", "cntrl", "digit", "graph", "lower", "print", "punct",
    "space", "upper", "word", "xdigit",
];

/// `[:name:]`. As soon as a `:]` follows anywhere Go takes what is between for a name.
fn posix(reader: &mut Reader, out: &mut String) -> Result<bool, GoRegexpError> {
    let rest: String = reader.rest.get(reader.at..).unwrap_or_default().iter().collect();
    let Some((name, _)) = rest.strip_prefix("[:").and_then(|rest| rest.split_once(":]")) else {
        return Ok(false);
    };
    if !POSIX.contains(&name.strip_prefix('^').unwrap_or(name)) {
        return refuse("invalid character class range");
    }
    reader.at += name.chars().count() + 4;
    out.push_str(&format!("[:{name}:]"));
    Ok(true)
}

/// `\d`, `\pL` and their like; in brackets of their own, so that a dash behind them is no range.
fn escaped_class(reader: &mut Reader, out: &mut String) -> Result<bool, GoRegexpError> {
    let (Some('\\'), Some(c)) = reader.pair() else { return Ok(false) };
    match c {
        'd' | 's' | 'w' | 'D' | 'S' | 'W' => {
            reader.at += 2;
            out.push_str(&format!("[{}]", perl_class(c)));
        }
        'p' | 'P' => {
            reader.at += 2;
            out.push_str(&format!("[{}]", unicode_class(c, reader)?));
        }
        _ => return Ok(false),
    }
    Ok(true)
}

/// `\p{…}` as the crate writes it, where the name means the same to both.
pub(super) fn unicode_class(letter: char, reader: &mut Reader) -> Result<String, GoRegexpError> {
    let name = class_name(reader)?;
    let (bare, turned) = match name.strip_prefix('^') {
        Some(bare) => (bare, true),
        None => (name.as_str(), false),
    };
    if !is_known_class(bare) {
        return refuse(&format!("the class {name} cannot be carried over"));
    }
    let letter = if (letter == 'P') == turned { 'p' } else { 'P' };
    Ok(format!("\\{letter}{{{bare}}}"))
}

/// Whether a Unicode class means the same in both engines.
fn is_known_class(bare: &str) -> bool {
    CATEGORIES.contains(&bare) || SCRIPTS.contains(&bare)
}
