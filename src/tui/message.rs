//! What happens to the program, and what the program wants done.

use crossterm::event::KeyEvent;

use crate::{
    domain::{Repository, Tag, Timestamp},
    inspect::{Event, Fetched, Planned, RegistryError, TagPage},
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
    /// A check tells something.
    Inspection(RunId, Event),
    /// Where a tag points now.
    Repinned(RunId, Result<Fetched, RegistryError>),
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
    /// See where a tag points now.
    Repin {
        /// Answered under this number.
        run: RunId,
        /// Where.
        repository: Repository,
        /// The tag.
        tag: Tag,
    },
    /// Put one line on the clipboard.
    Copy(String),
    /// End the program.
    Quit(Ended),
}
