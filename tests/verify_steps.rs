//! Bundles that were broken on purpose: each is refused in the step that looks at what was broken,
//! and nothing but the right bundle, over the right artifact, by the right signer, is proved.
#![allow(clippy::unwrap_used, missing_docs, reason = "a test that cannot go on panics")]

use std::{fs, path::Path};

use serde_json::Value;
use sigscope::{
    domain::{
        Digest, Timestamp, Verdict,
        demand::{Demand, Matcher, Signer, Wanted, Who},
        oci::{BUNDLE_PREFIX, Manifest},
        steps::StepName,
        verdict::Judgement,
    },
    verify::{Case, Piece, judge, root::TrustRoot},
};

const WORKFLOW: &str =
    "https://github.com/enix/x509-certificate-exporter/.github/workflows/release.yaml";
const ISSUER: &str = "https://token.actions.githubusercontent.com";

fn now() -> Timestamp {
    "2026-11-23T00:00:00Z".parse().unwrap()
}

fn root() -> TrustRoot {
    TrustRoot::parse(&fs::read("tests/fixtures/trusted_root.json").unwrap(), "f", "file").unwrap()
}

fn demand(signed_timestamps: bool) -> Demand {
    Demand {
        who: Who::Signers(vec![Signer {
            identity: vec![Matcher::Exact(format!("{WORKFLOW}@refs/tags/v4.0.0"))],
            issuer: vec![Matcher::Exact(ISSUER.into())],
        }]),
        wanted: vec![Wanted::Signature],
        signed_timestamps,
        claims: vec![],
        annotations: vec![],
        waived: vec![],
        github: None,
        rules: sigscope::domain::rules::Rules::default(),
        strict: false,
        words: String::new(),
    }
}

/// The digest that tag 4.0.0 names, and every bundle that refers to it.
fn release(case: &str) -> (Digest, Vec<Vec<u8>>) {
    let layout = Path::new("tests/fixtures").join(case).join("layout");
    let blob = |digest: &Digest| fs::read(layout.join("blobs/sha256").join(digest.hex())).unwrap();
    let index: Value =
        serde_json::from_slice(&fs::read(layout.join("index.json")).unwrap()).unwrap();
    let (mut tagged, mut bundles) = (None, vec![]);
    for entry in index["manifests"].as_array().unwrap() {
        let digest: Digest = entry["digest"].as_str().unwrap().parse().unwrap();
        if entry["annotations"]["org.opencontainers.image.ref.name"] == "4.0.0" {
            tagged = Some(digest.clone());
        }
        let Ok(Manifest::Image(image)) = Manifest::parse(&blob(&digest)) else { continue };
        let of_bundle = image.layers.iter().filter(|l| l.media_type.starts_with(BUNDLE_PREFIX));
        let subject = image.subject.as_ref().map(|s| s.digest.clone());
        bundles.extend(of_bundle.map(|layer| (subject.clone(), blob(&layer.digest))));
    }
    let tagged = tagged.unwrap();
    let ours = bundles.into_iter().filter(|(subject, _)| subject.as_ref() == Some(&tagged));
    (tagged.clone(), ours.map(|(_, bytes)| bytes).collect())
}

fn judged(bundle: &[u8], digest: &Digest, demand: &Demand) -> Piece {
    let root = root();
    let artifact = [digest.clone()];
    let case = Case {
        artifact: &artifact,
        bytes: None,
        root: Some(&root),
        key: None,
        demand: Some(demand),
        now: now(),
    };
    judge(bundle, case)
}

