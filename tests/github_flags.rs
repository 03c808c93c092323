//! Files against GitHub's attestations, with the flags that users of gh type.
#![allow(clippy::unwrap_used, missing_docs, reason = "a test that cannot go on panics")]

mod common;

use std::path::Path;

use common::run::run;

const RELEASE: &str = "tests/fixtures/release-dir";
const ARCHIVE: &str = "x509-certificate-exporter-v4.0.0-linux-amd64.tar.gz";
const WORKFLOW: &str = "enix/x509-certificate-exporter/.github/workflows/release.yaml";

fn verified(file: &str, bundle: &str, flags: &str) -> (u8, String) {
    let line = format!(
        "sigscope verify {RELEASE}/{file} --bundle {bundle} \
         --custom-trusted-root tests/fixtures/trusted_root.json {flags}"
    );
    let argv: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
    let said = run(&argv);
    (said.code, said.out + &said.err)
}

#[test]
fn an_archive_is_judged_by_the_flags_of_gh() {
    let workflow = &format!("--owner enix --signer-workflow {WORKFLOW}");
    let evil = &format!("--owner enix --signer-workflow {WORKFLOW}-evil");
    let tampered = &format!("tampered/{ARCHIVE}");
    let unlisted = "x509-certificate-exporter-v4.0.0-darwin-arm64.tar.gz";
    for (file, flags, code) in [
        (ARCHIVE, "--owner enix", 0),
        (ARCHIVE, "--owner ENIX", 0),
        (ARCHIVE, "--owner eni", 1),
        (ARCHIVE, "--owner nobody", 1),
        (ARCHIVE, "--repo enix/x509-certificate-exporter", 0),
        (ARCHIVE, "--repo enix/x509-certificate", 1),
        (ARCHIVE, workflow, 0),
        (ARCHIVE, evil, 1),
        (ARCHIVE, "--owner enix --deny-self-hosted-runners", 0),
        (ARCHIVE, "--owner enix --source-ref refs/tags/v4.0.0", 0),
        (ARCHIVE, "--owner enix --source-ref refs/heads/main", 1),
        (ARCHIVE, "--owner enix --source-digest 0000", 1),
        (ARCHIVE, "--owner enix --predicate-type https://slsa.dev/provenance/v0.2", 4),
        // Every family of flags must hold.
        (ARCHIVE, "--owner enix --certificate-identity x", 1),
        (ARCHIVE, "--owner enix --certificate-oidc-issuer x", 1),
        (ARCHIVE, "--owner enix --certificate-github-workflow-trigger x", 1),
        (ARCHIVE, "--owner enix --repo enix/x", 2),
        (ARCHIVE, "--owner enix --type cyclonedx", 2),
        (ARCHIVE, "--owner enix --key k", 2),
        (ARCHIVE, "--deny-self-hosted-runners", 2),
        (tampered, "--owner enix", 1),
        (unlisted, "--owner enix", 1),
    ] {
        let (got, said) = verified(file, &format!("{RELEASE}/attestations.jsonl"), flags);
        assert_eq!(got, code, "{file} {flags}: {said}");
    }
}

#[test]
fn every_line_of_a_bundle_file_is_judged_and_none_is_lost() {
    let bundle = std::fs::read_to_string(format!("{RELEASE}/attestations.jsonl")).unwrap();
    let other = std::fs::read_to_string(format!("{RELEASE}/checksums.txt.sigstore.json")).unwrap();
    let other = other.replace('\n', "");
    for (lines, code) in [
        (vec![bundle.trim(), &other], 0),
        (vec![&other, bundle.trim()], 0),
        (vec![bundle.trim(), "not json"], 0),
        (vec![&other, &other], 4),
        (vec![&other, "not json"], 3),
    ] {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("github_flags.jsonl");
        std::fs::write(&path, lines.join("\n")).unwrap();
        let (got, said) = verified(ARCHIVE, path.to_str().unwrap(), "--owner enix");
        assert_eq!(got, code, "{said}");
    }
}
