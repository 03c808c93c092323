//! The JSON report, `"schema": 1`. Strings are exact: nothing is escaped for terminals here.

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::{cosign, inside, policy, predicate, sbom::Section};

use crate::{
    domain::{
        Digest, Timestamp, Verdict,
        claims::FULCIO,
        demand::{Matcher, Wanted},
        identity_lint::Finding,
        verdict::{Answer, Step},
    },
    inspect::{
        CheckId, CheckKind, CheckState, Facts, FoundPiece, Inspection, RootFacts, RootSource,
        Subject, advice, predicates,
        sboms::{carrier_of, choose},
        verdict::overall,
    },
    verify::{Kind, LogFacts, PolicyAnswer},
};

/// One target's report.
#[derive(Serialize)]
pub struct Report {
    schema: u8,
    target: String,
    digest: Option<String>,
    layer_of: Option<Value>,
    media_type: Option<String>,
    resolved_at: Option<Timestamp>,
    platform: Option<String>,
    index: Option<String>,
    signature_repository: Option<String>,
    verdict: &'static str,
    reason: String,
    waived: Vec<String>,
    demanded: Option<Value>,
    cosign: cosign::Cosign,
    trust_root: TrustRootReport,
    checks: Vec<Check>,
    signatures: Vec<Signature>,
    attestations: Vec<Attestation>,
    attachments: Vec<Value>,
    sbom: Option<Value>,
    tree: Vec<Value>,
    chart: Option<Value>,
    suggestions: Vec<Value>,
    policy_lint: Vec<Value>,
    warnings: Vec<Warning>,
}

#[derive(Serialize)]
struct TrustRootReport {
    name: String,
    source: &'static str,
    date: Option<String>,
}

#[derive(Serialize)]
struct Check {
    id: &'static str,
    subject: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<String>,
    verdict: &'static str,
    summary: String,
    ms: Option<u64>,
    steps: Vec<StepReport>,
}

#[derive(Serialize)]
struct StepReport {
    name: &'static str,
    verdict: &'static str,
    detail: String,
    source: &'static str,
}

#[derive(Serialize)]
struct Signature {
    source: &'static str,
    digest: String,
    format: &'static str,
    kind: &'static str,
    predicate_type: Option<String>,
    verdict: &'static str,
    reason: String,
    policy: &'static str,
    key: Option<String>,
    steps: Vec<StepReport>,
    identity: Option<String>,
    issuer: Option<String>,
    claims: Map<String, Value>,
    claims_verified: bool,
    logs: Vec<Value>,
    timestamps: Vec<Value>,
    cosign: Option<&'static str>,
    gh_claims: Option<Value>,
}

#[derive(Serialize)]
struct Attestation {
    predicate_type: String,
    signature: usize,
    subjects: Vec<Value>,
    summary: Value,
    age: Value,
    verified: bool,
}

#[derive(Serialize)]
struct Warning {
    code: &'static str,
    message: String,
}

impl Report {
    /// The same with another answer about the SBOM.
    #[must_use]
    pub fn with_sbom(self, sbom: Option<Value>) -> Self {
        Self { sbom, ..self }
    }

    /// The report of an SBOM that lies in a file: nothing vouches for it, and nobody was asked.
    pub(super) fn of_document(target: String, digest: String, sbom: Value) -> Self {
        let nobody = RootSource::Embedded.words();
        Self {
            schema: 1,
            target,
            digest: Some(digest),
            layer_of: None,
            media_type: None,
            resolved_at: None,
            platform: None,
            index: None,
            signature_repository: None,
            verdict: Verdict::Undecided.word(),
            reason: "UNVERIFIED: nothing vouches for a file by itself".to_owned(),
            waived: vec![],
            demanded: None,
            cosign: cosign::Cosign::unknown("nothing vouches for a file by itself"),
            trust_root: TrustRootReport { name: nobody.0, source: nobody.1, date: None },
            checks: vec![],
            signatures: vec![],
            attestations: vec![],
            attachments: vec![],
            sbom: Some(sbom),
            tree: vec![],
            chart: None,
            suggestions: vec![],
            policy_lint: vec![],
            warnings: vec![],
        }
    }
}

