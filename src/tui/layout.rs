//! Where everything goes: `view` draws by it, `update` pages by it.

use ratatui::layout::{Constraint, Layout, Rect};

use super::{
    panes,
    state::{Focus, Pane, Screen, State},
    text::cells,
};

/// Smaller than this, the program only says so.
pub const SMALLEST: (u16, u16) = (60, 16);
/// From here on the tags stand beside the pane.
const TWO_COLUMNS: u16 = 100;
/// From here on the details of a piece have their own column.
const THREE_COLUMNS: u16 = 150;
/// From so many columns beside the tags on, also rows that are read like sentences leave room for
/// the details beside them; below that, both would be cut.
const SENTENCES_BESIDE: u16 = 140;
/// The tabs with their counts, and a signer's name, need as much.
const PIECES: u16 = 64;

/// The parts of the screen; what is `None` is not drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Areas {
    /// Reference, verdict, policy, counts.
    pub header: Rect,
    /// The first screen.
    pub home: Option<Rect>,
    /// Registries, repositories, tags.
    pub browser: Option<Rect>,
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
        let columns = (state.size.0 / 5).clamp(34, 48);
        let [browser, rest] =
            Layout::horizontal([Constraint::Length(columns), Constraint::Fill(1)]).areas(body);
        areas.browser = Some(browser);
        pane = rest;
    }
    match rows_beside(state, pane.width) {
        Some(rows) => {
            let [master, detail] =
                Layout::horizontal([Constraint::Length(rows), Constraint::Fill(1)]).areas(pane);
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
        Pane::Overview | Pane::Sbom | Pane::Trace => {
            (width >= SENTENCES_BESIDE).then_some(width.saturating_mul(2) / 3)
        }
        Pane::Signatures | Pane::Attestations | Pane::Image => {
            let rows = (width.saturating_mul(2) / 5).max(PIECES).min(width / 2);
            (state.size.0 >= THREE_COLUMNS).then_some(rows)
        }
    }
}

/// Rows above, details below; how much of each depends on what is read where.
fn stack(state: &State, pane: Rect, areas: &mut Areas) {
    let detail = match state.pane {
        Pane::Overview | Pane::Sbom | Pane::Trace => (pane.height / 3).min(14),
        Pane::Signatures | Pane::Attestations | Pane::Image => {
            let rows = cells(panes::len(state)).saturating_add(2);
            pane.height - rows.clamp(5, (pane.height / 3).max(5))
        }
    };
    let [above, below] =
        Layout::vertical([Constraint::Fill(1), Constraint::Length(detail)]).areas(pane);
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
