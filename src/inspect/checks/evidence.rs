//! Evidence that lies in files: a detached signature, or what a release folder has beside a file.

use std::{path::Path, sync::Arc};

use super::{
    MAX_KEY_BYTES,
    anchors::{by_any_key, under_each},
    blocking,
    piece::finding,
    under::{case, read, roots_of},
};
use crate::{
    domain::{Digest, verdict::Answer},
    inspect::{Finding, FoundPiece, Source, World, github_root, plan::Judging, release::Paired},
    verify::{Detached, judge_detached, roots},
};

/// Judges what was read.
pub(super) async fn run(paired: &Paired, judging: &Arc<Judging>, world: &World) -> Finding {
    if judging.artifact.digests.is_empty() {
        let words = "the file that it speaks of could not be read";
        return Finding::new(Answer::Undecided, words);
    }
    match paired {
        Paired::Unread(why) => Finding::new(Answer::Undecided, why.clone()),
        Paired::Detached(signature, certificate) => {
            parts(signature, certificate.as_ref(), judging, world).await
        }
        Paired::Documents(documents) => {
            let mut pieces = vec![];
            for document in documents {
                let carrier = Digest::sha256(document);
                let piece = read(Arc::clone(document), judging.clone(), (world.now)()).await;
                let Some(piece) = piece else { return github_root::waiting() };
                pieces.push(FoundPiece { source: Source::File, carrier, piece: Arc::new(piece) });
            }
            finding(pieces)
        }
    }
}

/// Reads and judges a detached signature.
pub(super) async fn detached(
    (signature, certificate): (&Path, Option<&Path>),
    judging: &Arc<Judging>,
    world: &World,
) -> Finding {
    let load = async |what: &str, path: &Path| {
        let bytes = world.files.read(path, MAX_KEY_BYTES).await;
        bytes.map_err(|e| format!("the {what} {} cannot be read: {e}", path.display()))
    };
    let signature = match load("signature", signature).await {
        Ok(signature) => signature,
        Err(words) => return Finding::new(Answer::Undecided, words),
    };
    let certificate = match certificate {
        None => None,
        Some(path) => match load("certificate", path).await {
            Ok(certificate) => Some(certificate),
            Err(words) => return Finding::new(Answer::Undecided, words),
        },
    };
    parts(&signature, certificate.as_ref(), judging, world).await
}

async fn parts(
    signature: &Arc<[u8]>,
    certificate: Option<&Arc<[u8]>>,
    judging: &Arc<Judging>,
    world: &World,
) -> Finding {
    let carrier = Digest::sha256(signature);
    let (signature, certificate) = (Arc::clone(signature), certificate.cloned());
    let (judging, now) = (Arc::clone(judging), (world.now)());
    let piece = blocking(move || {
        let parts = Detached { signature: &signature, certificate: certificate.as_deref() };
        let roots = roots_of(&judging);
        under_each(&roots::for_detached(&roots, parts), case(&judging, now), |case| {
            by_any_key(&judging.keys, case, |case| judge_detached(parts, case))
        })
    })
    .await;
    finding(vec![FoundPiece { source: Source::File, carrier, piece: Arc::new(piece) }])
}
