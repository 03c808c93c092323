//! What one fault of a registry does to a verdict: for each, the row that tells it, in words, and
//! the exit code.
//!
//! The image is signed twice and has an attested SBOM; the same question is asked every time.
#![allow(clippy::unwrap_used, missing_docs, reason = "a test that cannot go on panics")]

mod common;
#[path = "common/faults.rs"]
mod faults;
#[path = "common/judging.rs"]
mod judging;

use std::{sync::Arc, time::Duration};

use common::{
    NAME, Registry as Served, fixture, quick,
    release::{IDENTITY, ISSUER},
};
use faults::{Fault, On, table};
use serde_json::Value;
use sigscope::{
    domain::{demand::Wanted, target::Target},
    inspect::{
        Inspection, NoLog, NoTuf, RootSource, Subject, World, drive, github::NoGitHub,
        verdict::overall,
    },
    net::{
        files::LocalFiles,
        limits::Limits,
        registry::{HttpRegistry, Settings},
    },
    report::json,
};

fn world() -> World {
    let ms = Duration::from_millis;
    // Short enough for a table, long enough for a busy machine.
    let limits = Limits {
        answer: ms(1_500),
        blob: ms(1_500),
        stall: ms(700),
        back_off: ms(1),
        ..Limits::default()
    };
    World {
        registry: Arc::new(HttpRegistry::new(Settings { limits, ..quick() })),
        files: Arc::new(LocalFiles),
        github: Arc::new(NoGitHub("nobody asks")),
        roots: Arc::new(NoTuf),
        log: Arc::new(NoLog("nobody asks")),
        now: judging::now,
    }
}

/// Exit code and report of the question whether the image is signed by its release workflow.
async fn ask(host: &str) -> (u8, Value) {
    let Target::Artifact(reference) = Target::parse(&format!("{host}/{NAME}:4.0.0")).unwrap()
    else {
        unreachable!("it is an image")
    };
    let mut demand = judging::signed_by(IDENTITY, ISSUER);
    demand.wanted = vec![Wanted::Signature];
    let root = RootSource::File(fixture("trusted_root.json"));
    let begun = Inspection::new(Subject::Artifact(reference), Some(Arc::new(demand)), root);
    let seen = drive(begun.for_verdict(), world(), |_| ()).await;
    let report = serde_json::to_value(json::report(&seen)).unwrap();
    (overall(&seen).verdict.exit_code(), report)
}

/// The rows of a report: `id verdict: summary`.
fn rows(report: &Value) -> Vec<String> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let checks = report["checks"].as_array().unwrap();
    let mut rows: Vec<String> = checks
        .iter()
        .map(|c| format!("{} {}: {}", text(&c["id"]), text(&c["verdict"]), text(&c["summary"])))
        .collect();
    let warnings = report["warnings"].as_array().unwrap();
    rows.extend(
        warnings.iter().map(|w| format!("warning {}: {}", text(&w["code"]), text(&w["message"]))),
    );
    rows.push(format!("reason: {}", text(&report["reason"])));
    rows
}

async fn judge(fault: &'static Fault) -> Option<String> {
    let subject = Served::digest_of(&fixture("native/layout"), "4.0.0");
    let layouts = [(NAME, fixture("native/layout"))];
    let served = Served::altered(&layouts, fault.api, move |request, right| {
        if On::of(request, &subject).any(fault.on) { (fault.change)(request, right) } else { right }
    });
    let (exit, report) = ask(&served.addr()).await;
    let rows = rows(&report);
    let told = rows.iter().any(|row| fault.row.iter().all(|part| row.contains(part)));
    (exit != fault.exit || !told).then(|| {
        format!(
            "{}: exit {exit}, wanted {}, row {:?}\n  {}",
            fault.name,
            fault.exit,
            fault.row,
            rows.join("\n  ")
        )
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn every_fault_is_told_and_ends_in_its_exit_code() {
    let table = table();
    assert!(table.len() >= 60, "{} cases", table.len());
    let mut wrong = vec![];
    for some in table.chunks(16) {
        let judged = some.iter().map(judge);
        wrong.extend(futures_util::future::join_all(judged).await.into_iter().flatten());
    }
    assert!(wrong.is_empty(), "{} of {}\n{}", wrong.len(), table.len(), wrong.join("\n"));
}
