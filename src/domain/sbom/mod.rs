//! SBOM documents: what is inside, as attested or found.
//!
//! [`Sbom::parse`] reads CycloneDX JSON and SPDX 2 JSON and is lenient: an entry that cannot be
//! read is listed in [`Sbom::problems`] and everything else is shown, because a reviewer must see
//! what a document says even where its writer broke the schema. No text is cleaned here; whatever
//! shows it does that ([`super::text::safe`]).
#![warn(clippy::indexing_slicing, clippy::arithmetic_side_effects)]

mod build;
mod cyclonedx;
mod graph;
mod json;
mod parts;
mod search;
mod sniff;
mod spdx;
#[cfg(test)]
mod tests;
pub mod tree;

use std::sync::Arc;

use graph::Lists;
use search::Haystack;

/// The longest document that is read, in bytes.
pub const MAX_DOCUMENT_BYTES: usize = 256 * 1024 * 1024;
/// The most components of one document.
pub const MAX_COMPONENTS: usize = 2_000_000;
/// The most dependency pairs (and, counted apart, containments) of one document.
pub const MAX_EDGES: usize = 10_000_000;
/// The most components nested in one another.
pub const MAX_NESTING: usize = 48;
/// The most problems that are listed one by one.
pub const MAX_PROBLEMS: usize = 1000;

/// Whether a predicate type is that of an SBOM.
pub fn is_sbom_type(predicate_type: &str) -> bool {
    predicate_type.starts_with("https://cyclonedx.org/bom")
        || predicate_type.starts_with("https://spdx.dev/Document")
}

/// A text of the document, whole and as it stands there; equal short texts share their memory.
pub type Text = Arc<str>;

/// One thing that is inside: a library, a package, a file, an operating system.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Component {
    /// Its name; empty when the document gives none (then [`Sbom::problems`] says so).
    pub name: Text,
    /// Namespace in front of the name: a Maven group, an npm scope. CycloneDX `group`.
    pub group: Option<Text>,
    /// Version, unparsed.
    pub version: Option<Text>,
    /// Package URL, unparsed. SPDX: the first external reference of type `purl`.
    pub purl: Option<Text>,
    /// CPE name, 2.2 or 2.3, unparsed.
    pub cpe: Option<Text>,
    /// Each licence as written: an SPDX id, a name or an expression. SPDX: concluded, then
    /// declared, without `NOASSERTION` and `NONE`.
    pub licences: Box<[Text]>,
    /// CycloneDX `type`, SPDX `primaryPackagePurpose`: `library`, `OPERATING_SYSTEM`.
    pub kind: Option<Text>,
    /// The name by which the document's dependencies refer to it. SPDX: `SPDXID`.
    pub bom_ref: Option<Text>,
    /// What it is, in the writer's words.
    pub description: Option<Text>,
    /// Hashes of its content, as written.
    pub hashes: Box<[Hash]>,
    /// Who supplied it. CycloneDX `supplier.name`, SPDX `supplier`.
    pub supplier: Option<Text>,
    /// Who published it. CycloneDX `publisher` or `author`, SPDX `originator`.
    pub publisher: Option<Text>,
    /// Name and value pairs of the tool that wrote the document. CycloneDX `properties`.
    pub properties: Box<[Property]>,
}

/// A hash of a component's content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hash {
    /// The algorithm's name in the document's own spelling: `SHA-256`, `SHA256`.
    pub algorithm: Text,
    /// The value, usually hex; not checked.
    pub value: Text,
}

/// A name and a value; names may repeat.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Property {
    /// The name.
    pub name: Text,
    /// The value; empty when there is none.
    pub value: Text,
}

/// Something in the document that could not be taken as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Where: `components[17].licenses`. Empty for the whole document.
    pub position: String,
    /// What is wrong and what was done about it. Quotes foreign text, cut to a line.
    pub message: String,
}

/// How much a document says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// CycloneDX: components, nested ones included, the subject itself not. SPDX: packages.
    pub components: usize,
    /// Distinct pairs of references "depends on", dangling ones included. SPDX: `DEPENDS_ON` and
    /// `*_DEPENDENCY_OF`.
    pub edges: usize,
    /// Distinct package URLs of the components.
    pub purls: usize,
    /// Distinct licence texts of the components.
    pub licences: usize,
}

/// Why a document could not be read at all.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SbomError {
    /// Longer than [`MAX_DOCUMENT_BYTES`].
    #[error("the document has {0} bytes; at most {MAX_DOCUMENT_BYTES} are read")]
    TooLarge(usize),
    /// More components, dependencies or containments than are read.
    #[error("the document has more than {limit} {what}")]
    TooMany {
        /// Of what, in the plural.
        what: &'static str,
        /// How many are read.
        limit: usize,
    },
    /// Components nested deeper than [`MAX_NESTING`], or JSON deeper than is read.
    #[error("the document is nested too deeply; components may be nested {MAX_NESTING} deep")]
    TooDeep,
    /// An SBOM in a format or version that is not read.
    #[error("{0} documents are not read yet")]
    Unsupported(String),
    /// Nothing says that it is an SBOM.
    #[error("not an SBOM: {0}")]
    NotAnSbom(String),
    /// Cut off, not UTF-8, or not JSON.
    #[error("the document cannot be read: {0}")]
    Malformed(String),
}

