//! Reading one referrer and judging it, if it is a signature or an attestation.
//!
//! What a listing says of a referrer is not believed: the artifact type may be wrong (cosign 3.0.6
//! on fallback tags) and an annotation may call an SBOM a signature. Only the bytes tell.

use std::{path::Path, sync::Arc};

use tokio::sync::Semaphore;

use super::{
    MAX_BUNDLE_BYTES,
    anchors::{by_any_key, under_each},
    blocking,
    under::{case, judged, read, roots_of},
};
use crate::{
    domain::{
        Digest, Reference, Repository,
        attached::Attachment,
        oci::{Annotations, BUNDLE_PREFIX, Descriptor, Image, Manifest},
        reference::Pointer,
        text::safe,
        verdict::{Answer, Judgement},
    },
    inspect::{
        Facts, Finding, FoundPiece, Referrer, Source, World, github::Stored, github_root,
        plan::Judging, predicates, world::Progress,
    },
    verify::{Format, Kind, Layer, Piece, judge_legacy, roots},
};

/// Said of evidence of a known type that is no bundle.
const UNJUDGED: &str = "this format of signature is not judged by this version";

/// The most layers of one legacy tag: each is a signature of its own.
const MAX_LEGACY_LAYERS: usize = 200;

/// The most bundles of one file of JSON lines.
const MAX_BUNDLES_IN_FILE: usize = 1000;

/// Memory for bundles that are being read and judged, over all inspections, in MiB. One that needs
/// more takes all of it and is judged alone.
const BUDGET_MIB: u32 = 96;
static BUDGET: Semaphore = Semaphore::const_new(BUDGET_MIB as usize);

/// Legacy tags that are read at once, over all inspections: the manifest of each is kept until its last
/// layer is judged, and may be four megabytes of annotations.
const LEGACY_AT_ONCE: usize = 3;
static LEGACY: Semaphore = Semaphore::const_new(LEGACY_AT_ONCE);

/// The share of the budget that a bundle of `bytes` takes; its parts are copied while it is judged.
fn mebibytes(bytes: u64) -> u32 {
    let share = bytes.saturating_mul(4) >> 20;
    u32::try_from(share).unwrap_or(BUDGET_MIB).clamp(1, BUDGET_MIB)
}

