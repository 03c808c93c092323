//! Floor 3: an inspection for machines ([`json`]) and for pipes ([`text`]).
//!
//! Both read the same value as the terminal UI; the public shape has types of its own, so that it
//! changes only when somebody means it to (`"schema": 1`).

use crate::{
    domain::Digest,
    inspect::{Inspection, Subject},
};

pub mod cosign;
mod inside;
pub mod json;
mod policy;
mod predicate;
pub mod text;
pub mod trust_root;

/// The digest of the target itself. Of a file that is to be a layer it is the file's own: the
/// artifact's would stand under a name that it does not belong to.
fn own_digest(seen: &Inspection) -> Option<&Digest> {
    match &seen.subject {
        Subject::Layer { .. } => seen.files().find_map(|(.., file)| file.digest.as_ref()),
        _ => seen.digest(),
    }
}
