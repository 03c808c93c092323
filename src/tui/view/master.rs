//! The rows of the pane that is shown.

use ratatui::layout::Rect;

use super::paint::{Paint, cut};
use crate::{
    domain::{
        sbom::{Field, Query},
        text::shorten,
    },
    inspect::CheckKind,
    tui::{
        layout::inside,
        mark::{MARK_COLUMNS, Mark},
        panes::{
            self, Key, Row,
            names::{cut_apart, widest},
            sbom, taking,
        },
        state::{self, Asking, Focus, Pane, State, Taking},
        text::{columns, compared, ends, fit_compared, shown},
        theme::Role,
    },
};

/// From so many columns on there is room for it.
const NOTE_FROM: u16 = 72;
/// Columns of what stands at the right of a component: `seen above`.
const NOTE_COLUMNS: u16 = 12;

pub(super) fn master(state: &State, area: Rect, paint: &mut Paint<'_>) -> Option<(u16, u16)> {
    let focused = state.focus == Focus::Master;
    paint.frame(area, "", focused);
    let list = inside(area);
    if let Some(shown) = panes::compared::visible(state) {
        super::compared::rows(shown, area, focused, paint);
        return None;
    }
    if let Some(shown) = panes::releases::visible(state) {
        super::releases::rows(shown, area, focused, paint);
        return None;
    }
    if state.pane == Pane::Sbom && state.sbom.is_some() {
        return components(state, area, paint);
    }
    if state.pane == Pane::Trace {
        super::trace::rows(state, area, paint);
        return None;
    }
    let rows = panes::rows(state);
    if rows.is_empty() {
        empty(state, list, paint);
        return None;
    }
    let at = state.master();
    let names = names(state.pane, &rows, list.width);
    for (number, line) in Paint::lines(list, at) {
        let (Some(row), Some((name, columns))) = (rows.get(number), names.get(number)) else {
            break;
        };
        draw(row, (name, *columns), line, paint);
        if number == at.selected {
            paint.select(line, focused);
        }
    }
    paint.scrollbar(area, rows.len(), at.offset);
    super::decision::field(state, list, paint)
}

/// Every row's name, cut, and the columns it stands in: one column for all checks, and another one
/// for files, whose names are long and whose sentences are short.
fn names(pane: Pane, rows: &[Row], width: u16) -> Vec<(String, u16)> {
    let (least, most) = match pane {
        Pane::Overview => (16, if width < 90 { 16 } else { 24 }),
        Pane::Image => (8, if width < 90 { 16 } else { 24 }),
        Pane::Signatures | Pane::Attestations => (5, 7),
        Pane::Decision => (9, 20),
        Pane::Sbom | Pane::Trace => (0, 0),
    };
    let is_file = |row: &Row| match &row.key {
        Key::Check(id) => matches!(id.kind, CheckKind::File | CheckKind::List),
        _ => false,
    };
    let name = |row: &Row| if row.selectable() { row.name.clone() } else { String::new() };
    let of = |files: bool, least: u16, most: u16| {
        let own = |row: &Row| if is_file(row) == files { name(row) } else { String::new() };
        let names: Vec<String> = rows.iter().map(own).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let columns = widest(names.iter().copied(), least, most);
        (cut_apart(&names, columns), columns)
    };
    let (mut checks, columns) = of(false, least, most);
    let (files, wide) = of(true, least, (width.saturating_sub(MARK_COLUMNS) / 2).max(most));
    let each = rows.iter().zip(checks.iter_mut().zip(files));
    each.map(
        |(row, (check, file))| {
            if is_file(row) { (file, wide) } else { (std::mem::take(check), columns) }
        },
    )
    .collect()
}

