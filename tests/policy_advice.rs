//! What reports say of the policy itself: wide expressions with names that would pass, flags for
//! who signed, claims that nobody asserts. None of it changes a verdict.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    missing_docs,
    reason = "a test that cannot go on panics"
)]

mod common;

use common::run::run;
use serde_json::Value;

const ISSUER: &str = "https://token.actions.githubusercontent.com";
const ROOT: &str = "tests/fixtures/trusted_root.json";
const WORKFLOW: &str =
    "https://github.com/enix/x509-certificate-exporter/.github/workflows/release.yaml";

fn report(line: &[&str]) -> (u8, Value) {
    let argv: Vec<String> =
        ["sigscope"].iter().chain(line).chain(&["--json"]).map(|s| (*s).to_owned()).collect();
    let said = run(&argv);
    (said.code, serde_json::from_str(&said.out).unwrap_or_else(|_| Value::from(said.err)))
}

fn strings(value: &Value, name: &str) -> Vec<String> {
    let all = value.as_array().into_iter().flatten();
    all.filter_map(|v| Some(v.get(name)?.as_str()?.to_owned())).collect()
}

#[test]
fn a_wide_expression_warns_and_the_verdict_stays() {
    for (fixture, regexp, code, warned, would_pass) in [
        (
            "lookalike",
            "https://github.com/enix/x509-certificate-exporter",
            0,
            "identity-regexp-repository-prefix",
            // It is signed by x509-certificate-exporter-evil or the like, so another is shown.
            "-evil/",
        ),
        ("native", "^https://github.com/enix/", 0, "identity-regexp-unescaped-dot", "githubxcom"),
        ("native", "^https://github\\.com/enix/", 0, "identity-regexp-any-ref", "refs/heads/evil"),
        (
            "native",
            "^https://github\\.com/nobody/",
            1,
            "identity-regexp-any-ref",
            "refs/heads/evil",
        ),
        ("native", "x509", 0, "identity-regexp-no-start-anchor", "https://evil.example/"),
    ] {
        let target = format!("oci:tests/fixtures/{fixture}/layout:4.0.0");
        let flags = ["--certificate-oidc-issuer", ISSUER, "--trusted-root", ROOT];
        let mut line = vec!["verify", target.as_str(), "--certificate-identity-regexp", regexp];
        line.extend(flags);
        let (got, report) = report(&line);
        assert_eq!(got, code, "{fixture} {regexp}: {report}");
        let codes = strings(&report["policy_lint"], "code");
        assert!(codes.iter().any(|c| c == warned), "{fixture} {regexp}: {codes:?}");
        assert!(strings(&report["warnings"], "code").contains(&warned.to_owned()));
        let text = report["policy_lint"].to_string();
        assert!(text.contains(would_pass), "{fixture} {regexp}: {text}");
    }
}

#[test]
fn the_suggested_flags_prove_what_they_were_suggested_for_and_are_not_wide() {
    let target = "oci:tests/fixtures/native/layout:4.0.0";
    let (_, seen) = report(&["inspect", target, "--trusted-root", ROOT]);
    let suggested = &seen["suggestions"].as_array().unwrap()[0];
    assert_eq!(suggested["proved"], Value::Bool(true));
    for name in ["exact", "tags_only"] {
        let flags = suggested[name].as_str().unwrap();
        let flags: Vec<&str> = flags.split(' ').map(|word| word.trim_matches('\'')).collect();
        let mut line = vec!["verify", target, "--trusted-root", ROOT];
        line.extend(flags);
        let (code, report) = report(&line);
        assert_eq!(code, 0, "{name}: {report}");
        assert_eq!(report["policy_lint"], Value::Array(vec![]), "{name}");
    }
    let tags = suggested["tags_only"].as_str().unwrap();
    assert!(tags.contains(r"@refs/tags/v[0-9]+\.[0-9]+\.[0-9]+$"), "{tags}");
}

