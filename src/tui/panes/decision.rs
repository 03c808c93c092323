//! Pin: the digest and the proved signer, written for what enforces them.

use super::{Key, Row, badge};
use crate::{
    domain::Verdict,
    inspect::{
        Subject,
        grounds::{Asked, NoGrounds, proved},
        pin::forms,
    },
    policy::{self, Kind},
    tui::{
        mark::Mark,
        state::{Pane, Slot, State},
        text::shown,
        theme::Role,
    },
};

/// Everything that can be written of the open release.
#[derive(Clone, Debug, PartialEq)]
pub struct Decision {
    /// Of which target.
    pub subject: Subject,
    /// How much was known of it then.
    pub generation: u64,
    /// Why nothing is proved; `None` where it is. Foreign text.
    pub unproved: Option<String>,
    /// The forms, pins before policies.
    pub entries: Vec<Entry>,
}

/// One form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// For what it is.
    pub name: &'static str,
    /// What it is.
    pub what: What,
    /// The text, or why there is none; foreign text.
    pub text: Result<String, String>,
    /// What must be known before it is used; foreign text.
    pub notes: Vec<String>,
}

/// What a form is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// A digest in place of a tag.
    Pin,
    /// A policy that demands the proved signer.
    Policy(Kind),
}

/// Writes everything anew where more was learnt; only while the pane is shown.
pub fn sync(state: &mut State) {
    let (Some(subject), Some(slot)) = (&state.open, state.slot()) else {
        state.decision = None;
        return;
    };
    let of = |known: &Decision| known.subject == *subject && known.generation == slot.generation;
    if state.pane != Pane::Decision || state.decision.as_ref().is_some_and(of) {
        return;
    }
    state.decision = Some(decision(subject, slot));
}

fn decision(subject: &Subject, slot: &Slot) -> Decision {
    let unproved = unproved(slot);
    let mut entries = vec![];
    if let (Subject::Artifact(reference), Some(digest)) = (subject, slot.inspection.digest()) {
        let chart = slot.inspection.chart().is_some();
        for (number, form) in forms(reference, digest, true).into_iter().enumerate() {
            // Nobody runs a chart; whoever is not sure copies one line, with the remark behind it.
            if number > 0 && chart {
                break;
            }
            let text = match &unproved {
                Some(_) if number > 0 => {
                    Err("only what is proved is written in this form".to_owned())
                }
                _ => Ok(form.text),
            };
            entries.push(Entry { name: form.name, what: What::Pin, text, notes: vec![] });
        }
    }
    entries.extend(policies(slot, unproved.as_deref()));
    Decision { subject: subject.clone(), generation: slot.generation, unproved, entries }
}

/// Why nothing may be written as proved.
fn unproved(slot: &Slot) -> Option<String> {
    let overall = &slot.overall;
    if slot.inspection.demand.is_none() {
        return Some("UNVERIFIED: no signer was demanded".to_owned());
    }
    if overall.running {
        return Some("it is still being checked".to_owned());
    }
    if let Some(now) = &slot.moved {
        return Some(format!("the tag moved since it was checked, to {now}"));
    }
    let proved = overall.verdict == Verdict::Proved;
    (!proved).then(|| format!("{}: {}", overall.verdict, overall.reason))
}

fn policies(slot: &Slot, unproved: Option<&str>) -> Vec<Entry> {
    let grounds = match unproved {
        Some(why) => Err(why.to_owned()),
        None => proved(&slot.inspection, &Asked::default()).map_err(|why| match why {
            NoGrounds::NotProved(verdict, why) => format!("{verdict}: {why}"),
            NoGrounds::CannotSay(why) => why.to_string(),
        }),
    };
    let entry = |kind: Kind| {
        let written = match &grounds {
            Ok(grounds) => policy::write(kind, grounds).map_err(|why| why.to_string()),
            Err(why) => Err(why.clone()),
        };
        let (text, notes) = match written {
            Ok(written) => (Ok(written.text), written.notes),
            Err(why) => (Err(why), vec![]),
        };
        Entry { name: kind.word(), what: What::Policy(kind), text, notes }
    };
    Kind::ALL.into_iter().map(entry).collect()
}

/// The rows: pins, then policies.
pub(super) fn rows(state: &State) -> Vec<Row> {
    let (Some(decision), slot) = (&state.decision, state.slot()) else { return vec![] };
    let (standing, _) = badge(slot);
    let mut rows = vec![];
    for (number, entry) in decision.entries.iter().enumerate() {
        let first = number == 0;
        let before = number.checked_sub(1).and_then(|n| decision.entries.get(n));
        let policy = |entry: &Entry| matches!(entry.what, What::Policy(_));
        if policy(entry) && !before.is_some_and(policy) {
            rows.push(Row::heading("Policies"));
        } else if first {
            rows.push(Row::heading("Pins"));
        }
        rows.push(row(number, entry, standing, decision.unproved.is_none()));
    }
    rows
}

fn row(number: usize, entry: &Entry, standing: Mark, proved: bool) -> Row {
    let (mark, words, role) = match (&entry.text, proved) {
        (Ok(text), true) => (Mark::Proved, head(text), Role::Text),
        (Ok(text), false) => (standing, head(text), Role::Dim),
        (Err(why), true) => (Mark::Warning, format!("not written: {}", shown(why)), Role::Text),
        (Err(why), false) => (standing, shown(why), Role::Dim),
    };
    Row::new(Key::Written(number), Some(mark), entry.name).text(words).role(role)
}

/// The one line, or how many there are.
fn head(text: &str) -> String {
    match text.lines().count() {
        0 | 1 => shown(text.trim_end()),
        lines => format!("{lines} lines"),
    }
}

/// The form under the cursor.
pub fn selected(state: &State) -> Option<&Entry> {
    let decision = state.decision.as_ref().filter(|_| state.pane == Pane::Decision)?;
    match super::selected(state)? {
        Key::Written(number) => decision.entries.get(number),
        _ => None,
    }
}
