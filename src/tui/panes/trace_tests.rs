//! The trace as it is scrolled and drawn.

use std::sync::Arc;

use super::{Trace, take_in, window};
use crate::{
    domain::Timestamp,
    inspect::{
        CheckId, CheckKind, Event,
        trace::{Outcome, Pending, Record, Request, Waiting, What, Who},
    },
    tui::{
        message::{Effect, Message},
        panes::{Key, selected},
        testing::{live, noon, opened, press, screen},
        update::update,
    },
};

fn request(status: u16, outcome: Outcome) -> What {
    What::Request(Request {
        method: "GET",
        url: "https://ghcr.io/v2/a/tags/list?n=1000\u{1b}[2J\u{202e}".into(),
        purpose: "the tags of ghcr.io/a".into(),
        of: "ghcr.io".into(),
        attempt: 2,
        status: Some(status),
        bytes: 3100,
        ms: 34,
        outcome,
        rate: Some("0 of 100 requests left (window 21600 s)".into()),
    })
}

fn record(number: u64, what: What) -> Arc<Record> {
    let check = CheckId { kind: CheckKind::Resolve, subject: None };
    let who = Who { check: Some(check), words: "resolve" };
    Arc::new(Record { number, at: noon(), who, what })
}

fn warning(number: u64) -> Arc<Record> {
    record(number, What::Warning(number.to_string()))
}

#[test]
fn whoever_is_waited_for_is_named_although_the_check_has_no_row() {
    let mut state = live(None);
    opened(&mut state, "ghcr.io/a/b:1");
    let wait =
        |host: &str, ms| What::Wait { host: host.into(), status: Some(429), ms, attempt: (2, 4) };
    let waits = vec![record(1, wait("ghcr.io\u{1b}[2J", 7_000)), record(2, wait("quay.io", 2_000))];
    update(&mut state, Message::Traced(waits));
    for (second, words) in
        [(0, Some("ghcr.io\\x1b[2J is busy: next try in 7 s")), (5, Some("try in 2 s")), (7, None)]
    {
        let now = Timestamp::from_second(noon().as_second() + second).unwrap();
        update(&mut state, Message::Tick(now));
        let text = screen(&mut state, (120, 35));
        match words {
            Some(words) => assert!(text.contains(words), "{second}: {text}"),
            None => assert!(!text.contains("is busy"), "{text}"),
        }
    }
}

#[test]
fn a_request_that_is_under_way_stands_below_and_says_how_long() {
    let mut state = live(None);
    opened(&mut state, "ghcr.io/a/b:1");
    press(&mut state, "9");
    let pending = Arc::new(Pending {
        since: noon(),
        who: Who::default(),
        method: "GET",
        url: "https://ghcr.io/v2/a/b/manifests/1\u{1b}[2J".into(),
        purpose: "the manifest".into(),
    });
    update(&mut state, Message::Pending(vec![pending]));
    update(
        &mut state,
        Message::Tick(Timestamp::from_millisecond(noon().as_millisecond() + 3_200).unwrap()),
    );
    for size in [(80, 24), (120, 35), (200, 55)] {
        let text = screen(&mut state, size);
        assert!(text.contains("… waiting 3.2 s") && !text.contains("nothing was asked"), "{text}");
        assert!(text.contains("not answered yet: GET") && !text.contains('\u{1b}'), "{text}");
    }
    update(&mut state, Message::Traced(vec![record(1, request(200, Outcome::Answered))]));
    update(&mut state, Message::Pending(vec![]));
    assert!(!screen(&mut state, (120, 35)).contains("waiting 3.2"));
    assert_eq!(selected(&state), Some(Key::Record(1)));
}

#[test]
fn the_cursor_follows_the_end_and_otherwise_stays_on_its_row() {
    let mut state = live(None);
    opened(&mut state, "ghcr.io/a/b:1");
    update(&mut state, Message::Traced((1..=10).map(warning).collect()));
    press(&mut state, "9");
    for (keys, more, at) in [
        ("", 11..=12, 12),
        ("kk", 13..=20, 10),
        // Old ones go; the row stays as long as it is there.
        ("", 21..=2005, 10),
        ("", 2006..=2020, 21),
        ("G", 2021..=2021, 2021),
    ] {
        press(&mut state, keys);
        update(&mut state, Message::Traced(more.map(warning).collect()));
        assert_eq!(selected(&state), Some(Key::Record(at)), "after {keys:?}");
    }
    assert_eq!(state.trace.older(), 21);
    assert_eq!(state.trace.last(), 2021);
}

