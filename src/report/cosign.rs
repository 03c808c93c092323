//! What cosign 3.1.3 answers to the same flags, as far as it is modelled.
//!
//! Source: cosign `cmd/cosign/cli/verify/verify.go` and sigstore-go's verifier, and what both did
//! on recorded material. cosign takes any bundle by a matching signer for a signature, does not
//! look at the predicate type, and one readable bundle hides everything in the legacy format.

use serde::Serialize;

use crate::{
    domain::{
        Verdict,
        demand::{Demand, Wanted},
        steps::StepName,
        verdict::{Answer, Judgement},
    },
    inspect::{CheckKind, FoundPiece, Inspection, Source},
    verify::{Format, Kind, Piece},
};

/// cosign's answer beside ours.
#[derive(Serialize)]
pub(super) struct Cosign {
    verify: &'static str,
    why: String,
    would_use: Vec<String>,
}

/// The answer for an inspection.
pub(super) fn answer(seen: &Inspection, pieces: &[&FoundPiece]) -> Cosign {
    let unknown = |why: &str| Cosign { verify: "unknown", why: why.into(), would_use: vec![] };
    let Some(demand) = seen.demand.as_deref() else {
        return unknown("cosign verify wants a signer");
    };
    if demand.wanted != [Wanted::Signature] {
        return unknown("only `cosign verify` of an image is modelled");
    }
    match seen.finding(CheckKind::Resolve).map(|f| f.answer) {
        Some(Answer::Proved) => {}
        Some(Answer::Absent) => return fail("image tag not found"),
        _ => return unknown("the image could not be read"),
    }
    let (legacy, bundles): (Vec<&FoundPiece>, Vec<&FoundPiece>) =
        pieces.iter().copied().partition(|f| f.source == Source::LegacyTag);
    let readable = |f: &&FoundPiece| f.piece.format != Format::Unknown;
    if !bundles.iter().any(readable) {
        return legacy_answer(&legacy, demand);
    }
    let accepted = |f: &&&FoundPiece| accepts(&f.piece, demand) == Some(true);
    let would_use: Vec<String> =
        bundles.iter().filter(accepted).map(|f| f.carrier.to_string()).collect();
    if !would_use.is_empty() {
        let hidden = if legacy.is_empty() { "" } else { "; legacy material is not looked at" };
        let why = format!("a bundle by the demanded signer, of any predicate type{hidden}");
        return Cosign { verify: "pass", why, would_use };
    }
    if bundles.iter().any(|f| accepts(&f.piece, demand).is_none()) {
        return unknown("a bundle is refused here for what cosign may not look at");
    }
    fail(if bundles.is_empty() { "no signatures found" } else { "no bundle is accepted" })
}

/// Without a single bundle cosign looks at the `.sig` tag, and at nothing else.
fn legacy_answer(legacy: &[&FoundPiece], demand: &Demand) -> Cosign {
    let signatures = || legacy.iter().filter(|f| f.piece.kind == Kind::Signature);
    let accepted = signatures().filter(|f| accepts(&f.piece, demand) == Some(true));
    let would_use: Vec<String> = accepted.map(|f| f.carrier.to_string()).collect();
    match (would_use.is_empty(), signatures().count()) {
        (false, _) => {
            let why = "a legacy signature by the demanded signer".into();
            Cosign { verify: "pass", why, would_use }
        }
        (true, 0) => fail("no signatures found"),
        (true, _) => fail("no legacy signature is accepted"),
    }
}

fn fail(why: &str) -> Cosign {
    Cosign { verify: "fail", why: why.into(), would_use: vec![] }
}

/// Whether cosign takes a bundle; `None` where it may overlook what is refused here.
fn accepts(piece: &Piece, demand: &Demand) -> Option<bool> {
    if piece.judgement == Judgement::Proved {
        return Some(timed(piece, demand));
    }
    // Unreadable bundles are dropped without a word.
    if piece.format == Format::Unknown {
        return Some(false);
    }
    let refuted: Vec<StepName> =
        piece.steps.iter().filter(|s| s.verdict == Verdict::Refuted).map(|s| s.name).collect();
    if piece.claims.is_none() && demand.key().is_none() {
        return Some(false);
    }
    let missing_parts = !piece.logs.iter().all(|log| log.proof_index.is_some());
    let overlooked = |name: &StepName| match name {
        // A broken token beside a log's own time is not noticed.
        StepName::Timestamp => !demand.signed_timestamps,
        // Redundant fields are not compared; a missing proof is.
        StepName::Structure => !missing_parts && !piece.logs.is_empty(),
        _ => false,
    };
    if refuted.is_empty() || !refuted.iter().all(overlooked) { Some(false) } else { None }
}

/// Rekor v1 must have promised the time, Rekor v2 leaves it to the timestamp; a key needs neither.
fn timed(piece: &Piece, demand: &Demand) -> bool {
    let v2 = piece.logs.iter().any(|l| l.kind == "hashedrekord 0.0.2");
    let promised = piece.steps.get(StepName::Set).verdict == Verdict::Proved;
    let stamped = piece.steps.get(StepName::Timestamp).verdict == Verdict::Proved;
    let by_stamp = v2 || demand.signed_timestamps || demand.waives(StepName::Set);
    promised && !demand.signed_timestamps || by_stamp && stamped || demand.key().is_some()
}
