//! From a chart to the images that it names; evidence of a child stands under the child.

use std::{collections::BTreeMap, sync::Arc};

use crate::{
    domain::{
        Digest, Reference, Verdict,
        chart::{CHART_LAYER, Chart, How, ImageRef},
        oci::{Descriptor, Manifest},
        verdict::{Answer, Judgement},
    },
    inspect::{
        CheckKind, Facts, Fetched, Finding, Planned, Resolved, Subject, Work,
        release::{FileFacts, FileState},
    },
    tui::{
        message::Effect,
        state::{Pane, State},
        testing::{answer, demand, fetched, finding, live, opened, press, screen, subject},
        update::{Start, start},
    },
};

fn document(text: String) -> Fetched {
    let bytes: Arc<[u8]> = text.into_bytes().into();
    let descriptor = Descriptor {
        media_type: String::new(),
        digest: Digest::sha256(&bytes),
        size: bytes.len() as u64,
        artifact_type: None,
        annotations: BTreeMap::new(),
        platform: None,
    };
    Fetched { descriptor, bytes, contradicted: None }
}

fn chart() -> Chart {
    let image = |text: &str, how| ImageRef {
        text: text.to_owned(),
        how,
        at: "values.yaml:3 image".into(),
        reference: (how != How::Unresolvable).then(|| Reference::parse(text).unwrap()),
    };
    let images = vec![
        image("quay.io/e/x:1", How::Derived),
        image("{{ include \"image\" . }}", How::Unresolvable),
        image("e/y:2", How::Written),
    ];
    Chart { name: "x".into(), version: "1.0.0".into(), images, ..Chart::default() }
}

/// Answers every check; what the reference resolves to and the chart are ours.
fn answered(state: &mut State, effects: Vec<Effect>, resolve: &Finding) {
    let mut waiting = effects;
    while let Some(effect) = waiting.pop() {
        let Effect::Start { run, planned, .. } = effect else { continue };
        let told = match planned.id.kind {
            CheckKind::Resolve => resolve.clone(),
            CheckKind::Chart => {
                Finding::new(Answer::Valid, "x 1.0.0").with(Facts::Chart(Arc::new(chart())))
            }
            _ => usual(&planned),
        };
        waiting.extend(answer(state, run, &planned, told));
    }
}

fn usual(planned: &Planned) -> Finding {
    finding(planned, Judgement::Proved, "https://example.test/release")
}

fn of_chart() -> Finding {
    let layer = format!(
        r#"{{"layers":[{{"mediaType":"{CHART_LAYER}","digest":"{}","size":1}}]}}"#,
        Digest::sha256(b"chart")
    );
    let fetched = document(layer);
    let manifest = Manifest::parse(&fetched.bytes).unwrap();
    let resolved = Resolved { fetched, manifest, listed_in: None };
    Finding::new(Answer::Proved, "resolved").with(Facts::Resolved(Box::new(resolved)))
}

#[test]
fn enter_goes_from_a_chart_to_the_image_under_the_cursor() {
    for (row, opens) in
        [("quay.io/e/x:1", Some("quay.io/e/x:1")), ("include", None), ("e/y:2", Some("e/y:2"))]
    {
        let mut state = live(Some(demand()));
        let effects = opened(&mut state, "reg.example/charts/x:1");
        answered(&mut state, effects, &of_chart());
        press(&mut state, "5");
        assert_eq!(state.pane, Pane::Image);
        let at = super::rows(&state).iter().position(|r| r.text.contains(row)).unwrap();
        while state.master().selected < at {
            press(&mut state, "<Down>");
        }
        let effects = press(&mut state, "<Enter>");
        let started = effects.iter().any(|e| matches!(e, Effect::Start { .. }));
        let wanted = subject(opens.unwrap_or("reg.example/charts/x:1"));
        assert_eq!((state.open, started), (Some(wanted), opens.is_some()), "{row}");
        assert_eq!(state.toast.is_some(), opens.is_none(), "{row}");
    }
}

#[test]
fn esc_leads_from_an_image_back_to_the_row_of_its_chart() {
    const CHART: &str = "reg.example/charts/x:1";
    // Keys on the image, and whether the next Esc leads back.
    for (keys, back) in [
        ("", true),
        ("5", true),
        ("<Left>", true),
        ("2<Tab><Esc>", true),
        ("R", true),
        ("o<Esc>", true),
        ("oe/z:3<Enter>", false),
    ] {
        let mut state = live(Some(demand()));
        let effects = opened(&mut state, CHART);
        answered(&mut state, effects, &of_chart());
        press(&mut state, "5");
        let row = super::rows(&state).iter().position(|r| r.text.contains("e/y:2")).unwrap();
        while state.master().selected < row {
            press(&mut state, "<Down>");
        }
        assert!(!screen(&mut state, (160, 45)).contains("back to the chart"));
        let effects = press(&mut state, "<Enter>");
        assert!(screen(&mut state, (160, 45)).contains("Esc back to the chart"), "{keys}");
        answered(&mut state, effects, &usual_resolve());
        press(&mut state, keys);
        assert_ne!(state.open, Some(subject(CHART)), "{keys}");
        press(&mut state, "<Esc>");
        assert_eq!(state.open == Some(subject(CHART)), back, "{keys}");
        if back {
            assert_eq!((state.pane, state.master().selected), (Pane::Image, row), "{keys}");
            press(&mut state, "<Esc>");
            assert_eq!(state.open, Some(subject(CHART)), "one step, not two");
        }
    }
}

