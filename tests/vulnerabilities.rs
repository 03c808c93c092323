//! What the attestations of a release say of vulnerabilities, beside the components of its SBOM, and
//! whose word that is under each demand.
#![allow(clippy::unwrap_used, missing_docs, reason = "a test that cannot go on panics")]

mod common;

use std::{fs, path::Path, sync::Arc};

use common::fixture;
use sigscope::{
    domain::{
        Reference, Repository, Tag, Timestamp,
        demand::{Demand, Matcher, Signer, Wanted, Who},
        sbom::{
            Sbom,
            vulnerabilities::{Attested, Class, Findings, Product, Standing, Why},
        },
    },
    inspect::{Inspection, NoLog, NoTuf, RootSource, Subject, World, drive, github::NoGitHub},
    net::{Router, files::LocalFiles, registry::Settings},
};

fn noon() -> Timestamp {
    "2026-11-23T12:00:00Z".parse().unwrap()
}

fn world() -> World {
    World {
        registry: Arc::new(Router::new(Settings::default())),
        files: Arc::new(LocalFiles),
        github: Arc::new(NoGitHub("nobody asks")),
        roots: Arc::new(NoTuf),
        log: Arc::new(NoLog("no log")),
        now: noon,
    }
}

fn by(identity: &str) -> Arc<Demand> {
    Arc::new(Demand {
        who: Who::Signers(vec![Signer {
            identity: vec![Matcher::Exact(identity.to_owned())],
            issuer: vec![Matcher::Exact("https://token.actions.githubusercontent.com".to_owned())],
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
    })
}

#[tokio::test]
async fn a_statement_is_as_good_as_the_signature_over_it() {
    let release = "https://github.com/enix/x509-certificate-exporter/.github/workflows/release.yaml@refs/tags/v4.0.0";
    for (demand, standing) in [
        (Some(by(release)), Standing::Proved),
        (
            Some(by("https://github.com/evil/x/.github/workflows/release.yaml@refs/tags/v4.0.0")),
            Standing::OtherSigner,
        ),
        (None, Standing::Valid),
    ] {
        let repository = Repository::Layout(fixture("many-predicates/layout"));
        let tag = Some(Tag::parse("4.0.0").unwrap());
        let subject = Subject::Artifact(Reference { repository, tag, digest: None });
        let root = RootSource::File(fixture("trusted_root.json"));
        let seen = drive(Inspection::new(subject, demand, root), world(), |_| ()).await;
        let (_, shown) = seen.sboms().next().unwrap();
        let findings = seen.vulnerabilities(shown);
        // OpenVEX speaks of the image by its digest, the scan of a package by its name.
        let net = shown.sbom.components().position(|c| c.name().ends_with("org/x/net")).unwrap();
        let net = Some(u32::try_from(net).unwrap());
        let said = |place| -> Vec<String> {
            let all = findings.about(place);
            all.map(|f| format!("{} {}", f.vulnerability(), f.state().said().word())).collect()
        };
        assert_eq!(said(None), ["CVE-2026-11111 not_affected", "CVE-2026-22222 affected"]);
        assert_eq!(said(net), ["CVE-2026-22222 reported"]);
        for (place, class) in [(None, Class::Harmful), (net, Class::Reported)] {
            let mark = findings.mark(place).unwrap();
            assert_eq!((*mark.word.said(), mark.word.standing()), (class, standing));
        }
        assert_eq!(findings.places().count(), 2);
        assert_eq!((findings.unplaced(), findings.problems().len()), (0, 0));
        assert_eq!(findings.left_out(), [""; 0]);
        assert_eq!(findings.words().unwrap(), "3 statements in 2 documents");
    }
}

#[tokio::test]
async fn a_plain_document_has_nothing_beside_it_that_could_be_missing() {
    let subject = Subject::Document(fixture("sbom/beacon.cdx.json"));
    let root = RootSource::File(fixture("trusted_root.json"));
    let seen = drive(Inspection::new(subject, None, root), world(), |_| ()).await;
    let (_, shown) = seen.sboms().next().unwrap();
    let findings = seen.vulnerabilities(shown);
    assert_eq!(findings.left_out(), [""; 0]);
    assert!(findings.is_empty());
}

/// What a document says of itself, and what one other says of it.
fn said(document: &str, other: Option<(&str, &str)>) -> Findings {
    let sbom = Sbom::parse(document).unwrap();
    let other = other.map(|(predicate_type, predicate)| Attested {
        standing: Standing::Valid,
        predicate_type,
        predicate,
    });
    Findings::of(&sbom, Standing::Observed, &Product::default(), other)
}

/// Statements, those that were placed, those that name nothing.
fn counts(findings: &Findings) -> (usize, usize, usize) {
    let statements = findings.origins().iter().map(|origin| origin.statements).sum();
    (statements, findings.len(), findings.unplaced())
}

#[test]
fn the_collection_of_real_documents_is_placed() {
    const VEX: &str = "https://openvex.dev/ns/v0.2.0";
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus");
    let read = |path: &str| fs::read_to_string(corpus.join(path)).unwrap();
    if !corpus.join("INDEX.tsv").exists() {
        eprintln!(
            "SKIPPED: no reference collection at ../shared/corpus; no real document was placed"
        );
        return;
    }
    for (path, wanted) in [
        ("sboms/cyclonedx/trivy-pom-1.7.cdx.json", (2, 2, 0)),
        // A VEX alone: its places are in other documents.
        ("sboms/cyclonedx/vex-cisa-case8.json", (8, 0, 8)),
    ] {
        let findings = said(&read(path), None);
        assert_eq!(counts(&findings), wanted, "{path}");
        assert!(findings.problems().is_empty(), "{path}: {:?}", findings.problems());
    }
    let enix = fs::read_to_string(fixture("sbom/enix-4.0.0.cdx.json")).unwrap();
    for (path, wanted) in [
        ("attestations/openvex/trivy.openvex.json", (21, 0, 21)),
        ("attestations/openvex/openvex-nested.json", (1, 0, 1)),
    ] {
        let findings = said(&enix, Some((VEX, &read(path))));
        assert_eq!(counts(&findings), wanted, "{path}");
        assert!(findings.unmatched().all(|lost| lost.why() == Why::OtherProduct), "{path}");
    }
    for (path, found) in
        [("vulns-v0.1.json", 8), ("vulns-v0.2.json", 8), ("vulns-none-v0.2.json", 0)]
    {
        let text = read(&format!("attestations/statements/{path}"));
        let statement: serde_json::Value = serde_json::from_str(&text).unwrap();
        let kind = statement["predicateType"].as_str().unwrap();
        let findings = said(&enix, Some((kind, &statement["predicate"].to_string())));
        // The list of in-toto speaks of its subject: the artifact.
        assert_eq!(findings.about(None).len(), found, "{path}");
    }
}
