//! A made-up release for the tests of this floor: facts by hand, no task, no clock.

use std::{collections::BTreeMap, sync::Arc};

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::{Terminal, backend::TestBackend};

use super::{
    message::{Effect, Message, RunId},
    state::{DemoFacts, Judge, State},
    theme::Theme,
    update::{Start, start, update},
    view::view,
};
use crate::{
    domain::{
        Digest, Reference, Repository, Tag, Timestamp, Verdict,
        claims::{Claims, San},
        demand::{Demand, Matcher, Signer, Wanted, Who},
        oci::{Descriptor, Manifest},
        verdict::{Answer, Judgement, StepName, Steps},
    },
    inspect::{
        CheckKind, Event, Facts, Fetched, Finding, FoundPiece, Listing, ListingNote, Planned,
        Referrer, Resolved, RootSource, Source, Subject, TagPage,
    },
    verify::{Evidence, Format, Kind, Piece},
};

/// A state that looks at the outside world.
pub(super) fn live(demand: Option<Arc<Demand>>) -> State {
    let judge = |demand: Option<Arc<Demand>>, words: &str| Judge {
        over_files: demand.clone(),
        demand,
        root: RootSource::Embedded,
        root_words: words.to_owned(),
        scope: crate::inspect::Scope::default(),
        whole: false,
    };
    let demo = DemoFacts {
        judge: judge(Some(self::demand()), "demo"),
        repositories: vec![repository("demo.invalid/a/b"), repository("demo.invalid/a/c")],
        opening: None,
    };
    State::new(judge(demand, "public-good"), Some(demo), noon())
}

pub(super) fn noon() -> Timestamp {
    "2026-01-01T12:00:00Z".parse().unwrap()
}

pub(super) fn demand() -> Arc<Demand> {
    let signer = Signer {
        identity: vec![Matcher::Exact("https://example.test/release".into())],
        issuer: vec![Matcher::Exact("https://issuer.test".into())],
    };
    Arc::new(Demand {
        who: Who::Signers(vec![signer]),
        wanted: vec![Wanted::Signature],
        signed_timestamps: false,
        claims: vec![],
        annotations: vec![],
        waived: vec![],
        github: None,
        rules: crate::domain::rules::Rules::default(),
        strict: false,
        words: "--certificate-identity https://example.test/release".into(),
    })
}

pub(super) fn repository(text: &str) -> Repository {
    Reference::parse(text).unwrap().repository
}

pub(super) fn subject(text: &str) -> Subject {
    Subject::Artifact(Reference::parse(text).unwrap())
}

/// Opens a target from the command line.
pub(super) fn opened(state: &mut State, text: &str) -> Vec<Effect> {
    start(state, Start::Open(subject(text)))
}

/// Presses keys: letters as they are, others by name in `<…>`.
pub(super) fn press(state: &mut State, keys: &str) -> Vec<Effect> {
    let mut effects = Vec::new();
    let mut rest = keys;
    while let Some(first) = rest.chars().next() {
        let named = rest.strip_prefix('<').and_then(|r| r.split_once('>'));
        let (code, modifiers) = match named {
            Some((name, behind)) => {
                rest = behind;
                named_key(name)
            }
            None => {
                rest = rest.strip_prefix(first).unwrap();
                (KeyCode::Char(first), KeyModifiers::NONE)
            }
        };
        effects.extend(update(state, Message::Key(KeyEvent::new(code, modifiers))));
    }
    effects
}

fn named_key(name: &str) -> (KeyCode, KeyModifiers) {
    let code = match name {
        "Enter" => KeyCode::Enter,
        "Esc" => KeyCode::Esc,
        "Tab" => KeyCode::Tab,
        "Up" => KeyCode::Up,
        "Down" => KeyCode::Down,
        "Left" => KeyCode::Left,
        "Right" => KeyCode::Right,
        "End" => KeyCode::End,
        control => {
            let letter = control.strip_prefix("C-").unwrap().chars().next().unwrap();
            return (KeyCode::Char(letter), KeyModifiers::CONTROL);
        }
    };
    (code, KeyModifiers::NONE)
}

/// A page of tags.
pub(super) fn page(names: &[&str]) -> TagPage {
    let tags = names.iter().map(|name| Tag::parse(name).unwrap()).collect();
    TagPage { tags, odd: vec![], next: None }
}

