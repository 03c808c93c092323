//! Which SBOM is read, as a table over what was found.

use std::sync::Arc;

use super::*;
use crate::{
    domain::{
        Reference, Timestamp,
        demand::Who,
        oci::{Descriptor, MANIFEST, Manifest},
        rules::Rules,
        sbom::{Sbom, paths::Paths},
        statement::Statement,
        verdict::Answer,
    },
    inspect::{Event, Fetched, Finding, Listing, Resolved, RootSource, Source, Subject},
    verify::{Evidence, Format, Piece, TimestampFacts},
};

const CYCLONEDX: &str = "https://cyclonedx.org/bom";
const SPDX: &str = "https://spdx.dev/Document";
const DOCUMENT: &str = r#"{"bomFormat":"CycloneDX","specVersion":"1.6","components":[]}"#;

/// A piece: its judgement, the second of its time, its predicate type, whether its SBOM was read.
type Row<'a> = (Judgement, Option<i64>, &'a str, bool);

fn demand(wanted: Wanted) -> Arc<Demand> {
    Arc::new(Demand {
        who: Who::Signers(vec![]),
        wanted: vec![wanted],
        signed_timestamps: false,
        claims: vec![],
        annotations: vec![],
        waived: vec![],
        github: None,
        rules: Rules::default(),
        strict: false,
        words: String::new(),
    })
}

fn piece((judgement, time, predicate_type, _): &Row<'_>) -> Piece {
    let kind = if predicate_type.is_empty() { Kind::Unknown } else { Kind::Attestation };
    let mut piece = Piece::not_judged(Format::Bundle03, kind, "made up");
    piece.judgement = *judgement;
    if kind == Kind::Attestation {
        let text = format!(
            r#"{{"_type":"https://in-toto.io/Statement/v1","predicateType":"{predicate_type}","subject":[],"predicate":{DOCUMENT}}}"#
        );
        let statement = Statement::parse(text.as_bytes()).unwrap();
        piece.statement = Some(Evidence::Observed(Arc::new(statement)));
        piece.predicate_type = Some((*predicate_type).to_owned());
    }
    let time = time.map(|second| Timestamp::from_second(second).unwrap());
    piece.timestamps = vec![TimestampFacts { time, detail: String::new() }];
    piece
}

fn finish(seen: &mut Inspection, check: CheckId, finding: Finding) {
    let at = Timestamp::UNIX_EPOCH;
    seen.start(check.clone(), at);
    seen.apply(Event::Finished { check, finding, at });
}

