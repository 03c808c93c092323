//! One signature or attestation: steps, claims, log entries, timestamps, statement.

use super::{Outline, json, policy, predicate};
use crate::{
    domain::{
        Timestamp,
        claims::{Claims, Extension},
        demand::Demand,
        statement::Statement,
        verdict::{Judgement, Step},
    },
    inspect::{
        CheckId, FoundPiece,
        predicates::{self, Age},
    },
    tui::{
        mark::Mark,
        panes::{is_publishers, pieces_of, suggest},
        state::{Pane, Slot},
        text::{count, time},
        theme::Role,
    },
    verify::{Kind, LogFacts, Piece},
};

/// Columns of the bar that stands for the certificate's window.
const WINDOW_BAR: i64 = 32;

fn find<'a>(slot: &'a Slot, id: &CheckId, number: usize) -> Option<&'a FoundPiece> {
    suggest::find(&slot.inspection, id, number)
}

/// Everything of one piece.
pub(super) fn piece(
    slot: &Slot,
    id: &CheckId,
    number: usize,
    pane: Pane,
    out: &mut Outline,
) -> String {
    let Some(found) = find(slot, id, number) else { return String::new() };
    let piece = &*found.piece;
    out.marked(piece.judgement.into(), "verdict", &verdict_words(piece));
    for warning in &piece.warnings {
        out.marked(Mark::Warning, "look", warning);
    }
    for (_, warning) in predicates::warnings(piece) {
        out.marked(Mark::Warning, "look", &warning);
    }
    age(slot, id, number, out);
    if pane == Pane::Attestations {
        statement(piece, out);
    }
    steps(piece, slot.inspection.demand.as_deref(), out);
    claims(piece, out);
    logs(piece, out);
    timestamps(piece, out);
    if pane != Pane::Attestations {
        statement(piece, out);
    }
    policy::piece(&slot.inspection, found, out);
    out.leaf_as("found", found.source.word(), Role::Dim);
    out.leaf_as("carrier", &found.carrier.to_string(), Role::Dim);
    let kind = piece.predicate_type.as_deref().unwrap_or("no predicate type");
    format!("{} · {kind}", piece.format.word())
}

/// The signer of a row of Overview: the claims alone.
pub(super) fn signer(slot: &Slot, id: &CheckId, number: usize, out: &mut Outline) -> String {
    if let Some(found) = find(slot, id, number) {
        claims(&found.piece, out);
    }
    "Who signed".into()
}

/// Flags that accept the signer, to be demanded next time.
pub(super) fn suggestion(slot: &Slot, id: &CheckId, number: usize, out: &mut Outline) -> String {
    if let Some(found) = find(slot, id, number) {
        out.leaf_as("why", "no signer is demanded, so nothing here is called proved", Role::Dim);
        policy::piece(&slot.inspection, found, out);
        out.leaf_as("next", "c copies the exact flags; start sigscope with them", Role::Dim);
    }
    "To demand this signer".into()
}

/// Where it stands among others of its type.
fn age(slot: &Slot, id: &CheckId, number: usize, out: &mut Outline) {
    let ages = predicates::ages(&slot.inspection);
    let mut places = pieces_of(&slot.inspection).zip(ages);
    let own = places.find(|((other, n, _), _)| *other == id && *n == number);
    let words = own.and_then(|(_, age)| age).and_then(Age::words);
    out.leaf_if("among its type", words.as_deref());
}

fn verdict_words(piece: &Piece) -> String {
    match piece.judgement {
        Judgement::Proved | Judgement::Valid | Judgement::Undecided | Judgement::Refuted => {
            piece.summary.clone()
        }
    }
}

fn steps(piece: &Piece, demand: Option<&Demand>, out: &mut Outline) {
    let terms = Demand::terms(demand);
    // One look for all that nobody demanded, whether the value was seen or not.
    let mark = |step: &Step| {
        if step.not_asked(&terms) {
            Mark::NotAsked
        } else {
            Mark::from(step.verdict).under(demand.is_some())
        }
    };
    let marks: Vec<Mark> = piece.steps.iter().map(mark).collect();
    let of = |mark: Mark| marks.iter().filter(|m| **m == mark).count();
    let hold = of(Mark::Proved) + of(Mark::Valid);
    let others = [
        (Mark::Refuted, "contradict"),
        (Mark::Undecided, "undecided"),
        (Mark::Absent, "do not apply"),
        (Mark::NotAsked, "not asked"),
    ];
    let mut words = vec![format!("{hold} hold")];
    let there = others.into_iter().filter(|(mark, _)| of(*mark) > 0);
    words.extend(there.map(|(mark, what)| format!("{} {what}", of(mark))));
    out.open("Steps", &words.join(", "), true);
    for (step, mark) in piece.steps.iter().zip(&marks) {
        out.marked(*mark, step.name.word(), &step.detail);
    }
    out.close();
}

fn claims(piece: &Piece, out: &mut Outline) {
    let Some(evidence) = &piece.claims else { return };
    let claims = evidence.get();
    let (words, role) = if is_publishers(piece, evidence) {
        ("under a proved signature", Role::Text)
    } else {
        ("observed only", Role::Dim)
    };
    out.open("Certificate", words, true);
    for san in &claims.sans {
        out.leaf_as(&format!("SAN {}", san.kind()), san.value(), role);
    }
    out.leaf_as("issuer", claims.issuer().unwrap_or("none"), role);
    origin(claims, role, out);
    window(piece, claims, role, out);
    out.leaf_as("key", &claims.key, role);
    out.leaf_as("issued by", &claims.issuer_name, role);
    if !claims.subject_name.is_empty() {
        out.leaf_as("subject", &claims.subject_name, role);
    }
    out.leaf_as("serial", &claims.serial, role);
    let (fulcio, other): (Vec<_>, Vec<_>) =
        claims.extensions.iter().partition(|e| e.fulcio.is_some());
    extensions("Fulcio extensions", &fulcio, role, out);
    extensions("Other extensions", &other, role, out);
    out.close();
}

