//! The list of keys, from the one table.

use ratatui::layout::Rect;

use super::paint::Paint;
use crate::tui::{
    keymap::{Binding, Context, TABLE},
    layout::inside,
    state::State,
    text::{columns, wrap},
    theme::Role,
};

/// From so many columns on the list stands in two.
const TWO_COLUMNS: u16 = 110;

/// Columns of the keys.
const KEYS: u16 = 12;

/// One line: a heading, or keys and what they do.
enum Line {
    Heading(&'static str),
    Keys(String, String),
    Blank,
}

/// Everything that the program does on a key: first what holds here, then everywhere, then
/// elsewhere. No sentence is cut: what does not fit goes on below.
fn lines(state: &State) -> Vec<Line> {
    let mut state = state.clone();
    state.help = None;
    let here = state.context();
    let everywhere = |b: &&Binding| b.contexts.len() >= 6;
    let mut lines = vec![Line::Heading(here.words())];
    let room = width(&state).saturating_sub(KEYS + 5);
    let keys = |b: &Binding| {
        let words = b.keys_words();
        let column = KEYS.max(columns(&words) + 1);
        let docs = wrap(b.doc, room.saturating_sub(column - KEYS), usize::MAX);
        let each = docs.into_iter().enumerate();
        let keys = move |first: bool| if first { words.clone() } else { String::new() };
        each.map(|(i, doc)| Line::Keys(keys(i == 0), doc)).collect::<Vec<_>>()
    };
    let own = |context: Context| {
        TABLE.iter().filter(move |b| b.contexts.contains(&context) && !everywhere(b))
    };
    lines.extend(own(here).flat_map(keys));
    lines.extend([Line::Blank, Line::Heading("Everywhere")]);
    lines.extend(TABLE.iter().filter(everywhere).flat_map(keys));
    for context in Context::ALL.into_iter().filter(|c| *c != here && *c != Context::Help) {
        lines.extend([Line::Blank, Line::Heading(context.words())]);
        lines.extend(own(context).flat_map(keys));
    }
    lines
}

const fn parts(state: &State) -> u16 {
    if state.size.0 >= TWO_COLUMNS { 2 } else { 1 }
}

/// The columns of one part.
const fn width(state: &State) -> u16 {
    state.size.0.saturating_sub(2) / parts(state)
}

/// How many lines the list has.
pub fn len(state: &State) -> usize {
    lines(state).len().div_ceil(usize::from(parts(state)))
}

pub(super) fn help(state: &State, paint: &mut Paint<'_>) {
    let area = Rect { x: 0, y: 2, width: state.size.0, height: state.size.1.saturating_sub(3) };
    paint.clear(area);
    paint.frame(area, "Keys", true);
    let list = inside(area);
    let all = lines(state);
    let half = all.len().div_ceil(usize::from(parts(state)));
    let offset = state.help.map_or(0, |cursor| cursor.offset);
    let width = width(state);
    for (part, lines) in (0_u16..).zip(all.chunks(half.max(1))) {
        let x = list.x + 1 + part * width;
        for (y, line) in (list.y..list.bottom()).zip(lines.iter().skip(offset)) {
            draw(line, (x, y), width.saturating_sub(2), paint);
        }
    }
    paint.scrollbar(area, half, offset);
}

fn draw(line: &Line, at: (u16, u16), room: u16, paint: &mut Paint<'_>) {
    match line {
        Line::Blank => {}
        Line::Heading(words) => {
            paint.text(at, room, words, Role::Title);
        }
        Line::Keys(keys, doc) => {
            // Lines of one sentence stand below each other, whatever the keys take.
            let column = KEYS.max(columns(keys) + 1);
            paint.text((at.0 + 2, at.1), column, keys, Role::Focus);
            let room = room.saturating_sub(column + 2);
            paint.text((at.0 + 2 + column, at.1), room, doc, Role::Text);
        }
    }
}
