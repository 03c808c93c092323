//! What a registry can make this program keep in memory: every bound ends in a row that says so, and
//! none of them in "absent" or "proved".
#![allow(clippy::unwrap_used, missing_docs, reason = "tests")]

#[path = "common/asking.rs"]
mod asking;
mod common;
#[path = "common/judging.rs"]
mod judging;

use std::{path::PathBuf, sync::Arc};

use common::{
    fixture, quick,
    release::{IDENTITY, ISSUER},
    repository,
    server::{Reply, Request, Server},
    sought,
};
use serde_json::{Value, json};
use sigscope::{
    domain::{Digest, Reference, Repository, Tag, Verdict, target::Target},
    inspect::{
        Allowance, CheckKind, Finding, Inspection, Registry, RootSource, Subject, World, drive,
        verdict::overall,
    },
    net::{
        Router,
        limits::{LARGE_ANSWERS, LARGE_BYTES, LISTED_BELOW},
        registry::{HttpRegistry, Settings},
    },
    report,
};

fn entry(number: usize, more: &Value) -> Value {
    let digest = Digest::sha256(number.to_string().as_bytes()).to_string();
    let mut entry = json!({"mediaType": "a/b", "digest": digest, "size": 1});
    entry.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap_or_default());
    entry
}

fn list(entries: &[Value]) -> String {
    json!({"schemaVersion": 2, "manifests": entries}).to_string()
}

#[tokio::test]
async fn annotations_of_a_listing_are_read_and_not_kept() {
    let annotated = json!({"annotations": {"a": "b", "c": "d"}});
    let text = list(&[entry(0, &annotated), entry(1, &annotated)]);
    for (row, api, tag) in [
        ("api", Reply::new(200, text.clone()), Reply::error(404, "MANIFEST_UNKNOWN")),
        ("tag", Reply::new(404, ""), Reply::new(200, text)),
    ] {
        let server = Server::start(move |request: &Request| {
            if request.path().contains("/referrers/") { api.clone() } else { tag.clone() }
        });
        let client = HttpRegistry::new(quick());
        let place = repository(&server.host(), "x");
        let got = client.referrers(&sought(&place, &Digest::sha256(b"x"))).await;
        assert_eq!((got.found.len(), got.complete()), (2, true), "{row}: {:?}", got.notes);
        assert!(got.found.iter().all(|r| r.descriptor.annotations.is_empty()), "{row}");
    }
}

#[tokio::test]
async fn an_entry_that_cannot_be_kept_leaves_the_listing_open() {
    for (row, more, complete) in [
        ("a long type", json!({"artifactType": format!("a/{}", "b".repeat(253))}), true),
        ("one longer than any", json!({"artifactType": format!("a/{}", "b".repeat(254))}), false),
        ("an annotation that is no text", json!({"annotations": {"a": [0]}}), false),
    ] {
        let text = list(&[entry(0, &more), entry(1, &json!({}))]);
        let server = Server::start(move |request: &Request| {
            if request.path().contains("/referrers/") {
                return Reply::new(200, text.clone());
            }
            Reply::error(404, "MANIFEST_UNKNOWN")
        });
        let place = repository(&server.host(), "x");
        let sought = sought(&place, &Digest::sha256(b"x"));
        let got = HttpRegistry::new(quick()).referrers(&sought).await;
        let found = if complete { 2 } else { 1 };
        assert_eq!((got.found.len(), got.complete()), (found, complete), "{row}: {:?}", got.notes);
    }
}

/// Rows of the report of `target`, looked at without a demand.
async fn rows(target: &str, world: World) -> Vec<String> {
    let Target::Artifact(reference) = Target::parse(target).unwrap() else {
        unreachable!("it is an image")
    };
    let root = RootSource::File(fixture("trusted_root.json"));
    let seen =
        drive(Inspection::new(Subject::Artifact(reference), None, root), world, |_| ()).await;
    asking::rows(&serde_json::to_value(report::json::report(&seen)).unwrap())
}

#[tokio::test]
async fn a_long_listing_below_the_artifact_is_kept_in_part_and_says_so() {
    let image = r#"{"layers":[]}"#;
    let child = Digest::sha256(image.as_bytes()).to_string();
    let index = json!({"manifests": [{"mediaType": "m", "digest": child, "size": image.len()}]});
    for (number, whole) in [(LISTED_BELOW, true), (LISTED_BELOW + 1, false)] {
        let entries: Vec<Value> = (0..number).map(|n| entry(n, &json!({}))).collect();
        let (text, index, child) = (list(&entries), index.to_string(), child.clone());
        let server = Server::start(move |request: &Request| {
            let last = request.path().rsplit('/').next().unwrap();
            match (request.path().contains("/referrers/"), last) {
                (true, last) if last == child => Reply::new(200, text.clone()),
                (true, _) => Reply::new(200, list(&[])),
                (false, "t") => Reply::new(200, index.clone()),
                (false, last) if last == child => Reply::new(200, image),
                _ => Reply::error(404, "MANIFEST_UNKNOWN"),
            }
        });
        let rows = rows(&format!("{}/x:t", server.host()), asking::world(quick())).await;
        let (verdict, words) =
            if whole { ("valid", "500 referrers") } else { ("undecided", "of which 500 are kept") };
        let head = format!("nested-referrers {verdict}");
        let told = |row: &String| row.starts_with(&head) && row.contains(words);
        assert!(rows.iter().any(told), "{number}: {:?}", rows.first());
    }
}

