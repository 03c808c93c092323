//! The registry client against servers on loopback that misbehave in one way each.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod common;

use std::sync::Mutex;

use common::{
    Config, NAME, Registry as Served, client, fixture, kind, repository,
    server::{Body, Reply, Request, Server},
    sought,
};
use sigscope::{
    domain::{Digest, Repository, Tag, Verdict, oci::Descriptor, reference::Pointer},
    inspect::Registry,
    net::registry::HttpRegistry,
};

fn tag(text: &str) -> Pointer {
    Pointer::Tag(Tag::parse(text).unwrap())
}

fn describe(bytes: &[u8]) -> Descriptor {
    Descriptor {
        media_type: String::new(),
        digest: Digest::sha256(bytes),
        size: bytes.len() as u64,
        artifact_type: None,
        annotations: std::collections::BTreeMap::new(),
        platform: None,
    }
}

/// What one fault does to resolving, listing and reading the native release.
async fn walk(fault: &'static str) -> (String, String, String) {
    let layouts = [(NAME, fixture("native/layout"))];
    let registry = Served::faulty(&layouts, true, fault);
    let (client, at) = (client(), repository(&registry.addr(), NAME));
    let resolved = match client.manifest(&at, &tag("4.0.0")).await {
        Ok(fetched) => fetched,
        Err(error) => return (kind(&error).into(), String::new(), String::new()),
    };
    let contradicted = if resolved.contradicted.is_some() { "contradicted" } else { "ok" };
    let listing = client.referrers(&sought(&at, &resolved.descriptor.digest)).await;
    let word = if listing.complete() { "complete" } else { "undecided" };
    let listed = format!("{} {word}", listing.found.len());
    let mut read = Vec::new();
    for referrer in &listing.found {
        read.push(read_blob(&client, &at, &referrer.descriptor.digest).await);
    }
    read.sort_unstable();
    read.dedup();
    (contradicted.into(), listed, read.join(" "))
}

async fn read_blob(client: &HttpRegistry, at: &Repository, digest: &Digest) -> &'static str {
    use sigscope::domain::oci::Manifest;
    let fetched = match client.manifest(at, &Pointer::Digest(digest.clone())).await {
        Ok(fetched) => fetched,
        Err(error) => return kind(&error),
    };
    let Ok(Manifest::Image(image)) = Manifest::parse(&fetched.bytes) else { return "no image" };
    match client.blob(at, &image.layers[0], 1 << 20, &|_, _| ()).await {
        Ok(_) => "ok",
        Err(error) => kind(&error),
    }
}

#[tokio::test]
async fn every_fault_of_a_registry_ends_as_it_must() {
    for (fault, resolved, listed, read) in [
        ("-", "ok", "3 complete", "ok"),
        ("all-429", "ok", "3 complete", "ok"),
        ("all-503", "ok", "3 complete", "ok"),
        ("auth", "ok", "3 complete", "ok"),
        ("auth-denied", "denied", "", ""),
        ("blob-cut", "ok", "3 complete", "unreachable"),
        ("blob-flip", "ok", "3 complete", "mismatch"),
        ("digest-body", "ok", "3 complete", "mismatch"),
        ("digest-header", "contradicted", "3 complete", "ok"),
        ("no-digest-header", "ok", "3 complete", "ok"),
        ("referrers-303", "ok", "0 complete", ""),
        ("referrers-403", "ok", "0 undecided", ""),
        ("referrers-406", "ok", "0 complete", ""),
        ("referrers-429", "ok", "0 undecided", ""),
        ("referrers-500", "ok", "0 undecided", ""),
        ("referrers-foreign", "ok", "4 complete", "not-found ok"),
        ("referrers-html", "ok", "0 complete", ""),
        ("referrers-pages", "ok", "3 complete", "ok"),
        ("tag-body", "contradicted", "0 complete", ""),
        ("type-plain", "ok", "3 complete", "ok"),
    ] {
        let got = walk(fault).await;
        let wanted = (resolved.to_owned(), listed.to_owned(), read.to_owned());
        assert_eq!(got, wanted, "{fault}");
    }
}

/// Every page of tags, as a caller reads them.
async fn all_tags(fault: &'static str) -> Vec<String> {
    let registry = Served::faulty(&[(NAME, fixture("native/layout"))], true, fault);
    let (client, at) = (client(), repository(&registry.addr(), NAME));
    let (mut names, mut after) = (Vec::new(), None);
    loop {
        let page = client.tags(&at, after.as_deref()).await.unwrap();
        names.extend(page.tags.iter().map(ToString::to_string));
        after = page.next;
        if after.is_none() {
            return names;
        }
    }
}

#[tokio::test]
async fn tags_are_read_page_by_page_and_end() {
    for (fault, number) in [("-", 7), ("tags-pages", 7), ("tags-loop", 7), ("tags-null", 0)] {
        assert_eq!(all_tags(fault).await.len(), number, "{fault}");
    }
}

