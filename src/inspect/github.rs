//! The port to GitHub's store of attestations, and what it gives.

use std::sync::Arc;

use futures_util::future::BoxFuture;

use super::{
    Facts, Finding, Inspection, ListingNote, Material, Subject,
    plan::{Next, Work, judging},
    world::Progress,
};
use crate::{
    domain::{
        Digest, Verdict,
        github::{GitHubSource, Whose},
        verdict::Answer,
    },
    inspect::{CheckKind, plan::anchors_known},
};

/// One bundle that GitHub keeps.
#[derive(Clone, PartialEq, Eq)]
pub struct Stored {
    /// Of the bytes below; its name here, since GitHub gives none.
    pub digest: Digest,
    /// The bundle: JSON, read strictly when it is judged.
    pub bytes: Arc<[u8]>,
}

impl Stored {
    /// A bundle of these bytes.
    pub fn new(bytes: Arc<[u8]>) -> Self {
        Self { digest: Digest::sha256(&bytes), bytes }
    }

    /// The name of its check. Not its digest: bundles are public, and a registry that lists one by
    /// its digest as a referrer must not take the place of the bundle itself.
    fn check(&self) -> Digest {
        Digest::sha256(format!("github {}", self.digest).as_bytes())
    }
}

/// A bundle may have many megabytes.
impl std::fmt::Debug for Stored {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Stored({}, {} bytes)", self.digest, self.bytes.len())
    }
}

/// What GitHub keeps for one digest.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Attestations {
    /// Every bundle, without repetitions.
    pub found: Vec<Stored>,
    /// Everything that was asked.
    pub notes: Vec<ListingNote>,
}

impl Attestations {
    /// Nothing was asked, and why.
    pub fn not_asked(why: &str) -> Self {
        let note = ListingNote {
            asked: "GitHub".into(),
            verdict: Verdict::Undecided,
            answer: why.to_owned(),
        };
        Self { found: vec![], notes: vec![note] }
    }

    /// Whether everything that may be there was read.
    pub fn complete(&self) -> bool {
        !self.notes.is_empty() && self.notes.iter().all(|n| n.verdict != Verdict::Undecided)
    }
}

/// GitHub's store of attestations, read-only.
pub trait GitHub: Send + Sync {
    /// Everything that it keeps for `digest`. What could not be read stands in the notes;
    /// `progress` counts bytes.
    fn attestations<'a>(
        &'a self,
        whose: &'a Whose,
        digest: &'a Digest,
        progress: Progress<'a>,
    ) -> BoxFuture<'a, Attestations>;
}

/// Nobody is asked: `--offline`, `--no-network`, the demo.
#[derive(Clone, Copy, Debug)]
pub struct NoGitHub(pub &'static str);

impl GitHub for NoGitHub {
    fn attestations<'a>(
        &'a self,
        _: &'a Whose,
        _: &'a Digest,
        _: Progress<'a>,
    ) -> BoxFuture<'a, Attestations> {
        let words = format!("no request was made ({})", self.0);
        Box::pin(std::future::ready(Attestations::not_asked(&words)))
    }
}

impl Inspection {
    /// What GitHub is asked for, where it is asked.
    pub fn github(&self) -> Option<&GitHubSource> {
        match &self.subject {
            Subject::Artifact(_) => self.demand.as_ref()?.github.as_ref(),
            // A folder and a chart are judged by what lies beside them.
            Subject::Layer { .. } | Subject::Folder(_) | Subject::Document(_) => None,
            Subject::File { material, .. } | Subject::Digest { material, .. } => match material {
                Material::GitHub(source) => Some(source),
                Material::Bundle(_) | Material::Detached { .. } | Material::Checksums { .. } => {
                    None
                }
            },
        }
    }

    /// The listings that must be read to their end before anything is absent.
    pub fn listings(&self) -> Vec<CheckKind> {
        let registry: &[CheckKind] = match self.subject {
            Subject::Artifact(_) | Subject::Layer { .. } => {
                &[CheckKind::Referrers, CheckKind::LegacyTags]
            }
            Subject::File { .. }
            | Subject::Digest { .. }
            | Subject::Document(_)
            | Subject::Folder(_) => &[],
        };
        let github = self.github().map(|_| CheckKind::GitHub);
        registry.iter().copied().chain(github).collect()
    }

    /// The digest that GitHub is asked by: of the demanded algorithm where it is known.
    fn digest_for(&self, source: &GitHubSource) -> Option<&Digest> {
        match &self.finding(CheckKind::Resolve)?.facts {
            Facts::Artifact(artifact) => {
                let wanted = artifact.digests.iter().find(|d| d.algorithm() == source.by);
                wanted.or_else(|| artifact.digests.first())
            }
            _ => self.digest(),
        }
    }
}

/// Offers the look-up once the digest is known, then one check for every bundle.
pub(super) fn plan(next: &mut Next<'_>) {
    let seen = next.seen;
    let Some(source) = seen.github() else { return };
    let Some(digest) = seen.digest_for(source) else { return };
    next.offer(CheckKind::GitHub, None, || Work::GitHub(source.whose.clone(), digest.clone()));
    let Some(Facts::Attestations(stored)) = seen.finding(CheckKind::GitHub).map(|f| &f.facts)
    else {
        return;
    };
    if !anchors_known(seen) {
        return;
    }
    let judging = std::cell::OnceCell::new();
    for bundle in &stored.found {
        next.offer(CheckKind::Piece, Some(&bundle.check()), || {
            let judging = judging.get_or_init(|| Arc::new(self::judging(seen).or_by_github(seen)));
            Work::Stored(bundle.clone(), Arc::clone(judging))
        });
    }
}

/// What the look-up established.
pub(super) fn finding(whose: &Whose, stored: Attestations) -> Finding {
    let answer = match (stored.complete(), stored.found.is_empty()) {
        (false, _) => Answer::Undecided,
        (true, true) => Answer::Absent,
        (true, false) => Answer::Proved,
    };
    // What failed, else everything that was said.
    let failed = |n: &&ListingNote| answer != Answer::Undecided || n.verdict == Verdict::Undecided;
    let told: Vec<String> =
        stored.notes.iter().filter(failed).map(|n| format!("{}: {}", n.asked, n.answer)).collect();
    let words = if told.is_empty() { format!("{whose}: not asked") } else { told.join("; ") };
    Finding::new(answer, words).with(Facts::Attestations(Arc::new(stored)))
}
