//! The two Sigstore instances whose roots are built in.

use sigstore_trust_root::SigstoreInstance;

/// A Sigstore instance that is known by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BuiltIn {
    /// The public-good instance: Fulcio, Rekor, CT logs and timestamp authority for everybody.
    PublicGood,
    /// GitHub's own, for the attestations of private repositories; it has no public log.
    GitHub,
}

impl BuiltIn {
    /// `public-good` or `github`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::PublicGood => "public-good",
            Self::GitHub => "github",
        }
    }

    /// Where its TUF repository is.
    pub fn tuf_url(self) -> &'static str {
        self.inner().tuf_url()
    }

    /// The TUF `root.json` that is built in. TUF specification §5.2: trust starts at a root that
    /// was "shipped with the package manager", never at one that a server sends first.
    pub fn tuf_start(self) -> &'static [u8] {
        self.inner().tuf_root()
    }

    /// The day of the `trusted_root.json` that is built in, which has no date of its own: for the
    /// public-good one the day of the repository that it equals, for GitHub's the start of its
    /// newest entry.
    pub const fn embedded_date(self) -> &'static str {
        match self {
            Self::PublicGood => super::root::EMBEDDED_DATE,
            Self::GitHub => "2026-06-12",
        }
    }

    pub(super) fn embedded_json(self) -> &'static str {
        self.inner().embedded_trusted_root_json()
    }

    const fn inner(self) -> SigstoreInstance {
        match self {
            Self::PublicGood => SigstoreInstance::PublicGood,
            Self::GitHub => SigstoreInstance::GitHub,
        }
    }
}
