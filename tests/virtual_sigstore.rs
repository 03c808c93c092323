//! A Sigstore of our own signs what no real one would: for each step a bundle that fails in that
//! step, while every other step holds or waits for it, and is refused for that reason.
#![allow(clippy::unwrap_used, missing_docs, reason = "a test that cannot go on panics")]

#[path = "common/judging.rs"]
mod judging;
#[path = "common/virtual_sigstore/mod.rs"]
mod virtual_sigstore;

use judging::{case, signed_by};
use serde_json::{Value, json};
use sigscope::{
    domain::{
        Digest, Verdict,
        demand::{Demand, Matcher},
        digest::Algorithm,
        steps::StepName,
        verdict::Judgement,
    },
    verify::{Piece, judge, root::TrustRoot},
};
use virtual_sigstore::{IDENTITY, ISSUER, LogKind, Other, Recipe, SIGNED, Sigstore, Usage, time};

const ARTIFACT: &[u8] = b"the artifact";

fn judged(root: &Value, bundle: &[u8], demand: &Demand) -> Piece {
    let root = TrustRoot::parse(root.to_string().as_bytes(), "virtual", "file").unwrap();
    let digests = Algorithm::ALL.map(|kind| Digest::of(kind, ARTIFACT));
    judge(bundle, case(&digests, Some(ARTIFACT), Some(&root), None, demand))
}

#[test]
fn good_bundles_of_every_kind_are_proved() {
    let (ours, theirs) = (Sigstore::new(), Sigstore::new());
    use LogKind::{Dsse001, HashedRekord001, HashedRekord002, Intoto002};
    for version in ["0.1", "0.2", "0.3"] {
        for (dsse, log) in [
            (false, HashedRekord001),
            (false, HashedRekord002),
            (true, Dsse001),
            (true, Intoto002),
            (true, HashedRekord002),
        ] {
            if version == "0.1" && log.is_v2() {
                // Version 0.1 wants a signed entry timestamp, and Rekor v2 makes none.
                continue;
            }
            let bundle = Recipe::new(version, dsse, log, ARTIFACT).make(&ours, &theirs, ARTIFACT);
            let demand = signed_by(IDENTITY, ISSUER);
            let piece = judged(&ours.trusted_root(), bundle.to_string().as_bytes(), &demand);
            let words = format!("{version} dsse={dsse} {log:?}: {}", piece.summary);
            assert_eq!(piece.judgement, Judgement::Proved, "{words}");
            // The same bundle is nothing under the root of the other instance.
            let piece = judged(&theirs.trusted_root(), bundle.to_string().as_bytes(), &demand);
            assert_eq!(piece.judgement, Judgement::Refuted, "{words}");
        }
    }
}

/// What one row makes wrong.
enum Change {
    /// How it is made.
    Recipe(fn(&mut Recipe)),
    /// What stands in it afterwards.
    Bundle(fn(&mut Value)),
    /// What is trusted.
    Root(fn(&mut Value)),
    /// What is demanded.
    Demand(fn(&mut Demand)),
}
use Change::{Bundle, Demand as Demanded, Recipe as Made, Root};

/// One failure: what is wrong, with which base, the step that refuses, a part of its reason, and
/// every other step that cannot hold then, with what it answers.
type Row = (
    &'static str,
    fn() -> Recipe,
    Change,
    StepName,
    &'static str,
    &'static [(StepName, Verdict)],
);

/// Rekor v1 with promise and proof, and a timestamp: every step has something to look at.
fn full() -> Recipe {
    with_stamp("0.3", true, LogKind::Dsse001)
}

/// The same over a file.
fn file() -> Recipe {
    with_stamp("0.3", false, LogKind::HashedRekord001)
}

fn intoto() -> Recipe {
    with_stamp("0.2", true, LogKind::Intoto002)
}

/// Rekor v2: the timestamp is the only clock, the checkpoint the only word of the log.
fn v2() -> Recipe {
    with_stamp("0.3", true, LogKind::HashedRekord002)
}

/// Without the promise the checkpoint is the only word of the log.
fn unpromised() -> Recipe {
    Recipe { promise: false, ..full() }
}

