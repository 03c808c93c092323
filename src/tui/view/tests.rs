use ratatui::style::{Color, Modifier};

use crate::{
    domain::verdict::Judgement,
    inspect::{Event, RegistryError},
    tui::{
        message::{Effect, Message},
        panes::{self, Key, Row},
        state::{Pane, State},
        testing::*,
        theme::Theme,
        update::{Start, start, update},
    },
};

const IDENTITY: &str = "https://example.test/release";

fn inspected(judgement: Judgement, words: &str) -> State {
    let mut state = live(Some(demand()));
    let effects = opened(&mut state, "ghcr.io/a/b:1");
    answer_all(&mut state, effects, judgement, words);
    state
}

#[test]
fn a_release_is_readable_at_every_size() {
    for (size, parts) in [
        ((60, 16), &["refuted", "1 Overview", "trust root", "? keys"][..]),
        ((80, 24), &["✗ refuted", "resolve", "referrers", "legacy tags", "policy:"]),
        ((120, 35), &["Tags", "signature #1", "linux/amd64", "Who signed", "Verdict"]),
        ((200, 55), &["Worth a look", "observed", "demanded", "trust root: public-good"]),
    ] {
        let mut state = inspected(Judgement::Refuted, IDENTITY);
        let text = screen(&mut state, size);
        for part in parts {
            assert!(text.contains(part), "{part} at {size:?}\n{text}");
        }
    }
}

#[test]
fn every_tab_keeps_its_key_and_its_name_at_every_size() {
    let mut state = inspected(Judgement::Proved, IDENTITY);
    for columns in [60, 61, 72, 80, 99, 100, 120, 149, 150, 160, 189, 190, 200, 230] {
        for keys in ["1", "2", "3", "4", "5", "6", "9"] {
            press(&mut state, keys);
            let text = screen(&mut state, (columns, 45));
            for tab in ["1 Overview", "2 Sig", "3 Att", "4 SBOM", "5 Image", "6 Pin", "9 Trace"] {
                assert!(text.contains(tab), "{tab} on {keys} at {columns}\n{text}");
            }
        }
        press(&mut state, "1");
    }
}

#[test]
fn as_many_checks_are_counted_as_have_a_row_and_the_others_are_named() {
    let mut state = live(Some(demand()));
    let mut waiting = opened(&mut state, "ghcr.io/a/b:1");
    loop {
        let text = screen(&mut state, (200, 55));
        let rows = panes::rows_of(&state, Pane::Overview);
        let of_checks = |row: &&Row| matches!(row.key, Key::Check(_) | Key::Waiting(_));
        let rows = rows.iter().filter(of_checks).count();
        assert!(text.contains(&format!("{rows} checks")), "{rows}\n{text}");
        let Some(effect) = waiting.pop() else { break };
        let Effect::Start { run, planned, .. } = effect else { continue };
        let found = finding(&planned, Judgement::Proved, IDENTITY);
        waiting.extend(answer(&mut state, run, &planned, found));
    }
    assert!(screen(&mut state, (200, 55)).contains("checks, 3 below"));
}

#[test]
fn columns_of_tags_are_left_out_from_the_last_one_on() {
    let mut state = live(Some(demand()));
    let effects = start(&mut state, Start::Browse(repository("ghcr.io/a/b")));
    let Some(Effect::LoadTags { run, .. }) = effects.last() else { panic!() };
    update(&mut state, Message::Tags(*run, Ok(page(&["1.0.0"]))));
    let now = state.now.as_millisecond() + 200;
    let tick = Message::Tick(crate::domain::Timestamp::from_millisecond(now).unwrap());
    for effect in update(&mut state, tick) {
        let Effect::ResolveTag { run, .. } = effect else { continue };
        let facts = crate::inspect::tags::TagFacts {
            digest: fetched("first").descriptor.digest,
            media_type: String::new(),
            created: Some(noon()),
            contradicted: None,
        };
        update(&mut state, Message::Resolved(run, Ok(facts)));
    }
    let effects = press(&mut state, "<Enter>");
    answer_all(&mut state, effects, Judgement::Proved, IDENTITY);
    press(&mut state, "<Left>");
    let digest = crate::domain::text::shorten(fetched("first").descriptor.digest.hex(), 9);
    let all = ["✓ proved", &digest, "2026-01-01", "now", "signed by"];
    for columns in (60..=240).step_by(5) {
        let text = screen(&mut state, (columns, 45));
        let row = text.lines().find(|line| line.contains("1.0.0 ") && line.contains("▸")).unwrap();
        // Of a line with several parts the first is the list.
        let row = row.split('│').nth(1).unwrap();
        let at: Vec<Option<usize>> = all.iter().map(|words| row.find(words)).collect();
        let seen = at.iter().take_while(|at| at.is_some()).count();
        assert!(seen > 0 && at[seen..].iter().all(Option::is_none), "{columns}: {row}");
        assert!(at[..seen].is_sorted(), "{columns}: {row}");
    }
}

#[test]
fn no_key_in_the_help_is_cut() {
    let mut state = inspected(Judgement::Proved, IDENTITY);
    press(&mut state, "?");
    for size in [(60, 16), (80, 24), (110, 30), (160, 45)] {
        for _ in 0..12 {
            let text = screen(&mut state, size);
            let (_, list) = text.split_once("Keys").unwrap();
            assert!(!list.contains('…'), "{size:?}\n{text}");
            press(&mut state, "<C-d>");
        }
        press(&mut state, "g");
    }
}

#[test]
fn a_terminal_that_is_too_small_is_told_so() {
    let mut state = inspected(Judgement::Proved, IDENTITY);
    for size in [(40, 10), (59, 16), (60, 15), (1, 1)] {
        let text = screen(&mut state, size);
        assert!(!text.contains("Overview"), "{text}");
    }
    assert!(screen(&mut state, (40, 10)).contains("needs 60×16, here 40×10"));
}

