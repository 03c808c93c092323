//! `sbom` over registries where the honest SBOM is one of several, or does not call itself one.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::panic, missing_docs, reason = "tests")]

mod common;

use std::{collections::BTreeMap, fs};

use common::{
    fixture,
    run::{Said, run},
    server::{Reply, Request, Server},
};
use serde_json::{Value, json};
use sigscope::domain::Digest;

const OWN: &str = "--trusted-root tests/fixtures/trusted_root.json --offline";
/// The manifest of an attestation of an SBOM, which is about another artifact than those here.
const ELSEWHERE: &str = "9495e684e0dd85eb4bdee9d3c43de3c400d2fd46e431c2c1a39fc2dc95ae02df";
const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
const INDEX: &str = "application/vnd.oci.image.index.v1+json";
const CYCLONEDX: &str = "application/vnd.cyclonedx+json";
const BUNDLE: &str = "application/vnd.dev.sigstore.bundle.v0.3+json";

/// A repository that is made up.
#[derive(Default)]
struct Made {
    content: BTreeMap<String, Vec<u8>>,
    referrers: BTreeMap<String, Vec<Value>>,
    tags: Vec<String>,
}

impl Made {
    fn keep(&mut self, bytes: &[u8]) -> Value {
        let digest = Digest::sha256(bytes).to_string();
        self.content.insert(digest.clone(), bytes.to_vec());
        json!({"mediaType": MANIFEST, "digest": digest, "size": bytes.len()})
    }

    fn manifest(&mut self, object: &Value, tag: Option<&str>) -> Value {
        let bytes = object.to_string().into_bytes();
        if let Some(tag) = tag {
            self.content.insert(tag.to_owned(), bytes.clone());
            self.tags.push(tag.to_owned());
        }
        self.keep(&bytes)
    }

    fn layer(&mut self, media_type: &str, bytes: &[u8]) -> Value {
        let mut layer = self.keep(bytes);
        layer["mediaType"] = media_type.into();
        layer
    }

    /// A release that is like no other.
    fn release(&mut self, tag: &str) -> Value {
        let config = self.layer("application/vnd.oci.image.config.v1+json", tag.as_bytes());
        self.manifest(&json!({"schemaVersion": 2, "config": config, "layers": []}), Some(tag))
    }

    fn refer(&mut self, to: &Value, (kind, media_type): (&str, &str), bytes: &[u8]) {
        let layer = self.layer(media_type, bytes);
        let object = json!({"schemaVersion": 2, "mediaType": MANIFEST, "artifactType": kind,
            "config": self.layer("application/vnd.oci.empty.v1+json", b"{}"),
            "layers": [layer], "subject": to});
        let mut entry = self.manifest(&object, None);
        entry["artifactType"] = kind.into();
        let to = to["digest"].as_str().unwrap().to_owned();
        self.referrers.entry(to).or_default().push(entry);
    }

    fn legacy(&mut self, to: &Value, bytes: &[u8]) {
        let tag = format!("{}.sbom", to["digest"].as_str().unwrap().replace(':', "-"));
        let layer = self.layer(CYCLONEDX, bytes);
        let config = self.layer("application/vnd.oci.image.config.v1+json", b"{}");
        self.manifest(
            &json!({"schemaVersion": 2, "config": config, "layers": [layer]}),
            Some(&tag),
        );
    }

    fn serve(self) -> Server {
        Server::start(move |request: &Request| {
            let last = request.path().rsplit('/').next().unwrap();
            if request.path().contains("/referrers/") {
                let found = self.referrers.get(last).cloned().unwrap_or_default();
                let body = json!({"schemaVersion": 2, "manifests": found}).to_string();
                return Reply::new(200, body).with("Content-Type", INDEX);
            }
            if request.path().ends_with("/tags/list") {
                return Reply::new(200, json!({"name": "x", "tags": self.tags}).to_string());
            }
            match self.content.get(last) {
                Some(bytes) => Reply::new(200, bytes.as_slice()),
                None => Reply::error(404, "MANIFEST_UNKNOWN"),
            }
        })
    }
}

fn cyclonedx(names: &[&str]) -> Vec<u8> {
    let each = names.iter().map(|name| json!({"type": "library", "name": name, "version": "1"}));
    let all: Vec<Value> = each.collect();
    json!({"bomFormat": "CycloneDX", "specVersion": "1.6", "components": all})
        .to_string()
        .into_bytes()
}

fn bundle() -> Vec<u8> {
    let blob = |hex: &str| fs::read(fixture("native/layout/blobs/sha256").join(hex)).unwrap();
    let manifest: Value = serde_json::from_slice(&blob(ELSEWHERE)).unwrap();
    let layer = manifest["layers"][0]["digest"].as_str().unwrap().to_owned();
    blob(layer.split(':').next_back().unwrap())
}

