//! Floor 0: the vocabulary and the algorithms. No async, no I/O, no clock, no terminal.
//!
//! Everything here is a value or a pure function over values; what a type cannot hold cannot go
//! wrong on a higher floor.

pub mod attached;
pub mod chart;
pub mod checksums;
pub mod claims;
pub mod demand;
pub mod digest;
pub mod github;
pub mod goregexp;
pub mod identity_lint;
pub mod image_glob;
pub mod oci;
pub mod pin;
pub mod platform;
pub mod predicate;
pub mod reference;
pub mod release;
pub mod rules;
pub mod sbom;
pub mod simple_signing;
pub mod statement;
pub mod steps;
pub mod suggest;
pub mod target;
pub mod text;
pub mod verdict;
pub mod version;

pub use digest::Digest;
pub use jiff::Timestamp;
pub use reference::{Reference, Repository, Tag};
pub use verdict::Verdict;
