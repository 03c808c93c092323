//! Manifest and config of one platform.

use std::sync::Arc;

use super::MAX_CONFIG_BYTES;
use crate::{
    domain::{
        Repository,
        attached::Attachment,
        oci::{Config, Descriptor, Manifest, ManifestError, weight},
        reference::Pointer,
        verdict::Answer,
    },
    inspect::{Facts, Finding, PlatformFacts, World},
};

/// Media types of configs that have labels.
const IMAGE_CONFIGS: [&str; 2] =
    ["application/vnd.oci.image.config.v1+json", "application/vnd.docker.container.image.v1+json"];

/// The most bytes that manifest and config of one of many platforms take in memory, about. They are
/// kept for all sixty-four of them.
const MAX_KEPT: usize = 1 << 20;

pub(super) async fn run(
    repository: &Repository,
    descriptor: &Descriptor,
    known: Option<Arc<[u8]>>,
    world: &World,
) -> Finding {
    let most = if known.is_some() { usize::MAX } else { MAX_KEPT };
    let bytes = match known {
        Some(bytes) => bytes,
        None => {
            let at = Pointer::Digest(descriptor.digest.clone());
            match world.registry.manifest(repository, &at).await {
                Ok(fetched) => fetched.bytes,
                // An index names it, so "not there" only says that it cannot be read.
                Err(e) => return Finding::new(Answer::Undecided, e.to_string()),
            }
        }
    };
    let own = weight(&bytes);
    if own > most {
        let words = "the manifest of a platform is larger in memory than the 1 MiB that are kept";
        return Finding::new(Answer::Undecided, words);
    }
    let manifest = match Manifest::parse(&bytes) {
        Ok(manifest) => manifest,
        Err(e @ ManifestError::Ambiguous(_)) => {
            return Finding::new(Answer::Refuted, e.to_string());
        }
        Err(e) => return Finding::new(Answer::Undecided, e.to_string()),
    };
    drop(bytes);
    let config = match config_up_to(most - own, repository, &manifest, world).await {
        Ok(config) => config,
        Err(e) => return Finding::new(Answer::Undecided, format!("the config: {e}")),
    };
    let words = words(descriptor, &manifest, config.as_ref());
    let facts = PlatformFacts { descriptor: descriptor.clone(), manifest, config };
    // It was read and hashes to its name. Nothing of it is judged here, so nothing is called proved:
    // a child of a proved index may have no signature of its own.
    Finding::new(Answer::Valid, words).with(Facts::Platform(Box::new(facts)))
}

pub(super) async fn config(
    repository: &Repository,
    manifest: &Manifest,
    world: &World,
) -> Result<Option<Config>, String> {
    config_up_to(usize::MAX, repository, manifest, world).await
}

/// The config of an image, where it takes at most `most` bytes in memory.
async fn config_up_to(
    most: usize,
    repository: &Repository,
    manifest: &Manifest,
    world: &World,
) -> Result<Option<Config>, String> {
    let Manifest::Image(image) = manifest else { return Ok(None) };
    let Some(descriptor) = &image.config else { return Ok(None) };
    if !IMAGE_CONFIGS.contains(&descriptor.media_type.as_str()) {
        return Ok(None);
    }
    let silent = |_, _| ();
    let blob = world.registry.blob(repository, descriptor, MAX_CONFIG_BYTES, &silent).await;
    let bytes = blob.map_err(|e| e.to_string())?;
    if weight(&bytes) > most {
        return Err("larger in memory than the 1 MiB that are kept of a platform".to_owned());
    }
    Config::parse(&bytes).map(Some).map_err(|e| e.to_string())
}

fn words(descriptor: &Descriptor, manifest: &Manifest, config: Option<&Config>) -> String {
    let named = descriptor.platform.as_ref().map(ToString::to_string);
    let own = || config?.platform().map(|platform| platform.to_string());
    let name = named.or_else(own).unwrap_or_else(|| "no platform".to_owned());
    let shape = match manifest {
        Manifest::Index(index) => format!("an index of {} inside the index", index.manifests.len()),
        Manifest::Image(image) => {
            let bytes: u64 = image.layers.iter().map(|l| l.size).fold(0, u64::saturating_add);
            let layers = image.layers.len();
            let noun = if layers == 1 { "layer" } else { "layers" };
            format!("{layers} {noun}, {bytes} bytes")
        }
    };
    // BuildKit hangs its attestations into the index as children of no platform.
    let attached = match manifest {
        Manifest::Image(image) => Attachment::of_entry(descriptor, image),
        Manifest::Index(_) => None,
    };
    attached.map_or_else(|| format!("{name}: {shape}"), |attachment| attachment.words())
}
