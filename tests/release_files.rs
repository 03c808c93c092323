//! Lists of checksums and release folders, through the command line in process.
#![allow(clippy::unwrap_used, missing_docs, reason = "a test that cannot go on panics")]

mod common;

use common::release::{Folder, rows, verify, warnings};
use serde_json::Value;

const AMD64: &str = "x509-certificate-exporter-v4.0.0-linux-amd64.tar.gz";
const RISCV: &str = "x509-certificate-exporter-v4.0.0-linux-riscv64.tar.gz";
const DARWIN: &str = "x509-certificate-exporter-v4.0.0-darwin-arm64.tar.gz";
const WINDOWS: &str = "x509-certificate-exporter-v4.0.0-windows-amd64.zip";
const BUNDLE: &str = "checksums.txt.sigstore.json";

/// What a test does to a release before it is judged.
type Change = fn(&Folder);

#[test]
fn a_signed_list_is_followed_to_the_files_beside_it() {
    // Change, more flags, exit code, the file that tells, its row.
    let cases: &[(Change, &[&str], u8, &str, &str)] = &[
        (|_| (), &[], 0, AMD64, "proved"),
        (|_| (), &[], 0, DARWIN, "absent"),
        (|_| (), &[], 0, WINDOWS, "absent"),
        (|_| (), &["--strict"], 1, DARWIN, "refuted"),
        (|f| f.remove(DARWIN), &["--strict"], 1, "attestations.jsonl", "refuted"),
        (
            |f| {
                f.remove(DARWIN);
                f.remove("attestations.jsonl");
            },
            &["--strict"],
            4,
            WINDOWS,
            "absent",
        ),
        (|f| drop(f.write(AMD64, "evil")), &[], 1, AMD64, "refuted"),
        (|f| f.remove(AMD64), &[], 0, AMD64, "absent"),
        (|f| f.remove(AMD64), &[], 0, RISCV, "proved"),
        // Another signer: the files are as listed, and nobody vouches for the list.
        (|_| (), &["--certificate-oidc-issuer-regexp", "gitlab"], 1, AMD64, "refuted"),
    ];
    for (at, (change, flags, code, file, row)) in cases.iter().enumerate() {
        let folder = Folder::released("followed");
        change(&folder);
        let bundle = folder.path(BUNDLE);
        let mut more = vec!["--bundle", bundle.as_str()];
        more.extend(*flags);
        let said = verify(&folder.path("checksums.txt"), &more);
        assert_eq!(said.code, *code, "{at}: {} {}", said.out, said.err);
        assert_eq!(rows(&said).get(*file).map(String::as_str), Some(*row), "{at}: {}", said.out);
    }
}

#[test]
fn a_list_that_was_changed_vouches_for_nothing() {
    let folder = Folder::released("changed");
    let list = String::from_utf8(folder.read("checksums.txt")).unwrap();
    folder.write("checksums.txt", list.replace("linux-amd64", "linux-amd65"));
    let bundle = folder.path(BUNDLE);
    let said = verify(&folder.path("checksums.txt"), &["--bundle", &bundle]);
    assert_eq!(said.code, 1, "{}", said.out);
    assert!(!rows(&said).values().any(|row| row == "proved"), "{}", said.out);
}

#[test]
fn a_named_file_must_be_listed_under_its_name() {
    let folder = Folder::released("named");
    let renamed = folder.write("renamed.tar.gz", folder.read(AMD64));
    folder.write(RISCV, "evil");
    let (list, bundle) = (folder.path("checksums.txt"), folder.path(BUNDLE));
    for (file, code, words) in [
        (folder.path(AMD64), 0, "is as checksums.txt lists it"),
        (folder.path(RISCV), 1, "checksums.txt lists sha256:"),
        (folder.path(DARWIN), 1, "not listed in checksums.txt"),
        (renamed, 1, "the same bytes are listed as"),
        (folder.path("nowhere"), 3, "cannot be read"),
    ] {
        let said = verify(&file, &["--checksums", &list, "--bundle", &bundle]);
        assert_eq!(said.code, code, "{file}: {} {}", said.out, said.err);
        assert!(said.out.contains(words), "{file}: {}", said.out);
    }
    let said = verify(&folder.path(AMD64), &["--checksums", &list]);
    assert_eq!((said.code, said.out.as_str()), (2, ""), "{}", said.err);
}

