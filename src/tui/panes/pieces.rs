//! Signatures and attestations: one row each.

use std::collections::BTreeMap;

use super::{Key, Row, is_publishers};
use crate::{
    domain::predicate::Family,
    inspect::{
        CheckId, CheckKind, FoundPiece, Inspection,
        predicates::{self, Age},
    },
    tui::{
        mark::Mark,
        state::{Pane, Slot},
        text::{shown, time},
        theme::Role,
    },
    verify::{Kind, Piece},
};

/// Every piece with its check and its number in it.
pub fn pieces_of(seen: &Inspection) -> impl Iterator<Item = (&CheckId, usize, &FoundPiece)> {
    let mut last: Option<&CheckId> = None;
    let mut number = 0;
    seen.pieces().map(move |(id, found)| {
        number = if last == Some(id) { number + 1 } else { 0 };
        last = Some(id);
        (id, number, found)
    })
}

/// On which pane a piece stands.
pub const fn belongs(piece: &Piece) -> Pane {
    match piece.kind {
        Kind::Attestation => Pane::Attestations,
        Kind::Signature | Kind::MessageSignature | Kind::Unknown => Pane::Signatures,
    }
}

pub(super) fn rows(slot: &Slot, pane: Pane) -> Vec<Row> {
    let mut rows = Vec::new();
    let checks = slot.inspection.checks.keys().filter(|id| id.kind == CheckKind::Piece);
    let order: BTreeMap<&CheckId, usize> = checks.zip(1..).collect();
    let ages = predicates::ages(&slot.inspection);
    for ((id, number, found), age) in pieces_of(&slot.inspection).zip(ages) {
        if belongs(&found.piece) != pane {
            continue;
        }
        let place = order.get(id).copied().unwrap_or(0);
        rows.push(row((id, number), found, age, &label(place, number)));
    }
    rows
}

/// `#1`, and `#1.2` for the second piece of one referrer.
fn label(place: usize, number: usize) -> String {
    match number {
        0 => format!("#{place}"),
        n => format!("#{place}.{}", n + 1),
    }
}

fn row(place: (&CheckId, usize), found: &FoundPiece, age: Option<Age>, name: &str) -> Row {
    let piece = &found.piece;
    let believed = piece.claims.as_ref().is_some_and(|claims| is_publishers(piece, claims));
    let mut words = Vec::new();
    if piece.kind == Kind::Attestation {
        words.push(short_type(piece.predicate_type.as_deref().unwrap_or("no predicate type")));
    }
    match signer(piece) {
        Some(signer) => words.push(shown(&signer)),
        None => words.push(shown(&piece.summary)),
    }
    let at = piece.logs.iter().find_map(|log| log.integrated_time).map(time);
    let right = at.unwrap_or_else(|| piece.format.word().to_owned());
    // At the right edge: a long signer is cut in the middle of the text, and this must not be.
    let right = match age.and_then(short_age) {
        Some(age) => format!("{age}  {right}"),
        None => right,
    };
    let role = if believed { Role::Text } else { Role::Dim };
    Row::new(Key::Piece(place.0.clone(), place.1), Some(Mark::from(piece.judgement)), name)
        .text(words.join(" · "))
        .right(right)
        .role(role)
}

/// Its place among those of its type, in a few words; the detail says it in full.
fn short_age(age: Age) -> Option<String> {
    Some(match age {
        Age::Only | Age::NotCounted => return None,
        Age::Newest { of } => format!("newest of {of}"),
        Age::Older { of } => format!("older of {of}"),
        Age::Tied { of } | Age::Unknown { of } => format!("one of {of}"),
    })
}

/// Who signed, short: the workflow and its ref without the host in front.
pub(super) fn signer(piece: &Piece) -> Option<String> {
    let identity = piece.claims.as_ref()?.get().identity()?.value();
    let workflow = identity.split_once("/.github/workflows/").map(|(repository, workflow)| {
        let name = repository.strip_prefix("https://github.com/").unwrap_or(repository);
        format!("{name} {workflow}")
    });
    Some(workflow.unwrap_or_else(|| identity.to_owned()))
}

fn short_type(uri: &str) -> String {
    Family::of(uri).name().unwrap_or_else(|| shown(uri))
}
