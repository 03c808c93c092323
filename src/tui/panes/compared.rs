//! SBOM: what changed from the SBOM of one release to that of another.

use std::sync::Arc;

use super::sbom::{self, SbomView};
use crate::{
    domain::sbom::{
        Sbom,
        diff::{DiffCounts, diff},
    },
    inspect::sboms::choose,
    report::sbom::changes,
    tui::{
        cursor::Cursor,
        message::RunId,
        state::{Slot, State},
        text::{count, shown},
    },
};

/// One of the two documents, and how it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Side {
    /// The release; harmless.
    pub name: String,
    /// The document.
    pub sbom: Arc<Sbom>,
    /// Whether the demanded signer is proved to vouch for it.
    pub attested: bool,
    /// The platform that it describes.
    pub platform: Option<String>,
    /// Why there may be another document that ought to be compared. Foreign text.
    pub doubt: Option<String>,
}

impl Side {
    /// The SBOM that is shown.
    pub fn of(slot: &Slot, view: &SbomView) -> Self {
        let facts = sbom::facts(slot, view);
        Self {
            name: shown(&slot.inspection.subject.to_string()),
            sbom: Arc::clone(&view.sbom),
            attested: facts.is_some_and(|facts| facts.attested),
            platform: facts.and_then(|facts| facts.platform.clone()),
            doubt: doubt(slot).or_else(|| view.unsigned.as_ref().and_then(|one| one.doubt())),
        }
    }

    /// `ghcr.io/a/b:1`, and the one platform that the document is about.
    pub fn place(&self) -> String {
        format!("{}{}", self.name, self.only())
    }

    fn only(&self) -> String {
        let platform = self.platform.as_deref().map(|p| format!(" ({} only)", shown(p)));
        platform.unwrap_or_default()
    }
}

/// A file is the one document that it is; of a release another one may be there, or be newer.
fn doubt(slot: &Slot) -> Option<String> {
    if !slot.finished {
        return Some("not everything of it is known yet".to_owned());
    }
    slot.inspection.subject.reference()?;
    choose(&slot.inspection).unknown
}

/// What changed.
#[derive(Clone, Debug, PartialEq)]
pub struct Changes {
    /// How many of each.
    pub counts: DiffCounts,
    /// What happened, to what, from what, to what; foreign text.
    pub rows: Vec<Vec<String>>,
    /// Whether either document was not read to its end.
    pub left_out: bool,
}

impl Changes {
    /// Compares two documents; takes a while for large ones.
    pub fn of(old: &Sbom, new: &Sbom) -> Self {
        let changed = diff(old, new);
        Self {
            counts: changed.counts(),
            rows: changes(&changed, old, new),
            left_out: changed.old_left_out || changed.new_left_out,
        }
    }
}

/// A comparison that is shown.
#[derive(Clone, Debug, PartialEq)]
pub struct Comparison {
    /// Under which number it is made.
    pub run: RunId,
    /// The release before.
    pub old: Side,
    /// The release after.
    pub new: Side,
    /// What changed, or why nobody knows; foreign text.
    pub answer: Option<Result<Arc<Changes>, String>>,
    /// The row under the cursor.
    pub cursor: Cursor,
}

impl Comparison {
    /// How many rows there are.
    pub fn height(&self) -> usize {
        self.changes().map_or(0, |changes| changes.rows.len())
    }

    fn changes(&self) -> Option<&Changes> {
        self.answer.as_ref()?.as_ref().ok().map(|changes| &**changes)
    }

    /// The two lines above the rows: which two, and how much changed.
    pub fn head(&self) -> [String; 2] {
        // First, for the line may be cut where it speaks of one of the two.
        let standing = match (self.old.attested, self.new.attested) {
            (true, true) => "both attested",
            (false, true) => "UNVERIFIED: the older one",
            (true, false) => "UNVERIFIED: the newer one",
            (false, false) => "UNVERIFIED: both",
        };
        [format!("{standing} · {}", self.which()), self.said()]
    }