/// Builds the report of a finished inspection.
pub fn report(seen: &Inspection) -> Report {
    let overall = overall(seen);
    let pieces: Vec<&FoundPiece> = seen.pieces().map(|(_, piece)| piece).collect();
    let resolved = seen.resolved();
    let lint = advice::lint(seen);
    Report {
        schema: 1,
        target: seen.subject.to_string(),
        digest: seen.own_digest().map(ToString::to_string),
        layer_of: layer_of(seen),
        media_type: resolved.map(|r| r.fetched.descriptor.media_type.clone()),
        resolved_at: resolved_at(seen),
        platform: seen.scope.platform.as_ref().map(ToString::to_string),
        index: seen.index().map(|index| index.digest.to_string()),
        signature_repository: seen.apart().map(ToString::to_string),
        verdict: overall.verdict.word(),
        reason: overall.reason,
        waived: waived(seen),
        demanded: demanded(seen),
        cosign: cosign::answer(seen, &pieces),
        trust_root: trust_root(seen),
        checks: seen.checks.iter().map(|(id, state)| check(seen, id, state)).collect(),
        signatures: pieces.iter().map(|found| signature(found, seen)).collect(),
        attestations: attestations(seen, &pieces),
        attachments: predicate::attachments(seen),
        sbom: sbom(seen),
        tree: inside::tree(seen),
        chart: inside::chart(seen),
        suggestions: policy::suggestions(seen, &pieces),
        policy_lint: policy::lint(&lint),
        warnings: warnings(seen, &lint),
    }
}

/// The artifact that a file is compared with, under its own digest.
fn layer_of(seen: &Inspection) -> Option<Value> {
    let Subject::Layer { reference, .. } = &seen.subject else { return None };
    let digest = seen.digest().map(ToString::to_string);
    Some(json!({ "reference": reference.to_string(), "digest": digest }))
}

/// The steps that a named flag waived.
fn waived(seen: &Inspection) -> Vec<String> {
    let waived = seen.demand.iter().flat_map(|d| &d.waived);
    waived.map(|name| name.word().to_owned()).collect()
}

/// What was demanded, so that a stored verdict says what it is a verdict about.
fn demanded(seen: &Inspection) -> Option<Value> {
    let demand = seen.demand.as_ref()?;
    let signers = demand.signers().iter().map(|signer| {
        let words = |all: &[Matcher]| all.iter().map(Matcher::words).collect::<Vec<_>>();
        json!({ "identity": words(&signer.identity), "issuer": words(&signer.issuer) })
    });
    let claims = demand.claims.iter().map(|(number, value)| {
        let known = FULCIO.iter().find(|(n, ..)| n == number).map(|(.., key)| *key);
        json!({ "claim": known, "value": value.words() })
    });
    Some(json!({
        "flags": demand.words,
        "what": demand.wanted.iter().map(Wanted::words).collect::<Vec<_>>(),
        "signers": signers.collect::<Vec<_>>(),
        "key": demand.key().map(|path| path.display().to_string()),
        "keys": demand.keys().iter().map(|path| path.display().to_string()).collect::<Vec<_>>(),
        "claims": claims.collect::<Vec<_>>(),
        "annotations": demand.annotations,
        "signed_timestamps": demand.signed_timestamps,
        "rules": policy::rules(demand),
    }))
}

fn resolved_at(seen: &Inspection) -> Option<Timestamp> {
    let resolve = seen.checks.iter().find(|(id, _)| id.kind == CheckKind::Resolve)?;
    match resolve.1 {
        CheckState::Done { at, .. } => Some(*at),
        CheckState::Running { .. } => None,
    }
}

fn trust_root(seen: &Inspection) -> TrustRootReport {
    match seen.finding(CheckKind::TrustRoot).map(|f| &f.facts) {
        Some(Facts::Root(RootFacts { root, .. })) => TrustRootReport {
            name: root.name().to_owned(),
            source: root.source(),
            date: root.date().map(str::to_owned),
        },
        _ => {
            let (name, source) = seen.root.words();
            TrustRootReport { name, source, date: None }
        }
    }
}

fn check(seen: &Inspection, id: &CheckId, state: &CheckState) -> Check {
    let (answer, summary, ms) = match state {
        CheckState::Done { finding, ms, .. } => {
            (finding.answer, finding.summary.clone(), Some(*ms))
        }
        CheckState::Running { .. } => (Answer::Undecided, "not finished".into(), None),
    };
    let (subject, file) = match id.kind {
        CheckKind::Sbom => (carrier_of(seen, id), None),
        _ => about(id, state),
    };
    Check {
        id: id.kind.word(),
        subject: subject.map(ToString::to_string),
        file,
        verdict: answer.word(),
        summary,
        ms,
        steps: vec![],
    }
}

/// What a check is of: a digest, and for files their name; the id of such a row is no digest.
fn about<'a>(id: &'a CheckId, state: &'a CheckState) -> (Option<&'a Digest>, Option<String>) {
    let CheckState::Done { finding, .. } = state else { return (id.subject.as_ref(), None) };
    match &finding.facts {
        Facts::File(file) => (file.digest.as_ref(), Some(file.name.clone())),
        Facts::List(list) => (list.itself.digests.first(), Some(list.name.clone())),
        _ => (id.subject.as_ref(), None),
    }
}

