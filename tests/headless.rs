//! Every fixture, through the command line in process: exit code, verdict and report are those
//! that the recorded answers of real cosign demand, and stricter where the contract is.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    missing_docs,
    reason = "a test that cannot go on panics, and says what it skips"
)]

mod common;

use common::run::{fixtures, run};
use serde_json::Value;

const STEPS: [&str; 16] = [
    "parse",
    "structure",
    "chain",
    "sct",
    "signed-time",
    "set",
    "inclusion",
    "checkpoint",
    "timestamp",
    "signature",
    "subject",
    "log-entry",
    "identity",
    "issuer",
    "claims",
    "annotations",
];

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// The exit codes that are right for a check.
fn wanted(case: &Value, check: &Value) -> Vec<u8> {
    let (name, expected) = (text(case, "case"), &check["expected"]);
    let cosign = &expected["cosign_verify"];
    let strict = expected.get("cosign_verify_strict_signature_only").unwrap_or(cosign);
    let error = format!("{}{}", text(cosign, "error"), text(cosign, "last_stderr"));
    let flagged = check.get("extra_flags").is_some_and(|f| !f.as_array().unwrap().is_empty());
    if let Some(codes) = check.get("sigscope_exit").and_then(Value::as_array) {
        return codes.iter().filter_map(|c| u8::try_from(c.as_u64()?).ok()).collect();
    }
    let legacy = text(case, "registry_kind") == "legacy-tags";
    if text(check, "note").starts_with("the legacy signer")
        || legacy && text(cosign, "verdict") == "pass"
    {
        return vec![0];
    }
    match (text(cosign, "verdict"), text(strict, "verdict"), cosign["exit_code"].as_u64()) {
        ("pass", "pass", _) => vec![0],
        _ if name.contains("tampered-cut") || name.contains("tampered-no-proof") => vec![1, 3],
        ("pass", _, _) | (_, _, Some(10 | 11)) => vec![4],
        _ if name.ends_with("tampered-no-promise") && !flagged => vec![0, 1],
        _ if error.contains("CertificateIdentity") => vec![1],
        _ => vec![1, 3],
    }
}

#[test]
fn every_fixture_ends_in_the_verdict_that_its_bytes_deserve() {
    let (mut wrong, mut judged) = (vec![], 0);
    for (folder, case) in fixtures() {
        let kind = text(&case, "registry_kind");
        if kind == "files" {
            continue;
        }
        for check in case["checks"].as_array().unwrap() {
            let codes = wanted(&case, check);
            let argv = argv(&folder, &case, check);
            let said = run(&argv);
            judged += 1;
            let mut tell = |what: String| wrong.push(format!("{}: {what}", argv.join(" ")));
            if !codes.contains(&said.code) {
                tell(format!("exit {}, wanted {codes:?}: {} {}", said.code, said.out, said.err));
                continue;
            }
            let report: Value = serde_json::from_str(&said.out).unwrap();
            let word = ["proved", "refuted", "", "undecided", "absent"][usize::from(said.code)];
            if text(&report, "verdict") != word {
                tell(format!("exit {} with verdict {}", said.code, report["verdict"]));
            }
            for piece in report["signatures"].as_array().unwrap() {
                let names: Vec<&str> =
                    piece["steps"].as_array().unwrap().iter().map(|s| text(s, "name")).collect();
                if names != STEPS {
                    tell(format!("steps {names:?}"));
                }
            }
            let cosign = text(&report["cosign"], "verify");
            let recorded = text(&check["expected"]["cosign_verify"], "verdict");
            if cosign != "unknown" && cosign != recorded {
                tell(format!("the report says that cosign would {cosign}, it did {recorded}"));
            }
            wrong.extend(types(&argv, check));
        }
    }
    assert!(wrong.is_empty(), "{} of {judged} wrong:\n{}", wrong.len(), wrong.join("\n"));
    assert!(judged > 50, "only {judged} checks were made");
}

