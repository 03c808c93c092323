//! What is done with foreign bytes, and what must hold whatever they are.
//!
//! The fuzz targets feed these functions; `tests/fuzz_seeds.rs` of the project runs them over the
//! seeds and over random bytes, so that they keep compiling and holding.

use std::{collections::BTreeMap, sync::LazyLock};

use serde_json::Value;
use sigscope::{
    domain::{
        Digest, Reference, Timestamp,
        checksums::{self, Checksums},
        demand::{Demand, Matcher, Signer, Wanted, Who},
        oci::{Config, Manifest},
        sbom::Sbom,
        simple_signing::SimpleSigning,
        statement::{Statement, SubjectMatch},
        steps::StepName,
        target::Target,
        verdict::{Judgement, Verdict},
    },
    verify::{Case, Layer, Piece, judge, judge_legacy, root::TrustRoot},
};

static ROOT: LazyLock<TrustRoot> = LazyLock::new(|| {
    let json = include_bytes!("../../tests/fixtures/trusted_root.json");
    TrustRoot::parse(json, "fuzz", "file").expect("the fixture's root")
});

/// Somebody who signed nothing.
static NOBODY: LazyLock<Demand> = LazyLock::new(|| Demand {
    who: Who::Signers(vec![Signer {
        identity: vec![Matcher::Exact("https://nobody.test".into())],
        issuer: vec![Matcher::Exact("https://nobody.test".into())],
    }]),
    wanted: vec![Wanted::AnyOverFile],
    signed_timestamps: false,
    claims: vec![],
    annotations: vec![],
    waived: vec![],
    github: None,
    rules: sigscope::domain::rules::Rules::default(),
    strict: false,
    words: String::new(),
});

/// The digest that the seeds name.
const ARTIFACT: &str = "sha256:08bbd8888e3addb1cac151fc628c8690016b6fe3b66fc62020dad0512779f41c";