    /// From which to which: of one repository its name stands behind what differs.
    fn which(&self) -> String {
        let parts =
            |side: &Side| side.name.rsplit_once(':').map(|(a, b)| (a.to_owned(), b.to_owned()));
        match (parts(&self.old), parts(&self.new)) {
            (Some((of, old)), Some((same, new))) if of == same => {
                let only = if self.old.platform == self.new.platform {
                    self.new.only()
                } else {
                    format!("{}, {}", self.old.only(), self.new.only())
                };
                format!("from {old} to {new}{only} · {of}")
            }
            _ => format!("from {} to {}", self.old.place(), self.new.place()),
        }
    }

    /// The change under the cursor: what happened, to what, from what, to what; foreign text.
    pub fn selected(&self) -> Option<(usize, &[String])> {
        let row = self.changes()?.rows.get(self.cursor.selected)?;
        Some((self.cursor.selected, row))
    }

    fn said(&self) -> String {
        let changes = match &self.answer {
            None => return "comparing".to_owned(),
            Some(Err(why)) => return format!("not compared: {}", shown(why)),
            Some(Ok(changes)) => changes,
        };
        let counts = changes.counts;
        let unsure = self.unsure(changes);
        match (changes.rows.is_empty(), &unsure) {
            (true, Some(why)) => return format!("no change is known, and {why}"),
            (true, None) if counts.unchanged == 0 => return "neither lists a package".to_owned(),
            (true, None) => {
                return format!("the same {} in both", count(counts.unchanged, "package"));
            }
            (false, _) => {}
        }
        let each = [
            (counts.added, "added"),
            (counts.removed, "removed"),
            (counts.up, "up"),
            (counts.down, "down"),
            (counts.unclear, "otherwise changed"),
            (counts.licences, "under another licence"),
            (counts.unchanged, "unchanged"),
        ];
        let some = each.iter().filter(|(n, _)| *n > 0);
        let words: Vec<String> = some.map(|(n, what)| format!("{n} {what}")).collect();
        let unsure = unsure.map(|why| format!(" · {why}")).unwrap_or_default();
        format!("{}{unsure}", words.join(" · "))
    }

    /// Why what is not among the changes may have changed all the same.
    fn unsure(&self, changes: &Changes) -> Option<String> {
        if changes.left_out {
            return Some("one was not read to its end".to_owned());
        }
        let of = |(side, which): (&Side, &str)| {
            let unread = side.sbom.unread();
            let entries = match unread {
                0 => None,
                1 => Some(format!("1 entry of the {which} one could not be read")),
                _ => Some(format!("{unread} entries of the {which} one could not be read")),
            };
            let doubt = side.doubt.as_ref();
            entries.or_else(|| Some(format!("of the {which} one: {}", shown(doubt?))))
        };
        [(&self.old, "older"), (&self.new, "newer")].into_iter().find_map(of)
    }

    /// The rows from `from` on, at most `rows` of them: what happened, to what, from what to what.
    pub fn window(&self, from: usize, rows: usize) -> Vec<[String; 3]> {
        let all = self.changes().map(|changes| changes.rows.as_slice()).unwrap_or_default();
        all.iter()
            .skip(from)
            .take(rows)
            .map(|row| {
                let cell = |at: usize| row.get(at).map(|text| shown(text)).unwrap_or_default();
                let (old, new) = (cell(2), cell(3));
                let change = match (old.is_empty(), new.is_empty()) {
                    (false, false) => format!("{old} → {new}"),
                    _ => format!("{old}{new}"),
                };
                [cell(0), cell(1), change]
            })
            .collect()
    }
}

/// The comparison, where it is what the pane shows.
pub fn visible(state: &State) -> Option<&Comparison> {
    state.compared.as_ref().filter(|_| state.pane == crate::tui::state::Pane::Sbom)
}
