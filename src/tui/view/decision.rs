//! The field for the file into which a decision is written, over the first row of the forms.

use ratatui::layout::Rect;

use super::paint::{Paint, cut};
use crate::tui::{
    state::{Asking, State},
    theme::Role,
};

/// Draws it, and says where the cursor stands.
pub(super) fn field(state: &State, list: Rect, paint: &mut Paint<'_>) -> Option<(u16, u16)> {
    let field = state.field.as_ref()?;
    let (words, hint) = match field.asking {
        Asking::Policy(kind) => (
            format!("write the policy for {} to ", kind.word()),
            "a new file; nothing is overwritten",
        ),
        Asking::PinFile => {
            ("pin it in ".to_owned(), "a manifest, values, Compose file, Dockerfile or workflow")
        }
        _ => return None,
    };
    // The first row is a heading, or one that was scrolled past: the chosen one stays in sight.
    let y = list.y;
    paint.clear(Rect { y, height: 1, ..list });
    let words = cut(&words, list.width / 2);
    let used = paint.text((list.x + 1, y), list.width, &words, Role::Title);
    let (x, room) = (list.x + 1 + used, list.width.saturating_sub(used + 3));
    if field.text.is_empty() {
        let room = room.saturating_sub(1);
        paint.text((x + 1, y), room, &cut(hint, room), Role::Dim);
        return Some(paint.field((x, y), 1, ("", 0)));
    }
    Some(paint.field((x, y), room, (field.text.as_str(), field.at)))
}