fn draw(row: &Row, (name, name_columns): (&str, u16), line: Rect, paint: &mut Paint<'_>) {
    if let Key::Heading(words) = row.key {
        paint.text((line.x + 1, line.y), line.width - 1, words, Role::Title);
        return;
    }
    let mut x = line.x + 1;
    if let Some(mark) = row.mark {
        paint.mark((x, line.y), MARK_COLUMNS - 1, mark);
    }
    x += MARK_COLUMNS;
    let name_role = if row.role == Role::Dim { Role::Dim } else { Role::Text };
    paint.text((x, line.y), name_columns, name, name_role);
    x += name_columns + 1;
    let mut end = line.right().saturating_sub(1);
    // What stands at the right is kept where the text has its room all the same.
    let least = columns(&row.text).min(24);
    if !row.right.is_empty() && columns(&row.right) + 2 + least <= end.saturating_sub(x) {
        end -= paint.right(end, line.y, &row.right, Role::Dim) + 2;
    }
    let room = end.saturating_sub(x);
    // Names differ at both ends. Sentences begin with what matters, and end in a tag or a file.
    let text = match &row.key {
        _ if columns(&row.text) > room && compared(&row.text).is_some() => {
            compared(&row.text).map(|both| fit_compared(both, room)).unwrap_or_default()
        }
        Key::Verdict => shorten(&row.text, usize::from(room)),
        Key::Signer(..) | Key::Piece(..) | Key::Suggestion(..) => {
            shorten(&row.text, usize::from(room))
        }
        _ => ends(&row.text, room * 3 / 5, room),
    };
    paint.text((x, line.y), room, &text, row.role);
}

/// Why there are no rows.
fn empty(state: &State, list: Rect, paint: &mut Paint<'_>) {
    let (mark, words) = panes::empty::why(state);
    let mut x = list.x + 1;
    if let Some(mark) = mark {
        paint.mark((x, list.y), MARK_COLUMNS, mark);
        x += MARK_COLUMNS;
    }
    let room = list.right().saturating_sub(x + 1);
    paint.text((x, list.y), room, &cut(&words, room), Role::Dim);
}

/// The component tree, with its two lines above.
fn components(state: &State, area: Rect, paint: &mut Paint<'_>) -> Option<(u16, u16)> {
    let (slot, view) = (state.slot()?, state.sbom.as_ref()?);
    let mut list = inside(area);
    let (headline, attested) = sbom::headline(slot, view);
    let mark = if attested { Mark::Proved } else { Mark::Valid };
    let used = paint.text((list.x + 1, list.y), 2, mark.glyph(), mark.role()) + 1;
    let room = list.width.saturating_sub(used + 2);
    paint.text((list.x + 1 + used, list.y), room, &cut(&headline, room), Role::Text);
    let above = sbom::header(usize::from(list.height));
    if above > 2 {
        let room = list.width.saturating_sub(2);
        // What is wrong with a search needs more room than there is beside it.
        let (words, role) = match view.wanted.hint() {
            Some(hint) => (shown(hint), Role::Warning),
            None => (sbom::quality(view), Role::Dim),
        };
        paint.text((list.x + 1, list.y + 1), room, &cut(&words, room), role);
    }
    let above = crate::tui::text::cells(above);
    let cursor = search(state, Rect { y: list.y + above - 1, ..list }, paint);
    list.y += above;
    list.height = list.height.saturating_sub(above);
    let at = state.master();
    let rows = sbom::window(view, at.offset, usize::from(list.height));
    for ((number, line), row) in Paint::lines(list, at).zip(&rows) {
        component(row, (&view.wanted, taking::marked(view, row)), line, paint);
        if number == at.selected {
            paint.select(line, state.focus == Focus::Master);
        }
    }
    let below = Rect { y: area.y + above, height: area.height.saturating_sub(above), ..area };
    paint.scrollbar(below, view.rows.len(), at.offset);
    cursor
}

fn search(state: &State, list: Rect, paint: &mut Paint<'_>) -> Option<(u16, u16)> {
    let view = state.sbom.as_ref()?;
    if let Some(field) = state.field.as_ref().filter(|f| matches!(f.asking, Asking::Export(_))) {
        return Some(export(state, field, list, paint));
    }
    let field = state.field.as_ref().filter(|f| f.asking == Asking::Search);
    let y = list.y;
    if view.query.is_empty() && field.is_some() {
        let words = "name: purl: licence: version:<0.33 type: hash: !not \"a phrase\"";
        let room = list.width.saturating_sub(6);
        paint.text((list.x + 4, y), room, &cut(words, room), Role::Dim);
        paint.text((list.x + 1, y), 1, "/", Role::Title);
        let cursor = paint.field((list.x + 2, y), 1, ("", 0));
        return Some(cursor);
    }
    if field.is_none() && view.query.is_empty() {
        let right = list.right().saturating_sub(1);
        let used = paint.right(right, y, &sbom::arrangement(view), Role::Dim);
        let words = match &state.aside {
            Some(aside) => format!("d compares with {}", aside.place()),
            None => "/ searches names, versions, purls and licences".to_owned(),
        };
        let room = list.width.saturating_sub(used + 4);
        paint.text((list.x + 1, y), room, &cut(&words, room), Role::Dim);
        return None;
    }
    let words = cut(&sbom::found(view), list.width / 2);
    let used = paint.right(list.right().saturating_sub(1), y, &words, Role::Dim);
    paint.text((list.x + 1, y), 1, "/", Role::Title);
    let room = list.width.saturating_sub(used + 5);
    let text = field.map_or((view.query.as_str(), 0), |f| (f.text.as_str(), f.at));
    let cursor = paint.field((list.x + 2, y), room, text);
    field.map(|_| cursor)
}

