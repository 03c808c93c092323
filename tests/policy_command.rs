//! `policy` on the command line: what is written of the fixtures, and that nothing is written of what
//! is not proved.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stderr, missing_docs, reason = "a test")]

mod common;
#[path = "common/grounds.rs"]
mod grounds;
#[path = "common/webhook.rs"]
mod webhook;
#[path = "common/yaml.rs"]
mod yaml;

use common::{
    NAME, Registry, fixture,
    run::{Said, run},
};
use sigscope::{
    domain::{Reference, Verdict, demand::Who},
    inspect::grounds::{Asked, NoGrounds, proved, suggested},
    policy::{Kind, write},
};

const OWN: &str = "--trusted-root tests/fixtures/trusted_root.json --offline";
const RELEASE: &str = "--certificate-identity https://github.com/enix/x509-certificate-exporter/.github/workflows/release.yaml@refs/tags/v4.0.0 \
    --certificate-oidc-issuer https://token.actions.githubusercontent.com";
const IMAGE: &str = "--image quay.io/enix/x509-certificate-exporter";
const NATIVE: &str = "oci:tests/fixtures/native/layout:4.0.0";

/// A run of `policy`; RELEASE, IMAGE, NATIVE, CASE and OWN stand for what they name.
fn said(line: &str) -> Said {
    let line = line
        .replace("CASE", "oci:tests/fixtures")
        .replace("NATIVE", NATIVE)
        .replace("RELEASE", RELEASE)
        .replace("IMAGE", IMAGE)
        .replace("OWN", OWN);
    let words = line.split_ascii_whitespace().map(str::to_owned);
    let argv: Vec<String> =
        ["sigscope", "policy"].map(str::to_owned).into_iter().chain(words).collect();
    run(&argv)
}

/// Arguments, exit code, a part of standard output (`-`: nothing at all), a part of standard error.
const EXIT_CODES: &[(&str, u8, &str, &str)] = &[
    (
        "NATIVE RELEASE IMAGE OWN --for cosign",
        0,
        "cosign verify-attestation --type https://sig",
        "",
    ),
    ("NATIVE RELEASE IMAGE OWN --for cosign --tags-only", 0, r"@refs/tags/v[0-9]+\.[0-9]+\.", ""),
    ("NATIVE RELEASE IMAGE OWN --for policy-controller", 0, "signatureFormat: bundle", "#1899"),
    ("NATIVE RELEASE IMAGE OWN --for kyverno", 3, "-", "Works: --for kyverno-ivp"),
    ("NATIVE RELEASE IMAGE OWN --for kyverno-ivp", 0, "trustedRoot:", "Kyverno 1.19"),
    ("NATIVE RELEASE OWN --for cosign", 3, "-", "has no name that is pulled: say with --image"),
    // Nobody is demanded: nothing is on standard output but with --suggest, and then marked.
    ("NATIVE IMAGE OWN --for cosign", 3, "-", "UNPROVED, who was seen under evidence that holds"),
    ("NATIVE IMAGE OWN --for cosign --suggest", 3, "# UNPROVED: nobody demanded", "UNPROVED"),
    ("NATIVE IMAGE OWN --for kyverno-ivp --suggest", 3, "# UNPROVED: nobody demanded", "UNPROVED"),
    ("NATIVE RELEASE IMAGE OWN --for cosign --suggest", 2, "-", "leave it or the policy flags out"),
    (
        "NATIVE --certificate-identity x --certificate-oidc-issuer y IMAGE OWN --for gh",
        1,
        "-",
        "no policy is written: refuted",
    ),
    (
        "CASE/unsigned/layout:4.0.0 RELEASE IMAGE OWN --for gh",
        4,
        "-",
        "no policy is written: absent",
    ),
    ("CASE/unsigned/layout:4.0.0 IMAGE OWN --for gh", 3, "-", "no policy is written: undecided"),
    ("CASE/unsigned/layout:4.0.0 IMAGE OWN --for gh --suggest", 3, "-", "no evidence that holds"),
    (
        "CASE/tampered-signature/layout:4.0.0 IMAGE OWN --for gh --suggest",
        3,
        "-",
        "no policy is written",
    ),
    ("CASE/unsigned/layout:9.9.9 RELEASE IMAGE OWN --for gh", 4, "-", "there is no 9.9.9"),
    (
        "CASE/attestation-only/layout:4.0.0 RELEASE IMAGE OWN --for cosign",
        4,
        "-",
        "only an attestation",
    ),
    (
        "CASE/attestation-only/layout:4.0.0 RELEASE IMAGE OWN --type cyclonedx --for policy-controller",
        0,
        "predicateType: \"https://cyclonedx.org/bom\"",
        "",
    ),
    ("CASE/fallback/layout:4.0.0 RELEASE IMAGE OWN --for gh", 3, "-", "artifact type"),
    (
        "CASE/fallback/layout:4.0.0 RELEASE IMAGE OWN --for kyverno-ivp",
        0,
        "verifyImageSignatures",
        "",
    ),
    (
        "CASE/legacy-v2/layout:4.0.0 RELEASE IMAGE OWN --for policy-controller",
        0,
        "signatureFormat: legacy",
        "",
    ),
    ("CASE/legacy-v2/layout:4.0.0 RELEASE IMAGE OWN --for kyverno", 0, "type: Cosign", ""),
    ("CASE/legacy-v2/layout:4.0.0 RELEASE IMAGE OWN --for gh", 3, "-", "reads bundles"),
    (
        "CASE/mixed/layout:4.0.0 RELEASE IMAGE OWN --for kyverno-ivp",
        3,
        "-",
        "Works: --for kyverno or",
    ),
    (
        "CASE/mixed/layout:4.0.0 RELEASE IMAGE OWN --for cosign",
        0,
        "--new-bundle-format=false",
        "looks at bundles only",
    ),
    (
        "CASE/rekor-v2/layout:4.0.0 RELEASE IMAGE OWN --for policy-controller",
        3,
        "-",
        "--for kyverno-ivp",
    ),
    (
        "CASE/rekor-v2/layout:4.0.0 RELEASE IMAGE OWN --for kyverno-ivp",
        0,
        "tsaCertChain:",
        "Rekor v2",
    ),
    // cosign takes the time from the log's promise, where nobody tells it to take the timestamp.
    (
        "CASE/tampered-no-promise/layout:4.0.0 RELEASE IMAGE OWN --for cosign",
        0,
        "--use-signed-timestamps",
        "",
    ),
    (
        "CASE/tampered-no-promise/layout:4.0.0 RELEASE IMAGE OWN --for kyverno-ivp",
        0,
        "tsaCertChain: |",
        "",
    ),
    (
        "CASE/tampered-no-promise/layout:4.0.0 RELEASE IMAGE OWN --for policy-controller",
        3,
        "-",
        "did not promise",
    ),
    ("NATIVE RELEASE IMAGE OWN --for helm", 2, "-", "invalid value"),
    ("NATIVE RELEASE OWN --for gh --image quay.io/x:1", 2, "-", "without tag and digest"),
    ("NATIVE RELEASE OWN --for gh --image Quay.io/X", 2, "-", "lower case"),
    ("NATIVE RELEASE OWN", 2, "-", "--for <KIND>"),
];

