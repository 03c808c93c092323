//! Which SBOM of an artifact is read, and what that choice cannot know.
//!
//! Contract: "With policy flags only verified ones are read, the newest by authenticated time".
//! Anybody can push an attestation, and a document can write any date into itself; so the time is
//! that of trusted clocks, and nothing that the demanded signer did not sign takes part.

mod look;
mod releases;
#[cfg(test)]
mod tests;
mod unsigned;
mod words;

use super::{
    CheckId, CheckKind, CheckState, Facts, FoundPiece, Inspection, SbomFacts, eligible,
    predicates::authenticated_time, verdict,
};
use crate::{
    domain::{
        Digest, Timestamp, Verdict,
        demand::{Demand, Wanted},
        sbom::is_sbom_type,
        text::shorten,
        verdict::Judgement,
    },
    verify::Kind,
};

pub use look::{Document, Found, Look, Looked, file, hits};
pub use releases::{AT_ONCE, Count, First, Has, Release, first, left_open};
pub use unsigned::{Lone, Unsigned, unsigned};

/// The longest reason of somebody else that is repeated, in columns.
const MAX_REASON: usize = 300;

/// An attestation whose predicate is an SBOM.
#[derive(Clone, Debug)]
pub struct Candidate<'a> {
    /// The attestation.
    pub found: &'a FoundPiece,
    /// How it stands under the demand.
    pub judgement: Judgement,
    /// When it was signed, by clocks that are trusted.
    pub time: Option<Timestamp>,
    /// The document, or why it could not be read.
    pub read: Result<&'a SbomFacts, String>,
}

/// What is read, and what is known of the rest.
#[derive(Clone, Debug)]
pub struct Choice<'a> {
    /// The newest: several where they are equally new or no clock tells. None of them was left
    /// unread. Empty: [`Self::nothing`] says why.
    pub newest: Vec<(&'a FoundPiece, &'a SbomFacts)>,
    /// Every other one.
    pub others: Vec<Candidate<'a>>,
    /// Why there may be another one that ought to be read: then what is not found in this one may
    /// be there all the same.
    pub unknown: Option<String>,
    /// Where nothing is read: undecided or absent, and the reason.
    pub nothing: Option<(Verdict, String)>,
}

/// Every attestation that carries an SBOM, with the check that reads it.
///
/// A carrier may hold several: the layers of cosign's `.att` tag are an attestation each. The
/// first one's check has the carrier's digest; the others' have none that anything else has.
pub(super) fn carriers(seen: &Inspection) -> impl Iterator<Item = (CheckId, &FoundPiece)> {
    let mut before: Option<(&CheckId, usize)> = None;
    seen.pieces().filter(|(_, found)| carries(found)).map(move |(id, found)| {
        let number = match before {
            Some((last, number)) if last == id => number + 1,
            _ => 0,
        };
        before = Some((id, number));
        let subject = match (&id.subject, number) {
            (subject, 0) => subject.clone(),
            (subject, number) => {
                let carrier = subject.as_ref().map(ToString::to_string).unwrap_or_default();
                Some(Digest::sha256(format!("SBOM {number} of {carrier}").as_bytes()))
            }
        };
        (CheckId { kind: CheckKind::Sbom, subject }, found)
    })
}

fn carries(found: &FoundPiece) -> bool {
    found.piece.predicate_type.as_deref().is_some_and(is_sbom_type)
        && found.piece.statement.is_some()
}

/// The carrier of the SBOM that a check reads.
pub fn carrier_of<'a>(seen: &'a Inspection, check: &CheckId) -> Option<&'a Digest> {
    carriers(seen).find(|(id, _)| id == check).map(|(_, found)| &found.carrier)
}

/// Chooses among what was found.
pub fn choose(seen: &Inspection) -> Choice<'_> {
    let demand = seen.demand.as_deref();
    let all: Vec<Candidate<'_>> = carriers(seen).map(|(id, found)| of(seen, &id, found)).collect();
    let (wanted, others): (Vec<_>, Vec<_>) =
        all.into_iter().partition(|one| takes_part(&one.found.piece, demand));
    let unread = unread(seen, &wanted);
    let mut choice = match demand {
        Some(_) => verified(wanted),
        None => anyhow(wanted),
    };
    choice.others.extend(others);
    choice.unknown = choice.unknown.or_else(|| unread.clone());
    if choice.newest.is_empty() && choice.nothing.is_none() {
        choice.nothing = Some(nothing(seen, &choice, unread));
    }
    choice
}

