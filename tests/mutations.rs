//! Every signed piece at hand, changed in one place: nothing that changes what is signed, or what
//! is said twice, is proved, and nothing panics.
#![allow(clippy::unwrap_used, clippy::print_stdout, missing_docs, reason = "a test reports")]
#![allow(
    clippy::string_slice,
    clippy::indexing_slicing,
    reason = "indices come from the same text"
)]

#[path = "common/curves.rs"]
mod curves;
#[path = "common/judging.rs"]
mod judging;
#[path = "common/material.rs"]
mod material;
#[path = "common/meaningless.rs"]
mod meaningless;
#[path = "common/mutate.rs"]
mod mutate;
#[path = "common/virtual_sigstore/mod.rs"]
mod virtual_sigstore;

use std::{
    collections::BTreeMap,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use material::{Input, Material};
use mutate::Sample;
use serde_json::Value;
use sigscope::domain::verdict::Judgement;

/// One change of one piece.
struct Change {
    what: String,
    input: Input,
}

fn json(bytes: &[u8]) -> Value {
    serde_json::from_slice(bytes).unwrap()
}

fn changes(material: &Material, donors: &[&Material], sample: &mut Sample) -> Vec<Change> {
    match &material.input {
        Input::Bundle(bytes) => {
            let donors: Vec<Value> = donors
                .iter()
                .filter_map(|donor| match &donor.input {
                    Input::Bundle(bytes) => Some(json(bytes)),
                    Input::Layer { .. } => None,
                })
                .collect();
            let mutants = mutate::mutants(&json(bytes), &donors, sample);
            let change = |m: mutate::Mutant| Change { what: m.what, input: Input::Bundle(m.text) };
            mutants.into_iter().map(change).collect()
        }
        Input::Layer { annotations, payload, attestation } => {
            layer_changes(annotations, payload, *attestation, donors, sample)
        }
    }
}

fn layer_changes(
    annotations: &BTreeMap<String, String>,
    payload: &[u8],
    attestation: bool,
    donors: &[&Material],
    sample: &mut Sample,
) -> Vec<Change> {
    let donors: Vec<(&BTreeMap<String, String>, &[u8])> = donors
        .iter()
        .filter_map(|donor| match &donor.input {
            Input::Layer { annotations, payload, attestation: kind } if *kind == attestation => {
                Some((annotations, payload.as_slice()))
            }
            _ => None,
        })
        .collect();
    let mut out = vec![];
    let mut push = |what: String, annotations: BTreeMap<String, String>, payload: Vec<u8>| {
        out.push(Change { what, input: Input::Layer { annotations, payload, attestation } });
    };
    // The annotations: as one document, and those that are JSON each by itself.
    let others: Vec<Value> = donors.iter().map(|(a, _)| serde_json::to_value(a).unwrap()).collect();
    let doc = serde_json::to_value(annotations).unwrap();
    for mutant in mutate::mutants(&doc, &others, sample) {
        // Of the keys of annotations the manifest parser takes care.
        let changed = serde_json::from_slice(&mutant.text).ok();
        if let Some(changed) = changed.filter(|changed| changed != annotations) {
            push(mutant.what, changed, payload.to_vec());
        }
    }
    for (name, text) in annotations {
        let Ok(doc @ Value::Object(_)) = serde_json::from_str::<Value>(text) else { continue };
        let other = |(a, _): &(&BTreeMap<String, String>, &[u8])| {
            serde_json::from_str::<Value>(a.get(name)?).ok()
        };
        let others: Vec<Value> = donors.iter().filter_map(other).collect();
        for mutant in mutate::mutants(&doc, &others, sample) {
            let mut changed = annotations.clone();
            let Ok(text) = String::from_utf8(mutant.text) else { continue };
            changed.insert(name.clone(), text);
            push(format!("{} in {name}", mutant.what), changed, payload.to_vec());
        }
    }
    let others: Vec<Value> = donors.iter().map(|(_, payload)| json(payload)).collect();
    for mutant in mutate::mutants(&json(payload), &others, sample) {
        push(format!("{} in payload", mutant.what), annotations.clone(), mutant.text);
    }
    for (n, (_, other)) in donors.iter().enumerate().filter(|(_, (_, p))| *p != payload) {
        push(format!("donor payload: of {n}"), annotations.clone(), other.to_vec());
    }
    out
}

/// What was found.
#[derive(Default)]
struct Figures {
    mutants: usize,
    proved: usize,
    refuted: usize,
    undecided: usize,
    panics: usize,
    holes: Vec<String>,
}

/// Of larger pieces fewer changes are judged: they differ from smaller ones in the length of a
/// payload, and each change costs as much longer.
const LARGE: usize = 120_000;

/// Judges every `step`th change, from a place that depends on the piece: the same in every run.
fn run(all: &[Material], step: usize, bytes: usize) -> Figures {
    let (next, figures) = (AtomicUsize::new(0), Mutex::new(Figures::default()));
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                loop {
                    let n = next.fetch_add(1, Ordering::Relaxed);
                    let Some(material) = all.get(n) else { break };
                    let donors = donors(all, n);
                    let larger = material.len() / LARGE;
                    let step = step * (1 + larger * larger * 10);
                    let mut sample = Sample { step, next: n, bytes };
                    for change in &changes(material, &donors, &mut sample) {
                        one(material, change, &figures);
                    }
                }
            });
        }
    });
    figures.into_inner().unwrap()
}

