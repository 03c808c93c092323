//! Descriptors, manifests, indexes and configs: bytes that were hashed → typed values.
//!
//! The raw bytes stay beside the parsed value (see the ports in `inspect`), so nothing that these
//! types do not name is lost. Source: OCI image specification 1.1, `manifest.md`,
//! `image-index.md`, `config.md`; Docker's schema 2 has the same shape.

mod bounds;
mod config;

use std::collections::BTreeMap;

use serde::{
    Deserialize, Deserializer,
    de::{IgnoredAny, SeqAccess, Visitor},
};

use super::{Digest, digest::DigestError, text};
pub use bounds::{MAX_MEMBERS, MAX_NAME, listed, weight};
pub use config::Config;

/// Media type of an OCI image index.
pub const INDEX: &str = "application/vnd.oci.image.index.v1+json";
/// Media type of an OCI image manifest.
pub const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
/// Media type of Docker's manifest list.
pub const DOCKER_LIST: &str = "application/vnd.docker.distribution.manifest.list.v2+json";
/// Media type of Docker's schema 2 manifest.
pub const DOCKER_MANIFEST: &str = "application/vnd.docker.distribution.manifest.v2+json";
/// Media type of the artifact manifest of OCI 1.1's release candidates; it has `blobs`.
pub const ARTIFACT: &str = "application/vnd.oci.artifact.manifest.v1+json";
/// How the media types of sigstore bundles begin.
pub const BUNDLE_PREFIX: &str = "application/vnd.dev.sigstore.bundle";

/// The most entries that one index or manifest may have.
pub const MAX_ENTRIES: usize = 10_000;

/// The most characters of foreign text in an error.
const MAX_NAMED: usize = 200;

/// Names and texts.
pub type Annotations = BTreeMap<String, String>;

/// A typed pointer to content: `descriptor.md`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Descriptor {
    /// What the content says it is; not verified.
    pub media_type: String,
    /// The content's name.
    pub digest: Digest,
    /// In bytes; checked when the content is read.
    pub size: u64,
    /// What kind of artifact a manifest is; not verified, and often wrong.
    pub artifact_type: Option<String>,
    /// Not verified.
    pub annotations: BTreeMap<String, String>,
    /// The platform of an index entry.
    pub platform: Option<Platform>,
}

/// The platform of an index entry.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
pub struct Platform {
    /// Operating system, `linux`.
    #[serde(default)]
    pub os: String,
    /// Architecture, `amd64`.
    #[serde(default)]
    pub architecture: String,
    /// Variant, `v7`.
    #[serde(default)]
    pub variant: Option<String>,
}

impl std::fmt::Display for Platform {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.os, self.architecture)?;
        self.variant.as_ref().map_or(Ok(()), |v| write!(f, "/{v}"))
    }
}

/// A manifest of either kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Manifest {
    /// An index of other manifests.
    Index(Index),
    /// An image, or another artifact in the shape of one.
    Image(Image),
}

/// An image index or Docker manifest list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Index {
    /// The entries, in document order.
    pub manifests: Vec<Descriptor>,
    /// Kind of artifact, if it says so.
    pub artifact_type: Option<String>,
    /// What it refers to.
    pub subject: Option<Descriptor>,
    /// Annotations of the index itself.
    pub annotations: BTreeMap<String, String>,
}

/// An image manifest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Image {
    /// The config blob; the deprecated artifact manifest has none.
    pub config: Option<Descriptor>,
    /// The layers, in document order.
    pub layers: Vec<Descriptor>,
    /// Kind of artifact, if it says so.
    pub artifact_type: Option<String>,
    /// What it refers to.
    pub subject: Option<Descriptor>,
    /// Annotations of the manifest itself.
    pub annotations: BTreeMap<String, String>,
}

