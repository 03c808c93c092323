//! Platforms, their own evidence, what hangs below, and documents that are no manifest.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs, reason = "tests")]

mod common;

use std::collections::BTreeMap;

use common::{
    run::{Said, run},
    server::{Reply, Request, Server},
};
use serde_json::{Value, json};
use sigscope::domain::Digest;

const POLICY: [&str; 6] = [
    "--trusted-root",
    "tests/fixtures/trusted_root.json",
    "--certificate-identity",
    "https://github.com/enix/x509-certificate-exporter/.github/workflows/release.yaml@refs/tags/v4.0.0",
    "--certificate-oidc-issuer",
    "https://token.actions.githubusercontent.com",
];

fn sigscope(command: &str, target: &str, more: &[&str]) -> (Said, Value) {
    let mut argv = vec!["sigscope", command, target, "--json"];
    if command == "verify" {
        argv.extend(POLICY);
    }
    argv.extend(more);
    let said = run(&argv.into_iter().map(str::to_owned).collect::<Vec<_>>());
    let report = serde_json::from_str(&said.out).unwrap_or_default();
    (said, report)
}

fn row<'a>(report: &'a Value, id: &str) -> &'a Value {
    let checks = report["checks"].as_array().unwrap();
    checks.iter().find(|check| check["id"] == id).unwrap_or(&Value::Null)
}

#[test]
fn a_platform_needs_evidence_of_its_own() {
    let sbom: &[&str] = &["--type", "cyclonedx"];
    for (platform, more, exit, words) in [
        (None, &[][..], 0, "release.yaml@refs/tags/v4.0.0"),
        // The index is signed, the child is not: it has an SBOM alone.
        (Some("linux/amd64"), &[], 4, "no signature is there, only an attestation"),
        (Some("linux/amd64"), sbom, 0, "release.yaml@refs/tags/v4.0.0"),
        // The other way round the child's SBOM is not the index's.
        (None, sbom, 4, "is there"),
        (Some("linux/arm64"), &[], 4, "no signature is there"),
        (Some("linux/arm64"), sbom, 4, "is there"),
        (Some("windows/amd64"), &[], 4, "has no windows/amd64; it lists linux/amd64"),
    ] {
        let chosen = platform.map(|p| vec!["--platform", p]).unwrap_or_default();
        let flags: Vec<&str> = more.iter().copied().chain(chosen).collect();
        let target = "oci:tests/fixtures/child-attestation/layout:4.0.0";
        let (said, report) = sigscope("verify", target, &flags);
        assert_eq!(said.code, exit, "{flags:?}: {}{}", said.out, said.err);
        let reason = report["reason"].as_str().unwrap();
        assert!(reason.contains(words), "{flags:?}: {reason}");
        assert_eq!(report["platform"].as_str(), platform);
        let index = row(&report, "index");
        if platform.is_none() || platform == Some("windows/amd64") {
            assert_eq!((index, &report["index"]), (&Value::Null, &Value::Null));
            continue;
        }
        // A row of its own, and not a proof.
        assert!(report["digest"].is_string() && report["index"] != report["digest"]);
        assert_eq!(index["verdict"], "valid", "{index}");
        let told = index["summary"].as_str().unwrap();
        assert!(told.starts_with(platform.unwrap()) && told.contains("is signed as demanded"));
        let pieces = report["signatures"].as_array().unwrap();
        assert!(pieces.iter().all(|piece| piece["kind"] == "attestation"), "{pieces:?}");
    }
}

#[test]
fn a_platform_that_cannot_be_chosen_is_said() {
    for (target, platform, exit, words) in [
        ("oci:tests/fixtures/native/layout:4.0.0", "linux", 2, "--platform: os/arch"),
        ("oci:tests/fixtures/native/layout:4.0.0", "linux/", 2, "--platform: each part"),
        ("./Cargo.toml", "linux/amd64", 2, "--platform: only an image"),
        // A chart is no image of any platform.
        ("oci:tests/fixtures/chart/chart:4.0.0", "linux/amd64", 3, "names no platform"),
    ] {
        let more = if target.starts_with("./") { &["--bundle", "x"][..] } else { &[] };
        let flags = [&["--platform", platform], more].concat();
        let (said, _) = sigscope("verify", target, &flags);
        assert_eq!(said.code, exit, "{target} {platform}: {}{}", said.out, said.err);
        let told = format!("{}{}", said.out, said.err);
        assert!(told.contains(words), "{target} {platform}: {told}");
    }
}

