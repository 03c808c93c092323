//! Runs of the program in process, and the cases of the fixtures.

use std::fs;

use serde_json::Value;

/// What one run said.
pub(crate) struct Said {
    /// Exit code.
    pub(crate) code: u8,
    /// Standard output.
    pub(crate) out: String,
    /// Standard error.
    pub(crate) err: String,
}

/// Runs the program in process, not on a terminal.
pub(crate) fn run(argv: &[String]) -> Said {
    let (mut out, mut err) = (vec![], vec![]);
    let mut console = sigscope::cli::Console { out: &mut out, err: &mut err, terminal: false };
    // What one test keeps must not answer another: loopback ports are used again.
    let keeps = ["verify", "inspect", "sbom", "policy", "pin", "tags"]
        .iter()
        .any(|c| argv.get(1).is_some_and(|a| a == c));
    let (program, rest) = argv.split_at(argv.len().min(if keeps { 2 } else { 1 }));
    let no_cache = keeps.then(|| "--no-cache".to_owned());
    let argv = program.iter().cloned().chain(no_cache).chain(rest.iter().cloned());
    let code = sigscope::cli::run(argv.map(Into::into), &mut console);
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Said { code, out: text(out), err: text(err) }
}

/// Every fixture that has a `case.json`, with its folder.
pub(crate) fn fixtures() -> Vec<(String, Value)> {
    let mut all: Vec<_> = fs::read_dir("tests/fixtures")
        .unwrap()
        .flatten()
        .filter_map(|entry| {
            let text = fs::read_to_string(entry.path().join("case.json")).ok()?;
            let folder = entry.path().to_string_lossy().into_owned();
            Some((folder, serde_json::from_str(&text).unwrap()))
        })
        .collect();
    all.sort_by(|a, b| a.0.cmp(&b.0));
    all
}
