//! A pane without rows says in words why it has none.

use super::{Key, Row, rows_of};
use crate::{
    inspect::CheckKind,
    tui::{
        mark::Mark,
        state::{Load, Pane, State},
    },
};

/// Why the pane that is shown has no rows.
pub fn why(state: &State) -> (Option<Mark>, String) {
    if state.pane == Pane::Trace {
        let words = if state.in_demo() {
            "the demo is built in: it asks nobody, so there is nothing to trace"
        } else {
            "nothing was asked yet"
        };
        return (None, words.to_owned());
    }
    let Some(slot) = state.slot() else {
        return nothing_open(state);
    };
    let waiting = |kind| {
        let wanted = Key::Waiting(kind);
        let about = |row: &Row| match &row.key {
            Key::Check(id) => id.kind == kind,
            key => *key == wanted,
        };
        let rows = rows_of(state, Pane::Overview);
        rows.into_iter().find(about).map(|row| (row.mark, row.text))
    };
    let running = slot.run.is_some().then(|| (Some(Mark::Running), "still looking".to_owned()));
    let found = match state.pane {
        Pane::Sbom => super::unsigned::why(state).or_else(|| waiting(CheckKind::Sbom)),
        Pane::Image => waiting(CheckKind::Resolve),
        _ => running.or_else(|| match waiting(CheckKind::Piece) {
            Some(row) if slot.inspection.pieces().next().is_none() => Some(row),
            _ => Some((Some(Mark::Absent), format!("no {}", state.pane.word().to_lowercase()))),
        }),
    };
    found.unwrap_or_else(|| (Some(Mark::NotYet), "not looked at yet".to_owned()))
}

/// Before anything is open: what there is to choose from.
fn nothing_open(state: &State) -> (Option<Mark>, String) {
    let nodes = &state.browser.repositories;
    let loads =
        || nodes.iter().map(|n| &n.load).chain(state.browser.hosts.values().map(|n| &n.load));
    if nodes.iter().any(|node| !node.tags.is_empty()) {
        return (None, "Nothing is open. Choose a tag and press Enter.".to_owned());
    }
    if loads().any(|load| matches!(load, Load::Running(_))) {
        return (Some(Mark::Running), "Nothing is open. The list is being read.".to_owned());
    }
    let failed = loads().find_map(|load| match load {
        Load::Failed(why) => Some(why),
        _ => None,
    });
    match failed {
        Some(why) => (Some(Mark::Undecided), format!("Nothing could be listed: {why}")),
        None if loads().any(|load| *load == Load::NotAsked) => {
            (None, "Nothing is open. Choose a repository and press Enter.".to_owned())
        }
        None => (None, "Nothing is open, and there is no tag. o names a target.".to_owned()),
    }
}

/// What would stand on the pane, and where it comes from.
pub const fn about(pane: Pane) -> &'static str {
    match pane {
        Pane::Overview => "one row for every check",
        Pane::Signatures => {
            "signatures over the release itself: sigstore bundles, cosign's .sig tags, detached signatures"
        }
        Pane::Attestations => {
            "signed statements about the release: provenance, SBOMs, scans, whoever made them"
        }
        Pane::Sbom => "the components of a CycloneDX or SPDX document that an attestation carries",
        Pane::Trace => "one row for every request, hit of the cache and wait",
        Pane::Decision => "the digest and the proved signer, written for what enforces them",
        Pane::Image => "index, platforms and labels, once the reference is resolved",
    }
}
