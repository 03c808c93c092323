//! Files of a release: a signed list and the files beside it, or a whole folder.
//!
//! A chain is only as good as its first link: a file that a list names is proved when the list's
//! own signature is, and its bytes are the listed ones. The list is read once: what was hashed and
//! judged is what is followed.

mod evidence;
mod files;
mod forbidden;
mod judged;
mod otherwise;
pub(super) mod plan;
mod rows;
mod standing;
pub(super) mod verdict;

pub use files::{
    Beside, FileFacts, FileState, FolderFacts, Hashing, ListFacts, ListWork, Pair, Paired,
    ReleaseFile, Speaks,
};
pub(super) use files::{certificate_of, folder_of, name_of};
pub(super) use otherwise::{named_as, names_otherwise};
pub(super) use rows::Row;

use crate::domain::Digest;

/// The most entries of a release folder.
pub const MAX_ENTRIES: usize = 2_000;
/// The most pairs of evidence and file that are judged in one folder.
pub const MAX_PAIRS: usize = 2_000;
/// The most that is judged in one folder: every document counts as often as it has subjects or is
/// judged against files.
pub const MAX_JUDGED: usize = 200_000;
/// The most bytes that are hashed for one list or folder.
pub const MAX_HASHED: u64 = 256 << 30;
/// The most bytes of files that are kept in memory for one folder.
pub const MAX_KEPT: u64 = 256 << 20;

/// The id of a row that stands for a name: two files may have one digest, and a missing one none.
/// `at` is its place, so that rows stand in the order of the list or folder.
pub fn key(at: usize, name: &str) -> Digest {
    let own = Digest::sha256(name.as_bytes());
    let tail = own.hex().get(16..).unwrap_or_default();
    Digest::new(own.algorithm(), &format!("{at:016x}{tail}")).unwrap_or(own)
}
