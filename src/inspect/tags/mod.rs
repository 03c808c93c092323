//! Tags: listing all of them within limits, resolving them, and remembering where they pointed.

pub mod history;
pub mod resolve;
pub mod walk;

pub use history::{Before, Entry, History, Ledger, Moved, NoHistory, Seen};
pub use resolve::{TagFacts, resolve};
pub use walk::{After, Listed, ListingLimits, Walk, list_repositories, list_tags};
