//! What is known of a reference, asked of the world.

use super::{Judged, Known, Pointed, Policy, Tagged, Update, update};
use crate::{
    domain::{
        Digest, Reference, Repository, Tag, Verdict,
        oci::Manifest,
        reference::Pointer,
        verdict::Judgement,
        version::{Constraint, is_fixed},
    },
    inspect::{Inspection, Scope, Subject, World, drive, trace::Asker, verdict::overall},
};

/// What holds for every reference of a run.
#[derive(Clone)]
pub struct Settings {
    /// The world.
    pub world: World,
    /// The platform, and where evidence lies.
    pub scope: Scope,
    /// Within what a newer tag is looked for.
    pub update: Option<Constraint>,
    /// Whether images are pinned that no policy is for.
    pub unverified: bool,
}

/// Finds out everything about one reference: where its tag points, once, and then how the digest
/// stands; by the digest alone, so that a tag that moves in between changes nothing.
pub async fn look(reference: &Reference, policy: &Policy, settings: &Settings) -> Known {
    let known = |tagged, judged, update| Known {
        reference: reference.clone(),
        demanded: policy.demand.is_some(),
        tagged,
        judged,
        update,
    };
    let update = match &settings.update {
        None => Update::NotAsked,
        Some(constraint) => update::find(reference, policy, constraint, settings).await,
    };
    match &update {
        // A release that moved is an alarm, and a newer one beside it takes nothing from that.
        Update::Chosen { tag: newer, .. } => {
            let old = reference.tag.as_ref().filter(|old| {
                reference.digest.is_some() && *old != newer && is_fixed(old.as_str())
            });
            let tagged = match old {
                Some(old) => tagged(&reference.repository, old, settings).await,
                None => Tagged::Nothing,
            };
            return known(tagged, None, update);
        }
        Update::Unknown(_) => return known(Tagged::Nothing, None, update),
        _ => {}
    }
    // Nobody is demanded, and nothing will be written: whoever runs that registry is not asked.
    if policy.demand.is_none() && !settings.unverified && reference.digest.is_none() {
        return known(Tagged::Nothing, None, update);
    }
    let tagged = match named(reference) {
        Some(tag) => tagged(&reference.repository, &tag, settings).await,
        None => Tagged::Nothing,
    };
    let digest = match (&reference.digest, &tagged) {
        (Some(written), _) => Some(written),
        (None, Tagged::At(pointed)) => Some(&pointed.digest),
        (None, _) => None,
    };
    let judged = match digest {
        Some(digest) => Some(judge(&reference.repository, digest, policy, settings).await),
        None => None,
    };
    known(tagged, judged, update)
}

/// The tag that can move: the one that is written, else `latest` where there is no digest.
fn named(reference: &Reference) -> Option<Tag> {
    match (&reference.tag, &reference.digest) {
        (Some(tag), _) => Some(tag.clone()),
        (None, Some(_)) => None,
        (None, None) => Tag::parse("latest").ok(),
    }
}

/// Where a tag points now.
pub(super) async fn tagged(repository: &Repository, tag: &Tag, settings: &Settings) -> Tagged {
    let at = Pointer::Tag(tag.clone());
    let asked = settings.world.registry.manifest(repository, &at);
    match Asker::other("pin").during(asked).await {
        Ok(fetched) => {
            let lists = match Manifest::parse(&fetched.bytes) {
                Ok(Manifest::Index(index)) => {
                    index.manifests.into_iter().map(|listed| listed.digest).collect()
                }
                _ => vec![],
            };
            let digest = fetched.descriptor.digest;
            Tagged::At(Pointed { tag: tag.clone(), digest, lists })
        }
        Err(e) if e.verdict() == Verdict::Absent => {
            Tagged::Gone(format!("there is no {tag} in {repository}"))
        }
        Err(e) => Tagged::Unknown(e.to_string()),
    }
}

/// How a digest stands. Without a demand its evidence is looked at all the same: what contradicts is
/// never written, whatever is accepted.
pub(super) async fn judge(
    repository: &Repository,
    digest: &Digest,
    policy: &Policy,
    settings: &Settings,
) -> Judged {
    // Without its tag: nothing of a verdict hangs on where that points by now.
    let reference =
        Reference { repository: repository.clone(), tag: None, digest: Some(digest.clone()) };
    let (demand, root) = (policy.demand.clone(), policy.root.clone());
    let begun = Inspection::new(Subject::Artifact(reference), demand, root);
    let begun = begun.within(settings.scope.clone()).for_verdict();
    let seen = drive(begun, settings.world.clone(), |_| ()).await;
    let found = overall(&seen);
    let (verdict, reason) = match (&seen.demand, found.verdict) {
        (None, Verdict::Undecided) => undemanded(&seen).unwrap_or((found.verdict, found.reason)),
        _ => (found.verdict, found.reason),
    };
    let there = seen.digest().is_some();
    let digest = seen.digest().unwrap_or(digest).clone();
    Judged { digest, verdict, reason, there }
}

/// Evidence that contradicts, where nothing beside it holds.
fn undemanded(seen: &Inspection) -> Option<(Verdict, String)> {
    let judged = |wanted: &[Judgement]| {
        seen.pieces().find(|(_, found)| wanted.contains(&found.piece.judgement))
    };
    if judged(&[Judgement::Valid, Judgement::Proved]).is_some() {
        return None;
    }
    let (_, found) = judged(&[Judgement::Refuted])?;
    Some((Verdict::Refuted, found.piece.summary.clone()))
}
