//! Foreign text on its way to the screen, and numbers in words.

use unicode_segmentation::UnicodeSegmentation as _;
use unicode_width::UnicodeWidthStr;

use crate::domain::{Timestamp, text};

/// Longer foreign texts are cut before they are looked at letter by letter.
const LOOKED_AT: usize = 1000;

/// Foreign text, harmless and on one line; the one door to the screen.
pub fn shown(foreign: &str) -> String {
    if foreign.len() <= text::MAX_SHOWN_BYTES {
        return text::safe(foreign);
    }
    let boundary = (0..=LOOKED_AT).rev().find(|i| foreign.is_char_boundary(*i)).unwrap_or(0);
    let (head, _) = foreign.split_at(boundary);
    format!("{}…[{} bytes]", text::safe(head), foreign.len())
}

/// Foreign text in at most `columns`, shortened in the middle.
pub fn fit(foreign: &str, columns: u16) -> String {
    text::shorten(&shown(foreign), usize::from(columns))
}

/// Harmless text in at most `room` columns, cut at its end.
pub fn cut_end(text: &str, room: u16) -> String {
    if columns(text) <= room {
        return text.to_owned();
    }
    let mut out = String::new();
    let mut used = 0;
    for cluster in text.graphemes(true) {
        used += columns(cluster);
        if used + 1 > room {
            break;
        }
        out.push_str(cluster);
    }
    if room > 0 {
        out.push('…');
    }
    out
}

/// Harmless text in at most `room` columns: at most `head` of them from its front, the others from
/// its end.
pub fn ends(harmless: &str, head: u16, room: u16) -> String {
    let (width, head) = (columns(harmless), usize::from(head));
    if width <= room || room == 0 {
        return harmless.to_owned();
    }
    let (mut front, mut used) = (String::new(), 0);
    for cluster in harmless.graphemes(true).take_while(|cluster| {
        used += cluster.width();
        used <= head
    }) {
        front.push_str(cluster);
    }
    let tail_room = usize::from(room).saturating_sub(front.width() + 1);
    let mut used = 0;
    let tail: Vec<&str> = harmless
        .graphemes(true)
        .rev()
        .take_while(|cluster| {
            used += cluster.width();
            used <= tail_room
        })
        .collect();
    front.push('…');
    front.extend(tail.into_iter().rev());
    front
}

/// Between what was found and what was demanded.
const WANTED: &str = ", wanted ";

/// `identity: A, wanted B` as its two sides. Where one cut goes through both, the front of one
/// value and the end of the other look like a value that nobody wrote.
pub fn compared(harmless: &str) -> Option<(&str, &str)> {
    let (found, _) = harmless.split_once(WANTED)?;
    Some((found, harmless.strip_prefix(found)?.strip_prefix(", ")?))
}

/// Both sides in at most `room` columns, each cut in its own middle.
pub fn fit_compared((found, wanted): (&str, &str), room: u16) -> String {
    let room = room.saturating_sub(2);
    let (first, second) = (columns(found), columns(wanted));
    let half = room / 2;
    let own = if first <= half { first } else { half.max(room.saturating_sub(second)) };
    let found = text::shorten(found, usize::from(own));
    let rest = room.saturating_sub(columns(&found));
    format!("{found}, {}", text::shorten(wanted, usize::from(rest)))
}

/// How many columns a text takes; never more than fit on any terminal.
pub fn columns(text: &str) -> u16 {
    u16::try_from(text.width()).unwrap_or(u16::MAX)
}

/// A count as columns or rows.
pub fn cells(n: usize) -> u16 {
    u16::try_from(n).unwrap_or(u16::MAX)
}

/// `812 B`, `11.4 KB`, `3.1 MB`.
pub fn bytes(n: u64) -> String {
    match n {
        0..1_000 => format!("{n} B"),
        1_000..1_000_000 => format!("{}.{} KB", n / 1_000, n % 1_000 / 100),
        1_000_000..1_000_000_000 => format!("{}.{} MB", n / 1_000_000, n % 1_000_000 / 100_000),
        _ => format!("{}.{} GB", n / 1_000_000_000, n % 1_000_000_000 / 100_000_000),
    }
}

/// `34 ms`, `2.1 s`.
pub fn millis(ms: u64) -> String {
    match ms {
        0..1_000 => format!("{ms} ms"),
        _ => format!("{}.{} s", ms / 1_000, ms % 1_000 / 100),
    }
}

/// `1 component`, `2 components`.
pub fn count(n: usize, one: &str) -> String {
    if n == 1 { format!("1 {one}") } else { format!("{n} {one}s") }
}

/// A point in time, to the second.
pub fn time(at: Timestamp) -> String {
    let second = Timestamp::from_second(at.as_second()).unwrap_or(at);
    second.to_string()
}

