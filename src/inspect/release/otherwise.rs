//! Whether a signed statement names a file of a folder with another digest.

use super::ReleaseFile;
use crate::{
    domain::{
        Digest, Verdict,
        demand::Demand,
        statement::Subject,
        verdict::{Judgement, StepName},
    },
    inspect::Inspection,
    verify::Piece,
};

/// How statements speak of a file whose bytes are not the named ones.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Names {
    /// One that was verified names it with another digest: why, in words.
    Otherwise(String),
    /// One names it with another digest, and could not be verified.
    Perhaps(String),
}

/// Why a statement of this folder names the file with another digest; `None` where none does.
///
/// A file that is not what its release says must not pass for one that nobody speaks of. Only a
/// statement by the demanded signer contradicts: anybody can lay another one into the folder.
pub(super) fn named(seen: &Inspection, file: &ReleaseFile) -> Option<Names> {
    let digests = &file.hashed.as_ref().ok()?.digests;
    let speaking = seen.pieces().map(|(_, found)| &*found.piece).filter_map(|piece| {
        let subjects = &piece.statement.as_ref()?.get().subjects;
        let other = subjects.iter().any(|subject| names_otherwise(subject, &file.name, digests));
        other.then(|| (but_for_the_subject(piece, seen.demand.as_deref()), signer(piece)))
    });
    let (mut otherwise, mut perhaps) = (vec![], vec![]);
    for (judgement, words) in speaking {
        match judgement {
            Judgement::Proved | Judgement::Valid => otherwise.push(words),
            Judgement::Undecided => perhaps.push(words),
            Judgement::Refuted => {}
        }
    }
    let told = |words: String| format!("an attestation names it with another digest: {words}");
    match (otherwise.into_iter().min(), perhaps.into_iter().min()) {
        (Some(words), _) => Some(Names::Otherwise(told(words))),
        (None, Some(words)) => Some(Names::Perhaps(format!("{}, undecided", told(words)))),
        (None, None) => None,
    }
}

/// Whether a subject has this name and another digest, by an algorithm that both have.
pub(in crate::inspect) fn names_otherwise(subject: &Subject, name: &str, own: &[Digest]) -> bool {
    let other = |digest: &Digest| {
        let said = subject.digests.get(digest.algorithm().name());
        said.is_some_and(|said| said != digest.hex())
    };
    subject.name.as_deref() == Some(name) && own.iter().any(other)
}

/// The judgement of a piece if its subject were the file: that it is not is the very contradiction.
fn but_for_the_subject(piece: &Piece, demand: Option<&Demand>) -> Judgement {
    if matches!(piece.judgement, Judgement::Proved | Judgement::Valid) {
        return piece.judgement;
    }
    let mut steps = piece.steps.clone();
    steps.set(StepName::Subject, Verdict::Proved, "", "");
    steps.judgement(&piece.terms(demand))
}

fn signer(piece: &Piece) -> String {
    let claims = piece.claims.as_ref().map(crate::verify::Evidence::get);
    let identity = claims.and_then(|claims| claims.identity()).map(|san| san.value().to_owned());
    match identity {
        Some(identity) => format!("signed by {identity}"),
        None => piece.summary.clone(),
    }
}
