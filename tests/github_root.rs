//! GitHub's own trust root over TUF: when it is asked for, and what each answer is worth.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    missing_docs,
    reason = "a test that cannot go on panics, and says what it skips"
)]

use std::{
    fs,
    path::Path,
    sync::{Arc, Mutex},
};

use Verdict::{Proved, Refuted, Undecided};
use futures_util::future::BoxFuture;
use sigscope::{
    domain::{
        Digest, Timestamp, Verdict,
        demand::{Demand, Matcher, Signer, Wanted, Who},
        digest::Algorithm,
        github::{GitHubSource, Release, Whose},
        rules::Rules,
    },
    inspect::{
        CheckKind, Inspection, ListingNote, Material, Mirror, NoLog, RootSource, Subject,
        TrustRoots, TufError, TufRequest, TufRoot, World, drive,
        github::{Attestations, GitHub, Stored},
        verdict::overall,
        world::Progress,
    },
    net::{Router, files::LocalFiles, registry::Settings},
    verify::root::BuiltIn,
};
use sigstore_trust_root::SigstoreInstance;

const RELEASE: &str = "../shared/corpus/bundles-ok/github-release-attestation.sigstore.json";
const ASSET: &str = "76f1fe8593bf227cca2c089e3c16dc95014a8d3e89c5dd220530469ca043c428";
const V2: &str = "https://in-toto.io/attestation/release/v0.2";

/// Keeps one bundle for every digest.
struct Keeps(Arc<[u8]>);

impl GitHub for Keeps {
    fn attestations<'a>(
        &'a self,
        _: &'a Whose,
        _: &'a Digest,
        _: Progress<'a>,
    ) -> BoxFuture<'a, Attestations> {
        let found = vec![Stored::new(Arc::clone(&self.0))];
        let (asked, answer) = ("a test".to_owned(), "some".to_owned());
        let notes = vec![ListingNote { asked, verdict: Verdict::Proved, answer }];
        Box::pin(std::future::ready(Attestations { found, notes }))
    }
}

type Answer = Result<&'static str, TufError>;