/// `text` in pieces of at most `columns` columns, at most `lines` of them; a cut says so.
///
/// A word that fits on a line stands on one. A longer one, an address or a digest, breaks behind
/// one of its marks where one is near, else anywhere.
pub fn wrap(text: &str, columns: u16, lines: usize) -> Vec<String> {
    let room = usize::from(columns.max(2));
    let mut out = Wrapped { room, most: lines, all: Vec::new(), line: String::new() };
    for word in text.split_inclusive(' ') {
        let bare = word.trim_end_matches(' ').width();
        let left = room.saturating_sub(out.line.width());
        let full =
            if bare > left && (bare <= room || left < room / 2) { out.end_line() } else { false };
        if full || !out.put(word, bare) {
            return out.all;
        }
    }
    if out.line.width() > room {
        out.line.truncate(out.line.trim_end().len());
    }
    out.all.push(out.line);
    out.all
}

/// Behind these an address may go on on the next line.
const MARKS: [char; 9] = ['/', '@', ',', ';', ':', '-', '=', '&', '?'];

/// Lines in the making.
struct Wrapped {
    room: usize,
    most: usize,
    all: Vec<String>,
    line: String,
}

impl Wrapped {
    /// Ends the line; says whether it was the last one, which then says that it is cut.
    fn end_line(&mut self) -> bool {
        let mut line = std::mem::take(&mut self.line);
        line.truncate(line.trim_end().len());
        let last = self.all.len() + 1 >= self.most;
        if last {
            while line.width() + 1 > self.room {
                line.pop();
            }
            line.push('…');
        }
        self.all.push(line);
        last
    }

    /// Puts in one word with its blanks; says whether there was room.
    fn put(&mut self, word: &str, bare: usize) -> bool {
        if self.line.width() + bare <= self.room {
            self.line.push_str(word);
            return true;
        }
        for cluster in word.graphemes(true) {
            if self.line.width() + cluster.width() > self.room && cluster != " " {
                let near = self.line.rfind(MARKS).filter(|at| at + 1 > self.line.len() / 2);
                let last = self.all.len() + 1 >= self.most;
                let rest = match near {
                    Some(at) if !last => self.line.split_off(at + 1),
                    _ => String::new(),
                };
                if self.end_line() {
                    return false;
                }
                self.line = rest;
            }
            self.line.push_str(cluster);
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrapping_loses_nothing_or_says_so() {
        assert_eq!(wrap("abcdef", 4, 9), ["abcd", "ef"]);
        assert_eq!(wrap("日本語", 5, 9), ["日本", "語"]);
        assert_eq!(wrap("abcdefgh", 3, 2), ["abc", "de…"]);
        assert_eq!(wrap("", 3, 2), [""]);
        assert_eq!(wrap("one two three", 9, 9), ["one two", "three"]);
        assert_eq!(wrap("a longword", 6, 9), ["a long", "word"]);
        assert_eq!(wrap("ab longer", 7, 9), ["ab", "longer"], "a word that fits is not broken");
        assert_eq!(wrap("by https://a.example/bc/de", 18, 9), ["by https://", "a.example/bc/de"]);
        assert_eq!(wrap("at org/beacon/release.yml", 14, 9), ["at org/beacon/", "release.yml"]);
        assert_eq!(wrap("sha256:0123456789ab", 12, 9), ["sha256:", "0123456789ab"]);
        assert_eq!(wrap("one two  ", 7, 9), ["one two"]);
        assert_eq!(wrap("one two three", 7, 1), ["one tw…"]);
    }

    #[test]
    fn what_was_found_and_what_was_wanted_are_cut_apart() {
        let text = "identity: https://github.com/a/b/.github/workflows/release.yml@refs/heads/main, \
                    wanted ~ ^https://github.com/a/b/.github/workflows/release.yml@refs/tags/v.*$";
        let both = compared(text).unwrap();
        for room in [60, 80, 100] {
            let cut = fit_compared(both, room);
            assert!(columns(&cut) <= room, "{cut}");
            for words in ["identity: h", "heads/main, wanted ~ ^h", "…", "/tags/v.*$"] {
                assert!(cut.contains(words), "{words}: {cut}");
            }
        }
        assert_eq!(fit_compared(both, 200), text);
        assert_eq!(fit_compared(("a", "wanted bcdefghijk"), 14), "a, wante…ghijk");
        assert_eq!(compared("no signature is there"), None);
    }

    #[test]
    fn huge_texts_are_cut_before_they_are_read() {
        let bomb = format!("e{}", "\u{301}".repeat(5_000_000));
        let safe = shown(&bomb);
        assert!(safe.len() < 4096 && safe.ends_with("…[10000001 bytes]"));
    }

    #[test]
    fn numbers_are_short() {
        assert_eq!(bytes(8_123), "8.1 KB");
        assert_eq!(bytes(12), "12 B");
        assert_eq!(millis(2_140), "2.1 s");
        assert_eq!(count(1, "tag"), "1 tag");
    }
}