#[test]
fn a_row_has_its_place_before_it_has_an_answer() {
    let mut state = live(Some(demand()));
    let effects = opened(&mut state, "ghcr.io/a/b:1");
    let text = screen(&mut state, (80, 24));
    for row in ["◌ running    trust root", "◌ running    resolve", "· not yet    signatures"] {
        assert!(text.contains(row), "{row}\n{text}");
    }
    assert!(!text.contains("? undecided"), "what nobody looked at is not undecided\n{text}");
    let Some(Effect::Start { run, planned, .. }) = effects.last() else { panic!() };
    let check = planned.id.clone();
    let event = Event::Progress { check, bytes: 5_000, total: Some(10_000) };
    update(&mut state, Message::Inspection(*run, event));
    assert!(screen(&mut state, (80, 24)).contains("██████░░░░░░ 5.0 KB of 10.0 KB"));
}

#[test]
fn the_mark_of_a_verdict_has_its_word_and_its_colour_or_none() {
    let mut state = inspected(Judgement::Refuted, IDENTITY);
    for (colour, fg) in [(true, Color::Red), (false, Color::Reset)] {
        let backend = draw(&mut state, (80, 24), Theme { colour, ascii: false });
        let cells = &backend.buffer().content;
        let mark = cells.iter().find(|cell| cell.symbol() == "✗").unwrap();
        assert_eq!(mark.fg, fg);
        assert!(mark.modifier.contains(Modifier::BOLD), "seen without colour too");
        if !colour {
            assert!(cells.iter().all(|cell| cell.fg == Color::Reset && cell.bg == Color::Reset));
        }
    }
}

#[test]
fn ascii_terminals_get_ascii_and_no_foreign_mark() {
    let mut state = inspected(Judgement::Refuted, "é 日本 ✗");
    for keys in ["1", "2", "5", "?"] {
        press(&mut state, keys);
        let backend = draw(&mut state, (120, 35), Theme { colour: true, ascii: true });
        assert!(backend.buffer().content.iter().all(|cell| cell.symbol().is_ascii()));
        assert!(backend.to_string().contains("x refuted"));
    }
}

/// What a publisher, a registry or a man in the middle may write.
fn hostile() -> Vec<String> {
    vec![
        "a\x1b[31mb\x1b]0;pwned\x07\u{9b}2J".into(),
        "line one\nline two\r\n\t✓ proved".into(),
        "gpj.\u{202e}exe\u{2066}\u{200b}\u{feff}".into(),
        format!("e{}", "\u{301}".repeat(10_000)),
        "x".repeat(10_000_000),
        "日".repeat(200),
    ]
}

fn assert_harmless(state: &mut State) {
    for size in [(60, 16), (80, 24), (120, 35), (200, 55)] {
        let backend = draw(state, size, Theme { colour: true, ascii: false });
        for cell in &backend.buffer().content {
            let symbol = cell.symbol();
            let hidden = |c: char| {
                c.is_control()
                    || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
                        | '\u{2066}'..='\u{2069}' | '\u{feff}')
            };
            assert!(!symbol.chars().any(hidden) && symbol.len() < 32, "{symbol:?}");
        }
    }
}

#[test]
fn hostile_text_never_reaches_the_screen_raw() {
    for words in hostile() {
        let mut state = inspected(Judgement::Undecided, &words);
        for keys in ["1", "<Tab>", "2", "<Tab><End>", "3", "5", "y"] {
            press(&mut state, keys);
            assert_harmless(&mut state);
        }
        press(&mut state, "<Esc>");
        let effects = start(&mut state, Start::Browse(repository("ghcr.io/c/d")));
        let Some(Effect::LoadTags { run, .. }) = effects.last() else { panic!() };
        let what = "tags".into();
        let error = RegistryError::Malformed { what, words: words.clone() };
        update(&mut state, Message::Tags(*run, Err(error)));
        assert_harmless(&mut state);
        press(&mut state, "o");
        update(&mut state, Message::Paste(words));
        press(&mut state, "<Enter>");
        assert_harmless(&mut state);
    }
}

#[test]
fn what_is_taken_away_is_seen() {
    for (words, seen) in [
        ("a\x1b[31mb", "a\\x1b[31mb"),
        ("one\ntwo", "one\\ntwo"),
        ("gpj.\u{202e}exe", "gpj.⟨U+202E⟩exe"),
        ("a\tb", "a\\tb"),
    ] {
        let mut state = inspected(Judgement::Undecided, words);
        for keys in ["1", "2", "<Tab>"] {
            press(&mut state, keys);
            let text = screen(&mut state, (200, 55));
            assert!(text.contains(seen), "{seen}\n{text}");
        }
    }
}

#[test]
fn observed_facts_are_not_shown_as_the_publishers() {
    // Claims that were only observed stay grey, even beside a judgement that says proved.
    let mut state = inspected(Judgement::Proved, IDENTITY);
    press(&mut state, "2");
    let text = screen(&mut state, (120, 35));
    assert!(text.contains("observed only") && !text.contains("under a proved signature"), "{text}");
}

#[test]
fn the_help_names_every_key() {
    let mut state = inspected(Judgement::Proved, IDENTITY);
    press(&mut state, "?");
    let mut seen = String::new();
    update(&mut state, Message::Resize(200, 55));
    for _ in 0..80 {
        seen.push_str(&screen(&mut state, (200, 55)));
        press(&mut state, "j");
    }
    for binding in crate::tui::keymap::TABLE {
        assert!(seen.contains(binding.doc), "{}", binding.doc);
    }
}