/// Judges for nobody and without a demand: no bytes are a proof of either.
fn judged(judge: impl Fn(Case<'_>) -> Piece) {
    let artifact: [Digest; 1] = [ARTIFACT.parse().expect("a digest")];
    let now: Timestamp = "2026-11-23T00:00:00Z".parse().expect("a time");
    for demand in [None, Some(&*NOBODY)] {
        let case =
            Case { artifact: &artifact, bytes: None, root: Some(&ROOT), key: None, demand, now };
        let piece = judge(case);
        assert_ne!(piece.judgement, Judgement::Proved);
        // Nobody is never the signer, and claims are believed only where the evidence holds.
        if demand.is_some() {
            assert_ne!(piece.steps.get(StepName::Identity).verdict, Verdict::Proved);
        }
        if piece.claims.as_ref().is_some_and(|claims| claims.verified().is_some()) {
            assert_eq!(piece.steps.get(StepName::Signature).verdict, Verdict::Proved);
            assert_eq!(piece.steps.get(StepName::Chain).verdict, Verdict::Proved);
        }
    }
}

/// A bundle.
pub fn bundle(data: &[u8]) {
    judged(|case| judge(data, case));
}

/// A certificate, as it stands in a bundle.
pub fn certificate(data: &[u8]) {
    let text = include_str!("../seeds/bundle/native.json");
    let mut bundle: Value = serde_json::from_str(text).expect("the seed");
    bundle["verificationMaterial"]["certificate"]["rawBytes"] = base64(data).into();
    let text = bundle.to_string();
    judged(|case| judge(text.as_bytes(), case));
}

/// The layer of a `.att` tag.
pub fn envelope(data: &[u8]) {
    let annotations = annotations();
    judged(|case| {
        judge_legacy(Layer { annotations: &annotations, payload: data, attestation: true }, case)
    });
}

/// One annotation of the layer of a `.sig` tag; the first byte says which.
pub fn layer(data: &[u8]) {
    let Some((first, rest)) = data.split_first() else { return };
    let mut annotations = annotations();
    let place = usize::from(*first) % annotations.len();
    if let Some(value) = annotations.values_mut().nth(place) {
        *value = String::from_utf8_lossy(rest).into_owned();
    }
    let payload = include_bytes!("../seeds/simple_signing/legacy.json");
    judged(|case| {
        judge_legacy(Layer { annotations: &annotations, payload, attestation: false }, case)
    });
}

/// The annotations of a signed layer.
fn annotations() -> BTreeMap<String, String> {
    serde_json::from_str(include_str!("../seeds/annotations.json")).expect("the seed")
}

/// A manifest, an index or the configuration of an image.
pub fn manifest(data: &[u8]) {
    let _ = Config::parse(data);
    let first = Manifest::parse(data);
    // White space behind it changes nothing.
    let again = Manifest::parse(&[data, b" "].concat());
    assert_eq!(first.is_ok(), again.is_ok());
}

/// A list of checksums.
pub fn checksums(data: &[u8]) {
    let _ = checksums::is_list("x.txt", data);
    let Ok(list) = Checksums::parse(data) else { return };
    for file in &list.files {
        assert!(!file.digests.is_empty(), "{file:?}");
        // What may be opened stays inside the folder.
        let climbs = file.name.split('/').any(|part| part == "..");
        let out = climbs || file.name.starts_with('/') || file.name.contains('\0');
        assert!(!out || file.refused.is_some(), "{file:?}");
    }
}

/// What somebody types.
pub fn reference(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let _ = Target::parse(&text);
    match Reference::parse(&text) {
        // What is printed is read as the same reference.
        Ok(reference) => {
            let printed = reference.to_string();
            assert_eq!(Reference::parse(&printed).as_ref(), Ok(&reference), "{printed}");
        }
        Err(error) => drop(error.pointing_at(&text)),
    }
}

/// The payload of a `.sig` layer, alone and signed by somebody.
pub fn simple_signing(data: &[u8]) {
    let _ = SimpleSigning::parse(data);
    let annotations = annotations();
    judged(|case| {
        judge_legacy(Layer { annotations: &annotations, payload: data, attestation: false }, case)
    });
}

/// An in-toto statement.
pub fn statement(data: &[u8]) {
    let Ok(statement) = Statement::parse(data) else { return };
    assert_eq!(&*statement.payload, data);
    let artifact: Digest = ARTIFACT.parse().expect("a digest");
    let named = statement.names(std::slice::from_ref(&artifact));
    if let SubjectMatch::Named(index) = named {
        let digests = &statement.subjects[index].digests;
        assert!(digests.values().any(|hex| hex == artifact.hex()));
    }
}

/// An SBOM in any format, with whatever is around it.
pub fn sbom(data: &[u8]) {
    let Ok(sbom) = Sbom::parse(data) else { return };
    let text = sbom.source().text();
    let whole = text.as_ptr().addr()..=text.as_ptr().addr() + text.len();
    for part in sbom.components().chain(sbom.root()) {
        let _ = part.detail();
        // What is shown as raw is a piece of the document.
        if let Some(raw) = part.raw() {
            let (start, end) = (raw.as_ptr().addr(), raw.as_ptr().addr() + raw.len());
            assert!(whole.contains(&start) && whole.contains(&end));
        }
    }
    assert_eq!(sbom.counts().components, sbom.len());
    // A query without words finds everything.
    assert_eq!(sbom.search("").len(), sbom.len());
}

/// A trust root; with it, a bundle that it does not know.
pub fn trusted_root(data: &[u8]) {
    if let Ok(root) = TrustRoot::parse(data, "fuzz", "file") {
        let _ = root.summary();
    }
}

fn base64(data: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for chunk in data.chunks(3) {
        let bits = chunk.iter().fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte));
        let bits = bits << (8 * (3 - chunk.len()));
        for n in 0..4 {
            let letter = LETTERS[(bits >> (18 - 6 * n)) as usize & 63];
            out.push(if n <= chunk.len() { char::from(letter) } else { '=' });
        }
    }
    out
}
