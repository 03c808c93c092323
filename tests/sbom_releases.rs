//! `sbom` over registries: what nobody signed, and the same question to every release.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod common;

use common::{
    NAME, Registry, fixture,
    run::{Said, run},
    server::Reply,
};
use serde_json::Value;

const OWN: &str = "--trusted-root tests/fixtures/trusted_root.json --offline";
const SIGNER: &str = "--certificate-identity-regexp \
    ^https://github\\.com/enix/x509-certificate-exporter/\\.github/workflows/release\\.yaml@ \
    --certificate-oidc-issuer https://token.actions.githubusercontent.com";
const STRANGER: &str = "--certificate-identity x --certificate-oidc-issuer https://token.actions.githubusercontent.com";

/// A run of `sbom`; SIGNER, STRANGER and OWN stand for flags, `␣` for a space in a word.
fn said(line: &str) -> Said {
    let line = line.replace("SIGNER", SIGNER).replace("STRANGER", STRANGER).replace("OWN", OWN);
    let words = line.split_ascii_whitespace().map(|word| word.replace('␣', " "));
    let argv: Vec<String> =
        ["sigscope", "sbom"].map(str::to_owned).into_iter().chain(words).collect();
    run(&argv)
}

#[test]
fn an_unsigned_attachment_is_read_where_nothing_is_attested_and_nobody_demanded() {
    let layouts = [(NAME, fixture("legacy-v2/layout"))];
    // What the registry answers for `.att` and `.sbom`; flags; exit code; standard error.
    for (att, sbom, flags, code, words) in [
        (404, 0, "--search client-go", 0, "a legacy .sbom tag, which nobody signed"),
        (404, 0, "--search nosuch", 1, "UNVERIFIED"),
        (404, 0, "SIGNER --search client-go", 3, "only a legacy .sbom tag is there, unsigned"),
        (404, 404, "--search client-go", 4, "no SBOM is there"),
        (404, 500, "--search client-go", 3, "unsigned SBOM may be there"),
        (500, 0, "--search nosuch", 3, "there may be another one"),
        (500, 0, "--search client-go", 0, "there may be another one"),
        (500, 404, "SIGNER --search client-go", 3, ".att"),
        (0, 500, "SIGNER --search client-go", 0, "attested by"),
    ] {
        let registry = Registry::altered(&layouts, true, move |request, reply| {
            let error = |code| match code {
                0 => reply.clone(),
                404 => Reply::error(404, "MANIFEST_UNKNOWN"),
                code => Reply::error(code, "UNKNOWN"),
            };
            match request.path() {
                path if path.split('.').next_back() == Some("att") => error(att),
                path if path.split('.').next_back() == Some("sbom") => error(sbom),
                _ => reply.clone(),
            }
        });
        let line = format!("{}/{NAME}:4.0.0 OWN {flags}", registry.addr());
        let got = said(&line);
        assert_eq!(got.code, code, "{att} {sbom} {flags}: {}", got.err);
        assert!(got.err.contains(words), "{att} {sbom} {flags}: {}", got.err);
    }
}

/// The tag whose manifest cannot be had, its status; flags; exit code; lines in their order.
type Release = (&'static str, u16, &'static str, u8, &'static [&'static str]);

const RELEASES: &[Release] = &[
    (
        "-",
        0,
        ">=3 --search client-go SIGNER",
        0,
        &[
            "TAG",
            "3.9.0  k8s.io/client-go@v0.28.1  attested  sha256:6133",
            "4.0.0  k8s.io/client-go@v0.36.0  attested",
            "4.1.0  k8s.io/client-go@v0.36.3",
            "",
            "the first that has it: 3.9.0",
        ],
    ),
    (
        "-",
        0,
        "^4 --search client-go",
        0,
        &[
            "TAG",
            "4.0.0  k8s.io/client-go@v0.36.0  UNVERIFIED",
            "4.1.0",
            "",
            "the first that has it: 4.0.0",
        ],
    ),
    (
        "-",
        0,
        ">=3 --search client-go␣version:>=0.36.1 SIGNER",
        0,
        &[
            "TAG",
            "3.9.0  not in it",
            "4.0.0  not in it",
            "4.1.0  k8s.io/client-go@v0.36.3",
            "",
            "the first that has it: 4.1.0",
        ],
    ),
    (
        "-",
        0,
        "^4 --search contains:nosuch SIGNER",
        1,
        &["TAG", "4.0.0  not in it  attested", "4.1.0  not in it"],
    ),
    ("-", 0, "^4 --search client-go STRANGER", 3, &["TAG", "4.0.0  ?      -", "4.1.0  ?      -"]),
    (
        "3.9.0",
        500,
        ">=3 --search client-go SIGNER",
        3,
        &[
            "TAG",
            "3.9.0  ?",
            "4.0.0  k8s.io/client-go@v0.36.0",
            "4.1.0",
            "",
            "the first known to have it: 4.0.0; not known of 3.9.0",
        ],
    ),
    ("4.1.0", 500, "^4 --search nosuch SIGNER", 3, &["TAG", "4.0.0  not in it", "4.1.0  ?"]),
    (
        "-",
        0,
        "^4",
        0,
        &["TAG", "4.0.0  CycloneDX 1.6, 72 components  UNVERIFIED", "4.1.0  CycloneDX 1.6, 75"],
    ),
    ("-", 0, "^9 --search x", 4, &["TAG"]),
];

#[test]
fn every_release_has_a_row_and_an_unread_one_is_never_not_in_it() {
    let layouts = [(NAME, fixture("native/layout"))];
    let digest = Registry::digest_of(&fixture("native/layout"), "4.0.0").to_string();
    for &(failing, status, flags, code, lines) in RELEASES {
        let registry = Registry::altered(&layouts, true, move |request, reply| {
            if request.path().ends_with(&format!("/manifests/{failing}")) {
                return Reply::error(status, "UNKNOWN");
            }
            reply
        });
        let got = said(&format!("{}/{NAME} OWN --tags {flags}", registry.addr()));
        assert_eq!(got.code, code, "{flags}: {}{}", got.out, got.err);
        let told: Vec<&str> = got.out.lines().collect();
        assert_eq!(told.len(), lines.len(), "{flags}: {}", got.out);
        for (told, line) in told.iter().zip(lines) {
            assert!(told.starts_with(line), "{flags}: {told:?}, wanted {line:?}");
        }
    }
    let registry = Registry::serve(&layouts, true);
    let got =
        said(&format!("{}/{NAME} OWN SIGNER --tags ^4 --search client-go --json", registry.addr()));
    let object: Value = serde_json::from_str(&got.out).unwrap();
    assert_eq!(object["first"]["tag"], "4.0.0");
    assert_eq!(object["tags"][0]["digest"], digest);
    assert_eq!(object["tags"][1]["hits"][0]["version"], "v0.36.3");
}
