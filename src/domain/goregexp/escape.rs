//! Escapes that stand for one character, and characters as the crate writes them.

use super::{GoRegexpError, Reader, refuse};

/// `c` so that the crate takes it for itself, inside and outside of brackets.
pub(super) fn literal(c: char) -> String {
    if c.is_alphanumeric() { c.to_string() } else { format!("\\x{{{:x}}}", u32::from(c)) }
}

/// The character behind a backslash and `c`, which were read.
pub(super) fn escaped(c: char, reader: &mut Reader) -> Result<char, GoRegexpError> {
    let code = match c {
        'a' => 7,
        'f' => 12,
        't' => 9,
        'n' => 10,
        'r' => 13,
        'v' => 11,
        'x' => hex(reader)?,
        // Go: "Single non-zero digit is backreference; not supported".
        '1'..='7' if !reader.peek().is_some_and(is_octal) => {
            return refuse(&format!("invalid escape sequence: \\{c}"));
        }
        '0'..='7' => octal(c, reader),
        c if c.is_ascii() && !c.is_ascii_alphanumeric() => u32::from(c),
        c => return refuse(&format!("invalid escape sequence: \\{c}")),
    };
    // What Go takes beside this is half of a surrogate pair, which no text holds.
    char::from_u32(code).map_or_else(|| refuse("invalid escape sequence: no character"), Ok)
}

const fn is_octal(c: char) -> bool {
    matches!(c, '0'..='7')
}

/// Up to three digits in all.
fn octal(first: char, reader: &mut Reader) -> u32 {
    let mut code = first.to_digit(8).unwrap_or_default();
    for _ in 0..2 {
        let Some(digit) = reader.peek().and_then(|c| c.to_digit(8)) else { break };
        reader.next();
        code = code * 8 + digit;
    }
    code
}

/// Two digits, or any number of them in braces.
fn hex(reader: &mut Reader) -> Result<u32, GoRegexpError> {
    const WRONG: &str = "invalid escape sequence: \\x wants two hex digits, or some in braces";
    let digit = |c: Option<char>| c.and_then(|c| c.to_digit(16));
    if reader.peek() != Some('{') {
        let (high, low) = (digit(reader.next()), digit(reader.next()));
        return match (high, low) {
            (Some(high), Some(low)) => Ok(high * 16 + low),
            _ => refuse(WRONG),
        };
    }
    reader.next();
    let (mut code, mut digits) = (0_u32, 0);
    loop {
        match reader.next() {
            Some('}') if digits > 0 => return Ok(code),
            c => {
                code = match digit(c) {
                    Some(digit) => code.saturating_mul(16).saturating_add(digit),
                    None => return refuse(WRONG),
                };
                if code > u32::from(char::MAX) {
                    return refuse(WRONG);
                }
                digits += 1;
            }
        }
    }
}