fn with_stamp(version: &'static str, dsse: bool, log: LogKind) -> Recipe {
    Recipe { stamps: vec![time(SIGNED)], ..Recipe::new(version, dsse, log, ARTIFACT) }
}

const ENTRY: &str = "/verificationMaterial/tlogEntries/0";

fn entry(bundle: &mut Value) -> &mut Value {
    bundle.pointer_mut(ENTRY).unwrap()
}

fn proof(bundle: &mut Value) -> &mut Value {
    &mut entry(bundle)["inclusionProof"]
}

/// Puts a copy of the first item behind it and hands it out.
fn copied<'a>(bundle: &'a mut Value, list: &str) -> &'a mut Value {
    let list = bundle.pointer_mut(list).unwrap().as_array_mut().unwrap();
    list.push(list[0].clone());
    list.last_mut().unwrap()
}

const ENTRIES: &str = "/verificationMaterial/tlogEntries";
const STAMPS: &str = "/verificationMaterial/timestampVerificationData/rfc3161Timestamps";

/// Another value of the same length.
const OTHER_HASH: &str = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=";

fn retire(root: &mut Value, list: &str) {
    let log = list.contains("log");
    for entry in root[list].as_array_mut().unwrap() {
        let entry = if log { &mut entry["publicKey"] } else { entry };
        entry["validFor"]["end"] = "2026-11-01T00:00:00Z".into();
    }
}

