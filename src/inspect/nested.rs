//! What refers to the children of an index, and to referrers themselves: a tree with bounds.
//!
//! A signature on a child is that child's and never the index's, so nothing below is a
//! [`CheckKind::Piece`], and no demand ever counts it. The same is true the other way round where
//! one platform was chosen: the index is looked at for a row of its own ([`CheckKind::Listed`]).

use std::{collections::BTreeSet, sync::Arc};

use super::{
    CheckId, CheckKind, CheckState, Contents, Depth, Facts, Finding, Inspection, LegacyTags,
    Listing, Referrer, Sought, Work,
    plan::{Judging, Next, anchors_known, judging},
};
use crate::{
    domain::{
        Digest, Repository,
        attached::is_attestation_entry,
        oci::{Descriptor, Manifest},
        verdict::{Answer, Judgement},
    },
    inspect::{ArtifactFacts, FoundPiece},
    verify::Kind,
};

/// How many steps below the artifact are listed: child → SBOM → signature of the SBOM.
pub const MAX_DEPTH: usize = 3;
/// How many manifests of one artifact are asked for what refers to them.
pub const MAX_NODES: usize = 100;
/// How many referrers below the artifact are read and judged.
pub const MAX_PIECES: usize = 500;
/// How many entries of one listing below the artifact are kept: no more than are ever read.
pub const MAX_LISTED: usize = MAX_PIECES;
/// How many rows the tree has.
const MAX_ROWS: usize = 1_000;

/// One row of the tree.
#[derive(Clone, Debug, PartialEq)]
pub struct Branch<'a> {
    /// How deep it hangs; the artifact's own children and referrers are at 0.
    pub depth: usize,
    /// What hangs there.
    pub what: Hanging<'a>,
}

/// What hangs in the tree.
#[derive(Clone, Debug, PartialEq)]
pub enum Hanging<'a> {
    /// An entry of the index.
    Entry(&'a Descriptor),
    /// A referrer, and the check that reads it.
    Referrer(&'a Referrer, CheckId),
    /// What refers to the row above could not be listed to its end.
    Unread(String),
    /// What refers to the rows above was not looked for: a bound was reached.
    NotAsked(&'static str),
}

/// A manifest that is asked for what refers to it.
struct Node<'a> {
    digest: &'a Digest,
    depth: usize,
    legacy: bool,
}

/// Offers the listings below the artifact, then the pieces they name.
pub(super) fn plan(repository: &Repository, next: &mut Next<'_>) {
    let seen = next.seen;
    let judge = anchors_known(seen);
    let (mut listings, mut pieces) =
        (Room::of(seen, CheckKind::Nested), Room::of(seen, CheckKind::NestedPiece));
    for node in &nodes(seen) {
        // Nothing that hangs below is an SBOM that anybody reads there, so one request less for each.
        let sought = Sought { tags: LegacyTags::Deciding, ..seen.sought(repository, node.digest) };
        let place = sought.repository.clone();
        if listings.takes(seen, node.digest) {
            next.offer(CheckKind::Nested, Some(node.digest), || Work::Nested(sought, node.legacy));
        }
        let Some(listing) = listing(seen, node.digest).filter(|_| judge) else { continue };
        for referrer in &listing.found {
            if !pieces.takes(seen, &referrer.descriptor.digest) {
                continue;
            }
            next.offer(CheckKind::NestedPiece, Some(&referrer.descriptor.digest), || {
                let digests = vec![node.digest.clone()];
                let artifact = ArtifactFacts { digests, bytes: Contents::NotKept };
                let judging = Arc::new(Judging { artifact, ..judging(seen) });
                Work::Referrer(place.clone(), referrer.clone(), judging)
            });
        }
    }
    if let Some(told) = listed(seen) {
        next.offer(CheckKind::Listed, None, || Work::Told(Box::new(told)));
    }
}

/// How many more checks of a kind may start. Counted by what was started: what is known comes in
/// any order, so "the first hundred" would be others every time.
struct Room {
    kind: CheckKind,
    left: usize,
}

impl Room {
    fn of(seen: &Inspection, kind: CheckKind) -> Self {
        let most = if kind == CheckKind::Nested { MAX_NODES } else { MAX_PIECES };
        let started = seen.checks.keys().filter(|id| id.kind == kind).count();
        Self { kind, left: most.saturating_sub(started) }
    }

    fn takes(&mut self, seen: &Inspection, digest: &Digest) -> bool {
        if is_started(seen, self.kind, digest) {
            return true;
        }
        let room = self.left > 0;
        self.left = self.left.saturating_sub(1);
        room
    }
}

fn is_started(seen: &Inspection, kind: CheckKind, digest: &Digest) -> bool {
    seen.checks.contains_key(&CheckId { kind, subject: Some(digest.clone()) })
}

/// Nodes in the order in which they are asked.
struct Nodes<'a> {
    known: BTreeSet<&'a Digest>,
    all: Vec<Node<'a>>,
}

