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
    /// A document.
    Document(Arc<Unsigned>),
}

/// A document that nobody signed.
#[derive(Clone, Debug, PartialEq)]
pub struct Unsigned {
    /// Its components.
    pub facts: SbomFacts,
    /// What carries it.
    pub place: &'static str,
    /// How many more there are that were not read.
    pub others: usize,
}

impl Unsigned {
    /// `a legacy .sbom tag, which nobody signed`.
    pub fn words(&self) -> String {
        let more = match self.others {
            0 => String::new(),
            others => format!(", and {others} more"),
        };
        format!("{}, which nobody signed{more}", self.place)
    }
}

impl From<sboms::Unsigned> for Unattested {
    /// Takes a while for a large document.
    fn from(found: sboms::Unsigned) -> Self {
        match found {
            sboms::Unsigned::Nothing => Self::Nothing,
            sboms::Unsigned::Unread(why) => Self::Unread(why),
            sboms::Unsigned::Found { sbom, carrier, place, platform, others } => {
                let paths = Arc::new(Paths::new(&sbom));
                let facts = SbomFacts { sbom, paths, attested: false, carrier, platform };
                Self::Document(Arc::new(Unsigned { facts, place, others: others.0 }))
            }
        }
    }
}

impl Apart {
    /// Whether it is about what is known of that release now.
    pub fn is_of(&self, subject: &Subject, slot: &Slot) -> bool {
        self.subject == *subject && self.generation == slot.generation
    }
}

/// The document that nobody signed, where one was found.
pub(super) fn apart<'a>(
    state: &'a State,
    subject: &Subject,
    slot: &Slot,
) -> Option<&'a Arc<Unsigned>> {
    match &state.unsigned.as_ref().filter(|apart| apart.is_of(subject, slot))?.answer {
        Some(Unattested::Document(found)) => Some(found),
        _ => None,
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
        Some(Unattested::Nothing | Unattested::Document(_)) => None,
    }
}
