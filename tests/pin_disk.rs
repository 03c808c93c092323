//! `pin` and the disk: links, read-only files, files that change, files that are none of ours.
#![allow(clippy::unwrap_used, missing_docs, reason = "a test that cannot go on panics")]

mod common;
#[path = "common/pinning.rs"]
mod pinning;

use std::{
    fs,
    os::unix::fs::{PermissionsExt, symlink},
    process::Command,
};

use common::{NAME, Registry, fixture, reply_of, server::Server};
use pinning::{folder, names, one, pin, pod, read, serve};
use sigscope::{
    inspect::pin::{Bounds, Target, walk},
    net::files::LocalFiles,
};

#[test]
fn files_that_must_not_be_written_are_not() {
    let registry = serve(&[(NAME, "native/layout")]);
    let (folder, old) = one("files", &registry.addr(), NAME);
    let outside = pinning::folder("files-outside");
    fs::write(outside.join("far.yaml"), &old).unwrap();
    fs::create_dir(folder.join("real")).unwrap();
    fs::write(folder.join("real/near.yaml"), &old).unwrap();
    symlink("real/near.yaml", folder.join("a-link.yaml")).unwrap();
    symlink(outside.join("far.yaml"), folder.join("out.yaml")).unwrap();
    symlink(&outside, folder.join("away")).unwrap();
    symlink("..", folder.join("real/circle")).unwrap();
    fs::set_permissions(folder.join("pod.yaml"), fs::Permissions::from_mode(0o444)).unwrap();
    for hidden in [".git", "node_modules", ".hidden"] {
        fs::create_dir(folder.join(hidden)).unwrap();
        fs::write(folder.join(hidden).join("x.yaml"), &old).unwrap();
    }
    let said = pin(&folder, ". DEMANDED --write");
    assert_eq!(said.code, 3, "{said:?}");
    for words in ["pod.yaml: not written: it is read-only", "out.yaml: a link that leads out"] {
        assert!(said.err.contains(words), "{words}: {said:?}");
    }
    assert_eq!(read(&folder, "pod.yaml"), old);
    assert_eq!(read(&outside, "far.yaml"), old);
    assert!(read(&folder, "real/near.yaml").contains("@sha256:"), "{said:?}");
    assert!(fs::symlink_metadata(folder.join("a-link.yaml")).unwrap().is_symlink());
    for hidden in [".git", "node_modules", ".hidden"] {
        assert_eq!(read(&folder.join(hidden), "x.yaml"), old);
    }
    // A link that is named is not followed out of its folder either.
    let said = pin(&folder, "out.yaml DEMANDED --write");
    assert_eq!((said.code, read(&outside, "far.yaml")), (3, old), "{said:?}");
}

#[test]
fn a_file_that_changed_while_it_was_looked_at_is_not_overwritten() {
    let folder = folder("changed");
    let path = folder.join("pod.yaml");
    let edited = path.clone();
    // Somebody saves it at the moment of the second question, with the same content but a letter.
    let server = Server::start(move |request| {
        let states = Registry::repositories(&[(NAME, fixture("native/layout"))]);
        if request.number > 0 && request.target.ends_with("/manifests/4.0.0") {
            let text = fs::read_to_string(&edited).unwrap();
            fs::write(&edited, text.replace("# kept", "# KEPT")).unwrap();
        }
        reply_of(&states, request)
    });
    fs::write(&path, pod(&[format!("{}/{NAME}:4.0.0", server.host())])).unwrap();
    let said = pin(&folder, "pod.yaml DEMANDED --write");
    assert_eq!(said.code, 3, "{said:?}");
    assert!(said.err.contains("it changed since it was read; nothing was written"), "{said:?}");
    let text = read(&folder, "pod.yaml");
    assert!(text.contains("# KEPT") && !text.contains("sha256"), "{text}");
    assert_eq!(names(&folder), ["pod.yaml"]);
}

