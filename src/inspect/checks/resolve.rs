//! Resolving a reference: one GET, hashed; a digest that a header names is never believed.

use crate::{
    domain::{
        Digest, Reference, Repository, Tag,
        oci::{Config, Manifest, ManifestError, Platform},
        platform::{Choice, choose},
        reference::Pointer,
        verdict::Answer,
    },
    inspect::{Facts, Fetched, Finding, RegistryError, Resolved, World},
};

use super::platform;

pub(super) async fn run(
    reference: &Reference,
    wanted: Option<&Platform>,
    world: &World,
) -> Finding {
    let (repository, at) = (&reference.repository, reference.pointer());
    let resolved = match get(repository, &at, world).await {
        Ok(resolved) => resolved,
        Err(finding) => return *finding,
    };
    let (path, resolved) = match wanted {
        None => (at.to_string(), resolved),
        Some(wanted) => match child(repository, resolved, wanted, world).await {
            Ok((step, resolved)) => (format!("{at} → {step}"), resolved),
            Err(finding) => return *finding,
        },
    };
    let summary = format!("{path} → {}", words(&resolved.fetched, &resolved.manifest));
    let contradicted = resolved.fetched.contradicted.clone();
    let finding = Finding::new(Answer::Proved, summary).with(Facts::Resolved(Box::new(resolved)));
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
pub(super) async fn pinned(
    reference: &Reference,
    wanted: Option<&Platform>,
    world: &World,
) -> Finding {
    let finding = run(reference, wanted, world).await;
    if finding.answer != Answer::Absent {
        return finding;
    }
    let summary = format!("{}, where its tag pointed a moment ago", finding.summary);
    Finding { answer: Answer::Undecided, summary, ..finding }
}

/// Reads a manifest; what cannot be one is kept as it came.
async fn get(
    repository: &Repository,
    at: &Pointer,
    world: &World,
) -> Result<Resolved, Box<Finding>> {
    let fetched = match world.registry.manifest(repository, at).await {
        Ok(fetched) => fetched,
        Err(RegistryError::NotFound { .. }) => {
            let words = format!("there is no {at} in {repository}");
            return Err(Box::new(Finding::new(Answer::Absent, words)));
        }
        Err(e) => return Err(Box::new(e.into())),
    };
    match Manifest::parse(&fetched.bytes) {
        Ok(manifest) => Ok(Resolved { fetched, manifest, listed_in: None }),
        Err(e) => {
            // A document that is two things at once contradicts itself; anything else is only not
            // understood.
            let answer = match e {
                ManifestError::Ambiguous(_) => Answer::Refuted,
                _ => Answer::Undecided,
            };
            let words = format!("{at} → {}: {e}", fetched.descriptor.digest);
            let facts = Facts::Raw(Box::new(fetched));
            Err(Box::new(Finding::new(answer, words).with(facts)))
        }
    }
}

/// The child of an index for one platform, and the way there in words. An image that is no index
/// is taken where its own config says that it is for that platform.
async fn child(
    repository: &Repository,
    parent: Resolved,
    wanted: &Platform,
    world: &World,
) -> Result<(String, Resolved), Box<Finding>> {
    let digest = parent.fetched.descriptor.digest.short();
    let refuse =
        |answer, words: String| Box::new(Finding::new(answer, format!("{digest} {words}")));
    let index = match &parent.manifest {
        Manifest::Index(index) => index,
        Manifest::Image(_) => {
            let config = platform::config(repository, &parent.manifest, world).await;
            let own = config.map(|config| config.as_ref().and_then(Config::platform));
            return match own {
                Ok(Some(own)) if wanted.accepts(&own) => Ok((own.to_string(), parent)),
                Ok(Some(own)) => {
                    let words = format!("is no index but an image for {own}, not for {wanted}");
                    Err(refuse(Answer::Absent, words))
                }
                Ok(None) => {
                    let words =
                        format!("is no index and names no platform, so {wanted} cannot be chosen");
                    Err(refuse(Answer::Undecided, words))
                }
                Err(e) => {
                    let words = format!("is no index, and its config cannot be read: {e}");
                    Err(refuse(Answer::Undecided, words))
                }
            };
        }
    };
    let entry = match choose(index, wanted) {
        Choice::One(entry) => entry.clone(),
        Choice::None(names) => {
            let names = if names.is_empty() { "none".to_owned() } else { names.join(", ") };
            return Err(refuse(Answer::Absent, format!("has no {wanted}; it lists {names}")));
        }
        Choice::Several(names) => {
            let names = names.join(", ");
            let words = format!("has several of {wanted}: {names}; write the variant");
            return Err(refuse(Answer::Undecided, words));
        }
        Choice::Nested => {
            let words =
                format!("has no {wanted}, and an index inside it that may; name that one's digest");
            return Err(refuse(Answer::Undecided, words));
        }
    };
    let at = Pointer::Digest(entry.digest.clone());
    let mut own = get(repository, &at, world).await.map_err(|finding| {
        // The index lists it, so "not there" only says that it cannot be read.
        let answer =
            if finding.answer == Answer::Absent { Answer::Undecided } else { finding.answer };
        Box::new(Finding { answer, ..*finding })
    })?;
    is_what_it_is_called(repository, &own, (wanted, entry.platform.as_ref()), world).await?;
    own.fetched.descriptor.platform = entry.platform;
    own.fetched.contradicted = own.fetched.contradicted.or(parent.fetched.contradicted);
    own.listed_in = Some(parent.fetched.descriptor);
    Ok((format!("{digest}, {wanted}"), own))
}

/// Whether a child is what the index calls it.
///
/// OCI image-spec, "Image Index": `platform` is a property of the index's entry. Whoever writes
/// the index writes it, and may hang a signed image for another machine under the wished name. So
/// the child's own config must say it too: "architecture: The CPU architecture which the binaries
/// in this image are built to run on."
async fn is_what_it_is_called(
    repository: &Repository,
    child: &Resolved,
    (wanted, called): (&Platform, Option<&Platform>),
    world: &World,
) -> Result<(), Box<Finding>> {
    let digest = child.fetched.descriptor.digest.short();
    let called = called.unwrap_or(wanted);
    let refuse = |answer, words: String| {
        Err(Box::new(Finding::new(
            answer,
            format!("{digest}: the index calls it {called}, {words}"),
        )))
    };
    if matches!(child.manifest, Manifest::Index(_)) {
        let words = "and it is an index inside the index: name its digest";
        return refuse(Answer::Undecided, words.to_owned());
    }
    let config = platform::config(repository, &child.manifest, world).await;
    match config.map(|config| config.as_ref().and_then(Config::platform)) {
        Ok(Some(own)) if own.contradicts(called) || own.contradicts(wanted) => {
            refuse(Answer::Refuted, format!("its own config says {own}"))
        }
        Ok(Some(_)) => Ok(()),
        // The label alone is no evidence, and nothing contradicts it either.
        Ok(None) => {
            let words = "and nothing of its own names a platform; name its digest";
            refuse(Answer::Undecided, words.to_owned())
        }
        Err(e) => refuse(Answer::Undecided, format!("and its config cannot be read: {e}")),
    }
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
            let layers = image.layers.len();
            let s = if layers == 1 { "" } else { "s" };
            format!("{}, {kind}, {layers} layer{s}", digest.short())
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
