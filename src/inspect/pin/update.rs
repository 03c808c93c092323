//! `--update`: the newest tag within a constraint that is proved.

use super::{Judged, Pointed, Policy, Settings, Tagged, look};
use crate::{
    domain::{
        Digest, Reference, Repository, Tag, Verdict,
        version::{Constraint, Version, is_fixed, newer},
    },
    inspect::tags::{ListingLimits, list_tags},
};

/// Newer tags of one reference that are tried.
pub const MAX_TRIED: usize = 10;

/// A newer tag that is not proved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Skipped {
    /// Which.
    pub tag: Tag,
    /// How it stands.
    pub verdict: Verdict,
    /// In one line; may hold foreign text.
    pub why: String,
}

/// What looking for a newer tag came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Update {
    /// Nobody asked for one.
    NotAsked,
    /// The tag is no version, so none is newer.
    NotAVersion,
    /// No policy is for the image, so nothing newer can be proved.
    NotDemanded,
    /// None that is newer is proved.
    Nothing {
        /// Those that are not, the newest first.
        skipped: Vec<Skipped>,
        /// How many more were not tried.
        untried: usize,
        /// Whether any tag of the repository fits, a newer one or not.
        fits: bool,
    },
    /// This one is.
    Chosen {
        /// The tag; the same one where it moves with every release and moved.
        tag: Tag,
        /// What it points at.
        pointed: Pointed,
        /// How that stands.
        judged: Judged,
        /// Newer ones that are not proved, the newest first.
        skipped: Vec<Skipped>,
    },
    /// The tags could not be listed to their end; in words.
    Unknown(String),
}

impl Update {
    /// The newer tags that are not proved.
    pub fn skipped(&self) -> &[Skipped] {
        match self {
            Self::Chosen { skipped, .. } | Self::Nothing { skipped, .. } => skipped,
            _ => &[],
        }
    }

    /// What is to be said of it beside that.
    pub(super) fn note(&self) -> Option<String> {
        match self {
            Self::NotAVersion => Some("not updated: its tag is no version".to_owned()),
            Self::NotDemanded => Some("not updated: no policy is for it".to_owned()),
            Self::Nothing { fits: false, .. } => Some("no tag fits the constraint".to_owned()),
            Self::Nothing { untried, .. } if *untried > 0 => {
                Some(format!("{untried} more newer tags were not tried"))
            }
            _ => None,
        }
    }
}

/// Looks for it: the newest first, until one is proved. One that is older than what is written is
/// never taken: whoever hides the newer ones would decide what is deployed.
pub(super) async fn find(
    reference: &Reference,
    policy: &Policy,
    constraint: &Constraint,
    settings: &Settings,
) -> Update {
    let Some(current) = &reference.tag else { return Update::NotAVersion };
    if Version::parse(current.as_str()).is_none() {
        return Update::NotAVersion;
    }
    if policy.demand.is_none() {
        return Update::NotDemanded;
    }
    let repository = &reference.repository;
    let listed = list_tags(&settings.world, repository, ListingLimits::default()).await;
    let listed = match listed {
        Ok(listed) => listed,
        Err(e) => return Update::Unknown(e.to_string()),
    };
    if let Some(why) = listed.incomplete {
        return Update::Unknown(format!("the list of tags is not complete: {why}"));
    }
    let Some(newer) = newer(current, &listed.names, constraint) else {
        return Update::NotAVersion;
    };
    let allowed = |tag: &Tag| Version::parse(tag.as_str()).is_some_and(|v| constraint.allows(&v));
    let fits = !newer.is_empty() || listed.names.iter().any(allowed);
    let untried = newer.len().saturating_sub(MAX_TRIED);
    let mut skipped = vec![];
    for tag in newer.into_iter().take(MAX_TRIED) {
        match candidate(repository, &tag, policy, settings).await {
            Ok((pointed, judged)) => return Update::Chosen { tag, pointed, judged, skipped },
            Err((verdict, why)) => skipped.push(Skipped { tag, verdict, why }),
        }
    }
    if untried == 0
        && follows(current, constraint)
        && let Ok((pointed, judged)) = candidate(repository, current, policy, settings).await
    {
        let written = reference.digest.as_ref();
        let same = |digest: &Digest| *digest == judged.digest || *digest == pointed.digest;
        if written.is_some_and(|digest| !same(digest)) {
            return Update::Chosen { tag: current.clone(), pointed, judged, skipped };
        }
    }
    Update::Nothing { skipped, untried, fits }
}

/// Whether the tag moves with every release, as `4` does. One that names a release should not move:
/// that is an alarm, and no newer version.
fn follows(current: &Tag, constraint: &Constraint) -> bool {
    let version = Version::parse(current.as_str());
    !is_fixed(current.as_str()) && version.is_some_and(|version| constraint.allows(&version))
}

async fn candidate(
    repository: &Repository,
    tag: &Tag,
    policy: &Policy,
    settings: &Settings,
) -> Result<(Pointed, Judged), (Verdict, String)> {
    let pointed = match look::tagged(repository, tag, settings).await {
        Tagged::At(pointed) => pointed,
        Tagged::Gone(why) => return Err((Verdict::Absent, why)),
        Tagged::Unknown(why) => return Err((Verdict::Undecided, why)),
        Tagged::Nothing => return Err((Verdict::Undecided, "it was not resolved".to_owned())),
    };
    match look::judge(repository, &pointed.digest, policy, settings).await {
        judged if judged.verdict == Verdict::Proved => Ok((pointed, judged)),
        judged => Err((judged.verdict, judged.reason)),
    }
}
