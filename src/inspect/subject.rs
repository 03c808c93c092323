//! What is inspected, and where the evidence of a file lies.

use std::path::PathBuf;

use super::release;
use crate::domain::{Digest, Reference, github::GitHubSource};

/// What is inspected.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Subject {
    /// An artifact on a registry or in a layout.
    Artifact(Reference),
    /// A file and what vouches for it.
    File {
        /// The artifact.
        path: PathBuf,
        /// Where its evidence lies.
        material: Material,
    },
    /// The digest of an artifact that is not at hand, and what vouches for it.
    Digest {
        /// The artifact's digest.
        digest: Digest,
        /// Where its evidence lies.
        material: Material,
    },
    /// A file that is only read: an SBOM beside which nothing vouches for it.
    Document(PathBuf),
    /// A release folder: every file, list and bundle in it.
    Folder(PathBuf),
    /// A file that is to be a layer of an artifact: a chart as `helm pull` leaves it.
    Layer {
        /// The file.
        path: PathBuf,
        /// The artifact, whose evidence is judged.
        reference: Reference,
    },
}

impl Subject {
    /// The artifact in a registry or layout, where evidence is looked for.
    pub const fn reference(&self) -> Option<&Reference> {
        match self {
            Self::Artifact(reference) | Self::Layer { reference, .. } => Some(reference),
            Self::File { .. } | Self::Digest { .. } | Self::Document(_) | Self::Folder(_) => None,
        }
    }
}

/// Where the evidence for a file lies, since no registry lists it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Material {
    /// A file of one bundle, or of several as JSON lines.
    Bundle(PathBuf),
    /// GitHub's store of attestations.
    GitHub(GitHubSource),
    /// A detached signature, and the certificate beside it; without one a key must be demanded.
    Detached {
        /// The signature: base64, or the bytes themselves.
        signature: PathBuf,
        /// The certificate: PEM, or base64 of it.
        certificate: Option<PathBuf>,
    },
    /// A list of checksums that names the file, and the evidence of the list.
    Checksums {
        /// The list.
        list: PathBuf,
        /// What vouches for the list.
        evidence: Box<Self>,
    },
}

impl Material {
    /// The names of its files that lie in that folder.
    pub(super) fn files_in(&self, folder: &std::path::Path) -> Vec<String> {
        let all: Vec<&PathBuf> = match self {
            Self::Bundle(path) => vec![path],
            Self::GitHub(_) => vec![],
            Self::Detached { signature, certificate } => {
                std::iter::once(signature).chain(certificate).collect()
            }
            Self::Checksums { list, evidence } => {
                let mut names = evidence.files_in(folder);
                names.extend(Self::Bundle(list.clone()).files_in(folder));
                return names;
            }
        };
        let inside = all.into_iter().filter(|path| release::folder_of(path) == folder);
        inside.map(|path| release::name_of(path)).collect()
    }
}

impl std::fmt::Display for Subject {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Artifact(reference) => reference.fmt(f),
            Self::File { path, .. }
            | Self::Document(path)
            | Self::Folder(path)
            | Self::Layer { path, .. } => path.display().fmt(f),
            Self::Digest { digest, .. } => digest.fmt(f),
        }
    }
}
