//! `diff --sbom` on the command line: what changed inside from one release to another.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod common;

use std::{fs, path::Path};

use common::run::{Said, run};
use serde_json::{Value, json};

const OWN: &str = "--trusted-root tests/fixtures/trusted_root.json --offline --no-cache";
const SIGNER: &str = "--certificate-identity-regexp \
    ^https://github\\.com/enix/x509-certificate-exporter/\\.github/workflows/release\\.yaml@ \
    --certificate-oidc-issuer https://token.actions.githubusercontent.com";

fn said(line: &str) -> Said {
    let line = line
        .replace("SIGNER", SIGNER)
        .replace("OWN", OWN)
        .replace("NATIVE", "oci:tests/fixtures/native/layout")
        .replace("CASE", "oci:tests/fixtures")
        .replace("FIX", "./tests/fixtures/sbom");
    let words = line.split_ascii_whitespace().map(str::to_owned);
    run(&["sigscope".to_owned(), "diff".to_owned()].into_iter().chain(words).collect::<Vec<_>>())
}

fn file(name: &str, components: &Value) -> String {
    let path =
        Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("diff-{}-{name}", std::process::id()));
    let document =
        json!({"bomFormat": "CycloneDX", "specVersion": "1.6", "components": components});
    fs::write(&path, document.to_string()).unwrap();
    path.display().to_string()
}

#[test]
fn a_diff_says_the_same_different_not_known_or_not_there() {
    // Arguments, exit code, a part of standard output, a part of standard error.
    for (line, code, out, err) in [
        ("--sbom NATIVE:4.0.0 NATIVE:4.1.0 SIGNER OWN", 1, "up", "attested by"),
        ("--sbom NATIVE:4.0.0 NATIVE:4.1.0 OWN", 1, "k8s.io/client-go", "UNVERIFIED"),
        ("--sbom NATIVE:4.0.0 NATIVE:latest SIGNER OWN", 0, "CHANGE", "0 added, 0 removed"),
        ("--sbom FIX/enix-4.0.0.cdx.json NATIVE:4.0.0 OWN", 0, "CHANGE", "72 unchanged"),
        ("--sbom NATIVE:4.0.0 CASE/unsigned/layout:4.0.0 SIGNER OWN", 4, "", "no SBOM is there"),
        (
            "--sbom NATIVE:4.0.0 CASE/two-signers/layout:4.0.0 SIGNER OWN",
            3,
            "",
            "no SBOM is verified",
        ),
        (
            "--sbom CASE/unsigned/layout:4.0.0 CASE/two-signers/layout:4.0.0 SIGNER OWN",
            3,
            "",
            "no SBOM is verified",
        ),
        ("--sbom NATIVE:4.0.0 ./nosuch OWN", 2, "", "there is no file"),
        ("NATIVE:4.0.0 NATIVE:4.1.0 OWN", 2, "", "diff without --sbom is not built yet"),
        ("--sbom NATIVE:4.0.0 OWN", 2, "", "required"),
        ("--sbom NATIVE:4.0.0 NATIVE:4.1.0 OWN --json --format csv", 2, "", "excludes it"),
    ] {
        let got = said(line);
        let told = format!("{line}\n{}{}", got.out, got.err);
        assert_eq!(got.code, code, "{told}");
        assert!(got.out.contains(out) && got.err.contains(err), "{told}");
        assert!(code < 2 || got.out.is_empty(), "{told}");
    }
}

#[test]
fn nothing_is_the_same_where_an_entry_was_not_read() {
    let old = file("read.json", &json!([{"type": "library", "name": "a", "version": "1"}]));
    let new =
        file("unread.json", &json!([{"type": "library", "name": "a", "version": "1"}, ["b"]]));
    let got = said(&format!("--sbom {old} {new}"));
    assert_eq!(got.code, 3, "{}", got.err);
    assert!(got.err.contains("1 entry could not be read"), "{}", got.err);
    for path in [old, new] {
        fs::remove_file(path).unwrap();
    }
}

#[test]
fn every_change_has_a_row_in_every_form() {
    let library = |name: &str, version: &str, licence: &str| {
        json!({"type": "library", "name": name, "version": version,
            "purl": format!("pkg:golang/{name}@{version}"), "licenses": [{"license": {"id": licence}}]})
    };
    let old = file(
        "old.json",
        &json!([
            library("example.org/up", "v1.9.0", "MIT"),
            library("example.org/down", "v2.0.0", "MIT"),
            library("example.org/gone", "v1.0.0", "MIT"),
            library("example.org/law", "v1.0.0", "MIT"),
            library("example.org/same", "v1.0.0", "MIT"),
        ]),
    );
    let new = file(
        "new.json",
        &json!([
            library("example.org/up", "v1.10.0", "MIT"), library("example.org/down", "v1.0.0", "MIT"),
            library("example.org/law", "v1.0.0", "GPL-3.0-only"), library("example.org/same", "v1.0.0", "MIT"),
            {"type": "library", "name": "=new\u{1b}[2J", "version": "1"},
        ]),
    );
    let table = said(&format!("--sbom {old} {new}"));
    assert_eq!(table.code, 1, "{}", table.err);
    for line in [
        "removed  example.org/gone  v1.0.0",
        "added    =new\\x1b[2J               1",
        "up       example.org/up    v1.9.0  v1.10.0",
        "down     example.org/down  v2.0.0  v1.0.0",
        "licence  example.org/law   MIT     GPL-3.0-only",
    ] {
        assert!(table.out.contains(line), "{line}\n{}", table.out);
    }
    assert_eq!(table.out.lines().count(), 6, "{}", table.out);
    let counts = "1 added, 1 removed, 1 up, 1 down, 0 otherwise changed, 1 under another licence, 1 unchanged";
    assert!(table.err.contains(counts), "{}", table.err);
    assert!(said(&format!("--sbom {old} {new} --format csv")).out.contains("\"'=new\\x1b[2J\""));
    let object: Value =
        serde_json::from_str(&said(&format!("--sbom {old} {new} --json")).out).unwrap();
    assert_eq!(object["versions"].as_array().unwrap().len(), 2);
    assert_eq!(object["added"][0]["name"], "=new\u{1b}[2J");
    assert_eq!(object["licences"][0]["new"], json!(["GPL-3.0-only"]));
    // What broke off may hold what seems to be gone.
    let whole = fs::read(&new).unwrap();
    fs::write(&new, &whole[..whole.len() - 40]).unwrap();
    let cut = said(&format!("--sbom {old} {new}"));
    assert!(cut.code == 3 && cut.err.contains("not read to its end"), "{}", cut.err);
    for path in [old, new] {
        fs::remove_file(path).unwrap();
    }
}
