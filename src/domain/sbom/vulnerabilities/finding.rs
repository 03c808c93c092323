//! One finding as a reader sees it, with its document and whose word it is.

use super::{Class, Findings, Origin, Said, State, Statement, Word};
use crate::domain::Timestamp;

/// How a statement came to a component.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// By the component's `bom-ref`, in the SBOM itself or as a BOM-Link to it.
    BomRef,
    /// By its package URL, version included.
    Purl,
    /// By its package URL without a version: it speaks of every one.
    AnyVersion,
    /// By its CPE or another text that stands in the component.
    Text,
    /// By name and version alone, as scanners write them; another ecosystem may have that name.
    Name,
    /// By name alone.
    NameOnly,
    /// It names the artifact itself.
    Artifact,
    /// It names nothing, and so speaks of what it is attached to.
    Subject,
}

impl How {
    /// In words.
    pub const fn words(self) -> &'static str {
        match self {
            Self::BomRef => "by bom-ref",
            Self::Purl => "by purl",
            Self::AnyVersion => "by purl, every version",
            Self::Text => "by its identifier",
            Self::Name => "by name and version",
            Self::NameOnly => "by name alone",
            Self::Artifact => "as the artifact",
            Self::Subject => "names no component",
        }
    }
}

/// What CycloneDX says in `affects[].versions` of the component's version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Versions {
    /// Nothing: the statement holds for the component as it is.
    Unsaid,
    /// It is listed as affected: the statement holds for it.
    Listed,
    /// It is listed as unaffected.
    Unaffected,
    /// It is not listed, or of unknown status, or only ranges are given, which are not read.
    Unclear,
}

impl Versions {
    /// In words; `None` where nothing is said.
    pub const fn words(self) -> Option<&'static str> {
        match self {
            Self::Unsaid => None,
            Self::Listed => Some("this version is listed as affected"),
            Self::Unaffected => Some("this version is listed as unaffected"),
            Self::Unclear => Some("whether it speaks of this version is not known"),
        }
    }
}

/// Where a statement stands among those about the same vulnerability of the same component.
///
/// Only those whose word is the strongest are compared: anybody can push a statement that is newer
/// than the publisher's. The time is the document's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rank {
    /// There is no other that counts.
    Only,
    /// Its time is the latest.
    Newest,
    /// There is a newer one.
    Older,
    /// Not each of them has a time, or several have the latest.
    NotKnown,
    /// There is one whose word is stronger.
    NotCounted,
}

impl Rank {
    /// In words; `None` where there is nothing to compare.
    pub const fn words(self) -> Option<&'static str> {
        match self {
            Self::Only => None,
            Self::Newest => Some("newest, it says"),
            Self::Older => Some("older, it says"),
            Self::NotKnown => Some("which one is the newest is not said"),
            Self::NotCounted => Some("not counted: there is a better vouched one"),
        }
    }
}

/// What one statement says of one component.
#[derive(Clone, Copy, Debug)]
pub struct Finding<'a> {
    said: &'a Said,
    statement: &'a Statement,
    origin: Option<&'a Origin>,
}

impl<'a> Finding<'a> {
    pub(super) fn new(all: &'a Findings, said: &'a Said) -> Self {
        let statement = all.statements.get(said.statement).unwrap_or(&NOTHING);
        Self { said, statement, origin: all.origins.get(statement.origin) }
    }

    /// The component's number; `None` for the root.
    pub const fn place(self) -> Option<u32> {
        self.said.place
    }