fn evidence() -> Vec<Row> {
    use StepName::{
        Chain, Checkpoint, Inclusion, LogEntry, Sct, Set, Signature, SignedTime, Structure,
        Subject, Timestamp,
    };
    use Verdict::{Absent, Refuted, Undecided};
    const SCT_WAITS: &[(StepName, Verdict)] = &[(Sct, Undecided)];
    const TIME_WAITS: &[(StepName, Verdict)] =
        &[(SignedTime, Undecided), (Chain, Undecided), (Sct, Undecided)];
    vec![
        ("the proof is for a larger tree", full, Bundle(|b| proof(b)["treeSize"] = "8".into()),
            Structure, "for a tree of 8", &[]),
        ("another root hash", full, Bundle(|b| proof(b)["rootHash"] = OTHER_HASH.into()),
            Structure, "root hash", &[]),
        ("the proof of Rekor v2 has another index", v2,
            Bundle(|b| proof(b)["logIndex"] = "4".into()), Structure, "log index", &[]),
        ("another version of the kind", intoto,
            Bundle(|b| entry(b)["kindVersion"] = json!({ "kind": "dsse", "version": "0.0.1" })),
            Structure, "", &[(LogEntry, Refuted)]),
        ("one entry twice", full, Bundle(|b| { copied(b, ENTRIES); }), Structure, "twice", &[]),
        ("one entry twice under two indexes", unpromised,
            Bundle(|b| copied(b, ENTRIES)["logIndex"] = "66".into()), Structure, "twice", &[]),
        ("one timestamp twice", full, Bundle(|b| { copied(b, STAMPS); }), Structure, "twice", &[]),
        ("no proof in version 0.2", intoto, Made(|r| r.proof = false), Structure, "",
            &[(Inclusion, Absent), (Checkpoint, Absent)]),
        ("an authority that nobody trusts", full, Made(|r| r.foreign.ca = true),
            Chain, "no path to CA[0]", SCT_WAITS),
        ("a certificate for stamping time", full, Made(|r| r.usage = Usage::TimeStamping),
            Chain, "not for signing code", SCT_WAITS),
        ("a certificate of an authority", full, Made(|r| r.usage = Usage::Intermediate),
            Chain, "", SCT_WAITS),
        ("an authority that was retired", full, Root(|r| retire(r, "certificateAuthorities")),
            Chain, "no certificate authority", SCT_WAITS),
        ("no promise of a CT log", full, Made(|r| r.scts.clear()), Sct, "has no signed", &[]),
        ("the promise of a CT log that nobody trusts", full, Made(|r| r.foreign.ct = true),
            Sct, "log", &[]),
        ("two promises", full, Made(|r| r.scts.push(time(SIGNED))), Sct, "2 signed", &[]),
        ("a CT log that was retired", full, Root(|r| retire(r, "ctlogs")), Sct, "log", &[]),
        ("nothing tells the time", v2, Made(|r| r.stamps.clear()), SignedTime, "nothing tells",
            &[(Timestamp, Absent), (Chain, Undecided), (Sct, Undecided)]),
        // Who is outside of the window has no valid path at that time either.
        ("a timestamp before the window", full,
            Made(|r| r.stamps = vec![time("2026-11-22T13:50:00Z")]),
            SignedTime, "is before", &[(Chain, Refuted)]),
        ("a timestamp after the window", full,
            Made(|r| r.stamps = vec![time("2026-11-22T14:10:00Z")]),
            SignedTime, "is after", &[(Chain, Refuted)]),
        ("the log's time after the window", full,
            Made(|r| r.integrated = time("2026-11-22T14:10:00Z")),
            SignedTime, "is after", &[(Chain, Refuted)]),
        ("one timestamp of two after the window", v2,
            Made(|r| r.stamps.push(time("2026-11-22T14:10:00Z"))),
            SignedTime, "is after", &[(Chain, Refuted)]),
        ("the promise of a log that nobody trusts", full, Made(|r| r.foreign.promise = true),
            Set, "did not sign", &[]),
        ("another integrated time", full,
            Bundle(|b| entry(b)["integratedTime"] = "1795355601".into()), Set, "did not", &[]),
        ("another log index", full, Bundle(|b| entry(b)["logIndex"] = "66".into()),
            Set, "did not sign", &[]),
        ("promised in the future", full, Made(|r| r.integrated = time("2026-11-24T00:00:00Z")),
            Set, "in the future", &[]),
        ("one entry of two with another's time", full,
            Bundle(|b| copied(b, ENTRIES)["integratedTime"] = "1795355601".into()),
            Set, "did not", &[(Structure, Refuted)]),
        ("a sibling of another tree", full, Bundle(|b| proof(b)["hashes"][0] = OTHER_HASH.into()),
            Inclusion, "", &[]),
        ("a sibling too few", v2, Bundle(|b| { proof(b)["hashes"].as_array_mut().unwrap().pop(); }),
            Inclusion, "", &[]),
        ("a sibling of Rekor v2's tree", v2,
            Bundle(|b| proof(b)["hashes"][1] = OTHER_HASH.into()), Inclusion, "", &[]),
        ("the place of another leaf", full, Bundle(|b| proof(b)["logIndex"] = "4".into()),
            Inclusion, "", &[]),
        ("a checkpoint of a log that nobody trusts", full,
            Made(|r| r.foreign.checkpoint = true), Checkpoint, "did not sign", &[]),
        ("the same of Rekor v2", v2, Made(|r| r.foreign.checkpoint = true),
            Checkpoint, "did not sign", &[]),
        ("a log that was retired", unpromised, Root(|r| retire(r, "tlogs")),
            Checkpoint, "has no log", &[]),
        ("a timestamp of an authority that nobody trusts", full, Made(|r| r.foreign.tsa = true),
            Timestamp, "no timestamp authority", &[]),
        ("the same as the only clock", v2, Made(|r| r.foreign.tsa = true),
            Timestamp, "no timestamp authority", TIME_WAITS),
        ("a timestamp over other bytes", full, Made(|r| r.stamped = Some(b"other".to_vec())),
            Timestamp, "no timestamp authority", &[]),
        ("a timestamp authority that was retired", full,
            Root(|r| retire(r, "timestampAuthorities")), Timestamp, "", &[]),
        ("a timestamp in the future", full,
            Made(|r| r.stamps = vec![time("2026-11-24T00:00:00Z")]), Timestamp, "future", &[]),
        ("one timestamp of two that is none", full,
            Bundle(|b| copied(b, STAMPS)["signedTimestamp"] = "MAA=".into()), Timestamp, "", &[]),
        ("other bytes are signed", full, Made(|r| r.signs = Some(b"other".to_vec())),
            Signature, "did not sign", &[]),
        ("another file is signed", file, Made(|r| r.signs = Some(b"other".to_vec())),
            Signature, "did not sign", &[]),
        ("the payload without its type is signed", v2, Made(|r| r.signs = Some(b"{}".to_vec())),
            Signature, "did not sign", &[]),
        ("the statement names another artifact", full, Made(|r| r.names = vec![7; 32]),
            Subject, "none of the 1 subjects", &[]),
        ("messageDigest is another's", file, Made(|r| r.names = vec![7; 32]),
            Subject, "messageDigest", &[]),
        ("signed JSON that is no statement", full, Made(|r| r.payload_type = "application/json"),
            Subject, "payload type", &[]),
        ("an entry of another payload (dsse)", full, Made(|r| r.logged = Some(Other::Payload)),
            LogEntry, "payload hash", &[]),
        ("an entry of another payload (intoto)", intoto,
            Made(|r| r.logged = Some(Other::Payload)), LogEntry, "payload hash", &[]),
        ("an entry of another file", file, Made(|r| r.logged = Some(Other::Payload)),
            LogEntry, "hash", &[]),
        ("an entry of another payload (v2)", v2, Made(|r| r.logged = Some(Other::Payload)),
            LogEntry, "hash", &[]),
        ("an entry of another signature (dsse)", full,
            Made(|r| r.logged = Some(Other::Signature)), LogEntry, "another signature", &[]),
        ("an entry of another signature (intoto)", intoto,
            Made(|r| r.logged = Some(Other::Signature)), LogEntry, "another signature", &[]),
        ("an entry of another signature (file)", file,
            Made(|r| r.logged = Some(Other::Signature)), LogEntry, "another signature", &[]),
        ("an entry of another signature (v2)", v2,
            Made(|r| r.logged = Some(Other::Signature)), LogEntry, "another signature", &[]),
        ("an entry of another certificate (dsse)", full,
            Made(|r| r.logged = Some(Other::Certificate)), LogEntry, "another certificate", &[]),
        ("an entry of another certificate (intoto)", intoto,
            Made(|r| r.logged = Some(Other::Certificate)), LogEntry, "another certificate", &[]),
        ("an entry of another certificate (file)", file,
            Made(|r| r.logged = Some(Other::Certificate)), LogEntry, "another certificate", &[]),
        ("an entry of another certificate (v2)", v2,
            Made(|r| r.logged = Some(Other::Certificate)), LogEntry, "another certificate", &[]),
    ]
}