#[test]
fn what_is_no_manifest_is_told_by_who_named_it() {
    let folder = folder("unread");
    fs::write(folder.join("bad.yaml"), "a: [1, 2\nb: }").unwrap();
    fs::write(folder.join("binary.yaml"), [0xff, 0xfe, 0x00, 0x80]).unwrap();
    let large = fs::File::create(folder.join("large.json")).unwrap();
    large.set_len(50 << 20).unwrap();
    // Nobody knows what is in it. Of JSON in a folder: a lock file is none of ours.
    for name in ["bad.yaml", "binary.yaml", "large.json", "nothing.yaml"] {
        let said = pin(&folder, &format!("{name} DEMANDED --check"));
        assert!(said.code == 3 && said.err.contains(&format!("{name}: ")), "{name}: {said:?}");
    }
    let said = pin(&folder, ". DEMANDED --check");
    assert_eq!(said.code, 3, "{said:?}");
    for (name, word) in [("bad.yaml", ""), ("binary.yaml", ""), ("large.json", "warning: ")] {
        assert!(said.err.contains(&format!("sigscope: {word}./{name}: ")), "{name}: {said:?}");
    }
    assert!(said.err.contains("no reference to an image was found"), "{said:?}");
    // A pipe has no end, and nobody waits for it.
    let pipe = folder.join("pipe.yaml");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    for line in [".", "pipe.yaml"] {
        let said = pin(&folder, &format!("{line} DEMANDED"));
        assert!(said.code == 3 && said.err.contains("not a regular file"), "{line}: {said:?}");
    }
}

#[test]
fn a_screen_obeys_nothing_of_a_file_and_a_pipe_gets_every_byte() {
    let registry = serve(&[(NAME, "native/layout")]);
    let folder = folder("harmless");
    let path = folder.join("pod.yaml");
    let evil = "# \u{9b}31m \u{202e}evil\r\n";
    fs::write(&path, pod(&[format!("{}/{NAME}:4.0.0", registry.addr())]) + evil).unwrap();
    let piped = pin(&folder, "pod.yaml DEMANDED");
    assert!(piped.code == 0 && piped.out.contains(evil), "{piped:?}");
    let (mut out, mut err) = (vec![], vec![]);
    let mut console = sigscope::cli::Console { out: &mut out, err: &mut err, terminal: true };
    let root = fixture("trusted_root.json");
    let argv = [
        "sigscope",
        "pin",
        "--no-cache",
        "--offline",
        path.to_str().unwrap(),
        "--trusted-root",
        root.to_str().unwrap(),
        "--certificate-identity",
        pinning::RELEASE,
        "--certificate-oidc-issuer",
        pinning::ISSUER,
    ];
    assert_eq!(sigscope::cli::run(argv.map(Into::into), &mut console), 0);
    let shown = String::from_utf8(out).unwrap();
    assert!(shown.contains("@sha256:") && shown.contains("evil"), "{shown}");
    assert!(!shown.contains(|c: char| c != '\n' && (c.is_control() || c == '\u{202e}')), "{shown}");
}

#[tokio::test]
async fn a_walk_ends_and_says_where() {
    let folder = folder("walked");
    let text = pod(&["ghcr.io/a/b:1".to_owned()]);
    for name in ["a.yaml", "b/c/d.yml", "b/Dockerfile", ".github/workflows/ci.yaml", "b/notes.md"] {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        let text = if name.ends_with("file") { "FROM ghcr.io/a/b:1\n" } else { &text };
        fs::write(path, text).unwrap();
    }
    symlink("a.yaml", folder.join("z.yaml")).unwrap();
    let all = Bounds::default();
    // Bounds, the files that are found, and words about what was not read.
    for (bounds, found, words) in [
        (all.clone(), 4, ""),
        (Bounds { depth: 1, ..all.clone() }, 2, "more than 1 folders deep"),
        (Bounds { entries: 4, ..all.clone() }, 1, "more than 4 entries in all folders; not read"),
        (Bounds { entries: 3, ..all.clone() }, 0, "more than 3 entries in all folders"),
        (Bounds { bytes: text.len() as u64, ..all }, 1, "too many bytes in all files together"),
    ] {
        // Named twice, and once more by itself: read once.
        let targets = [Target::Folder(folder.clone()), Target::File(folder.join("a.yaml"))];
        let walked = walk(&targets, &bounds, &LocalFiles).await;
        let paths: Vec<_> = walked.sources.iter().map(|source| &source.path).collect();
        let named = usize::from(found == 0);
        assert_eq!(paths.len(), found + named, "{bounds:?}: {paths:?}");
        let told: Vec<_> = walked.troubles.iter().map(|trouble| &trouble.words).collect();
        assert_eq!(told.is_empty(), words.is_empty(), "{bounds:?}: {told:?}");
        assert!(told.iter().all(|told| told.contains(words)), "{bounds:?}: {told:?}");
        assert!(walked.troubles.iter().all(|trouble| trouble.undecided));
    }
}

