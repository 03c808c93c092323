//! `pin` on the command line: what is written, what is not, and how every run ends.
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
    os::unix::fs::MetadataExt,
    path::Path,
    process::{Command, Stdio},
};

use common::{NAME, Registry, Served, fixture, reply_of, server::Server};
use pinning::{digest, folder, moving, names, one, pin, pin_with, pod, read, serve};

#[test]
fn what_is_proved_is_shown_then_written_and_then_left_alone() {
    let registry = serve(&[(NAME, "native/layout")]);
    let (folder, old) = one("proved", &registry.addr(), NAME);
    let digest = Registry::digest_of(&fixture("native/layout"), "4.0.0").to_string();
    let new = old.replace(":4.0.0\"", &format!(":4.0.0@{digest}\""));
    let checked = pin(&folder, "pod.yaml DEMANDED --check");
    assert_eq!(checked.code, 1, "{checked:?}");
    let line =
        format!("pod.yaml:8: {}/{NAME}:4.0.0: unpinned; {digest} is proved\n", registry.addr());
    assert_eq!(checked.out, line);
    let shown = pin(&folder, "pod.yaml DEMANDED");
    assert_eq!((shown.code, read(&folder, "pod.yaml")), (0, old.clone()), "{shown:?}");
    assert!(shown.out.starts_with("--- ") && shown.out.contains(&digest), "{shown:?}");
    // The diff says exactly what --write does.
    let patched = folder.join("patched.yaml");
    fs::copy(folder.join("pod.yaml"), &patched).unwrap();
    apply(&shown.out, &patched);
    assert_eq!(read(&folder, "patched.yaml"), new);
    fs::remove_file(&patched).unwrap();
    let written = pin(&folder, ". DEMANDED --write");
    assert_eq!((written.code, read(&folder, "pod.yaml")), (0, new.clone()), "{written:?}");
    assert_eq!(written.out, "");
    let checked = pin(&folder, "pod.yaml DEMANDED --check");
    assert_eq!((checked.code, checked.out.as_str()), (0, ""), "{checked:?}");
    let before = fs::metadata(folder.join("pod.yaml")).unwrap();
    let again = pin(&folder, "pod.yaml DEMANDED --write");
    let after = fs::metadata(folder.join("pod.yaml")).unwrap();
    assert_eq!((again.code, read(&folder, "pod.yaml")), (0, new), "{again:?}");
    assert_eq!((before.ino(), before.mtime_nsec()), (after.ino(), after.mtime_nsec()));
    assert_eq!(names(&folder), ["pod.yaml"]);
}

/// `patch`, where this machine has it.
fn apply(diff: &str, file: &Path) {
    let spawned = Command::new("patch")
        .arg("--binary")
        .arg(file)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn();
    let Ok(mut child) = spawned else {
        let new =
            diff.lines().find_map(|line| line.strip_prefix('+').filter(|l| !l.starts_with("++")));
        let old =
            diff.lines().find_map(|line| line.strip_prefix('-').filter(|l| !l.starts_with("--")));
        let text = fs::read_to_string(file).unwrap().replace(old.unwrap(), new.unwrap());
        return fs::write(file, text).unwrap();
    };
    std::io::Write::write_all(&mut child.stdin.take().unwrap(), diff.as_bytes()).unwrap();
    assert!(child.wait().unwrap().success());
}

#[test]
fn a_tag_that_moves_while_it_is_looked_at_stops_the_write() {
    let server = moving(1, || ());
    let (folder, old) = one("moved", &server.host(), NAME);
    let other = serve(&[(NAME, "native/layout")]);
    fs::write(folder.join("b.yaml"), pod(&[format!("{}/{NAME}:4.0.0", other.addr())])).unwrap();
    let said = pin(&folder, ". DEMANDED --write");
    assert_eq!(said.code, 1, "{said:?}");
    assert_eq!(read(&folder, "pod.yaml"), old);
    for words in ["pod.yaml:8:", "tag-moved", &digest("before"), &digest("after")] {
        assert!(said.err.contains(words), "{words}: {said:?}");
    }
    // What has not moved is written all the same.
    assert!(read(&folder, "b.yaml").contains("@sha256:"), "{said:?}");
    assert_eq!(server.count("/manifests/4.0.0"), 2);
}

