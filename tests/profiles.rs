//! `--profile`: what a config file demands of the fixtures, and what a broken one ends in.
#![allow(clippy::unwrap_used, missing_docs, reason = "a test that cannot go on panics")]

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// Profiles over the identities of the fixtures.
const CONFIG: &str = r#"
[profile.release]
identities = [
    { identity_regexp = '^https://github\.com/enix/x509-certificate-exporter/\.github/workflows/release\.yaml@refs/tags/v[0-9.]+$', issuer = "https://token.actions.githubusercontent.com" },
]

[profile.everything]
identities = [ { identity = "RELEASE", issuer = "ISSUER" } ]
require = ["signature", "slsaprovenance1", "spdxjson", "openvex", "vuln", "custom"]

[profile.with-vex]
identities = [ { identity = "RELEASE", issuer = "ISSUER" } ]
require = ["signature", "openvex"]

[profile.no-vex]
identities = [ { identity = "RELEASE", issuer = "ISSUER" } ]
forbid = ["openvex"]

[profile.no-link]
identities = [ { identity = "RELEASE", issuer = "ISSUER" } ]
forbid = ["link"]

[profile.both]
identities = [ { identity = "RELEASE", issuer = "ISSUER" }, { identity = "PROMOTE", issuer = "ISSUER" } ]
threshold = 2

[profile.one-of-two]
identities = [ { identity = "RELEASE", issuer = "ISSUER" }, { identity = "PROMOTE", issuer = "ISSUER" } ]

[profile.overlapping]
identities = [ { identity = "RELEASE", issuer = "ISSUER" }, { identity_regexp = "release", issuer = "ISSUER" } ]
threshold = 2

[profile.crossed]
identities = [ { identity = "RELEASE", issuer = "https://gitlab.com" }, { identity = "nobody", issuer = "ISSUER" } ]

[profile.claims]
identities = [ { identity_regexp = ".", issuer_regexp = "githubusercontent" } ]
claims = { source_repository_ref = { regexp = "^refs/tags/v" }, deployment_environment = "release", token_subject = { regexp = ":environment:release$" } }

[profile.other-claims]
identities = [ { identity_regexp = ".", issuer_regexp = "githubusercontent" } ]
claims = { source_repository_ref = { regexp = "^refs/heads/" } }

[profile.stamped]
identities = [ { identity = "RELEASE", issuer = "ISSUER" } ]
use_signed_timestamps = true

[profile.own-root]
identities = [ { identity = "RELEASE", issuer = "ISSUER" } ]
trusted_root = "ROOT"
"#;

const RELEASE: &str = "https://github.com/enix/x509-certificate-exporter/.github/workflows/release.yaml@refs/tags/v4.0.0";
const PROMOTE: &str =
    "https://github.com/enix/image-promoter/.github/workflows/promote.yaml@refs/heads/main";
const ISSUER: &str = "https://token.actions.githubusercontent.com";
const ROOT: &str = "tests/fixtures/trusted_root.json";

/// A config file of this test's own.
fn config(name: &str, text: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("profiles-{name}.toml"));
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(ROOT);
    let text = text.replace("RELEASE", RELEASE).replace("PROMOTE", PROMOTE);
    let text = text.replace("ISSUER", ISSUER).replace("ROOT", root.to_str().unwrap());
    fs::write(&path, text).unwrap();
    path
}

/// Exit code, standard output and standard error together.
fn run(config: &Path, line: &str) -> (i32, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_sigscope"))
        .args(line.split_whitespace())
        .env("SIGSCOPE_CONFIG", config)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    (output.status.code().unwrap(), said.into_owned())
}

