//! What is worth knowing of the policy: findings of the linter, and flags for who signed.

use super::Outline;
use crate::{
    inspect::{FoundPiece, Inspection, advice},
    report::cosign,
    tui::{mark::Mark, theme::Role},
};

/// Expressions of the demand that accept more than they say.
pub(super) fn lint(seen: &Inspection, out: &mut Outline) {
    let findings = advice::lint(seen);
    if findings.is_empty() {
        return;
    }
    out.open("the policy is wide", &findings.len().to_string(), true);
    for finding in findings {
        out.open(finding.code, &finding.words, true);
        out.marked(Mark::Warning, "at", finding.pattern.get(finding.span.clone()).unwrap_or("?"));
        if let Some((value, span)) = &finding.matched {
            out.leaf_if("matches", value.get(span.clone()));
        }
        for name in &finding.look_alikes {
            out.leaf("would pass", name);
        }
        out.close();
    }
    out.close();
}

/// What cosign does with a piece, what gh asserts of it, and flags for its signer.
pub(super) fn piece(seen: &Inspection, found: &FoundPiece, out: &mut Outline) {
    out.leaf_if("cosign", cosign::of_piece(seen, found));
    if let Some(claims) = advice::github_claims(seen, found) {
        let asserted = claims.iter().filter(|c| c.asserted).count();
        let words = format!("{asserted} asserted, {} observed only", claims.len() - asserted);
        out.open("gh's claims", &words, true);
        for claim in claims {
            let (how, role) = if claim.asserted {
                ("asserted", Role::Text)
            } else {
                ("observed only", Role::Dim)
            };
            out.leaf_as(claim.claim, &format!("{how}: {}", claim.value), role);
        }
        out.close();
    }
    let Some(advice) = advice::suggestions(seen, &found.piece) else { return };
    let role = if advice.proved { Role::Text } else { Role::Dim };
    out.open("Flags", advice.words(), advice.proved);
    out.leaf_as("exact", &advice.suggestions.exact, role);
    for (label, flags) in
        [("tags only", &advice.suggestions.tags_only), ("with gh", &advice.suggestions.gh)]
    {
        if let Some(flags) = flags {
            out.leaf_as(label, flags, role);
        }
    }
    out.close();
}