#[test]
fn a_tag_that_is_elsewhere_than_its_digest_is_said_and_never_followed() {
    let server = moving(0, || ());
    let folder = folder("elsewhere");
    let text = pod(&[format!("{}/{NAME}:4.0.0@{}", server.host(), digest("before"))]);
    fs::write(folder.join("pod.yaml"), &text).unwrap();
    for mode in ["", "--check", "--write", "--write --update ^4"] {
        let said = pin(&folder, &format!("pod.yaml DEMANDED {mode}"));
        assert_eq!((said.code, read(&folder, "pod.yaml")), (1, text.clone()), "{mode}: {said:?}");
        let told = if mode == "--check" { &said.out } else { &said.err };
        assert!(told.contains("moved: its tag 4.0.0 points at") && told.contains(&digest("after")));
        assert!(told.contains("which is proved"), "{mode}: {said:?}");
    }
    // Both states of the tag are right where only the digest is written.
    let alone = text.replace(":4.0.0@", "@");
    fs::write(folder.join("pod.yaml"), &alone).unwrap();
    let said = pin(&folder, "pod.yaml DEMANDED --check");
    assert_eq!((said.code, said.out.as_str()), (0, ""), "{said:?}");
}

/// Fixture, flags, exit codes of a run, of a check and of a write, a part of what is said.
const STANDING: &[(&str, &str, u8, u8, &str)] = &[
    ("native", "--certificate-identity nobody --certificate-oidc-issuer x", 1, 1, "refuted"),
    ("unsigned", "DEMANDED", 4, 1, "absent"),
    ("tampered-signature", "DEMANDED", 1, 1, "refuted"),
    ("tampered-cut", "DEMANDED", 3, 1, "undecided"),
    ("native", "DEMANDED --platform linux/amd64", 4, 1, "absent"),
    ("native", "DEMANDED --platform plan9/amd64", 4, 1, "plan9"),
    // No policy for it: never a pin, but with --unverified, and then never of what is refuted.
    ("native", "", 3, 1, "no policy for it"),
    ("tampered-signature", "--unverified", 1, 1, "refuted"),
    ("native", "--unverified --platform plan9/amd64", 4, 1, "plan9"),
    // A policy is not waived by it.
    ("unsigned", "DEMANDED --unverified", 4, 1, "absent"),
];

#[test]
fn what_is_not_proved_is_never_written() {
    for (case, flags, code, check, words) in STANDING {
        let registry = serve(&[(NAME, &format!("{case}/layout"))]);
        let (folder, old) = one("standing", &registry.addr(), NAME);
        for (mode, code) in [("", code), ("--write", code), ("--check", check)] {
            let said = pin(&folder, &format!("pod.yaml {flags} {mode}"));
            assert_eq!(said.code, i32::from(*code), "{case} {flags} {mode}: {said:?}");
            assert_eq!(read(&folder, "pod.yaml"), old, "{case} {flags} {mode}");
            let told = if mode == "--check" { &said.out } else { &said.err };
            assert!(
                told.contains("pod.yaml:8: ") && told.contains(words),
                "{case} {mode}: {said:?}"
            );
        }
    }
}

