//! The query of `--search`.

use crate::{
    cli::Stop,
    domain::sbom::{Query, Sbom},
};

/// What `--search` finds.
pub(super) struct Found {
    /// The components, in document order.
    pub(super) numbers: Vec<u32>,
    /// How many others may be meant: their version cannot be compared, or there is none.
    pub(super) undecided: usize,
}

/// The query that was written.
///
/// # Errors
/// A usage error for one that restricts nothing, or of which a part would: while somebody types,
/// that is no error, but a script would take everything for a hit.
pub(super) fn query(text: &str) -> Result<Query, Stop> {
    let query = Query::parse(text);
    match query.hint() {
        Some(hint) => {
            Err(Stop::usage(format!("--search: {hint}; \"…\" looks for text as it stands")))
        }
        None if query.is_empty() => Err(Stop::usage("--search restricts nothing")),
        None => Ok(query),
    }
}

/// What is found in one document.
pub(super) fn hits(sbom: &Sbom, query: &Query) -> Found {
    let hits = sbom.find(query);
    Found { undecided: hits.undecided(), numbers: hits.components }
}
