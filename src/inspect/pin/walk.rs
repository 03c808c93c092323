//! The files in which references are looked for: those that are named, and those of a folder that
//! can matter. The walk always ends, and says where it ended before everything was seen.

use std::{
    collections::BTreeSet,
    io::ErrorKind,
    path::{Path, PathBuf},
    sync::Arc,
};

use crate::{
    domain::pin::{Document, MAX_FILE_BYTES},
    inspect::{Files, world::EntryKind},
};

/// How far a walk goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// Folders below the one that is named.
    pub depth: usize,
    /// Entries of all folders together.
    pub entries: usize,
    /// Bytes of all files together.
    pub bytes: u64,
}

impl Default for Bounds {
    fn default() -> Self {
        Self { depth: 32, entries: 100_000, bytes: 256 << 20 }
    }
}

/// What a user names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// A file, whatever it is called.
    File(PathBuf),
    /// A folder: what can matter in it.
    Folder(PathBuf),
}

/// A file that was read.
#[derive(Clone, Debug)]
pub struct Source {
    /// As it is shown: the path under which it was found.
    pub path: PathBuf,
    /// The folder that a link must not lead out of.
    pub folder: PathBuf,
    /// Its name in there.
    pub name: String,
    /// What is in it.
    pub document: Document,
}

/// What is wrong with a file or a folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// Which.
    pub path: PathBuf,
    /// In words; may hold foreign text.
    pub words: String,
    /// Whether references may be in there that nobody has seen. A file of a folder that is no YAML
    /// has none, and is only named.
    pub undecided: bool,
}

/// Everything that was found.
#[derive(Clone, Debug, Default)]
pub struct Walked {
    /// Files with something to say, each once, in the order in which they were found.
    pub sources: Vec<Source>,
    /// How many files were read.
    pub read: usize,
    /// What could not be.
    pub troubles: Vec<Trouble>,
}

/// Reads what is named.
pub async fn walk(targets: &[Target], bounds: &Bounds, files: &dyn Files) -> Walked {
    let found = Walked::default();
    let mut walker = Walker {
        files,
        entries: bounds.entries,
        most: bounds.entries,
        bytes: bounds.bytes,
        depth: bounds.depth,
        known: BTreeSet::new(),
        found,
        full: false,
    };
    for target in targets {
        match target {
            Target::File(path) => walker.file(path).await,
            Target::Folder(path) => walker.folder(path).await,
        }
    }
    walker.found
}

/// Whether a file of a folder can hold references. What it is is found out by its content.
fn matters(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    let end = lower.rsplit_once('.').map_or("", |(_, end)| end);
    let docker = ["dockerfile", "containerfile"];
    match end {
        "yaml" | "yml" | "json" => true,
        "dockerignore" | "md" => false,
        end => docker.contains(&end) || docker.iter().any(|start| lower.starts_with(start)),
    }
}

/// Whether a folder is walked into. Workflows lie in a hidden one.
fn entered(name: &str) -> bool {
    name == ".github" || !(name.starts_with('.') || name == "node_modules")
}

struct Walker<'a> {
    files: &'a dyn Files,
    /// How many more entries are read, and how many it was at first.
    entries: usize,
    most: usize,
    bytes: u64,
    depth: usize,
    /// Where the files really are that were read.
    known: BTreeSet<PathBuf>,
    found: Walked,
    /// Whether a limit was reached and said.
    full: bool,
}

