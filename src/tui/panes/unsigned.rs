//! SBOM: one that nobody signed, where no attestation carries one.

use std::sync::Arc;

use crate::{
    domain::sbom::paths::Paths,
    inspect::{SbomFacts, Subject, sboms},
    tui::{
        mark::Mark,
        state::{Slot, State},
        text::shown,
    },
};

/// A search for one.
#[derive(Clone, Debug, PartialEq)]
pub struct Apart {
    /// Of which release.
    pub subject: Subject,
    /// How much was known of it then.
    pub generation: u64,
    /// What was found, once it is known.
    pub answer: Option<Unattested>,
}

/// What was found.
#[derive(Clone, Debug, PartialEq)]
pub enum Unattested {
    /// Nothing is there.
    Nothing,
    /// Something may be there and could not be read: why. Foreign text.
    Unread(String),
    /// Documents, at least one.
    Documents(Vec<Arc<Unsigned>>),
}

/// A document that nobody signed.
#[derive(Clone, Debug, PartialEq)]
pub struct Unsigned {
    /// Its components.
    pub facts: SbomFacts,
    /// What carries it.
    pub place: &'static str,
    /// How many more were read.
    pub others: usize,
    /// Why there may be another one. Foreign text.
    pub unread: Option<String>,
}

impl Unsigned {
    /// `a legacy .sbom tag, which nobody signed`.
    pub fn words(&self) -> String {
        let more = match self.others {
            0 => String::new(),
            others => format!(", and {others} more, s next"),
        };
        let unread = self.unread.as_ref().map_or("", |_| ", and there may be another one");
        format!("{}, which nobody signed{more}{unread}", self.place)
    }
}

impl Unsigned {
    /// Why this one does not say everything.
    pub fn doubt(&self) -> Option<String> {
        let others = || format!("{} more that nobody signed are there", self.others);
        self.unread.clone().or_else(|| (self.others > 0).then(others))
    }
}

impl From<sboms::Unsigned> for Unattested {
    /// Takes a while for large documents.
    fn from(sboms::Unsigned { documents, unread, .. }: sboms::Unsigned) -> Self {
        let others = documents.len().saturating_sub(1);
        let one = |lone: sboms::Lone| {
            let sboms::Lone { sbom, carrier, place, platform } = lone;
            let paths = Arc::new(Paths::new(&sbom));
            let facts = SbomFacts { sbom, paths, attested: false, carrier, platform };
            Arc::new(Unsigned { facts, place, others, unread: unread.clone() })
        };
        let all: Vec<_> = documents.into_iter().map(one).collect();
        match (all.is_empty(), unread) {
            (false, _) => Self::Documents(all),
            (true, Some(why)) => Self::Unread(why),
            (true, None) => Self::Nothing,
        }
    }
}

impl Apart {
    /// Whether it is about what is known of that release now.
    pub fn is_of(&self, subject: &Subject, slot: &Slot) -> bool {
        self.subject == *subject && self.generation == slot.generation
    }
}

/// What was found of those that nobody signed; `None` where it is not known yet.
pub(super) fn apart<'a>(
    state: &'a State,
    subject: &Subject,
    slot: &Slot,
) -> Option<&'a [Arc<Unsigned>]> {
    match state.unsigned.as_ref().filter(|apart| apart.is_of(subject, slot))?.answer.as_ref()? {
        Unattested::Documents(found) => Some(found),
        Unattested::Nothing | Unattested::Unread(_) => Some(&[]),
    }
}

/// What is to be said where no document is shown.
pub(super) fn why(state: &State) -> Option<(Option<Mark>, String)> {
    let (subject, slot) = (state.open.as_ref()?, state.slot()?);
    let apart = state.unsigned.as_ref().filter(|apart| apart.is_of(subject, slot))?;
    match &apart.answer {
        None => Some((Some(Mark::Running), "looking for one that nobody signed".to_owned())),
        Some(Unattested::Unread(why)) => {
            let words = format!("one that nobody signed may be there: {}", shown(why));
            Some((Some(Mark::Undecided), words))
        }
        Some(Unattested::Nothing | Unattested::Documents(_)) => None,
    }
}
