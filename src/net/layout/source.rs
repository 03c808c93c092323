//! Where the files of a layout come from: a folder, a tar file, or the program itself.
//!
//! A name is `index.json`, `oci-layout` or [`blob_name`] of a parsed digest, never text from
//! outside, so no name can climb out of the layout; what a name leads to is checked besides.

use std::{
    fs::File,
    io::{self, Read},
    path::{Path, PathBuf},
};

use include_dir::Dir;

use crate::domain::Digest;

use super::tarball::Tarball;

/// Reads the files of one layout. Blocking; callers are on a thread where that is fine.
pub(super) enum Source {
    /// A folder, by its canonical path.
    Folder(PathBuf),
    /// A tar file and what lies where in it.
    Tar(Tarball),
    /// A folder that was built in.
    Embedded(&'static Dir<'static>),
}

/// Why a file of a layout could not be read.
#[derive(Debug)]
pub(super) enum SourceError {
    /// There is no such file.
    Missing,
    /// It has more bytes than the limit.
    TooLarge,
    /// Anything else, in words.
    Broken(String),
}

impl From<io::Error> for SourceError {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::NotFound => Self::Missing,
            _ => Self::Broken(error.to_string()),
        }
    }
}

/// `blobs/sha256/<hex>`; a digest holds nothing but its algorithm and lower-case hex.
pub(super) fn blob_name(digest: &Digest) -> String {
    format!("blobs/{}/{}", digest.algorithm().name(), digest.hex())
}

impl Source {
    /// The folder or tar file at `path`.
    pub(super) fn open(path: &Path) -> Result<Self, SourceError> {
        let metadata = std::fs::metadata(path)?;
        if metadata.is_dir() {
            Ok(Self::Folder(path.canonicalize()?))
        } else if metadata.is_file() {
            Tarball::open(path).map(Self::Tar)
        } else {
            Err(SourceError::Broken("neither a folder nor a regular file".to_owned()))
        }
    }

    /// The file of that name, if it has at most `limit` bytes.
    pub(super) fn read(&self, name: &str, limit: u64) -> Result<Vec<u8>, SourceError> {
        match self {
            Self::Folder(root) => read_inside(root, name, limit),
            Self::Tar(tar) => tar.read(name, limit),
            Self::Embedded(dir) => {
                // Names inside an embedded folder are relative to the outermost one.
                let bytes = dir.get_file(dir.path().join(name)).ok_or(SourceError::Missing)?;
                let bytes = bytes.contents();
                if bytes.len() as u64 > limit {
                    Err(SourceError::TooLarge)
                } else {
                    Ok(bytes.into())
                }
            }
        }
    }
}

/// Reads a regular file that really lies below `root`. A link that leads out of the layout is
/// refused: a layout from somebody else must not make us read `/etc/shadow` or wait for a FIFO.
fn read_inside(root: &Path, name: &str, limit: u64) -> Result<Vec<u8>, SourceError> {
    let path = root.join(name).canonicalize()?;
    if !path.starts_with(root) {
        return Err(SourceError::Broken("a link leads out of the layout; not followed".to_owned()));
    }
    if !std::fs::metadata(&path)?.is_file() {
        return Err(SourceError::Broken("not a regular file".to_owned()));
    }
    read_limited(File::open(&path)?, limit)
}

/// Everything of `reader`, if it is at most `limit` bytes.
pub(super) fn read_limited(reader: impl Read, limit: u64) -> Result<Vec<u8>, SourceError> {
    let mut bytes = Vec::new();
    reader.take(limit.saturating_add(1)).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit { Err(SourceError::TooLarge) } else { Ok(bytes) }
}
