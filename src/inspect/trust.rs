//! Trust roots that come over TUF: what is asked for, what came, and the port that fetches.
//!
//! TUF is the only way from "a server says so" to "the owners of this root say so, and it is not
//! an old one": the metadata is signed, dated and numbered. Trust starts at a root that is built in
//! or was given as a file, and never at what a server sends first.

use std::{path::PathBuf, sync::Arc};

use futures_util::future::{BoxFuture, ready};

use crate::{domain::Timestamp, verify::root::BuiltIn};

/// A TUF repository, and where trust in it starts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mirror {
    /// One whose first root is built in.
    Known(BuiltIn),
    /// Somebody's own.
    Own {
        /// Its address.
        url: String,
        /// The TUF `root.json` that was given for it.
        root: PathBuf,
    },
}

impl Mirror {
    /// `public-good`, `github`, or the address.
    pub fn name(&self) -> &str {
        match self {
            Self::Known(instance) => instance.name(),
            Self::Own { url, .. } => url,
        }
    }

    /// Where it is.
    pub fn url(&self) -> &str {
        match self {
            Self::Known(instance) => instance.tuf_url(),
            Self::Own { url, .. } => url,
        }
    }
}

/// When a request is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ask {
    /// When the cache was not confirmed within a day, or its metadata has expired.
    WhenDue,
    /// In any case.
    Now,
    /// Never: only what the cache holds.
    CacheOnly,
}

/// One question for a trust root.
#[derive(Clone, Copy, Debug)]
pub struct TufRequest<'a> {
    /// The repository.
    pub url: &'a str,
    /// The `root.json` where trust starts.
    pub start: &'a [u8],
    /// When a request is wanted.
    pub ask: Ask,
    /// The time by which metadata has expired or not.
    pub now: Timestamp,
}

/// Version and expiry of one role's metadata.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TufRole {
    /// `root`, `timestamp`, `snapshot` or `targets`.
    pub name: &'static str,
    /// Its number.
    pub version: u64,
    /// Until when it holds.
    pub expires: Timestamp,
}

/// A trust root whose metadata was verified and had not expired.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TufRoot {
    /// The `trusted_root.json`.
    pub document: Arc<[u8]>,
    /// The four roles, in the order of their authority.
    pub roles: Vec<TufRole>,
    /// When the repository last confirmed it.
    pub checked: Timestamp,
    /// Why the repository was not reached this time, if it was asked in vain.
    pub not_reached: Option<String>,
    /// Code and words of what went wrong beside it: a cache that cannot be written.
    pub warnings: Vec<(&'static str, String)>,
}

/// Why there is no trust root.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TufError {
    /// No connection, no answer in time, or an answer that says "later".
    #[error("the TUF repository cannot be reached: {0}")]
    Unreachable(String),
    /// No request may be made, and the cache has nothing that still holds.
    #[error("{0}")]
    NothingCached(String),
    /// It answered, or the cache holds, what must not be believed.
    #[error("the TUF metadata is refused: {0}")]
    Refused(String),
}

/// Something that fetches trust roots over TUF.
pub trait TrustRoots: Send + Sync {
    /// Verifies the whole chain from `start` to the trust root, from the cache or anew.
    ///
    /// # Errors
    /// [`TufError`]; only [`TufError::Refused`] means that something contradicts.
    fn fetch<'a>(&'a self, request: TufRequest<'a>) -> BoxFuture<'a, Result<TufRoot, TufError>>;
}

/// Makes no request and has no cache.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoTuf;

impl TrustRoots for NoTuf {
    fn fetch<'a>(&'a self, _: TufRequest<'a>) -> BoxFuture<'a, Result<TufRoot, TufError>> {
        Box::pin(ready(Err(TufError::NothingCached("no request was made".into()))))
    }
}
