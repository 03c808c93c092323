//! Evidence in a repository of its own (`COSIGN_REPOSITORY`), and what "not there" is worth in
//! either place.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs, reason = "tests")]

mod common;

use std::process::{Command, Output};

use common::{
    Registry as Served, fixture, reply_of,
    server::{Reply, Request, Server},
};
use serde_json::Value;

const IDENTITY: &str = "https://github.com/enix/x509-certificate-exporter/.github/workflows/release.yaml@refs/tags/v4.0.0";
const ISSUER: &str = "https://token.actions.githubusercontent.com";

/// `app` has the image alone; `sigs` and `legacy` have what refers to it and no tag; the others
/// have nothing and say so in the words of their registry.
fn server() -> Server {
    let all = ["native", "legacy-v2"].map(|n| fixture(&format!("{n}/layout")));
    let [native, legacy] = all;
    let served = Served::repositories(&[
        ("app", native.clone()),
        ("old", legacy.clone()),
        ("sigs", native),
        ("legacy", legacy),
    ]);
    Server::start(move |request: &Request| {
        let path = request.path().trim_start_matches("/v2/").to_owned();
        let name = path.split('/').next().unwrap();
        let of_artifact = path.contains("/manifests/4.0.0") || path.contains("/manifests/v4.0.0");
        let attached = path.contains("/manifests/sha256-");
        match name {
            "app" | "old" if path.contains("/referrers/") => {
                Reply::new(200, r#"{"schemaVersion":2,"manifests":[]}"#)
                    .with("Content-Type", "application/vnd.oci.image.index.v1+json")
            }
            "app" | "old" if attached => Reply::error(404, "MANIFEST_UNKNOWN"),
            "sigs" | "legacy" if of_artifact => Reply::error(404, "MANIFEST_UNKNOWN"),
            "app" | "old" | "sigs" | "legacy" => reply_of(&served, request),
            "empty" => Reply::error(404, "MANIFEST_UNKNOWN"),
            "harbor" => Reply::error(404, "NOT_FOUND"),
            "denied" => Reply::error(403, "DENIED"),
            _ => Reply::error(404, "NAME_UNKNOWN"),
        }
    })
}

fn verify(target: &str, apart: Option<&str>, more: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sigscope"));
    command.args(["verify", target, "--json", "--trusted-root"]);
    command.arg("tests/fixtures/trusted_root.json");
    command.args(["--certificate-identity", IDENTITY, "--certificate-oidc-issuer", ISSUER]);
    command.args(more).env_remove("COSIGN_REPOSITORY");
    if let Some(apart) = apart {
        command.env("COSIGN_REPOSITORY", apart);
    }
    command.output().unwrap()
}

#[test]
fn evidence_is_looked_for_where_the_environment_says_and_nowhere_else() {
    for (apart, exit, words) in [
        (None, 4, "no signature is there"),
        (Some(""), 4, "no signature is there"),
        (Some("sigs"), 0, "refs/tags/v4.0.0"),
        // The repository of the artifact itself is no other one.
        (Some("app"), 4, "no signature is there"),
        (Some("empty"), 4, "no signature is there"),
        // Not there, hidden, or misspelt: nobody knows.
        (Some("none"), 3, "NAME_UNKNOWN"),
        (Some("harbor"), 3, "NOT_FOUND"),
        (Some("denied"), 3, "denies access"),
    ] {
        let server = server();
        let place = apart.filter(|a| !a.is_empty()).map(|a| format!("{}/{a}", server.host()));
        let given = apart.map(|_| place.clone().unwrap_or_default());
        let said = verify(&format!("{}/app:4.0.0", server.host()), given.as_deref(), &[]);
        let report: Value = serde_json::from_slice(&said.stdout).unwrap();
        assert_eq!(said.status.code(), Some(exit), "{apart:?}: {report:#}");
        let reason = report["reason"].as_str().unwrap();
        assert!(reason.contains(words), "{apart:?}: {reason}");
        let own = place.filter(|_| apart != Some("app"));
        assert_eq!(report["signature_repository"].as_str(), own.as_deref(), "{apart:?}");
        let Some(own) = own else { continue };
        // Never both, and every row says which.
        let beside = server.count("/app/referrers/") + server.count("/app/manifests/sha256-");
        assert_eq!(beside, 0, "{apart:?}");
        for check in report["checks"].as_array().unwrap() {
            let listing = ["referrers", "legacy-tags"].contains(&check["id"].as_str().unwrap());
            let told = check["summary"].as_str().unwrap();
            assert!(!listing || told.contains(&format!("in {own}")), "{apart:?}: {told}");
        }
        let warned = report["warnings"].to_string();
        assert!(warned.contains("(COSIGN_REPOSITORY), not beside the artifact"), "{warned}");
    }
}

#[test]
fn cosigns_tags_are_looked_for_there_too() {
    let tag = Served::repositories(&[("old", fixture("legacy-v2/layout"))])["old"].tags.clone();
    let tag = tag.keys().find(|t| !t.starts_with("sha256-")).unwrap().clone();
    for (apart, exit) in [(None, 4), (Some("legacy"), 0), (Some("empty"), 4)] {
        let server = server();
        let place = apart.map(|a| format!("{}/{a}", server.host()));
        let said = verify(&format!("{}/old:{tag}", server.host()), place.as_deref(), &[]);
        let out = String::from_utf8(said.stdout).unwrap();
        assert_eq!(said.status.code(), Some(exit), "{apart:?}: {out}");
        // What was signed is compared with where the image is, not with where its signature is.
        let told = out.contains(&format!("and is read as {}/old", server.host()));
        assert_eq!(told, exit == 0, "{out}");
    }
}

#[test]
fn a_repository_that_cannot_be_read_is_said_in_one_sentence_and_how_to_go_on() {
    for (apart, why) in
        [("none", "NAME_UNKNOWN"), ("harbor", "NOT_FOUND"), ("denied", "denies access")]
    {
        let server = server();
        let place = format!("{}/{apart}", server.host());
        let mut command = Command::new(env!("CARGO_BIN_EXE_sigscope"));
        command.args(["verify", &format!("{}/app:4.0.0", server.host()), "--trusted-root"]);
        command.args(["tests/fixtures/trusted_root.json", "--certificate-identity", IDENTITY]);
        command.args(["--certificate-oidc-issuer", ISSUER]).env("COSIGN_REPOSITORY", &place);
        let said = command.output().unwrap();
        let out = String::from_utf8(said.stdout).unwrap();
        assert_eq!(said.status.code(), Some(3), "{out}");
        let verdict = out.lines().last().unwrap();
        let sentence =
            format!("? undecided: nothing can be read in {place}, which COSIGN_REPOSITORY");
        assert!(verdict.starts_with(&sentence) && verdict.contains(why), "{verdict}");
        assert!(
            verdict.ends_with("; correct it, or unset it to look beside the artifact"),
            "{out}"
        );
        // No row repeats the digest, the address and the answer for every tag that was tried.
        for line in out.lines() {
            assert!(line.chars().count() < 300 && !line.contains("sha256-"), "{line}");
        }
    }
}

#[test]
fn a_repository_that_is_none_is_a_wrong_setting() {
    let long = format!("reg.example/{}!", "x".repeat(5_000));
    for value in [
        "reg.example:5000",
        "reg.example/x:tag",
        "reg.example/X",
        "a b",
        "https://reg.example/x",
        &long,
    ] {
        let server = server();
        let said = verify(&format!("{}/app:4.0.0", server.host()), Some(value), &[]);
        let told = String::from_utf8(said.stderr).unwrap();
        assert_eq!(said.status.code(), Some(2), "{value}: {told}");
        assert!(told.contains("COSIGN_REPOSITORY="), "{told}");
        let hint = "; write HOST/PATH, as in ghcr.io/owner/signatures, or unset it\n";
        assert!(told.ends_with(hint) && told.len() < 300, "{told}");
        assert_eq!(told.contains("without https://"), value.contains("https://"), "{told}");
        assert_eq!(server.requests().len(), 0);
    }
}

/// A layout is complete in itself.
#[test]
fn a_layout_is_its_own_place() {
    let said = verify("oci:tests/fixtures/native/layout:4.0.0", Some("reg.invalid/sigs"), &[]);
    assert_eq!(said.status.code(), Some(0));
    let report: Value = serde_json::from_slice(&said.stdout).unwrap();
    assert_eq!(report["signature_repository"], Value::Null);
}

#[test]
fn not_there_is_an_answer_only_where_it_can_mean_nothing_else() {
    for (code, exit) in [
        ("MANIFEST_UNKNOWN", 4),
        // Harbor: the repository was read a moment ago, so only the tag can be meant.
        ("NOT_FOUND", 4),
        // "No such repository", although the artifact was just read from it.
        ("NAME_UNKNOWN", 3),
        ("DENIED", 3),
        ("UNKNOWN", 3),
    ] {
        let layouts = Served::repositories(&[("app", fixture("native/layout"))]);
        let server = Server::start(move |request: &Request| {
            let attached = request.path().contains("/manifests/sha256-");
            let listing = request.path().contains("/referrers/");
            if attached || listing { Reply::error(404, code) } else { reply_of(&layouts, request) }
        });
        let said = verify(&format!("{}/app:4.0.0", server.host()), None, &[]);
        let out = String::from_utf8(said.stdout).unwrap();
        assert_eq!(said.status.code(), Some(exit), "{code}: {out}");
    }
}
