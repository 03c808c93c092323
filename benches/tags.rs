//! Listing 10,000 tags and resolving 200 of them, on a loopback registry.
//!
//! Method: pages of 1,000 tags with a `Link`, no delay, for the listing; 40 ms in every answer for
//! resolving, with the number of requests that are held at the same time counted by the server.
//! Every manifest has its date in an annotation, so a tag is one request. Median of 7 runs for the
//! listing, one run for resolving. Run: `cargo bench --bench tags`.
#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::disallowed_methods,
    dead_code,
    reason = "a bench prints, sleeps and reads the clock"
)]

#[path = "../tests/common/server.rs"]
mod server;

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    thread,
    time::{Duration, Instant},
};

use futures_util::{StreamExt as _, stream};
use server::{Reply, Request, Server};
use sigscope::{
    domain::{Reference, Repository, Tag, Timestamp, version::TagOrder},
    inspect::{
        NoLog, World,
        tags::{ListingLimits, list_tags, resolve},
    },
    net::{Router, files::LocalFiles, limits::RESOLVED_AT_ONCE, registry::Settings},
};

const TAGS: usize = 10_000;
const PAGE: usize = 1_000;
const RESOLVED: usize = 200;
const DELAY: Duration = Duration::from_millis(40);
const RUNS: usize = 7;

fn names() -> Vec<String> {
    (0..TAGS).map(|n| format!("{}.{}.{}", n / 1_000, n / 10 % 100, n % 10)).collect()
}

fn page(request: &Request, names: &[String]) -> Reply {
    let at = request.target.split("at=").nth(1).and_then(|n| n.parse().ok()).unwrap_or(0_usize);
    let end = (at + PAGE).min(names.len());
    let quoted: Vec<String> =
        names.get(at..end).unwrap_or_default().iter().map(|name| format!("{name:?}")).collect();
    let reply = Reply::new(200, format!(r#"{{"tags":[{}]}}"#, quoted.join(",")));
    if end == names.len() {
        return reply;
    }
    reply.with("Link", format!(r#"<{}?at={end}>; rel="next""#, request.path()))
}

fn manifest(request: &Request) -> Reply {
    let tag = request.path().rsplit('/').next().unwrap_or_default();
    Reply::new(
        200,
        format!(
            r#"{{"layers":[],"annotations":{{"org.opencontainers.image.created":"2026-05-06T14:00:00Z","tag":"{tag}"}}}}"#
        ),
    )
}

fn world() -> World {
    World {
        registry: Arc::new(Router::new(Settings::default())),
        files: Arc::new(LocalFiles),
        github: Arc::new(sigscope::inspect::github::NoGitHub("nobody asks")),
        roots: Arc::new(sigscope::inspect::NoTuf),
        log: Arc::new(NoLog("no log")),
        now: Timestamp::now,
    }
}

fn of(server: &Server) -> Repository {
    Reference::parse(&format!("{}/x", server.host())).unwrap().repository
}

fn main() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let all = names();
    let mut times: Vec<(Duration, Duration)> = Vec::new();
    let mut requests = 0;
    for _ in 0..RUNS {
        let listed = all.clone();
        let server = Server::start(move |request| page(request, &listed));
        let begun = Instant::now();
        let (world, repository) = (world(), of(&server));
        let list = list_tags(&world, &repository, ListingLimits::default());
        let mut found = runtime.block_on(list).unwrap();
        let took = begun.elapsed();
        assert!(found.names.len() == TAGS && found.incomplete.is_none());
        let begun = Instant::now();
        found.names.sort_by_cached_key(|tag| TagOrder::of(tag.as_str()));
        times.push((took, begun.elapsed()));
        requests = server.requests().len();
    }
    times.sort();
    let (list, sort) = times[RUNS / 2];
    println!("list {TAGS} tags: {list:?}, {requests} requests; put them in order: {sort:?}");

    let (held, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let (holding, highest) = (Arc::clone(&held), Arc::clone(&most));
    let server = Server::start(move |request| {
        highest.fetch_max(holding.fetch_add(1, SeqCst) + 1, SeqCst);
        thread::sleep(DELAY);
        holding.fetch_sub(1, SeqCst);
        manifest(request)
    });
    let (world, repository) = (world(), of(&server));
    let begun = Instant::now();
    let tags: Vec<Tag> = all.iter().take(RESOLVED).map(|t| Tag::parse(t).unwrap()).collect();
    let asked = tags.iter().map(|tag| resolve(&*world.registry, &repository, tag));
    let found: Vec<_> =
        runtime.block_on(stream::iter(asked).buffer_unordered(RESOLVED_AT_ONCE).collect());
    assert!(found.iter().all(|facts| facts.as_ref().is_ok_and(|f| f.created.is_some())));
    println!(
        "resolve {RESOLVED} tags at {DELAY:?} each: {:?}, {} requests, at most {} at once (limit {RESOLVED_AT_ONCE})",
        begun.elapsed(),
        server.requests().len(),
        most.load(SeqCst),
    );
    assert!(most.load(SeqCst) <= RESOLVED_AT_ONCE);
}
