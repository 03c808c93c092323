//! A file that is only read: an SBOM beside which nothing vouches for it.

use std::path::Path;

use super::{ArtifactFacts, CheckKind, Contents, Facts, Finding, Work, plan::Next};
use crate::domain::verdict::Answer;

/// A file that is read and not judged: no trust root is fetched for it, nobody is asked. It is read
/// once, so that its digest is known when its components are.
pub(super) fn plan(path: &Path, next: &mut Next<'_>) {
    next.offer(CheckKind::Sbom, None, || Work::Document(path.to_owned()));
    let Some(read) = next.seen.finding(CheckKind::Sbom) else { return };
    let told = match &read.facts {
        Facts::Sbom(sbom) => {
            let facts =
                ArtifactFacts { digests: vec![sbom.carrier.clone()], bytes: Contents::NotKept };
            Finding::new(Answer::Proved, sbom.carrier.to_string()).with(Facts::Artifact(facts))
        }
        _ => Finding::new(read.answer, read.summary.clone()),
    };
    next.offer(CheckKind::Resolve, None, || Work::Told(Box::new(told)));
}