/// `write the 3 marked to ▏components.csv`.
fn export(state: &State, field: &state::Field, list: Rect, paint: &mut Paint<'_>) -> (u16, u16) {
    let at = state.master().selected;
    let words = match (&field.asking, &state.sbom) {
        (Asking::Export(wanted), Some(view)) => taking::words(view, *wanted, at),
        _ => String::new(),
    };
    let words = cut(&format!("write {words} to "), list.width / 2);
    let used = paint.text((list.x + 1, list.y), list.width, &words, Role::Title);
    let room = list.width.saturating_sub(used + 3);
    let (x, y) = (list.x + 1 + used, list.y);
    if field.text.is_empty() {
        let hint = match field.asking {
            Asking::Export(Taking::Document) => "a new file",
            _ => "a new file: .csv .json .md",
        };
        paint.text(
            (x + 1, y),
            room.saturating_sub(1),
            &cut(hint, room.saturating_sub(1)),
            Role::Dim,
        );
        return paint.field((x, y), 1, ("", 0));
    }
    paint.field((x, y), room, (field.text.as_str(), field.at))
}

fn component(row: &Row, (wanted, marked): (&Query, bool), line: Rect, paint: &mut Paint<'_>) {
    let end = line.right().saturating_sub(1);
    // What lies below is in the sign before the name too; the licence stands nowhere else. Both
    // have columns of their own, which a long name takes only where nothing stands in them.
    let inner = end.saturating_sub(line.x + 1);
    let note = if line.width >= NOTE_FROM { NOTE_COLUMNS } else { 0 };
    let room = inner.saturating_sub(note);
    let licence_room = if room >= 44 { (room * 3 / 10).clamp(14, 32) } else { 0 };
    let right_room = if row.right.is_empty() { 0 } else { note.max(columns(&row.right) + 3) };
    let alone = row.text.is_empty() || licence_room == 0;
    let name_room = if alone { inner.saturating_sub(right_room) } else { room - licence_room };
    if note > 0 || alone {
        let used = paint.right(end, line.y, &row.right, Role::Dim);
        if let Some(mark) = row.mark {
            paint.mark((end.saturating_sub(used + 2), line.y), 1, mark);
        }
    }
    // A version is at the end of its name.
    let name = shorten(&row.name, usize::from(name_room.saturating_sub(1)));
    if marked {
        paint.text((line.x, line.y), 1, "▪", Role::Title);
    }
    let at = (line.x + 1, line.y);
    paint.text(at, name_room, &name, row.role);
    if licence_room > 0 && !row.text.is_empty() {
        let text = cut(&row.text, licence_room.saturating_sub(1));
        let at = (line.x + 1 + name_room, line.y);
        paint.text(at, licence_room, &text, Role::Dim);
        for (before, width) in matches(&text, Field::Licence, wanted) {
            paint.highlight((at.0 + before, at.1), width);
        }
    }
    for (before, width) in matches(&name, Field::Name, wanted) {
        paint.highlight((at.0 + before, at.1), width);
    }
}

/// Where what was looked for stands in a shown text: columns before, and its columns.
fn matches<'a>(
    text: &'a str,
    field: Field,
    wanted: &Query,
) -> impl Iterator<Item = (u16, u16)> + use<'a> {
    let spans = wanted.spans(field, text).into_iter();
    spans.filter_map(move |span| {
        let before = text.get(..span.start)?;
        Some((columns(before), columns(text.get(span)?)))
    })
}
