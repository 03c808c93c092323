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

/// `P2c`: proved at second 2, CycloneDX; `V-s!`: valid, no time, SPDX that cannot be read; `U-?`:
/// not judged, may be anything.
fn row(word: &str) -> Row<'static> {
    let letters: Vec<char> = word.chars().collect();
    let judgement = match letters[0] {
        'P' => Judgement::Proved,
        'V' => Judgement::Valid,
        'U' => Judgement::Undecided,
        _ => Judgement::Refuted,
    };
    let predicate_type = match letters[2] {
        'c' => CYCLONEDX,
        's' => SPDX,
        _ => "",
    };
    let time = letters[1].to_digit(10).map(i64::from);
    (judgement, time, predicate_type, !word.ends_with('!'))
}

/// Name; demand (`any`, `spdx`, none); whether listings are whole; pieces; the times of those that
/// are read; how many others there are; whether there may be another; why nothing is read.
const CASES: &str = "
nothing                         | any  | whole |             |     | 0 | sure  | absent
not listed                      | any  | part  |             |     | 0 | maybe | undecided
newest                          | any  | whole | P1c P2c     | 2   | 1 | sure  |
newest of any type              | any  | whole | P2s P1c     | 2   | 1 | sure  |
of that type                    | spdx | whole | P2c P1s     | 1   | 1 | sure  |
none of that type               | spdx | whole | P2c         |     | 1 | sure  | absent
a newer one of somebody else    | any  | whole | P1c R9c     | 1   | 1 | sure  |
a newer one that was not judged | any  | whole | P1c U9c     | 1   | 1 | maybe |
one that may be anything        | any  | whole | P1c U-?     | 1   | 0 | maybe |
the newest is unreadable        | any  | whole | P1c P2c!    |     | 2 | maybe | undecided
an older one is unreadable      | any  | whole | P1c! P2c    | 2   | 1 | sure  |
equally new                     | any  | whole | P2c P2s     | 2 2 | 0 | sure  |
no clock tells                  | any  | whole | P-c P2c P1c | - 2 | 1 | sure  |
only somebody else's            | any  | whole | R1c         |     | 1 | sure  | undecided
valid is not proved             | any  | whole | V1c         |     | 1 | sure  | undecided
best signed                     |      | whole | U9c V1c R8c | 1   | 2 | sure  |
the only one that can be read   |      | whole | V1c! U2c    | 2   | 1 | maybe |
a refuted one is never read     |      | whole | V1c! R2c    |     | 2 | maybe | undecided
nor does it stand for nothing   |      | whole | R2c         |     | 1 | sure  | undecided
it does not darken the others   |      | whole | V1c R2c!    | 1   | 1 | sure  |
none can be read                |      | whole | V1c!        |     | 1 | maybe | undecided
it may have been an SBOM        | any  | whole | R-?         |     | 0 | sure  | undecided
and one of that type            | spdx | whole | R-? P1c     |     | 1 | sure  | undecided
beside one that holds           | any  | whole | R-? P1c     | 1   | 0 | sure  |
looking, not listed             |      | part  | V1c         | 1   | 0 | maybe |
";

#[test]
fn the_newest_that_is_vouched_for_is_read_or_nothing_is() {
    for line in CASES.lines().filter(|line| !line.is_empty()) {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        let wanted = match cells[1] {
            "any" => Some(Wanted::Signature),
            "spdx" => Some(Wanted::Attestation(SPDX.to_owned())),
            _ => None,
        };
        let listed = if cells[2] == "whole" { Answer::Absent } else { Answer::Undecided };
        let rows: Vec<Row<'_>> = cells[3].split_whitespace().map(row).collect();
        let seen = inspection(wanted.map(demand), listed, &rows);
        let choice = choose(&seen);
        let second = |(found, _): &(&FoundPiece, &SbomFacts)| {
            let time = authenticated_time(&found.piece);
            time.map_or_else(|| "-".to_owned(), |time| time.as_second().to_string())
        };
        let read: Vec<String> = choice.newest.iter().map(second).collect();
        assert_eq!(read.join(" "), cells[4], "{line}");
        assert_eq!(choice.others.len().to_string(), cells[5], "{line}");
        let known = if choice.unknown.is_some() { "maybe" } else { "sure" };
        assert_eq!(known, cells[6], "{line}: {:?}", choice.unknown);
        let nothing = choice.nothing.as_ref().map(|(verdict, _)| verdict.word());
        assert_eq!(nothing.unwrap_or_default(), cells[7], "{line}");
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
