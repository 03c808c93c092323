//! What the library refuses although it is right: there every step of ours must hold, and each of
//! them refuses what it looks at. On real bundles; skips loudly where the corpus is not there.
#![allow(
    clippy::unwrap_used,
    clippy::print_stderr,
    missing_docs,
    reason = "a test that cannot go on panics, and says what it skips"
)]

use std::{collections::BTreeMap, fs, path::Path};

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::Value;
use sigscope::{
    domain::{
        Digest, Timestamp, Verdict,
        demand::{Demand, Matcher, Signer, Wanted, Who},
        digest::Algorithm,
        goregexp::GoRegexp,
        oci::Manifest,
        steps::StepName::{
            self, Chain, Inclusion, LogEntry, Set, Signature, SignedTime, Structure, Subject,
            Timestamp as Stamp,
        },
        verdict::Judgement,
    },
    verify::{Case, Instance, Layer, Piece, judge, judge_legacy, root::TrustRoot},
};

const CORPUS: &str = "../shared/corpus";
const ENTRY: &str = "/verificationMaterial/tlogEntries/0";
const CERTIFICATE: &str = "/verificationMaterial/certificate/rawBytes";
const TOKEN: &str =
    "/verificationMaterial/timestampVerificationData/rfc3161Timestamps/0/signedTimestamp";
const SIGNATURE: &str = "/messageSignature/signature";
const SIG: &str = "/dsseEnvelope/signatures/0/sig";

/// How a field is broken.
#[derive(Clone, Copy, Debug)]
enum Break {
    /// The last byte of a Base64 value is another one.
    Last,
    /// The byte at that place of a Base64 value is another one.
    At(usize),
    /// A number is one more.
    More,
    /// The field is taken away.
    Gone,
}

fn there() -> bool {
    let there = Path::new(CORPUS).is_dir();
    if !there {
        eprintln!("SKIPPED: {CORPUS} is not there; the closed list was not tried on real bundles");
    }
    there
}

fn read(path: &str) -> Vec<u8> {
    fs::read(format!("{CORPUS}/{path}")).unwrap()
}

fn now() -> Timestamp {
    "2026-11-24T00:00:00Z".parse().unwrap()
}

/// Any signer: this is about evidence.
fn anybody(waived: Vec<StepName>) -> Demand {
    let any = || vec![Matcher::Regexp(GoRegexp::new(".*").unwrap())];
    Demand {
        who: Who::Signers(vec![Signer { identity: any(), issuer: any() }]),
        wanted: vec![Wanted::AnyOverFile],
        signed_timestamps: false,
        claims: vec![],
        annotations: vec![],
        waived,
        github: None,
        rules: sigscope::domain::rules::Rules::default(),
        strict: false,
        words: String::new(),
    }
}

fn judged(bundle: &Value, root: &TrustRoot, artifact: &[Digest]) -> Piece {
    let demand = anybody(vec![]);
    let case = Case {
        artifact,
        bytes: None,
        root: Some(root),
        key: None,
        demand: Some(&demand),
        now: now(),
    };
    judge(bundle.to_string().as_bytes(), case)
}

fn broken(bundle: &Value, pointer: &str, how: Break) -> Value {
    let mut bundle = bundle.clone();
    if let Break::Gone = how {
        let (parent, name) = pointer.rsplit_once('/').unwrap();
        bundle.pointer_mut(parent).unwrap().as_object_mut().unwrap().remove(name).unwrap();
        return bundle;
    }
    let field = bundle.pointer_mut(pointer).unwrap();
    *field = match how {
        Break::More => {
            let number: i64 = field.as_str().unwrap().parse().unwrap();
            (number + 1).to_string().into()
        }
        _ => flipped(field.as_str().unwrap(), how).into(),
    };
    bundle
}

