//! Real images with cosign's legacy material, as public projects published them, judged end to end.
#![allow(
    clippy::unwrap_used,
    clippy::print_stderr,
    missing_docs,
    reason = "a test says what it does"
)]

mod common;

use std::path::Path;

use common::run::run;

const CORPUS: &str = "../shared/corpus";
const GENERATOR: &str = "https://github.com/slsa-framework/slsa-github-generator/.github/workflows/\
                         generator_container_slsa3.yml@refs/tags/";
const GITHUB: &str = "https://token.actions.githubusercontent.com";

/// Layout, digest, flags, exit code, and what the reason must say.
#[expect(clippy::too_many_lines, reason = "a table")]
fn rows() -> Vec<(&'static str, &'static str, String, u8, &'static str)> {
    let keyless = |version: &str| {
        format!(
            "--certificate-identity {GENERATOR}{version} --certificate-oidc-issuer {GITHUB} \
             --type slsaprovenance"
        )
    };
    let mail = "--certificate-identity mitr@redhat.com --certificate-oidc-issuer \
                https://github.com/login/oauth"
        .to_owned();
    let key = |name: &str| format!("--key {CORPUS}/legacy-cosign/containers-image/{name}");
    vec![
        // intoto 0.0.1, and dsse 0.0.1 since 2024; written by `cosign save`, without tags.
        (
            "slsa-generic-container-v1.4.0",
            "sha256:a74d89d8dd863ca5dae4a29e0feede81ddf59197849a80784af5a02ab7786925",
            keyless("v1.4.0"),
            0,
            "signed by",
        ),
        (
            "slsa-generic-container-v1.9.0",
            "sha256:5b146084201148bf151871fa779767f013c47706d031106af0d727fb5b88f5ac",
            keyless("v1.9.0"),
            0,
            "signed by",
        ),
        (
            "slsa-generic-container-v2.1.0",
            "sha256:234e2c830c2fb31ac5671789d22adfe44d30c3ee831d01beae5e237841a13122",
            keyless("v2.1.0"),
            0,
            "signed by",
        ),
        (
            "slsa-generic-container-v1.4.0",
            "sha256:a74d89d8dd863ca5dae4a29e0feede81ddf59197849a80784af5a02ab7786925",
            keyless("v1.5.0"),
            1,
            "identity",
        ),
        (
            "derived-cosign-keyless-fulcio-rekor",
            "sha256:0489474da8ea22426ece86ace6c1c0026ab2fd3cdfbbd62b7e94650266c37d9a",
            mail,
            0,
            "signed by mitr@redhat.com",
        ),
        (
            "derived-cosign-key-no-rekor",
            "sha256:634a8f35b5f16dcf4aaa0822adc0b1964bb786fca12f6831de8ddc45e5986a00",
            format!("{} --insecure-ignore-tlog", key("cosign.pub")),
            0,
            "without a transparency log",
        ),
        (
            "derived-cosign-key-no-rekor",
            "sha256:634a8f35b5f16dcf4aaa0822adc0b1964bb786fca12f6831de8ddc45e5986a00",
            key("cosign.pub"),
            3,
            "look",
        ),
        (
            "derived-cosign-key-no-rekor",
            "sha256:634a8f35b5f16dcf4aaa0822adc0b1964bb786fca12f6831de8ddc45e5986a00",
            format!("{} --insecure-ignore-tlog", key("cosign2.pub")),
            1,
            "signature",
        ),
        (
            "derived-cosign-key-modified-manifest",
            "",
            format!("{} --insecure-ignore-tlog", key("cosign.pub")),
            1,
            "the payload names",
        ),
    ]
}

#[test]
fn real_legacy_images_are_judged_as_their_publishers_signed_them() {
    if !Path::new(CORPUS).is_dir() {
        eprintln!("SKIPPED: {CORPUS} is not there; no real legacy image was judged");
        return;
    }
    for (layout, digest, flags, code, words) in rows() {
        let at = if digest.is_empty() { ":image".to_owned() } else { format!("@{digest}") };
        let line = format!("verify oci:{CORPUS}/oci-layouts/{layout}{at} {flags} --offline --json");
        let argv: Vec<String> =
            std::iter::once("sigscope").chain(line.split_whitespace()).map(str::to_owned).collect();
        let said = run(&argv);
        assert_eq!(said.code, code, "{line}: {}{}", said.out, said.err);
        assert!(said.out.contains(words), "{line}: {}", said.out);
    }
}
