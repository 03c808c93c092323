//! Unified diffs of files in which a few lines were replaced or put in.

/// How many equal lines stand around a change.
const CONTEXT: usize = 3;
/// How far is looked for the next equal line; what is further away is shown as replaced as a whole,
/// which is longer to read and just as right. Nothing that sigscope writes is further away.
const REACH: usize = 64;

/// One stretch of lines that differ: where in the old and in the new file, and how many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Change {
    old: (usize, usize),
    new: (usize, usize),
}

/// `old` and `new` as a unified diff with three lines of context; empty where they are equal.
/// Foreign text: whoever prints it makes it harmless.
pub fn unified_diff(name: &str, old: &[u8], new: &[u8]) -> String {
    let (old, new) = (String::from_utf8_lossy(old), String::from_utf8_lossy(new));
    let (old, new) = (lines(&old), lines(&new));
    let changes = changes(&old, &new);
    if changes.is_empty() {
        return String::new();
    }
    let mut out = format!("--- {}\n+++ {}\n", header("a/", name), header("b/", name));
    let close = |a: &Change, b: &Change| b.old.0 - (a.old.0 + a.old.1) <= 2 * CONTEXT;
    for hunk in changes.chunk_by(close) {
        push_hunk(&mut out, hunk, &old, &new);
    }
    out
}

/// A name as git and GNU `patch` read it. One with a line break in it would be a diff of its own, of
/// any other file (CWE-93): it stands in quotes, with C's escapes.
fn header(prefix: &str, name: &str) -> String {
    let odd = |c: char| c.is_control() || matches!(c, '"' | '\\');
    if name.contains(odd) {
        let mut out = format!("\"{prefix}");
        for c in name.chars() {
            if odd(c) {
                let mut bytes = [0; 4];
                for byte in c.encode_utf8(&mut bytes).bytes() {
                    out.push_str(&format!("\\{byte:03o}"));
                }
            } else {
                out.push(c);
            }
        }
        out.push('"');
        return out;
    }
    // A name ends at a tab: without one, `patch` takes it to end at its first space.
    let tab = if name.contains(' ') { "\t" } else { "" };
    format!("{prefix}{name}{tab}")
}

fn lines(text: &str) -> Vec<&str> {
    text.split_inclusive('\n').collect()
}

fn changes(old: &[&str], new: &[&str]) -> Vec<Change> {
    let mut all = vec![];
    let (mut a, mut b) = (0, 0);
    loop {
        while a < old.len() && old.get(a) == new.get(b) {
            (a, b) = (a + 1, b + 1);
        }
        if a == old.len() && b == new.len() {
            return all;
        }
        let (left, right) = next_equal(old, new, a, b);
        all.push(Change { old: (a, left - a), new: (b, right - b) });
        (a, b) = (left, right);
    }
}

/// The nearest two lines behind `a` and `b` that are equal, or the ends.
fn next_equal(old: &[&str], new: &[&str], a: usize, b: usize) -> (usize, usize) {
    let same = |x: usize, y: usize| {
        (x == old.len() && y == new.len()) || (x < old.len() && old.get(x) == new.get(y))
    };
    for far in 1..=REACH {
        // What is at most so far away in both: first where it is near in one of them, and rather
        // where the next line is equal too, because lines like `---` are in many places.
        let pairs = (0..=far).flat_map(|near| [(near, far), (far, near)]);
        let mut equal = pairs.map(|(x, y)| (a + x, b + y)).filter(|(x, y)| same(*x, *y));
        if let Some(first) = equal.next() {
            let mut all = std::iter::once(first).chain(equal);
            return all.find(|(x, y)| same(x + 1, y + 1)).unwrap_or(first);
        }
    }
    let rest = |lines: &[&str], from: usize| lines.len().saturating_sub(from);
    let most = rest(old, a).min(rest(new, b));
    let same =
        old.iter().rev().zip(new.iter().rev()).take(most).take_while(|(x, y)| x == y).count();
    (old.len() - same, new.len() - same)
}

fn push_hunk(out: &mut String, hunk: &[Change], old: &[&str], new: &[&str]) {
    let (Some(first), Some(last)) = (hunk.first(), hunk.last()) else { return };
    let lead = first.old.0.min(CONTEXT);
    let (start, new_start) = (first.old.0 - lead, first.new.0 - lead);
    let end = (last.old.0 + last.old.1 + CONTEXT).min(old.len());
    let new_end = last.new.0 + last.new.1 + end - (last.old.0 + last.old.1);
    let head = |start: usize, end: usize| match end - start {
        // POSIX `diff -u`: an empty range is counted from the line before it.
        0 => format!("{start},0"),
        1 => format!("{}", start + 1),
        n => format!("{},{n}", start + 1),
    };
    out.push_str(&format!("@@ -{} +{} @@\n", head(start, end), head(new_start, new_end)));
    let mut at = start;
    for change in hunk {
        push_lines(out, ' ', old, at, change.old.0);
        push_lines(out, '-', old, change.old.0, change.old.0 + change.old.1);
        push_lines(out, '+', new, change.new.0, change.new.0 + change.new.1);
        at = change.old.0 + change.old.1;
    }
    push_lines(out, ' ', old, at, end);
}

fn push_lines(out: &mut String, sign: char, lines: &[&str], from: usize, to: usize) {
    for line in lines.get(from..to).unwrap_or_default() {
        out.push(sign);
        out.push_str(line);
        if !line.ends_with('\n') {
            out.push_str("\n\\ No newline at end of file\n");
        }
    }
}
