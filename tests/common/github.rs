//! A GitHub on loopback that answers as a test tells it, and what a client makes of it.

use std::{fmt::Write as _, time::Duration};

use sigscope::{
    domain::{Digest, github::Whose},
    inspect::github::{Attestations, GitHub},
    net::{
        github::{HttpGitHub, Settings},
        limits::Limits,
    },
};

use super::server::{Reply, Request, Server};

pub(crate) const TOKEN: &str = "the-token-of-the-test";

pub(crate) fn repository() -> Whose {
    Whose::Repository { owner: "enix".into(), name: "x".into() }
}

pub(crate) fn owner() -> Whose {
    Whose::Owner("enix".into())
}

/// Asks the server for the attestations of one digest, with a token.
pub(crate) async fn asked(server: &Server, whose: &Whose) -> Attestations {
    let env = |name: &str| (name == "GH_ENTERPRISE_TOKEN").then(|| TOKEN.to_owned());
    let api = format!("http://{}", server.host());
    let mut settings = Settings::new(None, Some(&api), &env).unwrap();
    let ms = Duration::from_millis;
    settings.limits = Limits { back_off: ms(1), stall: ms(200), ..Limits::default() };
    let digest = Digest::sha256(b"artifact");
    HttpGitHub::new(settings).attestations(whose, &digest, &|_, _| ()).await
}

/// `3 proved`, `0 absent`, `1 undecided`: how many were found, and whether that is all.
pub(crate) fn outcome(stored: &Attestations) -> String {
    let word = match (stored.complete(), stored.found.is_empty()) {
        (false, _) => "undecided",
        (true, true) => "absent",
        (true, false) => "proved",
    };
    format!("{} {word}", stored.found.len())
}

pub(crate) fn words(stored: &Attestations) -> String {
    stored.notes.iter().fold(String::new(), |mut all, note| {
        let _ = write!(all, "{}: {}; ", note.asked, note.answer);
        all
    })
}

/// Every row ends as it must, and GitHub was asked under `of` by the digest.
pub(crate) async fn hold(rows: &[Row], whose: &Whose, of: &str) {
    for (name, script, wanted, said) in rows {
        let server = Server::start(*script);
        let stored = asked(&server, whose).await;
        assert_eq!(outcome(&stored), *wanted, "{name}: {}", words(&stored));
        assert!(words(&stored).contains(said), "{name}: {}", words(&stored));
        let digest = Digest::sha256(b"artifact");
        let path = format!("{of}/attestations/{digest}?per_page=100");
        assert_eq!(server.requests()[0].target, path, "{name}");
    }
}

/// A page of inline bundles, each another one.
pub(crate) fn page(bundles: std::ops::Range<usize>) -> Reply {
    let each: Vec<String> = bundles.map(|n| format!(r#"{{"bundle":{{"n":{n}}}}}"#)).collect();
    list(&each.join(","))
}

pub(crate) fn list(entries: &str) -> Reply {
    Reply::new(200, format!(r#"{{"attestations":[{entries}]}}"#))
        .with("Content-Type", "application/json")
}

pub(crate) fn problem(status: u16, message: &str) -> Reply {
    Reply::new(status, format!(r#"{{"message":"{message}","documentation_url":"x"}}"#))
        .with("Content-Type", "application/json")
}

pub(crate) fn snappy(bytes: &[u8]) -> Reply {
    Reply::new(200, snap::raw::Encoder::new().compress_vec(bytes).unwrap())
        .with("Content-Type", "application/x-snappy")
}

pub(crate) fn host(request: &Request) -> &str {
    &request.headers["host"]
}

pub(crate) fn next(request: &Request, target: &str) -> String {
    format!("<http://{}{target}>; rel=\"next\"", host(request))
}

/// Name, the answer to every request, how it ends, what is said.
pub(crate) type Row = (&'static str, fn(&Request) -> Reply, &'static str, &'static str);
