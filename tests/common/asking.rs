//! One question, asked of many registries: is this image signed by its release workflow?
#![allow(dead_code, reason = "no test uses everything")]

use std::sync::Arc;

use serde_json::Value;
use sigscope::{
    domain::{demand::Wanted, target::Target},
    inspect::{
        Inspection, NoLog, NoTuf, RootSource, Subject, World, drive, github::NoGitHub,
        verdict::overall,
    },
    net::{
        files::LocalFiles,
        registry::{HttpRegistry, Settings},
    },
    report::json,
};

use super::{
    common::{
        NAME, fixture,
        release::{IDENTITY, ISSUER},
    },
    judging,
};

/// A world with nothing in it but a registry.
pub(crate) fn world(settings: Settings) -> World {
    World {
        registry: Arc::new(HttpRegistry::new(settings)),
        files: Arc::new(LocalFiles),
        github: Arc::new(NoGitHub("nobody asks")),
        roots: Arc::new(NoTuf),
        log: Arc::new(NoLog("nobody asks")),
        now: judging::now,
    }
}

/// Exit code and report.
pub(crate) async fn ask(host: &str, settings: Settings) -> (u8, Value) {
    ask_in(world(settings), &format!("{host}/{NAME}:4.0.0")).await
}

/// The same of any image, in a world that may have been asked before.
pub(crate) async fn ask_in(world: World, image: &str) -> (u8, Value) {
    let Target::Artifact(reference) = Target::parse(image).unwrap() else {
        unreachable!("it is an image")
    };
    let mut demand = judging::signed_by(IDENTITY, ISSUER);
    demand.wanted = vec![Wanted::Signature];
    let root = RootSource::File(fixture("trusted_root.json"));
    let begun = Inspection::new(Subject::Artifact(reference), Some(Arc::new(demand)), root);
    let seen = drive(begun.for_verdict(), world, |_| ()).await;
    let report = serde_json::to_value(json::report(&seen)).unwrap();
    (overall(&seen).verdict.exit_code(), report)
}

/// The rows of a report: `id verdict: summary`.
pub(crate) fn rows(report: &Value) -> Vec<String> {
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
