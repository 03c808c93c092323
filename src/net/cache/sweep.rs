//! Keeping the cache below its bound: what was not used for longest goes first.

use std::{
    fs,
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use crate::domain::digest::Algorithm;
use crate::net::limits;

/// How a file that is being written begins.
pub(super) const PART: &str = ".part-";
/// A file that is still being written after so long is never finished.
const ABANDONED: Duration = Duration::from_secs(60 * 60);

/// Deletes what was not used for longest until a tenth of the bound is free. Nothing is followed,
/// and only what has a name of ours is deleted.
pub(super) fn sweep(folder: &Path, bound: u64) {
    let mut entries = entries(folder);
    let mut total: u64 = entries.iter().map(|(_, bytes, _)| bytes).sum();
    if total <= bound && entries.len() <= limits::CACHE_ENTRIES {
        return;
    }
    entries.sort();
    let (bytes, mut files) = (bound - bound / 10, entries.len());
    for (_, size, path) in entries {
        if total <= bytes && files <= limits::CACHE_ENTRIES - limits::CACHE_ENTRIES / 10 {
            return;
        }
        // Another process may have been faster; then it is gone all the same.
        let _ = fs::remove_file(&path);
        (total, files) = (total.saturating_sub(size), files - 1);
    }
}

/// When it was used last, bytes, where.
fn entries(folder: &Path) -> Vec<(SystemTime, u64, PathBuf)> {
    let mut found = Vec::new();
    for repository in listed(folder) {
        for path in listed(&repository) {
            // Not followed: a link says only that it is one.
            let Ok(metadata) = fs::symlink_metadata(&path) else { continue };
            let used = metadata.modified().unwrap_or(SystemTime::UNIX_EPOCH);
            let name = path.file_name().and_then(|n| n.to_str()).unwrap_or_default();
            if !metadata.is_file() {
                continue;
            }
            if is_entry(name) {
                found.push((used, metadata.len(), path));
            } else if name.starts_with(PART) && used.elapsed().is_ok_and(|age| age > ABANDONED) {
                let _ = fs::remove_file(&path);
            }
        }
    }
    found
}

/// What lies in a folder that is no link.
fn listed(folder: &Path) -> Vec<PathBuf> {
    let is_folder = fs::symlink_metadata(folder).is_ok_and(|m| m.is_dir());
    let read = is_folder.then(|| fs::read_dir(folder).ok()).flatten();
    read.into_iter().flatten().flatten().map(|entry| entry.path()).collect()
}

fn is_entry(name: &str) -> bool {
    let named = name.split_once('-');
    named.is_some_and(|(algorithm, hex)| {
        Algorithm::from_name(algorithm).is_some() && hex.bytes().all(|b| b.is_ascii_hexdigit())
    })
}
