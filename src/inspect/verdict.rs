//! From everything that is known to one verdict and one line of reason.

pub use super::eligible::{counts_for, timed};
use super::{CheckKind, FoundPiece, Inspection, Subject, eligible, release};
use crate::{
    domain::{
        Verdict,
        demand::{Demand, Wanted},
        rules::{fold_forbidden, fold_threshold},
        steps::StepName,
        verdict::{Answer, Judgement},
    },
    verify::Kind,
};

/// The verdict over a target, with its reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Overall {
    /// The verdict.
    pub verdict: Verdict,
    /// One line in words; may hold foreign text.
    pub reason: String,
    /// Whether a check that can change the verdict is still under way.
    pub running: bool,
}

/// Folds an inspection.
pub fn overall(seen: &Inspection) -> Overall {
    let running = !seen.decided();
    let (verdict, reason) = match unresolved(seen) {
        Some(answer) => answer,
        None => judge(seen),
    };
    Overall { verdict, reason, running }
}

/// The verdict where the artifact itself was not found.
fn unresolved(seen: &Inspection) -> Option<(Verdict, String)> {
    let Some(finding) = seen.finding(CheckKind::Resolve) else {
        // Without an anchor nobody was asked.
        let unread = [CheckKind::TrustRoot, CheckKind::Key];
        let why = unread.into_iter().find_map(|kind| unread_anchor(seen, kind));
        let why = why.unwrap_or_else(|| "the artifact is not resolved yet".into());
        return Some((Verdict::Undecided, why));
    };
    match finding.answer {
        Answer::Proved | Answer::Valid => None,
        other => Some((other.verdict(), finding.summary.clone())),
    }
}

fn judge(seen: &Inspection) -> (Verdict, String) {
    match (&seen.subject, &seen.demand) {
        (Subject::Folder(_), Some(_)) => release::verdict::folder(seen),
        (Subject::Document(_), _) => {
            (Verdict::Absent, "a file that is only read: nothing beside it vouches for it".into())
        }
        _ => release::verdict::follow(seen, by_pieces(seen)),
    }
}

/// Why the trust root or the demanded key could not be read.
pub(super) fn unread_anchor(seen: &Inspection, kind: CheckKind) -> Option<String> {
    let finding = seen.finding(kind)?;
    (finding.answer == Answer::Undecided).then(|| finding.summary.clone())
}

/// The verdict of the pieces alone.
pub(super) fn by_pieces(seen: &Inspection) -> (Verdict, String) {
    let Some(demand) = &seen.demand else {
        let reason = "UNVERIFIED: no signer was demanded, so nothing is proved";
        return (Verdict::Undecided, reason.into());
    };
    // Several demands: the worst; where all hold, the reason names each.
    let pieces: Vec<&FoundPiece> = seen.pieces().map(|(_, found)| found).collect();
    let each = demand.wanted.iter().map(|wanted| {
        // What is forbidden must not be there at all, wherever somebody else would look.
        let legacy_only = demand.rules.legacy_only && !matches!(wanted, Wanted::Forbidden(_));
        let over = Over { pieces: pieces.clone(), complete: discovery(seen, legacy_only) };
        judge_one(seen, demand, (wanted, &over))
    });
    let worst = worst(each.collect());
    if let Some((Verdict::Proved, _)) = &worst {
        return worst.unwrap_or_else(nothing_demanded);
    }
    // Where the anchor itself could not be read, every piece waits for it: that is the reason.
    let unread = |kind| unread_anchor(seen, kind);
    let root = unread(CheckKind::TrustRoot).or_else(|| unread(CheckKind::GitHubRoot));
    match (&worst, root, unread(CheckKind::Key)) {
        // A certificate is not by another key than one that nobody could read.
        (Some(_), _, Some(why)) | (Some((Verdict::Undecided, _)), Some(why), None) => {
            return (Verdict::Undecided, why);
        }
        _ => {}
    }
    worst.unwrap_or_else(nothing_demanded)
}

pub(super) fn nothing_demanded() -> (Verdict, String) {
    (Verdict::Undecided, "nothing was demanded".into())
}

/// Several demands: all their reasons where each holds, else the first of the worst in the order in
/// which they were demanded; `None` without a demand.
pub(super) fn worst(each: Vec<(Verdict, String)>) -> Option<(Verdict, String)> {
    if !each.is_empty() && each.iter().all(|(v, _)| *v == Verdict::Proved) {
        let reasons: Vec<String> = each.into_iter().map(|(_, reason)| reason).collect();
        return Some((Verdict::Proved, reasons.join("; ")));
    }
    each.into_iter().rev().max_by_key(|(verdict, _)| *verdict)
}

/// What one demand is judged by: everything that was found over one artifact or file.
pub(super) struct Over<'a> {
    /// The pieces, of every kind.
    pub(super) pieces: Vec<&'a FoundPiece>,
    /// `Err` says why there may be more.
    pub(super) complete: Result<(), String>,
}

