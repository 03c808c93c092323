//! How many checks run at once: an index of 22 platforms on a loopback registry that takes 40 ms
//! for every answer, inspected from cold by the headless driver.
//!
//! Method: the server sleeps 40 ms in every answer and counts how many requests it holds at the
//! same time. A check is one task; 26 of them are planned (trust root, resolve, two listings, 22
//! platforms with manifest and config). One after another their requests would take requests ×
//! 40 ms. Reported: checks, requests, the most requests held at once, wall time and the ratio to
//! one-after-another, median of 7 runs. Run: `cargo bench --bench checks`.
#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::disallowed_methods,
    dead_code,
    reason = "a bench prints, sleeps and reads the clock"
)]

#[path = "../tests/common/server.rs"]
mod server;

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    thread,
    time::{Duration, Instant},
};

use serde_json::json;
use server::{Reply, Request, Server};
use sigscope::{
    domain::{Digest, Reference, Timestamp},
    inspect::{Inspection, NoLog, RootSource, Subject, World, drive},
    net::{Router, files::LocalFiles, registry::Settings},
};

const DELAY: Duration = Duration::from_millis(40);
const PLATFORMS: usize = 22;
const RUNS: usize = 7;

#[derive(Default)]
struct Load {
    requests: AtomicUsize,
    held: AtomicUsize,
    most: AtomicUsize,
}

/// Manifest and config of every platform, and the index over them, by digest.
fn release() -> (Vec<u8>, BTreeMap<String, Vec<u8>>) {
    let mut content = BTreeMap::new();
    let mut put = |bytes: Vec<u8>| {
        let digest = Digest::sha256(&bytes).to_string();
        let size = bytes.len();
        content.insert(digest.clone(), bytes);
        (digest, size)
    };
    let children: Vec<_> = (0..PLATFORMS)
        .map(|n| {
            let arch = format!("cpu{n}");
            let (config, size) =
                put(json!({"os": "linux", "architecture": arch}).to_string().into());
            let image = "application/vnd.oci.image.config.v1+json";
            let config = json!({"mediaType": image, "digest": config, "size": size});
            let (digest, size) = put(json!({"config": config, "layers": []}).to_string().into());
            let platform = json!({"os": "linux", "architecture": arch});
            json!({"digest": digest, "size": size, "platform": platform})
        })
        .collect();
    (json!({"schemaVersion": 2, "manifests": children}).to_string().into(), content)
}

fn answer(request: &Request, index: &[u8], content: &BTreeMap<String, Vec<u8>>) -> Reply {
    let last = request.path().rsplit('/').next().unwrap_or_default();
    match content.get(last) {
        Some(bytes) => Reply::new(200, bytes.clone()),
        None if last == "1" => Reply::new(200, index),
        None => Reply::error(404, "MANIFEST_UNKNOWN"),
    }
}

fn main() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let mut walls = vec![];
    let mut told = String::new();
    for _ in 0..RUNS {
        let load = Arc::new(Load::default());
        let (index, content) = release();
        let counted = Arc::clone(&load);
        let server = Server::start(move |request| {
            counted.requests.fetch_add(1, SeqCst);
            counted.most.fetch_max(counted.held.fetch_add(1, SeqCst) + 1, SeqCst);
            thread::sleep(DELAY);
            counted.held.fetch_sub(1, SeqCst);
            answer(request, &index, &content)
        });
        let reference = Reference::parse(&format!("{}/x:1", server.host())).unwrap();
        let world = World {
            registry: Arc::new(Router::new(Settings::default())),
            files: Arc::new(LocalFiles),
            github: Arc::new(sigscope::inspect::github::NoGitHub("nobody asks")),
            roots: Arc::new(sigscope::inspect::NoTuf),
            log: Arc::new(NoLog("no log")),
            now: Timestamp::now,
        };
        let started = Instant::now();
        let subject = Subject::Artifact(reference);
        let seen = Inspection::new(subject, None, RootSource::Embedded);
        let seen = runtime.block_on(drive(seen, world, |_| ()));
        let wall = started.elapsed();
        let requests = load.requests.load(SeqCst);
        let one_by_one = DELAY * u32::try_from(requests).unwrap();
        let ratio = one_by_one.as_secs_f64() / wall.as_secs_f64();
        told = format!(
            "{} checks, {requests} requests, at most {} held at once; one after another {one_by_one:?}, ratio {ratio:.1}",
            seen.checks.len(),
            load.most.load(SeqCst),
        );
        walls.push(wall);
    }
    walls.sort();
    println!("wall {:?} (median of {RUNS}); last run: {told}", walls[RUNS / 2]);
}