impl<'a> Nodes<'a> {
    fn add(&mut self, node: Node<'a>) {
        if self.known.insert(node.digest) {
            self.all.push(node);
        }
    }
}

/// Everything that may be asked for referrers, nearest first.
fn nodes(seen: &Inspection) -> Vec<Node<'_>> {
    let Some(resolved) = seen.resolved() else { return vec![] };
    let own = &resolved.fetched.descriptor.digest;
    let mut nodes = Nodes { known: BTreeSet::from([own]), all: vec![] };
    if let Some(index) = &resolved.listed_in {
        nodes.add(Node { digest: &index.digest, depth: MAX_DEPTH, legacy: true });
    }
    if seen.depth == Depth::Verdict {
        return nodes.all;
    }
    for entry in children(&resolved.manifest) {
        nodes.add(Node { digest: &entry.digest, depth: 1, legacy: true });
    }
    for kind in [CheckKind::Referrers, CheckKind::LegacyTags] {
        let Some(Facts::Listing(listing)) = seen.finding(kind).map(|f| &f.facts) else { continue };
        below(seen, CheckKind::Piece, listing, 1).for_each(|node| nodes.add(node));
    }
    let mut at = 0;
    while let Some(node) = nodes.all.get(at) {
        at += 1;
        let depth = node.depth + 1;
        if let Some(listing) = listing(seen, node.digest).filter(|_| depth <= MAX_DEPTH) {
            below(seen, CheckKind::NestedPiece, listing, depth).for_each(|node| nodes.add(node));
        }
    }
    nodes.all
}

/// The referrers of a listing that are asked for their own referrers, once it is known what they
/// are. cosign signs what it attached under tags too, so all but signatures are asked for those.
fn below<'a>(
    seen: &'a Inspection,
    kind: CheckKind,
    listing: &'a Listing,
    depth: usize,
) -> impl Iterator<Item = Node<'a>> {
    listing.found.iter().filter_map(move |referrer| {
        let digest = &referrer.descriptor.digest;
        let finding = finding(seen, kind, digest)?;
        let signature = matches!(&finding.facts, Facts::Pieces(_));
        Some(Node { digest, depth, legacy: !signature })
    })
}

/// The entries of an index that may have signatures of their own.
fn children(manifest: &Manifest) -> impl Iterator<Item = &Descriptor> {
    let entries = match manifest {
        Manifest::Index(index) => index.manifests.as_slice(),
        Manifest::Image(_) => &[],
    };
    entries.iter().filter(|entry| !is_attestation_entry(entry))
}

fn finding<'a>(seen: &'a Inspection, kind: CheckKind, of: &Digest) -> Option<&'a Finding> {
    match seen.checks.get(&CheckId { kind, subject: Some(of.clone()) }) {
        Some(CheckState::Done { finding, .. }) => Some(finding),
        _ => None,
    }
}

fn listing<'a>(seen: &'a Inspection, of: &Digest) -> Option<&'a Listing> {
    match &finding(seen, CheckKind::Nested, of)?.facts {
        Facts::Listing(listing) => Some(listing),
        _ => None,
    }
}

/// How the index stands that lists the chosen platform, once all of it is known.
///
/// Contract: "listed in a proved index" is a row of its own, not a proof. So the best it can be is
/// "valid", and no verdict looks at it.
fn listed(seen: &Inspection) -> Option<Finding> {
    let resolved = seen.resolved()?;
    let index = resolved.listed_in.as_ref()?;
    let digest = &index.digest;
    let listing_row = finding(seen, CheckKind::Nested, digest)?;
    let full = seen.checks.keys().filter(|id| id.kind == CheckKind::NestedPiece).count();
    let (mut all, mut unread) = (vec![], listing_row.answer == Answer::Undecided);
    for referrer in &listing(seen, digest)?.found {
        let piece = &referrer.descriptor.digest;
        match finding(seen, CheckKind::NestedPiece, piece) {
            Some(finding) => all.push(finding),
            // Over the bound it is never read.
            None if full >= MAX_PIECES && !is_started(seen, CheckKind::NestedPiece, piece) => {
                unread = true;
            }
            None => return None,
        }
    }
    unread |= all.iter().any(|finding| finding.answer == Answer::Undecided);
    let is_signature = |found: &&FoundPiece| found.piece.kind == Kind::Signature;
    let pieces = all.iter().flat_map(|finding| match &finding.facts {
        Facts::Pieces(pieces) => pieces.as_slice(),
        _ => &[],
    });
    let signatures: Vec<_> = pieces.filter(is_signature).map(|f| f.piece.judgement).collect();
    let any = |wanted| signatures.contains(&wanted);
    let platform = resolved.fetched.descriptor.platform.as_ref();
    let name = platform.map_or_else(|| "the platform".to_owned(), ToString::to_string);
    let (answer, standing) = if any(Judgement::Proved) {
        (Answer::Valid, "is signed as demanded; that is no signature of its child")
    } else if any(Judgement::Valid) {
        (Answer::Valid, "is signed, by nobody who was demanded; that is no signature of its child")
    } else if any(Judgement::Undecided) || unread {
        (Answer::Undecided, "was not found out to be signed")
    } else if any(Judgement::Refuted) {
        (Answer::Refuted, "has only signatures that contradict")
    } else {
        (Answer::Absent, "is not signed")
    };
    let words = format!("{name} is listed in the index {}, which {standing}", digest.short());
    Some(Finding::new(answer, words))
}