pub(super) async fn referrer(
    repository: &Repository,
    referrer: &Referrer,
    judging: &Arc<Judging>,
    (world, progress): (&World, Progress<'_>),
) -> Finding {
    // Never taken by whoever holds a share of the budget, so this only ever waits.
    let _turn = match referrer.source {
        Source::LegacyTag => LEGACY.acquire().await.ok(),
        _ => None,
    };
    let at = Pointer::Digest(referrer.descriptor.digest.clone());
    let fetched = match world.registry.manifest(repository, &at).await {
        Ok(fetched) => fetched,
        // It was listed a moment ago, so "not there" is no answer either.
        Err(e) => {
            return Finding::new(Answer::Undecided, format!("a referrer cannot be read: {e}"));
        }
    };
    if is_sbom_tag(referrer) {
        return attached(Attachment::of_sbom_tag(&fetched.bytes));
    }
    let image = match Manifest::parse(&fetched.bytes) {
        Ok(Manifest::Image(image)) => image,
        // Under a legacy tag or as a bundle an index is a shape that nobody understands; anything
        // else is no piece.
        Ok(Manifest::Index(index)) => {
            let typed = index.artifact_type.as_deref().is_some_and(is_evidence);
            if typed || says_evidence(referrer) {
                return not_understood(referrer, "an index is no signature that is understood");
            }
            return other("an index");
        }
        // Whatever it is, it is there and cannot be read: it may be a signature.
        Err(e) => return not_understood(referrer, &format!("a referrer's manifest: {e}")),
    };
    if referrer.source == Source::LegacyTag {
        return legacy((repository, referrer), &image, judging, (world, progress)).await;
    }
    if let Some(kind) = unjudged(&image, referrer) {
        return found(referrer, Piece::not_judged(Format::Unknown, kind, UNJUDGED));
    }
    if !claims_bundle(&referrer.descriptor, Some(&image)) {
        return match Attachment::of_referrer(&image) {
            Some(attachment) => attached(attachment),
            None => other(&kind_of(&image)),
        };
    }
    let [layer] = image.layers.as_slice() else {
        let words = format!("a bundle's manifest has one layer, this has {}", image.layers.len());
        return found(referrer, Piece::not_judged(Format::Unknown, Kind::Unknown, &words));
    };
    // Two thousand checks may wait for their share, and what says bundle in a listing may have a
    // manifest of megabytes.
    let layer = &Descriptor { annotations: Annotations::new(), ..layer.clone() };
    drop((fetched, image));
    // Held until the piece is judged: sixteen huge bundles at once would not fit into memory.
    let _room = BUDGET.acquire_many(mebibytes(layer.size)).await;
    match world.registry.blob(repository, layer, MAX_BUNDLE_BYTES, progress).await {
        Ok(bytes) => match judged(bytes, judging.clone(), (world.now)()).await {
            Some(piece) => found(referrer, judging.allowance.keep(piece)),
            None => github_root::waiting(),
        },
        Err(e) => Finding::new(Answer::Undecided, format!("a bundle cannot be read: {e}")),
    }
}

/// Types of evidence that are known and not judged: cosign's own formats as OCI 1.1 referrers, and
/// bare DSSE envelopes.
const COSIGN_SIGNATURES: [&str; 2] = [
    "application/vnd.dev.cosign.artifact.sig.v1+json",
    "application/vnd.dev.cosign.simplesigning.v1+json",
];
const DSSE: [&str; 2] =
    ["application/vnd.dsse.envelope.v1+json", "application/vnd.dev.cosign.artifact.att.v1+json"];

/// Media types are compared without case: RFC 6838 §4.2.
fn is(media_type: &str, known: &str) -> bool {
    media_type.eq_ignore_ascii_case(known)
}

fn is_bundle(media_type: &str) -> bool {
    let head = media_type.get(..BUNDLE_PREFIX.len());
    head.is_some_and(|head| head.eq_ignore_ascii_case(BUNDLE_PREFIX))
}

fn is_evidence(media_type: &str) -> bool {
    is_bundle(media_type)
        || COSIGN_SIGNATURES.iter().chain(&DSSE).any(|known| is(media_type, known))
}

/// Whether the listing says that this is evidence.
fn says_evidence(referrer: &Referrer) -> bool {
    let typed = referrer.descriptor.artifact_type.as_deref().is_some_and(is_evidence);
    typed || referrer.source == Source::LegacyTag
}

/// Everything in a referrer that says of what type it is.
fn types<'a>(image: &'a Image, descriptor: &'a Descriptor) -> impl Iterator<Item = &'a str> {
    let own = image.artifact_type.iter().chain(&descriptor.artifact_type);
    let content = image.config.iter().chain(&image.layers).map(|d| &d.media_type);
    own.chain(content).map(String::as_str)
}

/// The kind of a piece of known evidence that this version does not judge.
fn unjudged(image: &Image, referrer: &Referrer) -> Option<Kind> {
    let any = |known: &[&str]| {
        types(image, &referrer.descriptor).any(|t| known.iter().any(|known| is(t, known)))
    };
    if any(&COSIGN_SIGNATURES) {
        return Some(Kind::Signature);
    }
    // Only the payload tells what an envelope states.
    any(&DSSE).then_some(Kind::Unknown)
}

/// Whether anything about it says bundle; a false claim is found out when it is read.
fn claims_bundle(descriptor: &Descriptor, image: Option<&Image>) -> bool {
    let listed = descriptor.artifact_type.as_deref().is_some_and(is_bundle);
    listed || image.is_some_and(|image| types(image, descriptor).any(is_bundle))
}

/// Something is there that may be a signature and cannot be read.
fn not_understood(referrer: &Referrer, why: &str) -> Finding {
    found(referrer, Piece::not_judged(Format::Unknown, Kind::Unknown, why))
}

fn kind_of(image: &Image) -> String {
    let config = || image.config.as_ref().map(|c| c.media_type.as_str());
    image.artifact_type.as_deref().or_else(config).unwrap_or("no type").to_owned()
}

/// No verifier looks for a signature under a `.sbom` tag, whatever its shape.
fn is_sbom_tag(referrer: &Referrer) -> bool {
    referrer.tag.as_ref().is_some_and(|tag| tag.as_str().rsplit('.').next() == Some("sbom"))
}

fn attached(attachment: Attachment) -> Finding {
    let words = safe(&attachment.words());
    Finding::new(Answer::Absent, words).with(Facts::Attachment(Box::new(attachment)))
}

fn other(kind: &str) -> Finding {
    let words = format!("no signature and no attestation: {}", safe(kind));
    Finding::new(Answer::Absent, words).with(Facts::OtherReferrer(kind.to_owned()))
}

fn found(referrer: &Referrer, piece: Piece) -> Finding {
    finding(vec![FoundPiece {
        source: referrer.source,
        carrier: referrer.descriptor.digest.clone(),
        piece: Arc::new(piece),
    }])
}

pub(super) fn finding(pieces: Vec<FoundPiece>) -> Finding {
    // Of several under one tag the row tells of the best: any proved one proves a demand.
    let rank = |f: &&FoundPiece| match f.piece.judgement {
        Judgement::Proved => 0,
        Judgement::Valid => 1,
        Judgement::Undecided => 2,
        Judgement::Refuted => 3,
    };
    let best = pieces.iter().min_by_key(rank);
    let answer = best.map_or(Answer::Absent, |f| f.piece.judgement.into());
    let words = match best {
        Some(best) if pieces.len() > 1 => {
            format!("{} (best of {})", best.piece.summary, pieces.len())
        }
        Some(best) => best.piece.summary.clone(),
        None => "nothing in it".to_owned(),
    };
    let warnings = pieces.iter().flat_map(|f| f.piece.warnings.iter().cloned());
    let mut warnings: Vec<_> = warnings.map(|w| ("signature", w)).collect();
    warnings.extend(pieces.iter().flat_map(|f| predicates::warnings(&f.piece)));
    Finding { answer, summary: words, warnings, facts: Facts::Pieces(pieces) }
}

/// A bundle that GitHub keeps.
pub(super) async fn stored(bundle: &Stored, judging: &Arc<Judging>, world: &World) -> Finding {
    let _room = BUDGET.acquire_many(mebibytes(bundle.bytes.len() as u64)).await;
    let piece = judged(bundle.bytes.clone(), Arc::clone(judging), (world.now)()).await;
    let Some(piece) = piece else { return github_root::waiting() };
    let carrier = bundle.digest.clone();
    finding(vec![FoundPiece { source: Source::GitHub, carrier, piece: Arc::new(piece) }])
}

/// cosign's tags: every layer of `.sig` is a signature, every layer of `.att` an attestation.
async fn legacy(
    (repository, referrer): (&Repository, &Referrer),
    image: &Image,
    judging: &Arc<Judging>,
    (world, progress): (&World, Progress<'_>),
) -> Finding {
    let tag = referrer.tag.as_ref().map(crate::domain::Tag::as_str).unwrap_or_default();
    let attestation = match tag.rsplit('.').next() {
        Some("sig") => false,
        Some("att") => true,
        _ => return other("a legacy tag of no known kind"),
    };
    if image.layers.is_empty() {
        return not_understood(referrer, "a legacy tag without a single layer");
    }
    if image.layers.len() > MAX_LEGACY_LAYERS {
        return not_understood(referrer, "a legacy tag with more layers than are read");
    }
    let mut pieces = vec![];
    for layer in &image.layers {
        let _room = BUDGET.acquire_many(mebibytes(layer.size)).await;
        let blob = world.registry.blob(repository, layer, MAX_BUNDLE_BYTES, progress).await;
        let mut piece = match blob {
            Ok(payload) => {
                let (annotations, now) = (layer.annotations.clone(), (world.now)());
                let (judging, roots) = (Arc::clone(judging), roots_of(judging));
                blocking(move || {
                    let layer = Layer { annotations: &annotations, payload: &payload, attestation };
                    let roots = roots::for_layer(&roots, layer);
                    under_each(&roots, case(&judging, now), |case| {
                        by_any_key(&judging.keys, case, |case| judge_legacy(layer, case))
                    })
                })
                .await
            }
            Err(e) => Piece::not_judged(Format::CosignLegacy, Kind::Unknown, &e.to_string()),
        };
        let carrier = referrer.descriptor.digest.clone();
        piece.warnings.extend(signed_elsewhere(judging.at.as_ref().unwrap_or(repository), &piece));
        let piece = Arc::new(judging.allowance.keep(piece));
        pieces.push(FoundPiece { source: Source::LegacyTag, carrier, piece });
    }
    finding(pieces)
}

/// cosign ignores the signed reference, so that a mirror's copy stays signed; a reviewer may not.
fn signed_elsewhere(repository: &Repository, piece: &Piece) -> Option<String> {
    let signed = piece.signed_reference.as_deref()?;
    if matches!(repository, Repository::Layout(_)) {
        return None;
    }
    let same = Reference::parse(signed).is_ok_and(|signed| signed.repository == *repository);
    (!same).then(|| format!("it was signed as {signed:?} and is read as {repository}"))
}

pub(super) async fn file(path: &Path, judging: &Arc<Judging>, world: &World) -> Finding {
    let bytes = match world.files.read(path, MAX_BUNDLE_BYTES).await {
        Ok(bytes) => bytes,
        Err(e) => {
            let words = format!("the bundle {} cannot be read: {e}", path.display());
            return Finding::new(Answer::Undecided, words);
        }
    };
    let mut pieces = vec![];
    for document in documents(bytes) {
        let carrier = Digest::sha256(&document);
        let Some(piece) = read(document, judging.clone(), (world.now)()).await else {
            return github_root::waiting();
        };
        pieces.push(FoundPiece { source: Source::File, carrier, piece: Arc::new(piece) });
    }
    finding(pieces)
}

/// The bundles of a file: one, or JSON lines as `gh attestation download` writes them.
///
/// A line that is not JSON is a document too, so that it ends in a row that says so.
pub(super) fn documents(bytes: Arc<[u8]>) -> Vec<Arc<[u8]>> {
    documents_up_to(bytes, MAX_BUNDLES_IN_FILE)
}

/// The same, where as many as that are read.
pub(super) fn documents_up_to(bytes: Arc<[u8]>, most: usize) -> Vec<Arc<[u8]>> {
    let lines = bytes.split(|b| *b == b'\n').filter(|line| !line.trim_ascii().is_empty());
    let whole =
        |line: &[u8]| line.trim_ascii().starts_with(b"{") && line.trim_ascii().ends_with(b"}");
    let several = lines.clone().nth(1).is_some() && lines.clone().next().is_some_and(whole);
    // More than are read are judged as one document, which is none: said, not cut short.
    if !several || lines.clone().nth(most).is_some() {
        return vec![bytes];
    }
    lines.map(|line| Arc::from(line.trim_ascii())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_holds_one_bundle_or_one_in_every_line() {
        for (text, documents_in_it) in [
            ("{}".to_owned(), 1),
            ("{}\n".to_owned(), 1),
            ("{\n}\n".to_owned(), 1),
            ("{}\n\n{}\r\n".to_owned(), 2),
            ("{}\nnot json\n{}".to_owned(), 3),
            (String::new(), 1),
            ("{}\n".repeat(MAX_BUNDLES_IN_FILE), MAX_BUNDLES_IN_FILE),
            ("{}\n".repeat(MAX_BUNDLES_IN_FILE + 1), 1),
        ] {
            let found = documents(Arc::from(text.as_bytes())).len();
            assert_eq!(found, documents_in_it, "{:?}", text.get(..20.min(text.len())));
        }
    }
}