/// A file of every kind, and how often the image stands in it.
const KINDS: &[(&str, usize, &str)] = &[
    (
        "deploy.yaml",
        2,
        "apiVersion: apps/v1\nkind: Deployment\nspec:\n  template:\n    spec:\n      initContainers:\n      - image: 'IMAGE:4.0.0'\n      containers:\n      - image: IMAGE:4.0.0 # c\n",
    ),
    ("values.yaml", 1, "image:\n  registry: HOST\n  repository: NAME\n  tag: \"4.0.0\"\n"),
    (
        "k/kustomization.yaml",
        1,
        "kind: Kustomization\nimages:\n- name: x\n  newName: IMAGE\n  newTag: 4.0.0\n",
    ),
    ("compose.yaml", 1, "services:\n  a:\n    image: IMAGE:4.0.0\n"),
    ("Dockerfile", 1, "FROM IMAGE:4.0.0 AS build\nFROM build\nCOPY --from=build /a /b\n"),
    (
        ".github/workflows/ci.yml",
        2,
        "on: push\njobs:\n  a:\n    container: IMAGE:4.0.0\n    steps:\n    - uses: docker://IMAGE:4.0.0\n",
    ),
];

#[test]
fn every_kind_of_file_is_pinned_once_and_is_then_right() {
    let registry = serve(&[(NAME, "native/layout")]);
    let folder = folder("kinds");
    let (host, image) = (registry.addr(), format!("{}/{NAME}", registry.addr()));
    for (name, _, text) in KINDS {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        let text = text.replace("IMAGE", &image).replace("HOST", &host).replace("NAME", NAME);
        fs::write(path, text).unwrap();
    }
    let all = |folder: &std::path::Path| -> Vec<String> {
        KINDS.iter().map(|(name, ..)| read(folder, name)).collect()
    };
    let before = all(&folder);
    let places: usize = KINDS.iter().map(|(_, number, _)| number).sum();
    let checked = pin(&folder, ". DEMANDED --check");
    assert_eq!((checked.code, checked.out.lines().count()), (1, places), "{checked:?}");
    let shown = pin(&folder, ". DEMANDED");
    assert_eq!((shown.code, all(&folder)), (0, before.clone()), "{shown:?}");
    let written = pin(&folder, ". DEMANDED --write");
    assert_eq!(written.code, 0, "{written:?}");
    let after = all(&folder);
    for (((name, number, _), before), after) in KINDS.iter().zip(&before).zip(&after) {
        assert_eq!(after.matches("sha256:").count(), *number, "{name}: {after}");
        let kept = before.lines().filter(|line| after.lines().any(|own| own == *line)).count();
        assert!(kept + number >= before.lines().count(), "{name}: {after}");
    }
    let checked = pin(&folder, ". DEMANDED --check");
    assert_eq!((checked.code, checked.out.as_str()), (0, ""), "{checked:?}");
    let again = pin(&folder, ". DEMANDED --write");
    assert_eq!((again.code, all(&folder)), (0, after), "{again:?}");
    assert!(!again.err.contains("wrote"), "{again:?}");
    // All of them are one reference: its tag was asked for once a run, and before each file once more.
    let tags = registry.server.count("/manifests/4.0.0");
    assert_eq!(tags, 5 + KINDS.len(), "{tags}");
}
