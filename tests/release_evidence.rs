//! How the evidence of a release folder is read: document by document, under any name, and bounded.
#![allow(clippy::unwrap_used, missing_docs, reason = "a test that cannot go on panics")]

mod common;
#[path = "common/virtual_sigstore/mod.rs"]
mod virtual_sigstore;

use common::{
    release::{Folder, IDENTITY, ISSUER, RELEASE, rows, warnings},
    run::{Said, run},
};
use serde_json::{Value, json};
use sigscope::domain::Digest;
use virtual_sigstore::{Key, base64, pem, sha256};

const ROOT: &str = "tests/fixtures/trusted_root.json";
const AMD64: &str = "x509-certificate-exporter-v4.0.0-linux-amd64.tar.gz";
const ARM64: &str = "x509-certificate-exporter-v4.0.0-linux-arm64.tar.gz";

/// One who signs with a key, without a log.
struct Signer(Key);

impl Signer {
    /// A bundle over the bytes of a file.
    fn message(&self, bytes: &str) -> Value {
        let digest = base64(&sha256(bytes.as_bytes()));
        json!({
            "mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json",
            "verificationMaterial": { "publicKey": { "hint": "" } },
            "messageSignature": {
                "messageDigest": { "algorithm": "SHA2_256", "digest": digest },
                "signature": base64(&self.0.sign(bytes.as_bytes())),
            },
        })
    }

    /// A bundle with a statement that names each file as one with those bytes.
    fn states(&self, subjects: &[(&str, &str)]) -> Value {
        self.states_as(subjects, str::to_owned)
    }

    /// The same with the digests in another spelling.
    fn states_as(&self, subjects: &[(&str, &str)], spelled: fn(&str) -> String) -> Value {
        let subject = subjects.iter().map(|(name, bytes)| {
            let hex = spelled(Digest::sha256(bytes.as_bytes()).hex());
            json!({ "name": name, "digest": { "sha256": hex } })
        });
        self.envelope(&json!({
            "_type": "https://in-toto.io/Statement/v1",
            "subject": subject.collect::<Vec<_>>(),
            "predicateType": "https://slsa.dev/provenance/v1",
            "predicate": {},
        }))
    }

    /// A bundle with that statement.
    fn envelope(&self, statement: &Value) -> Value {
        let payload = statement.to_string();
        let kind = "application/vnd.in-toto+json";
        let pae = format!("DSSEv1 {} {kind} {} {payload}", kind.len(), payload.len());
        json!({
            "mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json",
            "verificationMaterial": { "publicKey": { "hint": "" } },
            "dsseEnvelope": {
                "payload": base64(payload.as_bytes()),
                "payloadType": kind,
                "signatures": [ { "sig": base64(&self.0.sign(pae.as_bytes())) } ],
            },
        })
    }

    /// Judges a folder with those files, this signer demanded.
    fn judge(&self, name: &str, files: &[(&str, String)], more: &[&str]) -> Said {
        let folder = Folder::new(&format!("evidence-{name}"));
        for (file, bytes) in files {
            if let Some((inside, _)) = file.split_once('/') {
                std::fs::create_dir_all(folder.0.join(inside)).unwrap();
            }
            folder.write(file, bytes);
        }
        let beside = Folder::new(&format!("evidence-{name}-key"));
        let key = beside.write("k.pub", pem("PUBLIC KEY", &self.0.spki()));
        let target = folder.0.display().to_string();
        let argv = ["sigscope", "verify", &target, "--key", &key, "--insecure-ignore-tlog"];
        let argv = argv.into_iter().chain(["--trusted-root", ROOT, "--offline", "--json"]);
        run(&argv.chain(more.iter().copied()).map(str::to_owned).collect::<Vec<_>>())
    }
}

