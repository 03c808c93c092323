//! `timestamp` and `signed-time`: when the signature was made, by clocks that are trusted.

use sigstore_types::{SignatureBytes, TimestampToken};

use super::{Context, Outcome, signature_of, structure::is_rekor_v2};
use crate::{
    domain::Timestamp,
    verify::{Instance, TimestampFacts, github::is_timestamp_authority, root::window},
};

pub(crate) const TIMESTAMP_CLAUSE: &str = "RFC 3161 §2.4.2; Sigstore client spec §Timestamps";
pub(crate) const SIGNED_TIME_CLAUSE: &str =
    "Sigstore client spec §Verification: time of signing; RFC 5280 §4.1.2.5";

/// An authenticated time and who vouches for it.
#[derive(Clone)]
pub(crate) struct SignedTime {
    pub(crate) at: Timestamp,
    pub(crate) by: String,
    /// Whether GitHub's own timestamp authority says so.
    pub(crate) githubs: bool,
}

/// Verifies every RFC 3161 token over the signature bytes.
///
/// RFC 3161 §2.4.2: the messageImprint must be the hash of what was stamped. Here that is the
/// signature, so a token taken from another bundle stamps another signature and is refused.
pub(crate) fn timestamps(cx: &Context<'_>) -> (Outcome, Vec<TimestampFacts>, Vec<SignedTime>) {
    let tokens = &cx.bundle.verification_material.timestamp_verification_data.rfc3161_timestamps;
    let Some(signature) = signature_of(cx.bundle) else {
        return (Outcome::undecided("no signature to stamp"), vec![], vec![]);
    };
    if tokens.is_empty() {
        // Contract: "a demanded property missing from a piece that is there" contradicts.
        let outcome = if cx.demand.is_some_and(|d| d.signed_timestamps) {
            Outcome::refuted("no RFC 3161 timestamp, and --use-signed-timestamps demands one")
        } else {
            Outcome::absent("no RFC 3161 timestamp")
        };
        return (outcome, vec![], vec![]);
    }
    if cx.root.tsas.is_empty() {
        let why = "the trust root has no timestamp authority to judge the token by";
        let facts = tokens.iter().map(|_| TimestampFacts { time: None, detail: why.into() });
        return (Outcome::undecided(why), facts.collect(), vec![]);
    }
    let (mut facts, mut times, mut outcomes) = (vec![], vec![], vec![]);
    for token in tokens {
        match one_token(cx, &token.signed_timestamp, signature) {
            Ok(time) => {
                let detail = format!("{} by {}", time.at, time.by);
                facts.push(TimestampFacts { time: Some(time.at), detail: detail.clone() });
                outcomes.push(Outcome::holds(detail));
                times.push(time);
            }
            Err(why) => {
                facts.push(TimestampFacts { time: None, detail: why.clone() });
                outcomes.push(Outcome::refuted(why));
            }
        }
    }
    let all = Outcome::all(outcomes);
    (all.unwrap_or_else(|| Outcome::absent("no RFC 3161 timestamp")), facts, times)
}

/// Each authority is tried by itself: a token of one whose window excludes the time is not rescued
/// by the window of another.
fn one_token(
    cx: &Context<'_>,
    token: &TimestampToken,
    signature: &SignatureBytes,
) -> Result<SignedTime, String> {
    let mut last = String::new();
    for (index, authority) in cx.root.tsas.iter().enumerate() {
        match sigstore_tsa::verify_timestamp_for_authority(token, signature, authority) {
            Ok(at) if at > cx.now => return Err(format!("{at} lies in the future")),
            Ok(at) => {
                let by = format!("TSA[{index}] ({})", window(authority.valid_for));
                let githubs = is_timestamp_authority(authority);
                return Ok(SignedTime { at, by, githubs });
            }
            Err(e) => last = e.to_string(),
        }
    }
    let hint = cx.root.stale_hint();
    Err(format!("no timestamp authority of the trust root signed it: {last}{hint}"))
}

/// Contract: under GitHub's own instance "the time must come from its TSA".
///
/// `Some` refutes: nothing else stands for the log that this instance does not keep.
pub(crate) fn not_by_github(cx: &Context<'_>, times: &[SignedTime]) -> Option<Outcome> {
    let foreign = cx.instance == Instance::GitHub && !times.iter().any(|time| time.githubs);
    foreign.then(|| Outcome::refuted("GitHub's own timestamp authority does not tell the time"))
}

/// The integrated times of Rekor v1 entries whose promise was verified.
///
/// Only the signed entry timestamp covers `integratedTime`; an inclusion proof does not, so a time
/// beside a proof alone is hearsay.
pub(crate) fn integrated(cx: &Context<'_>, set_holds: bool) -> Vec<SignedTime> {
    let entries = cx.bundle.verification_material.tlog_entries.iter();
    let promised = entries.filter(|e| e.inclusion_promise.is_some() && !is_rekor_v2(e));
    let times = promised.filter_map(|entry| {
        let by = cx.root.log_name(entry.log_id.key_id.as_bytes());
        Some(SignedTime { at: entry.integrated_time?, by, githubs: false })
    });
    if set_holds { times.collect() } else { vec![] }
}

/// Every authenticated time must lie in the certificate's window.
///
/// Every one, not the earliest: a single backdated timestamp of one compromised authority must not
/// vouch for a key that had expired.
pub(crate) fn signed_time(cx: &Context<'_>, times: &[SignedTime], why_none: Outcome) -> Outcome {
    let Some(leaf) = cx.signer.leaf() else {
        // A key has no window that a time could lie outside of.
        let each = times.iter().map(|time| Outcome::holds(format!("{} by {}", time.at, time.by)));
        return Outcome::all(each).unwrap_or(why_none);
    };
    let (from, to) = (leaf.claims.not_before, leaf.claims.not_after);
    let each = times.iter().map(|time| {
        let words = format!("{} by {}", time.at, time.by);
        if time.at < from {
            Outcome::refuted(format!("{words} is before the certificate's window ({from} → {to})"))
        } else if time.at > to {
            Outcome::refuted(format!("{words} is after the certificate's window ({from} → {to})"))
        } else {
            Outcome::holds(words)
        }
    });
    match Outcome::all(each) {
        Some(outcome) if outcome.verdict == crate::domain::Verdict::Proved => {
            Outcome::holds(format!("{}; inside {from} → {to}", outcome.detail))
        }
        Some(outcome) => outcome,
        None => why_none,
    }
}
