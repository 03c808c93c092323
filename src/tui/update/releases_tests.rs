//! The same question to every release: who is asked, what is said of those that did not answer.

use std::sync::Arc;

use super::{Start, start, update};
use crate::{
    domain::{
        Digest, Tag,
        sbom::{Sbom, paths::Paths},
        verdict::Judgement,
    },
    inspect::{
        SbomFacts, Subject,
        sboms::{Count, Has, Release},
    },
    tui::{
        message::{Effect, Message, Place, RunId},
        panes::sbom::{Unattested, Unsigned},
        state::State,
        testing::{answer_all, demand, live, opened, page, press, screen, subject},
    },
};

const DOCUMENT: &str = r#"{"bomFormat":"CycloneDX","specVersion":"1.6","components":[
{"type":"library","name":"k8s.io/client-go","version":"v0.33.0"}]}"#;
const TAGS: &[&str] = &["1.0.0", "1.1.0", "2.0.0", "edge", "latest"];

/// A release with an SBOM is open, and its repository's tags are listed.
fn open(tags: &[&str]) -> State {
    let mut state = live(Some(demand()));
    let effects = opened(&mut state, "ghcr.io/a/b:2.0.0");
    let others = answer_all(&mut state, effects, Judgement::Proved, "made up");
    for effect in others {
        if let Effect::LoadTags { run, .. } = effect {
            update(&mut state, Message::Tags(run, Ok(page(tags))));
        }
    }
    for effect in press(&mut state, "4") {
        let Effect::Unsigned { run, .. } = effect else { continue };
        update(&mut state, Message::Unsigned(run, document()));
    }
    state
}

fn document() -> Unattested {
    let sbom = Arc::new(Sbom::parse(DOCUMENT).unwrap());
    let facts = SbomFacts {
        paths: Arc::new(Paths::new(&sbom)),
        sbom,
        attested: false,
        carrier: Digest::sha256(b"carrier"),
        platform: None,
    };
    let (place, unread) = ("a legacy .sbom tag", None);
    Unattested::Documents(vec![Arc::new(Unsigned { facts, place, others: 0, unread })])
}

fn asked(effects: &[Effect]) -> Option<(RunId, Vec<String>, bool)> {
    effects.iter().find_map(|effect| match effect {
        Effect::Releases { run, tags, query, .. } => {
            Some((*run, tags.iter().map(ToString::to_string).collect(), query.is_some()))
        }
        _ => None,
    })
}

fn answer(state: &mut State, run: RunId, tag: &str, has: impl Into<Option<Has>>, attested: bool) {
    let has = has.into();
    let (digest, note) = (Some(Digest::sha256(tag.as_bytes())), None);
    let release = Release { tag: Tag::parse(tag).unwrap(), has, attested, digest, note };
    update(state, Message::Release(run, Box::new(release)));
}

fn hit(name: &str, version: &str) -> Has {
    Has::Hits(vec![(name.to_owned(), Some(version.to_owned()))], 1)
}

#[test]
fn the_releases_that_the_list_shows_are_asked_the_newest_first() {
    // What the filter of the tags takes; which are asked.
    for (filter, wanted) in [
        ("", &["2.0.0", "1.1.0", "1.0.0"][..]),
        ("^1", &["1.1.0", "1.0.0"]),
        // Nothing else is there: those that move are asked.
        ("latest", &["latest"]),
    ] {
        let mut state = open(TAGS);
        filter.clone_into(&mut state.browser.filter);
        press(&mut state, "/client-go<Enter>");
        let (run, tags, query) = asked(&press(&mut state, "w")).unwrap();
        assert!(query && tags == wanted, "{filter}: {tags:?}");
        assert!(state.jobs.contains_key(&run));
        let text = screen(&mut state, (120, 30));
        assert!(text.contains("client-go") && text.contains("asked 0 of"), "{text}");
        assert_eq!(text.contains("only those that the filter"), !filter.is_empty(), "{text}");
        assert!(!text.contains("not in it"), "nobody has answered: {text}");
    }
}

