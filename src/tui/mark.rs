//! The marks beside every answer. A mark never stands without its word, and never means anything
//! by its colour alone.

use super::theme::Role;
use crate::domain::{
    Verdict,
    verdict::{Answer, Judgement},
};

/// How a row stands, as it is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// Checked, and it holds under the demand.
    Proved,
    /// Holds, but nobody demanded a signer.
    Valid,
    /// Contradicts.
    Refuted,
    /// Could not find out.
    Undecided,
    /// Not there.
    Absent,
    /// Its task is under way.
    Running,
    /// Not looked at yet.
    NotYet,
    /// Looked at, but nobody demanded a signer.
    Unverified,
    /// A step of the policy that nobody demanded: not proved, and nothing is missing.
    NotAsked,
    /// Deserves a look.
    Warning,
}

/// Columns of the widest mark with its word, and the space behind it.
pub const MARK_COLUMNS: u16 = 13;

impl Mark {
    /// Without a demand nothing is called proved, whatever holds.
    #[must_use]
    pub const fn under(self, demanded: bool) -> Self {
        match (self, demanded) {
            (Self::Proved, false) => Self::Valid,
            (mark, _) => mark,
        }
    }

    /// The sign.
    pub const fn glyph(self) -> &'static str {
        match self {
            Self::Proved => "✓",
            Self::Refuted => "✗",
            Self::Undecided => "?",
            Self::Absent => "–",
            Self::Running => "◌",
            Self::Valid | Self::NotYet | Self::Unverified | Self::NotAsked => "·",
            Self::Warning => "!",
        }
    }

    /// The word beside it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Proved => "proved",
            Self::Valid => "valid",
            Self::Refuted => "refuted",
            Self::Undecided => "undecided",
            Self::Absent => "absent",
            Self::Running => "running",
            Self::NotYet => "not yet",
            Self::Unverified => "unverified",
            Self::NotAsked => "not asked",
            Self::Warning => "warning",
        }
    }

    /// In which role both are drawn.
    pub const fn role(self) -> Role {
        match self {
            Self::Proved => Role::Proved,
            Self::Refuted => Role::Refuted,
            Self::Undecided => Role::Undecided,
            Self::Running => Role::Running,
            Self::Warning | Self::Unverified => Role::Warning,
            Self::Valid => Role::Text,
            Self::Absent | Self::NotYet | Self::NotAsked => Role::Dim,
        }
    }
}

impl From<Answer> for Mark {
    fn from(answer: Answer) -> Self {
        match answer {
            Answer::Proved => Self::Proved,
            Answer::Valid => Self::Valid,
            Answer::Absent => Self::Absent,
            Answer::Undecided => Self::Undecided,
            Answer::Refuted => Self::Refuted,
        }
    }
}

impl From<Verdict> for Mark {
    fn from(verdict: Verdict) -> Self {
        Self::from(Answer::from(verdict))
    }
}

impl From<Judgement> for Mark {
    fn from(judgement: Judgement) -> Self {
        Self::from(Answer::from(judgement))
    }
}
