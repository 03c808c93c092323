//! The report for a terminal without UI, or for a pipe: one line a row, foreign text harmless.

use std::fmt::Write;

use crate::{
    domain::{
        Verdict,
        demand::Demand,
        text::safe,
        verdict::{Answer, Judgement},
    },
    inspect::{
        CheckId, CheckKind, CheckState, Facts, FoundPiece, Inspection, Subject, advice, attached,
        predicates::{self, Age},
        verdict::overall,
    },
    verify::{Kind, Piece},
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

/// How much is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Detail {
    /// Every step of every piece.
    Full,
    /// Only the steps that keep a piece from being proved.
    Brief,
}

/// The whole report of one target; the verdict is the last line.
pub fn report(seen: &Inspection, detail: Detail) -> String {
    let mut out = String::new();
    let overall = overall(seen);
    line(&mut out, &safe(&seen.subject.to_string()));
    if let Some(digest) = seen.own_digest() {
        line(&mut out, &format!("  digest    {digest}"));
    }
    if let (Subject::Layer { reference, .. }, Some(digest)) = (&seen.subject, seen.digest()) {
        let of = safe(&reference.to_string());
        line(&mut out, &format!("  manifest  {digest} of {of}"));
    }
    if let (Some(platform), Some(index)) = (&seen.scope.platform, seen.index()) {
        line(
            &mut out,
            &format!("  platform  {} of the index {}", safe(&platform.to_string()), index.digest),
        );
    }
    if let Some(apart) = seen.apart() {
        let place = safe(&apart.to_string());
        line(&mut out, &format!("  evidence  looked for in {place} alone (COSIGN_REPOSITORY)"));
    }
    match &seen.demand {
        Some(demand) => line(&mut out, &format!("  demanded  {}", safe(&demand.words))),
        None => line(&mut out, "  demanded  nothing: UNVERIFIED, nothing is called proved"),
    }
    checks(&mut out, seen);
    pieces(&mut out, seen, detail);
    if detail == Detail::Full {
        for told in super::inside::lines(seen) {
            line(&mut out, &safe(&told));
        }
        for told in super::policy::lines(seen) {
            line(&mut out, &safe(&told));
        }
    }
    warnings(&mut out, seen);
    for finding in advice::lint(seen) {
        let message = safe(&finding.message());
        line(&mut out, &format!("! warning    {}: {message}", finding.report_code()));
    }
    if let Some(told) = super::cosign::in_words(seen) {
        line(&mut out, &format!("  cosign    {}", safe(&told)));
    }
    let verdict = Answer::from(overall.verdict);
    line(&mut out, &format!("{} {}: {}", mark(verdict), verdict.word(), safe(&overall.reason)));
    out
}

fn line(out: &mut String, text: &str) {
    out.push_str(text);
    out.push('\n');
}

/// One row a check; rows that say the same stand there once, with their number.
fn checks(out: &mut String, seen: &Inspection) {
    let mut rows: Vec<(String, usize)> = vec![];
    // What hangs below the artifact has a tree of its own.
    let below = |kind| matches!(kind, CheckKind::Nested | CheckKind::NestedPiece);
    for (id, state) in seen.checks.iter().filter(|(id, _)| !below(id.kind)) {
        let told = match state {
            CheckState::Done { finding, .. }
                if attached::attached(seen, &finding.facts).is_some() =>
            {
                attachment(seen, id, &finding.facts)
            }
            CheckState::Done { finding, .. } if is_other(&finding.facts) => {
                "  – absent     referrer     neither signature nor attestation".to_owned()
            }
            state => row(id, state),
        };
        match rows.iter_mut().find(|(known, _)| *known == told) {
            Some((_, count)) => *count += 1,
            None => rows.push((told, 1)),
        }
    }
    for (told, count) in rows {
        let times = if count > 1 { format!("  ({count} ×)") } else { String::new() };
        line(out, &format!("{told}{times}"));
    }
}

