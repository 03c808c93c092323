//! What is done with a reference that stands in a file: looked at by its digest, and pinned where it
//! is proved.
//!
//! What is known ([`Known`]) and what follows from it ([`decide`]) are plain data; [`look`] asks the
//! world for the former, [`write`] carries the latter out. The tag is asked for twice: once at the
//! start, and once more before anything is written. In between everything is about the digest.

mod chosen;
mod decide;
#[cfg(test)]
mod decide_tests;
pub mod forms;
pub mod look;
pub mod update;
pub mod walk;
pub mod write;

use std::sync::Arc;

use super::RootSource;
use crate::domain::{Digest, Reference, Tag, Verdict, demand::Demand};

pub use chosen::wanted;
pub use decide::{Decision, Standing, Write, decide};
pub use forms::{FormText, REFERENCE, forms};
pub use look::{Settings, look};
pub use update::{Skipped, Update};
pub use walk::{Bounds, Source, Target, Trouble, Walked, walk};
pub use write::{Edit, Moved, Outcome, Written, edit, write};

/// What is to be known of a digest in the values of a chart.
pub const HELM_NOTE: &str =
    "whether the chart reads `digest` is not in its values: look at what it renders";

/// References that are looked at at once.
pub const AT_ONCE: usize = 4;

/// Who is demanded of an image, and which trust root judges it.
#[derive(Clone, Debug, PartialEq)]
pub struct Policy {
    /// What is demanded; nothing where no policy is for the image.
    pub demand: Option<Arc<Demand>>,
    /// The trust root.
    pub root: RootSource,
}

/// Where the tag of a reference points at the start of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tagged {
    /// Only a digest is written: nothing can move.
    Nothing,
    /// It points at that content.
    At(Pointed),
    /// The registry has no such tag; in words.
    Gone(String),
    /// Nobody knows; in words.
    Unknown(String),
}

/// What a tag points at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pointed {
    /// The tag: the one that is written, else `latest`.
    pub tag: Tag,
    /// The digest of the bytes that came.
    pub digest: Digest,
    /// Where that is an index, what it lists: a pin to one of them has not moved.
    pub lists: Vec<Digest>,
}

/// How a digest stands under the policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judged {
    /// The content that was judged: with a platform the child that it led to.
    pub digest: Digest,
    /// The verdict; without a demand never proved.
    pub verdict: Verdict,
    /// In one line; may hold foreign text.
    pub reason: String,
    /// Whether its manifest was read at all.
    pub there: bool,
}

/// Everything that is known of one reference under one policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// As it is written.
    pub reference: Reference,
    /// Whether a policy is for it.
    pub demanded: bool,
    /// Where its tag points.
    pub tagged: Tagged,
    /// How the digest stands that is written, else the one that the tag points at; nothing where
    /// neither is known.
    pub judged: Option<Judged>,
    /// What a newer tag would be, where one is looked for.
    pub update: Update,
}
