//! The two lines above, and the one below.

use ratatui::layout::Rect;

use super::paint::{Paint, cut};
use crate::{
    domain::text::shorten,
    tui::{
        keymap,
        mark::Mark,
        offers,
        panes::{self, badge},
        state::{Screen, Slot, State},
        text::{columns, count, shown},
        theme::Role,
    },
};

/// What is open, how it stands, under which policy.
pub(super) fn header(state: &State, area: Rect, paint: &mut Paint<'_>) {
    let mut x = area.x + 1;
    if state.in_demo() {
        x += paint.text((x, area.y), 6, " DEMO ", Role::Selected) + 1;
    }
    let right = area.right().saturating_sub(1);
    match state.slot() {
        Some(slot) if state.screen == Screen::Work => target(slot, (x, right), area.y, paint),
        _ => {
            let (name, words) = if state.screen == Screen::Home {
                ("sigscope", "see who signed a release, and get a true verdict")
            } else {
                ("sigscope", "no release is open")
            };
            let used = paint.text((x, area.y), right - x, name, Role::Title);
            let x = x + used + 2;
            paint.text((x, area.y), right.saturating_sub(x), words, Role::Dim);
        }
    }
    policy(state, area, paint);
    alarm(state, area, paint);
}

/// A release that moved since it was last seen is said over everything, until the program ends.
fn alarm(state: &State, area: Rect, paint: &mut Paint<'_>) {
    let Some((repository, moved)) = state.tags.alarms.first().filter(|_| area.height > 2) else {
        return;
    };
    let short = |digest: &crate::domain::Digest| shorten(digest.hex(), 13);
    let more = match state.tags.alarms.len() - 1 {
        0 => String::new(),
        more => format!(" (and {more} more)"),
    };
    let day = |at: crate::domain::Timestamp| at.strftime("%Y-%m-%d").to_string();
    let words = format!(
        "! ALARM: {} moved: {} (seen {}) → {} (since {}){more} · {}",
        shown(&moved.tag),
        short(&moved.was.digest),
        day(moved.was.at),
        short(&moved.now),
        day(moved.since.unwrap_or(state.now)),
        shown(&repository.to_string()),
    );
    let room = area.width.saturating_sub(2);
    paint.text((area.x + 1, area.y + 2), room, &cut(&words, room), Role::Alarm);
}

fn target(slot: &Slot, (x, right): (u16, u16), y: u16, paint: &mut Paint<'_>) {
    let (words, role) = standing(slot);
    let used = paint.right(right, y, &words, role);
    let room = right.saturating_sub(x + used + 2);
    let digest = slot.inspection.own_digest().map(crate::domain::Digest::short).unwrap_or_default();
    let platform = slot.inspection.scope.platform.as_ref();
    let platform = platform.map(|p| format!(" for {p}")).unwrap_or_default();
    let name = shown(&format!("{}{platform}", slot.inspection.subject));
    let digest_room = if digest.is_empty() { 0 } else { columns(&digest) + 2 };
    let name_room = room.saturating_sub(digest_room);
    if name_room < 20 {
        paint.text((x, y), room, &shorten(&name, usize::from(room)), Role::Title);
        return;
    }
    let name = shorten(&name, usize::from(name_room));
    let used = paint.text((x, y), name_room, &name, Role::Title);
    paint.text((x + used + 2, y), digest_room, &digest, Role::Dim);
}

/// The badge. A release may be proved and its tag have moved all the same: whoever reads only this
/// must not miss the banner below.
fn standing(slot: &Slot) -> (String, Role) {
    let (mark, word) = badge(Some(slot));
    let moved = slot.inspection.moved().is_some_and(|moved| moved.is_alarm());
    if moved && mark != Mark::Warning {
        return (format!("{} {word}, tag moved", Mark::Warning.glyph()), Mark::Warning.role());
    }
    (format!("{} {word}", mark.glyph()), mark.role())
}

