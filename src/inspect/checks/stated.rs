//! Which predicate types the files of a folder state, whatever they are called.

use std::{collections::BTreeSet, sync::Arc};

use super::piece::documents;
use crate::{
    inspect::release::ReleaseFile,
    verify::{named, shaped_like_evidence},
};

/// What one file states; nothing for a file that is no evidence by its name nor by its shape.
///
/// A name proves nothing: an attestation under an unusual one is there all the same, and whoever
/// forbids it means it too.
pub(super) fn of(file: &ReleaseFile) -> Vec<Result<String, String>> {
    let by_name = file.evidence().is_some();
    let Some(bytes) = file.bytes() else {
        let why = "it is too large to be read as evidence";
        let may_be = file.hashed.is_ok() && (by_name || begins_like_json(&file.head));
        return may_be.then(|| Err(why.to_owned())).into_iter().collect();
    };
    if !by_name && !begins_like_json(bytes) {
        return vec![];
    }
    let mut found = BTreeSet::new();
    for document in documents(Arc::clone(bytes)) {
        if !shaped_like_evidence(&document) {
            continue;
        }
        match named(&document) {
            Ok(named) => found.extend(named.predicate_type.map(Ok)),
            Err(why) => drop(found.insert(Err(why))),
        }
    }
    // What bears the name of evidence and is none that can be read is told with its pairs; here it
    // is unread as well.
    let unread = if by_name && found.is_empty() {
        documents(Arc::clone(bytes)).iter().find_map(|document| named(document).err())
    } else {
        None
    };
    found.extend(unread.filter(|_| says_statements(file)).map(Err));
    found.into_iter().collect()
}

/// Whether its name says that it holds bundles or attestations; a detached signature states nothing.
fn says_statements(file: &ReleaseFile) -> bool {
    use crate::domain::release::EvidenceName::{Attestations, Bundle};
    matches!(file.evidence(), Some(Bundle(_) | Attestations))
}

fn begins_like_json(bytes: &[u8]) -> bool {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    bytes.trim_ascii_start().starts_with(b"{")
}
