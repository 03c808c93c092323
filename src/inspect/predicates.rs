//! What predicates say, beside what is proved: disagreements with the certificate, predicates that
//! say nothing, and which of several attestations of one type is the newest.

use std::collections::BTreeMap;

use super::{FoundPiece, Inspection};
use crate::{
    domain::{
        Timestamp,
        predicate::{Disagreement, disagreements},
        text::shorten,
        verdict::Judgement,
    },
    verify::{Evidence, Kind, Piece},
};

/// The longest foreign value in a warning, in columns.
const MAX_SHOWN: usize = 160;

/// Whose word something is.
fn standing<T>(piece: &Piece, evidence: &Evidence<T>) -> &'static str {
    match (evidence.verified().is_some(), piece.judgement) {
        (true, Judgement::Proved) => "under a proved signature",
        (true, _) => "observed, under a signature that is valid but not the demanded signer's",
        (false, _) => "observed only, nothing vouches for it",
    }
}

/// What deserves a look in one piece's predicate: code and message. Never a verdict.
pub fn warnings(piece: &Piece) -> Vec<(&'static str, String)> {
    let Some(evidence) = piece.statement.as_ref().filter(|_| piece.kind == Kind::Attestation)
    else {
        return vec![];
    };
    let statement = evidence.get();
    let summary = &statement.summary;
    let mut all = vec![];
    if let Some(hollow) = &summary.hollow {
        let name = summary.family.name().unwrap_or_else(|| statement.predicate_type.clone());
        let name = shorten(&name, MAX_SHOWN);
        let words = format!("{name}: {hollow}; cosign verify-attestation accepts it all the same");
        all.push(("predicate-empty", words));
    }
    let certificate = piece.claims.as_ref().map(Evidence::get);
    if let (Some(said), Some(certificate)) = (summary.provenance(), certificate) {
        let standing = standing(piece, evidence);
        for words in by_field(disagreements(said, certificate)) {
            all.push(("provenance-certificate", format!("{words} ({standing})")));
        }
    }
    all
}

/// One line for every field: a builder that writes one wrong repository writes it in many places.
fn by_field(all: Vec<Disagreement>) -> Vec<String> {
    let mut lines: BTreeMap<_, (Disagreement, usize)> = BTreeMap::new();
    for one in all {
        lines.entry(one.field).and_modify(|(_, n)| *n += 1).or_insert((one, 0));
    }
    let words = lines.into_values().map(|(one, more)| {
        let field = one.field.word();
        let (says, certificate) = (shorten(&one.says, MAX_SHOWN), &one.certificate);
        let certificate = shorten(certificate, MAX_SHOWN);
        let more = if more > 0 { format!(" and {more} more places") } else { String::new() };
        format!(
            "the {field} in the provenance is {says} (at {}{more}), its certificate says \
             {certificate} (.1.{})",
            one.place, one.extension
        )
    });
    words.collect()
}

/// Where an attestation stands among those of its predicate type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Age {
    /// There is no other that counts.
    Only,
    /// Its authenticated time is the latest.
    Newest {
        /// Of how many.
        of: usize,
    },
    /// There is a newer one.
    Older {
        /// Of how many.
        of: usize,
    },
    /// The latest time is that of several.
    Tied {
        /// Of how many.
        of: usize,
    },
    /// Not every one has an authenticated time, so none is known to be the newest.
    Unknown {
        /// Of how many.
        of: usize,
    },
    /// Others of its type count, and this one does not: its signature is not good, or not the
    /// demanded signer's.
    NotCounted,
}

impl Age {
    /// In words; `None` where there is nothing to compare.
    pub fn words(self) -> Option<String> {
        Some(match self {
            Self::Only => return None,
            Self::Newest { of } => format!("newest of {of}"),
            Self::Older { of } => format!("older of {of}"),
            Self::Tied { of } => format!("one of {of}; several are equally new"),
            Self::Unknown { of } => {
                format!("one of {of}; not all have an authenticated time, so none is the newest")
            }
            Self::NotCounted => "not counted among the others of its type".into(),
        })
    }

    /// The word in reports.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Only => "only",
            Self::Newest { .. } => "newest",
            Self::Older { .. } => "older",
            Self::Tied { .. } => "tied",
            Self::Unknown { .. } => "unknown",
            Self::NotCounted => "not-counted",
        }
    }

    /// Of how many that count.
    pub const fn of(self) -> Option<usize> {
        match self {
            Self::Only => Some(1),
            Self::Newest { of } | Self::Older { of } | Self::Tied { of } | Self::Unknown { of } => {
                Some(of)
            }
            Self::NotCounted => None,
        }
    }
}

/// When a piece was signed by clocks that are trusted: the earliest timestamp that verifies, else
/// the earliest integrated time under a signed entry timestamp that holds. Never a date of its own.
pub fn authenticated_time(piece: &Piece) -> Option<Timestamp> {
    let stamped = piece.timestamps.iter().filter_map(|stamp| stamp.time).min();
    // Integrated times that no promise covers were taken out when the piece was judged.
    stamped.or_else(|| piece.logs.iter().filter_map(|log| log.integrated_time).min())
}

