//! The cache of one repository: one file, replaced as a whole, so that no reader and no crash ever
//! sees half of an update, whatever number of processes write.

use std::{
    collections::BTreeMap,
    fs,
    io::{ErrorKind, Write},
    path::{Path, PathBuf},
    sync::atomic::{AtomicU64, Ordering},
};

use base64::{Engine, engine::general_purpose::STANDARD};
use serde::{Deserialize, Serialize};

use crate::{
    domain::Timestamp,
    net::{files, limits},
};

/// Files of a repository by name.
pub(super) type Files = BTreeMap<String, Vec<u8>>;

/// What is kept of one repository.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Saved {
    /// When the mirror last confirmed the complete set.
    pub(super) checked: Timestamp,
    /// The last set that was verified to its end.
    pub(super) complete: Files,
    /// What was verified since by refreshes that did not reach their end: nothing older counts.
    pub(super) newer: Files,
}

/// How it stands in the file.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    schema: u8,
    checked: Timestamp,
    complete: BTreeMap<String, String>,
    newer: BTreeMap<String, String>,
}

const SCHEMA: u8 = 1;

/// Where the cache of one repository is.
#[derive(Clone, Debug)]
pub(super) struct Cache {
    folder: PathBuf,
}

impl Cache {
    /// The cache of the repository at `url`, under `folder`.
    pub(super) fn of(folder: &Path, url: &str) -> Self {
        Self { folder: folder.join(folder_name(url)) }
    }

    fn file(&self) -> PathBuf {
        self.folder.join("metadata.json")
    }

    /// What was saved; `None` when nothing was.
    ///
    /// # Errors
    /// In words, when something is there that cannot be read.
    pub(super) fn read(&self) -> Result<Option<Saved>, String> {
        let path = self.file();
        let unreadable = |e: &dyn std::fmt::Display| {
            format!("the TUF cache {} cannot be read: {e}", path.display())
        };
        let bytes = match files::read(&path, limits::TUF_CACHE_BYTES) {
            Ok(bytes) => bytes,
            Err(e) if e.kind() == ErrorKind::NotFound => return Ok(None),
            Err(e) => return Err(unreadable(&e)),
        };
        let document: Document = serde_json::from_slice(&bytes).map_err(|e| unreadable(&e))?;
        if document.schema != SCHEMA {
            return Err(unreadable(&format!("schema {} is not known", document.schema)));
        }
        let decoded = |files: BTreeMap<String, String>| {
            let each = files.into_iter().map(|(name, text)| Ok((name, STANDARD.decode(text)?)));
            each.collect::<Result<Files, base64::DecodeError>>().map_err(|e| unreadable(&e))
        };
        let (complete, newer) = (decoded(document.complete)?, decoded(document.newer)?);
        Ok(Some(Saved { checked: document.checked, complete, newer }))
    }

    /// Replaces what was saved.
    ///
    /// # Errors
    /// In words, when it cannot be written.
    pub(super) fn write(&self, saved: &Saved) -> Result<(), String> {
        let unwritable = |e: &dyn std::fmt::Display| {
            format!("the TUF cache {} cannot be written: {e}", self.folder.display())
        };
        let encoded = |files: &Files| {
            files.iter().map(|(name, bytes)| (name.clone(), STANDARD.encode(bytes))).collect()
        };
        let document = Document {
            schema: SCHEMA,
            checked: saved.checked,
            complete: encoded(&saved.complete),
            newer: encoded(&saved.newer),
        };
        let bytes = serde_json::to_vec(&document).map_err(|e| unwritable(&e))?;
        fs::create_dir_all(&self.folder).map_err(|e| unwritable(&e))?;
        replace(&self.file(), &bytes).map_err(|e| unwritable(&e))
    }
}

/// Writes beside the file and renames: the last writer wins, and no writer meets another's half.
fn replace(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    static NUMBER: AtomicU64 = AtomicU64::new(0);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let beside = path.with_extension(format!("{}-{number}.part", std::process::id()));
    let written = fs::File::create(&beside)
        .and_then(|mut file| file.write_all(bytes).and_then(|()| file.sync_all()))
        .and_then(|()| fs::rename(&beside, path));
    if written.is_err() {
        // It may not even be there; the first error is the one that tells.
        let _ = fs::remove_file(&beside);
    }
    written
}

/// An address as one name of a folder: two addresses never share one.
fn folder_name(url: &str) -> String {
    let mut name = String::new();
    for byte in url.trim_end_matches('/').bytes() {
        match byte {
            b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' => name.push(char::from(byte)),
            other => name.push_str(&format!("%{other:02X}")),
        }
    }
    // Longer names than a file system takes; the digest keeps them apart.
    if name.len() > 200 {
        return crate::domain::Digest::sha256(url.as_bytes()).hex().to_owned();
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_address_has_a_folder_of_its_own_and_none_climbs_out() {
        for (url, name) in [
            ("https://tuf-repo-cdn.sigstore.dev", "https%3A%2F%2Ftuf-repo-cdn.sigstore.dev"),
            ("https://x/", "https%3A%2F%2Fx"),
            ("https://x/../..", "https%3A%2F%2Fx%2F..%2F.."),
            ("https://X", "https%3A%2F%2F%58"),
        ] {
            assert_eq!(folder_name(url), name);
        }
        assert_eq!(folder_name(&"ä".repeat(300)).len(), 64);
    }
}
