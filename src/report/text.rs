//! The report for a terminal without UI, or for a pipe: one line a row, foreign text harmless.

use std::fmt::Write;

use crate::{
    domain::{text::safe, verdict::Answer},
    inspect::{CheckId, CheckState, Facts, FoundPiece, Inspection, verdict::overall},
    verify::Kind,
};

/// The mark before a row; the word stands beside it, so that neither colour nor glyph is needed.
const fn mark(answer: Answer) -> char {
    match answer {
        Answer::Proved => '✓',
        Answer::Valid => '·',
        Answer::Absent => '–',
        Answer::Undecided => '?',
        Answer::Refuted => '✗',
    }
}

/// The whole report of one target.
pub fn report(seen: &Inspection) -> String {
    let mut out = String::new();
    let overall = overall(seen);
    line(&mut out, &safe(&seen.subject.to_string()));
    if let Some(digest) = seen.digest() {
        line(&mut out, &format!("  digest  {digest}"));
    }
    let others = others(seen);
    for (id, state) in &seen.checks {
        match state {
            CheckState::Done { finding, .. } if is_other(&finding.facts) && others > 3 => {}
            state => row(&mut out, id, state),
        }
    }
    if others > 3 {
        line(
            &mut out,
            &format!("  – absent     {others} other referrers: neither signature nor attestation"),
        );
    }
    for (number, (_, found)) in seen.pieces().enumerate() {
        piece(&mut out, number + 1, found);
    }
    warnings(&mut out, seen);
    let verdict = Answer::from(overall.verdict);
    line(&mut out, &format!("{} {}: {}", mark(verdict), verdict.word(), safe(&overall.reason)));
    out
}

fn line(out: &mut String, text: &str) {
    out.push_str(text);
    out.push('\n');
}

fn others(seen: &Inspection) -> usize {
    let done = seen.checks.values().filter(|state| match state {
        CheckState::Done { finding, .. } => is_other(&finding.facts),
        CheckState::Running { .. } => false,
    });
    done.count()
}

const fn is_other(facts: &Facts) -> bool {
    matches!(facts, Facts::OtherReferrer(_))
}

fn row(out: &mut String, id: &CheckId, state: &CheckState) {
    let (answer, summary) = match state {
        CheckState::Done { finding, .. } => (finding.answer, finding.summary.as_str()),
        CheckState::Running { .. } => (Answer::Undecided, "not finished"),
    };
    let name = match state {
        CheckState::Done { finding, .. } => finding.row_name(id.kind),
        CheckState::Running { .. } => id.kind.word(),
    };
    let (mark, word) = (mark(answer), answer.word());
    line(out, &format!("  {mark} {word:<9}  {name:<12} {}", safe(summary)));
}

fn piece(out: &mut String, number: usize, found: &FoundPiece) {
    let piece = &found.piece;
    let kind = match piece.kind {
        Kind::Signature => "signature",
        Kind::MessageSignature => "signature over a file",
        Kind::Attestation => "attestation",
        Kind::Unknown => "unreadable piece",
    };
    let predicate = piece.predicate_type.as_deref().map(safe).unwrap_or_default();
    let format = piece.format.word();
    let words = piece.judgement.words();
    line(out, &format!("#{number} {kind}: {words}  {format}  {predicate}"));
    for step in piece.steps.iter() {
        let answer = Answer::from(step.verdict);
        let (mark, word, name) = (mark(answer), answer.word(), step.name.word());
        line(out, &format!("    {mark} {word:<9}  {name:<12} {}", safe(&step.detail)));
    }
}

fn warnings(out: &mut String, seen: &Inspection) {
    for state in seen.checks.values() {
        let CheckState::Done { finding, .. } = state else { continue };
        for (code, message) in &finding.warnings {
            // Writing to a String cannot fail.
            let _ = writeln!(out, "! warning    {code}: {}", safe(message));
        }
    }
}
