//! What is known of the files of a release.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use crate::{
    domain::{
        Digest, Verdict,
        checksums::{is_list, named_like_a_list},
        release::{EvidenceName, evidence_of},
    },
    inspect::{ArtifactFacts, Contents},
};

/// One file, as its row tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileFacts {
    /// Its name as it is listed, or as the folder has it; foreign text.
    pub name: String,
    /// What it hashes to, where it was read.
    pub digest: Option<Digest>,
    /// How it stands.
    pub state: FileState,
    /// What it adds to the verdict; `None` for what deserves a warning only.
    pub counts: Option<Verdict>,
}

/// How a file compares with what vouches for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileState {
    /// Something vouches for these bytes.
    Good,
    /// What names it names other bytes.
    Wrong,
    /// Listed, and not there.
    Missing,
    /// There, and nothing vouches for it.
    Unlisted,
    /// Not read.
    Unread,
    /// It vouches for others.
    Evidence,
}

/// A list that was parsed, and how the files that it names stand.
#[derive(Clone, Debug, PartialEq)]
pub struct ListFacts {
    /// The list's own name.
    pub name: String,
    /// The list's own digests: what its evidence is judged against.
    pub itself: ArtifactFacts,
    /// A row for every file.
    pub(crate) rows: Vec<super::Row>,
}

/// What a list is to be compared with.
#[derive(Clone, Debug, PartialEq)]
pub enum Beside {
    /// The files of its folder, which are hashed now; those names are its own evidence.
    Folder(PathBuf, Vec<String>),
    /// The files of a folder that was hashed.
    Known(PathBuf, Arc<FolderFacts>),
    /// One file, by its name.
    Only(String, ArtifactFacts),
}

/// A list that is to be followed.
#[derive(Clone, Debug, PartialEq)]
pub struct ListWork {
    /// Its name.
    pub name: String,
    /// Its digests and bytes, where it was hashed; else it is read from here.
    pub itself: Result<ArtifactFacts, PathBuf>,
    /// What it is compared with.
    pub beside: Beside,
}

/// Everything in a release folder, hashed.
#[derive(Clone, Debug, PartialEq)]
pub struct FolderFacts {
    /// Its files, sorted by name.
    pub files: Vec<ReleaseFile>,
    /// Folders inside, which are not looked into.
    pub folders: Vec<String>,
    /// Those of its files that are lists of checksums.
    pub lists: Vec<usize>,
    /// What is to be judged against what.
    pub pairs: Vec<Pair>,
    /// Evidence that names no file here, and whether it could be read.
    pub unplaced: Vec<(usize, Result<(), String>)>,
    /// Every predicate type that a file here states, whatever its name; `Err` says why nobody knows
    /// what it states.
    pub stated: Vec<(usize, Result<String, String>)>,
}

/// One file of a folder.
#[derive(Clone, Debug, PartialEq)]
pub struct ReleaseFile {
    /// Its name.
    pub name: String,
    /// Its digests, and its bytes where they were kept; `Err` says why it was not read.
    pub hashed: Result<ArtifactFacts, String>,
    /// How a file whose bytes were not kept begins; else nothing.
    pub head: Arc<[u8]>,
    /// Whether it is evidence for others: by its name, and a certificate only beside a signature.
    pub is_evidence: bool,
}

impl ReleaseFile {
    /// Whether it is a list of checksums.
    pub fn is_list(&self) -> bool {
        // One whose bytes were not kept is a list by its name or its first line, and a row that says
        // that it was not followed.
        let list = match self.bytes() {
            Some(bytes) => is_list(&self.name, bytes),
            None => {
                let looks = named_like_a_list(&self.name) || is_list(&self.name, &self.head);
                self.hashed.is_ok() && looks
            }
        };
        list && !self.is_evidence
    }

    /// Its bytes, where they were kept.
    pub fn bytes(&self) -> Option<&Arc<[u8]>> {
        match &self.hashed {
            Ok(ArtifactFacts { bytes: Contents::Whole(bytes), .. }) => Some(bytes),
            _ => None,
        }
    }

    /// What its name says that it is evidence of.
    pub fn evidence(&self) -> Option<EvidenceName<'_>> {
        evidence_of(&self.name).filter(|_| self.is_evidence)
    }
}

/// Evidence and the file that it is judged against.
#[derive(Clone, Debug, PartialEq)]
pub struct Pair {
    /// The id of its row.
    pub key: Digest,
    /// The evidence, by its place in the folder.
    pub evidence: usize,
    /// The file that it is judged against, by its place in the folder.
    pub file: usize,
    /// Other files that its statements name just as they name this one: it is judged once for all.
    pub also: Vec<usize>,
    /// How it speaks of the file.
    pub speaks: Speaks,
    /// What is judged.
    pub paired: Paired,
}

impl Pair {
    /// Every file that it speaks of.
    pub fn files(&self) -> impl Iterator<Item = usize> {
        std::iter::once(self.file).chain(self.also.iter().copied())
    }
}

/// How evidence speaks of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Speaks {
    /// By its digest, or by the name of the evidence.
    Of,
    /// By its name, with another digest: it can contradict and not vouch.
    Otherwise,
}

/// What vouches in a pair.
#[derive(Clone, Debug, PartialEq)]
pub enum Paired {
    /// Bundles, or envelopes.
    Documents(Vec<Arc<[u8]>>),
    /// A detached signature, and the certificate beside it.
    Detached(Arc<[u8]>, Option<Arc<[u8]>>),
    /// The evidence could not be read.
    Unread(String),
}

/// Counts the bytes of several files that are hashed one after another.
#[derive(Default)]
pub struct Hashing {
    /// Before the file that is read now.
    pub done: u64,
}

impl Hashing {
    /// The limit that a file of `bytes` would pass, in words.
    pub fn over(&self, bytes: u64) -> Option<String> {
        let over = self.done.saturating_add(bytes) > super::MAX_HASHED;
        over.then(|| format!("over the limit of {} GiB in all", super::MAX_HASHED >> 30))
    }
}

/// The certificate beside the detached signature of a file, by its place in the folder.
pub(crate) fn certificate_of(files: &[ReleaseFile], of: &str) -> Option<usize> {
    let names = ["pem", "crt", "cert"].map(|end| format!("{of}.{end}"));
    names.iter().find_map(|name| files.iter().position(|file| file.name == *name))
}

/// The folder of a file, `.` where none is written.
pub(crate) fn folder_of(path: &Path) -> PathBuf {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder.to_owned(),
        _ => PathBuf::from("."),
    }
}

/// The name of a file without its folder.
pub(crate) fn name_of(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}