/// Whether what is read is attested by an attestation that holds, whoever signed it. Else what
/// nobody signed says no less.
pub fn vouched(seen: &Inspection) -> bool {
    choose(seen).newest.iter().any(|(found, _)| holds(found.piece.judgement))
}

fn of<'a>(seen: &'a Inspection, id: &CheckId, found: &'a FoundPiece) -> Candidate<'a> {
    let read = match seen.checks.get(id) {
        Some(CheckState::Done { finding, .. }) => match &finding.facts {
            Facts::Sbom(facts) => Ok(facts),
            _ => Err(finding.summary.clone()),
        },
        _ => Err(found.piece.summary.clone()),
    };
    let judgement = match &seen.demand {
        Some(demand) => eligible::judgement(found, demand),
        None => found.piece.judgement,
    };
    Candidate { found, judgement, time: authenticated_time(&found.piece), read }
}

/// Whether an SBOM of that type is asked for: of any, where the demand names none.
fn takes_part(piece: &crate::verify::Piece, demand: Option<&Demand>) -> bool {
    let mut named = demand.into_iter().flat_map(|demand| &demand.wanted).filter_map(|w| match w {
        Wanted::Attestation(uri) if is_sbom_type(uri) => Some(uri.as_str()),
        _ => None,
    });
    let first = named.next();
    first.is_none_or(|first| {
        std::iter::once(first).chain(named).any(|uri| piece.predicate_type.as_deref() == Some(uri))
    })
}

