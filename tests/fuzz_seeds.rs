//! The bodies of the fuzz targets, over their seeds and over the seeds with bytes changed: what a
//! fuzzer finds in hours must not be lost in a second.
#![allow(clippy::unwrap_used, missing_docs, reason = "a test that cannot go on panics")]

#[path = "../fuzz/src/lib.rs"]
#[allow(
    missing_docs,
    unreachable_pub,
    clippy::expect_used,
    clippy::print_stdout,
    clippy::pedantic,
    reason = "a library of its own"
)]
mod bodies;

use std::fs;

use proptest::{
    prelude::*,
    test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};

/// A target of `fuzz/` and what it does.
type Target = (&'static str, fn(&[u8]));

const TARGETS: [Target; 11] = [
    ("bundle", bodies::bundle),
    ("certificate", bodies::certificate),
    ("envelope", bodies::envelope),
    ("layer", bodies::layer),
    ("manifest", bodies::manifest),
    ("checksums", bodies::checksums),
    ("reference", bodies::reference),
    ("sbom", bodies::sbom),
    ("simple_signing", bodies::simple_signing),
    ("statement", bodies::statement),
    ("trusted_root", bodies::trusted_root),
];

fn seeds(target: &str) -> Vec<Vec<u8>> {
    let mut paths: Vec<_> = fs::read_dir(format!("fuzz/seeds/{target}"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.sort();
    paths.iter().map(|path| fs::read(path).unwrap()).collect()
}

/// The same cases in every run.
fn runner(cases: u32) -> TestRunner {
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[7; 32]);
    TestRunner::new_with_rng(Config { cases, failure_persistence: None, ..Config::default() }, rng)
}

/// Bytes of one seed replaced, cut out or doubled.
fn changed(seeds: Vec<Vec<u8>>) -> impl Strategy<Value = Vec<u8>> {
    let edit =
        (any::<prop::sample::Index>(), 0_usize..24, prop::collection::vec(any::<u8>(), 0..8));
    (prop::sample::select(seeds), prop::collection::vec(edit, 1..4)).prop_map(
        |(mut seed, edits)| {
            for (place, length, bytes) in edits {
                let start = if seed.is_empty() { 0 } else { place.index(seed.len()) };
                let end = seed.len().min(start + length);
                seed.splice(start..end, bytes);
            }
            seed
        },
    )
}

fn run(cases: u32) {
    for (name, body) in TARGETS {
        let seeds = seeds(name);
        assert!(!seeds.is_empty(), "{name}");
        for seed in &seeds {
            body(seed);
        }
        let law = |bytes: Vec<u8>| {
            body(&bytes);
            Ok(())
        };
        runner(cases).run(&changed(seeds), law).unwrap();
        runner(cases).run(&any::<Vec<u8>>(), law).unwrap();
    }
}

#[test]
fn every_target_holds_over_its_seeds_and_what_is_near_them() {
    run(40);
}

#[test]
#[ignore = "takes minutes; run in release"]
fn every_target_holds_over_many_more() {
    run(20_000);
}
