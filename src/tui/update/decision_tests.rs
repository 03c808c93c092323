//! The decision, written: only of what is proved, and never of the demo.

use super::{Start, start, update};
use crate::{
    domain::verdict::Judgement,
    tui::{
        export::Writing,
        message::{Effect, Message},
        panes::decision::What,
        state::State,
        testing::{answer_all, demand, fetched, live, opened, press, screen},
    },
};

/// A release is open, its checks have answered, and the pane is shown.
fn open(demanded: bool, judgement: Judgement) -> State {
    let mut state = live(demanded.then(demand));
    let effects = opened(&mut state, "ghcr.io/a/b:4.0.0");
    answer_all(&mut state, effects, judgement, "https://example.test/release");
    press(&mut state, "p");
    state
}

/// Presses a key, and lets the tag still point where it did.
fn pressed(state: &mut State, keys: &str) -> Vec<Effect> {
    let effects = press(state, keys);
    let mut all = effects.clone();
    for effect in effects {
        if let Effect::Repin { run, .. } = effect {
            all.extend(update(state, Message::Repinned(run, Ok(fetched("first")))));
        }
    }
    all
}

fn copied(effects: &[Effect]) -> Option<&str> {
    effects.iter().find_map(|effect| match effect {
        Effect::Copy(text) => Some(text.as_str()),
        _ => None,
    })
}

#[test]
fn every_form_of_a_proved_release_is_shown_and_copied_once_its_tag_was_asked_for_again() {
    let mut state = open(true, Judgement::Proved);
    for size in [(80, 24), (200, 55)] {
        let text = screen(&mut state, size);
        for name in ["Pins", "Reference", "Helm values", "Kustomize"] {
            assert!(text.contains(name), "{name}: {text}");
        }
    }
    let digest = fetched("first").descriptor.digest.to_string();
    for (keys, wanted) in [
        ("y", format!("ghcr.io/a/b:4.0.0@{digest}")),
        ("jy", format!("image: \"ghcr.io/a/b:4.0.0@{digest}\"")),
        (
            "jjjy",
            format!(
                "images:\n- name: \"ghcr.io/a/b\"\n  newTag: \"4.0.0\"\n  digest: \"{digest}\""
            ),
        ),
    ] {
        let mut state = open(true, Judgement::Proved);
        let effects = press(&mut state, keys);
        assert_eq!(copied(&effects), None, "nothing before the tag was asked for: {keys}");
        let mut state = open(true, Judgement::Proved);
        assert_eq!(copied(&pressed(&mut state, keys)), Some(wanted.as_str()), "{keys}");
    }
}

#[test]
fn nothing_but_the_marked_reference_leaves_a_release_that_is_not_proved() {
    for (demanded, judgement) in
        [(false, Judgement::Valid), (true, Judgement::Refuted), (true, Judgement::Undecided)]
    {
        let mut state = open(demanded, judgement);
        let text = screen(&mut state, (120, 36));
        assert!(text.contains("NOT proved") && !text.contains("✓ proved"), "{text}");
        let all = state.decision.as_ref().unwrap().entries.len();
        for row in 0..all {
            let mut state = open(demanded, judgement);
            press(&mut state, &"j".repeat(row));
            let effects = pressed(&mut state, "y");
            assert_eq!(copied(&effects), None, "{demanded} {judgement:?} {row}");
            press(&mut state, "<Esc>w");
            assert!(state.field.is_none(), "{demanded} {judgement:?} {row}");
        }
        // The reference goes after a question, with the remark behind it.
        let mut state = open(demanded, judgement);
        pressed(&mut state, "y");
        let effects = press(&mut state, "y");
        assert!(copied(&effects).unwrap().ends_with("# NOT proved by sigscope"), "{effects:?}");
    }
}

#[test]
fn a_moved_tag_copies_no_form() {
    let mut state = open(true, Judgement::Proved);
    for effect in press(&mut state, "jjy") {
        let Effect::Repin { run, .. } = effect else { continue };
        let effects = update(&mut state, Message::Repinned(run, Ok(fetched("another"))));
        assert_eq!(copied(&effects), None);
    }
    assert!(screen(&mut state, (120, 36)).contains("ALARM"));
    press(&mut state, "<Esc>");
    let text = screen(&mut state, (120, 36));
    assert!(text.contains("NOT proved: the tag moved"), "{text}");
}

#[test]
fn a_policy_is_written_as_it_is_shown_and_not_once_it_is_no_longer_proved() {
    let mut state = open(true, Judgement::Proved);
    let entries = &mut state.decision.as_mut().unwrap().entries;
    let at = entries.iter().position(|entry| matches!(entry.what, What::Policy(_))).unwrap();
    entries[at].text = Ok("line one\nline two\n".into());
    press(&mut state, &"j".repeat(at));
    assert_eq!(copied(&press(&mut state, "y")), Some("line one\nline two\n"));
    press(&mut state, "wpolicy.yaml");
    assert!(screen(&mut state, (80, 24)).contains("policy.yaml"));
    let effects = press(&mut state, "<Enter>");
    let [Effect::Write { path, writing, .. }] = effects.as_slice() else { panic!("{effects:?}") };
    assert_eq!(path.to_str(), Some("policy.yaml"));
    let Writing::Text { text, .. } = &**writing else { panic!("{writing:?}") };
    assert_eq!(text, "line one\nline two\n");
    press(&mut state, "wother.yaml");
    state.decision.as_mut().unwrap().entries[at].text = Err("undecided".into());
    let effects = press(&mut state, "<Enter>");
    assert!(!effects.iter().any(|e| matches!(e, Effect::Write { .. })), "{effects:?}");
}

#[test]
fn nothing_of_the_demo_is_copied_or_written_from_here() {
    let mut state = live(None);
    let effects = start(&mut state, Start::Demo);
    answer_all(&mut state, effects, Judgement::Proved, "https://example.test/release");
    press(&mut state, "p");
    for row in 0..12 {
        let effects = press(&mut state, "yw");
        let out =
            |e: &Effect| matches!(e, Effect::Copy(_) | Effect::Write { .. } | Effect::Repin { .. });
        assert!(!effects.iter().any(out) && state.field.is_none(), "{row}: {effects:?}");
        press(&mut state, "j");
    }
}
