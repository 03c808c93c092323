//! The README's commands, each run against the built binary, hosts replaced by loopback.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    missing_docs,
    reason = "a test that cannot go on panics"
)]

mod common;

use std::{fs, process::Command};

use common::{NAME, Registry, fixture, pty::Tui};

/// Every command line in the code blocks, continuation lines joined.
fn commands() -> Vec<String> {
    let readme = fs::read_to_string("README.md").unwrap();
    let mut commands = vec![];
    let mut inside = false;
    for line in readme.replace("\\\n", " ").lines() {
        if line.starts_with("```") {
            inside = line == "```sh";
        } else if inside {
            commands.push(line.to_owned());
        }
    }
    commands
}

/// The words of a command line, single quotes as a shell reads them.
fn words(line: &str) -> Vec<String> {
    let mut words = vec![];
    for (number, part) in line.split('\'').enumerate() {
        if number % 2 == 1 {
            words.push(part.to_owned());
        } else {
            words.extend(part.split_whitespace().map(str::to_owned));
        }
    }
    words
}

#[test]
fn every_command_of_the_readme_does_what_it_says() {
    let registry = Registry::serve(&[(NAME, fixture("native/layout"))], true);
    let all = commands();
    assert!(all.len() >= 8, "{all:?}");
    let (mut run, mut who) = (0, String::new());
    for line in &all {
        if let Some(value) = line.strip_prefix("WHO=") {
            who = value.trim_matches('\'').to_owned();
            continue;
        }
        // GitHub and a chart's registry are asked in tests of their own.
        if line.contains("--repo") || line.contains("--layer-of") {
            continue;
        }
        let line = line.replace("$WHO", &who).replace("./dist", "./tests/fixtures/release-dir");
        let line = line.replace("./bom.json", "./tests/fixtures/sbom/enix-4.0.0.cdx.json");
        let mut words = words(&line.replace("ghcr.io/", &format!("{}/", registry.addr())));
        match (words.remove(0).as_str(), words.first().map(String::as_str)) {
            ("cargo", Some("test")) => continue,
            ("cargo", Some("run")) => {
                assert_eq!(words, ["run", "--release", "--", "demo"]);
                on_screen(&["demo".to_owned()], "refuted");
            }
            ("sigscope", Some("sbom")) if line.contains("./") => headless(&words),
            ("sigscope", Some("verify" | "inspect" | "sbom" | "diff" | "policy")) => {
                words.extend(
                    ["--trusted-root", "tests/fixtures/trusted_root.json"].map(str::to_owned),
                );
                headless(&words);
            }
            ("sigscope", Some("tags")) => headless(&words),
            ("sigscope", Some(target)) => {
                let image = target.contains(":4.0.0");
                words.extend(
                    ["--trusted-root", "tests/fixtures/trusted_root.json"].map(str::to_owned),
                );
                on_screen(&words, if image { "proved" } else { "4.0.0-busybox" });
            }
            (other, _) => panic!("{other} is no command of ours: {line}"),
        }
        run += 1;
    }
    assert!(run >= 10, "only {run} of {all:?} were run");
}

fn headless(words: &[String]) {
    let done = Command::new(env!("CARGO_BIN_EXE_sigscope")).args(words).output().unwrap();
    let told = String::from_utf8_lossy(&done.stderr);
    // As diff does: what differs is 1.
    let wanted = i32::from(words.first().is_some_and(|word| word == "diff"));
    assert_eq!(done.status.code(), Some(wanted), "{words:?}: {told}");
    assert!(!done.stdout.is_empty(), "{words:?}");
}

fn on_screen(words: &[String], wanted: &str) {
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let mut tui = Tui::start(&words, 120, 35);
    tui.wait(wanted);
    tui.send("q");
    assert_eq!(tui.exit(), 0, "{words:?}");
}
