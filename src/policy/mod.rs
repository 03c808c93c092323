//! What is proved, written for the programs that enforce it: a command, a step in CI, an admission
//! policy. Pure: a value in, text out.
//!
//! Two rules. The signer is proved, or the first line of the text says that it is not. And the
//! format that was found decides what is written: a policy over another format lets nothing in, or
//! looks at something else.

mod cosign;
mod gh;
mod github_actions;
pub mod grounds;
mod head;
mod kyverno;
mod kyverno_ivp;
mod names;
mod policy_controller;
pub mod scalar;
mod trust_root;
mod yaml;

use crate::domain::text::safe;

pub use grounds::Grounds;

/// For whom a policy is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Command lines of cosign.
    Cosign,
    /// A command line of gh.
    Gh,
    /// A workflow of GitHub Actions.
    GithubActions,
    /// A `ClusterImagePolicy` of the policy-controller.
    PolicyController,
    /// A `ClusterPolicy` of Kyverno.
    Kyverno,
    /// An `ImageValidatingPolicy` of Kyverno.
    KyvernoIvp,
}

impl Kind {
    /// Every kind, in the order in which they are offered.
    pub const ALL: [Self; 6] = [
        Self::Cosign,
        Self::Gh,
        Self::GithubActions,
        Self::PolicyController,
        Self::Kyverno,
        Self::KyvernoIvp,
    ];

    /// The word of the command line.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Cosign => "cosign",
            Self::Gh => "gh",
            Self::GithubActions => "github-actions",
            Self::PolicyController => "policy-controller",
            Self::Kyverno => "kyverno",
            Self::KyvernoIvp => "kyverno-ivp",
        }
    }

    /// The kind behind a word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }
}

/// A policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// The whole text, with its comments; ends with a line break.
    pub text: String,
    /// What a reader must know before it is used; may hold foreign text.
    pub notes: Vec<String>,
    /// Whether the signer is proved; if not, the first line of the text says so.
    pub proved: bool,
}

/// Why a kind cannot say what was proved.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct CannotSay(String);

impl CannotSay {
    /// The reason in words; foreign text in it is made harmless.
    pub fn new(words: impl AsRef<str>) -> Self {
        Self(safe(words.as_ref()))
    }
}

/// What a generator gives back: the text below its head, and notes.
struct Body {
    enforced: Vec<String>,
    not_enforced: Vec<String>,
    text: String,
    notes: Vec<String>,
}

/// Writes a policy of that kind.
///
/// # Errors
/// [`CannotSay`] where that kind has no way to say it, or would never let the artifact in; the
/// words name a kind that has, where there is one.
pub fn write(kind: Kind, grounds: &Grounds) -> Result<Written, CannotSay> {
    let body = match kind {
        Kind::Cosign => cosign::write(grounds),
        Kind::Gh => gh::write(grounds),
        Kind::GithubActions => github_actions::write(grounds),
        Kind::PolicyController => policy_controller::write(grounds),
        Kind::Kyverno => kyverno::write(grounds),
        Kind::KyvernoIvp => kyverno_ivp::write(grounds),
    }?;
    let text = head::write(kind, grounds, &body) + &body.text;
    Ok(Written { text, notes: body.notes, proved: grounds.who.proved() })
}