/// Where the artifact was built, from the extensions that say so.
fn origin(claims: &Claims, role: Role, out: &mut Outline) {
    let join = |numbers: &[u8], with: &str| {
        let words: Vec<&str> = numbers.iter().filter_map(|n| claims.fulcio(*n)).collect();
        words.join(with)
    };
    let source = join(&[12, 14, 13], " @ ");
    let run = join(&[20, 11, 23], " · ");
    for (label, words) in [("source", source), ("run", run)] {
        if !words.is_empty() {
            out.leaf_as(label, &words, role);
        }
    }
}

/// The window in which the key could sign, and where in it the authenticated times lie.
fn window(piece: &Piece, claims: &Claims, role: Role, out: &mut Outline) {
    let (from, to) = (claims.not_before, claims.not_after);
    let logged = piece.logs.iter().filter_map(|log| log.integrated_time);
    let stamped = piece.timestamps.iter().filter_map(|t| t.time);
    let times: Vec<Timestamp> = logged.chain(stamped).collect();
    out.leaf_as("window", &format!("{} … {}", time(from), time(to)), role);
    let span = to.as_second() - from.as_second();
    if span <= 0 || times.is_empty() {
        return;
    }
    let place = |at: &Timestamp| (at.as_second() - from.as_second()) * WINDOW_BAR / span;
    let places: Vec<i64> = times.iter().map(place).collect();
    let bar: String =
        (0..=WINDOW_BAR).map(|i| if places.contains(&i) { '●' } else { '─' }).collect();
    let outside = places.iter().filter(|p| !(0..=WINDOW_BAR).contains(*p)).count();
    let words = match outside {
        0 => format!("├{bar}┤ signed within it"),
        n => format!("├{bar}┤ {} outside it", count(n, "time")),
    };
    out.leaf_as("", &words, role);
}

fn extensions(label: &str, all: &[&Extension], role: Role, out: &mut Outline) {
    if all.is_empty() {
        return;
    }
    out.open(label, &all.len().to_string(), false);
    for extension in all {
        let number = extension.fulcio.map(|n| format!(".{n} ")).unwrap_or_default();
        let critical = if extension.critical { " (critical)" } else { "" };
        let raw = if extension.decoded { "" } else { "hex " };
        let label = format!("{number}{}{critical}", extension.name());
        out.leaf_as(&label, &format!("{raw}{}", extension.value), role);
    }
    out.close();
}

fn logs(piece: &Piece, out: &mut Outline) {
    for (number, log) in piece.logs.iter().enumerate() {
        out.open(&format!("Log entry {}", number + 1), &log.kind, true);
        log_entry(log, out);
        out.close();
    }
}

fn log_entry(log: &LogFacts, out: &mut Outline) {
    let index = |n: Option<u64>| n.map(|n| n.to_string());
    out.leaf_if("log", log.origin.as_deref());
    out.leaf("log id", &log.log_id);
    out.leaf_if("log index", index(log.log_index).as_deref());
    if let (Some(at), Some(size)) = (log.proof_index, log.tree_size) {
        let hashes = count(log.path.len(), "hash").replace("hashs", "hashes");
        out.leaf("in the tree", &format!("leaf {at} of {size}, {hashes} to the root"));
    }
    out.leaf_if("logged at", log.integrated_time.map(time).as_deref());
    out.leaf_if("root hash", log.root_hash.as_deref());
    if !log.path.is_empty() {
        out.open("Merkle path", "from the leaf up", false);
        for (level, (left, hash)) in log.path.iter().enumerate() {
            let side = if *left { "← left" } else { "→ right" };
            out.leaf_as(&format!("{} {side}", level + 1), hash, Role::Dim);
        }
        out.close();
    }
    json::document("body", &log.body, Role::Dim, out);
}

fn timestamps(piece: &Piece, out: &mut Outline) {
    if piece.timestamps.is_empty() {
        return;
    }
    out.open("Timestamps", &piece.timestamps.len().to_string(), true);
    for stamp in &piece.timestamps {
        let at = stamp.time.map_or_else(|| "no time".to_owned(), time);
        out.leaf(&at, &stamp.detail);
    }
    out.close();
}

fn statement(piece: &Piece, out: &mut Outline) {
    let Some(evidence) = &piece.statement else { return };
    let (words, role) = if is_publishers(piece, evidence) {
        ("under a proved signature", Role::Text)
    } else {
        ("observed only", Role::Dim)
    };
    let statement: &Statement = evidence.get();
    if piece.kind == Kind::Attestation {
        predicate::summary(&statement.summary, words, role, out);
    }
    out.open("Statement", words, true);
    out.leaf_as("type", &statement.statement_type, role);
    out.leaf_as("predicate type", &statement.predicate_type, role);
    subjects(statement, role, out);
    predicate::document(statement, role, out);
    out.close();
}

fn subjects(statement: &Statement, role: Role, out: &mut Outline) {
    let all = &statement.subjects;
    out.open("subjects", &all.len().to_string(), all.len() <= 4);
    for (number, subject) in all.iter().enumerate() {
        let name = subject.name.as_deref().unwrap_or("no name");
        out.open(&format!("{}", number + 1), name, true);
        for (algorithm, hex) in &subject.digests {
            out.leaf_as(algorithm, hex, role);
        }
        for (key, value) in &subject.annotations {
            out.leaf_as(key, value, role);
        }
        out.close();
    }
    out.close();
}
