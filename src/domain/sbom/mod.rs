//! SBOM documents: what is inside, as attested or found.
//!
//! [`Sbom::parse`] reads what the content shows it to be, whatever its name says, and is lenient:
//! an entry that cannot be read is listed in [`Sbom::problems`] and everything else is shown,
//! because a reviewer must see what a document says even where its writer broke the schema. A
//! document that breaks off is shown as far as it was read, and [`Sbom::left_out`] says why there
//! may be more. No text is cleaned here; whatever shows it does that ([`super::text::safe`]).
#![warn(clippy::indexing_slicing, clippy::arithmetic_side_effects)]

mod beside;
mod build;
mod component;
mod cyclonedx;
mod detail;
pub mod diff;
mod find;
mod finish;
mod graph;
mod json;
mod language;
pub mod licence;
pub mod list;
mod markup;
mod mend;
mod parts;
pub mod paths;
mod problem;
mod purl;
mod query;
mod read;
pub mod rows;
mod search;
mod sniff;
mod source;
mod spdx;
mod spdx3;
mod spdx3_graph;
mod tag_value;
#[cfg(test)]
mod tests;
pub mod tree;
pub mod vulnerabilities;
mod wrapped;
mod xml;
mod xml_detail;

pub use component::Component;
pub use detail::{Detail, Hash, Property, Reference};
pub use find::Hits;
pub use problem::Problem;
pub use query::{Field, MAX_CONDITIONS, Query};
pub use source::Source;
pub use wrapped::{MAX_UNPACKED_BYTES, MAX_WRAPPINGS, Wrapping};

use component::Record;
use graph::Lists;
use language::Language;
use search::Haystack;
use source::Span;

/// The longest document that is read, in bytes.
pub const MAX_DOCUMENT_BYTES: usize = 2 * 1024 * 1024 * 1024 - 1;
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
    /// Distinct licence texts of the components. SPDX 3: and of the document's licence
    /// elements, whichever element has them.
    pub licences: usize,
}

/// For how many components the document says what a reviewer needs (NTIA minimum elements, 2021:
/// supplier, name, version, unique identifier, relationship).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Quality {
    /// Components in all.
    pub components: usize,
    /// With a version.
    pub version: usize,
    /// With a package URL.
    pub purl: usize,
    /// With a licence.
    pub licence: usize,
    /// With a supplier.
    pub supplier: usize,
    /// With a hash.
    pub hash: usize,
    /// Dependency pairs that lead from a part to a part.
    pub edges: usize,
}

/// Why a document could not be read at all, or not to its end.
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
    /// Packed, and longer than [`MAX_UNPACKED_BYTES`] when it is unpacked.
    #[error("the packed document has more than {0} bytes; the rest was not unpacked")]
    Unpacked(usize),
    /// Cut off, or not what it begins as.
    #[error("the document cannot be read: {0}")]
    Malformed(String),
    /// Whoever watched the reading ended it.
    #[error("reading was ended")]
    Cancelled,
}

/// A parsed document.
///
/// Components are numbered in document order from 0. Where a place in the graph may also be the
/// thing that the whole document describes, it is an `Option<u32>` and `None` means that root.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sbom {
    source: Source,
    wrapped: Vec<Wrapping>,
    body: Body,
}

/// What was read out of the document, in places of it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Body {
    language: Language,
    format: String,
    tool: Option<String>,
    created: Option<String>,
    root: Option<Record>,
    records: Vec<Record>,
    licences: Vec<Span>,
    hashes: Vec<Span>,
    /// Texts that do not stand in the document as they are meant.
    unescaped: String,
    /// The lists below have one node for each component and one behind them for the root.
    depends: Lists,
    dependents: Lists,
    contains: Lists,
    /// Dependencies, then contents that are not among them.
    below: Lists,
    counts: Counts,
    problems: Vec<Problem>,
    /// How many problems hide something, those included that are not listed.
    unread: usize,
    left_out: Option<SbomError>,
    haystack: Haystack,
}

/// Told how many bytes were read so far; answers whether to go on.
pub type Watch<'a> = &'a dyn Fn(usize) -> bool;

impl Sbom {
    /// Reads a document, whatever format its content shows it to be.
    ///
    /// # Errors
    /// [`SbomError`]: too large, a format that is not read, no SBOM at all, or text in which not
    /// one component could be read. Everything smaller is a [`Problem`]; a document that breaks
    /// off or reaches a limit behind its first component has [`Self::left_out`].
    pub fn parse(document: impl Into<Source>) -> Result<Self, SbomError> {
        Self::parse_watched(document, &|_| true)
    }

