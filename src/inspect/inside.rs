//! What is inside an artifact: its platforms, indexes in its index, a chart.

use super::{
    CheckId, CheckKind, CheckState, Depth, Facts, Inspection, LegacyTags, Sought, Work, plan::Next,
};
use crate::domain::{
    Digest, Repository,
    chart::CHART_LAYER,
    oci::{Descriptor, Manifest},
};

/// The most platforms of one index that are looked into.
const MAX_PLATFORMS: usize = 64;

/// The most platforms that are looked at while something that decides is still open: of the
/// requests that one host gets at once (`net::limits::PER_HOST`) most stay free.
const PLATFORMS_BESIDE: usize = 4;

/// How many indexes inside an index are looked into, one in another.
const MAX_INDEX_DEPTH: usize = 3;

impl Inspection {
    /// The entries of an index inside the index, once it was read.
    pub fn entries_of(&self, digest: &Digest) -> &[Descriptor] {
        let id = CheckId { kind: CheckKind::Platform, subject: Some(digest.clone()) };
        let Some(CheckState::Done { finding, .. }) = self.checks.get(&id) else { return &[] };
        match &finding.facts {
            Facts::Platform(facts) => match &facts.manifest {
                Manifest::Index(index) => &index.manifests,
                Manifest::Image(_) => &[],
            },
            _ => &[],
        }
    }

    /// Whatever refers to a digest of that repository, looked for where evidence lies.
    pub(super) fn sought(&self, repository: &Repository, digest: &Digest) -> Sought {
        let tags = match self.depth {
            Depth::Verdict => LegacyTags::Deciding,
            Depth::Everything => LegacyTags::All,
        };
        let beside = Sought::beside(repository.clone(), digest.clone());
        Sought { tags, ..beside }.or_apart(self.scope.signatures.as_ref())
    }
}

/// The packed chart of an artifact that has one.
pub(super) fn chart(manifest: &Manifest) -> Option<&Descriptor> {
    match manifest {
        Manifest::Image(image) => {
            image.layers.iter().find(|l| l.media_type.eq_ignore_ascii_case(CHART_LAYER))
        }
        Manifest::Index(_) => None,
    }
}

/// The children of an index and of indexes inside it, as far as they are known, or the image
/// itself.
pub(super) fn platforms<'a>(
    seen: &'a Inspection,
    manifest: &'a Manifest,
    itself: &'a Descriptor,
) -> Vec<&'a Descriptor> {
    let mut level: Vec<&Descriptor> = match manifest {
        Manifest::Index(index) => index.manifests.iter().collect(),
        Manifest::Image(_) => vec![itself],
    };
    let mut all = level.clone();
    for _ in 0..MAX_INDEX_DEPTH {
        level = level.iter().flat_map(|entry| seen.entries_of(&entry.digest)).collect();
        all.extend(&level);
    }
    all.truncate(MAX_PLATFORMS);
    all
}

/// Platforms are only looked at. A registry is asked for a bounded number of things at once, so an
/// index of sixty platforms that hang would keep everything from its turn on which the verdict
/// depends: until that has answered, a few of them have to do.
pub(super) fn plan(next: &mut Next<'_>) {
    let seen = next.seen;
    let (Some(reference), Some(resolved), Depth::Everything) =
        (seen.subject.reference(), seen.resolved(), seen.depth)
    else {
        return;
    };
    let mut free =
        if next.decides() { PLATFORMS_BESIDE.saturating_sub(looking(seen)) } else { usize::MAX };
    let descriptor = &resolved.fetched.descriptor;
    for platform in platforms(seen, &resolved.manifest, descriptor) {
        if free == 0 {
            return;
        }
        let before = next.planned.len();
        next.offer(CheckKind::Platform, Some(&platform.digest), || {
            let own = platform.digest == descriptor.digest;
            let known = own.then(|| resolved.fetched.bytes.clone());
            Work::Platform(reference.repository.clone(), (*platform).clone(), known)
        });
        free -= next.planned.len() - before;
    }
}

/// How many platforms are being looked at.
fn looking(seen: &Inspection) -> usize {
    let running = |state: &CheckState| matches!(state, CheckState::Running { .. });
    let all = seen.checks.iter();
    all.filter(|(id, state)| id.kind == CheckKind::Platform && running(state)).count()
}
