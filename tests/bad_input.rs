//! What a registry may do to a verification, end to end: each fault ends in the exit code that is
//! right, and in a row that says which check could not be made.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    missing_docs,
    reason = "a test that cannot go on panics"
)]

mod common;

use common::{
    NAME, Registry, fixture,
    run::{Said, run},
    server::{Reply, Server},
};
use serde_json::Value;

const IDENTITY: &str = "https://github.com/enix/x509-certificate-exporter/.github/workflows/release.yaml@refs/tags/v4.0.0";
const ISSUER: &str = "https://token.actions.githubusercontent.com";

fn verify(target: &str) -> Said {
    let argv = [
        "sigscope",
        "verify",
        target,
        "--certificate-identity",
        IDENTITY,
        "--certificate-oidc-issuer",
        ISSUER,
        "--trusted-root",
        "tests/fixtures/trusted_root.json",
        "--offline",
        "--json",
    ];
    run(&argv.map(str::to_owned))
}

fn report(said: &Said) -> Value {
    serde_json::from_str(&said.out).unwrap_or_else(|e| panic!("{e}: {} {}", said.out, said.err))
}

#[test]
fn a_registry_that_misbehaves_never_makes_a_verdict_of_its_own() {
    // Name of the fault, the exit codes that are right, what the report must say.
    for (fault, codes, told) in [
        ("-", &[0][..], "signed by"),
        ("all-429", &[0], "signed by"),
        ("all-503", &[0], "signed by"),
        ("auth", &[0], "signed by"),
        ("auth-denied", &[3], "denies access"),
        ("blob-cut", &[3], "cannot be read"),
        ("blob-flip", &[3], "hash to"),
        ("digest-body", &[3], "hash to"),
        ("digest-header", &[0], "digest-header"),
        ("no-digest-header", &[0], "signed by"),
        ("referrers-303", &[3, 4], "not supported"),
        ("referrers-403", &[3], "denies access"),
        ("referrers-406", &[3, 4], "not supported"),
        ("referrers-429", &[3], "limits the rate"),
        ("referrers-500", &[3], "500"),
        ("referrers-foreign", &[0], "signed by"),
        ("referrers-html", &[3, 4], "not supported"),
        ("referrers-pages", &[0], "signed by"),
        ("tag-body", &[3], "contradicts itself"),
        ("type-plain", &[0], "signed by"),
    ] {
        let layouts = [(NAME, fixture("native/layout"))];
        let registry = Registry::faulty(&layouts, true, fault);
        let said = verify(&format!("{}/{NAME}:4.0.0", registry.addr()));
        assert!(codes.contains(&said.code), "{fault}: exit {} {}", said.code, said.out);
        let words = if codes.contains(&4) { "" } else { told };
        assert!(said.out.contains(words), "{fault}: {told:?} is not in {}", said.out);
        let verdict = report(&said)["verdict"].as_str().unwrap().to_owned();
        assert_eq!(verdict == "proved", said.code == 0, "{fault}");
    }
}

#[test]
fn a_server_that_is_no_registry_is_undecided() {
    let big = format!(r#"{{"layers":[],"x":"{}"}}"#, "x".repeat(10 << 20));
    for (what, status, body, code, told) in [
        ("not a manifest", 200, "{}".to_owned(), 3, "neither layers nor manifests"),
        ("JSON of another kind", 200, "[1,2]".to_owned(), 3, "not a manifest"),
        ("a web page", 200, "<html>".to_owned(), 3, "not a manifest"),
        ("10 MB", 200, big, 3, "over the limit"),
        ("unauthorized", 401, String::new(), 3, "denies access"),
        ("forbidden", 403, String::new(), 3, "denies access"),
        ("a 404 of a proxy", 404, "<html>".to_owned(), 3, "404"),
        (
            "an unknown tag",
            404,
            r#"{"errors":[{"code":"MANIFEST_UNKNOWN"}]}"#.to_owned(),
            4,
            "there is no",
        ),
        ("broken", 500, "oops \u{1b}[31m".to_owned(), 3, "500"),
    ] {
        let server = Server::start(move |_| Reply::new(status, body.clone()));
        let said = verify(&format!("{}/x:1", server.host()));
        assert_eq!(said.code, code, "{what}: {}", said.out);
        assert!(said.out.contains(told), "{what}: {}", said.out);
        assert!(!said.out.contains('\u{1b}'), "{what}");
    }
}

#[test]
fn nobody_there_is_undecided() {
    let gone = Server::start(|_| Reply::new(200, "{}")).host();
    for target in [format!("{gone}/x:1"), "no-such-host.invalid/x:1".to_owned()] {
        let said = verify(&target);
        assert_eq!(said.code, 3, "{target}: {}", said.out);
        let report = report(&said);
        let resolve = report["checks"].as_array().unwrap().iter().find(|c| c["id"] == "resolve");
        assert_eq!(resolve.unwrap()["verdict"], "undecided", "{target}");
    }
}

#[test]
fn the_worst_of_several_targets_is_the_exit_code_and_each_has_its_report() {
    let who = [
        "--certificate-identity",
        IDENTITY,
        "--certificate-oidc-issuer",
        ISSUER,
        "--trusted-root",
        "tests/fixtures/trusted_root.json",
        "--json",
    ];
    let (good, wrong, none, broken) = (
        "oci:tests/fixtures/native/layout:4.0.0",
        "oci:tests/fixtures/wrong-ref/layout:4.0.0",
        "oci:tests/fixtures/unsigned/layout:4.0.0",
        "oci:tests/fixtures/nothing:4.0.0",
    );
    for (targets, code) in [
        (&[good, good][..], 0),
        (&[good, none], 4),
        (&[none, broken], 3),
        (&[broken, wrong, good], 1),
    ] {
        let mut argv = vec!["sigscope", "verify"];
        argv.extend(targets.iter().chain(&who));
        let said = run(&argv.into_iter().map(str::to_owned).collect::<Vec<_>>());
        assert_eq!(said.code, code, "{targets:?}");
        assert_eq!(said.out.lines().count(), targets.len());
    }
}

#[test]
fn five_hundred_junk_referrers_do_not_hide_the_one_that_counts() {
    let layouts = [(NAME, fixture("hostile-referrers/layout"))];
    let registry = Registry::serve(&layouts, true);
    let said = verify(&format!("{}/{NAME}:4.0.0", registry.addr()));
    assert_eq!(said.code, 0, "{}", said.out);
    assert!(!said.out.contains('\u{1b}'));
}