#[test]
fn only_what_is_proved_is_written_and_every_end_has_its_code() {
    for (line, code, out, err) in EXIT_CODES {
        let said = said(line);
        assert_eq!(said.code, *code, "{line}\n{}\n{}", said.out, said.err);
        match *out {
            "-" => assert_eq!(said.out, "", "{line}"),
            out => assert!(said.out.contains(out), "{line}: {out}\n{}", said.out),
        }
        assert!(said.err.contains(err), "{line}: {err}\n{}", said.err);
        let unproved = said.out.starts_with("# UNPROVED");
        assert_eq!(unproved, !said.out.is_empty() && said.code != 0, "{line}");
    }
}

#[test]
fn the_help_tells_the_exit_codes() {
    let said = said("--help");
    for words in ["Exit codes: 0 the signer is proved", "UNPROVED and the exit code is 3"] {
        assert!(said.out.replace('\n', " ").contains(words), "{}", said.out);
    }
}

#[test]
fn the_fallback_tag_of_a_registry_is_told_by_what_its_list_says() {
    for (case, refused) in [("fallback", true), ("fallback-cosign-3.1.3", false)] {
        let registry = Registry::serve(&[(NAME, fixture(&format!("{case}/layout")))], false);
        let target = format!("{}/{NAME}:4.0.0", registry.addr());
        let line = format!("{target} RELEASE OWN --plain-http --for");
        let gh = said(&format!("{line} gh"));
        assert_eq!(gh.code, if refused { 3 } else { 0 }, "{case}: {}", gh.err);
        let ivp = said(&format!("{line} kyverno-ivp"));
        assert_eq!(ivp.code, 0, "{case}: {}", ivp.err);
        assert!(
            ivp.out.contains(&format!("glob: \"{}/{NAME}@*\"", registry.addr())),
            "{}",
            ivp.out
        );
    }
}

