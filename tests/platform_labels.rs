//! `--platform` does not take the index's word for what a child is.
#![allow(clippy::unwrap_used, missing_docs, reason = "tests")]

mod common;

use std::{collections::BTreeMap, sync::Arc};

use common::{
    run::run,
    server::{Reply, Request, Server},
};
use serde_json::{Value, json};
use sigscope::domain::Digest;

const INDEX: &str = "application/vnd.oci.image.index.v1+json";
const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
const CONFIG: &str = "application/vnd.oci.image.config.v1+json";

/// What is served, by digest: media type and bytes.
#[derive(Default)]
struct Shelf(BTreeMap<String, (&'static str, Vec<u8>)>);

impl Shelf {
    /// Puts it there; a descriptor of it.
    fn put(&mut self, media_type: &'static str, content: &Value) -> Value {
        let bytes = content.to_string().into_bytes();
        let (digest, size) = (Digest::sha256(&bytes).to_string(), bytes.len());
        self.0.insert(digest.clone(), (media_type, bytes));
        json!({"mediaType": media_type, "digest": digest, "size": size})
    }

    fn reply(&self, target: &str) -> Reply {
        let name = target.rsplit('/').next().unwrap();
        match self.0.get(name) {
            Some((media_type, bytes)) => {
                Reply::new(200, bytes.clone()).with("Content-Type", *media_type)
            }
            None if target.contains("/referrers/") => Reply::new(200, r#"{"manifests":[]}"#),
            None if target.contains("/blobs/") => Reply::error(500, "UNKNOWN"),
            None => Reply::error(404, "MANIFEST_UNKNOWN"),
        }
    }
}

/// What the child of an index is.
enum Child {
    /// An image with this config, of this media type.
    Image(&'static str, Value),
    /// An image whose config is not to be had.
    Unread,
    /// An image without a config.
    Bare,
    /// An index.
    Index,
}

/// A registry whose index `t` calls its one child by that name.
fn serve(called: &str, child: &Child) -> Server {
    let mut shelf = Shelf::default();
    let image = |config: Value| json!({"schemaVersion": 2, "mediaType": MANIFEST, "config": config, "layers": []});
    let mut own = match child {
        Child::Image(kind, config) => {
            let config = shelf.put(kind, config);
            shelf.put(MANIFEST, &image(config))
        }
        Child::Unread => {
            let mut config = shelf.put(CONFIG, &json!({"os": "linux"}));
            config["digest"] = Digest::sha256(b"elsewhere").to_string().into();
            shelf.put(MANIFEST, &image(config))
        }
        Child::Bare => {
            let bare = json!({"schemaVersion": 2, "mediaType": "application/vnd.oci.artifact.manifest.v1+json", "artifactType": "a/b", "blobs": []});
            shelf.put("application/vnd.oci.artifact.manifest.v1+json", &bare)
        }
        Child::Index => {
            shelf.put(INDEX, &json!({"schemaVersion": 2, "mediaType": INDEX, "manifests": []}))
        }
    };
    let parts: Vec<_> = called.split('/').collect();
    own["platform"] = json!({"os": parts[0], "architecture": parts[1]});
    if let Some(variant) = parts.get(2) {
        own["platform"]["variant"] = (*variant).into();
    }
    let index = json!({"schemaVersion": 2, "mediaType": INDEX, "manifests": [own]});
    let top = shelf.put(INDEX, &index)["digest"].as_str().unwrap().to_owned();
    let shelf = Arc::new(shelf);
    Server::start(move |request: &Request| {
        shelf.reply(&request.path().replace("/manifests/t", &format!("/manifests/{top}")))
    })
}

#[test]
fn a_child_must_itself_say_that_it_is_for_the_platform() {
    let says = |os: &str, architecture: &str| json!({"os": os, "architecture": architecture});
    let variant = |variant: &str| json!({"os": "linux", "architecture": "arm", "variant": variant});
    let image = |config| Child::Image(CONFIG, config);
    let lies = "the index calls it linux/arm64, its own config says linux/amd64";
    let artifact = Child::Image("application/vnd.cncf.helm.config.v1+json", says("linux", "arm64"));
    for (wanted, called, child, verdict, words) in [
        ("linux/arm64", "linux/arm64", image(says("linux", "arm64")), "valid", ""),
        ("linux/arm64", "linux/arm64/v8", image(says("linux", "arm64")), "valid", ""),
        ("linux/arm64", "linux/arm64", image(says("linux", "aarch64")), "valid", ""),
        ("linux/arm64", "linux/arm64", image(says("linux", "amd64")), "refuted", lies),
        ("linux/arm64", "linux/arm64", image(says("windows", "arm64")), "refuted", "windows/arm64"),
        ("linux/arm/v7", "linux/arm/v7", image(variant("v7")), "valid", ""),
        ("linux/arm/v7", "linux/arm/v7", image(variant("v6")), "refuted", "says linux/arm/v6"),
        // What goes without saying in the index is said by the config.
        ("linux/arm/v7", "linux/arm", image(variant("v6")), "refuted", "says linux/arm/v6"),
        ("linux/arm64", "linux/arm64", image(json!({})), "undecided", "names a platform"),
        ("linux/arm64", "linux/arm64", image(json!([])), "undecided", "config cannot be read"),
        ("linux/arm64", "linux/arm64", Child::Unread, "undecided", "config cannot be read"),
        ("linux/arm64", "linux/arm64", Child::Bare, "undecided", "names a platform"),
        ("linux/arm64", "linux/arm64", artifact, "undecided", "nothing of its own names"),
        ("linux/arm64", "linux/arm64", Child::Index, "undecided", "an index inside the index"),
    ] {
        let server = serve(called, &child);
        let target = format!("{}/a/b:t", server.host());
        let argv = ["sigscope", "inspect", &target, "--platform", wanted, "--json"];
        let said = run(&argv.map(str::to_owned));
        let report: Value = serde_json::from_str(&said.out).unwrap_or_default();
        let checks = report["checks"].as_array().unwrap();
        let row = checks.iter().find(|check| check["id"] == "resolve").unwrap();
        assert_eq!(row["verdict"], verdict, "{called}: {row}");
        assert!(row["summary"].as_str().unwrap().contains(words), "{called}: {row}");
        assert_eq!(report["digest"].is_string(), verdict == "valid", "{called}: {report}");
    }
}
