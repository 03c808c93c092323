//! What one bundle costs: all sixteen rows of ours beside the library's bare verdict.
//!
//! Method: the same bytes, artifact and trust root. `library` is `Bundle::from_json` and
//! `Verifier::verify` with any identity; `ours` is `verify::judge`, which reads the JSON strictly,
//! runs every step on its own, and asks the library too. Both in turns, 300 rounds; the fastest of each
//! and their ratio, since everything else that runs on the machine only adds. Run: `cargo bench --bench verify`.
#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "a bench prints and reads the clock"
)]

use std::{
    fs,
    path::Path,
    time::{Duration, Instant},
};

use serde_json::Value;
use sigscope::{
    domain::{
        Digest, Timestamp,
        demand::{Demand, Matcher, Signer, Wanted, Who},
        oci::{BUNDLE_PREFIX, Manifest},
        verdict::Judgement,
    },
    verify::{Case, judge, root::TrustRoot},
};
use sigstore_trust_root::TrustedRoot;
use sigstore_types::{Artifact, ArtifactDigest, Bundle, DigestBytes, HashAlgorithm};
use sigstore_verify::{VerificationPolicy, Verifier};

const ROUNDS: usize = 300;

fn demand() -> Demand {
    let workflow = "https://github.com/enix/x509-certificate-exporter/.github/workflows/release.yaml@refs/tags/v4.0.0";
    Demand {
        who: Who::Signers(vec![Signer {
            identity: vec![Matcher::Exact(workflow.into())],
            issuer: vec![Matcher::Exact("https://token.actions.githubusercontent.com".into())],
        }]),
        wanted: vec![Wanted::Signature],
        signed_timestamps: false,
        claims: vec![],
        annotations: vec![],
        waived: vec![],
        github: None,
        rules: sigscope::domain::rules::Rules::default(),
        strict: false,
        words: String::new(),
    }
}

/// Every bundle of a fixture, with the digest of its subject.
fn bundles(case: &str) -> Vec<(Digest, Vec<u8>)> {
    let layout = Path::new("tests/fixtures").join(case).join("layout");
    let blob = |digest: &Digest| fs::read(layout.join("blobs/sha256").join(digest.hex())).unwrap();
    let index: Value =
        serde_json::from_slice(&fs::read(layout.join("index.json")).unwrap()).unwrap();
    let mut found = vec![];
    for entry in index["manifests"].as_array().unwrap() {
        let digest: Digest = entry["digest"].as_str().unwrap().parse().unwrap();
        let Ok(Manifest::Image(image)) = Manifest::parse(&blob(&digest)) else { continue };
        let Some(subject) = &image.subject else { continue };
        for layer in image.layers.iter().filter(|l| l.media_type.starts_with(BUNDLE_PREFIX)) {
            found.push((subject.digest.clone(), blob(&layer.digest)));
        }
    }
    found
}

fn fastest(times: &[Duration]) -> Duration {
    times.iter().min().copied().unwrap_or_default()
}

fn main() {
    let json = fs::read_to_string("tests/fixtures/trusted_root.json").unwrap();
    let ours = TrustRoot::parse(json.as_bytes(), "fixtures", "file").unwrap();
    let library = Verifier::new(&TrustedRoot::from_json(&json).unwrap()).unwrap();
    let (demand, now) = (demand(), Timestamp::now());
    println!("{:<10} {:>9} {:>12} {:>12} {:>7}", "case", "bytes", "library", "ours", "ratio");
    for case in ["native", "rekor-v2"] {
        for (digest, bytes) in bundles(case) {
            let (mut theirs, mut own) = (vec![], vec![]);
            for _ in 0..ROUNDS {
                let began = Instant::now();
                let bundle = Bundle::from_json(std::str::from_utf8(&bytes).unwrap()).unwrap();
                let hash = DigestBytes::new(digest.bytes());
                let artifact = ArtifactDigest::new(HashAlgorithm::Sha2256, hash).unwrap();
                let policy = VerificationPolicy::any_identity();
                library.verify(Artifact::from(artifact), &bundle, &policy).unwrap();
                theirs.push(began.elapsed());
                let began = Instant::now();
                let artifact = [digest.clone()];
                let piece = judge(
                    &bytes,
                    Case {
                        artifact: &artifact,
                        bytes: None,
                        root: Some(&ours),
                        key: None,
                        demand: Some(&demand),
                        now,
                    },
                );
                own.push(began.elapsed());
                assert_ne!(piece.judgement, Judgement::Undecided, "{case}: {}", piece.summary);
            }
            let (theirs, own) = (fastest(&theirs), fastest(&own));
            let ratio = own.as_secs_f64() / theirs.as_secs_f64();
            println!("{case:<10} {:>9} {theirs:>12.1?} {own:>12.1?} {ratio:>6.2}×", bytes.len());
        }
    }
}
