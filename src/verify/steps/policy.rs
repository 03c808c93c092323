//! `identity`, `issuer`, `claims`, `annotations`: the signer is the demanded one.

use std::collections::BTreeMap;

use super::{Context, Outcome};
use crate::{
    domain::{
        Verdict,
        claims::{Claims, San},
        demand::{Demand, Matcher, Signer},
        statement::SubjectMatch,
        verdict::{StepName, Steps},
    },
    verify::{PolicyAnswer, key::TrustedKey},
};

pub(crate) const IDENTITY_CLAUSE: &str =
    "Fulcio certificate profile: exactly one SAN; Sigstore client spec §Policy";
pub(crate) const ISSUER_CLAUSE: &str = "Fulcio oid-info, 1.3.6.1.4.1.57264.1.8 and .1.1";

pub(crate) const CLAIMS_CLAUSE: &str = "Fulcio oid-info, 1.3.6.1.4.1.57264.1.1 to .24";

pub(crate) const ANNOTATIONS_CLAUSE: &str = "cosign verify -a: annotations of the signed subject";

/// Key mode: the signature by the demanded key is all the policy there is.
pub(crate) fn check_key(key: &TrustedKey, steps: &mut Steps) -> PolicyAnswer {
    let none = || Outcome::absent("a key has no certificate");
    record(steps, none(), none());
    // What the key did not sign is refused in `signature`; the answer here follows it.
    let signed = steps.get(StepName::Signature).verdict == Verdict::Proved;
    let detail = format!("{} was demanded", key.words());
    steps.set(StepName::Claims, Verdict::Absent, detail, CLAIMS_CLAUSE);
    if signed { PolicyAnswer::Matched } else { PolicyAnswer::Mismatched }
}

/// Compares demanded annotations with those of a signed subject.
///
/// They are part of the signed payload, unlike the annotations of the manifest around it.
pub(crate) fn annotations(cx: &Context<'_>) -> Outcome {
    let demanded = cx.demand.map(|d| d.annotations.as_slice()).unwrap_or_default();
    if demanded.is_empty() {
        return Outcome::absent("not demanded");
    }
    let signed: Vec<&BTreeMap<String, String>> = match (cx.payload, cx.statement) {
        (Some(payload), _) => vec![&payload.simple.optional],
        // Of the subject that is this artifact: another one's annotations say nothing of it.
        (None, Some(Ok(statement))) => match statement.names(cx.artifact) {
            SubjectMatch::Named(index) => {
                statement.subjects.get(index).map(|s| &s.annotations).into_iter().collect()
            }
            // Whether one is this artifact is not known.
            SubjectMatch::UpperCase(_) | SubjectMatch::NotComparable => {
                return Outcome::undecided("waits for a subject that is this artifact");
            }
            SubjectMatch::NotNamed | SubjectMatch::Contradicts(..) => {
                return Outcome::refuted("no subject is this artifact, so it has no annotations");
            }
        },
        _ => return Outcome::refuted("nothing is signed that could hold annotations"),
    };
    let has = |(key, value): &(String, String)| signed.iter().any(|a| a.get(key) == Some(value));
    match demanded.iter().find(|wanted| !has(wanted)) {
        Some((key, value)) => Outcome::refuted(format!("it is not annotated {key}={value}")),
        None => {
            let words: Vec<String> = demanded.iter().map(|(k, v)| format!("{k}={v}")).collect();
            Outcome::holds(words.join(", "))
        }
    }
}

