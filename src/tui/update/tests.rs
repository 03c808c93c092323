use crate::{
    domain::verdict::Judgement,
    inspect::{Event, RegistryError},
    tui::{
        message::{Effect, Ended, Message, Place, RunId},
        state::{Focus, Load, Pane, Pin, Screen, State},
        testing::*,
        update::{Start, start, update},
    },
};

const IDENTITY: &str = "https://example.test/release";

fn repin(effects: &[Effect]) -> RunId {
    let found = effects.iter().find_map(|e| match e {
        Effect::Repin { run, .. } => Some(*run),
        _ => None,
    });
    found.unwrap()
}

fn proved() -> State {
    let mut state = live(Some(demand()));
    let effects = opened(&mut state, "ghcr.io/a/b:1");
    answer_all(&mut state, effects, Judgement::Proved, IDENTITY);
    state
}

#[test]
fn keys_do_what_the_table_says() {
    for (keys, focus, pane) in [
        ("", Focus::Master, Pane::Overview),
        ("2", Focus::Master, Pane::Signatures),
        ("<Tab>", Focus::Detail, Pane::Overview),
        ("<Tab><Tab>", Focus::Browser, Pane::Overview),
        ("<Tab><Tab>4", Focus::Master, Pane::Sbom),
        ("h", Focus::Browser, Pane::Overview),
        ("l", Focus::Detail, Pane::Overview),
        ("5<Enter>", Focus::Detail, Pane::Image),
        ("5<Enter><Esc>", Focus::Master, Pane::Image),
        ("5<Enter><Esc><Esc>", Focus::Browser, Pane::Image),
        ("j<Enter>", Focus::Detail, Pane::Overview),
        ("jj<Enter>", Focus::Master, Pane::Image),
        ("?", Focus::Master, Pane::Overview),
    ] {
        let mut state = proved();
        update(&mut state, Message::Resize(120, 35));
        press(&mut state, keys);
        assert_eq!((state.focus, state.pane), (focus, pane), "{keys}");
    }
}

#[test]
fn the_program_ends_on_q_and_on_control_c_wherever_the_keys_go() {
    for (keys, ended) in [
        ("q", Ended::Quit),
        ("?q", Ended::Quit),
        ("<C-c>", Ended::Interrupted),
        ("?<C-c>", Ended::Interrupted),
        ("oq<C-c>", Ended::Interrupted),
        ("y<C-c>", Ended::Interrupted),
        ("h/x<C-c>", Ended::Interrupted),
    ] {
        let mut state = proved();
        let effects = press(&mut state, keys);
        assert_eq!(effects.last(), Some(&Effect::Quit(ended)), "{keys}");
    }
    let mut state = proved();
    assert_eq!(update(&mut state, Message::Shutdown), [Effect::Quit(Ended::Quit)]);
}

#[test]
fn events_of_a_left_tag_change_nothing() {
    let mut state = live(Some(demand()));
    let first = opened(&mut state, "ghcr.io/a/b:1");
    let Some(Effect::Start { run, planned, .. }) =
        first.into_iter().find(|e| matches!(e, Effect::Start { .. }))
    else {
        panic!("a check is started")
    };
    let second = opened(&mut state, "ghcr.io/a/b:2");
    assert!(second.contains(&Effect::Cancel(run)), "the work of a left tag ends");
    let before = state.clone();
    let late = finding(&planned, Judgement::Proved, "late");
    assert_eq!(answer(&mut state, run, &planned, late), []);
    assert_eq!(state, before);
    let progress = Event::Progress { check: planned.id.clone(), bytes: 1, total: None };
    assert_eq!(update(&mut state, Message::Inspection(run, progress)), []);
    assert_eq!(state, before);
    // Coming back starts the same check under another number.
    let back = opened(&mut state, "ghcr.io/a/b:1");
    let again = |e: &Effect| matches!(e, Effect::Start { run: r, planned: p, .. } if *r != run && p.id == planned.id);
    assert!(back.iter().any(again));
}

