//! References to images in the files that people deploy from: where they stand, and the same file
//! with digests in them.
//!
//! Nothing here asks anybody: a [`Document`] says which references there are, somebody else finds
//! out their digests, and [`Document::pinned`] writes those without touching any other byte.

mod diff;
mod dockerfile;
mod edit;
mod found;
mod helm;
mod kinds;
mod kubernetes;
mod kustomize;
mod parts;
mod scalar;
mod span;
mod template;
mod tree;
mod way;
mod why;

#[cfg(test)]
mod diff_tests;
#[cfg(test)]
mod dockerfile_tests;
#[cfg(test)]
mod document_tests;
#[cfg(test)]
mod edit_tests;
#[cfg(test)]
mod helm_tests;
#[cfg(test)]
mod property_tests;
#[cfg(test)]
mod readers_tests;

use std::{collections::BTreeMap, fmt, sync::Arc};

use super::{Digest, Reference, Tag};
use found::{Found, Site};

pub use diff::unified_diff;

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
    /// Whether an image is, or may be, deployed from there that is not pinned and not knowable here;
    /// not where it is no image of this file's own, or is decided elsewhere.
    pub open: bool,
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
    /// Which bytes each of them is.
    sites: Vec<Site>,
    /// Where our comment stands in its YAML, and whether one can.
    marks: Vec<usize>,
    comments: bool,
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
    /// [`Unreadable`]: over [`MAX_FILE_BYTES`], not UTF-8, not YAML, or text that readers take
    /// apart differently.
    pub fn read(name: &str, bytes: &Arc<[u8]>) -> Result<Self, Unreadable> {
        if bytes.len() > MAX_FILE_BYTES {
            let mega = MAX_FILE_BYTES >> 20;
            return Err(Unreadable(format!("{} bytes, more than {mega} MiB", bytes.len())));
        }
        let text = std::str::from_utf8(bytes).map_err(|e| {
            Unreadable(format!("not UTF-8 text: byte {} is no letter", e.valid_up_to()))
        })?;
        let text = without_mark(text);
        let mut read = if dockerfile::is_one(name) {
            let dockerfile::Read { places, left } = dockerfile::read(text).map_err(Unreadable)?;
            let (looked_like, marks) = (vec![], vec![]);
            Read { kind: Kind::Dockerfile, places, left_alone: left, looked_like, marks }
        } else {
            read_yaml(text)?
        };
        read.places.sort_by_key(|(_, site)| site.start());
        read.left_alone.sort_by_key(|left| left.line);
        let json = name.to_ascii_lowercase().ends_with(".json") || edit::is_json(text);
        let Read { kind, places, left_alone, looked_like, marks } = read;
        let (places, sites) = places.into_iter().unzip();
        let (bytes, comments) = (Arc::clone(bytes), !json);
        Ok(Self { bytes, kind, places, sites, marks, comments, left_alone, looked_like })
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
        let mut by_place = BTreeMap::new();
        for pin in pins {
            if pin.place >= self.places.len() {
                return Err(EditError(format!("there is no place {}", pin.place)));
            }
            if by_place.insert(pin.place, pin).is_some() {
                return Err(EditError(format!("two pins of place {}", pin.place)));
            }
        }
        if pins.is_empty() {
            return Ok(self.bytes.to_vec());
        }
        let text = String::from_utf8_lossy(&self.bytes);
        let bare = without_mark(&text);
        let new = match self.kind {
            Kind::Dockerfile => dockerfile::pinned(bare, &self.sites, &by_place)?,
            _ => {
                let marks = self.comments.then_some(self.marks.as_slice());
                edit::yaml(bare, marks, &self.sites, &by_place)?
            }
        };
        let mark = text.get(..text.len() - bare.len()).unwrap_or_default();
        let new = format!("{mark}{new}").into_bytes();
        if new.len() > MAX_FILE_BYTES {
            return Err(EditError("with its digests, the file is too large to be read".to_owned()));
        }
        Ok(new)
    }
}

/// The text without a byte order mark: it is in the file and not of it (YAML 1.2, 5.2).
fn without_mark(text: &str) -> &str {
    text.strip_prefix('\u{feff}').unwrap_or(text)
}

/// What was read of a file of any kind.
struct Read {
    kind: Kind,
    places: Vec<(Place, Site)>,
    left_alone: Vec<LeftAlone>,
    looked_like: Vec<LeftAlone>,
    marks: Vec<usize>,
}

fn read_yaml(text: &str) -> Result<Read, Unreadable> {
    let readable = edit::readable(text);
    let tree = match tree::Tree::parse(&readable) {
        Ok(tree) => tree,
        Err(_) if template::is_one(text) => {
            let (kind, left_alone) = (Kind::Template, template::read(text));
            let (places, looked_like, marks) = (vec![], vec![], vec![]);
            return Ok(Read { kind, places, left_alone, looked_like, marks });
        }
        Err(why) => return Err(Unreadable(format!("not YAML that can be read: {why}"))),
    };
    if let Some((line, c)) = tree.disputed() {
        let code = u32::from(c);
        let why =
            format!("line {line}: U+{code:04X} ends a line for some readers and not for others");
        return Err(Unreadable(why));
    }
    let mut found = Found::new(&tree);
    let mut kind = Kind::Other;
    for nodes in tree.documents() {
        let own = kinds::read(&mut found, nodes);
        if kind == Kind::Other {
            kind = own;
        }
    }
    let (looked_like, marks) = (kinds::looked_like(&found), tree.marks());
    Ok(Read { kind, places: found.places, left_alone: found.left, looked_like, marks })
}
