//! What changed from one SBOM to another, put together from two releases that were opened.

use std::sync::Arc;

use super::{Start, start, update};
use crate::{
    domain::{
        Digest,
        sbom::{Sbom, paths::Paths},
        verdict::Answer,
    },
    inspect::{Facts, Finding, SbomFacts, Subject},
    tui::{
        cursor::Cursor,
        message::{Effect, Message, Place, RunId},
        panes::compared::{Changes, Comparison, Side},
        state::State,
        testing::{answer, live, press, screen},
    },
};

fn document(components: &[(&str, &str)]) -> Arc<Sbom> {
    let each: Vec<String> = components
        .iter()
        .map(|(name, version)| {
            serde_json::json!({ "type": "library", "name": name, "version": version,
                "purl": format!("pkg:golang/{}@{version}", name.replace(|c: char| !c.is_ascii(), "-")) })
            .to_string()
        })
        .collect();
    let text = format!(
        r#"{{"bomFormat":"CycloneDX","specVersion":"1.6","components":[{}]}}"#,
        each.join(",")
    );
    Arc::new(Sbom::parse(text).unwrap())
}

fn open(state: &mut State, path: &str, sbom: &Arc<Sbom>, attested: bool) {
    for effect in start(state, Start::Open(Subject::Document(path.into()))) {
        let Effect::Start { run, planned, .. } = effect else { continue };
        let facts = SbomFacts {
            paths: Arc::new(Paths::new(sbom)),
            sbom: Arc::clone(sbom),
            attested,
            carrier: Digest::sha256(path.as_bytes()),
            platform: None,
        };
        let finding = Finding::new(Answer::Undecided, "read").with(Facts::Sbom(facts));
        answer(state, run, &planned, finding);
    }
    // The document is all that is asked about here; its other checks are as good as answered.
    for slot in state.known.values_mut() {
        slot.finished = true;
    }
    press(state, "4");
}

fn asked(effects: Vec<Effect>) -> Option<(RunId, Arc<Sbom>, Arc<Sbom>)> {
    effects.into_iter().find_map(|effect| match effect {
        Effect::Compare { run, before, after } => Some((run, before, after)),
        _ => None,
    })
}

const OLD: &[(&str, &str)] = &[("stays", "1.0.0"), ("grows", "1.0.0"), ("goes", "1.0.0")];
const NEW: &[(&str, &str)] =
    &[("stays", "1.0.0"), ("grows", "1.1.0"), ("comes\u{1b}[2J\u{202e}", "2.0.0")];

/// Two releases, the second open, the comparison of both under way.
fn comparing(attested: bool) -> (State, RunId, Changes) {
    let mut state = live(None);
    let (old, new) = (document(OLD), document(NEW));
    open(&mut state, "./old.json", &old, attested);
    assert!(asked(press(&mut state, "d")).is_none(), "one alone is only put aside");
    open(&mut state, "./new.json", &new, attested);
    let (run, before, after) = asked(press(&mut state, "d")).unwrap();
    assert!(Arc::ptr_eq(&before, &old) && Arc::ptr_eq(&after, &new), "the one aside is the older");
    (state, run, Changes::of(&before, &after))
}

#[test]
fn what_changed_is_shown_with_how_both_sides_stand() {
    for attested in [false, true] {
        let (mut state, run, changes) = comparing(attested);
        assert!(screen(&mut state, (120, 30)).contains("comparing"));
        update(&mut state, Message::Compared(run, Ok(Arc::new(changes))));
        for size in [(80, 24), (200, 55)] {
            let text = screen(&mut state, size);
            for wanted in ["1 added", "1 removed", "1 up", "grows", "goes", "comes"] {
                assert!(text.contains(wanted), "{wanted}: {text}");
            }
            assert!(!text.contains('\u{1b}') && !text.contains('\u{202e}'), "{text}");
            let head = text.lines().find(|line| line.contains("from ")).unwrap();
            assert_eq!(head.contains("UNVERIFIED"), !attested, "{head}");
            assert!(attested || !head.contains("attested"), "{head}");
        }
    }
}

#[test]
fn an_answer_to_a_comparison_that_was_left_shows_nothing() {
    for left in ["d", "<Esc>"] {
        let (mut state, run, changes) = comparing(false);
        press(&mut state, left);
        update(&mut state, Message::Compared(run, Ok(Arc::new(changes))));
        assert!(state.compared.is_none(), "{left}");
        assert!(asked(press(&mut state, "d")).is_some(), "the older one is still aside");
    }
    let (mut state, run, changes) = comparing(false);
    open(&mut state, "./third.json", &document(OLD), false);
    update(&mut state, Message::Compared(run, Ok(Arc::new(changes))));
    assert!(state.compared.is_none(), "another release is open");
}

#[test]
fn keys_work_while_it_is_compared_and_a_failure_is_no_empty_comparison() {
    let (mut state, run, _) = comparing(false);
    press(&mut state, "jjGgk");
    assert!(screen(&mut state, (120, 30)).contains("comparing"));
    update(&mut state, Message::Compared(run, Err("out of memory".into())));
    let text = screen(&mut state, (120, 30));
    assert!(text.contains("not compared: out of memory") && !text.contains("the same"), "{text}");
}

