//! What happens to the program, and what the program wants done.

use std::{path::PathBuf, sync::Arc};

use crossterm::event::KeyEvent;

use crate::{
    domain::{
        Repository, Tag, Timestamp,
        sbom::{Query, Sbom, vulnerabilities::Findings},
    },
    inspect::{
        CatalogPage, Event, Fetched, Inspection, Planned, RegistryError, SbomFacts, Scope, TagPage,
        sboms::Release,
        tags::{Entry, Ledger, TagFacts},
        trace::{Pending, Record},
        world::FolderEntry,
    },
    tui::{
        export::Writing,
        panes::{compared::Changes, sbom::Unattested},
        pinning::{Draft, Ending, Proved},
        state::Judge,
    },
};

/// One piece of background work. Numbers are never used twice, so what a left tag still sends is
/// recognised whatever was opened since.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RunId(pub u64);

/// Which world something happens in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Place {
    /// Registries, layouts and files out there.
    Live,
    /// The release that is built in; nothing of it leaves the demo.
    Demo,
}

/// Why somebody looks into a folder from the field for targets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Look {
    /// The folder.
    pub path: PathBuf,
    /// What stood in the field; an answer to something else is dropped.
    pub text: String,
    /// Whether it is to be opened; else the field is completed from it.
    pub open: bool,
}

/// What stands at a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Seen {
    /// A folder, and what it holds.
    Folder(Vec<FolderEntry>),
    /// A file.
    File,
}

/// How the program ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// By `q`, or because the terminal asked for it.
    Quit,
    /// By Ctrl-C.
    Interrupted,
}

/// What happens to the program.
#[derive(Clone, Debug, PartialEq)]
pub enum Message {
    /// A key was pressed.
    Key(KeyEvent),
    /// Text was pasted.
    Paste(String),
    /// The terminal has another size: columns, rows.
    Resize(u16, u16),
    /// Time passes; only told while something runs.
    Tick(Timestamp),
    /// A page of tags, or why there is none.
    Tags(RunId, Result<TagPage, RegistryError>),
    /// A page of repositories, or why there is none.
    Catalog(RunId, Result<CatalogPage, RegistryError>),
    /// Where a tag of the list points, or why nobody knows.
    Resolved(RunId, Result<TagFacts, RegistryError>),
    /// What earlier runs remembered of tags, and what is wrong with that.
    History(Ledger, Option<String>),
    /// Something was not written: why.
    NotWritten(String),
    /// A check tells something.
    Inspection(RunId, Event),
    /// What was asked of the world since.
    Traced(Vec<Arc<Record>>),
    /// The requests that are under way now.
    Pending(Vec<Arc<Pending>>),
    /// Where a tag points now.
    Repinned(RunId, Result<Fetched, RegistryError>),
    /// What a folder holds, or why that is not known; foreign text.
    Looked(RunId, Result<Seen, String>),
    /// What is said of vulnerabilities in the SBOM that is shown.
    Vulnerabilities(RunId, Result<Arc<Findings>, String>),
    /// What changed from one SBOM to another, or why nobody knows.
    Compared(RunId, Result<Arc<Changes>, String>),
    /// What one release says.
    Release(RunId, Box<Release>),
    /// Every release has answered, or why no more do.
    ReleasesEnded(RunId, Option<String>),
    /// The SBOM that nobody signed, where there is one.
    Unsigned(RunId, Unattested),
    /// What would change in a file, or why nothing would.
    Drafted(RunId, Result<Box<Draft>, String>),
    /// How the writing of that ended, or why it was not written.
    Committed(RunId, Result<Ending, String>),
    /// What was written where, or why it was not.
    Exported(RunId, Result<String, String>),
    /// The system asks the program to end.
    Shutdown,
}

/// What the program wants done.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Start one check as its own task.
    Start {
        /// For which run.
        run: RunId,
        /// What it is to do.
        planned: Box<Planned>,
        /// In which world.
        place: Place,
    },
    /// End everything of that run.
    Cancel(RunId),
    /// Read one page of tags.
    LoadTags {
        /// Answered under this number.
        run: RunId,
        /// Of which repository.
        repository: Repository,
        /// The `next` of the page before.
        after: Option<String>,
        /// In which world.
        place: Place,
    },
    /// Read one page of a registry's repositories.
    LoadCatalog {
        /// Answered under this number.
        run: RunId,
        /// Of which registry.
        host: String,
        /// The `next` of the page before.
        after: Option<String>,
        /// In which world.
        place: Place,
    },
    /// See where a tag of the list points.
    ResolveTag {
        /// Answered under this number.
        run: RunId,
        /// Where.
        repository: Repository,
        /// The tag.
        tag: Tag,
        /// In which world.
        place: Place,
    },
    /// Remember where tags point.
    Remember(Vec<Entry>),
    /// See where a tag points now.
    Repin {
        /// Answered under this number.
        run: RunId,
        /// Where.
        repository: Repository,
        /// The tag.
        tag: Tag,
    },
    /// See what a folder holds.
    Look {
        /// Answered under this number.
        run: RunId,
        /// Where.
        path: PathBuf,
    },
    /// Find out what is said of vulnerabilities in an SBOM: it reads every attestation, which may
    /// take a second.
    Vulnerabilities {
        /// Answered under this number.
        run: RunId,
        /// The release.
        seen: Box<Inspection>,
        /// Its SBOM.
        sbom: Box<SbomFacts>,
    },
    /// Find out what changed from one SBOM to another: large ones take a while.
    Compare {
        /// Answered under this number.
        run: RunId,
        /// The older one.
        before: Arc<Sbom>,
        /// The newer one.
        after: Arc<Sbom>,
    },
    /// Ask releases of a repository for their SBOMs, and what is in them.
    Releases {
        /// Answered under this number.
        run: RunId,
        /// In which world.
        place: Place,
        /// Where.
        repository: Repository,
        /// Which, in the order in which they are asked.
        tags: Vec<Tag>,
        /// What is looked for in them.
        query: Option<Query>,
        /// Against what they are judged.
        judge: Box<Judge>,
    },
    /// Look for an SBOM that nobody signed.
    Unsigned {
        /// Answered under this number.
        run: RunId,
        /// The release.
        seen: Box<Inspection>,
        /// In which world.
        place: Place,
    },
    /// See what would change in a file that names the open release.
    Draft {
        /// Answered under this number.
        run: RunId,
        /// Which file.
        path: PathBuf,
        /// The release.
        of: Box<Proved>,
    },
    /// Write what was shown.
    Commit {
        /// Answered under this number.
        run: RunId,
        /// What.
        draft: Box<Draft>,
        /// Where evidence lies.
        scope: Box<Scope>,
    },
    /// Write something into a file that is not there yet.
    Write {
        /// Answered under this number.
        run: RunId,
        /// Where.
        path: PathBuf,
        /// What.
        writing: Box<Writing>,
    },
    /// Put one line on the clipboard.
    Copy(String),
    /// End the program.
    Quit(Ended),
}