/// Why bytes are not a manifest.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ManifestError {
    /// Not JSON, or JSON of another shape.
    #[error("not a manifest: {0}")]
    NotAManifest(String),
    /// An image and an index at once: two readers would see two different things.
    #[error("refused: {0}, so one reader sees an image and another an index (CVE-2021-41190)")]
    Ambiguous(&'static str),
    /// Docker's schema 1, which registries and engines have given up.
    #[error("Docker schema 1 is not supported: its layers are named by unverifiable history")]
    Schema1,
    /// More entries than [`MAX_ENTRIES`].
    #[error("more than {MAX_ENTRIES} entries in one manifest")]
    TooManyEntries,
    /// More names with a value than [`MAX_MEMBERS`].
    #[error("more than {MAX_MEMBERS} names and annotations in one manifest")]
    TooManyMembers,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawManifest {
    schema_version: Option<serde_json::Value>,
    fs_layers: Option<IgnoredAny>,
    signatures: Option<IgnoredAny>,
    media_type: Option<String>,
    artifact_type: Option<String>,
    config: Option<RawDescriptor>,
    layers: Option<Entries>,
    blobs: Option<Entries>,
    manifests: Option<Entries>,
    subject: Option<RawDescriptor>,
    annotations: Option<BTreeMap<String, String>>,
}

/// Descriptors, one more than [`MAX_ENTRIES`] at most. They are counted while they are read: an
/// entry of three bytes takes two hundred in memory.
struct Entries(Vec<RawDescriptor>);

impl<'de> Deserialize<'de> for Entries {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Reader;
        impl<'de> Visitor<'de> for Reader {
            type Value = Entries;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a sequence")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut from: A) -> Result<Entries, A::Error> {
                let mut entries = vec![];
                while entries.len() <= MAX_ENTRIES {
                    let Some(entry) = from.next_element()? else { return Ok(Entries(entries)) };
                    entries.push(entry);
                }
                while from.next_element::<IgnoredAny>()?.is_some() {}
                Ok(Entries(entries))
            }
        }
        from.deserialize_seq(Reader)
    }
}

/// A descriptor as it is written; `A` is what is kept of its annotations.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawDescriptor<A = Annotations> {
    #[serde(default)]
    media_type: String,
    digest: String,
    size: u64,
    artifact_type: Option<String>,
    annotations: Option<A>,
    platform: Option<Platform>,
}

impl<A: Into<Annotations>> RawDescriptor<A> {
    /// The descriptor, its digest parsed.
    ///
    /// # Errors
    /// [`ManifestError::NotAManifest`] for a digest that is none, and for names over [`MAX_NAME`]:
    /// a listing has thousands of them, and none that is right is longer.
    fn parse(self) -> Result<Descriptor, ManifestError> {
        let platform = self
            .platform
            .iter()
            .flat_map(|p| [Some(&p.os), Some(&p.architecture), p.variant.as_ref()]);
        let names = [Some(&self.media_type), self.artifact_type.as_ref()];
        if names.into_iter().chain(platform).flatten().any(|name| name.len() > MAX_NAME) {
            let words = format!("a media type or platform over {MAX_NAME} characters");
            return Err(ManifestError::NotAManifest(words));
        }
        let digest = self.digest.parse().map_err(|e| ManifestError::NotAManifest(words(&e)))?;
        Ok(Descriptor {
            media_type: self.media_type,
            digest,
            size: self.size,
            artifact_type: self.artifact_type.filter(|t| !t.is_empty()),
            annotations: self.annotations.map(Into::into).unwrap_or_default(),
            platform: self.platform,
        })
    }
}

