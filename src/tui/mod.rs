//! Floor 4: the terminal program. State, update, view; nothing here decides a verdict.
//!
//! [`update::update`] is the whole behaviour and [`view::view`] the whole picture; both are pure.
//! `runtime` does what `update` wants done and is the only file here that starts tasks.

pub mod asked;
pub mod cursor;
pub mod detail;
pub mod export;
mod inquiry;
pub mod keymap;
#[cfg(test)]
mod keymap_tests;
pub mod layout;
pub mod mark;
pub mod message;
pub mod offers;
pub mod pane;
pub mod panes;
pub mod pinning;
mod runtime;
pub mod state;
pub mod tags;
pub mod terminal;
#[cfg(test)]
mod testing;
pub mod text;
pub mod theme;
pub mod tree;
pub mod update;
pub mod view;

use std::{io, sync::Arc};

use crate::{
    domain::{Repository, Tag, demand::Demand},
    inspect::{RootSource, Scope, World, tags::History, trace::Ring},
};

pub use message::Ended;
pub use theme::Theme;
pub use update::Start;

/// A world and what is demanded in it.
#[derive(Clone)]
pub struct Setting {
    /// Registries, files, clock.
    pub world: World,
    /// What is demanded; `None` when somebody only looks.
    pub demand: Option<Arc<Demand>>,
    /// The same over files and folders, where other pieces are a signature.
    pub over_files: Option<Arc<Demand>>,
    /// Which trust root judges.
    pub root: RootSource,
    /// The trust root in words: `public-good, embedded 2026-08-21`.
    pub root_words: String,
    /// What of a target is judged, and where its evidence lies.
    pub scope: Scope,
    /// Whether more than an SBOM is demanded, and all of it must hold before one is read.
    pub whole: bool,
}

impl Setting {
    /// Against what releases are judged in it.
    fn judge(&self) -> state::Judge {
        state::Judge {
            demand: self.demand.clone(),
            over_files: self.over_files.clone(),
            root: self.root.clone(),
            root_words: self.root_words.clone(),
            scope: self.scope.clone(),
            whole: self.whole,
        }
    }
}

/// The release that is built in.
#[derive(Clone)]
pub struct Demo {
    /// Its own world, demand and root.
    pub setting: Setting,
    /// Its repositories, the first to be opened first.
    pub repositories: Vec<Repository>,
    /// The tag of the first repository that is shown first, if it is there.
    pub opening: Option<Tag>,
}

/// With what the program starts.
#[derive(Clone)]
pub struct Launch {
    /// For everything out there.
    pub live: Setting,
    /// For the release that is built in.
    pub demo: Option<Demo>,
    /// What is shown first.
    pub start: Start,
    /// Where it is remembered where tags pointed.
    pub history: Arc<dyn History>,
    /// Colours or none, Unicode or ASCII.
    pub theme: Theme,
    /// Where requests are recorded.
    pub trace: Arc<Ring>,
}

/// Runs the terminal program until somebody ends it.
///
/// The terminal is given back in every case, also after a panic of the calling thread; so this
/// must be awaited on the main task and not inside a spawned one.
///
/// # Errors
/// When the terminal cannot be taken, read or drawn on.
pub async fn run(launch: Launch) -> io::Result<Ended> {
    runtime::run(launch).await
}
