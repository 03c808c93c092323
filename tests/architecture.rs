//! The shape of the project, enforced: floors, file lengths, and what must not stand in the text.
#![allow(clippy::string_slice, reason = "every index comes from match_indices or char_indices")]

use std::{
    fs,
    path::{Path, PathBuf},
};

/// Folder, the sibling folders it may import, what it must not name. Addresses of `std::net` are
/// values and allowed everywhere; sockets are not.
const FLOORS: &[(&str, &[&str], &[&str])] = &[
    (
        "domain",
        &[],
        &[
            "tokio",
            "reqwest",
            "ratatui",
            "crossterm",
            "std::fs",
            "TcpStream",
            "UdpSocket",
            "ToSocketAddrs",
            "Timestamp::now",
        ],
    ),
    (
        "verify",
        &["domain"],
        &[
            "tokio",
            "reqwest",
            "ratatui",
            "crossterm",
            "std::fs",
            "TcpStream",
            "UdpSocket",
            "ToSocketAddrs",
            "Timestamp::now",
        ],
    ),
    (
        "policy",
        &["domain", "verify"],
        &[
            "tokio",
            "reqwest",
            "ratatui",
            "crossterm",
            "std::fs",
            "TcpStream",
            "UdpSocket",
            "ToSocketAddrs",
            "Timestamp::now",
        ],
    ),
    (
        "inspect",
        &["domain", "verify", "policy"],
        &["reqwest", "ratatui", "crossterm", "std::fs", "TcpStream", "UdpSocket"],
    ),
    ("net", &["domain", "verify", "inspect"], &["ratatui", "crossterm"]),
    ("report", &["domain", "verify", "inspect"], &["tokio", "reqwest", "ratatui", "crossterm"]),
    ("tui", &["domain", "verify", "policy", "inspect", "report"], &["reqwest"]),
    ("cli", &["domain", "verify", "policy", "inspect", "net", "report", "tui"], &[]),
];

/// The longest file, in lines.
const MAX_LINES: usize = 400;

/// Folders that are not ours to judge: what is built, and documents of others.
const FOREIGN: [&str; 4] = ["target", ".git", "fixtures", "assets"];

#[test]
fn every_file_stays_on_its_floor() {
    let mut trespasses = Vec::new();
    for (floor, allowed, banned) in FLOORS {
        for path in files(&root().join("src").join(floor)) {
            let code = code(&read(&path));
            for other in FLOORS.iter().map(|(other, ..)| other).filter(|other| other != &floor) {
                if !allowed.contains(other) && imports(&path, &code, other) {
                    trespasses.push(format!("{} imports {other}", path.display()));
                }
            }
            for word in banned.iter().filter(|word| names(&code, word)) {
                trespasses.push(format!("{} names {word}", path.display()));
            }
        }
    }
    assert!(trespasses.is_empty(), "{}", trespasses.join("\n"));
}

#[test]
fn every_folder_of_the_source_is_a_floor() {
    for entry in fs::read_dir(root().join("src")).unwrap().flatten() {
        let name = entry.file_name().into_string().unwrap();
        let known = FLOORS.iter().any(|(floor, ..)| *floor == name);
        assert!(known || !entry.path().is_dir(), "src/{name} is on no floor");
    }
}

#[test]
fn files_stay_short() {
    let sources = ["src", "tests", "benches"].map(|folder| files(&root().join(folder)));
    let long: Vec<String> = sources
        .iter()
        .flatten()
        .filter(|path| path.extension().is_some_and(|end| end == "rs"))
        .map(|path| (path, read(path).lines().count()))
        .filter(|(_, lines)| *lines > MAX_LINES)
        .map(|(path, lines)| format!("{}: {lines} lines", path.display()))
        .collect();
    assert!(long.is_empty(), "at most {MAX_LINES} lines:\n{}", long.join("\n"));
}