/// The bytes of an index with two platforms; `salt` makes it another one.
pub(super) fn fetched(salt: &str) -> Fetched {
    let entry = |name: &str| {
        format!(
            r#"{{"mediaType":"m","digest":"{}","size":7,"platform":{{"os":"linux","architecture":"{name}"}}}}"#,
            Digest::sha256(name.as_bytes())
        )
    };
    let text = format!(
        r#"{{"manifests":[{},{}],"annotations":{{"salt":"{salt}"}}}}"#,
        entry("amd64"),
        entry("arm64")
    );
    let bytes: Arc<[u8]> = text.into_bytes().into();
    let descriptor = Descriptor {
        media_type: crate::domain::oci::INDEX.into(),
        digest: Digest::sha256(&bytes),
        size: bytes.len() as u64,
        artifact_type: None,
        annotations: BTreeMap::new(),
        platform: None,
    };
    Fetched { descriptor, bytes, contradicted: None }
}

pub(super) fn piece(judgement: Judgement, identity: &str) -> Piece {
    let claims = Claims {
        sans: vec![San::Uri(identity.to_owned())],
        extensions: vec![],
        not_before: noon(),
        not_after: noon(),
        serial: "01".into(),
        issuer_name: "CN=test".into(),
        subject_name: String::new(),
        key: "ECDSA".into(),
    };
    let mut steps = Steps::not_made("");
    for name in StepName::ALL {
        steps.set(name, Verdict::Proved, "it holds", "");
    }
    Piece {
        steps,
        judgement,
        summary: format!("signed by {identity}"),
        claims: Some(Evidence::Observed(claims)),
        ..Piece::not_judged(Format::Bundle03, Kind::Signature, "made up")
    }
}

/// What a check of the made-up release finds out.
pub(super) fn finding(planned: &Planned, judgement: Judgement, words: &str) -> Finding {
    let listing = |found: Vec<Referrer>| {
        let note = ListingNote {
            asked: "Referrers API".into(),
            verdict: Verdict::Absent,
            answer: words.to_owned(),
        };
        Facts::Listing(Arc::new(Listing { found, notes: vec![note] }))
    };
    match planned.id.kind {
        CheckKind::Resolve => {
            let fetched = fetched("first");
            let manifest = Manifest::parse(&fetched.bytes).unwrap();
            Finding::new(Answer::Proved, words).with(Facts::Resolved(Box::new(Resolved {
                fetched,
                manifest,
                listed_in: None,
            })))
        }
        CheckKind::Referrers => {
            let descriptor = Descriptor { digest: Digest::sha256(b"r"), ..fetched("r").descriptor };
            let found = Referrer { descriptor, source: Source::Referrer, tag: None };
            Finding::new(Answer::Proved, words).with(listing(vec![found]))
        }
        CheckKind::LegacyTags => Finding::new(Answer::Absent, words).with(listing(vec![])),
        CheckKind::Piece => {
            let piece = Arc::new(piece(judgement, words));
            let carrier = Digest::sha256(b"r");
            let found = FoundPiece { source: Source::Referrer, carrier, piece };
            Finding::new(judgement.into(), words).with(Facts::Pieces(vec![found]))
        }
        CheckKind::TrustRoot => Finding::new(Answer::Undecided, words),
        _ => Finding::new(Answer::Proved, words).warn("note", words),
    }
}

/// Answers every started check until nothing runs.
pub(super) fn answer_all(
    state: &mut State,
    effects: Vec<Effect>,
    judgement: Judgement,
    words: &str,
) -> Vec<Effect> {
    let (mut waiting, mut others) = (effects, Vec::new());
    while let Some(effect) = waiting.pop() {
        let Effect::Start { run, planned, .. } = effect else {
            others.push(effect);
            continue;
        };
        waiting.extend(answer(state, run, &planned, finding(&planned, judgement, words)));
    }
    others
}

/// Answers one check.
pub(super) fn answer(
    state: &mut State,
    run: RunId,
    planned: &Planned,
    finding: Finding,
) -> Vec<Effect> {
    let event = Event::Finished { check: planned.id.clone(), finding, at: noon() };
    update(state, Message::Inspection(run, event))
}

/// The screen as text.
pub(super) fn screen(state: &mut State, size: (u16, u16)) -> String {
    draw(state, size, Theme { colour: true, ascii: false }).to_string()
}

/// The screen as it is drawn.
pub(super) fn draw(state: &mut State, (columns, rows): (u16, u16), theme: Theme) -> TestBackend {
    update(state, Message::Resize(columns, rows));
    let mut terminal = Terminal::new(TestBackend::new(columns, rows)).unwrap();
    terminal.draw(|frame| view(state, theme, frame)).unwrap();
    terminal.backend().clone()
}
