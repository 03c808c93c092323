//! Registries, repositories, tags, and how the tags stand.

use ratatui::layout::Rect;

use super::{
    paint::{Paint, cut},
    tag,
};
use crate::{
    domain::text::shorten,
    tui::{
        layout::inside,
        panes::browser::{self, BrowserRow, Filter},
        state::{Asking, Focus, Load, RepositoryNode, State},
        text::{columns, count},
        theme::Role,
    },
};

pub(super) fn browser(state: &State, area: Rect, paint: &mut Paint<'_>) -> Option<(u16, u16)> {
    let focused = state.focus == Focus::Browser;
    paint.frame(area, &title(state), focused);
    let mut list = inside(area);
    let cursor = filter(state, &mut list, paint);
    let rows = browser::rows(&state.browser);
    if rows.is_empty() {
        paint.text((list.x + 1, list.y), list.width, "o names a target", Role::Dim);
    }
    let at = state.browser.cursor;
    for (number, line) in Paint::lines(list, at) {
        let Some(row) = rows.get(number) else { break };
        draw(state, row, line, paint);
        if number == at.selected {
            paint.select(line, focused);
        }
    }
    paint.scrollbar(area, rows.len(), at.offset);
    cursor
}

/// `Tags 12`, `Tags 3 of 12`; how many are hidden stands in a row of its own.
fn title(state: &State) -> String {
    let nodes = &state.browser.repositories;
    let shown: usize = nodes.iter().map(|n| n.sifted.shown.len()).sum();
    let all: usize = nodes.iter().map(|n| n.tags.len() - n.sifted.hidden).sum();
    if shown == all { format!("Tags {all}") } else { format!("Tags {shown} of {all}") }
}

/// The line with the letters that tags must have.
fn filter(state: &State, list: &mut Rect, paint: &mut Paint<'_>) -> Option<(u16, u16)> {
    let field = state.field.as_ref().filter(|f| f.asking == Asking::Filter);
    if field.is_none() && state.browser.filter.is_empty() {
        return None;
    }
    let used = paint.text((list.x + 1, list.y), 1, "/", Role::Title);
    let at = (list.x + 1 + used, list.y);
    let mut room = list.width.saturating_sub(3);
    if let Filter::Unfinished(why) = Filter::read(&state.browser.filter) {
        let half = room / 2;
        let used = paint.right(list.right(), list.y, &cut(why, half), Role::Warning);
        room = room.saturating_sub(used + 1);
    }
    let text = (state.browser.filter.as_str(), field.map_or(0, |f| f.at));
    let cursor = paint.field(at, room, text);
    list.y += 1;
    list.height = list.height.saturating_sub(1);
    field.map(|_| cursor)
}

fn draw(state: &State, row: &BrowserRow, line: Rect, paint: &mut Paint<'_>) {
    let node = |n: &usize| state.browser.repositories.get(*n);
    match row {
        BrowserRow::Host(host) => {
            let sign = if state.browser.folded.contains(host) { "▸" } else { "▾" };
            let words = format!("{sign} {}", shorten(host, usize::from(line.width - 2)));
            paint.text((line.x, line.y), line.width, &words, Role::Title);
        }
        BrowserRow::Repository(n) => {
            if let Some(node) = node(n) {
                repository(node, line, paint);
            }
        }
        BrowserRow::Tag(n, tag) => tag::tag(state, (*n, *tag), line, paint),
        BrowserRow::Hidden(_, hidden) => {
            let tags = count(*hidden, "signature tag");
            let (words, room) = (format!("{tags} hidden · a shows"), line.width.saturating_sub(5));
            let words = if columns(&words) > room { format!("a shows {tags}") } else { words };
            paint.text((line.x + 4, line.y), room, &words, Role::Dim);
        }
        BrowserRow::HostNote(host) => host_note(state, host, line, paint),
        BrowserRow::Note(n) => {
            if let Some(node) = node(n) {
                note(node, line, paint);
            }
        }
    }
}

fn repository(node: &RepositoryNode, line: Rect, paint: &mut Paint<'_>) {
    let sign = if node.unfolded { "▾" } else { "▸" };
    let odd = if node.odd > 0 { format!(" +{} odd", node.odd) } else { String::new() };
    let right = format!("{}{odd}", node.tags.len());
    let used = paint.right(line.right().saturating_sub(1), line.y, &right, Role::Dim);
    let room = line.width.saturating_sub(4 + used + 2);
    let path = shorten(&browser::path(&node.repository), usize::from(room));
    paint.text((line.x + 2, line.y), room + 2, &format!("{sign} {path}"), Role::Text);
}

fn note(node: &RepositoryNode, line: Rect, paint: &mut Paint<'_>) {
    let room = line.width.saturating_sub(5);
    let (words, role) = match &node.load {
        Load::NotAsked => ("Enter lists its tags".to_owned(), Role::Dim),
        Load::Running(_) => ("◌ listing tags".to_owned(), Role::Running),
        Load::Done if node.incomplete.is_some() => {
            let why = node.incomplete.as_deref().unwrap_or_default();
            (format!("! not complete: {why}"), Role::Warning)
        }
        Load::Done => ("– no tags".to_owned(), Role::Dim),
        Load::Failed(why) => (format!("? {why}"), Role::Undecided),
    };
    paint.text((line.x + 4, line.y), room, &cut(&words, room), role);
}

/// How the list of a registry stands; what cannot be listed takes a typed name.
fn host_note(state: &State, host: &str, line: Rect, paint: &mut Paint<'_>) {
    let Some(node) = state.browser.hosts.get(host) else { return };
    let (words, role) = match (&node.load, &node.incomplete) {
        (Load::Failed(why), _) => (format!("? o names a repository: {why}"), Role::Undecided),
        (Load::Done, Some(why)) => (format!("! not complete: {why}"), Role::Warning),
        (Load::Done, None) => ("– it lists no repository".to_owned(), Role::Dim),
        (Load::NotAsked | Load::Running(_), _) => {
            ("◌ listing repositories".to_owned(), Role::Running)
        }
    };
    let room = line.width.saturating_sub(3);
    paint.text((line.x + 2, line.y), room, &cut(&words, room), role);
}
