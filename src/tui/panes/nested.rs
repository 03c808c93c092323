//! What refers to platforms and to referrers: rows of the tree, under what they hang on.

use super::{Key, Row, overview};
use crate::{
    domain::Digest,
    inspect::{
        CheckState, Facts, Inspection,
        nested::{self, Branch, Hanging},
    },
    tui::{mark::Mark, text::shown, theme::Role},
};

/// The rows below one entry of the index.
pub(super) fn below(seen: &Inspection, tree: &[Branch<'_>], entry: &Digest) -> Vec<Row> {
    let is_it =
        |branch: &Branch<'_>| matches!(branch.what, Hanging::Entry(d) if d.digest == *entry);
    let behind = tree.iter().skip_while(|branch| !is_it(branch)).skip(1);
    behind.take_while(|branch| branch.depth > 0).map(|branch| row(seen, branch)).collect()
}

/// The rows of what refers to the artifact itself, where something hangs below it: else the other
/// panes show it all.
pub(super) fn referrers(seen: &Inspection, tree: &[Branch<'_>]) -> Vec<Row> {
    let first = |b: &Branch<'_>| b.depth == 0 && !matches!(b.what, Hanging::Entry(_));
    let behind: Vec<&Branch<'_>> = tree.iter().skip_while(|branch| !first(branch)).collect();
    if behind.iter().all(|b| b.depth == 0 && matches!(b.what, Hanging::Referrer(..))) {
        return vec![];
    }
    behind.into_iter().map(|branch| row(seen, branch)).collect()
}

/// For Overview, where nothing that hangs below has a row: evidence on a platform is that one's
/// alone, and whoever finds none of the index would miss it.
pub(super) fn hint(seen: &Inspection) -> Option<Row> {
    let (mut on, mut names) = (None, Vec::new());
    for branch in nested::tree(seen) {
        match branch.what {
            Hanging::Entry(entry) => on = Some(entry),
            _ if branch.depth == 0 => on = None,
            Hanging::Referrer(_, id) => {
                let evidence = matches!(seen.checks.get(&id),
                    Some(CheckState::Done { finding, .. }) if matches!(finding.facts, Facts::Pieces(_)));
                if let Some(entry) = on.filter(|_| evidence) {
                    let platform = entry.platform.as_ref().map(ToString::to_string);
                    names.push(platform.unwrap_or_else(|| entry.digest.short()));
                    on = None;
                }
            }
            Hanging::Unread(_) | Hanging::NotAsked(_) => {}
        }
    }
    (!names.is_empty()).then(|| {
        let words = shown(&format!("evidence on {}: see 5", names.join(", ")));
        Row::new(Key::Note(words.clone()), None, "below").text(words).role(Role::Dim)
    })
}

fn row(seen: &Inspection, branch: &Branch<'_>) -> Row {
    let indent = "  ".repeat(branch.depth.saturating_sub(1));
    let hook = if branch.depth == 0 { "" } else { "└ " };
    let name = |word: &str| format!("{indent}{hook}{word}");
    match &branch.what {
        Hanging::Entry(entry) => Row::new(Key::Platform(entry.digest.clone()), None, name("entry")),
        Hanging::Unread(why) => note(Mark::Undecided, &name("unread"), why),
        Hanging::NotAsked(why) => note(Mark::NotYet, &name("more"), why),
        Hanging::Referrer(referrer, id) => {
            let right = referrer.descriptor.digest.short();
            let row = |mark, word: &str| {
                Row::new(Key::Check(id.clone()), Some(mark), name(word)).right(right.clone())
            };
            match seen.checks.get(id) {
                Some(CheckState::Done { finding, .. }) => {
                    let word = nested::word(finding);
                    row(overview::mark_of(finding), word).text(shown(&finding.summary))
                }
                Some(CheckState::Running { .. }) => row(Mark::Running, "referrer").role(Role::Dim),
                None => row(Mark::NotYet, "referrer").text("not looked at").role(Role::Dim),
            }
        }
    }
}

fn note(mark: Mark, name: &str, why: &str) -> Row {
    Row::new(Key::Note(shown(why)), Some(mark), name).text(shown(why)).role(Role::Dim)
}
