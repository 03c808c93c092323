//! The ports: what the core asks of the world. Implemented in `net`, faked in tests.

use std::{path::PathBuf, sync::Arc};

use futures_util::future::BoxFuture;

use super::Sought;
pub use super::files::{EntryKind, Files, FolderEntry, Hashed, Inside, Replaced};
use super::github::GitHub;
use super::trust::{Mirror, TrustRoots};
use crate::domain::{
    Digest, Repository, Tag, Timestamp, Verdict, oci::Descriptor, reference::Pointer,
};

/// Told while bytes arrive: so far, and expected where that is known.
pub type Progress<'a> = &'a (dyn Fn(u64, Option<u64>) + Send + Sync);

/// A manifest whose bytes were hashed before anybody looked at them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fetched {
    /// Its digest and size are those of `bytes`; its media type is what the content says of
    /// itself, else what the server said.
    pub descriptor: Descriptor,
    /// The manifest.
    pub bytes: Arc<[u8]>,
    /// What the server named in `Docker-Content-Digest`, when that is another digest. Then it
    /// contradicts itself, and finding nothing for these bytes decides nothing.
    pub contradicted: Option<String>,
}

/// Through what a piece was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Source {
    /// The Referrers API, or the `subject` fields of a layout.
    Referrer,
    /// The referrers fallback tag `sha256-<hex>`.
    FallbackTag,
    /// cosign's `.sig`, `.att`, `.sbom` tags.
    LegacyTag,
    /// A file that was named.
    File,
    /// GitHub's store of attestations.
    GitHub,
}

impl Source {
    /// The word in reports.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Referrer => "referrer",
            Self::FallbackTag => "fallback-tag",
            Self::LegacyTag => "legacy-tag",
            Self::File => "file",
            Self::GitHub => "github",
        }
    }
}

/// One entry of a listing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Referrer {
    /// As the listing describes it; not verified, and often wrong.
    pub descriptor: Descriptor,
    /// Through what it was found.
    pub source: Source,
    /// The tag, for legacy material: `sha256-<hex>.sig`.
    pub tag: Option<Tag>,
}

/// One place that was asked, and what it said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListingNote {
    /// What was asked: `Referrers API`, `tag sha256-….sig`.
    pub asked: String,
    /// `Proved`: it listed something; `Absent`: it has none; `Undecided`: could not look.
    pub verdict: Verdict,
    /// In words.
    pub answer: String,
}

/// What refers to a digest.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listing {
    /// Everything that was listed, without repetitions.
    pub found: Vec<Referrer>,
    /// Every place that was asked.
    pub notes: Vec<ListingNote>,
}

impl Listing {
    /// Whether every place that may list something was read to its end.
    pub fn complete(&self) -> bool {
        !self.notes.is_empty() && self.notes.iter().all(|n| n.verdict != Verdict::Undecided)
    }
}

/// One page of tags.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TagPage {
    /// In the order of the registry.
    pub tags: Vec<Tag>,
    /// Names that are no tags, as they were listed; foreign text.
    pub odd: Vec<String>,
    /// Where the next page is; opaque, and only for [`Registry::tags`].
    pub next: Option<String>,
}

/// One page of repositories.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CatalogPage {
    /// Paths below the host, in the order of the registry.
    pub paths: Vec<String>,
    /// Names that are no repositories, as they were listed; foreign text.
    pub odd: Vec<String>,
    /// Where the next page is; opaque, and only for [`Registry::catalog`].
    pub next: Option<String>,
}

/// Why a registry gave no answer that can be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RegistryError {
    /// It is not there, and the registry says so in the words of the specification.
    #[error("there is no such thing: {what}")]
    NotFound {
        /// What was asked for.
        what: String,
    },
    /// 401 or 403.
    #[error("{host} denies access to {what} ({status}): {words}")]
    Denied {
        /// The registry.
        host: String,
        /// What was asked for.
        what: String,
        /// HTTP status.
        status: u16,
        /// The server's words; foreign text.
        words: String,
    },
    /// 429, after the retries.
    #[error("{host} limits the rate of requests{}{}", .retry_after.map_or_else(String::new, |s| format!("; it asks to wait {s} s")), .rate.as_ref().map_or_else(String::new, |r| format!("; {r}")))]
    RateLimited {
        /// The registry.
        host: String,
        /// Seconds that it asks to wait.
        retry_after: Option<u64>,
        /// What it says about its limit, in words; harmless.
        rate: Option<String>,
    },
    /// Any other status.
    #[error("{host} answered {status} for {what}: {words}")]
    Status {
        /// The registry.
        host: String,
        /// What was asked for.
        what: String,
        /// HTTP status.
        status: u16,
        /// The server's words; foreign text.
        words: String,
    },
    /// More bytes, entries or pages than the limit.
    #[error("{what} is over the limit of {limit}")]
    TooLarge {
        /// What was read.
        what: String,
        /// The limit with its unit.
        limit: String,
    },
    /// The bytes are not those that were asked for.
    #[error("the bytes of {want} hash to {got}")]
    DigestMismatch {
        /// The digest that was asked for.
        want: Digest,
        /// The digest of what came.
        got: Digest,
    },
    /// No connection, a broken one, or no answer in time.
    #[error("{host}: {words}")]
    Unreachable {
        /// The registry.
        host: String,
        /// What happened.
        words: String,
    },
    /// An answer that cannot be read.
    #[error("{what}: {words}")]
    Malformed {
        /// What was read.
        what: String,
        /// What is wrong with it.
        words: String,
    },
}

