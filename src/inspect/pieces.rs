//! The pieces of an inspection: where they stand, and what is tried again.

use std::{collections::BTreeSet, sync::Arc};

use super::{CheckId, CheckKind, CheckState, Facts, Finding, FoundPiece, Inspection, SbomFacts};
use crate::domain::{Digest, verdict::Answer};

impl Inspection {
    /// Forgets what is undecided and everything that was built on it, so that it is tried again.
    pub fn retry_undecided(&mut self) {
        let undecided = |state: &CheckState| match state {
            CheckState::Done { finding, .. } => finding.answer == Answer::Undecided,
            CheckState::Running { .. } => false,
        };
        let forgotten: Vec<CheckId> = self
            .checks
            .iter()
            .filter(|(_, state)| undecided(state))
            .map(|(id, _)| id.clone())
            .collect();
        // What was judged under a trust root that could not be read is judged anew.
        let anchor = |id: &CheckId| {
            matches!(id.kind, CheckKind::TrustRoot | CheckKind::Key | CheckKind::GitHubRoot)
        };
        let root = forgotten.iter().any(anchor);
        let pieces = self.checks.keys().filter(|id| id.kind == CheckKind::Piece);
        let carriers: BTreeSet<Option<Digest>> = pieces.map(|id| id.subject.clone()).collect();
        self.checks.retain(|id, _| {
            let judged = matches!(
                id.kind,
                CheckKind::Piece | CheckKind::Sbom | CheckKind::NestedPiece | CheckKind::Listed
            );
            let built_on_root = root && judged;
            // Of several SBOMs in one carrier only the first has its subject, and which is the
            // second may be another one once more of them can be read.
            let own =
                |subject: &Option<_>| *subject == id.subject || !carriers.contains(&id.subject);
            let piece_again = id.kind == CheckKind::Sbom
                && forgotten.iter().any(|f| f.kind == CheckKind::Piece && own(&f.subject));
            let looked_up = id.kind == CheckKind::LogEntry
                && (built_on_root
                    || root
                    || forgotten
                        .iter()
                        .any(|f| f.kind == CheckKind::Piece && f.subject == id.subject));
            let derived = matches!(id.kind, CheckKind::File | CheckKind::Listed);
            let rows_again = derived && !forgotten.is_empty();
            !(forgotten.contains(id) || built_on_root || piece_again || looked_up || rows_again)
        });
    }

    /// Every piece that was found, with the referrer that carried it; once it was looked up in its
    /// log, as it stands with the entry.
    pub fn pieces(&self) -> impl Iterator<Item = (&CheckId, &FoundPiece)> {
        self.findings(CheckKind::Piece).flat_map(|(id, finding)| {
            let facts = self.looked_up(id).map_or(&finding.facts, |found| &found.facts);
            let pieces = match facts {
                Facts::Pieces(pieces) => pieces.as_slice(),
                _ => &[],
            };
            pieces.iter().map(move |piece| (id, piece))
        })
    }

    /// What the log said of the pieces of a check.
    pub(super) fn looked_up(&self, piece: &CheckId) -> Option<&Arc<Finding>> {
        let id = CheckId { kind: CheckKind::LogEntry, subject: piece.subject.clone() };
        match self.checks.get(&id) {
            Some(CheckState::Done { finding, .. }) => Some(finding),
            _ => None,
        }
    }

    /// Every SBOM that was parsed, with the referrer that carried it.
    pub fn sboms(&self) -> impl Iterator<Item = (&CheckId, &SbomFacts)> {
        self.findings(CheckKind::Sbom).filter_map(|(id, finding)| match &finding.facts {
            Facts::Sbom(sbom) => Some((id, sbom)),
            _ => None,
        })
    }

    /// A check of that kind which has not answered, or answered without a piece because it could
    /// not look.
    pub(super) fn unanswered(&self, kind: CheckKind) -> Option<(&CheckId, String)> {
        self.checks.iter().filter(|(id, _)| id.kind == kind).find_map(|(id, state)| match state {
            CheckState::Running { .. } => Some((id, "not every referrer was read yet".into())),
            CheckState::Done { finding, .. } => {
                let unread = finding.answer == Answer::Undecided
                    && !matches!(finding.facts, Facts::Pieces(_));
                unread.then(|| (id, finding.summary.clone()))
            }
        })
    }
}
