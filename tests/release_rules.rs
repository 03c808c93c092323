//! Rules over release folders: several signers and keys, what is forbidden, cosign's ways; and what
//! the folder holds that nobody may overlook.
#![allow(clippy::unwrap_used, missing_docs, reason = "a test that cannot go on panics")]

mod common;
#[path = "common/virtual_sigstore/mod.rs"]
mod virtual_sigstore;

use std::process::Command;

use common::{
    release::{Folder, IDENTITY, ISSUER, rows, verify},
    run::Said,
};
use virtual_sigstore::{
    IDENTITY as OWN, ISSUER as OWN_ISSUER, Key, LogKind, Recipe, SIGNED, Sigstore, pem, time,
};

const AMD64: &str = "x509-certificate-exporter-v4.0.0-linux-amd64.tar.gz";
const DARWIN: &str = "x509-certificate-exporter-v4.0.0-darwin-arm64.tar.gz";
const BUNDLE: &str = "checksums.txt.sigstore.json";
const OTHER: &str = "https://git.virtual.test/other/project/.github/workflows/x.yaml@refs/heads/m";

/// `sigscope verify FOLDER --json` with a config file of its own.
fn with_config(config: &str, folder: &Folder, root: &str, more: &[&str]) -> Said {
    let beside = Folder::new(&format!("{}-config", folder.0.file_name().unwrap().display()));
    let config = beside.write("config.toml", config);
    let output = Command::new(env!("CARGO_BIN_EXE_sigscope"))
        .args(["verify", &folder.0.display().to_string(), "--json", "--offline"])
        .args(["--trusted-root", root])
        .args(more)
        .env("SIGSCOPE_CONFIG", config)
        .output()
        .unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    let code = u8::try_from(output.status.code().unwrap()).unwrap();
    Said { code, out: text(output.stdout), err: text(output.stderr) }
}

/// A folder with the file `a`, and its trust root.
fn own(name: &str, ours: &Sigstore, bundles: &[String]) -> (Folder, String) {
    let folder = Folder::new(name);
    folder.write("a", "the artifact");
    folder.write("a.sigstore.json", bundles.join("\n"));
    let root = Folder::new(&format!("{name}-root"));
    let root = root.write("root.json", ours.trusted_root().to_string());
    (folder, root)
}

fn recipe() -> Recipe {
    Recipe::new("0.3", false, LogKind::HashedRekord001, b"the artifact")
}

#[test]
fn of_several_signers_each_counts_once_over_every_file() {
    let (ours, theirs) = (Sigstore::new(), Sigstore::new());
    let by = |identity: &str| {
        let recipe = Recipe { sans: vec![identity.to_owned()], ..recipe() };
        recipe.make(&ours, &theirs, b"the artifact").to_string()
    };
    let config = format!(
        "[profile.p]\nthreshold = 2\nidentities = [ {{ identity = '{OWN}', issuer = \
         '{OWN_ISSUER}' }}, {{ identity = '{OTHER}', issuer = '{OWN_ISSUER}' }} ]\n"
    );
    for (at, (bundles, code, words)) in [
        (vec![by(OWN), by(OTHER)], 0, "2 of 2 demanded signers, 2 wanted"),
        (vec![by(OWN), by(OWN)], 4, "1 of 2 demanded signers signed, 2 wanted"),
        (vec![by(OWN), by("nobody@virtual.test")], 1, "1 of 2 demanded signers signed"),
        // What cannot be read may be the other one's.
        (vec![by(OWN), "{}".to_owned()], 3, "1 of 2 demanded signers signed"),
    ]
    .into_iter()
    .enumerate()
    {
        let (folder, root) = own(&format!("signers-{at}"), &ours, &bundles);
        let said = with_config(&config, &folder, &root, &["--profile", "p"]);
        assert_eq!(said.code, code, "{at}: {} {}", said.out, said.err);
        assert!(said.out.contains(words), "{at}: {}", said.out);
        // A list that one of two signed vouches for nothing either.
        let listed = Folder::new(&format!("signers-list-{at}"));
        let digest = sigscope::domain::Digest::sha256(b"listed");
        listed.write("listed", "listed");
        listed.write("a", "the artifact");
        listed.write("a.sigstore.json", bundles.join("\n"));
        listed.write("SHA256SUMS", format!("{}  listed\n", digest.hex()));
        let said = with_config(&config, &listed, &root, &["--profile", "p"]);
        assert_eq!(said.code, code, "{at}: {} {}", said.out, said.err);
        assert_ne!(rows(&said)["listed"], "proved", "{at}: {}", said.out);
    }
}