/// A parsed document.
///
/// Components are numbered in document order from 0. Where a place in the graph may also be the
/// thing that the whole document describes, it is an `Option<u32>` and `None` means that root.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sbom {
    format: String,
    tool: Option<String>,
    created: Option<Text>,
    root: Option<Component>,
    components: Vec<Component>,
    /// The lists below have one node for each component and one behind them for the root.
    depends: Lists,
    dependents: Lists,
    contains: Lists,
    /// Dependencies, then contents that are not among them.
    below: Lists,
    counts: Counts,
    problems: Vec<Problem>,
    haystack: Haystack,
}

impl Sbom {
    /// Reads a document, whatever format its content shows it to be.
    ///
    /// # Errors
    /// [`SbomError`]: too large, too many, too deep, a format that is not read, no SBOM at all, or
    /// text that is no JSON. Everything smaller is a [`Problem`].
    pub fn parse(document: &[u8]) -> Result<Self, SbomError> {
        if document.len() > MAX_DOCUMENT_BYTES {
            return Err(SbomError::TooLarge(document.len()));
        }
        let document = document.strip_prefix(b"\xef\xbb\xbf").unwrap_or(document);
        let text = std::str::from_utf8(document).map_err(|e| {
            SbomError::Malformed(format!("no UTF-8 text at byte {}", e.valid_up_to()))
        })?;
        match sniff::format(text)? {
            sniff::Format::CycloneDx => cyclonedx::parse(text),
            sniff::Format::Spdx2 => spdx::parse(text),
        }
    }

    /// Format and version as the document states them: `CycloneDX 1.6`, `SPDX 2.3`.
    pub fn format(&self) -> &str {
        &self.format
    }

    /// How much it says.
    pub fn counts(&self) -> Counts {
        self.counts
    }

    /// Every component in document order: a nested one follows the one that contains it. The
    /// subject of a CycloneDX document is not among them ([`Self::root`]).
    pub fn components(&self) -> &[Component] {
        &self.components
    }

    /// The component of that number.
    pub fn component(&self, index: u32) -> Option<&Component> {
        self.components.get(usize::try_from(index).ok()?)
    }

    /// What the document describes: CycloneDX `metadata.component`; for SPDX the document itself,
    /// which contains the packages it `DESCRIBES`.
    pub fn root(&self) -> Option<&Component> {
        self.root.as_ref()
    }

    /// What the component (`None`: the root) depends on, in document order, each once.
    pub fn dependencies_of(
        &self,
        component: impl Into<Option<u32>>,
    ) -> impl ExactSizeIterator<Item = Option<u32>> {
        self.places(self.depends.of(self.node(component.into())))
    }

    /// What depends on the component (`None`: the root), each once.
    pub fn dependents_of(
        &self,
        component: impl Into<Option<u32>>,
    ) -> impl ExactSizeIterator<Item = Option<u32>> {
        self.places(self.dependents.of(self.node(component.into())))
    }

    /// What is nested in the component (`None`: the root). SPDX: `CONTAINS` and `DESCRIBES`.
    pub fn contents_of(
        &self,
        component: impl Into<Option<u32>>,
    ) -> impl ExactSizeIterator<Item = Option<u32>> {
        self.places(self.contains.of(self.node(component.into())))
    }

    /// The programs that wrote the document, as it states them.
    pub fn tool(&self) -> Option<&str> {
        self.tool.as_deref()
    }

    /// When it was written, as it states it; not a proved time.
    pub fn created(&self) -> Option<&str> {
        self.created.as_deref()
    }

    /// What could not be taken as it stands, at most [`MAX_PROBLEMS`] and a line for the rest.
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    /// The components that hold every word of `query`, in document order.
    ///
    /// A word is a substring, whatever its case, of `group/name`, version, purl, a licence, CPE or
    /// bom-ref; words may be found in different ones. A query without words finds everything.
    pub fn search(&self, query: &str) -> Vec<u32> {
        self.haystack.search(query)
    }

    /// The number of places in the graph; the last one is the root.
    fn nodes(&self) -> usize {
        self.components.len().saturating_add(1)
    }

    fn node(&self, component: Option<u32>) -> usize {
        component.and_then(|i| usize::try_from(i).ok()).unwrap_or(self.components.len())
    }

    fn place(&self, node: u32) -> Option<u32> {
        (self.node(Some(node)) < self.components.len()).then_some(node)
    }

    fn places(&self, nodes: &[u32]) -> impl ExactSizeIterator<Item = Option<u32>> {
        nodes.iter().map(|node| self.place(*node))
    }
}
