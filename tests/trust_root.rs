//! `sigscope trust-root` and the trust flags, as a program: which requests are made, what judges,
//! and how the run ends.
#![allow(clippy::unwrap_used, clippy::panic, missing_docs, reason = "a test may end so")]

mod common;

use std::{
    fs,
    process::{Command, Stdio},
};

use common::{
    NAME, Registry, fixture,
    tuf::{Mirror, Repository},
};
use serde_json::Value;

const FAR: &str = "2036-01-01T00:00:00Z";

/// A repository that hands out the root of the fixtures, and its `root.json` as a file.
struct Scene {
    repository: Repository,
    mirror: Mirror,
}

impl Scene {
    fn new() -> Self {
        let target = fs::read(fixture("trusted_root.json")).unwrap();
        let mut repository = Repository::new(&target);
        repository.timestamp.1 = FAR;
        let mirror = Mirror::serve(&repository);
        fs::create_dir_all(&mirror.cache).unwrap();
        fs::write(mirror.cache.join("start.json"), repository.start()).unwrap();
        Self { repository, mirror }
    }

    /// Runs the program; `ROOT` stands for the flags that name this repository.
    fn run(&self, line: &str) -> (i32, Value, String) {
        let start = self.mirror.cache.join("start.json").display().to_string();
        let url = self.mirror.url();
        let root = ["--sigstore", &url, "--tuf-root", &start].map(str::to_owned);
        let words = line.split(' ').flat_map(|word| match word {
            "ROOT" => root.to_vec(),
            word => vec![word.to_owned()],
        });
        let output = Command::new(env!("CARGO_BIN_EXE_sigscope"))
            .args(words)
            .env("XDG_CACHE_HOME", &self.mirror.cache)
            .env("HOME", &self.mirror.cache)
            .stdin(Stdio::null())
            .output()
            .unwrap();
        let out = String::from_utf8(output.stdout).unwrap();
        let report = serde_json::from_str(&out).unwrap_or_default();
        let told = format!("{out}{}", String::from_utf8_lossy(&output.stderr));
        (output.status.code().unwrap(), report, told)
    }

    fn requests(&self) -> usize {
        self.mirror.server.requests().len()
    }
}

const WHO: &str = "--certificate-identity-regexp ^https://github\\.com/enix/ \
    --certificate-oidc-issuer https://token.actions.githubusercontent.com --json";

#[test]
fn the_table_names_every_authority_and_the_metadata_behind_it() {
    let scene = Scene::new();
    let (code, report, told) = scene.run("trust-root ROOT --json");
    assert_eq!(code, 0, "{told}");
    assert_eq!(report["trust_root"]["source"], "tuf");
    assert_eq!(report["trust_root"]["name"], scene.mirror.url().as_str());
    assert_eq!(report["tuf"]["roles"][0]["name"], "root");
    let entries = report["roots"][0]["entries"].as_array().unwrap();
    for kind in ["CA", "CT log", "Rekor", "TSA"] {
        let entry = entries.iter().find(|e| e["kind"] == kind).unwrap();
        assert!(entry["id"].as_str().is_some_and(|id| id.len() == 64), "{entry}");
        assert!(entry["key"].as_str().is_some_and(|key| !key.is_empty()), "{entry}");
    }
    let (code, _, table) = scene.run("trust-root show ROOT");
    assert_eq!(code, 0);
    for part in ["CA[0]", "CT log[0]", "Rekor[0]", "TSA[0]", "TUF timestamp", "expires 2036"] {
        assert!(table.contains(part), "{part}: {table}");
    }
    assert_eq!(scene.requests(), 5, "the second run had the cache");
}

#[test]
fn an_update_asks_in_any_case_and_says_what_changed() {
    let mut scene = Scene::new();
    let (code, report, told) = scene.run("trust-root update ROOT --json");
    assert_eq!((code, &report["changes"][0]), (0, &Value::from("there was none before")), "{told}");
    let (code, _, told) = scene.run("trust-root update ROOT");
    assert!(code == 0 && told.contains("nothing changed"), "{told}");
    let mut target: Value = serde_json::from_slice(&scene.repository.target).unwrap();
    target["tlogs"].as_array_mut().unwrap().remove(0);
    scene.repository.target = target.to_string().into_bytes();
    (scene.repository.timestamp.0, scene.repository.snapshot.0, scene.repository.targets.0) =
        (2, 2, 2);
    scene.mirror.now_serves(&scene.repository);
    let (code, report, told) = scene.run("trust-root update ROOT --json");
    let changes: Vec<_> = report["changes"].as_array().unwrap().iter().collect();
    let tells = |part: &str| changes.iter().any(|c| c.as_str().unwrap().contains(part));
    assert!(
        code == 0 && tells("gone: Rekor[0]") && tells("TUF timestamp: version 1 → 2"),
        "{told}"
    );
    scene.mirror.fails(|_| Some(common::server::Reply::new(503, "no")));
    let (code, report, told) = scene.run("trust-root update ROOT --json");
    assert!(code == 3 && report["trust_root"]["source"] == "tuf", "not confirmed: {told}");
    for line in [
        "trust-root update ROOT --offline",
        "trust-root update ROOT --no-network",
        "trust-root update --trusted-root tests/fixtures/trusted_root.json",
    ] {
        assert_eq!(scene.run(line).0, 2, "{line}");
    }
}