#[test]
fn a_profile_is_judged_as_it_is_written() {
    let config = config("judged", CONFIG);
    for (fixture, profile, code, told) in [
        ("native", "release", 0, "signed by"),
        ("unsigned", "release", 4, "no signature is there"),
        ("tampered-signature", "release", 1, "signature"),
        ("many-predicates", "everything", 0, "https://openvex.dev/ns"),
        ("native", "everything", 4, "no attestation https://slsa.dev/provenance/v1"),
        ("many-predicates", "with-vex", 0, "https://openvex.dev/ns"),
        ("native", "with-vex", 4, "no attestation https://openvex.dev/ns"),
        ("native", "no-vex", 0, "no https://openvex.dev/ns is there"),
        ("many-predicates", "no-vex", 1, "https://openvex.dev/ns is there, and it is forbidden"),
        ("many-predicates", "no-link", 0, "no https://in-toto.io/Link/v1 is there"),
        // Something is there that cannot be read: it may be what is forbidden.
        ("tampered-cut", "no-link", 3, "undecided: parse"),
        ("mixed", "both", 0, "2 of 2 demanded signers, 2 wanted"),
        ("native", "both", 4, "1 of 2 demanded signers signed, 2 wanted"),
        ("unsigned", "both", 4, "0 of 2 demanded signers signed, 2 wanted"),
        ("tampered-cut", "both", 3, "0 of 2 demanded signers signed, 2 wanted"),
        ("native", "one-of-two", 0, "signed by"),
        // One certificate that two expressions accept is one signer.
        ("native", "overlapping", 4, "1 of 2 demanded signers signed, 2 wanted"),
        // Pairs hold as pairs only.
        ("native", "crossed", 1, "wanted"),
        ("native", "claims", 0, "signed by"),
        ("native", "other-claims", 1, "claims"),
        ("native", "stamped", 0, "signed by"),
    ] {
        let target = format!("oci:tests/fixtures/{fixture}/layout:4.0.0");
        let line = format!("verify {target} --profile {profile} --trusted-root {ROOT}");
        let (got, said) = run(&config, &line);
        assert_eq!(got, code, "{fixture} {profile}: {said}");
        assert!(said.contains(told), "{fixture} {profile}: {said}");
        assert!(said.contains(&format!("--profile {profile}")), "{fixture} {profile}: {said}");
    }
    let own = "verify oci:tests/fixtures/native/layout:4.0.0 --profile own-root";
    let (code, said) = run(&config, own);
    assert_eq!(code, 0, "{said}");
    let (code, said) = run(&config, &own.replace("verify", "inspect"));
    assert_eq!(code, 0, "{said}");
    assert!(said.contains("proved: signed by"), "{said}");
}

#[test]
fn a_policy_file_that_means_nothing_is_undecided_and_a_wrong_line_is_usage() {
    let one = r#"identities = [ { identity = "RELEASE", issuer = "ISSUER" } ]"#;
    let whole = |body: &str| format!("[profile.p]\n{body}\n");
    for (name, text, code, told) in [
        ("toml", "[profile.p".to_owned(), 3, "malformed, line 1"),
        ("unknown-key", whole(&format!("{one}\nrequires = ['signature']")), 3, "requires"),
        ("unknown-table", format!("{}\n[profiles.x]", whole(one)), 3, "profiles"),
        ("unknown-pair", whole("identities = [ { ident = 'x' } ]"), 3, "ident"),
        ("no-signer", whole("threshold = 1"), 3, "names no signer"),
        ("no-issuer", whole("identities = [ { identity = 'x' } ]"), 3, "issuer"),
        (
            "two-identities",
            whole("identities = [ { identity = 'x', identity_regexp = 'x', issuer = 'i' } ]"),
            3,
            "exclude each other",
        ),
        ("empty", whole("identities = [ { identity = '', issuer = 'i' } ]"), 3, "is empty"),
        (
            "regexp",
            whole("identities = [ { identity_regexp = '(', issuer = 'i' } ]"),
            3,
            "unclosed group",
        ),
        ("claim", whole(&format!("{one}\nclaims = {{ nonsense = 'x' }}")), 3, "nonsense"),
        ("require", whole(&format!("{one}\nrequire = []")), 3, "require is empty"),
        ("predicate", whole(&format!("{one}\nrequire = ['nonsense']")), 3, "nonsense"),
        ("threshold", whole(&format!("{one}\nthreshold = 2")), 3, "threshold 2 of 1"),
        ("none", whole(&format!("{one}\nthreshold = 0")), 3, "threshold 0 of 1"),
        (
            "both",
            whole(&format!("{one}\nrequire = ['link']\nforbid = ['link']")),
            3,
            "both required and forbidden",
        ),
        ("keys", whole(&format!("{one}\nkeys = ['k.pem']")), 3, "exclude each other"),
        ("unknown-name", "[profile.other]\n".to_owned() + one, 2, "no profile p in"),
        ("nothing", String::new(), 2, "it has none"),
    ] {
        let config = config(name, &text);
        let (got, said) = run(&config, "verify oci:tests/no-such:1 --profile p");
        assert_eq!(got, code, "{name}: {said}");
        assert!(said.contains(told), "{name}: {said}");
    }
    let good = config("usage", CONFIG);
    for (line, code, told) in [
        ("verify x:1 --profile release --certificate-identity x", 2, "exclude each other"),
        ("verify x:1 --profile release --owner x --bundle y", 2, "exclude each other"),
        ("verify x:1 --profile release --type link", 2, "exclude each other"),
        ("verify x:1 --profile release --claim issuer=x", 2, "exclude each other"),
        ("inspect x:1 --profile release --key k", 2, "exclude each other"),
        ("verify x:1 --profile own-root --trusted-root x", 2, "exclude each other"),
        ("verify x:1 --profile nonsense", 2, "it has both, claims"),
    ] {
        let (got, said) = run(&good, line);
        assert_eq!(got, code, "{line}: {said}");
        assert!(said.contains(told), "{line}: {said}");
    }
    let missing = Path::new(env!("CARGO_TARGET_TMPDIR")).join("profiles-no-such.toml");
    let (code, said) = run(&missing, "verify x:1 --profile p");
    assert_eq!((code, said.contains("cannot be read")), (3, true), "{said}");
}