#[test]
fn every_broken_bundle_is_refused_in_the_step_that_looks_at_it() {
    use StepName::{Chain, Identity, Inclusion, Parse, Set, Signature, SignedTime, Structure};
    for (case, step, verdict) in [
        ("tampered-certificate", Signature, Verdict::Refuted),
        ("tampered-cut", Parse, Verdict::Undecided),
        ("tampered-inclusion-proof", Inclusion, Verdict::Refuted),
        ("tampered-log-body", Set, Verdict::Refuted),
        ("tampered-no-entry", Structure, Verdict::Refuted),
        ("tampered-no-proof", Structure, Verdict::Refuted),
        ("tampered-rekor-v2-inclusion-proof", Inclusion, Verdict::Refuted),
        ("tampered-rekor-v2-no-timestamp", SignedTime, Verdict::Refuted),
        ("tampered-set", Set, Verdict::Refuted),
        ("tampered-signature", Signature, Verdict::Refuted),
        ("lookalike", Identity, Verdict::Refuted),
        ("wrong-ref", Identity, Verdict::Refuted),
        ("email-identity", Identity, Verdict::Refuted),
    ] {
        let (digest, bundles) = release(case);
        assert!(!bundles.is_empty(), "{case}");
        for bundle in bundles {
            let piece = judged(&bundle, &digest, &demand(false));
            let step = if case == "tampered-certificate" { Chain } else { step };
            let made = piece.steps.get(step);
            assert_eq!(made.verdict, verdict, "{case} {step:?}: {}", made.detail);
            assert_ne!(piece.judgement, Judgement::Proved, "{case}");
        }
    }
}

/// A certificate of our own with a key on secp256k1, in DER and Base64.
const SECP256K1: &str = "MIIBjzCCATWgAwIBAgIURZY6Y/nIJZEL7m8jqmtO5h4puxQwCgYIKoZIzj0EAwIwDTELMAkGA1UEAwwCazEwHhcN\
     MjYxMTI0MjEyNzQ0WhcNMzYxMTIxMjEyNzQ0WjANMQswCQYDVQQDDAJrMTBWMBAGByqGSM49AgEGBSuBBAAKA0IA\
     BHp/JSNgZcbSBnd4XG67gy4xWDyV/ug+VQ8JgcxA8vBAerJ0nR8Uw5rGxCxoUW8AlhuHRxl5LoSdP9XbrxE4OTWj\
     djB0MB0GA1UdDgQWBBRsyiswcSLWPO8zcY61Rdww68UHwjAfBgNVHSMEGDAWgBRsyiswcSLWPO8zcY61Rdww68UH\
     wjAPBgNVHRMBAf8EBTADAQH/MCEGA1UdEQQaMBiGFmh0dHBzOi8vZXhhbXBsZS50ZXN0L3gwCgYIKoZIzj0EAwID\
     SAAwRQIhAMS+CH/fYdR+TT+bcNw4p25t4eHEd8DxRUWcmX+k2iOLAiBViMhV/JuGFOkRmG2wL4ZgEfbdXTGC3uq2\
     TpsElNk18g==";

#[test]
fn a_key_of_an_unknown_algorithm_is_not_a_contradiction() {
    let (digest, bundles) = release("native");
    let mut bundle: Value = serde_json::from_slice(bundles.first().unwrap()).unwrap();
    *bundle.pointer_mut("/verificationMaterial/certificate/rawBytes").unwrap() = SECP256K1.into();
    let piece = judged(bundle.to_string().as_bytes(), &digest, &demand(false));
    assert_eq!(piece.judgement, Judgement::Undecided, "{}", piece.summary);
    assert!(piece.summary.contains("not supported"), "{}", piece.summary);
}

#[test]
fn a_time_may_come_from_the_log_or_from_an_authority() {
    for (case, timestamps_demanded, proved) in [
        ("native", false, true),
        ("native", true, true),
        ("rekor-v2", false, true),
        ("tampered-no-promise", false, true),
        ("tampered-no-timestamp", false, true),
        ("tampered-no-timestamp", true, false),
    ] {
        let (digest, bundles) = release(case);
        let demand = demand(timestamps_demanded);
        for bundle in bundles {
            let piece = judged(&bundle, &digest, &demand);
            let got = piece.judgement == Judgement::Proved;
            assert_eq!(got, proved, "{case} {timestamps_demanded}: {}", piece.summary);
        }
    }
}

