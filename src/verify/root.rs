//! [`TrustRoot`]: the authorities, logs and timestamp authorities that evidence is judged by.

use std::sync::Arc;

use sigstore_crypto::{Keyring, SigningScheme};
use sigstore_trust_root::TrustedRoot;
use sigstore_types::{DerCertificate, TsaAuthority};
use sigstore_verify::Verifier;

pub use super::{
    built_in::BuiltIn,
    root_entries::{EntryKind, RootEntry},
};
use super::{pki::Pki, root_document, root_entries};
use crate::domain::{Digest, Timestamp};

/// The day of the `trusted_root.json` that is built in; it has no date of its own.
pub const EMBEDDED_DATE: &str = "2026-08-21";

/// The schemes that CT logs sign with.
pub(super) const CT_SCHEMES: [SigningScheme; 5] = [
    SigningScheme::EcdsaP256Sha256,
    SigningScheme::EcdsaP384Sha384,
    SigningScheme::RsaPkcs1Sha256,
    SigningScheme::RsaPkcs1Sha384,
    SigningScheme::RsaPkcs1Sha512,
];

/// A parsed trust root; every key and certificate in it was read without error.
pub struct TrustRoot {
    name: String,
    source: &'static str,
    date: Option<String>,
    digest: Digest,
    /// As it was read.
    document: Arc<str>,
    pub(super) verifier: Verifier,
    pub(super) authorities: Vec<Authority>,
    pub(super) rekor: Keyring,
    pub(super) ct: Vec<(SigningScheme, Keyring)>,
    pub(super) tsas: Vec<TsaAuthority>,
    pub(super) logs: Vec<LogName>,
    entries: Vec<RootEntry>,
    /// The address of the first Rekor v1 log.
    pub(super) searchable: Option<String>,
}

/// One certificate authority entry and its place in the document.
pub(super) struct Authority {
    /// `CA[1] sigstore.dev`, for details of steps.
    pub(super) name: String,
    pub(super) anchors: Vec<rustls_pki_types::TrustAnchor<'static>>,
    /// Those of them that are GitHub's own.
    pub(super) githubs: Vec<rustls_pki_types::TrustAnchor<'static>>,
    /// Certificates that stand between an anchor and a signer, where they are no anchors.
    pub(super) between: Vec<DerCertificate>,
    /// The whole chain of the entry.
    pub(super) certificates: Vec<DerCertificate>,
    pub(super) valid_for: Option<sigstore_types::TimeRange>,
}

/// What a log is called.
pub(super) struct LogName {
    pub(super) id: Vec<u8>,
    pub(super) url: String,
}

/// Why a document is no trust root.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the trust root cannot be read: {0}")]
pub struct RootError(String);

impl RootError {
    pub(super) fn new(words: &str) -> Self {
        Self(words.to_owned())
    }
}

impl TrustRoot {
    /// The public-good root that is built in.
    ///
    /// # Errors
    /// Never with the root of this build; a test holds it to that.
    pub fn embedded() -> Result<Self, RootError> {
        Self::built_in(BuiltIn::PublicGood)
    }

    /// The root of an instance that is built in.
    ///
    /// # Errors
    /// Never with the roots of this build; a test holds them to that.
    pub fn built_in(instance: BuiltIn) -> Result<Self, RootError> {
        let date = Some(instance.embedded_date().to_owned());
        Self::build(instance.embedded_json(), instance.name().into(), "embedded", date)
    }

    /// This root with other certificate authorities; its logs and timestamp authorities stay.
    ///
    /// # Errors
    /// [`RootError`] when one of the certificates cannot anchor a path.
    pub fn with_authorities(&self, pki: &Pki) -> Result<Self, RootError> {
        let grafted = pki.graft(&self.document)?;
        let name = format!("{}, own certificate authorities", self.name);
        let mut root = Self::build(&grafted, name, self.source, self.date.clone())?;
        // What was given as an intermediate ends no path.
        for authority in &mut root.authorities {
            let last = authority.anchors.pop();
            authority.anchors = last.into_iter().collect();
            authority.between.clone_from(&authority.certificates);
        }
        Ok(root)
    }

    /// A `trusted_root.json` that was given; `source` is `file` or `demo`.
    ///
    /// # Errors
    /// [`RootError`] when it is not one document of that kind, or any key, certificate or validity
    /// window in it cannot be read.
    pub fn parse(bytes: &[u8], name: &str, source: &'static str) -> Result<Self, RootError> {
        let mut all = Self::parse_all(bytes, name, source)?;
        match (all.pop(), all.is_empty()) {
            (Some(root), true) => Ok(root),
            _ => Err(RootError("one trust root is wanted, here are several".into())),
        }
    }

