//! Overview: one row for every check, who signed, what deserves a look.

use super::{Key, Row, badge, is_publishers, unstarted};
use crate::{
    domain::{
        Timestamp,
        claims::Claims,
        oci::{Descriptor, Manifest},
        verdict::Answer,
    },
    inspect::{CheckId, CheckKind, CheckState, Facts, Finding, FoundPiece, Inspection, attached},
    tui::{
        mark::Mark,
        state::Slot,
        text::{bytes, compared, millis, shown},
        theme::Role,
    },
    verify::Kind,
};

/// The kinds of checks, in the order of their rows.
const KINDS: [CheckKind; 16] = [
    CheckKind::TrustRoot,
    CheckKind::Key,
    CheckKind::Resolve,
    CheckKind::Tag,
    CheckKind::Referrers,
    CheckKind::LegacyTags,
    CheckKind::GitHub,
    CheckKind::GitHubRoot,
    CheckKind::Piece,
    CheckKind::LogEntry,
    CheckKind::List,
    CheckKind::File,
    CheckKind::Sbom,
    CheckKind::Platform,
    CheckKind::Chart,
    CheckKind::Listed,
];
/// How many checks have their row here, of those how many have answered, and how many other checks
/// there are: they look at what hangs below, and stand beside that.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Rows of checks, also of those that wait.
    pub rows: usize,
    /// Those that wait or run.
    pub open: usize,
    /// Checks of what hangs below.
    pub below: usize,
    /// Those of them that run.
    pub below_open: usize,
}

/// Counts the checks.
pub fn tally(seen: &Inspection) -> Tally {
    let mut tally = Tally::default();
    for (id, state) in &seen.checks {
        let open = usize::from(matches!(state, CheckState::Running { .. }));
        if KINDS.contains(&id.kind) {
            tally.rows += 1;
            tally.open += open;
        } else {
            tally.below += 1;
            tally.below_open += open;
        }
    }
    for kind in KINDS {
        if !seen.checks.keys().any(|id| id.kind == kind)
            && let Some(row) = unstarted::waiting(seen, kind)
        {
            tally.rows += 1;
            tally.open += usize::from(row.mark == Some(Mark::NotYet));
        }
    }
    tally
}

/// Columns of the bar that stands for bytes.
const BAR: u64 = 12;

pub(super) fn rows(slot: &Slot, now: Timestamp) -> Vec<Row> {
    let seen = &slot.inspection;
    let mut rows = verdict(slot);
    rows.extend([Row::heading(""), Row::heading("Checks")]);
    for kind in KINDS {
        let before = rows.len();
        let of_kind = seen.checks.iter().filter(|(id, _)| id.kind == kind);
        rows.extend(of_kind.enumerate().map(|(i, (id, state))| {
            let name = match kind {
                CheckKind::Piece => numbered(Some(state), i + 1),
                _ => check_name(seen, id),
            };
            check(id, state, &name, now)
        }));
        if rows.len() == before {
            rows.extend(unstarted::waiting(seen, kind));
        }
    }
    rows.extend(super::nested::hint(seen));
    let signers = signer_rows(seen);
    if !signers.is_empty() {
        rows.extend([Row::heading(""), Row::heading(signers_heading(seen))]);
        rows.extend(signers);
    }
    let warnings = warnings(slot);
    if !warnings.is_empty() {
        rows.extend([Row::heading(""), Row::heading("Worth a look")]);
        let each = warnings.into_iter().enumerate().map(|(i, (code, message))| {
            Row::new(Key::Warning(i), Some(Mark::Warning), shown(&code)).text(shown(&message))
        });
        rows.extend(each);
    }
    rows
}

/// The verdict; what was found stands above what was wanted, so that the difference is seen.
fn verdict(slot: &Slot) -> Vec<Row> {
    let (mark, word) = badge(Some(slot));
    let row = Row::new(Key::Verdict, Some(mark), "verdict").role(Role::Title);
    if word == "unverified" {
        return vec![
            row.text("UNVERIFIED: no signer is demanded, so nothing here is called proved"),
        ];
    }
    let reason = shown(&slot.overall.reason);
    match compared(&reason) {
        Some((found, wanted)) => {
            let below = Row::new(Key::Verdict, None, "").text(wanted).role(Role::Title);
            vec![row.text(format!("{found},")), below]
        }
        None => vec![row.text(reason)],
    }
}

/// The name of a check's row.
pub fn check_name(seen: &Inspection, id: &CheckId) -> String {
    match id.kind {
        CheckKind::TrustRoot => "trust root".into(),
        CheckKind::LegacyTags => "legacy tags".into(),
        CheckKind::GitHub => "GitHub".into(),
        CheckKind::GitHubRoot => "GitHub's root".into(),
        CheckKind::LogEntry => "log".into(),
        CheckKind::Sbom => "SBOM".into(),
        CheckKind::Nested => "referrers below".into(),
        CheckKind::NestedPiece => "evidence below".into(),
        CheckKind::Piece => piece_name(seen, id),
        CheckKind::File | CheckKind::List => file_name(seen, id),
        CheckKind::Platform => platform_name(seen, id),
        kind => kind.word().into(),
    }
}

