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
        if !says_statements(file) && !shaped_like_evidence(&document) {
            continue;
        }
        match named(&document) {
            Ok(named) => found.extend(named.predicate_type.map(Ok)),
            Err(why) => drop(found.insert(Err(why))),
        }
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inspect::{ArtifactFacts, Contents};

    #[test]
    fn what_was_not_kept_is_told_by_its_beginning() {
        let line = format!("{}  x\n", "a".repeat(64));
        for (name, head, is_list, stated) in [
            ("sums-of-all", line.as_str(), true, false),
            ("checksums.txt", "", true, false),
            ("x.tar.gz", "\u{1f}\u{8b}", false, false),
            ("x.json", "\u{feff} {", false, true),
            ("x", "{", false, true),
            ("x.intoto.jsonl", "", false, true),
        ] {
            let artifact = ArtifactFacts { digests: vec![], bytes: Contents::NotKept };
            let is_evidence = crate::domain::release::evidence_of(name).is_some();
            let (name, head) = (name.to_owned(), Arc::from(head.as_bytes()));
            let file = ReleaseFile { name, hashed: Ok(artifact), head, is_evidence };
            assert_eq!(file.is_list(), is_list, "{}", file.name);
            let unread = of(&file).iter().any(Result::is_err);
            assert_eq!(unread, stated, "{}", file.name);
        }
    }
}
