//! Where everything goes: `view` draws by it, `update` pages by it.

use ratatui::layout::{Constraint, Layout, Rect};

use super::{
    panes,
    state::{Focus, Pane, Screen, State},
    text::cells,
};
use crate::inspect::{CheckId, CheckKind};

/// Smaller than this, the program only says so.
pub const SMALLEST: (u16, u16) = (60, 16);
/// From here on the tags stand beside the pane.
const TWO_COLUMNS: u16 = 100;
/// From here on the details of a piece have their own column.
const THREE_COLUMNS: u16 = 150;
/// From here on the tags have room for their digests beside their verdicts.
const TAGS_WITH_DIGESTS: u16 = 190;
/// From so many columns beside the tags on, also rows that are read like sentences leave room for
/// the details beside them; below that, both would be cut.
const SENTENCES_BESIDE: u16 = 140;
/// The rows of Overview are sentences with the name of a signer in them: before they are cut, the
/// details go below.
const OVERVIEW_BESIDE: u16 = 220;
/// A mark, a name and the two ends of a signer need as much.
const PIECES: u16 = 48;

/// The parts of the screen; what is `None` is not drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Areas {
    /// Reference, verdict, policy, counts.
    pub header: Rect,
    /// The first screen.
    pub home: Option<Rect>,
    /// Registries, repositories, tags.
    pub browser: Option<Rect>,
    /// The names of the panes: on the upper line of the rows, or over rows and details where they
    /// stand beside each other.
    pub tabs: Option<Rect>,
    /// The rows of the pane.
    pub master: Option<Rect>,
    /// What is known of the selected row.
    pub detail: Option<Rect>,
    /// The keys that matter here.
    pub footer: Rect,
}

/// Whether the terminal is large enough to draw anything.
pub const fn large_enough(state: &State) -> bool {
    state.size.0 >= SMALLEST.0 && state.size.1 >= SMALLEST.1
}

/// Whether tags and pane stand side by side.
pub const fn side_by_side(state: &State) -> bool {
    state.size.0 >= TWO_COLUMNS
}

/// Two lines, and one more while there is an alarm.
fn header_rows(state: &State) -> u16 {
    2 + u16::from(!state.tags.alarms.is_empty() && state.screen == Screen::Work)
}

/// The parts of the screen.
pub fn areas(state: &State) -> Areas {
    let whole = Rect::new(0, 0, state.size.0, state.size.1);
    let [header, body, footer] = Layout::vertical([
        Constraint::Length(header_rows(state)),
        Constraint::Fill(1),
        Constraint::Length(1),
    ])
    .areas(whole);
    let mut areas = Areas { header, footer, ..Areas::default() };
    if state.screen == Screen::Home {
        areas.home = Some(body);
        return areas;
    }
    if state.size.0 < TWO_COLUMNS {
        match state.focus {
            Focus::Browser if panes::browser::trouble(state).is_some() => {
                let [above, below] =
                    Layout::vertical([Constraint::Fill(1), Constraint::Length(6)]).areas(body);
                (areas.browser, areas.detail) = (Some(above), Some(below));
            }
            Focus::Browser => areas.browser = Some(body),
            Focus::Master | Focus::Detail => stack(state, body, &mut areas),
        }
        return areas;
    }
    let mut pane = body;
    // A folder or a file has no tags beside it.
    if state.has_browser() {
        let columns = if state.size.0 >= TAGS_WITH_DIGESTS { 48 } else { 34 };
        let [browser, rest] =
            Layout::horizontal([Constraint::Length(columns), Constraint::Fill(1)]).areas(body);
        areas.browser = Some(browser);
        pane = rest;
    }
    match rows_beside(state, pane.width) {
        Some(rows) => {
            let [tabs, pane] =
                Layout::vertical([Constraint::Length(1), Constraint::Fill(1)]).areas(pane);
            let [master, detail] =
                Layout::horizontal([Constraint::Length(rows), Constraint::Fill(1)]).areas(pane);
            areas.tabs = Some(tabs);
            areas.master = Some(master);
            areas.detail = Some(detail);
        }
        None => stack(state, pane, &mut areas),
    }
    areas
}

/// The columns of the rows where the details stand beside them. Overview is read in its rows, a
/// signature in its details.
fn rows_beside(state: &State, width: u16) -> Option<u16> {
    match state.pane {
        Pane::Overview => (width >= OVERVIEW_BESIDE).then_some(width.saturating_mul(2) / 3),
        Pane::Sbom | Pane::Trace => {
            (width >= SENTENCES_BESIDE).then_some(width.saturating_mul(3) / 5)
        }
        // The images that a chart names are long, and read in their rows.
        Pane::Image if has_chart(state) => None,
        Pane::Signatures | Pane::Attestations | Pane::Image | Pane::Decision => {
            let rows = (width.saturating_mul(3) / 8).max(PIECES).min(width / 2);
            (state.size.0 >= THREE_COLUMNS).then_some(rows)
        }
    }
}

/// Whether the open target is a chart: known as soon as it is resolved.
fn has_chart(state: &State) -> bool {
    let chart = CheckId { kind: CheckKind::Chart, subject: None };
    state.slot().is_some_and(|slot| slot.inspection.checks.contains_key(&chart))
}

/// Rows above, details below; how much of each depends on what is read where.
fn stack(state: &State, pane: Rect, areas: &mut Areas) {
    let detail = match state.pane {
        Pane::Overview | Pane::Sbom | Pane::Trace => (pane.height / 3).min(14),
        // Twelve forms, most of which are a few lines.
        Pane::Decision => {
            let rows = cells(panes::len(state)).saturating_add(2);
            pane.height - rows.clamp(5, (pane.height / 2).max(5))
        }
        Pane::Signatures | Pane::Attestations | Pane::Image => {
            let rows = cells(panes::len(state)).saturating_add(2);
            pane.height - rows.clamp(5, (pane.height / 3).max(5))
        }
    };
    let [above, below] =
        Layout::vertical([Constraint::Fill(1), Constraint::Length(detail)]).areas(pane);
    areas.tabs = Some(Rect { height: above.height.min(1), ..above });
    areas.master = Some(above);
    areas.detail = Some(below);
}

/// The room inside the lines around `area`.
pub const fn inside(area: Rect) -> Rect {
    Rect {
        x: area.x.saturating_add(1),
        y: area.y.saturating_add(1),
        width: area.width.saturating_sub(2),
        height: area.height.saturating_sub(2),
    }
}

/// The rows that a list of `area` shows.
pub fn rows(area: Option<Rect>) -> usize {
    area.map_or(0, |area| usize::from(inside(area).height))
}
