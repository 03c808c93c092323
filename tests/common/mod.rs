//! What several test files share.
#![allow(dead_code, unreachable_pub, reason = "every test file uses its own part")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use std::fs;

use serde_json::Value;

/// What one run said.
pub struct Said {
    /// Exit code.
    pub code: u8,
    /// Standard output.
    pub out: String,
    /// Standard error.
    pub err: String,
}

/// Runs the program in process, not on a terminal.
pub fn run(argv: &[String]) -> Said {
    let (mut out, mut err) = (vec![], vec![]);
    let mut console = sigscope::cli::Console { out: &mut out, err: &mut err, terminal: false };
    let code = sigscope::cli::run(argv.iter().map(Into::into), &mut console);
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Said { code, out: text(out), err: text(err) }
}

/// Every fixture that has a `case.json`, with its folder.
pub fn fixtures() -> Vec<(String, Value)> {
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
