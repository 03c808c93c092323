//! Authorization: who is asked for a token, with what, and what a bad answer does.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod common;

use common::{
    Config, kind, repository,
    server::{Body, Reply, Request, Server},
};
use sigscope::{
    domain::{Tag, reference::Pointer},
    inspect::Registry,
    net::registry::HttpRegistry,
};

fn tag(text: &str) -> Pointer {
    Pointer::Tag(Tag::parse(text).unwrap())
}

#[tokio::test]
async fn a_token_server_is_asked_once_and_cannot_hurt() {
    for (name, token, wanted, words) in [
        ("good", Reply::new(200, r#"{"access_token":"abc"}"#), "ok", ""),
        (
            "split",
            Reply::new(200, r#"{"token":"abc\ndef"}"#),
            "malformed",
            "cannot stand in a header",
        ),
        ("none", Reply::new(200, "{}"), "malformed", "holds no token"),
        ("html", Reply::new(200, "<html>"), "malformed", "not a token"),
        ("huge", Reply::new(200, "").body(Body::Endless), "too-large", "64 KiB"),
        ("locked", Reply::error(403, "DENIED"), "denied", "token server"),
        ("busy", Reply::error(429, "X"), "rate-limited", ""),
        ("broken", Reply::error(500, "X"), "status", "token server"),
        ("moved", Reply::new(302, "").with("Location", "/elsewhere"), "status", "token server"),
        ("wrong", Reply::new(200, r#"{"token":"other"}"#), "denied", "UNAUTHORIZED"),
    ] {
        let server = Server::start(move |request: &Request| {
            let host = &request.headers["host"];
            let realm = format!(r#"Bearer realm="http://{host}/token",service="s""#);
            let authorized = request.headers.get("authorization").map(String::as_str);
            match (request.path(), authorized) {
                ("/token", _) => token.clone(),
                (_, Some("Bearer abc")) => Reply::new(200, r#"{"manifests":[]}"#),
                _ => Reply::error(401, "UNAUTHORIZED").with("WWW-Authenticate", realm),
            }
        });
        let config = Config::new(&[(&server.host(), "user:secret")]);
        let client = HttpRegistry::new(config.settings());
        let at = repository(&server.host(), "a/b");
        let asked = (0..8).map(|_| async { client.manifest(&at, &tag("t")).await });
        let got = futures_util::future::join_all(asked).await;
        for got in &got {
            assert_eq!(got.as_ref().map_or_else(kind, |_| "ok"), wanted, "{name}: {got:?}");
            let text = got.as_ref().map_or_else(ToString::to_string, |_| String::new());
            assert!(text.contains(words) && !text.contains("secret"), "{name}: {text}");
        }
        let token = server.requests().into_iter().find(|r| r.path() == "/token").unwrap();
        assert_eq!(token.headers["authorization"], "Basic dXNlcjpzZWNyZXQ=", "{name}");
        assert!(token.target.contains("scope=repository%3Aa%2Fb%3Apull"), "{}", token.target);
        if name == "good" {
            assert_eq!(server.count("/token"), 1, "one flight for all");
        }
    }
}

#[tokio::test]
async fn a_password_goes_to_its_own_host_and_never_in_the_clear() {
    let thief = Server::start(|_: &Request| Reply::new(200, r#"{"token":"abc"}"#));
    for (challenge, words) in [
        ("Bearer realm=\"http://token.invalid/t\"", "is not HTTPS"),
        ("Bearer realm=\"ftp://127.0.0.1/t\"", "is not HTTPS"),
        ("Bearer realm=\"::\"", "is no address"),
        ("Negotiate", "not here"),
    ] {
        let server = Server::start(move |_: &Request| {
            Reply::error(401, "UNAUTHORIZED").with("WWW-Authenticate", challenge)
        });
        let config = Config::new(&[(&thief.host(), "user:secret")]);
        let at = repository(&server.host(), "x");
        let client = HttpRegistry::new(config.settings());
        let error = client.manifest(&at, &tag("t")).await.unwrap_err();
        assert!(error.to_string().contains(words), "{challenge}: {error}");
        assert!(server.requests().iter().all(|r| !r.headers.contains_key("authorization")));
    }
    assert!(thief.requests().is_empty());
}
