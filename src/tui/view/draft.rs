//! What would change in a file, before it is written.

use ratatui::layout::Rect;

use super::paint::Paint;
use crate::{
    domain::text::shorten,
    tui::{
        pinning::Draft,
        state::State,
        text::{cells, count, shown},
        theme::Role,
    },
};

/// The widest that a diff is shown.
const WIDEST: u16 = 160;
/// Lines around the diff: the frame, the file, a blank line and the keys.
const AROUND: u16 = 6;

pub(super) fn dialog(state: &State, draft: &Draft, paint: &mut Paint<'_>) {
    let width = state.size.0.saturating_sub(4).min(WIDEST);
    let room = width.saturating_sub(4);
    let most = usize::from(state.size.1.saturating_sub(AROUND + 3));
    // The first two lines name the file twice; it stands above.
    let all: Vec<&str> = draft.diff.lines().skip(2).collect();
    let shown_lines = if all.len() > most { most.saturating_sub(1) } else { all.len() };
    let height = (cells(shown_lines.min(most) + usize::from(all.len() > most)) + AROUND)
        .min(state.size.1.saturating_sub(3));
    let area = Rect {
        x: (state.size.0 - width) / 2,
        y: 2 + (state.size.1.saturating_sub(3 + height)) / 2,
        width,
        height,
    };
    paint.clear(area);
    paint.frame(area, "Pin: what would change", true);
    let mut y = area.y + 1;
    let mut line = |words: &str, role: Role| {
        // A digest tells by its end what its front does not.
        paint.text((area.x + 2, y), room, &shorten(words, usize::from(room)), role);
        y += 1;
    };
    let changes = count(draft.changes, "reference");
    line(&format!("{} · {changes}", shown(&draft.path)), Role::Title);
    for text in all.iter().take(shown_lines) {
        let role = match text.chars().next() {
            Some('+') => Role::Proved,
            Some('-') => Role::Refuted,
            Some('@') => Role::Dim,
            _ => Role::Text,
        };
        line(&shown(text), role);
    }
    if all.len() > shown_lines {
        let more = count(all.len() - shown_lines, "line");
        line(&format!("… and {more} more; sigscope pin shows all of it"), Role::Warning);
    }
    line(draft.note.unwrap_or_default(), Role::Warning);
    line("y asks for the tag once more and writes it · Esc leaves it", Role::Dim);
}
