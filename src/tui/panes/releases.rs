//! SBOM: the same question to every release of the repository.

use super::{Key, browser};
use crate::{
    domain::{
        Repository, Tag,
        text::shorten,
        version::{TagOrder, is_fixed},
    },
    inspect::{
        Subject,
        sboms::{Has, Release, first},
    },
    tui::{
        cursor::Cursor,
        message::RunId,
        state::{Load, Pane, State},
        text::{count, shown},
    },
};

/// The most releases that are asked: each costs its registry some ten requests.
pub const MAX_ASKED: usize = 200;
/// The longest list of releases of which something is not known.
const MAX_NAMED: usize = 3;

/// One row: a release, and what it says once it was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// What is known of it; before it has answered, nothing is.
    pub release: Release,
    /// Whether it has answered.
    pub answered: bool,
}

/// Which releases are asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chosen {
    /// Of which repository.
    pub repository: Repository,
    /// Their tags, the newest first.
    pub tags: Vec<Tag>,
    /// Why these are not all: foreign text.
    pub incomplete: Option<String>,
    /// How many tags are left out because they move.
    pub moving: usize,
}

/// The table.
#[derive(Clone, Debug, PartialEq)]
pub struct Releases {
    /// Under which number the last question was asked; `None` once it ended.
    pub run: Option<RunId>,
    /// Of which repository.
    pub repository: Repository,
    /// What is looked for, as it was written; empty: whether there is an SBOM.
    pub query: String,
    /// The releases, the newest first.
    pub rows: Vec<Asked>,
    /// Why these are not all; foreign text.
    pub incomplete: Option<String>,
    /// How many tags are left out because they move.
    pub moving: usize,
    /// Whether it is looked at, and not the components.
    pub shown: bool,
    /// The row under the cursor.
    pub cursor: Cursor,
    /// The release that was opened from a row: its components are searched for the same, once they
    /// are there.
    pub opened: Option<Subject>,
}

/// The releases that would be asked: those that the list of tags shows. Tags without a number move,
/// and are asked only where nothing else is there: they name what another tag names. `4` and
/// `release-0.1` may name a release that no other tag names; its digest tells.
///
/// # Errors
/// Why there are none, in words.
pub fn chosen(state: &State) -> Result<Chosen, &'static str> {
    let Some(Subject::Artifact(reference)) = &state.open else {
        return Err("only an image has other releases; a file is by itself");
    };
    let all = &state.browser.repositories;
    let node = all.iter().find(|node| node.repository == reference.repository);
    let node = node.ok_or("its tags are not listed")?;
    let named = node.sifted.shown.iter().filter_map(|number| node.tags.get(*number));
    let named: Vec<&Tag> = named.filter(|tag| !tag.is_attachment()).collect();
    let numbered = |tag: &Tag| tag.as_str().bytes().any(|byte| byte.is_ascii_digit());
    let any_numbered = named.iter().any(|tag| numbered(tag));
    let all = named.len();
    let mut tags: Vec<Tag> =
        named.into_iter().filter(|tag| !any_numbered || numbered(tag)).cloned().collect();
    // Where there are too many, those are left out that most likely name what another one names.
    tags.sort_by_cached_key(|tag| (!is_fixed(tag.as_str()), TagOrder::of(tag.as_str())));
    if tags.is_empty() {
        return Err("the list shows no tag that could be asked");
    }
    let moving = all - tags.len();
    let over = tags.len().saturating_sub(MAX_ASKED);
    tags.truncate(MAX_ASKED);
    tags.sort_by_cached_key(|tag| TagOrder::of(tag.as_str()));
    let incomplete = match (&node.load, &node.next) {
        (Load::Failed(why), _) => Some(format!("the list of tags: {why}")),
        (Load::Done, None) if !matches!(browser::Filter::read(&state.browser.filter), browser::Filter::Letters(l) if l.is_empty()) => {
            Some("only those that the filter of the tags takes".to_owned())
        }
        (Load::Done, None) => None,
        _ => Some("the list of tags is not whole yet".to_owned()),
    };
    let older = || format!("{over} others are not asked; a filter of the tags (/) takes them");
    let incomplete = if over > 0 { Some(older()) } else { incomplete };
    Ok(Chosen { repository: reference.repository.clone(), tags, incomplete, moving })
}