#[test]
fn any_key_of_a_profile_counts_and_each_once() {
    let (ours, theirs) = (Sigstore::new(), Sigstore::new());
    let keys = [Key::p256(), Key::p256(), Key::p256()];
    let beside = Folder::new("profile-keys");
    for (at, key) in keys.iter().enumerate() {
        beside.write(&format!("{at}.pub"), pem("PUBLIC KEY", &key.spki()));
    }
    beside.write("same.pub", pem("PUBLIC KEY", &keys[0].spki()));
    beside.write("broken.pub", "no key");
    let by = |key: &Key| recipe().make_by(&ours, &theirs, b"the artifact", Some(key)).to_string();
    let (first, second) = (by(&keys[0]), by(&keys[1]));
    let hex = |at: usize| sigscope::domain::Digest::sha256(&keys[at].spki()).to_string();
    for (at, (listed, threshold, bundles, code, words)) in [
        (vec!["0", "1"], 1, vec![&second], 0, hex(1)),
        (vec!["1", "0"], 1, vec![&second], 0, hex(1)),
        (vec!["0", "2"], 1, vec![&second], 1, "none of the 2 demanded keys".to_owned()),
        (vec!["0", "1"], 2, vec![&first, &second], 0, "2 of 2 demanded signers".to_owned()),
        (vec!["0", "1", "2"], 2, vec![&second, &first], 0, "2 of 3 demanded signers".to_owned()),
        // One key that signed twice is one of two.
        (vec!["0", "1"], 2, vec![&first, &first], 4, "1 of 2 demanded signers signed".to_owned()),
        (vec!["0", "2"], 2, vec![&first, &second], 1, "1 of 2 demanded signers".to_owned()),
        (vec!["0", "same"], 2, vec![&first, &first], 3, "are the same key".to_owned()),
        (vec!["0", "broken"], 1, vec![&first], 3, "broken.pub".to_owned()),
        (vec!["0", "none"], 1, vec![&first], 3, "cannot be read".to_owned()),
        (vec!["0"], 2, vec![&first], 3, "threshold 2 of 1".to_owned()),
    ]
    .into_iter()
    .enumerate()
    {
        let bundles: Vec<String> = bundles.into_iter().cloned().collect();
        let (folder, root) = own(&format!("keys-{at}"), &ours, &bundles);
        let listed: Vec<String> = listed
            .iter()
            .map(|name| format!("'{}'", beside.path(&format!("{name}.pub"))))
            .collect();
        let listed = listed.join(", ");
        let config = format!("[profile.p]\nkeys = [{listed}]\nthreshold = {threshold}\n");
        let said = with_config(&config, &folder, &root, &["--profile", "p"]);
        assert_eq!(said.code, code, "{at}: {} {}", said.out, said.err);
        assert!((said.out + &said.err).contains(&words), "{at}: {words}");
    }
}

/// What a test does to a release before it is judged.
type Change = fn(&Folder);

fn renamed(folder: &Folder, name: &str) {
    folder.write(name, folder.read("attestations.jsonl"));
    folder.remove("attestations.jsonl");
}

