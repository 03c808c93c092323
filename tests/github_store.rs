//! GitHub's list of attestations from servers on loopback that misbehave in one way each.
#![allow(clippy::unwrap_used, missing_docs, reason = "a test that cannot go on panics")]

mod common;

use common::{
    github::{Row, hold, list, next, owner, page, problem, repository},
    server::{Body, Reply},
};

const LISTS: &[Row] = &[
    ("one page", |_| page(0..3), "3 proved", "3 attestations"),
    (
        "two pages",
        |request| {
            if request.target.contains("after=") {
                page(100..150)
            } else {
                page(0..100).with("Link", next(request, "/p?per_page=100&after=a"))
            }
        },
        "150 proved",
        "150 attestations",
    ),
    (
        "an empty page before a full one",
        |request| {
            if request.target.contains("after=") {
                page(0..2)
            } else {
                page(0..0).with("Link", next(request, "/p?after=a"))
            }
        },
        "2 proved",
        "",
    ),
    ("the same bundle twice", |_| list(r#"{"bundle":{"n":1}},{"bundle":{"n":1}}"#), "1 proved", ""),
    ("none", |_| page(0..0), "0 absent", "no attestation of this digest"),
    (
        "pages in a circle",
        |request| page(0..1).with("Link", next(request, "/p?after=a")),
        "1 undecided",
        "round in a circle",
    ),
    (
        "pages without end",
        |request| page(0..1).with("Link", next(request, &format!("/p?after={}", request.number))),
        "1 undecided",
        "more than 100 pages",
    ),
    (
        "the next page on another host",
        |_| page(0..1).with("Link", "<http://localhost:1/p>; rel=\"next\""),
        "1 undecided",
        "on another host",
    ),
    (
        "a Link that cannot be read",
        |_| page(0..1).with("Link", "garbage"),
        "1 undecided",
        "Link header cannot be read",
    ),
    ("thousands on one page", |_| page(0..1500), "1000 undecided", "more than 1000 attestations"),
    ("HTML", |_| Reply::new(200, "<html>welcome"), "0 undecided", "not a list"),
    ("empty body", |_| Reply::new(200, ""), "0 undecided", "not a list"),
    ("an array", |_| Reply::new(200, "[]"), "0 undecided", "not a list"),
    ("no list", |_| Reply::new(200, "{}"), "0 undecided", "not a list"),
    ("null", |_| Reply::new(200, r#"{"attestations":null}"#), "0 undecided", "not a list"),
    (
        "two lists",
        |_| Reply::new(200, r#"{"attestations":[],"attestations":[{"bundle":{}}]}"#),
        "0 undecided",
        "duplicate field",
    ),
    (
        "entries of no shape",
        |_| list(r#"{"bundle":{"n":1}},7,{},{"bundle":"x"},{"bundle":null,"bundle_url":""}"#),
        "1 undecided",
        "4 of its entries cannot be read",
    ),
    ("endless", |_| Reply::new(200, "").body(Body::Endless), "0 undecided", "limit of 64 MiB"),
    (
        "slow",
        |_| Reply::new(200, "").body(Body::Stall(vec![b' '; 100])),
        "0 undecided",
        "nothing came",
    ),
    ("cut", |_| Reply::new(200, "").body(Body::Cut(vec![b' '; 100])), "0 undecided", ""),
    ("500", |_| problem(500, "oops"), "0 undecided", "answered 500"),
    (
        "500, then well",
        |request| if request.number == 0 { problem(500, "oops") } else { page(0..1) },
        "1 proved",
        "",
    ),
    ("401", |_| problem(401, "Bad credentials"), "0 undecided", "Bad credentials"),
    ("403", |_| problem(403, "Resource not accessible"), "0 undecided", "not accessible"),
    (
        "403, the rate limit is used up",
        |_| {
            let reply = problem(403, "API rate limit exceeded");
            reply.with("X-RateLimit-Remaining", "0").with("X-RateLimit-Reset", "1795355632")
        },
        "0 undecided",
        "used up until 2026-11-22T13:53:52Z",
    ),
    (
        "403, the rate limit without a readable reset",
        |_| problem(403, "x").with("X-RateLimit-Remaining", "0").with("X-RateLimit-Reset", "soon"),
        "0 undecided",
        "the rate limit is used up; a token raises it",
    ),
    (
        "429",
        |_| problem(429, "slow down").with("Retry-After", "86400"),
        "0 undecided",
        "asks to wait 86400 s",
    ),
    ("451", |_| problem(451, "Repository access blocked"), "0 undecided", "access blocked"),
    (
        "words that a terminal obeys",
        |_| problem(403, r"\u001b[31mred\u202e"),
        "0 undecided",
        "\\x1b[31mred",
    ),
    (
        "renamed",
        |request| {
            if request.path().starts_with("/repositories/") {
                page(0..1)
            } else {
                Reply::new(301, "").with("Location", "/repositories/1/attestations/x")
            }
        },
        "1 proved",
        "",
    ),
    (
        "moved to another host",
        |_| Reply::new(301, "").with("Location", "http://localhost:1/x"),
        "0 undecided",
        "redirects to where this is not followed",
    ),
];

#[tokio::test]
async fn every_answer_is_there_not_there_or_not_found_out() {
    hold(LISTS, &repository(), "/repos/enix/x").await;
}

/// GitHub says 404 of what is not there and of what it hides.
const MISSING: &[Row] = &[
    (
        "a public repository",
        |request| match request.path() {
            "/repos/enix/x" => Reply::new(200, r#"{"private":false}"#),
            _ => problem(404, "Not Found"),
        },
        "0 absent",
        "no attestation of this digest in the public repository enix/x",
    ),
    (
        "a private repository",
        |request| match request.path() {
            "/repos/enix/x" => Reply::new(200, r#"{"private":true}"#),
            _ => problem(404, "Not Found"),
        },
        "0 undecided",
        "is private",
    ),
    ("no repository that is shown", |_| problem(404, "Not Found"), "0 undecided", "or hidden"),
    (
        "a description of no shape",
        |request| match request.path() {
            "/repos/enix/x" => Reply::new(200, r#"{"private":"no"}"#),
            _ => problem(404, "Not Found"),
        },
        "0 undecided",
        "cannot be read",
    ),
    (
        "the second question is refused",
        |request| match request.path() {
            "/repos/enix/x" => problem(403, "no"),
            _ => problem(404, "Not Found"),
        },
        "0 undecided",
        "why cannot be told",
    ),
    (
        "a proxy's page",
        |request| match request.path() {
            "/repos/enix/x" => Reply::new(200, r#"{"private":false}"#),
            _ => Reply::new(404, "<html>Not Found"),
        },
        "0 undecided",
        "a web page",
    ),
    (
        "other words",
        |request| match request.path() {
            "/repos/enix/x" => Reply::new(200, r#"{"private":false}"#),
            _ => problem(404, "No server is currently available"),
        },
        "0 undecided",
        "No server",
    ),
    (
        "in the middle of the pages",
        |request| {
            if request.target.contains("after=") {
                problem(404, "Not Found")
            } else {
                page(0..1).with("Link", next(request, "/p?after=a"))
            }
        },
        "1 undecided",
        "page 2",
    ),
];

#[tokio::test]
async fn a_404_is_absent_only_where_github_shows_the_repository_to_everybody() {
    hold(MISSING, &repository(), "/repos/enix/x").await;
}

const OWNERS: &[Row] = &[
    ("an organisation", |_| page(0..2), "2 proved", ""),
    (
        "an organisation without any",
        |request| match request.path() {
            "/users/enix" => Reply::new(200, r#"{"type":"Organization"}"#),
            _ => problem(404, "Not Found"),
        },
        "0 absent",
        "of the organisation enix",
    ),
    (
        "a user",
        |request| match request.path() {
            "/users/enix" => Reply::new(200, r#"{"type":"User"}"#),
            path if path.starts_with("/users/enix/attestations/sha256:") => page(0..2),
            _ => problem(404, "Not Found"),
        },
        "2 proved",
        "",
    ),
    (
        "a user without any",
        |request| match request.path() {
            "/users/enix" => Reply::new(200, r#"{"type":"User"}"#),
            _ => problem(404, "Not Found"),
        },
        "0 absent",
        "of enix",
    ),
    (
        "a user, and then a proxy",
        |request| match request.path() {
            "/users/enix" => Reply::new(200, r#"{"type":"User"}"#),
            path if path.starts_with("/users") => Reply::new(404, "<html>"),
            _ => problem(404, "Not Found"),
        },
        "0 undecided",
        "not in GitHub's words",
    ),
    (
        "something else",
        |request| match request.path() {
            "/users/enix" => Reply::new(200, r#"{"type":"Bot"}"#),
            _ => problem(404, "Not Found"),
        },
        "0 undecided",
        "no user and no organisation",
    ),
    ("nobody", |_| problem(404, "Not Found"), "0 undecided", "or hidden"),
];

#[tokio::test]
async fn an_owner_is_an_organisation_or_a_user() {
    hold(OWNERS, &owner(), "/orgs/enix").await;
}