fn flipped(text: &str, how: Break) -> String {
    let mut bytes = STANDARD.decode(text).unwrap();
    let place = match how {
        Break::At(place) => place,
        _ => bytes.len() - 1,
    };
    bytes[place] ^= 1;
    STANDARD.encode(bytes)
}

/// A bundle of the closed list, its root and artifact.
struct Good {
    path: &'static str,
    root: &'static str,
    digest: &'static str,
    instance: Instance,
    breaks: Vec<(String, Break, StepName)>,
}

fn entry(field: &str) -> String {
    format!("{ENTRY}/{field}")
}

#[expect(clippy::too_many_lines, reason = "a table")]
fn closed_list() -> Vec<Good> {
    let logged = || {
        vec![
            (entry("inclusionPromise/signedEntryTimestamp"), Break::Last, Set),
            (entry("integratedTime"), Break::More, Set),
            (entry("logIndex"), Break::More, Set),
            (entry("logId/keyId"), Break::Last, Set),
            (entry("canonicalizedBody"), Break::At(120), LogEntry),
            (SIGNATURE.to_owned(), Break::Last, Signature),
            (SIGNATURE.to_owned(), Break::Last, LogEntry),
            ("/messageSignature/messageDigest/digest".to_owned(), Break::Last, Subject),
        ]
    };
    let github = || {
        vec![
            (TOKEN.to_owned(), Break::Last, Stamp),
            (SIG.to_owned(), Break::Last, Signature),
            ("/dsseEnvelope/payload".to_owned(), Break::At(20), Signature),
            (CERTIFICATE.to_owned(), Break::Last, Chain),
            ("/verificationMaterial/timestampVerificationData".to_owned(), Break::Gone, SignedTime),
        ]
    };
    let mut p521 = logged();
    p521.extend([
        (entry("inclusionProof/hashes/0"), Break::Last, Inclusion),
        (entry("inclusionProof/treeSize"), Break::More, Structure),
        (entry("kindVersion/version"), Break::Gone, StepName::Parse),
        (CERTIFICATE.to_owned(), Break::Last, Chain),
    ]);
    let mut unsigned_proof = logged();
    unsigned_proof.extend([
        (entry("inclusionProof/hashes/0"), Break::Last, Inclusion),
        (entry("inclusionProof/rootHash"), Break::Last, Inclusion),
        (entry("inclusionPromise"), Break::Gone, Structure),
    ]);
    vec![
        // P-521 and a log body with SHA-512.
        Good {
            path: "bundles-ok/java-ecdsa-p521-sha512.sigstore.json",
            root: "public-good.json",
            digest: "",
            instance: Instance::WithLogs,
            breaks: p521,
        },
        // Version 0.1, a proof without checkpoint.
        Good {
            path: "bundles-disputed/py-python-3.12.5-proof-without-checkpoint.sigstore",
            root: "public-good.json",
            digest: "sha256:38dc4e2c261d49c661196066edbfb70fdb16be4a79cc8220c224dfeb5636d405",
            instance: Instance::WithLogs,
            breaks: unsigned_proof,
        },
        // An otherName identity, and a root without timestamp authorities.
        Good {
            path: "bundles-ok/othername-username.sigstore.json",
            root: "scaffolding.json",
            digest: "sha256:bc103b4a84971ef6459b294a2b98568a2bfb72cded09d4acd1e16366a401f95b",
            instance: Instance::WithLogs,
            breaks: logged(),
        },
        // GitHub's own instance: a private repository, and a release.
        Good {
            path: "bundles-ok/gh-private-no-tlog-java.sigstore.json",
            root: "github.json",
            digest: "sha256:138280fd3302b9706596621761945a1ae958f93a15e4372ddae4fc00a93b09a2",
            instance: Instance::GitHub,
            breaks: github(),
        },
        Good {
            path: "bundles-ok/github-release-attestation.sigstore.json",
            root: "github.json",
            digest: "sha256:76f1fe8593bf227cca2c089e3c16dc95014a8d3e89c5dd220530469ca043c428",
            instance: Instance::GitHub,
            breaks: github(),
        },
    ]
}

