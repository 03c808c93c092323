//! Predicates: what an attestation says of its subjects, in a few typed words.
//!
//! A summary repeats what the predicate says and nothing else: it never judges, and whether any of
//! it may be believed is said by the type that carries the statement (`verify::Evidence`). Reading
//! is lenient and bounded: what is missing is listed as not said, what has another type as odd, and
//! every predicate, of whatever type, is there as a tree.
//!
//! Source: the in-toto attestation framework, `spec/predicates`; slsa.dev; cosign
//! `specs/COSIGN_PREDICATE_SPEC.md` and `COSIGN_VULN_ATTESTATION_SPEC.md`; OpenVEX.
#![warn(clippy::indexing_slicing)]

mod agree;
mod family;
mod plain;
mod provenance;
mod read;
mod row;
mod sbom;
mod source;
#[cfg(test)]
mod tests;
pub mod tree;
mod vex;
mod vsa;
mod vuln;

use std::sync::Arc;

pub use agree::{Disagreement, disagreements};
pub use family::Family;
pub use plain::{Custom, Link, Named, Release, TestResult};
pub use provenance::{Claim, Field, Provenance};
pub use row::{Row, Said};
pub use sbom::SbomHead;
pub use vex::Vex;
pub use vsa::Verification;
pub use vuln::Scan;

use read::Reader;
use row::{Rows, Speaks};
use tree::{TO_READ, TO_SHOW, Tree};

/// What a predicate says, by family.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Says {
    /// How and from what something was built.
    Provenance(Box<Provenance>),
    /// What a verifier found.
    Verification(Verification),
    /// What an SBOM says of itself.
    Sbom(SbomHead),
    /// How vulnerabilities matter.
    Vex(Vex),
    /// What a scanner found.
    Scan(Scan),
    /// What was released.
    Release(Release),
    /// What tests found.
    TestResult(TestResult),
    /// One step of a supply chain.
    Link(Link),
    /// Free text, or JSON of the publisher's own.
    Custom(Custom),
    /// A predicate of which only the tree is known.
    Named(Named),
    /// It is empty, or none, or cannot be read.
    Nothing,
}

impl Says {
    fn speaks(&self) -> Option<&dyn Speaks> {
        match self {
            Self::Provenance(says) => Some(says.as_ref()),
            Self::Verification(says) => Some(says),
            Self::Sbom(says) => Some(says),
            Self::Vex(says) => Some(says),
            Self::Scan(says) => Some(says),
            Self::Release(says) => Some(says),
            Self::TestResult(says) => Some(says),
            Self::Link(says) => Some(says),
            Self::Custom(says) => Some(says),
            Self::Named(says) => Some(says),
            Self::Nothing => None,
        }
    }
}

/// What is known of one predicate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summary {
    /// Its family.
    pub family: Family,
    /// What it says.
    pub says: Says,
    /// What predicates of this type say and this one does not.
    pub not_said: Vec<&'static str>,
    /// What has an unexpected type; foreign text.
    pub odd: Vec<String>,
    /// Why it says nothing at all: empty, `null`, none, of another kind, unreadable.
    pub hollow: Option<String>,
    /// Its size in bytes.
    pub bytes: usize,
    /// The predicate, as much of it as fits on a screen.
    pub tree: Option<Arc<Tree>>,
}

impl Summary {
    /// Summarises a predicate. Cannot fail: what cannot be read is said to be hollow.
    pub fn of(predicate_type: &str, predicate: Option<&str>) -> Self {
        let family = Family::of(predicate_type);
        let mut summary = Self {
            family,
            says: Says::Nothing,
            not_said: vec![],
            odd: vec![],
            hollow: None,
            bytes: predicate.map_or(0, str::len),
            tree: None,
        };
        let tree = match predicate.map(|text| Tree::read(text, family.counted(), TO_READ)) {
            None => {
                summary.hollow = hollow(family, "there is no predicate, or it is null".into());
                return summary;
            }
            Some(Err(why)) => {
                summary.hollow = Some(format!("the predicate cannot be read: {why}"));
                return summary;
            }
            Some(Ok(tree)) => tree,
        };
        summary.fill(&tree);
        summary.tree = Some(Arc::new(tree.pruned(TO_SHOW)));
        summary
    }

    fn fill(&mut self, tree: &Tree) {
        let family = self.family;
        let text_may_be_all = matches!(family, Family::Custom | Family::Other | Family::Spdx);
        match tree {
            Tree::Null => self.hollow = hollow(family, "the predicate is null".into()),
            Tree::Map { .. } if tree.is_empty() => {
                self.hollow = hollow(family, "the predicate is {}".into());
            }
            Tree::Map { .. } => self.read(tree),
            // cosign attests free text, and SPDX tag-value, as one JSON text.
            Tree::Text(text) if text_may_be_all && !text.trim().is_empty() => {
                self.says = Says::Custom(Custom::whole(text, self.bytes));
            }
            // Nobody has said that a predicate of an unknown type is an object.
            _ if family == Family::Other && !tree.is_empty() => self.read(tree),
            other => {
                let words = format!("the predicate is {} and not an object", other.kind());
                self.hollow = Some(words);
            }
        }
    }

    fn read(&mut self, tree: &Tree) {
        let mut from = Reader::new(tree);
        let family = self.family;
        self.says = match family {
            Family::Provenance(version) => {
                Says::Provenance(Box::new(Provenance::read(version, &mut from)))
            }
            Family::Verification => Says::Verification(Verification::read(&mut from)),
            Family::CycloneDx => Says::Sbom(SbomHead::cyclonedx(&mut from)),
            Family::Spdx => Says::Sbom(SbomHead::spdx(&mut from)),
            Family::Vex => Says::Vex(Vex::read(&mut from)),
            Family::Scan => Says::Scan(Scan::read(&mut from)),
            Family::Release => Says::Release(Release::read(&mut from)),
            Family::TestResult => Says::TestResult(TestResult::read(&mut from)),
            Family::Link => Says::Link(Link::read(&mut from)),
            Family::Custom => Says::Custom(Custom::read(&mut from)),
            Family::Signature | Family::Publish | Family::Other => Says::Named(Named::of(tree)),
        };
        let (not_said, odd, said) = from.finish();
        (self.not_said, self.odd) = (not_said, odd);
        if !said && !matches!(self.says, Says::Named(_)) {
            let name = family.name().unwrap_or_default();
            self.hollow = Some(format!("the predicate has nothing in it that {name} has"));
        }
    }

    /// The provenance, if it is one.
    pub const fn provenance(&self) -> Option<&Provenance> {
        match &self.says {
            Says::Provenance(provenance) => Some(provenance),
            _ => None,
        }
    }

    /// What it says, line by line.
    pub fn rows(&self) -> Vec<Row> {
        let mut rows = Rows::default();
        if let Some(says) = self.says.speaks() {
            says.rows(&mut rows);
        }
        rows.0
    }

    /// What it says in one line; foreign text.
    pub fn words(&self) -> String {
        if let Some(hollow) = &self.hollow {
            return hollow.clone();
        }
        let words = self.says.speaks().map(Speaks::words).unwrap_or_default();
        if words.is_empty() { "nothing that is looked for".into() } else { words }
    }
}

/// Why a predicate says nothing, unless its type asks for no more.
fn hollow(family: Family, why: String) -> Option<String> {
    (!family.may_be_empty()).then_some(why)
}