#[tokio::test]
async fn odd_names_and_foreign_pages_are_kept_apart() {
    let list = |request: &Request| match request.path() {
        "/v2/odd/tags/list" => {
            Reply::new(200, r#"{"tags":["ok","a b","\u001b[2J","\u202egpj",""]}"#)
        }
        "/v2/away/tags/list" => Reply::new(200, r#"{"tags":["a"]}"#)
            .with("Link", "<http://localhost:1/v2/away/tags/list?last=a>; rel=\"next\""),
        "/v2/user/tags/list" => {
            let host = request.headers["host"].clone();
            let link = format!("<http://u:p@{host}/v2/user/tags/list?last=a>; rel=\"next\"");
            Reply::new(200, r#"{"tags":["a"]}"#).with("Link", link)
        }
        "/v2/garbage/tags/list" => Reply::new(200, r#"{"tags":["a"]}"#).with("Link", "garbage"),
        _ => Reply::new(200, r#"{"names":[]}"#),
    };
    let server = Server::start(list);
    let client = client();
    let odd = client.tags(&repository(&server.host(), "odd"), None).await.unwrap();
    assert_eq!((odd.tags.len(), odd.odd.len(), odd.next), (1, 4, None));
    for (name, words) in [
        ("away", "on another host"),
        ("user", "holds a password"),
        ("garbage", "Link header cannot be read"),
        ("shape", "not a list of tags"),
    ] {
        let error = client.tags(&repository(&server.host(), name), None).await.unwrap_err();
        assert!(error.to_string().contains(words), "{name}: {error}");
    }
    // An answer that is one text of megabytes is not repeated.
    let long = Server::start(|_: &Request| {
        let text = "A".repeat(3_000_000);
        Reply::new(200, format!(r#"{{"tags":"{text}","repositories":"{text}"}}"#))
    });
    let tags = client.tags(&repository(&long.host(), "x"), None).await.unwrap_err().to_string();
    let listed = client.catalog(&long.host(), None).await.unwrap_err().to_string();
    for words in [tags, listed] {
        assert!(words.contains("at line 1 column") && words.len() < 500, "{words}");
    }
    // A cursor that somebody made up leads nowhere else either.
    let cursor = Some("http://localhost:1/v2/x/tags/list");
    let error = client.tags(&repository(&server.host(), "odd"), cursor).await.unwrap_err();
    assert_eq!(kind(&error), "malformed");
}

/// Name, answer, kind of the error, what its text holds, how often the server was asked.
type Row = (&'static str, Reply, &'static str, &'static str, usize);

fn bad_statuses() -> Vec<Row> {
    let json = |status, body: &str| Reply::new(status, body);
    vec![
        ("401", Reply::error(401, "UNAUTHORIZED"), "denied", "UNAUTHORIZED: not here", 1),
        ("403", Reply::error(403, "DENIED"), "denied", "DENIED: not here", 1),
        ("404", Reply::error(404, "MANIFEST_UNKNOWN"), "not-found", "there is no", 1),
        ("404 name", Reply::error(404, "NAME_UNKNOWN"), "not-found", "there is no", 1),
        ("404 page", json(404, "<html>gone"), "status", "404", 1),
        ("404 bare", json(404, ""), "status", "404", 1),
        ("404 other", Reply::error(404, "DENIED"), "status", "404", 1),
        ("429", Reply::error(429, "TOOMANYREQUESTS"), "rate-limited", "limits the rate", 4),
        (
            "429 long",
            Reply::error(429, "X").with("Retry-After", "86400"),
            "rate-limited",
            "86400 s",
            1,
        ),
        ("500", Reply::error(500, "UNKNOWN"), "status", "answered 500", 1),
        ("503", Reply::error(503, "UNAVAILABLE"), "status", "answered 503", 4),
    ]
}

fn bad_bodies() -> Vec<Row> {
    let big = vec![b' '; 10_000_000];
    let json = |status, body: &str| Reply::new(status, body);
    vec![
        ("206", json(206, "{}"), "status", "answered 206", 1),
        ("302", json(302, "").with("Location", "http://localhost:1/x"), "status", "redirects", 1),
        (
            "circle",
            json(302, "").with("Location", "/v2/x/manifests/t"),
            "malformed",
            "more than 5 redirects",
            6,
        ),
        ("escapes", json(500, "\u{1b}]0;x\u{7}\u{202e}"), "status", "\\x1b]0;x\\x07⟨U+202E⟩", 1),
        ("big", json(200, "").body(Body::Whole(big)), "too-large", "limit of 4 MiB", 1),
        ("endless", json(200, "").body(Body::Endless), "too-large", "limit of 4 MiB", 1),
        ("endless error", json(500, "").body(Body::Endless), "status", "answered 500", 1),
        (
            "cut",
            json(200, "").body(Body::Cut(b"{\"manifests\":[]}".to_vec())),
            "unreachable",
            "127.0.0.1",
            4,
        ),
        (
            "stall",
            json(200, "").body(Body::Stall(b"{\"manifests\":[]}".to_vec())),
            "unreachable",
            "nothing came",
            2,
        ),
        ("nothing", json(200, "").body(Body::Nothing), "unreachable", "127.0.0.1", 4),
        (
            "html",
            json(200, "<html>").with("Content-Type", "text/html"),
            "malformed",
            "not a manifest",
            1,
        ),
        ("empty", json(200, ""), "malformed", "not a manifest", 1),
        ("array", json(200, "[1]"), "malformed", "not a manifest", 1),
    ]
}

#[tokio::test]
async fn every_bad_answer_to_a_manifest_is_its_own_error() {
    for (row, reply, wanted, words, requests) in bad_statuses().into_iter().chain(bad_bodies()) {
        let server = Server::start(move |_: &Request| reply.clone());
        let at = repository(&server.host(), "x");
        let error = client().manifest(&at, &tag("t")).await.unwrap_err();
        assert_eq!(kind(&error), wanted, "{row}: {error}");
        assert!(error.to_string().contains(words), "{row}: {error}");
        assert_eq!(error.verdict() == Verdict::Absent, wanted == "not-found", "{row}");
        // A pooled connection that breaks before an answer may be tried once more below us.
        let sent = server.requests().len();
        assert!(sent == requests || row == "nothing" && sent >= requests, "{row}: {sent}");
    }
}

#[tokio::test]
async fn nobody_there_is_an_error_with_a_cause() {
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let host = closed.local_addr().unwrap().to_string();
    drop(closed);
    let error = client().manifest(&repository(&host, "x"), &tag("t")).await.unwrap_err();
    assert_eq!(kind(&error), "unreachable");
    assert!(error.to_string().to_lowercase().contains("refused"), "{error}");
}

#[tokio::test]
async fn a_digest_gets_only_its_own_bytes() {
    let server = Server::start(|_: &Request| Reply::new(200, r#"{"manifests":[]}"#));
    let at = repository(&server.host(), "x");
    let own = Pointer::Digest(Digest::sha256(br#"{"manifests":[]}"#));
    assert!(client().manifest(&at, &own).await.is_ok());
    let other = Pointer::Digest(Digest::sha256(b"other"));
    assert_eq!(kind(&client().manifest(&at, &other).await.unwrap_err()), "mismatch");
}

#[tokio::test]
async fn a_blob_is_read_within_its_size_and_from_where_it_lies() {
    let storage = Server::start(|_: &Request| Reply::new(200, "content"));
    let away = format!("http://{}/storage", storage.host().replace("127.0.0.1", "localhost"));
    let server = Server::start(move |request: &Request| {
        if !request.headers.contains_key("authorization") {
            return Reply::error(401, "UNAUTHORIZED").with("WWW-Authenticate", "Basic realm=\"x\"");
        }
        match request.path() {
            path if path.starts_with("/v2/moved/") => Reply::new(307, "").with("Location", &away),
            path if path.starts_with("/v2/plain/") => {
                Reply::new(307, "").with("Location", "http://storage.invalid/x")
            }
            path if path.starts_with("/v2/endless/") => Reply::new(200, "").body(Body::Endless),
            path if path.starts_with("/v2/gone/") => Reply::error(404, "BLOB_UNKNOWN"),
            _ => Reply::new(200, "content"),
        }
    });
    let config = Config::new(&[(&server.host(), "user:secret")]);
    let client = HttpRegistry::new(config.settings());
    let (blob, mut lying) = (describe(b"content"), describe(b"content"));
    lying.size += 1;
    for (name, blob, limit, wanted) in [
        ("here", &blob, 7, "ok"),
        ("moved", &blob, 7, "ok"),
        ("here", &blob, 6, "too-large"),
        ("here", &describe(b"conten"), 7, "too-large"),
        ("here", &describe(b"another"), 7, "mismatch"),
        ("here", &lying, 9, "malformed"),
        ("endless", &blob, 7, "too-large"),
        ("gone", &blob, 7, "not-found"),
        ("plain", &blob, 7, "status"),
    ] {
        let seen = Mutex::new(0);
        let at = repository(&server.host(), name);
        let progress = |so_far, _| *seen.lock().unwrap() = so_far;
        let got = client.blob(&at, blob, limit, &progress).await;
        assert_eq!(got.as_ref().map_or_else(kind, |_| "ok"), wanted, "{name}: {got:?}");
        assert!(got.is_err() || *seen.lock().unwrap() == 7);
    }
    let leaked = storage.requests().iter().any(|r| r.headers.contains_key("authorization"));
    assert!(!leaked && storage.requests().len() == 1);
}
