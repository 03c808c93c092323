//! References to images in the files that people deploy from: where they stand, and the same file
//! with digests in them.
//!
//! Nothing here asks anybody: a [`Document`] says which references there are, somebody else finds
//! out their digests, and [`Document::pinned`] writes those without touching any other byte.

use std::{fmt, sync::Arc};

use super::{Digest, Reference, Tag};

/// The most bytes of one file that is read.
pub const MAX_FILE_BYTES: usize = 4 << 20;

/// What a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Manifests of Kubernetes.
    Kubernetes,
    /// Values of a Helm chart.
    HelmValues,
    /// A `kustomization.yaml`.
    Kustomize,
    /// A Compose file.
    Compose,
    /// A Dockerfile.
    Dockerfile,
    /// A workflow of GitHub Actions.
    Workflow,
    /// A template of a chart or another program: named and left alone.
    Template,
    /// YAML or JSON of no kind that is known.
    Other,
}

/// How a reference is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Form {
    /// One word: `name:tag@digest`, perhaps behind `docker://`.
    Word,
    /// A Helm value in parts: `registry`, `repository`, `tag`, `digest`.
    Helm,
    /// A Kustomize `images:` entry: `name`, `newName`, `newTag`, `digest`.
    Kustomize,
}

/// A reference that can be pinned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The line, from 1, on which it is written; of parts, the one that names the image.
    pub line: usize,
    /// How it is written.
    pub form: Form,
    /// As it is written; of parts, put together. Foreign text.
    pub written: String,
    /// What it means: normalised, with the tag and the digest that were written.
    pub reference: Reference,
}

/// What looks like a reference and is not touched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftAlone {
    /// The line, from 1.
    pub line: usize,
    /// As it is written, shortened. Foreign text.
    pub written: String,
    /// Why, in our words.
    pub why: String,
}

/// What is written at one place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pin {
    /// Which place: a position in [`Document::places`].
    pub place: usize,
    /// The tag that stands beside the digest; `None` leaves it as it is written.
    pub tag: Option<Tag>,
    /// The content.
    pub digest: Digest,
    /// Whether its signer was proved; otherwise the comment [`NOT_PROVED`] is written on its line.
    pub proved: bool,
}

/// The comment behind a digest that nobody vouches for.
pub const NOT_PROVED: &str = "# NOT proved by sigscope";

/// A file that was read.
#[derive(Clone, Debug)]
pub struct Document {
    bytes: Arc<[u8]>,
    kind: Kind,
    places: Vec<Place>,
    left_alone: Vec<LeftAlone>,
    looked_like: Vec<LeftAlone>,
}

/// Why nothing can be said of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreadable(pub String);

/// Why a file is not written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EditError(pub String);

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Unreadable {}

impl fmt::Display for EditError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for EditError {}

impl Document {
    /// Reads a file. What it is follows from its content; its name only tells a Dockerfile.
    ///
    /// # Errors
    /// [`Unreadable`]: over [`MAX_FILE_BYTES`], not UTF-8, not YAML.
    pub fn read(_name: &str, bytes: &Arc<[u8]>) -> Result<Self, Unreadable> {
        let bytes = Arc::clone(bytes);
        let (places, left_alone, looked_like) = (vec![], vec![], vec![]);
        Ok(Self { bytes, kind: Kind::Other, places, left_alone, looked_like })
    }

    /// What it is.
    pub const fn kind(&self) -> Kind {
        self.kind
    }

    /// The bytes that were read.
    pub const fn bytes(&self) -> &Arc<[u8]> {
        &self.bytes
    }

    /// The references that can be pinned, in the order of the file.
    pub fn places(&self) -> &[Place] {
        &self.places
    }

    /// References that are not touched: templates, variables, stages, text that is written in a
    /// way that cannot be edited in place.
    pub fn left_alone(&self) -> &[LeftAlone] {
        &self.left_alone
    }

    /// Text in places that nobody knows which looks like a reference.
    pub fn looked_like(&self) -> &[LeftAlone] {
        &self.looked_like
    }

    /// The same file with these digests in it; every other byte is as it was.
    ///
    /// # Errors
    /// [`EditError`]: two pins of one place, a place that is not there, a comment where none can
    /// stand, or a result that does not read back as exactly what was meant.
    pub fn pinned(&self, pins: &[Pin]) -> Result<Vec<u8>, EditError> {
        if pins.is_empty() { Ok(self.bytes.to_vec()) } else { Err(EditError("not yet".into())) }
    }
}

/// `old` and `new` as a unified diff with three lines of context; empty where they are equal.
/// Foreign text: whoever prints it makes it harmless.
pub fn unified_diff(name: &str, old: &[u8], new: &[u8]) -> String {
    let _ = (name, old, new);
    String::new()
}
