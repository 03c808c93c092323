//! From a key to its frame while everything hangs: p50 and p99, in a real pseudo-terminal.
//!
//! Method: an index of 60 platforms whose manifests stop after half of their bytes. The terminal UI
//! opens it; 60 checks then wait, 16 of them with a request on the wire (the most that one host
//! gets) and the others in line. Then the list of keys is opened and closed 250 times; the clock
//! runs from writing the key until the screen model (vt100) shows the change, looked at every 50
//! µs. Run: `cargo bench --bench keys`; wanted: p99 within 16 ms.
#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::disallowed_methods,
    dead_code,
    reason = "a bench prints, sleeps and reads the clock"
)]

#[path = "../tests/common/mod.rs"]
mod common;

use std::{
    thread,
    time::{Duration, Instant},
};

use common::{
    pty::{PROGRAM, Tui},
    release::Folder,
    server::{Body, Reply, Request, Server},
};
use serde_json::json;
use sigscope::domain::Digest;

const PLATFORMS: usize = 60;
const ROUNDS: usize = 250;
/// The frame of the list of keys.
const SHOWN: &str = "┌ Keys";

fn index() -> String {
    let child = |n: usize| {
        let digest = Digest::sha256(format!("{n}").as_bytes()).to_string();
        json!({ "mediaType": "application/vnd.oci.image.manifest.v1+json", "digest": digest,
            "size": 1000, "platform": { "os": "linux", "architecture": format!("a{n}") } })
    };
    let children: Vec<_> = (0..PLATFORMS).map(child).collect();
    json!({ "schemaVersion": 2, "mediaType": "application/vnd.oci.image.index.v1+json",
        "manifests": children })
    .to_string()
}

fn answer(request: &Request) -> Reply {
    match request.path() {
        path if path.ends_with("/manifests/1") => Reply::new(200, index()),
        path if path.ends_with("/tags/list") => Reply::new(200, r#"{"tags":["1"]}"#),
        _ => Reply::new(200, "").body(Body::Stall(vec![b' '; 1000])),
    }
}

fn until(tui: &Tui, shown: bool) -> Duration {
    let begun = Instant::now();
    while tui.text().contains(SHOWN) != shown {
        assert!(begun.elapsed() < Duration::from_secs(20), "{}", tui.text());
        thread::sleep(Duration::from_micros(50));
    }
    begun.elapsed()
}

fn main() {
    let server = Server::start(answer);
    let home = Folder::new("bench-keys");
    let home = home.0.to_string_lossy();
    let env = ["XDG_CACHE_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME"].map(|name| (name, &*home));
    let target = format!("{}/x:1", server.host());
    let mut tui = Tui::spawn(PROGRAM, &[&target, "--offline"], &env, (120, 35));
    tui.wait("linux/a");
    // The tag, the list of tags, and what hangs.
    let hanging = || server.requests().len().saturating_sub(2);
    let begun = Instant::now();
    while hanging() < 14 {
        assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", server.requests());
        thread::sleep(Duration::from_millis(10));
    }
    let mut times = vec![];
    for _ in 0..ROUNDS {
        for (key, shown) in [("?", true), ("\u{1b}", false)] {
            tui.send(key);
            times.push(until(&tui, shown));
        }
    }
    times.sort();
    let at = |share: usize| times[(times.len() * share / 100).min(times.len() - 1)];
    println!(
        "{} keys while {} requests hang: p50 {:?}, p99 {:?}, longest {:?}",
        times.len(),
        hanging(),
        at(50),
        at(99),
        times[times.len() - 1],
    );
    tui.send("q");
    tui.exit();
}
