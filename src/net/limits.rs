//! Every limit on what comes from outside, in one table.
//!
//! Whatever is over a limit is an error, never a shorter answer: a verdict must not depend on
//! where somebody stopped reading.
//!
//! | limit | value | guards against |
//! |---|---|---|
//! | [`MANIFEST_BYTES`] | 4 MiB | a "manifest" that fills the memory; registries stop there too |
//! | [`REFERRERS_PAGE_BYTES`] | 4 MiB | the same, for one page of referrers |
//! | [`LISTING_BYTES`] | 8 MiB | the same, for all pages of one listing of referrers |
//! | [`TAG_PAGE_BYTES`] | 8 MiB | the same, for one page of tags |
//! | [`LISTED_PAGES`] | 1,000 pages | a list of tags or repositories that never ends |
//! | [`LISTED_NAMES`] | 200,000 names | the same, in memory |
//! | [`LISTED_TIME`] | 120 s | the same, in time |
//! | [`LISTED_ODD`] | 1,000 names | the same, of names that cannot be |
//! | [`HISTORY_BYTES`] | 16 MiB | a history of tags that is something else |
//! | [`HISTORY_ENTRIES`] | 20,000 tags | a history that only grows |
//! | [`RESOLVED_AT_ONCE`] | 8 tags | a list of tags that asks for everything at once |
//! | [`RESOLVED_TIME`] | 120 s | a thousand tags that all stall |
//! | [`TOKEN_BYTES`] | 64 KiB | the same, for the answer of a token server |
//! | [`TOKEN_KEPT`] | 24 h | a token that is said to hold for ever |
//! | [`TOKEN_SLACK`] | 5 s | a token that ends on the way |
//! | [`HELPER_BYTES`] | 64 KiB | a credential helper that writes without end |
//! | [`HELPER`] | 30 s | a credential helper that hangs |
//! | [`HELPER_KEPT`] | 60 s | asking for a passphrase sixteen times at once |
//! | [`ERROR_BYTES`] | 8 KiB | the same, for the body of an error |
//! | [`CONFIG_BYTES`] | 1 MiB | a `config.json` that is something else |
//! | [`SERVER_WORDS`] | 300 characters | a server's message that pushes ours off the screen |
//! | [`REFERRERS`] | 2,000 entries | a listing that never ends to be judged |
//! | [`PAGES`] | 100 pages | a `Link` header that always names one page more |
//! | [`REDIRECTS`] | 5 hops | a redirect loop |
//! | [`TRIES`] | 4 requests | a server that is always busy |
//! | [`CONNECT_TRIES`] | 2 requests | a server that is not there |
//! | [`PER_HOST`] | 16 requests at once | our own flood of a registry |
//! | [`KEPT_FREE`] | 4 of those | platforms that hang, before what a verdict depends on |
//! | [`LARGE_ANSWERS`] | 4 answers at once | sixteen manifests and lists of megabytes in memory |
//! | [`LARGE_BYTES`] | 256 KiB | so many bytes make an answer large |
//! | [`EVIDENCE_BYTES`] | 32 MiB | two thousand attestations of megabytes of one artifact |
//! | [`SBOM_BYTES`] | 16 MiB | the same, of SBOMs once they are parsed |
//! | [`MEMBERS`] | 150,000 names | a manifest of annotations that takes thirteen times its size |
//! | [`NAME`] | 255 characters | two thousand media types of kilobytes |
//! | [`LISTED_BELOW`] | 500 entries | a hundred long listings of evidence of evidence |
//! | [`CONNECT`] | 10 s | a host that swallows packets |
//! | [`ANSWER`] | 30 s | a small answer that drips |
//! | [`BLOB`] | 600 s | a blob that drips |
//! | [`STALL`] | 15 s | a server that stops in the middle |
//! | [`LISTING`] | 120 s | many slow pages in a row |
//! | [`BACK_OFF`] | 250 ms, doubling | hammering a busy server |
//! | [`LONGEST_WAIT`] | 10 s | `Retry-After: 86400` |
//! | [`PATIENCE`] | 60 s | two thousand answers that all say "try again" |
//! | [`LAYOUT_INDEX_BYTES`] | 16 MiB | an `index.json` that fills the memory |
//! | [`LAYOUT_SCAN_BYTES`] | 256 MiB | thousands of huge manifests in one layout |
//! | [`TAR_ENTRIES`] | 200,000 entries | a tar of empty files |
//! | [`ATTESTATIONS`] | 1,000 entries | a store of attestations that never ends to be judged |
//! | [`ATTESTATION_PAGE_BYTES`] | 64 MiB | the same, for one page of them |
//! | [`ATTESTATION_BYTES`] | 32 MiB | the same, for one bundle, and what it unpacks to |
//! | [`ATTESTATIONS_BYTES`] | 256 MiB | the same, for all of one digest |
//! | [`ATTESTATIONS_AT_ONCE`] | 8 requests at once | 1,000 bundles in memory before one is judged |
//! | [`TUF_TIME`] | 10 s | a mirror that drips holds every judgement back |
//! | [`TUF_CONNECT`] | 3 s | a mirror that swallows packets |
//! | [`TUF_TARGET_BYTES`] | 4 MiB | a trust root that fills the memory |
//! | [`TUF_CACHE_BYTES`] | 16 MiB | a cache file that is something else |
//! | [`CACHE_BYTES`] | 1 GiB | a disk that fills with what was looked at once |
//! | [`CACHE_ENTRY_BYTES`] | 256 MiB | one entry that drives out all others |
//! | [`CACHE_ENTRIES`] | 100,000 files | a cache folder that takes for ever to be listed |
//! | [`TRACE_RECORDS`] | 2,000 records | a session of days that fills the memory |
//! | [`TRACE_QUEUE`] | 4,096 lines | a trace file on a disk that hangs |
//! | [`TRACE_FLUSH`] | 2 s | the same, at the end of the program |
//! | [`TRACE_WARNINGS`] | 20 messages | a broken disk that repeats itself |
//! | [`TAR_EXTENSION_BYTES`] | 64 KiB | a long-name or PAX record that fills the memory |
//!
//! Entries of one manifest are limited by [`crate::domain::oci::MAX_ENTRIES`], blobs by the limit
//! that the caller names and by the size in their descriptor. What is looked for below an artifact
//! is limited in [`crate::inspect::nested`] (3 steps, 100 listings, 500 pieces). Of each of 64
//! platforms manifest and config may take 1 MiB in memory, a config has at most 20,000 names and shows
//! settings up to 64 KiB; bundles that are judged at once take about 96 MiB, and three legacy tags are
//! read at once. What a Helm chart
//! unpacks to in [`crate::domain::chart`] (64 MiB, 10,000 files, 1 MiB a file, 500 images of 1,024
//! bytes each).

