//! Floor 3: an inspection for machines ([`json`]) and for pipes ([`text`]).
//!
//! Both read the same value as the terminal UI; the public shape has types of its own, so that it
//! changes only when somebody means it to (`"schema": 1`).

pub mod cosign;
mod inside;
pub mod json;
mod policy;
mod predicate;
pub mod sbom;
pub mod text;
pub mod trust_root;