/// The name of a file or list, whole: how it is cut depends on the names beside it.
fn file_name(seen: &Inspection, id: &CheckId) -> String {
    let named = match seen.checks.get(id) {
        Some(CheckState::Done { finding, .. }) => match &finding.facts {
            Facts::File(file) => Some(&file.name),
            Facts::List(list) => Some(&list.name),
            _ => None,
        },
        _ => None,
    };
    named.map_or_else(|| id.kind.word().into(), |name| shown(name))
}

/// `signature #1`; the number is the place among the referrers.
fn piece_name(seen: &Inspection, id: &CheckId) -> String {
    let pieces = seen.checks.keys().filter(|other| other.kind == CheckKind::Piece);
    let number = pieces.take_while(|other| *other != id).count() + 1;
    numbered(seen.checks.get(id), number)
}

fn numbered(state: Option<&CheckState>, number: usize) -> String {
    let what = match state {
        Some(CheckState::Done { finding, .. }) => match &finding.facts {
            Facts::Pieces(p) if p.iter().any(|f| f.piece.kind != Kind::Attestation) => "signature",
            Facts::Pieces(_) => "attestation",
            Facts::Attachment(_) => "attachment",
            _ => "referrer",
        },
        _ => "referrer",
    };
    format!("{what} #{number}")
}

fn platform_name(seen: &Inspection, id: &CheckId) -> String {
    let entry = entries(seen).iter().find(|d| Some(&d.digest) == id.subject.as_ref());
    match entry.map(|d| d.platform.as_ref()) {
        Some(Some(platform)) => shown(&platform.to_string()),
        Some(None) => "entry".into(),
        None => "manifest".into(),
    }
}

fn entries(seen: &Inspection) -> &[Descriptor] {
    match seen.resolved().map(|r| &r.manifest) {
        Some(Manifest::Index(index)) => &index.manifests,
        _ => &[],
    }
}

fn check(id: &CheckId, state: &CheckState, name: &str, now: Timestamp) -> Row {
    let row = |mark| Row::new(Key::Check(id.clone()), Some(mark), name);
    match state {
        CheckState::Running { waiting: Some(waiting), .. } if waiting.words(now).is_some() => {
            let words = waiting.words(now).unwrap_or_default();
            row(Mark::Running).text(shown(&words)).role(Role::Warning)
        }
        CheckState::Running { since, bytes, total, .. } => {
            let waited = u64::try_from(now.duration_since(*since).as_millis()).unwrap_or(0);
            let right = if waited < 1_000 { String::new() } else { millis(waited) };
            row(Mark::Running).text(progress(*bytes, *total)).right(right).role(Role::Dim)
        }
        CheckState::Done { finding, ms, .. } => {
            let role = match finding.answer {
                Answer::Absent => Role::Dim,
                _ => Role::Text,
            };
            let mark = mark_of(finding);
            let text = beside(id.kind, name, &shown(&finding.summary));
            // The mark says valid already; what the row has to say is who signed.
            let text = text.strip_prefix("valid, signer ").unwrap_or(&text).to_owned();
            row(mark).text(text).right(millis(*ms)).role(role)
        }
    }
}

/// What a file's row says without the name that stands beside it.
fn beside(kind: CheckKind, name: &str, summary: &str) -> String {
    if !matches!(kind, CheckKind::File | CheckKind::List) {
        return summary.to_owned();
    }
    let behind = summary
        .strip_prefix(name)
        .and_then(|rest| rest.strip_prefix(": ").or_else(|| rest.strip_prefix(' ')));
    match (behind, summary.strip_suffix(name)) {
        (Some(rest), _) => rest.to_owned(),
        (None, Some(front)) if front.ends_with(" for ") => format!("{front}it"),
        _ => summary.to_owned(),
    }
}

/// What is recognised and not verified is there, so "absent" would be the wrong word.
pub(super) fn mark_of(finding: &Finding) -> Mark {
    if attached::is_attached(&finding.facts) { Mark::Unverified } else { finding.answer.into() }
}

/// `█████░░░░░░░ 8.1 of 11.4 KB`, once bytes are counted.
fn progress(so_far: u64, total: Option<u64>) -> String {
    match total {
        Some(total) if total > 0 => {
            let full = u128::from(so_far.min(total)) * u128::from(BAR) / u128::from(total);
            let full = usize::try_from(full).unwrap_or(0);
            let bar = format!("{}{}", "█".repeat(full), "░".repeat(12 - full.min(12)));
            format!("{bar} {} of {}", bytes(so_far), bytes(total))
        }
        _ if so_far > 0 => bytes(so_far),
        _ => String::new(),
    }
}

