//! Judging one sigstore bundle: the library's verdict, explained step by step.

use std::sync::Arc;

use sigstore_crypto::Error as CryptoError;
use sigstore_types::{Bundle, SignatureContent, bundle::VerificationMaterialContent};

use super::{
    Evidence, Format, Instance, Kind, Piece, PolicyAnswer, Verified, certificate,
    json::Ambiguity,
    key::TrustedKey,
    library,
    material::{self, Unreadable},
    root::TrustRoot,
    scheme::KeyKind,
    steps::{
        Context, Leaf, Outcome, SignedBy, chain, content, log, log_body, policy, sct, structure,
        time,
    },
};
use crate::domain::{
    Digest, Timestamp, Verdict,
    demand::{COSIGN_SIGN, Demand},
    simple_signing::SimpleSigning,
    statement::Statement,
    verdict::{Judgement, StepName, Steps, Terms},
};

const PARSE_CLAUSE: &str = "Sigstore bundle, sigstore_bundle.proto; RFC 8259 §4: names unique";

/// Against what a piece is judged.
#[derive(Clone, Copy)]
pub struct Case<'a> {
    /// Digests of the artifact; the first is the one it was resolved to.
    pub artifact: &'a [Digest],
    /// The artifact itself, where it is at hand.
    pub bytes: Option<&'a [u8]>,
    /// The trust root; `None` when it could not be read.
    pub root: Option<&'a TrustRoot>,
    /// The demanded key; `None` when it could not be read.
    pub key: Option<&'a Arc<TrustedKey>>,
    /// What is demanded.
    pub demand: Option<&'a Demand>,
    /// The time of judging.
    pub now: Timestamp,
}

/// A piece in the shape of a bundle, read strictly.
pub(super) struct Parsed {
    pub(super) bundle: Bundle,
    pub(super) format: Format,
    /// What was read, in words.
    pub(super) words: String,
    /// The payload of a legacy signature, which stands between signature and artifact.
    pub(super) payload: Option<Payload>,
    /// The layer of a legacy attestation, byte for byte.
    pub(super) layer: Option<Arc<[u8]>>,
}

/// A simple signing payload.
#[derive(Clone)]
pub(super) struct Payload {
    pub(super) bytes: Arc<[u8]>,
    pub(super) digests: Vec<Digest>,
    pub(super) simple: SimpleSigning,
}

/// Judges the bytes of one bundle. Cannot fail: what cannot be judged is an undecided piece.
pub fn judge(bytes: &[u8], case: Case<'_>) -> Piece {
    let bundle = match material::parse(bytes) {
        Ok(bundle) => bundle,
        Err(unreadable) => return unread(unreadable, case.demand),
    };
    let (format, words) = (material::format(&bundle), parsed_words(&bundle, bytes));
    judge_parsed(Parsed { bundle, format, words, payload: None, layer: None }, case)
}

/// Judges what was read.
pub(super) fn judge_parsed(parsed: Parsed, case: Case<'_>) -> Piece {
    let Parsed { bundle, format, words, payload, layer } = parsed;
    let mut steps = Steps::not_made("not made");
    let (statement, twofold) = statement(&bundle);
    match twofold.or_else(|| material::twofold_log_body(&bundle)) {
        Some(words) => steps.set(StepName::Parse, Verdict::Refuted, words, PARSE_CLAUSE),
        None => steps.set(StepName::Parse, Verdict::Proved, words, PARSE_CLAUSE),
    }
    let mut piece = Piece {
        format,
        kind: if payload.is_some() { Kind::Signature } else { kind(&bundle, statement.as_ref()) },
        predicate_type: predicate_type(statement.as_ref()),
        instance: Instance::WithLogs,
        steps,
        judgement: Judgement::Undecided,
        summary: String::new(),
        policy: PolicyAnswer::NotAsked,
        key: None,
        claims: None,
        signed_reference: payload.as_ref().map(|p| p.simple.reference.clone()),
        statement: None,
        logs: log::facts(&bundle.verification_material.tlog_entries),
        timestamps: vec![],
        warnings: vec![],
        look_up: None,
    };
    let signer = match (signed_by(&bundle, case), case.root) {
        (Ok(signer), Some(root)) => {
            let mut cx = Context {
                bundle: &bundle,
                root,
                artifact: case.artifact,
                bytes: case.bytes,
                demand: case.demand,
                now: case.now,
                signer: &signer,
                statement: statement.as_ref(),
                payload: payload.as_ref(),
                layer: layer.as_deref(),
                instance: Instance::WithLogs,
            };
            run(&mut cx, &mut piece);
            library::agree(&cx, &mut piece.steps);
            Some(signer)
        }
        (Ok(signer), None) => {
            waive_all(&mut piece.steps, &Outcome::undecided("the trust root could not be read"));
            Some(signer)
        }
        (Err(outcome), _) => {
            waive_all(&mut piece.steps, &outcome);
            None
        }
    };
    finish(piece, signer.as_ref(), statement, case.demand)
}