#[test]
fn unverified_evidence_is_said_to_be_unproved_and_refuted_evidence_suggests_nothing() {
    for (fixture, root, proved) in [
        ("native", ROOT, Some(true)),
        // Without a root nothing is verified.
        ("native", "Cargo.toml", Some(false)),
        ("tampered-signature", ROOT, None),
        ("unsigned", ROOT, None),
    ] {
        let target = format!("oci:tests/fixtures/{fixture}/layout:4.0.0");
        let (_, report) = report(&["inspect", &target, "--trusted-root", root]);
        let first = report["suggestions"].as_array().unwrap().first();
        let told = first.map(|s| s["proved"].as_bool().unwrap());
        assert_eq!(told, proved, "{fixture} {root}: {}", report["suggestions"]);
    }
    let argv = ["sigscope", "inspect", "oci:tests/fixtures/native/layout:4.0.0"];
    let text = |root: &str| {
        let all = argv.into_iter().chain(["--trusted-root", root]);
        run(&all.map(str::to_owned).collect::<Vec<_>>()).out
    };
    let (good, bad) = (text(ROOT), text("Cargo.toml"));
    assert!(
        good.contains(&format!("exact      --certificate-identity {WORKFLOW}@refs/tags/v4.0.0"))
    );
    assert!(!good.contains("UNPROVED suggestions"), "{good}");
    assert!(bad.contains("UNPROVED suggestions"), "{bad}");
}

#[test]
fn what_gh_does_not_assert_is_observed_only() {
    let release = "tests/fixtures/release-dir";
    let file = format!("{release}/x509-certificate-exporter-v4.0.0-linux-amd64.tar.gz");
    let bundle = format!("{release}/attestations.jsonl");
    let workflow = WORKFLOW.trim_start_matches("https://github.com/");
    for (flags, asserted, observed) in [
        (
            &["--owner", "enix"][..],
            &["issuer", "source_repository_owner_uri"][..],
            &["source_repository_uri", "build_signer_uri", "runner_environment"][..],
        ),
        (
            &["--repo", "enix/x509-certificate-exporter", "--source-ref", "refs/tags/v4.0.0"],
            &["source_repository_uri", "source_repository_ref"],
            &["build_signer_uri", "runner_environment"],
        ),
        (
            &["--owner", "enix", "--signer-workflow", workflow, "--deny-self-hosted-runners"],
            &["build_signer_uri", "runner_environment"],
            &["source_repository_ref", "source_repository_digest"],
        ),
    ] {
        let mut line = vec!["verify", &file, "--bundle", &bundle, "--trusted-root", ROOT];
        line.extend(flags);
        let (code, report) = report(&line);
        assert_eq!(code, 0, "{flags:?}: {report}");
        let claims = report["signatures"][0]["gh_claims"].as_array().unwrap().clone();
        let how = |name: &str| {
            let claim =
                claims.iter().find(|c| c["claim"] == name).unwrap_or_else(|| panic!("{name}"));
            claim["how"].as_str().unwrap().to_owned()
        };
        for name in asserted {
            assert_eq!(how(name), "asserted", "{flags:?} {name}");
        }
        for name in observed {
            assert_eq!(how(name), "observed-only", "{flags:?} {name}");
        }
        let gh = report["suggestions"][0]["gh"].as_str().unwrap().to_owned();
        let wanted = format!(
            "gh attestation verify FILE --repo enix/x509-certificate-exporter --signer-workflow {workflow} \
             --source-ref refs/tags/v4.0.0 --deny-self-hosted-runners"
        );
        assert_eq!(gh, wanted);
    }
}

#[test]
fn every_claim_of_a_certificate_can_be_demanded_by_its_name() {
    let target = "oci:tests/fixtures/native/layout:4.0.0";
    let (_, seen) = report(&["inspect", target, "--trusted-root", ROOT]);
    let claims = seen["signatures"][0]["claims"].as_object().unwrap();
    assert!(claims.len() >= 23, "{claims:?}");
    for (name, value) in claims {
        for (value, code) in [(value.as_str().unwrap(), 0), ("another", 1)] {
            let claim = format!("{name}={value}");
            let (got, report) = report(&[
                "verify",
                target,
                "--certificate-identity-regexp",
                ".",
                "--certificate-oidc-issuer",
                ISSUER,
                "--claim",
                &claim,
                "--trusted-root",
                ROOT,
            ]);
            assert_eq!(got, code, "{claim}: {}", report["reason"]);
        }
    }
}
