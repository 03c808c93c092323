//! Behaviour of the parsers, the search and the tree, on real documents and on broken ones.
#![allow(
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "a test that panics has failed, which is what it is for"
)]

mod diffs;
mod documents;
mod hostile;
mod queries;
mod random;
mod trees;
mod views;

use super::{Component, Sbom, SbomError};

/// SBOM attestations of signed releases, byte for byte as they were attested.
pub(super) const ENIX: &str = include_str!("../../../../tests/fixtures/sbom/enix-4.0.0.cdx.json");
pub(super) const BEACON: &str = include_str!("../../../../tests/fixtures/sbom/beacon.cdx.json");
pub(super) const HOSTILE: &str =
    include_str!("../../../../tests/fixtures/sbom/enix-hostile.cdx.json");
pub(super) const SPDX: &str = include_str!("../../../../tests/fixtures/sbom/enix-4.0.0.spdx.json");

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
