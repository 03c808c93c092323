//! The one function that makes foreign text harmless for a terminal.
//!
//! Tags, annotations, names, error messages of servers: whatever comes from outside passes
//! [`safe`] before it reaches a screen, a log or the clipboard. What is removed is shown, because
//! a name that was cleaned silently looks like another name.

use std::borrow::Cow;

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthChar;

/// The most bytes of one foreign text that are ever shown.
pub const MAX_SHOWN_BYTES: usize = 4096;
/// The most combining marks that one letter may carry.
const MAX_MARKS: usize = 4;

/// `text` on one line, without anything that a terminal would obey or a reader would not see.
///
/// Controls become their escape (`\x1b`, `\n`), invisible, bidirectional, private and
/// unassigned-looking characters become `⟨U+202E⟩`; marks beyond four on one letter are counted
/// instead of drawn; text over 4 KiB is cut and says so.
pub fn safe(text: &str) -> String {
    let mut out = String::with_capacity(text.len().min(MAX_SHOWN_BYTES));
    for cluster in text.graphemes(true) {
        if out.len() >= MAX_SHOWN_BYTES {
            out.push_str(&format!("…[{} bytes]", text.len()));
            break;
        }
        push_cluster(cluster, &mut out);
    }
    out
}

/// `text` whole and on one line: only what a terminal obeys or what turns a line around becomes its
/// escape. For output that is compared with somebody else's, where every other letter must stay.
pub fn one_line(text: &str) -> Cow<'_, str> {
    let obeyed = |c: char| c.is_control() || turns(c);
    if !text.contains(obeyed) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if obeyed(c) {
            push_cluster(c.encode_utf8(&mut [0; 4]), &mut out);
        } else {
            out.push(c);
        }
    }
    Cow::Owned(out)
}

/// Lines that are made already, with every letter shown that nobody would see: for a terminal, where
/// two names that differ must not look the same. Whoever compares them sends them into a pipe.
pub fn visible(lines: &str) -> Cow<'_, str> {
    if !lines.contains(unseen) {
        return Cow::Borrowed(lines);
    }
    let mut out = String::with_capacity(lines.len());
    for c in lines.chars() {
        if unseen(c) {
            push_cluster(c.encode_utf8(&mut [0; 4]), &mut out);
        } else {
            out.push(c);
        }
    }
    Cow::Owned(out)
}

/// Whether nobody sees it, or sees a space that is none.
pub fn unseen(c: char) -> bool {
    hidden(c)
}