#[test]
fn a_proved_pin_is_copied_after_the_tag_was_asked_for() {
    let mut state = proved();
    let effects = press(&mut state, "y");
    assert!(!effects.iter().any(|e| matches!(e, Effect::Copy(_))), "nothing before the answer");
    let run = repin(&effects);
    let effects = update(&mut state, Message::Repinned(run, Ok(fetched("first"))));
    let pin = format!("ghcr.io/a/b:1@{}", fetched("first").descriptor.digest);
    assert!(effects.contains(&Effect::Copy(pin)));
    assert_eq!(state.pin, None);
}

#[test]
fn a_tag_that_moved_raises_an_alarm() {
    let mut state = proved();
    let effects = press(&mut state, "y");
    let run = repin(&effects);
    let effects = update(&mut state, Message::Repinned(run, Ok(fetched("other"))));
    assert!(!effects.iter().any(|e| matches!(e, Effect::Copy(_))));
    assert!(matches!(state.pin, Some(Pin::Moved { .. })));
    assert!(screen(&mut state, (80, 24)).contains("ALARM"));
    assert!(!press(&mut state, "y").iter().any(|e| matches!(e, Effect::Copy(_))));
}

#[test]
fn anything_but_proved_asks_first() {
    for judgement in [Judgement::Refuted, Judgement::Undecided, Judgement::Valid] {
        let mut state = live((judgement != Judgement::Valid).then(demand));
        let effects = opened(&mut state, "ghcr.io/a/b:1");
        answer_all(&mut state, effects, judgement, IDENTITY);
        let effects = press(&mut state, "y");
        let run = repin(&effects);
        let effects = update(&mut state, Message::Repinned(run, Ok(fetched("first"))));
        assert!(!effects.iter().any(|e| matches!(e, Effect::Copy(_))), "{judgement:?}");
        let mut left = state.clone();
        assert_eq!(press(&mut left, "<Esc>"), []);
        let copied = press(&mut state, "y");
        let [Effect::Copy(line)] = copied.as_slice() else { panic!("{copied:?}") };
        assert!(line.ends_with(" # NOT proved by sigscope") && !line.contains('\n'), "{line}");
    }
}

#[test]
fn a_tag_that_cannot_be_asked_for_is_not_pinned() {
    let mut state = proved();
    let effects = press(&mut state, "y");
    let run = repin(&effects);
    let down = RegistryError::Unreachable { host: "ghcr.io".into(), words: "timeout".into() };
    let effects = update(&mut state, Message::Repinned(run, Err(down)));
    assert!(!effects.iter().any(|e| matches!(e, Effect::Copy(_))));
    assert!(matches!(state.pin, Some(Pin::Failed(_))));
}

#[test]
fn every_window_of_a_pin_is_left_by_its_keys_and_only_y_accepts() {
    let down = || RegistryError::Unreachable { host: "ghcr.io".into(), words: "timeout".into() };
    for (answer, leave) in [
        (None, &["<Esc>", "<Enter>"][..]),
        (Some(Ok(fetched("other"))), &["<Esc>", "<Enter>"]),
        (Some(Err(down())), &["<Esc>", "<Enter>"]),
        (Some(Ok(fetched("first"))), &["<Esc>"]),
    ] {
        for keys in leave {
            let mut state = live(None);
            let effects = opened(&mut state, "ghcr.io/a/b:1");
            answer_all(&mut state, effects, Judgement::Valid, IDENTITY);
            let effects = press(&mut state, "y");
            let run = repin(&effects);
            let waits = answer.is_none();
            if let Some(answer) = answer.clone() {
                update(&mut state, Message::Repinned(run, answer));
            }
            // Enter is pressed without a look; what is not proved is copied by `y` alone.
            if matches!(state.pin, Some(Pin::Confirm { .. })) {
                assert_eq!(press(&mut state, "<Enter>"), []);
            }
            assert!(state.pin.is_some());
            let effects = press(&mut state, keys);
            assert_eq!(state.pin, None, "{keys}");
            assert_eq!(effects.contains(&Effect::Cancel(run)), waits, "{keys}: {effects:?}");
        }
    }
}

