//! Pieces by keys that no fixture has: P-384 over SHA-384, P-521 over SHA-512, and over SHA-256 in
//! a layer of a legacy tag.

use std::sync::Arc;

use serde_json::json;
use sigscope::{
    domain::{Digest, digest::Algorithm},
    verify::root::TrustRoot,
};

use super::{
    judging::signed_by,
    material::{Input, Material},
    virtual_sigstore::{Curve, IDENTITY, ISSUER, LogKind, Recipe, Sigstore},
};

fn simple_signing(artifact: &Digest) -> Vec<u8> {
    json!({
        "critical": {
            "identity": { "docker-reference": "registry.test/image" },
            "image": { "docker-manifest-digest": artifact.to_string() },
            "type": "cosign container image signature",
        },
        "optional": null,
    })
    .to_string()
    .into_bytes()
}

/// Proved pieces: bundles with every curve, and layers with those that cosign's format knows.
pub(crate) fn pieces() -> Vec<Material> {
    let (ours, theirs) = (Sigstore::new(), Sigstore::new());
    let root = ours.trusted_root().to_string();
    let root = Arc::new(TrustRoot::parse(root.as_bytes(), "virtual", "file").unwrap());
    let artifact = Digest::sha256(b"a manifest");
    let payload = simple_signing(&artifact);
    let make = |curve, version, signed: &[u8]| {
        let recipe = Recipe::new(version, false, LogKind::HashedRekord001, signed);
        recipe.on(curve, signed).make(&ours, &theirs, signed)
    };
    let demand = || signed_by(IDENTITY, ISSUER);
    let bundle = |(curve, hash): (Curve, Digest)| {
        let input = Input::Bundle(make(curve, "0.3", b"a file").to_string().into_bytes());
        Material::made(&format!("bundle, {curve:?}"), input, hash, &root, demand())
    };
    let layer = |curve: Curve| {
        let annotations = Recipe::annotations_of(&make(curve, "0.1", &payload));
        let input = Input::Layer { annotations, payload: payload.clone(), attestation: false };
        Material::made(&format!("layer, {curve:?}"), input, artifact.clone(), &root, demand())
    };
    let file = |algorithm| Digest::of(algorithm, b"a file");
    let bundles = [(Curve::P384, file(Algorithm::Sha384)), (Curve::P521, file(Algorithm::Sha512))];
    let layers = [Curve::P256, Curve::P521Sha256].map(layer);
    bundles.map(bundle).into_iter().chain(layers).collect()
}
