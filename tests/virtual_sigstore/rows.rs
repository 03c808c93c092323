//! What a row of the tables is, and what its changes are made of.

use super::*;

/// What one row makes wrong.
pub(crate) enum Change {
    /// How it is made.
    Recipe(fn(&mut Recipe)),
    /// What stands in it afterwards.
    Bundle(fn(&mut Value)),
    /// What is trusted.
    Root(fn(&mut Value)),
    /// What is demanded.
    Demand(fn(&mut Demand)),
}
pub(crate) use Change::{Bundle, Demand as Demanded, Recipe as Made, Root};

/// One failure: what is wrong, with which base, the step that refuses, a part of its reason, and
/// every other step that cannot hold then, with what it answers.
pub(crate) type Row =
    (&'static str, fn() -> Recipe, Change, StepName, &'static str, &'static [(StepName, Verdict)]);

/// Rekor v1 with promise and proof, and a timestamp: every step has something to look at.
pub(crate) fn full() -> Recipe {
    with_stamp("0.3", true, LogKind::Dsse001)
}

/// The same over a file.
pub(crate) fn file() -> Recipe {
    with_stamp("0.3", false, LogKind::HashedRekord001)
}

pub(crate) fn intoto() -> Recipe {
    with_stamp("0.2", true, LogKind::Intoto002)
}

/// Rekor v2: the timestamp is the only clock, the checkpoint the only word of the log.
pub(crate) fn v2() -> Recipe {
    with_stamp("0.3", true, LogKind::HashedRekord002)
}

/// Without the promise the checkpoint is the only word of the log.
pub(crate) fn unpromised() -> Recipe {
    Recipe { promise: false, ..full() }
}

pub(crate) fn with_stamp(version: &'static str, dsse: bool, log: LogKind) -> Recipe {
    Recipe { stamps: vec![time(SIGNED)], ..Recipe::new(version, dsse, log, ARTIFACT) }
}

pub(crate) const ENTRY: &str = "/verificationMaterial/tlogEntries/0";

pub(crate) fn entry(bundle: &mut Value) -> &mut Value {
    bundle.pointer_mut(ENTRY).unwrap()
}

pub(crate) fn proof(bundle: &mut Value) -> &mut Value {
    &mut entry(bundle)["inclusionProof"]
}

/// Puts a copy of the first item behind it and hands it out.
pub(crate) fn copied<'a>(bundle: &'a mut Value, list: &str) -> &'a mut Value {
    let list = bundle.pointer_mut(list).unwrap().as_array_mut().unwrap();
    list.push(list[0].clone());
    list.last_mut().unwrap()
}

pub(crate) const ENTRIES: &str = "/verificationMaterial/tlogEntries";
pub(crate) const STAMPS: &str = "/verificationMaterial/timestampVerificationData/rfc3161Timestamps";

/// Another value of the same length.
pub(crate) const OTHER_HASH: &str = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=";

pub(crate) fn retire(root: &mut Value, list: &str) {
    let log = list.contains("log");
    for entry in root[list].as_array_mut().unwrap() {
        let entry = if log { &mut entry["publicKey"] } else { entry };
        entry["validFor"]["end"] = "2026-11-01T00:00:00Z".into();
    }
}

/// What waits when no path is found.
pub(crate) const SCT_WAITS: &[(StepName, Verdict)] = &[(StepName::Sct, Verdict::Undecided)];

/// What waits when nothing tells the time.
pub(crate) const TIME_WAITS: &[(StepName, Verdict)] = &[
    (StepName::SignedTime, Verdict::Undecided),
    (StepName::Chain, Verdict::Undecided),
    (StepName::Sct, Verdict::Undecided),
];