/// Marks that change the direction of text, and separators of lines.
fn turns(c: char) -> bool {
    matches!(c,
        '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

fn push_cluster(cluster: &str, out: &mut String) {
    let mut marks = 0;
    for c in cluster.chars() {
        match c {
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c.is_control() => out.push_str(&format!("\\x{:02x}", u32::from(c))),
            c if hidden(c) => out.push_str(&format!("⟨U+{:04X}⟩", u32::from(c))),
            c if c.width() == Some(0) => {
                marks += 1;
                if marks <= MAX_MARKS {
                    out.push(c);
                }
            }
            c => out.push(c),
        }
    }
    if marks > MAX_MARKS {
        out.push_str(&format!("⟨+{} marks⟩", marks - MAX_MARKS));
    }
}

/// Characters that change how others look, or that nobody sees.
fn hidden(c: char) -> bool {
    matches!(u32::from(c),
        0xAD                       // soft hyphen
        | 0x34F                    // combining grapheme joiner
        | 0x600..=0x605 | 0x61C | 0x6DD | 0x70F | 0x890..=0x891 | 0x8E2
        | 0x115F..=0x1160 | 0x17B4..=0x17B5 | 0x180B..=0x180F
        | 0x200B..=0x200F          // zero width, left-to-right and right-to-left marks
        | 0x2028..=0x202E          // line and paragraph separators, embeddings, overrides
        | 0x2060..=0x206F          // joiners, isolates, deprecated formatting
        | 0x2800 | 0x3164 | 0xFFA0 // blanks that are letters
        | 0xE000..=0xF8FF          // private use
        | 0xFE00..=0xFE0F          // variation selectors
        | 0xFEFF | 0xFFF0..=0xFFFB | 0xFFFE..=0xFFFF
        | 0x110BD | 0x110CD | 0x13430..=0x1345F | 0x1BCA0..=0x1BCA3 | 0x1D173..=0x1D17A
        | 0xE0000..=0xE0FFF        // tags and more variation selectors
        | 0xF_0000..=0x10_FFFF)
        || matches!(c, '\u{a0}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' | '\u{3000}')
}

/// `text` in at most `columns` terminal columns, cut in the middle so that both ends stay: names
/// differ at the front (`k8s.io/…`) as well as at the back (`…/client-go`).
pub fn shorten(text: &str, columns: usize) -> String {
    use unicode_width::UnicodeWidthStr;
    if text.width() <= columns {
        return text.to_owned();
    }
    let Some(room) = columns.checked_sub(1) else { return String::new() };
    let head = take_columns(text.graphemes(true), room.div_ceil(2));
    let tail = take_columns(text.graphemes(true).rev(), room - room.div_ceil(2));
    let tail: Vec<&str> = tail.into_iter().rev().collect();
    format!("{}…{}", head.concat(), tail.concat())
}

fn take_columns<'a>(clusters: impl Iterator<Item = &'a str>, columns: usize) -> Vec<&'a str> {
    use unicode_width::UnicodeWidthStr;
    let mut used = 0;
    clusters
        .take_while(|cluster| {
            used += cluster.width();
            used <= columns
        })
        .collect()
}

/// `text` as one word of a POSIX shell: harmless to paste, whatever it holds.
pub fn shell_word(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:@=+,%".contains(c);
    let shown = safe(text);
    if !shown.is_empty() && shown.chars().all(plain) {
        shown
    } else {
        format!("'{}'", shown.replace('\'', "'\\''"))
    }
}

/// JSON with everything escaped that a terminal obeys; what it says stays exactly the same.
///
/// JSON itself escapes below U+0020. The rest is above: DEL, the C1 controls (`U+009B` begins a
/// sequence as `ESC [` does), and what turns the direction of a line. Outside of its strings JSON
/// has none of them.
pub fn json(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    for c in json.chars() {
        match c {
            '\n' => out.push(c),
            c if c.is_control() || turns(c) => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => out.push(c),
        }
    }
    out
}

