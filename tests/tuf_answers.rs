//! Trust roots over TUF, against a repository on loopback that was signed with real keys: what is
//! believed, what is refused, and what is only "could not find out".
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::too_many_lines,
    clippy::semicolon_if_nothing_returned,
    missing_docs,
    reason = "a test may end so, and one table is one function"
)]

mod common;

use common::{
    server::{Body, Reply},
    tuf::{Mirror, NOW, Repository, is},
};
use serde_json::{Value, json};
use sigscope::inspect::Ask;

const TARGET: &[u8] = b"{\"first\":1}";

#[expect(clippy::ptr_arg, reason = "it stands beside changes that lengthen")]
fn flip(bytes: &mut Vec<u8>) {
    let at = bytes.len() / 2;
    bytes[at] ^= 1;
}

#[tokio::test]
async fn the_first_answer_is_verified_from_the_root_at_hand() {
    type Prepare = fn(&mut Repository, &Mirror);
    let cases: &[(&str, Prepare, &str, &str)] = &[
        ("fresh", |_, _| {}, "root", "first"),
        (
            "a rotated root",
            |r, m| {
                r.rotate(2);
                m.now_serves(r);
            },
            "root",
            "first",
        ),
        (
            "three rotations",
            |r, m| {
                (0..3).for_each(|_| r.rotate(2));
                m.now_serves(r);
            },
            "root",
            "first",
        ),
        (
            "a rotation that the old keys did not sign",
            |r, m| {
                r.rotate(0);
                m.now_serves(r);
            },
            "refused",
            "threshold not met for role root",
        ),
        (
            "a rotation below the threshold",
            |r, m| {
                r.rotate(1);
                m.now_serves(r);
            },
            "refused",
            "threshold not met for role root: 1/2",
        ),
        (
            "an expired root",
            |r, m| {
                r.root_expires = "2026-06-14T00:00:00Z";
                r.rotate(2);
                m.now_serves(r);
            },
            "refused",
            "root metadata expired",
        ),
        (
            "an expired timestamp",
            |r, m| {
                r.timestamp.1 = "2026-06-15T11:59:59Z";
                m.now_serves(r);
            },
            "refused",
            "timestamp metadata expired",
        ),
        (
            "an expired snapshot",
            |r, m| {
                r.snapshot.1 = "2026-01-01T00:00:00Z";
                m.now_serves(r);
            },
            "refused",
            "snapshot metadata expired",
        ),
        (
            "expired targets",
            |r, m| {
                r.targets.1 = "2026-01-01T00:00:00Z";
                m.now_serves(r);
            },
            "refused",
            "targets metadata expired",
        ),
        (
            "a changed timestamp",
            |_, m| m.change("timestamp.json", sign_away),
            "refused",
            "threshold not met for role timestamp",
        ),
        (
            "a changed snapshot",
            |_, m| m.change("snapshot.json", flip),
            "refused",
            "snapshot.json: sha256 mismatch",
        ),
        (
            "changed targets",
            |_, m| m.change("targets.json", flip),
            "refused",
            "targets.json: sha256 mismatch",
        ),
        (
            "a changed trust root",
            |_, m| m.change("trusted_root.json", flip),
            "refused",
            "trusted_root.json: sha256 mismatch",
        ),
        (
            "a longer trust root",
            |_, m| m.change("trusted_root.json", |b| b.push(b' ')),
            "refused",
            "over the limit",
        ),
        (
            "no JSON",
            |_, m| m.change("timestamp.json", |b| *b = b"<html>".to_vec()),
            "refused",
            "JSON",
        ),
        (
            "no signature",
            |_, m| m.change("timestamp.json", unsigned),
            "refused",
            "threshold not met",
        ),
        (
            "not found",
            |_, m| m.fails(|_| Some(Reply::new(404, "no"))),
            "refused",
            "timestamp.json not found",
        ),
        (
            "a trust root that is not there",
            |_, m| m.fails(|p| p.contains("trusted_root").then(|| Reply::new(404, "no"))),
            "refused",
            "not found",
        ),
        ("a broken server", |_, m| m.fails(|_| Some(Reply::new(500, "no"))), "unreachable", "500"),
        (
            "broken only for the last file",
            |_, m| m.fails(|p| p.contains("trusted_root").then(|| Reply::new(503, "no"))),
            "unreachable",
            "503",
        ),
        (
            "too many requests",
            |_, m| m.fails(|_| Some(Reply::new(429, "no"))),
            "unreachable",
            "429",
        ),
        (
            "a proxy that forbids",
            |_, m| m.fails(|p| p.contains("timestamp").then(|| Reply::new(403, "no"))),
            "unreachable",
            "403",
        ),
        (
            "a store that forbids what is not there",
            |_, m| m.fails(|p| p.starts_with("2.root").then(|| Reply::new(403, "no"))),
            "root",
            "first",
        ),
        ("a teapot", |_, m| m.fails(|_| Some(Reply::new(418, "no"))), "refused", "418"),
        (
            "nothing at all",
            |_, m| m.fails(|_| Some(Reply::new(200, "").body(Body::Nothing))),
            "unreachable",
            "root.json",
        ),
        (
            "half of a file",
            |_, m| {
                m.fails(|p| {
                    p.contains("timestamp")
                        .then(|| Reply::new(200, "").body(Body::Cut(vec![b'x'; 1000])))
                })
            },
            "unreachable",
            "timestamp.json",
        ),
        (
            "an endless file",
            |_, m| {
                m.fails(|p| {
                    p.contains("timestamp").then(|| Reply::new(200, "").body(Body::Endless))
                })
            },
            "refused",
            "over the limit of 16 KiB",
        ),
        (
            "a redirect to another host",
            |_, m| {
                m.fails(|p| {
                    p.contains("timestamp").then(|| {
                        Reply::new(302, "").with("Location", "https://elsewhere.example/x")
                    })
                })
            },
            "refused",
            "a redirect to elsewhere.example",
        ),
        (
            "a redirect to another port",
            |_, m| {
                m.fails(|p| {
                    p.contains("timestamp")
                        .then(|| Reply::new(302, "").with("Location", "http://127.0.0.1:1/x"))
                })
            },
            "refused",
            "not followed",
        ),
        (
            "a redirect to nowhere",
            |_, m| m.fails(|p| p.contains("timestamp").then(|| Reply::new(302, ""))),
            "refused",
            "nowhere",
        ),
        (
            "a redirect in a circle",
            |_, m| {
                m.fails(|p| {
                    p.contains("timestamp")
                        .then(|| Reply::new(302, "").with("Location", "/timestamp.json"))
                })
            },
            "refused",
            "more than 5 redirects",
        ),
    ];
    for (case, prepare, kind, part) in cases {
        let mut repository = Repository::new(TARGET);
        let mirror = Mirror::serve(&repository);
        prepare(&mut repository, &mirror);
        is(&mirror.ask(Ask::WhenDue, NOW).await, kind, part, case);
    }
}

/// Another expiry under the old signature.
fn sign_away(bytes: &mut Vec<u8>) {
    let mut value: Value = serde_json::from_slice(bytes).unwrap();
    value["signed"]["expires"] = json!("2036-01-01T00:00:00Z");
    *bytes = value.to_string().into_bytes();
}

fn unsigned(bytes: &mut Vec<u8>) {
    let mut value: Value = serde_json::from_slice(bytes).unwrap();
    value["signatures"] = json!([]);
    *bytes = value.to_string().into_bytes();
}
