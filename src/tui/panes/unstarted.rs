//! Rows of checks that were not started: they wait, or there is nothing for them.

use super::{Key, Row};
use crate::{
    domain::verdict::Answer,
    inspect::{CheckKind, CheckState, Inspection, Subject},
    tui::{mark::Mark, theme::Role},
};

/// The row of a kind of check of which none was started: it waits, or there is nothing for it.
pub(super) fn waiting(seen: &Inspection, kind: CheckKind) -> Option<Row> {
    let answer = |kind| seen.finding(kind).map(|f| f.answer);
    let resolved = matches!(answer(CheckKind::Resolve), Some(Answer::Proved | Answer::Valid));
    let name = match kind {
        CheckKind::Piece => "signatures",
        CheckKind::Sbom => "SBOM",
        CheckKind::Platform => "platforms",
        CheckKind::LegacyTags => "legacy tags",
        CheckKind::Referrers => "referrers",
        CheckKind::GitHub if seen.github().is_some() => "GitHub",
        CheckKind::TrustRoot | CheckKind::Resolve => kind.word(),
        CheckKind::Key
        | CheckKind::Tag
        | CheckKind::GitHub
        | CheckKind::GitHubRoot
        | CheckKind::LogEntry
        | CheckKind::List
        | CheckKind::File
        | CheckKind::Chart
        | CheckKind::Listed
        | CheckKind::Nested
        | CheckKind::NestedPiece => return None,
    };
    let file = !matches!(seen.subject, Subject::Artifact(_) | Subject::Layer { .. });
    if file && matches!(kind, CheckKind::Referrers | CheckKind::LegacyTags | CheckKind::Platform) {
        return None;
    }
    let (mark, text) = match kind {
        // Without a digest there is nothing more to wait for.
        _ if !resolved && answer(CheckKind::Resolve).is_some() => {
            (Mark::NotAsked, "not looked at: there is no digest".to_owned())
        }
        _ if !resolved => (Mark::NotYet, "waits for the digest".to_owned()),
        CheckKind::Piece => after_listing(seen),
        CheckKind::Sbom => after_pieces(seen),
        _ => (Mark::NotYet, "not looked at yet".to_owned()),
    };
    Some(Row::new(Key::Waiting(kind), Some(mark), name).text(text).role(Role::Dim))
}

/// No piece is there, or not known to be there.
fn after_listing(seen: &Inspection) -> (Mark, String) {
    if matches!(seen.subject, Subject::Folder(_)) && seen.folder().is_some() {
        return (Mark::Absent, "nothing in this folder is evidence".into());
    }
    let mut kinds = seen.listings().into_iter();
    let unread = kinds.find_map(|kind| match seen.finding(kind) {
        None => Some((Mark::NotYet, "waits for the listings".to_owned())),
        Some(f) if matches!(f.answer, Answer::Undecided | Answer::Refuted) => {
            let what = kind.word();
            Some((Mark::Undecided, format!("none found, but not every place was read: {what}")))
        }
        Some(_) => None,
    });
    unread.unwrap_or_else(|| (Mark::Absent, "nothing refers to this digest".to_owned()))
}

/// No SBOM is there, or not known to be there.
fn after_pieces(seen: &Inspection) -> (Mark, String) {
    let unread = |state: &CheckState| match state {
        CheckState::Running { .. } => true,
        CheckState::Done { finding, .. } => finding.answer == Answer::Undecided,
    };
    let mut pieces = seen.checks.iter().filter(|(id, _)| id.kind == CheckKind::Piece);
    let running = seen.checks.iter().any(|(id, state)| {
        id.kind == CheckKind::Piece && matches!(state, CheckState::Running { .. })
    });
    match after_listing(seen) {
        (Mark::Absent, _) if running => (Mark::NotYet, "waits for the attestations".to_owned()),
        (Mark::Absent, _) if pieces.any(|(_, state)| unread(state)) => {
            (Mark::Undecided, "none found, but not every attestation was read".to_owned())
        }
        (Mark::Absent, _) => (Mark::Absent, "no SBOM is attested".to_owned()),
        (Mark::Undecided, why) => (Mark::Undecided, why),
        _ => (Mark::NotYet, "waits for the attestations".to_owned()),
    }
}
