//! `sbom` on the command line: which document is read, what is found, and what each end means.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod common;

use std::{
    fs,
    path::{Path, PathBuf},
    sync::atomic::{AtomicUsize, Ordering::SeqCst},
};

use common::{
    fixture,
    run::{Said, run},
};
use serde_json::Value;
use sigscope::domain::Digest;

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

/// A folder that ends with this value.
struct Scratch(PathBuf);

impl Scratch {
    fn new() -> Self {
        static NUMBER: AtomicUsize = AtomicUsize::new(0);
        let number = NUMBER.fetch_add(1, SeqCst);
        let name = format!("sbom-command-{}-{number}", std::process::id());
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn file(&self, name: &str, bytes: impl AsRef<[u8]>) -> String {
        let path = self.0.join(name);
        fs::write(&path, bytes).unwrap();
        path.display().to_string()
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

const NATIVE: &str = "oci:tests/fixtures/native/layout:4.0.0";

/// Arguments, exit code, a part of standard output, a part of standard error.
const EXIT_CODES: &[(&str, u8, &str, &str)] = &[
    ("NATIVE SIGNER OWN --search client-go", 0, "k8s.io/client-go  v0.36.0", "attested by https"),
    ("NATIVE SIGNER OWN --search nosuch", 1, "NAME", "attested by https"),
    ("NATIVE STRANGER OWN --search client-go", 3, "", "no SBOM is verified: identity"),
    ("NATIVE OWN --search client-go", 0, "v0.36.0", "UNVERIFIED: attested by"),
    ("NATIVE OWN --search nosuch", 1, "NAME", "UNVERIFIED"),
    ("NATIVE SIGNER OWN --type cyclonedx", 0, "client-go", "sbom-platform-scope"),
    ("NATIVE SIGNER OWN --type spdxjson", 4, "", "no SBOM of that type is there"),
    ("NATIVE SIGNER OWN --require-signature --type cyclonedx", 0, "client-go", "attested by"),
    (
        "CASE/attestation-only/layout:4.0.0 SIGNER OWN --require-signature --type cyclonedx",
        3,
        "",
        "no signature is there",
    ),
    (
        "CASE/attestation-only/layout:4.0.0 SIGNER OWN --search client-go",
        0,
        "v0.36.0",
        "attested by",
    ),
    ("CASE/many-predicates/layout:4.0.0 SIGNER OWN --search client-go", 0, "client-go", "SPDX 2.3"),
    ("CASE/two-signers/layout:4.0.0 SIGNER OWN", 3, "", "refuted"),
    ("CASE/unsigned/layout:4.0.0 SIGNER OWN", 4, "", "no SBOM is there"),
    ("CASE/unsigned/layout:4.0.0 OWN --search x", 4, "", "no SBOM is there"),
    ("CASE/unsigned/layout:9.9.9 OWN --search x", 4, "", "there is no 9.9.9"),
    ("CASE/child-attestation/layout:4.0.0 SIGNER OWN", 4, "", "--platform OS/ARCH"),
    (
        "CASE/child-attestation/layout:4.0.0 SIGNER OWN --platform linux/amd64 --search client-go",
        0,
        "client-go",
        "attested by",
    ),
    (
        "CASE/child-attestation/layout:4.0.0 SIGNER OWN --platform linux/arm64",
        4,
        "",
        "the index that lists it",
    ),
    // What is there and cannot be judged or read is not "not there".
    ("CASE/hostile-referrers/layout:4.0.0 SIGNER OWN", 3, "", "was not judged"),
    ("CASE/empty-predicate/layout:4.0.0 SIGNER OWN --search x", 3, "", "cannot be read"),
    ("CASE/empty-predicate/layout:4.0.0 OWN --search x", 3, "", "was not read"),
    ("FIX/sbom/beacon.cdx.json --search client-go", 0, "client-go", "nothing vouches for a file"),
    ("FIX/sbom/beacon.cdx.json --search nosuch", 1, "", "UNVERIFIED"),
    ("FIX/native/case.json", 3, "", "not an SBOM"),
    ("FIX/nosuch.json", 2, "", "there is no file"),
    ("FIX/sbom", 2, "", "is a folder"),
    ("FIX/sbom/beacon.cdx.json SIGNER OWN", 2, "", "--bundle"),
    ("FIX/sbom/beacon.cdx.json --platform linux/amd64", 2, "", "only an image has platforms"),
    ("tests/fixtures/sbom/beacon.cdx.json", 2, "", "write ./tests"),
    ("NATIVE SIGNER OWN --type slsaprovenance", 2, "", "not that of an SBOM"),
    ("NATIVE OWN --search=", 2, "", "--search is empty"),
    ("NATIVE OWN --search name:", 2, "", "--search: what is looked for"),
    ("NATIVE OWN --search nosuchfield:x", 2, "", "fields are"),
    ("NATIVE SIGNER OWN --search client-go␣version:>=0.33", 0, "v0.36.0", "attested by"),
    ("NATIVE SIGNER OWN --search client-go␣version:>=0.37", 1, "", "attested by"),
    ("NATIVE SIGNER OWN --search licence:apache␣!name:k8s.io", 0, "Apache", "attested by"),
    // A version that cannot be compared may be the one that is meant.
    (
        "FIX/sbom/enix-hostile.cdx.json --search name:outer␣version:>=1",
        3,
        "NAME",
        "1 more may be meant",
    ),
    ("NATIVE OWN --json --format names", 2, "", "excludes it"),
    ("NATIVE OWN --licences --format names", 2, "", "--licences"),
    ("NATIVE OWN --export - --search x", 2, "", "standard output"),
    ("NATIVE OWN --export=", 2, "", "a value is required"),
    ("oci:tests/fixtures/native/layout OWN --tags ^4 --export x", 2, "", "--tags"),
    ("oci:tests/fixtures/native/layout OWN --tags ^^4", 2, "", "--tags:"),
    ("NATIVE OWN --tags ^4", 2, "", "wants a repository"),
];

#[test]
fn the_exit_code_says_found_not_in_it_not_known_or_not_there() {
    for &(line, code, out, err) in EXIT_CODES {
        let line = line
            .replace("NATIVE", NATIVE)
            .replace("CASE", "oci:tests/fixtures")
            .replace("FIX", "./tests/fixtures");
        let got = said(&line);
        let told = format!("{line}\n{}{}", got.out, got.err);
        assert_eq!(got.code, code, "{told}");
        assert!(got.out.contains(out) && got.err.contains(err), "{told}");
        // Whoever reads standard output alone is not told that there is nothing.
        let read = code < 2 || out == "NAME";
        assert!(read || got.out.is_empty(), "{told}");
        let attested = line.contains("SIGNER");
        assert_eq!(got.err.contains("UNVERIFIED"), read && !attested, "{told}");
    }
}

#[test]
fn names_are_those_of_jq() {
    // What `jq -r '.components[] | select(.name|contains("Q")) | "\(.name)@\(.version)"'` (jq 1.7)
    // printed; in the last rows what a terminal obeys is escaped, and nothing else differs.
    for (file, query, lines) in [
        ("enix-4.0.0.cdx.json", "k8s.io/client-go", "k8s.io/client-go@v0.36.0\n"),
        (
            "enix-4.0.0.cdx.json",
            "prometheus",
            "github.com/prometheus/client_golang@v1.23.2\n\
             github.com/prometheus/client_model@v0.6.2\n\
             github.com/prometheus/common@v0.67.5\n\
             github.com/prometheus/exporter-toolkit@v0.16.0\n\
             github.com/prometheus/procfs@v0.20.1\n",
        ),
        ("enix-4.0.0.cdx.json", "Prometheus", ""),
        ("enix-4.0.0.cdx.json", "v0.36.0", ""),
        ("beacon.cdx.json", "client-go", "k8s.io/client-go@v0.33.4\n"),
        ("enix-hostile.cdx.json", "outer", "outer@null\n"),
        ("enix-hostile.cdx.json", "inner", ""),
        ("enix-hostile.cdx.json", "inside", "nul\\x00inside@null\n"),
        ("enix-hostile.cdx.json", "two", "two\\nlines\\r\\nand\\ttab@\n"),
        (
            "enix-hostile.cdx.json",
            "clear",
            "\\x1b[2J\\x1b[H\\x1b]0;owned\\x07clear-screen@\\x1b[31m1.0\\x1b[0m\n",
        ),
    ] {
        let got =
            said(&format!("./tests/fixtures/sbom/{file} --search contains:{query} --format names"));
        assert_eq!(got.out, lines, "{file} {query}");
        // The hostile one has entries that nobody can read: they may be what is looked for.
        let none = if file.contains("hostile") { 3 } else { 1 };
        assert_eq!(got.code, if lines.is_empty() { none } else { 0 }, "{file} {query}");
    }
    // SHA-256 of everything that jq printed without the filter.
    for (file, digest) in [
        ("enix-4.0.0.cdx.json", "4cfa934701e829d922655f06a6e3d9fff8d093d60d0e08fe871e0954ffc1d403"),
        ("beacon.cdx.json", "b589399ff81a514c749970f05f47e79d2c54945a7e16c695c24eff86515e9eb5"),
    ] {
        let got = said(&format!("./tests/fixtures/sbom/{file} --format names"));
        assert_eq!(Digest::sha256(got.out.as_bytes()).hex(), digest, "{file}");
    }
    let long = format!("{}/client-go", "x".repeat(1_000_000));
    let scratch = Scratch::new();
    let text = format!(
        r#"{{"bomFormat":"CycloneDX","specVersion":"1.6","components":[{{"name":"{long}"}}]}}"#
    );
    let file = scratch.file("long.json", text);
    let got = said(&format!("{file} --search contains:/client-go --format names"));
    assert_eq!(got.out, format!("{long}@null\n"));
}

#[test]
fn what_breaks_off_never_says_that_something_is_not_there() {
    let whole = fs::read(fixture("sbom/enix-4.0.0.cdx.json")).unwrap();
    let scratch = Scratch::new();
    let cut = scratch.file("cut", &whole[..whole.len() / 2]);
    for (flags, code) in [
        ("--search nosuch", 3),
        ("--search contains:nosuch --format names", 3),
        ("--search automemlimit", 0),
        ("", 3),
        ("--json", 3),
    ] {
        let got = said(&format!("{cut} {flags}"));
        assert_eq!(got.code, code, "{flags}: {}", got.err);
        assert!(got.err.contains("not read to its end"), "{}", got.err);
    }
    let report: Value = serde_json::from_str(&said(&format!("{cut} --json")).out).unwrap();
    assert!(report["sbom"]["left_out"].is_string());
}

#[test]
fn an_entry_that_was_not_read_may_be_what_is_looked_for() {
    let scratch = Scratch::new();
    let spdx = r#"{"spdxVersion":"SPDX-2.3","name":"d","SPDXID":"SPDXRef-DOCUMENT","packages":[
        {"SPDXID":"SPDXRef-a","name":"zlib"},{"SPDXID":"SPDXRef-b","name":"log4j","name":"log4j"}]}"#;
    let dup = scratch.file("dup.json", spdx);
    let newer = scratch.file("new.json", r#"{"bomFormat":"CycloneDX","specVersion":"2.0","x":{}}"#);
    let edge = scratch.file(
        "edge.json",
        r#"{"bomFormat":"CycloneDX","specVersion":"1.6","components":[{"name":"zlib"}],
        "dependencies":[{"ref":"a","dependsOn":["gone"]}]}"#,
    );
    for (file, query, code, words) in [
        (&dup, "log4j", 3, "1 entry could not be read; it may be the one"),
        (&dup, "zlib", 0, "1 entry could not be read"),
        (&newer, "log4j", 3, "CycloneDX 2.0 documents are not read yet"),
        // A dependency on nothing hides nothing.
        (&edge, "log4j", 1, "which is not in the document"),
    ] {
        let got = said(&format!("{file} --search {query}"));
        assert_eq!(got.code, code, "{file} {query}: {}", got.err);
        assert!(got.err.contains(words), "{file} {query}: {}", got.err);
    }
    let report: Value =
        serde_json::from_str(&said(&format!("{dup} --search log4j --json")).out).unwrap();
    assert_eq!((&report["sbom"]["unread"], &report["sbom"]["undecided"]), (&1.into(), &0.into()));
    let hostile =
        "./tests/fixtures/sbom/enix-hostile.cdx.json --search name:outer\u{2423}version:>=1";
    let report: Value = serde_json::from_str(&said(&format!("{hostile} --json")).out).unwrap();
    assert_eq!(report["sbom"]["undecided"], 1);
}

#[test]
fn the_report_has_one_shape_whatever_was_read() {
    let of = |line: &str| -> Value { serde_json::from_str(&said(line).out).unwrap() };
    let attested = of(&format!("{NATIVE} SIGNER OWN --search client-go --json"));
    let looked = of(&format!("{NATIVE} OWN --format json"));
    let file = of("./tests/fixtures/sbom/enix-4.0.0.cdx.json --search client-go --json --licences");
    let keys = |v: &Value| v.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(keys(&attested), keys(&looked));
    assert_eq!(keys(&attested), keys(&file));
    assert_eq!(attested["verdict"], "proved");
    assert_eq!(attested["sbom"]["attested"], true);
    assert_eq!(attested["sbom"]["platform"], "linux/amd64");
    assert_eq!(attested["sbom"]["hits"], file["sbom"]["hits"]);
    assert_eq!(file["sbom"]["hits"][0]["purl"], "pkg:golang/k8s.io/client-go@v0.36.0");
    assert_eq!(file["sbom"]["licence_counts"][0]["licence"], "Apache-2.0");
    for report in [&looked, &file] {
        assert_eq!(report["verdict"], "undecided");
        assert_eq!(report["sbom"]["attested"], false);
        for (key, number) in [("components", 72), ("edges", 71), ("purls", 72), ("licences", 3)] {
            assert_eq!(report["sbom"][key], number, "{key}");
        }
    }
    let stranger = said(&format!("{NATIVE} STRANGER OWN --json"));
    let report: Value = serde_json::from_str(&stranger.out).unwrap();
    assert!(stranger.code == 3 && report["sbom"].is_null() && report["verdict"] == "refuted");
}

#[test]
fn an_export_is_the_attested_bytes_and_goes_nowhere_else() {
    const PREDICATE: &str =
        "sha256:5e3f7a7a21774dfc1e55a728413b7c2c373136e6955cbecfe31989891459e8b8";
    let scratch = Scratch::new();
    let target = scratch.0.join("new.json").display().to_string();
    let got = said(&format!("{NATIVE} SIGNER OWN --export {target}"));
    assert!(got.code == 0 && got.out.is_empty(), "{}", got.err);
    assert_eq!(Digest::sha256(&fs::read(&target).unwrap()).to_string(), PREDICATE);
    let words = format!("wrote {PREDICATE} to {target}, which is the attestation's predicate");
    assert!(got.err.contains(&words), "{}", got.err);
    let piped = said(&format!("{NATIVE} SIGNER OWN --export -"));
    assert_eq!(piped.out.as_bytes(), fs::read(&target).unwrap());
    // A file, whatever it holds, comes out as it went in.
    let original = fixture("sbom/enix-hostile.cdx.json");
    let again =
        || said(&format!("{} --export {target} --search outer --format names", original.display()));
    // Nothing is overwritten: it may be the only copy.
    let got = again();
    assert!(got.code == 3 && got.err.contains("there already; nothing was written"), "{}", got.err);
    assert_eq!(Digest::sha256(&fs::read(&target).unwrap()).to_string(), PREDICATE);
    fs::remove_file(&target).unwrap();
    let got = again();
    assert_eq!((got.code, got.out.as_str()), (0, "outer@null\n"));
    assert_eq!(fs::read(&target).unwrap(), fs::read(&original).unwrap());
    // A link is not followed, and not replaced without a word; a folder is no file.
    let link = scratch.0.join("link.json");
    std::os::unix::fs::symlink(&target, &link).unwrap();
    let folder = scratch.0.join("folder");
    fs::create_dir(&folder).unwrap();
    let before = fs::read(&target).unwrap();
    for (path, words) in [
        (link.clone(), "a link to"),
        (folder, "there already"),
        (scratch.0.join("none/x.json"), "No such file"),
    ] {
        let got = said(&format!("{NATIVE} OWN --export {}", path.display()));
        assert!(got.code == 3 && got.err.contains(words), "{}", got.err);
    }
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    assert_eq!(fs::read(&target).unwrap(), before);
    let left: Vec<_> = fs::read_dir(&scratch.0).unwrap().flatten().map(|e| e.file_name()).collect();
    assert_eq!(left.len(), 3, "{left:?}");
    // A file of 0 bytes cannot be told from one that nobody wrote.
    assert_eq!(said(&format!("{NATIVE} STRANGER OWN --export {target}")).code, 3);
    assert_eq!(fs::read(&target).unwrap(), before);
}
