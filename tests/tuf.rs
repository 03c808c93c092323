//! Trust roots over TUF from one run to the next: the cache, what it saves and what it must not
//! be able to change.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::semicolon_if_nothing_returned,
    missing_docs,
    reason = "a test may end so"
)]

mod common;

use std::{fs, time::Duration};

use common::{
    server::{Body, Reply},
    tuf::{Mirror, NOW, Repository, is},
};
use serde_json::{Value, json};
use sigscope::{inspect::Ask, net::tuf::Settings};

const TARGET: &[u8] = b"{\"first\":1}";
const LATER: &str = "2026-06-16T13:00:00Z";
const TOO_LATE: &str = "2026-06-21T00:00:00Z";

#[tokio::test]
async fn what_was_seen_once_is_not_taken_back() {
    type Change = fn(&mut Repository);
    let cases: &[(&str, Change, &str, &str)] = &[
        (
            "everything newer",
            |r| {
                (r.timestamp.0, r.snapshot.0, r.targets.0) = (6, 6, 6);
                r.target = b"{\"second\":2}".to_vec();
            },
            "root",
            "second",
        ),
        ("an older timestamp", |r| r.timestamp.0 = 4, "refused", "rollback detected for timestamp"),
        (
            "an older snapshot",
            |r| (r.timestamp.0, r.snapshot.0) = (6, 4),
            "refused",
            "rollback detected for snapshot",
        ),
        (
            "older targets",
            |r| (r.timestamp.0, r.snapshot.0, r.targets.0) = (6, 6, 4),
            "refused",
            "rollback detected for targets.json",
        ),
        (
            "keys that were rotated begin anew",
            |r| {
                r.rotate(2);
                (r.timestamp.0, r.snapshot.0, r.targets.0) = (1, 1, 1);
            },
            "root",
            "first",
        ),
    ];
    for (case, change, kind, part) in cases {
        let mut repository = Repository::new(TARGET);
        (repository.timestamp.0, repository.snapshot.0, repository.targets.0) = (5, 5, 5);
        let mirror = Mirror::serve(&repository);
        is(&mirror.ask(Ask::WhenDue, NOW).await, "root", "first", case);
        change(&mut repository);
        mirror.now_serves(&repository);
        is(&mirror.ask(Ask::Now, LATER).await, kind, part, case);
    }
}

#[tokio::test]
async fn a_refresh_that_broke_off_still_holds_its_floor_and_leaves_the_last_good_set() {
    let mut repository = Repository::new(TARGET);
    let mirror = Mirror::serve(&repository);
    mirror.ask(Ask::WhenDue, NOW).await.unwrap();
    (repository.timestamp.0, repository.snapshot.0) = (9, 9);
    mirror.now_serves(&repository);
    mirror.fails(|path| path.contains("snapshot").then(|| Reply::new(500, "no")));
    let answer = mirror.ask(Ask::Now, LATER).await;
    is(&answer, "root", "first", "the set of yesterday has not expired");
    assert!(answer.unwrap().not_reached.is_some_and(|why| why.contains("500")));
    let offline = mirror.ask_of(&mirror.url(), mirror.settings(false), Ask::WhenDue, LATER).await;
    is(&offline, "root", "first", "offline");
    mirror.behaves();
    repository.timestamp.0 = 8;
    mirror.now_serves(&repository);
    is(&mirror.ask(Ask::Now, LATER).await, "refused", "rollback detected", "8 after 9 was seen");
}

#[tokio::test]
async fn a_cache_of_today_makes_requests_needless() {
    let mirror = Mirror::serve(&Repository::new(TARGET));
    // When, how, how many requests it costs. Nothing new: the next root, the timestamp.
    for (now, ask, requests, case) in [
        (NOW, Ask::WhenDue, 5, "the first time"),
        ("2026-06-15T12:00:01Z", Ask::WhenDue, 0, "at once"),
        ("2026-06-16T11:59:59Z", Ask::WhenDue, 0, "after less than a day"),
        ("2026-06-15T12:00:02Z", Ask::Now, 2, "when it is wanted"),
        ("2026-06-16T12:00:02Z", Ask::WhenDue, 2, "after a day"),
        ("2026-06-15T12:00:00Z", Ask::WhenDue, 2, "when the clock was set back"),
        ("2026-06-19T00:00:00Z", Ask::CacheOnly, 0, "never, when none may be made"),
    ] {
        let before = mirror.server.requests().len();
        is(&mirror.ask(ask, now).await, "root", "first", case);
        assert_eq!(mirror.server.requests().len() - before, requests, "{case}");
    }
    is(&mirror.ask(Ask::WhenDue, TOO_LATE).await, "refused", "timestamp metadata expired", "late");
}

