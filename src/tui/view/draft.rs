//! What would change in a file, before it is written.

use super::{paint::Paint, pin::middle};
use crate::{
    domain::text::shorten,
    tui::{
        panes::draft::{columns, last, lines, rows},
        pinning::Draft,
        state::State,
        text::{cells, count, shown},
        theme::Role,
    },
};

pub(super) fn dialog(state: &State, draft: &Draft, from: usize, paint: &mut Paint<'_>) {
    let (width, room) = columns(state);
    let (all, last) = (lines(draft, room), last(state, draft));
    let from = from.min(last);
    let shown_lines = all.len().min(rows(state));
    let area = middle(state, width, cells(shown_lines + 5));
    paint.clear(area);
    paint.frame(area, "Pin: what would change", true);
    let mut y = area.y + 1;
    let mut line = |words: &str, role: Role| {
        paint.text((area.x + 2, y), room, &shorten(words, usize::from(room)), role);
        y += 1;
    };
    let changes = count(draft.changes, "reference");
    line(&format!("{} · {changes}", shown(&draft.path)), Role::Title);
    for (text, role) in all.iter().skip(from).take(shown_lines) {
        line(text, *role);
    }
    line(draft.note.unwrap_or_default(), Role::Warning);
    let keys = if from < last {
        let more = count(last - from, "line");
        format!("↓ PgDn {more} more, then y writes it · Esc leaves it")
    } else {
        "y asks for the tag once more and writes it · Esc leaves it".to_owned()
    };
    line(&keys, Role::Dim);
}
