//! Inspections of fixtures in process, for what is written from them.
#![allow(dead_code, reason = "no test uses everything")]

use std::{path::PathBuf, sync::Arc};

use sigscope::{
    domain::{
        Timestamp,
        demand::{Demand, Matcher, Signer, Wanted, Who},
        target::Target,
    },
    inspect::{Inspection, NoLog, NoTuf, RootSource, Subject, World, drive, github::NoGitHub},
    net::{Router, files::LocalFiles, registry::Settings},
};

pub(crate) const ISSUER: &str = "https://token.actions.githubusercontent.com";
pub(crate) const RELEASE: &str = "https://github.com/enix/x509-certificate-exporter/.github/workflows/release.yaml@refs/tags/v4.0.0";

fn noon() -> Timestamp {
    "2026-11-23T12:00:00Z".parse().unwrap()
}

/// A signature by that identity is demanded.
pub(crate) fn signed_by(identity: &str, issuer: &str) -> Demand {
    let signer = Signer {
        identity: vec![Matcher::Exact(identity.to_owned())],
        issuer: vec![Matcher::Exact(issuer.to_owned())],
    };
    Demand { who: Who::Signers(vec![signer]), wanted: vec![Wanted::Signature], ..Demand::any() }
}

/// A key is demanded.
pub(crate) fn by_key(path: &str) -> Demand {
    let who = Who::Keys(vec![PathBuf::from(path)]);
    Demand { who, wanted: vec![Wanted::Signature], ..Demand::any() }
}

/// What is found out of a target under a demand, with the root of the fixtures.
pub(crate) fn inspect(target: &str, demand: Option<Demand>) -> Inspection {
    let Target::Artifact(reference) = Target::parse(target).unwrap() else {
        panic!("{target} is no image")
    };
    let world = World {
        registry: Arc::new(Router::new(Settings::default())),
        files: Arc::new(LocalFiles),
        github: Arc::new(NoGitHub("nobody asks")),
        roots: Arc::new(NoTuf),
        log: Arc::new(NoLog("no log")),
        now: noon,
    };
    let root = RootSource::File("tests/fixtures/trusted_root.json".into());
    let begun = Inspection::new(Subject::Artifact(reference), demand.map(Arc::new), root);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(drive(begun.for_verdict(), world, |_| ()))
}
