//! Looking pieces up in their log, where they came without an entry.

use std::sync::Arc;

use super::{
    anchors::disagree,
    blocking,
    piece::finding,
    under::{case, roots_of},
};
use crate::{
    domain::verdict::Judgement,
    inspect::{Finding, FoundPiece, LogAnswer, World, plan::Judging},
    verify::{Case, LookUp, Piece, key::TrustedKey, root::TrustRoot, roots},
};

/// Every piece of one carrier, those that waited for their entry judged with it.
pub(super) async fn run(found: &[FoundPiece], judging: &Arc<Judging>, world: &World) -> Finding {
    let (mut pieces, mut words) = (vec![], vec![]);
    for found in found {
        let Some(look_up) = &found.piece.look_up else {
            pieces.push(found.clone());
            continue;
        };
        let judging = by_its_key(judging, &found.piece);
        let (judged, told) = one(look_up, &judging, world).await;
        words.push(told);
        pieces.extend(
            judged.into_iter().map(|piece| FoundPiece { piece: Arc::new(piece), ..found.clone() }),
        );
    }
    words.dedup();
    let finding = finding(pieces);
    Finding { summary: format!("{}: {}", words.join("; "), finding.summary), ..finding }
}

/// The same with the key alone that signed the piece: of several demanded keys the log is asked by,
/// and its entry compared with, that one.
fn by_its_key(judging: &Arc<Judging>, piece: &Piece) -> Arc<Judging> {
    let own = |key: &&Arc<TrustedKey>| piece.key.as_deref() == Some(key.fingerprint());
    match judging.keys.iter().find(own) {
        Some(key) if judging.keys.len() > 1 => {
            Arc::new(Judging { keys: vec![Arc::clone(key)], ..(**judging).clone() })
        }
        _ => Arc::clone(judging),
    }
}

/// The pieces that a look-up makes of one, never none; and what was looked up, in words.
async fn one(look_up: &Arc<LookUp>, judging: &Arc<Judging>, world: &World) -> (Vec<Piece>, String) {
    let now = (world.now)();
    let roots = roots_of(judging);
    let answer = match look_up.question(case(judging, now)) {
        None => Err("the SHA-256 of what was signed is not known".to_owned()),
        Some(question) => {
            let picked = roots::for_look_up(&roots, look_up);
            let address = picked.first().and_then(|root| root.searchable_log());
            world.log.find(address, &question).await
        }
    };
    let (look_up, judging) = (Arc::clone(look_up), Arc::clone(judging));
    blocking(move || {
        let case = case(&judging, now);
        match answer {
            Ok(answer) => {
                under_each(&roots::for_look_up(&roots, &look_up), &look_up, &answer, case)
            }
            Err(why) => {
                let why = format!("not looked up in the log: {why}");
                (vec![look_up.waits(&why, case)], "not looked up".to_owned())
            }
        }
    })
    .await
}

/// The pieces under every root that may judge: as in [`super::anchors::under_each`] all of them
/// must come to the same, or none is decided.
fn under_each(
    roots: &[&Arc<TrustRoot>],
    look_up: &LookUp,
    answer: &LogAnswer,
    case: Case<'_>,
) -> (Vec<Piece>, String) {
    let mut each = roots.iter().map(|root| {
        let case = Case { root: Some(root), ..case };
        let (pieces, words) = judge(look_up, answer, case);
        (root.name(), pieces, words)
    });
    let Some((first, pieces, words)) = each.next() else { return judge(look_up, answer, case) };
    for (second, others, _) in each {
        if let Some((one, other)) = apart(&pieces, &others) {
            let why = disagree(one, (first, one.judgement), (second, other.judgement));
            return (vec![look_up.waits(&why, Case { root: None, ..case })], words);
        }
    }
    (pieces, words)
}

/// Two of the pieces, of which none is an empty list, that are judged in two ways.
fn apart<'a>(ones: &'a [Piece], others: &'a [Piece]) -> Option<(&'a Piece, &'a Piece)> {
    // A root that does not know the log makes other pieces of an answer than one that does.
    let longer = ones.iter().chain(ones.last().into_iter().cycle());
    let pairs = longer.zip(others.iter().chain(others.last().into_iter().cycle()));
    pairs.take(ones.len().max(others.len())).find(|(one, other)| one.judgement != other.judgement)
}

fn judge(look_up: &LookUp, answer: &LogAnswer, case: Case<'_>) -> (Vec<Piece>, String) {
    let (mut pieces, mut number) = (vec![], 0);
    for entries in &answer.entries {
        match look_up.judge(entries, case) {
            Ok((judged, entries)) => {
                pieces.extend(judged);
                number += entries;
            }
            Err(why) => {
                let why = format!("the answer of {} cannot be read: {why}", answer.log);
                pieces.push(look_up.waits(&why, case));
            }
        }
    }
    let log = &answer.log;
    let words = match number {
        1 => format!("1 entry of {log}"),
        n => format!("{n} entries of {log}"),
    };
    let decided =
        pieces.iter().any(|p| matches!(p.judgement, Judgement::Proved | Judgement::Valid));
    // What was not read may be the entry.
    if answer.unread > 0 && !decided {
        let why = format!("{} more entries of {log} were not read", answer.unread);
        return (vec![look_up.waits(&why, case)], words);
    }
    if pieces.is_empty() {
        let why = match number {
            0 => format!("looked up in {log}: it has no entry of this signature"),
            n => format!("looked up in {log}: {n} entries of these bytes, none of this signature"),
        };
        // Nobody signs that an entry is not there: an answer like that settles nothing.
        return (vec![look_up.waits(&why, case)], words);
    }
    (pieces, words)
}