#[test]
fn a_platform_is_pinned_only_where_it_is_asked_for_and_proved_itself() {
    let registry = serve(&[(NAME, "child-attestation/layout")]);
    let (folder, old) = one("platform", &registry.addr(), NAME);
    let index = Registry::digest_of(&fixture("child-attestation/layout"), "4.0.0").to_string();
    // The index is signed; of its children one has an SBOM, and none a signature.
    let said = pin(&folder, "pod.yaml DEMANDED --platform linux/amd64 --write");
    assert_eq!((said.code, read(&folder, "pod.yaml")), (4, old.clone()), "{said:?}");
    let child = "pod.yaml DEMANDED --type cyclonedx --platform linux/amd64";
    let said = pin(&folder, &format!("{child} --write"));
    let new = read(&folder, "pod.yaml");
    assert_eq!(said.code, 0, "{said:?}");
    assert!(new.contains(":4.0.0@sha256:") && !new.contains(&index), "{new}");
    // A child of what the tag points at has not moved, whoever asks.
    for flags in [child, "pod.yaml DEMANDED --type cyclonedx"] {
        let said = pin(&folder, &format!("{flags} --check"));
        assert_eq!((said.code, said.out.as_str()), (0, ""), "{flags}: {said:?}");
    }
    fs::write(folder.join("pod.yaml"), &old).unwrap();
    let said = pin(&folder, "pod.yaml DEMANDED --write");
    assert!(said.code == 0 && read(&folder, "pod.yaml").contains(&index), "{said:?}");
}

#[test]
fn what_nobody_vouches_for_is_marked_where_it_is_accepted() {
    let registry = serve(&[(NAME, "unsigned/layout")]);
    let (folder, old) = one("unverified", &registry.addr(), NAME);
    let said = pin(&folder, "pod.yaml --unverified --write");
    assert_eq!(said.code, 0, "{said:?}");
    let new = read(&folder, "pod.yaml");
    assert!(new.contains("@sha256:") && new.contains("# NOT proved by sigscope"), "{new}");
    assert!(said.err.contains("NOT proved"), "{said:?}");
    assert_eq!(new.lines().count(), old.lines().count());
    let said = pin(&folder, "pod.yaml --unverified --check");
    assert_eq!((said.code, said.out.as_str()), (0, ""), "{said:?}");
    let said = pin(&folder, "pod.yaml --check");
    assert_eq!(said.code, 3, "{said:?}");
    pin(&folder, "pod.yaml --unverified --write");
    assert_eq!(read(&folder, "pod.yaml"), new);
}

#[test]
fn a_registry_that_is_down_holds_up_nothing_but_its_own() {
    let registry = serve(&[(NAME, "native/layout")]);
    let folder = folder("down");
    let down = "127.0.0.1:1/enix/x:1".to_owned();
    let text = pod(&[down.clone(), format!("{}/{NAME}:4.0.0", registry.addr()), down]);
    fs::write(folder.join("pod.yaml"), &text).unwrap();
    let said = pin(&folder, "pod.yaml DEMANDED --write");
    assert_eq!(said.code, 3, "{said:?}");
    let new = read(&folder, "pod.yaml");
    assert_eq!(new.matches("@sha256:").count(), 1, "{new}");
    assert_eq!(new.matches("\"127.0.0.1:1/enix/x:1\"").count(), 2);
    assert!(said.err.contains("pod.yaml:8: 127.0.0.1:1/enix/x:1: undecided"), "{said:?}");
    assert!(said.err.contains("2 references: 1 proved, 1 undecided"), "{said:?}");
}

const PROFILES: &str = r#"
[profile.enix]
identities = [ { identity = "RELEASE", issuer = "ISSUER" } ]
images = ["HOST/enix/*"]

[profile.strangers]
identities = [ { identity = "nobody", issuer = "ISSUER" } ]
images = ["HOST/other/**", "HOST/*/x509*"]
"#;