/// It is there and nobody looked at it: neither "valid" nor "absent" says that.
fn attachment(seen: &Inspection, id: &CheckId, facts: &Facts) -> String {
    let words = attached::attached(seen, facts).map(|a| a.words()).unwrap_or_default();
    let name = if id.kind == CheckKind::Platform { id.kind.word() } else { "attachment" };
    format!("  · unverified {name:<12} {}", safe(&words))
}

const fn is_other(facts: &Facts) -> bool {
    matches!(facts, Facts::OtherReferrer(_))
}

fn row(id: &CheckId, state: &CheckState) -> String {
    let (answer, summary) = match state {
        CheckState::Done { finding, .. } => (finding.answer, finding.summary.as_str()),
        CheckState::Running { .. } => (Answer::Undecided, "not finished"),
    };
    let name = match state {
        CheckState::Done { finding, .. } => finding.row_name(id.kind),
        CheckState::Running { .. } => id.kind.word(),
    };
    let (mark, word) = (mark(answer), answer.word());
    format!("  {mark} {word:<9}  {name:<12} {}", safe(summary))
}

/// Every piece; what cannot be read for the same reason stands there once, with its number.
fn pieces(out: &mut String, seen: &Inspection, detail: Detail) {
    let ages = predicates::ages(seen);
    let mut unread: Vec<(&str, usize)> = vec![];
    for (number, (_, found)) in seen.pieces().enumerate() {
        let summary = found.piece.summary.as_str();
        match unread.iter_mut().find(|(known, _)| *known == summary) {
            _ if found.piece.kind != Kind::Unknown || detail == Detail::Full => {
                piece(out, number + 1, found, (seen.demand.as_deref(), detail));
                let age = ages.get(number).copied().flatten();
                says(out, &found.piece, age);
            }
            Some((_, count)) => *count += 1,
            None => unread.push((summary, 1)),
        }
    }
    for (summary, count) in unread {
        line(out, &format!("{count} × not readable as a signature: {}", safe(summary)));
    }
}

fn piece(out: &mut String, number: usize, found: &FoundPiece, how: (Option<&Demand>, Detail)) {
    let (demand, detail) = how;
    let terms = Demand::terms(demand);
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
    let fine = matches!(piece.judgement, Judgement::Proved | Judgement::Valid);
    for step in piece.steps.iter() {
        let told = detail == Detail::Full || (!fine && step.verdict != Verdict::Proved);
        if !told {
            continue;
        }
        let answer = Answer::of_step(step.verdict, demand.is_some());
        // One look for all that nobody demanded, whether the value was seen or not.
        let (mark, word) = if step.not_asked(&terms) {
            ('·', "not asked")
        } else {
            (mark(answer), answer.word())
        };
        let name = step.name.word();
        line(out, &format!("    {mark} {word:<9}  {name:<12} {}", safe(&step.detail)));
    }
}

/// One line of what an attestation says, and whether anything vouches for it.
fn says(out: &mut String, piece: &Piece, age: Option<Age>) {
    let Some(evidence) = piece.statement.as_ref().filter(|_| piece.kind == Kind::Attestation)
    else {
        return;
    };
    let summary = &evidence.get().summary;
    let publishers = evidence.verified().is_some() && piece.judgement == Judgement::Proved;
    let standing = if publishers { "says" } else { "observed" };
    let name = summary.family.name().map(|name| format!("{name}: ")).unwrap_or_default();
    let age = age.and_then(Age::words).map(|words| format!(" [{words}]")).unwrap_or_default();
    line(out, &format!("    {standing:<11}  {}{age}", safe(&format!("{name}{}", summary.words()))));
}

fn warnings(out: &mut String, seen: &Inspection) {
    if let Some(moved) = seen.moved() {
        line(out, &format!("! warning    {}: {}", moved.code(), safe(&moved.message())));
    }
    for state in seen.checks.values() {
        let CheckState::Done { finding, .. } = state else { continue };
        for (code, message) in &finding.warnings {
            // Writing to a String cannot fail.
            let _ = writeln!(out, "! warning    {code}: {}", safe(message));
        }
    }
}