fn policy() -> Vec<Row> {
    use StepName::{Annotations, Claims, Identity, Issuer};
    vec![
        ("another identity", full, Made(|r| r.sans = vec!["https://else.test/x".into()]),
            Identity, "wanted", &[]),
        ("two identities", full, Made(|r| r.sans.push("https://else.test/x".into())),
            Identity, "2 subject alternative names", &[]),
        ("no identity", full, Made(|r| r.sans.clear()), Identity, "no subject", &[]),
        ("another issuer", full,
            Made(|r| r.claims = vec![(1, "https://a.test".into()), (8, "https://a.test".into())]),
            Issuer, "wanted", &[]),
        ("two issuers", full, Made(|r| r.claims[0].1 = "https://else.test".into()),
            Issuer, "two issuers", &[]),
        ("no issuer", full, Made(|r| r.claims.clear()), Issuer, "wanted", &[]),
        ("a claim of another value", full,
            Demanded(|d| d.claims = vec![(14, Matcher::Exact("refs/heads/main".into()))]),
            Claims, ".14 is", &[]),
        ("a claim that is not there", full,
            Demanded(|d| d.claims = vec![(20, Matcher::Exact("push".into()))]),
            Claims, ".20 is", &[]),
        ("an annotation that is not there", full,
            Demanded(|d| d.annotations = vec![("env".into(), "prod".into())]),
            Annotations, "not annotated", &[]),
        ("an annotation that is no string", full,
            Made(|r| r.annotations = json!({ "env": true })),
            Annotations, "not annotated", &[]),
    ]
}

