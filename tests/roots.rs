//! Which documents are trust roots, which of several judges, and what judges when no root comes
//! over TUF.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    missing_docs,
    reason = "a test that cannot go on panics, and says what it skips"
)]

use std::{fs, path::Path, sync::Arc};

use futures_util::future::{BoxFuture, ready};
use sigscope::{
    domain::{Timestamp, Verdict, steps::StepName, target::Target},
    inspect::{
        Ask, Facts, Finding, Inspection, Mirror, RootSource, Subject, TrustRoots, TufError,
        TufRequest, TufRoot, World, drive, look_up_root,
    },
    net::{Router, files::LocalFiles, registry::Settings},
    verify::{
        Case, Piece, judge,
        root::{BuiltIn, TrustRoot},
        roots,
    },
};

const CORPUS: &str = "../shared/corpus";

fn noon() -> Timestamp {
    "2026-11-24T12:00:00Z".parse().unwrap()
}

#[test]
fn every_document_of_the_corpus_is_taken_or_refused_as_it_asks() {
    let Ok(index) = fs::read_to_string(format!("{CORPUS}/INDEX.tsv")) else {
        println!("SKIPPED: {CORPUS} is not there");
        return;
    };
    let (mut wrong, mut looked_at) = (vec![], 0);
    for line in index.lines().filter(|line| line.starts_with("trusted-roots/")) {
        let columns: Vec<&str> = line.split('\t').collect();
        let (path, wanted) = (columns[0], columns[5]);
        let end = Path::new(path).extension();
        if !end.is_some_and(|end| end == "json" || end == "jsonl") {
            continue;
        }
        let bytes = fs::read(format!("{CORPUS}/{path}")).unwrap();
        let answer = TrustRoot::parse_all(&bytes, path, "file");
        let good = match (&answer, wanted) {
            (Ok(roots), "parse ok as JSONL (2 roots)") => roots.len() == 2,
            (Ok(roots), _) => wanted.starts_with("parse ok") && roots.len() == 1,
            (Err(_), _) => wanted.starts_with("must fail") || wanted.starts_with("n/a"),
        };
        looked_at += 1;
        if !good {
            wrong.push(format!("{path}: {wanted}: {answer:?}"));
        }
    }
    assert!(wrong.is_empty(), "{} of {looked_at}:\n{}", wrong.len(), wrong.join("\n"));
    assert!(looked_at > 25, "only {looked_at}");
}

#[test]
fn an_authority_without_its_root_is_refused() {
    let whole: serde_json::Value =
        serde_json::from_slice(&fs::read("tests/fixtures/trusted_root.json").unwrap()).unwrap();
    let certificates = |root: &serde_json::Value| {
        root["certificateAuthorities"][0]["certChain"]["certificates"].as_array().unwrap().clone()
    };
    let with = |certificates: Vec<serde_json::Value>| {
        let mut root = whole.clone();
        root["certificateAuthorities"][0]["certChain"]["certificates"] = certificates.into();
        TrustRoot::parse(root.to_string().as_bytes(), "x", "file").map_err(|e| e.to_string())
    };
    let all = certificates(&whole);
    assert!(all.len() > 1, "the fixture's authority has an intermediate");
    assert!(with(all.clone()).is_ok());
    assert!(with(vec![]).unwrap_err().contains("CA[0]: the certificate chain is empty"));
    let rootless = with(all[..all.len() - 1].to_vec()).unwrap_err();
    assert!(rootless.contains("CA[0]: the certificate chain does not end in a root"), "{rootless}");
}

/// A file of the built-in roots and the fixtures', in this order.
fn three_lines() -> Vec<u8> {
    let github = sigstore_trust_root::SIGSTORE_GITHUB_TRUSTED_ROOT;
    let good = sigstore_trust_root::SIGSTORE_PRODUCTION_TRUSTED_ROOT;
    let own = fs::read("tests/fixtures/trusted_root.json").unwrap();
    let compact =
        |text: &[u8]| serde_json::from_slice::<serde_json::Value>(text).unwrap().to_string() + "\n";
    [compact(github.as_bytes()), compact(good.as_bytes()), compact(&own)].concat().into_bytes()
}

fn judged(path: &str, root: &TrustRoot) -> (Vec<u8>, Piece) {
    let bytes = fs::read(path).unwrap();
    let case =
        Case { artifact: &[], bytes: None, root: Some(root), key: None, demand: None, now: noon() };
    let piece = judge(&bytes, case);
    (bytes, piece)
}

