//! What is in which release.

use ratatui::layout::Rect;

use super::paint::{Paint, cut};
use crate::{
    domain::text::shorten,
    inspect::sboms::Has,
    tui::{
        layout::inside,
        mark::Mark,
        panes::{
            names::widest,
            releases::{Asked, Releases},
        },
        theme::Role,
    },
};

/// Columns of `· UNVERIFIED`.
const STANDING: u16 = 12;
/// The fewest and the most columns of tags.
const TAG: (u16, u16) = (5, 28);
/// Lines above the rows.
const HEADER: u16 = 3;

/// The question, the counts, and a row for each release.
pub(super) fn rows(all: &Releases, area: Rect, focused: bool, paint: &mut Paint<'_>) {
    let mut list = inside(area);
    let room = list.width.saturating_sub(2);
    let [which, said] = all.head();
    paint.text((list.x + 1, list.y), room, &shorten(&which, usize::from(room)), Role::Text);
    paint.text((list.x + 1, list.y + 1), room, &cut(&said, room), Role::Title);
    let tag_columns = widest(all.rows.iter().map(|row| row.release.tag.as_str()), TAG.0, TAG.1);
    let columns = Columns::of(list, tag_columns);
    columns.draw(list.y + 2, ("tag", "standing", "found"), Role::Dim, paint);
    list.y += HEADER;
    list.height = list.height.saturating_sub(HEADER);
    let at = all.cursor;
    for (number, line) in Paint::lines(list, at) {
        let Some(row) = all.rows.get(number) else { break };
        let (mark, role) = mark(row, all.running());
        let tag = shorten(row.release.tag.as_str(), usize::from(tag_columns));
        let room = usize::from(columns.found_room);
        // Names are whole or cut in the middle: their ends tell them apart.
        let found = shorten(&row.words(), room);
        columns.draw(line.y, (&tag, "", &found), role, paint);
        let words = format!("{} {}", mark.glyph(), row.standing(all.running()));
        paint.text((columns.standing, line.y), STANDING, &words, mark.role());
        if number == at.selected {
            paint.select(line, focused);
        }
    }
    let above = HEADER;
    let below = Rect { y: area.y + above, height: area.height.saturating_sub(above), ..area };
    paint.scrollbar(below, all.rows.len(), at.offset);
}

/// Where the three texts of a row stand.
struct Columns {
    tag: u16,
    standing: u16,
    found: u16,
    found_room: u16,
}

impl Columns {
    fn of(list: Rect, tag_columns: u16) -> Self {
        let tag = list.x + 1;
        let standing = tag + tag_columns + 2;
        let found = standing + STANDING + 2;
        Self { tag, standing, found, found_room: list.right().saturating_sub(found + 1) }
    }

    fn draw(&self, y: u16, texts: (&str, &str, &str), role: Role, paint: &mut Paint<'_>) {
        let (tag, standing, found) = texts;
        paint.text((self.tag, y), self.standing - self.tag, tag, role);
        paint.text((self.standing, y), STANDING, standing, role);
        paint.text((self.found, y), self.found_room, found, role);
    }
}

/// An attested answer is proved whatever it says; one that nobody vouches for never looks so.
const fn mark(row: &Asked, running: bool) -> (Mark, Role) {
    if !row.answered {
        return (if running { Mark::Running } else { Mark::NotYet }, Role::Dim);
    }
    match (&row.release.has, row.release.attested) {
        (None, _) => (Mark::Undecided, Role::Text),
        (Some(Has::NoSbom), _) => (Mark::Absent, Role::Dim),
        (Some(Has::Not), true) => (Mark::Proved, Role::Dim),
        (Some(Has::Not), false) => (Mark::Unverified, Role::Dim),
        (Some(_), true) => (Mark::Proved, Role::Text),
        (Some(_), false) => (Mark::Unverified, Role::Text),
    }
}