impl RawManifest {
    /// Refuses what has the fields or the name of two kinds at once. Stops CVE-2021-41190: one digest
    /// that is signed as an image and pulled as an index, or the other way round, because readers
    /// chose by `Content-Type`.
    fn is_one_thing(&self) -> Result<(), ManifestError> {
        let named = self.media_type.as_deref().unwrap_or_default();
        let [index, image] = [&[INDEX, DOCKER_LIST][..], &[MANIFEST, DOCKER_MANIFEST, ARTIFACT]]
            .map(|all| all.iter().any(|known| named.eq_ignore_ascii_case(known)));
        let layers = self.layers.is_some() || self.blobs.is_some();
        let why = match self.manifests.is_some() {
            true if layers => "it has both layers and manifests",
            true if self.config.is_some() => "it has both a config and manifests",
            true if image => "its media type is an image's and it has manifests",
            false if index && (layers || self.config.is_some()) => {
                "its media type is an index's and it has layers or a config"
            }
            _ if self.layers.is_some() && self.blobs.is_some() => "it has both layers and blobs",
            _ => {
                let first = self.schema_version.as_ref().is_some_and(|v| *v == 1);
                let old = first && self.fs_layers.is_some() || self.has_schema_1_name(named);
                return if old && !layers && self.manifests.is_none() {
                    Err(ManifestError::Schema1)
                } else {
                    Ok(())
                };
            }
        };
        Err(ManifestError::Ambiguous(why))
    }

    fn has_schema_1_name(&self, named: &str) -> bool {
        named.starts_with("application/vnd.docker.distribution.manifest.v1+")
            || self.signatures.is_some() && self.fs_layers.is_some()
    }
}

impl Descriptor {
    /// Whether it says that it is an index.
    pub fn is_index(&self) -> bool {
        [INDEX, DOCKER_LIST].iter().any(|known| self.media_type.eq_ignore_ascii_case(known))
    }
}

fn words(error: &DigestError) -> String {
    error.to_string().chars().take(MAX_NAMED).collect()
}

fn parse_all(Entries(raw): Entries) -> Result<Vec<Descriptor>, ManifestError> {
    if raw.len() > MAX_ENTRIES {
        return Err(ManifestError::TooManyEntries);
    }
    raw.into_iter().map(RawDescriptor::parse).collect()
}

impl Manifest {
    /// Parses a manifest by its content; the media type that a server sends beside it is not
    /// believed.
    ///
    /// # Errors
    /// [`ManifestError`], by case.
    pub fn parse(bytes: &[u8]) -> Result<Self, ManifestError> {
        // Before anything of it is built: four megabytes of annotations take fifty in memory.
        if bounds::members(bytes) > MAX_MEMBERS {
            return Err(ManifestError::TooManyMembers);
        }
        let raw: RawManifest = serde_json::from_slice(bytes)
            .map_err(|e| ManifestError::NotAManifest(text::json_error(&e)))?;
        raw.is_one_thing()?;
        let subject = raw.subject.map(RawDescriptor::parse).transpose()?;
        let annotations = raw.annotations.unwrap_or_default();
        let artifact_type = raw.artifact_type.filter(|t| !t.is_empty());
        let layers = raw.layers.or(raw.blobs);
        match (layers, raw.manifests) {
            // Never both: that was refused above.
            (_, Some(entries)) => {
                let manifests = parse_all(entries)?;
                Ok(Self::Index(Index { manifests, artifact_type, subject, annotations }))
            }
            (Some(layers), None) => {
                let (config, layers) =
                    (raw.config.map(RawDescriptor::parse).transpose()?, parse_all(layers)?);
                Ok(Self::Image(Image { config, layers, artifact_type, subject, annotations }))
            }
            (None, None) => {
                let named: String =
                    raw.media_type.unwrap_or_default().chars().take(MAX_NAMED).collect();
                Err(ManifestError::NotAManifest(format!(
                    "neither layers nor manifests in it (media type {named:?})"
                )))
            }
        }
    }

    /// What the artifact refers to, if anything.
    pub const fn subject(&self) -> Option<&Descriptor> {
        match self {
            Self::Index(index) => index.subject.as_ref(),
            Self::Image(image) => image.subject.as_ref(),
        }
    }

    /// `artifactType`, or for an image the media type of its config, as the specification says.
    pub fn artifact_type(&self) -> Option<&str> {
        match self {
            Self::Index(index) => index.artifact_type.as_deref(),
            Self::Image(image) => {
                let config = || image.config.as_ref().map(|c| c.media_type.as_str());
                image.artifact_type.as_deref().or_else(config)
            }
        }
    }
}

#[cfg(test)]
mod tests;
