//! Whatever is done to a document of any format: nothing panics, and what is shown as raw is a
//! piece of the document.

use proptest::{
    prelude::*,
    test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};

use super::{super::source::offset, SEEDS, Sbom};

/// One change.
#[derive(Clone, Debug)]
enum Edit {
    /// These bytes in place of some.
    Replace(prop::sample::Index, usize, Vec<u8>),
    /// A piece once more, somewhere else.
    Copy(prop::sample::Index, usize, prop::sample::Index),
    /// The end cut off.
    Cut(prop::sample::Index),
}

fn edits() -> impl Strategy<Value = Vec<Edit>> {
    let place = any::<prop::sample::Index>;
    let marks = prop::sample::select(vec![
        &b"<"[..],
        b">",
        b"</",
        b"/>",
        b"\"",
        b"{",
        b"}",
        b"[",
        b"]",
        b"<text>",
        b"</text>",
        b"\n",
        b":",
        b"&",
        b";",
        b"\\",
        b"<![CDATA[",
        b"<!--",
        b"<!DOCTYPE",
        b"null",
        b"\xff",
        b"PackageName:",
    ]);
    let bytes =
        prop_oneof![marks.prop_map(<[u8]>::to_vec), prop::collection::vec(any::<u8>(), 0..6)];
    let edit = prop_oneof![
        4 => (place(), 0_usize..40, bytes).prop_map(|(at, len, by)| Edit::Replace(at, len, by)),
        2 => (place(), 0_usize..400, place()).prop_map(|(at, len, to)| Edit::Copy(at, len, to)),
        1 => place().prop_map(Edit::Cut),
    ];
    prop::collection::vec(edit, 1..5)
}

fn apply(mut bytes: Vec<u8>, edits: &[Edit]) -> Vec<u8> {
    for edit in edits {
        if bytes.is_empty() {
            break;
        }
        let range = |at: &prop::sample::Index, len: usize| {
            let start = at.index(bytes.len());
            start..bytes.len().min(start + len)
        };
        match edit {
            Edit::Replace(at, len, by) => {
                let range = range(at, *len);
                bytes.splice(range, by.iter().copied());
            }
            Edit::Copy(at, len, to) => {
                let piece = bytes[range(at, *len)].to_vec();
                let to = to.index(bytes.len());
                bytes.splice(to..to, piece);
            }
            Edit::Cut(at) => bytes.truncate(at.index(bytes.len())),
        }
    }
    bytes
}

fn holds(bytes: &[u8]) {
    let Ok(sbom) = Sbom::parse(bytes) else { return };
    let text = sbom.source().text();
    for part in sbom.components().chain(sbom.root()) {
        let _ = (part.name(), part.licences().count(), part.hashes().count(), part.detail());
        if let Some(raw) = part.raw() {
            assert!(offset(text, raw).is_some(), "the raw text is no piece of the document");
        }
    }
    assert_eq!(sbom.counts().components, sbom.len());
    for place in (0..u32::try_from(sbom.len()).unwrap()).map(Some).chain([None]) {
        let _ = (sbom.dependencies_of(place).count(), sbom.contents_of(place).count());
    }
    let _ = (sbom.search("a"), sbom.quality());
}

fn run(cases: u32) {
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[11; 32]);
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    let strategy = (prop::sample::select(&SEEDS[..]), edits());
    TestRunner::new_with_rng(config, rng)
        .run(&strategy, |((_, seed), edits)| {
            holds(&apply(seed.to_vec(), &edits));
            Ok(())
        })
        .unwrap();
}

#[test]
fn mutated_documents_of_every_format_are_read_or_refused() {
    run(1500);
}

#[test]
#[ignore = "takes minutes; run in release"]
fn many_more_mutated_documents_are_read_or_refused() {
    run(300_000);
}
