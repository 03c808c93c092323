//! What would change in a file: its lines, and which of them fit.

use crate::tui::{
    pinning::Draft,
    state::State,
    text::{shown, wrap},
    theme::Role,
};

/// The widest that a diff is shown.
const WIDEST: u16 = 160;
/// Lines around the diff: the frame, the file, a note and the keys; and those of the screen that
/// stay free.
const AROUND: u16 = 5 + 3;
/// The most lines that one line of a file is wrapped to.
const MAX_LINES: usize = 40;

/// Columns of the dialog, and of a line in it.
pub fn columns(state: &State) -> (u16, u16) {
    let width = state.size.0.saturating_sub(4).min(WIDEST);
    (width, width.saturating_sub(4))
}

/// How many lines of the diff fit.
pub fn rows(state: &State) -> usize {
    usize::from(state.size.1.saturating_sub(AROUND)).max(1)
}

/// Every line of the diff, wrapped; harmless.
pub fn lines(draft: &Draft, room: u16) -> Vec<(String, Role)> {
    // The first two lines name the file, which stands above.
    let each = draft.diff.lines().skip(2).flat_map(|text| {
        let role = match text.chars().next() {
            Some('+') => Role::Proved,
            Some('-') => Role::Refuted,
            Some('@') => Role::Dim,
            _ => Role::Text,
        };
        wrap(&shown(text), room, MAX_LINES).into_iter().map(move |line| (line, role))
    });
    each.collect()
}

/// The first line of the last screen.
pub fn last(state: &State, draft: &Draft) -> usize {
    let (_, room) = columns(state);
    lines(draft, room).len().saturating_sub(rows(state))
}
