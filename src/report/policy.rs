//! What a report says of the policy itself: its rules, findings of the linter, suggestions.

use serde_json::{Value, json};

use crate::{
    domain::{demand::Demand, identity_lint::Finding},
    inspect::{FoundPiece, Inspection, advice},
};

/// The rules over all pieces.
pub(super) fn rules(demand: &Demand) -> Value {
    let rules = &demand.rules;
    json!({
        "profile": rules.profile,
        "threshold": rules.threshold,
        "cosign_compatible": rules.cosign_compatible,
        "new_bundle_format": !rules.legacy_only,
    })
}

/// Findings of the linter; spans are bytes.
pub(super) fn lint(findings: &[Finding]) -> Vec<Value> {
    let each = findings.iter().map(|finding| {
        let matched = finding.matched.as_ref();
        json!({
            "code": finding.report_code(),
            "message": finding.words,
            "pattern": finding.pattern,
            "span": [finding.span.start, finding.span.end],
            "matched": matched.map(|(value, span)| {
                json!({ "value": value, "span": [span.start, span.end] })
            }),
            "would_pass": finding.look_alikes,
        })
    });
    each.collect()
}

/// Flags for who signed, each signer once; `signature` is the first piece of that signer.
pub(super) fn suggestions(seen: &Inspection, pieces: &[&FoundPiece]) -> Vec<Value> {
    let mut known = vec![];
    let mut all = vec![];
    for (number, found) in pieces.iter().enumerate() {
        let Some(advice) = advice::suggestions(seen, &found.piece) else { continue };
        if known.contains(&advice) {
            continue;
        }
        all.push(json!({
            "signature": number,
            "proved": advice.proved,
            "exact": advice.suggestions.exact,
            "tags_only": advice.suggestions.tags_only,
            "gh": advice.suggestions.gh,
        }));
        known.push(advice);
    }
    all
}

/// What a demand of gh's asserts of one piece; `null` for other demands.
pub(super) fn github_claims(seen: &Inspection, found: &FoundPiece) -> Option<Value> {
    let all = advice::github_claims(seen, found)?;
    let each = all.into_iter().map(|c| {
        let how = if c.asserted { "asserted" } else { "observed-only" };
        json!({ "claim": c.claim, "value": c.value, "how": how })
    });
    Some(each.collect())
}

/// The lines of a text report: for who signed, and for gh what it does not assert.
pub(super) fn lines(seen: &Inspection) -> Vec<String> {
    let (mut known, mut lines) = (vec![], vec![]);
    for (number, (_, found)) in seen.pieces().enumerate() {
        if let Some(claims) = advice::github_claims(seen, found) {
            for (how, asserted) in [("asserted", true), ("observed only", false)] {
                let names = claims.iter().filter(|c| c.asserted == asserted);
                let names: Vec<String> =
                    names.map(|c| format!("{} = {}", c.claim, c.value)).collect();
                if !names.is_empty() {
                    lines.push(format!("#{} {how}: {}", number + 1, names.join(", ")));
                }
            }
        }
        let Some(advice) = advice::suggestions(seen, &found.piece).filter(|a| !known.contains(a))
        else {
            continue;
        };
        lines.push(format!("#{} {}:", number + 1, advice.words()));
        let own = &advice.suggestions;
        lines.push(format!("    exact      {}", own.exact));
        lines.extend(own.tags_only.iter().map(|s| format!("    tags only  {s}")));
        lines.extend(own.gh.iter().map(|s| format!("    with gh    {s}")));
        known.push(advice);
    }
    lines
}