use std::time::Duration;

pub use crate::domain::oci::{MAX_MEMBERS as MEMBERS, MAX_NAME as NAME};
pub use crate::inspect::{EVIDENCE_BYTES, SBOM_BYTES, nested::MAX_LISTED as LISTED_BELOW};

pub use crate::inspect::tags::{
    history::MAX_ENTRIES as HISTORY_ENTRIES,
    resolve::{AT_ONCE as RESOLVED_AT_ONCE, TIME as RESOLVED_TIME},
    walk::{NAMES as LISTED_NAMES, ODD as LISTED_ODD, PAGES as LISTED_PAGES, TIME as LISTED_TIME},
};

/// Bytes of one manifest. Source: OCI distribution specification, "Pushing Manifests": registries
/// SHOULD limit them to 4 MiB at least.
pub const MANIFEST_BYTES: u64 = 4 << 20;
/// Bytes of one page of referrers.
pub const REFERRERS_PAGE_BYTES: u64 = 4 << 20;
/// Bytes of all pages of one listing of referrers; what they hold takes a multiple in memory.
pub const LISTING_BYTES: u64 = 8 << 20;
/// Bytes of one page of tags.
pub const TAG_PAGE_BYTES: u64 = 8 << 20;
/// Bytes of the history of tags.
pub const HISTORY_BYTES: u64 = 16 << 20;
/// Bytes of the answer of a token server.
pub const TOKEN_BYTES: u64 = 64 << 10;
/// The longest time that a token is held, whatever its server says.
pub const TOKEN_KEPT: Duration = Duration::from_secs(24 * 3600);
/// So long before its end a token is renewed.
pub const TOKEN_SLACK: Duration = Duration::from_secs(5);
/// Bytes that a credential helper may write.
pub const HELPER_BYTES: u64 = 64 << 10;
/// Time for one answer of a credential helper; a person may have to type a passphrase.
pub const HELPER: Duration = Duration::from_secs(30);
/// How long a helper's answer holds.
pub const HELPER_KEPT: Duration = Duration::from_secs(60);
/// Bytes of an error's body that are read.
pub const ERROR_BYTES: u64 = 8 << 10;
/// Bytes of docker's `config.json`.
pub const CONFIG_BYTES: u64 = 1 << 20;
/// Characters of a server's own words that are kept.
pub const SERVER_WORDS: usize = 300;
/// Entries of one listing of referrers.
pub const REFERRERS: usize = 2_000;
/// Pages of one listing of referrers.
pub const PAGES: usize = 100;
/// Redirects of one request.
pub const REDIRECTS: usize = 5;
/// Requests for one answer when the server is busy or the connection breaks.
pub const TRIES: u32 = 4;
/// Requests for one answer when nobody can be connected to or nothing comes in time.
pub const CONNECT_TRIES: u32 = 2;
/// Requests to one host at once.
pub const PER_HOST: usize = 16;
/// So many of them are never for what is only looked at.
pub const KEPT_FREE: usize = 4;
/// Large answers at once, over all hosts; each is there until it was parsed.
pub const LARGE_ANSWERS: usize = 4;
/// Bytes over which an answer is large.
pub const LARGE_BYTES: u64 = 256 << 10;
/// Time to connect, TLS included.
pub const CONNECT: Duration = Duration::from_secs(10);
/// Time for one small answer, body included.
pub const ANSWER: Duration = Duration::from_secs(30);
/// Time for one blob.
pub const BLOB: Duration = Duration::from_secs(600);
/// Time without a single byte.
pub const STALL: Duration = Duration::from_secs(15);
/// Time for one listing of referrers with all its pages.
pub const LISTING: Duration = Duration::from_secs(120);
/// Wait before the second try; doubled before each further one.
pub const BACK_OFF: Duration = Duration::from_millis(250);
/// The longest wait that a server may ask for; asked for more, we give up at once.
pub const LONGEST_WAIT: Duration = Duration::from_secs(10);
/// All waits for one host together, within five minutes.
pub const PATIENCE: Duration = Duration::from_secs(60);
/// Bytes of a layout's `index.json`.
pub const LAYOUT_INDEX_BYTES: u64 = 16 << 20;
/// Bytes of manifests that are read to find the referrers of a layout.
pub const LAYOUT_SCAN_BYTES: u64 = 256 << 20;
/// Entries of a tar file.
pub const TAR_ENTRIES: usize = 200_000;
/// Bytes of one extension record of a tar file.
pub const TAR_EXTENSION_BYTES: u64 = 64 << 10;