#[test]
fn a_release_is_judged_by_the_root_that_came_over_tuf() {
    let scene = Scene::new();
    let line = format!("verify oci:tests/fixtures/native/layout:4.0.0 ROOT {WHO}");
    let (code, report, told) = scene.run(&line);
    assert_eq!(code, 0, "{told}");
    assert_eq!(report["trust_root"]["source"], "tuf");
    assert!(report["trust_root"]["date"].as_str().is_some_and(|d| d.contains('T')), "{told}");
    scene.mirror.change("timestamp.json", |bytes| bytes.truncate(20));
    let day = scene.mirror.cache.clone();
    // The cache of a moment ago is not asked about again; without it the mirror contradicts.
    assert_eq!(scene.run(&line).0, 0);
    fs::remove_dir_all(day.join("sigscope")).unwrap();
    let (code, report, told) = scene.run(&line);
    assert_eq!((code, &report["trust_root"]["source"]), (3, &Value::from("tuf")), "{told}");
    assert!(told.contains("the TUF metadata is refused"), "{told}");
    // Somebody's own repository has no root that is built in.
    scene.mirror.fails(|_| Some(common::server::Reply::new(500, "no")));
    let (code, _, told) = scene.run(&line);
    assert!(code == 3 && told.contains("cannot be reached"), "{told}");
}

#[test]
fn offline_asks_nobody_but_the_registry_and_no_network_nobody() {
    let scene = Scene::new();
    let registry = Registry::serve(&[(NAME, fixture("native/layout"))], true);
    let image = format!("{}/{NAME}:4.0.0", registry.addr());
    let count = || (scene.requests(), registry.server.requests().len());
    // Flags, exit code, whether the mirror and the registry were asked.
    for (flags, code, mirror, asked) in [
        ("--offline", 3, false, true),
        ("--no-network", 3, false, false),
        ("", 0, true, true),
        ("--offline", 0, false, true),
        ("--no-network", 3, false, false),
        ("--offline --require-fresh-root", 0, false, true),
        ("", 0, false, true),
    ] {
        let before = count();
        let line = format!("verify {image} ROOT {WHO} {flags}");
        let (got, _, told) = scene.run(line.trim());
        let after = count();
        assert_eq!(got, code, "{flags}: {told}");
        assert_eq!((after.0 > before.0, after.1 > before.1), (mirror, asked), "{flags}");
    }
}

#[test]
fn without_any_request_the_built_in_root_judges_and_says_so() {
    let scene = Scene::new();
    for (flags, name) in [("", "public-good"), ("--sigstore github", "github")] {
        let line = format!("trust-root --offline --json {flags}");
        let (code, report, told) = scene.run(line.trim());
        assert_eq!(code, 0, "{told}");
        assert_eq!(report["trust_root"]["source"], "embedded");
        assert_eq!(report["trust_root"]["name"], name);
        assert!(report["summary"].as_str().unwrap().contains("no request was made"), "{told}");
        assert!(report["warnings"].as_array().unwrap().is_empty(), "{told}");
        let (code, ..) = scene.run(&format!("{} --require-fresh-root", line.trim()));
        assert_eq!(code, 3);
    }
    for (line, part) in [
        ("trust-root --sigstore https://x.example", "--tuf-root"),
        ("verify oci:x:1 --sigstore https://x.example --key k", "--tuf-root"),
        ("trust-root --trusted-root x --sigstore github", "exclude each other"),
    ] {
        let (code, _, told) = scene.run(line);
        assert!(code == 2 && told.contains(part), "{line}: {told}");
    }
    let (code, _, told) = scene.run("trust-root --sigstore Cargo.toml");
    assert!(code == 3 && told.contains("trust root cannot be read"), "{told}");
}
