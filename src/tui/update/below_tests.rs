use crate::{
    domain::verdict::Judgement,
    inspect::{CheckKind, CheckState},
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
