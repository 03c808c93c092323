//! Where answers lead, how slow ones end, and what is left of a request that nobody waits for.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod common;

use std::{
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    sync::mpsc::{Receiver, channel},
    thread,
    time::{Duration, Instant},
};

use common::{
    Config, client, kind, quick, repository,
    server::{Reply, Request, Server},
};
use sigscope::{
    domain::{Digest, Tag, Verdict, oci::Descriptor, reference::Pointer},
    inspect::Registry,
    net::{
        limits::Limits,
        registry::{HttpRegistry, Settings},
    },
};

const INDEX: &str = r#"{"manifests":[]}"#;

fn tag() -> Pointer {
    Pointer::Tag(Tag::parse("t").unwrap())
}

/// A server that wants a password and then redirects to `to`, in which PATH is what was asked.
fn redirecting(status: u16, to: String) -> Server {
    Server::start(move |request: &Request| {
        if request.headers.contains_key("authorization") {
            Reply::new(status, "").with("Location", to.replace("PATH", &request.target))
        } else {
            Reply::error(401, "UNAUTHORIZED").with("WWW-Authenticate", "Basic realm=\"x\"")
        }
    })
}

#[tokio::test]
async fn a_redirect_to_the_same_question_is_followed_and_to_a_page_is_not() {
    for (row, to, wanted, reached) in [
        ("the same", "http://AWAY/PATH", "ok", 1),
        ("under another name", "http://AWAY/v2/deep/name/manifests/t", "ok", 1),
        ("another tag", "http://AWAY/v2/x/manifests/u", "status", 0),
        ("a blob", "http://AWAY/v2/x/blobs/t", "status", 0),
        ("no API", "http://AWAY/x/manifests/t", "status", 0),
        ("a page", "http://AWAY/login", "status", 0),
        ("with a password", "http://u:p@AWAY/v2/x/manifests/t", "status", 0),
        ("plain HTTP elsewhere", "http://registry.invalid/v2/x/manifests/t", "status", 0),
        ("another protocol", "ftp://AWAY/v2/x/manifests/t", "status", 0),
        ("a file", "file:///v2/x/manifests/t", "status", 0),
    ] {
        for status in [301, 302, 303, 307, 308] {
            let away = Server::start(|_: &Request| Reply::new(200, INDEX));
            let host = away.host().replace("127.0.0.1", "localhost");
            let to = to.replace("AWAY/PATH", "AWAYPATH").replace("AWAY", &host);
            let server = redirecting(status, to);
            let config = Config::new(&[(&server.host(), "user:secret"), (&host, "other:other")]);
            let client = HttpRegistry::new(config.settings());
            let got = client.manifest(&repository(&server.host(), "x"), &tag()).await;
            assert_eq!(got.as_ref().map_or_else(kind, |_| "ok"), wanted, "{row} {status}: {got:?}");
            let sent = away.requests();
            assert_eq!(sent.len(), reached, "{row} {status}");
            assert!(sent.iter().all(|r| !r.headers.contains_key("authorization")), "{row}");
        }
    }
}

