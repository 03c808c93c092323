//! A layout in a tar file: one pass over the headers, then blobs are read where they lie.
//!
//! The headers are walked twice: first as they are, to refuse an extension record (a long name, a
//! PAX record) that would be read into memory whole; then with the extensions applied, so that
//! names and sizes are those that other programs see.

use std::{
    collections::HashMap,
    fs::File,
    io::{Seek, SeekFrom},
    path::Path,
    sync::{Mutex, PoisonError},
};

use tar::{Archive, EntryType};

use crate::net::limits;

use super::source::{SourceError, read_limited};

/// A tar file and the place of every file of the layout in it.
pub(super) struct Tarball {
    file: Mutex<File>,
    files: HashMap<String, Span>,
}

#[derive(Clone, Copy)]
struct Span {
    offset: u64,
    size: u64,
}

impl Tarball {
    /// Reads the headers of the tar file at `path`.
    pub(super) fn open(path: &Path) -> Result<Self, SourceError> {
        let mut file = File::open(path)?;
        let length = file.metadata()?.len();
        check_extensions(&mut file).map_err(|words| unreadable(&words))?;
        file.rewind()?;
        let files = index(&mut file, length).map_err(|words| unreadable(&words))?;
        Ok(Self { file: Mutex::new(file), files })
    }

    /// The file of that name.
    pub(super) fn read(&self, name: &str, limit: u64) -> Result<Vec<u8>, SourceError> {
        let span = *self.files.get(name).ok_or(SourceError::Missing)?;
        if span.size > limit {
            return Err(SourceError::TooLarge);
        }
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        file.seek(SeekFrom::Start(span.offset))?;
        let bytes = read_limited(std::io::Read::take(&mut *file, span.size), limit)?;
        drop(file);
        if bytes.len() as u64 == span.size {
            Ok(bytes)
        } else {
            Err(SourceError::Broken(format!("{name} is cut off in the tar file")))
        }
    }
}

fn unreadable(words: &str) -> SourceError {
    SourceError::Broken(format!("not a tar file that can be read: {words}"))
}

fn check_extensions(file: &mut File) -> Result<(), String> {
    let mut archive = Archive::new(file);
    let entries = archive.entries_with_seek().map_err(|e| e.to_string())?.raw(true);
    for (number, entry) in entries.enumerate() {
        let entry = entry.map_err(|e| e.to_string())?;
        if number >= limits::TAR_ENTRIES {
            return Err(format!("more than {} entries", limits::TAR_ENTRIES));
        }
        let kind = entry.header().entry_type();
        let extends = kind.is_gnu_longname()
            || kind.is_gnu_longlink()
            || kind.is_pax_local_extensions()
            || kind.is_pax_global_extensions();
        if extends && entry.size() > limits::TAR_EXTENSION_BYTES {
            return Err(format!("an extension record of {} bytes", entry.size()));
        }
    }
    Ok(())
}

fn index(file: &mut File, length: u64) -> Result<HashMap<String, Span>, String> {
    let mut archive = Archive::new(file);
    let mut files = HashMap::new();
    for entry in archive.entries_with_seek().map_err(|e| e.to_string())? {
        let entry = entry.map_err(|e| e.to_string())?;
        let path = entry.path_bytes();
        let regular = entry.header().entry_type() == EntryType::Regular;
        let Some(name) = wanted(&path) else {
            // Another program may unpack this over the index: `/index.json`, `x/../index.json`.
            if lands_on_the_index(&path) {
                return Err("a file is called index.json by a detour".to_owned());
            }
            continue;
        };
        if !regular {
            if name == "index.json" {
                return Err("index.json is a link".to_owned());
            }
            continue;
        }
        let span = Span { offset: entry.raw_file_position(), size: entry.size() };
        if span.offset.checked_add(span.size).is_none_or(|end| end > length) {
            return Err(format!("{name} is cut off"));
        }
        // Of two blobs with one name either is hashed before use; of two indexes one program
        // reads the first and another the last, and they disagree about what a tag means.
        if files.insert(name.to_owned(), span).is_some() && !name.starts_with("blobs/") {
            return Err(format!("two files are called {name}"));
        }
    }
    Ok(files)
}

/// Whether a path ends on the layout's index once `.`, `..` and empty parts are taken out.
fn lands_on_the_index(path: &[u8]) -> bool {
    let mut parts: Vec<&[u8]> = Vec::new();
    for part in path.split(|b| *b == b'/') {
        match part {
            b"" | b"." => {}
            b".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    matches!(parts.as_slice(), [name] if *name == b"index.json")
}

/// The name of a file that belongs to a layout; all others are left alone.
fn wanted(path: &[u8]) -> Option<&str> {
    let name = std::str::from_utf8(path).ok()?;
    let name = name.strip_prefix("./").unwrap_or(name);
    let blob = || name.strip_prefix("blobs/").is_some_and(|rest| rest.split('/').count() == 2);
    (matches!(name, "index.json" | "oci-layout") || blob()).then_some(name)
}