/// Runs every step; each reads the bundle anew and trusts none of its fields.
fn run(cx: &mut Context<'_>, piece: &mut Piece) {
    let steps = &mut piece.steps;
    let mut record = |name: StepName, outcome: Outcome, clause: &'static str| {
        let verdict = outcome.verdict;
        steps.set(name, verdict, outcome.detail, clause);
        verdict
    };
    let (stamps, facts, mut times) = time::timestamps(cx);
    piece.timestamps = facts;
    let stamped = record(StepName::Timestamp, stamps, time::TIMESTAMP_CLAUSE);
    let promised = record(StepName::Set, log::set(cx), log::SET_CLAUSE);
    times.extend(time::integrated(cx, promised == Verdict::Proved));
    // Where a source of time was there and fell, that step says why; this one only waits.
    let none = match (stamped, promised) {
        (Verdict::Absent, Verdict::Absent) if cx.needs_no_time() => {
            Outcome::absent("a key that was not logged has no time")
        }
        (Verdict::Absent, Verdict::Absent) => {
            Outcome::refuted("no timestamp and no signed entry timestamp: nothing tells the time")
        }
        _ => Outcome::undecided("waits for a timestamp or a signed entry timestamp that holds"),
    };
    let signed = time::signed_time(cx, &times, none);
    record(StepName::SignedTime, signed, time::SIGNED_TIME_CLAUSE);
    let (path, issuer, instance) = chain::check(cx, &times);
    record(StepName::Chain, path, chain::CLAUSE);
    // Only now is it known whose rules hold.
    (cx.instance, piece.instance) = (instance, instance);
    if let Some(foreign) = time::not_by_github(cx, &times) {
        record(StepName::Timestamp, foreign, time::TIMESTAMP_CLAUSE);
    }
    record(StepName::Structure, structure::check(cx), structure::CLAUSE);
    record(StepName::Sct, sct::check(cx, issuer.as_ref()), sct::CLAUSE);
    record(StepName::Inclusion, log::inclusion(cx), log::INCLUSION_CLAUSE);
    record(StepName::Checkpoint, log::checkpoint(cx, &times), log::CHECKPOINT_CLAUSE);
    record(StepName::Signature, content::signature(cx), content::SIGNATURE_CLAUSE);
    record(StepName::Subject, content::subject(cx), content::SUBJECT_CLAUSE);
    record(StepName::LogEntry, log_body::check(cx), log_body::CLAUSE);
    record(StepName::Claims, Outcome::absent("not demanded"), "");
    let annotations = policy::annotations(cx);
    record(StepName::Annotations, annotations, policy::ANNOTATIONS_CLAUSE);
    piece.policy = match cx.signer {
        SignedBy::Certificate(leaf) => policy::check(&leaf.claims, cx, &mut piece.steps),
        SignedBy::Key(key) => policy::check_key(key, &mut piece.steps),
    };
}

/// Who can have signed; `Err` says why that cannot be judged, or cannot be the demanded signer.
fn signed_by(bundle: &Bundle, case: Case<'_>) -> Result<SignedBy, Outcome> {
    let bare_key =
        matches!(bundle.verification_material.content, VerificationMaterialContent::PublicKey(_));
    match (case.demand, case.demand.and_then(Demand::key), bare_key) {
        (_, Some(_), true) => {
            let key = case.key.ok_or_else(|| Outcome::undecided("the key could not be read"))?;
            Ok(SignedBy::Key(Arc::clone(key)))
        }
        // Contract: with --key only a signature by that key counts; a certificate proves nothing.
        (_, Some(_), false) => {
            Err(Outcome::refuted("signed with a certificate, not with the demanded key"))
        }
        (Some(_), None, true) => {
            Err(Outcome::refuted("signed with a bare key: there is no certificate, so no identity"))
        }
        (None, None, true) => Err(Outcome::undecided("signed with a bare key; --key judges it")),
        (_, None, false) => leaf(bundle).map(|leaf| SignedBy::Certificate(Box::new(leaf))),
    }
}

fn leaf(bundle: &Bundle) -> Result<Leaf, Outcome> {
    let empty = || Outcome::refuted("the certificate chain is empty");
    let der = bundle.signing_certificate().cloned().ok_or_else(empty)?;
    let claims = certificate::claims(&der).map_err(Outcome::refuted)?;
    let key = certificate::public_key(&der).map_err(Outcome::refuted)?;
    let kind = KeyKind::of(&key).map_err(|e| match e {
        // An algorithm that is not known here says nothing against whoever uses it.
        CryptoError::InvalidKey(_) | CryptoError::UnsupportedAlgorithm(_) => {
            Outcome::undecided(format!("the certificate's key is not supported: {e}"))
        }
        _ => Outcome::refuted(e.to_string()),
    })?;
    Ok(Leaf { der, key, kind, claims })
}

/// The statement of an envelope, and why two readers would read two of them.
fn statement(bundle: &Bundle) -> (Option<Result<Statement, String>>, Option<String>) {
    let SignatureContent::DsseEnvelope(envelope) = &bundle.content else { return (None, None) };
    let payload = envelope.payload.as_bytes();
    match super::json::refuse_other_shapes(payload, &material::STATEMENT) {
        Ok(()) => (Some(Statement::parse(payload).map_err(|e| e.to_string())), None),
        Err(Ambiguity::Twofold(words)) => {
            (Some(Err(words.clone())), Some(format!("the statement: {words}")))
        }
        Err(malformed) => (Some(Err(malformed.to_string())), None),
    }
}

