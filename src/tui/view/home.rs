//! The first screen: a field, what was opened, what can be opened.

use ratatui::layout::Rect;

use super::paint::{Paint, cut};
use crate::{
    domain::text::{safe, shorten},
    tui::{
        mark::MARK_COLUMNS,
        panes::badge,
        state::{Asking, State},
        text::{columns, shown},
        theme::Role,
    },
};

/// What can be written into the field.
const TARGETS: [(&str, &str); 6] = [
    ("ghcr.io/owner/name:tag", "an image, a chart or another artifact"),
    ("ghcr.io/owner/name@sha256:…", "the same, by its digest"),
    ("ghcr.io/owner/name", "a repository: its tags"),
    ("oci:DIR  oci:DIR:TAG", "an OCI image layout on this machine"),
    ("oci:FILE.tar", "the same, as a tar file"),
    ("./DIR  /DIR", "a release folder: files and their evidence"),
];

pub(super) fn home(state: &State, area: Rect, paint: &mut Paint<'_>) -> Option<(u16, u16)> {
    let width = area.width.saturating_sub(4).min(96);
    let column = Rect { x: area.x + (area.width - width) / 2, width, ..area };
    let spare = area.height.saturating_sub(18) / 3;
    let mut y = area.y + spare;
    let cursor = field(state, Rect { y, height: 3, ..column }, paint);
    y += 3;
    wrong(state, (column.x, y), column.width, paint);
    y = lists(state, Rect { y: y + 2, ..column }, area.bottom(), paint);
    if y + 2 < area.bottom() {
        paint.text((column.x, y), column.width, "What can be opened", Role::Title);
        y += 1;
        for (written, is) in TARGETS {
            if y >= area.bottom() {
                break;
            }
            paint.text((column.x + 2, y), 32, written, Role::Text);
            paint.text((column.x + 34, y), column.width.saturating_sub(34), is, Role::Dim);
            y += 1;
        }
    }
    cursor
}

fn field(state: &State, area: Rect, paint: &mut Paint<'_>) -> Option<(u16, u16)> {
    let field = state.field.as_ref().filter(|f| f.asking == Asking::Target);
    paint.frame(area, "Open", field.is_some());
    let at = (area.x + 2, area.y + 1);
    let room = area.width.saturating_sub(4);
    match field {
        Some(field) => Some(paint.field(at, room, (&field.text, field.at))),
        None => {
            paint.text(at, room, "o writes here", Role::Dim);
            None
        }
    }
}

/// A caret under the letter that is wrong, and why it is.
fn wrong(state: &State, (x, y): (u16, u16), width: u16, paint: &mut Paint<'_>) {
    let Some(field) = &state.field else { return };
    let Some((at, words)) = &field.wrong else { return };
    let before: String = field.text.chars().take(*at).collect();
    let caret = columns(&safe(&before)).min(width.saturating_sub(4));
    let words = format!("↑ {}", shown(words));
    let start = (x + 2 + caret).min((x + width).saturating_sub(columns(&words).min(width)));
    paint.text((start, y), width, &words, Role::Refuted);
}

/// Recent targets and the demo; answers the line below them.
fn lists(state: &State, area: Rect, bottom: u16, paint: &mut Paint<'_>) -> u16 {
    let mut y = area.y;
    if !state.recents.is_empty() {
        paint.text((area.x, y), area.width, "Recent", Role::Title);
        y += 1;
    }
    let places = state.recents.iter().map(Some).chain(state.demo.as_ref().map(|_| None));
    for (number, place) in places.enumerate() {
        if place.is_none() {
            y += u16::from(number > 0);
            paint.text((area.x, y), area.width, "Built in", Role::Title);
            y += 1;
        }
        if y >= bottom {
            return y;
        }
        let line = Rect { y, height: 1, ..area };
        let room = area.width.saturating_sub(MARK_COLUMNS + 4);
        match place {
            Some(subject) => {
                let slot = state.known.get(subject);
                let (mark, word) = badge(slot);
                let words = format!("{} {word}", mark.glyph());
                paint.text((line.x + 2, y), MARK_COLUMNS, &cut(&words, MARK_COLUMNS), mark.role());
                let name = shorten(&shown(&subject.to_string()), usize::from(room));
                paint.text((line.x + 2 + MARK_COLUMNS, y), room, &name, Role::Text);
            }
            None => {
                paint.text((line.x + 2, y), MARK_COLUMNS, "demo", Role::Text);
                let words = "a signed release by nobody that exists; no network";
                paint.text((line.x + 2 + MARK_COLUMNS, y), room, &cut(words, room), Role::Dim);
            }
        }
        if number == state.home.selected {
            let typing = state.field.as_ref().is_some_and(|f| !f.text.is_empty());
            paint.select(line, !typing);
        }
        y += 1;
    }
    if y > area.y { y + 1 } else { y }
}
