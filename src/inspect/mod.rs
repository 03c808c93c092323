//! Floor 2: the application core. What is known of one target, what can be found out next, and
//! one task for every check. Async, but no HTTP and no terminal.
//!
//! Facts are folded, never shared: an [`Inspection`] is a value built by applying [`Event`]s, and
//! the terminal, the JSON report and the tests read the same one. What to do next is computed:
//! [`plan::ready`] is a pure function of what is known; no check starts another.

pub mod advice;
mod allowance;
pub mod attached;
mod checks;
mod documents;
pub mod drive;
mod eligible;
mod facts;
mod files;
mod found;
pub mod github;
pub mod github_root;
pub mod grounds;
mod inside;
pub mod log;
pub mod nested;
mod pieces;
pub mod pin;
pub mod plan;
pub mod predicates;
pub mod release;
pub mod sboms;
pub mod sought;
mod subject;
pub mod tags;
pub mod task;
pub mod trace;
pub mod trust;
pub mod verdict;
mod vulnerabilities;
pub mod world;

use std::{collections::BTreeMap, sync::Arc};

use crate::{
    domain::{Digest, Timestamp, demand::Demand, verdict::Answer},
    verify::Kind,
};

pub use allowance::{Allowance, EVIDENCE_BYTES, SBOM_BYTES};
pub use checks::look_up_root;
pub use drive::drive;
pub use facts::{
    ArtifactFacts, Contents, Facts, FoundPiece, PlatformFacts, Resolved, RootFacts, SbomFacts,
    TufFacts,
};
pub use log::{Log, LogAnswer, NoLog};
pub use plan::{Planned, Work, ready};
pub use sought::{LegacyTags, Scope, Shelf, Sought};
pub use subject::{Material, Subject};
pub use task::spawn;
pub use trust::{Ask, Mirror, NoTuf, TrustRoots, TufError, TufRequest, TufRole, TufRoot};
pub use world::{
    CatalogPage, Fetched, Files, Listing, ListingNote, Referrer, Registry, RegistryError,
    RootSource, Source, TagPage, World,
};

/// What a check looks at; the order is the order of the rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CheckKind {
    /// Read the trust root.
    TrustRoot,
    /// Read the demanded key.
    Key,
    /// Resolve a reference to a digest, or hash a file.
    Resolve,
    /// Whether the tag that was written beside a digest still points there.
    Tag,
    /// List what refers to the digest.
    Referrers,
    /// Look for cosign's `.sig`, `.att` and `.sbom` tags.
    LegacyTags,
    /// Ask GitHub for attestations.
    GitHub,
    /// Read GitHub's own trust root, where something waits for it.
    GitHubRoot,
    /// Read and judge one signature or attestation, or find that a referrer is neither.
    Piece,
    /// Look a signature up in its log.
    LogEntry,
    /// Follow a list of checksums.
    List,
    /// How one file of a release stands.
    File,
    /// Parse one SBOM.
    Sbom,
    /// Read manifest and config of one platform.
    Platform,
    /// Read a Helm chart.
    Chart,
    /// How the index stands that lists the chosen platform.
    Listed,
    /// List what refers to a platform's manifest or to a referrer.
    Nested,
    /// Read and judge what was listed there, over what it refers to.
    NestedPiece,
}

impl CheckKind {
    /// The name of the row and the id in reports.
    pub const fn word(self) -> &'static str {
        match self {
            Self::TrustRoot => "trust-root",
            Self::Key => "key",
            Self::Resolve => "resolve",
            Self::Tag => "tag",
            Self::Referrers => "referrers",
            Self::LegacyTags => "legacy-tags",
            Self::GitHub => "github",
            Self::GitHubRoot => "github-root",
            Self::Piece => "signature",
            Self::LogEntry => "log",
            Self::List => "checksums",
            Self::File => "file",
            Self::Sbom => "sbom",
            Self::Platform => "platform",
            Self::Chart => "chart",
            Self::Listed => "index",
            Self::Nested => "nested-referrers",
            Self::NestedPiece => "nested-signature",
        }
    }
}

