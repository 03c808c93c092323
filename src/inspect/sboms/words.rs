//! How an SBOM stands, in words.

use super::Candidate;
use crate::{
    domain::verdict::Judgement,
    inspect::{FoundPiece, predicates::authenticated_time},
    verify::Evidence,
};

/// Who vouches for a document, and when.
pub(super) fn standing(found: &FoundPiece, demanded: bool) -> String {
    let piece = &found.piece;
    let claims = piece.claims.as_ref().map(Evidence::get);
    let signer = claims.and_then(|c| c.identity()).map(|san| san.value().to_owned());
    let signer = signer.or_else(|| piece.key.as_ref().map(|key| format!("the key sha256:{key}")));
    let by = signer.map_or_else(String::new, |signer| format!(" by {signer}"));
    let time = authenticated_time(piece).map_or_else(String::new, |time| format!(", {time}"));
    match (demanded, piece.judgement) {
        (true, _) => format!("attested{by}{time}"),
        (false, Judgement::Proved | Judgement::Valid) => {
            format!("UNVERIFIED: attested{by}{time}, whom nobody demanded")
        }
        (false, Judgement::Undecided) => {
            format!("UNVERIFIED: its attestation was not judged: {}", piece.summary)
        }
        (false, Judgement::Refuted) => {
            format!("UNVERIFIED: its attestation contradicts: {}", piece.summary)
        }
    }
}

/// One that is not read.
pub(super) fn other(one: &Candidate<'_>) -> String {
    let what = match &one.read {
        Ok(facts) => facts.sbom.format().to_owned(),
        Err(_) => one.found.piece.predicate_type.clone().unwrap_or_default(),
    };
    let platform = one.read.as_ref().ok().and_then(|facts| facts.platform.clone());
    let platform = platform.map_or_else(String::new, |platform| format!(" for {platform}"));
    let how = match (&one.read, one.judgement) {
        (Err(_), _) => ", unread",
        (_, Judgement::Proved | Judgement::Valid) => "",
        (_, Judgement::Undecided) => ", not judged",
        (_, Judgement::Refuted) => ", refuted",
    };
    format!("{what}{platform} ({}{how})", one.found.carrier)
}