impl Releases {
    /// A table in which nobody has answered yet.
    pub fn new(run: RunId, of: Chosen, query: String) -> Self {
        let blank = |tag| Asked { release: Release::unknown(tag, String::new()), answered: false };
        Self {
            run: Some(run),
            repository: of.repository,
            query,
            rows: of.tags.into_iter().map(blank).collect(),
            incomplete: of.incomplete,
            moving: of.moving,
            shown: true,
            cursor: Cursor::default(),
            opened: None,
        }
    }

    /// Whether somebody is still being asked.
    pub const fn running(&self) -> bool {
        self.run.is_some()
    }

    /// Whether it is not known of one of them.
    pub fn any_unknown(&self) -> bool {
        self.rows.iter().any(|row| row.release.has.is_none())
    }

    /// The release of a row, as something to open.
    pub fn subject(&self, row: usize) -> Option<Subject> {
        let tag = self.rows.get(row)?.release.tag.clone();
        let reference = crate::domain::Reference {
            repository: self.repository.clone(),
            tag: Some(tag),
            digest: None,
        };
        Some(Subject::Artifact(reference))
    }

    /// The lines above the rows: the question, how far it is, and what the first release is.
    pub fn head(&self) -> [String; 2] {
        let what = match self.query.as_str() {
            "" => "the SBOMs".to_owned(),
            query => format!("\u{201c}{}\u{201d}", shorten(&shown(query), 40)),
        };
        [format!("{what} in the releases of {}", shown(&self.repository.to_string())), self.said()]
    }

    fn said(&self) -> String {
        let answered = self.rows.iter().filter(|row| row.answered).count();
        let all = self.rows.len();
        let of = |has: fn(&Has) -> bool| {
            let rows = self.rows.iter().filter(|row| row.answered);
            rows.filter(|row| row.release.has.as_ref().is_some_and(has)).count()
        };
        let unknown =
            self.rows.iter().filter(|row| row.answered && row.release.has.is_none()).count();
        let mut words = vec![if answered < all {
            let how = if self.running() { "asked" } else { "stopped after" };
            format!("{how} {answered} of {all}")
        } else {
            count(all, "release")
        }];
        // What decides comes before numbers: the line may be cut.
        words.extend(self.first_words());
        let each = [
            (of(|has| matches!(has, Has::Hits(..))), "have it"),
            (of(|has| matches!(has, Has::Not)), "without it"),
            (of(|has| matches!(has, Has::Document(..))), "have one"),
            (of(|has| matches!(has, Has::NoSbom)), "without an SBOM"),
            (unknown, "not known"),
        ];
        words.extend(each.iter().filter(|(n, _)| *n > 0).map(|(n, what)| format!("{n} {what}")));
        words.extend(self.incomplete.as_deref().map(shown));
        if self.moving > 0 {
            words.push(format!("not asked: {} that move", count(self.moving, "tag")));
        }
        words.join(" · ")
    }

    fn first_words(&self) -> Option<String> {
        if self.query.is_empty() {
            return None;
        }
        let first = first(self.rows.iter().map(|row| &row.release))?;
        let open = self.incomplete.as_ref().map(|_| "not every tag is known");
        Some(first.shortly(open, MAX_NAMED))
    }
}

impl Asked {
    /// How it stands, for the row.
    pub const fn standing(&self, running: bool) -> &'static str {
        match (self.answered, &self.release.has) {
            (false, _) if running => "waiting",
            (false, _) => "not asked",
            (true, None) => "not known",
            (true, Some(Has::NoSbom)) => "absent",
            (true, Some(_)) => self.release.standing(),
        }
    }

    /// What was found, harmless.
    pub fn words(&self) -> String {
        match (self.answered, &self.release.has, &self.release.note) {
            (false, ..) => String::new(),
            (true, None, Some(why)) => shown(why),
            _ => shown(&self.release.first_hit()),
        }
    }
}

/// The table, where it is what the pane shows.
pub fn visible(state: &State) -> Option<&Releases> {
    state.releases.as_ref().filter(|all| all.shown && state.pane == Pane::Sbom)
}

/// What the row under the cursor is of.
pub(super) fn selected(all: &Releases) -> Option<Key> {
    let row = all.rows.get(all.cursor.selected)?;
    Some(Key::Release(row.release.tag.clone(), row.answered))
}