impl CheckKind {
    /// Whether a verdict can depend on it: on nothing that is only looked at, and on nothing that
    /// speaks for something below the artifact.
    pub const fn may_decide(self) -> bool {
        !matches!(
            self,
            Self::Platform | Self::Chart | Self::Listed | Self::Nested | Self::NestedPiece
        )
    }
}

/// The name of one background task, one row on the screen, and one object in the report.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CheckId {
    /// What it looks at.
    pub kind: CheckKind,
    /// Which one, where there are several.
    pub subject: Option<Digest>,
}

/// What one check established.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// How the row stands.
    pub answer: Answer,
    /// In one line; may hold foreign text.
    pub summary: String,
    /// What deserves a look although the answer stands: (code, message).
    pub warnings: Vec<(&'static str, String)>,
    /// What later checks and panes may build on.
    pub facts: Facts,
}

impl Finding {
    /// A finding without facts.
    pub fn new(answer: Answer, summary: impl Into<String>) -> Self {
        Self { answer, summary: summary.into(), warnings: vec![], facts: Facts::None }
    }

    /// The name of its row: what a referrer turned out to be, else the kind of check.
    pub fn row_name(&self, kind: CheckKind) -> &'static str {
        let first = match &self.facts {
            Facts::Pieces(pieces) => pieces.first().map(|found| found.piece.kind),
            Facts::OtherReferrer(_) => return "referrer",
            Facts::Attachment(_) => return "attachment",
            _ => None,
        };
        match first {
            Some(Kind::Attestation) => "attestation",
            Some(Kind::Signature | Kind::MessageSignature) => "signature",
            Some(Kind::Unknown) => "unreadable",
            None => kind.word(),
        }
    }

    /// With facts for later checks.
    #[must_use]
    pub fn with(mut self, facts: Facts) -> Self {
        self.facts = facts;
        self
    }

    /// With one more warning.
    #[must_use]
    pub fn warn(mut self, code: &'static str, message: impl Into<String>) -> Self {
        self.warnings.push((code, message.into()));
        self
    }
}

/// How far a check is.
#[derive(Clone, Debug, PartialEq)]
pub enum CheckState {
    /// Its task is under way.
    Running {
        /// When it was started.
        since: Timestamp,
        /// Bytes read so far.
        bytes: u64,
        /// Bytes expected, where that is known.
        total: Option<u64>,
        /// For what it waits, or waited last.
        waiting: Option<trace::Waiting>,
    },
    /// It has answered.
    Done {
        /// What it established.
        finding: Arc<Finding>,
        /// How long it took, in milliseconds.
        ms: u64,
        /// When it answered.
        at: Timestamp,
    },
}

/// What a task tells.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// Bytes arrived; may be lost.
    Progress {
        /// Of which check.
        check: CheckId,
        /// So far.
        bytes: u64,
        /// Expected.
        total: Option<u64>,
    },
    /// It waits before it asks again; may be lost.
    Waiting {
        /// Which check.
        check: CheckId,
        /// For what.
        waiting: trace::Waiting,
    },
    /// The check has answered; never lost, exactly one for each started check.
    Finished {
        /// Which check.
        check: CheckId,
        /// What it established.
        finding: Finding,
        /// When it ended.
        at: Timestamp,
    },
}

/// How much is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    /// Only what a verdict can depend on: a CI job should not ask a registry for more.
    Verdict,
    /// Also the platforms' manifests and configs.
    Everything,
}

/// Everything that is known of one target so far.
#[derive(Clone, Debug, PartialEq)]
pub struct Inspection {
    /// What is inspected.
    pub subject: Subject,
    /// What is demanded of it; `None` when somebody only looks.
    pub demand: Option<Arc<Demand>>,
    /// Which trust root judges it.
    pub root: RootSource,
    /// How much is looked at.
    pub depth: Depth,
    /// What of it, and where its evidence lies.
    pub scope: Scope,
    /// Every check that was started.
    pub checks: BTreeMap<CheckId, CheckState>,
    /// Where the tag pointed when it was last seen, before this inspection.
    pub last_seen: Option<tags::Seen>,
    /// Where the tag pointed when this run resolved it; everything after works on that.
    pub pinned: Option<Digest>,
    /// How much more evidence is kept.
    pub allowance: Allowance,
}

