//! The row of one tag: its name and its other names, where it points, since when, how that stands.

use ratatui::layout::Rect;

use super::paint::{Paint, cut};
use crate::{
    domain::{Digest, Repository, Tag, Timestamp, text::shorten, verdict::Answer},
    inspect::tags::Moved,
    tui::{
        mark::Mark,
        panes::{badge, browser},
        state::State,
        tags::{Known, Validity},
        text::shown,
        theme::Role,
    },
};

/// Columns of `? undecided` and `! TAG MOVED`.
const BADGE: u16 = 12;
/// Columns of `77a0…be12`.
const DIGEST: u16 = 9;
/// Columns of `2026-05-06`.
const DATE: u16 = 10;
/// Columns of `12 min`.
const AGE: u16 = 6;
/// The columns before the name and behind the last column.
const AROUND: u16 = 5;
/// The least columns of a name, and the most where something else can use them.
const NAME: u16 = 18;
const NAME_MOST: u16 = 24;

/// The least columns of a reason that says something.
const REASON: u16 = 12;

/// What stands beside a name, the most important first. The order is the same at every width; where
/// there is little room the last ones are left out.
const COLUMNS: [(Column, u16); 4] = [
    (Column::Standing, BADGE),
    (Column::Digest, DIGEST),
    (Column::Created, DATE),
    (Column::Age, AGE),
];

#[derive(Clone, Copy, PartialEq, Eq)]
enum Column {
    /// The verdict and its word.
    Standing,
    /// Where the tag points.
    Digest,
    /// Since when, as the image says.
    Created,
    /// How old the verdict is.
    Age,
}

/// How many of [`COLUMNS`] fit, and the columns of the name.
fn fitting(width: u16) -> (usize, u16) {
    let used = |number: usize| COLUMNS.iter().take(number).map(|(_, wide)| wide + 1).sum::<u16>();
    let room = |number: usize| width.saturating_sub(AROUND + used(number));
    let number = (2..=COLUMNS.len()).rev().find(|n| room(*n) >= NAME).unwrap_or(1);
    let rest = room(number);
    // Beside all of them the reason has the remaining room.
    (number, if number == COLUMNS.len() { NAME_MOST.min(rest) } else { rest })
}

pub(super) fn tag(state: &State, (n, tag): (usize, usize), line: Rect, paint: &mut Paint<'_>) {
    let Some(node) = state.browser.repositories.get(n) else { return };
    let Some(name) = node.tags.get(tag) else { return };
    let subject = browser::subject(&state.browser, n, tag);
    let open = subject.is_some() && state.open == subject;
    let known = state.tags.known(&node.repository, name);
    let moved = match known {
        Some(Known::Found { moved, .. }) => moved.as_deref(),
        _ => None,
    };
    let alarm = moved.is_some_and(Moved::is_alarm);
    if open {
        paint.text((line.x + 2, line.y), 1, "▸", Role::Focus);
    }
    if moved.is_some() {
        let role = if alarm { Role::Alarm } else { Role::Warning };
        paint.text((line.x + 1, line.y), 1, Mark::Warning.glyph(), role);
    }
    let standing = standing(state, &node.repository, name, alarm);
    let (number, name_columns) = fitting(line.width);
    let name_role = if open { Role::Title } else { Role::Text };
    names(state, (&node.repository, name), (line.x + 4, line.y, name_columns), name_role, paint);
    let x = line.x + 4 + name_columns + 1;
    beside(known, &standing, number, Rect { x, width: line.right() - x, ..line }, paint);
}

/// The first `number` columns, and the reason where there is room behind all of them.
fn beside(
    known: Option<&Known>,
    standing: &Standing,
    number: usize,
    line: Rect,
    paint: &mut Paint<'_>,
) {
    let (place, place_role) = place(known);
    let mut x = line.x;
    for (column, width) in COLUMNS.into_iter().take(number) {
        let (words, role) = match column {
            // Where nobody looked, and there is room for one word only, it is where it points.
            Column::Standing if number == 1 && !standing.looked_at => (place.clone(), place_role),
            Column::Standing => (standing.words.clone(), standing.role),
            Column::Digest => (place.clone(), place_role),
            Column::Created => (created(known), Role::Dim),
            Column::Age => (standing.age.clone(), Role::Dim),
        };
        paint.text((x, line.y), width, &words, role);
        x += width + 1;
    }
    if number < COLUMNS.len() {
        return;
    }
    let room = line.right().saturating_sub(x + 1);
    if room < REASON {
        return;
    }
    let words = match known {
        Some(Known::Found { moved: Some(moved), .. }) => {
            format!("pointed at {} before", short(&moved.was.digest))
        }
        Some(Known::Failed(_, why)) => why.clone(),
        _ => standing.reason.clone(),
    };
    paint.text((x, line.y), room, &cut(&words, room), Role::Dim);
}

