//! The port to the files of this machine.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use futures_util::future::BoxFuture;

use super::world::Progress;
use crate::domain::Digest;

/// The digests of a file, SHA-256 first, and its bytes where they were kept.
pub type Hashed = (Vec<Digest>, Option<Arc<[u8]>>);

/// One entry of a folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FolderEntry {
    /// Its name; foreign text.
    pub name: String,
    /// What it is; a link is not followed.
    pub kind: EntryKind,
    /// The size of a file.
    pub bytes: u64,
}

/// What an entry of a folder is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EntryKind {
    /// A regular file.
    File,
    /// A folder.
    Folder,
    /// A symbolic link.
    Link,
    /// A device, a pipe, or a name that is not UTF-8.
    Other,
}

/// Files of this machine.
pub trait Files: Send + Sync {
    /// The whole file, if it is at most `limit` bytes.
    fn read<'a>(
        &'a self,
        path: &'a Path,
        limit: u64,
    ) -> BoxFuture<'a, Result<Arc<[u8]>, std::io::Error>>;

    /// The same in memory that nobody else shares, for documents of a hundred megabytes.
    fn whole<'a>(
        &'a self,
        path: &'a Path,
        limit: u64,
    ) -> BoxFuture<'a, Result<Vec<u8>, std::io::Error>> {
        Box::pin(async move { Ok(self.read(path, limit).await?.to_vec()) })
    }

    /// SHA-256, SHA-384 and SHA-512 of a file of any size, and its bytes if at most `keep`.
    fn hash<'a>(
        &'a self,
        path: &'a Path,
        keep: u64,
        progress: Progress<'a>,
    ) -> BoxFuture<'a, Result<Hashed, std::io::Error>>;

    /// The entries of a folder, sorted by name; an error when there are more than `limit`.
    fn folder<'a>(
        &'a self,
        path: &'a Path,
        limit: usize,
    ) -> BoxFuture<'a, Result<Vec<FolderEntry>, std::io::Error>>;

    /// The first bytes, at most `limit`, of the file under a relative `name` in a folder; refused as
    /// [`Files::hash_inside`] does.
    fn head_inside<'a>(
        &'a self,
        inside: (&'a Path, &'a str),
        limit: u64,
    ) -> BoxFuture<'a, Result<Arc<[u8]>, std::io::Error>>;

    /// [`Files::hash`] of the file under a relative `name` in a folder. What leads out of the
    /// folder, by a link or otherwise, is refused and not opened.
    fn hash_inside<'a>(
        &'a self,
        inside: (&'a Path, &'a str),
        keep: u64,
        progress: Progress<'a>,
    ) -> BoxFuture<'a, Result<Hashed, std::io::Error>>;

    /// Where the file under a relative `name` in a folder really is, links followed, and what it is:
    /// a file, a folder, or something else.
    ///
    /// # Errors
    /// Those of the system, and for what leads out of the folder.
    fn follow<'a>(
        &'a self,
        inside: Inside<'a>,
    ) -> BoxFuture<'a, Result<(PathBuf, EntryKind), std::io::Error>>;

    /// The whole file under a relative `name` in a folder, if it is at most `limit` bytes; refused as
    /// [`Files::hash_inside`] does.
    ///
    /// # Errors
    /// Those of the system; over the limit ([`std::io::ErrorKind::FileTooLarge`]); what leads out of
    /// the folder; what is no regular file.
    fn read_inside<'a>(
        &'a self,
        inside: Inside<'a>,
        limit: u64,
    ) -> BoxFuture<'a, Result<Arc<[u8]>, std::io::Error>>;

    /// Replaces the file under a relative `name` in a folder, whose bytes must still be `old`.
    ///
    /// Whoever reads it at any moment sees the old file or the new one, whole; so it is after a kill
    /// too, and what may then be left beside it is called `.sigscope-….tmp`. A link inside the folder
    /// stays a link: the file at its end is replaced. Mode bits are kept, the owner and group where the
    /// system lets us; extended attributes are not. It is a new file: another hard link to the old one
    /// keeps the old content ([`Replaced::other_links`]).
    ///
    /// # Errors
    /// Nothing was changed where it is read-only, or its folder is; where its bytes are no longer
    /// `old`; where it leads out of the folder; and for what the system refuses.
    fn replace<'a>(
        &'a self,
        inside: Inside<'a>,
        old: Arc<[u8]>,
        new: Vec<u8>,
    ) -> BoxFuture<'a, Result<Replaced, std::io::Error>>;
}

/// A folder, and the relative name of something in it.
pub type Inside<'a> = (&'a Path, &'a str);

/// What a replacement leaves to be said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Replaced {
    /// How many other hard links still lead to the old content.
    pub other_links: u64,
    /// Whether it has another owner or group now, because the old one could not be given to it.
    pub other_owner: bool,
}