    /// The trust roots of a file: one, several as JSON lines, or the one in a `ClientTrustConfig`.
    ///
    /// # Errors
    /// [`RootError`] when any of them cannot be read: a line that is skipped could be the one that
    /// should have judged.
    pub fn parse_all(
        bytes: &[u8],
        name: &str,
        source: &'static str,
    ) -> Result<Vec<Self>, RootError> {
        let text = std::str::from_utf8(bytes).map_err(|e| RootError(e.to_string()))?;
        let documents = root_document::documents(text).map_err(RootError)?;
        let one = documents.len() == 1;
        let each = documents.into_iter().enumerate().map(|(index, json)| {
            let name = if one { name.to_owned() } else { format!("{name}[{index}]") };
            let root = read(json)?;
            root_document::refuse_rootless(&root).map_err(RootError)?;
            Self::assemble(&root, json, name, source, None)
        });
        each.collect()
    }

    /// A `trusted_root.json` that TUF metadata vouches for, confirmed at `checked`.
    ///
    /// # Errors
    /// As [`TrustRoot::parse`].
    pub fn over_tuf(bytes: &[u8], name: &str, checked: Timestamp) -> Result<Self, RootError> {
        let root = Self::parse(bytes, name, "tuf")?;
        Ok(Self { date: Some(checked.to_string()), ..root })
    }

    fn build(
        json: &str,
        name: String,
        source: &'static str,
        date: Option<String>,
    ) -> Result<Self, RootError> {
        Self::assemble(&read(json)?, json, name, source, date)
    }

    fn assemble(
        root: &TrustedRoot,
        json: &str,
        name: String,
        source: &'static str,
        date: Option<String>,
    ) -> Result<Self, RootError> {
        let error = |e: &dyn std::fmt::Display| RootError(e.to_string());
        let verifier = Verifier::new(root).map_err(|e| error(&e))?;
        let ct = CT_SCHEMES
            .into_iter()
            .map(|scheme| Ok((scheme, root.ctfe_keys(scheme).map_err(|e| error(&e))?)))
            .collect::<Result<_, RootError>>()?;
        let logs = root.tlogs.iter().map(|l| (&l.log_id, &l.base_url));
        let ctlogs = root.ctlogs.iter().map(|l| (&l.log_id, &l.base_url));
        Ok(Self {
            name,
            source,
            date,
            digest: Digest::sha256(json.as_bytes()),
            document: json.into(),
            verifier,
            authorities: authorities(root)?,
            rekor: root.rekor_keys().map_err(|e| error(&e))?,
            ct,
            tsas: root.tsa_authorities(),
            entries: root_entries::of(root),
            searchable: super::lookup::searchable(root),
            logs: logs
                .chain(ctlogs)
                .map(|(id, url)| LogName { id: id.key_id.as_bytes().to_vec(), url: url.clone() })
                .collect(),
        })
    }

    /// Its authorities and logs, for a reader.
    pub fn entries(&self) -> &[RootEntry] {
        &self.entries
    }

    /// The digest of the document.
    pub const fn digest(&self) -> &Digest {
        &self.digest
    }

    /// The `trusted_root.json`, as it was read.
    pub fn document(&self) -> &str {
        &self.document
    }

    /// Added to what says that a log or authority is not known: with a root that nobody refreshed
    /// the root may be to blame, and not the piece. Empty for every other root.
    pub(super) fn stale_hint(&self) -> String {
        match (self.source, &self.date) {
            ("embedded", Some(date)) => {
                format!("; the built-in trust root of {date} may be stale")
            }
            _ => String::new(),
        }
    }

    /// `public-good`, `github`, the address of a mirror, or the name of the file.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// `embedded`, `tuf`, `file` or `demo`.
    pub const fn source(&self) -> &'static str {
        self.source
    }

    /// The day of a built-in root; of one that came over TUF, when it was last confirmed.
    pub fn date(&self) -> Option<&str> {
        self.date.as_deref()
    }

    /// What the root holds, in words.
    pub fn summary(&self) -> String {
        let date = self.date.as_ref().map_or_else(String::new, |d| format!(" {d}"));
        let ct: usize = self.ct.iter().map(|(_, keys)| keys.len()).max().unwrap_or(0);
        let source = match self.source {
            "tuf" => "over TUF, confirmed",
            source if self.name == source => "built in",
            source => source,
        };
        format!(
            "{}, {source}{date}: {}, {}, {}, {}",
            self.name,
            counted(self.authorities.len(), "certificate authority", "certificate authorities"),
            counted(self.rekor.len(), "log", "logs"),
            counted(ct, "CT log", "CT logs"),
            counted(self.tsas.len(), "timestamp authority", "timestamp authorities"),
        )
    }

    /// Whether it names a log with this id.
    pub(super) fn knows_log(&self, id: &[u8]) -> bool {
        self.logs.iter().any(|log| log.id == id)
    }

    /// The address under which a log is known, else its id in hex.
    pub(super) fn log_name(&self, id: &[u8]) -> String {
        let known = self.logs.iter().find(|log| log.id == id);
        known.map_or_else(|| hex::encode(id), |log| log.url.clone())
    }
}

