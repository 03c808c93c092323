//! Tokens: identity tokens, their end, refusals, and servers on other hosts.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod common;

use std::time::Duration;

use common::{
    Config,
    front::Front,
    kind, quick, repository,
    server::{Reply, Request, Server},
    tls::scratch,
};
use serde_json::json;
use sigscope::{
    domain::{Repository, Tag, reference::Pointer},
    inspect::{Registry, RegistryError},
    net::registry::{HttpRegistry, Settings},
};

const SECRET: &str = "hunter2secret";

async fn ask(client: &HttpRegistry, at: &Repository) -> Result<(), RegistryError> {
    client.manifest(at, &Pointer::Tag(Tag::parse("t").unwrap())).await.map(drop)
}

/// A client with one entry for `host`.
fn client(name: &str, host: &str, entry: &serde_json::Value) -> HttpRegistry {
    let file = scratch(&format!("{name}.json"));
    std::fs::write(&file, json!({"auths": {host: entry}}).to_string()).unwrap();
    HttpRegistry::new(Settings { docker_config: Some(file), ..quick() })
}

fn posted(request: &Request) -> Option<String> {
    let body = String::from_utf8(request.body.clone()).unwrap();
    Some(body).filter(|body| !body.is_empty())
}

#[tokio::test]
async fn an_identity_token_is_exchanged_and_never_shown() {
    let good = r#"{"access_token":"abc","expires_in":300}"#;
    let echo = || Reply::new(400, format!(r#"{{"error":"invalid_grant: {SECRET}"}}"#));
    let (grants, none) = (Reply::new(200, good), Reply::error(404, "X"));
    let (forbids, busy) = (Reply::new(405, ""), Reply::error(429, "TOOMANYREQUESTS"));
    // What is answered to a POST, to a GET; what comes out, what the error says.
    for (row, post, get, wanted, words) in [
        ("granted", grants.clone(), none.clone(), "ok", ""),
        ("no OAuth2, public", none.clone(), grants.clone(), "ok", ""),
        ("no POST, public", forbids.clone(), grants.clone(), "ok", ""),
        ("no OAuth2, private", none.clone(), Reply::error(401, "X"), "denied", "no identity token"),
        ("no longer good", echo(), grants.clone(), "denied", "invalid_grant: ***"),
        ("refused", Reply::error(401, "X"), grants.clone(), "denied", "token server"),
        ("forbidden", Reply::error(403, "X"), grants.clone(), "denied", "token server"),
        ("busy", busy, grants.clone(), "rate-limited", ""),
        ("broken", Reply::new(500, SECRET), grants.clone(), "status", "***"),
        ("a page", Reply::new(200, "<html>"), grants.clone(), "malformed", "not a token"),
        ("no token", Reply::new(200, "{}"), grants, "malformed", "no token"),
    ] {
        let front =
            Front::new(move |r, _| if posted(r).is_some() { post.clone() } else { get.clone() });
        let host = front.server.host();
        let client = client("identity", &host, &json!({"identitytoken": SECRET}));
        let got = ask(&client, &repository(&host, "x")).await;
        let text = got.as_ref().map_or_else(ToString::to_string, |()| String::new());
        assert_eq!(got.as_ref().map_or_else(kind, |()| "ok"), wanted, "{row}: {text}");
        assert!(text.contains(words) && !text.contains(SECRET), "{row}: {text}");
        for request in front.server.requests() {
            let elsewhere = format!("{} {:?}", request.target, request.headers);
            assert!(!elsewhere.contains(SECRET), "{row}: only in the body: {elsewhere}");
            let Some(body) = posted(&request) else { continue };
            for part in [
                "grant_type=refresh_token",
                "client_id=sigscope",
                "service=front",
                "scope=repository%3Ax%3Apull",
                "refresh_token=hunter2secret",
            ] {
                assert!(body.split('&').any(|p| p == part), "{row}: {part} in {body}");
            }
        }
    }
}

#[tokio::test]
async fn a_refresh_token_that_was_changed_is_used_next() {
    let front = Front::new(|request, number| {
        let old = if number == 0 { SECRET } else { "changed1" };
        let sent = posted(request).is_some_and(|body| body.ends_with(&format!("={old}")));
        if !sent {
            return Reply::new(400, "");
        }
        let body = json!({"access_token": format!("t{number}"), "refresh_token": "changed1"});
        Reply::new(200, body.to_string())
    });
    let host = front.server.host();
    let client = client("changed", &host, &json!({"identitytoken": SECRET}));
    let at = repository(&host, "x");
    ask(&client, &at).await.unwrap();
    front.revoke();
    ask(&client, &at).await.unwrap();
    assert_eq!(front.counts().0, 2);
}

#[tokio::test]
async fn a_token_is_renewed_when_it_ends_and_not_before() {
    let hour = 3600;
    for (expires, later, tokens) in [
        (json!(300), 60, 1),
        (json!(300), 296, 2),
        (json!(300), 301, 2),
        (json!(null), 30, 1),
        (json!(null), 61, 2),
        (json!(0), 30, 1),
        (json!(-1), 61, 2),
        (json!("300"), 61, 2),
        (json!(1e300), hour, 1),
        (json!(1e300), 25 * hour, 2),
        (json!(3.5), 0, 2),
    ] {
        let body = expires.clone();
        let front = Front::new(move |_, number| {
            let answer = json!({"token": format!("t{number}"), "expires_in": body});
            Reply::new(200, answer.to_string())
        });
        let host = front.server.host();
        let client = client("ends", &host, &json!({}));
        let at = repository(&host, "x");
        ask(&client, &at).await.unwrap();
        // Only while nothing is under way: a clock that stands would let deadlines pass at once.
        tokio::time::pause();
        tokio::time::advance(Duration::from_secs(later)).await;
        tokio::time::resume();
        ask(&client, &at).await.unwrap();
        assert_eq!(front.counts(), (tokens, 3), "{expires} after {later} s");
    }
}

#[tokio::test]
async fn a_token_that_is_refused_is_renewed_once() {
    let front = Front::new(|_, number| Reply::new(200, format!(r#"{{"token":"t{number}"}}"#)));
    let host = front.server.host();
    let (client, at) = (client("revoked", &host, &json!({})), repository(&host, "x"));
    ask(&client, &at).await.unwrap();
    front.revoke();
    let asked = (0..8).map(|_| ask(&client, &at));
    let got = futures_util::future::join_all(asked).await;
    assert!(got.iter().all(Result::is_ok), "{got:?}");
    assert_eq!(front.counts().0, 2, "one flight for all of them");
    // Another repository is another scope.
    ask(&client, &repository(&host, "y")).await.unwrap();
    assert_eq!(front.counts().0, 3);
}

#[tokio::test]
async fn a_registry_that_is_never_content_is_asked_twice() {
    let bearer = r#"Bearer realm="http://HOST/token""#;
    for (row, challenge, entry, requests, tokens) in [
        ("bearer", bearer, json!({}), 2, 1),
        ("basic", "Basic realm=\"x\"", json!({"username": "u", "password": SECRET}), 2, 0),
        ("basic, nobody", "Basic realm=\"x\"", json!({}), 1, 0),
        ("a token of its own", bearer, json!({"registrytoken": SECRET}), 2, 0),
        ("another scheme", "Negotiate", json!({"username": "u", "password": SECRET}), 1, 0),
        ("no challenge", "", json!({"username": "u", "password": SECRET}), 1, 0),
    ] {
        let server = Server::start(move |request: &Request| match request.path() {
            "/token" => Reply::new(200, r#"{"token":"same"}"#),
            _ => Reply::error(401, "UNAUTHORIZED")
                .with("WWW-Authenticate", challenge.replace("HOST", &request.headers["host"])),
        });
        let host = server.host();
        let client = client("never", &host, &entry);
        let error = ask(&client, &repository(&host, "x")).await.unwrap_err();
        assert_eq!(kind(&error), "denied", "{row}: {error}");
        assert_eq!((server.count("/v2/"), server.count("/token")), (requests, tokens), "{row}");
        let again = ask(&client, &repository(&host, "x")).await.unwrap_err();
        assert_eq!(kind(&again), "denied", "{row}: {again}");
        assert!(server.count("/v2/") <= 2 * requests, "{row}");
    }
}

#[tokio::test]
async fn a_token_server_on_another_host_gets_what_the_registry_asked_for() {
    let tokens = Server::start(|_: &Request| Reply::new(200, r#"{"token":"abc"}"#));
    let realm = format!(r#"Bearer realm="http://{}/auth?account=x",service="s""#, tokens.host());
    let registry = Server::start(move |request: &Request| {
        match request.headers.get("authorization").map(String::as_str) {
            Some("Bearer abc") => Reply::new(200, r#"{"manifests":[]}"#),
            _ => Reply::error(401, "UNAUTHORIZED").with("WWW-Authenticate", realm.as_str()),
        }
    });
    // The token server's own entry is for somebody else's registry.
    let config = Config::new(&[(&registry.host(), "user:secret"), (&tokens.host(), "no:no")]);
    let client = HttpRegistry::new(config.settings());
    ask(&client, &repository(&registry.host(), "a/b")).await.unwrap();
    let sent = tokens.requests();
    assert_eq!(sent.len(), 1);
    assert_eq!(sent[0].headers["authorization"], "Basic dXNlcjpzZWNyZXQ=");
    assert_eq!(sent[0].target, "/auth?account=x&service=s&scope=repository%3Aa%2Fb%3Apull");
    let passwords = registry.requests();
    let mut passwords = passwords.iter().filter_map(|r| r.headers.get("authorization"));
    assert!(passwords.all(|value| value == "Bearer abc"));
}

#[tokio::test]
async fn a_realm_that_must_not_be_asked_is_not() {
    let thief = Server::start(|_: &Request| Reply::new(200, r#"{"token":"abc"}"#));
    let away = thief.host().replace("127.0.0.1", "127.0.0.2");
    for (realm, words) in [
        (format!("http://{away}/t"), "is not HTTPS"),
        (format!("http://u:p@{}/t", thief.host()), "holds a password"),
        ("https://u:p@token.invalid/t".to_owned(), "holds a password"),
        ("file:///etc/passwd".to_owned(), "is not HTTPS"),
        (String::new(), "is no address"),
    ] {
        let challenge = format!(r#"Bearer realm="{realm}""#);
        let server = Server::start(move |_: &Request| {
            Reply::error(401, "UNAUTHORIZED").with("WWW-Authenticate", challenge.as_str())
        });
        let host = server.host();
        let entry = json!({"username": "user", "password": SECRET});
        let error = ask(&client("realm", &host, &entry), &repository(&host, "x")).await;
        let error = error.unwrap_err().to_string();
        assert!(error.contains(words) && !error.contains(SECRET), "{realm}: {error}");
    }
    assert!(thief.requests().is_empty());
}

#[tokio::test]
async fn a_server_that_repeats_a_secret_is_not_repeated() {
    for body in ["sent: CREDENTIALS", r#"{"errors":[{"code":"X","message":"hunter2secret"}]}"#] {
        let server =
            Server::start(move |request: &Request| match request.headers.get("authorization") {
                Some(sent) => Reply::new(403, body.replace("CREDENTIALS", sent)),
                None => Reply::new(401, "").with("WWW-Authenticate", "Basic realm=\"x\""),
            });
        let host = server.host();
        let entry = json!({"username": "user", "password": SECRET});
        let error = ask(&client("echo", &host, &entry), &repository(&host, "x")).await;
        let error = error.unwrap_err().to_string();
        assert!(error.contains("***") && !error.contains(SECRET), "{error}");
        assert!(!error.contains("dXNlcjpodW50ZXIyc2VjcmV0"), "{error}");
    }
}

#[tokio::test]
async fn a_refresh_token_goes_only_to_the_realm_that_gave_it() {
    let server = Server::start(|request: &Request| {
        let number = usize::from(request.headers.contains_key("authorization"));
        let realm = format!("Bearer realm=\"http://{}/realm{number}\"", request.headers["host"]);
        match request.path() {
            "/realm0" => Reply::new(200, r#"{"token":"first","refresh_token":"given by zero"}"#),
            "/realm1" => Reply::new(200, r#"{"token":"second"}"#),
            _ => match request.headers.get("authorization").map(String::as_str) {
                Some("Bearer second") => Reply::new(200, r#"{"manifests":[]}"#),
                _ => Reply::error(401, "X").with("WWW-Authenticate", realm),
            },
        }
    });
    let host = server.host();
    let client = client("realms", &host, &json!({"identitytoken": SECRET}));
    let at = repository(&host, "x");
    let _ = ask(&client, &at).await;
    ask(&client, &at).await.unwrap();
    let sent = server.requests();
    let sent: Vec<_> = sent.iter().filter(|r| r.path() == "/realm1").filter_map(posted).collect();
    assert!(!sent.is_empty() && sent.iter().all(|body| !body.contains("zero")), "{sent:?}");
}
