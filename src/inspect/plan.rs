//! What can be found out next: a pure function of what is known.
//!
//! Planned work carries everything that its check needs, so a running check never looks at shared
//! state and cannot see half of it.

use std::{cell::OnceCell, path::PathBuf, sync::Arc};

use super::{
    Allowance, ArtifactFacts, CheckId, CheckKind, Contents, Depth, Facts, Finding, FoundPiece,
    Inspection, Material, Referrer, RootFacts, RootSource, Sought, Subject, documents,
    github::{self, Stored},
    github_root::{self, GitHubs},
    inside::{self, chart},
    nested, release,
    release::{ListWork, Paired},
    sboms::carriers,
};
use crate::{
    domain::{
        Digest, Reference, Repository, Tag,
        demand::Demand,
        digest::Algorithm,
        github::Whose,
        oci::{Descriptor, Manifest, Platform},
    },
    verify::key::TrustedKey,
};

/// A check that can start.
#[derive(Clone, Debug, PartialEq)]
pub struct Planned {
    /// Its name.
    pub id: CheckId,
    /// What it is to do.
    pub work: Work,
}

/// What a check is to do, with everything it needs.
#[derive(Clone, Debug, PartialEq)]
pub enum Work {
    /// Read a trust root.
    TrustRoot(RootSource),
    /// Read public keys.
    Keys(Vec<PathBuf>),
    /// Resolve a reference, to one platform of an index where one is wanted.
    Resolve(Reference, Option<Platform>),
    /// Read what this run saw behind a tag; the digest stands in the reference.
    ReadPinned(Reference, Option<Platform>),
    /// Hash a file.
    HashFile(PathBuf),
    /// Take a digest as it was given.
    GivenDigest(Digest),
    /// See whether a tag points at the digest that stands beside it.
    Tag(Repository, Tag, Digest),
    /// List referrers.
    Referrers(Sought),
    /// Look for legacy tags.
    LegacyTags(Sought),
    /// Both, for something inside or below the artifact; cosign's tags only where it says so.
    Nested(Sought, bool),
    /// Read a referrer and judge it if it is a piece.
    Referrer(Repository, Referrer, Arc<Judging>),
    /// Read a bundle file and judge it.
    BundleFile(PathBuf, Arc<Judging>),
    /// Ask GitHub for the attestations of a digest.
    GitHub(Whose, Digest),
    /// Judge a bundle that GitHub keeps.
    Stored(Stored, Arc<Judging>),
    /// Read a detached signature, with its certificate, and judge it.
    Detached(PathBuf, Option<PathBuf>, Arc<Judging>),
    /// Read and hash a release folder.
    Folder(PathBuf),
    /// Follow a list of checksums.
    List(Box<ListWork>),
    /// Judge evidence that was read.
    Evidence(Box<Paired>, Arc<Judging>),
    /// Look pieces up in their log.
    LookUp(Vec<FoundPiece>, Arc<Judging>),
    /// Compare a file with the layers of a manifest.
    Layer(PathBuf, Box<Manifest>),
    /// A row that follows from others.
    Told(Box<Finding>),
    /// Parse the SBOM of an attestation over what this finding resolved, where it did.
    Sbom(Box<FoundPiece>, Option<Arc<Finding>>, Allowance),
    /// Parse a file that is an SBOM.
    Document(PathBuf),
    /// Read a Helm chart.
    Chart(Repository, Descriptor),
    /// Read manifest and config of a platform; the bytes of the manifest where they are known.
    Platform(Repository, Descriptor, Option<Arc<[u8]>>),
}

/// Against what a piece is judged.
#[derive(Clone, Debug, PartialEq)]
pub struct Judging {
    /// The artifact's digests and, for small files, its bytes.
    pub artifact: ArtifactFacts,
    /// The trust root; `None` when it could not be read.
    pub root: Option<RootFacts>,
    /// The demanded keys; none when none is demanded or one could not be read.
    pub keys: Vec<Arc<TrustedKey>>,
    /// What is demanded.
    pub demand: Option<Arc<Demand>>,
    /// Whose trust root may judge.
    pub roots: Roots,
    /// Where the artifact is, which need not be where its evidence lies.
    pub at: Option<Repository>,
    /// How much more evidence is kept.
    pub allowance: Allowance,
}

