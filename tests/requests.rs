//! What a verdict costs: requests, and how many of them wait for others.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs, reason = "tests")]

mod common;

use std::{
    collections::BTreeMap,
    sync::{Condvar, Mutex},
    time::Duration,
};

use common::{
    NAME, Registry as Served, fixture, reply_of,
    run::run,
    server::{Reply, Request, Server},
};

/// Requests of one round wait for each other: a client that asks for them one after the other
/// never gets the first answer.
#[derive(Default)]
struct Rounds {
    came: Mutex<BTreeMap<&'static str, usize>>,
    changed: Condvar,
}

impl Rounds {
    /// Whether everything of the round came.
    fn meet(&self, round: &'static str, size: usize) -> bool {
        let mut came = self.came.lock().unwrap();
        *came.entry(round).or_default() += 1;
        self.changed.notify_all();
        let waits = |came: &mut BTreeMap<&'static str, usize>| came[round] < size;
        let waited = self.changed.wait_timeout_while(came, Duration::from_secs(20), waits).unwrap();
        !waited.1.timed_out()
    }
}

/// The round of a request in a release with three bundles, and how many are in it.
fn round(request: &Request) -> (&'static str, usize) {
    let path = request.path();
    match path {
        _ if path.contains("/blobs/") => ("3 blobs", 3),
        _ if path.contains("/referrers/") || path.contains("/manifests/sha256-") => {
            ("1 listings", 4)
        }
        _ if path.contains("/manifests/sha256:") => ("2 manifests", 3),
        _ => ("0 resolve", 1),
    }
}

#[test]
fn three_bundles_and_the_legacy_tags_cost_eleven_requests_in_four_rounds() {
    let layouts = Served::repositories(&[(NAME, fixture("native/layout"))]);
    let rounds = Rounds::default();
    let server = Server::start(move |request: &Request| {
        let (name, size) = round(request);
        if !rounds.meet(name, size) {
            return Reply::error(400, "ALONE");
        }
        reply_of(&layouts, request)
    });
    let argv = [
        "sigscope",
        "verify",
        &format!("{}/{NAME}:4.0.0", server.host()),
        "--trusted-root",
        "tests/fixtures/trusted_root.json",
        "--certificate-identity",
        "https://github.com/enix/x509-certificate-exporter/.github/workflows/release.yaml@refs/tags/v4.0.0",
        "--certificate-oidc-issuer",
        "https://token.actions.githubusercontent.com",
    ];
    let said = run(&argv.map(str::to_owned));
    assert_eq!(said.code, 0, "{}{}", said.out, said.err);
    let mut counted: BTreeMap<&str, usize> = BTreeMap::new();
    for request in server.requests() {
        *counted.entry(round(&request).0).or_default() += 1;
    }
    let wanted = [("0 resolve", 1), ("1 listings", 4), ("2 manifests", 3), ("3 blobs", 3)];
    assert_eq!(counted, BTreeMap::from(wanted));
    // Nothing under `.sbom` is signed there, so no verdict asks for it.
    assert_eq!(server.count(".sbom"), 0);
}