/// Attestations that GitHub lists for one digest. Source: gh's largest `--limit`.
pub const ATTESTATIONS: usize = 1_000;
/// Bytes of one page of attestations, with the bundles in it.
pub const ATTESTATION_PAGE_BYTES: u64 = 64 << 20;
/// Bytes of one attestation as it is stored, and unpacked; GitHub takes predicates up to 16 MiB.
pub const ATTESTATION_BYTES: u64 = 32 << 20;
/// Bytes of all attestations of one digest, unpacked.
pub const ATTESTATIONS_BYTES: u64 = 256 << 20;
/// Attestations that are fetched at once.
pub const ATTESTATIONS_AT_ONCE: usize = 8;
/// Time for one refresh over TUF, all its requests together.
pub const TUF_TIME: Duration = Duration::from_secs(10);
/// Time to connect to a TUF mirror.
pub const TUF_CONNECT: Duration = Duration::from_secs(3);
/// Bytes of one trust root that comes over TUF. The metadata has limits in the TUF client.
pub const TUF_TARGET_BYTES: u64 = 4 << 20;
/// Bytes of one file of the TUF cache.
pub const TUF_CACHE_BYTES: u64 = 16 << 20;

/// Bytes of the cache of manifests and blobs, all files together.
pub const CACHE_BYTES: u64 = 1 << 30;
/// Bytes of one manifest or blob that is kept.
pub const CACHE_ENTRY_BYTES: u64 = 256 << 20;
/// Files of the cache.
pub const CACHE_ENTRIES: usize = 100_000;
/// Records of the trace that are kept in memory.
pub const TRACE_RECORDS: usize = 2_000;
/// Lines that wait to be written to the file of the trace; more are counted, not kept.
pub const TRACE_QUEUE: usize = 4_096;
/// Time for the last lines to reach the file of the trace.
pub const TRACE_FLUSH: Duration = Duration::from_secs(2);
/// Different warnings of the trace that are repeated at the end.
pub const TRACE_WARNINGS: usize = 20;

/// The times and counts that a program or a test may set; the default is the table above.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Time to connect, TLS included.
    pub connect: Duration,
    /// Time for one small answer, body included.
    pub answer: Duration,
    /// Time for one blob.
    pub blob: Duration,
    /// Time without a single byte.
    pub stall: Duration,
    /// Time for one listing of referrers with all its pages.
    pub listing: Duration,
    /// Wait before the second try; doubled before each further one.
    pub back_off: Duration,
    /// The longest wait that a server may ask for.
    pub longest_wait: Duration,
    /// All waits for one host together.
    pub patience: Duration,
    /// Requests for one answer when the server is busy or the connection breaks.
    pub tries: u32,
    /// Requests for one answer when nobody can be connected to or nothing comes in time.
    pub connect_tries: u32,
    /// Requests to one host at once.
    pub per_host: usize,
    /// Time for one answer of a credential helper.
    pub helper: Duration,
    /// Entries of one listing of referrers.
    pub referrers: usize,
    /// Pages of one listing of referrers.
    pub pages: usize,
    /// Bytes of all pages of one listing of referrers.
    pub listing_bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connect: CONNECT,
            answer: ANSWER,
            blob: BLOB,
            stall: STALL,
            listing: LISTING,
            back_off: BACK_OFF,
            longest_wait: LONGEST_WAIT,
            patience: PATIENCE,
            tries: TRIES,
            connect_tries: CONNECT_TRIES,
            per_host: PER_HOST,
            helper: HELPER,
            referrers: REFERRERS,
            pages: PAGES,
            listing_bytes: LISTING_BYTES,
        }
    }
}

/// A number of bytes with its unit, for messages.
pub(super) fn bytes(number: u64) -> String {
    match number {
        n if n > 0 && n % (1 << 20) == 0 => format!("{} MiB", n >> 20),
        n if n > 0 && n % (1 << 10) == 0 => format!("{} KiB", n >> 10),
        n => format!("{n} bytes"),
    }
}
