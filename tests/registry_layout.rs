//! Layouts, files and the demonstration: the same questions as to a registry, without a network.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod common;

use std::{
    fs,
    path::{Path, PathBuf},
    sync::atomic::{AtomicUsize, Ordering},
};

use common::{fixture, quick, sought};
use sigscope::{
    domain::{Digest, Reference, Repository, Tag, Verdict, reference::Pointer},
    inspect::{Files, Registry, RegistryError, Source},
    net::{Router, demo, files::LocalFiles},
};

const INDEX: &str = "application/vnd.oci.image.index.v1+json";

fn tag(text: &str) -> Pointer {
    Pointer::Tag(Tag::parse(text).unwrap())
}

/// A folder that ends with this value.
struct Scratch(PathBuf);

impl Scratch {
    fn new() -> Self {
        static NUMBER: AtomicUsize = AtomicUsize::new(0);
        let number = NUMBER.fetch_add(1, Ordering::SeqCst);
        let name = format!("layout-{}-{number}", std::process::id());
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(path.join("blobs/sha256")).unwrap();
        fs::write(path.join("oci-layout"), r#"{"imageLayoutVersion":"1.0.0"}"#).unwrap();
        Self(path)
    }

    fn blob(&self, bytes: &[u8]) -> Digest {
        let digest = Digest::sha256(bytes);
        fs::write(self.path(&digest), bytes).unwrap();
        digest
    }

    fn path(&self, digest: &Digest) -> PathBuf {
        self.0.join("blobs/sha256").join(digest.hex())
    }

    /// Writes an index of (digest, ref name).
    fn index(&self, entries: &[(&Digest, &str)]) {
        let one = |(digest, name): &(&Digest, &str)| {
            serde_json::json!({"mediaType": INDEX, "digest": digest.to_string(), "size": 1,
                "annotations": {"org.opencontainers.image.ref.name": name}})
        };
        let all: Vec<_> = entries.iter().map(one).collect();
        let index = serde_json::json!({"schemaVersion": 2, "manifests": all});
        fs::write(self.0.join("index.json"), index.to_string()).unwrap();
    }

    fn repository(&self) -> Repository {
        Repository::Layout(self.0.clone())
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Packs a folder as tools do, with `./` in front.
fn pack(folder: &Path, to: &Path) {
    let mut tar = tar::Builder::new(fs::File::create(to).unwrap());
    tar.append_dir_all(".", folder).unwrap();
    tar.finish().unwrap();
}

#[tokio::test]
async fn a_folder_and_a_tar_answer_alike() {
    let scratch = Scratch::new();
    for (case, number, source) in [
        ("native", 3, Source::Referrer),
        ("fallback", 3, Source::Referrer),
        ("hostile-referrers", 501, Source::Referrer),
    ] {
        let folder = fixture(case).join("layout");
        let packed = scratch.0.join(format!("{case}.tar"));
        pack(&folder, &packed);
        let router = Router::new(quick());
        let mut answers = Vec::new();
        for path in [folder, packed] {
            let at = Repository::Layout(path);
            let resolved = router.manifest(&at, &tag("4.0.0")).await.unwrap();
            let digest = resolved.descriptor.digest.clone();
            let listing = router.referrers(&sought(&at, &digest)).await;
            assert!(listing.complete(), "{case}: {:?}", listing.notes);
            assert_eq!(listing.found.len(), number, "{case}");
            let first = &listing.found[0];
            assert!(first.source == source || case == "fallback", "{case}");
            let pointer = Pointer::Digest(first.descriptor.digest.clone());
            let fetched = router.manifest(&at, &pointer).await.unwrap();
            assert_eq!(fetched.descriptor.size, first.descriptor.size);
            assert!(router.legacy_tags(&sought(&at, &digest)).await.complete());
            let tags = router.tags(&at, None).await.unwrap();
            assert!(tags.next.is_none() && tags.odd.is_empty() && !tags.tags.is_empty());
            answers.push((resolved, listing, tags));
        }
        assert!(answers[0] == answers[1], "{case}");
    }
}

#[tokio::test]
async fn what_a_layout_lacks_is_an_error_and_a_missing_tag_is_not_there() {
    let scratch = Scratch::new();
    let (good, other) = (scratch.blob(br#"{"manifests":[]}"#), scratch.blob(br#"{"layers":[]}"#));
    let (gone, wrong) = (Digest::sha256(b"gone"), scratch.blob(b"x"));
    fs::write(scratch.path(&wrong), br#"{"manifests":[ ]}"#).unwrap();
    let big = scratch.blob(&vec![b' '; 10_000_000]);
    let text = scratch.blob(b"<html>");
    let linked = Digest::sha256(b"linked");
    std::os::unix::fs::symlink("/etc/hostname", scratch.path(&linked)).unwrap();
    let folder = Digest::sha256(b"folder");
    fs::create_dir(scratch.path(&folder)).unwrap();
    let fifo = Digest::sha256(b"fifo");
    assert!(
        std::process::Command::new("mkfifo").arg(scratch.path(&fifo)).status().unwrap().success()
    );
    scratch.index(&[
        (&good, "good"),
        (&good, "ghcr.io/x/y:good"),
        (&good, "two"),
        (&other, "two"),
        (&gone, "gone"),
        (&wrong, "wrong"),
        (&big, "big"),
        (&text, "text"),
        (&linked, "linked"),
        (&folder, "folder"),
        (&fifo, "fifo"),
        (&good, "a\u{202e}b"),
    ]);
    let (router, at) = (Router::new(quick()), scratch.repository());
    assert!(router.manifest(&at, &tag("good")).await.is_ok());
    for (name, words, verdict) in [
        ("missing", "there is no", Verdict::Absent),
        ("two", "names both", Verdict::Undecided),
        ("gone", "the layout lacks blob sha256:", Verdict::Undecided),
        ("wrong", "hash to", Verdict::Undecided),
        ("big", "over the limit of 4 MiB", Verdict::Undecided),
        ("text", "not a manifest", Verdict::Undecided),
        ("linked", "leads out of the layout", Verdict::Undecided),
        ("folder", "not a regular file", Verdict::Undecided),
        ("fifo", "not a regular file", Verdict::Undecided),
    ] {
        let error = router.manifest(&at, &tag(name)).await.unwrap_err();
        assert!(error.to_string().contains(words), "{name}: {error}");
        assert_eq!(error.verdict(), verdict, "{name}");
    }
    let tags = router.tags(&at, None).await.unwrap();
    assert_eq!((tags.tags.len(), tags.odd), (9, vec!["a\u{202e}b".to_owned()]));
    // Any entry that cannot be read may be a referrer.
    let listing = router.referrers(&sought(&at, &good)).await;
    assert!(!listing.complete() && listing.notes[0].verdict == Verdict::Undecided);
}

#[tokio::test]
async fn referrers_are_found_by_subject_and_the_others_survive_a_broken_one() {
    let scratch = Scratch::new();
    let image = scratch.blob(br#"{"manifests":[]}"#);
    let about = |n: usize| {
        let text = format!(
            r#"{{"layers":[],"artifactType":"a/{n}","annotations":{{"n":"\u202e"}},
                "subject":{{"mediaType":"x","digest":"{image}","size":16}}}}"#
        );
        scratch.blob(text.as_bytes())
    };
    let (one, two) = (about(1), about(2));
    scratch.index(&[(&image, "1"), (&one, "a b"), (&two, "2")]);
    let at = scratch.repository();
    let listing = Router::new(quick()).referrers(&sought(&at, &image)).await;
    assert!(listing.complete() && listing.found.len() == 2, "{:?}", listing.notes);
    assert_eq!(listing.found[0].descriptor.artifact_type.as_deref(), Some("a/1"));
    fs::write(scratch.path(&one), b"{}").unwrap();
    let router = Router::new(quick());
    let listing = router.referrers(&sought(&at, &image)).await;
    assert!(!listing.complete() && listing.found.len() == 1, "{:?}", listing.notes);
    assert!(router.legacy_tags(&sought(&at, &image)).await.complete());
}

#[tokio::test]
async fn what_is_no_layout_is_said_to_be_none() {
    let scratch = Scratch::new();
    let none = scratch.0.join("none");
    let tar = scratch.0.join("not.tar");
    fs::write(&tar, vec![b'x'; 4096]).unwrap();
    let (version, shape) = (Scratch::new(), Scratch::new());
    fs::write(version.0.join("oci-layout"), r#"{"imageLayoutVersion":"9"}"#).unwrap();
    fs::write(shape.0.join("index.json"), r#"{"layers":[]}"#).unwrap();
    let twice = scratch.0.join("twice.tar");
    let mut builder = tar::Builder::new(fs::File::create(&twice).unwrap());
    for _ in 0..2 {
        let path = fixture("native/layout/index.json");
        builder.append_path_with_name(path, "index.json").unwrap();
    }
    builder.finish().unwrap();
    let cut = scratch.0.join("cut.tar");
    pack(&fixture("native/layout"), &cut);
    let half = fs::metadata(&cut).unwrap().len() / 2;
    fs::File::options().write(true).open(&cut).unwrap().set_len(half).unwrap();
    for (path, words) in [
        (none, "no such folder"),
        (tar, "not a tar file"),
        (scratch.0.clone(), "it has no index.json"),
        (version.0.clone(), "unknown layout version 9"),
        (shape.0.clone(), "index.json is an image"),
        (twice, "two files are called index.json"),
        (cut, "tar file"),
        (PathBuf::from("/dev/null"), "neither a folder nor a regular file"),
    ] {
        let (router, at) = (Router::new(quick()), Repository::Layout(path.clone()));
        let error = router.manifest(&at, &tag("4.0.0")).await.unwrap_err();
        assert!(error.to_string().contains(words), "{}: {error}", path.display());
        assert_eq!(error.verdict(), Verdict::Undecided);
        let listing = router.referrers(&sought(&at, &Digest::sha256(b""))).await;
        assert!(!listing.complete(), "{}", path.display());
    }
}

#[tokio::test]
async fn files_are_regular_and_within_their_limit() {
    let scratch = Scratch::new();
    let (file, fifo) = (scratch.0.join("file"), scratch.0.join("fifo"));
    fs::write(&file, b"abc").unwrap();
    assert!(std::process::Command::new("mkfifo").arg(&fifo).status().unwrap().success());
    assert_eq!(LocalFiles.read(&file, 3).await.unwrap().as_ref(), b"abc");
    for (path, limit) in [(&file, 2), (&fifo, 9), (&scratch.0, 9), (&scratch.0.join("none"), 9)] {
        assert!(LocalFiles.read(path, limit).await.is_err(), "{}", path.display());
    }
    for (keep, kept) in [(3, Some(b"abc".as_slice())), (2, None)] {
        let (digests, bytes) = LocalFiles.hash(&file, keep, &|_, _| ()).await.unwrap();
        assert!(digests.len() == 3 && digests.iter().all(|d| d.matches(b"abc")));
        assert_eq!(bytes.as_deref(), kept);
    }
    assert!(LocalFiles.hash(&fifo, 9, &|_, _| ()).await.is_err());
}

#[tokio::test]
async fn the_demonstration_holds_its_own_and_nothing_else() {
    let demo = demo::demo_registry();
    let at = |text: &str| Reference::parse(text).unwrap().repository;
    let beacon = at("demo.invalid/lighthouse/beacon");
    assert_eq!(demo.tags(&beacon, None).await.unwrap().tags.len(), 12);
    for (repository, name, referrers, legacy) in [
        ("demo.invalid/lighthouse/beacon", "1.2.0", 5, 0),
        ("demo.invalid/lighthouse/beacon", "1.0.0", 0, 2),
        ("demo.invalid/lighthouse/beacon", "nightly", 0, 0),
        ("demo.invalid/lighthouse/charts/beacon", "1.2.0", 1, 0),
    ] {
        let at = at(repository);
        let digest = demo.manifest(&at, &tag(name)).await.unwrap().descriptor.digest;
        let listing = demo.referrers(&sought(&at, &digest)).await;
        assert_eq!((listing.complete(), listing.found.len()), (true, referrers), "{name}");
        let listing = demo.legacy_tags(&sought(&at, &digest)).await;
        assert_eq!((listing.complete(), listing.found.len()), (true, legacy), "{name}");
        assert!(listing.found.iter().all(|r| r.source == Source::LegacyTag && r.tag.is_some()));
    }
    for other in ["ghcr.io/lighthouse/beacon", "demo.invalid/x", "demo.invalid/lighthouse"] {
        let error = demo.manifest(&at(other), &tag("1.2.0")).await.unwrap_err();
        assert!(matches!(error, RegistryError::Malformed { .. }));
        assert!(error.to_string().contains("the demo holds only"), "{error}");
        assert!(!demo.referrers(&sought(&at(other), &Digest::sha256(b""))).await.complete());
    }
    let policy = demo::demo_policy().unwrap();
    assert!(policy.identity_regexp.starts_with("^https://github\\.com/lighthouse-demo/beacon/"));
    assert_eq!(policy.issuer, "https://token.actions.githubusercontent.com");
    assert!(demo::demo_root().starts_with(b"{"));
}
