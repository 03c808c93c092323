//! The rows of every pane, as plain data: what `view` draws and `update` moves over.

pub mod browser;
mod chart;
pub mod compared;
pub mod decision;
pub mod draft;
pub mod empty;
mod image;
pub mod names;
mod nested;
mod overview;
mod pieces;
pub mod releases;
pub mod sbom;
pub mod suggest;
pub mod taking;
pub mod trace;
mod unsigned;
mod unstarted;

use super::{
    mark::Mark,
    state::{Pane, Slot, State},
    theme::Role,
};
use crate::{
    domain::{Digest, Tag, Verdict, verdict::Judgement},
    inspect::{CheckId, CheckKind, Inspection},
    verify::{Evidence, Piece},
};

pub use overview::{check_name, signers, tally, warnings};
pub use pieces::{belongs, pieces_of};

/// What a row is of; it stays the same when rows come in above it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Key {
    /// The pane has no rows.
    Nothing,
    /// A heading; never selected.
    Heading(&'static str),
    /// The verdict over the release.
    Verdict,
    /// One check.
    Check(CheckId),
    /// Checks of that kind cannot start yet, or there is nothing for them.
    Waiting(CheckKind),
    /// A signer, by the piece that names it.
    Signer(CheckId, usize),
    /// Flags that would demand that signer.
    Suggestion(CheckId, usize),
    /// A warning, by its number.
    Warning(usize),
    /// A signature or attestation, by its check and number.
    Piece(CheckId, usize),
    /// A component.
    Component(Option<u32>),
    /// A component, as it is written.
    RawComponent(Option<u32>),
    /// Components that have something in common, by the number of their group.
    Group(usize),
    /// A change, by the number of the comparison and its own.
    Change(u64, usize),
    /// A release that is asked for its SBOM, and whether it has answered.
    Release(Tag, bool),
    /// The index, or the image itself.
    Index,
    /// One platform.
    Platform(Digest),
    /// A form of the decision, by its number.
    Written(usize),
    /// A record of the trace, by its number.
    Record(u64),
    /// An image that a chart names, by its number.
    ChartImage(usize),
    /// Something that is only said, in its words.
    Note(String),
}

/// One row; all text in it is harmless.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// What it is of.
    pub key: Key,
    /// How it stands.
    pub mark: Option<Mark>,
    /// Its name.
    pub name: String,
    /// What it says.
    pub text: String,
    /// What stands at the right edge.
    pub right: String,
    /// How the text is drawn.
    pub role: Role,
}

impl Row {
    /// A row without text.
    pub fn new(key: Key, mark: Option<Mark>, name: impl Into<String>) -> Self {
        let (name, text, right) = (name.into(), String::new(), String::new());
        Self { key, mark, name, text, right, role: Role::Text }
    }

    /// With text.
    #[must_use]
    pub fn text(mut self, text: impl Into<String>) -> Self {
        self.text = text.into();
        self
    }

    /// With something at the right edge.
    #[must_use]
    pub fn right(mut self, right: impl Into<String>) -> Self {
        self.right = right.into();
        self
    }

    /// In a role.
    #[must_use]
    pub const fn role(mut self, role: Role) -> Self {
        self.role = role;
        self
    }

    fn heading(name: &'static str) -> Self {
        Self::new(Key::Heading(name), None, name).role(Role::Title)
    }

    /// Whether the cursor may stand on it.
    pub const fn selectable(&self) -> bool {
        !matches!(self.key, Key::Heading(_))
    }
}

/// The rows of the pane that is shown; the SBOM has its own, for it may have a million.
pub fn rows(state: &State) -> Vec<Row> {
    rows_of(state, state.pane)
}

/// The rows of a pane.
pub fn rows_of(state: &State, pane: Pane) -> Vec<Row> {
    match (state.slot(), pane) {
        (None, _) | (_, Pane::Sbom | Pane::Trace) => Vec::new(),
        (Some(slot), Pane::Overview) => overview::rows(slot, state.now),
        (Some(slot), Pane::Signatures | Pane::Attestations) => pieces::rows(slot, pane),
        (Some(slot), Pane::Image) => image::rows(slot),
        (Some(_), Pane::Decision) => decision::rows(state),
    }
}

/// How many rows the pane has.
pub fn len(state: &State) -> usize {
    match state.pane {
        Pane::Sbom => sbom::len(state),
        Pane::Trace => trace::len(state),
        _ => rows(state).len(),
    }
}

/// What the selected row is of.
pub fn selected(state: &State) -> Option<Key> {
    match state.pane {
        Pane::Sbom if compared::visible(state).is_some() => {
            let shown = compared::visible(state)?;
            let row = shown.selected().map(|(row, _)| Key::Change(shown.run.0, row));
            Some(row.unwrap_or(Key::Nothing))
        }
        Pane::Sbom if releases::visible(state).is_some() => {
            releases::visible(state).and_then(releases::selected)
        }
        Pane::Sbom => sbom::selected(state),
        Pane::Trace => trace::selected(state),
        _ => rows(state).into_iter().nth(state.master().selected).map(|row| row.key),
    }
}

/// Whether a release has something for a pane: files have no index and no platforms.
pub const fn offered(seen: &Inspection, pane: Pane) -> bool {
    !matches!(pane, Pane::Image) || seen.subject.reference().is_some()
}

/// Whether what a piece says may be shown as the publisher's word: under a signature whose every
/// step holds, by the demanded signer.
pub fn is_publishers<T>(piece: &Piece, evidence: &Evidence<T>) -> bool {
    piece.judgement == Judgement::Proved && evidence.verified().is_some()
}

/// How a target stands, for the tags and the header.
pub fn badge(slot: Option<&Slot>) -> (Mark, &'static str) {
    let Some(slot) = slot else { return (Mark::NotYet, Mark::NotYet.word()) };
    // What hangs below is still looked at then, and cannot change the verdict.
    match (slot.overall.running, slot.run.is_some()) {
        (false, _) => {}
        (true, true) => return (Mark::Running, "running"),
        (true, false) => return (Mark::NotYet, "left"),
    }
    if slot.moved.is_some() {
        return (Mark::Warning, "tag moved");
    }
    let seen = &slot.inspection;
    let found = seen.resolved().is_some() || seen.digest().is_some() || seen.folder().is_some();
    // What contradicts does so whether or not somebody is demanded.
    let refuted = slot.overall.verdict == Verdict::Refuted;
    if slot.inspection.demand.is_none() && found && !refuted {
        return (Mark::Unverified, Mark::Unverified.word());
    }
    let mark = Mark::from(slot.overall.verdict);
    (mark, mark.word())
}

#[cfg(test)]
mod tests;
