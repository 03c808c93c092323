//! A Sigstore of our own signs what no real one would: for each step a bundle that fails in that
//! step, while every other step holds or waits for it, and is refused for that reason.
#![allow(clippy::unwrap_used, missing_docs, reason = "a test that cannot go on panics")]

#[path = "common/judging.rs"]
mod judging;
#[path = "common/virtual_sigstore/mod.rs"]
mod virtual_sigstore;

use judging::{case, signed_by};
use serde_json::Value;
use sigscope::{
    domain::{
        Digest, Verdict,
        demand::{Demand, Matcher},
        digest::Algorithm,
        steps::StepName,
        verdict::Judgement,
    },
    verify::{Piece, judge, root::TrustRoot},
};
use virtual_sigstore::{IDENTITY, ISSUER, LogKind, Other, Recipe, SIGNED, Sigstore, Usage, time};

const ARTIFACT: &[u8] = b"the artifact";

fn judged(root: &Value, bundle: &[u8], demand: &Demand) -> Piece {
    let root = TrustRoot::parse(root.to_string().as_bytes(), "virtual", "file").unwrap();
    let digests = Algorithm::ALL.map(|kind| Digest::of(kind, ARTIFACT));
    judge(bundle, case(&digests, Some(ARTIFACT), Some(&root), None, demand))
}

#[test]
fn good_bundles_of_every_kind_are_proved() {
    let (ours, theirs) = (Sigstore::new(), Sigstore::new());
    use LogKind::{Dsse001, HashedRekord001, HashedRekord002, Intoto002};
    for version in ["0.1", "0.2", "0.3"] {
        for (dsse, log) in [
            (false, HashedRekord001),
            (false, HashedRekord002),
            (true, Dsse001),
            (true, Intoto002),
            (true, HashedRekord002),
        ] {
            if version == "0.1" && log.is_v2() {
                // Version 0.1 wants a signed entry timestamp, and Rekor v2 makes none.
                continue;
            }
            let bundle = Recipe::new(version, dsse, log, ARTIFACT).make(&ours, &theirs, ARTIFACT);
            let demand = signed_by(IDENTITY, ISSUER);
            let piece = judged(&ours.trusted_root(), bundle.to_string().as_bytes(), &demand);
            let words = format!("{version} dsse={dsse} {log:?}: {}", piece.summary);
            assert_eq!(piece.judgement, Judgement::Proved, "{words}");
            // The same bundle is nothing under the root of the other instance.
            let piece = judged(&theirs.trusted_root(), bundle.to_string().as_bytes(), &demand);
            assert_eq!(piece.judgement, Judgement::Refuted, "{words}");
        }
    }
}
