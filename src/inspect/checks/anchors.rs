//! Under which trust root and which demanded key a piece is judged, where there are several.

use std::sync::Arc;

use crate::{
    domain::verdict::Judgement,
    verify::{Case, Piece, key::TrustedKey, root::TrustRoot},
};

/// Judges under every root that may judge.
///
/// Contract: of JSON lines "only the line whose CA issued the leaf counts". Where two lines have
/// that CA neither is *the* line: whichever stood first would decide whose logs are believed, and
/// whoever can append a line could lend a log to an instance. So all of them must come to one
/// judgement; otherwise nothing is decided. The same where a key signed: nothing tells its line.
pub(super) fn under_each(
    roots: &[&Arc<TrustRoot>],
    case: Case<'_>,
    judge: impl Fn(Case<'_>) -> Piece,
) -> Piece {
    let mut judged =
        roots.iter().map(|root| (root.name(), judge(Case { root: Some(root), ..case })));
    let Some((first, piece)) = judged.next() else { return judge(Case { root: None, ..case }) };
    match judged.find(|(_, other)| other.judgement != piece.judgement) {
        None => piece,
        Some((second, other)) => {
            let why = disagree(&piece, (first, piece.judgement), (second, other.judgement));
            Piece {
                predicate_type: piece.predicate_type,
                ..Piece::not_judged(piece.format, piece.kind, &why)
            }
        }
    }
}

/// That two trust roots come to two judgements of a piece, in words.
pub(super) fn disagree(
    piece: &Piece,
    (first, one): (&str, Judgement),
    (second, other): (&str, Judgement),
) -> String {
    let which = match piece.claims {
        Some(_) => "two trust roots have the CA of its certificate and disagree",
        None => "no certificate tells which of two trust roots counts, and they disagree",
    };
    let (one, other) = (one.words(), other.words());
    format!("{which}: by {first} it is {one}, by {second} {other}")
}

/// Judges under every demanded key and takes the best: any of them counts.
///
/// That a key could not be tried is undecided, so it outweighs that another one did not sign.
pub(super) fn by_any_key(
    keys: &[Arc<TrustedKey>],
    case: Case<'_>,
    judge: impl Fn(Case<'_>) -> Piece,
) -> Piece {
    let rank = |piece: &Piece| {
        let judgement = match piece.judgement {
            Judgement::Proved => 0,
            Judgement::Valid => 1,
            Judgement::Undecided => 2,
            Judgement::Refuted => 3,
        };
        (judgement, piece.key.is_none())
    };
    let each = keys.iter().map(|key| judge(Case { key: Some(key), ..case }));
    let Some(mut best) = each.min_by_key(rank) else { return judge(case) };
    if keys.len() > 1 && best.judgement == Judgement::Refuted && best.key.is_none() {
        best.summary = format!("none of the {} demanded keys: {}", keys.len(), best.summary);
    }
    best
}
