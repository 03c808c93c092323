//! The one place where foreign text becomes part of a policy: a YAML scalar, a word of a shell, a
//! value that GitHub does not evaluate, a comment.
//!
//! Whatever goes in comes out again when the policy is read, or nothing is written.

use super::CannotSay;
use crate::domain::text::safe;

/// A YAML scalar in double quotes, whatever the text holds: it cannot end the scalar, begin another
/// line, become a number, an anchor or a comment.
///
/// YAML 1.2 §5.7: every character that is not printable has an escape in double quotes; text that a
/// terminal would obey or that turns a line around is escaped too, and reads back the same.
pub fn quoted(text: &str) -> String {
    let odd = safe(text) != text;
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            ' '..='~' => out.push(c),
            c if !odd && !c.is_control() => out.push(c),
            c => out.push_str(&escape(c)),
        }
    }
    out.push('"');
    out
}

/// YAML 1.2 §5.7, productions 59 to 61.
fn escape(c: char) -> String {
    match u32::from(c) {
        n @ 0..=0xFF => format!("\\x{n:02x}"),
        n @ 0x100..=0xFFFF => format!("\\u{n:04x}"),
        n => format!("\\U{n:08x}"),
    }
}

/// A YAML scalar of several lines as a block, `indent` spaces deep; in double quotes where a block
/// could not hold it exactly.
pub fn block(text: &str, indent: usize) -> String {
    let body = text.strip_suffix('\n').unwrap_or(text);
    let plain = |c: char| matches!(c, ' '..='~' | '\n');
    let fits = !body.is_empty() && !body.starts_with([' ', '\n']) && !body.ends_with('\n');
    if !fits || !body.chars().all(plain) {
        return quoted(text);
    }
    // §8.1.1.2: "clip" keeps the one line break at the end, "strip" none.
    let mut out = if body.len() == text.len() { "|-" } else { "|" }.to_owned();
    for line in body.split('\n') {
        out.push('\n');
        if !line.is_empty() {
            out.push_str(&" ".repeat(indent));
            out.push_str(line);
        }
    }
    out
}

/// The same as [`quoted`], where GitHub reads it.
///
/// # Errors
/// [`CannotSay`] for text with `${{`: GitHub would evaluate it, wherever in a workflow it stands.
pub fn for_github(what: &str, text: &str) -> Result<String, CannotSay> {
    if text.contains("${{") {
        return Err(CannotSay::new(format!(
            "{what} holds ${{{{, which GitHub evaluates wherever it stands: {}",
            safe(text)
        )));
    }
    Ok(quoted(text))
}

/// The same as [`quoted`], where Kyverno reads a `ClusterPolicy`.
///
/// # Errors
/// [`CannotSay`] for text with `{{` or `$(`: Kyverno puts variables and references in their place.
pub fn for_kyverno(what: &str, text: &str) -> Result<String, CannotSay> {
    if text.contains("{{") || text.contains("$(") {
        return Err(CannotSay::new(format!(
            "{what} holds what Kyverno replaces with a variable: {}",
            safe(text)
        )));
    }
    Ok(quoted(text))
}

/// One word of a POSIX shell, on one line.
///
/// # Errors
/// [`CannotSay`] for text that a line cannot hold as it is: controls, and what turns a line around
/// or is not seen.
pub fn shell(what: &str, text: &str) -> Result<String, CannotSay> {
    if safe(text) != text {
        return Err(CannotSay::new(format!(
            "{what} holds characters that a command line cannot show: {}",
            safe(text)
        )));
    }
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:@=+,%".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        return Ok(text.to_owned());
    }
    Ok(format!("'{}'", text.replace('\'', r"'\''")))
}

/// One line of a comment: nothing in it can begin another line.
pub fn comment(text: &str) -> String {
    format!("# {}\n", safe(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_is_used_only_for_what_it_holds_exactly() {
        assert_eq!(block("a\nb\n", 2), "|\n  a\n  b");
        assert_eq!(block("a\n\nb", 1), "|-\n a\n\n b");
        for odd in ["", "\n", " a", "a\n\n", "a\tb", "a\r\nb", "é", "a\u{202e}", "\na"] {
            assert!(block(odd, 2).starts_with('"'), "{odd:?}");
        }
    }

    #[test]
    fn what_would_be_evaluated_is_not_written() {
        for text in ["${{ secrets.X }}", "a${{", "x ${{ github.token }}"] {
            assert!(for_github("x", text).is_err(), "{text}");
        }
        for text in ["{{ request.object }}", "$(./../x)"] {
            assert!(for_kyverno("x", text).is_err(), "{text}");
        }
        for text in ["$x", "$ {{", "{ {", "}}", "`id`"] {
            assert!(for_github("x", text).is_ok(), "{text}");
        }
        for text in ["a\nb", "a\u{202e}b", "\u{1b}[31m", "a\u{a0}b"] {
            assert!(shell("x", text).is_err(), "{text:?}");
        }
        assert_eq!(shell("x", "$(id)'`").unwrap(), r"'$(id)'\''`'");
        assert_eq!(shell("x", "").unwrap(), "''");
    }
}