#[test]
fn nothing_is_left_unfinished() {
    let unfinished = ["todo!(", "unimplemented!(", "dbg!("];
    let found = standing(&files(&root().join("src")), &unfinished);
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn nothing_names_somebodys_machine() {
    // Put together here, so that this file does not name them itself.
    let folders = ["home", "root", "Users", "work", "mnt"].map(|folder| format!("/{folder}/"));
    let mut found = standing(&files(&root()), &folders.each_ref().map(String::as_str));
    // In an image reference or an address the slash follows a letter or a host.
    found.retain(|line| folders.iter().any(|folder| starts_a_path(line, folder)));
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn no_package_registry_is_named_but_by_the_lock_file() {
    let hosts = [["crates", "io"], ["pypi", "org"], ["npmjs", "org"], ["golang", "org"]]
        .map(|[name, end]| format!("{name}.{end}"));
    let all = files(&root());
    let ours: Vec<PathBuf> = all.into_iter().filter(|path| !path.ends_with("Cargo.lock")).collect();
    let found = standing(&ours, &hosts.each_ref().map(String::as_str));
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn the_floor_rule_sees_every_way_to_import() {
    let at = Path::new("src/inspect/checks/mod.rs");
    for (text, caught) in [
        ("use crate::net::Client;", true),
        ("use crate::{domain::Digest, net};", true),
        ("use crate::{\n    domain::{Digest, net},\n};", false),
        ("use crate::{domain::{self, x::{y}}, net::{a, b}};", true),
        ("let x = crate::net::get();", true),
        ("use super::super::net::Client;", true),
        ("use super::net::Client;", false),
        ("// crate::net::Client", false),
        ("use crate::network::Client;", false),
    ] {
        assert_eq!(imports(at, &code(text), "net"), caught, "{text}");
    }
    for (text, caught) in [
        ("use std::{fmt, fs};", true),
        ("use std::{fmt, fs::File};", true),
        ("std::fs::read(x)", true),
        ("use std::fmt;", false),
        ("let fs = 1;", false),
    ] {
        assert_eq!(names(&code(text), "std::fs"), caught, "{text}");
    }
    assert!(names("tokio::spawn(x)", "tokio") && !names("let tokio_like = 1;", "tokio"));
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Every file in a folder that is ours, at any depth.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if FOREIGN.iter().any(|name| path.ends_with(name)) {
            continue;
        }
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found
}

/// The text of a file; of one that is no text, nothing.
fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_default()
}

/// `path:line: text` of every line that holds one of the words.
fn standing(files: &[PathBuf], words: &[&str]) -> Vec<String> {
    let lines = |path: &PathBuf| -> Vec<String> {
        let text = read(path);
        let holds = |line: &str| words.iter().any(|word| line.contains(word));
        let found = text.lines().enumerate().filter(|(_, line)| holds(line));
        let shown = path.strip_prefix(root()).unwrap_or(path).display();
        found.map(|(at, line)| format!("{shown}:{}: {}", at + 1, line.trim())).collect()
    };
    files.iter().flat_map(lines).collect()
}

/// Whether `folder` stands in the line where a path begins.
fn starts_a_path(line: &str, folder: &str) -> bool {
    line.match_indices(folder).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        !before.is_some_and(|c| c.is_alphanumeric() || "._-/:*}".contains(c))
    })
}

/// The text without comments and with every `use` of several things written out.
fn code(text: &str) -> String {
    let bare: String = text
        .lines()
        .map(|line| line.split("//").next().unwrap_or_default().to_owned() + "\n")
        .collect();
    let mut out = bare.clone();
    for tree in bare.split("use ").skip(1) {
        let tree: String = tree.split(';').next().unwrap_or_default().split_whitespace().collect();
        written_out("", &tree, &mut out);
    }
    out
}

/// Appends one line for each path of a `use` tree.
fn written_out(before: &str, tree: &str, out: &mut String) {
    let Some((head, rest)) = tree.split_once('{') else {
        out.extend([before, tree, ";\n"]);
        return;
    };
    let (mut depth, mut start) = (0_usize, 0_usize);
    for (at, c) in rest.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth > 0 => depth -= 1,
            ',' | '}' if depth == 0 => {
                written_out(&format!("{before}{head}"), &rest[start..at], out);
                start = at + 1;
                if c == '}' {
                    break;
                }
            }
            _ => {}
        }
    }
}

/// Whether the code holds the word by itself, not as a part of another name.
fn names(code: &str, word: &str) -> bool {
    let part_of_name = |c: char| c.is_alphanumeric() || c == '_';
    code.match_indices(word).any(|(at, _)| {
        let (before, after) = (&code[..at], &code[at + word.len()..]);
        !before.ends_with(part_of_name) && !after.starts_with(part_of_name)
    })
}

/// Whether the code of the file at `path` reaches a floor, from the crate's root or through it.
fn imports(path: &Path, code: &str, floor: &str) -> bool {
    let inside = path.iter().skip_while(|part| *part != "src").count().saturating_sub(1);
    let depth = if path.ends_with("mod.rs") { inside - 1 } else { inside };
    // A module of tests inside the file stands one deeper.
    let ways = [depth, depth + 1].map(|depth| "super::".repeat(depth));
    let from_root = names(code, &format!("crate::{floor}"));
    let through = ways.iter().any(|way| {
        let target = format!("{way}{floor}");
        let holds =
            |line: &str| names(line, &target) && !line.contains(&format!("super::{target}"));
        code.lines().any(holds)
    });
    from_root || through
}
