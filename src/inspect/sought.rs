//! What is looked for when evidence is listed, and where.

use crate::domain::{Digest, Repository, oci::Platform};

/// What is looked at of a target, as settings and flags narrow it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scope {
    /// Where evidence lies when it does not lie beside the artifact: cosign's `COSIGN_REPOSITORY`.
    /// There and nowhere else it is looked for then, as cosign does. A layout is complete in
    /// itself, so for one this does not hold.
    pub signatures: Option<Repository>,
    /// Which child of an index is judged instead of the index.
    pub platform: Option<Platform>,
}

/// A question for whatever refers to a digest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sought {
    /// Where evidence is looked for.
    pub repository: Repository,
    /// To what it refers.
    pub subject: Digest,
    /// How that place stands to the artifact.
    pub shelf: Shelf,
    /// Which of cosign's tags are asked for.
    pub tags: LegacyTags,
}

/// Where evidence lies.
///
/// Some codes of a 404 say that the *repository* is not there, or do not tell. What that is worth
/// depends on what is known of the repository.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shelf {
    /// In the repository from which the artifact was read a moment ago, with the same credentials.
    /// `NAME_UNKNOWN` then contradicts what was just seen and decides nothing; Harbor's `NOT_FOUND`
    /// can only mean the tag.
    BesideIt,
    /// In a repository of its own that nobody has read. `NAME_UNKNOWN` and `NOT_FOUND` are also
    /// what a registry answers to somebody who may not see it, or whose settings misspell it, so
    /// neither is "not there".
    Apart,
}

/// Which of cosign's tags are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LegacyTags {
    /// `.sig` and `.att`: what a verdict can depend on. Nothing under `.sbom` is signed there.
    Deciding,
    /// `.sbom` as well.
    All,
}

impl LegacyTags {
    /// Their suffixes.
    pub const fn suffixes(self) -> &'static [&'static str] {
        match self {
            Self::Deciding => &["sig", "att"],
            Self::All => &["sig", "att", "sbom"],
        }
    }

    /// In words.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Deciding => ".sig or .att",
            Self::All => ".sig, .att or .sbom",
        }
    }
}

impl Sought {
    /// Whatever refers to `subject`, in the repository from which it was read.
    pub const fn beside(repository: Repository, subject: Digest) -> Self {
        Self { repository, subject, shelf: Shelf::BesideIt, tags: LegacyTags::All }
    }

    /// The same in the repository of signatures, where there is one of its own.
    #[must_use]
    pub fn or_apart(self, signatures: Option<&Repository>) -> Self {
        match signatures {
            Some(own) if *own != self.repository && self.repository.host().is_some() => {
                Self { repository: own.clone(), shelf: Shelf::Apart, ..self }
            }
            _ => self,
        }
    }
}
