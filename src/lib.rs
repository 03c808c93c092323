//! sigscope: open a software release in the terminal, see what was published, who signed it, what
//! the transparency log says and what is inside.
//!
//! # The floors
//! A floor may name only the floors listed beside it; `tests/architecture.rs` enforces it.
//!
//! | floor | may import | is |
//! |---|---|---|
//! | [`domain`] | – | vocabulary and algorithms; no async, I/O, clock, terminal |
//! | [`verify`] | domain | bytes + trust root + time → facts; the only maker of [`verify::Verified`] |
//! | [`policy`] | domain, verify | what is proved, written for the programs that enforce it |
//! | [`inspect`] | domain, verify, policy | the core: what is known, what can run next, one task a check |
//! | [`net`] | domain, verify, inspect | registries, layouts and files behind the ports of `inspect` |
//! | [`report`] | domain, verify, inspect | an inspection for machines and for pipes |
//! | [`tui`] | domain, verify, policy, inspect, report | state, update, view |
//! | [`cli`] | all | arguments in, exit code out |
#![forbid(unsafe_code)]

pub mod cli;
pub mod domain;
pub mod inspect;
pub mod net;
pub mod policy;
pub mod report;
pub mod tui;
pub mod verify;