    /// The vulnerability's id; foreign text, like every text here.
    pub fn vulnerability(self) -> &'a str {
        &self.statement.vulnerability
    }

    /// Its other ids.
    pub fn aliases(self) -> &'a [String] {
        &self.statement.aliases
    }

    /// What is said of it, and whose word that is.
    pub fn state(self) -> Word<&'a State> {
        Word::new(&self.statement.state, self.standing())
    }

    /// What that comes to. A statement about a component inside another one says nothing of the
    /// same component elsewhere in the artifact: then harmless is unclear.
    pub fn class(self) -> Word<Class> {
        Word::new(class(self.statement, self.said), self.standing())
    }

    /// How bad it is, in the document's word, or method and score.
    pub fn severity(self) -> Option<&'a str> {
        self.statement.severity.as_deref()
    }

    /// Why it is said not to matter, in the standard's words.
    pub fn justification(self) -> Option<&'a str> {
        self.statement.justification.as_deref()
    }

    /// What else is said: an impact, an action, the version that has the fix.
    pub fn detail(self) -> Option<&'a str> {
        self.statement.detail.as_deref()
    }

    /// When it was said, by its own account.
    pub fn at(self) -> Option<Timestamp> {
        self.statement.at
    }

    /// How the statement came to the component.
    pub const fn how(self) -> How {
        self.said.how
    }

    /// The component inside which it holds; `None` where it holds in the whole artifact.
    pub const fn within(self) -> Option<u32> {
        self.said.within
    }

    /// What the document says of the component's version.
    pub const fn versions(self) -> Versions {
        self.said.versions
    }

    /// Where it stands among the statements about the same.
    pub const fn rank(self) -> Rank {
        self.said.rank
    }

    /// The document that says so.
    pub const fn origin(self) -> Option<&'a Origin> {
        self.origin
    }

    fn standing(self) -> super::Standing {
        self.origin.map_or(super::Standing::Observed, |origin| origin.standing)
    }
}

/// What a statement comes to where it was placed.
pub(super) fn class(statement: &Statement, said: &Said) -> Class {
    match (statement.state.class(), said.versions, said.within) {
        (_, Versions::Unaffected, None) => Class::Harmless,
        // What holds in one place, or for versions that cannot be compared, is no all-clear.
        (Class::Harmless, _, Some(_)) | (Class::Harmless, Versions::Unclear, _) => Class::Unclear,
        (class, ..) => class,
    }
}

static NOTHING: Statement = Statement {
    origin: usize::MAX,
    vulnerability: String::new(),
    aliases: Vec::new(),
    state: State::Reported,
    severity: None,
    justification: None,
    detail: None,
    at: None,
};

/// Why a name has no component.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// Nothing in this SBOM answers to it.
    NotInSbom,
    /// Its product is neither this artifact nor anything in it.
    OtherProduct,
    /// It refers to another SBOM.
    OtherDocument,
}

impl Why {
    /// In words.
    pub const fn words(self) -> &'static str {
        match self {
            Self::NotInSbom => "names nothing in this SBOM",
            Self::OtherProduct => "is about another product",
            Self::OtherDocument => "refers to another SBOM",
        }
    }
}

/// A name of a statement that led nowhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Nowhere {
    pub(super) statement: usize,
    pub(super) named: String,
    pub(super) why: Why,
    /// Whether no other name of the statement led to a component either.
    pub(super) wholly: bool,
}

/// A statement with a name that no component answers to.
#[derive(Clone, Copy, Debug)]
pub struct Unmatched<'a> {
    statement: &'a Statement,
    nowhere: &'a Nowhere,
    origin: Option<&'a Origin>,
}

impl<'a> Unmatched<'a> {
    pub(super) fn new(all: &'a Findings, nowhere: &'a Nowhere) -> Self {
        let statement = all.statements.get(nowhere.statement).unwrap_or(&NOTHING);
        Self { statement, nowhere, origin: all.origins.get(statement.origin) }
    }

    /// The vulnerability's id; foreign text.
    pub fn vulnerability(self) -> &'a str {
        &self.statement.vulnerability
    }

    /// What is said of it, and whose word that is.
    pub fn state(self) -> Word<&'a State> {
        let standing = self.origin.map_or(super::Standing::Observed, |o| o.standing);
        Word::new(&self.statement.state, standing)
    }

    /// What it names; foreign text.
    pub fn named(self) -> &'a str {
        &self.nowhere.named
    }

    /// Whether nothing else that the statement names is here either.
    pub const fn wholly(self) -> bool {
        self.nowhere.wholly
    }

    /// Why that led nowhere.
    pub const fn why(self) -> Why {
        self.nowhere.why
    }

    /// The document that says so.
    pub const fn origin(self) -> Option<&'a Origin> {
        self.origin
    }
}