fn read(json: &str) -> Result<TrustedRoot, RootError> {
    super::json::refuse_duplicates(json.as_bytes()).map_err(|e| RootError(e.to_string()))?;
    TrustedRoot::from_json(json).map_err(|e| RootError(e.to_string()))
}

fn authorities(root: &TrustedRoot) -> Result<Vec<Authority>, RootError> {
    let entries = root.certificate_authorities.iter().enumerate();
    entries
        .map(|(index, ca)| {
            let certificates = ca.cert_chain.certificates.iter().map(|c| c.raw_bytes.clone());
            let certificates: Vec<DerCertificate> = certificates.collect();
            let anchor = |der: &DerCertificate| {
                let der = rustls_pki_types::CertificateDer::from(der.as_bytes());
                webpki::anchor_from_trusted_cert(&der)
                    .map(|anchor| anchor.to_owned())
                    .map_err(|e| RootError(format!("CA[{index}]: {e}")))
            };
            let githubs = certificates.iter().filter(|der| super::github::is_authority(der));
            let organization = ca.subject.organization.as_deref().unwrap_or("unnamed");
            Ok(Authority {
                name: format!("CA[{index}] {organization}"),
                anchors: certificates.iter().map(anchor).collect::<Result<_, _>>()?,
                githubs: githubs.map(anchor).collect::<Result<_, _>>()?,
                between: vec![],
                certificates,
                valid_for: ca.valid_for,
            })
        })
        .collect()
}

fn counted(number: usize, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

/// Two roots are the same when their documents are.
impl PartialEq for TrustRoot {
    fn eq(&self, other: &Self) -> bool {
        self.digest == other.digest && self.name == other.name
    }
}

impl std::fmt::Debug for TrustRoot {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TrustRoot")
            .field("name", &self.name)
            .field("digest", &self.digest)
            .finish_non_exhaustive()
    }
}

/// The window of an authority or key, in words.
pub(super) fn window(range: Option<sigstore_types::TimeRange>) -> String {
    let day = |t: Timestamp| t.to_string().chars().take(10).collect::<String>();
    match range {
        Some(range) => {
            format!("{} → {}", day(range.start), range.end.map_or_else(|| "open".into(), day))
        }
        None => "no window".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_root_is_whole() {
        let root = TrustRoot::embedded().unwrap();
        assert_eq!((root.authorities.len(), root.rekor.len(), root.tsas.len()), (2, 2, 1));
    }

    #[test]
    fn the_built_in_root_of_github_is_whole_and_of_the_day_that_it_says() {
        let root = TrustRoot::built_in(BuiltIn::GitHub).unwrap();
        assert_eq!((root.name(), root.source()), ("github", "embedded"));
        assert_eq!((root.authorities.len(), root.rekor.len(), root.tsas.len()), (6, 0, 6));
        let newest = root.entries().iter().filter_map(|e| e.start).max().unwrap().to_string();
        assert!(newest.starts_with(root.date().unwrap()), "{newest}");
    }

    #[test]
    fn only_a_root_that_nobody_refreshed_may_be_stale() {
        let bytes = include_bytes!("../../tests/fixtures/trusted_root.json");
        let file = TrustRoot::parse(bytes, "f", "file").unwrap();
        let tuf = TrustRoot::over_tuf(bytes, "public-good", Timestamp::UNIX_EPOCH).unwrap();
        let embedded = TrustRoot::embedded().unwrap();
        assert_eq!((file.stale_hint(), tuf.stale_hint()), (String::new(), String::new()));
        assert!(embedded.stale_hint().contains(EMBEDDED_DATE), "{}", embedded.stale_hint());
        assert_eq!(tuf.date(), Some("1970-01-01T00:00:00Z"));
    }

    #[test]
    fn what_is_no_root_is_refused() {
        let kind = "application/vnd.dev.sigstore.trustedroot+json;version=0.1";
        let incomplete = format!(r#"{{"mediaType":"{kind}","tlogs":[{{}}]}}"#);
        let two = format!(r#"{{"mediaType":"{kind}"}}{{"mediaType":"{kind}"}}"#);
        for text in ["", "{", "[]", r#"{"mediaType":"x","mediaType":"y"}"#, &incomplete, &two] {
            assert!(TrustRoot::parse(text.as_bytes(), "x", "file").is_err(), "{text}");
        }
    }
}