/// Without a demand nothing is called proved, a step neither.
fn step(step: &Step, demanded: bool) -> StepReport {
    StepReport {
        name: step.name.word(),
        verdict: Answer::of_step(step.verdict, demanded).word(),
        detail: step.detail.clone(),
        source: step.source,
    }
}

fn signature(found: &FoundPiece, seen: &Inspection) -> Signature {
    let demanded = seen.demand.is_some();
    let piece = &found.piece;
    let claims = piece.claims.as_ref();
    let known = claims.map(crate::verify::Evidence::get);
    Signature {
        source: found.source.word(),
        digest: found.carrier.to_string(),
        format: piece.format.word(),
        kind: match piece.kind {
            Kind::Signature | Kind::MessageSignature => "signature",
            Kind::Attestation => "attestation",
            Kind::Unknown => "unknown",
        },
        predicate_type: piece.predicate_type.clone(),
        verdict: piece.judgement.words(),
        reason: piece.summary.clone(),
        policy: match piece.policy {
            PolicyAnswer::Matched => "matched",
            PolicyAnswer::Mismatched => "mismatched",
            PolicyAnswer::NotAsked => "not-asked",
        },
        key: piece.key.as_ref().map(|hex| format!("sha256:{hex}")),
        steps: piece.steps.iter().map(|s| step(s, demanded)).collect(),
        identity: known.and_then(|c| c.identity()).map(|san| san.value().to_owned()),
        issuer: known.and_then(|c| c.issuer()).map(str::to_owned),
        claims: known.map(claim_map).unwrap_or_default(),
        claims_verified: claims.is_some_and(|c| c.verified().is_some()),
        logs: piece.logs.iter().map(log).collect(),
        timestamps: piece
            .timestamps
            .iter()
            .map(|t| json!({ "time": t.time, "detail": t.detail }))
            .collect(),
        cosign: cosign::of_piece(seen, found),
        gh_claims: policy::github_claims(seen, found),
    }
}

fn claim_map(claims: &crate::domain::claims::Claims) -> Map<String, Value> {
    let named = claims.extensions.iter().filter_map(|e| Some((e.key()?, &e.value)));
    named.map(|(key, value)| (key.to_owned(), Value::from(value.as_str()))).collect()
}

fn log(log: &LogFacts) -> Value {
    json!({
        "kind": log.kind,
        "log_index": log.log_index,
        "proof_index": log.proof_index,
        "tree_size": log.tree_size,
        "log_id": log.log_id,
        "integrated_time": log.integrated_time,
        "root_hash": log.root_hash,
        "origin": log.origin,
    })
}

fn attestations(seen: &Inspection, pieces: &[&FoundPiece]) -> Vec<Attestation> {
    let ages = predicates::ages(seen);
    let attests = |found: &FoundPiece| found.piece.kind == Kind::Attestation;
    let statements =
        pieces.iter().enumerate().filter(|(_, f)| attests(f)).filter_map(|(signature, found)| {
            let statement = found.piece.statement.as_ref()?.get();
            let subjects = statement.subjects.iter();
            Some(Attestation {
                predicate_type: statement.predicate_type.clone(),
                signature,
                subjects: subjects
                    .map(|s| json!({ "name": s.name, "digest": s.digests }))
                    .collect(),
                summary: predicate::summary(statement),
                age: predicate::age(ages.get(signature).copied().flatten()),
                verified: found.piece.statement.as_ref().is_some_and(|s| s.verified().is_some()),
            })
        });
    statements.collect()
}

/// The SBOM that is read by the contract; without a verified one the first that was read.
fn sbom(seen: &Inspection) -> Option<Value> {
    let chosen = choose(seen).newest.first().map(|(_, facts)| *facts);
    let facts = chosen.or_else(|| seen.sboms().map(|(_, facts)| facts).next())?;
    let section = Section {
        sbom: &facts.sbom,
        attested: facts.attested,
        platform: facts.platform.as_deref(),
        carrier: Some(&facts.carrier),
        hits: &[],
        undecided: None,
        licences: None,
    };
    Some(section.value())
}

fn warnings(seen: &Inspection, lint: &[Finding]) -> Vec<Warning> {
    let done = seen.checks.values().filter_map(|state| match state {
        CheckState::Done { finding, .. } => Some(finding),
        CheckState::Running { .. } => None,
    });
    let each = done.flat_map(|finding| finding.warnings.iter());
    let of_policy = lint.iter().map(|f| Warning { code: f.report_code(), message: f.message() });
    let of_checks = each.map(|(code, message)| Warning { code, message: message.clone() });
    let moved = seen.moved().map(|m| Warning { code: m.code(), message: m.message() });
    moved.into_iter().chain(of_checks).chain(of_policy).collect()
}