#[tokio::test]
async fn another_host_cannot_have_the_password_by_asking_for_it() {
    let away = Server::start(|request: &Request| {
        let host = &request.headers["host"];
        let challenge = format!(r#"Basic realm="x", Bearer realm="http://{host}/token""#);
        Reply::error(401, "UNAUTHORIZED").with("WWW-Authenticate", challenge)
    });
    let host = away.host().replace("127.0.0.1", "localhost");
    let server = redirecting(307, format!("http://{host}PATH"));
    let config = Config::new(&[(&server.host(), "user:secret")]);
    let client = HttpRegistry::new(config.settings());
    let at = repository(&server.host(), "x");
    let error = client.manifest(&at, &tag()).await.unwrap_err();
    assert_eq!(kind(&error), "denied", "{error}");
    let blob = Descriptor {
        media_type: String::new(),
        digest: Digest::sha256(b"x"),
        size: 1,
        artifact_type: None,
        annotations: std::collections::BTreeMap::new(),
        platform: None,
    };
    let error = client.blob(&at, &blob, 1, &|_, _| ()).await.unwrap_err();
    assert_eq!(kind(&error), "denied", "{error}");
    assert_eq!(away.count("/token"), 0);
    assert!(away.requests().iter().all(|r| !r.headers.contains_key("authorization")));
}

#[tokio::test]
async fn referrers_that_are_a_web_page_are_not_supported_here() {
    let subject = Digest::sha256(b"subject");
    let list = r#"{"manifests":[{"mediaType":"a/b","digest":"DIGEST","size":1}]}"#
        .replace("DIGEST", &Digest::sha256(b"referrer").to_string());
    let page = "<html>sign in</html>";
    for (row, to, answer, found, verdict) in [
        ("a page", "http://AWAY/login", page, 0, Verdict::Absent),
        ("a page at the same path", "http://AWAY/PATH", page, 0, Verdict::Absent),
        ("the list", "http://AWAY/PATH", &list, 1, Verdict::Proved),
        ("no list", "http://AWAY/PATH", "{}", 0, Verdict::Undecided),
    ] {
        let answer = answer.to_owned();
        let away = Server::start(move |_: &Request| Reply::new(200, answer.clone()));
        let host = away.host().replace("127.0.0.1", "localhost");
        let to = to.replace("AWAY/PATH", "AWAYPATH").replace("AWAY", &host);
        let server = Server::start(move |request: &Request| {
            if request.path().contains("/referrers/") {
                Reply::new(303, "").with("Location", to.replace("PATH", &request.target))
            } else {
                Reply::error(404, "MANIFEST_UNKNOWN")
            }
        });
        let listing =
            client().referrers(&common::sought(&repository(&server.host(), "x"), &subject)).await;
        assert_eq!(listing.found.len(), found, "{row}: {:?}", listing.notes);
        assert_eq!(listing.notes[0].verdict, verdict, "{row}: {:?}", listing.notes);
        assert_eq!(listing.complete(), verdict != Verdict::Undecided, "{row}");
        let says = listing.notes[0].answer.contains("not supported by this registry");
        assert_eq!(says, verdict == Verdict::Absent, "{row}: {:?}", listing.notes);
    }
}

/// A server for one connection after the other: reads a head, then does as it is told.
fn raw(then: impl Fn(TcpStream) + Send + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let host = listener.local_addr().unwrap().to_string();
    thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut head = [0; 4096];
            let _ = stream.read(&mut head);
            then(stream);
        }
    });
    host
}

#[tokio::test]
async fn a_body_that_drips_ends_with_the_deadline() {
    let ms = Duration::from_millis;
    for head in ["HTTP/1.1 200 x\r\nContent-Length: 100000\r\n\r\n", "HTTP/1.1 500 x\r\n\r\n"] {
        let host = raw(move |mut stream| {
            let _ = stream.write_all(head.as_bytes());
            // A byte long before every stall; the clock is the server's weapon here.
            while stream.write_all(b" ").is_ok() {
                thread::park_timeout(ms(20));
            }
        });
        let limits = Limits { stall: ms(200), answer: ms(500), ..quick().limits };
        let client = HttpRegistry::new(Settings { limits, ..quick() });
        let at = repository(&host, "x");
        let tag = tag();
        let got = tokio::time::timeout(ms(10_000), client.manifest(&at, &tag)).await.unwrap();
        let error = got.unwrap_err();
        assert_eq!(kind(&error), "unreachable", "{error}");
        assert!(error.to_string().contains("no answer within 500ms"), "{error}");
    }
}

/// A server that answers nothing (or half), tells when a request came and when it was let go.
fn holding(half: bool) -> (String, Receiver<()>, Receiver<Instant>) {
    let ((came, comes), (went, goes)) = (channel(), channel());
    let host = raw(move |mut stream| {
        if half {
            let _ = stream.write_all(b"HTTP/1.1 200 x\r\nContent-Length: 100\r\n\r\nhalf");
        }
        let _ = came.send(());
        let ended = matches!(stream.read(&mut [0; 16]), Ok(0) | Err(_));
        let _ = went.send(Instant::now()).map(|()| ended);
    });
    (host, comes, goes)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_that_nobody_waits_for_is_let_go() {
    for half in [false, true] {
        // On a machine that is busy one of five must do.
        let mut times = Vec::new();
        for _ in 0..5 {
            let (host, comes, goes) = holding(half);
            let limits = Limits { stall: Duration::from_secs(60), ..quick().limits };
            let client = HttpRegistry::new(Settings { limits, ..quick() });
            let (at, tag) = (repository(&host, "x"), tag());
            let arrived = tokio::task::spawn_blocking(move || comes.recv().unwrap());
            tokio::select! {
                got = client.manifest(&at, &tag) => panic!("{got:?}"),
                arrived = arrived => arrived.unwrap(),
            }
            let dropped = Instant::now();
            let gone = tokio::task::spawn_blocking(move || {
                goes.recv_timeout(Duration::from_secs(30)).unwrap()
            });
            times.push(gone.await.unwrap().saturating_duration_since(dropped));
        }
        assert!(times.iter().any(|t| *t < Duration::from_millis(100)), "{half}: {times:?}");
    }
}