#[test]
fn a_release_folder_is_judged_file_by_file() {
    let cases: &[(Change, &[&str], u8, &str, &str)] = &[
        (|_| (), &[], 0, AMD64, "proved"),
        (|_| (), &[], 0, "checksums.txt", "proved"),
        (|_| (), &[], 0, DARWIN, "absent"),
        (|_| (), &["--strict"], 1, DARWIN, "refuted"),
        // The provenance alone vouches as well as the list alone.
        (|f| f.remove("attestations.jsonl"), &[], 0, AMD64, "proved"),
        (|f| f.remove("checksums.txt"), &[], 0, AMD64, "proved"),
        (|f| drop(f.write(AMD64, "evil")), &[], 1, AMD64, "refuted"),
        // Unsigned, the list vouches for nothing and contradicts nothing: anybody could lay one here.
        (
            |f| {
                f.remove("attestations.jsonl");
                f.remove(BUNDLE);
            },
            &[],
            4,
            AMD64,
            "absent",
        ),
        (
            |f| {
                f.remove("attestations.jsonl");
                f.remove(BUNDLE);
                f.write(AMD64, "evil");
            },
            &[],
            4,
            AMD64,
            "absent",
        ),
        // Evidence that cannot be read may be of anything.
        (
            |f| {
                f.write(BUNDLE, "{");
                f.remove("attestations.jsonl");
            },
            &[],
            3,
            "checksums.txt",
            "undecided",
        ),
        (|f| drop(f.write("attestations.jsonl", "{")), &[], 0, "attestations.jsonl", "undecided"),
        // Over files of a folder an attestation of the demanded type is wanted for each.
        (|_| (), &["--type", "slsaprovenance1"], 4, "checksums.txt", "absent"),
    ];
    for (at, (change, flags, code, file, row)) in cases.iter().enumerate() {
        let folder = Folder::released("folder");
        change(&folder);
        let said = verify(&folder.0.display().to_string(), flags);
        assert_eq!(said.code, *code, "{at}: {} {}", said.out, said.err);
        assert_eq!(rows(&said).get(*file).map(String::as_str), Some(*row), "{at}: {}", said.out);
    }
}

#[test]
fn the_verdict_over_a_folder_counts_what_nothing_vouches_for() {
    // Contract: "Missing and unlisted files are warnings", so the verdict stands, and whoever reads
    // its line alone must not take it for an answer over every file.
    let cases: &[(Change, &str)] = &[
        (|_| (), "nothing vouches for 1 other file here (x509-certificate-exporter-v4.0.0-darwin"),
        (|f| f.remove(DARWIN), "4 files are vouched for, 1 is missing: signed by"),
        (
            |f| {
                f.write("evil.tar.gz", "evil");
            },
            "nothing vouches for 2 other files here (evil.tar.gz, x509-certificate-exporter-v4.0.0-",
        ),
        (
            |f| {
                for n in 0..40 {
                    f.write(&format!("evil{n:02}"), "evil");
                }
            },
            "nothing vouches for 41 other files here (evil00, evil01, evil02, …)",
        ),
    ];
    for (at, (change, words)) in cases.iter().enumerate() {
        let folder = Folder::released("counted");
        change(&folder);
        let said = verify(&folder.0.display().to_string(), &[]);
        assert_eq!(said.code, 0, "{at}: {} {}", said.out, said.err);
        let report: serde_json::Value = serde_json::from_str(&said.out).unwrap();
        let reason = report["reason"].as_str().unwrap();
        assert!(reason.contains(words), "{at}: {reason}");
        assert_eq!(reason.contains("nothing vouches"), words.contains("nothing"), "{at}: {reason}");
    }
}

#[test]
fn an_empty_folder_and_a_missing_one_are_two_answers() {
    let folder = Folder::new("empty");
    let said = verify(&folder.0.display().to_string(), &[]);
    assert_eq!(said.code, 4, "{}", said.out);
    let said = verify("./tests/fixtures/no-such-folder", &[]);
    assert_eq!(said.code, 2, "{}", said.out);
}

