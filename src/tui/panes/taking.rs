//! SBOM: what an export is of, and the marks that choose it.

use std::ops::Range;

use super::{Key, Row, sbom::SbomView};
use crate::{
    domain::sbom::rows::{Arrangement, Line},
    tui::{state::Taking, text::count},
};

/// What an export of components is of: those that are marked, else those that were found, else all.
pub fn chosen(view: &SbomView) -> Vec<u32> {
    if !view.marked.is_empty() {
        return view.marked.iter().copied().collect();
    }
    if !view.query.trim().is_empty() {
        return view.hits.clone();
    }
    (0_u32..).take(view.sbom.len()).collect()
}

/// The row and what is shown deeper than it; in a list every row.
pub fn below(view: &SbomView, at: usize) -> Range<usize> {
    if matches!(view.rows.arrangement(), Arrangement::List(_)) {
        return 0..view.rows.len();
    }
    let depth = |row: usize| view.rows.get(row).map(Line::depth);
    let Some(here) = depth(at) else { return 0..0 };
    let deeper = (at + 1..view.rows.len()).take_while(|row| depth(*row) > Some(here));
    at..at + 1 + deeper.count()
}

/// What is written into the file, in words.
pub fn words(view: &SbomView, taking: Taking, at: usize) -> String {
    let chosen = || {
        if !view.marked.is_empty() {
            format!("the {} marked", view.marked.len())
        } else if view.query.trim().is_empty() {
            format!("all {}", count(view.sbom.len(), "component"))
        } else {
            format!("the {} found", view.hits.len())
        }
    };
    match taking {
        Taking::Document => "the document, byte for byte,".to_owned(),
        Taking::Components => chosen(),
        Taking::Below if matches!(view.rows.arrangement(), Arrangement::List(_)) => {
            format!("the {} of the list", count(view.rows.len(), "row"))
        }
        Taking::Below => match below(view, at).len() {
            0 | 1 => "this row".to_owned(),
            rows => format!("this row and {} below", rows - 1),
        },
        Taking::Licences => format!("the licences of {}", chosen()),
    }
}

/// Whether it is marked for the export: a component, or all that a group shows.
pub fn marked(view: &SbomView, row: &Row) -> bool {
    match &row.key {
        Key::Component(Some(component)) => view.marked.contains(component),
        Key::Group(group) if !view.marked.is_empty() => {
            view.rows.members(*group).iter().all(|member| view.marked.contains(member))
        }
        _ => false,
    }
}
