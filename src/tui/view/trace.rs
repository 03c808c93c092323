//! The rows of the trace.

use ratatui::layout::Rect;

use super::paint::{Paint, cut};
use crate::tui::{
    layout::inside,
    panes::{
        self,
        trace::{self, TraceRow},
    },
    state::{Focus, State},
    text::columns,
    theme::Role,
};

/// Columns of the time, of how it ended, and of who asked.
const COLUMNS: [u16; 3] = [9, 8, 19];

pub(super) fn rows(state: &State, area: Rect, paint: &mut Paint<'_>) {
    let list = inside(area);
    let len = trace::len(state);
    if len == 0 {
        let (_, words) = panes::empty::why(state);
        let room = list.width.saturating_sub(2);
        paint.text((list.x + 1, list.y), room, &cut(&words, room), Role::Dim);
        return;
    }
    let at = state.master();
    let rows = trace::window(state, at.offset, usize::from(list.height));
    for ((number, line), row) in Paint::lines(list, at).zip(&rows) {
        draw(row, line, paint);
        if number == at.selected {
            paint.select(line, state.focus == Focus::Master);
        }
    }
    paint.scrollbar(area, len, at.offset);
}

fn draw(row: &TraceRow, line: Rect, paint: &mut Paint<'_>) {
    let (mut x, mut end) = (line.x + 1, line.right().saturating_sub(1));
    let cells = [(&row.at, Role::Dim), (&row.status, row.role), (&row.who, Role::Dim)];
    for ((text, role), wide) in cells.into_iter().zip(COLUMNS) {
        // What asked stands in the details too, so it goes first where there is no room.
        if wide == COLUMNS[2] && line.width < 80 {
            continue;
        }
        paint.text((x, line.y), wide - 1, &cut(text, wide - 1), role);
        x += wide;
    }
    if columns(&row.right) + 30 < end.saturating_sub(x) {
        end -= paint.right(end, line.y, &row.right, Role::Dim) + 2;
    }
    let room = end.saturating_sub(x);
    // Addresses of one repository begin alike.
    let text = crate::domain::text::shorten(&row.text, usize::from(room));
    paint.text((x, line.y), room, &text, row.role);
}
