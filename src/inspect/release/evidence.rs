//! The row of a file that vouches for others; its pieces have their own.

use std::collections::BTreeSet;

use super::{FileState, FolderFacts, ReleaseFile, Speaks, certificate_of, rows::Must};
use crate::{
    domain::{Verdict, release::EvidenceName, verdict::Answer},
    inspect::Finding,
};

/// How a file of evidence stands. Under `--strict` it counts like any other file: what speaks of
/// nothing here, or is not used, may be a program under the name of a signature.
pub(super) fn row(
    folder: &FolderFacts,
    (at, name): (usize, &str),
    must: Must,
    told: impl Fn(Answer, String, FileState, Option<Verdict>) -> Finding,
) -> Finding {
    let idle = |words: String| {
        let (answer, counts) = if must.strict {
            (Answer::Refuted, Some(Verdict::Refuted))
        } else {
            (Answer::Absent, None)
        };
        let finding = told(answer, words.clone(), FileState::Evidence, counts);
        finding.warn("evidence-unplaced", words)
    };
    let kind = folder.files.get(at).and_then(ReleaseFile::evidence);
    let unplaced = folder.unplaced.iter().find(|(evidence, _)| *evidence == at);
    match (kind, unplaced) {
        (Some(EvidenceName::Certificate(of)), _) => {
            if is_used(folder, at, of) {
                let words = format!("{name} stands beside a signature");
                return told(Answer::Valid, words, FileState::Evidence, None);
            }
            idle(format!("{name} is a certificate that no signature of a file here is judged with"))
        }
        // A detached signature names nothing: it is of the file that its name says, or of none.
        (Some(EvidenceName::Signature(_)), Some(_)) | (_, Some((_, Ok(())))) => {
            idle(format!("{name} speaks of no file that is here"))
        }
        // It may speak of any file here, so under --strict nobody can say that one is unvouched.
        (_, Some((_, Err(why)))) => {
            let words = format!("{name} cannot be read as evidence: {why}");
            let counts = must.strict.then_some(Verdict::Undecided);
            let finding = told(Answer::Undecided, words.clone(), FileState::Unread, counts);
            finding.warn("evidence-unread", words)
        }
        (_, None) => {
            let pairs = folder.pairs.iter().filter(|p| p.evidence == at && p.speaks == Speaks::Of);
            let files: BTreeSet<usize> = pairs.flat_map(super::Pair::files).collect();
            let words = match files.len() {
                0 if must.strict => return idle(format!("{name} speaks of no file as it is here")),
                0 => format!("{name} names a file here, with another digest"),
                1 => format!("{name} speaks of 1 file here"),
                n => format!("{name} speaks of {n} files here"),
            };
            told(Answer::Valid, words, FileState::Evidence, None)
        }
    }
}

/// Whether a certificate is the one with which the detached signature beside it is judged.
fn is_used(folder: &FolderFacts, at: usize, of: &str) -> bool {
    let signature = format!("{of}.sig");
    let judged =
        |evidence: usize| folder.files.get(evidence).is_some_and(|file| file.name == signature);
    certificate_of(&folder.files, of) == Some(at)
        && folder.pairs.iter().any(|pair| judged(pair.evidence))
}