/// The name, and behind it the others that point at the same digest: `latest = 4.1.0`.
fn names(
    state: &State,
    (repository, tag): (&Repository, &Tag),
    (x, y, room): (u16, u16, u16),
    role: Role,
    paint: &mut Paint<'_>,
) {
    let name = shorten(&shown(tag.as_str()), usize::from(room));
    let used = paint.text((x, y), room, &name, role);
    let others = state.tags.same(repository, tag);
    let left = room.saturating_sub(used);
    if others.is_empty() || left < 6 {
        return;
    }
    let words = format!(" = {}", others.join(", "));
    paint.text((x + used, y), left, &cut(&words, left), Role::Dim);
}

/// How a tag stands.
struct Standing {
    words: String,
    role: Role,
    age: String,
    reason: String,
    /// Whether anybody looked at it.
    looked_at: bool,
}

/// The open target's own state first; else the verdict that is known over this digest. A verdict
/// under another policy, root or digest is shown grey and said to be old.
fn standing(state: &State, repository: &Repository, tag: &Tag, alarm: bool) -> Standing {
    let subject = browser::subject_of(repository, tag);
    let slot = state.known.get(&subject);
    let (mark, word) = badge(slot);
    let marked = state.tags.marked(repository, tag);
    let age = marked.map(|(marked, _)| age(marked.at, state.now)).unwrap_or_default();
    let reason = marked.map(|(marked, _)| shown(&marked.reason)).unwrap_or_default();
    let words = |mark: Mark, word: &str| format!("{} {word}", mark.glyph());
    let (words, role, looked_at) = if alarm {
        (words(Mark::Warning, "TAG MOVED"), Role::Alarm, true)
    } else {
        match (slot.filter(|slot| slot.run.is_some() || slot.moved.is_some()), marked) {
            (Some(_), _) => (words(mark, word), mark.role(), true),
            (None, Some((marked, Validity::Holds))) => {
                (words(marked.mark, marked.word), marked.mark.role(), true)
            }
            (None, Some((marked, Validity::Stale))) => {
                (format!("{} old", words(marked.mark, marked.word)), Role::Dim, true)
            }
            (None, None) => (words(mark, word), mark.role(), slot.is_some()),
        }
    };
    Standing { words, role, age, reason, looked_at }
}

/// Where a tag points, as far as that is known.
fn place(known: Option<&Known>) -> (String, Role) {
    match known {
        None => (String::new(), Role::Dim),
        Some(Known::Asking(_)) => (Mark::Running.glyph().to_owned(), Role::Running),
        Some(Known::Found { facts, .. }) => (short(&facts.digest), Role::Dim),
        Some(Known::Failed(Answer::Absent, _)) => ("– gone".to_owned(), Role::Dim),
        Some(Known::Failed(..)) => ("? unread".to_owned(), Role::Undecided),
    }
}

fn created(known: Option<&Known>) -> String {
    match known {
        Some(Known::Found { facts, .. }) => {
            facts.created.map(|at| at.strftime("%Y-%m-%d").to_string()).unwrap_or_default()
        }
        _ => String::new(),
    }
}

/// `77a0…be12`.
fn short(digest: &Digest) -> String {
    shorten(digest.hex(), usize::from(DIGEST))
}

/// `now`, `12 min`, `3 h`.
fn age(at: Timestamp, now: Timestamp) -> String {
    match now.duration_since(at).as_secs() {
        ..60 => "now".to_owned(),
        seconds @ 60..3_600 => format!("{} min", seconds / 60),
        seconds => format!("{} h", seconds / 3_600),
    }
}