#[test]
fn what_was_not_proved_under_a_demand_is_never_called_proved() {
    let mut state = live(None);
    let effects = opened(&mut state, "ghcr.io/a/b:1");
    answer_all(&mut state, effects, Judgement::Valid, IDENTITY);
    for keys in ["1", "2", "3", "5", "1", "<Tab>"] {
        press(&mut state, keys);
        for size in [(80, 24), (120, 35), (200, 55)] {
            let text = screen(&mut state, size);
            assert!(!text.contains('✓'), "{keys}\n{text}");
            assert!(text.contains("UNVERIFIED"), "{keys}\n{text}");
        }
    }
}

fn demo_tags(state: &mut State, effects: &[Effect]) -> Vec<Effect> {
    let mut all = Vec::new();
    // The second repository answers first.
    for effect in effects.iter().rev() {
        let Effect::LoadTags { run, repository, place, .. } = effect else { continue };
        assert_eq!(*place, Place::Demo);
        let names: &[&str] =
            if repository.to_string().ends_with('b') { &["1.0.0", "2.0.0"] } else { &["9.9.9"] };
        all.extend(update(state, Message::Tags(*run, Ok(page(names)))));
    }
    all
}

#[test]
fn the_demo_opens_its_first_image_and_surveys_the_others() {
    let mut state = live(None);
    let effects = start(&mut state, Start::Demo);
    let effects = demo_tags(&mut state, &effects);
    assert_eq!(state.open, Some(subject("demo.invalid/a/b:2.0.0")));
    assert_eq!((state.focus, state.pane), (Focus::Browser, Pane::Overview));
    answer_all(&mut state, effects, Judgement::Proved, IDENTITY);
    assert!(state.known.len() == 3 && state.known.values().all(|slot| slot.finished));
    assert!(state.jobs.is_empty() && state.running() == 0);
    update(&mut state, Message::Resize(120, 35));
    press(&mut state, "<Down><Enter>");
    assert_eq!(state.open, Some(subject("demo.invalid/a/b:1.0.0")));
    assert_eq!(state.focus, Focus::Browser);
}

#[test]
fn nothing_of_the_demo_leaves_it() {
    let mut state = live(None);
    let effects = start(&mut state, Start::Demo);
    let effects = demo_tags(&mut state, &effects);
    answer_all(&mut state, effects, Judgement::Proved, IDENTITY);
    state.focus = Focus::Master;
    assert_eq!(press(&mut state, "y"), []);
    assert!(state.toast.is_some() && state.recents.is_empty());
    for size in [(50, 10), (60, 16), (80, 24), (120, 35), (200, 55)] {
        for keys in ["1", "2", "3", "4", "5", "?", "?", "o", "<Esc>"] {
            press(&mut state, keys);
            assert!(screen(&mut state, size).contains("DEMO"), "{size:?} {keys}");
        }
    }
    press(&mut state, "oghcr.io/a/b:1<Enter>");
    assert_eq!(state.place, Place::Live);
    assert!(state.known.keys().all(|s| !s.to_string().contains("demo.invalid")));
    assert!(!screen(&mut state, (120, 35)).contains("DEMO"));
    assert_eq!(state.slot().map(|slot| slot.inspection.demand.clone()), Some(None));
}

#[test]
fn a_target_is_named_in_the_field() {
    let mut state = live(None);
    start(&mut state, Start::Home);
    let effects = press(&mut state, "ghcr.io/A/b<Enter>");
    assert!(effects.is_empty() && state.screen == Screen::Home);
    assert_eq!(state.field.clone().and_then(|f| f.wrong).map(|(at, _)| at), Some(8));
    press(&mut state, "<C-u>");
    update(&mut state, Message::Paste("  ghcr.io/a/b:1\nrm -rf\n".into()));
    let effects = press(&mut state, "<Enter>");
    assert_eq!(state.open, Some(subject("ghcr.io/a/b:1")));
    assert!(effects.iter().any(|e| matches!(e, Effect::LoadTags { place: Place::Live, .. })));
    assert_eq!(state.recents, [subject("ghcr.io/a/b:1")]);
}