#[test]
fn what_hangs_on_a_child_is_shown_and_counts_for_nobody_else() {
    let target = "oci:tests/fixtures/child-attestation/layout:4.0.0";
    let flags = POLICY;
    let (said, report) = sigscope("inspect", target, &flags);
    assert_eq!(said.code, 0, "{}", said.err);
    let nested: Vec<&Value> = report["checks"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|check| check["id"] == "nested-signature")
        .collect();
    assert_eq!(nested.len(), 1, "{nested:?}");
    assert_eq!(nested[0]["verdict"], "proved", "{}", nested[0]);
    // The SBOM is the child's alone.
    assert_eq!(report["signatures"].as_array().unwrap().len(), 1);
    assert_eq!(report["attestations"].as_array().unwrap().len(), 0);
    assert_eq!(report["sbom"], Value::Null);
    let tree = report["tree"].as_array().unwrap();
    let told: Vec<String> =
        tree.iter().map(|b| format!("{} {}", b["depth"], b["what"].as_str().unwrap())).collect();
    assert!(told.contains(&"0 linux/amd64".to_owned()), "{told:?}");
    assert!(told.contains(&"1 attestation".to_owned()), "{told:?}");
}

/// Manifests that refer to each other, served by digest.
struct Made {
    manifests: BTreeMap<String, String>,
    referrers: BTreeMap<String, Vec<Value>>,
    root: String,
}

