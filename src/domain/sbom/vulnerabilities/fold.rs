//! From documents to findings: read, place, rank.

use super::{
    Findings, MAX_DOCUMENTS, MAX_LISTED, MAX_STATEMENTS, Origin, Standing, Statement, cyclonedx,
    finding::Nowhere, name::Target, place::Places, rank, read,
};
use crate::domain::sbom::{Component, Sbom};

/// An attestation beside the SBOM, as it was signed.
#[derive(Clone, Copy, Debug)]
pub struct Attested<'a> {
    /// Whose word it is.
    pub standing: Standing,
    /// The statement's predicate type.
    pub predicate_type: &'a str,
    /// The predicate, as JSON.
    pub predicate: &'a str,
}

/// What the SBOM and the attestations are attached to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Product {
    /// Its digests: `sha256:…`.
    pub digests: Vec<String>,
    /// Where it was found, with the registry: `quay.io/enix/x`.
    pub repository: Option<String>,
}

/// What was read so far.
#[derive(Debug, Default)]
pub(super) struct Sink {
    origins: Vec<Origin>,
    statements: Vec<Statement>,
    /// What each statement names.
    targets: Vec<Vec<Target>>,
    problems: Vec<String>,
    more_problems: usize,
    left_out: Vec<String>,
    too_many: usize,
}

impl Sink {
    /// Whether one more document is read.
    pub(super) fn has_room(&self) -> bool {
        self.origins.len() < MAX_DOCUMENTS && self.statements.len() < MAX_STATEMENTS
    }

    /// What follows is said by that document.
    pub(super) fn begin(&mut self, name: String, standing: Standing, at: Option<String>) {
        self.origins.push(Origin { name, standing, at, statements: 0 });
    }

    /// Takes a statement of the document that began last.
    pub(super) fn push(&mut self, mut statement: Statement, targets: Vec<Target>) {
        statement.origin = self.origins.len().saturating_sub(1);
        let Some(origin) = self.origins.last_mut() else { return };
        origin.statements = origin.statements.saturating_add(1);
        if self.statements.len() < MAX_STATEMENTS {
            self.statements.push(statement);
            self.targets.push(targets);
        } else {
            self.too_many = self.too_many.saturating_add(1);
        }
    }

    /// Something that could not be read.
    pub(super) fn problem(&mut self, words: String) {
        if self.problems.len() < MAX_LISTED {
            self.problems.push(words);
        } else {
            self.more_problems = self.more_problems.saturating_add(1);
        }
    }

    /// Why more may be said than was read.
    pub(super) fn missed(&mut self, words: String) {
        if self.left_out.len() < MAX_LISTED && !self.left_out.contains(&words) {
            self.left_out.push(words);
        }
    }
}

pub(super) fn fold<'a>(
    sbom: &Sbom,
    own: Standing,
    product: &Product,
    others: impl IntoIterator<Item = Attested<'a>>,
) -> Findings {
    let mut sink = Sink::default();
    let mut identity = cyclonedx::own(sbom, own, &mut sink);
    for other in others {
        read::attested(&other, &mut sink);
    }
    let linked = sink.targets.iter().flatten().any(Target::links);
    if linked && identity.is_none() {
        identity = cyclonedx::identity(sbom);
    }
    let mut product = product.clone();
    // syft writes the digest of what it scanned as the version of the document's subject.
    product.digests.extend(sbom.root().and_then(Component::version).map(str::to_owned));
    let (mut said, mut nowhere) = (vec![], vec![]);
    let (mut unplaced, mut not_listed) = (0_usize, 0_usize);
    let mut places = Places::new(sbom, identity, product, &sink.targets);
    for (statement, targets) in sink.targets.iter().enumerate() {
        let before = said.len();
        let mut lost = places.place(statement, targets, &mut said);
        let wholly = said.len() == before;
        unplaced = unplaced.saturating_add(usize::from(wholly && !lost.is_empty()));
        let room = MAX_LISTED.saturating_sub(nowhere.len());
        not_listed = not_listed.saturating_add(lost.len().saturating_sub(room));
        lost.truncate(room);
        nowhere.extend(lost.into_iter().map(|lost| Nowhere { wholly, ..lost }));
    }
    if places.gave_up() {
        sink.missed("more is said than is put beside components".to_owned());
    }
    if not_listed > 0 {
        sink.missed(format!("{not_listed} more names that nothing here answers to"));
    }
    if sink.too_many > 0 {
        sink.missed(format!("{} statements more than are read", sink.too_many));
    }
    // Law of the house: what was not read to its end cannot say that something is not in it.
    if sbom.left_out().is_some() && !sink.origins.is_empty() {
        sink.missed(
            "the SBOM was not read to its end: what is not found may be in the rest".to_owned(),
        );
    }
    if sink.more_problems > 0 {
        sink.problems.push(format!("{} more entries were not read", sink.more_problems));
    }
    said.sort_by_key(|said| (said.place, said.statement, said.within));
    said.dedup_by_key(|said| (said.place, said.statement));
    let (marks, contradictions, more) = rank::rank(&sink.origins, &sink.statements, &mut said);
    if more > 0 {
        sink.missed(format!("{more} more contradictions are not listed"));
    }
    Findings {
        origins: sink.origins,
        statements: sink.statements,
        said,
        marks,
        contradictions,
        unmatched: nowhere,
        unplaced,
        problems: sink.problems,
        left_out: sink.left_out,
    }
}