#[test]
fn every_step_refuses_its_part_of_what_only_our_steps_judge() {
    if !there() {
        return;
    }
    for Good { path, root, digest, instance, breaks } in closed_list() {
        let root = TrustRoot::parse(&read(&format!("trusted-roots/{root}")), root, "file").unwrap();
        let bundle: Value = serde_json::from_slice(&read(path)).unwrap();
        let artifact: Vec<Digest> = match digest {
            "" => {
                let bytes = read("bundles-ok/artifacts/artifact.txt");
                Algorithm::ALL.map(|a| Digest::of(a, &bytes)).to_vec()
            }
            digest => vec![digest.parse().unwrap()],
        };
        let good = judged(&bundle, &root, &artifact);
        assert_eq!(good.judgement, Judgement::Proved, "{path}: {}", good.summary);
        assert_eq!(good.instance, instance, "{path}");
        for (pointer, how, step) in breaks {
            let bad = judged(&broken(&bundle, &pointer, how), &root, &artifact);
            assert_ne!(bad.judgement, Judgement::Proved, "{path} {pointer} {how:?}");
            let made = bad.steps.get(step);
            let what = format!("{path} {pointer} {how:?}: {step:?} {}", made.detail);
            if step == StepName::Parse {
                assert_eq!(made.verdict, Verdict::Undecided, "{what}");
            } else {
                assert_eq!(made.verdict, Verdict::Refuted, "{what}");
            }
        }
        let another = Digest::sha256(b"another");
        let other = judged(&bundle, &root, &[another]);
        assert_ne!(other.judgement, Judgement::Proved, "{path}");
    }
}

/// What makes GitHub's instance exempt is the certificate that vouches: its root without any log
/// exempts nobody else.
#[test]
fn a_root_without_logs_exempts_nobody() {
    if !there() {
        return;
    }
    let bundle: Value =
        serde_json::from_slice(&read("bundles-ok/kubewarden-cosign-v3-image-sign.sigstore.json"))
            .unwrap();
    let mut root: Value = serde_json::from_slice(&read("trusted-roots/public-good.json")).unwrap();
    let artifact = {
        let payload = bundle["dsseEnvelope"]["payload"].as_str().unwrap();
        let payload: Value = serde_json::from_slice(&STANDARD.decode(payload).unwrap()).unwrap();
        let hex = payload["subject"][0]["digest"]["sha256"].as_str().unwrap().to_owned();
        [format!("sha256:{hex}").parse::<Digest>().unwrap()]
    };
    let judged_under = |root: &Value, bundle: &Value| {
        let root = TrustRoot::parse(root.to_string().as_bytes(), "x", "file").unwrap();
        judged(bundle, &root, &artifact)
    };
    assert_eq!(judged_under(&root, &bundle).judgement, Judgement::Proved);
    root["tlogs"] = Value::Array(vec![]);
    let mut without = bundle.clone();
    without["verificationMaterial"]["tlogEntries"] = Value::Array(vec![]);
    for (root, bundle) in [(&root, &bundle), (&root, &without)] {
        let piece = judged_under(root, bundle);
        assert_ne!(piece.judgement, Judgement::Proved);
        assert_eq!(piece.instance, Instance::WithLogs);
    }
}

