//! Whether a signed statement names a file of a folder with another digest.

use std::collections::{BTreeMap, BTreeSet};

use super::{FolderFacts, Pair, Speaks};
use crate::{
    domain::{
        Digest, Verdict,
        checksums::tidy,
        demand::Demand,
        statement::Subject,
        verdict::{Judgement, StepName},
    },
    inspect::{CheckId, FoundPiece, Inspection},
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

/// Why statements of a folder name its files with other digests, by the place of the file.
///
/// A file that is not what its release says must not pass for one that nobody speaks of, nor for
/// the one whose name it took. Only a statement by the demanded signer contradicts: anybody can lay
/// another one into the folder.
pub(super) fn named<'a>(
    seen: &'a Inspection,
    folder: &FolderFacts,
    pair: impl Fn(&CheckId) -> Option<&'a Pair>,
) -> BTreeMap<usize, Names> {
    let by_name = folder.files.iter().enumerate().map(|(at, f)| (f.name.as_str(), at));
    let by_name: BTreeMap<&str, usize> = by_name.collect();
    let (mut otherwise, mut perhaps) = (BTreeMap::new(), BTreeMap::new());
    for (id, FoundPiece { piece, .. }) in seen.pieces() {
        let judgement = but_for_the_subject(piece, seen.demand.as_deref());
        let told = match judgement {
            Judgement::Proved | Judgement::Valid => &mut otherwise,
            Judgement::Undecided => &mut perhaps,
            Judgement::Refuted => continue,
        };
        let files: BTreeSet<usize> = match (&piece.statement, pair(id)) {
            (Some(statement), _) => spoken_of(folder, &by_name, &statement.get().subjects),
            // What could not be read as a statement was put here because it names this file.
            (None, Some(pair)) if pair.speaks == Speaks::Otherwise => pair.files().collect(),
            (None, _) => continue,
        };
        for file in files {
            let words = told.entry(file).or_insert_with(|| signer(piece));
            let other = signer(piece);
            if other < *words {
                *words = other;
            }
        }
    }
    let told = |words: String| format!("an attestation names it with another digest: {words}");
    let perhaps = perhaps
        .into_iter()
        .map(|(file, words)| (file, Names::Perhaps(format!("{}, undecided", told(words)))));
    let mut all: BTreeMap<usize, Names> = perhaps.collect();
    all.extend(otherwise.into_iter().map(|(file, words)| (file, Names::Otherwise(told(words)))));
    all
}

/// The files that subjects name, of which none has the digest of the file: a release may state two
/// files of one name, each for its own platform.
fn spoken_of(
    folder: &FolderFacts,
    by_name: &BTreeMap<&str, usize>,
    subjects: &[Subject],
) -> BTreeSet<usize> {
    let (mut right, mut wrong) = (BTreeSet::new(), BTreeSet::new());
    for subject in subjects {
        let name = subject.name.as_deref().map(|name| tidy(name).0);
        let Some(at) = name.and_then(|name| by_name.get(name.as_str()).copied()) else { continue };
        let Some(Ok(artifact)) = folder.files.get(at).map(|file| file.hashed.as_ref()) else {
            continue;
        };
        if names_otherwise(subject, &artifact.digests) {
            wrong.insert(at);
        } else if artifact.digests.iter().any(|own| said(subject, own).is_some()) {
            right.insert(at);
        }
    }
    wrong.difference(&right).copied().collect()
}

fn said<'a>(subject: &'a Subject, own: &Digest) -> Option<&'a str> {
    subject.digests.get(own.algorithm().name()).map(String::as_str)
}

/// Whether a subject has another digest than these, by an algorithm that both have. Upper-case hex
/// is the same digest; that it should not be written so is judged where the subject is.
pub(in crate::inspect) fn names_otherwise(subject: &Subject, own: &[Digest]) -> bool {
    own.iter().any(|digest| {
        said(subject, digest).is_some_and(|said| !said.eq_ignore_ascii_case(digest.hex()))
    })
}

/// Whether a subject has that name; `./b` is `b`, as in a list.
pub(in crate::inspect) fn named_as(subject: &Subject, name: &str) -> bool {
    subject.name.as_deref().is_some_and(|said| tidy(said).0 == name)
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
