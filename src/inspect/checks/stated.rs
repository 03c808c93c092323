//! Which predicate types the files of a folder state, whatever they are called.

use std::{collections::BTreeSet, sync::Arc};

use super::piece::documents_up_to;
use crate::{
    domain::{checksums::SNIFFED, release::EvidenceName},
    inspect::release::ReleaseFile,
    verify::{marks_of_a_statement, marks_of_evidence, named, shaped_like_evidence, stated_in},
};

/// The most answers that are kept of one file.
const MAX_STATED: usize = 1000;

/// What one file states; nothing for a file that is no evidence by its name nor by its shape.
///
/// A name proves nothing: an attestation under an unusual one is there all the same, and whoever
/// forbids it means it too. What bears a mark of evidence and is not understood may be one that
/// another reader understands: an answer of GitHub, an array, a line behind a word.
pub(super) fn of(file: &ReleaseFile) -> Vec<Result<String, String>> {
    let by_name = file.evidence().is_some();
    let Some(bytes) = file.bytes() else {
        let why = "it is too large to be read as evidence";
        let may_be = file.hashed.is_ok() && (by_name || holds_json(&file.head));
        return may_be.then(|| Err(why.to_owned())).into_iter().collect();
    };
    if !by_name && !holds_json(bytes) {
        return vec![];
    }
    let mut found = BTreeSet::new();
    if let Some(EvidenceName::Signature(_)) = file.evidence() {
        found.extend(stated_in(bytes).map(|named| named.predicate_type).transpose());
    }
    // Every line, however many: who hides one behind a thousand others means it to be overlooked.
    for document in documents_up_to(Arc::clone(bytes), usize::MAX) {
        found.extend(of_document(&document, says_statements(file)));
        if found.len() > MAX_STATED {
            found.insert(Err(format!("it states more than {MAX_STATED} things")));
            break;
        }
    }
    found.into_iter().collect()
}

fn of_document(document: &[u8], says_statements: bool) -> Option<Result<String, String>> {
    let not_understood = || Err("it has marks of evidence and is not understood".to_owned());
    if !says_statements && !shaped_like_evidence(document) {
        return marks_of_evidence(document).then(not_understood);
    }
    match named(document) {
        Ok(named) => match named.predicate_type {
            Some(uri) => Some(Ok(uri)),
            None => marks_of_a_statement(document).then(not_understood),
        },
        Err(why) => Some(Err(why)),
    }
}

/// Whether its name says that it holds bundles or attestations; a detached signature states nothing.
fn says_statements(file: &ReleaseFile) -> bool {
    matches!(file.evidence(), Some(EvidenceName::Bundle(_) | EvidenceName::Attestations))
}

/// Whether it is a text in which JSON begins, in its first line or any other.
fn holds_json(bytes: &[u8]) -> bool {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let begins = |text: &[u8]| matches!(text.trim_ascii_start().first(), Some(b'{' | b'['));
    if begins(bytes) {
        return true;
    }
    let text = !bytes.get(..SNIFFED).unwrap_or(bytes).contains(&0);
    text && bytes.split(|byte| matches!(byte, b'\n' | b'\r')).any(begins)
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
            ("x", "[", false, true),
            ("x", "words\r{", false, true),
            ("x", "words {", false, false),
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
