//! From everything that is known to one verdict and one line of reason.

use super::{CheckKind, Inspection, Subject, release};
use crate::{
    domain::{
        Verdict,
        demand::Wanted,
        steps::StepName,
        verdict::{Answer, Judgement, fold_demand},
    },
    verify::{Kind, Piece},
};

/// The verdict over a target, with its reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Overall {
    /// The verdict.
    pub verdict: Verdict,
    /// One line in words; may hold foreign text.
    pub reason: String,
    /// Whether a check is still under way; then the verdict may change.
    pub running: bool,
}

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
        (Kind::Attestation, Wanted::Attestation(_)) if piece.predicate_type.is_none() => true,
        (_, Wanted::Attestation(uri)) => piece.predicate_type.as_deref() == Some(uri),
        (Kind::MessageSignature, Wanted::Signature)
        | (Kind::Attestation, Wanted::Signature | Wanted::SignatureOverFile) => false,
    }
}

/// Folds an inspection.
pub fn overall(seen: &Inspection) -> Overall {
    let running = !seen.finished();
    let (verdict, reason) = match unresolved(seen) {
        Some(answer) => answer,
        None => judge(seen),
    };
    Overall { verdict, reason, running }
}

/// The verdict where the artifact itself was not found.
fn unresolved(seen: &Inspection) -> Option<(Verdict, String)> {
    let Some(finding) = seen.finding(CheckKind::Resolve) else {
        return Some((Verdict::Undecided, "the artifact is not resolved yet".into()));
    };
    match finding.answer {
        Answer::Proved | Answer::Valid => None,
        other => Some((other.verdict(), finding.summary.clone())),
    }
}

fn judge(seen: &Inspection) -> (Verdict, String) {
    match (&seen.subject, &seen.demand) {
        (Subject::Folder(_), Some(_)) => release::verdict::folder(seen),
        _ => release::verdict::follow(seen, by_pieces(seen)),
    }
}

/// The verdict of the pieces alone.
pub(super) fn by_pieces(seen: &Inspection) -> (Verdict, String) {
    let Some(demand) = &seen.demand else {
        let reason = "UNVERIFIED: no signer was demanded, so nothing is proved";
        return (Verdict::Undecided, reason.into());
    };
    // Several demands: the worst; where all hold, the reason names each.
    let each: Vec<(Verdict, String)> =
        demand.wanted.iter().map(|wanted| judge_one(seen, wanted)).collect();
    let all_hold = !each.is_empty() && each.iter().all(|(v, _)| *v == Verdict::Proved);
    if all_hold {
        let reasons: Vec<String> = each.into_iter().map(|(_, reason)| reason).collect();
        return (Verdict::Proved, reasons.join("; "));
    }
    let worst = each.into_iter().max_by_key(|(verdict, _)| *verdict);
    worst.unwrap_or_else(|| (Verdict::Undecided, "nothing was demanded".into()))
}

fn judge_one(seen: &Inspection, wanted: &Wanted) -> (Verdict, String) {
    let pieces: Vec<&Piece> =
        seen.pieces().map(|(_, f)| &*f.piece).filter(|p| counts_for(p, wanted)).collect();
    let complete = discovery(seen);
    let verdict = fold_demand(pieces.iter().map(|p| p.judgement), complete.is_ok());
    let first = |wanted: Judgement| pieces.iter().find(|p| p.judgement == wanted);
    let waived = waived_words(seen);
    let name = &wanted.words();
    let reason = match verdict {
        Verdict::Proved => first(Judgement::Proved).map(|p| match wanted {
            Wanted::Attestation(uri) => format!("{uri} {}{waived}", p.summary),
            _ => format!("{}{waived}", p.summary),
        }),
        Verdict::Refuted => first(Judgement::Refuted).map(|p| p.summary.clone()),
        Verdict::Undecided => {
            complete.err().or_else(|| first(Judgement::Undecided).map(|p| p.summary.clone()))
        }
        Verdict::Absent => Some(absent_reason(seen, name)),
    };
    (verdict, reason.unwrap_or_else(|| format!("{verdict}: {name}")))
}

/// What a verdict under waived steps is worth.
fn waived_words(seen: &Inspection) -> String {
    let waives = |name| seen.demand.as_ref().is_some_and(|d| d.waives(name));
    let without = match (waives(StepName::Set), waives(StepName::Sct)) {
        (true, true) => "a transparency log and a certificate transparency log",
        (true, false) => "a transparency log",
        (false, true) => "a certificate transparency log",
        (false, false) => return String::new(),
    };
    format!(" (proved without {without})")
}

fn absent_reason(seen: &Inspection, name: &str) -> String {
    let others = seen.pieces().filter(|(_, f)| f.piece.kind == Kind::Attestation).count();
    match others {
        0 => format!("no {name} is there"),
        1 => format!("no {name} is there, only an attestation"),
        n => format!("no {name} is there, only {n} attestations"),
    }
}

/// `Err` says why not everything that is there is known.
fn discovery(seen: &Inspection) -> Result<(), String> {
    if seen.subject.reference().is_none() {
        let unread = seen.unanswered(CheckKind::Piece).map(|(_, why)| why);
        return match seen.findings(CheckKind::Piece).next() {
            Some(_) => unread.map_or(Ok(()), Err),
            None => Err("the bundle was not read yet".into()),
        };
    }
    for kind in [CheckKind::Referrers, CheckKind::LegacyTags] {
        let Some(finding) = seen.finding(kind) else {
            return Err(format!("{} were not listed yet", kind.word()));
        };
        if matches!(finding.answer, Answer::Undecided | Answer::Refuted) {
            return Err(finding.summary.clone());
        }
    }
    if let Some((_, running)) = seen.unanswered(CheckKind::Piece) {
        return Err(running);
    }
    let contradicted = seen.resolved().and_then(|r| r.fetched.contradicted.as_ref());
    match contradicted {
        Some(named) => Err(format!("the registry contradicts itself: its header names {named}")),
        None => Ok(()),
    }
}