/// `--type T` is proved exactly when cosign's verify-attestation passed.
fn types(argv: &[String], check: &Value) -> Vec<String> {
    let attestations = check["expected"]["attestations"].as_array().cloned().unwrap_or_default();
    let each = attestations.iter().filter_map(|attestation| {
        let mut argv = argv.to_vec();
        argv.extend(["--type".to_owned(), text(attestation, "predicateType").to_owned()]);
        let said = run(&argv);
        let report: Value = serde_json::from_str(&said.out).unwrap_or_default();
        let cosign = text(&report["cosign"], "verify");
        let recorded =
            if attestation["verifies"].as_bool().unwrap_or(false) { "pass" } else { "fail" };
        if cosign != "unknown" && cosign != recorded {
            return Some(format!("{}: said cosign {cosign}, was {recorded}", argv.join(" ")));
        }
        let verified = attestation["verifies"].as_bool().unwrap_or(false);
        let good = if verified { said.code == 0 } else { [1, 3, 4].contains(&said.code) };
        (!good).then(|| format!("{}: exit {}, cosign {verified}", argv.join(" "), said.code))
    });
    each.collect()
}

fn argv(folder: &str, case: &Value, check: &Value) -> Vec<String> {
    let reference = text(check, "reference");
    let (repository, at) = match reference.split_once('@') {
        Some((repository, digest)) => (repository, format!("@{digest}")),
        None => {
            let (repository, tag) = reference.rsplit_once(':').unwrap();
            (repository, format!(":{tag}"))
        }
    };
    let layouts: Vec<&Value> = case["repositories"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|r| text(r, "name") == repository)
        .collect();
    let after = text(check, "note").starts_with("after");
    let layout = if after { layouts.last() } else { layouts.first() }.unwrap();
    let root = match check.get("trusted_root").and_then(Value::as_str) {
        Some(own) => format!("tests/fixtures/{}", own.trim_start_matches("enix-")),
        None => "tests/fixtures/trusted_root.json".to_owned(),
    };
    let own = |name: &str| check.get(name).and_then(Value::as_str);
    let key = own("key").map(|key| format!("tests/fixtures/{}", key.trim_start_matches("enix-")));
    let (flag, identity) = match (&key, own("identity_regexp")) {
        (Some(key), _) => ("--key", key.as_str()),
        (None, Some(regexp)) => ("--certificate-identity-regexp", regexp),
        (None, None) => ("--certificate-identity", text(check, "identity")),
    };
    let mut argv: Vec<String> = ["sigscope", "verify"].map(str::to_owned).to_vec();
    argv.push(format!("oci:{folder}/{}{at}", text(layout, "layout")));
    argv.extend([flag, identity].map(str::to_owned));
    if key.is_none() {
        argv.extend(["--certificate-oidc-issuer", text(check, "issuer")].map(str::to_owned));
    }
    let extra = check.get("extra_flags").and_then(Value::as_array).cloned().unwrap_or_default();
    argv.extend(extra.iter().filter_map(Value::as_str).map(str::to_owned));
    argv.extend(["--trusted-root", &root, "--offline", "--json"].map(str::to_owned));
    argv
}

