//! One change from one SBOM to another, whole.

use super::Outline;
use crate::tui::{panes::compared, state::State, text::shown};

pub(super) fn change(state: &State, out: &mut Outline) -> String {
    let Some(comparison) = compared::visible(state) else { return String::new() };
    let Some((_, row)) = comparison.selected() else { return String::new() };
    let cell = |at: usize| row.get(at).map(String::as_str).filter(|text| !text.is_empty());
    out.leaf_if("change", cell(0));
    out.leaf("before", cell(2).unwrap_or("not there"));
    out.leaf("after", cell(3).unwrap_or("not there"));
    out.leaf("from", &comparison.old.place());
    out.leaf("to", &comparison.new.place());
    shown(cell(1).unwrap_or_default())
}
