//! Which checks GitHub's attestations get, and under whose roots they are judged.
#![allow(clippy::unwrap_used, missing_docs, reason = "a test that cannot go on panics")]

use std::{path::PathBuf, sync::Arc};

use futures_util::future::BoxFuture;
use sigscope::{
    domain::{
        Digest, Timestamp, Verdict,
        demand::{Demand, Matcher, Signer, Wanted, Who},
        digest::Algorithm,
        github::{GitHubSource, Whose},
        target::Target,
    },
    inspect::{
        CheckKind, Inspection, ListingNote, Material, RootSource, Source, Subject, Work, World,
        drive,
        github::{Attestations, GitHub, Stored},
        github_root::GitHubs,
        plan::Roots,
        ready,
        verdict::overall,
        world::Progress,
    },
    net::{Router, files::LocalFiles, registry::Settings},
};

const LAYOUT: &str = "tests/fixtures/pushed-provenance/layout";

/// Keeps these bytes for every digest.
struct Keeps(Vec<Arc<[u8]>>);

impl GitHub for Keeps {
    fn attestations<'a>(
        &'a self,
        _: &'a Whose,
        _: &'a Digest,
        _: Progress<'a>,
    ) -> BoxFuture<'a, Attestations> {
        let found = self.0.iter().cloned().map(Stored::new).collect();
        let (asked, answer) = ("a test".to_owned(), "some".to_owned());
        let notes = vec![ListingNote { asked, verdict: Verdict::Proved, answer }];
        Box::pin(std::future::ready(Attestations { found, notes }))
    }
}

fn noon() -> Timestamp {
    "2026-11-23T12:00:00Z".parse().unwrap()
}

fn source() -> GitHubSource {
    GitHubSource { whose: Whose::Owner("enix".into()), by: Algorithm::Sha256 }
}

fn demand(github: Option<GitHubSource>) -> Arc<Demand> {
    let issuer = "https://token.actions.githubusercontent.com";
    let identity = "https://github.com/enix/x509-certificate-exporter/.github/workflows/release.yaml@refs/tags/v4.0.0";
    let exactly = |text: &str| vec![Matcher::Exact(text.into())];
    Arc::new(Demand {
        who: Who::Signers(vec![Signer { identity: exactly(identity), issuer: exactly(issuer) }]),
        wanted: vec![Wanted::Attestation("https://slsa.dev/provenance/v1".into())],
        signed_timestamps: false,
        claims: vec![],
        annotations: vec![],
        waived: vec![],
        github,
        rules: sigscope::domain::rules::Rules::default(),
        strict: false,
        words: String::new(),
    })
}

fn image() -> Subject {
    match Target::parse(&format!("oci:{LAYOUT}:one")).unwrap() {
        Target::Artifact(reference) => Subject::Artifact(reference),
        other => unreachable!("{other:?}"),
    }
}

fn file(material: Material) -> Subject {
    Subject::File { path: PathBuf::from("Cargo.toml"), material }
}

async fn seen(begun: Inspection, kept: Vec<Arc<[u8]>>) -> Inspection {
    let registry = Arc::new(Router::new(Settings::default()));
    let github = Arc::new(Keeps(kept));
    let roots = Arc::new(sigscope::inspect::NoTuf);
    let world = World {
        registry,
        files: Arc::new(LocalFiles),
        github,
        roots,
        log: Arc::new(sigscope::inspect::NoLog("nobody asks")),
        now: noon,
    };
    drive(begun, world, |_| ()).await
}

#[tokio::test]
async fn only_what_github_keeps_may_be_judged_under_its_own_root() {
    let bundle = Material::Bundle("README.md".into());
    let own = RootSource::File("tests/fixtures/trusted_root.json".into());
    for (name, subject, github, root, wanted) in [
        (
            "an image",
            image(),
            Some(source()),
            RootSource::Embedded,
            vec![Roots::Chosen, Roots::ChosenOrGitHubs(GitHubs::NotAsked)],
        ),
        ("nobody's image", image(), None, RootSource::Embedded, vec![Roots::Chosen]),
        ("a chosen root", image(), Some(source()), own, vec![Roots::Chosen, Roots::Chosen]),
        (
            "a file",
            file(Material::GitHub(source())),
            Some(source()),
            RootSource::Embedded,
            vec![Roots::ChosenOrGitHubs(GitHubs::NotAsked)],
        ),
        (
            "a file of gh's",
            file(bundle.clone()),
            Some(source()),
            RootSource::Embedded,
            vec![Roots::ChosenOrGitHubs(GitHubs::NotAsked)],
        ),
        ("any bundle", file(bundle), None, RootSource::Embedded, vec![Roots::Chosen]),
    ] {
        let begun = Inspection::new(subject, Some(demand(github)), root);
        let mut seen = seen(begun, vec![Arc::from(*b"{}")]).await;
        // The plan as it was before the pieces were judged.
        seen.checks.retain(|id, _| id.kind != CheckKind::Piece);
        let planned: Vec<Roots> = ready(&seen)
            .into_iter()
            .filter_map(|planned| match planned.work {
                Work::Referrer(_, _, judging)
                | Work::BundleFile(_, judging)
                | Work::Stored(_, judging) => Some(judging.roots.clone()),
                _ => None,
            })
            .collect();
        assert_eq!(planned, wanted, "{name}");
    }
}

/// Bundles and manifests are public: somebody may list the one in the place of the other.
#[tokio::test]
async fn nothing_that_github_keeps_stands_in_for_what_a_registry_lists() {
    let root = || RootSource::File("tests/fixtures/trusted_root.json".into());
    let alone = seen(Inspection::new(image(), Some(demand(Some(source()))), root()), vec![]).await;
    let referrers: Vec<Digest> = alone.pieces().map(|(_, found)| found.carrier.clone()).collect();
    let [manifest] = referrers.as_slice() else { unreachable!("{referrers:?}") };
    let bytes = std::fs::read(format!("{LAYOUT}/blobs/sha256/{}", manifest.hex())).unwrap();
    let both =
        seen(Inspection::new(image(), Some(demand(Some(source()))), root()), vec![bytes.into()]);
    let both = both.await;
    let pieces: Vec<(Source, &Digest)> =
        both.pieces().map(|(_, found)| (found.source, &found.carrier)).collect();
    assert_eq!(pieces.len(), 2, "{pieces:?}");
    assert!(pieces.iter().all(|(_, carrier)| *carrier == manifest), "{pieces:?}");
    assert_eq!(overall(&both).verdict, Verdict::Proved);
}
