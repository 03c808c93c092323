//! What attestations beside an SBOM, and the SBOM itself, say of vulnerabilities in its components.
//!
//! Nothing is looked up: there is no database here. A statement is repeated as it was made, beside
//! the component that it names, and never without whose word it is ([`Word`]): "not affected" that
//! anybody could have pushed to a registry is a claim, and no reason to stop looking. What names
//! nothing in this SBOM is listed ([`Findings::unmatched`]) and not dropped.
//!
//! Sources: OpenVEX v0.2.0; CycloneDX 1.4 to 1.7 `vulnerabilities`; cosign
//! `COSIGN_VULN_ATTESTATION_SPEC.md`; in-toto `spec/predicates/vuln.md`; what Trivy and Grype write.

mod cyclonedx;
mod finding;
mod fold;
mod name;
mod place;
mod purl;
mod rank;
mod read;
mod scan;
mod state;
#[cfg(test)]
mod tests;

use std::collections::HashMap;

pub use finding::{Finding, How, Rank, Unmatched, Versions, Why};
pub use fold::{Attested, Product};
pub use state::{Class, Standing, State, Word};

use super::Sbom;
use crate::domain::Timestamp;

/// The most pairs of a component and a statement about it.
pub const MAX_FINDINGS: usize = 100_000;
/// The most statements that are read, of all documents together.
pub const MAX_STATEMENTS: usize = 100_000;
/// The most documents that are read.
pub const MAX_DOCUMENTS: usize = 200;
/// The most bytes of one document beside the SBOM that are read.
pub const MAX_DOCUMENT_BYTES: usize = 64 << 20;
/// The most problems, and the most names without a component, that are listed one by one.
pub const MAX_LISTED: usize = 1000;

/// One document that speaks of vulnerabilities.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// What it is and who wrote it, in one line; foreign text.
    pub name: String,
    /// Whose word all of it is.
    pub standing: Standing,
    /// When it was written, it says; not a proved time.
    pub at: Option<String>,
    /// How many statements or findings were read of it; none is an answer too.
    pub statements: usize,
}

/// One statement: a vulnerability and what is said of it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Statement {
    /// The index of its document.
    origin: usize,
    vulnerability: String,
    aliases: Vec<String>,
    state: State,
    severity: Option<String>,
    justification: Option<String>,
    detail: Option<String>,
    at: Option<Timestamp>,
}

/// One statement about one component.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Said {
    /// The component's number; `None` for the root.
    place: Option<u32>,
    /// The index of the statement.
    statement: usize,
    how: How,
    /// The component inside which it holds; `None` for the artifact itself.
    within: Option<u32>,
    versions: Versions,
    rank: Rank,
}

/// Something that is said in two ways of one vulnerability of one component.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contradiction {
    /// The component's number; `None` for the root.
    pub place: Option<u32>,
    /// The vulnerability, as one of the two names it; foreign text.
    pub vulnerability: String,
}

/// What a row of the tree shows beside a component.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    /// The worst of what is said and not answered. Where that is [`Class::Harmless`], the standing
    /// is that of the weakest word it rests on; otherwise of the strongest.
    pub word: Word<Class>,
    /// Of how many vulnerabilities it is said.
    pub vulnerabilities: usize,
    /// Whether statements about it contradict one another.
    pub contradicted: bool,
}

/// What is said of the components of one [`Sbom`], by their numbers. Built once ([`Self::of`]);
/// looking up a component is a binary search.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Findings {
    origins: Vec<Origin>,
    statements: Vec<Statement>,
    /// Ordered by place.
    said: Vec<Said>,
    marks: HashMap<Option<u32>, Mark>,
    contradictions: Vec<Contradiction>,
    unmatched: Vec<finding::Nowhere>,
    /// Statements that no component of the SBOM answers to.
    unplaced: usize,
    problems: Vec<String>,
    /// Why there may be more.
    left_out: Vec<String>,
}

