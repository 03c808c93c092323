//! Registries, repositories, tags, and how the tags stand.

use ratatui::layout::Rect;

use super::paint::{Paint, cut};
use crate::{
    domain::text::shorten,
    tui::{
        layout::inside,
        panes::{
            badge,
            browser::{self, BrowserRow},
        },
        state::{Asking, Focus, Load, RepositoryNode, State},
        text::{count, shown},
        theme::Role,
    },
};

/// Columns of `? undecided` and `◌ running`.
const BADGE: u16 = 12;

pub(super) fn browser(state: &State, area: Rect, paint: &mut Paint<'_>) -> Option<(u16, u16)> {
    let focused = state.focus == Focus::Browser;
    let tags: usize = state.browser.repositories.iter().map(|n| n.tags.len()).sum();
    paint.frame(area, &format!("Tags {tags}"), focused);
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

/// The line with the letters that tags must have.
fn filter(state: &State, list: &mut Rect, paint: &mut Paint<'_>) -> Option<(u16, u16)> {
    let field = state.field.as_ref().filter(|f| f.asking == Asking::Filter);
    if field.is_none() && state.browser.filter.is_empty() {
        return None;
    }
    let used = paint.text((list.x + 1, list.y), 1, "/", Role::Title);
    let at = (list.x + 1 + used, list.y);
    let room = list.width.saturating_sub(3);
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
        BrowserRow::Tag(n, tag) => self::tag(state, (*n, *tag), line, paint),
        BrowserRow::Hidden(_, hidden) => {
            let words = format!("{} · a shows", count(*hidden, "attachment tag"));
            paint.text((line.x + 4, line.y), line.width - 4, &words, Role::Dim);
        }
        BrowserRow::More(_) => {
            paint.text((line.x + 4, line.y), line.width - 4, "… more: Enter", Role::Focus);
        }
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
        Load::Done => ("– no tags".to_owned(), Role::Dim),
        Load::Failed(why) => (format!("? {why}"), Role::Undecided),
    };
    paint.text((line.x + 4, line.y), room, &cut(&words, room), role);
}

fn tag(state: &State, (n, tag): (usize, usize), line: Rect, paint: &mut Paint<'_>) {
    let Some(subject) = browser::subject(&state.browser, n, tag) else { return };
    let Some(name) = state.browser.repositories.get(n).and_then(|node| node.tags.get(tag)) else {
        return;
    };
    let open = state.open.as_ref() == Some(&subject);
    if open {
        paint.text((line.x + 2, line.y), 1, "▸", Role::Focus);
    }
    let slot = state.known.get(&subject);
    let (mark, word) = badge(slot);
    let name = shown(name.as_str());
    let wide = line.width >= 70;
    let words = format!("{} {word}", mark.glyph());
    let room = line.width.saturating_sub(5);
    let name_columns = if wide { 22 } else { room.saturating_sub(BADGE + 2) };
    let role = if open { Role::Title } else { Role::Text };
    let name = shorten(&name, usize::from(name_columns));
    paint.text((line.x + 4, line.y), name_columns, &name, role);
    if wide {
        let x = line.x + 4 + name_columns + 2;
        let used = paint.text((x, line.y), BADGE, &words, mark.role());
        let x = x + used.max(BADGE) + 2;
        let room = line.right().saturating_sub(x + 1);
        let reason = slot.map(|slot| shown(&slot.overall.reason)).unwrap_or_default();
        paint.text((x, line.y), room, &cut(&reason, room), Role::Dim);
    } else {
        let x = line.right().saturating_sub(BADGE + 1);
        paint.text((x, line.y), BADGE, &words, mark.role());
    }
}
