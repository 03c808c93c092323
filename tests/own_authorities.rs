//! Certificate authorities of one's own: they stand in for those of the trust root, and for nothing
//! else of it.
#![allow(clippy::unwrap_used, missing_docs, reason = "a test that cannot go on panics")]

mod common;

use common::run::run;

const WHO: &str = "--certificate-identity https://github.com/enix/x509-certificate-exporter/.github/\
                   workflows/release.yaml@refs/tags/v4.0.0 --certificate-oidc-issuer \
                   https://token.actions.githubusercontent.com";

#[test]
fn only_the_authorities_that_were_given_vouch() {
    for (flags, code, words) in [
        ("--certificate-chain A/chain.pem", 0, "own certificate authorities"),
        ("--ca-roots A/root.pem --ca-intermediates A/intermediate.pem", 0, "signed by"),
        // Every certificate of the file is a root: also the issuer itself may be one.
        ("--ca-roots A/chain.pem", 0, "signed by"),
        // The issuer is nowhere.
        ("--ca-roots A/root.pem", 1, "chain:"),
        ("--ca-roots A/foreign.pem", 1, "chain:"),
        ("--ca-roots A/foreign.pem --ca-intermediates A/chain.pem", 1, "chain:"),
        // An intermediate must not become an anchor because it stands last.
        ("--certificate-chain A/intermediate.pem", 3, "does not end with a root"),
        ("--ca-roots A/nowhere.pem", 3, "cannot be read"),
        ("--ca-roots README.md", 3, "PEM"),
        ("--ca-roots A/root.pem --certificate-chain A/chain.pem", 2, "cannot be used with"),
        ("--ca-intermediates A/intermediate.pem", 2, "--ca-roots"),
        ("--ca-roots", 2, "--ca-roots"),
    ] {
        let flags = flags.replace("A/", "tests/fixtures/authorities/");
        let line = format!(
            "sigscope verify oci:tests/fixtures/native/layout:4.0.0 {WHO} --trusted-root \
             tests/fixtures/trusted_root.json --offline {flags}"
        );
        let argv: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
        let said = run(&argv);
        assert_eq!(said.code, code, "{flags}: {}{}", said.out, said.err);
        assert!(
            format!("{}{}", said.out, said.err).contains(words),
            "{flags}: {}{}",
            said.out,
            said.err
        );
    }
}
