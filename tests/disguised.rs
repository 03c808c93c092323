//! Evidence in disguise: what is there and is not understood keeps a verdict from being "absent".
#![allow(clippy::unwrap_used, missing_docs, reason = "a test that cannot go on panics")]

mod common;

use std::collections::BTreeMap;

use common::{
    run::run,
    server::{Reply, Request, Server},
};
use serde_json::{Value, json};
use sigscope::domain::Digest;

const EMPTY: &str = "application/vnd.oci.empty.v1+json";
const SIMPLE: &str = "application/vnd.dev.cosign.simplesigning.v1+json";

/// An image, what is listed as its referrers, and what stands under its `.sig` tag.
struct Release {
    content: BTreeMap<String, Vec<u8>>,
    image: Vec<u8>,
    listed: Vec<Value>,
    sig: Option<Vec<u8>>,
}

impl Release {
    fn new() -> Self {
        let image = json!({"config": describe(b"{}", EMPTY), "layers": []}).to_string();
        let content = BTreeMap::from([(Digest::sha256(b"{}").to_string(), b"{}".to_vec())]);
        Self { content, image: image.into(), listed: vec![], sig: None }
    }

    fn refer(mut self, manifest: &str, artifact_type: Option<&str>) -> Self {
        let mut listed =
            describe(manifest.as_bytes(), "application/vnd.oci.image.manifest.v1+json");
        if let Some(artifact_type) = artifact_type {
            listed["artifactType"] = artifact_type.into();
        }
        self.content.insert(Digest::sha256(manifest.as_bytes()).to_string(), manifest.into());
        self.listed.push(listed);
        self
    }

    fn signed(mut self, sig: &str) -> Self {
        self.content.insert(Digest::sha256(sig.as_bytes()).to_string(), sig.into());
        self.sig = Some(sig.into());
        self
    }

    fn answer(&self, request: &Request) -> Reply {
        let last = request.path().rsplit('/').next().unwrap_or_default();
        if request.path().contains("/referrers/") {
            let page = json!({"schemaVersion": 2, "manifests": self.listed});
            return Reply::new(200, page.to_string());
        }
        match (last, self.content.get(last), &self.sig) {
            ("1", ..) => Reply::new(200, self.image.clone()),
            (_, Some(bytes), _) => Reply::new(200, bytes.clone()),
            (tag, None, Some(sig)) if tag.contains(".sig") => Reply::new(200, sig.clone()),
            _ => Reply::error(404, "MANIFEST_UNKNOWN"),
        }
    }
}

fn describe(bytes: &[u8], media_type: &str) -> Value {
    json!({"mediaType": media_type, "digest": Digest::sha256(bytes).to_string(), "size": bytes.len()})
}

fn verify(release: Release, more: &[&str]) -> (u8, String) {
    let server = Server::start(move |request| release.answer(request));
    let target = format!("{}/x:1", server.host());
    let mut argv = vec![
        "sigscope",
        "verify",
        &target,
        "--certificate-identity",
        "a",
        "--certificate-oidc-issuer",
        "b",
        "--json",
    ];
    argv.extend(more);
    let said = run(&argv.into_iter().map(str::to_owned).collect::<Vec<_>>());
    (said.code, said.out)
}

#[test]
fn an_image_without_anything_is_unsigned() {
    assert_eq!(verify(Release::new(), &[]).0, 4);
    let junk = json!({"config": describe(b"{}", "a/b"), "layers": []}).to_string();
    assert_eq!(verify(Release::new().refer(&junk, Some("a/b")), &[]).0, 4);
}

#[test]
fn evidence_that_is_not_understood_is_undecided() {
    let config = describe(b"{}", EMPTY);
    let layer = |t: &str| json!({"config": config, "layers": [describe(b"{}", t)]}).to_string();
    let bundle = "application/vnd.dev.sigstore.bundle.v0.3+json";
    let loud = bundle.to_uppercase();
    let both = json!({"layers": [], "manifests": []}).to_string();
    let index = json!({"manifests": []}).to_string();
    for (what, manifest, artifact_type) in [
        (
            "a cosign signature as a referrer",
            layer(SIMPLE),
            Some("application/vnd.dev.cosign.artifact.sig.v1+json"),
        ),
        ("the same, the listing silent", layer(SIMPLE), None),
        ("a bare envelope", layer("application/vnd.dsse.envelope.v1+json"), None),
        ("layers and manifests at once", both, None),
        ("cut JSON", r#"{"layers":["#.to_owned(), None),
        ("an index that is listed as a bundle", index, Some(bundle)),
        ("a bundle's type in capitals", layer(&loud), None),
        (
            "two layers",
            json!({"layers": [describe(b"{}", bundle), describe(b"{}", bundle)]}).to_string(),
            None,
        ),
    ] {
        let (code, out) = verify(Release::new().refer(&manifest, artifact_type), &[]);
        assert_eq!(code, 3, "{what}: {out}");
    }
}

#[test]
fn a_legacy_tag_that_cannot_be_read_is_undecided() {
    let config = describe(b"{}", EMPTY);
    for (what, manifest) in [
        ("a signature", json!({"config": config, "layers": [describe(b"{}", SIMPLE)]}).to_string()),
        ("cut JSON", r#"{"layers":["#.to_owned()),
        ("an index", json!({"manifests": []}).to_string()),
        ("layers and manifests at once", json!({"layers": [], "manifests": []}).to_string()),
        ("no layers", json!({"config": config, "layers": []}).to_string()),
    ] {
        let (code, out) = verify(Release::new().signed(&manifest), &[]);
        assert_eq!(code, 3, "{what}: {out}");
    }
}