fn subject_of(bundle: &Value) -> Value {
    use base64::{Engine, engine::general_purpose::STANDARD};
    let payload = STANDARD.decode(bundle["dsseEnvelope"]["payload"].as_str().unwrap()).unwrap();
    serde_json::from_slice::<Value>(&payload).unwrap()["subject"][0].clone()
}

fn lines(documents: &[&Value]) -> String {
    documents.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

/// A name for the folder, the files in it, the exit code, the file that tells and its row.
type Case<'a> = (&'a str, Vec<(&'a str, String)>, u8, &'a str, &'a str);

fn judged(signer: &Signer, flags: &[&str], cases: Vec<Case<'_>>) {
    for (name, files, code, file, row) in cases {
        let said = signer.judge(&name.replace(' ', "-"), &files, flags);
        assert_eq!(said.code, code, "{name}: {} {}", said.out, said.err);
        assert_eq!(rows(&said).get(file).map(String::as_str), Some(row), "{name}: {}", said.out);
    }
}

fn text(words: &str) -> String {
    words.to_owned()
}

#[test]
fn every_document_of_a_file_is_judged() {
    let ours = Signer(Key::p256());
    let theirs = Signer(Key::p256());
    let (a, b) = (ours.states(&[("a", "A")]), ours.states(&[("b", "B")]));
    let two = |name, last: &Value| {
        vec![("a", text("A")), ("b", text("EVIL")), (name, lines(&[&a, last]))]
    };
    let stranger = theirs.states(&[("b", "B")]);
    let dotted = ours.states(&[("./b", "B")]);
    let unread = json!({ "dsseEnvelope": {} });
    let mut snake = b.clone();
    let envelope = snake.as_object_mut().unwrap().remove("dsseEnvelope").unwrap();
    snake["dsse_envelope"] = envelope;
    judged(
        &ours,
        &[],
        vec![
            ("lines of attestations", two("attestations.jsonl", &b), 1, "b", "refuted"),
            ("lines of several", two("multiple.intoto.jsonl", &b), 1, "b", "refuted"),
            ("lines of b", two("b.sigstore.json", &b), 1, "b", "refuted"),
            ("lines of a", two("a.sigstore.json", &b), 1, "b", "refuted"),
            ("lines in the other order", two("x.jsonl", &dotted), 1, "b", "refuted"),
            // Anybody can lay another statement here.
            ("a line of a stranger", two("x.jsonl", &stranger), 0, "b", "absent"),
            // Cosign reads it, this program does not: who signed it is not known.
            ("a line in the other spelling", two("x.jsonl", &snake), 3, "b", "undecided"),
            ("an unread line", two("x.jsonl", &unread), 0, "x.jsonl", "undecided"),
            (
                "an unread line of several",
                two("m.intoto.jsonl", &unread),
                0,
                "m.intoto.jsonl",
                "undecided",
            ),
        ],
    );
}

#[test]
fn a_subject_in_upper_case_hex_decides_nothing() {
    let ours = Signer(Key::p256());
    let upper = |bytes| ours.states_as(&[("a", bytes)], str::to_ascii_uppercase).to_string();
    let files = |bytes| vec![("a", text("A")), ("x.jsonl", upper(bytes))];
    let cases = vec![
        ("upper case", files("A"), 3, "a", "undecided"),
        ("upper case of another", files("B"), 1, "a", "refuted"),
    ];
    judged(&ours, &[], cases);
    // One statement over both: the file in lower case does not lend its verdict to the other.
    let mut both = ours.states_as(&[("a", "A")], str::to_ascii_uppercase);
    let right = ours.states(&[("b", "B")]);
    let subjects = [&both, &right].map(subject_of);
    both = ours.envelope(&json!({
        "_type": "https://in-toto.io/Statement/v1", "subject": subjects,
        "predicateType": "https://slsa.dev/provenance/v1", "predicate": {},
    }));
    let files = vec![("a", text("A")), ("b", text("B")), ("x.jsonl", both.to_string())];
    judged(&ours, &[], vec![("upper beside lower", files, 3, "a", "undecided")]);
}

#[test]
fn a_file_under_the_name_of_another_is_refuted() {
    let ours = Signer(Key::p256());
    let theirs = Signer(Key::p256());
    let both = [("a", "A"), ("b", "B")];
    let files = |a: &str, b: &str| vec![("a", text(a)), ("b", text(b))];
    let with = |a, b, more: Vec<(&'static str, String)>| {
        files(a, b).into_iter().chain(more).collect::<Vec<_>>()
    };
    let one = ours.states(&both).to_string();
    let (a, b) = (ours.message("A").to_string(), ours.message("B").to_string());
    let named = || vec![("a.sigstore.json", a.clone()), ("b.sigstore.json", b.clone())];
    let (dsse_a, dsse_b) = (ours.states(&[("a", "A")]), ours.states(&[("b", "B")]));
    let dsse = vec![("a.intoto.jsonl", dsse_a.to_string()), ("b.intoto.jsonl", dsse_b.to_string())];
    let stranger =
        vec![("p.jsonl", one.clone()), ("q.jsonl", theirs.states(&[("a", "Z")]).to_string())];
    // Two platforms, one name: a release names each, and either is what it says.
    let twice = ours.states(&[("a", "A"), ("a", "Z"), ("b", "B")]).to_string();
    judged(
        &ours,
        &[],
        vec![
            ("as stated", with("A", "B", vec![("p.jsonl", one.clone())]), 0, "a", "proved"),
            ("swapped", with("B", "A", vec![("p.jsonl", one.clone())]), 1, "a", "refuted"),
            ("copied", with("A", "A", vec![("p.jsonl", one)]), 1, "b", "refuted"),
            ("bundles", with("A", "B", named()), 0, "b", "proved"),
            ("bundles swapped", with("B", "A", named()), 1, "b", "refuted"),
            ("bundles copied", with("A", "A", named()), 1, "b", "refuted"),
            ("statements swapped", with("B", "A", dsse), 1, "a", "refuted"),
            ("by a stranger", with("A", "B", stranger), 0, "a", "proved"),
            ("named twice", with("A", "B", vec![("p.jsonl", twice)]), 0, "a", "proved"),
            // The same bytes under a second name, which nothing else claims.
            ("a copy", with("A", "A", vec![("a.sigstore.json", a.clone())]), 0, "b", "proved"),
            // What cannot be read claims no name.
            (
                "a copy beside junk",
                with(
                    "A",
                    "A",
                    vec![("a.sigstore.json", a.clone()), ("b.sigstore.json", text("{"))],
                ),
                0,
                "b",
                "proved",
            ),
        ],
    );
}

#[test]
fn archives_that_changed_places_are_refuted_by_their_provenance() {
    let folder = Folder::released("evidence-exchanged");
    folder.remove("checksums.txt");
    folder.remove("checksums.txt.sigstore.json");
    let (one, other) = (folder.read(AMD64), folder.read(ARM64));
    folder.write(AMD64, other);
    folder.write(ARM64, one);
    let said = common::release::verify(&folder.0.display().to_string(), &["--offline"]);
    assert_eq!(said.code, 1, "{} {}", said.out, said.err);
    assert!(said.out.contains("names it with another digest"), "{}", said.out);
}

#[test]
fn an_attestation_that_cosign_reads_is_not_overlooked() {
    let bundle: Value =
        serde_json::from_slice(&std::fs::read(format!("{RELEASE}/attestations.jsonl")).unwrap())
            .unwrap();
    let renamed = |names: &[(&str, &str)]| {
        let mut bundle = bundle.clone();
        for (from, to) in names {
            let value = bundle.as_object_mut().unwrap().remove(*from).unwrap();
            bundle[*to] = value;
        }
        bundle.to_string()
    };
    let envelope = base64(bundle["dsseEnvelope"].to_string().as_bytes());
    let go = |name: &str| bundle["dsseEnvelope"].to_string().replace("payload", name);
    let cases = [
        ("nothing", text("{\"a\": [\"payload\"]}"), 0),
        ("prose", text("# Notes\n\nThe payloadType is said in {\"payload\": 1}.\n"), 0),
        ("as it is", bundle.to_string(), 1),
        ("one member", renamed(&[("dsseEnvelope", "dsse_envelope")]), 1),
        (
            "all members",
            renamed(&[
                ("dsseEnvelope", "dsse_envelope"),
                ("verificationMaterial", "verification_material"),
                ("mediaType", "media_type"),
            ]),
            1,
        ),
        ("old", json!({ "base64Signature": envelope, "cert": "" }).to_string(), 1),
        ("detached.sig", envelope.clone(), 1),
        ("behind lines", format!("{}{bundle}", "{}\n".repeat(1000)), 1),
        ("an answer", json!({ "attestations": [ { "bundle": bundle } ] }).to_string(), 3),
        ("an array", json!([bundle]).to_string(), 3),
        ("as Go reads it", go("PAYLOAD"), 3),
        ("behind a word", format!("hello\n{bundle}"), 3),
        ("behind a mark", format!("\u{feff}{bundle}"), 3),
        ("before a word", format!("{bundle} }}"), 3),
    ];
    let beside = Folder::new("evidence-forbid-config");
    let config = beside.write(
        "config.toml",
        format!(
            "[profile.p]\nidentities = [ {{ identity = '{IDENTITY}', issuer = '{ISSUER}' }} ]\n\
             forbid = ['slsaprovenance1']\n"
        ),
    );
    for (name, bytes, code) in cases {
        let folder = Folder::released(&format!("evidence-forbid-{}", name.replace(' ', "-")));
        folder.remove("attestations.jsonl");
        folder.write(if name == "detached.sig" { name } else { "n.txt" }, bytes);
        let output = std::process::Command::new(env!("CARGO_BIN_EXE_sigscope"))
            .args(["verify", &folder.0.display().to_string(), "--json", "--offline"])
            .args(["--trusted-root", ROOT, "--profile", "p"])
            .env("SIGSCOPE_CONFIG", &config)
            .output()
            .unwrap();
        let out = String::from_utf8_lossy(&output.stdout);
        assert_eq!(output.status.code(), Some(code), "{name}: {out}");
    }
}

#[test]
fn strict_counts_everything_that_nothing_vouches_for() {
    let ours = Signer(Key::p256());
    let bundle = ours.message("A").to_string();
    let with = |more: Vec<(&'static str, &str)>| {
        let good = vec![("a", text("A")), ("a.sigstore.json", bundle.clone())];
        good.into_iter().chain(more.into_iter().map(|(n, t)| (n, text(t)))).collect::<Vec<_>>()
    };
    let script = "#!/bin/sh\nevil\n";
    let old = r#"{"base64Signature":"x","script":"evil"}"#;
    let signature = base64(&ours.0.sign(b"A"));
    let key = pem("PUBLIC KEY", &ours.0.spki());
    let certified = vec![("a.sig", signature.as_str()), ("a.pem", &key)];
    let spare: Vec<_> = certified.iter().copied().chain([("a.crt", script)]).collect();
    let stranger = Signer(Key::p256()).states(&[("a", "Z")]).to_string();
    let pair = vec![("evil.sig", script), ("evil.pem", script)];
    for (name, more, code, file, row) in [
        ("nothing more", vec![], 0, "a", "proved"),
        ("a pair of nothing", pair.clone(), 1, "evil.sig", "refuted"),
        ("a certificate of nothing", pair, 1, "evil.pem", "refuted"),
        ("a bundle of nothing", vec![("evil.bundle", old)], 1, "evil.bundle", "refuted"),
        ("lines of nothing", vec![("evil.jsonl", old)], 1, "evil.jsonl", "refuted"),
        ("of other bytes", vec![("evil.jsonl", stranger.as_str())], 1, "evil.jsonl", "refuted"),
        ("a certificate in use", certified, 0, "a.pem", "valid"),
        ("a certificate to spare", spare, 1, "a.crt", "refuted"),
        ("a folder inside", vec![("sub/evil.sh", script)], 3, "a", "proved"),
    ] {
        let name = format!("strict-{}", name.replace(' ', "-"));
        let said = ours.judge(&name, &with(more.clone()), &["--strict"]);
        assert_eq!(said.code, code, "{name}: {} {}", said.out, said.err);
        assert_eq!(rows(&said).get(file).map(String::as_str), Some(row), "{name}: {}", said.out);
        // Without it each is worth a look only.
        let said = ours.judge(&name, &with(more), &[]);
        assert_eq!(said.code, 0, "{name}: {} {}", said.out, said.err);
    }
}

#[test]
fn a_list_that_nobody_could_judge_contradicts_nothing() {
    let ours = Signer(Key::p256());
    let theirs = Signer(Key::p256());
    let list = format!("{}  a\n", "0".repeat(64));
    let (by_us, by_them) = (ours.message(&list).to_string(), theirs.message(&list).to_string());
    for (evidence, own, code, row) in [
        (None, true, 0, "proved"),
        (Some(by_them.as_str()), true, 1, "proved"),
        // The list itself is undecided, and `a` stays what its own evidence makes it.
        (Some("{"), true, 3, "proved"),
        (Some("{"), false, 3, "undecided"),
        (Some(by_us.as_str()), true, 1, "refuted"),
    ] {
        let mut files = vec![("a", text("A")), ("SHA256SUMS", list.clone())];
        files.extend(own.then(|| ("a.sigstore.json", ours.message("A").to_string())));
        files.extend(evidence.map(|text| ("SHA256SUMS.sigstore.json", text.to_owned())));
        let said = ours.judge("undecided-list", &files, &[]);
        assert_eq!(said.code, code, "{evidence:?}: {} {}", said.out, said.err);
        assert_eq!(rows(&said)["a"], row, "{evidence:?}: {}", said.out);
        let told = warnings(&said).contains(&"list-unsigned".to_owned());
        assert_eq!(told, row != "refuted", "{evidence:?}: {}", said.out);
    }
    // A heading above the sums does not hide a signed list.
    let notes = format!("Sums of this release\n{}  a\n{}  c\n", "0".repeat(64), "1".repeat(64));
    let signed = ours.message(&notes).to_string();
    let files = [("a", text("A")), ("notes.txt", notes), ("notes.txt.sigstore.json", signed)];
    let said = ours.judge("heading", &files, &[]);
    assert_eq!((said.code, rows(&said)["a"].as_str()), (1, "refuted"), "{}", said.out);
}

#[test]
fn much_evidence_is_judged_once_or_named_as_too_much() {
    let ours = Signer(Key::p256());
    let names: Vec<String> = (0..600).map(|at| format!("f{at}")).collect();
    let subjects: Vec<(&str, &str)> = names.iter().map(|n| (n.as_str(), n.as_str())).collect();
    let document = ours.states(&subjects);
    for (documents, code, words) in [(3, 0, "600 files are vouched for"), (400, 3, "more than")] {
        let mut files: Vec<(&str, String)> = subjects.iter().map(|(n, b)| (*n, text(b))).collect();
        files.push(("x.jsonl", lines(&vec![&document; documents])));
        let said = ours.judge(&format!("much-{documents}"), &files, &[]);
        assert_eq!(said.code, code, "{} {}", said.out, said.err);
        assert!(said.out.contains(words), "{documents}: {}", said.out);
        let report: Value = serde_json::from_str(&said.out).unwrap();
        let pieces = report["signatures"].as_array().unwrap().len();
        assert_eq!(pieces, if code == 0 { documents } else { 0 }, "each is judged once");
    }
}
