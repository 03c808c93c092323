//! The few ways in which anything gets onto the screen.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    style::{Modifier, Style},
    widgets::{Block, Widget as _},
};

use crate::{
    domain::text::shorten,
    tui::{
        cursor::Cursor,
        layout::inside,
        mark::Mark,
        text::{cells, columns},
        theme::{Role, Theme},
    },
};

/// A buffer and how it looks.
pub(super) struct Paint<'a> {
    /// What is drawn on.
    pub(in crate::tui::view) buffer: &'a mut Buffer,
    /// How roles look.
    pub(in crate::tui::view) theme: Theme,
}

pub(super) use crate::tui::text::cut_end as cut;

impl Paint<'_> {
    /// Text in at most `room` columns; answers the columns that it took.
    pub(in crate::tui::view) fn text(
        &mut self,
        at: (u16, u16),
        room: u16,
        text: &str,
        role: Role,
    ) -> u16 {
        let area = self.buffer.area;
        if at.1 >= area.bottom() || at.0 >= area.right() {
            return 0;
        }
        let room = usize::from(room.min(area.right() - at.0));
        let style = self.theme.style(role);
        let (end, _) = self.buffer.set_stringn(at.0, at.1, text, room, style);
        end - at.0
    }

    /// Text that ends at column `right`.
    pub(in crate::tui::view) fn right(
        &mut self,
        right: u16,
        y: u16,
        text: &str,
        role: Role,
    ) -> u16 {
        let width = columns(text).min(right);
        self.text((right - width, y), width, text, role)
    }

    /// A mark with its word.
    pub(in crate::tui::view) fn mark(&mut self, at: (u16, u16), room: u16, mark: Mark) -> u16 {
        let words = format!("{} {}", mark.glyph(), mark.word());
        self.text(at, room, &words, mark.role())
    }

    /// Lines around an area, with a heading.
    pub(in crate::tui::view) fn frame(&mut self, area: Rect, title: &str, focused: bool) {
        let role = if focused { Role::Focus } else { Role::Border };
        Block::bordered().border_style(self.theme.style(role)).render(area, self.buffer);
        if !title.is_empty() && area.width > 4 {
            let words = format!(" {} ", shorten(title, usize::from(area.width - 4)));
            let role = if focused { Role::Title } else { Role::Text };
            self.text((area.x + 1, area.y), area.width - 2, &words, role);
        }
    }

    /// Shows on the right line of a framed area which part of a list is in sight.
    pub(in crate::tui::view) fn scrollbar(&mut self, area: Rect, len: usize, offset: usize) {
        let track = inside(area);
        let (len, offset) = (u64::try_from(len).unwrap_or(u64::MAX), offset as u64);
        let rows = u64::from(track.height);
        if len <= rows || rows == 0 {
            return;
        }
        let thumb = (rows * rows / len).max(1);
        let first = offset.min(len - rows) * (rows - thumb) / (len - rows);
        for row in first..first + thumb {
            let y = track.y + u16::try_from(row).unwrap_or(0);
            self.text((area.right().saturating_sub(1), y), 1, "█", Role::Border);
        }
    }

    /// The row under the cursor: reversed where the keys go, bold elsewhere.
    pub(in crate::tui::view) fn select(&mut self, row: Rect, focused: bool) {
        let style = if focused {
            self.theme.style(Role::Selected)
        } else {
            Style::new().add_modifier(Modifier::BOLD)
        };
        self.buffer.set_style(row.intersection(self.buffer.area), style);
    }

    /// Draws over cells that show a match.
    pub(in crate::tui::view) fn highlight(&mut self, at: (u16, u16), width: u16) {
        let style = self.theme.style(Role::Focus).add_modifier(Modifier::UNDERLINED);
        let area = Rect { x: at.0, y: at.1, width, height: 1 };
        self.buffer.set_style(area.intersection(self.buffer.area), style);
    }

    /// Empties an area.
    pub(in crate::tui::view) fn clear(&mut self, area: Rect) {
        ratatui::widgets::Clear.render(area, self.buffer);
    }

    /// The lines of a list that are in sight, with their numbers.
    pub(in crate::tui::view) fn lines(
        area: Rect,
        cursor: Cursor,
    ) -> impl Iterator<Item = (usize, Rect)> {
        (0..area.height).map(move |i| {
            let row = Rect { x: area.x, y: area.y + i, width: area.width, height: 1 };
            (cursor.offset + usize::from(i), row)
        })
    }

    /// A field with its text; answers where the cursor stands.
    pub(in crate::tui::view) fn field(
        &mut self,
        at: (u16, u16),
        room: u16,
        field: (&str, usize),
    ) -> (u16, u16) {
        let (text, cursor) = field;
        let before: String = text.chars().take(cursor).collect();
        let before = crate::domain::text::safe(&before);
        // Long texts scroll so that the cursor stays in sight.
        let mut skipped = 0;
        let mut rest = before.as_str();
        let width = room.saturating_sub(1);
        while columns(rest) > width {
            let mut chars = rest.chars();
            chars.next();
            rest = chars.as_str();
            skipped += 1;
        }
        let whole = crate::domain::text::safe(text);
        let shown: String = whole.chars().skip(skipped).collect();
        self.text(at, room, &shown, Role::Text);
        (at.0 + columns(rest).min(cells(usize::from(width))), at.1)
    }
}
