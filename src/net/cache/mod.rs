//! What was read once: bytes of manifests and blobs under their digests, and nothing else. Tags,
//! listings and verdicts change; what a digest names does not.
//!
//! A name belongs to one repository: that the bytes are at hand says nothing about what another
//! repository holds, and "it is there" is an answer of the registry. Every entry is hashed each
//! time it is read, so whoever writes into the folder can waste a request and nothing more.
//!
//! Several processes share the folder without locks: an entry appears whole, by a rename, and a
//! reader takes one that has vanished for one that was never there. Whatever goes wrong here costs
//! a request, never an answer.

mod flight;
mod sweep;

use std::{
    fs::{self, File},
    io::{self, ErrorKind, Read, Write},
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering::Relaxed},
    },
    time::SystemTime,
};

use tokio::task::spawn_blocking;

use crate::domain::Digest;

pub(in crate::net) use self::flight::Flights;
use super::{limits, trace::Tracer};

/// How much may be kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// Bytes of all entries.
    pub total: u64,
    /// Bytes of one entry.
    pub entry: u64,
}

impl Default for Bounds {
    fn default() -> Self {
        Self { total: limits::CACHE_BYTES, entry: limits::CACHE_ENTRY_BYTES }
    }
}

/// The cache; the default keeps nothing.
#[derive(Clone, Default)]
pub struct Cache(Option<Arc<Store>>);

struct Store {
    folder: PathBuf,
    bounds: Bounds,
    tracer: Tracer,
    /// Bytes that were written since somebody looked how many there are.
    written: AtomicU64,
    /// Whether the folder was made, or found, as it must be.
    ready: AtomicBool,
    /// Whether somebody was told that nothing can be kept.
    told: AtomicBool,
}

/// One name of the cache.
#[derive(Clone, Copy, Debug)]
pub(in crate::net) struct Key<'a> {
    /// `host/path`.
    pub(in crate::net) repository: &'a str,
    /// What the bytes hash to.
    pub(in crate::net) digest: &'a Digest,
}

/// How an entry was found.
enum Found {
    Good(Vec<u8>),
    Wrong,
    None,
}

impl Cache {
    /// The cache in `folder`, which is made when something is first kept.
    pub fn new(folder: PathBuf, bounds: Bounds, tracer: Tracer) -> Self {
        Self(Some(Arc::new(Store {
            folder,
            bounds,
            tracer,
            // The first entry of a program looks how much there is.
            written: AtomicU64::new(u64::MAX / 2),
            ready: AtomicBool::new(false),
            told: AtomicBool::new(false),
        })))
    }

    /// The folder of this user.
    pub fn folder() -> Option<PathBuf> {
        let folders = directories::ProjectDirs::from("", "", "sigscope");
        folders.map(|folders| folders.cache_dir().join("blobs"))
    }

    /// The bytes that hash to that digest, if they are here and no more than `limit`.
    pub(in crate::net) async fn get(&self, key: Key<'_>, limit: u64) -> Option<Vec<u8>> {
        let store = Arc::clone(self.0.as_ref()?);
        let (path, digest) = (store.path(key), key.digest.clone());
        let looked = spawn_blocking(move || {
            let found = read(&path, &digest, limit.min(store.bounds.entry));
            if matches!(found, Found::Wrong) {
                store
                    .tracer
                    .warn(format!("the cache held other bytes for {digest}; they are gone"));
                // If it cannot be deleted, the next write replaces it.
                let _ = fs::remove_file(&path);
            }
            found
        });
        match looked.await {
            Ok(Found::Good(bytes)) => Some(bytes),
            _ => None,
        }
    }

    /// Keeps bytes that were hashed by whoever calls.
    pub(in crate::net) async fn put(&self, key: Key<'_>, bytes: &Arc<[u8]>) {
        let Some(store) = self.0.clone() else { return };
        if bytes.len() as u64 > store.bounds.entry || store.told.load(Relaxed) {
            return;
        }
        let (path, bytes) = (store.path(key), Arc::clone(bytes));
        // A panic in there would be a bug, but none that may cost an answer.
        let _ = spawn_blocking(move || store.keep(&path, &bytes)).await;
    }
}

impl Store {
    /// `FOLDER/<hash of the repository>/<algorithm>-<hex>`: nothing of a foreign name is in it.
    fn path(&self, key: Key<'_>) -> PathBuf {
        let repository = Digest::sha256(key.repository.as_bytes());
        let name = format!("{}-{}", key.digest.algorithm().name(), key.digest.hex());
        self.folder.join(repository.hex()).join(name)
    }

    fn keep(&self, path: &Path, bytes: &[u8]) {
        if let Err(error) = self.write(path, bytes) {
            // A full disk is no less full for the next entry; said once, and then left alone.
            if !self.told.swap(true, Relaxed) {
                let folder = self.folder.display();
                let words =
                    format!("the cache {folder} cannot be written: {error}; going on without");
                self.tracer.warn(words);
            }
            return;
        }
        let more = bytes.len() as u64;
        let written = self.written.fetch_add(more, Relaxed).saturating_add(more);
        if written >= self.bounds.total / 16 {
            self.written.store(0, Relaxed);
            sweep::sweep(&self.folder, self.bounds.total);
        }
    }

    fn write(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        if !self.ready.load(Relaxed) {
            let parent = self.folder.parent().unwrap_or(&self.folder);
            fs::create_dir_all(parent)?;
            own_folder(&self.folder)?;
            self.ready.store(true, Relaxed);
        }
        let folder = path.parent().unwrap_or(&self.folder);
        own_folder(folder)?;
        let number = NUMBER.fetch_add(1, Relaxed);
        let beside = folder.join(format!("{}{}-{number}", sweep::PART, std::process::id()));
        let written = fs::OpenOptions::new()
            .write(true)
            .create_new(true)
            .open(&beside)
            .and_then(|mut file| file.write_all(bytes))
            // Not synced: what a crash leaves is hashed before it is believed.
            .and_then(|()| fs::rename(&beside, path));
        if written.is_err() {
            // It may not even be there; the first error is the one that tells.
            let _ = fs::remove_file(&beside);
        }
        written
    }
}

/// Two writers of one program never share a file.
static NUMBER: AtomicU64 = AtomicU64::new(0);

/// A folder that nobody else looks into, and that is no link to somewhere else.
fn own_folder(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    match builder.create(path) {
        Err(e) if e.kind() == ErrorKind::AlreadyExists => {}
        other => return other,
    }
    let found = fs::symlink_metadata(path)?;
    if found.is_dir() { Ok(()) } else { Err(io::Error::from(ErrorKind::NotADirectory)) }
}

fn read(path: &Path, digest: &Digest, limit: u64) -> Found {
    // Looked at before it is opened: a link may lead anywhere, and a FIFO never ends to open.
    match fs::symlink_metadata(path) {
        Ok(found) if found.is_file() && found.len() <= limit => {}
        Ok(found) if found.is_file() => return Found::None,
        Ok(_) => return Found::Wrong,
        Err(_) => return Found::None,
    }
    // It may have vanished since.
    let Ok(file) = File::open(path) else { return Found::None };
    let mut bytes = Vec::new();
    if (&file).take(limit.saturating_add(1)).read_to_end(&mut bytes).is_err() {
        return Found::None;
    }
    if !digest.matches(&bytes) {
        return Found::Wrong;
    }
    // The last use, for the sweep. Where it cannot be noted the entry is only forgotten earlier.
    let _ = file.set_modified(SystemTime::now());
    Found::Good(bytes)
}

#[cfg(test)]
mod tests;
