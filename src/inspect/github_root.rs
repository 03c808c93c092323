//! GitHub's own trust root: whether it may judge at all, and when it is read.
//!
//! It is asked for only when a bundle was met that the chosen root does not know. For public
//! repositories GitHub signs under the public-good instance, and then nobody needs it.

use std::sync::Arc;

use super::{
    CheckId, CheckKind, CheckState, Facts, Finding, Inspection, RootSource,
    plan::{Next, Work},
    trust::Mirror,
};
use crate::{
    domain::verdict::Answer,
    verify::root::{BuiltIn, TrustRoot},
};

/// How much is known of GitHub's own trust root.
#[derive(Clone, Debug, PartialEq)]
pub enum GitHubs {
    /// Nobody asked for it yet: a piece that may need it waits.
    NotAsked,
    /// It judges.
    Known(Arc<TrustRoot>),
    /// It could not be had, and why.
    Unknown(String),
}

/// Where GitHub's own root comes from; `None` where it must not judge.
///
/// Contract: that root "is used only for GitHub attestations", so only where gh's flags demand
/// one; and a root that somebody chose is the only one.
pub(super) fn source(seen: &Inspection) -> Option<RootSource> {
    seen.demand.as_ref()?.github.as_ref()?;
    let require_fresh = match &seen.root {
        RootSource::Embedded => false,
        RootSource::Tuf { mirror: Mirror::Known(BuiltIn::PublicGood), require_fresh } => {
            *require_fresh
        }
        _ => return None,
    };
    Some(RootSource::Tuf { mirror: Mirror::Known(BuiltIn::GitHub), require_fresh })
}

/// What its check found.
pub(super) fn known(seen: &Inspection) -> GitHubs {
    match seen.finding(CheckKind::GitHubRoot) {
        None => GitHubs::NotAsked,
        Some(finding) => match &finding.facts {
            Facts::Root(root) => GitHubs::Known(Arc::clone(&root.root)),
            _ => GitHubs::Unknown(finding.summary.clone()),
        },
    }
}

/// Offers it once a piece waits for it.
pub(super) fn plan(next: &mut Next<'_>) {
    let seen = next.seen;
    let waits = |finding: &Finding| finding.facts == Facts::WaitsForGitHubRoot;
    if !seen.findings(CheckKind::Piece).any(|(_, finding)| waits(finding)) {
        return;
    }
    if let Some(source) = source(seen) {
        next.offer(CheckKind::GitHubRoot, None, || Work::TrustRoot(source));
    }
}

/// Said while a piece waits.
pub(super) fn waiting() -> Finding {
    let words = "the chosen trust root does not know the signer; waits for GitHub's own";
    Finding::new(Answer::Undecided, words).with(Facts::WaitsForGitHubRoot)
}

impl Inspection {
    /// Whether a check was started and is not to be made again: one that waited for GitHub's own
    /// trust root is, once that has been read or could not be.
    pub(super) fn started(&self, id: &CheckId) -> bool {
        match self.checks.get(id) {
            Some(CheckState::Done { finding, .. }) => {
                let waited = finding.facts == Facts::WaitsForGitHubRoot;
                !(waited && self.finding(CheckKind::GitHubRoot).is_some())
            }
            Some(CheckState::Running { .. }) => true,
            None => false,
        }
    }
}