const fn kind(bundle: &Bundle, statement: Option<&Result<Statement, String>>) -> Kind {
    match (&bundle.content, statement) {
        (SignatureContent::MessageSignature(_), _) => Kind::MessageSignature,
        (_, Some(Ok(_))) => Kind::Attestation,
        _ => Kind::Unknown,
    }
}

fn predicate_type(statement: Option<&Result<Statement, String>>) -> Option<String> {
    statement?.as_ref().ok().map(|s| s.predicate_type.clone())
}

fn parsed_words(bundle: &Bundle, bytes: &[u8]) -> String {
    let kind = match &bundle.content {
        SignatureContent::DsseEnvelope(_) => "DSSE envelope",
        _ => "message signature",
    };
    format!("{}, {kind}, {} bytes", bundle.media_type, bytes.len())
}

/// Every evidence step for the same reason; `parse` keeps what it established.
fn waive_all(steps: &mut Steps, outcome: &Outcome) {
    for name in StepName::ALL {
        let first = name == StepName::Structure;
        let verdict = if first { outcome.verdict } else { Verdict::Undecided };
        if name != StepName::Parse {
            steps.set(name, verdict, outcome.detail.clone(), "");
        }
    }
}

pub(super) fn unread(unreadable: Unreadable, demand: Option<&Demand>) -> Piece {
    let why = "waits for a bundle that can be read";
    let mut piece = Piece::not_judged(Format::Unknown, Kind::Unknown, why);
    let (verdict, words) = match unreadable {
        Unreadable::Undecided(words) => (Verdict::Undecided, words),
        Unreadable::Refuted(words) => (Verdict::Refuted, words),
    };
    piece.steps.set(StepName::Parse, verdict, words, PARSE_CLAUSE);
    let terms = piece.terms(demand);
    piece.judgement = piece.steps.judgement(&terms);
    piece.summary = summary(&piece, &terms, None);
    piece
}

/// Folds the steps and hands out the facts, verified only where the evidence holds.
fn finish(
    mut piece: Piece,
    signer: Option<&SignedBy>,
    statement: Option<Result<Statement, String>>,
    demand: Option<&Demand>,
) -> Piece {
    fn evidence<T>(holds: bool, fact: T) -> Evidence<T> {
        if holds { Evidence::Verified(Verified(fact)) } else { Evidence::Observed(fact) }
    }
    let terms = piece.terms(demand);
    let holds = piece.steps.evidence_holds(&terms);
    piece.judgement = piece.steps.judgement(&terms);
    let leaf = signer.and_then(SignedBy::leaf);
    let identity = match signer {
        Some(SignedBy::Key(key)) => Some(key.words().to_owned()),
        _ => leaf.and_then(|l| l.claims.identity()).map(|san| san.value().to_owned()),
    };
    if let Some(SignedBy::Key(key)) = signer
        && piece.steps.get(StepName::Signature).verdict == Verdict::Proved
    {
        piece.key = Some(key.fingerprint().to_owned());
    }
    piece.summary = summary(&piece, &terms, identity.as_deref());
    hide_hearsay(&mut piece);
    piece.claims = leaf.map(|leaf| evidence(holds, leaf.claims.clone()));
    piece.statement = statement.and_then(Result::ok).map(|s| evidence(holds, Arc::new(s)));
    if piece.predicate_type.as_deref() == Some(COSIGN_SIGN) {
        piece.kind = Kind::Signature;
    }
    piece
}

/// Takes out what nothing vouches for: only the signed entry timestamp covers the integrated time
/// and, for Rekor v1, the log index; a report must not repeat what anybody could have written.
fn hide_hearsay(piece: &mut Piece) {
    let holds = |name| piece.steps.get(name).verdict == Verdict::Proved;
    let promised = holds(StepName::Set);
    let included = holds(StepName::Inclusion) && holds(StepName::Checkpoint);
    for log in &mut piece.logs {
        if !promised {
            log.integrated_time = None;
        }
        let one_index = log.kind == "hashedrekord 0.0.2";
        if !(promised || included && one_index) {
            log.log_index = None;
        }
    }
}

fn summary(piece: &Piece, terms: &Terms, identity: Option<&str>) -> String {
    let signer = identity.unwrap_or("no readable identity");
    let signer = match piece.instance {
        Instance::WithLogs => signer.to_owned(),
        Instance::GitHub => format!("{signer} (GitHub's own instance: no public log)"),
    };
    match piece.judgement {
        Judgement::Proved => format!("signed by {signer}"),
        Judgement::Valid => format!("{}: {signer}", piece.judgement.words()),
        Judgement::Undecided | Judgement::Refuted => piece.steps.decisive(terms).map_or_else(
            || piece.judgement.words().to_owned(),
            |step| format!("{}: {}", step.name.word(), step.detail),
        ),
    }
}