impl Inspection {
    /// An inspection of which nothing is known.
    pub fn new(subject: Subject, demand: Option<Arc<Demand>>, root: RootSource) -> Self {
        let (depth, scope, checks) = (Depth::Everything, Scope::default(), BTreeMap::new());
        let (last_seen, pinned, allowance) = (None, None, Allowance::default());
        Self { subject, demand, root, depth, scope, checks, last_seen, pinned, allowance }
    }

    /// The same, with no look at anything that no verdict depends on.
    #[must_use]
    pub fn for_verdict(self) -> Self {
        Self { depth: Depth::Verdict, ..self }
    }

    /// The same, narrowed.
    #[must_use]
    pub fn within(self, scope: Scope) -> Self {
        Self { scope, ..self }
    }

    /// Records that a check was started.
    pub fn start(&mut self, check: CheckId, since: Timestamp) {
        let running = CheckState::Running { since, bytes: 0, total: None, waiting: None };
        self.checks.insert(check, running);
    }

    /// Takes in what a task tells; an event of a check that is not running changes nothing.
    pub fn apply(&mut self, event: Event) {
        match event {
            Event::Progress { check, bytes: now, total: of } => {
                if let Some(CheckState::Running { bytes, total, .. }) = self.checks.get_mut(&check)
                {
                    (*bytes, *total) = (now, of);
                }
            }
            Event::Waiting { check, waiting: now } => {
                if let Some(CheckState::Running { waiting, .. }) = self.checks.get_mut(&check) {
                    *waiting = Some(now);
                }
            }
            Event::Finished { check, finding, at } => {
                let Some(state @ CheckState::Running { .. }) = self.checks.get_mut(&check) else {
                    return;
                };
                let CheckState::Running { since, .. } = state else { return };
                let ms = u64::try_from(at.duration_since(*since).as_millis()).unwrap_or(0);
                let finding = match (finding.answer, &self.demand) {
                    // Contract: without a demand nothing is called proved.
                    (Answer::Proved, None) => Finding { answer: Answer::Valid, ..finding },
                    _ => finding,
                };
                *state = CheckState::Done { finding: Arc::new(finding), ms, at };
            }
        }
    }

    /// Forgets what was under way, so that [`ready`] offers it again.
    pub fn park(&mut self) {
        self.checks.retain(|_, state| matches!(state, CheckState::Done { .. }));
    }

    /// Whether every check has answered and none can be started.
    pub fn finished(&self) -> bool {
        self.running() == 0 && ready(self).is_empty()
    }

    /// Whether every check on which the verdict can depend has answered and none can be started.
    pub fn decided(&self) -> bool {
        !self.decides() && !ready(self).iter().any(|planned| planned.id.kind.may_decide())
    }

    /// Whether a check on which the verdict can depend is under way.
    fn decides(&self) -> bool {
        let running = |state: &CheckState| matches!(state, CheckState::Running { .. });
        self.checks.iter().any(|(id, state)| id.kind.may_decide() && running(state))
    }

    /// How many checks are under way.
    pub fn running(&self) -> usize {
        self.checks.values().filter(|s| matches!(s, CheckState::Running { .. })).count()
    }

    /// The findings of one kind of check, in the order of the rows.
    pub fn findings(&self, kind: CheckKind) -> impl Iterator<Item = (&CheckId, &Arc<Finding>)> {
        self.checks.iter().filter(move |(id, _)| id.kind == kind).filter_map(|(id, state)| {
            match state {
                CheckState::Done { finding, .. } => Some((id, finding)),
                CheckState::Running { .. } => None,
            }
        })
    }

    /// The one finding of a kind that occurs once.
    pub fn finding(&self, kind: CheckKind) -> Option<&Arc<Finding>> {
        self.findings(kind).next().map(|(_, finding)| finding)
    }
}
