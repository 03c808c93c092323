//! What a policy may be written from.

use std::{path::PathBuf, sync::Arc};

use crate::{
    domain::{Digest, Repository, Tag, text::safe},
    verify::{
        root::TrustRoot,
        root_material::RootMaterial,
        signer::{Identified, ProvedSigner},
    },
};

/// Whose word the signer is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Who {
    /// A demanded signer, proved.
    Proved(ProvedSigner),
    /// Somebody who was seen under a signature and whom nobody demanded.
    Suggested(Suggested),
}

/// The observed signer, unproved: whatever is written from it says so in its first line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suggested(Identified);

impl Suggested {
    /// An observed identity and issuer.
    pub const fn new(identity: String, issuer: String) -> Self {
        Self(Identified::Certificate { identity, issuer })
    }
}

impl Who {
    /// The signer, believed or not.
    pub const fn get(&self) -> &Identified {
        match self {
            Self::Proved(signer) => signer.get(),
            Self::Suggested(signer) => &signer.0,
        }
    }

    /// Whether it is proved.
    pub const fn proved(&self) -> bool {
        matches!(self, Self::Proved(_))
    }
}

/// How the identity is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Form {
    /// This one and no other.
    #[default]
    Exact,
    /// Every version tag of the same workflow.
    TagsOnly,
}

/// What was signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// An image, chart or other artifact.
    Image(Image),
    /// A file.
    File(File),
}

/// An artifact in a registry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Image {
    /// Where it is pulled from.
    pub repository: Repository,
    /// What was judged.
    pub digest: Digest,
    /// The tag that named it then.
    pub tag: Option<Tag>,
    /// Where the evidence was looked at, where that is another place than `repository`; foreign
    /// text.
    pub looked_at: Option<String>,
    /// The repository of signatures, where they lie in one of their own.
    pub signatures: Option<Repository>,
}

/// A file and its evidence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// The file, as it was named; a digest where only that is known.
    pub name: String,
    /// Its bundle; without one GitHub keeps it.
    pub bundle: Option<PathBuf>,
    /// Whether the signature is over the bytes, and not over a statement.
    pub message: bool,
}

/// In which format the evidence was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// Sigstore bundles that refer to the image.
    Bundles(Listed),
    /// cosign's tags.
    Legacy {
        /// Whether a bundle, of whomever, lies beside it: who finds one looks at nothing else.
        hidden: bool,
    },
}

/// How the listing describes the bundles; nobody signs that, and some readers filter by it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Whether the listing is the fallback tag, and not the Referrers API.
    pub fallback: bool,
    /// The artifact type of a descriptor that does not say that it is a bundle; empty where it has
    /// none. Foreign text.
    pub misdescribed: Option<String>,
}

/// Which trust root the proof rests on.
#[derive(Clone, Debug, PartialEq)]
pub struct Root {
    /// The root; `None` where only a key was demanded and none was needed.
    pub root: Option<Arc<TrustRoot>>,
    /// The file that it was read from, as it was named.
    pub file: Option<PathBuf>,
    /// Whether GitHub's own instance vouches.
    pub github: bool,
}

impl Root {
    /// Whether programs that know the public-good root know this one.
    pub fn is_public_good(&self) -> bool {
        self.root.as_ref().is_none_or(|root| root.is_public_good())
    }

    /// What it is made of.
    pub fn material(&self) -> Option<RootMaterial> {
        self.root.as_ref()?.material()
    }
}

/// Which times and logs the proof rests on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a thing that evidence has or has not")]
pub struct Logs {
    /// A transparency log entry was proved.
    pub entry: bool,
    /// It is of Rekor v2, which gives no time.
    pub rekor_v2: bool,
    /// A signed certificate timestamp was proved.
    pub sct: bool,
    /// A timestamp was proved.
    pub timestamp: bool,
    /// The log promised the entry, with its time: a signed entry timestamp was proved.
    pub promised: bool,
    /// `--use-signed-timestamps` was demanded.
    pub stamp_demanded: bool,
    /// The ids of the logs, hex.
    pub ids: Vec<String>,
}

impl Logs {
    /// Whether who verifies must be told to take the time from the timestamp. Without being told,
    /// cosign and what is built on it take it from the promise of the log, and find none here.
    pub const fn by_stamp(&self) -> bool {
        self.timestamp && (self.stamp_demanded || !self.entry || !self.promised)
    }
}

/// Claims of a certificate by number in Fulcio's arc, from the same certificate as the signer.
pub type Observed = Vec<(u8, String)>;

/// What a policy may be written from.
#[derive(Clone, Debug, PartialEq)]
pub struct Grounds {
    /// Who signed.
    pub who: Who,
    /// How the identity is written.
    pub form: Form,
    /// What was signed.
    pub target: Target,
    /// In which format.
    pub found: Found,
    /// Whether a signature was proved, and not only attestations.
    pub signature: bool,
    /// Predicate types of the attestations by the same signer that get a rule; foreign text.
    pub attestations: Vec<String>,
    /// The trust root.
    pub root: Root,
    /// Logs and times.
    pub logs: Logs,
    /// Claims of the signer's certificate.
    pub claims: Observed,
    /// Numbers of the claims that were demanded exactly.
    pub demanded: Vec<u8>,
    /// Annotations that were demanded of the signed payload.
    pub annotations: Vec<(String, String)>,
    /// The file of the demanded key.
    pub key_file: Option<PathBuf>,
    /// What else was found and has no rule, or was demanded and is not written; foreign text.
    pub beside: Vec<String>,
}

impl Grounds {
    /// One claim of the signer's certificate.
    pub fn claim(&self, number: u8) -> Option<&str> {
        self.claims.iter().find(|(n, _)| *n == number).map(|(_, value)| value.as_str())
    }

    /// The identity as a regexp, where it is to be one.
    ///
    /// # Errors
    /// [`super::CannotSay`] where it is no workflow on a version tag.
    pub fn regexp(&self) -> Result<Option<String>, super::CannotSay> {
        match self.form {
            Form::Exact => Ok(None),
            Form::TagsOnly => self.who.get().tags_only().map(Some).ok_or_else(|| {
                super::CannotSay::new(
                    "the signer is no workflow on a version tag, so no expression over its tags \
                     can be written; leave --tags-only out",
                )
            }),
        }
    }
}

impl Image {
    /// `repository@digest`, as one word.
    pub fn by_digest(&self) -> String {
        format!("{}@{}", self.repository, self.digest)
    }

    /// In words, for comments.
    pub fn words(&self) -> String {
        let tag = self.tag.as_ref().map_or_else(String::new, |t| format!(" (tag {t} then)"));
        safe(&format!("{}{tag}", self.by_digest()))
    }
}
