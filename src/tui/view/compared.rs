//! What changed from one SBOM to another.

use ratatui::layout::Rect;

use super::paint::{Paint, cut};
use crate::{
    domain::text::shorten,
    tui::{layout::inside, panes::compared::Comparison, theme::Role},
};

/// Columns of what happened: `removed`, `rewritten`.
const WORD: u16 = 10;

/// Both releases, the counts, and a row for each change.
pub(super) fn rows(shown: &Comparison, area: Rect, focused: bool, paint: &mut Paint<'_>) {
    let mut list = inside(area);
    let room = list.width.saturating_sub(2);
    let [which, said] = shown.head();
    let both = shown.old.attested && shown.new.attested;
    let role = if both { Role::Text } else { Role::Warning };
    // Names of releases differ at their ends.
    paint.text((list.x + 1, list.y), room, &shorten(&which, usize::from(room)), role);
    paint.text((list.x + 1, list.y + 1), room, &cut(&said, room), Role::Title);
    let above = crate::tui::text::cells(2);
    list.y += above;
    list.height = list.height.saturating_sub(above);
    let at = shown.cursor;
    let window = shown.window(at.offset, usize::from(list.height));
    for ((number, line), [word, name, change]) in Paint::lines(list, at).zip(&window) {
        let room = line.width.saturating_sub(WORD + 3);
        let name_room = room * 3 / 5;
        let role = if word == "down" || word == "licence" { Role::Warning } else { Role::Text };
        paint.text((line.x + 1, line.y), WORD, word, role);
        let name = shorten(name, usize::from(name_room.saturating_sub(1)));
        paint.text((line.x + 1 + WORD, line.y), name_room, &name, Role::Text);
        let room = room - name_room;
        let change = shorten(change, usize::from(room));
        paint.text((line.x + 1 + WORD + name_room, line.y), room, &change, Role::Dim);
        if number == at.selected {
            paint.select(line, focused);
        }
    }
    let below = Rect { y: area.y + above, height: area.height.saturating_sub(above), ..area };
    paint.scrollbar(below, shown.height(), at.offset);
}