/// Whose trust root may judge a piece.
#[derive(Clone, Debug, PartialEq)]
pub enum Roots {
    /// The one that was chosen.
    Chosen,
    /// That one, or GitHub's own.
    ChosenOrGitHubs(GitHubs),
}

impl Judging {
    /// The same for a piece that GitHub keeps, or a file that was downloaded from there, where
    /// gh's flags demand one: for private repositories and releases GitHub signs under a root of
    /// its own.
    ///
    /// Contract: that root "is used only for GitHub attestations", so never for what a registry
    /// lists; and a root that somebody chose is the only one.
    pub(super) fn or_by_github(self, seen: &Inspection) -> Self {
        let roots = match github_root::source(seen) {
            Some(_) => Roots::ChosenOrGitHubs(github_root::known(seen)),
            None => self.roots,
        };
        Self { roots, ..self }
    }
}

/// Every check whose needs are known and that has not been started.
pub fn ready(seen: &Inspection) -> Vec<Planned> {
    let mut next = Next { seen, planned: vec![] };
    if let Subject::Document(path) = &seen.subject {
        documents::plan(path, &mut next);
        return next.planned;
    }
    next.offer(CheckKind::TrustRoot, None, || Work::TrustRoot(seen.root.clone()));
    let keys = seen.demand.as_ref().map(|demand| demand.keys()).unwrap_or_default();
    if !keys.is_empty() {
        next.offer(CheckKind::Key, None, || Work::Keys(keys.to_vec()));
    }
    if !anchors_can_be_read(seen) {
        return next.planned;
    }
    next.offer(CheckKind::Resolve, None, || first_look(seen));
    match &seen.subject {
        Subject::Artifact(reference) => after_resolve(reference, &mut next),
        Subject::File { material, .. } | Subject::Digest { material, .. } => {
            after_hash(material, &mut next);
            release::plan::list(&mut next);
        }
        Subject::Layer { path, reference } => {
            after_resolve(reference, &mut next);
            release::plan::layer(path, &mut next);
        }
        Subject::Document(_) => {}
        Subject::Folder(path) => release::plan::folder(path, &mut next),
    }
    github_root::plan(&mut next);
    github::plan(&mut next);
    look_ups(&mut next);
    sboms(&mut next);
    inside::plan(&mut next);
    below(&mut next);
    next.planned
}

/// What hangs below comes last. It may be hundreds of requests, and a registry that counts them
/// must not be asked for evidence of evidence before the evidence itself.
fn below(next: &mut Next<'_>) {
    if let Some(reference) = next.seen.subject.reference()
        && !next.decides()
    {
        nested::plan(&reference.repository, next);
    }
}

/// What is offered, without what was started already: with 500 referrers the work of a started
/// check must not even be put together.
pub(super) struct Next<'a> {
    pub(super) seen: &'a Inspection,
    pub(super) planned: Vec<Planned>,
}

impl Next<'_> {
    /// Whether something on which the verdict can depend is under way, or about to be.
    pub(super) fn decides(&self) -> bool {
        self.seen.decides() || self.planned.iter().any(|planned| planned.id.kind.may_decide())
    }

    pub(super) fn offer(
        &mut self,
        kind: CheckKind,
        subject: Option<&Digest>,
        work: impl FnOnce() -> Work,
    ) {
        let id = CheckId { kind, subject: subject.cloned() };
        let planned = self.planned.iter().any(|p| p.id == id);
        if !planned && !self.seen.started(&id) {
            self.planned.push(Planned { id, work: work() });
        }
    }
}

