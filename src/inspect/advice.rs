//! What deserves a second look at the policy itself: expressions that are too wide, claims that
//! nobody demands, and flags for who signed. Nothing here changes a verdict.

use super::{FoundPiece, Inspection};
use crate::{
    domain::{
        Verdict,
        identity_lint::{self, Finding},
        suggest::{Asserted, Suggestions, asserted, suggest},
    },
    verify::Piece,
};

/// Flags for the signer of a piece.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Advice {
    /// The flags.
    pub suggestions: Suggestions,
    /// Whether every step of the evidence holds. If not, whoever made the certificate up is
    /// suggested.
    pub proved: bool,
}

impl Advice {
    /// What the flags are worth.
    pub const fn words(&self) -> &'static str {
        if self.proved {
            "for who signed this"
        } else {
            "UNPROVED suggestions: the evidence is not verified"
        }
    }
}

/// What could be demanded to accept the signer of a piece; nothing for evidence that is refuted.
pub fn suggestions(seen: &Inspection, piece: &Piece) -> Option<Advice> {
    let evidence = piece.claims.as_ref()?;
    let proved = evidence.verified().is_some();
    let contradicts =
        |s: &&crate::domain::verdict::Step| s.verdict == Verdict::Refuted && !s.name.is_policy();
    if !proved && piece.steps.iter().any(|s| contradicts(&s)) {
        return None;
    }
    let mut suggestions = suggest(evidence.get())?;
    // gh looks at GitHub's attestations and at nothing else.
    if seen.demand.as_ref().is_none_or(|demand| demand.github.is_none()) {
        suggestions.gh = None;
    }
    Some(Advice { suggestions, proved })
}

/// The findings of the linter, against the identities that are under verified signatures.
pub fn lint(seen: &Inspection) -> Vec<Finding> {
    let Some(demand) = &seen.demand else { return vec![] };
    let observed = seen.pieces().filter_map(|(_, found)| {
        let claims = found.piece.claims.as_ref()?.verified()?.get();
        let identity = claims.identity()?.value().to_owned();
        Some((identity, claims.issuer().unwrap_or_default().to_owned()))
    });
    identity_lint::lint(demand, &observed.collect::<Vec<_>>())
}

/// Which claims of a piece a demand of gh's asserts, and which are observed only.
pub fn github_claims(seen: &Inspection, found: &FoundPiece) -> Option<Vec<Asserted>> {
    let claims = found.piece.claims.as_ref()?.get();
    asserted(seen.demand.as_ref()?, claims)
}
