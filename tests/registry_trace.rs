//! What is kept, recorded and told of requests: the cache, the trace, waits, and ends.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod common;

use std::{
    io::{Read as _, Write as _},
    net::TcpListener,
    path::PathBuf,
    sync::{Arc, mpsc},
    thread,
    time::{Duration, Instant},
};

use common::{
    NAME, Registry as Served, fixture, quick, repository,
    server::{Reply, Request, Server},
};
use serde_json::Value;
use sigscope::{
    domain::{Digest, Reference, Tag, Timestamp, oci::Manifest, reference::Pointer},
    inspect::{
        CheckId, CheckKind, Event, Inspection, NoLog, NoTuf, Planned, Registry, RootSource,
        Subject, Work, World,
        github::NoGitHub,
        trace::{Asker, Outcome, What},
    },
    net::{
        cache::{Bounds, Cache},
        files::LocalFiles,
        registry::HttpRegistry,
        trace::Tracer,
    },
};
use tokio_util::sync::CancellationToken;

/// A folder that ends with this value.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path =
            std::env::temp_dir().join(format!("sigscope-trace-{}-{name}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn epoch() -> Timestamp {
    Timestamp::UNIX_EPOCH
}

/// A client of one process: its cache in `folder`, its own trace.
fn client(folder: &Folder) -> (HttpRegistry, Tracer) {
    let tracer = Tracer::new(epoch());
    let cache = Cache::new(folder.0.join("blobs"), Bounds::default(), tracer.clone());
    (HttpRegistry::new(quick()).keeping(cache, &tracer), tracer)
}

/// Opens a release as the checks do: by tag, then everything below by digest.
async fn open(client: &HttpRegistry, host: &str) -> Vec<Digest> {
    let at = repository(host, NAME);
    let tag = Pointer::Tag(Tag::parse("4.0.0").unwrap());
    let resolved = client.manifest(&at, &tag).await.unwrap();
    let listing = client.referrers(&common::sought(&at, &resolved.descriptor.digest)).await;
    let mut read = vec![];
    for referrer in listing.found {
        let digest = referrer.descriptor.digest;
        let fetched = client.manifest(&at, &Pointer::Digest(digest.clone())).await.unwrap();
        let Ok(Manifest::Image(image)) = Manifest::parse(&fetched.bytes) else { panic!() };
        client.blob(&at, &image.layers[0], 1 << 20, &|_, _| ()).await.unwrap();
        read.push(digest);
    }
    read
}

#[tokio::test]
async fn a_second_open_asks_for_nothing_by_digest() {
    let folder = Folder::new("second");
    let registry = Served::serve(&[(NAME, fixture("native/layout"))], true);
    let by_digest = || {
        let requests = registry.server.requests();
        let by =
            |r: &&Request| r.target.contains("/blobs/") || r.target.contains("/manifests/sha256:");
        requests.iter().filter(by).count()
    };
    let first = open(&client(&folder).0, &registry.addr()).await;
    assert_eq!((first.len(), by_digest()), (3, 6));
    // Another process, later: tags and listings are asked for again, and nothing else.
    let before = registry.server.requests().len();
    let (second, tracer) = client(&folder);
    assert_eq!(open(&second, &registry.addr()).await, first);
    assert_eq!(by_digest(), 6);
    let after = registry.server.requests().len() - before;
    let recorded = tracer.ring().unwrap().since(0);
    assert_eq!(tracer.ring().unwrap().pending(), [], "what has ended is no longer under way");
    let hits = recorded.iter().filter(|r| matches!(r.what, What::Cached { .. })).count();
    assert_eq!((hits, tracer.requests()), (6, after as u64));
    // Another repository may not have it, whatever lies here.
    let elsewhere = repository(&registry.addr(), "other/name");
    assert!(second.manifest(&elsewhere, &Pointer::Digest(first[0].clone())).await.is_err());
}

#[tokio::test]
async fn two_that_ask_the_same_at_once_make_one_request() {
    let folder = Folder::new("flight");
    let registry = Served::serve(&[(NAME, fixture("native/layout"))], true);
    let (client, _) = client(&folder);
    let at = repository(&registry.addr(), NAME);
    let tag = Pointer::Tag(Tag::parse("4.0.0").unwrap());
    let digest = client.manifest(&at, &tag).await.unwrap().descriptor.digest;
    let pointer = Pointer::Digest(digest);
    let all = (0..8).map(|_| client.manifest(&at, &pointer));
    let got = futures_util::future::join_all(all).await;
    assert!(got.iter().all(|fetched| fetched == &got[0] && fetched.is_ok()));
    assert_eq!(registry.server.count("/manifests/sha256:"), 1);
}

#[tokio::test]
async fn what_a_header_had_to_say_is_not_kept() {
    for (body, kind, named, kept) in [
        (r#"{"layers":[]}"#, "application/vnd.oci.image.manifest.v1+json", None, true),
        (r#"{"layers":[]}"#, "application/vnd.other+json", None, false),
        (r#"{"mediaType":"a/b","layers":[]}"#, "application/vnd.other+json", None, true),
        (r#"{"mediaType":"a/b"}"#, "text/plain", Some("sha256:00"), false),
    ] {
        let folder = Folder::new("header");
        let server = Server::start(move |_| {
            let reply = Reply::new(200, body).with("Content-Type", kind);
            named.map_or_else(|| reply.clone(), |n| reply.clone().with("Docker-Content-Digest", n))
        });
        let (client, _) = client(&folder);
        let (at, pointer) = (repository(&server.host(), "a"), Digest::sha256(body.as_bytes()));
        let pointer = Pointer::Digest(pointer);
        let first = client.manifest(&at, &pointer).await;
        assert_eq!(client.manifest(&at, &pointer).await, first, "{body} {kind}");
        assert_eq!(server.requests().len(), if kept { 1 } else { 2 }, "{body} {kind}");
    }
}

/// One request of the trace in short: status or end, attempt, bytes, limit.
fn short(what: &What) -> String {
    match what {
        What::Request(r) => {
            let end = match (&r.outcome, r.status) {
                (Outcome::Answered, Some(status)) => status.to_string(),
                (Outcome::Failed(_), _) => "failed".into(),
                _ => "cut off".into(),
            };
            let rate = r.rate.as_deref().unwrap_or("-");
            format!("{} {end} try {} {} bytes, {rate}", r.method, r.attempt, r.bytes)
        }
        What::Wait { status, attempt, .. } => format!("wait {status:?} {attempt:?}"),
        What::Cached { .. } => "cached".into(),
        What::Warning(words) => words.clone(),
    }
}

#[tokio::test]
async fn every_request_and_every_wait_is_recorded_with_who_asked() {
    let server = Server::start(|request| match request.number {
        0 => Reply::error(429, "TOOMANYREQUESTS")
            .with("Retry-After", "0")
            .with("RateLimit-Limit", "100;w=21600")
            .with("RateLimit-Remaining", "0;w=21600"),
        _ => Reply::new(200, r#"{"tags":["a"]}"#),
    });
    let tracer = Tracer::new(epoch());
    let client = HttpRegistry::new(quick()).keeping(Cache::default(), &tracer);
    let at = repository(&server.host(), "a");
    Asker::other("tags").during(client.tags(&at, None)).await.unwrap();
    let records = tracer.ring().unwrap().since(0);
    let told: Vec<String> = records.iter().map(|r| short(&r.what)).collect();
    assert_eq!(
        told,
        [
            "GET 429 try 1 60 bytes, 0 of 100 requests left (window 21600 s)",
            "wait Some(429) (2, 4)",
            "GET 200 try 2 14 bytes, -",
        ]
    );
    assert!(records.iter().all(|r| r.who.words == "tags"));
}

#[tokio::test]
async fn the_file_has_a_line_for_every_request_and_no_secret() {
    let folder = Folder::new("file");
    let server = Server::start(|request| {
        let host = request.headers["host"].clone();
        match request.path() {
            "/token" => Reply::new(200, r#"{"token":"s3cret-token"}"#),
            path if path.contains("/blobs/") => {
                // A storage server, as a registry names one; then bytes that are not those.
                let away = format!("http://{host}/store?X-Sig=s3cret");
                Reply::new(307, "").with("Location", away)
            }
            "/store" => Reply::new(403, "<Error>\u{1b}[2J\u{9b}31m</Error>"),
            _ if request.headers.contains_key("authorization") => {
                Reply::new(200, r#"{"tags":["a"]}"#)
            }
            _ => {
                let realm = format!(r#"Bearer realm="http://{host}/token?key=s3cret",service="x""#);
                Reply::error(401, "UNAUTHORIZED").with("WWW-Authenticate", realm)
            }
        }
    });
    let path = folder.0.join("trace.jsonl");
    let tracer = Tracer::with_file(epoch(), &path).unwrap();
    let client = HttpRegistry::new(quick()).keeping(Cache::default(), &tracer);
    let at = repository(&server.host(), "a");
    client.tags(&at, None).await.unwrap();
    let blob = common_blob();
    assert!(client.blob(&at, &blob, 100, &|_, _| ()).await.is_err());
    tracer.warn("odd \u{1b}[2J \u{9b}31m \u{202e}words".into());
    assert_eq!(tracer.finish().len(), 1);
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(!text.contains("s3cret"), "{text}");
    let harmful = |c: char| c != '\n' && (c.is_control() || c == '\u{202e}');
    assert!(!text.contains(harmful), "{text:?}");
    let lines: Vec<Value> = text.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    let requests: Vec<_> = lines.iter().filter(|l| l["kind"] == "request").collect();
    assert_eq!(requests.len(), server.requests().len());
    let statuses: Vec<_> = requests.iter().map(|l| l["status"].as_u64().unwrap()).collect();
    assert_eq!(statuses, [401, 200, 200, 307, 403]);
    assert!(requests[1]["purpose"].as_str().unwrap().starts_with("a token"));
    let odd = &lines.last().unwrap()["message"];
    assert_eq!(odd, "odd \u{1b}[2J \u{9b}31m \u{202e}words", "exact behind its escapes");
}

fn common_blob() -> sigscope::domain::oci::Descriptor {
    sigscope::domain::oci::Descriptor {
        media_type: String::new(),
        digest: Digest::sha256(b"x"),
        size: 1,
        artifact_type: None,
        annotations: std::collections::BTreeMap::new(),
        platform: None,
    }
}

/// A world with that client and nothing else.
fn world(client: HttpRegistry) -> World {
    World {
        registry: Arc::new(client),
        files: Arc::new(LocalFiles),
        github: Arc::new(NoGitHub("nobody asks")),
        roots: Arc::new(NoTuf),
        log: Arc::new(NoLog("nobody asks")),
        now: epoch,
    }
}

fn resolve(host: &str) -> Planned {
    let reference = Reference::parse(&format!("{host}/a:1")).unwrap();
    let id = CheckId { kind: CheckKind::Resolve, subject: None };
    Planned { id, work: Work::Resolve(reference, None) }
}

#[tokio::test]
async fn a_row_is_told_how_long_it_waits_and_for_what() {
    let server = Server::start(|request| match request.number {
        0 => Reply::error(429, "TOOMANYREQUESTS").with("Retry-After", "0"),
        _ => Reply::new(200, "{}"),
    });
    let planned = resolve(&server.host());
    let mut seen = {
        let Work::Resolve(reference, _) = &planned.work else { panic!() };
        Inspection::new(Subject::Artifact(reference.clone()), None, RootSource::Embedded)
    };
    seen.start(planned.id.clone(), epoch());
    let (out, mut inbox) = tokio::sync::mpsc::channel(16);
    let client = HttpRegistry::new(quick());
    sigscope::inspect::spawn(planned, world(client), out, CancellationToken::new());
    let Some(Event::Waiting { check, waiting }) = inbox.recv().await else { panic!() };
    assert_eq!(check.kind, CheckKind::Resolve);
    assert_eq!((waiting.status, waiting.attempt, waiting.of), (Some(429), 2, 4));
    let words = waiting.words(epoch()).unwrap();
    assert_eq!(words, format!("{} is busy (429): trying again in 1 s, 2 of 4", server.host()));
    assert!(matches!(inbox.recv().await, Some(Event::Finished { .. })));
}

/// A server that takes requests and never answers; tells when a connection closes.
fn stalled() -> (String, mpsc::Receiver<()>, mpsc::Receiver<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let host = listener.local_addr().unwrap().to_string();
    let ((asked, was_asked), (closed, was_closed)) = (mpsc::channel(), mpsc::channel());
    thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let (asked, closed) = (asked.clone(), closed.clone());
            thread::spawn(move || {
                let mut head = [0; 4096];
                if stream.read(&mut head).unwrap_or(0) > 0 {
                    // The head of an answer, so that the body is what is waited for.
                    let _ = stream.write_all(b"HTTP/1.1 200 x\r\nContent-Length: 9\r\n\r\n{");
                    let _ = asked.send(());
                }
                while stream.read(&mut head).is_ok_and(|n| n > 0) {}
                let _ = closed.send(());
            });
        }
    });
    (host, was_asked, was_closed)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancelled_screen_closes_its_connections_at_once() {
    let (host, asked, closed) = stalled();
    let tracer = Tracer::new(epoch());
    let client = HttpRegistry::new(quick()).keeping(Cache::default(), &tracer);
    let (out, mut inbox) = tokio::sync::mpsc::channel(16);
    let cancel = CancellationToken::new();
    let world = world(client);
    for number in 0..5u8 {
        let mut planned = resolve(&host);
        planned.id.subject = Some(Digest::sha256(&[number]));
        sigscope::inspect::spawn(planned, world.clone(), out.clone(), cancel.clone());
    }
    let wait = Duration::from_secs(10);
    (0..5).for_each(|_| asked.recv_timeout(wait).unwrap());
    let begun = Instant::now();
    cancel.cancel();
    (0..5).for_each(|_| closed.recv_timeout(wait).unwrap());
    let took = begun.elapsed();
    assert!(took < Duration::from_millis(100), "{took:?}");
    drop(out);
    assert_eq!(inbox.recv().await, None, "and nothing is told of what was left");
    let records = tracer.ring().unwrap().since(0);
    let cut = |what: &What| matches!(what, What::Request(r) if r.outcome == Outcome::CutOff);
    assert_eq!(records.iter().filter(|r| cut(&r.what)).count(), 5);
}

/// Runs the program with its folders inside `folder`; exit code and standard error.
fn program(folder: &Folder, args: &[&str]) -> (Option<i32>, String) {
    let said = std::process::Command::new(env!("CARGO_BIN_EXE_sigscope"))
        .args(args)
        .env("XDG_CACHE_HOME", folder.0.join("cache"))
        .env("XDG_STATE_HOME", folder.0.join("state"))
        .env("HOME", &folder.0)
        .env_remove("DOCKER_CONFIG")
        .output()
        .unwrap();
    (said.status.code(), String::from_utf8(said.stderr).unwrap())
}

#[test]
fn the_program_keeps_what_it_read_unless_it_is_told_not_to() {
    let registry = Served::serve(&[(NAME, fixture("native/layout"))], true);
    let target = format!("{}/{NAME}:4.0.0", registry.addr());
    let folder = Folder::new("program");
    for (extra, asks_for_blobs, warns) in [
        (vec![], true, false),
        (vec![], false, false),
        (vec!["--no-cache"], true, false),
        (vec!["--no-cache=false"], false, false),
        (vec!["broken"], true, true),
    ] {
        if extra == ["broken"] {
            let cache = folder.0.join("cache/sigscope");
            std::fs::remove_dir_all(&cache).unwrap();
            std::fs::write(&cache, "in the way").unwrap();
        }
        let flags = extra.iter().filter(|flag| flag.starts_with('-'));
        let args = ["inspect", &target, "--offline", "--json"];
        let args: Vec<&str> = args.into_iter().chain(flags.copied()).collect();
        let before = registry.server.count("/blobs/");
        let (code, err) = program(&folder, &args);
        assert_eq!(code, Some(0), "{extra:?}: {err}");
        let asked = registry.server.count("/blobs/") > before;
        assert_eq!(asked, asks_for_blobs, "{extra:?}");
        assert_eq!(err.contains("going on without"), warns, "{extra:?}: {err}");
    }
}

#[test]
fn the_program_writes_its_trace_or_does_not_begin() {
    let registry = Served::serve(&[(NAME, fixture("native/layout"))], true);
    let folder = Folder::new("file-flag");
    let target = format!("{}/{NAME}", registry.addr());
    let file = folder.0.join("t.jsonl");
    let (code, err) = program(&folder, &["tags", &target, "--trace", file.to_str().unwrap()]);
    assert_eq!((code, err.as_str()), (Some(0), ""));
    let text = std::fs::read_to_string(&file).unwrap();
    assert_eq!(text.lines().count(), registry.server.requests().len());
    assert!(text.contains(r#""asked_by":"tags""#), "{text}");
    let before = registry.server.requests().len();
    let nowhere = folder.0.join("no/such/folder/t.jsonl");
    let (code, err) = program(&folder, &["tags", &target, "--trace", nowhere.to_str().unwrap()]);
    assert_eq!(code, Some(3), "{err}");
    assert!(err.contains("cannot be made"), "{err}");
    assert_eq!(registry.server.requests().len(), before, "nothing was contacted");
}