#[test]
fn documents_that_say_the_same_are_said_to_and_a_cut_one_is_not() {
    let cut = r#"{"bomFormat":"CycloneDX","specVersion":"1.6","components":[
        {"type":"library","name":"stays","version":"1.0.0","purl":"pkg:golang/stays@1.0.0"},{"#;
    let bad = r#"{"bomFormat":"CycloneDX","specVersion":"1.6","components":[
        {"type":"library","name":"stays","version":"1.0.0","purl":"pkg:golang/stays@1.0.0"},7]}"#;
    let one = document(&[("stays", "1.0.0")]);
    for (one, other, words) in [
        (&one, document(&[("stays", "1.0.0")]), "the same 1 package in both"),
        (&one, Arc::new(Sbom::parse(cut).unwrap()), "no change is known, and one was not read"),
        (&one, Arc::new(Sbom::parse(bad).unwrap()), "no change is known, and 1 entry of the newer"),
        (&document(&[]), document(&[]), "neither lists a package"),
    ] {
        let mut state = live(None);
        open(&mut state, "./old.json", one, false);
        press(&mut state, "d");
        open(&mut state, "./new.json", &other, false);
        let (run, before, after) = asked(press(&mut state, "d")).unwrap();
        let changes = Arc::new(Changes::of(&before, &after));
        update(&mut state, Message::Compared(run, Ok(changes)));
        let text = screen(&mut state, (120, 30));
        assert!(text.contains(words), "{text}");
    }
}

#[test]
fn nothing_of_the_demo_is_compared_with_what_is_outside() {
    let (mut state, ..) = comparing(false);
    start(&mut state, Start::Demo);
    assert_eq!(state.place, Place::Demo);
    assert!(state.aside.is_none() && state.compared.is_none());
}

#[test]
fn while_a_check_runs_nothing_is_said_to_be_the_same() {
    let one = document(&[("stays", "1.0.0")]);
    let mut state = live(None);
    open(&mut state, "./old.json", &one, false);
    press(&mut state, "d");
    open(&mut state, "./new.json", &document(&[("stays", "1.0.0")]), false);
    for slot in state.known.values_mut() {
        slot.finished = false;
    }
    let (run, before, after) = asked(press(&mut state, "d")).unwrap();
    update(&mut state, Message::Compared(run, Ok(Arc::new(Changes::of(&before, &after)))));
    let text = screen(&mut state, (120, 30));
    assert!(text.contains("no change is known, and") && !text.contains("the same"), "{text}");
}

#[test]
fn nothing_that_is_hidden_by_the_comparison_is_copied() {
    let (mut state, run, changes) = comparing(false);
    update(&mut state, Message::Compared(run, Ok(Arc::new(changes))));
    for keys in ["c", "<Tab>c", "<Tab><Tab>c"] {
        let effects = press(&mut state, keys);
        assert!(!effects.iter().any(|e| matches!(e, Effect::Copy(_))), "{keys}: {effects:?}");
    }
}

#[test]
fn a_comparison_that_another_release_hides_no_longer_counts_as_work() {
    let (mut state, run, _) = comparing(false);
    open(&mut state, "./third.json", &document(OLD), false);
    assert!(!state.jobs.contains_key(&run));
    let effects = update(&mut state, Message::Compared(run, Err("late".into())));
    assert_eq!(effects, [Effect::Cancel(run)], "its task is let go");
}

#[test]
fn the_comparison_is_turned_round_and_its_changes_are_read_whole() {
    let (mut state, run, changes) = comparing(true);
    update(&mut state, Message::Compared(run, Ok(Arc::new(changes))));
    let (again, before, after) = asked(press(&mut state, "s")).unwrap();
    assert!(
        again != run && screen(&mut state, (120, 30)).contains("from ./new.json to ./old.json")
    );
    update(&mut state, Message::Compared(again, Ok(Arc::new(Changes::of(&before, &after)))));
    let text = screen(&mut state, (120, 30));
    assert!(text.contains("1 down") && text.contains("before") && text.contains("after"), "{text}");
    press(&mut state, "d");
    assert!(state.aside.as_ref().unwrap().name.contains("old.json"), "the other one stays aside");
}

#[test]
fn of_one_repository_the_line_begins_with_what_differs() {
    let side = |name: &str| Side {
        name: name.into(),
        sbom: document(&[]),
        attested: true,
        platform: Some("linux/amd64".into()),
        doubt: None,
    };
    let long = "registry.example.com:5000/organisation/a-repository-with-a-long-name";
    let comparison = Comparison {
        run: RunId(1),
        old: side(&format!("{long}:4.0.0")),
        new: side(&format!("{long}:4.1.0")),
        answer: None,
        cursor: Cursor::default(),
    };
    let head = &comparison.head()[0];
    assert!(
        head.starts_with("both attested · from 4.0.0 to 4.1.0 (linux/amd64 only) · "),
        "{head}"
    );
}
