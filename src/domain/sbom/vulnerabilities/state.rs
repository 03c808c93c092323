//! What is said, and whose word it is.

/// How far the word of a document may be believed; the later one is the stronger.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// Read, and nothing vouches for it.
    Observed,
    /// Under a signature that is valid and not known to be the demanded signer's.
    OtherSigner,
    /// Under a valid signature; nobody demanded a signer.
    Valid,
    /// Under a signature that is proved to be the demanded signer's.
    Proved,
}

impl Standing {
    /// In words.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Observed => "UNVERIFIED: nothing vouches for it",
            Self::OtherSigner => "UNVERIFIED: validly signed, but not by the demanded signer",
            Self::Valid => "validly signed, signer not demanded",
            Self::Proved => "under a proved signature",
        }
    }
}

/// Something that was said, and whose word it is: the one cannot be carried on without the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Word<T> {
    said: T,
    standing: Standing,
}

impl<T> Word<T> {
    pub(super) const fn new(said: T, standing: Standing) -> Self {
        Self { said, standing }
    }

    /// What was said, believed or not.
    pub const fn said(&self) -> &T {
        &self.said
    }

    /// Whose word it is.
    pub const fn standing(&self) -> Standing {
        self.standing
    }

    /// What was said, if the demanded signer is proved to have said it.
    pub fn proved(&self) -> Option<&T> {
        (self.standing == Standing::Proved).then_some(&self.said)
    }
}

/// What is said of a vulnerability in a component.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// A scanner found it, or a document lists it without saying how it matters.
    Reported,
    /// OpenVEX `not_affected`, CycloneDX `not_affected`.
    NotAffected,
    /// OpenVEX `affected`.
    Affected,
    /// OpenVEX `fixed`.
    Fixed,
    /// OpenVEX `under_investigation`.
    UnderInvestigation,
    /// CycloneDX `resolved`.
    Resolved,
    /// CycloneDX `resolved_with_pedigree`.
    ResolvedWithPedigree,
    /// CycloneDX `exploitable`.
    Exploitable,
    /// CycloneDX `in_triage`.
    InTriage,
    /// CycloneDX `false_positive`.
    FalsePositive,
    /// Another word; foreign text.
    Other(String),
}

const WORDS: [(&str, State); 9] = [
    ("not_affected", State::NotAffected),
    ("affected", State::Affected),
    ("fixed", State::Fixed),
    ("under_investigation", State::UnderInvestigation),
    ("resolved", State::Resolved),
    ("resolved_with_pedigree", State::ResolvedWithPedigree),
    ("exploitable", State::Exploitable),
    ("in_triage", State::InTriage),
    ("false_positive", State::FalsePositive),
];

impl State {
    /// The state of that word. Exact: another spelling is another word, and says nothing known.
    pub(super) fn of(word: &str) -> Self {
        let known = WORDS.iter().find(|(text, _)| *text == word);
        known.map_or_else(|| Self::Other(word.to_owned()), |(_, state)| state.clone())
    }

    /// The word of its document.
    pub fn word(&self) -> &str {
        match self {
            Self::Reported => "reported",
            Self::Other(word) => word,
            known => WORDS.iter().find(|(_, s)| s == known).map_or("", |(word, _)| word),
        }
    }

    /// What it comes to.
    pub const fn class(&self) -> Class {
        match self {
            Self::Affected | Self::Exploitable => Class::Harmful,
            Self::Reported => Class::Reported,
            Self::UnderInvestigation | Self::InTriage => Class::Open,
            Self::Other(_) => Class::Unclear,
            Self::NotAffected
            | Self::Fixed
            | Self::Resolved
            | Self::ResolvedWithPedigree
            | Self::FalsePositive => Class::Harmless,
        }
    }
}

/// What a state comes to; the later one is the worse.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    /// It is said to do no harm here.
    Harmless,
    /// What is said has no known meaning, or holds for a part only.
    Unclear,
    /// Somebody is looking into it.
    Open,
    /// It was found, and nobody says how it matters.
    Reported,
    /// It is said to do harm here.
    Harmful,
}

impl Class {
    /// In words.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Harmless => "said to be harmless",
            Self::Unclear => "unclear",
            Self::Open => "under investigation",
            Self::Reported => "reported",
            Self::Harmful => "affected",
        }
    }
}
