//! Resolving a reference: one GET, hashed; a digest that a header names is never believed.

use crate::{
    domain::{
        Digest, Reference, Repository, Tag, oci::Manifest, reference::Pointer, verdict::Answer,
    },
    inspect::{Facts, Fetched, Finding, RegistryError, Resolved, World},
};

pub(super) async fn run(reference: &Reference, world: &World) -> Finding {
    let at = reference.pointer();
    let fetched = match world.registry.manifest(&reference.repository, &at).await {
        Ok(fetched) => fetched,
        Err(RegistryError::NotFound { .. }) => {
            let words = format!("there is no {at} in {}", reference.repository);
            return Finding::new(Answer::Absent, words);
        }
        Err(e) => return e.into(),
    };
    let manifest = match Manifest::parse(&fetched.bytes) {
        Ok(manifest) => manifest,
        Err(e) => {
            let digest = &fetched.descriptor.digest;
            return Finding::new(Answer::Undecided, format!("{at} → {digest}: {e}"));
        }
    };
    let named = reference.tag.as_ref().map_or_else(|| at.to_string(), ToString::to_string);
    let summary = format!("{named} → {}", words(&fetched, &manifest));
    let contradicted = fetched.contradicted.clone();
    let facts = Facts::Resolved(Box::new(Resolved { fetched, manifest }));
    let finding = Finding::new(Answer::Proved, summary).with(facts);
    match contradicted {
        Some(named) => {
            let words = format!("the registry's header names another digest: {named}");
            finding.warn("digest-header", words)
        }
        None => finding,
    }
}

/// What this run saw behind a tag. The registry named it a moment ago, so its absence by digest
/// contradicts that and is no answer.
pub(super) async fn pinned(reference: &Reference, world: &World) -> Finding {
    let finding = run(reference, world).await;
    if finding.answer != Answer::Absent {
        return finding;
    }
    let summary = format!("{}, where its tag pointed a moment ago", finding.summary);
    Finding { answer: Answer::Undecided, summary, ..finding }
}

fn words(fetched: &Fetched, manifest: &Manifest) -> String {
    let digest = &fetched.descriptor.digest;
    match manifest {
        Manifest::Index(index) => {
            let named = index.manifests.iter().filter(|m| m.platform.is_some()).count();
            format!(
                "{}, index of {} ({named} with a platform)",
                digest.short(),
                index.manifests.len()
            )
        }
        Manifest::Image(image) => {
            let kind = manifest.artifact_type().unwrap_or("image");
            format!("{}, {kind}, {} layers", digest.short(), image.layers.len())
        }
    }
}

/// Tag and digest together: the verdict is the digest's, and the tag only worth a warning.
pub(super) async fn tag(
    repository: &Repository,
    tag: &Tag,
    digest: &Digest,
    world: &World,
) -> Finding {
    match world.registry.manifest(repository, &Pointer::Tag(tag.clone())).await {
        Ok(now) if now.descriptor.digest == *digest => {
            Finding::new(Answer::Proved, format!("{tag} points at this digest"))
        }
        Ok(now) => {
            let words = format!("{tag} points at {}, not at this digest", now.descriptor.digest);
            Finding::new(Answer::Refuted, words.clone()).warn("tag-moved", words)
        }
        Err(e) => {
            let words = format!("{tag} cannot be read: {e}");
            Finding::new(Answer::Undecided, words.clone()).warn("tag-unread", words)
        }
    }
}
