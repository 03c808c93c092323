//! A file of several trust roots: their order decides nothing, also where no certificate tells which
//! of them counts.
#![allow(clippy::unwrap_used, missing_docs, reason = "a test that cannot go on panics")]

mod common;
#[path = "common/virtual_sigstore/mod.rs"]
mod virtual_sigstore;

use base64::{Engine, engine::general_purpose::STANDARD};
use common::{
    parts::{Does, log, parts},
    release::{Folder, IDENTITY, ISSUER},
    run::{Said, run},
};
use serde_json::{Value, json};
use virtual_sigstore::{Key, LogKind, Recipe, Sigstore, pem};

const LIST: &str = "checksums.txt";

fn verify(target: &str, flags: &[&str]) -> Said {
    let argv = ["sigscope", "verify", target].into_iter().chain(flags.iter().copied());
    run(&argv.map(str::to_owned).collect::<Vec<_>>())
}

/// The file of the roots, in this order and in the other one.
fn both_orders(folder: &Folder, roots: [&Value; 2]) -> [String; 2] {
    let [one, other] = roots;
    [
        folder.write("roots.jsonl", format!("{one}\n{other}\n")),
        folder.write("turned.jsonl", format!("{other}\n{one}\n")),
    ]
}

#[test]
fn under_roots_that_disagree_about_a_key_nothing_is_decided_whichever_stands_first() {
    let folder = Folder::new("roots-of-a-key");
    let (ours, theirs) = (Sigstore::new(), Sigstore::new());
    let key = Key::p256();
    let path = folder.write("k.pub", pem("PUBLIC KEY", &key.spki()));
    let file = folder.write("a", "a file");
    let recipe = Recipe::new("0.3", false, LogKind::HashedRekord001, b"a file");
    let made = recipe.make_by(&ours, &theirs, b"a file", Some(&key));
    let bundle = folder.write("a.sigstore.json", made.to_string());
    let by_another = folder.write(
        "b.sigstore.json",
        recipe.make_by(&ours, &theirs, b"a file", Some(&Key::p256())).to_string(),
    );
    let (good, unknown) = (ours.trusted_root(), theirs.trusted_root());
    let mut twice = ours.trusted_root();
    twice["ctlogs"] = json!([]);
    for (what, bundle, roots, code, words) in [
        ("its log and another", &bundle, [&good, &unknown], 3, "they disagree"),
        // Both have its log.
        ("its log twice", &bundle, [&good, &twice], 0, "signed by key"),
        ("none of them", &bundle, [&unknown, &unknown], 1, ""),
        ("of another key", &by_another, [&good, &unknown], 1, "did not sign"),
    ] {
        for roots in both_orders(&folder, roots) {
            let flags = ["--bundle", bundle, "--key", &path, "--trusted-root", &roots, "--offline"];
            let said = verify(&file, &flags);
            assert_eq!(said.code, code, "{what}, {roots}: {}{}", said.out, said.err);
            assert!(said.out.contains(words), "{what}, {roots}: {}", said.out);
        }
    }
}

#[test]
fn the_line_of_the_certificate_judges_in_every_format() {
    let folder = Folder::released("roots-of-formats");
    let own = parts(&folder.json("checksums.txt.sigstore.json"));
    let root = std::fs::read("tests/fixtures/trusted_root.json").unwrap();
    let root: Value = serde_json::from_slice(&root).unwrap();
    let other = Sigstore::new().trusted_root();
    let old = folder.write(
        "old.bundle",
        json!({
            "base64Signature": own.signature,
            "cert": STANDARD.encode(&own.certificate),
            "rekorBundle": own.old,
        })
        .to_string(),
    );
    let server = log(Does::Proposed(own.entry));
    let url = format!("http://{}", server.host());
    let (signature, certificate) =
        (folder.write("s.sig", &own.signature), folder.write("s.pem", &own.certificate));
    let bundle = folder.path("checksums.txt.sigstore.json");
    let list = folder.path(LIST);
    for (what, material) in [
        ("bundle", &["--bundle", &bundle, "--offline"][..]),
        ("old bundle", &["--bundle", &old, "--offline"]),
        (
            "detached",
            &["--signature", &signature, "--certificate", &certificate, "--rekor-url", &url],
        ),
    ] {
        for roots in both_orders(&folder, [&root, &other]) {
            let demand = ["--certificate-identity", IDENTITY, "--certificate-oidc-issuer", ISSUER];
            let flags = [&demand[..], &["--trusted-root", &roots], material].concat();
            let said = verify(&list, &flags);
            assert_eq!(said.code, 0, "{what}, {roots}: {}{}", said.out, said.err);
        }
    }
}

#[test]
fn what_a_log_has_of_a_key_is_judged_under_every_root() {
    let folder = Folder::new("roots-of-a-look-up");
    let (ours, theirs) = (Sigstore::new(), Sigstore::new());
    let key = Key::p256();
    let path = folder.write("k.pub", pem("PUBLIC KEY", &key.spki()));
    let file = folder.write("a", "a file");
    let recipe = Recipe::new("0.3", false, LogKind::HashedRekord001, b"a file");
    let made = recipe.make_by(&ours, &theirs, b"a file", Some(&key));
    let own = parts(&made);
    let signature = folder.write("a.sig", &own.signature);
    let server = log(Does::Proposed(own.entry));
    let url = format!("http://{}", server.host());
    let (good, unknown) = (ours.trusted_root(), theirs.trusted_root());
    let mut twice = ours.trusted_root();
    twice["ctlogs"] = json!([]);
    for (what, roots, code, words) in [
        ("its log and another", [&good, &unknown], 3, "they disagree"),
        ("its log twice", [&good, &twice], 0, "signed by key"),
    ] {
        for roots in both_orders(&folder, roots) {
            let flags = ["--signature", &signature, "--key", &path, "--rekor-url", &url];
            let said = verify(&file, &[&flags[..], &["--trusted-root", &roots]].concat());
            assert_eq!(said.code, code, "{what}, {roots}: {}{}", said.out, said.err);
            assert!(said.out.contains(words), "{what}, {roots}: {}", said.out);
        }
    }
}
