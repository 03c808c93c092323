//! Fields, questions and words that stand over everything else.

use super::{message::RunId, pinning::Draft};
use crate::policy::Kind;

/// What a field is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asking {
    /// A target to open.
    Target,
    /// Letters of tags.
    Filter,
    /// Words of components.
    Search,
    /// The file into which that part of the SBOM is written.
    Export(Taking),
    /// The file in which the open release is pinned.
    PinFile,
    /// The file into which that policy is written.
    Policy(Kind),
}

/// What of an SBOM is written into a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taking {
    /// The document, byte for byte.
    Document,
    /// The components that are marked; without a mark those that were found, or all.
    Components,
    /// The row under the cursor, and what is shown below it.
    Below,
    /// The licences of the same components, counted.
    Licences,
}

/// A field that takes text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// What for.
    pub asking: Asking,
    /// What was written.
    pub text: String,
    /// The cursor, in characters.
    pub at: usize,
    /// What is wrong with it: the position and the words.
    pub wrong: Option<(usize, String)>,
}

/// The question whether, and how, to copy a pin.
#[derive(Clone, Debug, PartialEq)]
pub enum Pin {
    /// The tag is being asked for.
    Asking(RunId),
    /// Not proved: copy it all the same?
    Confirm {
        /// What would be copied.
        line: String,
        /// Why it is not proved.
        why: String,
    },
    /// The tag points elsewhere now.
    Moved {
        /// The tag, in words.
        tag: String,
        /// What was inspected.
        was: String,
        /// Where it points now.
        now: String,
    },
    /// The tag could not be asked for.
    Failed(String),
    /// What would change in a file, from that line on: write it?
    Draft(Box<Draft>, usize),
}

/// A word in the bottom line, until the next key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Toast {
    /// The words; already harmless.
    pub words: String,
    /// Whether something went wrong.
    pub bad: bool,
}