/// Only those that the demanded signer vouches for, the newest of them.
fn verified(all: Vec<Candidate<'_>>) -> Choice<'_> {
    let (proved, mut others): (Vec<_>, Vec<_>) =
        all.into_iter().partition(|one| one.judgement == Judgement::Proved);
    let latest = proved.iter().filter_map(|one| one.time).max();
    // One without a time may be the newest as well.
    let (newest, older): (Vec<_>, Vec<_>) =
        proved.into_iter().partition(|one| one.time.is_none() || one.time == latest);
    others.extend(older);
    let mut choice = Choice { newest: vec![], others, unknown: None, nothing: None };
    for one in newest {
        match one.read {
            Ok(facts) => choice.newest.push((one.found, facts)),
            Err(ref why) => {
                let carrier = one.found.carrier.short();
                let words = format!("a verified SBOM ({carrier}) cannot be read: {why}");
                choice.unknown.get_or_insert(words);
                choice.others.push(one);
            }
        }
    }
    // An older one in its place would answer another question.
    if choice.newest.is_empty() {
        choice.nothing = choice.unknown.clone().map(|why| (Verdict::Undecided, why));
    }
    choice
}

/// Whether an attestation holds, whoever signed it.
pub(super) const fn holds(judgement: Judgement) -> bool {
    matches!(judgement, Judgement::Proved | Judgement::Valid)
}

/// Nobody is demanded: of those that can be read the best signed, then the newest. Anybody can push
/// one whose signature does not hold, or that is about something else: such a one is told of, and
/// neither read nor a reason to doubt the others.
fn anyhow(all: Vec<Candidate<'_>>) -> Choice<'_> {
    let (refuted, mut all): (Vec<_>, Vec<_>) =
        all.into_iter().partition(|one| one.judgement == Judgement::Refuted);
    let rank = |one: &Candidate<'_>| !holds(one.judgement);
    all.sort_by_key(|one| (rank(one), std::cmp::Reverse(one.time)));
    let best = all.iter().find(|one| one.read.is_ok()).map(|one| (rank(one), one.time));
    let mut choice = Choice { newest: vec![], others: vec![], unknown: None, nothing: None };
    for one in all {
        let new = best == Some((rank(&one), one.time));
        match one.read {
            Ok(facts) if new => choice.newest.push((one.found, facts)),
            Ok(_) => choice.others.push(one),
            Err(ref why) => {
                let carrier = one.found.carrier.short();
                choice
                    .unknown
                    .get_or_insert_with(|| format!("an SBOM ({carrier}) was not read: {why}"));
                choice.others.push(one);
            }
        }
    }
    choice.others.extend(refuted);
    choice
}

/// Why there may be an SBOM that is not known, or one that is not known to be good.
fn unread(seen: &Inspection, all: &[Candidate<'_>]) -> Option<String> {
    let legacy_only = seen.demand.as_ref().is_some_and(|demand| demand.rules.legacy_only);
    if let Err(why) = verdict::discovery(seen, legacy_only) {
        return Some(shorten(&why, MAX_REASON));
    }
    let unknown = seen.pieces().map(|(_, found)| found).find(|found| {
        let any = match found.piece.kind {
            Kind::Unknown => true,
            Kind::Attestation => found.piece.predicate_type.is_none(),
            Kind::Signature | Kind::MessageSignature => false,
        };
        any && found.piece.judgement == Judgement::Undecided
    });
    let open = || {
        let demanded = seen.demand.is_some();
        all.iter().find(|one| demanded && one.judgement == Judgement::Undecided).map(|c| c.found)
    };
    let found = unknown.or_else(open)?;
    Some(format!(
        "{} was not judged: {}",
        found.carrier.short(),
        shorten(&found.piece.summary, MAX_REASON)
    ))
}

/// An attestation of which nobody can say whether it is one of an SBOM, because it does not hold:
/// its carrier and why. Somebody who takes the statement out of a genuine one does not make it
/// nothing.
fn veiled(seen: &Inspection) -> Option<(String, String)> {
    let (_, found) = seen.pieces().find(|(_, found)| {
        let piece = &found.piece;
        let signature = matches!(piece.kind, Kind::Signature | Kind::MessageSignature);
        let unsaid = match piece.predicate_type.as_deref() {
            None => true,
            Some(uri) => is_sbom_type(uri) && piece.statement.is_none(),
        };
        !signature && unsaid && piece.judgement == Judgement::Refuted
    })?;
    Some((found.carrier.short(), shorten(&found.piece.summary, MAX_REASON)))
}

/// Where a registry answers in its own way where the specification has the list of what belongs to
/// an artifact: only the fallback tag was left to say that nothing does.
fn fallback(seen: &Inspection) -> String {
    let notes = seen.findings(CheckKind::Referrers).filter_map(|(_, found)| match &found.facts {
        Facts::Listing(listing) => Some(&listing.notes),
        _ => None,
    });
    let own = notes
        .flatten()
        .find(|note| note.verdict == Verdict::Absent && note.answer.starts_with("not supported"));
    own.map_or_else(String::new, |note| {
        format!("; {}: {}", note.asked, shorten(&note.answer, MAX_REASON))
    })
}

fn nothing(seen: &Inspection, choice: &Choice<'_>, unread: Option<String>) -> (Verdict, String) {
    let demand = seen.demand.as_deref();
    if let Some(why) = choice.unknown.clone().or(unread) {
        return (Verdict::Undecided, why);
    }
    let asked = |one: &&Candidate<'_>| takes_part(&one.found.piece, demand);
    match choice.others.iter().find(asked) {
        Some(one) => {
            let why = shorten(&one.found.piece.summary, MAX_REASON);
            let what = match demand {
                Some(_) => "no SBOM is verified",
                None => "no SBOM is read: its attestation contradicts",
            };
            (Verdict::Undecided, format!("{what}: {why}"))
        }
        None => match veiled(seen) {
            Some((carrier, why)) => {
                let what = "an attestation that may be an SBOM does not hold";
                (Verdict::Undecided, format!("{what} ({carrier}): {why}"))
            }
            None if choice.others.is_empty() => {
                (Verdict::Absent, format!("no SBOM is there{}", fallback(seen)))
            }
            None => (Verdict::Absent, "no SBOM of that type is there".to_owned()),
        },
    }
}
