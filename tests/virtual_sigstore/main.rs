//! A Sigstore of our own signs what no real one would: for each step a bundle that fails in that
//! step, while every other step holds or waits for it, and is refused for that reason.
#![allow(clippy::unwrap_used, missing_docs, reason = "a test that cannot go on panics")]

#[path = "../common/judging.rs"]
mod judging;
#[path = "../common/virtual_sigstore/mod.rs"]
mod virtual_sigstore;

mod log;
mod rows;
mod shape;
mod signer;

use judging::{case, signed_by};
use rows::*;
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
use virtual_sigstore::{
    Curve, IDENTITY, ISSUER, LogKind, Other, Recipe, SIGNED, Sigstore, Usage, time,
};

const ARTIFACT: &[u8] = b"the artifact";

fn judged(root: &Value, bundle: &[u8], demand: &Demand) -> Piece {
    let root = TrustRoot::parse(root.to_string().as_bytes(), "virtual", "file").unwrap();
    let digests = Algorithm::ALL.map(|kind| Digest::of(kind, ARTIFACT));
    judge(bundle, case(&digests, Some(ARTIFACT), Some(&root), None, demand))
}

#[test]
fn good_bundles_of_every_kind_are_proved() {
    use LogKind::{Dsse001, HashedRekord001, HashedRekord002, Intoto002};
    let (ours, theirs) = (Sigstore::new(), Sigstore::new());
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
        let expected =
            expected.map_or_else(|| good.steps.get(other.name).verdict, |(_, verdict)| *verdict);
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
    let rows: Vec<&Row> = [shape::ROWS, signer::ROWS, log::ROWS].into_iter().flatten().collect();
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
    (0..32).for_each(|_| {
        copied(&mut many, STAMPS);
    });
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

/// in-toto `digest_set.md`: "lowercase hex". sigstore-go decodes other letters, cosign's older
/// formats compare strings: the same bytes contradict nothing, and not every reader accepts them.
#[test]
fn a_subject_in_upper_case_hex_is_undecided() {
    let (ours, theirs) = (Sigstore::new(), Sigstore::new());
    let root = ours.trusted_root();
    let mut demand = signed_by(IDENTITY, ISSUER);
    for (names, verdict, reason) in [
        (None, Verdict::Undecided, "upper-case"),
        (Some(vec![0xAB; 32]), Verdict::Refuted, "none of the 1 subjects"),
    ] {
        let mut recipe = Recipe { spells: str::to_uppercase, ..full() };
        recipe.names = names.unwrap_or(recipe.names);
        recipe.annotations = json!({ "env": "prod" });
        let bundle = recipe.make(&ours, &theirs, ARTIFACT).to_string();
        for annotations in [vec![], vec![("env".to_owned(), "prod".to_owned())]] {
            demand.annotations = annotations;
            let piece = judged(&root, bundle.as_bytes(), &demand);
            let step = piece.steps.get(StepName::Subject);
            assert_eq!(step.verdict, verdict, "{}", step.detail);
            assert!(step.detail.contains(reason), "{}", step.detail);
            assert_eq!(piece.judgement.verdict(), verdict, "{}", piece.summary);
        }
    }
}
