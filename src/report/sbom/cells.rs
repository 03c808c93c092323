//! What stands in a cell: made harmless for whoever opens the table, a terminal, a spreadsheet or
//! a page.

use std::collections::HashMap;

use crate::domain::{
    Digest,
    text::{one_line, safe, shorten, unseen},
};

/// For a spreadsheet, in quotes.
///
/// A cell that begins with one of these is a formula to a spreadsheet, and a formula can send what
/// the sheet holds to somebody (CWE-1236). An apostrophe in front makes it text. Spaces, quotes and
/// what nobody sees before it do not help: some programs take them off. Where a semicolon parts the
/// cells, as in half of Europe, what stands behind one begins a cell too, in quotes or not.
pub(super) fn csv(text: &str) -> String {
    let text = one_line(text);
    let mut out = String::with_capacity(text.len().saturating_add(2));
    out.push('"');
    for (number, part) in text.split(';').enumerate() {
        if number > 0 {
            out.push(';');
        }
        if formula(part) {
            out.push('\'');
        }
        out.push_str(&part.replace('"', "\"\""));
    }
    out.push('"');
    out
}

fn formula(text: &str) -> bool {
    let skipped = |c: char| c.is_whitespace() || unseen(c) || matches!(c, '"' | '\'');
    let first = text.trim_start_matches(skipped).chars().next();
    first.is_some_and(|c| "=+-@＝＋－＠|%".contains(c))
        || text.starts_with("\\t")
        || text.starts_with("\\r")
}

/// For a table in Markdown: no letter ends the cell, begins a tag, a link or an emphasis, or calls
/// somebody. An address by itself is a link too (GitHub Flavored Markdown 6.9).
pub(super) fn markdown(text: &str) -> String {
    let text = safe(text);
    let mut out = String::with_capacity(text.len());
    let mut rest = text.chars();
    let mut before = String::new();
    while let Some(c) = rest.next() {
        let address = match c {
            ':' => rest.as_str().starts_with("//"),
            '.' => before.to_ascii_lowercase().ends_with("www"),
            _ => false,
        };
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '@' => out.push_str("&#64;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '(' | ')' | '|' | '#' | '~' | '!' | '$' => {
                out.extend(['\\', c]);
            }
            c if address => out.extend(['\\', c]),
            c => out.push(c),
        }
        if c.is_ascii_alphabetic() { before.push(c) } else { before.clear() }
    }
    out
}

/// Texts of one column, as wide as they may be on a terminal.
///
/// Two that differ never look alike: a name that is cut is cut in the middle, and where what is
/// left of two is the same both stand there whole, or with a part of their digest.
pub(super) fn distinct(texts: &[String], columns: Option<usize>) -> Vec<String> {
    let Some(columns) = columns else {
        return texts.iter().map(|text| one_line(text).into_owned()).collect();
    };
    let whole: Vec<String> = texts.iter().map(|text| safe(text)).collect();
    let short: Vec<String> = whole.iter().map(|text| shorten(text, columns)).collect();
    let of_short = twins(&short, texts);
    let of_whole = twins(&whole, texts);
    let each = whole.iter().zip(&short).zip(texts);
    each.map(|((whole, short), text)| {
        match (of_short.get(short.as_str()), of_whole.get(whole.as_str())) {
            (Some(Some(_)) | None, _) => short.clone(),
            (Some(None), Some(Some(_))) => whole.clone(),
            (Some(None), _) => {
                let digest: String =
                    Digest::sha256(text.as_bytes()).hex().chars().take(12).collect();
                format!("{short}⟨{digest}⟩")
            }
        }
    })
    .collect()
}

/// For everything that is shown the one text behind it; `None` where there are several.
fn twins<'a>(shown: &'a [String], texts: &'a [String]) -> HashMap<&'a str, Option<&'a str>> {
    let mut all: HashMap<&str, Option<&str>> = HashMap::with_capacity(shown.len());
    for (shown, text) in shown.iter().zip(texts) {
        all.entry(shown)
            .and_modify(|known| *known = known.filter(|known| *known == text))
            .or_insert(Some(text));
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula_a_tag_or_an_escape() {
        for (foreign, sheet, page) in [
            ("client-go", "\"client-go\"", "client-go"),
            ("=cmd|'/c calc'!A1", "\"'=cmd|'/c calc'!A1\"", "=cmd\\|'/c calc'\\!A1"),
            ("@babel/core", "\"'@babel/core\"", "&#64;babel/core"),
            ("+1", "\"'+1\"", "+1"),
            ("-1", "\"'-1\"", "-1"),
            ("\t=1", "\"'\\t=1\"", "\\\\t=1"),
            ("\r=1", "\"'\\r=1\"", "\\\\r=1"),
            (" =1", "\"' =1\"", " =1"),
            ("\"=1", "\"'\"\"=1\"", "\"=1"),
            ("＝1", "\"'＝1\"", "＝1"),
            ("a\",\"b\n", "\"a\"\",\"\"b\\n\"", "a\",\"b\\\\n"),
            ("a|b", "\"a|b\"", "a\\|b"),
            ("x;=1+1;", "\"x;'=1+1;\"", "x;=1+1;"),
            ("x; \"@a", "\"x;' \"\"@a\"", "x; \"&#64;a"),
            ("\u{200b}=1", "\"'\u{200b}=1\"", "⟨U+200B⟩=1"),
            ("\u{2003}\u{feff}=1", "\"'\u{2003}\u{feff}=1\"", "⟨U+2003⟩⟨U+FEFF⟩=1"),
            ("see https://x.test", "\"see https://x.test\"", "see https\\://x.test"),
            ("WWW.x.test", "\"WWW.x.test\"", "WWW\\.x.test"),
            ("<img src=x>", "\"<img src=x>\"", "&lt;img src=x&gt;"),
            ("[x](javascript:1)", "\"[x](javascript:1)\"", "\\[x\\]\\(javascript:1\\)"),
            ("a\x1b[31m", "\"a\\x1b[31m\"", "a\\\\x1b\\[31m"),
        ] {
            assert_eq!(csv(foreign), sheet, "{foreign:?}");
            assert_eq!(markdown(foreign), page, "{foreign:?}");
        }
    }

    #[test]
    fn two_names_never_look_alike() {
        let long = |end: &str| format!("{}{end}", "x".repeat(9000));
        for (texts, columns, shown) in [
            (
                vec!["k8s.io/client-go", "evil.example/client-go"],
                12,
                vec!["k8s.io…nt-go", "evil.e…nt-go"],
            ),
            (
                vec!["github.com/aa/x/b", "github.com/bb/x/b"],
                9,
                vec!["github.com/aa/x/b", "github.com/bb/x/b"],
            ),
            (vec!["github.com/aa/x/b", "github.com/aa/x/b"], 9, vec!["gith…/x/b", "gith…/x/b"]),
        ] {
            let texts: Vec<String> = texts.into_iter().map(str::to_owned).collect();
            assert_eq!(distinct(&texts, Some(columns)), shown);
            assert_eq!(distinct(&texts, None), texts);
        }
        let shown = distinct(&[long("a"), long("b")], Some(40));
        assert!(shown[0] != shown[1] && shown[0].contains('⟨'), "{shown:?}");
        assert_eq!(distinct(&[long("a")], None), [long("a")]);
    }
}
