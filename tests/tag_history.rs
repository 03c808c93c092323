//! The file in which it is kept where tags pointed.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

use std::{fs, os::unix::fs::PermissionsExt, path::PathBuf, thread};

use sigscope::{
    domain::{Digest, Reference, Tag, Timestamp},
    inspect::tags::{Entry, History},
    net::history::FileHistory,
};

fn folder(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&folder);
    folder
}

fn entry(tag: &str, content: &str) -> Entry {
    entry_at(tag, content, 7)
}

fn entry_at(tag: &str, content: &str, second: i64) -> Entry {
    let repository = Reference::parse("ghcr.io/a/b").unwrap().repository;
    let tag = Tag::parse(tag).unwrap();
    let at = Timestamp::from_second(second).unwrap();
    Entry::of(&repository, &tag, &Digest::sha256(content.as_bytes()), at).unwrap()
}

#[test]
fn what_was_remembered_is_read_by_the_owner_alone() {
    let folder = folder("history-kept");
    let history = FileHistory::in_folder(&folder);
    assert_eq!(history.read().1, None, "no file is no trouble");
    history.record(vec![entry("1.0.0", "a")]).unwrap();
    let (ledger, trouble) = history.read();
    assert_eq!((ledger.entries().count(), trouble), (1, None));
    let mode = |path: &std::path::Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&folder.join("tags.json")), mode(&folder)), (0o600, 0o700));
}

#[test]
fn where_a_tag_was_before_it_moved_is_kept_over_later_runs() {
    let folder = folder("history-moved");
    let history = FileHistory::in_folder(&folder);
    for (content, second) in [("a", 7), ("b", 9), ("b", 11)] {
        history.record(vec![entry_at("1.0.0", content, second)]).unwrap();
    }
    let (ledger, trouble) = history.read();
    assert_eq!(trouble, None);
    let (.., seen) = ledger.entries().next().unwrap();
    let before = seen.before.clone().unwrap();
    let seconds = [before.at.as_second(), before.until.as_second(), seen.at.as_second()];
    assert_eq!((before.digest, seconds), (Digest::sha256(b"a"), [7, 9, 11]));
    // What a later program adds is passed over.
    let file = folder.join("tags.json");
    let text = fs::read_to_string(&file).unwrap();
    let more = text.replace("\"moved\":{", "\"x\":1,\"moved\":{\"y\":2,");
    assert_ne!(text, more);
    fs::write(&file, more).unwrap();
    assert_eq!(history.read(), (ledger, None));
}

#[test]
fn a_damaged_or_hostile_history_is_begun_anew_with_a_warning() {
    let digest = Digest::sha256(b"a");
    let line = |repository: &str, tag: &str, digest: &str| {
        format!(
            r#"{{"schema":1,"tags":[{{"repository":"{repository}","tag":"{tag}","digest":"{digest}","at":"2026-01-01T00:00:00Z"}}]}}"#
        )
    };
    let digest = digest.to_string();
    for (row, text) in [
        ("cut", "{\"schema\":1,".to_owned()),
        ("not ours", "[]".to_owned()),
        ("another schema", r#"{"schema":2,"tags":[]}"#.to_owned()),
        ("no repository", line("\\u001b[2J", "1", &digest)),
        ("a layout", line("oci:x", "1", &digest)),
        ("no tag", line("ghcr.io/a/b", "a b", &digest)),
        ("no digest", line("ghcr.io/a/b", "1", "sha256:12")),
        ("no digest before", line("ghcr.io/a/b", "1", &digest).replace("}]}", r#","moved":{"from":"x","seen":"2026-01-01T00:00:00Z","at":"2026-01-01T00:00:00Z"}}]}"#)),
        ("too large", " ".repeat(17 << 20)),
    ] {
        let folder = folder("history-bad");
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("tags.json"), text).unwrap();
        let history = FileHistory::in_folder(&folder);
        let (ledger, trouble) = history.read();
        assert_eq!(ledger.entries().count(), 0, "{row}");
        assert!(trouble.unwrap().contains("begun anew"), "{row}");
        history.record(vec![entry("1.0.0", "a")]).unwrap();
        assert_eq!((history.read().0.entries().count(), history.read().1), (1, None), "{row}");
    }
    let folder = folder("history-file");
    fs::write(&folder, "").unwrap();
    let history = FileHistory::in_folder(&folder);
    assert!(history.record(vec![entry("1", "a")]).unwrap_err().contains("cannot be written"));
}

#[test]
fn several_writers_lose_nothing() {
    let folder = folder("history-many");
    let writers: Vec<_> = (0..8)
        .map(|n| {
            let history = FileHistory::in_folder(&folder);
            thread::spawn(move || history.record(vec![entry(&format!("1.0.{n}"), "a")]).unwrap())
        })
        .collect();
    for writer in writers {
        writer.join().unwrap();
    }
    assert_eq!(FileHistory::in_folder(&folder).read().0.entries().count(), 8);
    let left: Vec<_> = fs::read_dir(&folder).unwrap().flatten().map(|e| e.file_name()).collect();
    assert_eq!(left.len(), 2, "the file and its lock, no half-written one: {left:?}");
}