#[test]
fn of_several_roots_the_one_whose_ca_issued_the_leaf_judges() {
    let lines = TrustRoot::parse_all(&three_lines(), "all", "file").unwrap();
    let lines: Vec<Arc<TrustRoot>> = lines.into_iter().map(Arc::new).collect();
    let names: Vec<&str> = lines.iter().map(|root| root.name()).collect();
    assert_eq!(names, ["all[0]", "all[1]", "all[2]"]);
    for (bundle, line) in [
        ("gh-private-no-tlog-java.sigstore.json", 0),
        ("java-v0.3.sigstore", 1),
        ("java-v0.2.sigstore", 1),
        // Staging's: nobody vouches, and the first root refuses it.
        ("java-rekor-v2-staging.sigstore.json", 0),
    ] {
        let path = format!("{CORPUS}/bundles-ok/{bundle}");
        if !Path::new(&path).exists() {
            println!("SKIPPED: {path} is not there");
            continue;
        }
        let bytes = fs::read(&path).unwrap();
        let picked = roots::for_document(&lines, &bytes)[0];
        assert_eq!(picked.name(), lines[line].name(), "{bundle}");
        let chain = judged(&path, picked).1.steps.get(StepName::Chain).verdict;
        assert_eq!(chain == Verdict::Proved, !bundle.contains("staging"), "{bundle}");
    }
    assert!(roots::for_document(&[], b"{}").is_empty());
    assert_eq!(roots::for_document(&lines, b"no bundle")[0].name(), "all[0]");
    assert_eq!(roots::pick(&lines, &[b"no certificate"])[0].name(), "all[0]");
}

/// Answers with the same error each time.
struct Broken(TufError);

impl TrustRoots for Broken {
    fn fetch<'a>(&'a self, _: TufRequest<'a>) -> BoxFuture<'a, Result<TufRoot, TufError>> {
        Box::pin(ready(Err(self.0.clone())))
    }
}

fn world(error: TufError) -> World {
    World {
        registry: Arc::new(Router::new(Settings::default())),
        files: Arc::new(LocalFiles),
        github: Arc::new(sigscope::inspect::github::NoGitHub("nobody asks")),
        roots: Arc::new(Broken(error)),
        log: Arc::new(sigscope::inspect::NoLog("nobody asks")),
        now: noon,
    }
}

async fn looked_up(built_in: BuiltIn, require_fresh: bool, error: TufError) -> Finding {
    let source = RootSource::Tuf { mirror: Mirror::Known(built_in), require_fresh };
    look_up_root(&source, Ask::WhenDue, &world(error)).await
}

#[tokio::test]
async fn the_built_in_root_judges_only_where_nobody_answered() {
    let unreachable = TufError::Unreachable("connection refused".into());
    let nothing = TufError::NothingCached("no request was made".into());
    let refused = TufError::Refused("timestamp metadata expired".into());
    let (good, github) = (BuiltIn::PublicGood, BuiltIn::GitHub);
    // Error, fresh root wanted → the root's name, and whether it is a warning; none: undecided.
    for (built_in, error, fresh, root) in [
        (good, &unreachable, false, Some(("public-good", true))),
        (github, &unreachable, false, Some(("github", true))),
        (good, &nothing, false, Some(("public-good", false))),
        (good, &refused, false, None),
        (good, &unreachable, true, None),
        (good, &nothing, true, None),
        (good, &refused, true, None),
    ] {
        let finding = looked_up(built_in, fresh, error.clone()).await;
        let Some((name, warned)) = root else {
            assert!(matches!(finding.facts, Facts::None), "{error:?}: {}", finding.summary);
            assert!(finding.summary.contains(&error.to_string()), "{}", finding.summary);
            continue;
        };
        let Facts::Root(facts) = &finding.facts else { panic!("{error:?}: {}", finding.summary) };
        let date = facts.root.date().unwrap();
        assert_eq!((facts.root.name(), facts.root.source()), (name, "embedded"));
        let warning = finding.warnings.iter().find(|(code, _)| *code == "root-fallback");
        assert_eq!(warning.is_some(), warned, "{error:?}");
        let stale = |(_, words): &(_, String)| words.contains(date) && words.contains("stale");
        assert!(warning.is_none_or(stale), "{warning:?}");
    }
}

#[tokio::test]
async fn what_an_old_root_does_not_know_may_be_new() {
    let Target::Artifact(reference) =
        Target::parse("oci:tests/fixtures/native/layout:4.0.0").unwrap()
    else {
        panic!("an artifact")
    };
    let mirror = Mirror::Known(BuiltIn::PublicGood);
    let source = RootSource::Tuf { mirror, require_fresh: false };
    let seen = Inspection::new(Subject::Artifact(reference), None, source);
    let seen = drive(seen, world(TufError::Unreachable("no".into())), |_| ()).await;
    let mut pieces = 0;
    for (_, found) in seen.pieces().filter(|(_, found)| found.piece.claims.is_some()) {
        let told = ["chain", "set", "checkpoint"].map(|name| {
            let step = found.piece.steps.iter().find(|step| step.name.word() == name).unwrap();
            (step.verdict, step.detail.clone())
        });
        for (verdict, detail) in told.iter().filter(|(verdict, _)| *verdict == Verdict::Refuted) {
            let hint = "the built-in trust root of 2026-08-21 may be stale";
            assert!(detail.contains(hint), "{verdict:?}: {detail}");
            pieces += 1;
        }
        assert!(found.piece.summary.contains("may be stale"), "{}", found.piece.summary);
    }
    assert!(pieces > 0, "no step refused");
}