#[test]
fn without_a_search_it_is_asked_which_releases_have_an_sbom() {
    let mut state = open(TAGS);
    let (run, _, query) = asked(&press(&mut state, "w")).unwrap();
    assert!(!query);
    answer(
        &mut state,
        run,
        "2.0.0",
        Has::Document("CycloneDX 1.6".into(), Count::Exactly(7)),
        true,
    );
    answer(&mut state, run, "1.1.0", Has::NoSbom, false);
    let text = screen(&mut state, (120, 30));
    for words in ["1 have one", "1 without an SBOM", "CycloneDX 1.6, 7 components"] {
        assert!(text.contains(words), "{words}: {text}");
    }
    assert!(!text.contains("the first"), "{text}");
}

#[test]
fn answers_stand_in_their_rows_and_what_is_not_known_is_never_not_in_it() {
    for size in [(80, 24), (200, 55)] {
        let mut state = open(TAGS);
        press(&mut state, "/client-go<Enter>");
        let (run, ..) = asked(&press(&mut state, "w")).unwrap();
        answer(&mut state, run, "2.0.0", hit("k8s.io/client-go\u{1b}[2J\u{202e}", "v1"), true);
        answer(&mut state, run, "1.1.0", hit("k8s.io/client-go", "v0"), false);
        let text = screen(&mut state, size);
        assert!(text.contains("asked 2 of 3"), "{text}");
        let words = "the first known to have it: 1.1.0; not known of 1.0.0";
        assert!(text.contains(words), "the oldest has not answered: {text}");
        answer(&mut state, run, "1.0.0", None, false);
        update(&mut state, Message::ReleasesEnded(run, None));
        let text = screen(&mut state, size);
        assert!(text.contains(words), "{text}");
        assert!(size.0 < 100 || text.contains("2 have it"), "{text}");
        assert!(!text.contains('\u{1b}') && !text.contains('\u{202e}'), "{text}");
        for row in ["2.0.0  ✓ attested", "1.1.0  · UNVERIFIED", "1.0.0  ? not known"] {
            assert!(text.contains(row), "{row}: {text}");
        }
        assert!(!text.contains("not in it"), "{text}");
        assert!(!state.jobs.contains_key(&run), "nothing runs any more");
    }
}

#[test]
fn the_answers_are_kept_while_somebody_looks_elsewhere_and_another_search_asks_anew() {
    let mut state = open(TAGS);
    press(&mut state, "/client-go<Enter>");
    let (run, ..) = asked(&press(&mut state, "w")).unwrap();
    press(&mut state, "<Esc>");
    assert!(!screen(&mut state, (120, 30)).contains("asked 0 of"), "the components again");
    answer(&mut state, run, "2.0.0", hit("client-go", "v1"), true);
    assert_eq!(asked(&press(&mut state, "w")), None, "shown again, not asked again");
    assert!(screen(&mut state, (120, 30)).contains("asked 1 of 3"));
    press(&mut state, "w/other<Enter>");
    let effects = press(&mut state, "w");
    assert!(effects.contains(&Effect::Cancel(run)), "the question before is dropped: {effects:?}");
    let (new, ..) = asked(&effects).unwrap();
    answer(&mut state, run, "1.0.0", hit("client-go", "v1"), true);
    assert!(screen(&mut state, (120, 30)).contains("asked 0 of 3"), "a late answer is nobody's");
    assert!(new != run);
}

#[test]
fn a_tag_that_may_be_a_release_of_its_own_is_asked_and_not_ordered() {
    let mut state = open(&["1.0", "1.0.1", "release-0.1", "latest"]);
    press(&mut state, "/client-go<Enter>");
    let (run, mut tags, _) = asked(&press(&mut state, "w")).unwrap();
    tags.sort();
    assert_eq!(tags, ["1.0", "1.0.1", "release-0.1"]);
    for tag in &tags {
        answer(&mut state, run, tag, hit("client-go", "v1"), true);
    }
    let text = screen(&mut state, (200, 30));
    assert!(text.contains("the first known to have it: 1.0.1; not ordered: "), "{text}");
}