#[test]
fn the_config_file_says_which_policy_is_for_which_image() {
    let registry = serve(&[
        (NAME, "native/layout"),
        ("other/deep/x", "native/layout"),
        ("third/x", "native/layout"),
    ]);
    let folder = folder("profiles");
    let image = |name: &str| format!("{}/{name}:4.0.0", registry.addr());
    let config = PROFILES.replace("HOST", &registry.addr());
    fs::write(folder.join("both.yaml"), pod(&[image(NAME)])).unwrap();
    let said = pin_with(&config, &folder, "both.yaml --write");
    assert_eq!(said.code, 2, "{said:?}");
    assert!(said.err.contains("enix (") && said.err.contains("strangers ("), "{said:?}");
    assert_eq!(registry.server.requests().len(), 0);
    // One that is named, or flags, hold for every image.
    let named = format!(
        "both.yaml --profile enix --trusted-root {}",
        fixture("trusted_root.json").display()
    );
    assert_eq!(pin_with(&config, &folder, &named).code, 0);
    let own = PROFILES.replace(", \"HOST/*/x509*\"", "").replace("HOST", &registry.addr());
    let text = pod(&[image(NAME), image("other/deep/x"), image("third/x")]);
    fs::write(folder.join("three.yaml"), &text).unwrap();
    let said = pin_with(&own, &folder, "three.yaml --write");
    assert_eq!(said.code, 1, "{said:?}");
    assert_eq!(read(&folder, "three.yaml").matches("@sha256:").count(), 1);
    let counted = "3 references: 1 proved, 1 no policy for it, 1 refuted";
    assert!(said.err.contains(counted), "{said:?}");
    let said = pin_with(&own, &folder, "three.yaml --write --unverified");
    assert_eq!(said.code, 1, "{said:?}");
    let new = read(&folder, "three.yaml");
    assert_eq!((new.matches("@sha256:").count(), new.matches("# NOT proved").count()), (2, 1));
    // JSON has no comments: what would need one is not written, and keeps no other from being.
    let image = |name: &str| format!(r#"{{"name": "a", "image": "{}"}}"#, image(name));
    let json = format!(
        r#"{{"apiVersion": "v1", "kind": "Pod", "spec": {{"containers": [{}, {}]}}}}"#,
        image("third/x"),
        image(NAME)
    );
    fs::write(folder.join("pod.json"), &json).unwrap();
    for mode in ["", "--write"] {
        let said = pin_with(&own, &folder, &format!("pod.json --unverified {mode}"));
        assert!(said.code == 3 && said.err.contains("written: "), "{mode}: {said:?}");
    }
    let new = read(&folder, "pod.json");
    assert_eq!((new.matches("@sha256:").count(), new.contains("third/x:4.0.0\"")), (1, true));
    for (broken, words) in [
        (own.replace("/other/**", ""), "HOST/**"),
        (own.replace("images", "image"), "malformed"),
        ("[profile.x]\nimages = [\"**\"]".to_owned(), "names no signer"),
    ] {
        let said = pin_with(&broken, &folder, "three.yaml");
        assert!(said.code == 3 && said.err.contains(words), "{words}: {said:?}");
    }
}

/// A registry of one repository with these tags: `old` and `new` are signed, `unsigned` is not.
fn tagged(tags: &[(&str, &str)]) -> Server {
    let mut served = Served::read(fixture("moved-tag/after"));
    let index: serde_json::Value = {
        let digest = digest("after");
        let hex = digest.trim_start_matches("sha256:");
        let path = fixture("moved-tag/after").join("blobs/sha256").join(hex);
        serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
    };
    let child = index["manifests"][0]["digest"].as_str().unwrap().to_owned();
    served.tags.clear();
    for (tag, content) in tags {
        let content = match *content {
            "old" => digest("before"),
            "new" => digest("after"),
            _ => child.clone(),
        };
        served.tags.insert((*tag).to_owned(), content);
    }
    let repositories = std::collections::BTreeMap::from([(NAME.to_owned(), served)]);
    Server::start(move |request| reply_of(&repositories, request))
}

/// What is written, flags, exit code, what stands there afterwards (`=`: as before), what is said.
type Updated = (&'static str, &'static str, i32, &'static str, &'static str);

#[test]
fn the_newest_tag_that_is_proved_takes_the_place_of_an_older_one() {
    let server = tagged(&[
        ("4.0.0", "old"),
        ("4.1.0", "new"),
        ("4.1.0-alpine", "old"),
        ("4.2.0", "unsigned"),
        ("4.3.0-rc.1", "new"),
        ("5.0.0", "new"),
        ("4", "new"),
        ("latest", "new"),
    ]);
    let folder = folder("update");
    let (old, new) = (digest("before"), digest("after"));
    let rows: [Updated; 9] = [
        (":4.0.0", "--update ^4", 1, ":4.1.0@NEW", "skipped 4.2.0: absent"),
        (":4.0.0@OLD", "--update ^4 --skip-failing", 0, ":4.1.0@NEW", "skipped 4.2.0: absent"),
        (":4.0.0@OLD", "--update ~4.1", 0, ":4.1.0@NEW", ""),
        (":4.0.0", "--update ^4-0", 0, ":4.3.0-rc.1@NEW", ""),
        // Never an older one, and nothing where nothing newer fits.
        (":5.0.0@NEW", "--update ^4", 0, "=", ""),
        (":4.1.0@NEW", "--update ~4.1", 0, "=", ""),
        // What moves with every release is followed; what has no version is pinned and not updated.
        (":4@OLD", "--update ^4", 0, ":4@NEW", ""),
        (":latest", "--update ^4", 0, ":latest@NEW", "its tag is no version"),
        ("@OLD", "--update ^4", 0, "=", "its tag is no version"),
    ];
    for (before, flags, code, after, words) in rows {
        let row = format!("{before} {flags}");
        let image = |text: &str| {
            let text = text.replace("OLD", &old).replace("NEW", &new);
            pod(&[format!("{}/{NAME}{text}", server.host())])
        };
        fs::write(folder.join("pod.yaml"), image(before)).unwrap();
        let checked = pin(&folder, &format!("pod.yaml DEMANDED --check {flags}"));
        let said = pin(&folder, &format!("pod.yaml DEMANDED --write {flags}"));
        let wanted = image(if after == "=" { before } else { after });
        assert_eq!(said.code, code, "{row}: {said:?}");
        assert_eq!(read(&folder, "pod.yaml"), wanted, "{row}: {said:?}");
        assert!(said.err.contains(words), "{row}: {said:?}");
        assert_eq!(checked.code, i32::from(after != "="), "{row}: {checked:?}");
    }
}

#[test]
fn a_wrong_command_line_asks_nobody() {
    let registry = serve(&[(NAME, "native/layout")]);
    let (folder, old) = one("usage", &registry.addr(), NAME);
    for (line, words) in [
        ("pod.yaml DEMANDED --check --write", "exclude each other"),
        ("pod.yaml DEMANDED --skip-failing", "--update"),
        ("pod.yaml DEMANDED --update ^x.y", "--update"),
        ("pod.yaml DEMANDED --bundle x", "--bundle goes with"),
        ("pod.yaml DEMANDED --strict", "--strict goes with"),
        ("pod.yaml DEMANDED --platform linux", "os/arch"),
        ("pod.yaml --certificate-identity x", "issuer"),
        ("DEMANDED", "required"),
    ] {
        let said = pin(&folder, line);
        assert!(said.code == 2 && said.err.contains(words), "{line}: {said:?}");
    }
    assert_eq!(registry.server.requests().len(), 0);
    assert_eq!(read(&folder, "pod.yaml"), old);
    fs::write(folder.join("demo.yaml"), pod(&["demo.invalid/lighthouse/beacon:1".into()])).unwrap();
    let said = pin(&folder, "demo.yaml --unverified --write");
    assert!(said.code == 3 && said.err.contains("nothing of it is pinned"), "{said:?}");
}