/// What is wrong with a JSON document, without a word of what stands in it: `serde_json` repeats the
/// value that it did not want, and a server may have put there what it was sent as a password.
pub fn json_error(error: &serde_json::Error) -> String {
    let all = error.to_string();
    // `invalid type: string "…", expected a map at line 1 column 2`; what is expected is ours.
    let unwanted = ["invalid ", "unknown "].iter().any(|start| all.starts_with(start));
    if !error.is_data() || !unwanted {
        return safe(&all);
    }
    match all.rsplit_once(", expected ") {
        Some((_, expected)) => format!("not what is expected: {expected}"),
        None => format!("bad content at line {} column {}", error.line(), error.column()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_keeps_its_meaning_and_loses_what_a_terminal_obeys() {
        let foreign = "a\u{9b}31m\u{7f}\u{85}\u{202e}b\u{61c}\u{200e}\u{2069}\x1b[2J\n日本 é";
        let object = serde_json::json!({ foreign: foreign });
        let text = json(&object.to_string());
        let harmful = |c: char| c.is_control() || "\u{202e}\u{61c}\u{200e}\u{2069}".contains(c);
        assert!(!text.contains(harmful) && text.contains("日本 é"), "{text}");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&text).unwrap(), object);
    }

    #[test]
    fn an_error_in_json_repeats_nothing_of_it() {
        #[derive(Debug, serde::Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Shape {
            #[serde(rename = "a")]
            _a: Vec<u8>,
        }
        for (document, words) in [
            (r#"{"a":"secret, expected secret"}"#, "not what is expected: a sequence at line 1"),
            (r#"["secret"]"#, "not what is expected: a sequence"),
            (r#"{"a":["secret"]}"#, "not what is expected: u8 at line 1"),
            (r#"{"secret":1}"#, "not what is expected: `a` at line 1"),
            ("{}", "missing field `a` at line 1"),
            ("secret", "expected value at line 1"),
        ] {
            let told = json_error(&serde_json::from_str::<Shape>(document).unwrap_err());
            assert!(told.contains(words) && !told.contains("secret"), "{document}: {told}");
        }
    }

    #[test]
    fn nothing_that_a_terminal_obeys_or_a_reader_misses_gets_through() {
        for (foreign, shown) in [
            ("plain", "plain"),
            ("日本 é ✓", "日本 é ✓"),
            ("a\x1b[31mb", "a\\x1b[31mb"),
            ("a\x1b]0;pwned\x07b", "a\\x1b]0;pwned\\x07b"),
            ("a\u{9b}31m", "a\\x9b31m"),
            ("good\revil\n\t\0", "good\\revil\\n\\t\\x00"),
            ("a\r\nb", "a\\r\\nb"),
            ("gpj.\u{202e}exe", "gpj.⟨U+202E⟩exe"),
            ("a\u{200b}b", "a⟨U+200B⟩b"),
            ("a\u{2028}b", "a⟨U+2028⟩b"),
            ("a\u{e0041}", "a⟨U+E0041⟩"),
            ("a\u{a0}b", "a⟨U+00A0⟩b"),
            ("\u{feff}a", "⟨U+FEFF⟩a"),
        ] {
            assert_eq!(safe(foreign), shown, "{foreign:?}");
        }
    }

    #[test]
    fn on_a_terminal_no_letter_is_invisible() {
        for c in ['\u{200b}', '\u{feff}', '\u{e0041}', '\u{2060}', '\u{3164}', '\u{ad}', '\u{fe0f}']
        {
            let shown = visible(&format!("log{c}4j@1\r\n")).into_owned();
            assert_eq!(shown, format!("log⟨U+{:04X}⟩4j@1\r\n", u32::from(c)));
        }
        assert_eq!(visible("log4j@1\n"), "log4j@1\n");
    }

    #[test]
    fn one_line_keeps_every_letter_that_nothing_obeys() {
        for (foreign, shown) in [
            ("👩\u{200d}🚀 a\u{a0}b 日本", "👩\u{200d}🚀 a\u{a0}b 日本"),
            ("a\\nb", "a\\nb"),
            ("a\nb\x1b[2J\u{9b}\u{202e}\u{2028}", "a\\nb\\x1b[2J\\x9b⟨U+202E⟩⟨U+2028⟩"),
        ] {
            assert_eq!(one_line(foreign), shown, "{foreign:?}");
        }
        let long = "é".repeat(100_000);
        assert_eq!(one_line(&long), long);
    }

    #[test]
    fn long_text_and_piled_marks_are_cut_visibly() {
        let long = safe(&"x".repeat(10_000_000));
        assert!(long.len() < MAX_SHOWN_BYTES + 64 && long.ends_with("…[10000000 bytes]"));
        let piled = safe(&format!("e{}", "\u{301}".repeat(9)));
        assert_eq!(piled, format!("e{}⟨+5 marks⟩", "\u{301}".repeat(4)));
    }

    #[test]
    fn shortening_keeps_both_ends() {
        assert_eq!(shorten("k8s.io/client-go", 20), "k8s.io/client-go");
        assert_eq!(shorten("k8s.io/client-go", 9), "k8s.…t-go");
        assert_eq!(shorten("日本語日本語", 5), "日…語");
        assert_eq!(shorten("abc", 0), "");
    }

    #[test]
    fn a_shell_word_is_one_harmless_word() {
        assert_eq!(shell_word("ghcr.io/a:1"), "ghcr.io/a:1");
        assert_eq!(shell_word("a'; rm -rf \n"), "'a'\\''; rm -rf \\n'");
        assert_eq!(shell_word("$(x)"), "'$(x)'");
    }
}
