//! What the attestations of a release say of vulnerabilities, beside the components of its SBOM, and
//! whose word that is under each demand.
#![allow(clippy::unwrap_used, missing_docs, reason = "a test that cannot go on panics")]

mod common;

use std::sync::Arc;

use common::fixture;
use sigscope::{
    domain::{
        Reference, Repository, Tag, Timestamp,
        demand::{Demand, Matcher, Signer, Wanted, Who},
        sbom::vulnerabilities::{Class, Standing},
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
        let net = shown.sbom.components().position(|c| c.name() == "golang.org/x/net").unwrap();
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