fn policy(state: &State, area: Rect, paint: &mut Paint<'_>) {
    let y = area.y + 1;
    let right = area.right().saturating_sub(1);
    let counts = counts(state);
    let used = paint.right(right, y, &counts, Role::Dim);
    let room = right.saturating_sub(area.x + 1 + used + 2);
    let judge = state.judge();
    let (words, role) = match &judge.demand {
        Some(demand) => (format!("policy: {}", shown(&demand.words)), Role::Dim),
        None => ("UNVERIFIED: no signer is demanded".to_owned(), Role::Warning),
    };
    // First, for it must be seen where the rest is cut off.
    let apart = judge.scope.signatures.as_ref();
    let apart = apart.map(|place| format!("evidence: {place} · ")).unwrap_or_default();
    let words = format!("{}{words}", shown(&apart));
    let used = paint.text((area.x + 1, y), room, &cut(&words, room), role);
    let trust = format!(" · trust root: {}", shown(&judge.root_words));
    let room = room.saturating_sub(used);
    if room > 24 {
        paint.text((area.x + 1 + used, y), room, &cut(&trust, room), Role::Dim);
    }
}

/// `5 of 9 checks`, as many as there are rows; then what hangs below: `9 checks, 3 of 8 below`.
fn counts(state: &State) -> String {
    let Some(slot) = state.slot().filter(|_| state.screen == Screen::Work) else {
        return String::new();
    };
    let tally = panes::tally(&slot.inspection);
    let running = slot.run.is_some();
    let rows = match tally.rows - tally.open {
        done if running && tally.open > 0 => format!("{done} of {} checks", tally.rows),
        _ => count(tally.rows, "check"),
    };
    let below = match (tally.below, tally.below_open) {
        (0, _) => String::new(),
        (all, open) if running && open > 0 => format!(", {} of {all} below", all - open),
        (all, _) => format!(", {all} below"),
    };
    let mark = if running { format!("{} ", Mark::Running.glyph()) } else { String::new() };
    format!("{mark}{rows}{below}")
}

/// The keys that matter here, or what just happened; how much runs.
pub(super) fn footer(state: &State, area: Rect, paint: &mut Paint<'_>) {
    let right = area.right().saturating_sub(1);
    let running = state.running();
    let requests = state.trace.requests;
    let asked = match requests {
        0 => String::new(),
        _ if state.in_demo() || state.size.0 < 100 => String::new(),
        n => count(usize::try_from(n).unwrap_or(usize::MAX), "request"),
    };
    let words = if running > 0 {
        format!("{} {running} running  {asked}", Mark::Running.glyph())
    } else {
        asked
    };
    let words = words.trim_end();
    let mut used = paint.right(right, area.y, words, Role::Running);
    if let Some(waits) = state.trace.waits(state.now).filter(|_| running > 0 && !state.in_demo()) {
        let x = right.saturating_sub(used + 2);
        let room = x.saturating_sub(area.x + 12);
        used += 2 + paint.right(x, area.y, &shorten(&waits, usize::from(room)), Role::Warning);
    }
    let room = right.saturating_sub(area.x + 1 + used + 2);
    if let Some(toast) = &state.toast {
        let role = if toast.bad { Role::Alarm } else { Role::Title };
        paint.text((area.x + 1, area.y), room, &cut(&toast.words, room), role);
        return;
    }
    hints(state, (area.x + 1, area.y), room, paint);
}

/// `y pin  / filter  ? keys`; what does not fit is left out, but never how to get help.
fn hints(state: &State, (mut x, y): (u16, u16), mut room: u16, paint: &mut Paint<'_>) {
    let all: Vec<(String, &str)> = keymap::of(state.context())
        .filter(|b| !b.hint.is_empty() && offers::offered(state, b.action))
        .map(|b| (b.keys.first().map(|k| k.words()).unwrap_or_default(), b.hint))
        .collect();
    let width = |(key, words): &(String, &str)| columns(key) + columns(words) + 4;
    let (last, first): (Vec<_>, Vec<_>) =
        all.into_iter().partition(|(_, hint)| matches!(*hint, "keys" | "quit"));
    let mut reserved: u16 = last.iter().map(width).sum();
    for (i, hint) in first.iter().chain(&last).enumerate() {
        let wide = width(hint);
        let essential = i >= first.len();
        if essential {
            reserved = reserved.saturating_sub(wide);
        }
        if wide > room.saturating_sub(if essential { 0 } else { reserved }) + 3 {
            continue;
        }
        x += paint.text((x, y), room, &hint.0, Role::Title) + 1;
        x += paint.text((x, y), room, hint.1, Role::Dim) + 3;
        room = room.saturating_sub(wide);
    }
}