#[test]
fn without_a_demand_nothing_in_a_folder_is_called_proved() {
    let argv = ["sigscope", "inspect", "./tests/fixtures/release-dir", "--json", "--trusted-root"];
    let argv = argv.into_iter().chain(["tests/fixtures/trusted_root.json"]);
    let said = common::run::run(&argv.map(str::to_owned).collect::<Vec<_>>());
    assert_eq!(said.code, 0, "{}", said.err);
    let rows = rows(&said);
    assert_eq!(rows.get(AMD64).map(String::as_str), Some("valid"), "{}", said.out);
    assert!(!said.out.contains(r#""verdict":"proved""#), "{}", said.out);
}

/// A list of one's own is judged without a signature here: only its rows are looked at.
fn follow(folder: &Folder, list: &str) -> common::run::Said {
    let list = folder.write("checksums.txt", list);
    let bundle = folder.path(BUNDLE);
    let argv = ["sigscope", "inspect", &list, "--bundle", &bundle, "--json"];
    common::run::run(&argv.map(str::to_owned))
}

#[test]
fn nothing_outside_of_the_folder_is_opened() {
    let folder = Folder::released("outside");
    let secret = Folder::new("outside-secret");
    secret.write("secret", "secret");
    let digest = sigscope::domain::Digest::sha256(b"secret");
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink(secret.path("secret"), folder.path("link")).unwrap();
        std::os::unix::fs::symlink(&secret.0, folder.path("linked")).unwrap();
        std::os::unix::fs::symlink(folder.path("inside"), folder.path("near")).unwrap();
    }
    folder.write("inside", "secret");
    let hex = digest.hex();
    let absolute = secret.path("secret");
    let names =
        ["../outside-secret/secret", &absolute, "link", "linked/secret", "a\\b", "near", "inside"];
    let lines: Vec<String> = names.iter().map(|name| format!("{hex}  {name}")).collect();
    let list = lines.join("\n");
    let said = follow(&folder, &list);
    let rows = rows(&said);
    for name in &names {
        // The list's own evidence is another's, so that what is as listed is refuted with it.
        let row = if ["near", "inside"].contains(name) { "refuted" } else { "undecided" };
        assert_eq!(rows.get(*name).map(String::as_str), Some(row), "{name}: {}", said.out);
    }
}

#[test]
fn odd_lists_say_what_is_odd() {
    let folder = Folder::released("odd");
    let (a, b) = ("a".repeat(64), "b".repeat(64));
    let said = follow(&folder, &format!("hello\n{a}  {AMD64}\n{b}  {AMD64}\n"));
    assert!(warnings(&said).contains(&"list-lines".to_owned()), "{}", said.out);
    assert_eq!(rows(&said).get(AMD64).map(String::as_str), Some("refuted"));
    assert!(said.out.contains("two digests"), "{}", said.out);
    for list in ["", "only words\n"] {
        let said = follow(&folder, list);
        let report: Value = serde_json::from_str(&said.out).unwrap();
        let checks = report["checks"].as_array().unwrap();
        let row = checks.iter().find(|check| check["id"] == "checksums").unwrap();
        assert_eq!(row["verdict"], "undecided", "{}", said.out);
    }
}

#[test]
fn a_chart_archive_is_the_layer_of_the_signed_chart() {
    let folder = Folder::new("chart");
    let layout = "tests/fixtures/chart/chart";
    let blob = |hex: &str| std::fs::read(format!("{layout}/blobs/sha256/{hex}")).unwrap();
    let own = "3c4b19b4db2b1810a74193c54916f65c10844b2edc3b924ee73855d4cd034af7";
    let older = "fd1b7e1d1b8c5d5ded7c13766d792952623f391939e94eef2e334768e8e66fdc";
    let good = folder.write("x-4.0.0.tgz", blob(own));
    let old = folder.write("old-4.0.0.tgz", blob(older));
    let reference = format!("oci:{layout}:4.0.0");
    let wrong = ["--certificate-oidc-issuer-regexp", "gitlab"];
    for (file, more, code, words) in [
        (&good, &[][..], 0, "is the chart archive of the manifest"),
        (&old, &[], 1, "the chart archive of the manifest is"),
        (&folder.path("none"), &[], 3, "cannot be read"),
        (&good, &wrong, 1, "is the chart archive of the manifest"),
    ] {
        let mut flags = vec!["--layer-of", reference.as_str(), "--offline"];
        flags.extend(more);
        let said = verify(file, &flags);
        assert_eq!(said.code, code, "{file}: {} {}", said.out, said.err);
        assert!(said.out.contains(words), "{file}: {}", said.out);
    }
    let said = verify(&good, &["--layer-of", "oci://registry.example/x"]);
    assert_eq!(said.code, 2, "{}", said.out);
}

/// What an adversary laid into a folder, or took out of a list.
#[test]
fn nothing_in_a_folder_passes_for_what_it_is_not() {
    let sha = |bytes: &str| sigscope::domain::Digest::sha256(bytes.as_bytes()).hex().to_owned();
    // A stranger's list, unsigned, names other bytes: worth a look, and no reason to refuse.
    let folder = Folder::released("stranger");
    folder.write("SHA256SUMS", format!("{}  {AMD64}\n{}  ../x\n", sha("other"), sha("x")));
    let said = verify(&folder.0.display().to_string(), &[]);
    assert_eq!(said.code, 0, "{} {}", said.out, said.err);
    assert!(warnings(&said).contains(&"list-unsigned".to_owned()), "{}", said.out);
    // The signed provenance names the archive with another digest.
    let folder = Folder::released("named-otherwise");
    folder.remove("checksums.txt");
    folder.remove(BUNDLE);
    folder.write(AMD64, "evil");
    let said = verify(&folder.0.display().to_string(), &[]);
    assert_eq!(said.code, 1, "{} {}", said.out, said.err);
    assert!(said.out.contains("names it with another digest"), "{}", said.out);
    // A key that cannot be read is no other key.
    let folder = Folder::released("no-key");
    let target = folder.0.display().to_string();
    let argv = ["sigscope", "verify", &target, "--key", "/nowhere.pub", "--offline"];
    assert_eq!(common::run::run(&argv.map(str::to_owned)).code, 3);
}
