//! A trust root or a key that cannot be read ends a verification before anybody is asked.
#![allow(clippy::unwrap_used, missing_docs, reason = "a test that cannot go on panics")]

mod common;

use common::{NAME, Registry, fixture, run::run};

const WHO: &str = "--certificate-identity-regexp ^https://github\\.com/enix/ \
    --certificate-oidc-issuer https://token.actions.githubusercontent.com";

#[test]
fn no_registry_is_asked_for_what_no_anchor_could_judge() {
    let registry = Registry::serve(&[(NAME, fixture("native/layout"))], true);
    let image = format!("{}/{NAME}:4.0.0", registry.addr());
    let good = "--trusted-root tests/fixtures/trusted_root.json";
    // Command, flags, exit code, whether the registry is asked, what is said.
    for (command, flags, code, asked, told) in [
        ("verify", format!("{WHO} --trusted-root no-such"), 3, false, "trust root no-such cannot"),
        ("verify", format!("{WHO} --trusted-root Cargo.toml"), 3, false, "trust root cannot"),
        ("verify", format!("{WHO} --sigstore no-such"), 3, false, "trust root no-such cannot"),
        ("verify", format!("--key no-such {good}"), 3, false, "no-such"),
        ("verify", format!("--key Cargo.toml {good}"), 3, false, "Cargo.toml"),
        ("verify", format!("{WHO} {good}"), 0, true, "proved"),
        // Whoever only looks is shown everything else.
        ("inspect", "--trusted-root no-such".to_owned(), 0, true, "trust root no-such cannot"),
    ] {
        let before = registry.server.requests().len();
        let line = format!("sigscope {command} {image} {flags}");
        let said = run(&line.split_whitespace().map(str::to_owned).collect::<Vec<_>>());
        assert_eq!(said.code, code, "{flags}: {} {}", said.out, said.err);
        assert!(said.out.contains(told), "{flags}: {}", said.out);
        assert_eq!(registry.server.requests().len() > before, asked, "{command} {flags}");
    }
}
