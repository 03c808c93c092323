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
    inspect::{CheckKind, FoundPiece, Inspection, Source, Subject, verdict::timed},
    verify::{Format, Kind, Piece},
};

/// cosign's answer beside ours.
#[derive(Serialize)]
pub(super) struct Cosign {
    verify: &'static str,
    why: String,
    would_use: Vec<String>,
}

impl Cosign {
    /// What cosign has no command for.
    pub(super) fn unknown(why: &str) -> Self {
        Self { verify: "unknown", why: why.to_owned(), would_use: vec![] }
    }
}

/// cosign's answer in one line; `None` where it is not known.
pub(super) fn in_words(seen: &Inspection) -> Option<String> {
    let pieces: Vec<&FoundPiece> = seen.pieces().map(|(_, piece)| piece).collect();
    let Cosign { verify, why, .. } = answer(seen, &pieces);
    (verify != "unknown").then(|| format!("would {verify}: {why}"))
}

/// What one command of cosign looks for.
enum Command<'a> {
    /// `verify`: a signature, and in the bundle format anything at all.
    Verify,
    /// `verify-attestation --type`: exactly this predicate type.
    Attestation(&'a str),
}

impl Command<'_> {
    /// The command whose flags these are; `None` where cosign has none.
    fn of(demand: &Demand) -> Option<Command<'_>> {
        let several = demand.signers().len() > 1 || demand.rules.threshold > 1;
        match demand.wanted.as_slice() {
            _ if several || demand.github.is_some() => None,
            [Wanted::Signature] => Some(Command::Verify),
            [Wanted::Attestation(uri)] => Some(Command::Attestation(uri)),
            _ => None,
        }
    }

    /// Whether a verified piece is what the command looks for.
    fn takes(&self, found: &FoundPiece) -> bool {
        match (self, found.source) {
            (Self::Verify, Source::LegacyTag) => found.piece.kind == Kind::Signature,
            (Self::Verify, _) => true,
            (Self::Attestation(uri), _) => found.piece.predicate_type.as_deref() == Some(uri),
        }
    }
}

/// The answer for an inspection.
pub(super) fn answer(seen: &Inspection, pieces: &[&FoundPiece]) -> Cosign {
    let unknown = |why: &str| Cosign { verify: "unknown", why: why.into(), would_use: vec![] };
    let Some(demand) = seen.demand.as_deref() else {
        return unknown("cosign verify wants a signer");
    };
    let (Some(command), Subject::Artifact(_)) = (Command::of(demand), &seen.subject) else {
        return unknown("only cosign's verify and verify-attestation of an image are modelled");
    };
    match seen.finding(CheckKind::Resolve).map(|f| f.answer) {
        Some(Answer::Proved) => {}
        // cosign chooses no platform, so nothing that it says is about one that is not there.
        Some(Answer::Absent) if seen.scope.platform.is_some() => {
            return unknown("the image, or that platform of it, is not there");
        }
        Some(Answer::Absent) => return fail("image tag not found"),
        _ => return unknown("the image could not be read"),
    }
    let (legacy, bundles): (Vec<&FoundPiece>, Vec<&FoundPiece>) =
        pieces.iter().copied().partition(|f| f.source == Source::LegacyTag);
    if !looks_at_bundles(&bundles, demand) {
        return legacy_answer(&legacy, demand, &command);
    }
    let verified: Vec<&FoundPiece> =
        bundles.iter().copied().filter(|f| accepts(&f.piece, demand) == Some(true)).collect();
    let used = verified.iter().filter(|f| command.takes(f));
    let would_use: Vec<String> = used.map(|f| f.carrier.to_string()).collect();
    if !would_use.is_empty() {
        let hidden = if legacy.is_empty() { "" } else { "; legacy material is not looked at" };
        let what = match command {
            Command::Verify => "of any predicate type",
            Command::Attestation(_) => "of that predicate type",
        };
        let why = format!("a bundle by the demanded signer, {what}{hidden}");
        return Cosign { verify: "pass", why, would_use };
    }
    if bundles.iter().any(|f| accepts(&f.piece, demand).is_none()) {
        return unknown("a bundle is refused here for what cosign may not look at");
    }
    let why = if verified.is_empty() {
        "no bundle is accepted"
    } else {
        "none of the attestations matched the predicate type"
    };
    fail(why)
}

/// One readable bundle, and legacy material is not looked at.
fn looks_at_bundles(bundles: &[&FoundPiece], demand: &Demand) -> bool {
    !demand.rules.legacy_only && bundles.iter().any(|f| f.piece.format != Format::Unknown)
}

/// What cosign does with one piece, in words; `None` where its answer is not modelled.
pub fn of_piece(seen: &Inspection, found: &FoundPiece) -> Option<&'static str> {
    let demand = seen.demand.as_deref()?;
    let command = Command::of(demand)?;
    if !matches!(seen.subject, Subject::Artifact(_)) {
        return None;
    }
    let bundles: Vec<&FoundPiece> =
        seen.pieces().map(|(_, f)| f).filter(|f| f.source != Source::LegacyTag).collect();
    let (by_bundles, legacy) =
        (looks_at_bundles(&bundles, demand), found.source == Source::LegacyTag);
    Some(match (accepts(&found.piece, demand), by_bundles == legacy) {
        (_, true) if legacy => "not looked at: a bundle hides legacy material",
        (_, true) if demand.rules.legacy_only => "not looked at: --new-bundle-format=false",
        (_, true) => "dropped: it cannot be read",
        (Some(true), _) if !command.takes(found) => "not used: another kind or predicate type",
        (Some(true), _) if found.piece.kind == Kind::Attestation && !legacy => {
            "used: by the demanded signer; `verify` ignores the predicate type"
        }
        (Some(true), _) => "used: by the demanded signer",
        (Some(false), _) => "not accepted",
        (None, _) => "not known: refused here for what cosign may not look at",
    })
}

/// Without a single bundle cosign looks at the `.sig` or the `.att` tag, and at nothing else.
fn legacy_answer(legacy: &[&FoundPiece], demand: &Demand, command: &Command<'_>) -> Cosign {
    let wanted = match command {
        Command::Verify => Kind::Signature,
        Command::Attestation(_) => Kind::Attestation,
    };
    let of_kind = || legacy.iter().filter(|f| f.piece.kind == wanted);
    let accepted = of_kind().filter(|f| accepts(&f.piece, demand) == Some(true));
    let (used, other): (Vec<&FoundPiece>, Vec<&FoundPiece>) =
        accepted.copied().partition(|f| command.takes(f));
    let would_use: Vec<String> = used.iter().map(|f| f.carrier.to_string()).collect();
    match (would_use.is_empty(), of_kind().count()) {
        (false, _) => {
            let why = "a legacy signature by the demanded signer".into();
            Cosign { verify: "pass", why, would_use }
        }
        (true, 0) => fail("no signatures found"),
        (true, _) if !other.is_empty() => {
            fail("none of the attestations matched the predicate type")
        }
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
