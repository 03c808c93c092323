//! What attestations say, on real material: summaries, provenance against certificate, which of
//! several is the newest, and what is attached without being verified.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    missing_docs,
    reason = "a test that cannot go on panics, and says what it skips"
)]

mod common;

use std::{
    fs,
    path::{Path, PathBuf},
};

use common::run::{Said, run};
use serde_json::{Value, json};
use sigscope::{
    domain::{
        Timestamp,
        predicate::{Family, Says, Summary},
    },
    inspect::predicates::warnings,
    verify::{Case, judge},
};

const CORPUS: &str = "../shared/corpus";
const IMAGE: &str = "sha256:08bbd8888e3addb1cac151fc628c8690016b6fe3b66fc62020dad0512779f41c";
const SIGNER: [&str; 6] = [
    "--certificate-identity",
    "https://github.com/enix/x509-certificate-exporter/.github/workflows/release.yaml@refs/tags/v4.0.0",
    "--certificate-oidc-issuer",
    "https://token.actions.githubusercontent.com",
    "--trusted-root",
    "tests/fixtures/trusted_root.json",
];

fn sigscope(argv: &[&str]) -> Said {
    let argv: Vec<String> =
        ["sigscope"].iter().chain(argv).map(|part| (*part).to_owned()).collect();
    run(&argv)
}

fn report(argv: &[&str]) -> Value {
    let said = sigscope(argv);
    assert!(said.err.is_empty() || !said.out.is_empty(), "{}", said.err);
    serde_json::from_str(&said.out).unwrap()
}

fn verify(target: &str, more: &[&str]) -> Value {
    report(&[&["verify", target, "--json"], SIGNER.as_slice(), more].concat())
}

/// Everything that can be found out; `verify` asks only for what a verdict depends on.
fn inspect(target: &str) -> Value {
    report(&["inspect", target, "--json", "--trusted-root", "tests/fixtures/trusted_root.json"])
}

#[test]
fn every_attestation_of_a_release_says_something_in_the_report() {
    let seen = verify("oci:tests/fixtures/many-predicates/layout:4.0.0", &[]);
    let summaries = seen["attestations"].as_array().unwrap();
    let summary = |kind: &str| {
        let found = summaries.iter().find(|a| a["predicate_type"] == kind).unwrap();
        assert_eq!(found["verified"], true, "{kind}");
        assert_eq!(found["summary"]["empty"], Value::Null, "{kind}");
        found["summary"]["says"].clone()
    };
    let provenance = summary("https://slsa.dev/provenance/v1");
    for (key, wanted) in [
        ("source_repository", "github.com/enix/x509-certificate-exporter"),
        ("source_ref", "refs/tags/v4.0.0"),
        ("source_commit", "f6a4aa76c30796247ebee91071bcd67b0e2b7a04"),
        ("workflow", ".github/workflows/release.yaml"),
    ] {
        assert_eq!(provenance[key], wanted, "{key}");
    }
    let vex = summary("https://openvex.dev/ns");
    assert_eq!(vex["by_status"], json!({"affected": 1, "not_affected": 1}));
    let scan = summary("https://cosign.sigstore.dev/attestation/vuln/v1");
    assert_eq!(scan["by_severity"], json!({"high": 1}));
    assert_eq!(summary("https://spdx.dev/Document")["components"], 71);
    assert_eq!(summary("https://cosign.sigstore.dev/attestation/v1")["shape"], "free text");
    assert_eq!(seen["warnings"].as_array().unwrap().len(), 1, "{}", seen["warnings"]);
}

#[test]
fn an_empty_predicate_is_a_warning_and_no_verdict() {
    let seen = verify("oci:tests/fixtures/empty-predicate/layout:4.0.0", &[]);
    let codes: Vec<&str> =
        seen["warnings"].as_array().unwrap().iter().map(|w| w["code"].as_str().unwrap()).collect();
    assert_eq!(codes, ["predicate-empty"]);
    assert_eq!(seen["verdict"], "proved");
    assert_eq!(seen["attestations"][0]["summary"]["empty"], "the predicate is {}");
}

#[test]
fn pushed_provenance_agrees_with_its_certificate() {
    for tag in ["one", "two-a", "two-b"] {
        let target = format!("oci:tests/fixtures/pushed-provenance/layout:{tag}");
        let seen = verify(&target, &["--type", "slsaprovenance1"]);
        assert_eq!(seen["verdict"], "proved", "{tag}");
        assert_eq!(seen["warnings"], json!([]), "{tag}");
        let commit = &seen["attestations"][0]["summary"]["says"]["source_commit"];
        assert_eq!(commit, "f6a4aa76c30796247ebee91071bcd67b0e2b7a04", "{tag}");
    }
}

