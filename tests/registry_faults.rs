//! What one fault of a registry does to a verdict: for each, the row that tells it, in words, and
//! the exit code.
//!
//! The image is signed twice and has an attested SBOM; the same question is asked every time.
#![allow(clippy::unwrap_used, missing_docs, reason = "a test that cannot go on panics")]

#[path = "common/asking.rs"]
mod asking;
mod common;
#[path = "common/faults.rs"]
mod faults;
#[path = "common/judging.rs"]
mod judging;

use std::time::Duration;

use asking::{ask, rows};
use common::{NAME, Registry as Served, fixture, quick};
use faults::{Fault, On, table};
use sigscope::net::{limits::Limits, registry::Settings};

fn settings() -> Settings {
    let ms = Duration::from_millis;
    // Short enough for a table, long enough for a busy machine.
    let limits = Limits {
        answer: ms(1_500),
        blob: ms(1_500),
        stall: ms(700),
        back_off: ms(1),
        ..Limits::default()
    };
    Settings { limits, ..quick() }
}

async fn judge(fault: &'static Fault) -> Option<String> {
    let subject = Served::digest_of(&fixture("native/layout"), "4.0.0");
    let layouts = [(NAME, fixture("native/layout"))];
    let served = Served::altered(&layouts, fault.api, move |request, right| {
        if On::of(request, &subject).any(fault.on) { (fault.change)(request, right) } else { right }
    });
    let (exit, report) = ask(&served.addr(), settings()).await;
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
