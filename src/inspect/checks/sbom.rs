//! Parsing the SBOM of an attestation.

use std::{
    cell::Cell,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
};

use tokio::sync::mpsc::Sender;

use super::blocking;
use crate::{
    domain::{
        Digest,
        oci::{Descriptor, Manifest},
        sbom::{Sbom, SbomError, Source, paths::Paths},
        verdict::{Answer, Judgement},
    },
    inspect::{Allowance, CheckId, Event, Facts, Finding, FoundPiece, SbomFacts, World},
};

/// The largest file that is read as an SBOM.
const MAX_DOCUMENT_BYTES: u64 = 1 << 30;
/// Progress is told each time so many bytes were read.
const PROGRESS_BYTES: usize = 4 << 20;

pub(super) async fn run(
    found: &FoundPiece,
    resolved: Option<&Finding>,
    allowance: &Allowance,
    told: Told,
) -> Finding {
    let children = match resolved.map(|finding| &finding.facts) {
        Some(Facts::Resolved(resolved)) => match &resolved.manifest {
            Manifest::Index(index) => index.manifests.as_slice(),
            Manifest::Image(_) => &[],
        },
        _ => &[],
    };
    let predicate = found.piece.statement.as_ref().and_then(|s| s.get().predicate.clone());
    let Some(predicate) = predicate else {
        return Finding::new(Answer::Undecided, "the attestation has no predicate");
    };
    if !allowance.keeps_sbom(&found.piece, predicate.len()) {
        let words =
            format!("more SBOMs than are kept: one of {} bytes was not read", predicate.len());
        return Finding::new(Answer::Undecided, words);
    }
    match parse(Source::from(predicate), told).await {
        Ok((paths, sbom)) => finding(found, children, Arc::new(sbom), Arc::new(paths)),
        Err(e) => Finding::new(Answer::Undecided, format!("the SBOM cannot be read: {e}")),
    }
}

/// A file that is an SBOM. Nothing beside it vouches for it, whoever is demanded.
pub(super) async fn file(path: &Path, world: &World, told: Told) -> Finding {
    let bytes = match world.files.whole(path, MAX_DOCUMENT_BYTES).await {
        Ok(bytes) => bytes,
        Err(e) => {
            let words = format!("{} cannot be read: {e}", path.display());
            return Finding::new(Answer::Undecided, words);
        }
    };
    let counted = bytes.len();
    // Of the file as it lies there, which may be packed or stand in an envelope.
    let hash = blocking(move || (Digest::sha256(&bytes), Source::from(bytes)));
    let (carrier, source) = hash.await;
    let (paths, sbom) = match parse(source, told).await {
        Ok(read) => read,
        Err(e) => {
            return Finding::new(Answer::Undecided, format!("the file cannot be shown: {e}"));
        }
    };
    let counts = sbom.counts();
    let words = format!(
        "{}, {} components, {} edges in {counted} bytes; UNVERIFIED: nothing vouches for the file",
        sbom.format(),
        counts.components,
        counts.edges
    );
    let (sbom, paths) = (Arc::new(sbom), Arc::new(paths));
    let facts = SbomFacts { sbom, paths, attested: false, carrier, platform: None };
    Finding::new(Answer::Valid, words).with(Facts::Sbom(facts))
}

/// Whom the reading tells how far it is.
pub(super) struct Told {
    check: CheckId,
    out: Sender<Event>,
}

impl Told {
    pub(super) const fn new(check: CheckId, out: Sender<Event>) -> Self {
        Self { check, out }
    }

    fn bytes(&self, bytes: usize, total: usize) {
        let (bytes, total) = (bytes as u64, Some(total as u64));
        let check = self.check.clone();
        // Progress may be lost: the row then lags, and the finding is not touched.
        let _ = self.out.try_send(Event::Progress { check, bytes, total });
    }
}

/// Says that nobody waits any more, once the check that holds it is dropped: a thread cannot be
/// cancelled from outside, and a document of a gigabyte would be read to its end for nobody.
struct Waited(Arc<AtomicBool>);

impl Drop for Waited {
    fn drop(&mut self) {
        self.0.store(true, Relaxed);
    }
}

/// Reads a document and walks its graph once.
async fn parse(document: Source, told: Told) -> Result<(Paths, Sbom), SbomError> {
    let sbom = read(document, told).await?;
    Ok(blocking(move || (Paths::new(&sbom), sbom)).await)
}

/// Reads a document off the event loop, with progress, until somebody no longer waits for it.
async fn read(document: Source, told: Told) -> Result<Sbom, SbomError> {
    let left = Arc::new(AtomicBool::new(false));
    let _waited = Waited(Arc::clone(&left));
    blocking(move || {
        let total = document.bytes().len();
        let last = Cell::new(0_usize);
        let watch = |bytes: usize| {
            if bytes.saturating_sub(last.get()) >= PROGRESS_BYTES {
                last.set(bytes);
                told.bytes(bytes, total);
            }
            !left.load(Relaxed)
        };
        Sbom::parse_watched(document, &watch)
    })
    .await
}

fn finding(
    found: &FoundPiece,
    children: &[Descriptor],
    sbom: Arc<Sbom>,
    paths: Arc<Paths>,
) -> Finding {
    let attested = found.piece.judgement == Judgement::Proved;
    let platform = platform(&sbom, children);
    let counts = sbom.counts();
    let standing = match found.piece.judgement {
        Judgement::Proved => "attested",
        Judgement::Valid => "attested by a signer that nobody demanded",
        Judgement::Undecided | Judgement::Refuted => "UNVERIFIED",
    };
    let words = format!(
        "{}, {} components, {} edges, {standing}",
        sbom.format(),
        counts.components,
        counts.edges
    );
    let facts = SbomFacts {
        sbom,
        paths,
        attested,
        carrier: found.carrier.clone(),
        platform: platform.clone(),
    };
    let finding = Finding::new(found.piece.judgement.into(), words).with(Facts::Sbom(facts));
    match (children.is_empty(), platform) {
        (true, _) => finding,
        (false, Some(platform)) => finding.warn(
            "sbom-platform-scope",
            format!("the SBOM is attached to the index but describes {platform} only"),
        ),
        (false, None) => finding.warn(
            "sbom-platform-scope",
            "the SBOM is attached to the index; which platform it describes is not said",
        ),
    }
}

/// syft names the manifest that it scanned as the version of the document's subject.
fn platform(sbom: &Sbom, children: &[Descriptor]) -> Option<String> {
    let scanned: Digest = sbom.root()?.version()?.parse().ok()?;
    let child = children.iter().find(|c| c.digest == scanned)?;
    child.platform.as_ref().map(ToString::to_string)
}
