//! What checks find out, for later checks and for every reader.

use std::sync::Arc;

use super::{
    github::Attestations,
    trust::TufRole,
    world::{Fetched, Listing, Source},
};
use crate::{
    domain::{
        Digest, Timestamp,
        attached::Attachment,
        chart::Chart,
        oci::{Config, Descriptor, Manifest},
        sbom::{Sbom, paths::Paths},
    },
    verify::{Piece, key::TrustedKey, root::TrustRoot},
};

/// What one check found out.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Facts {
    /// Nothing to build on.
    #[default]
    None,
    /// The trust root.
    Root(RootFacts),
    /// The demanded keys, in the order in which they were demanded; never empty.
    Keys(Vec<Arc<TrustedKey>>),
    /// What a reference resolved to.
    Resolved(Box<Resolved>),
    /// A document that is no manifest that is understood, as it came.
    Raw(Box<Fetched>),
    /// A file's digests.
    Artifact(ArtifactFacts),
    /// What refers to the digest.
    Listing(Arc<Listing>),
    /// What GitHub keeps.
    Attestations(Arc<Attestations>),
    /// Signatures and attestations.
    Pieces(Vec<FoundPiece>),
    /// Nothing yet: the check is made again once GitHub's own trust root is known.
    WaitsForGitHubRoot,
    /// A referrer that is no signature and no attestation: what it says it is.
    OtherReferrer(String),
    /// Something that is recognised and not verified here.
    Attachment(Box<Attachment>),
    /// A list of checksums that was followed.
    List(super::release::ListFacts),
    /// One file of a release.
    File(super::release::FileFacts),
    /// A release folder.
    Folder(Arc<super::release::FolderFacts>),
    /// An SBOM.
    Sbom(SbomFacts),
    /// A Helm chart.
    Chart(Arc<Chart>),
    /// One platform of an index, or the image itself.
    Platform(Box<PlatformFacts>),
}

/// The trust root and where it came from.
#[derive(Clone, Debug, PartialEq)]
pub struct RootFacts {
    /// Authorities, logs and timestamp authorities; of a file of several roots the first.
    pub root: Arc<TrustRoot>,
    /// The other roots of such a file: a piece is judged by the one whose CA issued its leaf.
    pub others: Vec<Arc<TrustRoot>>,
    /// The TUF metadata that vouches for it.
    pub tuf: Option<TufFacts>,
}

impl RootFacts {
    /// Every root, in the order of the file.
    pub fn all(&self) -> impl Iterator<Item = &Arc<TrustRoot>> {
        std::iter::once(&self.root).chain(&self.others)
    }
}

/// TUF metadata that was verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TufFacts {
    /// The repository.
    pub url: String,
    /// Version and expiry of each role.
    pub roles: Vec<TufRole>,
    /// When the repository last confirmed it.
    pub checked: Timestamp,
}

/// What a reference resolved to; the bytes hash to the digest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resolved {
    /// Descriptor and bytes.
    pub fetched: Fetched,
    /// The parsed manifest.
    pub manifest: Manifest,
    /// The index that lists it, where one of its platforms was chosen.
    pub listed_in: Option<Descriptor>,
}

/// The digests of a file, and its bytes where it is small enough to keep them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArtifactFacts {
    /// SHA-256 first, then the others.
    pub digests: Vec<Digest>,
    /// For Ed25519, which signs the bytes and not their digest.
    pub bytes: Contents,
}

/// The bytes of an artifact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Contents {
    /// At hand.
    Whole(Arc<[u8]>),
    /// Not at hand: only the digest is known, or the file is too large to keep.
    NotKept,
}

/// A piece and where it was found.
#[derive(Clone, Debug, PartialEq)]
pub struct FoundPiece {
    /// Through what.
    pub source: Source,
    /// The manifest or file that carried it.
    pub carrier: Digest,
    /// The piece.
    pub piece: Arc<Piece>,
}

/// A parsed SBOM and the attestation that carried it.
#[derive(Clone, Debug, PartialEq)]
pub struct SbomFacts {
    /// The components.
    pub sbom: Arc<Sbom>,
    /// How far each of them is from the root.
    pub paths: Arc<Paths>,
    /// Whether the attestation was proved under the demand; never without a demand.
    pub attested: bool,
    /// The carrying manifest.
    pub carrier: Digest,
    /// The platform that it describes, where the artifact is an index and the document tells.
    pub platform: Option<String>,
}

/// Manifest and config of one platform.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlatformFacts {
    /// As the index, or the image itself, is described.
    pub descriptor: Descriptor,
    /// The parsed manifest.
    pub manifest: Manifest,
    /// The config, where it is an image's.
    pub config: Option<Config>,
}
