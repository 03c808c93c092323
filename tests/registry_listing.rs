//! Listings of referrers: "none" and "could not look" are two different answers.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod common;

use std::time::Duration;

use common::{
    NAME, Registry as Served, client, fixture, quick, repository,
    server::{Body, Reply, Request, Server},
    sought,
};
use sigscope::{
    domain::{Digest, Tag, reference::Pointer},
    inspect::{Listing, Registry, Source},
    net::{
        limits::{Limits, REFERRERS},
        registry::{HttpRegistry, Settings},
    },
};

fn tag(text: &str) -> Pointer {
    Pointer::Tag(Tag::parse(text).unwrap())
}

const SUBJECT: &[u8] = br#"{"manifests":[{"mediaType":"a/b","digest":"sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855","size":0}]}"#;

/// The listing of a registry that answers the API with `api` and the fallback tag with `tag`.
async fn listing(api: Reply, tag: Reply, limits: Limits) -> Listing {
    let server = Server::start(move |request: &Request| {
        if request.path().contains("/referrers/") { api.clone() } else { tag.clone() }
    });
    let client = HttpRegistry::new(Settings { limits, ..Settings::default() });
    client.referrers(&sought(&repository(&server.host(), "x"), &Digest::sha256(SUBJECT))).await
}

fn entries(range: std::ops::Range<u8>) -> String {
    let one = |n| {
        let digest = Digest::sha256(&[n]);
        format!(r#"{{"mediaType":"a/b","digest":"{digest}","size":1}}"#)
    };
    let all: Vec<String> = range.map(one).collect();
    format!(r#"{{"schemaVersion":2,"manifests":[{}]}}"#, all.join(","))
}

#[tokio::test]
async fn none_and_could_not_look_are_told_apart_in_listings() {
    let ok = |body: &str| Reply::new(200, body);
    let none = || Reply::error(404, "MANIFEST_UNKNOWN");
    let rows = vec![
        ("both", ok(&entries(0..2)), ok(&entries(1..4)), 4, true),
        ("empty api asks the tag", ok(&entries(0..0)), ok(&entries(0..3)), 3, true),
        ("null list", ok(r#"{"manifests":null}"#), none(), 0, true),
        ("no api", Reply::new(404, "404 page not found"), ok(&entries(0..3)), 3, true),
        ("no api, no tag", Reply::new(405, ""), none(), 0, true),
        ("no api, tag page", Reply::new(404, ""), Reply::new(404, "<html>"), 0, false),
        ("no api, tag denied", Reply::new(404, ""), Reply::error(403, "DENIED"), 0, false),
        (
            "no api, tag limited",
            Reply::new(404, ""),
            Reply::error(429, "MANIFEST_UNKNOWN"),
            0,
            false,
        ),
        ("no api, the artifact itself", Reply::new(404, ""), Reply::new(200, SUBJECT), 0, true),
        ("no api, an image", Reply::new(404, ""), ok(r#"{"layers":[]}"#), 0, false),
        ("api denied", Reply::error(403, "DENIED"), ok(&entries(0..3)), 3, false),
        ("api needs a login", Reply::error(401, "UNAUTHORIZED"), ok(&entries(0..3)), 3, false),
        ("api broken", Reply::error(500, "UNKNOWN"), none(), 0, false),
        ("api cut", ok("").body(Body::Cut(entries(0..3).into())), none(), 0, false),
        (
            "api stalls",
            ok("").body(Body::Stall(entries(0..3).into())),
            ok(&entries(0..1)),
            1,
            false,
        ),
        ("api of another shape", ok(r#"{"errors":[]}"#), none(), 0, false),
        ("api with half a list", ok(r#"{"manifests":["#), none(), 0, false),
        ("api with an odd entry", ok(r#"{"manifests":[{}]}"#), none(), 0, false),
        ("api too large", ok("").body(Body::Whole(vec![b' '; 5 << 20])), none(), 0, false),
        ("api in a circle", ok(&entries(0..3)).with("Link", common::next("?x")), none(), 3, false),
        (
            "api elsewhere",
            ok(&entries(0..3)).with("Link", common::next("http://localhost:1/")),
            none(),
            3,
            false,
        ),
        ("api with a bad link", ok(&entries(0..3)).with("Link", "garbage"), none(), 3, false),
    ];
    for (row, api, tag, number, complete) in rows {
        let got = listing(api, tag, quick().limits).await;
        assert_eq!((got.found.len(), got.complete()), (number, complete), "{row}: {:?}", got.notes);
        assert_eq!(got.notes.len(), 2, "{row}");
    }
}

#[tokio::test]
async fn an_entry_keeps_the_place_where_it_was_found_first() {
    let (api, tag) = (Reply::new(200, entries(0..2)), Reply::new(200, entries(1..3)));
    let got = listing(api, tag, quick().limits).await;
    let sources: Vec<Source> = got.found.iter().map(|r| r.source).collect();
    assert_eq!(sources, [Source::Referrer, Source::Referrer, Source::FallbackTag]);
}

#[tokio::test]
async fn a_listing_stops_at_its_limits_and_says_so() {
    let none = || Reply::error(404, "MANIFEST_UNKNOWN");
    let few = Limits { referrers: 5, ..quick().limits };
    let got = listing(Reply::new(200, entries(0..6)), none(), few.clone()).await;
    assert_eq!((got.found.len(), got.complete()), (5, false));
    let got = listing(none(), Reply::new(200, entries(0..6)), few).await;
    assert_eq!((got.found.len(), got.complete()), (5, false));
    // A server that always has one page more.
    let server = Server::start(|request: &Request| {
        if !request.path().contains("/referrers/") {
            return Reply::error(404, "MANIFEST_UNKNOWN");
        }
        let number = u8::try_from(request.number).unwrap();
        Reply::new(200, entries(number..number + 1))
            .with("Link", common::next(&format!("?page={number}")))
    });
    let limits = Limits { pages: 4, ..quick().limits };
    let client = HttpRegistry::new(Settings { limits, ..Settings::default() });
    let at = repository(&server.host(), "x");
    let got = client.referrers(&sought(&at, &Digest::sha256(SUBJECT))).await;
    assert_eq!((got.found.len(), got.complete()), (4, false), "{:?}", got.notes);
    // Pages that are too much together; the bytes of one page are not.
    for (listing_bytes, found) in [(10_000, None), (600, Some(4)), (90, Some(0))] {
        let server = Server::start(|request: &Request| {
            let number = u8::try_from(request.number).unwrap();
            match number {
                _ if !request.path().contains("/referrers/") => {
                    Reply::error(404, "MANIFEST_UNKNOWN")
                }
                6.. => Reply::new(200, entries(5..6)),
                _ => Reply::new(200, entries(number..number + 1))
                    .with("Link", common::next(&format!("?page={number}"))),
            }
        });
        let limits = Limits { listing_bytes, ..quick().limits };
        let client = HttpRegistry::new(Settings { limits, ..Settings::default() });
        let at = repository(&server.host(), "x");
        let got = client.referrers(&sought(&at, &Digest::sha256(SUBJECT))).await;
        let number = got.found.len();
        assert_eq!(got.complete(), found.is_none(), "{listing_bytes}: {:?}", got.notes);
        assert_eq!(number, found.unwrap_or(number), "{listing_bytes}");
        assert!(found.is_some() || number >= 5, "{listing_bytes}: {number}");
    }
    // Entries of one page: the one behind two thousand that are one is not lost in silence.
    let one = entries(0..1).replace(r#"{"schemaVersion":2,"manifests":["#, "").replace("]}", "");
    let last = entries(1..2).replace(r#"{"schemaVersion":2,"manifests":["#, "");
    let page =
        |entry: &str, number| format!(r#"{{"manifests":[{},{last}"#, vec![entry; number].join(","));
    for (row, page, found, complete) in [
        ("repeated", page(&one, REFERRERS - 1), 2, true),
        ("repeated, and one more", page(&one, REFERRERS), 1, false),
        ("no entries", page("0", 1_500_000), 0, false),
        ("text", format!(r#"{{"manifests":"{}"}}"#, "B".repeat(3_000_000)), 0, false),
    ] {
        let got = listing(Reply::new(200, page), none(), quick().limits).await;
        assert_eq!((got.found.len(), got.complete()), (found, complete), "{row}: {:?}", got.notes);
        assert!(got.notes.iter().all(|note| note.answer.len() < 400), "{row}");
    }
    // And one whose pages take for ever.
    let limits = Limits { listing: Duration::from_millis(50), ..Limits::default() };
    let stall = Reply::new(200, "").body(Body::Stall(entries(0..3).into()));
    assert!(!listing(stall, none(), limits).await.complete());
}

#[tokio::test]
async fn fixtures_are_listed_in_full_over_http() {
    for (case, api, number) in
        [("native", true, 3), ("fallback", false, 3), ("hostile-referrers", true, 501)]
    {
        let layouts = [(NAME, fixture(case).join("layout"))];
        let registry = Served::serve(&layouts, api);
        let (client, at) = (client(), repository(&registry.addr(), NAME));
        let resolved = client.manifest(&at, &tag("4.0.0")).await.unwrap();
        let listing = client.referrers(&sought(&at, &resolved.descriptor.digest)).await;
        assert!(listing.complete(), "{case}: {:?}", listing.notes);
        assert_eq!(listing.found.len(), number, "{case}");
        let legacy = client.legacy_tags(&sought(&at, &resolved.descriptor.digest)).await;
        assert!(legacy.complete() && legacy.found.is_empty() && legacy.notes.len() == 3);
    }
}