impl Walker<'_> {
    fn trouble(&mut self, path: &Path, words: impl Into<String>, undecided: bool) {
        let trouble = Trouble { path: path.to_owned(), words: words.into(), undecided };
        self.found.troubles.push(trouble);
    }

    async fn file(&mut self, path: &Path) {
        let name = path.file_name().and_then(|name| name.to_str());
        let Some(name) = name.map(str::to_owned) else {
            self.trouble(path, "not a name of a file that can be written", true);
            return;
        };
        // A link beside the file that was named is as good as the file; one that leads away is not.
        let folder = match path.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        };
        self.read(path, (folder, &name), true).await;
    }

    async fn folder(&mut self, root: &Path) {
        // Relative names of folders that are still to be read, the next one last.
        let mut open: Vec<(String, usize)> = vec![(String::new(), 0)];
        while let Some((below, depth)) = open.pop() {
            let path = if below.is_empty() { root.to_owned() } else { root.join(&below) };
            let listed = match self.files.folder(&path, self.entries).await {
                Ok(listed) => listed,
                Err(e) => {
                    let words = match e.kind() {
                        ErrorKind::FileTooLarge => {
                            format!("more than {} entries in all folders; not read", self.most)
                        }
                        _ => e.to_string(),
                    };
                    self.trouble(&path, words, true);
                    continue;
                }
            };
            self.entries = self.entries.saturating_sub(listed.len());
            let mut deeper = vec![];
            for entry in listed {
                let name = &entry.name;
                let below = if below.is_empty() { name.clone() } else { format!("{below}/{name}") };
                match entry.kind {
                    EntryKind::Folder if !entered(name) => {}
                    EntryKind::Folder if depth >= self.depth => {
                        let words = format!("more than {} folders deep; not read", self.depth);
                        self.trouble(&root.join(&below), words, true);
                    }
                    EntryKind::Folder => deeper.push((below, depth + 1)),
                    EntryKind::File if matters(name) => {
                        self.read(&root.join(&below), (root, &below), false).await;
                    }
                    EntryKind::Link => self.link((root, &below), matters(name)).await,
                    EntryKind::Other if matters(name) => {
                        self.trouble(&root.join(&below), "not a regular file; not opened", true);
                    }
                    EntryKind::File | EntryKind::Other => {}
                }
            }
            deeper.reverse();
            open.extend(deeper);
        }
    }

    /// A link is followed to a file in the same folder. A folder in there is walked under its own
    /// name, so that no circle is.
    async fn link(&mut self, (root, name): (&Path, &str), matters: bool) {
        match self.files.follow((root, name)).await {
            Ok((_, EntryKind::File)) if matters => {
                self.read(&root.join(name), (root, name), false).await;
            }
            Ok(_) => {}
            Err(e) => self.trouble(&root.join(name), e.to_string(), matters),
        }
    }

    async fn read(&mut self, path: &Path, inside: (&Path, &str), named: bool) {
        match self.files.follow(inside).await {
            Ok((real, _)) if !self.known.insert(real.clone()) => return,
            Ok(_) => {}
            Err(e) => return self.trouble(path, e.to_string(), true),
        }
        let bytes = match self.files.read_inside(inside, MAX_FILE_BYTES as u64).await {
            Ok(bytes) => bytes,
            // A lock file of a package manager is that large, and no manifest in YAML.
            Err(e) => {
                let large = e.kind() == ErrorKind::FileTooLarge;
                return self.trouble(path, e.to_string(), named || !large || !is_json(path));
            }
        };
        let length = bytes.len() as u64;
        if length > self.bytes {
            if !std::mem::replace(&mut self.full, true) {
                let words = "too many bytes in all files together; not read, nor what comes after";
                self.trouble(path, words, true);
            }
            return;
        }
        self.bytes -= length;
        self.found.read += 1;
        self.keep(path, inside, &bytes, named);
    }

    fn keep(&mut self, path: &Path, (folder, name): (&Path, &str), bytes: &Arc<[u8]>, named: bool) {
        let base = name.rsplit_once('/').map_or(name, |(_, base)| base);
        match Document::read(base, bytes) {
            Ok(document) => {
                let nothing = document.places().is_empty()
                    && document.left_alone().is_empty()
                    && document.looked_like().is_empty();
                if !nothing {
                    let (path, folder) = (path.to_owned(), folder.to_owned());
                    let source = Source { path, folder, name: name.to_owned(), document };
                    self.found.sources.push(source);
                }
            }
            // What nobody can read may be deployed all the same, where it speaks of images.
            Err(e) => {
                let undecided = named || !is_json(path) || mentions_image(bytes);
                self.trouble(path, e.to_string(), undecided);
            }
        }
    }
}

/// Whether its name says that it is JSON: of ten such files in a checkout nine are no manifest.
fn is_json(path: &Path) -> bool {
    path.extension().is_some_and(|end| end.eq_ignore_ascii_case("json"))
}

/// Whether text of any kind has a key for an image.
fn mentions_image(bytes: &[u8]) -> bool {
    memchr::memmem::find(bytes, b"image:").is_some()
        || memchr::memmem::find(bytes, b"\"image\"").is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_that_can_matter_are_read() {
        for (name, wanted) in [
            ("x.yaml", true),
            ("x.YML", true),
            ("values.json", true),
            ("Dockerfile", true),
            ("Dockerfile.dev", true),
            ("dev.Dockerfile", true),
            ("Containerfile", true),
            ("dockerfile", true),
            (".gitlab-ci.yml", true),
            ("Dockerfile.dockerignore", false),
            ("Dockerfile.md", false),
            ("x.yaml.bak", false),
            (".sigscope-1-0.tmp", false),
            ("README.md", false),
            ("main.rs", false),
        ] {
            assert_eq!(matters(name), wanted, "{name}");
        }
        for (name, wanted) in [
            ("a", true),
            (".github", true),
            (".git", false),
            (".x", false),
            ("node_modules", false),
        ] {
            assert_eq!(entered(name), wanted, "{name}");
        }
    }
}
