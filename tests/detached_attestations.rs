//! Attestations of files in the shapes that cosign had before the sigstore bundle.
#![allow(clippy::unwrap_used, missing_docs, reason = "a test that cannot go on panics")]

mod common;

use base64::{Engine, engine::general_purpose::STANDARD};
use common::{
    parts::{Does, Parts, log, parts},
    release::{Folder, verify},
};
use serde_json::{Value, json};

const AMD64: &str = "x509-certificate-exporter-v4.0.0-linux-amd64.tar.gz";

/// The parts of an attestation of the file, and its envelope.
fn attestation(folder: &Folder) -> (Parts, Value) {
    let lines = String::from_utf8(folder.read("attestations.jsonl")).unwrap();
    let bundle: Value = serde_json::from_str(lines.lines().next().unwrap()).unwrap();
    (parts(&bundle), bundle["dsseEnvelope"].clone())
}

/// cosign `attest-blob --new-bundle-format=false --bundle`: what stands for the signature is the
/// envelope.
#[test]
fn cosigns_old_bundle_of_an_attestation_is_judged_as_its_envelope() {
    let folder = Folder::released("old-attestation");
    let (own, envelope) = attestation(&folder);
    let other = parts(&folder.json("checksums.txt.sigstore.json"));
    let coded = |text: &str| json!(STANDARD.encode(text));
    let good = json!({
        "base64Signature": coded(&envelope.to_string()),
        "cert": STANDARD.encode(&own.certificate),
        "rekorBundle": own.old,
    });
    let with = |at: &str, value: Value| {
        let mut bundle = good.clone();
        *bundle.pointer_mut(at).unwrap() = value;
        bundle.to_string()
    };
    let inside = |change: &dyn Fn(&mut Value)| {
        let mut envelope = envelope.clone();
        change(&mut envelope);
        with("/base64Signature", coded(&envelope.to_string()))
    };
    let time = own.old["Payload"]["integratedTime"].as_u64().unwrap();
    let mut unlogged = good.clone();
    unlogged.as_object_mut().unwrap().remove("rekorBundle");
    let twice = format!(r#"{{"payload":"e30=",{}"#, envelope.to_string().get(1..).unwrap());
    let resigned = |e: &mut Value| e["signatures"][0]["sig"] = json!(other.signature);
    let (amd64, list) = (folder.path(AMD64), folder.path("checksums.txt"));
    let two = |e: &mut Value| e["signatures"] = json!([e["signatures"][0], e["signatures"][0]]);
    for (what, file, text, code, words) in [
        ("as it is", &amd64, good.to_string(), 0, "signed by"),
        ("of another file", &list, good.to_string(), 1, "subject"),
        (
            "another time",
            &amd64,
            with("/rekorBundle/Payload/integratedTime", json!(time + 1)),
            1,
            "did not sign",
        ),
        (
            "another's entry",
            &amd64,
            with("/rekorBundle", other.old.clone()),
            1,
            "does not log such a bundle",
        ),
        ("another signature", &amd64, inside(&resigned), 1, "did not sign this payload"),
        ("no entry", &amd64, unlogged.to_string(), 3, "(--offline)"),
        ("a name twice", &amd64, with("/base64Signature", coded(&twice)), 1, "payload"),
        ("two signatures", &amd64, inside(&two), 3, "the envelope"),
        ("no base64", &amd64, with("/base64Signature", json!(envelope.to_string())), 3, "base64"),
    ] {
        let bundle = folder.write("x.bundle", text);
        let flags = ["--bundle", &bundle, "--offline", "--type", "slsaprovenance1"];
        let said = verify(file, &flags);
        assert_eq!(said.code, code, "{what}: {} {}", said.out, said.err);
        assert!(said.out.contains(words), "{what}: {}", said.out);
        let report: Value = serde_json::from_str(&said.out).unwrap();
        assert_eq!(report["signatures"][0]["format"], "cosign-blob-bundle", "{what}");
        if code == 0 {
            assert_eq!(report["signatures"][0]["kind"], "attestation", "{what}");
        }
    }
}

/// cosign `verify-blob-attestation --signature` reads the envelope itself, not its base64.
#[test]
fn a_detached_envelope_is_judged_as_the_attestation_that_it_is() {
    let folder = Folder::released("detached-envelope");
    let (own, envelope) = attestation(&folder);
    let amd64 = folder.path(AMD64);
    let server = log(Does::Indexed(vec![own.entry]));
    let url = format!("http://{}", server.host());
    let certificate = folder.write("s.pem", &own.certificate);
    let text = envelope.to_string();
    for (what, signature, code) in
        [("itself", text.clone(), 0), ("coded", STANDARD.encode(text), 3)]
    {
        let signature = folder.write("s.sig", signature);
        let flags = ["--signature", &signature, "--certificate", &certificate, "--rekor-url", &url];
        let said = verify(&amd64, &[&flags[..], &["--type", "slsaprovenance1"]].concat());
        assert_eq!(said.code, code, "{what}: {} {}", said.out, said.err);
    }
}
