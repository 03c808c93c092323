//! Looking pieces up in their log, where they came without an entry.

use std::sync::Arc;

use super::{blocking, piece::finding, under::case};
use crate::{
    domain::verdict::Judgement,
    inspect::{Finding, FoundPiece, LogAnswer, World, plan::Judging},
    verify::{LookUp, Piece, key::TrustedKey},
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
    let answer = match look_up.question(case(judging, now)) {
        None => Err("the SHA-256 of what was signed is not known".to_owned()),
        Some(question) => {
            let address = judging.root.as_ref().and_then(|root| root.root.searchable_log());
            world.log.find(address, &question).await
        }
    };
    let (look_up, judging) = (Arc::clone(look_up), Arc::clone(judging));
    blocking(move || {
        let case = case(&judging, now);
        match answer {
            Ok(answer) => judge(&look_up, &answer, case),
            Err(why) => {
                let why = format!("not looked up in the log: {why}");
                (vec![look_up.waits(&why, case)], "not looked up".to_owned())
            }
        }
    })
    .await
}

fn judge(
    look_up: &LookUp,
    answer: &LogAnswer,
    case: crate::verify::Case<'_>,
) -> (Vec<Piece>, String) {
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
