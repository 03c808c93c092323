//! SLSA verification summaries: what somebody else's verifier found.
//!
//! Source: slsa.dev `verification_summary/v1`; v0.1 and v0.2 write the names with underscores.

use super::{
    read::Reader,
    row::{Rows, Speaks, joined, short},
};

/// A verification summary.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verification {
    /// `verifier.id`.
    pub verifier: Option<String>,
    /// `PASSED` or `FAILED`, as it is written: the verifier's answer, not ours.
    pub result: Option<String>,
    /// The levels that were found.
    pub levels: Vec<String>,
    /// The policy.
    pub policy: Option<String>,
    /// What was verified.
    pub resource: Option<String>,
    /// When, as it is written; nobody authenticates it.
    pub verified_at: Option<String>,
    /// How many attestations went into it.
    pub inputs: Option<u64>,
}

impl Verification {
    pub(super) fn read(from: &mut Reader<'_>) -> Self {
        let verifier = from.text(&["verifier", "id"]);
        let result = from.first(&[&["verificationResult"], &["verification_result"]]);
        let mut levels = from.texts(&["verifiedLevels"]);
        levels.extend(from.first(&[&["policy_level"], &["policyLevel"]]));
        let policy = from.first(&[&["policy", "uri"], &["policy", "name"]]);
        let resource = from.first(&[&["resourceUri"], &["resource_uri"]]);
        let said = (!levels.is_empty()).then_some(());
        from.expect("verified levels", said);
        Self {
            verifier: from.expect("verifier", verifier),
            result: from.expect("result", result),
            levels,
            policy: from.expect("policy", policy),
            resource: from.expect("resource", resource),
            verified_at: from.first(&[&["timeVerified"], &["time_verified"]]),
            inputs: from.count(&["inputAttestations"]),
        }
    }
}

impl Speaks for Verification {
    fn rows(&self, rows: &mut Rows) {
        rows.text("verifier", "verifier", self.verifier.as_ref());
        rows.text("result", "its result", self.result.as_ref());
        rows.texts("verified_levels", "levels", &self.levels);
        rows.text("policy", "policy", self.policy.as_ref());
        rows.text("resource", "resource", self.resource.as_ref());
        rows.text("verified_at", "verified, it says", self.verified_at.as_ref());
        rows.count("input_attestations", "inputs", self.inputs);
    }

    fn words(&self) -> String {
        let levels = (!self.levels.is_empty()).then(|| short(&self.levels.join(", ")));
        joined([
            self.result.as_ref().map(|r| format!("says {}", short(r))),
            levels,
            self.verifier.as_ref().map(|v| format!("by {}", short(v))),
        ])
    }
}
