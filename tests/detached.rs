//! Detached signatures, cosign's old bundle, bare envelopes, and the look-up in a log that they
//! need: through the command line, against a log on loopback that gives the fixtures' own entries.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    missing_docs,
    reason = "a test that cannot go on panics, and says what it skips"
)]

mod common;

use base64::{Engine, engine::general_purpose::STANDARD};
use common::{
    parts::{Does, ID, log, parts},
    release::{Folder, verify},
    server::{Body, Reply},
};
use serde_json::{Value, json};

const AMD64: &str = "x509-certificate-exporter-v4.0.0-linux-amd64.tar.gz";
fn changed(entry: &Value, at: &str, value: Value) -> Value {
    let mut entry = entry.clone();
    *entry[ID].pointer_mut(at).unwrap() = value;
    entry
}

#[test]
fn a_detached_signature_is_proved_with_the_entry_that_its_log_has() {
    let folder = Folder::released("looked-up");
    let own = parts(&folder.json("checksums.txt.sigstore.json"));
    let lines = String::from_utf8(folder.read("attestations.jsonl")).unwrap();
    let other = parts(&serde_json::from_str(lines.lines().next().unwrap()).unwrap());
    let none = |entry: &Value| {
        let mut entry = entry.clone();
        entry[ID]["verification"] = json!({});
        entry
    };
    let mut no_set = own.entry.clone();
    no_set[ID]["verification"].as_object_mut().unwrap().remove("signedEntryTimestamp");
    let time = own.entry[ID]["integratedTime"].as_u64().unwrap();
    let late = changed(&own.entry, "/integratedTime", json!(time + 1));
    for (what, does, code, words) in [
        ("the entry", Does::Proposed(own.entry.clone()), 0, "log entry looked up"),
        ("its index", Does::Indexed(vec![own.entry.clone()]), 0, "1 entry of"),
        (
            "two, of which one is ours",
            Does::Indexed(vec![other.entry.clone(), own.entry.clone()]),
            0,
            "2 entries of",
        ),
        // Nobody signs that an entry is not there.
        ("another's entry", Does::Indexed(vec![other.entry]), 3, "none of this signature"),
        ("an entry with a later time", Does::Indexed(vec![late]), 3, "the log did not sign it"),
        (
            "an entry that nothing vouches for",
            Does::Indexed(vec![none(&own.entry)]),
            3,
            "the log's answer does not hold",
        ),
        ("an entry without its time", Does::Indexed(vec![no_set]), 3, "does not hold"),
        ("nothing", Does::Empty, 3, "it has no entry of this signature"),
        ("no JSON", Does::Says(Reply::new(200, "<html>")), 3, "cannot be read"),
        ("an object", Does::Says(Reply::new(200, "{}")), 3, "cannot be read"),
        ("busy", Does::Says(Reply::new(429, "")), 3, "it answers 429"),
        ("an error", Does::Says(Reply::new(404, "{}")), 3, "it answers 404"),
        ("elsewhere", Does::Says(Reply::new(302, "").with("Location", "/x")), 3, "it answers 302"),
        ("half", Does::Says(Reply::new(200, "").body(Body::Cut(b"[1234567]".to_vec()))), 3, "log"),
        ("no id", Does::Says(Reply::new(200, r#"["../x"]"#)), 3, "log"),
    ] {
        let server = log(does);
        let url = format!("http://{}", server.host());
        let signature = folder.write("s.sig", &own.signature);
        let certificate = folder.write("s.pem", &own.certificate);
        folder.remove("attestations.jsonl");
        let list = folder.path("checksums.txt");
        let flags = ["--signature", &signature, "--certificate", &certificate, "--rekor-url", &url];
        let said = verify(&list, &flags);
        folder.write("attestations.jsonl", &lines);
        assert_eq!(said.code, code, "{what}: {} {}", said.out, said.err);
        assert!(said.out.contains(words), "{what}: {}", said.out);
        let report: Value = serde_json::from_str(&said.out).unwrap();
        assert_eq!(report["signatures"][0]["format"], "detached", "{what}");
        let row = |check: &&Value| check["id"] == "log";
        assert_eq!(report["checks"].as_array().unwrap().iter().filter(row).count(), 1, "{what}");
    }
}

#[test]
fn without_a_look_up_a_signature_without_its_entry_is_undecided() {
    let folder = Folder::released("offline");
    let own = parts(&folder.json("checksums.txt.sigstore.json"));
    let signature = folder.write("s.sig", &own.signature);
    let certificate = folder.write("s.pem", STANDARD.encode(&own.certificate));
    let server = log(Does::Proposed(own.entry));
    let url = format!("http://{}", server.host());
    let list = folder.path("checksums.txt");
    for (flag, words) in [("--offline", "(--offline)"), ("--no-network", "(--no-network)")] {
        let flags =
            ["--signature", &signature, "--certificate", &certificate, "--rekor-url", &url, flag];
        let said = verify(&list, &flags);
        assert_eq!(said.code, 3, "{} {}", said.out, said.err);
        assert!(said.out.contains(words), "{}", said.out);
    }
    assert!(server.requests().is_empty());
    // What a flag waives needs no look-up; without any time the chain still waits.
    let flags =
        ["--signature", &signature, "--certificate", &certificate, "--insecure-ignore-tlog"];
    let said = verify(&list, &flags);
    assert!([1, 3].contains(&said.code), "{} {}", said.out, said.err);
}

#[test]
fn signature_and_certificate_are_read_as_cosign_writes_them() {
    let folder = Folder::released("shapes");
    let own = parts(&folder.json("checksums.txt.sigstore.json"));
    let raw = STANDARD.decode(&own.signature).unwrap();
    let mut bad = raw.clone();
    *bad.last_mut().unwrap() ^= 1;
    let two = format!("{0}{0}", own.certificate);
    let coded = STANDARD.encode(&own.certificate);
    let server = log(Does::Indexed(vec![own.entry.clone()]));
    let url = format!("http://{}", server.host());
    for (what, signature, certificate, code) in [
        ("base64", own.signature.clone().into_bytes(), &own.certificate, 0),
        ("wrapped", format!("{}\n", own.signature.replace('M', "M\n")).into(), &own.certificate, 0),
        ("raw", raw, &own.certificate, 0),
        ("coded", own.signature.clone().into_bytes(), &coded, 0),
        ("changed", bad, &own.certificate, 1),
        ("empty", vec![], &own.certificate, 3),
        ("two certificates", own.signature.clone().into_bytes(), &two, 3),
        ("no certificate", own.signature.clone().into_bytes(), &"hello".to_owned(), 3),
    ] {
        let signature = folder.write("s.sig", signature);
        let certificate = folder.write("s.pem", certificate);
        let list = folder.path("checksums.txt");
        let flags = ["--signature", &signature, "--certificate", &certificate, "--rekor-url", &url];
        let said = verify(&list, &flags);
        assert_eq!(said.code, code, "{what}: {} {}", said.out, said.err);
    }
}

#[test]
fn cosigns_old_bundle_is_told_by_its_content_and_judged() {
    let folder = Folder::released("old-bundle");
    let own = parts(&folder.json("checksums.txt.sigstore.json"));
    let good = json!({
        "base64Signature": own.signature,
        "cert": STANDARD.encode(&own.certificate),
        "rekorBundle": own.old,
    });
    let with = |at: &str, value: Value| {
        let mut bundle = good.clone();
        *bundle.pointer_mut(at).unwrap() = value;
        bundle.to_string()
    };
    let time = own.old["Payload"]["integratedTime"].as_u64().unwrap();
    let twice = format!(r#"{{"base64Signature":"AA==",{}"#, good.to_string().get(1..).unwrap());
    let mixed = format!(r#"{{"mediaType":"x",{}"#, good.to_string().get(1..).unwrap());
    for (what, text, code, format) in [
        ("as it is", good.to_string(), 0, "cosign-blob-bundle"),
        (
            "another time",
            with("/rekorBundle/Payload/integratedTime", json!(time + 1)),
            1,
            "cosign-blob-bundle",
        ),
        ("another signature", with("/base64Signature", json!("AAAA")), 1, "cosign-blob-bundle"),
        ("no base64", with("/rekorBundle/Payload/body", json!("!")), 3, "cosign-blob-bundle"),
        ("a name twice", twice, 1, "cosign-blob-bundle"),
        ("cut", good.to_string().get(..200).unwrap().to_owned(), 3, "unknown"),
        ("of two formats", mixed, 3, "unknown"),
    ] {
        let bundle = folder.write("list.bundle", text);
        let said = verify(&folder.path("checksums.txt"), &["--bundle", &bundle, "--offline"]);
        assert_eq!(said.code, code, "{what}: {} {}", said.out, said.err);
        let report: Value = serde_json::from_str(&said.out).unwrap();
        assert_eq!(report["signatures"][0]["format"], format, "{what}: {}", said.out);
    }
    // Its digest stands for the file.
    let digest = sigscope::domain::Digest::sha256(&folder.read("checksums.txt")).to_string();
    let bundle = folder.write("list.bundle", good.to_string());
    assert_eq!(verify(&digest, &["--bundle", &bundle, "--offline"]).code, 0);
}

#[test]
fn a_bare_envelope_is_looked_up_with_and_without_its_certificate() {
    let folder = Folder::released("envelope");
    let lines = String::from_utf8(folder.read("attestations.jsonl")).unwrap();
    let bundle: Value = serde_json::from_str(lines.lines().next().unwrap()).unwrap();
    let own = parts(&bundle);
    let server = log(Does::Indexed(vec![own.entry.clone()]));
    let empty = log(Does::Empty);
    for (what, cert, server, code) in [
        ("with", Some(&own.certificate), &server, 0),
        ("without", None, &server, 0),
        ("not logged", Some(&own.certificate), &empty, 3),
    ] {
        let mut envelope = bundle["dsseEnvelope"].clone();
        if let Some(cert) = cert {
            envelope["signatures"][0]["cert"] = json!(cert);
        }
        let path = folder.write("x.intoto.jsonl", envelope.to_string());
        let url = format!("http://{}", server.host());
        let flags = ["--bundle", path.as_str(), "--rekor-url", &url, "--type", "slsaprovenance1"];
        let said = verify(&folder.path(AMD64), &flags);
        assert_eq!(said.code, code, "{what}: {} {}", said.out, said.err);
        assert!(said.out.contains("dsse-envelope"), "{what}: {}", said.out);
    }
}

#[test]
fn a_release_folder_pairs_detached_signatures_by_their_names() {
    let folder = Folder::released("paired");
    let own = parts(&folder.json("checksums.txt.sigstore.json"));
    folder.remove("checksums.txt.sigstore.json");
    folder.remove("attestations.jsonl");
    folder.write("checksums.txt.sig", &own.signature);
    folder.write("checksums.txt.pem", &own.certificate);
    let server = log(Does::Proposed(own.entry));
    let url = format!("http://{}", server.host());
    let said = verify(&folder.0.display().to_string(), &["--rekor-url", &url]);
    assert_eq!(said.code, 0, "{} {}", said.out, said.err);
    let rows = common::release::rows(&said);
    assert_eq!(rows.get(AMD64).map(String::as_str), Some("proved"), "{}", said.out);
    let said = verify(&folder.0.display().to_string(), &["--offline"]);
    assert_eq!(said.code, 3, "{} {}", said.out, said.err);
}

#[test]
fn flags_that_do_not_go_together_are_refused() {
    for flags in [
        &["--certificate", "c"][..],
        &["--signature", "s"],
        &["--signature", "s", "--certificate", "c", "--bundle", "b"],
        &["--signature", ""],
        &["--bundle", "b", "--rekor-url", "http://rekor.example"],
        &["--bundle", "b", "--layer-of", "x:1"],
        &["--checksums", "l"],
    ] {
        let said = verify("./tests/fixtures/release-dir/checksums.txt", flags);
        assert_eq!(said.code, 2, "{flags:?}: {} {}", said.out, said.err);
    }
}

/// sigstore-python's detached signatures: the signature holds, and only the log is missing.
#[test]
fn real_detached_signatures_wait_for_their_log() {
    let corpus = std::path::Path::new("../shared/corpus/legacy-cosign/detached");
    if !corpus.is_dir() {
        println!("SKIPPED: ../shared/corpus is not here");
        return;
    }
    for (name, signature) in [("a", "valid"), ("b", "valid"), ("c", "valid"), ("bad", "refuted")] {
        let path = |end: &str| corpus.join(format!("{name}.txt{end}")).display().to_string();
        let file =
            if name == "bad" { corpus.join("b.txt").display().to_string() } else { path("") };
        let (sig, crt) = (path(".sig"), path(".crt"));
        let argv = ["sigscope", "inspect", &file, "--signature", &sig, "--certificate", &crt];
        let argv = argv.into_iter().chain(["--offline", "--json"]).map(str::to_owned);
        let said = common::run::run(&argv.collect::<Vec<_>>());
        let report: Value = serde_json::from_str(&said.out).unwrap();
        let steps = report["signatures"][0]["steps"].as_array().unwrap();
        let step = steps.iter().find(|step| step["name"] == "signature").unwrap();
        assert_eq!(step["verdict"], signature, "{name}: {}", said.out);
        assert!(said.out.contains("(--offline)") || signature == "refuted", "{name}: {}", said.out);
    }
}