fn first_look(seen: &Inspection) -> Work {
    match &seen.subject {
        Subject::File { path, .. } | Subject::Document(path) => Work::HashFile(path.clone()),
        Subject::Artifact(reference) | Subject::Layer { reference, .. } => {
            let platform = seen.scope.platform.clone();
            // A tag is resolved once in a run: what was resolved is what is judged.
            match (&reference.digest, &seen.pinned) {
                (None, Some(pinned)) => {
                    let digest = Some(pinned.clone());
                    Work::ReadPinned(Reference { digest, ..reference.clone() }, platform)
                }
                _ => Work::Resolve(reference.clone(), platform),
            }
        }
        Subject::Folder(path) => Work::Folder(path.clone()),
        Subject::Digest { digest, .. } => Work::GivenDigest(digest.clone()),
    }
}

fn after_resolve(reference: &Reference, next: &mut Next<'_>) {
    let Some(resolved) = next.seen.resolved() else { return };
    let repository = &reference.repository;
    let descriptor = &resolved.fetched.descriptor;
    let digest = &descriptor.digest;
    if let (Some(tag), Some(written)) = (&reference.tag, &reference.digest) {
        let work = || Work::Tag(repository.clone(), tag.clone(), written.clone());
        next.offer(CheckKind::Tag, None, work);
    }
    let sought = next.seen.sought(repository, digest);
    next.offer(CheckKind::Referrers, Some(digest), || Work::Referrers(sought.clone()));
    next.offer(CheckKind::LegacyTags, Some(digest), || Work::LegacyTags(sought.clone()));
    if let Some(layer) = chart(&resolved.manifest).filter(|_| next.seen.depth == Depth::Everything)
    {
        next.offer(CheckKind::Chart, None, || Work::Chart(repository.clone(), layer.clone()));
    }
    pieces(&sought.repository, next);
}

/// One check for every listed referrer. They wait for the trust root, so that none is judged
/// twice.
fn pieces(repository: &Repository, next: &mut Next<'_>) {
    let seen = next.seen;
    if !anchors_known(seen) {
        return;
    }
    let judging = OnceCell::new();
    for kind in [CheckKind::Referrers, CheckKind::LegacyTags] {
        let Some(Facts::Listing(listing)) = seen.finding(kind).map(|f| &f.facts) else { continue };
        for referrer in &listing.found {
            next.offer(CheckKind::Piece, Some(&referrer.descriptor.digest), || {
                let judging = judging.get_or_init(|| Arc::new(self::judging(seen)));
                Work::Referrer(repository.clone(), referrer.clone(), judging.clone())
            });
        }
    }
}

fn after_hash(material: &Material, next: &mut Next<'_>) {
    let seen = next.seen;
    let (Some(artifact), true) = (release::plan::judged_file(seen), anchors_known(seen)) else {
        return;
    };
    // GitHub is asked by a check of its own.
    let Some(evidence) = evidence(material) else { return };
    let id = artifact.digests.first().cloned();
    next.offer(CheckKind::Piece, id.as_ref(), || {
        let judging = Arc::new(Judging { artifact, ..judging(seen).or_by_github(seen) });
        match evidence {
            Evidence::Detached(signature, certificate) => {
                Work::Detached(signature.clone(), certificate.clone(), judging)
            }
            Evidence::Bundle(path) => Work::BundleFile(path.clone(), judging),
        }
    });
}

/// What lies in files.
enum Evidence<'a> {
    Bundle(&'a PathBuf),
    Detached(&'a PathBuf, &'a Option<PathBuf>),
}

/// The evidence in files, of a list of checksums that for the list; `None` where GitHub keeps it.
fn evidence(material: &Material) -> Option<Evidence<'_>> {
    match material {
        Material::Bundle(path) => Some(Evidence::Bundle(path)),
        Material::Detached { signature, certificate } => {
            Some(Evidence::Detached(signature, certificate))
        }
        Material::Checksums { evidence: of_list, .. } => evidence(of_list),
        Material::GitHub(_) => None,
    }
}