#[tokio::test]
async fn a_platform_that_is_large_in_memory_is_not_kept_and_says_so() {
    let annotations = |number: usize| -> String {
        let all: serde_json::Map<_, _> = (0..number).map(|n| (n.to_string(), json!(""))).collect();
        json!({"layers": [], "annotations": all}).to_string()
    };
    // A name with its value takes 130 bytes beside its text.
    for (number, verdict) in [(6_000, "valid"), (9_000, "undecided")] {
        let image = annotations(number);
        let child = Digest::sha256(image.as_bytes()).to_string();
        let index = list(&[json!({"mediaType": "m", "digest": child, "size": image.len()})]);
        let server = Server::start(move |request: &Request| {
            let last = request.path().rsplit('/').next().unwrap();
            match (request.path().contains("/referrers/"), last) {
                (true, _) => Reply::new(200, list(&[])),
                (false, "t") => Reply::new(200, index.clone()),
                (false, last) if last == child => Reply::new(200, image.clone()),
                _ => Reply::error(404, "MANIFEST_UNKNOWN"),
            }
        });
        let rows = rows(&format!("{}/x:t", server.host()), asking::world(quick())).await;
        let row = rows.iter().find(|row| row.starts_with("platform")).unwrap();
        assert!(row.starts_with(&format!("platform {verdict}")), "{row}");
        assert_eq!(row.contains("larger in memory"), verdict == "undecided", "{row}");
    }
}

#[tokio::test]
async fn evidence_that_is_more_than_is_kept_is_undecided_unless_it_is_proved() {
    let layout: PathBuf = fixture("native").join("layout");
    let repository = Repository::Layout(layout);
    let tag = Some(Tag::parse("4.0.0").unwrap());
    let subject = Subject::Artifact(Reference { repository, tag, digest: None });
    let demand = Arc::new(judging::signed_by(IDENTITY, ISSUER));
    let left_out = |seen: &Inspection| {
        let rows = asking::rows(&serde_json::to_value(report::json::report(seen)).unwrap());
        rows.iter().filter(|row| row.contains("more evidence than is kept")).count()
    };
    for (row, allowance, demand, kept) in [
        ("any", Allowance::default(), None, true),
        ("none", Allowance::of(0, 0), None, false),
        ("none, and all of it is proved", Allowance::of(0, 0), Some(demand), true),
    ] {
        let registry = Arc::new(Router::new(Settings::default()));
        let world = World { registry, ..asking::world(quick()) };
        let root = RootSource::File(fixture("trusted_root.json"));
        let begun = Inspection { allowance, ..Inspection::new(subject.clone(), demand, root) };
        let seen = drive(begun, world, |_| ()).await;
        assert_eq!(left_out(&seen) == 0, kept, "{row}");
        let proved = overall(&seen).verdict == Verdict::Proved;
        assert_eq!(proved, seen.demand.is_some(), "{row}: {}", overall(&seen).reason);
    }
    // SBOMs are counted apart, once their attestation was kept.
    for (sboms, demanded, words) in [
        (u64::MAX, false, "components"),
        (0, false, "more SBOMs than are kept"),
        (0, true, "components"),
    ] {
        let demand = demanded.then(|| Arc::new(judging::signed_by(IDENTITY, ISSUER)));
        let registry = Arc::new(Router::new(Settings::default()));
        let world = World { registry, ..asking::world(quick()) };
        let root = RootSource::File(fixture("trusted_root.json"));
        let begun = Inspection::new(subject.clone(), demand, root);
        let begun = Inspection { allowance: Allowance::of(u64::MAX, sboms), ..begun };
        let seen = drive(begun, world, |_| ()).await;
        let told = |f: &&Arc<Finding>| f.summary.contains(words);
        let rows: Vec<_> = seen.findings(CheckKind::Sbom).map(|(_, finding)| finding).collect();
        assert!(!rows.is_empty() && rows.iter().all(told), "{sboms}: {rows:?}");
    }
    // The one that goes over it is the last: a single one may have any size.
    let registry = Arc::new(Router::new(Settings::default()));
    let world = World { registry, ..asking::world(quick()) };
    let root = RootSource::File(fixture("trusted_root.json"));
    let begun =
        Inspection { allowance: Allowance::of(1, 1), ..Inspection::new(subject, None, root) };
    let seen = drive(begun, world, |_| ()).await;
    let kept = seen.pieces().filter(|(_, found)| found.piece.statement.is_some()).count();
    assert_eq!(kept, 1);
}

#[tokio::test]
async fn more_large_answers_than_are_read_at_once_are_all_read() {
    let filler = " ".repeat(usize::try_from(LARGE_BYTES).unwrap());
    let text = format!("{}{filler}", list(&[entry(0, &json!({}))]));
    let server = Server::start(move |request: &Request| {
        if request.path().contains("/referrers/") {
            return Reply::new(200, text.clone());
        }
        Reply::error(404, "MANIFEST_UNKNOWN")
    });
    let client = HttpRegistry::new(quick());
    let place = repository(&server.host(), "x");
    let all: Vec<_> = (0..LARGE_ANSWERS * 4)
        .map(|n| sought(&place, &Digest::sha256(n.to_string().as_bytes())))
        .collect();
    let got = futures_util::future::join_all(all.iter().map(|one| client.referrers(one))).await;
    assert!(got.iter().all(|listing| listing.complete() && listing.found.len() == 1));
}