impl RegistryError {
    /// Only a plain "not there" is an answer; everything else is "could not find out".
    pub const fn verdict(&self) -> Verdict {
        match self {
            Self::NotFound { .. } => Verdict::Absent,
            _ => Verdict::Undecided,
        }
    }
}

/// Something that answers the questions of the OCI distribution specification, read-only.
pub trait Registry: Send + Sync {
    /// GETs a manifest by tag or digest and hashes it.
    fn manifest<'a>(
        &'a self,
        repository: &'a Repository,
        at: &'a Pointer,
    ) -> BoxFuture<'a, Result<Fetched, RegistryError>>;

    /// Lists what refers to the subject: the Referrers API with all its pages, else the fallback
    /// tag. Failures stand in the notes of the listing.
    fn referrers<'a>(&'a self, sought: &'a Sought) -> BoxFuture<'a, Listing>;

    /// Looks for cosign's tags of the subject, in parallel.
    fn legacy_tags<'a>(&'a self, sought: &'a Sought) -> BoxFuture<'a, Listing>;

    /// Reads a blob of at most `limit` bytes; size and digest are those of the descriptor.
    fn blob<'a>(
        &'a self,
        repository: &'a Repository,
        blob: &'a Descriptor,
        limit: u64,
        progress: Progress<'a>,
    ) -> BoxFuture<'a, Result<Arc<[u8]>, RegistryError>>;

    /// One page of tags; `after` is the `next` of the page before.
    fn tags<'a>(
        &'a self,
        repository: &'a Repository,
        after: Option<&'a str>,
    ) -> BoxFuture<'a, Result<TagPage, RegistryError>>;

    /// One page of the repositories of a registry; `after` is the `next` of the page before.
    fn catalog<'a>(
        &'a self,
        host: &'a str,
        after: Option<&'a str>,
    ) -> BoxFuture<'a, Result<CatalogPage, RegistryError>>;
}

/// Files of certificates in PEM that stand in for a trust root's authorities.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AuthorityFiles {
    /// `--ca-roots`, and `--ca-intermediates` where there are any.
    Roots(PathBuf, Option<PathBuf>),
    /// `--certificate-chain`: intermediates, then the root.
    Chain(PathBuf),
}

/// Which trust root judges.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RootSource {
    /// The public-good root that is built in.
    Embedded,
    /// The root that a TUF repository hands out.
    Tuf {
        /// The repository.
        mirror: Mirror,
        /// Whether nothing but verified metadata that still holds will do.
        require_fresh: bool,
    },
    /// A `trusted_root.json`, several as JSON lines, or a `ClientTrustConfig`.
    File(PathBuf),
    /// Another one, with certificate authorities of one's own.
    OwnAuthorities {
        /// Whose logs and timestamp authorities judge.
        base: Box<Self>,
        /// Where the certificates are.
        files: AuthorityFiles,
    },
    /// The demo's own; reachable through the demo registry alone.
    Demo(Arc<[u8]>),
}

impl RootSource {
    /// Its name and the word for where it comes from, as reports say them.
    pub fn words(&self) -> (String, &'static str) {
        match self {
            Self::Embedded => ("public-good".to_owned(), "embedded"),
            Self::Tuf { mirror, .. } => (mirror.name().to_owned(), "tuf"),
            Self::File(path) => (path.display().to_string(), "file"),
            Self::OwnAuthorities { .. } => ("own authorities".to_owned(), "file"),
            Self::Demo(_) => ("demo".to_owned(), "demo"),
        }
    }
}

/// Everything outside that a check may use.
#[derive(Clone)]
pub struct World {
    /// Registries and layouts.
    pub registry: Arc<dyn Registry>,
    /// Files of this machine.
    pub files: Arc<dyn Files>,
    /// GitHub's store of attestations.
    pub github: Arc<dyn GitHub>,
    /// Trust roots over TUF.
    pub roots: Arc<dyn TrustRoots>,
    /// The log that signatures are looked up in.
    pub log: Arc<dyn super::Log>,
    /// The clock.
    pub now: fn() -> Timestamp,
}