#[test]
fn pages_of_tags_are_followed_and_never_for_ever() {
    let mut state = live(None);
    let effects = start(&mut state, Start::Browse(repository("ghcr.io/a/b")));
    let [Effect::LoadTags { run, after: None, .. }] = effects.as_slice() else {
        panic!("{effects:?}")
    };
    let mut first = page(&["1.0.0", &format!("sha256-{}.sig", "a".repeat(64))]);
    first.next = Some("2".into());
    let effects = update(&mut state, Message::Tags(*run, Ok(first.clone())));
    let next = effects.iter().find_map(|e| match e {
        Effect::LoadTags { run, after, .. } => Some((*run, after.clone())),
        _ => None,
    });
    let (run, after) = next.unwrap();
    assert_eq!(after.as_deref(), Some("2"));
    // The same page again names the same next one: a circle, which ends and says so.
    let effects = update(&mut state, Message::Tags(run, Ok(first)));
    assert!(!effects.iter().any(|e| matches!(e, Effect::LoadTags { .. })));
    let text = screen(&mut state, (80, 24));
    assert!(text.contains("1 signature tag hidden · a shows") && text.contains("1.0.0"), "{text}");
    assert!(text.contains("not complete: the pages go round"), "{text}");
    press(&mut state, "a");
    assert!(screen(&mut state, (80, 24)).contains("sha256-aaaa"));
    press(&mut state, "/zzz");
    assert!(!screen(&mut state, (80, 24)).contains("1.0.0"));
    press(&mut state, "<Esc>");
    assert!(screen(&mut state, (80, 24)).contains("1.0.0"));
}

#[test]
fn tags_that_cannot_be_listed_say_why_and_are_asked_for_again() {
    let mut state = live(None);
    let effects = start(&mut state, Start::Browse(repository("ghcr.io/a/b")));
    let [Effect::LoadTags { run, .. }] = effects.as_slice() else { panic!("{effects:?}") };
    let limit =
        RegistryError::RateLimited { host: "ghcr.io".into(), retry_after: Some(7), rate: None };
    update(&mut state, Message::Tags(*run, Err(limit)));
    assert!(matches!(state.browser.repositories[0].load, Load::Failed(_)));
    assert!(screen(&mut state, (80, 24)).contains("? ghcr.io limits the rate"));
    let effects = press(&mut state, "<Down><Enter>");
    assert!(matches!(effects.as_slice(), [Effect::LoadTags { .. }]));
}

#[test]
fn only_what_is_undecided_is_tried_again() {
    let mut state = proved();
    let effects = press(&mut state, "r");
    let kinds: Vec<_> = effects
        .iter()
        .filter_map(|e| match e {
            Effect::Start { planned, .. } => Some(planned.id.kind.word()),
            _ => None,
        })
        .collect();
    assert_eq!(kinds, ["trust-root"]);
}

#[test]
fn rows_that_come_in_above_do_not_move_the_cursor() {
    let mut state = live(Some(demand()));
    let mut effects = opened(&mut state, "ghcr.io/a/b:1");
    let of = |effects: &mut Vec<Effect>, word: &str| {
        let at = effects.iter().position(
            |e| matches!(e, Effect::Start { planned, .. } if planned.id.kind.word() == word),
        );
        match effects.remove(at.unwrap()) {
            Effect::Start { run, planned, .. } => (run, planned),
            _ => unreachable!(),
        }
    };
    for word in ["trust-root", "resolve"] {
        let (run, planned) = of(&mut effects, word);
        let found = finding(&planned, Judgement::Proved, IDENTITY);
        effects.extend(answer(&mut state, run, &planned, found));
    }
    press(&mut state, "G");
    let last = crate::tui::panes::selected(&state);
    let (run, planned) = of(&mut effects, "referrers");
    let found = finding(&planned, Judgement::Proved, IDENTITY);
    answer(&mut state, run, &planned, found);
    assert_eq!(crate::tui::panes::selected(&state), last);
}