fn said(line: &str) -> Said {
    let argv: Vec<String> = format!("sigscope sbom {line}")
        .replace("OWN", OWN)
        .split_ascii_whitespace()
        .map(str::to_owned)
        .collect();
    run(&argv)
}

/// What refers to the release (a legacy tag: no type), with which exit code log4j is looked for, and
/// what is said of it.
type Case<'a> = (&'a [((&'a str, &'a str), Vec<u8>)], u8, &'a str);

#[test]
fn what_any_readable_document_says_is_found_and_one_that_does_not_hold_decides_nothing() {
    let statement = |of: &str| {
        let document: Value = serde_json::from_slice(&cyclonedx(&["log4j"])).unwrap();
        json!({"_type": "https://in-toto.io/Statement/v1", "predicateType": of, "subject": [],
            "predicate": document})
        .to_string()
        .into_bytes()
    };
    let (zlib, log4j) = (cyclonedx(&["zlib"]), cyclonedx(&["log4j"]));
    let in_toto = "application/vnd.in-toto+json";
    let typed = |kind| (kind, kind);
    let cases: &[Case<'_>] = &[
        (&[(typed(BUNDLE), bundle()), (typed(CYCLONEDX), log4j.clone())], 0, "refuted"),
        (&[(typed(BUNDLE), bundle())], 3, "its attestation contradicts"),
        (&[(("", ""), zlib.clone()), (typed(CYCLONEDX), log4j.clone())], 0, "unsigned referrer"),
        (&[(("", ""), zlib.clone()), (typed(CYCLONEDX), b"{".to_vec())], 3, "may be another one"),
        (&[(("", ""), zlib.clone()), (typed(CYCLONEDX), zlib.clone())], 1, "UNVERIFIED"),
        (&[(("sbom/example", "application/spdx+json"), log4j.clone())], 0, "unsigned referrer"),
        (&[(typed("text/plain"), log4j.clone())], 0, "unsigned referrer"),
        (&[(typed(in_toto), statement("https://cyclonedx.org/bom"))], 0, "unsigned referrer"),
        (&[(typed(in_toto), statement("https://slsa.dev/provenance/v1"))], 4, "no SBOM is there"),
        (&[(typed("application/vnd.syft+json"), b"{\"a\":1}".to_vec())], 3, "may be there"),
        (&[(typed("application/json"), b"{\"a\":1}".to_vec())], 4, "no SBOM is there"),
        (&[(typed("text/plain"), b"read me".to_vec())], 4, "no SBOM is there"),
    ];
    for (number, (referrers, code, words)) in cases.iter().enumerate() {
        let mut made = Made::default();
        let release = made.release("1.0.0");
        for (kind, bytes) in *referrers {
            match kind.0 {
                "" => made.legacy(&release, bytes),
                _ => made.refer(&release, *kind, bytes),
            }
        }
        let server = made.serve();
        let got = said(&format!("{}/x:1.0.0 OWN --search log4j", server.host()));
        assert_eq!(got.code, *code, "{number}: {}{}", got.out, got.err);
        assert!(got.err.contains(words), "{number}: {}", got.err);
    }
}

#[test]
fn the_first_release_is_only_called_so_where_every_tag_can_be_ordered() {
    for (tags, words) in [
        (&["1.0.0", "1.1.0", "latest"][..], "the first that has it: 1.0.0"),
        (&["1.0", "1.0.1", "1.1"], "the first known to have it: 1.0.1; not ordered: 1.0, 1.1"),
        (
            &["0.5.0.1", "0.9.0", "release-0.1"],
            "the first known to have it: 0.9.0; 2 tags are no versions and were not asked",
        ),
    ] {
        let mut made = Made::default();
        for tag in tags {
            let release = made.release(tag);
            made.refer(&release, (CYCLONEDX, CYCLONEDX), &cyclonedx(&["log4j"]));
        }
        let server = made.serve();
        let line = format!("{}/x OWN --tags >=0 --search log4j", server.host());
        let got = said(&line);
        assert_eq!((got.code, got.out.lines().next_back()), (0, Some(words)), "{}", got.err);
        let got = said(&format!("{line} --json"));
        let object: Value = serde_json::from_str(&got.out).unwrap();
        let unread = words.contains("no versions");
        assert_eq!(object["complete"], !unread, "{}", got.out);
        assert_eq!(object["incomplete"].is_null(), !unread, "{}", got.out);
    }
}

#[test]
fn a_document_that_was_cut_has_at_least_so_many_components() {
    let mut made = Made::default();
    let release = made.release("1.0.0");
    let whole = cyclonedx(&["zlib", "log4j"]);
    let cut = whole.get(..whole.len() - 3).unwrap();
    made.refer(&release, (CYCLONEDX, CYCLONEDX), cut);
    let server = made.serve();
    let got = said(&format!("{}/x OWN --tags >=0", server.host()));
    assert!(got.code == 3 && got.out.contains("at least 2 components"), "{}{}", got.out, got.err);
}
