//! [`TrustRoot`]: the authorities, logs and timestamp authorities that evidence is judged by.

use sigstore_crypto::{Keyring, SigningScheme};
use sigstore_trust_root::{SigstoreInstance, TrustedRoot};
use sigstore_types::TsaAuthority;
use sigstore_verify::Verifier;

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
    pub(super) verifier: Verifier,
    pub(super) authorities: Vec<Authority>,
    pub(super) rekor: Keyring,
    pub(super) ct: Vec<(SigningScheme, Keyring)>,
    pub(super) tsas: Vec<TsaAuthority>,
    pub(super) logs: Vec<LogName>,
    /// The address of the first Rekor v1 log.
    pub(super) searchable: Option<String>,
}

/// One certificate authority entry and its place in the document.
pub(super) struct Authority {
    /// `CA[1] sigstore.dev`, for details of steps.
    pub(super) name: String,
    pub(super) anchors: Vec<rustls_pki_types::TrustAnchor<'static>>,
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

impl TrustRoot {
    /// The public-good root that is built in.
    ///
    /// # Errors
    /// Never with the root of this build; a test holds it to that.
    pub fn embedded() -> Result<Self, RootError> {
        let json = SigstoreInstance::PublicGood.embedded_trusted_root_json();
        let date = Some(EMBEDDED_DATE.to_owned());
        Self::build(json, "public-good".into(), "embedded", date)
    }

    /// A `trusted_root.json` that was given; `source` is `file` or `demo`.
    ///
    /// # Errors
    /// [`RootError`] when it is not JSON of that shape, or any key, certificate or validity
    /// window in it cannot be read.
    pub fn parse(bytes: &[u8], name: &str, source: &'static str) -> Result<Self, RootError> {
        let text = std::str::from_utf8(bytes).map_err(|e| RootError(e.to_string()))?;
        Self::build(text, name.to_owned(), source, None)
    }

    fn build(
        json: &str,
        name: String,
        source: &'static str,
        date: Option<String>,
    ) -> Result<Self, RootError> {
        let error = |e: &dyn std::fmt::Display| RootError(e.to_string());
        super::json::refuse_duplicates(json.as_bytes()).map_err(|e| error(&e))?;
        let root = TrustedRoot::from_json(json).map_err(|e| error(&e))?;
        let verifier = Verifier::new(&root).map_err(|e| error(&e))?;
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
            verifier,
            authorities: authorities(&root)?,
            rekor: root.rekor_keys().map_err(|e| error(&e))?,
            ct,
            tsas: root.tsa_authorities(),
            searchable: super::lookup::searchable(&root),
            logs: logs
                .chain(ctlogs)
                .map(|(id, url)| LogName { id: id.key_id.as_bytes().to_vec(), url: url.clone() })
                .collect(),
        })
    }

    /// `public-good`, or the name of the file.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// `embedded`, `file` or `demo`.
    pub const fn source(&self) -> &'static str {
        self.source
    }

    /// The day of the built-in root.
    pub fn date(&self) -> Option<&str> {
        self.date.as_deref()
    }

    /// What the root holds, in words.
    pub fn summary(&self) -> String {
        let date = self.date.as_ref().map_or_else(String::new, |d| format!(" {d}"));
        let ct: usize = self.ct.iter().map(|(_, keys)| keys.len()).max().unwrap_or(0);
        let source = if self.name == self.source { "built in" } else { self.source };
        format!(
            "{}, {source}{date}: {}, {}, {}, {}",
            self.name,
            counted(self.authorities.len(), "certificate authority", "certificate authorities"),
            counted(self.rekor.len(), "log", "logs"),
            counted(ct, "CT log", "CT logs"),
            counted(self.tsas.len(), "timestamp authority", "timestamp authorities"),
        )
    }

    /// The address under which a log is known, else its id in hex.
    pub(super) fn log_name(&self, id: &[u8]) -> String {
        let known = self.logs.iter().find(|log| log.id == id);
        known.map_or_else(|| hex::encode(id), |log| log.url.clone())
    }
}

fn authorities(root: &TrustedRoot) -> Result<Vec<Authority>, RootError> {
    let entries = root.certificate_authorities.iter().enumerate();
    entries
        .map(|(index, ca)| {
            let anchors = ca.cert_chain.certificates.iter().map(|cert| {
                let der = rustls_pki_types::CertificateDer::from(cert.raw_bytes.as_bytes());
                webpki::anchor_from_trusted_cert(&der)
                    .map(|anchor| anchor.to_owned())
                    .map_err(|e| RootError(format!("CA[{index}]: {e}")))
            });
            let organization = ca.subject.organization.as_deref().unwrap_or("unnamed");
            Ok(Authority {
                name: format!("CA[{index}] {organization}"),
                anchors: anchors.collect::<Result<_, _>>()?,
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
    fn what_is_no_root_is_refused() {
        for text in ["", "{", "[]", r#"{"mediaType":"x","mediaType":"y"}"#, r#"{"tlogs":[{}]}"#] {
            assert!(TrustRoot::parse(text.as_bytes(), "x", "file").is_err(), "{text}");
        }
    }
}
