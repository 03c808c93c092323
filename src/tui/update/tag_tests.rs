use crate::{
    domain::{Digest, Tag, Timestamp, verdict::Judgement},
    inspect::{
        CatalogPage, RegistryError,
        tags::{Entry, Ledger, TagFacts},
    },
    tui::{
        message::{Effect, Message, RunId},
        state::State,
        testing::*,
        update::{Start, start, update},
    },
};

const HOST: &str = "ghcr.io/a/b";

fn later(state: &mut State, milliseconds: i64) -> Vec<Effect> {
    let now = state.now.as_millisecond() + milliseconds;
    update(state, Message::Tick(Timestamp::from_millisecond(now).unwrap()))
}

fn asked(effects: &[Effect]) -> Vec<(RunId, String)> {
    let each = effects.iter().filter_map(|effect| match effect {
        Effect::ResolveTag { run, tag, .. } => Some((*run, tag.to_string())),
        _ => None,
    });
    each.collect()
}

fn facts(content: &str) -> TagFacts {
    TagFacts {
        digest: Digest::sha256(content.as_bytes()),
        media_type: String::new(),
        created: Some(noon()),
        contradicted: None,
    }
}

/// A repository whose tags were listed, on a screen that stands still.
fn listed(names: &[&str], size: (u16, u16)) -> (State, Vec<(RunId, String)>) {
    let mut state = live(Some(demand()));
    update(&mut state, Message::Resize(size.0, size.1));
    let effects = start(&mut state, Start::Browse(repository(HOST)));
    let [Effect::LoadTags { run, .. }] = effects.as_slice() else { panic!("{effects:?}") };
    let effects = update(&mut state, Message::Tags(*run, Ok(page(names))));
    assert_eq!(asked(&effects), [], "nothing is asked for before the rows stand still");
    let effects = later(&mut state, 200);
    (state, asked(&effects))
}

fn answer_all_tags(state: &mut State, mut waiting: Vec<(RunId, String)>) -> usize {
    let mut number = 0;
    while let Some((run, tag)) = waiting.pop() {
        number += 1;
        waiting.extend(asked(&update(state, Message::Resolved(run, Ok(facts(&tag))))));
        assert!(state.jobs.len() <= 8, "at most eight at once");
    }
    number
}

