//! The query of `--search`.

use crate::{cli::Stop, domain::sbom::Query};

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