/// Compares identity and issuer with the demand, as pairs.
pub(crate) fn check(claims: &Claims, cx: &Context<'_>, steps: &mut Steps) -> PolicyAnswer {
    let identity = match claims.sans.as_slice() {
        [San::Other(value)] => Err(format!("a subject alternative name of no kind: {value}")),
        // A URI or address has none; a regexp would skip over what a reader cannot see.
        [one] if one.value().chars().any(char::is_control) => {
            Err("the subject alternative name holds control characters".to_owned())
        }
        [one] => Ok(one.value()),
        [] => Err("the certificate has no subject alternative name".to_owned()),
        many => Err(format!("the certificate has {} subject alternative names", many.len())),
    };
    let issuer = issuer(claims);
    let Some(demand) = cx.demand else {
        let words = |found: &Result<&str, String>| match found {
            Ok(value) => Outcome::undecided(format!("{value}; not demanded")),
            Err(why) => Outcome::refuted(why.clone()),
        };
        record(steps, words(&identity), words(&issuer));
        return PolicyAnswer::NotAsked;
    };
    let (identity, issuer) = match best(demand.signers(), &identity, &issuer) {
        Some(outcomes) => outcomes,
        None => (Outcome::undecided("no signer named"), Outcome::undecided("no signer named")),
    };
    let matched = identity.verdict == Verdict::Proved && issuer.verdict == Verdict::Proved;
    record(steps, identity, issuer);
    let claimed = demanded_claims(claims, &demand.claims, release(cx, demand));
    let matched = matched && !matches!(claimed.verdict, Verdict::Refuted);
    steps.set(StepName::Claims, claimed.verdict, claimed.detail, CLAIMS_CLAUSE);
    if matched { PolicyAnswer::Matched } else { PolicyAnswer::Mismatched }
}

/// Contract: a claim is compared exactly, and a missing one compares as the empty string.
fn demanded_claims(
    claims: &Claims,
    demanded: &[(u8, Matcher)],
    release: Option<Outcome>,
) -> Outcome {
    let each = demanded.iter().map(|(number, wanted)| {
        let found = claims.fulcio(*number).unwrap_or_default();
        if wanted.matches(found) {
            Outcome::holds(format!(".{number} = {found}"))
        } else {
            Outcome::refuted(format!(".{number} is {found:?}, wanted {}", wanted.words()))
        }
    });
    Outcome::all(each.chain(release)).unwrap_or_else(|| Outcome::absent("not demanded"))
}

/// GitHub's certificate for releases names no repository, so the signed statement must.
///
/// Otherwise GitHub's attestation of a look-alike release would vouch for a demanded one.
fn release(cx: &Context<'_>, demand: &Demand) -> Option<Outcome> {
    let release = demand.release()?;
    Some(match cx.statement {
        Some(Ok(statement)) => match release.compare(statement) {
            Ok(words) => Outcome::holds(words),
            Err(words) => Outcome::refuted(words),
        },
        _ => Outcome::refuted("nothing is signed that names a release"),
    })
}

fn record(steps: &mut Steps, identity: Outcome, issuer: Outcome) {
    steps.set(StepName::Identity, identity.verdict, identity.detail, IDENTITY_CLAUSE);
    steps.set(StepName::Issuer, issuer.verdict, issuer.detail, ISSUER_CLAUSE);
}

/// `.1.8`, and `.1.1` must agree where both are there: verifiers differ in which of them they read.
fn issuer(claims: &Claims) -> Result<&str, String> {
    match (claims.fulcio(8), claims.fulcio(1)) {
        (Some(new), Some(old)) if new != old => {
            Err(format!("the certificate names two issuers, {new} (.1.8) and {old} (.1.1)"))
        }
        // Contract: a missing issuer compares as the empty string.
        (new, old) => Ok(new.or(old).unwrap_or_default()),
    }
}

/// The outcomes of the accepted signer that comes closest; a pair holds as a pair only.
fn best(
    signers: &[Signer],
    identity: &Result<&str, String>,
    issuer: &Result<&str, String>,
) -> Option<(Outcome, Outcome)> {
    let each = signers
        .iter()
        .map(|signer| (compared(identity, &signer.identity), compared(issuer, &signer.issuer)));
    let holds = |o: &Outcome| usize::from(o.verdict == Verdict::Proved);
    each.max_by_key(|(identity, issuer)| 2 * holds(identity) + holds(issuer))
}

/// One value and everything that is demanded of it; what demands nothing proves nothing.
fn compared(value: &Result<&str, String>, wanted: &[Matcher]) -> Outcome {
    let words = wanted.iter().map(Matcher::words).collect::<Vec<_>>().join(" and ");
    match value {
        _ if wanted.is_empty() => Outcome::undecided("not demanded"),
        Ok(value) if wanted.iter().all(|m| m.matches(value)) => {
            Outcome::holds(format!("{value} {words}"))
        }
        Ok(value) => Outcome::refuted(format!("{value}, wanted {words}")),
        Err(why) => Outcome::refuted(why.clone()),
    }
}