fn check(ours: &Sigstore, theirs: &Sigstore, row: &Row) -> Vec<String> {
    let (what, base, change, step, reason, also) = row;
    let (mut recipe, mut root) = (base(), ours.trusted_root());
    let mut demand = signed_by(IDENTITY, ISSUER);
    let good = recipe.make(ours, theirs, ARTIFACT).to_string();
    let good = judged(&root, good.as_bytes(), &demand);
    assert_eq!(good.judgement, Judgement::Proved, "{what}: {}", good.summary);
    if *step == StepName::Annotations {
        demand.annotations = vec![("env".into(), "true".into())];
    }
    if let Made(change) = change {
        change(&mut recipe);
    }
    let mut bundle = recipe.make(ours, theirs, ARTIFACT);
    match change {
        Made(_) => {}
        Bundle(change) => change(&mut bundle),
        Root(change) => change(&mut root),
        Demanded(change) => change(&mut demand),
    }
    let piece = judged(&root, bundle.to_string().as_bytes(), &demand);
    let mut wrong = vec![];
    let refusing = piece.steps.get(*step);
    if refusing.verdict != Verdict::Refuted || !refusing.detail.contains(reason) {
        wrong.push(format!("{what}: {:?} {}", refusing.verdict, refusing.detail));
    }
    if piece.judgement != Judgement::Refuted {
        wrong.push(format!("{what}: {:?} {}", piece.judgement, piece.summary));
    }
    for other in piece.steps.iter().filter(|other| other.name != *step) {
        let expected = also.iter().find(|(name, _)| *name == other.name);
        let expected = expected.map_or(good.steps.get(other.name).verdict, |(_, verdict)| *verdict);
        if other.verdict != expected {
            let got = format!("{:?} is {:?}: {}", other.name, other.verdict, other.detail);
            wrong.push(format!("{what}, {got}"));
        }
    }
    wrong
}

#[test]
fn each_step_refuses_what_no_other_step_notices() {
    let (ours, theirs) = (Sigstore::new(), Sigstore::new());
    let rows: Vec<Row> = evidence().into_iter().chain(policy()).collect();
    let wrong: Vec<String> = rows.iter().flat_map(|row| check(&ours, &theirs, row)).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    // `parse` has no other step beside it that could hold: they all wait.
    let covered = |name: &StepName| *name == StepName::Parse || rows.iter().any(|r| r.3 == *name);
    assert!(StepName::ALL.iter().all(covered));
}

#[test]
fn what_cannot_be_read_lets_every_other_step_wait() {
    let (ours, theirs) = (Sigstore::new(), Sigstore::new());
    let bundle = full().make(&ours, &theirs, ARTIFACT).to_string();
    let mut many: Value = serde_json::from_str(&bundle).unwrap();
    (0..32).for_each(|_| { copied(&mut many, STAMPS); });
    let twice = |field: &str| bundle.replacen(field, &format!("{field}null,{field}"), 1);
    for (text, verdict) in [
        (twice(r#""mediaType":"#), Verdict::Refuted),
        (twice(r#""treeSize":"#), Verdict::Refuted),
        (twice(r#""payload":"#), Verdict::Refuted),
        (bundle.replacen(r#""payload":"#, r#""Payload":"#, 1), Verdict::Undecided),
        (bundle.replace("bundle.v0.3", "bundle.v0.9"), Verdict::Undecided),
        (bundle.get(..bundle.len() - 1).unwrap().to_owned(), Verdict::Undecided),
        (format!("{bundle}{bundle}"), Verdict::Undecided),
        (String::new(), Verdict::Undecided),
        (many.to_string(), Verdict::Undecided),
    ] {
        let piece = judged(&ours.trusted_root(), text.as_bytes(), &signed_by(IDENTITY, ISSUER));
        let steps = &piece.steps;
        assert_eq!(steps.get(StepName::Parse).verdict, verdict, "{text}");
        assert_eq!(piece.judgement.verdict(), verdict, "{text}");
        for other in StepName::ALL.into_iter().filter(|name| *name != StepName::Parse) {
            assert_eq!(steps.get(other).verdict, Verdict::Undecided, "{other:?}: {text}");
        }
    }
}