/// Judges one demand over one artifact or file.
pub(super) fn judge_one(
    seen: &Inspection,
    demand: &Demand,
    (wanted, over): (&Wanted, &Over<'_>),
) -> (Verdict, String) {
    let pieces = eligible::pieces(&over.pieces, demand, wanted);
    let complete = over.complete.clone();
    if let Wanted::Forbidden(uri) = wanted {
        return forbidden(uri, &pieces, complete);
    }
    // Of several signers, only signatures are counted: an SBOM is attested by whoever built.
    let needed = match wanted {
        Wanted::Attestation(_) => 1,
        _ => demand.rules.threshold,
    };
    let proved = eligible::proved_signers(demand, &pieces);
    let judgements = pieces.iter().map(|f| eligible::judgement(f, demand));
    let verdict = fold_threshold((proved, needed), judgements, complete.is_ok());
    let first = |wanted: Judgement| {
        pieces.iter().find(|f| eligible::judgement(f, demand) == wanted).map(|f| &f.piece)
    };
    let waived = waived_words(seen) + &demand.rules.words();
    let name = &wanted.words();
    let reason = match verdict {
        Verdict::Proved if needed > 1 => {
            Some(format!("{proved} of {} demanded signers, {needed} wanted{waived}", all(demand)))
        }
        Verdict::Proved => first(Judgement::Proved).map(|p| match wanted {
            Wanted::Attestation(uri) => format!("{uri} {}{waived}", p.summary),
            Wanted::Release(r) => format!("{} {}{waived}", r.predicate_type, p.summary),
            _ => format!("{}{waived}", p.summary),
        }),
        Verdict::Refuted => first(Judgement::Refuted).map(|p| match p.judgement {
            Judgement::Proved => {
                "cosign wants the log's promise of a time, and there is none".into()
            }
            _ => p.summary.clone(),
        }),
        Verdict::Undecided => {
            complete.err().or_else(|| first(Judgement::Undecided).map(|p| p.summary.clone()))
        }
        Verdict::Absent if proved > 0 => Some("the others did not sign".to_owned()),
        Verdict::Absent if matches!(wanted, Wanted::Attestation(_)) => {
            Some(format!("no {name} is there"))
        }
        Verdict::Absent => Some(absent_reason(&over.pieces, name)),
    };
    let reason = reason.unwrap_or_else(|| format!("{verdict}: {name}"));
    let counted = needed > 1 && verdict != Verdict::Proved;
    let counted = if counted { counted_words(proved, needed, demand) } else { String::new() };
    (verdict, format!("{counted}{reason}"))
}

fn all(demand: &Demand) -> usize {
    demand.all_signers()
}

fn counted_words(proved: usize, needed: usize, demand: &Demand) -> String {
    format!("{proved} of {} demanded signers signed, {needed} wanted: ", all(demand))
}

fn forbidden(uri: &str, pieces: &[&FoundPiece], complete: Result<(), String>) -> (Verdict, String) {
    let is_there = |f: &&&FoundPiece| f.piece.predicate_type.as_deref() == Some(uri);
    let there = pieces.iter().filter(is_there).count();
    let unread = pieces.iter().find(|f| !is_there(f)).map(|f| f.piece.summary.clone());
    let verdict = fold_forbidden(there > 0, unread.is_some(), complete.is_ok());
    let reason = match verdict {
        Verdict::Refuted => format!("{there} × {uri} is there, and it is forbidden"),
        Verdict::Proved => format!("no {uri} is there"),
        _ => {
            let why = complete.err().or(unread).unwrap_or_default();
            format!("whether {uri} is there is not known: {why}")
        }
    };
    (verdict, reason)
}

/// What a verdict under waived steps is worth.
pub(super) fn waived_words(seen: &Inspection) -> String {
    // A key has no certificate, so it waives nothing by doing without that one's log.
    let waives = |name| {
        let applies = |d: &Demand| d.key().is_none() || name != StepName::Sct;
        seen.demand.as_ref().is_some_and(|d| d.waives(name) && applies(d))
    };
    let without = match (waives(StepName::Set), waives(StepName::Sct)) {
        (true, true) => "a transparency log and a certificate transparency log",
        (true, false) => "a transparency log",
        (false, true) => "a certificate transparency log",
        (false, false) => return String::new(),
    };
    format!(" (proved without {without})")
}

fn absent_reason(pieces: &[&FoundPiece], name: &str) -> String {
    let others = pieces.iter().filter(|f| f.piece.kind == Kind::Attestation).count();
    match others {
        0 => format!("no {name} is there"),
        1 => format!("no {name} is there, only an attestation"),
        n => format!("no {name} is there, only {n} attestations"),
    }
}

/// `Err` says why not everything that is there is known.
pub(super) fn discovery(seen: &Inspection, legacy_only: bool) -> Result<(), String> {
    let legacy_only = |kind: &CheckKind| !legacy_only || *kind == CheckKind::LegacyTags;
    for kind in seen.listings().into_iter().filter(legacy_only) {
        listed(seen, kind)?;
    }
    if seen.subject.reference().is_none() {
        let unread = seen.unanswered(CheckKind::Piece).map(|(_, why)| why);
        return match seen.findings(CheckKind::Piece).next() {
            Some(_) => unread.map_or(Ok(()), Err),
            None if seen.github().is_some() => Ok(()),
            None => Err(seen.unread_list().unwrap_or_else(|| "the bundle was not read yet".into())),
        };
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

/// `Err` says why a listing is not known to its end.
fn listed(seen: &Inspection, kind: CheckKind) -> Result<(), String> {
    let Some(finding) = seen.finding(kind) else {
        return Err(format!("{} were not listed yet", kind.word()));
    };
    match finding.answer {
        Answer::Undecided | Answer::Refuted => Err(finding.summary.clone()),
        _ => Ok(()),
    }
}
