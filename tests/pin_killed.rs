//! `pin --write` killed at random moments: every file is whole, the old one or the new one.
//!
//! `SIGSCOPE_KILL_FILES=500 SIGSCOPE_KILL_RUNS=20` is the full measure.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    missing_docs,
    reason = "a test that cannot go on panics"
)]

mod common;
#[path = "common/pinning.rs"]
mod pinning;

use std::{
    fs,
    path::Path,
    thread::sleep,
    time::{Duration, Instant},
};

use common::NAME;
use pinning::{begun, folder, pin, pod, serve};

fn number(name: &str, small: usize) -> usize {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(small)
}

/// How many files are as they were and how many are new; anything else ends the test.
fn count(folder: &Path, (old, new): (&str, &str)) -> (usize, usize) {
    let (mut olds, mut news) = (0, 0);
    for entry in fs::read_dir(folder).unwrap().flatten() {
        let name = entry.file_name().into_string().unwrap();
        if name.starts_with(".sigscope-") && name.strip_suffix(".tmp").is_some() {
            continue;
        }
        match fs::read_to_string(entry.path()).unwrap() {
            text if text == old => olds += 1,
            text if text == new => news += 1,
            text => panic!("{name} is neither the old nor the new one: {text}"),
        }
    }
    (olds, news)
}

#[test]
fn a_kill_at_any_moment_leaves_whole_files() {
    let (files, runs) = (number("SIGSCOPE_KILL_FILES", 40), number("SIGSCOPE_KILL_RUNS", 5));
    let registry = serve(&[(NAME, "native/layout")]);
    let folder = folder("killed");
    // Long enough that a write in place would be seen half done.
    let old = pod(&vec![format!("{}/{NAME}:4.0.0", registry.addr()); 200]);
    let fill = || {
        for at in 0..files {
            fs::write(folder.join(format!("f{at}.yaml")), &old).unwrap();
        }
    };
    fill();
    let begin = Instant::now();
    let said = pin(&folder, ". DEMANDED --write");
    let whole = begin.elapsed();
    assert_eq!(said.code, 0, "{said:?}");
    let new = fs::read_to_string(folder.join("f0.yaml")).unwrap();
    assert_eq!(count(&folder, (&old, &new)), (0, files));
    // From the clock: another moment in every run and on every machine.
    let seed = begin.elapsed().subsec_nanos() as usize;
    let mut between = 0;
    for run in 0..runs {
        fill();
        let mut child = begun(&folder, ". DEMANDED --write");
        // Half of the runs once the first file is new, when a write is under way for certain.
        let end = Instant::now() + whole;
        while run % 2 == 0 && Instant::now() < end && count(&folder, (&old, &new)).1 == 0 {
            sleep(Duration::from_millis(1));
        }
        let part = u32::try_from(seed.wrapping_mul(run * 7919 + 1) % 1000).unwrap();
        sleep(whole * part / if run % 2 == 0 { 5000 } else { 1000 });
        child.kill().unwrap();
        child.wait().unwrap();
        let (olds, news) = count(&folder, (&old, &new));
        assert_eq!(olds + news, files);
        between += usize::from(olds > 0 && news > 0);
    }
    assert!(between > 0, "no kill of {runs} fell between two files: {whole:?}");
    // What a kill left behind is in nobody's way.
    fill();
    assert_eq!(pin(&folder, ". DEMANDED --write").code, 0);
    assert_eq!(count(&folder, (&old, &new)), (0, files));
}
