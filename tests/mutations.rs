//! Every signed piece at hand, changed in one place: nothing that changes what is signed, or what
//! is said twice, is proved, and nothing panics.
#![allow(clippy::unwrap_used, clippy::print_stdout, missing_docs, reason = "a test reports")]
#![allow(clippy::string_slice, reason = "indices come from the same text")]

#[path = "common/judging.rs"]
mod judging;
#[path = "common/material.rs"]
mod material;
#[path = "common/mutate.rs"]
mod mutate;

use std::{
    collections::BTreeMap,
    ops::Range,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use base64::{Engine, engine::general_purpose::STANDARD};
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
        if let Ok(changed) = serde_json::from_slice(&mutant.text) {
            if &changed != annotations {
                push(mutant.what, changed, payload.to_vec());
            }
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

/// Judges every `step`th change, from a place that depends on the piece: the same in every run.
fn run(all: &[Material], step: usize, bytes: usize) -> Figures {
    let (next, figures) = (AtomicUsize::new(0), Mutex::new(Figures::default()));
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                loop {
                    let n = next.fetch_add(1, Ordering::Relaxed);
                    let Some(material) = all.get(n) else { break };
                    let donors: Vec<&Material> =
                        (1..all.len().min(40)).map(|k| &all[(n + k) % all.len()]).collect();
                    let donors: Vec<&Material> = donors
                        .into_iter()
                        .filter(|d| {
                            std::mem::discriminant(&d.input)
                                == std::mem::discriminant(&material.input)
                        })
                        .take(3)
                        .collect();
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
            if means_nothing(&change.what, material).is_none() {
                figures.holes.push(line);
            }
        }
        Err(_) => {
            figures.panics += 1;
            figures.holes.push(format!("PANIC {line}"));
        }
    }
}

/// Why a change that is proved changes nothing that is signed or said twice; `None`: it is a hole.
///
/// Only what is listed here may be proved, and only for the reason that stands beside it.
fn means_nothing(what: &str, material: &Material) -> Option<&'static str> {
    let (family, rest) = what.split_once(' ')?;
    let (path, how) = rest.split_once(": ")?;
    let promised = match &material.input {
        Input::Bundle(bytes) => String::from_utf8_lossy(bytes).contains("signedEntryTimestamp"),
        Input::Layer { .. } => true,
    };
    let layer = matches!(&material.input, Input::Layer { .. });
    let signed_text = matches!(&material.input, Input::Layer { attestation: false, .. });
    let ends = |names: &[&str]| names.iter().any(|name| path.ends_with(name));
    match family {
        // RFC 8259: "insignificant whitespace"; names of an object are "unordered". What is signed
        // as text is another text then.
        "order" if !(signed_text && how.ends_with("in payload")) => Some("the same document"),
        // proto3 JSON mapping: "either standard or URL-safe base64 encoding with/without paddings".
        "form" => Some("the same bytes in other letters"),
        // proto3 JSON mapping, int64: "either numbers or strings are accepted".
        "numeral" => Some("the same number; no reader makes another one of it"),
        // C2SP signed-note: verifiers "MUST ignore signatures from unknown keys".
        "note" if how.starts_with("stranger") || how == "signature twice" => {
            Some("signatures of others say nothing of this log's")
        }
        // A bundle that has what two versions ask for is a bundle of both; the label is not signed.
        "type" if path == "/mediaType" => Some("the version is a label"),
        // Less evidence: what is left has to be enough by itself, and only what is left is shown.
        "remove" | "empty"
            if ends(&[
                "/timestampVerificationData",
                "/rfc3161Timestamps",
                "/rfc3161Timestamps/0",
                "/inclusionPromise",
                "/dev.sigstore.cosign~1rfc3161timestamp",
                "/dev.sigstore.cosign/rfc3161timestamp",
            ]) =>
        {
            Some("evidence that is not there says nothing")
        }
        // sigstore_bundle.proto: "a hint"; DSSE: keyid "MUST NOT be used for security decisions".
        _ if ends(&["/messageDigest", "/keyid", "/hint"]) => Some("hints"),
        // The predicate of a layer is under its signature; other annotations are not evidence.
        _ if layer && ends(&["/predicateType", "/unknown"]) => Some("not looked at"),
        // An attestation's signature stands in its envelope; cosign leaves the annotation empty.
        _ if layer && !signed_text && ends(&["cosign/signature", "cosign~1signature"]) => {
            Some("not looked at")
        }
        // RFC 5280 §6.1: certificates between leaf and anchor help to find a path; what counts is
        // the path, and here the trust root holds every certificate of it.
        _ if ends(&["cosign/chain", "cosign~1chain"]) || authority_beside(path) => {
            Some("certificates beside the leaf are hints")
        }
        // RFC 7468 and RFC 8259 allow white space around the block, and around the document.
        "word" if layer && how.starts_with("space") => Some("the same document"),
        // RFC 5652 §5.1: certificates in a token "may be" there and are not signed; the signer is
        // looked up among the authorities of the trust root.
        "flip" if in_certificates(rest, material) => Some("certificates in the token are hints"),
        // Nothing authenticates them without the promise, so nothing shows them (`hide_hearsay`).
        _ if !promised && ends(&["/integratedTime", "/0/logIndex"]) => Some("hearsay"),
        _ => None,
    }
}

