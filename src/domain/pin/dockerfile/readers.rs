//! Where `BuildKit` may take a Dockerfile apart in another way than is done here: nothing is said of
//! such a file.

use super::lines::{self, Instruction};

/// White space to Go's `unicode.IsSpace`, with which `BuildKit` trims lines, and not to everybody.
pub(super) fn is_odd_space(c: char) -> bool {
    c.is_whitespace() && !matches!(c, ' ' | '\t' | '\n' | '\r')
}

/// Whether a line that is skipped, or taken for a directive, begins with such white space or has
/// nothing else. Behind the sign of a comment it is text, in a directive it is not.
pub(super) fn is_odd_blank(line: &str, directive: bool) -> bool {
    let end = if directive { None } else { line.find('#') };
    line.get(..end.unwrap_or(line.len())).is_some_and(|begin| begin.contains(is_odd_space))
}

/// Whether such white space stands in an instruction outside of quotes.
pub(super) fn has_odd_space(text: &str) -> bool {
    quotes(text, is_odd_space).1
}

/// The quote that is open at the end, and whether a character of that kind stands outside of quotes.
fn quotes(text: &str, kind: impl Fn(char) -> bool) -> (Option<char>, bool) {
    let (mut quote, mut escaped) = (None, false);
    for c in text.chars() {
        let was = std::mem::take(&mut escaped);
        if quote.is_none() && kind(c) {
            return (None, true);
        }
        match (quote, c) {
            _ if was => {}
            (_, '\\') if quote != Some('\'') => escaped = true,
            (Some(open), c) if c == open => quote = None,
            (None, '"' | '\'') => quote = Some(c),
            _ => {}
        }
    }
    (quote, false)
}

/// Whether the end of a here-document is not what is written behind `<<`, for one reader or another.
pub(super) fn has_odd_document(instruction: &Instruction) -> bool {
    let text = &instruction.text;
    let names = lines::document_words(text);
    // `BuildKit` takes a line that its shell words do not fit for one without here-documents.
    let broken =
        || quotes(text, |_| false).0.is_some() || text.split("${").skip(1).any(is_odd_variable);
    names.iter().any(|name| is_odd_name(name)) || (!names.is_empty() && broken())
}

fn is_odd_variable(rest: &str) -> bool {
    let name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    !rest.trim_start_matches(name).starts_with('}') || !rest.starts_with(name)
}

/// Quotes are taken away from around a name; what is done with others in it depends.
fn is_odd_name(name: &str) -> bool {
    let bare = ['"', '\'']
        .into_iter()
        .find_map(|quote| name.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote)));
    bare.unwrap_or(name).contains(['"', '\'', '\\', '$'])
}

/// The frontend that a first line asks for in one of the ways that are no `# syntax=` at the top:
/// `BuildKit` looks behind a `#!`, for `//syntax=`, and for a JSON object.
pub(super) fn other_frontend(text: &str) -> Option<(usize, String)> {
    let mut all = text.lines().enumerate().map(|(n, line)| (n + 1, line.trim()));
    let mut first = all.next()?;
    if first.1.starts_with("#!") {
        first = all.next()?;
    }
    let behind = std::iter::once(first).chain(all);
    for (number, line) in behind {
        if line.starts_with('{') {
            return Some((number, line.to_owned()));
        }
        if line.is_empty() {
            continue;
        }
        let comment = line.strip_prefix("//").or_else(|| line.strip_prefix('#'))?;
        let said =
            comment.split_once('=').filter(|(name, _)| name.trim().eq_ignore_ascii_case("syntax"));
        if let Some((_, value)) = said {
            return Some((number, value.trim().to_owned()));
        }
    }
    None
}
