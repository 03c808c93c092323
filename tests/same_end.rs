//! The terminal UI and the headless driver end in the same inspection of the same release: the two
//! cannot drift, because whatever one knows the other knows.
#![allow(clippy::unwrap_used, missing_docs, reason = "a test that cannot go on panics")]

mod common;

use std::{path::PathBuf, sync::Arc};

use common::fixture;
use sigscope::{
    domain::{
        Reference, Repository, Tag, Timestamp, Verdict,
        demand::{Demand, Matcher, Signer, Wanted, Who},
        goregexp::GoRegexp,
    },
    inspect::{
        Inspection, NoLog, RootSource, Scope, Subject, World, drive, github::NoGitHub, spawn,
        verdict::overall,
    },
    net::{Router, files::LocalFiles, registry::Settings},
    tui::{
        message::{Effect, Message},
        state::{Judge, State},
        update::{Start, start, update},
    },
};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

fn noon() -> Timestamp {
    "2026-11-23T12:00:00Z".parse().unwrap()
}

fn world() -> World {
    let registry = Arc::new(Router::new(Settings::default()));
    World {
        registry,
        files: Arc::new(LocalFiles),
        github: Arc::new(NoGitHub("nobody asks")),
        roots: Arc::new(sigscope::inspect::NoTuf),
        log: Arc::new(NoLog("no log")),
        now: noon,
    }
}

fn demand() -> Arc<Demand> {
    let identity = GoRegexp::new(r"^https://github\.com/enix/x509-certificate-exporter/").unwrap();
    let issuer = "https://token.actions.githubusercontent.com".to_owned();
    Arc::new(Demand {
        who: Who::Signers(vec![Signer {
            identity: vec![Matcher::Regexp(identity)],
            issuer: vec![Matcher::Exact(issuer)],
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

fn subject(case: &str) -> Subject {
    let layout: PathBuf = fixture(case).join("layout");
    let tag = Some(Tag::parse("4.0.0").unwrap());
    Subject::Artifact(Reference { repository: Repository::Layout(layout), tag, digest: None })
}

/// What the UI knows when nothing is under way any more; the test performs its effects.
async fn on_screen(subject: Subject, judge: Judge) -> Inspection {
    let mut state = State::new(judge, None, noon());
    let (events, mut inbox) = mpsc::channel(64);
    let mut effects = start(&mut state, Start::Open(subject));
    loop {
        for effect in effects {
            if let Effect::Start { run, planned, .. } = effect {
                let (out, mut told) = mpsc::channel(64);
                spawn(*planned, world(), out, CancellationToken::new());
                let events = events.clone();
                tokio::task::spawn_local(async move {
                    while let Some(event) = told.recv().await {
                        let _ = events.send(Message::Inspection(run, event)).await;
                    }
                });
            }
        }
        let slot = state.slot().unwrap();
        if slot.inspection.finished() {
            return slot.inspection.clone();
        }
        effects = update(&mut state, inbox.recv().await.unwrap());
    }
}

#[tokio::test]
async fn the_screen_and_the_report_read_the_same_inspection() {
    let root = RootSource::File(fixture("trusted_root.json"));
    for (case, demanded, verdict) in [
        ("native", Some(demand()), Verdict::Proved),
        ("native", None, Verdict::Undecided),
        ("fallback", Some(demand()), Verdict::Proved),
        ("tampered-set", Some(demand()), Verdict::Refuted),
        ("attestation-only", Some(demand()), Verdict::Absent),
        ("unsigned", Some(demand()), Verdict::Absent),
        ("mixed", Some(demand()), Verdict::Proved),
    ] {
        let subject = subject(case);
        let judge = Judge {
            demand: demanded.clone(),
            over_files: demanded.clone(),
            root: root.clone(),
            root_words: String::new(),
            scope: Scope::default(),
            whole: false,
        };
        let local = tokio::task::LocalSet::new();
        let shown = local.run_until(on_screen(subject.clone(), judge)).await;
        let fresh = Inspection::new(subject, demanded, root.clone());
        let driven = drive(fresh, world(), |_| ()).await;
        assert_eq!(shown, driven, "{case}");
        assert_eq!(overall(&shown).verdict, verdict, "{case}: {}", overall(&shown).reason);
    }
}
