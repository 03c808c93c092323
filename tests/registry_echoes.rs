//! A registry that repeats the credentials it was sent: no error and no report shows them.
#![allow(clippy::unwrap_used, missing_docs, reason = "tests")]

mod common;

use base64::{Engine, engine::general_purpose::STANDARD};
use common::{
    Config, repository,
    server::{Reply, Request, Server},
};
use serde_json::json;
use sigscope::{
    domain::{Tag, reference::Pointer},
    inspect::Registry,
    net::registry::HttpRegistry,
};

const PAIR: &str = "bob:hunter2\"sec/ret";

fn password() -> &'static str {
    PAIR.split_once(':').unwrap().1
}

/// The ways in which a secret is spelt.
fn spellings() -> Vec<String> {
    let unicode =
        password().chars().map(|c| format!("\\u{:04x}", u32::from(c))).collect::<Vec<_>>().concat();
    let percent = password().bytes().map(|b| format!("%{b:02x}")).collect::<Vec<_>>().concat();
    let json = json!(password()).to_string();
    vec![PAIR.to_owned(), password().to_owned(), STANDARD.encode(PAIR), unicode, percent, json]
}

/// Where it stands in an answer. What is inserted is already JSON where it must be.
fn places(echo: &str) -> Vec<(&'static str, Reply)> {
    let quoted = json!(echo).to_string();
    let raw = if echo.starts_with("\\u") { format!("\"{echo}\"") } else { quoted.clone() };
    let envelope = format!(r#"{{"errors":[{{"code":"DENIED","message":{raw}}}]}}"#);
    let code = format!(r#"{{"errors":[{{"code":{raw}}}]}}"#);
    let manifest = r#"{"schemaVersion":2,"manifests":[]}"#;
    let header = |name: &str| Reply::new(200, manifest).with(name, echo);
    vec![
        ("message", Reply::new(403, envelope.clone())),
        ("code", Reply::new(403, code)),
        ("text", Reply::new(403, format!("no: {echo}"))),
        ("json", Reply::new(400, format!(r#"{{"detail":{raw}}}"#))),
        ("busy", Reply::new(503, envelope.clone())),
        ("again", Reply::new(401, envelope)),
        ("digest", header("Docker-Content-Digest")),
        ("type", Reply::new(200, "no manifest").with("Content-Type", echo)),
        ("its type", header("Content-Type")),
        (
            "realm",
            Reply::new(401, "{}").with("WWW-Authenticate", {
                let echo = echo.replace('\\', "\\\\").replace('"', "\\\"");
                format!("Bearer realm=\"http://evil.example/{echo}\"")
            }),
        ),
    ]
}

fn shows(text: &str) -> bool {
    let sent = STANDARD.encode(PAIR);
    let spelt = spellings().into_iter().chain([sent, "hunter2".to_owned()]);
    spelt.into_iter().any(|secret| text.contains(&secret))
}

#[tokio::test]
async fn no_answer_of_a_registry_shows_what_it_was_sent() {
    for echo in spellings() {
        for (place, reply) in places(&echo) {
            let server = Server::start(move |request: &Request| {
                if request.headers.contains_key("authorization") {
                    return reply.clone();
                }
                Reply::error(401, "UNAUTHORIZED").with("WWW-Authenticate", "Basic realm=\"x\"")
            });
            let config = Config::new(&[(&server.host(), PAIR)]);
            let client = HttpRegistry::new(config.settings());
            let at = repository(&server.host(), "a/b");
            let tag = Pointer::Tag(Tag::parse("t").unwrap());
            let got = client.manifest(&at, &tag).await;
            let told = match got {
                Ok(fetched) => {
                    format!("{:?} {}", fetched.contradicted, fetched.descriptor.media_type)
                }
                Err(error) => error.to_string(),
            };
            assert!(!shows(&told), "{place} {echo}: {told}");
            assert!(server.requests().iter().any(|r| r.headers.contains_key("authorization")));
        }
    }
}

#[tokio::test]
async fn no_answer_of_a_token_server_shows_what_it_was_sent() {
    for echo in spellings() {
        for (place, reply) in places(&echo) {
            let server = Server::start(move |request: &Request| match request.path() {
                "/token" => reply.clone(),
                _ => {
                    let realm =
                        format!("Bearer realm=\"http://{}/token\"", request.headers["host"]);
                    Reply::error(401, "UNAUTHORIZED").with("WWW-Authenticate", realm)
                }
            });
            let config = Config::new(&[(&server.host(), PAIR)]);
            let client = HttpRegistry::new(config.settings());
            let at = repository(&server.host(), "a/b");
            let tag = Pointer::Tag(Tag::parse("t").unwrap());
            let error = client.manifest(&at, &tag).await.unwrap_err();
            assert!(!shows(&error.to_string()), "{place} {echo}: {error}");
        }
    }
}