#[test]
fn every_record_says_how_it_ended_and_nothing_of_it_is_obeyed() {
    let wait =
        What::Wait { host: "gh\u{1b}cr.io".into(), status: Some(429), ms: 7000, attempt: (2, 4) };
    let cached = What::Cached { purpose: "blob a/b\u{7}".into(), bytes: 12 };
    for (what, status) in [
        (request(200, Outcome::Answered), "200"),
        (request(429, Outcome::Answered), "429"),
        (request(200, Outcome::Failed("nothing\u{9b} came".into())), "failed"),
        (request(200, Outcome::CutOff), "cut off"),
        (wait, "wait"),
        (cached, "cache"),
        (What::Warning("x\u{202e}".into()), "warning"),
    ] {
        let mut state = live(None);
        opened(&mut state, "ghcr.io/a/b:1");
        update(&mut state, Message::Traced(vec![record(1, what.clone())]));
        press(&mut state, "9");
        for size in [(60, 16), (80, 24), (120, 35), (200, 55)] {
            let drawn = screen(&mut state, size);
            assert!(drawn.contains(status), "{what:?} at {size:?}\n{drawn}");
            let harmful = |c: char| c != '\n' && (c.is_control() || c == '\u{202e}');
            assert!(!drawn.contains(harmful), "{what:?} at {size:?}");
        }
        let wide = screen(&mut state, (200, 55));
        assert!(wide.contains("resolve"), "{wide}");
        if matches!(what, What::Request(_)) {
            assert!(wide.contains("0 of 100 requests left"), "{wide}");
        }
    }
}

#[test]
fn an_address_is_short_where_rows_are_alike_and_whole_in_the_details() {
    let hex = "08bbd8888e3addb1cac151fc628c8690016b6fe3b66fc62020dad0512779f41c";
    for (url, short) in [
        ("https://ghcr.io/v2/a/b/tags/list?n=1000", "ghcr.io …/tags/list?n=1000"),
        (&format!("https://h:1/v2/a/blobs/sha256:{hex}"), "h:1 …/blobs/sha256:08bbd8888e3a…"),
        (
            &format!("https://h/v2/a/manifests/sha256-{hex}.sig"),
            "h …/manifests/sha256-08bbd8888e3a….sig",
        ),
        ("https://h/token?service=x", "h /token?service=x"),
        ("https://h", "h /"),
        ("", " /"),
    ] {
        assert_eq!(super::short(url), short);
    }
}

#[test]
fn the_demo_shows_nothing_of_the_world() {
    let mut state = live(None);
    take_in(&mut state, vec![record(1, request(200, Outcome::Answered))]);
    state.place = crate::tui::message::Place::Demo;
    assert_eq!(window(&state, 0, 10), []);
    assert_eq!(super::selected(&state), None);
    assert_eq!(Trace::default().last(), 0);
}

#[test]
fn the_row_of_a_waiting_check_counts_down() {
    let mut state = live(None);
    let effects = opened(&mut state, "ghcr.io/a/b:1");
    let started = effects.iter().find_map(|effect| match effect {
        Effect::Start { run, planned, .. } if planned.id.kind == CheckKind::Resolve => {
            Some((*run, planned.id.clone()))
        }
        _ => None,
    });
    let (run, check) = started.unwrap();
    let second = |n: i64| Timestamp::from_second(noon().as_second() + n).unwrap();
    let waiting =
        Waiting { host: "ghcr.io".into(), status: Some(429), attempt: 2, of: 4, until: second(7) };
    update(&mut state, Message::Inspection(run, Event::Waiting { check, waiting }));
    for (now, words) in [
        (0, Some("ghcr.io is busy (429): trying again in 7 s, 2 of 4")),
        (5, Some("ghcr.io is busy (429): trying again in 2 s, 2 of 4")),
        (8, None),
    ] {
        update(&mut state, Message::Tick(second(now)));
        let drawn = screen(&mut state, (120, 35));
        let there = drawn.contains("trying again");
        assert_eq!(there, words.is_some(), "{drawn}");
        assert!(words.is_none_or(|words| drawn.contains(words)), "{drawn}");
    }
}
