//! From the state to the screen: pure, and never a foreign text that was not made harmless.

mod browser;
mod compared;
mod decision;
mod detail;
mod draft;
mod help;
mod home;
mod master;
mod paint;
mod pin;
mod releases;
mod status;
mod tabs;
mod tag;
mod trace;

use ratatui::Frame;

use super::{
    layout::{self, SMALLEST},
    state::State,
    theme::{Role, Theme, to_ascii},
};
use paint::Paint;

pub use help::len as help_len;

/// Draws everything.
pub fn view(state: &State, theme: Theme, frame: &mut Frame<'_>) {
    let area = frame.area();
    if (area.width, area.height) != state.size {
        // The terminal changed size in between; the message about it is on its way.
        return;
    }
    let mut cursor = None;
    let mut paint = Paint { buffer: frame.buffer_mut(), theme };
    if layout::large_enough(state) {
        cursor = screen(state, &mut paint);
    } else {
        too_small(state, &mut paint);
    }
    if theme.ascii {
        to_ascii(paint.buffer);
    }
    if let Some(position) = cursor {
        frame.set_cursor_position(position);
    }
}

fn screen(state: &State, paint: &mut Paint<'_>) -> Option<(u16, u16)> {
    let areas = layout::areas(state);
    status::header(state, areas.header, paint);
    status::footer(state, areas.footer, paint);
    let mut cursor = None;
    if let Some(area) = areas.home {
        cursor = home::home(state, area, paint);
    }
    if let Some(area) = areas.browser {
        let own = browser::browser(state, area, paint);
        cursor = cursor.or(own);
    }
    if let Some(area) = areas.master {
        let own = master::master(state, area, paint);
        cursor = cursor.or(own);
    }
    if let Some(area) = areas.tabs {
        tabs::tabs(state, area, paint);
    }
    if let Some(area) = areas.detail {
        detail::detail(state, area, paint);
    }
    if state.help.is_some() {
        help::help(state, paint);
        cursor = None;
    }
    if let Some(pin) = &state.pin {
        pin::dialog(state, pin, paint);
        cursor = None;
    }
    cursor
}

fn too_small(state: &State, paint: &mut Paint<'_>) {
    let (columns, rows) = state.size;
    let demo = if state.in_demo() { "DEMO · " } else { "" };
    let lines = [
        format!("{demo}sigscope"),
        format!("needs {}×{}, here {columns}×{rows}", SMALLEST.0, SMALLEST.1),
        "q ends the program".to_owned(),
    ];
    for (y, line) in (0..rows).zip(&lines) {
        paint.text((0, y), columns, line, Role::Text);
    }
}

#[cfg(test)]
mod offers_tests;
#[cfg(test)]
mod tests;
