//! The question about a pin, and the alarm when its tag moved.

use ratatui::layout::Rect;

use super::paint::Paint;
use crate::tui::{
    state::{Pin, State},
    text::{cells, shown, wrap},
    theme::Role,
};

/// The most lines of one text.
const MAX_LINES: usize = 6;

pub(super) fn dialog(state: &State, pin: &Pin, paint: &mut Paint<'_>) {
    let width = state.size.0.saturating_sub(4).min(100);
    let room = width.saturating_sub(4);
    if let Pin::Draft(draft, from) = pin {
        return super::draft::dialog(state, draft, *from, paint);
    }
    let (title, lines) = lines(pin);
    let lines: Vec<(String, Role)> = lines
        .into_iter()
        .flat_map(|(words, role)| {
            wrap(&shown(&words), room, MAX_LINES).into_iter().map(move |line| (line, role))
        })
        .collect();
    let area = middle(state, width, cells(lines.len()) + 2);
    paint.clear(area);
    paint.frame(area, title, true);
    for (y, (line, role)) in (area.y + 1..area.bottom().saturating_sub(1)).zip(&lines) {
        paint.text((area.x + 2, y), room, line, *role);
    }
}

/// The room for a question, between the lines above and the one below.
pub(super) fn middle(state: &State, width: u16, height: u16) -> Rect {
    let (columns, rows) = (state.size.0, state.size.1.saturating_sub(3));
    let height = height.min(rows);
    Rect { x: columns.saturating_sub(width) / 2, y: 2 + (rows - height) / 2, width, height }
}

fn lines(pin: &Pin) -> (&'static str, Vec<(String, Role)>) {
    let blank = || (String::new(), Role::Text);
    match pin {
        Pin::Draft(..) => ("Pin", vec![]),
        Pin::Asking(_) => (
            "Pin",
            vec![
                ("◌ asking where the tag points now".into(), Role::Running),
                ("Esc or Enter leaves it".into(), Role::Dim),
            ],
        ),
        Pin::Confirm { line, why } => (
            "Pin: not proved",
            vec![
                ("This pin is not proved.".into(), Role::Warning),
                (why.clone(), Role::Text),
                blank(),
                (line.clone(), Role::Title),
                blank(),
                ("y copies it with that remark · Esc leaves it".into(), Role::Dim),
            ],
        ),
        Pin::Moved { tag, was, now } => (
            "ALARM: the tag moved",
            vec![
                (" The tag moved since it was checked. Nothing was copied. ".into(), Role::Alarm),
                blank(),
                (tag.clone(), Role::Title),
                (format!("checked  {was}"), Role::Text),
                (format!("now      {now}"), Role::Refuted),
                blank(),
                ("Esc or Enter leaves it, then R checks what it points at now".into(), Role::Dim),
            ],
        ),
        Pin::Failed(why) => (
            "Pin",
            vec![
                (
                    "? undecided: the tag could not be asked for; nothing was copied.".into(),
                    Role::Undecided,
                ),
                (why.clone(), Role::Text),
                blank(),
                ("Esc or Enter leaves it".into(), Role::Dim),
            ],
        ),
    }
}
