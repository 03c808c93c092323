//! A long day: two thousand opens of fifty images over a registry that fails one request in ten, in
//! every way of the table of faults. Run in release:
//! `MALLOC_ARENA_MAX=1 cargo test --release --test soak -- --ignored --nocapture`.
//!
//! The server lives in the same process and makes a thread for every connection. With glibc's arenas
//! for each thread the fragments of these grow for a while and hide what the client holds, so the
//! allocator is told to use one.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    missing_docs,
    reason = "a test that cannot go on panics, and reports"
)]

#[path = "common/asking.rs"]
mod asking;
mod common;
#[path = "common/faults.rs"]
mod faults;
#[path = "common/judging.rs"]
mod judging;

use std::{
    collections::BTreeMap,
    fs,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering::SeqCst},
    },
    time::{Duration, Instant},
};

use asking::{ask_in, world};
use common::{Registry as Served, quick};
use faults::{Asked, Fault, On, table};
use futures_util::StreamExt;
use sigscope::net::{limits::Limits, registry::Settings};

const IMAGES: usize = 50;
const OPENS: usize = 2_000;
const AT_ONCE: usize = 8;
const UNDECIDED: u8 = 3;

/// Fifty repositories over the fixtures that have this tag.
fn layouts() -> Vec<(String, PathBuf)> {
    let mut folders: Vec<PathBuf> = fs::read_dir("tests/fixtures")
        .unwrap()
        .flatten()
        .map(|entry| entry.path().join("layout"))
        .filter(|layout| {
            fs::read_to_string(layout.join("index.json"))
                .is_ok_and(|text| text.contains("\"4.0.0\""))
        })
        .collect();
    folders.sort();
    let name = |n: usize| format!("soak{n}/image");
    (0..IMAGES).map(|n| (name(n), folders[n % folders.len()].clone())).collect()
}

/// The same numbers in every run: splitmix64.
fn mixed(seed: &AtomicU64) -> u64 {
    let mut z = seed.fetch_add(0x9E37_79B9_7F4A_7C15, SeqCst);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// Faults that are no other state of the registry: nobody can tell "no such tag" from a lie.
fn faults_on(asked: &Asked) -> Vec<&'static Fault> {
    table().iter().filter(|f| matches!(f.exit, 0 | 3) && asked.any(f.on)).collect()
}

/// Resident memory in KiB.
fn memory() -> u64 {
    let text = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "takes minutes; run in release"]
async fn a_bad_day_of_a_registry_makes_no_wrong_verdict_and_leaks_nothing() {
    let ms = Duration::from_millis;
    let limits = Limits {
        answer: ms(1_500),
        blob: ms(1_500),
        stall: ms(500),
        back_off: ms(1),
        ..Limits::default()
    };
    let layouts = layouts();
    let named: Vec<(&str, PathBuf)> =
        layouts.iter().map(|(n, p)| (n.as_str(), p.clone())).collect();
    let (bad, failed, seed) =
        (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)), AtomicU64::new(2026));
    let (is_bad, count) = (Arc::clone(&bad), Arc::clone(&failed));
    let served = Served::altered(&named, true, move |request, right| {
        if !is_bad.load(SeqCst) || !mixed(&seed).is_multiple_of(10) {
            return right;
        }
        let faults = faults_on(&On::of_any(request));
        let at = usize::try_from(mixed(&seed) % 1_000_000).unwrap() % faults.len();
        count.fetch_add(1, SeqCst);
        (faults[at].change)(request, right)
    });
    let image = |n: usize| format!("{}/{}:4.0.0", served.addr(), layouts[n % IMAGES].0);
    // What is right: without a fault.
    let mut right = vec![];
    for n in 0..IMAGES {
        right
            .push(ask_in(world(Settings { limits: limits.clone(), ..quick() }), &image(n)).await.0);
    }
    bad.store(true, SeqCst);
    // One client for the whole day, as in the terminal UI.
    let world = world(Settings { limits, ..quick() });
    let begun = Instant::now();
    let (mut ended, mut memories) = (BTreeMap::new(), vec![]);
    // Five hundred opens fill pools; what is held after them is what two thousand more may hold.
    for day in 0..5 {
        let opens = futures_util::stream::iter(0..OPENS / 4).map(|n| {
            let (n, world) = (day * OPENS / 4 + n, world.clone());
            let image = image(n);
            async move {
                let open = tokio::time::timeout(Duration::from_secs(180), ask_in(world, &image));
                (n, open.await.map(|(code, _)| code).ok())
            }
        });
        for (n, code) in opens.buffer_unordered(AT_ONCE).collect::<Vec<_>>().await {
            let code = code.unwrap_or_else(|| unreachable!("{} is stuck", image(n)));
            let wanted = right[n % IMAGES];
            assert!(code == wanted || code == UNDECIDED, "{}: {code} for {wanted}", image(n));
            *ended.entry((wanted, code)).or_insert(0) += 1;
        }
        memories.push(memory());
    }
    let (first, last) = (memories[0], memories[memories.len() - 1]);
    println!(
        "{} opens of {IMAGES} images in {:?}, {} faults; (right, answered) → opens: {ended:?}; \
         resident KiB after each quarter: {memories:?}",
        OPENS / 4 * 5,
        begun.elapsed(),
        failed.load(SeqCst),
    );
    assert!(last * 10 <= first * 11, "memory grew: {memories:?}");
}