/// The CycloneDX bundle over the image in a fixture.
fn bundle(fixture: &str) -> Value {
    use base64::{Engine, engine::general_purpose::STANDARD};
    let blobs = common::fixture(fixture).join("layout/blobs/sha256");
    for entry in fs::read_dir(blobs).unwrap().flatten() {
        let Ok(found) = serde_json::from_slice::<Value>(&fs::read(entry.path()).unwrap()) else {
            continue;
        };
        let payload = found["dsseEnvelope"]["payload"].as_str().unwrap_or_default();
        let statement = STANDARD.decode(payload).unwrap();
        let Ok(statement) = serde_json::from_slice::<Value>(&statement) else { continue };
        let names_it = statement["subject"][0]["digest"]["sha256"] == IMAGE.replace("sha256:", "");
        if names_it && statement["predicateType"] == "https://cyclonedx.org/bom" {
            return found;
        }
    }
    unreachable!("no CycloneDX bundle in {fixture}")
}

#[test]
fn the_newest_attestation_of_a_type_is_told_by_authenticated_time() {
    // Later than the one in `native`, and by the same signer.
    let (old, new) = (bundle("native"), bundle("fallback-cosign-3.1.3"));
    let mut forged = new.clone();
    forged["verificationMaterial"]["tlogEntries"][0]["integratedTime"] = "1999999999".into();
    let other = bundle("wrong-ref");
    for (what, bundles, wanted) in [
        ("one", vec![&old], vec!["only"]),
        ("two", vec![&old, &new], vec!["older", "newest"]),
        ("the other way round", vec![&new, &old], vec!["newest", "older"]),
        ("twice the same", vec![&new, &new], vec!["tied", "tied"]),
        ("a forged date", vec![&old, &forged], vec!["only", "not-counted"]),
        ("by somebody else", vec![&old, &other], vec!["only", "not-counted"]),
    ] {
        let lines: Vec<String> = bundles.iter().map(ToString::to_string).collect();
        let name = format!("newest-{}.jsonl", what.replace(' ', "-"));
        let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        fs::write(&file, lines.join("\n")).unwrap();
        let seen = verify(IMAGE, &["--bundle", file.to_str().unwrap(), "--type", "cyclonedx"]);
        assert_eq!(seen["verdict"], "proved", "{what}");
        let places: Vec<&str> = seen["attestations"]
            .as_array()
            .unwrap()
            .iter()
            .map(|a| a["age"]["place"].as_str().unwrap())
            .collect();
        assert_eq!(places, wanted, "{what}");
        fs::remove_file(file).unwrap();
    }
}

#[test]
fn what_is_attached_unsigned_is_listed_and_never_a_proof() {
    for (target, kind, number, about, holds) in [
        (
            "oci:tests/fixtures/buildkit-children/layout:4.0.0",
            "buildkit-attestations",
            3,
            json!("linux/riscv64"),
            json!("https://slsa.dev/provenance/v0.2"),
        ),
        (
            "oci:tests/fixtures/legacy-v2/layout:4.0.0",
            "unsigned-attachment",
            1,
            Value::Null,
            Value::Null,
        ),
    ] {
        let seen = inspect(target);
        let found = seen["attachments"].as_array().unwrap();
        assert_eq!(found.len(), number, "{target}");
        assert_eq!(found[0]["kind"], kind, "{target}");
        assert_eq!(found[0]["verified"], false, "{target}");
        assert_eq!(found[0]["platform"], about, "{target}");
        assert_eq!(found[0]["holds"][0]["predicate_type"], holds, "{target}");
        assert!(found[0]["holds"][0]["size"].as_u64().unwrap() > 0, "{target}");
    }
    // What BuildKit wrote is no attestation of that type.
    let target = "oci:tests/fixtures/buildkit-children/layout:4.0.0";
    let seen = verify(target, &["--type", "https://slsa.dev/provenance/v0.2"]);
    assert_eq!(seen["verdict"], "absent");
}

fn corpus(under: &str) -> Option<PathBuf> {
    let path = Path::new(CORPUS).join(under);
    if path.exists() {
        return Some(path);
    }
    println!("SKIPPED: {CORPUS}/{under} is not there");
    None
}

#[test]
fn notation_and_buildkit_leave_an_unsigned_image_absent() {
    for (layout, tag, kind, number) in [
        ("notation-valid-signature", "v1", "notation-signature", 1),
        ("notation-valid-multiple", "v1", "notation-signature", 2),
        (
            "docker-attest-unsigned-index",
            "docker.io/library/test-image:test",
            "buildkit-attestations",
            2,
        ),
    ] {
        let Some(folder) = corpus(&format!("oci-layouts/{layout}")) else { return };
        let index: Value =
            serde_json::from_slice(&fs::read(folder.join("index.json")).unwrap()).unwrap();
        let name = "org.opencontainers.image.ref.name";
        let entries = index["manifests"].as_array().unwrap();
        let entry = entries.iter().find(|e| e["annotations"][name] == tag).unwrap();
        let target = format!("oci:{}@{}", folder.display(), entry["digest"].as_str().unwrap());
        let seen = verify(&target, &[]);
        assert_eq!(seen["verdict"], "absent", "{layout}: {}", seen["reason"]);
        let seen = inspect(&target);
        let found = seen["attachments"].as_array().unwrap();
        assert_eq!(found.len(), number, "{layout}");
        assert!(found.iter().all(|a| a["kind"] == kind), "{layout} {found:?}");
        assert!(!found[0]["holds"].as_array().unwrap().is_empty(), "{layout}");
    }
}

