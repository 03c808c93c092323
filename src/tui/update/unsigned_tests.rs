//! An SBOM that nobody signed is shown where no attestation carries one, and never looks attested.

use std::sync::Arc;

use super::update;
use crate::{
    domain::{
        Digest,
        sbom::{Sbom, paths::Paths},
        statement::Statement,
        verdict::{Answer, Judgement},
    },
    inspect::{CheckKind, Facts, Finding, FoundPiece, SbomFacts, Source},
    tui::{
        message::{Effect, Message, RunId},
        panes::sbom::{Unattested, Unsigned},
        state::State,
        testing::{answer, answer_all, demand, finding, live, opened, piece, press, screen},
    },
    verify::{Evidence, Kind, Piece},
};

const DOCUMENT: &str = r#"{"bomFormat":"CycloneDX","specVersion":"1.6","components":[
{"type":"library","name":"found-inside","version":"1"}]}"#;

fn facts(document: &str, carrier: &[u8]) -> SbomFacts {
    let sbom = Arc::new(Sbom::parse(document).unwrap());
    SbomFacts {
        paths: Arc::new(Paths::new(&sbom)),
        sbom,
        attested: false,
        carrier: Digest::sha256(carrier),
        platform: None,
    }
}

fn document() -> Unattested {
    let facts = facts(DOCUMENT, b"carrier");
    let (place, unread) = ("a legacy .sbom tag", None);
    Unattested::Documents(vec![Arc::new(Unsigned { facts, place, others: 1, unread })])
}

/// A release without an attested SBOM, and the number under which one is looked for.
fn shown(demanded: bool) -> (State, RunId) {
    let mut state = live(demanded.then(demand));
    let effects = opened(&mut state, "ghcr.io/a/b:1");
    answer_all(&mut state, effects, Judgement::Proved, "made up");
    let run = asked(&press(&mut state, "4")).expect("the pane sends somebody to look");
    (state, run)
}

fn asked(effects: &[Effect]) -> Option<RunId> {
    effects.iter().find_map(|effect| match effect {
        Effect::Unsigned { run, .. } => Some(*run),
        _ => None,
    })
}

#[test]
fn it_is_shown_and_said_to_be_signed_by_nobody_whoever_is_demanded() {
    for demanded in [false, true] {
        let (mut state, run) = shown(demanded);
        assert!(screen(&mut state, (160, 30)).contains("looking for one that nobody signed"));
        update(&mut state, Message::Unsigned(run, document()));
        let text = screen(&mut state, (160, 30));
        let words = "UNVERIFIED: a legacy .sbom tag, which nobody signed, and 1 more";
        assert!(text.contains("found-inside") && text.contains(words), "{text}");
        assert!(!text.contains("attested, proved"), "{text}");
        assert_eq!(asked(&press(&mut state, "14")), None, "it is asked for once");
    }
}

#[test]
fn could_not_find_out_is_not_nothing() {
    let (mut state, run) = shown(false);
    update(&mut state, Message::Unsigned(run, Unattested::Unread("timed out\u{1b}[2J".into())));
    let text = screen(&mut state, (120, 30));
    assert!(text.contains("one that nobody signed may be there: timed out"), "{text}");
    let (mut state, run) = shown(false);
    update(&mut state, Message::Unsigned(run, Unattested::Nothing));
    assert!(!screen(&mut state, (120, 30)).contains("may be there"));
}

#[test]
fn an_answer_about_a_release_that_was_left_is_not_shown_for_another() {
    let (mut state, run) = shown(false);
    let effects = opened(&mut state, "ghcr.io/a/b:2");
    answer_all(&mut state, effects, Judgement::Proved, "made up");
    let second = asked(&press(&mut state, "4")).unwrap();
    update(&mut state, Message::Unsigned(run, document()));
    assert!(state.sbom.is_none(), "it belongs to the first");
    update(&mut state, Message::Unsigned(second, document()));
    assert!(state.sbom.is_some());
}

/// A release whose only attestation carries an SBOM and is about something else.
fn contradicted() -> (State, RunId) {
    let statement = format!(
        r#"{{"_type":"https://in-toto.io/Statement/v1","predicateType":"https://cyclonedx.org/bom","subject":[],"predicate":{DOCUMENT}}}"#
    );
    let statement = Arc::new(Statement::parse(statement.as_bytes()).unwrap());
    let mut state = live(None);
    let mut waiting = opened(&mut state, "ghcr.io/a/b:1");
    while let Some(effect) = waiting.pop() {
        let Effect::Start { run, planned, .. } = effect else { continue };
        let found = match planned.id.kind {
            CheckKind::Piece => {
                let piece = Arc::new(Piece {
                    kind: Kind::Attestation,
                    predicate_type: Some(statement.predicate_type.clone()),
                    statement: Some(Evidence::Observed(Arc::clone(&statement))),
                    ..piece(Judgement::Refuted, "somebody")
                });
                let carrier = Digest::sha256(b"r");
                let found = FoundPiece { source: Source::Referrer, carrier, piece };
                Finding::new(Answer::Refuted, "").with(Facts::Pieces(vec![found]))
            }
            CheckKind::Sbom => {
                let masked = DOCUMENT.replace("found-inside", "masked");
                Finding::new(Answer::Undecided, "").with(Facts::Sbom(facts(&masked, b"r")))
            }
            _ => finding(&planned, Judgement::Valid, "made up"),
        };
        waiting.extend(answer(&mut state, run, &planned, found));
    }
    let run = asked(&press(&mut state, "4")).expect("somebody is sent to look for an honest one");
    (state, run)
}

#[test]
fn one_whose_attestation_does_not_hold_stands_behind_what_nobody_signed() {
    let (mut state, run) = contradicted();
    assert!(state.sbom.is_none(), "it waits until it is known what else is there");
    update(&mut state, Message::Unsigned(run, document()));
    let text = screen(&mut state, (160, 30));
    assert!(text.contains("found-inside") && !text.contains("masked"), "{text}");
    press(&mut state, "s");
    let text = screen(&mut state, (160, 30));
    let words = "UNVERIFIED: its attestation does not hold";
    assert!(text.contains("masked") && text.contains(words), "{text}");
    let (mut state, run) = contradicted();
    update(&mut state, Message::Unsigned(run, Unattested::Nothing));
    let text = screen(&mut state, (160, 30));
    assert!(text.contains("masked") && text.contains(words), "{text}");
}