#[test]
fn what_is_forbidden_is_proved_absent_only_when_everything_was_read() {
    let config = format!(
        "[profile.slsa]\nidentities = [ {{ identity = '{IDENTITY}', issuer = '{ISSUER}' }} ]\n\
         forbid = ['slsaprovenance1']\n"
    );
    let cases: &[(&str, Change, u8, &str)] = &[
        ("there", |_| (), 1, "it is forbidden"),
        ("gone", |f| f.remove("attestations.jsonl"), 0, "no https://slsa.dev"),
        // Its name does not hide it.
        ("renamed", |f| renamed(f, "notes.txt"), 1, "it is forbidden"),
        (
            "of nothing here",
            |f| {
                f.remove(AMD64);
                f.remove("x509-certificate-exporter-v4.0.0-linux-arm64.tar.gz");
                f.remove("x509-certificate-exporter-v4.0.0-linux-riscv64.tar.gz");
            },
            1,
            "it is forbidden",
        ),
        (
            "unreadable",
            |f| drop(f.write("attestations.jsonl", "{\"dsseEnvelope\":{}}")),
            3,
            "is not known",
        ),
        (
            "unreadable and renamed",
            |f| {
                f.remove("attestations.jsonl");
                f.write("x.json", r#"{"payloadType":"x","payload":"%"}"#);
            },
            3,
            "is not known",
        ),
        (
            "a folder inside",
            |f| {
                f.remove("attestations.jsonl");
                std::fs::create_dir(f.0.join("inside")).unwrap();
            },
            3,
            "not looked into",
        ),
    ];
    for (name, change, code, words) in cases {
        let folder = Folder::released(&format!("forbidden-{}", name.replace(' ', "-")));
        change(&folder);
        let root = "tests/fixtures/trusted_root.json";
        let said = with_config(&config, &folder, root, &["--profile", "slsa"]);
        assert_eq!(said.code, *code, "{name}: {} {}", said.out, said.err);
        assert!(said.out.contains(words), "{name}: {}", said.out);
    }
}

#[test]
#[ignore = "hashes files of 64 MiB, which a build without optimisation needs minutes for"]
fn what_is_too_large_to_be_kept_is_not_overlooked() {
    let config = format!(
        "[profile.slsa]\nidentities = [ {{ identity = '{IDENTITY}', issuer = '{ISSUER}' }} ]\n\
         forbid = ['slsaprovenance1']\n"
    );
    let line = format!("{}  {AMD64}\n", "a".repeat(64));
    for (name, text, code, words) in [
        ("large.json", "{\"a\":0}\n", 3, "is not known"),
        ("large.bin", "\u{7f}ELF", 0, "no https://slsa.dev"),
        ("sums-of-all", line.as_str(), 0, "sums-of-all is over 64 MiB"),
    ] {
        let folder = Folder::released(&format!("large-{name}"));
        folder.remove("attestations.jsonl");
        folder.write(name, text.repeat((65 << 20) / text.len()));
        let root = "tests/fixtures/trusted_root.json";
        let said = with_config(&config, &folder, root, &["--profile", "slsa"]);
        assert_eq!(said.code, code, "{name}: {} {}", said.out, said.err);
        assert!(said.out.contains(words), "{name}: {}", said.out);
    }
}

#[test]
fn cosigns_ways_judge_the_files_of_a_folder() {
    let (ours, theirs) = (Sigstore::new(), Sigstore::new());
    let flags = ["--certificate-identity", OWN, "--certificate-oidc-issuer", OWN_ISSUER];
    let promised = recipe().make(&ours, &theirs, b"the artifact").to_string();
    let stamped = Recipe { promise: false, stamps: vec![time(SIGNED)], ..recipe() };
    let stamped = stamped.make(&ours, &theirs, b"the artifact").to_string();
    for (at, (bundle, flag, code, words)) in [
        (&promised, "", 0, "signed by"),
        (&promised, "--cosign-compatible", 0, "as cosign judges"),
        (&stamped, "", 0, "signed by"),
        (&stamped, "--cosign-compatible", 1, "there is none"),
        (&promised, "--new-bundle-format=false", 4, "no signature"),
    ]
    .into_iter()
    .enumerate()
    {
        let (folder, root) = own(&format!("cosigns-{at}"), &ours, std::slice::from_ref(bundle));
        let flags: Vec<&str> =
            flags.into_iter().chain((!flag.is_empty()).then_some(flag)).collect();
        let said = with_config("", &folder, &root, &flags);
        assert_eq!(said.code, code, "{at}: {} {}", said.out, said.err);
        assert!(said.out.contains(words), "{at}: {}", said.out);
    }
    // A detached signature is what cosign's old way looks at.
    let key = Key::p256();
    let (folder, root) = own("cosigns-detached", &ours, &[promised]);
    folder.write("a.sig", key.sign(b"the artifact"));
    let beside = Folder::new("cosigns-detached-key");
    let public = beside.write("k.pub", pem("PUBLIC KEY", &key.spki()));
    let flags = ["--key", &public, "--insecure-ignore-tlog", "--new-bundle-format=false"];
    let said = with_config("", &folder, &root, &flags);
    assert_eq!(said.code, 0, "{} {}", said.out, said.err);
    assert!(said.out.contains("legacy material only"), "{}", said.out);
}

#[test]
fn a_file_that_its_provenance_names_otherwise_is_refuted() {
    let only = |f: &Folder| {
        for name in [
            "checksums.txt",
            BUNDLE,
            DARWIN,
            "x509-certificate-exporter-v4.0.0-linux-arm64.tar.gz",
            "x509-certificate-exporter-v4.0.0-linux-riscv64.tar.gz",
        ] {
            f.remove(name);
        }
    };
    let spoilt = |f: &Folder| {
        let bundle = f.json("attestations.jsonl");
        f.write("attestations.jsonl", bundle["dsseEnvelope"].to_string());
    };
    let cases: &[(&str, &[&str], bool, u8, &str)] = &[
        ("evil", &[], false, 1, "refuted"),
        // Somebody else's statement contradicts nothing: anybody could lay it here.
        ("evil", &["--certificate-oidc-issuer-regexp", "gitlab"], false, 4, "absent"),
        // Nobody knows who made one whose certificate only the log has.
        ("evil", &["--offline"], true, 3, "undecided"),
    ];
    for (at, (content, flags, spoil, code, row)) in cases.iter().enumerate() {
        let folder = Folder::released(&format!("otherwise-{at}"));
        only(&folder);
        folder.write(AMD64, content);
        if *spoil {
            spoilt(&folder);
        }
        let said = verify(&folder.0.display().to_string(), flags);
        assert_eq!(said.code, *code, "{at}: {} {}", said.out, said.err);
        assert_eq!(rows(&said)[AMD64], *row, "{at}: {}", said.out);
    }
}

#[test]
fn what_was_not_read_is_named() {
    let folder = Folder::released("no-list");
    // A list that was named and is not there.
    let (file, list) = (folder.path(AMD64), folder.path("no-such-list"));
    let bundle = folder.path(BUNDLE);
    let said = verify(&file, &["--checksums", &list, "--bundle", &bundle]);
    assert_eq!(said.code, 3, "{} {}", said.out, said.err);
    let report: serde_json::Value = serde_json::from_str(&said.out).unwrap();
    let reason = report["reason"].as_str().unwrap();
    assert!(reason.contains("no-such-list cannot be read"), "{reason}");
    // Evidence that cannot be read is the reason of the file that it is of.
    #[cfg(unix)]
    {
        let folder = Folder::released("unread-evidence");
        folder.remove("attestations.jsonl");
        folder.remove(BUNDLE);
        std::os::unix::fs::symlink("/etc/hostname", folder.path(BUNDLE)).unwrap();
        let said = verify(&folder.0.display().to_string(), &[]);
        assert_eq!(said.code, 3, "{} {}", said.out, said.err);
        let words = format!("checksums.txt: {BUNDLE} cannot be read: a link that leads out");
        assert!(said.out.contains(&words), "{}", said.out);
    }
    // Evidence that a signed list names with another digest is wrong like any file.
    let folder = Folder::released("listed-evidence");
    let hex = sigscope::domain::Digest::sha256(b"other");
    let list = format!("{}  attestations.jsonl\n", hex.hex());
    folder.write("a", "the artifact");
    let (ours, theirs) = (Sigstore::new(), Sigstore::new());
    let listed = Recipe::new("0.3", false, LogKind::HashedRekord001, list.as_bytes());
    folder.write(BUNDLE, listed.make(&ours, &theirs, list.as_bytes()).to_string());
    folder.write("checksums.txt", list);
    let root = Folder::new("listed-evidence-root");
    let root = root.write("root.json", ours.trusted_root().to_string());
    let flags = ["--certificate-identity", OWN, "--certificate-oidc-issuer", OWN_ISSUER];
    let said = with_config("", &folder, &root, &flags);
    assert_eq!(said.code, 1, "{} {}", said.out, said.err);
    assert_eq!(rows(&said)["attestations.jsonl"], "refuted", "{}", said.out);
}

#[test]
fn the_digest_of_a_chart_archive_is_its_own() {
    let folder = Folder::new("chart-digest");
    let layout = "tests/fixtures/chart/chart";
    let own = "3c4b19b4db2b1810a74193c54916f65c10844b2edc3b924ee73855d4cd034af7";
    let bytes = std::fs::read(format!("{layout}/blobs/sha256/{own}")).unwrap();
    let file = folder.write("x-4.0.0.tgz", bytes);
    let reference = format!("oci:{layout}:4.0.0");
    let said = verify(&file, &["--layer-of", &reference, "--offline"]);
    let report: serde_json::Value = serde_json::from_str(&said.out).unwrap();
    assert_eq!(report["digest"], format!("sha256:{own}"), "{}", said.out);
    assert_eq!(report["layer_of"]["reference"], reference.as_str(), "{}", said.out);
    assert_ne!(report["layer_of"]["digest"], report["digest"], "{}", said.out);
}

#[test]
fn two_trust_roots_of_one_ca_must_agree() {
    let root = std::fs::read_to_string("tests/fixtures/trusted_root.json").unwrap();
    let root: serde_json::Value = serde_json::from_str(&root).unwrap();
    let mut without_log = root.clone();
    without_log["tlogs"] = serde_json::json!([]);
    let beside = Folder::new("two-lines");
    let (good, bad) = (root.to_string(), without_log.to_string());
    for (lines, code) in [
        (vec![&good], 0),
        (vec![&good, &good], 0),
        (vec![&bad], 1),
        (vec![&bad, &bad], 1),
        // In either order: nobody knows which line is the one.
        (vec![&good, &bad], 3),
        (vec![&bad, &good], 3),
    ] {
        let text: Vec<&str> = lines.iter().map(|line| line.as_str()).collect();
        let roots = beside.write("roots.jsonl", text.join("\n"));
        let argv = [
            "sigscope",
            "verify",
            "oci:tests/fixtures/native/layout:4.0.0",
            "--trusted-root",
            &roots,
            "--certificate-identity",
            IDENTITY,
            "--certificate-oidc-issuer",
            ISSUER,
        ];
        let said = common::run::run(&argv.map(str::to_owned));
        assert_eq!(said.code, code, "{} lines: {} {}", lines.len(), said.out, said.err);
        let two = lines.len() == 2 && lines[0] != lines[1];
        assert_eq!(said.out.contains("and disagree"), two, "{}", said.out);
    }
}
