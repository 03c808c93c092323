//! A pin in a file: shown first, only of what is proved, and not of a tag that moved.

use super::{Start, start, update};
use crate::{
    domain::{Digest, verdict::Judgement},
    tui::{
        message::{Effect, Message, RunId},
        pinning::{Ending, Proved, made_up},
        state::{Pin, State},
        testing::{answer_all, demand, fetched, live, opened, press, screen},
    },
};

fn open(target: &str, demanded: bool, judgement: Judgement) -> State {
    let mut state = live(demanded.then(demand));
    let effects = opened(&mut state, target);
    answer_all(&mut state, effects, judgement, "https://example.test/release");
    press(&mut state, "p");
    state
}

fn drafting(effects: &[Effect]) -> Option<(RunId, Proved)> {
    effects.iter().find_map(|effect| match effect {
        Effect::Draft { run, of, .. } => Some((*run, (**of).clone())),
        _ => None,
    })
}

fn committing(effects: &[Effect]) -> Option<RunId> {
    effects.iter().find_map(|effect| match effect {
        Effect::Commit { run, .. } => Some(*run),
        _ => None,
    })
}

const DIFF: &str = "--- a/x\n+++ b/x\n@@ -1 +1 @@\n-image: a:1\n+image: a:1@sha256:\u{1b}[2J\n";

/// The diff is on the screen.
fn shown() -> State {
    let mut state = open("ghcr.io/a/b:4.0.0", true, Judgement::Proved);
    let (run, of) = drafting(&press(&mut state, "wx.yaml<Enter>")).unwrap();
    let digest = fetched("first").descriptor.digest;
    assert_eq!((of.again.0.as_str(), &of.again.1, &of.digest), ("4.0.0", &digest, &digest));
    update(&mut state, Message::Drafted(run, Ok(Box::new(made_up(DIFF)))));
    state
}

#[test]
fn what_would_change_is_shown_and_nothing_is_written_before_it_is_said() {
    for size in [(80, 24), (200, 55)] {
        let mut state = shown();
        let text = screen(&mut state, size);
        for words in ["-image: a:1", "+image: a:1@sha256:", "1 reference", "y asks"] {
            assert!(text.contains(words), "{words}: {text}");
        }
        assert!(!text.contains('\u{1b}'), "{text}");
        assert_eq!(committing(&press(&mut state, "<Esc>")), None);
        assert!(state.pin.is_none(), "left");
    }
    let mut state = shown();
    let run = committing(&press(&mut state, "y")).unwrap();
    update(&mut state, Message::Committed(run, Ok(Ending::Wrote("wrote it".into()))));
    assert!(screen(&mut state, (120, 36)).contains("wrote it"));
}

#[test]
fn a_tag_that_moved_meanwhile_is_an_alarm_and_takes_the_proof_away() {
    let mut state = shown();
    let run = committing(&press(&mut state, "y")).unwrap();
    let now = Digest::sha256(b"another");
    update(&mut state, Message::Committed(run, Ok(Ending::Moved(now))));
    assert!(matches!(state.pin, Some(Pin::Moved { .. })));
    press(&mut state, "<Esc>w");
    assert!(state.field.is_none(), "nothing more is written of it");
}

#[test]
fn only_a_proved_release_with_a_tag_is_written_and_nothing_of_the_demo() {
    let digest = fetched("first").descriptor.digest;
    for (target, demanded, judgement) in [
        ("ghcr.io/a/b:4.0.0", false, Judgement::Valid),
        ("ghcr.io/a/b:4.0.0", true, Judgement::Refuted),
        ("ghcr.io/a/b:4.0.0", true, Judgement::Undecided),
        (&format!("ghcr.io/a/b@{digest}"), true, Judgement::Proved),
    ] {
        let mut state = open(target, demanded, judgement);
        let effects = press(&mut state, "wx.yaml<Enter>");
        assert_eq!(drafting(&effects), None, "{target} {demanded} {judgement:?}");
    }
    let mut state = live(None);
    start(&mut state, Start::Demo);
    press(&mut state, "p");
    assert_eq!(drafting(&press(&mut state, "wx.yaml<Enter>")), None);
    // What was proved when the diff was made, and is not when it is accepted, is not written.
    let mut state = shown();
    state.decision.as_mut().unwrap().unproved = Some("refuted".into());
    assert_eq!(committing(&press(&mut state, "y")), None);
}

#[test]
fn a_file_in_which_nothing_changes_stays_in_the_field_and_one_that_was_left_shows_nothing() {
    let mut state = open("ghcr.io/a/b:4.0.0", true, Judgement::Proved);
    let (run, _) = drafting(&press(&mut state, "wx.yaml<Enter>")).unwrap();
    update(&mut state, Message::Drafted(run, Err("it names no image".into())));
    assert_eq!(state.field.as_ref().unwrap().text, "x.yaml");
    let (run, _) = drafting(&press(&mut state, "<Enter>")).unwrap();
    press(&mut state, "<Esc>");
    update(&mut state, Message::Drafted(run, Ok(Box::new(made_up(DIFF)))));
    assert!(state.pin.is_none());
}

#[test]
fn nothing_is_agreed_to_that_was_not_on_the_screen() {
    let zeros = "0".repeat(64);
    let long: Vec<String> = (0..100).map(|n| format!("+image: a:{n}@sha256:{zeros}")).collect();
    let long = long.join("\n");
    let diff = format!("--- a/x\n+++ b/x\n@@ -1 +1 @@\n{long}");
    for size in [(80, 24), (200, 55)] {
        let mut state = open("ghcr.io/a/b:4.0.0", true, Judgement::Proved);
        let (run, _) = drafting(&press(&mut state, "wx.yaml<Enter>")).unwrap();
        update(&mut state, Message::Drafted(run, Ok(Box::new(made_up(&diff)))));
        let text = screen(&mut state, size);
        assert!(text.contains("a:0@") && !text.contains("a:99@") && text.contains("more, then y"));
        assert_eq!(committing(&press(&mut state, "y")), None, "{size:?}");
        press(&mut state, "jjG");
        assert!(screen(&mut state, size).contains("a:99@"), "{size:?}");
        assert!(committing(&press(&mut state, "y")).is_some(), "{size:?}");
    }
}