#[test]
fn another_artifact_another_signer_or_no_root_is_never_proved() {
    let (digest, bundles) = release("native");
    let bundle = bundles.first().unwrap();
    let other = Digest::sha256(b"another image");
    let piece = judged(bundle, &other, &demand(false));
    assert_eq!(piece.steps.get(StepName::Subject).verdict, Verdict::Refuted);

    let mut stranger = demand(false);
    let identity = vec![Matcher::Exact(format!("{WORKFLOW}@refs/tags/v4.0.1"))];
    let issuer = vec![Matcher::Exact(ISSUER.into())];
    stranger.who = Who::Signers(vec![Signer { identity, issuer }]);
    let piece = judged(bundle, &digest, &stranger);
    assert_eq!(piece.judgement, Judgement::Refuted);
    assert!(piece.claims.unwrap().verified().is_some(), "the signature holds, the signer differs");

    let embedded = TrustRoot::embedded().unwrap();
    for root in [None, Some(&embedded)] {
        let demand = demand(false);
        let artifact = [digest.clone()];
        let case = Case {
            artifact: &artifact,
            bytes: None,
            root,
            key: None,
            demand: Some(&demand),
            now: now(),
        };
        let piece = judge(bundle, case);
        assert_ne!(piece.judgement, Judgement::Proved);
        assert!(piece.claims.unwrap().verified().is_none());
    }
}

