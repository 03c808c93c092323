//! The four answers and how pieces fold into one verdict.
//!
//! Nothing but a proved piece makes a demand proved, and "could not find out" is never folded
//! into yes or no.

use std::fmt;

pub use super::steps::{Step, StepName, Steps, Terms};

/// What a check established.
///
/// The order is that of the exit code for several targets: the worst is the greatest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verdict {
    /// Every demanded thing was checked and holds.
    Proved,
    /// Looked everywhere, completely, and no such thing is there.
    Absent,
    /// Could not find out.
    Undecided,
    /// A demanded thing is there and contradicts.
    Refuted,
}

impl Verdict {
    /// The word that stands in reports and on the screen.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Proved => "proved",
            Self::Absent => "absent",
            Self::Undecided => "undecided",
            Self::Refuted => "refuted",
        }
    }

    /// The exit code of a headless command.
    pub const fn exit_code(self) -> u8 {
        match self {
            Self::Proved => 0,
            Self::Refuted => 1,
            Self::Undecided => 3,
            Self::Absent => 4,
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// How a piece that needs no further look stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Judgement {
    /// Every step that is asked for holds, the demanded signer included.
    Proved,
    /// Every step holds, but nobody demanded a signer: not a proof.
    Valid,
    /// A step could not be made.
    Undecided,
    /// A step contradicts.
    Refuted,
}

impl Judgement {
    /// As a verdict: `Valid` is not a proof, it is undecided until somebody names a signer.
    pub const fn verdict(self) -> Verdict {
        match self {
            Self::Proved => Verdict::Proved,
            Self::Valid | Self::Undecided => Verdict::Undecided,
            Self::Refuted => Verdict::Refuted,
        }
    }

    /// The words beside the mark.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Proved => "proved",
            Self::Valid => "valid, signer not demanded",
            Self::Undecided => "undecided",
            Self::Refuted => "refuted",
        }
    }
}

/// How one row stands: a verdict, or valid evidence that nobody demanded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Checked, and it holds under the demand.
    Proved,
    /// Checked, and it holds; but without a demand nothing is called proved.
    Valid,
    /// Not there.
    Absent,
    /// Could not find out.
    Undecided,
    /// Contradicts.
    Refuted,
}

impl Answer {
    /// How one step of a piece is shown: without a demand nothing is called proved.
    pub fn of_step(verdict: Verdict, demanded: bool) -> Self {
        match (verdict, demanded) {
            (Verdict::Proved, false) => Self::Valid,
            (verdict, _) => verdict.into(),
        }
    }

    /// As a verdict; `Valid` is undecided until somebody names a signer.
    pub const fn verdict(self) -> Verdict {
        match self {
            Self::Proved => Verdict::Proved,
            Self::Valid | Self::Undecided => Verdict::Undecided,
            Self::Absent => Verdict::Absent,
            Self::Refuted => Verdict::Refuted,
        }
    }

    /// The word in reports and on the screen.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Valid => "valid",
            other => other.verdict().word(),
        }
    }
}

impl From<Judgement> for Answer {
    fn from(judgement: Judgement) -> Self {
        match judgement {
            Judgement::Proved => Self::Proved,
            Judgement::Valid => Self::Valid,
            Judgement::Undecided => Self::Undecided,
            Judgement::Refuted => Self::Refuted,
        }
    }
}

impl From<Verdict> for Answer {
    fn from(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Proved => Self::Proved,
            Verdict::Absent => Self::Absent,
            Verdict::Undecided => Self::Undecided,
            Verdict::Refuted => Self::Refuted,
        }
    }
}

/// Contract, "A demand" over pieces of the demanded kind: any proved piece → proved; else any
/// undecided piece or incomplete discovery → undecided; else any refuted → refuted; else absent.
pub fn fold_demand(
    pieces: impl IntoIterator<Item = Judgement>,
    discovery_complete: bool,
) -> Verdict {
    let mut undecided = !discovery_complete;
    let mut refuted = false;
    for piece in pieces {
        match piece {
            Judgement::Proved => return Verdict::Proved,
            Judgement::Valid | Judgement::Undecided => undecided = true,
            Judgement::Refuted => refuted = true,
        }
    }
    match (undecided, refuted) {
        (true, _) => Verdict::Undecided,
        (false, true) => Verdict::Refuted,
        (false, false) => Verdict::Absent,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Judgement::{Proved, Refuted, Undecided, Valid};

    #[test]
    fn demands_fold_as_the_contract_says() {
        for (pieces, complete, verdict) in [
            (vec![], true, Verdict::Absent),
            (vec![], false, Verdict::Undecided),
            (vec![Refuted], true, Verdict::Refuted),
            (vec![Refuted], false, Verdict::Undecided),
            (vec![Refuted, Undecided], true, Verdict::Undecided),
            (vec![Refuted, Undecided, Proved], false, Verdict::Proved),
            (vec![Valid], true, Verdict::Undecided),
        ] {
            assert_eq!(fold_demand(pieces.clone(), complete), verdict, "{pieces:?} {complete}");
        }
    }
}
