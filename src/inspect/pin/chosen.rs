//! The pins of one release that somebody chose, in a file that names its image.

use super::{Decision, Source, Standing, Write};
use crate::domain::{Digest, Reference, Tag, version::may_replace};

/// What is written at every place of the file: the release where its image stands with its tag, with
/// an older one of the same kind, or with none; nothing anywhere else. `4.0.0` takes no place of
/// `3.9.0-alpine`, which is another image, nor of `4.1.0`, which is newer.
pub fn wanted(
    source: &Source,
    reference: &Reference,
    digest: &Digest,
    again: &(Tag, Digest),
) -> Vec<Decision> {
    let decision = |found: &Reference| {
        let mine = found.repository == reference.repository;
        let alike = found.tag.as_ref().is_none_or(|tag| may_replace(tag, &again.0));
        let other = found.tag.as_ref() != Some(&again.0);
        let write = Write {
            tag: other.then(|| again.0.clone()),
            digest: digest.clone(),
            proved: true,
            again: again.clone(),
        };
        Decision {
            standing: Standing::Proved,
            why: String::new(),
            pinned: found.digest.is_some(),
            write: (mine && alike).then_some(write),
            skipped: vec![],
            notes: vec![],
        }
    };
    source.document.places().iter().map(|place| decision(&place.reference)).collect()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::{domain::pin::Document, inspect::pin::edit};

    #[test]
    fn only_the_image_itself_with_a_tag_of_the_same_kind_is_written() {
        let (old, new) = (Digest::sha256(b"old"), Digest::sha256(b"new"));
        let release = Reference::parse("ghcr.io/a/b:4.0.0").unwrap();
        // What stands in the file; what stands there afterwards, `=` for the same.
        for (before, after) in [
            ("ghcr.io/a/b:4.0.0", "ghcr.io/a/b:4.0.0@NEW"),
            ("ghcr.io/a/b:3.9.0", "ghcr.io/a/b:4.0.0@NEW"),
            ("ghcr.io/a/b", "ghcr.io/a/b:4.0.0@NEW"),
            ("ghcr.io/a/b:3.9.0@OLD", "ghcr.io/a/b:4.0.0@NEW"),
            ("ghcr.io/a/b:4.0.0@NEW", "="),
            ("ghcr.io/a/b:4.1.0", "="),
            ("ghcr.io/a/b:4.1.0@OLD", "="),
            ("ghcr.io/a/b:4.0.0-alpine", "="),
            ("ghcr.io/a/b:v4.0.0", "="),
            ("ghcr.io/a/b:latest", "="),
            ("ghcr.io/a/bb:4.0.0", "="),
            ("quay.io/a/b:4.0.0", "="),
        ] {
            let text = |image: &str| {
                let image = image.replace("NEW", &new.to_string()).replace("OLD", &old.to_string());
                format!("services:\n  a:\n    image: {image} # kept\n")
            };
            let bytes: Arc<[u8]> = Arc::from(text(before).as_bytes());
            let source = Source {
                path: "compose.yaml".into(),
                folder: ".".into(),
                name: "compose.yaml".into(),
                document: Document::read("compose.yaml", &bytes).unwrap(),
            };
            let again = (Tag::parse("4.0.0").unwrap(), new.clone());
            let decisions = wanted(&source, &release, &new, &again);
            let each: Vec<&Decision> = decisions.iter().collect();
            let written = edit(&source, &each).bytes.map(|b| String::from_utf8(b).unwrap());
            let wanted = if after == "=" { None } else { Some(text(after)) };
            assert_eq!(written, wanted, "{before}");
        }
    }
}
