//! Taking components away: marks, what an export is of, and that nothing of the demo is written.

use std::{path::PathBuf, sync::Arc};

use super::{Start, start, update};
use crate::{
    domain::{
        Digest,
        sbom::{Sbom, paths::Paths},
        verdict::Answer,
    },
    inspect::{Facts, Finding, SbomFacts, Subject},
    report::sbom::{Part, Taken, Written},
    tui::{
        export::Writing,
        message::{Effect, Message, Place},
        state::{Pane, State},
        testing::{answer, live, press, screen},
    },
};

const DOCUMENT: &str = r#"{"bomFormat":"CycloneDX","specVersion":"1.6",
"metadata":{"component":{"bom-ref":"app","type":"application","name":"app","version":"1"}},
"components":[
{"bom-ref":"b","type":"library","name":"b","version":"2","licenses":[{"license":{"id":"MIT"}}]},
{"bom-ref":"c","type":"library","name":"c","version":"3","licenses":[{"license":{"id":"MIT"}}]},
{"bom-ref":"d","type":"library","name":"=d","version":"4"}],
"dependencies":[{"ref":"app","dependsOn":["b","d"]},{"ref":"b","dependsOn":["c"]}]}"#;

/// A file that is an SBOM, open at its components.
fn opened() -> State {
    let mut state = live(None);
    let effects = start(&mut state, Start::Open(Subject::Document("./bom.json".into())));
    let sbom = Arc::new(Sbom::parse(DOCUMENT).unwrap());
    for effect in effects {
        let Effect::Start { run, planned, .. } = effect else { continue };
        let facts = SbomFacts {
            paths: Arc::new(Paths::new(&sbom)),
            sbom: Arc::clone(&sbom),
            attested: false,
            carrier: Digest::sha256(DOCUMENT.as_bytes()),
            platform: None,
        };
        let finding = Finding::new(Answer::Undecided, "read").with(Facts::Sbom(facts));
        answer(&mut state, run, &planned, finding);
    }
    state.pane = Pane::Sbom;
    press(&mut state, "4");
    state
}

fn taken(effects: Vec<Effect>) -> Option<(PathBuf, Taken)> {
    effects.into_iter().find_map(|effect| match effect {
        Effect::Write { path, writing, .. } => match *writing {
            Writing::Sbom(taken) => Some((path, taken)),
            Writing::Text { .. } => None,
        },
        _ => None,
    })
}

#[test]
fn an_export_is_of_what_was_chosen_and_its_name_decides_the_form() {
    let csv = |numbers: &[u32]| Part::Components(numbers.to_vec(), Written::Csv);
    for (keys, part) in [
        ("eout.bin<Enter>", Part::Document),
        ("e<Tab>out.csv<Enter>", csv(&[0, 1, 2])),
        ("/=d<Enter>eout.csv<Enter>", csv(&[2])),
        ("eout.csv<Esc>", csv(&[])),
        ("e<Tab><Tab><Tab>out.md<Enter>", Part::Licences(vec![0, 1, 2], Written::Markdown)),
        ("e<Tab><Tab><Tab><Tab>out.JSON<Enter>", Part::Document),
    ] {
        let mut state = opened();
        let effects = press(&mut state, keys);
        match taken(effects) {
            Some((_, taken)) => assert_eq!(taken.part, part, "{keys}"),
            None => assert_eq!(part, csv(&[]), "{keys}: nothing was written"),
        }
    }
}

#[test]
fn marks_outlive_search_and_arrangement_and_are_what_is_written() {
    let mut state = opened();
    press(&mut state, "t");
    let before = state.sbom.as_ref().unwrap().rows.get(1).unwrap().component().flatten().unwrap();
    press(&mut state, "gj ");
    assert!(screen(&mut state, (100, 30)).contains("▪"), "a mark is seen");
    press(&mut state, "/=d<Enter>t");
    let (_, taken) = taken(press(&mut state, "eout.json<Enter>")).unwrap();
    assert_eq!(taken.part, Part::Components(vec![before], Written::Json));
}

#[test]
fn what_is_below_a_row_is_what_is_shown_below_it() {
    let mut state = opened();
    let rows = |state: &mut State, keys: &str| {
        let effects = press(state, &format!("{keys}e<Tab><Tab>x.md<Enter>"));
        let run = effects.iter().find_map(|effect| match effect {
            Effect::Write { run, .. } => Some(*run),
            _ => None,
        });
        update(state, Message::Exported(run.unwrap(), Ok("wrote it".into())));
        let (_, taken) = taken(effects).unwrap();
        match taken.part {
            Part::Rows(rows, _) => rows.iter().map(|row| row.component).collect::<Vec<_>>(),
            other => panic!("{other:?}"),
        }
    };
    let whole = rows(&mut state, "g");
    assert_eq!(whole.len(), state.sbom.as_ref().unwrap().rows.len());
    let folded = rows(&mut state, "gj");
    assert_eq!(folded.len(), 1, "what is folded away is not shown");
    let unfolded = rows(&mut state, "<Enter>");
    assert_eq!(unfolded.len(), 2, "b and c");
}

#[test]
fn a_name_without_a_form_stays_in_the_field() {
    let mut state = opened();
    assert!(taken(press(&mut state, "e<Tab>out.txt<Enter>")).is_none());
    assert!(screen(&mut state, (100, 30)).contains("out.txt"), "what was written is still there");
    assert!(state.toast.as_ref().unwrap().bad);
    assert!(taken(press(&mut state, "<C-w>csv<Enter>")).is_some());
}

#[test]
fn nothing_of_the_demo_is_written() {
    let mut state = opened();
    state.place = Place::Demo;
    assert!(taken(press(&mut state, "eout.json<Enter>")).is_none());
    assert!(state.field.is_none(), "the field does not even open");
    // It was asked for before the demo was entered.
    state.place = Place::Live;
    press(&mut state, "eout.json");
    state.place = Place::Demo;
    assert!(taken(press(&mut state, "<Enter>")).is_none());
}

#[test]
fn what_was_written_where_is_said_in_harmless_words() {
    let mut state = opened();
    let effects = press(&mut state, "eout.json<Enter>");
    let run = effects.iter().find_map(|effect| match effect {
        Effect::Write { run, .. } => Some(*run),
        _ => None,
    });
    update(&mut state, Message::Exported(run.unwrap(), Ok("wrote 3 bytes\u{1b}[2J".into())));
    let said = &state.toast.as_ref().unwrap().words;
    assert!(said.starts_with("wrote 3 bytes") && !said.contains('\u{1b}'), "{said}");
}

#[test]
fn a_name_that_is_taken_stays_in_the_field_until_another_one_is_written() {
    let mut state = opened();
    let run = |effects: Vec<Effect>| {
        effects.into_iter().find_map(|effect| match effect {
            Effect::Write { run, .. } => Some(run),
            _ => None,
        })
    };
    let first = run(press(&mut state, "eout.json<Enter>")).unwrap();
    assert_eq!(run(press(&mut state, "<Enter>")), None, "one at a time");
    update(&mut state, Message::Exported(first, Err("out.json is there already".into())));
    // What is typed next goes on in the field, and is no key of the pane.
    let second = run(press(&mut state, "2<Enter>")).unwrap();
    assert_eq!(state.field.as_ref().unwrap().text, "out.json2");
    update(&mut state, Message::Exported(second, Ok("wrote it".into())));
    assert!(state.field.is_none());
}
