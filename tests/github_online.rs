//! Files, digests and images against attestations that GitHub keeps, through the command line.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    missing_docs,
    reason = "a test that cannot go on panics, and says what it skips"
)]

mod common;

use std::{fs, path::Path, process::Command};

use common::{
    pty::PROGRAM,
    run::{Said, run},
    server::{Reply, Request, Server},
};
use serde_json::Value;

const RELEASE: &str = "tests/fixtures/release-dir";
const ARCHIVE: &str = "x509-certificate-exporter-v4.0.0-linux-amd64.tar.gz";
const REPO: &str = "--repo enix/x509-certificate-exporter";
const ROOT: &str = "--trusted-root tests/fixtures/trusted_root.json";

/// One bundle in a line of its own.
fn line(path: &str) -> String {
    let value: Value = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    value.to_string()
}

fn provenance() -> String {
    fs::read_to_string(format!("{RELEASE}/attestations.jsonl")).unwrap().trim().to_owned()
}

/// A message signature over another file, by the same workflow.
fn other() -> String {
    line(&format!("{RELEASE}/checksums.txt.sigstore.json"))
}

/// A GitHub that has these bundles for every digest of everybody.
fn github(bundles: &[String]) -> Server {
    let each: Vec<String> = bundles.iter().map(|b| format!(r#"{{"bundle":{b}}}"#)).collect();
    let body = format!(r#"{{"attestations":[{}]}}"#, each.join(","));
    Server::start(move |_: &Request| Reply::new(200, body.clone()))
}

fn words(target: &str, server: &Server, flags: &str) -> Vec<String> {
    let line =
        format!("sigscope verify {target} --github-api http://{} {flags} --json", server.host());
    line.split_whitespace().map(str::to_owned).collect()
}

fn verified(target: &str, server: &Server, flags: &str) -> (Said, Value) {
    let said = run(&words(target, server, flags));
    let report = serde_json::from_str(&said.out).unwrap_or(Value::Null);
    (said, report)
}

#[test]
fn a_file_is_judged_by_what_github_keeps_for_it() {
    let archive = &format!("{RELEASE}/{ARCHIVE}");
    let unlisted = &archive.replace("linux-amd64", "darwin-arm64");
    let tampered = &format!("{RELEASE}/tampered/{ARCHIVE}");
    let digest = "sha256:ecbd1b32792b02f45c3609be8fd9cdcc1450b6c114268929704656fc2ca258fc";
    let good = || vec![provenance()];
    for (target, bundles, flags, code) in [
        (archive.as_str(), good(), REPO, 0),
        (archive, good(), "--owner enix", 0),
        (archive, good(), "--owner ENIX --source-ref refs/tags/v4.0.0", 0),
        (digest, good(), REPO, 0),
        (archive, good(), "--owner enix --digest-alg sha512", 0),
        // GitHub's word that it is of that repository proves nothing.
        (archive, good(), "--owner nobody", 1),
        (archive, good(), "--repo enix/x509-certificate", 1),
        (archive, good(), "--owner enix --source-ref refs/heads/main", 1),
        // Nor its word that it is of that digest.
        (unlisted, good(), REPO, 1),
        (tampered, good(), REPO, 1),
        (archive, vec![], REPO, 4),
        (archive, vec![other()], REPO, 4),
        (archive, vec![other(), provenance(), "{}".into()], REPO, 0),
        (archive, vec![other(), "{}".into()], REPO, 3),
        (archive, vec![other(), provenance()], &format!("{REPO} --limit 1"), 3),
        (archive, good(), "--owner enix --predicate-type https://slsa.dev/provenance/v0.2", 4),
        (archive, good(), "--owner enix --require-signature", 4),
        ("no-such.tar.gz", good(), REPO, 3),
    ] {
        let server = github(&bundles);
        let (said, report) = verified(target, &server, &format!("{flags} {ROOT}"));
        assert_eq!(said.code, code, "{target} {flags}: {} {}", said.out, said.err);
        let sources = report["signatures"].as_array().unwrap().iter().map(|s| &s["source"]);
        assert!(sources.clone().all(|s| s == "github"), "{target} {flags}");
        let checks = report["checks"].as_array().unwrap().iter().map(|c| &c["id"]);
        let asked = target != "no-such.tar.gz";
        assert_eq!(checks.filter(|id| *id == "github").count(), usize::from(asked), "{report}");
        assert_eq!(server.requests().len(), usize::from(asked), "{target} {flags}");
    }
}

#[test]
fn the_digest_that_github_is_asked_by_is_the_files_own() {
    let server = github(&[provenance()]);
    for (flags, path) in [
        ("--owner enix", "/orgs/enix/attestations/sha256:ecbd1b32792b"),
        ("--owner enix --digest-alg sha512", "/orgs/enix/attestations/sha512:"),
        (REPO, "/repos/enix/x509-certificate-exporter/attestations/sha256:ecbd1b32792b"),
    ] {
        verified(&format!("{RELEASE}/{ARCHIVE}"), &server, &format!("{flags} {ROOT}"));
        let last = server.requests().pop().unwrap();
        assert!(last.target.starts_with(path), "{flags}: {}", last.target);
    }
}

#[test]
fn what_github_does_not_tell_is_undecided_and_no_request_is_made_where_none_may_be() {
    let archive = format!("{RELEASE}/{ARCHIVE}");
    for (status, body, code, told) in [
        (404, r#"{"message":"Not Found"}"#, 3, "or hidden from this request"),
        (403, r#"{"message":"rate limit"}"#, 3, "rate limit"),
        (200, "<html>", 3, "not a list of attestations"),
    ] {
        let server = Server::start(move |_: &Request| Reply::new(status, body));
        let (said, report) = verified(&archive, &server, &format!("{REPO} {ROOT}"));
        assert_eq!(said.code, code, "{}", said.out);
        assert!(report["reason"].as_str().unwrap().contains(told), "{}", report["reason"]);
    }
    let server = github(&[provenance()]);
    for flag in ["--offline", "--no-network"] {
        let (said, report) = verified(&archive, &server, &format!("{REPO} {ROOT} {flag}"));
        assert_eq!(said.code, 3, "{}", said.out);
        let told = format!("no request was made ({flag})");
        assert!(report["reason"].as_str().unwrap().contains(&told), "{}", report["reason"]);
    }
    assert!(server.requests().is_empty());
}

#[test]
fn an_image_is_judged_by_its_registry_and_by_github() {
    // The provenance of the image, which its own layout does not have.
    let pushed = "tests/fixtures/pushed-provenance/layout/blobs/sha256";
    let blobs = fs::read_dir(pushed).unwrap().flatten();
    let texts = blobs.filter_map(|entry| fs::read_to_string(entry.path()).ok());
    let bundles: Vec<String> = texts.filter(|text| text.contains("dsseEnvelope")).collect();
    assert_eq!(bundles.len(), 2);
    let (unsigned, one) = ("unsigned/layout:4.0.0", "pushed-provenance/layout:one");
    for (image, kept, flags, code, from) in [
        (unsigned, bundles.clone(), REPO, 0, vec!["github", "github"]),
        (unsigned, bundles.clone(), "--owner nobody", 1, vec!["github", "github"]),
        (unsigned, vec![], REPO, 4, vec![]),
        (unsigned, bundles.clone(), &format!("{REPO} --offline"), 3, vec![]),
        (one, vec![], REPO, 0, vec!["referrer"]),
        (one, vec![], &format!("{REPO} --offline"), 0, vec!["referrer"]),
        (one, vec![], "--owner nobody --offline", 3, vec!["referrer"]),
    ] {
        let server = github(&kept);
        let target = format!("oci:tests/fixtures/{image}");
        let (said, report) = verified(&target, &server, &format!("{flags} {ROOT}"));
        assert_eq!(said.code, code, "{image} {flags}: {} {}", said.out, said.err);
        let pieces = report["signatures"].as_array().unwrap();
        let sources: Vec<&str> = pieces.iter().map(|s| s["source"].as_str().unwrap()).collect();
        assert_eq!(sources, from, "{image} {flags}");
        // Without a flag that names GitHub nobody asks it.
        let policy = "--certificate-identity-regexp ^https://github.com/enix/ \
                      --certificate-oidc-issuer https://token.actions.githubusercontent.com";
        let before = server.requests().len();
        let line = format!("sigscope verify {target} {policy} {ROOT}");
        run(&line.split_whitespace().map(str::to_owned).collect::<Vec<_>>());
        assert_eq!(server.requests().len(), before);
    }
}

#[test]
fn a_release_is_githubs_word_for_one_repository_and_tag() {
    let path = "../shared/corpus/bundles-ok/github-release-attestation.sigstore.json";
    if !Path::new(path).exists() {
        println!("SKIPPED: {path} is not here");
        return;
    }
    let release = line(path);
    let asset = "sha256:76f1fe8593bf227cca2c089e3c16dc95014a8d3e89c5dd220530469ca043c428";
    let other = "sha256:ecbd1b32792b02f45c3609be8fd9cdcc1450b6c114268929704656fc2ca258fc";
    let v2 = "--predicate-type https://in-toto.io/attestation/release/v0.2";
    let v1 = "--predicate-type https://in-toto.io/attestation/release/v0.1";
    for (target, flags, code) in [
        (asset, format!("--repo jdx/communique {v2}"), 0),
        (asset, format!("--repo JDX/Communique {v2}"), 0),
        (asset, format!("--owner jdx {v2}"), 0),
        (asset, format!("--owner jdx {v2} --source-ref refs/tags/v0.1.9"), 0),
        (asset, format!("--owner jdx {v2} --source-ref refs/tags/v0.1.8"), 1),
        // The certificate is the same for every repository on GitHub.
        (asset, format!("--repo jdx/communiqu {v2}"), 1),
        (asset, format!("--owner jd {v2}"), 1),
        (other, format!("--repo jdx/communique {v2}"), 1),
        (asset, format!("--repo jdx/communique {v1}"), 4),
        // Without its predicate type it is none of what is demanded.
        (asset, "--repo jdx/communique".to_owned(), 4),
        (asset, format!("--repo jdx/communique {v2} --certificate-oidc-issuer x"), 1),
        // A root that was chosen is the only one.
        (asset, format!("--repo jdx/communique {v2} {ROOT}"), 1),
    ] {
        let (said, report) = verified(target, &github(std::slice::from_ref(&release)), &flags);
        assert_eq!(said.code, code, "{flags}: {} {}", said.out, said.err);
        if code == 0 {
            let reason = report["reason"].as_str().unwrap();
            assert!(reason.contains("no public log"), "{reason}");
        }
    }
    // The same from a file that gh downloaded; without gh's flags GitHub's root is not looked at.
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join("github_online.json");
    fs::write(&file, &release).unwrap();
    let policy = "--certificate-identity https://dotcom.releases.github.com \
                  --certificate-oidc-issuer-regexp ^$";
    for (flags, code) in [
        (format!("--repo jdx/communique {v2}"), 0),
        (format!("--repo jdx/communiqu {v2}"), 1),
        (policy.to_owned(), 1),
    ] {
        let line = format!("sigscope verify {asset} --bundle {} {flags}", file.display());
        let said = run(&line.split_whitespace().map(str::to_owned).collect::<Vec<_>>());
        assert_eq!(said.code, code, "{flags}: {}", said.out);
    }
}

#[test]
fn a_word_is_a_file_unless_only_an_image_can_be_meant() {
    let server = github(&[]);
    for (word, told) in [
        ("no-such.tar.gz", "no-such.tar.gz cannot be read"),
        ("dist/no-such", "dist/no-such cannot be read"),
        ("My-App.AppImage", "My-App.AppImage cannot be read"),
        ("ghcr.io/enix/x", "ghcr.io: no request was made"),
        ("enix/x:4.0.0", "docker.io: no request was made"),
        ("oci://ghcr.io/enix/x:4.0.0", "ghcr.io: no request was made"),
        ("oci://enix/x", "docker.io: no request was made"),
    ] {
        let (said, report) = verified(word, &server, &format!("{REPO} --no-network"));
        assert_eq!(said.code, 3, "{word}: {}", said.err);
        assert!(report["reason"].as_str().unwrap().contains(told), "{word}: {}", report["reason"]);
    }
}

#[test]
fn flags_that_cannot_hold_are_refused_and_nothing_is_contacted() {
    let release = "--predicate-type https://in-toto.io/attestation/release/v0.2";
    let server = github(&[]);
    for (flags, told) in [
        (format!("{REPO} --limit 0"), "--limit"),
        (format!("{REPO} --limit 1001"), "--limit"),
        (format!("{REPO} --digest-alg md5"), "--digest-alg takes"),
        (format!("{REPO} --bundle b --limit 3"), "GitHub is not asked"),
        (format!("{REPO} --bundle b"), "--github-api: with --bundle"),
        (format!("{REPO} --hostname a/b"), "is no host"),
        ("--limit 3".to_owned(), "goes with --owner or --repo"),
        ("--repo enix/..".to_owned(), "--repo takes OWNER/REPO"),
        (format!("{REPO} {release} --source-digest 00"), "no workflow signs"),
        (format!("{REPO} {release} --signer-workflow a/b/c"), "no workflow signs"),
        (format!("{REPO} {release} --deny-self-hosted-runners"), "no workflow signs"),
        (format!("{REPO} {release} --source-ref main"), "refs/tags/"),
        (format!("{REPO} {release} --source-ref refs/tags/"), "refs/tags/"),
        (format!("{REPO} {release} --hostname a.ghe.com"), "github.com only"),
    ] {
        let (said, _) = verified("./x.tar.gz", &server, &flags);
        assert_eq!(said.code, 2, "{flags}: {} {}", said.out, said.err);
        assert!(said.err.contains(told), "{flags}: {}", said.err);
    }
    for api in ["http://github.example/", "https://u:p@github.example/", "nonsense"] {
        let line = format!("sigscope verify ./x {REPO} --github-api {api}");
        let said = run(&line.split_whitespace().map(str::to_owned).collect::<Vec<_>>());
        assert_eq!(said.code, 2, "{api}: {}", said.err);
    }
    assert!(server.requests().is_empty());
}

#[test]
fn tokens_of_the_environment_go_where_they_belong_and_are_never_printed() {
    let tokens = [
        ("GH_TOKEN", "token-a"),
        ("GITHUB_TOKEN", "token-b"),
        ("GH_ENTERPRISE_TOKEN", "token-c"),
        ("GITHUB_ENTERPRISE_TOKEN", "token-d"),
    ];
    let server = Server::start(|_: &Request| Reply::new(401, r#"{"message":"Bad credentials"}"#));
    let argv = words(&format!("{RELEASE}/{ARCHIVE}"), &server, &format!("{REPO} {ROOT}"));
    let said = Command::new(PROGRAM).args(&argv[1..]).envs(tokens).output().unwrap();
    assert_eq!(said.status.code(), Some(3));
    let sent: Vec<String> =
        server.requests().iter().map(|r| r.headers["authorization"].clone()).collect();
    assert_eq!(sent, ["Bearer token-c"]);
    let printed = String::from_utf8_lossy(&said.stdout) + String::from_utf8_lossy(&said.stderr);
    assert!(!printed.contains("token-"), "{printed}");
}
