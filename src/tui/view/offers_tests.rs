//! What a screen offers, and what it says where there is nothing to offer.

use crate::{
    domain::verdict::Judgement,
    inspect::Subject,
    tui::{
        layout::areas,
        message::{Effect, Message},
        state::{Pane, State},
        testing::*,
        update::{Start, start, update},
    },
};

const IDENTITY: &str = "https://example.test/release";

fn folder() -> State {
    let mut state = live(None);
    start(&mut state, Start::Open(Subject::Folder("/srv/release".into())));
    state
}

/// An image that was looked at without a demand, with one valid signature.
fn looked_at() -> State {
    let mut state = live(None);
    let effects = opened(&mut state, "ghcr.io/a/b:1");
    answer_all(&mut state, effects, Judgement::Valid, IDENTITY);
    state
}

#[test]
fn a_folder_offers_neither_tags_nor_an_image_nor_a_pin() {
    for size in [(80, 24), (120, 35), (200, 55)] {
        let mut state = folder();
        let text = screen(&mut state, size);
        assert!(!text.contains("5 Image") && !text.contains("Tags 0"), "{text}");
        assert!(!text.contains("y pin"), "{text}");
        assert_eq!(areas(&state).browser, None);
    }
    let mut state = folder();
    press(&mut state, "5");
    assert_eq!(state.pane, Pane::Overview);
    assert!(screen(&mut state, (80, 24)).contains("files have no index"));
    press(&mut state, "jj<Enter>");
    assert_eq!(state.pane, Pane::Overview, "a folder that is resolved has no index to show");
}

#[test]
fn an_empty_pane_says_why_and_what_would_stand_there() {
    for (pane, about) in [("2", "signatures over the release"), ("4", "CycloneDX or SPDX")] {
        let mut state = folder();
        press(&mut state, pane);
        let text = screen(&mut state, (120, 35));
        assert!(text.contains(about) && text.contains("this pane"), "{text}");
    }
}

#[test]
fn the_bottom_line_offers_only_what_would_do_something() {
    let mut state = looked_at();
    let text = screen(&mut state, (120, 35));
    assert!(text.contains("y pin") && text.contains("r retry"), "{text}");
    let mut state = folder();
    let text = screen(&mut state, (120, 35));
    assert!(!text.contains("r retry"), "nothing is undecided\n{text}");
}

#[test]
fn help_opens_from_an_empty_field_and_with_f1_from_any() {
    use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
    let f1 = || Message::Key(KeyEvent::new(KeyCode::F(1), KeyModifiers::NONE));
    let mut state = live(None);
    start(&mut state, Start::Home);
    press(&mut state, "?");
    assert!(screen(&mut state, (80, 24)).contains("In the field"));
    press(&mut state, "<Esc>a?");
    assert_eq!(state.field.as_ref().map(|f| f.text.as_str()), Some("a?"));
    update(&mut state, f1());
    assert!(state.help.is_some());
}

#[test]
fn flags_are_never_suggested_from_what_is_only_observed() {
    let mut state = looked_at();
    let text = screen(&mut state, (200, 55));
    assert!(text.contains("observed") && !text.contains("to demand it"), "{text}");
    assert!(!text.contains("copy flags"), "{text}");
    let effects = press(&mut state, "c");
    assert!(!effects.iter().any(|effect| matches!(effect, Effect::Copy(_))));
}