/// Whether somebody may be asked for the artifact: not for a verdict while an anchor that is a file
/// of this machine is being read, nor when it could not be. Nothing could be judged then, and the
/// question alone tells a registry who looks at what. Whoever only looks sees the rest all the same.
fn anchors_can_be_read(seen: &Inspection) -> bool {
    let read = |kind| seen.finding(kind).is_some_and(|finding| finding.facts != Facts::None);
    let root = matches!(seen.root, RootSource::File(_)) && !read(CheckKind::TrustRoot);
    let wants_key = seen.demand.as_ref().is_some_and(|demand| demand.key().is_some());
    let key = wants_key && !read(CheckKind::Key);
    seen.depth == Depth::Everything || !(root || key)
}

/// Whether the trust root and, where one is demanded, the key have been read or could not be.
pub(super) fn anchors_known(seen: &Inspection) -> bool {
    let wants_key = seen.demand.as_ref().is_some_and(|demand| demand.key().is_some());
    seen.finding(CheckKind::TrustRoot).is_some()
        && (!wants_key || seen.finding(CheckKind::Key).is_some())
}

/// Against what pieces are judged, as far as it is known.
pub(super) fn judging(seen: &Inspection) -> Judging {
    let artifact = match seen.finding(CheckKind::Resolve).map(|f| &f.facts) {
        Some(Facts::Resolved(resolved)) => {
            // The bytes hash to the digest; the other algorithms tell a subject that contradicts
            // itself.
            let (bytes, digest) = (&resolved.fetched.bytes, &resolved.fetched.descriptor.digest);
            let others = Algorithm::ALL.into_iter().filter(|a| *a != digest.algorithm());
            let mut digests = vec![digest.clone()];
            digests.extend(others.map(|a| Digest::of(a, bytes)));
            ArtifactFacts { digests, bytes: Contents::NotKept }
        }
        Some(Facts::Artifact(artifact)) => artifact.clone(),
        _ => ArtifactFacts { digests: vec![], bytes: Contents::NotKept },
    };
    let root = match seen.finding(CheckKind::TrustRoot).map(|f| &f.facts) {
        Some(Facts::Root(root)) => Some(root.clone()),
        _ => None,
    };
    let keys = match seen.finding(CheckKind::Key).map(|f| &f.facts) {
        Some(Facts::Keys(keys)) => keys.clone(),
        _ => vec![],
    };
    let at = seen.subject.reference().map(|reference| reference.repository.clone());
    let (demand, allowance) = (seen.demand.clone(), seen.allowance.clone());
    Judging { artifact, root, keys, demand, roots: Roots::Chosen, at, allowance }
}

/// One look-up for every carrier of pieces that wait for their log entry.
fn look_ups(next: &mut Next<'_>) {
    let seen = next.seen;
    for (id, finding) in seen.findings(CheckKind::Piece) {
        let Facts::Pieces(found) = &finding.facts else { continue };
        if found.iter().any(|found| found.piece.look_up.is_some()) {
            next.offer(CheckKind::LogEntry, id.subject.as_ref(), || {
                let base = judging(seen);
                let own = release::plan::artifact_of(seen, id);
                let artifact = own.unwrap_or_else(|| base.artifact.clone());
                Work::LookUp(found.clone(), Arc::new(Judging { artifact, ..base }))
            });
        }
    }
}

/// One check for every attestation whose predicate is an SBOM.
fn sboms(next: &mut Next<'_>) {
    let seen = next.seen;
    // The log decides whether it is attested.
    for (id, found) in carriers(seen).filter(|(_, found)| found.piece.look_up.is_none()) {
        next.offer(CheckKind::Sbom, id.subject.as_ref(), || {
            // Shared: an index may have ten thousand entries, and an artifact thousands of SBOMs.
            let resolved = seen.finding(CheckKind::Resolve).cloned();
            Work::Sbom(Box::new(found.clone()), resolved, seen.allowance.clone())
        });
    }
}