/// Whether a piece takes part: by the demanded signer where one is demanded, else whoever signed
/// well. Anybody can push an attestation that is newer than the publisher's.
fn counts(seen: &Inspection, piece: &Piece) -> bool {
    let good = piece.statement.as_ref().is_some_and(|s| s.verified().is_some());
    good && (seen.demand.is_none() || piece.judgement == Judgement::Proved)
}

/// For every piece, in the order of [`Inspection::pieces`], where it stands; `None` for what is no
/// attestation.
pub fn ages(seen: &Inspection) -> Vec<Option<Age>> {
    let pieces: Vec<&FoundPiece> = seen.pieces().map(|(_, found)| found).collect();
    let mut groups: BTreeMap<&str, Vec<Option<Timestamp>>> = BTreeMap::new();
    let kind = |found: &FoundPiece| found.piece.kind == Kind::Attestation;
    for found in pieces.iter().filter(|f| kind(f) && counts(seen, &f.piece)) {
        let name = found.piece.predicate_type.as_deref().unwrap_or_default();
        groups.entry(name).or_default().push(authenticated_time(&found.piece));
    }
    let age = |found: &FoundPiece| {
        let name = found.piece.predicate_type.as_deref().unwrap_or_default();
        let group = groups.get(name).map(Vec::as_slice).unwrap_or_default();
        if !counts(seen, &found.piece) {
            return if group.is_empty() { Age::Only } else { Age::NotCounted };
        }
        place(authenticated_time(&found.piece), group)
    };
    pieces.iter().map(|found| kind(found).then(|| age(found))).collect()
}

fn place(own: Option<Timestamp>, group: &[Option<Timestamp>]) -> Age {
    let of = group.len();
    if of <= 1 {
        return Age::Only;
    }
    let Some(all) = group.iter().copied().collect::<Option<Vec<_>>>() else {
        return Age::Unknown { of };
    };
    let latest = all.iter().max().copied();
    match (own == latest, all.iter().filter(|t| Some(**t) == latest).count()) {
        (false, _) => Age::Older { of },
        (true, 1) => Age::Newest { of },
        (true, _) => Age::Tied { of },
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::{
        domain::{
            claims::{Claims, Extension},
            statement::Statement,
        },
        verify::Format,
    };

    fn attestation(predicate_type: &str, predicate: &str, commit: &str) -> Piece {
        let text = format!(
            r#"{{"_type":"https://in-toto.io/Statement/v1","predicateType":"{predicate_type}","subject":[],"predicate":{predicate}}}"#
        );
        let statement = Statement::parse(text.as_bytes()).unwrap();
        let claims = Claims {
            sans: vec![],
            extensions: vec![Extension {
                oid: "1.3.6.1.4.1.57264.1.13".into(),
                fulcio: Some(13),
                value: commit.into(),
                decoded: true,
                critical: false,
            }],
            not_before: Timestamp::UNIX_EPOCH,
            not_after: Timestamp::UNIX_EPOCH,
            serial: String::new(),
            issuer_name: String::new(),
            subject_name: String::new(),
            key: String::new(),
        };
        let mut piece = Piece::not_judged(Format::Bundle03, Kind::Attestation, "not judged");
        piece.predicate_type = Some(predicate_type.into());
        piece.statement = Some(Evidence::Observed(Arc::new(statement)));
        piece.claims = Some(Evidence::Observed(claims));
        piece
    }

    #[test]
    fn a_warning_names_the_field_both_values_and_whose_word_it_is() {
        const SLSA: &str = "https://slsa.dev/provenance/v0.2";
        let said = r#"{"builder":{"id":"b"},"invocation":{"configSource":{"uri":"git+https://github.com/o/r","digest":{"sha1":"aaaa"}}}}"#;
        let disagrees = "the commit in the provenance is aaaa (at \
                         invocation.configSource.digest), its certificate says bbbb (.1.13) \
                         (observed only, nothing vouches for it)";
        let hollow = "SLSA provenance v0.2: the predicate is {}; cosign verify-attestation \
                      accepts it all the same";
        for (predicate, commit, wanted) in [
            (said, "aaaa", vec![]),
            (said, "bbbb", vec![("provenance-certificate", disagrees.to_owned())]),
            ("{}", "bbbb", vec![("predicate-empty", hollow.to_owned())]),
        ] {
            let mut piece = attestation(SLSA, predicate, commit);
            assert_eq!(warnings(&piece), wanted, "{predicate} {commit}");
            // A signature's own empty predicate is whole.
            piece.kind = Kind::Signature;
            assert_eq!(warnings(&piece), vec![]);
        }
    }

    #[test]
    fn only_authenticated_times_that_differ_make_one_the_newest() {
        let at = |second| Timestamp::from_second(second).ok();
        for (group, wanted) in [
            (vec![at(1)], vec![Age::Only]),
            (vec![None], vec![Age::Only]),
            (vec![at(1), at(2)], vec![Age::Older { of: 2 }, Age::Newest { of: 2 }]),
            (vec![at(2), at(2)], vec![Age::Tied { of: 2 }; 2]),
            (
                vec![at(2), at(1), at(2)],
                vec![Age::Tied { of: 3 }, Age::Older { of: 3 }, Age::Tied { of: 3 }],
            ),
            (vec![at(1), None], vec![Age::Unknown { of: 2 }; 2]),
        ] {
            let got: Vec<Age> = group.iter().map(|own| place(*own, &group)).collect();
            assert_eq!(got, wanted, "{group:?}");
        }
    }
}
