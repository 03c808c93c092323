//! A log entry is of one signature: it holds the hash that this signature is over, and no other one
//! of the same bytes, which no log would have verified.
#![allow(clippy::unwrap_used, missing_docs, reason = "a test that cannot go on panics")]

#[path = "common/judging.rs"]
mod judging;
#[path = "common/virtual_sigstore/mod.rs"]
mod virtual_sigstore;

use judging::{case, signed_by};
use serde_json::json;
use sigscope::{
    domain::{Digest, Verdict, digest::Algorithm, steps::StepName, verdict::Judgement},
    verify::{Layer, judge, judge_legacy, root::TrustRoot},
};
use virtual_sigstore::{
    Curve::{self, P256, P384, P521, P521Sha256},
    IDENTITY, ISSUER, LogKind, Recipe, Sigstore,
};

const FILE: &[u8] = b"a file";

/// Whether in a layer, the key and what it signs over, the hash of the entry, whether it is of it.
const ROWS: &[(bool, Curve, Curve, bool)] = &[
    (false, P256, P256, true),
    (false, P256, P384, false),
    (false, P256, P521, false),
    (false, P384, P384, true),
    (false, P384, P256, false),
    (false, P384, P521, false),
    (false, P521, P521, true),
    (false, P521, P256, false),
    (false, P521Sha256, P256, true),
    (false, P521Sha256, P521, false),
    (true, P256, P256, true),
    (true, P256, P521, false),
    (true, P256, P384, false),
    (true, P521Sha256, P256, true),
    (true, P521Sha256, P521, false),
    (true, P521Sha256, P384, false),
];

#[test]
fn an_entry_holds_the_hash_that_its_signature_is_over() {
    let (ours, theirs) = (Sigstore::new(), Sigstore::new());
    let root = ours.trusted_root().to_string();
    let root = TrustRoot::parse(root.as_bytes(), "virtual", "file").unwrap();
    let demand = signed_by(IDENTITY, ISSUER);
    let image = Digest::sha256(b"a manifest");
    let payload = json!({
        "critical": {
            "identity": { "docker-reference": "registry.test/image" },
            "image": { "docker-manifest-digest": image.to_string() },
            "type": "cosign container image signature",
        },
        "optional": null,
    })
    .to_string();
    let digests = Algorithm::ALL.map(|kind| Digest::of(kind, FILE));
    let mut wrong = vec![];
    for &(layer, curve, hash, good) in ROWS {
        let signed = if layer { payload.as_bytes() } else { FILE };
        let version = if layer { "0.1" } else { "0.3" };
        let recipe = Recipe::new(version, false, LogKind::HashedRekord001, signed);
        let recipe = Recipe { hashed: Some(hash), ..recipe.on(curve, signed) };
        let bundle = recipe.make(&ours, &theirs, signed);
        let piece = if layer {
            let annotations = Recipe::annotations_of(&bundle);
            let artifact = [image.clone()];
            let case = case(&artifact, None, Some(&root), None, &demand);
            judge_legacy(
                Layer { annotations: &annotations, payload: signed, attestation: false },
                case,
            )
        } else {
            let case = case(&digests, Some(FILE), Some(&root), None, &demand);
            judge(bundle.to_string().as_bytes(), case)
        };
        let step = piece.steps.get(StepName::LogEntry);
        let told = if good {
            piece.judgement == Judgement::Proved
        } else {
            piece.judgement == Judgement::Refuted
                && step.verdict == Verdict::Refuted
                && step.detail.contains("does not carry this signature")
        };
        if !told {
            wrong.push(format!(
                "layer={layer} {curve:?} in the log {hash:?}: {:?} {}; {}",
                piece.judgement, piece.summary, step.detail
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
