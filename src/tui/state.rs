//! Everything that the screen shows, as plain data.

use std::{collections::BTreeMap, sync::Arc};

pub use super::pane::Pane;
use super::{
    cursor::Cursor,
    detail::Detail,
    keymap::Context,
    message::{Look, Place, RunId},
    panes::{
        compared::{Comparison, Side},
        decision::Decision,
        releases::{self, Releases},
        sbom::{Apart, SbomView},
        trace::Trace,
    },
    tags::TagBook,
};
use crate::{
    domain::{Repository, Tag, Timestamp, demand::Demand},
    inspect::{CheckId, Inspection, RootSource, Scope, Subject, verdict::Overall},
};

pub use super::asked::{Asking, Field, Pin, Taking, Toast};
pub use super::tree::{Browser, HostNode, Load, RepositoryNode, Sifted};

/// Against what releases are judged.
#[derive(Clone, Debug, PartialEq)]
pub struct Judge {
    /// What is demanded.
    pub demand: Option<Arc<Demand>>,
    /// The same over files and folders.
    pub over_files: Option<Arc<Demand>>,
    /// The trust root.
    pub root: RootSource,
    /// The trust root in words.
    pub root_words: String,
    /// What of a target is judged, and where its evidence lies.
    pub scope: Scope,
    /// Whether more than an SBOM is demanded, and all of it must hold before one is read.
    pub whole: bool,
}

/// The release that is built in.
#[derive(Clone, Debug, PartialEq)]
pub struct DemoFacts {
    /// Its own demand and root.
    pub judge: Judge,
    /// Its repositories, the first to be opened first.
    pub repositories: Vec<Repository>,
    /// The tag that is shown first, if it is there.
    pub opening: Option<Tag>,
}

/// Which screen is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Screen {
    /// Where a target is named.
    Home,
    /// Tags and one release.
    Work,
}

/// Which part of the screen takes the keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Focus {
    /// The tags.
    Browser,
    /// The rows of the pane.
    Master,
    /// What is known of the selected row.
    Detail,
}

/// One target that was looked at.
#[derive(Clone, Debug, PartialEq)]
pub struct Slot {
    /// What is known.
    pub inspection: Inspection,
    /// Its verdict, folded when something was learnt.
    pub overall: Overall,
    /// What the linter finds in the policy, (code, message), folded with the verdict: its
    /// expressions are tried, which is no work for a frame.
    pub lint: Vec<(String, String)>,
    /// Under which number its checks run now.
    pub run: Option<RunId>,
    /// Whether every check has answered.
    pub finished: bool,
    /// Counts what was learnt, so that panes know when they are out of date.
    pub generation: u64,
    /// When it was opened last, in openings.
    pub used: u64,
    /// Where the tag pointed when it was asked for again, if that was elsewhere.
    pub moved: Option<String>,
}

/// A chart from which an image was opened, and the row that named it: there Esc leads back to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Crumb {
    /// The chart.
    pub chart: Subject,
    /// Where it was looked at.
    pub place: Place,
    /// The row of the image.
    pub row: Cursor,
}

/// What a run is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Job {
    /// The checks of a target.
    Inspect(Subject),
    /// The tags of a repository.
    Tags(Repository),
    /// The repositories of a registry.
    Catalog(String),
    /// Where a tag of the list points.
    Resolve(Repository, Tag),
    /// The tag that is to be pinned.
    Repin,
    /// A folder that was written into the field.
    Look(Look),
    /// The release that is pinned in a file.
    PinFile,
    /// An SBOM that is written into a file.
    Export,
    /// An SBOM that nobody signed.
    Unsigned(Subject),
    /// What changed from one SBOM to another.
    Compare,
    /// The same question to every release.
    Releases,
    /// What is said of vulnerabilities in the SBOM of that check.
    Vulnerabilities(CheckId),
}

/// The whole program.
#[derive(Clone, Debug, PartialEq)]
pub struct State {
    /// Columns and rows.
    pub size: (u16, u16),
    /// The time, as far as it was told.
    pub now: Timestamp,
    /// For everything out there.
    pub live: Judge,
    /// For the release that is built in.
    pub demo: Option<DemoFacts>,
    /// Which of the two is looked at.
    pub place: Place,
    /// Which screen.
    pub screen: Screen,
    /// Which part takes the keys.
    pub focus: Focus,
    /// What is shown of the open release.
    pub pane: Pane,
    /// Registries, repositories, tags.
    pub browser: Browser,
    /// Where tags point, and how that was judged.
    pub tags: TagBook,
    /// Every target that was looked at in this place.
    pub known: BTreeMap<Subject, Slot>,
    /// What runs, by number.
    pub jobs: BTreeMap<RunId, Job>,
    /// The open target.
    pub open: Option<Subject>,
    /// Through which charts the open target was reached, the last one at the end.
    pub trail: Vec<Crumb>,
    /// The cursors of the panes.
    pub masters: [Cursor; Pane::ALL.len()],
    /// What is known of the selected row.
    pub detail: Detail,
    /// The component tree that is shown.
    pub sbom: Option<SbomView>,
    /// The SBOM that was put aside, to be compared with another one.
    pub aside: Option<Side>,
    /// What changed from one to another.
    pub compared: Option<Comparison>,
    /// The same question to every release.
    pub releases: Option<Releases>,
    /// What can be written of the open release.
    pub decision: Option<Decision>,
    /// The SBOM that nobody signed, where one was looked for.
    pub unsigned: Option<Apart>,
    /// What was searched for in SBOMs, the last at the end.
    pub queries: Vec<String>,
    /// The field that takes text.
    pub field: Option<Field>,
    /// The row of the first screen.
    pub home: Cursor,
    /// What was opened, the last one first; nothing of the demo.
    pub recents: Vec<Subject>,
    /// The list of keys, when it is shown.
    pub help: Option<Cursor>,
    /// The question about a pin.
    pub pin: Option<Pin>,
    /// A word in the bottom line.
    pub toast: Option<Toast>,
    /// The last number that was given to a run.
    pub last_run: u64,
    /// What was asked of the world.
    pub trace: Trace,
}

