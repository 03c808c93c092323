//! The bundles that GitHub stores elsewhere, from servers on loopback that misbehave; and its token.
#![allow(clippy::unwrap_used, missing_docs, reason = "a test that cannot go on panics")]

mod common;

use common::{
    github::{Row, TOKEN, asked, host, list, outcome, page, repository, snappy, words},
    server::{Body, Reply, Request, Server},
};
use sigscope::domain::Verdict;

/// What the storage server answers, how it ends, what is said.
const STORED: &[Row] = &[
    ("snappy", |_| snappy(br#"{"stored":1}"#), "1 proved", ""),
    (
        "plain",
        |_| Reply::new(200, r#"{"stored":1}"#).with("Content-Type", "application/json"),
        "1 proved",
        "",
    ),
    (
        "moved on",
        |request| match request.path() {
            "/elsewhere" => snappy(br#"{"stored":1}"#),
            _ => Reply::new(302, "").with("Location", "/elsewhere"),
        },
        "1 proved",
        "",
    ),
    (
        "a bomb",
        |_| Reply::new(200, [0xff, 0xff, 0xff, 0xff, 0x0f, 0]),
        "0 undecided",
        "over the limit of 32 MiB",
    ),
    (
        "a bomb within the limit",
        |_| Reply::new(200, [0x80, 0x80, 0x80, 0x10, 0, 0]),
        "0 undecided",
        "too short for what it says",
    ),
    ("corrupt", |_| Reply::new(200, "\u{5}corrupt"), "0 undecided", "not snappy"),
    ("nothing", |_| Reply::new(200, ""), "0 undecided", "not snappy"),
    ("endless", |_| Reply::new(200, "").body(Body::Endless), "0 undecided", "limit of 32 MiB"),
    ("expired", |_| Reply::new(403, "<?xml?>"), "0 undecided", "403"),
    ("gone", |_| Reply::new(404, ""), "0 undecided", "404"),
    (
        "to the world in plain HTTP",
        |_| Reply::new(302, "").with("Location", "http://storage.invalid/x"),
        "0 undecided",
        "not followed",
    ),
];

#[tokio::test]
async fn a_bundle_is_fetched_from_where_it_is_stored_without_a_token() {
    for (name, script, wanted, said) in STORED {
        let storage = Server::start(*script);
        let at = format!("http://{}/b?sig=secret", storage.host());
        let entry = format!(r#"{{"bundle":null,"bundle_url":"{at}"}}"#);
        let server = Server::start(move |_: &Request| list(&entry));
        let stored = asked(&server, &repository()).await;
        assert_eq!(outcome(&stored), *wanted, "{name}: {}", words(&stored));
        assert!(words(&stored).contains(said), "{name}: {}", words(&stored));
        assert!(!words(&stored).contains("secret"), "{name}: {}", words(&stored));
        let leaked = |r: &Request| format!("{:?}", r.headers).contains(TOKEN);
        assert!(!storage.requests().is_empty(), "{name}");
        assert!(!storage.requests().iter().any(leaked), "{name}");
        let sent = server.requests();
        let right = format!("Bearer {TOKEN}");
        assert!(sent.iter().all(|r| r.headers["authorization"] == right), "{name}");
        assert!(sent.iter().all(|r| r.headers["user-agent"].starts_with("sigscope/")));
    }
}

#[tokio::test]
async fn even_a_bundle_on_the_host_of_the_api_gets_no_token() {
    let server = Server::start(|request: &Request| match request.path() {
        "/b" => snappy(br#"{"stored":1}"#),
        _ => list(&format!(r#"{{"bundle_url":"http://{}/b"}}"#, host(request))),
    });
    let stored = asked(&server, &repository()).await;
    assert_eq!(outcome(&stored), "1 proved", "{}", words(&stored));
    let requests = server.requests();
    let fetched = requests.iter().find(|r| r.path() == "/b").unwrap();
    assert!(!fetched.headers.contains_key("authorization"));
}

#[tokio::test]
async fn what_cannot_be_fetched_does_not_hide_what_can() {
    let server = Server::start(|request: &Request| match request.path() {
        path if path.starts_with("/b/3") => Reply::new(404, ""),
        path if path.starts_with("/b/") => snappy(format!("{{\"at\":\"{path}\"}}").as_bytes()),
        _ => {
            let at = |n: usize| format!(r#"{{"bundle_url":"http://{}/b/{n}"}}"#, host(request));
            let bad = r#"{"bundle_url":"ftp://x/"},{"bundle_url":"http://storage.invalid/"},{"bundle_url":"::"}"#;
            let each: Vec<String> = (0..20).map(at).collect();
            list(&format!("{},{bad}", each.join(",")))
        }
    });
    let stored = asked(&server, &repository()).await;
    assert_eq!(outcome(&stored), "19 undecided", "{}", words(&stored));
    let failed = stored.notes.iter().filter(|n| n.verdict == Verdict::Undecided).count();
    assert_eq!(failed, 4, "{}", words(&stored));
    // In the order of the list, whichever came first.
    assert_eq!(&*stored.found[18].bytes, br#"{"at":"/b/19"}"#);
}

#[tokio::test]
async fn the_token_goes_to_no_other_host_and_stands_in_no_word() {
    let thief = Server::start(|_: &Request| page(0..1));
    // Another name of the same machine is another host.
    let elsewhere = format!("http://{}/p", thief.host().replace("127.0.0.1", "localhost"));
    for link in [true, false] {
        let to = elsewhere.clone();
        let server = Server::start(move |_: &Request| {
            if link {
                page(0..1).with("Link", format!("<{to}>; rel=\"next\""))
            } else {
                Reply::new(307, "").with("Location", &to)
            }
        });
        let stored = asked(&server, &repository()).await;
        assert!(!stored.complete() && !words(&stored).contains(TOKEN), "{}", words(&stored));
    }
    assert!(thief.requests().is_empty());
}
