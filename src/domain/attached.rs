//! Material beside an artifact that is recognised and not verified here: Notation signatures,
//! BuildKit's attestations inside an index, unsigned attachments under cosign's `.sbom` tags.
//!
//! None of it can be what a demand asks for: Notation has trust stores of its own, BuildKit's
//! statements and `.sbom` tags carry no signature at all. So it is listed by name with what it
//! holds, proves nothing, and leaves "absent" an answer: counted as evidence that could not be
//! read, one Notation signature would keep an image that nobody signed undecided for ever. What
//! says of itself that it is a sigstore bundle is read as one before anybody asks here.
//!
//! Source: notation `specs/signature-specification.md`; BuildKit
//! `docs/attestations/attestation-storage.md`; cosign `specs/SBOM_SPEC.md`.

use super::{
    Digest,
    oci::{Descriptor, Image, Manifest},
    predicate::Family,
};

/// The type of Notation's signatures.
const NOTATION: &str = "application/vnd.cncf.notary.signature";
/// The type of BuildKit's attestation manifests where it writes one.
const BUILDKIT: &str = "application/vnd.docker.attestation.manifest.v1+json";
/// The annotation that tells what kind of entry an entry of no platform is.
const REFERENCE_TYPE: &str = "vnd.docker.reference.type";
/// The annotation that names the entry it is about.
const REFERENCE_DIGEST: &str = "vnd.docker.reference.digest";
/// The annotation of a layer that names the predicate type of the statement in it.
const PREDICATE_TYPE: &str = "in-toto.io/predicate-type";
/// The most parts that are listed.
const MAX_PARTS: usize = 50;

/// What it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AttachedKind {
    /// A Notation signature.
    Notation,
    /// Statements that BuildKit wrote while it built.
    BuildKit,
    /// What stands under a `.sbom` tag.
    LegacySbom,
}

impl AttachedKind {
    /// The word in reports.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Notation => "notation-signature",
            Self::BuildKit => "buildkit-attestations",
            Self::LegacySbom => "unsigned-attachment",
        }
    }

    /// On the screen.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Notation => "Notation signature",
            Self::BuildKit => "BuildKit attestations",
            Self::LegacySbom => "unsigned attachment under a legacy .sbom tag",
        }
    }
}

/// One thing in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// What it says it is: a predicate type, else `None`.
    pub predicate_type: Option<String>,
    /// Its media type; not verified.
    pub media_type: String,
    /// Its size in bytes, as the manifest says.
    pub size: u64,
    /// Its digest.
    pub digest: Digest,
}

/// Something that is attached and not verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attachment {
    /// What it is.
    pub kind: AttachedKind,
    /// What it holds, the first [`MAX_PARTS`].
    pub parts: Vec<Part>,
    /// How many parts are not listed.
    pub more: usize,
    /// The manifest it says it is about, where that is another entry of the same index.
    pub about: Option<Digest>,
}

impl Attachment {
    /// What a referrer is, if it is recognised. Media types are compared without case: RFC 6838
    /// §4.2.
    pub fn of_referrer(image: &Image) -> Option<Self> {
        let config = image.config.iter().map(|c| c.media_type.as_str());
        let is = |known: &str| {
            image.artifact_type.as_deref().into_iter().chain(config.clone()).any(|t| same(t, known))
        };
        if is(NOTATION) {
            return Some(Self::with(AttachedKind::Notation, image, None));
        }
        is(BUILDKIT).then(|| Self::with(AttachedKind::BuildKit, image, None))
    }

    /// What an entry of an index is, if BuildKit says that it is about another entry.
    pub fn of_entry(entry: &Descriptor, image: &Image) -> Option<Self> {
        is_attestation_entry(entry).then(|| {
            let about = entry.annotations.get(REFERENCE_DIGEST).and_then(|d| d.parse().ok());
            Self::with(AttachedKind::BuildKit, image, about)
        })
    }

    /// What the manifest under a `.sbom` tag holds; nothing, where it is of a shape that nobody
    /// understands.
    pub fn of_sbom_tag(manifest: &[u8]) -> Self {
        let kind = AttachedKind::LegacySbom;
        match Manifest::parse(manifest) {
            Ok(Manifest::Image(image)) => Self::with(kind, &image, None),
            _ => Self { kind, parts: vec![], more: 0, about: None },
        }
    }

    fn with(kind: AttachedKind, image: &Image, about: Option<Digest>) -> Self {
        let part = |layer: &Descriptor| Part {
            predicate_type: layer.annotations.get(PREDICATE_TYPE).cloned(),
            media_type: layer.media_type.clone(),
            size: layer.size,
            digest: layer.digest.clone(),
        };
        let parts = image.layers.iter().take(MAX_PARTS).map(part).collect();
        Self { kind, parts, more: image.layers.len().saturating_sub(MAX_PARTS), about }
    }

    /// In one line, without what it is about; foreign text.
    pub fn words(&self) -> String {
        let mut held: Vec<String> = self.parts.iter().map(Part::words).collect();
        if self.more > 0 {
            held.push(format!("{} more", self.more));
        }
        let held = if held.is_empty() { "nothing".into() } else { held.join(", ") };
        format!("{}, not verified here: {held}", self.kind.name())
    }
}

impl Part {
    /// The predicate type that a layer's manifest states for it.
    pub fn predicate_type_of(layer: &Descriptor) -> Option<String> {
        layer.annotations.get(PREDICATE_TYPE).cloned()
    }

    /// `SLSA provenance v0.2, 434 bytes`.
    pub fn words(&self) -> String {
        format!("{} ({} bytes)", self.name(), self.size)
    }

    /// The predicate type in words, else the media type.
    pub fn name(&self) -> String {
        let envelope = match self.media_type.to_ascii_lowercase().as_str() {
            "application/jose+json" => Some("JWS envelope"),
            "application/cose" => Some("COSE envelope"),
            _ => None,
        };
        match (&self.predicate_type, envelope) {
            (Some(uri), _) => Family::of(uri).name().unwrap_or_else(|| uri.clone()),
            (None, Some(envelope)) => envelope.to_owned(),
            (None, None) if self.media_type.is_empty() => "no media type".to_owned(),
            (None, None) => self.media_type.clone(),
        }
    }
}

/// Whether an entry of an index says that it is no platform but attests another entry.
pub fn is_attestation_entry(entry: &Descriptor) -> bool {
    entry.annotations.get(REFERENCE_TYPE).is_some_and(|kind| kind == "attestation-manifest")
}

fn same(media_type: &str, known: &str) -> bool {
    media_type.eq_ignore_ascii_case(known)
}
