//! Reading one referrer and judging it, if it is a signature or an attestation.
//!
//! What a listing says of a referrer is not believed: the artifact type may be wrong (cosign 3.0.6
//! on fallback tags) and an annotation may call an SBOM a signature. Only the bytes tell.

use std::{path::Path, sync::Arc};

use super::{MAX_BUNDLE_BYTES, blocking};
use crate::{
    domain::{
        Digest, Repository, Timestamp,
        oci::{BUNDLE_PREFIX, Descriptor, Image, Manifest},
        reference::Pointer,
        text::safe,
        verdict::Answer,
    },
    inspect::{
        Contents, Facts, Finding, FoundPiece, Referrer, Source, World, plan::Judging,
        world::Progress,
    },
    verify::{Case, Format, Kind, Piece, judge},
};

/// Said of legacy material: found and listed, and no verdict over it.
const LEGACY: &str = "undecided: cosign's legacy format is not judged by this version";

pub(super) async fn referrer(
    repository: &Repository,
    referrer: &Referrer,
    judging: &Arc<Judging>,
    (world, progress): (&World, Progress<'_>),
) -> Finding {
    let at = Pointer::Digest(referrer.descriptor.digest.clone());
    let fetched = match world.registry.manifest(repository, &at).await {
        Ok(fetched) => fetched,
        // It was listed a moment ago, so "not there" is no answer either.
        Err(e) => {
            return Finding::new(Answer::Undecided, format!("a referrer cannot be read: {e}"));
        }
    };
    let image = match Manifest::parse(&fetched.bytes) {
        Ok(Manifest::Image(image)) => image,
        Ok(Manifest::Index(_)) => return other("an index"),
        Err(e) if claims_bundle(&referrer.descriptor, None) => {
            return Finding::new(Answer::Undecided, format!("a bundle's manifest: {e}"));
        }
        Err(e) => return other(&format!("unreadable: {e}")),
    };
    if referrer.source == Source::LegacyTag {
        return legacy(referrer, &image);
    }
    if !claims_bundle(&referrer.descriptor, Some(&image)) {
        return other(&kind_of(&image));
    }
    let [layer] = image.layers.as_slice() else {
        let words = format!("a bundle's manifest has one layer, this has {}", image.layers.len());
        return found(referrer, Piece::not_judged(Format::Unknown, Kind::Unknown, &words));
    };
    match world.registry.blob(repository, layer, MAX_BUNDLE_BYTES, progress).await {
        Ok(bytes) => {
            let piece = judged(bytes, judging.clone(), (world.now)()).await;
            found(referrer, piece)
        }
        Err(e) => Finding::new(Answer::Undecided, format!("a bundle cannot be read: {e}")),
    }
}

/// Whether anything about it says bundle; a false claim is found out when it is read.
fn claims_bundle(descriptor: &Descriptor, image: Option<&Image>) -> bool {
    let bundle = |t: &str| t.starts_with(BUNDLE_PREFIX);
    descriptor.artifact_type.as_deref().is_some_and(bundle)
        || image.is_some_and(|image| {
            image.artifact_type.as_deref().is_some_and(bundle)
                || image.config.iter().any(|c| bundle(&c.media_type))
                || image.layers.iter().any(|l| bundle(&l.media_type))
        })
}

fn kind_of(image: &Image) -> String {
    let config = || image.config.as_ref().map(|c| c.media_type.as_str());
    let kind = image.artifact_type.as_deref().or_else(config).unwrap_or("no type");
    match kind {
        "application/vnd.cncf.notary.signature" => {
            "a Notation signature; not verified here".to_owned()
        }
        other => other.to_owned(),
    }
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

fn finding(pieces: Vec<FoundPiece>) -> Finding {
    let answer = pieces.first().map_or(Answer::Absent, |f| f.piece.judgement.into());
    let words = match pieces.as_slice() {
        [one] => one.piece.summary.clone(),
        [first, rest @ ..] => format!("{} (and {} more)", first.piece.summary, rest.len()),
        [] => "nothing in it".to_owned(),
    };
    let warnings = pieces.iter().flat_map(|f| f.piece.warnings.iter().cloned());
    let warnings = warnings.map(|w| ("signature", w)).collect();
    Finding { answer, summary: words, warnings, facts: Facts::Pieces(pieces) }
}

async fn judged(bytes: Arc<[u8]>, judging: Arc<Judging>, now: Timestamp) -> Piece {
    blocking(move || {
        let artifact = match &judging.artifact.bytes {
            Contents::Whole(bytes) => Some(&**bytes),
            Contents::NotKept => None,
        };
        let case = Case {
            artifact: &judging.artifact.digests,
            bytes: artifact,
            root: judging.root.as_ref().map(|r| &*r.root),
            demand: judging.demand.as_deref(),
            now,
        };
        judge(&bytes, case)
    })
    .await
}

/// cosign's tags: every layer of `.sig` is a signature, every layer of `.att` an attestation.
fn legacy(referrer: &Referrer, image: &Image) -> Finding {
    let tag = referrer.tag.as_ref().map(crate::domain::Tag::as_str).unwrap_or_default();
    let kind = match tag.rsplit('.').next() {
        Some("sig") => Kind::Signature,
        Some("att") => Kind::Attestation,
        _ => return other("an unsigned attachment under a legacy .sbom tag"),
    };
    let each = image.layers.iter().map(|_| FoundPiece {
        source: Source::LegacyTag,
        carrier: referrer.descriptor.digest.clone(),
        piece: Arc::new(Piece::not_judged(Format::CosignLegacy, kind, LEGACY)),
    });
    finding(each.collect())
}

pub(super) async fn file(path: &Path, judging: &Arc<Judging>, world: &World) -> Finding {
    let bytes = match world.files.read(path, MAX_BUNDLE_BYTES).await {
        Ok(bytes) => bytes,
        Err(e) => {
            let words = format!("the bundle {} cannot be read: {e}", path.display());
            return Finding::new(Answer::Undecided, words);
        }
    };
    let carrier = Digest::sha256(&bytes);
    let piece = judged(bytes, judging.clone(), (world.now)()).await;
    finding(vec![FoundPiece { source: Source::File, carrier, piece: Arc::new(piece) }])
}