/// The next three pieces of the same shape that hold another signature: a part of the same
/// signature in another version would be good evidence.
fn donors(all: &[Material], n: usize) -> Vec<&Material> {
    let shape = |material: &Material| std::mem::discriminant(&material.input);
    let own = &all[n];
    let others = (1..all.len()).map(|k| &all[(n + k) % all.len()]);
    let other = |d: &&Material| shape(d) == shape(own) && d.signature() != own.signature();
    others.filter(other).take(3).collect()
}

fn one(material: &Material, change: &Change, figures: &Mutex<Figures>) {
    let judged = catch_unwind(AssertUnwindSafe(|| material.judge(&change.input)));
    let mut figures = figures.lock().unwrap();
    figures.mutants += 1;
    let line = format!("{} | {}", change.what, material.name);
    match judged.map(|piece| piece.judgement) {
        Ok(Judgement::Refuted) => figures.refuted += 1,
        Ok(Judgement::Undecided) => figures.undecided += 1,
        Ok(Judgement::Proved | Judgement::Valid) => {
            figures.proved += 1;
            if meaningless::means_nothing(&change.what, &change.input, material).is_none() {
                figures.holes.push(line);
            }
        }
        Err(_) => {
            figures.panics += 1;
            figures.holes.push(format!("PANIC {line}"));
        }
    }
}

fn report(name: &str, all: &[Material], figures: &Figures) {
    println!(
        "{name}: {} pieces, {} mutants: {} refuted, {} undecided, {} proved, {} panics",
        all.len(),
        figures.mutants,
        figures.refuted,
        figures.undecided,
        figures.proved,
        figures.panics
    );
    assert!(
        figures.holes.is_empty(),
        "{} holes\n{}",
        figures.holes.len(),
        figures.holes.join("\n")
    );
}

#[test]
fn a_sample_of_changes_to_every_piece_of_the_fixtures_is_not_proved() {
    let all = material::fixtures();
    report("fixtures, sampled", &all, &run(&all, 97, 3));
}

#[test]
fn no_change_to_a_piece_by_a_larger_key_is_proved() {
    let all = curves::pieces();
    for material in &all {
        let judged = material.judge(&material.input);
        assert_eq!(judged.judgement, Judgement::Proved, "{}: {}", material.name, judged.summary);
    }
    report("larger keys", &all, &run(&all, 7, 3));
}

#[test]
#[ignore = "takes minutes; run in release"]
fn no_change_to_any_piece_is_proved() {
    let mut all = material::fixtures();
    match material::corpus() {
        Some(more) => all.extend(more),
        None => println!("SKIPPED: the corpus is not beside the project"),
    }
    all.extend(curves::pieces());
    report("everything", &all, &run(&all, 1, 16));
}