impl Made {
    fn new() -> Self {
        let (mut manifests, root) = (BTreeMap::new(), r#"{"layers":[]}"#.to_owned());
        let digest = Digest::sha256(root.as_bytes()).to_string();
        manifests.insert("t".into(), root.clone());
        manifests.insert(digest.clone(), root);
        Self { manifests, referrers: BTreeMap::new(), root: digest }
    }

    fn refer(&mut self, to: &str, name: &str) -> String {
        let text = json!({"artifactType": name, "layers": [], "subject":
            {"mediaType": "m", "digest": to, "size": 1}})
        .to_string();
        let digest = Digest::sha256(text.as_bytes()).to_string();
        let entry = json!({"mediaType": "m", "digest": digest, "size": text.len()});
        self.referrers.entry(to.to_owned()).or_default().push(entry);
        self.manifests.insert(digest.clone(), text);
        digest
    }

    fn serve(self) -> Server {
        Server::start(move |request: &Request| {
            let last = request.path().rsplit('/').next().unwrap();
            if request.path().contains("/referrers/") {
                let found = self.referrers.get(last).cloned().unwrap_or_default();
                let body = json!({"schemaVersion": 2, "manifests": found}).to_string();
                return Reply::new(200, body)
                    .with("Content-Type", "application/vnd.oci.image.index.v1+json");
            }
            match self.manifests.get(last) {
                Some(text) => Reply::new(200, text.as_bytes()),
                None => Reply::error(404, "MANIFEST_UNKNOWN"),
            }
        })
    }
}

#[test]
fn a_chain_of_referrers_ends_at_its_bound_and_says_so() {
    let mut made = Made::new();
    let mut to = made.root.clone();
    for n in 0..6 {
        to = made.refer(&to, &format!("x/{n}"));
    }
    let server = made.serve();
    let (said, report) = sigscope("inspect", &format!("{}/x:t", server.host()), &[]);
    assert_eq!(said.code, 0, "{}", said.err);
    // The artifact's own, and three steps below it.
    assert_eq!(server.count("/referrers/"), 4);
    let tree = report["tree"].as_array().unwrap();
    let told: Vec<String> =
        tree.iter().map(|b| format!("{} {}", b["depth"], b["what"].as_str().unwrap())).collect();
    let wanted = ["0 referrer", "1 referrer", "2 referrer", "3 referrer", "4 not asked"];
    assert_eq!(told, wanted);
}

#[test]
fn a_crowd_of_referrers_is_asked_up_to_a_bound_and_says_so() {
    let mut made = Made::new();
    for n in 0..150 {
        let root = made.root.clone();
        made.refer(&root, &format!("x/{n}"));
    }
    let server = made.serve();
    let (said, report) = sigscope("inspect", &format!("{}/x:t", server.host()), &[]);
    assert_eq!(said.code, 0, "{}", said.err);
    assert_eq!(server.count("/referrers/"), 101);
    let tree = report["tree"].as_array().unwrap();
    assert_eq!(tree.iter().filter(|b| b["what"] == "not asked").count(), 1);
    assert_eq!(tree.len(), 151);
}

/// `levels` indexes, one in another, and an image in the innermost.
fn russian_doll(levels: usize) -> Made {
    let mut made = Made::new();
    let (mut inner, mut kind) = (made.root.clone(), "image.manifest");
    for level in 0..levels {
        let size = made.manifests[&inner].len();
        let entry = json!({"mediaType": format!("application/vnd.oci.{kind}.v1+json"),
            "digest": inner, "size": size, "platform": {"os": "linux", "architecture": level.to_string()}});
        let text = json!({"manifests": [entry]}).to_string();
        (inner, kind) = (Digest::sha256(text.as_bytes()).to_string(), "image.index");
        made.manifests.insert(inner.clone(), text.clone());
        made.manifests.insert("t".into(), text);
    }
    made
}

#[test]
fn indexes_in_an_index_are_opened_up_to_a_bound() {
    // Of six levels the first entry and three more are read.
    for (levels, platforms) in [(1, 1), (2, 2), (4, 4), (6, 4)] {
        let server = russian_doll(levels).serve();
        let (said, report) = sigscope("inspect", &format!("{}/x:t", server.host()), &[]);
        assert_eq!(said.code, 0, "{}", said.err);
        let checks = report["checks"].as_array().unwrap();
        let read: Vec<_> = checks.iter().filter(|check| check["id"] == "platform").collect();
        assert_eq!(read.len(), platforms, "{levels}: {read:?}");
        // Read and not judged: nothing is called proved.
        assert!(read.iter().all(|check| check["verdict"] == "valid"), "{read:?}");
    }
}

#[test]
fn a_document_that_is_no_manifest_is_said_to_be_none() {
    let d = json!({"mediaType": "m", "digest": Digest::sha256(b"").to_string(), "size": 0});
    let index = "application/vnd.oci.image.index.v1+json";
    for (document, exit, words) in [
        (json!({"layers": [d], "manifests": [d]}), 1, "both layers and manifests"),
        (json!({"config": d, "manifests": [d]}), 1, "both a config and manifests"),
        (json!({"mediaType": index, "config": d, "layers": [d]}), 1, "media type is an index's"),
        (
            json!({"mediaType": "application/vnd.oci.image.manifest.v1+json", "manifests": [d]}),
            1,
            "media type is an image's",
        ),
        (json!({"schemaVersion": 1, "name": "x", "fsLayers": [], "history": []}), 3, "schema 1"),
        (json!({"mediaType": "application/vnd.example.thing"}), 3, "vnd.example.thing"),
        (json!({"layers": "none"}), 3, "not a manifest"),
        // OCI 1.1's release candidates, and Docker's own names for the same shapes.
        (
            json!({"mediaType": "application/vnd.oci.artifact.manifest.v1+json", "blobs": [d], "subject": d}),
            4,
            "no signature is there",
        ),
        (
            json!({"mediaType": "application/vnd.docker.distribution.manifest.list.v2+json", "manifests": [d]}),
            4,
            "no signature is there",
        ),
        (
            json!({"mediaType": "application/vnd.docker.distribution.manifest.v2+json", "config": d, "layers": [d]}),
            4,
            "no signature is there",
        ),
    ] {
        let body = document.to_string();
        let server = Server::start(move |request: &Request| {
            if request.path().ends_with("/manifests/t") {
                // Whatever the server calls it, the content decides.
                Reply::new(200, body.as_bytes()).with("Content-Type", index)
            } else {
                Reply::error(404, "MANIFEST_UNKNOWN")
            }
        });
        let (said, report) = sigscope("verify", &format!("{}/x:t", server.host()), &[]);
        assert_eq!(said.code, exit, "{document}: {}{}", said.out, said.err);
        let reason = report["reason"].as_str().unwrap();
        assert!(reason.contains(words), "{document}: {reason}");
    }
}
