//! Behaviour of the parsers, the search and the tree, on real documents and on broken ones.
#![allow(
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "a test that panics has failed, which is what it is for"
)]

mod diffs;
mod documents;
mod doubts;
mod formats;
mod hostile;
mod mutated;
mod queries;
mod random;
mod trees;
mod views;
mod wrapped;

use super::{Component, Sbom, SbomError};

/// SBOM attestations of signed releases, byte for byte as they were attested.
pub(super) const ENIX: &str = include_str!("../../../../tests/fixtures/sbom/enix-4.0.0.cdx.json");
pub(super) const BEACON: &str = include_str!("../../../../tests/fixtures/sbom/beacon.cdx.json");
pub(super) const HOSTILE: &str =
    include_str!("../../../../tests/fixtures/sbom/enix-hostile.cdx.json");
pub(super) const SPDX: &str = include_str!("../../../../tests/fixtures/sbom/enix-4.0.0.spdx.json");

/// The same small document in every format, and with what may be around it.
const SEEDS: [(&str, &[u8]); 10] = [
    ("bundle.json", include_bytes!("../../../../fuzz/seeds/sbom/bundle.json")),
    ("custom.json", include_bytes!("../../../../fuzz/seeds/sbom/custom.json")),
    ("string.json", include_bytes!("../../../../fuzz/seeds/sbom/string.json")),
    ("twin.cdx.json", include_bytes!("../../../../fuzz/seeds/sbom/twin.cdx.json")),
    ("twin.cdx.xml", include_bytes!("../../../../fuzz/seeds/sbom/twin.cdx.xml")),
    ("twin.cdx.xml.gz", include_bytes!("../../../../fuzz/seeds/sbom/twin.cdx.xml.gz")),
    ("twin.spdx", include_bytes!("../../../../fuzz/seeds/sbom/twin.spdx")),
    ("twin.spdx.json", include_bytes!("../../../../fuzz/seeds/sbom/twin.spdx.json")),
    ("twin.spdx3.json", include_bytes!("../../../../fuzz/seeds/sbom/twin.spdx3.json")),
    ("utf16.cdx.json", include_bytes!("../../../../fuzz/seeds/sbom/utf16.cdx.json")),
];

fn seed(name: &str) -> &'static [u8] {
    SEEDS.into_iter().find(|(known, _)| *known == name).unwrap().1
}

/// A CycloneDX document with these members behind the format.
fn cyclonedx(members: &str) -> Result<Sbom, SbomError> {
    Sbom::parse(format!(r#"{{"bomFormat":"CycloneDX","specVersion":"1.6",{members}}}"#).as_bytes())
}

fn names(sbom: &Sbom) -> Vec<&str> {
    sbom.components().map(Component::name).collect()
}

/// `position: message` of every problem.
fn problems(sbom: &Sbom) -> Vec<String> {
    sbom.problems().iter().map(|p| format!("{}: {}", p.position, p.message)).collect()
}

fn find<'a>(sbom: &'a Sbom, name: &str) -> (u32, Component<'a>) {
    (0..).zip(sbom.components()).find(|(_, c)| c.name() == name).unwrap()
}