/// The statements of a file of any of the corpus's shapes.
fn statements(bytes: &[u8]) -> Vec<Value> {
    use base64::{Engine, engine::general_purpose::STANDARD};
    let whole = serde_json::from_slice::<Value>(bytes).into_iter();
    let lines = || bytes.split(|b| *b == b'\n').filter_map(|l| serde_json::from_slice(l).ok());
    let mut documents: Vec<Value> = whole.collect();
    if documents.is_empty() {
        documents = lines().collect();
    }
    let npm = |d: &Value| d["attestations"].as_array().cloned();
    let documents = documents.into_iter().flat_map(|d| npm(&d).unwrap_or_else(|| vec![d]));
    let statement = |d: Value| {
        let places = [&d["bundle"]["dsseEnvelope"], &d["dsseEnvelope"], &d];
        let payload = places.iter().find_map(|e| e["payload"].as_str());
        let decoded = payload.and_then(|p| STANDARD.decode(p).ok());
        let parsed = decoded.and_then(|bytes| serde_json::from_slice(&bytes).ok());
        let statement: Value = parsed.unwrap_or(d);
        statement["predicateType"].is_string().then_some(statement)
    };
    documents.filter_map(statement).collect()
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut all = vec![];
    for entry in fs::read_dir(folder).unwrap().flatten() {
        match entry.path() {
            path if path.is_dir() => all.extend(files(&path)),
            path => all.push(path),
        }
    }
    all.sort();
    all
}

#[test]
fn real_predicates_of_a_known_type_are_never_called_empty() {
    let (Some(attestations), Some(bundles)) = (corpus("attestations"), corpus("bundles-ok")) else {
        return;
    };
    let mut seen = 0;
    for path in [files(&attestations), files(&bundles)].concat() {
        for statement in statements(&fs::read(&path).unwrap()) {
            let kind = statement["predicateType"].as_str().unwrap();
            let predicate = statement["predicate"].to_string();
            let summary = Summary::of(kind, Some(&predicate));
            let name = path.display();
            // A made-up example: predicate type "something", and {} for its predicate.
            let minimal = kind == "something";
            assert_eq!(summary.hollow.is_some(), minimal, "{name}: {:?}", summary.hollow);
            if let Says::Provenance(provenance) = &summary.says {
                assert!(provenance.builder.is_some(), "{name}");
            }
            if Family::of(kind) != Family::Other && kind != "https://slsa.dev/provenance/v1" {
                assert!(summary.odd.is_empty(), "{name}: {:?}", summary.odd);
            }
            seen += 1;
        }
    }
    assert!(seen > 60, "{seen}");
}

#[test]
fn real_provenance_disagrees_with_its_certificate_only_where_it_was_forged() {
    let Some(bundles) = corpus("bundles-ok") else { return };
    let (mut compared, mut warned) = (0, vec![]);
    for path in files(&bundles) {
        let case = Case {
            artifact: &[],
            bytes: None,
            root: None,
            key: None,
            demand: None,
            now: Timestamp::UNIX_EPOCH,
        };
        let bytes = fs::read(&path).unwrap();
        for line in bytes.split(|b| *b == b'\n') {
            let whole = path.extension().is_none_or(|e| e != "jsonl");
            let piece = judge(if whole { &bytes } else { line }, case);
            let provenance = piece.statement.as_ref().and_then(|s| s.get().summary.provenance());
            if provenance.is_some_and(|p| !p.claims.is_empty()) {
                compared += 1;
            }
            for (code, words) in warnings(&piece) {
                if code == "provenance-certificate" {
                    assert!(words.contains("observed only"), "{words}");
                    warned.push(format!("{}: {words}", path.file_name().unwrap().display()));
                }
            }
            if whole {
                break;
            }
        }
    }
    assert!(compared > 12, "{compared}");
    let forged = |w: &&String| !w.starts_with("bcr-MODULE-wrong-signer");
    assert_eq!(warned.iter().filter(forged).collect::<Vec<_>>(), Vec::<&String>::new());
    for field in ["the repository", "the commit", "the ref", "the workflow"] {
        assert!(warned.iter().any(|w| w.contains(field)), "{field} in {warned:#?}");
    }
}