impl Findings {
    /// Everything that is said of `sbom`: by itself, which is as good as `own`, and by `others`.
    /// `product` is what the attestations are about. Reads all of the documents: not to be called
    /// for every frame.
    pub fn of<'a>(
        sbom: &Sbom,
        own: Standing,
        product: &Product,
        others: impl IntoIterator<Item = Attested<'a>>,
    ) -> Self {
        fold::fold(sbom, own, product, others)
    }

    /// The documents that were read.
    pub fn origins(&self) -> &[Origin] {
        &self.origins
    }

    /// Whether nothing was said and nothing could have been missed.
    pub fn is_empty(&self) -> bool {
        self.origins.is_empty() && self.problems.is_empty() && self.left_out.is_empty()
    }

    /// What is said of a component (`None`: the root, and with it the artifact as a whole), in the
    /// order of the documents.
    pub fn about(&self, place: Option<u32>) -> impl ExactSizeIterator<Item = Finding<'_>> {
        let start = self.said.partition_point(|said| said.place < place);
        let rest = self.said.get(start..).unwrap_or_default();
        let end = rest.partition_point(|said| said.place == place);
        rest.get(..end).unwrap_or_default().iter().map(|said| Finding::new(self, said))
    }

    /// What a row shows beside a component; `None` where nothing is said of it.
    pub fn mark(&self, place: Option<u32>) -> Option<Mark> {
        self.marks.get(&place).copied()
    }

    /// The components (and `None`, the root) of which something is said, in document order.
    pub fn places(&self) -> impl Iterator<Item = Option<u32>> {
        let mut last = None;
        self.said.iter().map(|said| said.place).filter(move |place| {
            let new = last != Some(*place);
            last = Some(*place);
            new
        })
    }

    /// How many pairs of a component and a statement there are.
    pub fn len(&self) -> usize {
        self.said.len()
    }

    /// Names of statements that no component answers to, at most [`MAX_LISTED`].
    pub fn unmatched(&self) -> impl ExactSizeIterator<Item = Unmatched<'_>> {
        self.unmatched.iter().map(|nowhere| Unmatched::new(self, nowhere))
    }

    /// How many statements name nothing in this SBOM.
    pub const fn unplaced(&self) -> usize {
        self.unplaced
    }

    /// Statements that contradict one another: a warning each.
    pub fn contradictions(&self) -> &[Contradiction] {
        &self.contradictions
    }

    /// What could not be read; quotes foreign text.
    pub fn problems(&self) -> &[String] {
        &self.problems
    }

    /// Why more may be said than is here: a limit, an SBOM or a document that broke off, an
    /// attestation that is not read. Then "nothing is said of it" is not known.
    pub fn left_out(&self) -> &[String] {
        &self.left_out
    }

    /// The same, with one more reason why more may be said: for whoever knows that not every
    /// attestation was read.
    #[must_use]
    pub fn with_left_out(mut self, words: String) -> Self {
        self.left_out.push(words);
        self
    }

    /// All of it in one line, for a header; quotes nothing foreign. `None` where there is nothing.
    pub fn words(&self) -> Option<String> {
        if self.is_empty() {
            return None;
        }
        let documents = count(self.origins.len(), "document");
        let statements: usize = self.origins.iter().map(|o| o.statements).sum();
        let mut all = vec![format!("{} in {documents}", count(statements, "statement"))];
        if self.unplaced > 0 {
            let verb = if self.unplaced == 1 { "names" } else { "name" };
            all.push(format!("{} of them {verb} nothing in this SBOM", self.unplaced));
        }
        if !self.contradictions.is_empty() {
            all.push(count(self.contradictions.len(), "contradiction"));
        }
        if !self.problems.is_empty() {
            all.push(format!("{} not read", count(self.problems.len(), "entry")));
        }
        if !self.left_out.is_empty() {
            all.push("there may be more".to_owned());
        }
        Some(all.join(", "))
    }
}

/// `3 documents`, `1 document`.
fn count(number: usize, one: &str) -> String {
    match (number, one.strip_suffix('y')) {
        (1, _) => format!("1 {one}"),
        (_, Some(stem)) => format!("{number} {stem}ies"),
        (_, None) => format!("{number} {one}s"),
    }
}
