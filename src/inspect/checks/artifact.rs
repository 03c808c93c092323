//! The artifact where it is a file or a bare digest.

use std::path::Path;

use super::MAX_KEPT_BYTES;
use crate::{
    domain::{Digest, verdict::Answer},
    inspect::{ArtifactFacts, Contents, Facts, Finding, World, world::Progress},
};

pub(super) async fn hash(path: &Path, world: &World, progress: Progress<'_>) -> Finding {
    match world.files.hash(path, MAX_KEPT_BYTES, progress).await {
        Ok((digests, bytes)) => {
            let words = digests.first().map(ToString::to_string).unwrap_or_default();
            let bytes = bytes.map_or(Contents::NotKept, Contents::Whole);
            let facts = Facts::Artifact(ArtifactFacts { digests, bytes });
            Finding::new(Answer::Proved, words).with(facts)
        }
        Err(e) => {
            let words = format!("{} cannot be read: {e}", path.display());
            Finding::new(Answer::Undecided, words)
        }
    }
}

pub(super) fn given(digest: &Digest) -> Finding {
    let facts = ArtifactFacts { digests: vec![digest.clone()], bytes: Contents::NotKept };
    Finding::new(Answer::Proved, format!("{digest}, as given")).with(Facts::Artifact(facts))
}
