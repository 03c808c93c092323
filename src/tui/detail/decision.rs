//! One form of a decision, as it would be written.

use super::Outline;
use crate::tui::{mark::Mark, panes::decision::What, state::State, theme::Role};

/// The most lines that are shown; the longest policy has under a hundred.
const MAX_LINES: usize = 1000;

pub(super) fn written(state: &State, number: usize, out: &mut Outline) -> String {
    let Some(decision) = &state.decision else { return String::new() };
    let Some(entry) = decision.entries.get(number) else { return String::new() };
    if let Some(why) = &decision.unproved {
        out.marked(Mark::Warning, "", &format!("NOT proved: {why}"));
    }
    for note in &entry.notes {
        out.marked(Mark::Warning, "", note);
    }
    match &entry.text {
        Ok(text) => {
            for line in text.lines().take(MAX_LINES) {
                let comment = line.trim_start().starts_with('#');
                out.leaf_as("", line, if comment { Role::Dim } else { Role::Text });
            }
        }
        Err(why) if decision.unproved.is_none() => out.marked(Mark::Warning, "", why),
        Err(_) => out.leaf_as("", "nothing is written of what is not proved", Role::Dim),
    }
    match entry.what {
        What::Pin => format!("Pin · {}", entry.name),
        What::Policy(_) => format!("Policy · {}", entry.name),
    }
}
