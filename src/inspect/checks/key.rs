//! Reading the demanded keys.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use super::MAX_KEY_BYTES;
use crate::{
    domain::verdict::Answer,
    inspect::{Facts, Finding, World},
    verify::key::TrustedKey,
};

/// Reads every key.
///
/// Each must be one: what a missing key would have counted for is not known. Two files of one key
/// would let one holder of it count as two of n.
pub(super) async fn run(paths: &[PathBuf], world: &World) -> Finding {
    let mut keys: Vec<Arc<TrustedKey>> = vec![];
    let mut words = vec![];
    for path in paths {
        let key = match one(path, world).await {
            Ok(key) => key,
            Err(why) => return Finding::new(Answer::Undecided, why),
        };
        if let Some(at) = keys.iter().position(|known| **known == key) {
            let other = paths.get(at).map(|path| path.display().to_string()).unwrap_or_default();
            let why = format!("{other} and {} are the same key", path.display());
            return Finding::new(Answer::Undecided, why);
        }
        words.push(format!("{}: {}", path.display(), key.words()));
        keys.push(Arc::new(key));
    }
    Finding::new(Answer::Proved, words.join("; ")).with(Facts::Keys(keys))
}

async fn one(path: &Path, world: &World) -> Result<TrustedKey, String> {
    let bytes = world.files.read(path, MAX_KEY_BYTES).await;
    let bytes = bytes.map_err(|e| format!("the key {} cannot be read: {e}", path.display()))?;
    TrustedKey::parse(&bytes).map_err(|e| format!("{}: {e}", path.display()))
}
