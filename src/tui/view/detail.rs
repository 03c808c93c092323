//! What is known of the selected row.

use ratatui::layout::Rect;

use super::paint::Paint;
use crate::domain::text::shorten;
use crate::tui::{
    detail::Line,
    layout::inside,
    mark::MARK_COLUMNS,
    state::{Focus, State},
    theme::Role,
};

pub(super) fn detail(state: &State, area: Rect, paint: &mut Paint<'_>) {
    let focused = state.focus == Focus::Detail;
    paint.frame(area, &state.detail.title, focused);
    let list = inside(area);
    let lines = state.detail.lines(list.width);
    let at = state.detail.cursor;
    for (number, row) in Paint::lines(list, at) {
        let Some(line) = lines.get(number) else { break };
        draw(state, line, row, paint);
        if focused && line.index == at.selected {
            paint.select(row, true);
        }
    }
    paint.scrollbar(area, lines.len(), at.offset);
}

fn draw(state: &State, line: &Line<'_>, row: Rect, paint: &mut Paint<'_>) {
    let node = line.node;
    let value = row.x + node.value_column(row.width);
    if line.first {
        let mut x = row.x + node.label_column();
        if node.parent {
            let sign = if state.detail.is_unfolded(node) { "▾" } else { "▸" };
            paint.text((x.saturating_sub(2), row.y), 1, sign, Role::Dim);
        }
        let mut behind = value;
        match node.mark {
            Some(mark) if node.mark_first => {
                x += paint.mark((x, row.y), MARK_COLUMNS, mark).max(MARK_COLUMNS);
            }
            Some(mark) => {
                behind = value.saturating_sub(MARK_COLUMNS);
                paint.mark((behind, row.y), MARK_COLUMNS, mark);
            }
            None => {}
        }
        let role = if node.parent { Role::Title } else { Role::Dim };
        let room = behind.saturating_sub(x + 1);
        // Names of tags begin with a digest and end in what tells them apart.
        paint.text((x, row.y), room, &shorten(&node.label, usize::from(room)), role);
    }
    let room = row.right().saturating_sub(value);
    paint.text((value, row.y), room, &line.value, node.role);
}
