//! Files of this machine behind [`Files`].
//!
//! Only regular files are read: a FIFO has no end and a device no size, and neither must stop a
//! verification. Every read is on a thread that may block.

use std::{
    fs::File,
    io::{self, Error, ErrorKind, Read},
    path::{Path, PathBuf},
    sync::Arc,
};

use futures_util::future::BoxFuture;
use tokio::task::spawn_blocking;

use crate::{
    domain::digest::{Algorithm, Hasher},
    inspect::{
        Files,
        world::{EntryKind, FolderEntry, Hashed, Inside, Progress, Replaced},
    },
};

use super::{folder, limits, replace};

/// How much of a file is read and hashed before progress is told.
const PIECE: u64 = 4 << 20;

/// The files of this machine.
#[derive(Clone, Copy, Debug, Default)]
pub struct LocalFiles;

/// A file that is being hashed.
struct Hashing {
    file: File,
    hashers: Vec<Hasher>,
    /// Its bytes, as long as they are few enough to be kept.
    kept: Option<Vec<u8>>,
    read: u64,
}

impl Hashing {
    /// Takes in the next piece; false at the end.
    fn step(&mut self, keep: u64) -> io::Result<bool> {
        let mut piece = Vec::new();
        let number = (&mut self.file).take(PIECE).read_to_end(&mut piece)?;
        self.hashers.iter_mut().for_each(|h| h.update(&piece));
        self.read += number as u64;
        if self.read > keep {
            self.kept = None;
        } else if let Some(kept) = &mut self.kept {
            kept.extend_from_slice(&piece);
        }
        Ok(number > 0)
    }
}

/// Opens a regular file. It is looked at before it is opened, because opening a FIFO waits for
/// somebody to write, and again afterwards, because it may be another file by then.
pub(super) fn open(path: &Path) -> io::Result<(File, u64)> {
    let refuse = || Error::new(ErrorKind::InvalidInput, "not a regular file");
    let before = std::fs::metadata(path)?;
    if before.is_dir() {
        return Err(Error::new(ErrorKind::IsADirectory, "a folder, not a file"));
    }
    if !before.is_file() {
        return Err(refuse());
    }
    let file = File::open(path)?;
    let metadata = file.metadata()?;
    if metadata.is_file() { Ok((file, metadata.len())) } else { Err(refuse()) }
}

pub(super) fn read(path: &Path, limit: u64) -> io::Result<Arc<[u8]>> {
    whole(path, limit).map(Arc::from)
}

/// The whole of a regular file, read once into memory that nobody else shares: a document of a
/// hundred megabytes is not copied.
///
/// # Errors
/// Those of the system; for what is no regular file; over `limit` bytes.
pub fn whole(path: &Path, limit: u64) -> io::Result<Vec<u8>> {
    rest(open(path)?, limit)
}

/// Everything that is in an open file.
pub(super) fn rest((file, length): (File, u64), limit: u64) -> io::Result<Vec<u8>> {
    let over = || {
        let words = format!("over the limit of {}", limits::bytes(limit));
        Error::new(ErrorKind::FileTooLarge, words)
    };
    if length > limit {
        return Err(over());
    }
    let mut bytes = Vec::new();
    bytes.try_reserve_exact(usize::try_from(length).unwrap_or_default().saturating_add(1))?;
    // The length may be wrong by now, or always (files of /proc).
    file.take(limit.saturating_add(1)).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit { Err(over()) } else { Ok(bytes) }
}