#[test]
fn one_policy_is_written_of_one_proved_signer_only() {
    let target = "oci:tests/fixtures/two-signers/layout:4.0.0";
    let promoter =
        "https://github.com/enix/image-promoter/.github/workflows/promote.yaml@refs/heads/main";
    let asked = Asked {
        image: Some(Reference::parse("quay.io/enix/x").unwrap().repository),
        ..Asked::default()
    };
    let mut both = grounds::signed_by(promoter, grounds::ISSUER);
    let Who::Signers(signers) = &mut both.who else { panic!() };
    let Who::Signers(more) = grounds::signed_by(grounds::RELEASE, grounds::ISSUER).who else {
        panic!()
    };
    signers.extend(more);
    // Any of two: the one who signed is written, and no other.
    let one = proved(&grounds::inspect(target, Some(both.clone())), &asked).unwrap();
    let text = write(Kind::Cosign, &one).unwrap().text;
    assert!(text.contains("release.yaml") != text.contains("promote.yaml"), "{text}");
    both.rules.threshold = 2;
    let two = proved(&grounds::inspect(target, Some(both)), &asked);
    assert!(matches!(two, Err(NoGrounds::CannotSay(_))), "{two:?}");
    // Without a demand nobody is proved, whatever the evidence is worth.
    let seen = grounds::inspect(target, None);
    assert!(matches!(proved(&seen, &asked), Err(NoGrounds::NotProved(Verdict::Undecided, _))));
    let suggestion = suggested(&seen, &asked).unwrap();
    for kind in Kind::ALL {
        let Ok(written) = write(kind, &suggestion) else { continue };
        assert!(!written.proved && written.text.starts_with("# UNPROVED"), "{}", written.text);
    }
}

/// What is broken in a good policy, and what the webhook says of it.
const BROKEN: &[(&str, &str, &str)] = &[
    ("spec/images", "[]", "images are missing"),
    ("spec/images/0/glob", "\"quay.io/x{}\"", "a glob is invalid"),
    ("spec/images/0/glob", "\"\"", "a glob is invalid"),
    ("spec/mode", "\"audit\"", "mode is unknown"),
    ("spec/authorities", "[]", "authorities are missing"),
    ("spec/authorities/0/static", r#"{"action":"pass"}"#, "exactly one of key, keyless, static"),
    ("spec/authorities/0/keyless", "null", "exactly one of key, keyless, static"),
    ("spec/authorities/0/static", r#"{"action":"maybe"}"#, "action is unknown"),
    ("spec/authorities/0/keyless/ca-cert", r#"{"data":"x"}"#, "url and ca-cert"),
    ("spec/authorities/0/keyless/identities", "[]", "identities are missing"),
    ("spec/authorities/0/keyless/identities/0/issuer", "\"\"", "exactly one of a name"),
    ("spec/authorities/0/keyless/identities/0/subjectRegExp", "\"x\"", "exactly one of a name"),
    ("spec/authorities/0/keyless/identities/0/issuerRegExp", "\"(\"", "does not compile"),
    ("spec/authorities/0/signatureFormat", "\"new\"", "signatureFormat is unknown"),
    ("spec/authorities/0/source", r#"[{"oci":"a"},{"oci":"b"}]"#, "more than one source"),
    ("spec/authorities/0/attestations/0/name", "\"\"", "no name"),
    ("spec/authorities/0/attestations/0/predicateType", "\"cyclonedx\"", "no URI"),
    ("spec/authorities/0/attestations/0/policy", r#"{"type":"js","data":"x"}"#, "policy.type"),
    ("spec/authorities/0/attestations/0/policy", r#"{"type":"cue"}"#, "exactly one of data"),
    ("spec/policy", r#"{"type":"rego","data":"x","remote":{}}"#, "exactly one of data"),
];

#[test]
fn the_webhook_rules_of_these_tests_refuse_what_the_webhook_refuses() {
    let said = said("NATIVE RELEASE IMAGE OWN --for policy-controller");
    let documents = yaml::documents(&said.out);
    assert_eq!(documents.len(), 2);
    let good = documents.into_iter().find(|d| d["kind"] == "ClusterImagePolicy").unwrap();
    assert_eq!(webhook::faults(&good), Vec::<String>::new());
    for (path, value, words) in BROKEN {
        let mut broken = good.clone();
        let mut place = &mut broken;
        for step in path.split('/') {
            place = match step.parse::<usize>() {
                Ok(number) => &mut place[number],
                Err(_) => &mut place[step],
            };
        }
        *place = serde_json::from_str(value).unwrap();
        let wrong = webhook::faults(&broken);
        assert!(wrong.iter().any(|w| w.contains(words)), "{path} {value}: {wrong:?}");
    }
}
