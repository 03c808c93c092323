//! One release opened cold and warm: requests, and the time when every answer takes 40 ms.
//!
//! Method: the fixture with three bundles is served on loopback; the server waits before every
//! answer. Headless, as `verify` opens it. Cold: an empty cache; warm: the same cache again. Time is
//! the median of 7; the round trips are the time divided by the delay, so they are a little more
//! than what is asked one after the other. Run: `cargo bench --bench open`; wanted: at most 11
//! requests, and at most 5 round trips.
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
    process::Command,
    thread,
    time::{Duration, Instant},
};

use common::{
    NAME, Registry as Served, fixture,
    release::{Folder, IDENTITY, ISSUER},
    reply_of,
    server::Server,
};

const DELAY: Duration = Duration::from_millis(40);
const RUNS: usize = 7;

fn main() {
    let layouts = Served::repositories(&[(NAME, fixture("native/layout"))]);
    let server = Server::start(move |request| {
        thread::sleep(DELAY);
        reply_of(&layouts, request)
    });
    let (mut cold, mut warm) = (vec![], vec![]);
    for run in 0..RUNS {
        let home = Folder::new(&format!("bench-open-{run}"));
        for times in [&mut cold, &mut warm] {
            let before = server.requests().len();
            let begun = Instant::now();
            let status = Command::new(env!("CARGO_BIN_EXE_sigscope"))
                .args(["verify", &format!("{}/{NAME}:4.0.0", server.host()), "--offline"])
                .args(["--certificate-identity", IDENTITY, "--certificate-oidc-issuer", ISSUER])
                .args(["--trusted-root", "tests/fixtures/trusted_root.json"])
                .envs(["XDG_CACHE_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME"].map(|n| (n, &home.0)))
                .output()
                .unwrap()
                .status;
            assert!(status.success(), "{status}");
            times.push((begun.elapsed(), server.requests().len() - before));
        }
    }
    for (name, mut times) in [("cold", cold), ("warm", warm)] {
        times.sort();
        let (time, requests) = times[RUNS / 2];
        let trips = time.as_secs_f64() / DELAY.as_secs_f64();
        println!("{name}: {requests} requests, {time:?}, {trips:.1} round trips of {DELAY:?}");
    }
}
