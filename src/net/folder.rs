//! A folder of files: what is in it, and opening one of them without leaving it.

use std::{
    fs::{File, Metadata},
    io::{Error, ErrorKind, Result},
    path::{Component, Path, PathBuf},
};

use crate::inspect::world::{EntryKind, FolderEntry};

use super::files::open;

/// The entries of a folder, sorted by name; nothing below them is looked at.
pub(super) fn list(path: &Path, limit: usize) -> Result<Vec<FolderEntry>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(path)? {
        let entry = entry?;
        if found.len() >= limit {
            let words = format!("more than {limit} entries");
            return Err(Error::new(ErrorKind::FileTooLarge, words));
        }
        // Not followed: a link says only that it is one.
        let metadata = entry.metadata()?;
        let (name, kind) = match entry.file_name().into_string() {
            Ok(name) => (name, kind(&metadata)),
            Err(name) => (name.to_string_lossy().into_owned(), EntryKind::Other),
        };
        found.push(FolderEntry { name, kind, bytes: metadata.len() });
    }
    found.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(found)
}

fn kind(metadata: &Metadata) -> EntryKind {
    match metadata.file_type() {
        t if t.is_file() => EntryKind::File,
        t if t.is_dir() => EntryKind::Folder,
        t if t.is_symlink() => EntryKind::Link,
        _ => EntryKind::Other,
    }
}

/// Opens a file of a folder.
///
/// A link inside the folder to another file of it is harmless; one that leads out would let
/// whoever packed the folder have any file of this machine read and its hash told (CWE-59). Both
/// ends are resolved before anything is opened, and what was opened must be what was looked at:
/// otherwise it was exchanged for a link in between.
pub(super) fn open_inside(folder: &Path, name: &str) -> Result<(File, u64)> {
    let path = inside(folder, name)?;
    let before = std::fs::symlink_metadata(&path)?;
    let (file, length) = open(&path)?;
    if same(&before, &file.metadata()?) {
        Ok((file, length))
    } else {
        Err(refuse("it was exchanged while it was opened"))
    }
}

/// Where a name in a folder leads, and what is there.
pub(super) fn follow(folder: &Path, name: &str) -> Result<(PathBuf, EntryKind)> {
    let path = inside(folder, name)?;
    let kind = kind(&std::fs::symlink_metadata(&path)?);
    Ok((path, kind))
}

/// The end of all links behind a name, which must lie in the folder.
pub(super) fn inside(folder: &Path, name: &str) -> Result<PathBuf> {
    if !Path::new(name).components().all(|c| matches!(c, Component::Normal(_))) {
        return Err(refuse("a name that leads out of the folder; not opened"));
    }
    let folder = std::fs::canonicalize(folder)?;
    let path = std::fs::canonicalize(folder.join(name))?;
    if !path.starts_with(&folder) {
        return Err(refuse("a link that leads out of the folder; not opened"));
    }
    Ok(path)
}

fn refuse(words: &str) -> Error {
    Error::new(ErrorKind::InvalidInput, words)
}

#[cfg(unix)]
pub(super) fn same(before: &Metadata, now: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    (before.dev(), before.ino()) == (now.dev(), now.ino())
}

#[cfg(not(unix))]
pub(super) fn same(before: &Metadata, _: &Metadata) -> bool {
    before.is_file()
}