#[tokio::test]
async fn without_requests_only_a_cache_that_still_holds_is_believed() {
    type Spoil = fn(&Mirror);
    let cases: &[(&str, Spoil, &str, &str, &str)] = &[
        ("whole", |_| {}, NOW, "root", "first"),
        ("expired", |_| {}, TOO_LATE, "nothing", "timestamp metadata expired"),
        ("none", |m| fs::remove_file(m.cached()).unwrap(), NOW, "nothing", "none was before"),
        ("no JSON", |m| fs::write(m.cached(), "{").unwrap(), NOW, "refused", "cannot be read"),
        ("another schema", |m| edit(m, |v| v["schema"] = json!(2)), NOW, "refused", "schema 2"),
        (
            "too long",
            |m| fs::write(m.cached(), vec![b' '; (16 << 20) + 1]).unwrap(),
            NOW,
            "refused",
            "over the limit",
        ),
        (
            "another trust root",
            |m| edit(m, |v| v["complete"]["targets/trusted_root.json"] = json!("e30=")),
            NOW,
            "refused",
            "in the cache: integrity",
        ),
        (
            "another timestamp",
            |m| edit(m, |v| v["complete"]["timestamp.json"] = json!("e30=")),
            NOW,
            "refused",
            "in the cache",
        ),
        (
            "a part of it",
            |m| {
                edit(m, |v| {
                    v["complete"].as_object_mut().unwrap().remove("snapshot.json");
                })
            },
            NOW,
            "nothing",
            "not complete",
        ),
    ];
    for (case, spoil, now, kind, part) in cases {
        let mirror = Mirror::serve(&Repository::new(TARGET));
        mirror.ask(Ask::WhenDue, NOW).await.unwrap();
        spoil(&mirror);
        let before = mirror.server.requests().len();
        let answer = mirror.ask_of(&mirror.url(), mirror.settings(false), Ask::Now, now).await;
        is(&answer, kind, part, case);
        assert_eq!(mirror.server.requests().len(), before, "{case}: a request was made");
        // With requests the same cache is made anew, and never believed.
        if *now == NOW {
            is(&mirror.ask(Ask::WhenDue, now).await, "root", "first", case);
        }
    }
}

fn edit(mirror: &Mirror, change: impl Fn(&mut Value)) {
    let path = mirror.cached();
    let mut value: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    change(&mut value);
    fs::write(path, value.to_string()).unwrap();
}

#[tokio::test]
async fn nobody_there_is_not_the_same_as_a_contradiction() {
    let mirror = Mirror::serve(&Repository::new(TARGET));
    let nobody = "http://127.0.0.1:1";
    let asked = mirror.ask_of(nobody, mirror.settings(true), Ask::WhenDue, NOW).await;
    is(&asked, "unreachable", "refused", "connection refused");
    mirror.fails(|_| Some(Reply::new(200, "").body(Body::Stall(vec![b'x'; 100]))));
    let hurried = Settings { time: Duration::from_millis(200), ..mirror.settings(true) };
    let asked = mirror.ask_of(&mirror.url(), hurried, Ask::WhenDue, NOW).await;
    is(&asked, "unreachable", "no answer within 200ms", "a mirror that stalls");
}

#[tokio::test]
async fn a_cache_that_cannot_be_written_is_a_warning() {
    let mirror = Mirror::serve(&Repository::new(TARGET));
    // A file where the folder should be.
    fs::write(&mirror.cache, "").unwrap();
    for settings in [mirror.settings(true), Settings { cache: None, ..mirror.settings(true) }] {
        let answer = mirror.ask_of(&mirror.url(), settings, Ask::WhenDue, NOW).await;
        is(&answer, "root", "first", "unwritable");
        let warnings = answer.unwrap().warnings;
        assert!(warnings.iter().any(|(code, _)| *code == "tuf-cache"), "{warnings:?}");
    }
    fs::remove_file(&mirror.cache).unwrap();
}

#[tokio::test]
async fn several_processes_may_share_a_cache() {
    let mirror = Mirror::serve(&Repository::new(TARGET));
    let all = (0..8).map(|_| mirror.ask(Ask::Now, NOW));
    for answer in futures_util::future::join_all(all).await {
        is(&answer, "root", "first", "at once");
    }
    let folder = mirror.cached().parent().unwrap().to_owned();
    let left: Vec<_> = fs::read_dir(folder).unwrap().flatten().map(|e| e.file_name()).collect();
    assert_eq!(left, ["metadata.json"]);
    is(&mirror.ask(Ask::CacheOnly, NOW).await, "root", "first", "afterwards");
}

#[tokio::test]
async fn versions_and_expiry_of_every_role_are_told() {
    let mut repository = Repository::new(TARGET);
    repository.rotate(2);
    repository.timestamp.0 = 7;
    let mirror = Mirror::serve(&repository);
    let root = mirror.ask(Ask::WhenDue, NOW).await.unwrap();
    let told: Vec<_> = root.roles.iter().map(|r| (r.name, r.version)).collect();
    assert_eq!(told, [("root", 2), ("timestamp", 7), ("snapshot", 1), ("targets", 1)]);
    assert_eq!(root.checked.to_string(), NOW);
    assert_eq!(root.roles[1].expires.to_string(), "2026-06-20T00:00:00Z");
}
