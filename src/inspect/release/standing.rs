//! How one file of a folder stands by everything that speaks of it.

use super::{FileState, rows::Must};
use crate::{
    domain::{Verdict, verdict::Answer},
    inspect::{Facts, Finding},
};

/// Whether a list is signed by whoever was demanded: only then it contradicts.
pub(super) const fn signed(chain: Option<Answer>) -> bool {
    matches!(chain, Some(Answer::Proved | Answer::Valid))
}

/// Whether a list has evidence of its own that may hold: then what it says may be so.
pub(super) const fn may_be_signed(chain: Option<Answer>) -> bool {
    !matches!(chain, None | Some(Answer::Refuted | Answer::Absent))
}

/// How a file stands by the best of what vouches for it.
pub(super) fn best(
    name: &str,
    vouching: Vec<(Answer, String)>,
    must: Must,
    told: impl Fn(Answer, String, FileState, Option<Verdict>) -> Finding,
) -> Finding {
    let rank = |answer: &Answer| match answer {
        Answer::Proved => 0,
        Answer::Valid => 1,
        Answer::Undecided => 2,
        Answer::Refuted => 3,
        Answer::Absent => 4,
    };
    match vouching.into_iter().min_by_key(|(answer, _)| rank(answer)) {
        Some((answer, words)) => {
            let state = if answer == Answer::Refuted { FileState::Wrong } else { FileState::Good };
            told(answer, words, state, Some(answer.verdict()))
        }
        None => {
            let words = format!("nothing vouches for {name}");
            let (answer, counts) = if must.strict {
                (Answer::Refuted, Some(Verdict::Refuted))
            } else {
                (Answer::Absent, None)
            };
            told(answer, words.clone(), FileState::Unlisted, counts).warn("file-unvouched", words)
        }
    }
}

/// A row that is told and adds nothing to the verdict.
pub(super) fn without_weight(mut finding: Finding) -> Finding {
    if let Facts::File(facts) = &mut finding.facts {
        facts.counts = None;
    }
    finding
}