#[test]
fn only_rows_that_stand_still_in_sight_are_resolved() {
    let names: Vec<String> = (0..10_000).map(|n| format!("1.0.{n}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let (mut state, first) = listed(&names, (80, 24));
    assert_eq!(first.len(), 8);
    assert_eq!(first[0].1, "1.0.9999", "from the top");
    let resolved = answer_all_tags(&mut state, first);
    assert!(resolved < 24, "only what is in sight: {resolved}");
    // Scrolling through all of it asks for nothing on the way.
    let mut requests = 0;
    for _ in 0..50 {
        requests += asked(&press(&mut state, "<C-d><C-d>")).len();
        requests += asked(&later(&mut state, 30)).len();
    }
    assert_eq!(requests, 0);
    let at_the_end = asked(&later(&mut state, 200));
    assert_eq!(at_the_end.len(), 8);
    // What scrolls out of sight is dropped.
    let effects = press(&mut state, "g");
    let dropped = effects.iter().filter(|e| matches!(e, Effect::Cancel(_))).count();
    assert_eq!(dropped, 8);
}

#[test]
fn a_tag_is_resolved_once_and_its_digest_is_what_is_judged() {
    let (mut state, first) = listed(&["1.0.0"], (120, 35));
    answer_all_tags(&mut state, first);
    let effects = press(&mut state, "<Enter>");
    let pinned = format!("{:?}", facts("1.0.0").digest);
    let resolve = effects.iter().find_map(|effect| match effect {
        Effect::Start { planned, .. } => {
            Some(format!("{planned:?}")).filter(|p| p.contains("ReadPinned"))
        }
        _ => None,
    });
    assert!(resolve.unwrap().contains(&pinned));
    // `r` asks again, and only that tag.
    let again = asked(&press(&mut state, "r"));
    assert_eq!(again.len(), 1);
}

#[test]
fn tags_of_one_digest_name_each_other() {
    let (mut state, first) = listed(&["4.1.0", "4", "latest", "4.0.0"], (80, 24));
    for (run, tag) in first {
        let content = if tag == "4.0.0" { "old" } else { "new" };
        update(&mut state, Message::Resolved(run, Ok(facts(content))));
    }
    let text = screen(&mut state, (80, 24));
    let short = crate::domain::text::shorten(facts("old").digest.hex(), 9);
    for words in ["latest = 4.1.0, 4", "4.1.0 = 4, latest", "2026-01-01", &short] {
        assert!(text.contains(words), "{words}: {text}");
    }
    // A tag that cannot be resolved keeps its reason in its row.
    let run = asked(&press(&mut state, "g<Down><Down>r"))[0].0;
    let limit =
        RegistryError::RateLimited { host: "ghcr.io".into(), retry_after: Some(7), rate: None };
    update(&mut state, Message::Resolved(run, Err(limit)));
    assert!(screen(&mut state, (120, 24)).contains("? unread"));
}

#[test]
fn a_release_that_moved_since_it_was_last_seen_raises_an_alarm() {
    let new = || TagFacts { digest: fetched("first").descriptor.digest, ..facts("") };
    for (tag, alarm) in [("4.0.0", true), ("latest", false)] {
        let mut ledger = Ledger::default();
        let named = Tag::parse(tag).unwrap();
        let old = Digest::sha256(b"old");
        ledger.put(Entry::of(&repository(HOST), &named, &old, noon()).unwrap());
        let (mut state, first) = listed(&[tag], (80, 24));
        update(&mut state, Message::History(ledger.clone(), None));
        let effects = update(&mut state, Message::Resolved(first[0].0, Ok(new())));
        assert!(effects.iter().any(|e| matches!(e, Effect::Remember(_))), "and is remembered");
        let text = screen(&mut state, (80, 24));
        assert_eq!(text.contains("ALARM: 4.0.0 moved"), alarm, "{text}");
        assert_eq!(text.contains("! TAG MOVED"), alarm, "{text}");
        assert!(screen(&mut state, (99, 24)).contains("pointed at"));
        // The open release says it with both digests.
        let effects = press(&mut state, "<Enter>");
        answer_all(&mut state, effects, Judgement::Proved, "https://example.test/release");
        let slot = state.slot().unwrap();
        assert_eq!(slot.inspection.moved().unwrap().was.digest, old);
        let text = screen(&mut state, (120, 35));
        assert_eq!(text.contains("! proved, tag moved"), alarm, "{text}");
        // Whoever checks again, or comes back, is told once more.
        let effects = press(&mut state, "R");
        answer_all(&mut state, effects, Judgement::Proved, "https://example.test/release");
        let told = state.slot().unwrap().inspection.moved();
        assert_eq!(told.unwrap().was.digest, old);
        // What was learnt before the history was read is compared with it, too.
        let (mut state, first) = listed(&[tag], (80, 24));
        update(&mut state, Message::Resolved(first[0].0, Ok(new())));
        update(&mut state, Message::History(ledger, None));
        assert_eq!(screen(&mut state, (80, 24)).contains("ALARM: 4.0.0 moved"), alarm);
    }
}

#[test]
fn a_verdict_stands_beside_every_tag_of_its_digest_and_is_grey_when_that_changes() {
    let (mut state, first) = listed(&["1.0.0", "latest"], (80, 24));
    let digest = fetched("first").descriptor.digest;
    for (run, _) in first {
        let same = TagFacts { digest: digest.clone(), ..facts("") };
        update(&mut state, Message::Resolved(run, Ok(same)));
    }
    let effects = press(&mut state, "<Enter>");
    answer_all(&mut state, effects, Judgement::Proved, "https://example.test/release");
    press(&mut state, "h");
    let proved = |state: &mut State| screen(state, (80, 24)).matches("✓ proved ").count();
    let text = screen(&mut state, (80, 24));
    assert!(proved(&mut state) >= 2, "{text}");
    later(&mut state, 12 * 60_000);
    assert!(screen(&mut state, (80, 24)).contains("12 min"));
    // The other tag goes elsewhere: its verdict was over another digest.
    let effects = press(&mut state, "g<Down><Down><Down>r");
    let run = asked(&effects)[0].0;
    answer_all(&mut state, effects, Judgement::Proved, "https://example.test/release");
    update(&mut state, Message::Resolved(run, Ok(facts("elsewhere"))));
    let text = screen(&mut state, (80, 24));
    let row = text.lines().find(|line| line.contains("latest")).unwrap();
    assert!(!row.contains("proved"), "{row}");
    // Another policy: everything is grey.
    state.live.demand = None;
    update(&mut state, Message::Tick(noon()));
    assert!(screen(&mut state, (80, 24)).contains("✓ proved old"));
}

#[test]
fn a_registry_lists_its_repositories_and_a_namespace_those_below_it() {
    let catalog = |effects: &[Effect]| {
        effects.iter().find_map(|effect| match effect {
            Effect::LoadCatalog { run, host, .. } => Some((*run, host.clone())),
            _ => None,
        })
    };
    let paths = |names: &[&str]| CatalogPage {
        paths: names.iter().map(|name| (*name).to_owned()).collect(),
        ..CatalogPage::default()
    };
    let mut state = live(None);
    let effects = start(&mut state, Start::Registry("quay.io".into()));
    let (run, _) = catalog(&effects).unwrap();
    assert!(screen(&mut state, (80, 24)).contains("listing repositories"));
    let effects = update(&mut state, Message::Catalog(run, Ok(paths(&["b/c", "a/b"]))));
    assert!(!effects.iter().any(|e| matches!(e, Effect::LoadTags { .. })), "no tags unasked");
    let text = screen(&mut state, (80, 24));
    assert!(text.find("a/b").unwrap() < text.find("b/c").unwrap(), "{text}");
    // A word that has no tags may be a namespace.
    let mut state = live(None);
    let effects = start(&mut state, Start::Browse(repository("ghcr.io/enix")));
    let [Effect::LoadTags { run, .. }] = effects.as_slice() else { panic!("{effects:?}") };
    let none = RegistryError::NotFound { what: "x".into() };
    let effects = update(&mut state, Message::Tags(*run, Err(none)));
    let (run, host) = catalog(&effects).unwrap();
    assert_eq!(host, "ghcr.io");
    update(&mut state, Message::Catalog(run, Ok(paths(&["enix/x", "other/y"]))));
    let text = screen(&mut state, (80, 24));
    assert!(text.contains("enix/x") && !text.contains("other/y"), "{text}");
    // What cannot be listed says why, and what to do.
    let mut state = live(None);
    let effects = start(&mut state, Start::Registry("ghcr.io".into()));
    let (run, _) = catalog(&effects).unwrap();
    let denied =
        RegistryError::RateLimited { host: "ghcr.io".into(), retry_after: None, rate: None };
    update(&mut state, Message::Catalog(run, Err(denied)));
    let text = screen(&mut state, (80, 24));
    assert!(text.contains("o names a repository") && text.contains("limits the rate"), "{text}");
}

#[test]
fn what_stops_a_list_is_read_whole_beside_its_row() {
    let why = "0123456789 ".repeat(9) + "at-the-end";
    for size in [(80, 24), (120, 35), (200, 55)] {
        let mut state = live(None);
        update(&mut state, Message::Resize(size.0, size.1));
        let effects = start(&mut state, Start::Browse(repository(HOST)));
        let [Effect::LoadTags { run, .. }] = effects.as_slice() else { panic!("{effects:?}") };
        let error = RegistryError::NotFound { what: why.clone() };
        update(&mut state, Message::Tags(*run, Err(error)));
        for keys in ["", "<Down>"] {
            press(&mut state, keys);
            let text = screen(&mut state, size);
            assert!(text.contains("at-the-end"), "{size:?} {keys}: {text}");
            assert!(!text.contains("Choose a tag"), "{text}");
        }
    }
}

#[test]
fn on_a_registry_its_name_is_written_already() {
    let mut state = live(None);
    start(&mut state, Start::Registry("127.0.0.1:5177".into()));
    press(&mut state, "o");
    assert_eq!(state.field.as_ref().unwrap().text, "127.0.0.1:5177/");
    press(&mut state, "a/b<Enter>");
    assert!(
        state.browser.repositories.iter().any(|n| n.repository == repository("127.0.0.1:5177/a/b"))
    );
    press(&mut state, "o");
    assert_eq!(state.field.as_ref().unwrap().text, "", "a repository is no registry");
}

#[test]
fn nothing_of_the_demo_is_remembered() {
    let mut state = live(None);
    let effects = start(&mut state, Start::Demo);
    let runs = effects.iter().filter_map(|effect| match effect {
        Effect::LoadTags { run, .. } => Some(*run),
        _ => None,
    });
    for run in runs.collect::<Vec<_>>() {
        update(&mut state, Message::Tags(run, Ok(page(&["1.0.0"]))));
    }
    let effects = later(&mut state, 200);
    for (run, tag) in asked(&effects) {
        let effects = update(&mut state, Message::Resolved(run, Ok(facts(&tag))));
        assert!(!effects.iter().any(|e| matches!(e, Effect::Remember(_))));
    }
    assert_eq!(state.tags.ledger.entries().count(), 0);
}