/// To what a piece below the artifact refers, in words.
pub fn parent(seen: &Inspection, piece: &Digest) -> Option<String> {
    let lists = |finding: &Finding| match &finding.facts {
        Facts::Listing(listing) => listing.found.iter().any(|r| r.descriptor.digest == *piece),
        _ => false,
    };
    let mut listings = seen.findings(CheckKind::Nested);
    let of = listings.find(|(_, finding)| lists(finding))?.0.subject.as_ref()?;
    let resolved = seen.resolved()?;
    let entry = children(&resolved.manifest).find(|entry| entry.digest == *of);
    let platform = entry.and_then(|entry| entry.platform.as_ref());
    let index = resolved.listed_in.as_ref().is_some_and(|index| index.digest == *of);
    Some(match (platform, index) {
        (Some(platform), _) => format!("{platform}, {}", of.short()),
        (None, true) => format!("the index {}", of.short()),
        (None, false) => of.short(),
    })
}

/// What a referrer turned out to be, in one word.
pub fn word(finding: &Finding) -> &'static str {
    match &finding.facts {
        Facts::Pieces(_) | Facts::Attachment(_) => finding.row_name(CheckKind::Piece),
        _ => "referrer",
    }
}

/// The tree as far as it is known: entries of the index and referrers, each with what hangs below.
pub fn tree(seen: &Inspection) -> Vec<Branch<'_>> {
    let Some(resolved) = seen.resolved() else { return vec![] };
    let mut rows = vec![];
    let mut shown = BTreeSet::from([&resolved.fetched.descriptor.digest]);
    let mut walk = Walk { seen, rows: &mut rows, shown: &mut shown };
    for entry in children(&resolved.manifest) {
        walk.rows.push(Branch { depth: 0, what: Hanging::Entry(entry) });
        walk.under(&entry.digest, 1);
    }
    for kind in [CheckKind::Referrers, CheckKind::LegacyTags] {
        if let Some(Facts::Listing(listing)) = seen.finding(kind).map(|f| &f.facts) {
            walk.referrers(listing, CheckKind::Piece, 0);
        }
    }
    let asked = |node: &Node<'_>| is_started(seen, CheckKind::Nested, node.digest);
    if seen.running() == 0 && !nodes(seen).iter().all(asked) {
        let what = Hanging::NotAsked("more manifests than are asked for what refers to them");
        rows.push(Branch { depth: 0, what });
    }
    rows
}

struct Walk<'a, 'w> {
    seen: &'a Inspection,
    rows: &'w mut Vec<Branch<'a>>,
    shown: &'w mut BTreeSet<&'a Digest>,
}

impl<'a> Walk<'a, '_> {
    fn referrers(&mut self, listing: &'a Listing, kind: CheckKind, depth: usize) {
        for referrer in &listing.found {
            let digest = &referrer.descriptor.digest;
            let id = CheckId { kind, subject: Some(digest.clone()) };
            if self.rows.len() >= MAX_ROWS {
                let what = Hanging::NotAsked("more rows than are shown");
                self.rows.push(Branch { depth, what });
                return;
            }
            self.rows.push(Branch { depth, what: Hanging::Referrer(referrer, id) });
            // A digest that a registry lists under two others hangs below the first alone.
            if self.shown.insert(digest) {
                self.under(digest, depth + 1);
            }
        }
    }

    fn under(&mut self, digest: &Digest, depth: usize) {
        let Some(finding) = finding(self.seen, CheckKind::Nested, digest) else { return };
        if let Facts::Listing(listing) = &finding.facts {
            self.referrers(listing, CheckKind::NestedPiece, depth);
            let bound = depth >= MAX_DEPTH && !listing.found.is_empty();
            if bound {
                let words = "deeper than is asked for what refers to them";
                self.rows.push(Branch { depth: depth + 1, what: Hanging::NotAsked(words) });
            }
        }
        if finding.answer == Answer::Undecided {
            let what = Hanging::Unread(finding.summary.clone());
            self.rows.push(Branch { depth, what });
        }
    }
}

/// The finding of a piece below the artifact: what it warns of is not the artifact's.
pub(super) fn told(kind: CheckKind, mut finding: Finding) -> Finding {
    if kind == CheckKind::NestedPiece {
        for (code, message) in &mut finding.warnings {
            *code = "nested-signature";
            *message = format!("below the artifact: {message}");
        }
    }
    finding
}
