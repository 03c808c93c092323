//! Which pieces a demand is judged by: their kind, and whose way of judging is followed.

use std::collections::BTreeSet;

use super::{FoundPiece, Source};
use crate::{
    domain::{
        Verdict,
        demand::{Demand, Wanted},
        github::Release,
        rules::Rules,
        steps::StepName,
        verdict::Judgement,
    },
    verify::{Format, Kind, Piece},
};

/// Whether a piece is of the kind that is wanted, as far as its bytes tell.
///
/// A piece that could not be read may be of any kind, so it counts for every demand: it can keep
/// a demand from being absent or refuted, and never prove it.
pub fn counts_for(piece: &Piece, wanted: &Wanted) -> bool {
    match (piece.kind, wanted) {
        (Kind::Unknown, _)
        | (Kind::Signature, Wanted::Signature | Wanted::SignatureOverFile)
        | (Kind::MessageSignature, Wanted::SignatureOverFile)
        | (_, Wanted::AnyOverFile) => true,
        // An attestation that was not read may be of any type.
        (Kind::Attestation, Wanted::Attestation(_) | Wanted::Forbidden(_) | Wanted::Release(_))
            if piece.predicate_type.is_none() =>
        {
            true
        }
        (
            _,
            Wanted::Attestation(uri)
            | Wanted::Forbidden(uri)
            | Wanted::Release(Release { predicate_type: uri, .. }),
        ) => piece.predicate_type.as_deref() == Some(uri),
        (Kind::MessageSignature, Wanted::Signature)
        | (Kind::Attestation, Wanted::Signature | Wanted::SignatureOverFile) => false,
    }
}

/// The pieces by which a demand is judged.
pub(super) fn pieces<'a>(
    all: &[&'a FoundPiece],
    demand: &Demand,
    wanted: &Wanted,
) -> Vec<&'a FoundPiece> {
    let all = all.to_vec();
    // What is forbidden must not be there at all, wherever somebody else would look.
    if matches!(wanted, Wanted::Forbidden(_)) {
        return all.into_iter().filter(|f| counts_for(&f.piece, wanted)).collect();
    }
    let looked_at = looked_at(all, &demand.rules);
    looked_at.into_iter().filter(|f| counts(f, wanted, &demand.rules)).collect()
}

fn counts(found: &FoundPiece, wanted: &Wanted, rules: &Rules) -> bool {
    // cosign `verify` does not look at the predicate type of a bundle.
    let any_bundle = rules.cosign_compatible && *wanted == Wanted::Signature && !is_legacy(found);
    any_bundle || counts_for(&found.piece, wanted)
}

/// The pieces that are looked at, in the way of whoever is followed.
fn looked_at<'a>(all: Vec<&'a FoundPiece>, rules: &Rules) -> Vec<&'a FoundPiece> {
    // cosign takes the legacy path only where no bundle can be parsed. A bundle that cannot be read
    // here stays in the list: it may be one that cosign reads, so it keeps "absent" away.
    let hidden = rules.cosign_compatible && !rules.legacy_only && all.iter().any(|f| readable(f));
    let keep = |found: &&FoundPiece| match found.source {
        // cosign `verify-blob` looks at the file that it is given, so none hides another there.
        Source::File => !rules.legacy_only || !is_new_format(found),
        Source::LegacyTag => !hidden,
        _ => !rules.legacy_only,
    };
    all.into_iter().filter(keep).collect()
}

/// What `--new-bundle-format=false` leaves out of files; what cannot be read may be of either.
fn is_new_format(found: &FoundPiece) -> bool {
    matches!(found.piece.format, Format::Bundle01 | Format::Bundle02 | Format::Bundle03)
}

fn is_legacy(found: &FoundPiece) -> bool {
    found.source == Source::LegacyTag
}

fn readable(found: &FoundPiece) -> bool {
    !is_legacy(found) && found.piece.format != Format::Unknown
}

/// Whether cosign has a time for a piece that is proved here: Rekor v1 must have promised it, Rekor
/// v2 leaves it to the timestamp; a key needs neither.
pub fn timed(piece: &Piece, demand: &Demand) -> bool {
    let v2 = piece.logs.iter().any(|l| l.kind == "hashedrekord 0.0.2");
    let promised = piece.steps.get(StepName::Set).verdict == Verdict::Proved;
    let stamped = piece.steps.get(StepName::Timestamp).verdict == Verdict::Proved;
    let by_stamp = v2 || demand.signed_timestamps || demand.waives(StepName::Set);
    promised && !demand.signed_timestamps || by_stamp && stamped || demand.key().is_some()
}

/// How a piece stands in the way of whoever is followed: what cosign has no time for it refuses.
pub(super) fn judgement(found: &FoundPiece, demand: &Demand) -> Judgement {
    match found.piece.judgement {
        Judgement::Proved if demand.rules.cosign_compatible && !timed(&found.piece, demand) => {
            Judgement::Refuted
        }
        other => other,
    }
}

/// How many of the demanded signers have a proved piece among these.
pub(super) fn proved_signers(demand: &Demand, pieces: &[&FoundPiece]) -> usize {
    let proved = || pieces.iter().filter(|f| judgement(f, demand) == Judgement::Proved);
    if demand.rules.threshold <= 1 {
        return usize::from(proved().next().is_some());
    }
    if demand.key().is_some() {
        // By the key itself: one holder who signed twice is one of n.
        let keys: BTreeSet<&str> = proved().filter_map(|f| f.piece.key.as_deref()).collect();
        return keys.len();
    }
    let signer = |found: &&&FoundPiece| -> Option<(String, String)> {
        let claims = found.piece.claims.as_ref()?.verified()?.get().clone();
        let identity = claims.identity()?.value().to_owned();
        Some((identity, claims.issuer().unwrap_or_default().to_owned()))
    };
    let signers: Vec<(String, String)> = proved().filter_map(|f| signer(&f)).collect();
    let words: Vec<(&str, &str)> = signers.iter().map(|(i, o)| (i.as_str(), o.as_str())).collect();
    demand.distinct_signers(&words)
}
