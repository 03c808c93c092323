//! The panes by their digits, on one line.

use ratatui::layout::Rect;

use super::paint::Paint;
use crate::{
    inspect::CheckKind,
    tui::{
        panes::{self, names::short},
        state::{Pane, State},
        text::columns,
        theme::Role,
    },
};

/// How the tabs are written; every one of these needs less room than the one before.
const STYLES: [Style; 6] = [
    Style { names: Names::Full, counts: true, loose: true },
    Style { names: Names::Short, counts: true, loose: true },
    Style { names: Names::Short, counts: true, loose: false },
    Style { names: Names::Short, counts: false, loose: false },
    Style { names: Names::AllShort, counts: false, loose: false },
    Style { names: Names::None, counts: false, loose: false },
];

#[derive(Clone, Copy)]
struct Style {
    names: Names,
    /// Whether also the tabs that are not shown have their counts.
    counts: bool,
    /// Whether there is a blank on both sides.
    loose: bool,
}

#[derive(Clone, Copy)]
enum Names {
    Full,
    Short,
    /// Also the one that is shown.
    AllShort,
    None,
}

/// Every pane keeps its place on the line, whatever the width: a key whose tab fell off would not
/// be found.
pub(super) fn tabs(state: &State, area: Rect, paint: &mut Paint<'_>) {
    let seen = state.slot().map(|slot| &slot.inspection);
    let offered = |pane: &Pane| seen.is_none_or(|seen| panes::offered(seen, *pane));
    let all: Vec<(Pane, Option<usize>)> =
        Pane::ALL.into_iter().filter(offered).map(|pane| (pane, tab_count(state, pane))).collect();
    let room = area.width.saturating_sub(2);
    let lines = STYLES.map(|style| line(&all, state.pane, style));
    let width = |tabs: &Vec<String>| -> u16 {
        let words: u16 = tabs.iter().map(|words| columns(words)).sum();
        words + crate::tui::text::cells(tabs.len().saturating_sub(1))
    };
    let [.., smallest] = &lines;
    let words = lines.iter().find(|tabs| width(tabs) <= room).unwrap_or(smallest);
    let mut x = area.x + 1;
    let end = area.right().saturating_sub(1);
    for ((pane, _), words) in all.iter().zip(words) {
        let current = *pane == state.pane;
        let role = if current { Role::Title } else { Role::Dim };
        let used = paint.text((x, area.y), end.saturating_sub(x), words, role);
        if current {
            let on = Rect { x, y: area.y, width: used, height: 1 };
            paint.select(on, true);
        }
        x += used + 1;
    }
}

fn line(all: &[(Pane, Option<usize>)], current: Pane, style: Style) -> Vec<String> {
    let each = all.iter().map(|(pane, count)| {
        let own = *pane == current;
        let name = match style.names {
            Names::AllShort => short(*pane),
            _ if own => pane.word(),
            Names::Full => pane.word(),
            Names::Short => short(*pane),
            Names::None => "",
        };
        let count = count.filter(|_| own || style.counts).map(|n| n.to_string());
        let count = count.unwrap_or_default();
        let digit = pane.digit().to_string();
        let words = [digit.as_str(), name, &count];
        let words: Vec<&str> = words.into_iter().filter(|word| !word.is_empty()).collect();
        let words = words.join(" ");
        if style.loose { format!(" {words} ") } else { words }
    });
    each.collect()
}

fn tab_count(state: &State, pane: Pane) -> Option<usize> {
    if pane == Pane::Trace {
        return Some(panes::trace::len(state)).filter(|n| *n > 0);
    }
    let slot = state.slot()?;
    let n = match pane {
        Pane::Overview | Pane::Decision | Pane::Trace => return None,
        Pane::Signatures | Pane::Attestations => {
            slot.inspection.pieces().filter(|(_, f)| panes::belongs(&f.piece) == pane).count()
        }
        Pane::Sbom => {
            return slot.inspection.sboms().next().map(|(_, f)| f.sbom.counts().components);
        }
        Pane::Image => {
            slot.inspection.checks.keys().filter(|i| i.kind == CheckKind::Platform).count()
        }
    };
    (n > 0).then_some(n)
}
