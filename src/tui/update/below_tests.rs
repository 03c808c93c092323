use std::sync::Arc;

use crate::{
    domain::{
        Digest,
        verdict::{Answer, Judgement},
    },
    inspect::{CheckKind, CheckState, Facts, Finding, Listing, Referrer, Source},
    tui::{mark::Mark, message::Effect, panes::badge, testing::*},
};

#[test]
fn what_hangs_below_is_asked_for_last_and_no_verdict_waits_for_it() {
    let mut state = live(Some(demand()));
    let (mut waiting, mut below) = (opened(&mut state, "ghcr.io/a/b:1"), Vec::new());
    while let Some(effect) = waiting.pop() {
        let Effect::Start { run, planned, .. } = effect else { continue };
        let kind = planned.id.kind;
        if kind.may_decide() {
            assert!(below.iter().all(|k| *k == CheckKind::Platform), "{kind:?} after {below:?}");
            let found = finding(&planned, Judgement::Proved, "https://example.test/release");
            waiting.extend(answer(&mut state, run, &planned, found));
            continue;
        }
        below.push(kind);
        if kind == CheckKind::Nested {
            let checks = &state.slot().unwrap().inspection.checks;
            let runs = |state: &CheckState| matches!(state, CheckState::Running { .. });
            assert!(!checks.iter().any(|(id, state)| id.kind.may_decide() && runs(state)));
        }
    }
    assert!(below.contains(&CheckKind::Nested), "{below:?}");
    assert!(state.running() > 0);
    assert_eq!(badge(state.slot()), (Mark::Proved, "proved"));
}

#[test]
fn evidence_on_a_platform_is_hinted_at_where_it_has_no_row() {
    let mut state = live(Some(demand()));
    let mut waiting = opened(&mut state, "ghcr.io/a/b:1");
    let mut listed = false;
    while let Some(effect) = waiting.pop() {
        let Effect::Start { run, planned, .. } = effect else { continue };
        let found = match planned.id.kind {
            CheckKind::Nested if !listed && planned.id.subject != Some(Digest::sha256(b"r")) => {
                listed = true;
                let descriptor = fetched("below").descriptor;
                let found = vec![Referrer { descriptor, source: Source::Referrer, tag: None }];
                let listing = Listing { found, notes: vec![] };
                Finding::new(Answer::Proved, "").with(Facts::Listing(Arc::new(listing)))
            }
            CheckKind::NestedPiece => Finding::new(Answer::Proved, "").with(Facts::Pieces(vec![])),
            _ => finding(&planned, Judgement::Proved, "https://example.test/release"),
        };
        if planned.id.kind == CheckKind::NestedPiece {
            assert!(!screen(&mut state, (120, 50)).contains("evidence on"), "not read yet");
        }
        waiting.extend(answer(&mut state, run, &planned, found));
    }
    let text = screen(&mut state, (120, 50));
    assert!(text.contains("evidence on linux/a") && text.contains("64: see 5"), "{text}");
}

#[test]
fn nothing_waits_for_a_digest_that_will_not_come() {
    let mut state = live(Some(demand()));
    let mut waiting = opened(&mut state, "ghcr.io/a/b:1");
    assert!(screen(&mut state, (120, 35)).contains("waits for the digest"));
    while let Some(effect) = waiting.pop() {
        let Effect::Start { run, planned, .. } = effect else { continue };
        let found = match planned.id.kind {
            CheckKind::Resolve => Finding::new(Answer::Absent, "there is no 1"),
            _ => finding(&planned, Judgement::Proved, ""),
        };
        waiting.extend(answer(&mut state, run, &planned, found));
    }
    let text = screen(&mut state, (120, 35));
    assert!(text.contains("not looked at") && !text.contains("waits for the digest"), "{text}");
}
