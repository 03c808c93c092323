//! Where tags pointed, in one file of the data directory. It is a note to oneself and never
//! evidence: a verdict does not depend on it, and one that is damaged is begun anew.

use std::{
    fs,
    io::{self, ErrorKind, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use rustix::fs::{FlockOperation, flock};
use serde::{Deserialize, Serialize};

use crate::{
    domain::{Digest, Reference, Tag, Timestamp},
    inspect::tags::{Before, Entry, History, Ledger, Seen},
};

use super::{files, limits, own};

const SCHEMA: u8 = 1;
/// How often, and how long apart, the lock of another process is tried.
const TRIES: u32 = 50;
const PAUSE: Duration = Duration::from_millis(10);

/// How it stands in the file: repository, tag, where it pointed. A field that a later program adds
/// is passed over: what is known of tags must not be lost to whoever tries an older one.
#[derive(Serialize, Deserialize)]
struct Document {
    schema: u8,
    tags: Vec<Line>,
}

#[derive(Serialize, Deserialize)]
struct Line {
    repository: String,
    tag: String,
    digest: String,
    at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    moved: Option<MovedLine>,
}

/// Where it pointed before, when it was seen there last, and when it had moved.
#[derive(Serialize, Deserialize)]
struct MovedLine {
    from: String,
    seen: Timestamp,
    at: Timestamp,
}

/// The history in a folder.
#[derive(Clone, Debug)]
pub struct FileHistory {
    folder: PathBuf,
}

impl FileHistory {
    /// The history of this user; nothing where there is no data directory.
    pub fn from_env() -> Option<Self> {
        let dirs = directories::ProjectDirs::from("", "", "sigscope")?;
        Some(Self::in_folder(dirs.data_dir()))
    }

    /// The history in that folder.
    pub fn in_folder(folder: &Path) -> Self {
        Self { folder: folder.to_owned() }
    }

    fn file(&self) -> PathBuf {
        self.folder.join("tags.json")
    }

    fn load(&self) -> Result<Ledger, String> {
        let path = self.file();
        let unreadable = |e: &dyn std::fmt::Display| {
            let path = path.display();
            format!("the history of tags {path} cannot be read and is begun anew: {e}")
        };
        let bytes = match files::read(&path, limits::HISTORY_BYTES) {
            Ok(bytes) => bytes,
            Err(e) if e.kind() == ErrorKind::NotFound => return Ok(Ledger::default()),
            Err(e) => return Err(unreadable(&e)),
        };
        let document: Document = serde_json::from_slice(&bytes).map_err(|e| unreadable(&e))?;
        if document.schema != SCHEMA {
            return Err(unreadable(&format!("schema {} is not known", document.schema)));
        }
        let mut ledger = Ledger::default();
        for line in document.tags {
            ledger.put(line.entry().map_err(|e| unreadable(&e))?);
        }
        ledger.trim(limits::HISTORY_ENTRIES);
        Ok(ledger)
    }

    fn write(&self, entries: Vec<Entry>) -> io::Result<()> {
        fs::DirBuilder::new().recursive(true).mode(0o700).create(&self.folder)?;
        // Held until the end: two processes that add at once would lose what one of them adds.
        let _lock = lock(&self.folder.join("tags.lock"))?;
        let mut ledger = self.load().unwrap_or_default();
        for entry in entries {
            ledger.put(entry);
        }
        ledger.trim(limits::HISTORY_ENTRIES);
        let line = |(repository, tag, seen): (&str, &str, &Seen)| Line {
            repository: repository.to_owned(),
            tag: tag.to_owned(),
            digest: seen.digest.to_string(),
            at: seen.at,
            moved: seen.before.as_ref().map(|before| MovedLine {
                from: before.digest.to_string(),
                seen: before.at,
                at: before.until,
            }),
        };
        let document = Document { schema: SCHEMA, tags: ledger.entries().map(line).collect() };
        replace(&self.file(), &serde_json::to_vec(&document)?)
    }
}

impl Line {
    /// Only what this program would have written is taken in.
    fn entry(self) -> Result<Entry, String> {
        let Self { repository, tag, digest, at, moved } = self;
        let named = Reference::parse(&repository).map_err(|e| e.to_string())?.repository;
        if named.to_string() != repository {
            return Err("a repository that this program would write otherwise".to_owned());
        }
        let tag = Tag::parse(&tag).map_err(|e| e.to_string())?;
        let read = |digest: &str| digest.parse::<Digest>().map_err(|e| e.to_string());
        let before = match moved {
            Some(m) => Some(Before { digest: read(&m.from)?, at: m.seen, until: m.at }),
            None => None,
        };
        let entry = Entry::of(&named, &tag, &read(&digest)?, at);
        let entry = entry.ok_or_else(|| "a tag that is never kept".to_owned())?;
        Ok(Entry { seen: Seen { before, ..entry.seen }, ..entry })
    }
}

impl History for FileHistory {
    fn read(&self) -> (Ledger, Option<String>) {
        match self.load() {
            Ok(ledger) => (ledger, None),
            Err(words) => (Ledger::default(), Some(words)),
        }
    }

    fn record(&self, entries: Vec<Entry>) -> Result<(), String> {
        if entries.is_empty() {
            return Ok(());
        }
        self.write(entries).map_err(|e| {
            format!("the history of tags in {} cannot be written: {e}", self.folder.display())
        })
    }
}

/// A lock on that file, until it is dropped. It is never waited for without end: another process
/// may have been stopped while it held it.
fn lock(path: &Path) -> io::Result<fs::File> {
    let file = own::regular(path, fs::OpenOptions::new().create(true).truncate(false).write(true))?;
    for _ in 0..TRIES {
        match flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => return Ok(file),
            Err(e) if e == rustix::io::Errno::WOULDBLOCK => std::thread::sleep(PAUSE),
            Err(e) => return Err(e.into()),
        }
    }
    Err(io::Error::new(ErrorKind::WouldBlock, "another process holds its lock"))
}

/// Writes beside the file and renames: no reader and no crash ever sees half of it. What somebody
/// looked at is nobody else's business, so only the owner may read it.
fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    static NUMBER: AtomicU64 = AtomicU64::new(0);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let beside = path.with_extension(format!("{}-{number}.part", std::process::id()));
    let options = fs::OpenOptions::new().create_new(true).write(true).mode(0o600).clone();
    let written = options
        .open(&beside)
        .and_then(|mut file| file.write_all(bytes).and_then(|()| file.sync_all()))
        .and_then(|()| fs::rename(&beside, path));
    if written.is_err() {
        // It may not even be there; the first error is the one that tells.
        let _ = fs::remove_file(&beside);
    }
    written
}