/// Everything in one carrier, as the layers of an `.att` tag are.
fn inspection(demand: Option<Arc<Demand>>, listed: Answer, rows: &[Row<'_>]) -> Inspection {
    let reference = Reference::parse("registry.example/a:1").unwrap();
    let mut seen = Inspection::new(Subject::Artifact(reference), demand, RootSource::Embedded);
    let bytes: Arc<[u8]> = Arc::from(br#"{"schemaVersion":2,"layers":[]}"#.as_slice());
    let manifest = Manifest::parse(&bytes).unwrap();
    let descriptor = Descriptor {
        media_type: MANIFEST.to_owned(),
        digest: Digest::sha256(&bytes),
        size: 0,
        artifact_type: None,
        annotations: std::collections::BTreeMap::default(),
        platform: None,
    };
    let id = |kind, subject| CheckId { kind, subject };
    let fetched = Fetched { descriptor, bytes, contradicted: None };
    let facts = Facts::Resolved(Box::new(Resolved { fetched, manifest, listed_in: None }));
    let resolved = Finding::new(Answer::Proved, "").with(facts);
    finish(&mut seen, id(CheckKind::Resolve, None), resolved);
    let digest = seen.digest().cloned();
    for kind in [CheckKind::Referrers, CheckKind::LegacyTags] {
        let listing = Facts::Listing(Arc::new(Listing { found: vec![], notes: vec![] }));
        finish(&mut seen, id(kind, digest.clone()), Finding::new(listed, "listed").with(listing));
    }
    let carrier = Digest::sha256(b"carrier");
    let found = rows.iter().map(|row| FoundPiece {
        source: Source::LegacyTag,
        carrier: carrier.clone(),
        piece: Arc::new(piece(row)),
    });
    let pieces = Finding::new(Answer::Valid, "").with(Facts::Pieces(found.collect()));
    finish(&mut seen, id(CheckKind::Piece, Some(carrier.clone())), pieces);
    let sboms: Vec<&Row<'_>> = rows.iter().filter(|row| is_sbom_type(row.2)).collect();
    let checks: Vec<CheckId> = carriers(&seen).map(|(check, _)| check).collect();
    assert_eq!(checks.len(), sboms.len());
    for (check, row) in checks.into_iter().zip(sboms) {
        let sbom = Arc::new(Sbom::parse(DOCUMENT).unwrap());
        let facts = SbomFacts {
            paths: Arc::new(Paths::new(&sbom)),
            sbom,
            attested: false,
            carrier: carrier.clone(),
            platform: None,
        };
        let finding = Finding::new(Answer::Undecided, "unreadable");
        let finding = if row.3 { finding.with(Facts::Sbom(facts)) } else { finding };
        finish(&mut seen, check, finding);
    }
    seen
}

#[test]
fn the_newest_that_is_vouched_for_is_read_or_nothing_is() {
    use Judgement::{Proved, Refuted, Undecided, Valid};
    let (any, spdx) = (Some(Wanted::Signature), Some(Wanted::Attestation(SPDX.to_owned())));
    // The demand; whether listings are whole; pieces; the times of those that are read, how many
    // others there are, whether there may be another; where nothing is read, why.
    type Case<'a> = (
        &'a str,
        Option<Wanted>,
        bool,
        Vec<Row<'a>>,
        Vec<Option<i64>>,
        usize,
        bool,
        Option<Verdict>,
    );
    let c = CYCLONEDX;
    let cases: Vec<Case<'_>> = vec![
        ("nothing", any.clone(), true, vec![], vec![], 0, false, Some(Verdict::Absent)),
        ("not listed", any.clone(), false, vec![], vec![], 0, true, Some(Verdict::Undecided)),
        (
            "newest",
            any.clone(),
            true,
            vec![(Proved, Some(1), c, true), (Proved, Some(2), c, true)],
            vec![Some(2)],
            1,
            false,
            None,
        ),
        (
            "newest of any type",
            any.clone(),
            true,
            vec![(Proved, Some(2), SPDX, true), (Proved, Some(1), c, true)],
            vec![Some(2)],
            1,
            false,
            None,
        ),
        (
            "of that type",
            spdx.clone(),
            true,
            vec![(Proved, Some(2), c, true), (Proved, Some(1), SPDX, true)],
            vec![Some(1)],
            1,
            false,
            None,
        ),
        (
            "none of that type",
            spdx,
            true,
            vec![(Proved, Some(2), c, true)],
            vec![],
            1,
            false,
            Some(Verdict::Absent),
        ),
        (
            "a newer one of somebody else",
            any.clone(),
            true,
            vec![(Proved, Some(1), c, true), (Refuted, Some(9), c, true)],
            vec![Some(1)],
            1,
            false,
            None,
        ),
        (
            "a newer one that was not judged",
            any.clone(),
            true,
            vec![(Proved, Some(1), c, true), (Undecided, Some(9), c, true)],
            vec![Some(1)],
            1,
            true,
            None,
        ),
        (
            "one that may be anything",
            any.clone(),
            true,
            vec![(Proved, Some(1), c, true), (Undecided, None, "", false)],
            vec![Some(1)],
            0,
            true,
            None,
        ),
        (
            "the newest is unreadable",
            any.clone(),
            true,
            vec![(Proved, Some(1), c, true), (Proved, Some(2), c, false)],
            vec![],
            2,
            true,
            Some(Verdict::Undecided),
        ),
        (
            "an older one is unreadable",
            any.clone(),
            true,
            vec![(Proved, Some(1), c, false), (Proved, Some(2), c, true)],
            vec![Some(2)],
            1,
            false,
            None,
        ),
        (
            "equally new",
            any.clone(),
            true,
            vec![(Proved, Some(2), c, true), (Proved, Some(2), SPDX, true)],
            vec![Some(2), Some(2)],
            0,
            false,
            None,
        ),
        (
            "no clock tells",
            any.clone(),
            true,
            vec![(Proved, None, c, true), (Proved, Some(2), c, true), (Proved, Some(1), c, true)],
            vec![None, Some(2)],
            1,
            false,
            None,
        ),
        (
            "only somebody else's",
            any.clone(),
            true,
            vec![(Refuted, Some(1), c, true)],
            vec![],
            1,
            false,
            Some(Verdict::Undecided),
        ),
        (
            "valid is not proved",
            any,
            true,
            vec![(Valid, Some(1), c, true)],
            vec![],
            1,
            false,
            Some(Verdict::Undecided),
        ),
        (
            "best signed",
            None,
            true,
            vec![
                (Undecided, Some(9), c, true),
                (Valid, Some(1), c, true),
                (Refuted, Some(8), c, true),
            ],
            vec![Some(1)],
            2,
            false,
            None,
        ),
        (
            "the only one that can be read",
            None,
            true,
            vec![(Valid, Some(1), c, false), (Refuted, Some(2), c, true)],
            vec![Some(2)],
            1,
            true,
            None,
        ),
        (
            "none can be read",
            None,
            true,
            vec![(Valid, Some(1), c, false)],
            vec![],
            1,
            true,
            Some(Verdict::Undecided),
        ),
        (
            "looking, not listed",
            None,
            false,
            vec![(Valid, Some(1), c, true)],
            vec![Some(1)],
            0,
            true,
            None,
        ),
    ];
    for (name, wanted, listed, rows, read, others, unknown, nothing) in cases {
        let listed = if listed { Answer::Absent } else { Answer::Undecided };
        let seen = inspection(wanted.map(demand), listed, &rows);
        let choice = choose(&seen);
        let times = choice.newest.iter().map(|(found, _)| authenticated_time(&found.piece));
        let times: Vec<Option<i64>> = times.map(|t| t.map(|t| t.as_second())).collect();
        assert_eq!(times, read, "{name}");
        assert_eq!(choice.others.len(), others, "{name}");
        assert_eq!(choice.unknown.is_some(), unknown, "{name}: {:?}", choice.unknown);
        assert_eq!(choice.nothing.as_ref().map(|(verdict, _)| *verdict), nothing, "{name}");
    }
}

#[test]
fn every_sbom_of_one_carrier_is_read_by_a_check_of_its_own() {
    let rows = [(Judgement::Valid, Some(1), CYCLONEDX, true); 3];
    let seen = inspection(None, Answer::Absent, &rows);
    let ids: std::collections::BTreeSet<CheckId> = carriers(&seen).map(|(id, _)| id).collect();
    assert_eq!(ids.len(), 3);
    let carrier = Digest::sha256(b"carrier");
    assert!(ids.iter().all(|id| carrier_of(&seen, id) == Some(&carrier)));
    // What is tried again leaves none behind that may be another one's by then.
    let mut again = seen.clone();
    let piece = CheckId { kind: CheckKind::Piece, subject: Some(carrier) };
    let found = again.finding(CheckKind::Piece).unwrap().facts.clone();
    finish(&mut again, piece, Finding::new(Answer::Undecided, "").with(found));
    again.retry_undecided();
    assert_eq!(again.findings(CheckKind::Sbom).count(), 0);
}