/// Hands out a root as the public-good one, and answers for GitHub's as a test tells it; keeps what was asked.
struct Roots(Answer, Mutex<Vec<String>>, &'static str);

impl TrustRoots for Roots {
    fn fetch<'a>(&'a self, request: TufRequest<'a>) -> BoxFuture<'a, Result<TufRoot, TufError>> {
        self.1.lock().unwrap().push(request.url.to_owned());
        let answer =
            if request.url == BuiltIn::GitHub.tuf_url() { self.0.clone() } else { Ok(self.2) };
        let root = answer.map(|document| TufRoot {
            document: Arc::from(document.as_bytes()),
            roles: vec![],
            checked: request.now,
            not_reached: None,
            warnings: vec![],
        });
        Box::pin(std::future::ready(root))
    }
}

fn now() -> Timestamp {
    "2026-11-23T12:00:00Z".parse().unwrap()
}

/// gh's demand of a release.
fn demand(wanted: Option<Wanted>) -> Arc<Demand> {
    let whose = Whose::Repository { owner: "jdx".into(), name: "communique".into() };
    let release = Release { predicate_type: V2.into(), whose: whose.clone(), tag: None };
    let identity = vec![Matcher::Exact("https://dotcom.releases.github.com".into())];
    let issuer = vec![Matcher::Exact(String::new())];
    Arc::new(Demand {
        who: Who::Signers(vec![Signer { identity, issuer }]),
        wanted: vec![wanted.unwrap_or(Wanted::Release(release))],
        signed_timestamps: false,
        claims: vec![],
        annotations: vec![],
        waived: vec![],
        github: Some(GitHubSource { whose, by: Algorithm::Sha256 }),
        rules: Rules::default(),
        strict: false,
        words: String::new(),
    })
}

/// The inspection of a digest for which GitHub keeps `bundle`, and the repositories that were asked.
async fn seen(bundle: &[u8], answer: Answer, require_fresh: bool) -> (Inspection, Vec<String>) {
    let public = SigstoreInstance::PublicGood.embedded_trusted_root_json();
    seen_under(public, bundle, answer, require_fresh).await
}

async fn seen_under(
    public: &'static str,
    bundle: &[u8],
    answer: Answer,
    require_fresh: bool,
) -> (Inspection, Vec<String>) {
    let strange = bundle == strangers().as_slice();
    let demand = demand(strange.then_some(Wanted::AnyOverFile));
    let material = Material::GitHub(demand.github.clone().unwrap());
    let digest = Digest::new(Algorithm::Sha256, ASSET).unwrap();
    let root = RootSource::Tuf { mirror: Mirror::Known(BuiltIn::PublicGood), require_fresh };
    let subject = Subject::Digest { digest, material };
    let roots = Arc::new(Roots(answer, Mutex::default(), public));
    let world = World {
        registry: Arc::new(Router::new(Settings::default())),
        files: Arc::new(LocalFiles),
        github: Arc::new(Keeps(bundle.into())),
        roots: roots.clone(),
        log: Arc::new(NoLog("nobody asks")),
        now,
    };
    let begun = Inspection::new(subject, Some(demand), root).for_verdict();
    let seen = drive(begun, world, |_| ()).await;
    let asked = roots.1.lock().unwrap().clone();
    (seen, asked)
}

/// Signed under a root that is neither the public-good one nor GitHub's.
fn strangers() -> Vec<u8> {
    let blobs = fs::read_dir("assets/demo").unwrap().flatten().map(|e| e.path());
    let mut folders: Vec<_> = blobs.collect();
    while let Some(path) = folders.pop() {
        if path.is_dir() {
            folders.extend(fs::read_dir(path).unwrap().flatten().map(|e| e.path()));
        } else if let Ok(text) = fs::read_to_string(&path)
            && text.contains("verificationMaterial")
        {
            return text.into_bytes();
        }
    }
    unreachable!("the demo has bundles")
}

fn unreachable_mirror() -> Answer {
    Err(TufError::Unreachable("nobody there".into()))
}

#[tokio::test]
async fn githubs_root_comes_over_tuf_under_the_rules_of_the_main_one() {
    let githubs = SigstoreInstance::GitHub.embedded_trusted_root_json();
    let demo = include_str!("../assets/demo/trusted_root.json");
    let refused = || Err(TufError::Refused("rollback detected for timestamp".into()));
    let nothing = || Err(TufError::NothingCached("no request was made".into()));
    let release = fs::read(RELEASE).ok();
    if release.is_none() {
        println!("SKIPPED in part: {RELEASE} is not here");
    }
    let (ours, theirs) = (release.as_deref(), Some(strangers()));
    let theirs = theirs.as_deref();
    // Bundle, answer, --require-fresh-root → verdict, where the root is from, words, a warning.
    for (case, bundle, answer, fresh, verdict, told, warned) in [
        ("fetched", ours, Ok(githubs), false, Proved, "no public log", false),
        ("fetched, fresh", ours, Ok(githubs), true, Proved, "no public log", false),
        ("not reached", ours, unreachable_mirror(), false, Proved, "no public log", true),
        ("offline", ours, nothing(), false, Proved, "no public log", false),
        (
            "not reached, fresh",
            ours,
            unreachable_mirror(),
            true,
            Undecided,
            "--require-fresh-root",
            false,
        ),
        ("offline, fresh", ours, nothing(), true, Undecided, "--require-fresh-root", false),
        ("rolled back", ours, refused(), false, Undecided, "rollback detected", false),
        ("no root", ours, Ok("{}"), false, Undecided, "", false),
        ("a stranger's", theirs, Ok(githubs), false, Refuted, "", false),
        ("a stranger's, not reached", theirs, unreachable_mirror(), false, Refuted, "", true),
        (
            "a stranger's, rolled back",
            theirs,
            refused(),
            false,
            Undecided,
            "rollback detected",
            false,
        ),
        ("an authority of tomorrow", theirs, Ok(demo), false, Undecided, "does not know", false),
    ] {
        let Some(bundle) = bundle else { continue };
        let (seen, asked) = seen(bundle, answer, fresh).await;
        let end = overall(&seen);
        assert_eq!(end.verdict, verdict, "{case}: {}", end.reason);
        assert!(end.reason.contains(told), "{case}: {}", end.reason);
        let row = seen.finding(CheckKind::GitHubRoot).unwrap();
        let fallback = row.warnings.iter().any(|(code, _)| *code == "root-fallback");
        assert_eq!(fallback, warned, "{case}: {:?}", row.warnings);
        let of_github = asked.iter().filter(|url| *url == BuiltIn::GitHub.tuf_url()).count();
        assert_eq!((of_github, asked.len()), (1, 2), "{case}: {asked:?}");
        assert!(!end.running && seen.finished(), "{case}");
    }
}

#[tokio::test]
async fn nobody_asks_for_githubs_root_where_the_chosen_one_knows_the_signer() {
    let public = fs::read("tests/fixtures/release-dir/attestations.jsonl").unwrap();
    for bundle in [public.trim_ascii(), b"{}", b"nonsense"] {
        let own = include_str!("fixtures/trusted_root.json");
        let answer = Err(TufError::Refused("x".into()));
        let (seen, asked) = seen_under(own, bundle, answer, false).await;
        let steps = seen.pieces().map(|(_, found)| found.piece.summary.clone()).collect::<Vec<_>>();
        assert!(seen.finding(CheckKind::GitHubRoot).is_none(), "{steps:?}");
        assert_eq!(asked, [BuiltIn::PublicGood.tuf_url()]);
        assert_ne!(overall(&seen).verdict, Verdict::Proved);
    }
}

#[tokio::test]
async fn a_root_that_could_not_be_had_is_tried_again_with_the_piece_that_waits_for_it() {
    let (mut seen, _) = seen(&strangers(), Err(TufError::Refused("x".into())), false).await;
    seen.retry_undecided();
    assert!(seen.finding(CheckKind::GitHubRoot).is_none());
    assert!(seen.finding(CheckKind::Piece).is_none());
    assert!(Path::new("assets/demo").exists());
}