fn usual_resolve() -> Finding {
    let fetched = fetched("first");
    let manifest = Manifest::parse(&fetched.bytes).unwrap();
    let resolved = Resolved { fetched, manifest, listed_in: None };
    Finding::new(Answer::Proved, "resolved").with(Facts::Resolved(Box::new(resolved)))
}

#[test]
fn a_file_that_is_to_be_a_layer_stands_under_its_own_digest() {
    let (path, Subject::Artifact(reference)) = ("x-1.tgz".into(), subject("reg.example/x:1"))
    else {
        panic!()
    };
    let (file, manifest) = (Digest::sha256(b"layer"), fetched("first").descriptor.digest);
    let mut state = live(Some(demand()));
    let mut waiting = start(&mut state, Start::Open(Subject::Layer { path, reference }));
    while let Some(effect) = waiting.pop() {
        let Effect::Start { run, planned, .. } = effect else { continue };
        let told = match &planned.work {
            Work::Layer(..) => {
                let (name, digest) = ("x-1.tgz".to_owned(), Some(file.clone()));
                let (state, counts) = (FileState::Good, Some(Verdict::Proved));
                let facts = Facts::File(FileFacts { name, digest, state, counts });
                Finding::new(Answer::Proved, "it is").with(facts)
            }
            _ => usual(&planned),
        };
        waiting.extend(answer(&mut state, run, &planned, told));
    }
    let drawn = screen(&mut state, (200, 55));
    let header = drawn.lines().next().unwrap();
    assert!(header.contains(&file.short()) && !header.contains(&manifest.short()), "{header}");
    for words in [format!("digest    {file}"), format!("manifest  {manifest} of reg.example/x:1")] {
        assert!(drawn.contains(&words), "{words}\n{drawn}");
    }
}

#[test]
fn a_document_that_is_no_manifest_is_shown_as_it_came() {
    for (text, shown) in [
        (
            r#"{"mediaType":"application/vnd.example.thing","odd":{"field":"\u001b[2Jvalue"}}"#,
            "value",
        ),
        (r#"{"cut": "#, "7b 22 63 75 74"),
    ] {
        let mut state = live(Some(demand()));
        let effects = opened(&mut state, "reg.example/x:1");
        let facts = Facts::Raw(Box::new(document(text.to_owned())));
        let resolve = Finding::new(Answer::Undecided, "not a manifest").with(facts);
        answered(&mut state, effects, &resolve);
        press(&mut state, "5");
        let drawn = screen(&mut state, (120, 35));
        assert!(drawn.contains(shown) && drawn.contains("not a manifest"), "{drawn}");
        assert!(!drawn.contains('\u{1b}'));
    }
}

#[test]
fn what_refers_to_a_child_stands_under_it_and_not_among_the_signatures() {
    let mut state = live(Some(demand()));
    let effects = opened(&mut state, "reg.example/x:1");
    let mut waiting = effects;
    while let Some(effect) = waiting.pop() {
        let Effect::Start { run, planned, .. } = effect else { continue };
        let told = match planned.id.kind {
            // Only the first child has something.
            CheckKind::Nested => {
                let own = planned.id.subject == Some(Digest::sha256(b"amd64"));
                let mut listing = crate::inspect::Listing::default();
                if own {
                    let descriptor = document("nested".into()).descriptor;
                    let source = crate::inspect::Source::Referrer;
                    listing.found.push(crate::inspect::Referrer { descriptor, source, tag: None });
                }
                let answer = if own { Answer::Proved } else { Answer::Absent };
                Finding::new(answer, "listed").with(Facts::Listing(Arc::new(listing)))
            }
            CheckKind::NestedPiece => {
                let piece = Planned {
                    id: crate::inspect::CheckId { kind: CheckKind::Piece, ..planned.id.clone() },
                    ..(*planned).clone()
                };
                finding(&piece, Judgement::Proved, "the child's")
            }
            CheckKind::Piece => finding(&planned, Judgement::Refuted, "the index's"),
            _ => usual(&planned),
        };
        waiting.extend(answer(&mut state, run, &planned, told));
    }
    press(&mut state, "5");
    let rows = super::rows(&state);
    let at = rows.iter().position(|r| r.name == "linux/amd64").unwrap();
    assert_eq!(
        (rows[at + 1].name.as_str(), rows[at + 2].name.as_str()),
        ("└ signature", "linux/arm64")
    );
    assert!(rows[at + 1].text.contains("the child's"));
    press(&mut state, "2");
    let signatures = super::rows(&state);
    assert!(signatures.iter().all(|row| !row.text.contains("the child's")));
    let slot = state.slot().unwrap();
    assert_eq!(slot.overall.verdict, crate::domain::Verdict::Refuted, "{}", slot.overall.reason);
}
