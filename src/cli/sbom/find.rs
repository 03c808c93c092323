//! The query of `--search`.

use crate::domain::sbom::Sbom;

/// What `--search` finds.
pub(crate) fn hits(sbom: &Sbom, query: &str) -> Vec<u32> {
    match query.strip_prefix("contains:") {
        Some(text) => contains(sbom, text),
        None => sbom.search(query),
    }
}

/// Exactly jq's `.components[] | select(.name | contains(TEXT))`: outermost components, by their
/// name alone, letter by letter, in document order.
fn contains(sbom: &Sbom, text: &str) -> Vec<u32> {
    let finder = memchr::memmem::Finder::new(text);
    (0..)
        .zip(sbom.components())
        .filter(|(_, one)| one.is_top() && finder.find(one.name().as_bytes()).is_some())
        .map(|(number, _)| number)
        .collect()
}
