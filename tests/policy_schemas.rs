//! Policies of every provable fixture: the schemas and the webhook of the controllers take them.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stderr, missing_docs, reason = "a test")]

mod common;
#[path = "common/grounds.rs"]
mod grounds;
#[path = "common/webhook.rs"]
mod webhook;
#[path = "common/yaml.rs"]
mod yaml;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
    process::{Command, Stdio},
    sync::Arc,
};

use common::{NAME, run::fixtures};
use serde_json::{Value, json};
use sigscope::{
    domain::{Reference, demand::Demand},
    inspect::grounds::{Asked, proved},
    policy::{
        Grounds, Kind,
        grounds::{Logs, Root, Target},
        write,
    },
    verify::root::TrustRoot,
};

/// Every check of the fixtures that can be proved: target, name, and what is demanded.
fn provable() -> Vec<(String, String, Demand)> {
    let mut all: Vec<(String, String, Demand)> = vec![];
    for (folder, case) in fixtures() {
        for check in case["checks"].as_array().into_iter().flatten() {
            let text = |name: &str| check[name].as_str();
            let (Some(reference), Some(identity), Some(issuer)) =
                (text("reference"), text("identity"), text("issuer"))
            else {
                continue;
            };
            let repository = reference.split([':', '@']).next().unwrap();
            let mut places = case["repositories"].as_array().into_iter().flatten();
            let layout =
                places.find(|r| r["name"] == repository).and_then(|r| r["layout"].as_str());
            let there = layout.filter(|l| Path::new(&folder).join(l).exists());
            let Some(layout) = there.filter(|_| case["trusted_root"] == "trusted_root.json") else {
                continue;
            };
            let rest = reference.strip_prefix(repository).unwrap();
            let target = format!("oci:{folder}/{layout}{rest}");
            let demand = grounds::signed_by(identity, issuer);
            if !all.iter().any(|(known, _, other)| *known == target && *other == demand) {
                all.push((target, format!("quay.io/{repository}"), demand));
            }
        }
    }
    let key = grounds::by_key("tests/fixtures/key-signed/cosign.pub");
    let target = "oci:tests/fixtures/key-signed/layout:logged".to_owned();
    all.push((target, format!("quay.io/{NAME}"), key));
    all
}

/// The same document with every text the same and no item twice: whether a schema takes it does not
/// depend on them.
fn shape(value: &Value) -> Value {
    match value {
        Value::Object(map) => {
            Value::Object(map.iter().map(|(k, v)| (k.clone(), shape(v))).collect())
        }
        Value::Array(list) => {
            let mut each: Vec<Value> = vec![];
            for one in list.iter().map(shape) {
                if !each.contains(&one) {
                    each.push(one);
                }
            }
            Value::Array(each)
        }
        Value::String(_) => json!(""),
        other => other.clone(),
    }
}

#[test]
fn every_kind_of_every_provable_fixture_is_taken_by_schema_and_webhook() {
    let folder =
        Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("policies-{}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    let (mut shapes, mut files) = (BTreeSet::new(), vec![]);
    let mut counts: BTreeMap<Kind, (usize, usize)> = BTreeMap::new();
    for (target, name, demand) in provable() {
        let image = Reference::parse(&name).unwrap().repository;
        let asked = Asked { image: Some(image), ..Asked::default() };
        let Ok(grounds) = proved(&grounds::inspect(&target, Some(demand)), &asked) else {
            continue;
        };
        assert!(grounds.who.proved());
        let varied = ["native/", "legacy-v2/", "key-signed/"].iter().any(|f| target.contains(f));
        let all = if varied { variants(&grounds) } else { vec![grounds] };
        for (number, kind) in all.iter().enumerate().flat_map(|(n, _)| Kind::ALL.map(|k| (n, k))) {
            let Ok(written) = write(kind, &all[number]) else {
                counts.entry(kind).or_default().1 += 1;
                continue;
            };
            counts.entry(kind).or_default().0 += 1;
            if matches!(kind, Kind::Cosign | Kind::Gh) {
                continue;
            }
            for document in yaml::documents(&written.text) {
                assert_eq!(webhook::faults(&document), Vec::<String>::new(), "{target} {kind:?}");
                let known = kind != Kind::GithubActions && document["kind"] != "TrustRoot";
                if known && shapes.insert(shape(&document).to_string()) {
                    let file = folder.join(format!("{}.yaml", files.len()));
                    fs::write(&file, document.to_string()).unwrap();
                    files.push(file);
                }
            }
        }
    }
    // Enough of each, so that "cannot say" is not the answer to everything.
    for (kind, (written, _)) in &counts {
        assert!(*written >= 2, "{kind:?}: {counts:?}");
    }
    validate(&files);
    let _ = fs::remove_dir_all(&folder);
}

/// The same proof as others have it: signatures elsewhere and annotated, or neither log nor SCT,
/// under the public-good root or one's own.
fn variants(grounds: &Grounds) -> Vec<Grounds> {
    let mut elsewhere = grounds.clone();
    if let Target::Image(image) = &mut elsewhere.target {
        image.signatures = Some(Reference::parse("quay.io/enix/signatures").unwrap().repository);
    }
    elsewhere.annotations = vec![("a".into(), "b".into())];
    let mut unlogged = grounds.clone();
    unlogged.logs = Logs { timestamp: true, ..Logs::default() };
    let mut all = vec![grounds.clone(), elsewhere, unlogged];
    for number in 0..all.len() {
        let root = Some(Arc::new(TrustRoot::embedded().unwrap()));
        let public = Root { root, file: None, github: false };
        all.push(Grounds { root: public, ..all[number].clone() });
    }
    all
}

/// The schemas of the controllers, where they lie beside the project.
fn validate(files: &[std::path::PathBuf]) {
    let validator = Path::new("../shared/policies/validate.py");
    if !validator.exists() {
        eprintln!("SKIPPED: {} is not there, nothing was validated", validator.display());
        return;
    }
    // It reads a schema of a megabyte for every document, so two of it share the work.
    let halves: Vec<&[std::path::PathBuf]> = files.chunks(files.len().div_ceil(2)).collect();
    let under_way: Vec<_> = halves
        .iter()
        .map(|half| {
            Command::new("python3").arg(validator).args(*half).stdout(Stdio::piped()).spawn()
        })
        .collect();
    for (half, child) in halves.iter().zip(under_way) {
        let ran = child.unwrap().wait_with_output().unwrap();
        let out = String::from_utf8_lossy(&ran.stdout);
        assert!(ran.status.success(), "{out}");
        assert!(out.contains(&format!("{} passed, 0 failed", half.len())), "{out}");
    }
}