impl State {
    /// The first screen.
    pub fn new(live: Judge, demo: Option<DemoFacts>, now: Timestamp) -> Self {
        Self {
            size: (80, 24),
            now,
            live,
            demo,
            place: Place::Live,
            screen: Screen::Home,
            focus: Focus::Browser,
            pane: Pane::Overview,
            browser: Browser::default(),
            tags: TagBook::default(),
            known: BTreeMap::new(),
            jobs: BTreeMap::new(),
            open: None,
            trail: Vec::new(),
            masters: [Cursor::default(); Pane::ALL.len()],
            detail: Detail::default(),
            sbom: None,
            aside: None,
            compared: None,
            releases: None,
            decision: None,
            unsigned: None,
            queries: Vec::new(),
            field: None,
            home: Cursor::default(),
            recents: Vec::new(),
            help: None,
            pin: None,
            toast: None,
            last_run: 0,
            trace: Trace::default(),
        }
    }

    /// Against what the place that is looked at is judged.
    pub fn judge(&self) -> &Judge {
        match (&self.demo, self.place) {
            (Some(demo), Place::Demo) => &demo.judge,
            _ => &self.live,
        }
    }

    /// Whether the demo is shown.
    pub fn in_demo(&self) -> bool {
        self.place == Place::Demo
    }

    /// The open target.
    pub fn slot(&self) -> Option<&Slot> {
        self.known.get(self.open.as_ref()?)
    }

    /// Whether there are tags to show: a folder or a file has none.
    pub fn has_browser(&self) -> bool {
        !self.browser.repositories.is_empty() || self.open.is_none()
    }

    /// The cursor of the pane that is shown.
    pub fn master(&self) -> Cursor {
        self.masters[self.pane as usize]
    }

    /// The same, to move it.
    pub fn master_mut(&mut self) -> &mut Cursor {
        &mut self.masters[self.pane as usize]
    }

    /// A number that was never used.
    pub fn next_run(&mut self) -> RunId {
        self.last_run += 1;
        RunId(self.last_run)
    }

    /// How many checks run, of all targets.
    pub fn running(&self) -> usize {
        let running = |slot: &Slot| slot.run.map_or(0, |_| slot.inspection.running());
        let checks: usize = self.known.values().map(running).sum();
        let others = self.jobs.values().filter(|job| !matches!(job, Job::Inspect(_))).count();
        checks + others
    }

    /// Says something in the bottom line.
    pub fn say(&mut self, words: impl Into<String>) {
        self.toast = Some(Toast { words: words.into(), bad: false });
    }

    /// Says that something went wrong.
    pub fn complain(&mut self, words: impl Into<String>) {
        self.toast = Some(Toast { words: words.into(), bad: true });
    }

    /// Where the keys go.
    pub fn context(&self) -> Context {
        if let Some(pin) = &self.pin {
            match pin {
                Pin::Confirm { .. } | Pin::Draft(..) => Context::Dialog,
                Pin::Asking(_) | Pin::Moved { .. } | Pin::Failed(_) => Context::Alarm,
            }
        } else if self.help.is_some() {
            Context::Help
        } else if let Some(field) = &self.field {
            match field.asking {
                Asking::Target => Context::Field,
                Asking::Filter | Asking::Search => Context::Search,
                Asking::Export(_) | Asking::Policy(_) | Asking::PinFile => Context::Export,
            }
        } else if self.screen == Screen::Home {
            Context::Home
        } else {
            match (self.focus, self.pane) {
                (Focus::Browser, _) => Context::Browser,
                (Focus::Detail, _) => Context::Detail,
                (Focus::Master, Pane::Overview) => Context::Overview,
                (Focus::Master, Pane::Signatures | Pane::Attestations) => Context::Pieces,
                (Focus::Master, Pane::Sbom) if self.compared.is_some() => Context::Compared,
                (Focus::Master, Pane::Sbom) if releases::visible(self).is_some() => {
                    Context::Releases
                }
                (Focus::Master, Pane::Sbom) => Context::Sbom,
                (Focus::Master, Pane::Decision) => Context::Decision,
                (Focus::Master, Pane::Image | Pane::Trace) => Context::Image,
            }
        }
    }
}