    /// [`Self::parse`], for someone who shows how far it is and may end it.
    ///
    /// # Errors
    /// As [`Self::parse`], and [`SbomError::Cancelled`].
    pub fn parse_watched(document: impl Into<Source>, watch: Watch<'_>) -> Result<Self, SbomError> {
        let source = document.into();
        if source.bytes().len() > MAX_DOCUMENT_BYTES {
            return Err(SbomError::TooLarge(source.bytes().len()));
        }
        let wrapped::Peeled { source, around, cut, format } = wrapped::peel(source, watch)?;
        let mut body = read::read(source.text(), format, watch)?;
        if let Some((message, hides)) = source.doubt() {
            let (position, message) = (String::new(), message.to_owned());
            body.problems.insert(0, Problem { position, message, hides });
            body.unread = body.unread.saturating_add(usize::from(hides));
        }
        if let Some(cut) = cut {
            let (position, message) = (String::new(), format!("not everything was read: {cut}"));
            body.problems.push(Problem { position, message, hides: true });
            body.left_out = Some(cut);
        }
        Ok(Self { source, wrapped: around, body })
    }

    /// What was around the document, from the outside in. None of it was verified.
    pub fn wrapped(&self) -> &[Wrapping] {
        &self.wrapped
    }

    /// The document as it came, byte for byte, without what was around it ([`Self::wrapped`]).
    pub fn source(&self) -> &Source {
        &self.source
    }

    /// Format and version as the document states them: `CycloneDX 1.6`, `SPDX 2.3`.
    pub fn format(&self) -> &str {
        &self.body.format
    }

    /// How much it says.
    pub fn counts(&self) -> Counts {
        self.body.counts
    }

    /// For how many components it says what a reviewer needs. Looks at every component.
    pub fn quality(&self) -> Quality {
        let mut all = Quality {
            components: self.body.records.len(),
            edges: self.body.depends.len(),
            ..Quality::default()
        };
        for record in &self.body.records {
            for (count, said) in [
                (&mut all.version, record.version.is_some()),
                (&mut all.purl, record.purl.is_some()),
                (&mut all.licence, record.licences.0 < record.licences.1),
                (&mut all.supplier, record.supplier.is_some()),
                (&mut all.hash, record.hashes.0 < record.hashes.1),
            ] {
                *count = count.saturating_add(usize::from(said));
            }
        }
        all
    }

    /// Every component in document order: a nested one follows the one that contains it. The
    /// subject of a CycloneDX document is not among them ([`Self::root`]).
    pub fn components(&self) -> impl ExactSizeIterator<Item = Component<'_>> + Clone {
        self.body.records.iter().map(|record| Component { sbom: self, record })
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.body.records.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.body.records.is_empty()
    }

    /// The component of that number.
    pub fn component(&self, index: u32) -> Option<Component<'_>> {
        let record = self.body.records.get(usize::try_from(index).ok()?)?;
        Some(Component { sbom: self, record })
    }

    /// What the document describes: CycloneDX `metadata.component`; for SPDX the document itself,
    /// which contains the packages it `DESCRIBES`.
    pub fn root(&self) -> Option<Component<'_>> {
        self.body.root.as_ref().map(|record| Component { sbom: self, record })
    }

    /// The component of that number, or (`None`) the root.
    pub fn at(&self, place: Option<u32>) -> Option<Component<'_>> {
        match place {
            Some(index) => self.component(index),
            None => self.root(),
        }
    }

    /// What the component (`None`: the root) depends on, in document order, each once.
    pub fn dependencies_of(
        &self,
        component: impl Into<Option<u32>>,
    ) -> impl ExactSizeIterator<Item = Option<u32>> {
        self.places(self.body.depends.of(self.node(component.into())))
    }

    /// What depends on the component (`None`: the root), each once.
    pub fn dependents_of(
        &self,
        component: impl Into<Option<u32>>,
    ) -> impl ExactSizeIterator<Item = Option<u32>> {
        self.places(self.body.dependents.of(self.node(component.into())))
    }

    /// What is nested in the component (`None`: the root). SPDX: `CONTAINS` and `DESCRIBES`.
    pub fn contents_of(
        &self,
        component: impl Into<Option<u32>>,
    ) -> impl ExactSizeIterator<Item = Option<u32>> {
        self.places(self.body.contains.of(self.node(component.into())))
    }

    /// The programs that wrote the document, as it states them.
    pub fn tool(&self) -> Option<&str> {
        self.body.tool.as_deref()
    }

    /// When it was written, as it states it; not a proved time.
    pub fn created(&self) -> Option<&str> {
        self.body.created.as_deref()
    }

    /// The components that meet what [`Query::parse`] reads in a text, in document order; without
    /// words, all. [`Self::find`] says too how many could not be decided.
    pub fn search(&self, query: &str) -> Vec<u32> {
        self.find(&Query::parse(query)).components
    }

    /// The number of places in the graph; the last one is the root.
    fn nodes(&self) -> usize {
        self.body.records.len().saturating_add(1)
    }

    fn node(&self, component: Option<u32>) -> usize {
        component.and_then(|i| usize::try_from(i).ok()).unwrap_or(self.body.records.len())
    }

    fn place(&self, node: u32) -> Option<u32> {
        (self.node(Some(node)) < self.body.records.len()).then_some(node)
    }

    fn places(&self, nodes: &[u32]) -> impl ExactSizeIterator<Item = Option<u32>> {
        nodes.iter().map(|node| self.place(*node))
    }
}
