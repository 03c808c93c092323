//! Tags and repositories as registries really list them, and what is remembered of them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod common;

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering::SeqCst},
};

use common::{
    next,
    run::{Said, run},
    server::{Reply, Request, Server},
};
use serde_json::Value;
use sigscope::domain::Digest;

fn said(line: &str, server: &Server) -> Said {
    let argv: Vec<String> = line
        .split(' ')
        .map(|word| word.replace("HOST", &server.host()).replace('_', " "))
        .collect();
    run(&argv)
}

fn names(said: &Said) -> Vec<&str> {
    said.out.lines().collect()
}

fn image(salt: &str) -> String {
    format!(
        r#"{{"schemaVersion":2,"layers":[],"annotations":{{"org.opencontainers.image.created":"2026-05-06T14:00:00Z","salt":"{salt}"}}}}"#
    )
}

fn page_of(tags: &[&str]) -> Reply {
    let list = serde_json::to_string(tags).unwrap();
    Reply::new(200, format!(r#"{{"tags":{list}}}"#))
}

fn page(tags: &[&str]) -> Reply {
    let quoted: Vec<String> = tags.iter().map(|tag| format!("{tag:?}")).collect();
    Reply::new(200, format!(r#"{{"name":"x","tags":[{}]}}"#, quoted.join(",")))
}

#[test]
fn a_listing_is_whole_or_says_why_it_is_not() {
    type Script = fn(&Request) -> Reply;
    let rows: [(&str, Script, &[&str], u8, &str); 9] = [
        (
            "unsorted",
            |_| page(&["1.9.0", "latest", "1.10.0"]),
            &["1.10.0", "1.9.0", "latest"],
            0,
            "",
        ),
        ("duplicates", |_| page(&["1.0.0", "1.0.0"]), &["1.0.0"], 0, ""),
        ("empty", |_| Reply::new(200, r#"{"tags":null}"#), &[], 0, ""),
        ("not there", |_| Reply::error(404, "NAME_UNKNOWN"), &[], 4, "no such thing"),
        ("denied", |_| Reply::error(403, "DENIED"), &[], 3, "denies"),
        (
            "a foreign cursor",
            |r| match r.target.as_str() {
                t if t.contains("cursor=%7B") => page(&["1"]),
                _ => page(&["2"]).with("Link", next("/v2/x/tags/list?cursor=%7B%7D&weird=a,b")),
            },
            &["2", "1"],
            0,
            "",
        ),
        ("names itself", |r| page(&["1"]).with("Link", next(&r.target.clone())), &["1"], 0, ""),
        (
            "A to B to A",
            |r| match r.target.as_str() {
                t if t.contains("at=a") => page(&["3"]).with("Link", next("?at=b")),
                t if t.contains("at=b") => page(&["2"]).with("Link", next("?at=a")),
                _ => page(&["1"]).with("Link", next("?at=a")),
            },
            &["3", "2", "1"],
            3,
            "not complete: the pages go round",
        ),
        (
            "breaks on page two",
            |r| match r.target.as_str() {
                t if t.contains("at=a") => Reply::error(403, "DENIED"),
                _ => page(&["1"]).with("Link", next("?at=a")),
            },
            &["1"],
            3,
            "not complete",
        ),
    ];
    for (row, script, listed, code, words) in rows {
        let server = Server::start(script);
        let got = said("sigscope tags HOST/x", &server);
        assert_eq!((names(&got), got.code), (listed.to_vec(), code), "{row}: {}", got.err);
        assert!(got.err.contains(words), "{row}: {}", got.err);
        let json = said("sigscope tags HOST/x --json", &server);
        if !json.out.is_empty() {
            let object: Value = serde_json::from_str(&json.out).unwrap();
            assert_eq!(object["complete"], code == 0, "{row}");
            assert_eq!(object["tags"].as_array().unwrap().len(), listed.len(), "{row}");
        }
    }
}

#[test]
fn a_constraint_chooses_versions() {
    let server = Server::start(|_| page(&["3.9.0", "4.0.0", "4.1.0-rc.1", "4.1.0", "latest"]));
    for (line, listed, code) in [
        ("sigscope tags HOST/x --constraint ^4", &["4.1.0", "4.0.0"][..], 0),
        ("sigscope tags HOST/x --constraint ^4-0", &["4.1.0", "4.1.0-rc.1", "4.0.0"], 0),
        ("sigscope tags HOST/x --constraint >=3.9_<4.1", &["4.0.0", "3.9.0"], 0),
        ("sigscope tags HOST/x --constraint ^9", &[], 4),
        ("sigscope tags HOST/x --constraint >=", &[], 2),
    ] {
        let got = said(line, &server);
        assert_eq!((names(&got), got.code), (listed.to_vec(), code), "{line}: {}", got.err);
    }
}

#[test]
fn every_tag_keeps_its_own_answer() {
    let attached = format!("sha256-{}.sig", Digest::sha256(b"x").hex());
    let list = ["4", "4.1.0", "4.0.0", "gone", "denied", attached.as_str()].map(str::to_owned);
    let server = Server::start(move |r| match r.path().rsplit('/').next().unwrap() {
        "list" => page(&list.each_ref().map(String::as_str)),
        "4" | "4.1.0" => Reply::new(200, image("new")),
        "4.0.0" => Reply::new(200, image("old")),
        "gone" => Reply::error(404, "MANIFEST_UNKNOWN"),
        _ => Reply::error(403, "DENIED"),
    });
    let got = said("sigscope tags HOST/x --digests --json", &server);
    assert_eq!(got.code, 3, "one of them could not be found out");
    let object: Value = serde_json::from_str(&got.out).unwrap();
    let row = |name: &str| {
        let all = object["tags"].as_array().unwrap().iter();
        all.clone().find(|row| row["name"] == name).unwrap().clone()
    };
    let new = Digest::sha256(image("new").as_bytes()).to_string();
    assert_eq!((&row("4")["digest"], &row("4.1.0")["digest"]), (&new.clone().into(), &new.into()));
    assert_eq!(row("4")["same_as"], serde_json::json!(["4.1.0"]));
    assert_eq!(row("4.0.0")["created"], "2026-05-06T14:00:00Z");
    assert_eq!(
        (&row("gone")["resolved"], &row("denied")["resolved"]),
        (&"absent".into(), &"undecided".into())
    );
    assert_eq!(row(&attached)["attachment"], true);
    assert!(row(&attached).get("digest").is_none() && server.count(".sig") == 0);
}

#[test]
fn json_says_exactly_what_was_listed_and_moves_no_terminal() {
    let odd = "\u{9b}31m\u{202e}\u{7f}x";
    let server = Server::start(move |r| match r.path() {
        "/v2/_catalog" => Reply::new(200, format!(r#"{{"repositories":["{odd}"]}}"#)),
        "/v2/x/tags/list" => page_of(&["1", odd]),
        _ => Reply::new(200, format!(r#"{{"mediaType":"{odd}","layers":[]}}"#)),
    });
    for (line, at) in [
        ("sigscope tags HOST --json", "/repositories/0/name"),
        ("sigscope tags HOST/x --json", "/tags/1/name"),
        ("sigscope tags HOST/x --digests --json", "/tags/0/media_type"),
        ("sigscope inspect HOST/x:1 --json", ""),
    ] {
        let got = said(line, &server);
        let harmful = |c: char| c != '\n' && (c.is_control() || c == '\u{202e}');
        assert!(
            !got.out.contains(harmful) && got.out.contains("\\u009b31m"),
            "{line}: {}",
            got.out
        );
        let object: Value = serde_json::from_str(&got.out).unwrap();
        assert!(at.is_empty() || object.pointer(at).unwrap() == odd, "{line}: {}", got.out);
    }
}

#[test]
fn a_tag_that_moved_is_told_with_both_digests() {
    let calls = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&calls);
    let server = Server::start(move |r| {
        let salt = if counted.load(SeqCst) == 0 { "before" } else { "after" };
        match r.path().rsplit('/').next().unwrap() {
            "list" => page(&["4.0.0", "latest"]),
            "4.0.0" | "latest" => Reply::new(200, image(salt)),
            _ => Reply::error(404, "MANIFEST_UNKNOWN"),
        }
    });
    let first = said("sigscope tags HOST/x --digests", &server);
    assert_eq!((first.code, first.err.as_str()), (0, ""));
    let same = said("sigscope tags HOST/x --digests", &server);
    assert_eq!(same.err, "");
    calls.store(1, SeqCst);
    let moved = said("sigscope inspect HOST/x:4.0.0 --json --offline", &server);
    let digests =
        ["before", "after"].map(|salt| Digest::sha256(image(salt).as_bytes()).to_string());
    assert!(moved.err.contains("tag-moved: 4.0.0"), "{}", moved.err);
    assert!(digests.iter().all(|digest| moved.err.contains(digest)), "{}", moved.err);
    let report: Value = serde_json::from_str(&moved.out).unwrap();
    assert_eq!(report["warnings"][0]["code"], "tag-moved");
    let listed = said("sigscope tags HOST/x --digests --json", &server);
    assert!(listed.err.contains("floating-tag-moved: latest"), "{}", listed.err);
    let object: Value = serde_json::from_str(&listed.out).unwrap();
    let rows = object["tags"].as_array().unwrap();
    // A release is told for a week, for nobody need have read it the first time.
    assert!(listed.err.contains("tag-moved: 4.0.0 moved on "), "{}", listed.err);
    assert_eq!(rows[0]["moved"]["was"], digests[0].as_str());
    assert!(rows[0]["moved"]["since"].is_string());
    assert_eq!(rows[1]["moved"]["was"], digests[0].as_str());
    assert!(rows[1]["moved"]["since"].is_null(), "this run is the first that sees it");
    let again = said("sigscope tags HOST/x --digests", &server);
    assert!(again.err.contains("tag-moved: 4.0.0") && !again.err.contains("latest"));
}

#[tokio::test]
async fn a_digest_that_the_registry_named_and_does_not_have_is_no_absence() {
    use sigscope::{
        domain::{Reference, Verdict},
        inspect::{
            Inspection, NoLog, NoTuf, RootSource, Subject, World, drive, github::NoGitHub,
            verdict::overall,
        },
        net::files::LocalFiles,
    };
    let world = World {
        registry: Arc::new(common::client()),
        files: Arc::new(LocalFiles),
        github: Arc::new(NoGitHub("nobody asks")),
        roots: Arc::new(NoTuf),
        log: Arc::new(NoLog("nobody asks")),
        now: || sigscope::domain::Timestamp::UNIX_EPOCH,
    };
    let server = Server::start(|_| Reply::error(404, "MANIFEST_UNKNOWN"));
    let reference = Reference::parse(&format!("{}/x:1", server.host())).unwrap();
    let begun =
        || Inspection::new(Subject::Artifact(reference.clone()), None, RootSource::Embedded);
    let pinned = Inspection { pinned: Some(Digest::sha256(b"x")), ..begun() };
    for (begun, verdict) in [(begun(), Verdict::Absent), (pinned, Verdict::Undecided)] {
        let seen = drive(begun, world.clone(), |_| ()).await;
        assert_eq!(overall(&seen).verdict, verdict);
    }
}

#[test]
fn a_registry_lists_its_repositories_or_says_why_not() {
    let scopes = Arc::new(std::sync::Mutex::new(vec![]));
    let asked = Arc::clone(&scopes);
    let server =
        Server::start(move |r| match (r.path(), r.headers.contains_key("authorization")) {
            ("/token", _) => {
                asked.lock().unwrap().push(r.target.clone());
                Reply::new(200, r#"{"token":"t"}"#)
            }
            ("/v2/_catalog", false) => Reply::new(401, "").with(
                "WWW-Authenticate",
                format!(r#"Bearer realm="http://{}/token""#, r.headers["host"]),
            ),
            ("/v2/_catalog", true) if r.target.contains("last=") => {
                Reply::new(200, r#"{"repositories":["enix/a","\u001b[2J","x:1"]}"#)
            }
            ("/v2/_catalog", true) => Reply::new(200, r#"{"repositories":["enix/b","other"]}"#)
                .with("Link", next("/v2/_catalog?last=other")),
            _ => Reply::error(404, "NAME_UNKNOWN"),
        });
    let got = said("sigscope tags HOST", &server);
    let host = server.host();
    let listed = ["enix/a", "enix/b", "other"].map(|path| format!("{host}/{path}"));
    assert_eq!(got.code, 0, "{}", got.err);
    assert_eq!(names(&got)[..3], listed.each_ref().map(String::as_str));
    assert!(!got.out.contains('\u{1b}') && names(&got).len() == 5, "odd names are shown harmless");
    let scope = scopes.lock().unwrap().first().cloned().unwrap();
    assert!(scope.contains("scope=registry%3Acatalog%3A*"), "{scope}");
    for (reply, words) in [
        (Reply::error(401, "UNAUTHORIZED"), "denies"),
        (Reply::new(404, "404 page not found"), "answered 404"),
        (Reply::new(200, "<html>"), "not a list of repositories"),
    ] {
        let server = Server::start(move |_| reply.clone());
        let got = said("sigscope tags HOST", &server);
        assert_eq!(got.code, 3, "{words}");
        assert!(got.err.contains(words) && got.err.contains("name a repository"), "{}", got.err);
    }
}
