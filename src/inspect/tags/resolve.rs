//! Where a tag points, and when that was made.

use std::time::Duration;

use crate::{
    domain::{
        Digest, Repository, Tag, Timestamp,
        oci::{Config, Image, Manifest},
        reference::Pointer,
    },
    inspect::{Registry, RegistryError},
};

/// OCI image specification, "Pre-Defined Annotation Keys".
const CREATED: &str = "org.opencontainers.image.created";
/// A config is read for its date only where it is about as small as configs are.
const CHEAP_CONFIG_BYTES: u64 = 256 << 10;

/// Tags that are resolved at once.
pub const AT_ONCE: usize = 8;
/// Time for all tags of one list together.
pub const TIME: Duration = Duration::from_secs(120);

/// What a tag pointed at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TagFacts {
    /// The digest of the bytes that came.
    pub digest: Digest,
    /// Their media type.
    pub media_type: String,
    /// When it says that it was made; not verified. An index seldom says it, and its platforms
    /// are not asked: that would be two requests more for every tag.
    pub created: Option<Timestamp>,
    /// What the registry named in its header, when that is another digest.
    pub contradicted: Option<String>,
}

/// Resolves one tag: one GET, hashed, and one more for the config of a single image.
///
/// # Errors
/// [`RegistryError`] when the tag cannot be resolved; a date that cannot be had is no error.
pub async fn resolve(
    registry: &dyn Registry,
    repository: &Repository,
    tag: &Tag,
) -> Result<TagFacts, RegistryError> {
    let fetched = registry.manifest(repository, &Pointer::Tag(tag.clone())).await?;
    let manifest = Manifest::parse(&fetched.bytes).ok();
    let annotated = manifest.as_ref().and_then(|manifest| {
        let annotations = match manifest {
            Manifest::Index(index) => &index.annotations,
            Manifest::Image(image) => &image.annotations,
        };
        annotations.get(CREATED)?.parse().ok()
    });
    let created = match (annotated, &manifest) {
        (None, Some(Manifest::Image(image))) => of_config(registry, repository, image).await,
        (annotated, _) => annotated,
    };
    Ok(TagFacts {
        digest: fetched.descriptor.digest,
        media_type: fetched.descriptor.media_type,
        created,
        contradicted: fetched.contradicted,
    })
}

async fn of_config(
    registry: &dyn Registry,
    repository: &Repository,
    image: &Image,
) -> Option<Timestamp> {
    let config = image.config.as_ref()?;
    let is_config = config.media_type.ends_with("config.v1+json")
        || config.media_type == "application/vnd.docker.container.image.v1+json";
    if !is_config || config.size > CHEAP_CONFIG_BYTES {
        return None;
    }
    let bytes = registry.blob(repository, config, CHEAP_CONFIG_BYTES, &|_, _| ()).await.ok()?;
    Config::parse(&bytes).ok()?.created?.parse().ok()
}
