//! Reading the demanded key.

use std::{path::Path, sync::Arc};

use super::MAX_KEY_BYTES;
use crate::{
    domain::verdict::Answer,
    inspect::{Facts, Finding, World},
    verify::key::TrustedKey,
};

pub(super) async fn run(path: &Path, world: &World) -> Finding {
    let bytes = match world.files.read(path, MAX_KEY_BYTES).await {
        Ok(bytes) => bytes,
        Err(e) => {
            let words = format!("the key {} cannot be read: {e}", path.display());
            return Finding::new(Answer::Undecided, words);
        }
    };
    match TrustedKey::parse(&bytes) {
        Ok(key) => {
            let words = format!("{}: {}", path.display(), key.words());
            Finding::new(Answer::Proved, words).with(Facts::Key(Arc::new(key)))
        }
        Err(e) => Finding::new(Answer::Undecided, format!("{}: {e}", path.display())),
    }
}
