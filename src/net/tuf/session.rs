//! What one refresh reads of the cache and adds to it, and the cache as a repository.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use sigstore_tuf::{Error, MetadataStore, Repository, transport::FetchFuture};

use crate::domain::Timestamp;

use super::cache::{Files, Saved};

/// One refresh over what was saved before.
pub(super) struct Session {
    base: Saved,
    written: Mutex<Files>,
}

impl Session {
    pub(super) fn over(base: Saved) -> Self {
        Self { base, written: Mutex::default() }
    }

    /// What is to be saved: everything as one complete set when the refresh reached its end at
    /// `complete`; otherwise the complete set of before, and beside it what is newer.
    pub(super) fn saved(&self, complete: Option<Timestamp>) -> Option<Saved> {
        let written = self.written.lock().unwrap_or_else(PoisonError::into_inner);
        let Saved { checked, complete: before, newer } = self.base.clone();
        match complete {
            Some(checked) => {
                let all = before.into_iter().chain(newer).chain(written.clone());
                Some(Saved { checked, complete: all.collect(), newer: BTreeMap::new() })
            }
            None if written.is_empty() => None,
            None => {
                let newer = newer.into_iter().chain(written.clone()).collect();
                Some(Saved { checked, complete: before, newer })
            }
        }
    }

    fn load(&self, name: &str) -> Option<Vec<u8>> {
        let written = self.written.lock().unwrap_or_else(PoisonError::into_inner);
        [&*written, &self.base.newer, &self.base.complete]
            .into_iter()
            .find_map(|files| files.get(name).cloned())
    }
}

/// The session as the store that the TUF client reads and writes; it verifies whatever it reads.
pub(super) struct Kept(pub(super) Arc<Session>);

impl MetadataStore for Kept {
    fn load(&self, name: &str) -> Result<Option<Vec<u8>>, Error> {
        Ok(self.0.load(name))
    }

    fn store(&self, name: &str, bytes: &[u8]) -> Result<(), Error> {
        // The newest root stands in the history too, and `7.snapshot.json` beside `snapshot.json`.
        let twice = name == "root.json" || numbered(name).is_some();
        if !twice && self.0.load(name).is_none_or(|known| known != bytes) {
            let mut written = self.0.written.lock().unwrap_or_else(PoisonError::into_inner);
            written.insert(name.to_owned(), bytes.to_vec());
        }
        Ok(())
    }
}

/// `snapshot.json` of `7.snapshot.json`.
fn numbered(name: &str) -> Option<&str> {
    let (number, rest) = name.split_once('.')?;
    (!number.is_empty() && number.bytes().all(|b| b.is_ascii_digit())).then_some(rest)
}

/// A complete set as a repository: nothing is asked, everything is verified.
pub(super) struct Offline(pub(super) Files);

impl Offline {
    fn find(&self, name: &str, limit: u64) -> Result<Option<Vec<u8>>, Error> {
        match self.0.get(name) {
            Some(bytes) if bytes.len() as u64 > limit => {
                Err(Error::Malformed(format!("{name} is longer than it may be")))
            }
            other => Ok(other.cloned()),
        }
    }
}

impl Repository for Offline {
    fn fetch_metadata<'a>(&'a self, name: &'a str, max_length: u64) -> FetchFuture<'a> {
        let found = match numbered(name) {
            Some("root.json") => self.find(&format!("root_history/{name}"), max_length),
            Some(plain) => self.find(plain, max_length),
            None => self.find(name, max_length),
        };
        Box::pin(async move { found })
    }

    fn fetch_target<'a>(&'a self, path: &'a str, max_length: u64) -> FetchFuture<'a> {
        // With consistent snapshots a target's name begins with its hash.
        let plain = path.split_once('.').map(|(_, rest)| format!("targets/{rest}"));
        let exact = self.find(&format!("targets/{path}"), max_length);
        let found = match (exact, plain) {
            (Ok(None), Some(plain)) => self.find(&plain, max_length),
            (exact, _) => exact,
        };
        Box::pin(async move { found })
    }
}