/// Whether the path lies in a certificate of a chain behind its leaf.
fn authority_beside(path: &str) -> bool {
    let chain = "/verificationMaterial/x509CertificateChain/certificates/";
    path.strip_prefix(chain).is_some_and(|rest| !rest.starts_with('0'))
}

/// Whether the flipped byte of a timestamp lies in the certificates that the token carries.
fn in_certificates(what: &str, material: &Material) -> bool {
    let (bundle, annotation);
    let text = match &material.input {
        Input::Bundle(bytes) => {
            bundle = json(bytes);
            what.split(": ").next().and_then(|path| bundle.pointer(path)).and_then(Value::as_str)
        }
        Input::Layer { annotations, .. } => {
            let stamp = annotations.get("dev.sigstore.cosign/rfc3161timestamp");
            annotation = stamp.map_or(Value::Null, |text| json(text.as_bytes()));
            annotation["SignedRFC3161Timestamp"].as_str()
        }
    };
    let token = text.and_then(|text| STANDARD.decode(text).ok()).unwrap_or_default();
    let byte = what.split("byte ").nth(1).and_then(|rest| rest.split(' ').next()?.parse().ok());
    match (certificates(&token), byte) {
        (Some(range), Some(byte)) => range.contains(&byte),
        _ => false,
    }
}

/// Where the certificates of a token lie: `TimeStampResp { status, ContentInfo { type, [0] {
/// SignedData { version, algorithms, content, [0] certificates } } } }`.
fn certificates(token: &[u8]) -> Option<Range<usize>> {
    let inside = |outer: Range<usize>, nth: usize| -> Option<(u8, Range<usize>)> {
        let mut at = outer.start;
        for n in 0..=nth {
            let (tag, short) = (*token.get(at)?, *token.get(at + 1)?);
            let more = if short < 0x80 { 0 } else { usize::from(short & 0x7F) };
            let long =
                token.get(at + 2..at + 2 + more)?.iter().fold(0, |l, b| l << 8 | usize::from(*b));
            let start = at + 2 + more;
            let end = start + if more == 0 { usize::from(short) } else { long };
            if n == nth {
                return Some((tag, start..end));
            }
            at = end;
        }
        None
    };
    let mut range = 0..token.len();
    for nth in [0, 1, 1, 0] {
        range = inside(range, nth)?.1;
    }
    let (tag, range) = inside(range, 3)?;
    (tag == 0xA0).then_some(range)
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
#[ignore = "takes minutes; run in release"]
fn no_change_to_any_piece_is_proved() {
    let mut all = material::fixtures();
    match material::corpus() {
        Some(more) => all.extend(more),
        None => println!("SKIPPED: the corpus is not beside the project"),
    }
    report("everything", &all, &run(&all, 1, 16));
}