#[test]
fn judged_as_cosign_judges_the_verdict_is_cosigns_or_stricter() {
    let (mut wrong, mut passed) = (vec![], 0);
    for (folder, case) in fixtures() {
        if text(&case, "registry_kind") == "files" {
            continue;
        }
        for check in case["checks"].as_array().unwrap() {
            let mut argv = argv(&folder, &case, check);
            argv.push("--cosign-compatible".to_owned());
            let said = run(&argv);
            let report: Value = serde_json::from_str(&said.out).unwrap();
            let recorded = text(&check["expected"]["cosign_verify"], "verdict");
            let modelled = text(&report["cosign"], "verify");
            if said.code == 0 && recorded != "pass" || modelled == "pass" && said.code != 0 {
                wrong.push(format!("{}: {}, cosign {recorded}", argv.join(" "), said.code));
            }
            if said.code == 0 && !text(&report, "reason").contains("as cosign judges") {
                wrong.push(format!("{}: does not say how it was judged", argv.join(" ")));
            }
            passed += u32::from(said.code == 0);
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
    assert!(passed > 20, "only {passed} passed");
}

#[test]
fn an_attestation_is_not_a_signature() {
    let identity = "https://github.com/enix/x509-certificate-exporter/.github/workflows/release.yaml@refs/tags/v4.0.0";
    let argv = |more: &[&str]| {
        let mut argv = vec![
            "sigscope",
            "verify",
            "oci:tests/fixtures/attestation-only/layout:4.0.0",
            "--certificate-identity",
            identity,
            "--certificate-oidc-issuer",
            "https://token.actions.githubusercontent.com",
            "--trusted-root",
            "tests/fixtures/trusted_root.json",
        ];
        argv.extend(more);
        argv.into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    let (alone, typed, both) = (
        run(&argv(&["--json"])),
        run(&argv(&["--type", "cyclonedx"])),
        run(&argv(&["--type", "cyclonedx", "--require-signature"])),
    );
    assert_eq!((alone.code, typed.code, both.code), (4, 0, 4));
    assert!(alone.out.contains("only an attestation"), "{}", alone.out);
}

#[test]
fn a_file_with_only_an_attestation_has_no_signature_either() {
    // The bundle of an SBOM attestation, over the image's digest.
    let layout = "tests/fixtures/attestation-only/layout";
    let index: Value =
        serde_json::from_str(&std::fs::read_to_string(format!("{layout}/index.json")).unwrap())
            .unwrap();
    let blob = |digest: &str| format!("{layout}/blobs/{}", digest.replace(':', "/"));
    let read = |digest: &str| -> Value {
        serde_json::from_str(&std::fs::read_to_string(blob(digest)).unwrap()).unwrap()
    };
    let entries = index["manifests"].as_array().unwrap();
    let digests: Vec<&str> = entries.iter().map(|e| text(e, "digest")).collect();
    let carrier = digests.iter().map(|d| read(d)).find(|m| m.get("subject").is_some()).unwrap();
    let bundle = blob(text(&carrier["layers"][0], "digest"));
    let target = text(&carrier["subject"], "digest");
    for (more, code) in [
        (&[][..], 0),
        (&["--type", "cyclonedx"], 0),
        (&["--require-signature"], 4),
        (&["--type", "cyclonedx", "--require-signature"], 4),
        (&["--type", "spdxjson"], 4),
    ] {
        let mut argv = vec![
            "sigscope",
            "verify",
            target,
            "--bundle",
            &bundle,
            "--certificate-identity-regexp",
            "^https://github\\.com/enix/",
            "--certificate-oidc-issuer",
            "https://token.actions.githubusercontent.com",
            "--trusted-root",
            "tests/fixtures/trusted_root.json",
            "--json",
        ];
        argv.extend(more);
        let said = run(&argv.into_iter().map(str::to_owned).collect::<Vec<_>>());
        assert_eq!(said.code, code, "{more:?}: {} {}", said.out, said.err);
    }
}

#[test]
fn what_somebody_typed_does_not_reach_the_terminal_raw() {
    for word in ["--bo\u{1b}[31mgus", "-a\u{1b}[31m", "--offline=\u{1b}[31m", "gh\u{202e}cr.io/x:1"]
    {
        let said = run(&["sigscope", "verify", word].map(str::to_owned));
        assert_eq!(said.code, 2, "{word:?}");
        assert!(!said.err.contains(['\u{1b}', '\u{202e}']), "{:?}", said.err);
    }
}

#[test]
fn without_a_policy_nothing_is_called_proved() {
    let said = run(&[
        "sigscope",
        "inspect",
        "oci:tests/fixtures/native/layout:4.0.0",
        "--trusted-root",
        "tests/fixtures/trusted_root.json",
        "--json",
    ]
    .map(str::to_owned));
    let report: Value = serde_json::from_str(&said.out).unwrap();
    assert_eq!(said.code, 0);
    assert_eq!(text(&report, "verdict"), "undecided");
    for piece in report["signatures"].as_array().unwrap() {
        assert_eq!(text(piece, "verdict"), "valid, signer not demanded");
        assert_eq!(text(piece, "policy"), "not-asked");
    }
    for check in report["checks"].as_array().unwrap() {
        assert_ne!(text(check, "verdict"), "proved", "{check}");
    }
    assert_eq!(report["sbom"]["attested"], Value::Bool(false));
}

#[test]
fn a_wrong_command_line_is_told_and_nothing_is_contacted() {
    for (line, told) in [
        ("verify x:1", "--certificate-identity or --certificate-identity-regexp is required"),
        ("verify x:1 --certificate-identity a", "--certificate-oidc-issuer or"),
        (
            "verify x:1 --certificate-identity a --certificate-identity-regexp b --certificate-oidc-issuer c",
            "exclude each other",
        ),
        ("verify x:1 --certificate-identity= --certificate-oidc-issuer c", "is empty"),
        (
            "verify x:1 --certificate-identity-regexp ( --certificate-oidc-issuer c",
            "unclosed group",
        ),
        (
            "verify x:1 --certificate-identity a --certificate-oidc-issuer b --type nonsense",
            "--type takes",
        ),
        (
            "verify ghcr.io/Enix/x:1 --certificate-identity a --certificate-oidc-issuer b",
            "^ repository names are lower case",
        ),
        (
            "verify tests/fixtures --certificate-identity a --certificate-oidc-issuer b",
            "write ./tests/fixtures",
        ),
        (
            "verify x:1 --certificate-identity a --certificate-oidc-issuer b --claim issuer=",
            "is empty",
        ),
        (
            "verify x:1 --certificate-identity a --certificate-oidc-issuer b --claim nonsense=x",
            "--claim knows",
        ),
        ("verify x:1 --key k --certificate-identity a", "exclude each other"),
        ("verify x:1 --key k -a b", "-a takes KEY=VALUE"),
        ("audit x", "the command audit is not built yet"),
        ("verify x:1 --no-such-flag", "--no-such-flag"),
        ("", "not a terminal"),
    ] {
        let mut argv = vec!["sigscope".to_owned()];
        argv.extend(line.split_whitespace().map(str::to_owned));
        let said = run(&argv);
        assert_eq!(said.code, 2, "{line}: {}", said.err);
        assert!(said.err.contains(told), "{line}: {}", said.err);
    }
}

#[test]
fn what_cannot_be_read_is_undecided_and_says_so() {
    let who = ["--certificate-identity", "a", "--certificate-oidc-issuer", "b"];
    let root = ["--trusted-root", "tests/fixtures/trusted_root.json"];
    for (target, more, told) in [
        ("oci:tests/no-such-layout:1", &root[..], "no-such-layout"),
        (
            "oci:tests/fixtures/native/layout:4.0.0",
            &["--trusted-root", "tests/none.json"],
            "tests/none.json",
        ),
        (
            "oci:tests/fixtures/native/layout:4.0.0",
            &["--trusted-root", "Cargo.toml"],
            "trust root cannot be read",
        ),
        ("ghcr.io/x/y:1", &["--no-network"], "--no-network"),
        ("./Cargo.toml", &["--bundle", "tests/none.json"], "tests/none.json"),
        ("./none.txt", &["--bundle", "Cargo.toml"], "none.txt"),
        ("./Cargo.toml", &["--bundle", "README.md"], "not JSON"),
    ] {
        let mut argv: Vec<String> =
            ["sigscope", "verify", target, "--json"].map(str::to_owned).to_vec();
        argv.extend(who.iter().chain(more).map(|s| (*s).to_owned()));
        let said = run(&argv);
        assert_eq!(said.code, 3, "{target} {more:?}: {} {}", said.out, said.err);
        assert!(said.out.contains(told), "{target} {more:?}: {}", said.out);
    }
}

/// Resolve, referrers, fallback tag, two legacy tags, manifest and blob of each of three referrers.
#[test]
fn a_verdict_asks_the_registry_for_nothing_that_it_does_not_depend_on() {
    let layouts = [(common::NAME, common::fixture("native/layout"))];
    let registry = common::Registry::serve(&layouts, true);
    let workflow =
        "https://github.com/enix/x509-certificate-exporter/.github/workflows/release.yaml";
    let line = format!(
        "sigscope verify {}/{}:4.0.0 --certificate-identity {workflow}@refs/tags/v4.0.0 \
         --certificate-oidc-issuer https://token.actions.githubusercontent.com --trusted-root \
         tests/fixtures/trusted_root.json --offline",
        registry.addr(),
        common::NAME
    );
    let argv: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
    assert_eq!(run(&argv).code, 0);
    assert_eq!(registry.server.requests().len(), 11);
}