/// cosign's attestations until the end of 2023, logged as `intoto 0.0.1`.
#[test]
#[expect(clippy::too_many_lines, reason = "one attestation, broken in turn")]
fn every_step_refuses_its_part_of_an_old_attestation() {
    if !there() {
        return;
    }
    let blobs = "oci-layouts/slsa-generic-container-v1.4.0/blobs/sha256";
    let atts = "738d456c898daf28d211c2e0b8ecf5dc67b9a1d631c99ef2c4b4669bcb7a0354";
    let Ok(Manifest::Image(image)) = Manifest::parse(&read(&format!("{blobs}/{atts}"))) else {
        unreachable!("the layout holds an image manifest")
    };
    let layer = &image.layers[0];
    let payload = read(&format!("{blobs}/{}", layer.digest.hex()));
    let root = TrustRoot::embedded().unwrap();
    let image_digest: Digest =
        "sha256:a74d89d8dd863ca5dae4a29e0feede81ddf59197849a80784af5a02ab7786925".parse().unwrap();
    let judged = |annotations: &BTreeMap<String, String>, payload: &[u8], artifact: &Digest| {
        let demand = anybody(vec![]);
        let artifact = [artifact.clone()];
        let layer = Layer { annotations, payload, attestation: true };
        let case = Case {
            artifact: &artifact,
            bytes: None,
            root: Some(&root),
            key: None,
            demand: Some(&demand),
            now: now(),
        };
        judge_legacy(layer, case)
    };
    let good = judged(&layer.annotations, &payload, &image_digest);
    assert_eq!(good.judgement, Judgement::Proved, "{}", good.summary);
    assert_eq!(good.logs[0].kind, "intoto 0.0.1");

    let refuses = |piece: Piece, step: StepName, what: &str| {
        assert_ne!(piece.judgement, Judgement::Proved, "{what}");
        let made = piece.steps.get(step);
        assert_eq!(made.verdict, Verdict::Refuted, "{what}: {step:?} {}", made.detail);
    };
    refuses(judged(&layer.annotations, &payload, &Digest::sha256(b"x")), Subject, "another image");
    // White space changes no meaning of the envelope, but these are not the bytes that were logged.
    let mut spaced = payload.clone();
    spaced.insert(1, b' ');
    refuses(judged(&layer.annotations, &spaced, &image_digest), LogEntry, "other bytes");
    let envelope: Value = serde_json::from_slice(&payload).unwrap();
    for (pointer, step) in [("/payload", Signature), ("/signatures/0/sig", Signature)] {
        let changed = broken(&envelope, pointer, Break::At(20)).to_string();
        refuses(judged(&layer.annotations, changed.as_bytes(), &image_digest), step, pointer);
    }
    let rekor: Value =
        serde_json::from_str(&layer.annotations["dev.sigstore.cosign/bundle"]).unwrap();
    let body: Value = serde_json::from_slice(
        &STANDARD.decode(rekor["Payload"]["body"].as_str().unwrap()).unwrap(),
    )
    .unwrap();
    for (pointer, step) in [
        ("/spec/content/hash/value", LogEntry),
        ("/spec/content/payloadHash/value", LogEntry),
        ("/spec/publicKey", LogEntry),
    ] {
        let mut body = body.clone();
        let field = body.pointer_mut(pointer).unwrap();
        *field = match pointer {
            "/spec/publicKey" => {
                let ours = fs::read("tests/fixtures/authorities/foreign.pem").unwrap();
                STANDARD.encode(ours).into()
            }
            _ => "0".repeat(64).into(),
        };
        let mut rekor = rekor.clone();
        rekor["Payload"]["body"] = STANDARD.encode(body.to_string()).into();
        let mut annotations = layer.annotations.clone();
        annotations.insert("dev.sigstore.cosign/bundle".into(), rekor.to_string());
        let piece = judged(&annotations, &payload, &image_digest);
        refuses(piece.clone(), step, pointer);
        refuses(piece, Set, pointer);
    }
    let mut annotations = layer.annotations.clone();
    let set = flipped(rekor["SignedEntryTimestamp"].as_str().unwrap(), Break::Last);
    let mut rekor = rekor;
    rekor["SignedEntryTimestamp"] = set.into();
    annotations.insert("dev.sigstore.cosign/bundle".into(), rekor.to_string());
    refuses(judged(&annotations, &payload, &image_digest), Set, "another promise");
}
