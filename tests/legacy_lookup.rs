//! A legacy signature whose layer lost its log entry: the log has it still.
#![allow(clippy::unwrap_used, missing_docs, reason = "a test that cannot go on panics")]

mod common;

use std::{fs, path::Path};

use common::{
    release::{Folder, verify},
    server::{Reply, Server},
};
use serde_json::{Value, json};
use sigscope::domain::Digest;

const BUNDLE: &str = "dev.sigstore.cosign/bundle";

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().flatten() {
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// Takes the log entries out of the layers of the `.sig` tag; what was in the first.
fn strip(layout: &Path) -> Value {
    let index = layout.join("index.json");
    let mut listed: Value = serde_json::from_slice(&fs::read(&index).unwrap()).unwrap();
    let mut taken = Value::Null;
    for entry in listed["manifests"].as_array_mut().unwrap() {
        let tag = &entry["annotations"]["org.opencontainers.image.ref.name"];
        if !tag.as_str().unwrap_or_default().contains(".sig") {
            continue;
        }
        let blob = |hex: &str| layout.join("blobs/sha256").join(hex);
        let hex = entry["digest"].as_str().unwrap().trim_start_matches("sha256:").to_owned();
        let mut manifest: Value = serde_json::from_slice(&fs::read(blob(&hex)).unwrap()).unwrap();
        for layer in manifest["layers"].as_array_mut().unwrap() {
            let text = layer["annotations"].as_object_mut().unwrap().remove(BUNDLE).unwrap();
            taken = serde_json::from_str(text.as_str().unwrap()).unwrap();
        }
        let bytes = manifest.to_string();
        let digest = Digest::sha256(bytes.as_bytes());
        fs::write(blob(digest.hex()), &bytes).unwrap();
        entry["digest"] = json!(digest.to_string());
        entry["size"] = json!(bytes.len());
    }
    fs::write(&index, listed.to_string()).unwrap();
    taken
}

#[test]
fn a_legacy_signature_without_its_entry_is_proved_by_its_log() {
    let folder = Folder::new("legacy-stripped");
    let layout = folder.0.join("layout");
    copy(Path::new("tests/fixtures/legacy-v2/layout"), &layout);
    let taken = strip(&layout);
    let mut entry = taken["Payload"].clone();
    entry["verification"] = json!({ "signedEntryTimestamp": taken["SignedEntryTimestamp"] });
    let id = "a".repeat(64);
    let has =
        Server::start(move |_| Reply::new(200, json!([{ (id.as_str()): entry }]).to_string()));
    let empty = Server::start(|_| Reply::new(200, "[]"));
    let target = format!("oci:{}:4.0.0", layout.display());
    for (server, more, code) in [
        (&has, &[][..], 0),
        (&empty, &[], 3),
        (&has, &["--offline"], 3),
        (&empty, &["--no-network"], 3),
    ] {
        let url = format!("http://{}", server.host());
        let mut flags = vec!["--rekor-url", url.as_str()];
        flags.extend(more);
        let said = verify(&target, &flags);
        assert_eq!(said.code, code, "{more:?}: {} {}", said.out, said.err);
    }
}