/// One piece for every signer: the proved ones first, then what is only observed.
pub fn signers(seen: &Inspection) -> Vec<(&CheckId, usize, &FoundPiece, bool)> {
    let mut all: Vec<(&CheckId, usize, &FoundPiece, bool)> = Vec::new();
    for (id, number, found) in super::pieces_of(seen) {
        let Some(evidence) = &found.piece.claims else { continue };
        let claims = evidence.get();
        let proved = is_publishers(&found.piece, evidence);
        let same = |other: &&FoundPiece| {
            other.piece.claims.as_ref().is_some_and(|o| {
                o.get().identity() == claims.identity() && o.get().issuer() == claims.issuer()
            })
        };
        let known = all.iter_mut().find(|(_, _, other, p)| *p == proved && same(other));
        match known {
            // A signature says more of a signer than an attestation by the same one.
            Some(entry) if attests(entry.2) => *entry = (id, number, found, proved),
            Some(_) => {}
            None => all.push((id, number, found, proved)),
        }
    }
    all.sort_by_key(|(.., proved)| !proved);
    all
}

fn attests(found: &FoundPiece) -> bool {
    found.piece.kind == Kind::Attestation
}

/// Whoever only attested something has not signed the artifact, and must not stand under it.
fn signers_heading(seen: &Inspection) -> &'static str {
    let attested_only = signers(seen).iter().all(|(_, _, found, _)| attests(found));
    if attested_only { "Who attested" } else { "Who signed" }
}

fn signer_rows(seen: &Inspection) -> Vec<Row> {
    let mut rows = Vec::new();
    for (id, number, found, proved) in signers(seen) {
        let Some(evidence) = &found.piece.claims else { continue };
        let claims = evidence.get();
        let key = Key::Signer(id.clone(), number);
        let (mark, role) = if proved {
            (Mark::Proved, Role::Text)
        } else {
            (Mark::from(found.piece.judgement), Role::Dim)
        };
        let name = match (proved, attests(found)) {
            (true, false) => "signer",
            (true, true) => "attester",
            (false, _) => "observed",
        };
        let identity = claims.identity().map_or("no single identity", |san| san.value());
        rows.push(Row::new(key.clone(), Some(mark), name).text(shown(identity)).role(role));
        for line in source_words(claims) {
            rows.push(Row::new(key.clone(), None, "").text(shown(&line)).role(role));
        }
        rows.extend(super::suggest::row(seen, id, number));
    }
    rows
}

/// `enix/x · refs/tags/v4.0.0` and `push · github-hosted`: two lines, so that neither is cut.
fn source_words(claims: &Claims) -> Vec<String> {
    let bare = |n| claims.fulcio(n).map(|v| v.strip_prefix("https://github.com/").unwrap_or(v));
    let line = |numbers: [u8; 2]| numbers.into_iter().filter_map(bare).collect::<Vec<_>>();
    let lines = [line([12, 14]), line([20, 11])];
    let words: Vec<String> =
        lines.iter().filter(|words| !words.is_empty()).map(|words| words.join(" · ")).collect();
    if words.is_empty() {
        return claims.issuer().map(|i| format!("vouched for by {i}")).into_iter().collect();
    }
    words
}

/// What deserves a look although the answers stand: code and message; foreign text.
pub fn warnings(slot: &Slot) -> Vec<(String, String)> {
    let mut all: Vec<(String, String)> = Vec::new();
    if let Some(now) = &slot.moved {
        let words = format!("ALARM: the tag moved; it points at {now} now. R checks that");
        all.push(("tag-moved".into(), words));
    }
    all.extend(slot.inspection.moved().map(|m| (m.code().to_owned(), m.message())));
    let findings = slot.inspection.checks.iter().filter_map(|(id, state)| match state {
        CheckState::Done { finding, .. } => Some((id.kind, finding)),
        CheckState::Running { .. } => None,
    });
    for (kind, finding) in findings {
        all.extend(finding.warnings.iter().map(|(code, m)| ((*code).to_owned(), m.clone())));
        if kind == CheckKind::Piece {
            all.extend(piece_warnings(finding));
        }
    }
    if let Some(resolved) = slot.inspection.resolved()
        && let Some(named) = &resolved.fetched.contradicted
    {
        let words = format!("the registry's header names another digest: {named}");
        all.push(("contradiction".into(), words));
    }
    // A policy that accepts too much is worth a look before anything is pinned by it.
    all.extend(slot.lint.iter().cloned());
    let mut seen = std::collections::BTreeSet::new();
    all.retain(|warning| seen.insert(warning.clone()));
    all
}

fn piece_warnings(finding: &Finding) -> Vec<(String, String)> {
    let Facts::Pieces(pieces) = &finding.facts else { return vec![] };
    let all = pieces.iter().flat_map(|found| found.piece.warnings.iter());
    all.map(|message| ("signature".to_owned(), message.clone())).collect()
}
