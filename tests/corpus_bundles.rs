//! Real bundles and the conformance suite's, judged in process, where the corpus lies beside the
//! project. Skips loudly where it does not.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    missing_docs,
    reason = "a test that cannot go on panics, and says what it skips"
)]

use std::{fs, path::Path, sync::Arc};

use sigscope::{
    domain::{
        Digest,
        demand::{Demand, Matcher, Signer, Wanted, Who},
        digest::Algorithm,
        verdict::Judgement,
    },
    verify::{Case, judge, key::TrustedKey, root::TrustRoot},
};

const CASES: &str = "../shared/corpus/bundles-conformance";
const IDENTITY: &str = "https://github.com/sigstore-conformance/extremely-dangerous-public-oidc-beacon/.github/workflows/extremely-dangerous-oidc-beacon.yml@refs/heads/main";
const ISSUER: &str = "https://token.actions.githubusercontent.com";

fn text(path: &Path, default: &str) -> String {
    fs::read_to_string(path).map_or_else(|_| default.to_owned(), |t| t.trim().to_owned())
}

#[test]
fn the_conformance_suite_is_answered_as_it_asks() {
    let Ok(cases) = fs::read_dir(CASES) else {
        println!("SKIPPED: {CASES} is not there");
        return;
    };
    let mut wrong = vec![];
    for case in cases.flatten().map(|e| e.path()).filter(|p| p.is_dir()) {
        let name = case.file_name().unwrap().to_string_lossy().into_owned();
        let key_file = fs::read(case.join("key.pub")).ok();
        let key = key_file.as_ref().and_then(|bytes| TrustedKey::parse(bytes).ok()).map(Arc::new);
        let artifact =
            fs::read(case.join("artifact")).or_else(|_| fs::read(case.join("../a.txt"))).unwrap();
        let root = match fs::read(case.join("trusted_root.json")) {
            Ok(bytes) => TrustRoot::parse(&bytes, "case", "file").ok(),
            Err(_) => TrustRoot::embedded().ok(),
        };
        let demand = Demand {
            who: match &key_file {
                Some(_) => Who::Keys(vec![case.join("key.pub")]),
                None => Who::Signers(vec![Signer {
                    identity: vec![Matcher::Exact(text(&case.join("identity"), IDENTITY))],
                    issuer: vec![Matcher::Exact(text(&case.join("issuer"), ISSUER))],
                }]),
            },
            wanted: vec![Wanted::AnyOverFile],
            signed_timestamps: false,
            claims: vec![],
            annotations: vec![],
            waived: vec![],
            github: None,
            rules: sigscope::domain::rules::Rules::default(),
            strict: false,
            words: String::new(),
        };
        let bundle = fs::read(case.join("bundle.sigstore.json")).unwrap();
        for bytes in [Some(artifact.as_slice()), None] {
            let digests = match bytes {
                Some(_) => Algorithm::ALL.map(|a| Digest::of(a, &artifact)).to_vec(),
                None => vec![Digest::sha256(&artifact)],
            };
            let piece = judge(
                &bundle,
                Case {
                    artifact: &digests,
                    bytes,
                    root: root.as_ref(),
                    key: key.as_ref(),
                    demand: Some(&demand),
                    now: "2026-11-23T00:00:00Z".parse().unwrap(),
                },
            );
            let proved = piece.judgement == Judgement::Proved;
            if proved == name.ends_with("_fail") {
                wrong.push(format!("{name} {:?}: {}", piece.judgement, piece.summary));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
