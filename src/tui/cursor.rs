//! Selection and scroll offset of one list: plain data that `update` moves and `view` reads.

/// Where a list stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cursor {
    /// The row under the cursor.
    pub selected: usize,
    /// The first row that is drawn.
    pub offset: usize,
}

/// One movement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// One row up.
    Up,
    /// One row down.
    Down,
    /// A screen up.
    PageUp,
    /// A screen down.
    PageDown,
    /// To the first row.
    Top,
    /// To the last row.
    Bottom,
}

impl Step {
    /// Whether it goes towards the end.
    pub const fn forward(self) -> bool {
        matches!(self, Self::Down | Self::PageDown | Self::Bottom)
    }
}

impl Cursor {
    /// Moves over `len` rows, `page` of which are drawn.
    pub fn step(&mut self, step: Step, len: usize, page: usize) {
        let page = page.saturating_sub(1).max(1);
        let last = len.saturating_sub(1);
        self.selected = match step {
            Step::Up => self.selected.saturating_sub(1),
            Step::Down => self.selected + 1,
            Step::PageUp => self.selected.saturating_sub(page),
            Step::PageDown => self.selected + page,
            Step::Top => 0,
            Step::Bottom => last,
        }
        .min(last);
    }

    /// The same, but the cursor never stays on a row that cannot be selected.
    pub fn step_over(&mut self, step: Step, page: usize, selectable: &[bool]) {
        let before = self.selected;
        self.step(step, selectable.len(), page);
        let may = |i: &usize| selectable.get(*i).copied().unwrap_or(false);
        let onward = (self.selected..selectable.len()).find(may);
        let back = (0..=self.selected).rev().find(may);
        let found = if step.forward() { onward.or(back) } else { back.or(onward) };
        self.selected = found.unwrap_or(before);
    }

    /// Brings the selected row into the `height` rows that are drawn.
    pub fn settle(&mut self, len: usize, height: usize) {
        self.selected = self.selected.min(len.saturating_sub(1));
        self.offset = self.offset.min(len.saturating_sub(height)).min(self.selected);
        self.offset = self.offset.max((self.selected + 1).saturating_sub(height.max(1)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cursor_stays_in_the_list_and_on_the_screen() {
        for (from, step, len, to) in [
            (0, Step::Up, 5, 0),
            (4, Step::Down, 5, 4),
            (0, Step::PageDown, 5, 2),
            (0, Step::Bottom, 5, 4),
            (4, Step::Top, 5, 0),
            (0, Step::Bottom, 0, 0),
        ] {
            let mut cursor = Cursor { selected: from, offset: 0 };
            cursor.step(step, len, 3);
            cursor.settle(len, 3);
            assert_eq!(cursor.selected, to, "{from} {step:?}");
            assert!(cursor.offset <= to && to < cursor.offset + 3);
        }
    }

    #[test]
    fn headings_are_stepped_over() {
        let rows = [true, false, true, false];
        let mut cursor = Cursor::default();
        for (step, to) in [(Step::Down, 2), (Step::Down, 2), (Step::Up, 0), (Step::Bottom, 2)] {
            cursor.step_over(step, 10, &rows);
            assert_eq!(cursor.selected, to, "{step:?}");
        }
    }
}