impl Files for LocalFiles {
    fn read<'a>(
        &'a self,
        path: &'a Path,
        limit: u64,
    ) -> BoxFuture<'a, Result<Arc<[u8]>, io::Error>> {
        let path = path.to_owned();
        Box::pin(async move { spawn_blocking(move || read(&path, limit)).await? })
    }

    fn whole<'a>(
        &'a self,
        path: &'a Path,
        limit: u64,
    ) -> BoxFuture<'a, Result<Vec<u8>, io::Error>> {
        let path = path.to_owned();
        Box::pin(async move { spawn_blocking(move || whole(&path, limit)).await? })
    }

    fn hash<'a>(
        &'a self,
        path: &'a Path,
        keep: u64,
        progress: Progress<'a>,
    ) -> BoxFuture<'a, Result<Hashed, io::Error>> {
        let path = path.to_owned();
        Box::pin(async move {
            let opened = spawn_blocking(move || open(&path)).await??;
            hash_open(opened, keep, progress).await
        })
    }

    fn folder<'a>(
        &'a self,
        path: &'a Path,
        limit: usize,
    ) -> BoxFuture<'a, Result<Vec<FolderEntry>, io::Error>> {
        let path = path.to_owned();
        Box::pin(async move { spawn_blocking(move || folder::list(&path, limit)).await? })
    }

    fn head_inside<'a>(
        &'a self,
        (folder, name): (&'a Path, &'a str),
        limit: u64,
    ) -> BoxFuture<'a, Result<Arc<[u8]>, io::Error>> {
        let (folder, name) = (folder.to_owned(), name.to_owned());
        Box::pin(async move {
            spawn_blocking(move || {
                let (file, _) = folder::open_inside(&folder, &name)?;
                let mut bytes = Vec::new();
                file.take(limit).read_to_end(&mut bytes)?;
                Ok(bytes.into())
            })
            .await?
        })
    }

    fn hash_inside<'a>(
        &'a self,
        (folder, name): (&'a Path, &'a str),
        keep: u64,
        progress: Progress<'a>,
    ) -> BoxFuture<'a, Result<Hashed, io::Error>> {
        let (folder, name) = (folder.to_owned(), name.to_owned());
        Box::pin(async move {
            let opened = spawn_blocking(move || folder::open_inside(&folder, &name)).await??;
            hash_open(opened, keep, progress).await
        })
    }

    fn follow<'a>(
        &'a self,
        (folder, name): Inside<'a>,
    ) -> BoxFuture<'a, Result<(PathBuf, EntryKind), io::Error>> {
        let (folder, name) = (folder.to_owned(), name.to_owned());
        Box::pin(async move { spawn_blocking(move || folder::follow(&folder, &name)).await? })
    }

    fn read_inside<'a>(
        &'a self,
        (folder, name): Inside<'a>,
        limit: u64,
    ) -> BoxFuture<'a, Result<Arc<[u8]>, io::Error>> {
        let (folder, name) = (folder.to_owned(), name.to_owned());
        Box::pin(async move {
            spawn_blocking(move || {
                let opened = folder::open_inside(&folder, &name)?;
                rest(opened, limit).map(Arc::from)
            })
            .await?
        })
    }

    fn replace<'a>(
        &'a self,
        (folder, name): Inside<'a>,
        old: Arc<[u8]>,
        new: Vec<u8>,
    ) -> BoxFuture<'a, Result<Replaced, io::Error>> {
        let (folder, name) = (folder.to_owned(), name.to_owned());
        Box::pin(async move {
            spawn_blocking(move || replace::replace((&folder, &name), &old, &new)).await?
        })
    }
}

/// Hashes an open file, a piece at a time.
async fn hash_open(
    (file, length): (File, u64),
    keep: u64,
    progress: Progress<'_>,
) -> io::Result<Hashed> {
    let hashers = Algorithm::ALL.into_iter().map(Hasher::new).collect();
    let kept = (length <= keep).then(Vec::new);
    let mut state = Hashing { file, hashers, kept, read: 0 };
    loop {
        let more;
        (state, more) = spawn_blocking(move || {
            let more = state.step(keep)?;
            io::Result::Ok((state, more))
        })
        .await??;
        progress(state.read, Some(length.max(state.read)));
        if !more {
            break;
        }
    }
    let digests = state.hashers.into_iter().map(Hasher::finish).collect();
    Ok((digests, state.kept.map(Arc::from)))
}
