use std::sync::Arc;

use crate::{
    domain::{
        Digest,
        oci::{Descriptor, Manifest},
        verdict::{Answer, Judgement},
    },
    inspect::{
        CheckKind, CheckState, Facts, Fetched, Finding, Listing, Referrer, Resolved, Source,
    },
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
fn sixty_platforms_that_hang_take_no_turn_from_what_decides() {
    let mut state = live(Some(demand()));
    let mut waiting = opened(&mut state, "ghcr.io/a/b:1");
    let mut hanging = 0;
    // The last that was started answers first, and no platform ever does.
    while let Some(effect) = waiting.pop() {
        let Effect::Start { run, planned, .. } = effect else { continue };
        let found = match planned.id.kind {
            CheckKind::Platform => {
                hanging += 1;
                let decided = state.slot().unwrap().inspection.decided();
                assert!(decided || hanging <= 4, "{hanging} while a verdict waits");
                continue;
            }
            CheckKind::Resolve => Finding::new(Answer::Proved, "").with(sixty()),
            _ => finding(&planned, Judgement::Proved, "https://example.test/release"),
        };
        // Platforms come behind everything that was offered with them.
        let more = answer(&mut state, run, &planned, found);
        let kinds = more.iter().filter_map(|effect| match effect {
            Effect::Start { planned, .. } => Some(planned.id.kind.may_decide()),
            _ => None,
        });
        assert!(kinds.collect::<Vec<_>>().is_sorted_by(|a, b| a >= b), "what decides is first");
        waiting.extend(more);
    }
    assert_eq!(hanging, 60, "and all of them in the end");
    assert_eq!(badge(state.slot()), (Mark::Proved, "proved"));
}

/// An index of sixty platforms.
fn sixty() -> Facts {
    let entry = |n: usize| {
        let digest = Digest::sha256(format!("{n}").as_bytes());
        format!(
            r#"{{"mediaType":"m","digest":"{digest}","size":7,"platform":{{"os":"linux","architecture":"a{n}"}}}}"#
        )
    };
    let entries: Vec<String> = (0..60).map(entry).collect();
    let bytes: Arc<[u8]> =
        format!(r#"{{"manifests":[{}]}}"#, entries.join(",")).into_bytes().into();
    let descriptor = Descriptor {
        digest: Digest::sha256(&bytes),
        size: bytes.len() as u64,
        ..fetched("").descriptor
    };
    let manifest = Manifest::parse(&bytes).unwrap();
    let fetched = Fetched { descriptor, bytes, contradicted: None };
    Facts::Resolved(Box::new(Resolved { fetched, manifest, listed_in: None }))
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