#[test]
fn stopping_leaves_what_has_answered_and_going_on_asks_only_the_others() {
    let mut state = open(TAGS);
    press(&mut state, "/client-go<Enter>");
    let (run, ..) = asked(&press(&mut state, "w")).unwrap();
    answer(&mut state, run, "2.0.0", hit("client-go", "v1"), true);
    answer(&mut state, run, "1.1.0", None, false);
    assert!(press(&mut state, "x").contains(&Effect::Cancel(run)));
    assert!(screen(&mut state, (120, 30)).contains("stopped after 2 of 3"));
    let (again, tags, query) = asked(&press(&mut state, "r")).unwrap();
    assert!(query && again != run);
    assert_eq!(tags, ["1.1.0", "1.0.0"]);
    // The answer of the question before comes too late.
    answer(&mut state, run, "1.1.0", Has::Not, true);
    assert!(!screen(&mut state, (120, 30)).contains("not in it"));
}

#[test]
fn a_release_is_opened_from_its_row_and_searched_for_the_same() {
    let mut state = open(TAGS);
    press(&mut state, "/client-go<Enter>");
    let (run, ..) = asked(&press(&mut state, "w")).unwrap();
    answer(&mut state, run, "1.1.0", hit("client-go", "v1"), true);
    let effects = press(&mut state, "j<Enter>");
    assert_eq!(state.open, Some(subject("ghcr.io/a/b:1.1.0")));
    for effect in answer_all(&mut state, effects, Judgement::Proved, "made up") {
        let Effect::Unsigned { run, .. } = effect else { continue };
        update(&mut state, Message::Unsigned(run, document()));
    }
    let view = state.sbom.as_ref().unwrap();
    assert_eq!((view.query.as_str(), view.hits.len()), ("client-go", 1));
    assert_eq!(asked(&press(&mut state, "w")), None, "the table is still there");
}

#[test]
fn what_cannot_be_asked_says_why_and_nothing_of_the_demo_stays() {
    let mut state = live(None);
    start(&mut state, Start::Open(Subject::Document("./bom.json".into())));
    press(&mut state, "4");
    assert_eq!(asked(&press(&mut state, "w")), None);
    assert!(state.toast.is_some(), "a file has no releases");
    let mut state = open(TAGS);
    press(&mut state, "/version:>=<Enter>");
    assert_eq!(asked(&press(&mut state, "w")), None, "a search that is not written to its end");
    assert!(state.toast.is_some());
    let mut state = open(TAGS);
    press(&mut state, "/client-go<Enter>w");
    start(&mut state, Start::Demo);
    assert_eq!((state.place, state.releases.is_none()), (Place::Demo, true));
}

#[test]
fn nothing_that_the_table_hides_is_copied_or_written() {
    let mut state = open(TAGS);
    press(&mut state, "/client-go<Enter>w");
    for keys in ["c", "e", "<Tab>c", " "] {
        let effects = press(&mut state, keys);
        let taken = |e: &Effect| matches!(e, Effect::Copy(_) | Effect::Write { .. });
        assert!(!effects.iter().any(taken) && state.field.is_none(), "{keys}: {effects:?}");
    }
}

#[test]
fn two_hundred_releases_are_asked_and_the_others_are_named() {
    let names: Vec<String> = (0..1000).map(|n| format!("1.{n}.0")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let mut state = open(&names);
    press(&mut state, "/client-go<Enter>");
    let (run, tags, _) = asked(&press(&mut state, "w")).unwrap();
    assert_eq!((tags.len(), tags[0].as_str()), (200, "1.999.0"));
    let text = screen(&mut state, (200, 30));
    assert!(text.contains("800 others are not asked"), "{text}");
    for tag in &tags {
        answer(&mut state, run, tag, hit("client-go", "v1"), true);
    }
    let text = screen(&mut state, (200, 30));
    assert!(text.contains("the first known to have it: 1.800.0; not every tag is known"), "{text}");
}
