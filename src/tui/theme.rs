//! Twelve roles → the sixteen colours of the terminal, or none of them.
//!
//! The colours are the terminal's own, so they follow its light or dark scheme. Without colour
//! everything that matters is still bold, underlined or reversed.

use ratatui::{
    buffer::Buffer,
    style::{Color, Modifier, Style},
};

/// What a text is, rather than how it looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Ordinary text.
    Text,
    /// Beside the point, or observed only.
    Dim,
    /// Names of sections, keys in hints.
    Title,
    /// Lines around panes.
    Border,
    /// Lines around the pane that takes the keys.
    Focus,
    /// Proved.
    Proved,
    /// Refuted.
    Refuted,
    /// Undecided.
    Undecided,
    /// Under way.
    Running,
    /// Deserves a look.
    Warning,
    /// The row under the cursor.
    Selected,
    /// What must not be overlooked.
    Alarm,
}

/// How the screen looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Theme {
    /// Whether colours are used at all.
    pub colour: bool,
    /// Whether only ASCII is drawn.
    pub ascii: bool,
}

impl Theme {
    /// The style of a role.
    pub const fn style(self, role: Role) -> Style {
        if self.colour { coloured(role) } else { plain(role) }
    }
}

const fn coloured(role: Role) -> Style {
    let style = Style::new();
    match role {
        Role::Text => style,
        Role::Dim | Role::Border => style.fg(Color::DarkGray),
        Role::Title => style.add_modifier(Modifier::BOLD),
        Role::Focus | Role::Running => style.fg(Color::Cyan),
        Role::Proved => style.fg(Color::Green),
        Role::Refuted => style.fg(Color::Red).add_modifier(Modifier::BOLD),
        Role::Undecided | Role::Warning => style.fg(Color::Yellow),
        Role::Selected => style.fg(Color::Reset).add_modifier(Modifier::REVERSED),
        Role::Alarm => style.fg(Color::White).bg(Color::Red).add_modifier(Modifier::BOLD),
    }
}

const fn plain(role: Role) -> Style {
    let style = Style::new();
    match role {
        Role::Text | Role::Dim | Role::Border | Role::Proved | Role::Running => style,
        Role::Title | Role::Focus | Role::Refuted => style.add_modifier(Modifier::BOLD),
        Role::Undecided | Role::Warning => style.add_modifier(Modifier::UNDERLINED),
        Role::Selected => style.add_modifier(Modifier::REVERSED),
        Role::Alarm => style.add_modifier(Modifier::REVERSED.union(Modifier::BOLD)),
    }
}

/// Our own signs in ASCII.
const SIGNS: [(&str, &str); 27] = [
    ("✓", "+"),
    ("✗", "x"),
    ("–", "-"),
    ("◌", "o"),
    ("·", "."),
    ("…", "~"),
    ("▸", ">"),
    ("▾", "v"),
    ("▏", "|"),
    ("█", "#"),
    ("░", "."),
    ("│", "|"),
    ("─", "-"),
    ("┌", "+"),
    ("┐", "+"),
    ("└", "+"),
    ("┘", "+"),
    ("├", "+"),
    ("┤", "+"),
    ("●", "*"),
    ("←", "<"),
    ("→", ">"),
    ("↑", "^"),
    ("↓", "v"),
    ("⟨", "<"),
    ("⟩", ">"),
    ("↻", "@"),
];

/// Replaces everything that is not ASCII; what is not ours becomes `*`, never a mark.
pub fn to_ascii(buffer: &mut Buffer) {
    for cell in &mut buffer.content {
        if !cell.symbol().is_ascii() {
            let ours = SIGNS.iter().find(|(sign, _)| *sign == cell.symbol());
            // Only constants reach the cell.
            cell.set_symbol(ours.map_or("*", |(_, ascii)| ascii));
        }
    }
}