#[test]
fn evidence_that_can_be_read_in_two_ways_is_refuted() {
    let (digest, bundles) = release("native");
    let text = String::from_utf8(bundles.first().unwrap().clone()).unwrap();
    let twice = text.replacen('{', r#"{"mediaType":"x","#, 1);
    let both = text.replacen(
        r#""dsseEnvelope":"#,
        r#""messageSignature":{"signature":"AAAA"},"dsseEnvelope":"#,
        1,
    );
    for broken in [twice, both] {
        let piece = judged(broken.as_bytes(), &digest, &demand(false));
        assert_eq!(piece.steps.get(StepName::Parse).verdict, Verdict::Refuted, "{broken}");
        assert_eq!(piece.judgement, Judgement::Refuted);
    }
}

#[test]
fn what_the_bundle_specification_does_not_name_is_not_skipped() {
    let (digest, bundles) = release("native");
    let bundle: Value = serde_json::from_slice(bundles.first().unwrap()).unwrap();
    let promise = serde_json::json!({"signedEntryTimestamp": "AAAA"});
    for (place, field, value) in [
        ("", "extra", Value::from(1)),
        ("/verificationMaterial", "tlog_entries", Value::from(Vec::<Value>::new())),
        ("/verificationMaterial/tlogEntries/0", "inclusion_promise", promise),
        ("/dsseEnvelope", "payload_type", Value::from("x")),
    ] {
        let mut broken = bundle.clone();
        broken.pointer_mut(place).unwrap()[field] = value;
        let piece = judged(broken.to_string().as_bytes(), &digest, &demand(false));
        assert_eq!(piece.judgement, Judgement::Undecided, "{field}: {}", piece.summary);
    }
    let mut without = bundle;
    without.as_object_mut().unwrap().remove("mediaType");
    let piece = judged(without.to_string().as_bytes(), &digest, &demand(false));
    assert_eq!(piece.judgement, Judgement::Undecided, "{}", piece.summary);
    let piece = judged(without.to_string().as_bytes(), &digest, &demand(false));
    assert_eq!(piece.judgement, Judgement::Undecided, "{}", piece.summary);
}

#[test]
fn a_retired_log_key_vouches_for_nothing_that_was_signed_later() {
    let mut root: Value =
        serde_json::from_slice(&fs::read("tests/fixtures/trusted_root.json").unwrap()).unwrap();
    for log in root["tlogs"].as_array_mut().unwrap() {
        log["publicKey"]["validFor"]["start"] = "2020-01-01T00:00:00Z".into();
        log["publicKey"]["validFor"]["end"] = "2026-11-01T00:00:00Z".into();
    }
    let retired = TrustRoot::parse(root.to_string().as_bytes(), "retired", "file").unwrap();
    // Without the signed entry timestamp only the checkpoint is left to look at the key.
    for case in ["tampered-no-promise", "rekor-v2"] {
        let (digest, bundles) = release(case);
        for bundle in bundles {
            let (demand, artifact) = (demand(false), [digest.clone()]);
            let piece = judge(
                &bundle,
                Case {
                    artifact: &artifact,
                    bytes: None,
                    root: Some(&retired),
                    key: None,
                    demand: Some(&demand),
                    now: now(),
                },
            );
            assert_eq!(piece.judgement, Judgement::Refuted, "{case}: {}", piece.summary);
            assert_eq!(piece.steps.get(StepName::Checkpoint).verdict, Verdict::Refuted);
        }
    }
}

#[test]
fn nothing_is_reported_of_the_log_that_the_log_did_not_say() {
    let (digest, bundles) = release("native");
    let mut bundle: Value = serde_json::from_slice(bundles.first().unwrap()).unwrap();
    let entry = bundle.pointer_mut("/verificationMaterial/tlogEntries/0").unwrap();
    entry.as_object_mut().unwrap().remove("inclusionPromise");
    entry["integratedTime"] = "1".into();
    entry["logIndex"] = "999999".into();
    let piece = judged(bundle.to_string().as_bytes(), &digest, &demand(false));
    assert_eq!(piece.judgement, Judgement::Proved, "{}", piece.summary);
    assert_eq!((piece.logs[0].integrated_time, piece.logs[0].log_index), (None, None));
}

#[test]
fn a_digest_by_another_algorithm_is_no_contradiction() {
    use sigscope::domain::digest::Algorithm;
    let (_, bundles) = release("native");
    let other = Digest::of(Algorithm::Sha512, b"perhaps the same artifact");
    let piece = judged(bundles.first().unwrap(), &other, &demand(false));
    assert_eq!(piece.steps.get(StepName::Subject).verdict, Verdict::Undecided);
    assert_eq!(piece.judgement, Judgement::Undecided, "{}", piece.summary);
}

/// Every string of a document, by its path.
fn strings(value: &Value, path: String, out: &mut Vec<String>) {
    match value {
        Value::String(_) => out.push(path),
        Value::Array(all) => {
            for (index, one) in all.iter().enumerate() {
                strings(one, format!("{path}/{index}"), out);
            }
        }
        Value::Object(all) => {
            for (key, one) in all {
                strings(one, format!("{path}/{key}"), out);
            }
        }
        _ => {}
    }
}

#[test]
fn no_field_of_a_bundle_can_be_changed_without_being_noticed() {
    for case in ["native", "rekor-v2"] {
        let (digest, bundles) = release(case);
        let bundle: Value =
            serde_json::from_slice(bundles.iter().min_by_key(|b| b.len()).unwrap()).unwrap();
        let mut paths = vec![];
        strings(&bundle, String::new(), &mut paths);
        assert!(paths.len() > 15, "{paths:?}");
        for path in paths {
            let mut broken = bundle.clone();
            let field = broken.pointer_mut(&path).unwrap();
            let mut text: Vec<char> = field.as_str().unwrap().chars().collect();
            let middle = text.len() / 2;
            let Some(c) = text.get_mut(middle) else { continue };
            *c = if *c == '1' { '2' } else { '1' };
            *field = Value::String(text.into_iter().collect());
            let piece = judged(broken.to_string().as_bytes(), &digest, &demand(false));
            assert_ne!(piece.judgement, Judgement::Proved, "{case} {path} is not looked at");
        }
    }
}
