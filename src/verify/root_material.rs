//! What a trust root is made of, in the encodings that other programs take: PEM and JSON.

use std::sync::{Arc, LazyLock};

use base64::{Engine, engine::general_purpose::STANDARD};
use sigstore_trust_root::{
    TrustedRoot,
    trusted_root::{CertChain, CertificateSubject, PublicKey},
};

use super::root::{BuiltIn, TrustRoot};

/// A certificate authority or timestamp authority.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuthorityMaterial {
    /// Organization of its subject; foreign text, empty where the root names none.
    pub organization: String,
    /// Common name of its subject; foreign text, empty where the root names none.
    pub common_name: String,
    /// Its address; foreign text, empty where the root names none.
    pub uri: String,
    /// Its certificates in PEM, the root last.
    pub chain: String,
}

/// A transparency log or certificate transparency log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogMaterial {
    /// Its address; foreign text.
    pub url: String,
    /// Its id, hex.
    pub id: String,
    /// Its key in PEM.
    pub pem: String,
    /// Whether that is an ECDSA key.
    pub ecdsa: bool,
}

/// Everything that a trust root holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RootMaterial {
    /// The `trusted_root.json`, as it was read.
    pub document: Arc<str>,
    /// Who issues certificates.
    pub authorities: Vec<AuthorityMaterial>,
    /// Who signs timestamps.
    pub timestamps: Vec<AuthorityMaterial>,
    /// Who logs signatures.
    pub rekor: Vec<LogMaterial>,
    /// Who logs certificates.
    pub ct: Vec<LogMaterial>,
}

/// The keys and authorities of the public-good root that is built in.
static PUBLIC_GOOD: LazyLock<Vec<String>> = LazyLock::new(|| {
    let root = TrustRoot::built_in(BuiltIn::PublicGood).ok();
    root.iter().flat_map(TrustRoot::entries).map(|entry| entry.id.clone()).collect()
});

impl TrustRoot {
    /// Whether everything in it is in the public-good root, whatever file it came from.
    pub fn is_public_good(&self) -> bool {
        let entries = self.entries();
        !entries.is_empty() && entries.iter().all(|entry| PUBLIC_GOOD.contains(&entry.id))
    }

    /// What it is made of; nothing for a document that can no longer be read, which no root is.
    pub fn material(&self) -> Option<RootMaterial> {
        let root = TrustedRoot::from_json(self.document()).ok()?;
        let log = |url: &String, id: &[u8], key: &PublicKey| LogMaterial {
            url: url.clone(),
            id: hex::encode(id),
            pem: pem("PUBLIC KEY", key.raw_bytes.as_bytes()),
            ecdsa: key.key_details.as_str().contains("ECDSA"),
        };
        let authority = |subject: &CertificateSubject, uri: &str, chain: &CertChain| {
            let certificates = chain.certificates.iter().map(|c| c.raw_bytes.as_bytes());
            AuthorityMaterial {
                organization: subject.organization.clone().unwrap_or_default(),
                common_name: subject.common_name.clone().unwrap_or_default(),
                uri: uri.to_owned(),
                chain: certificates.map(|der| pem("CERTIFICATE", der)).collect(),
            }
        };
        let cas = root.certificate_authorities.iter();
        let tsas = root.timestamp_authorities.iter();
        let tlogs = root.tlogs.iter();
        let ctlogs = root.ctlogs.iter();
        Some(RootMaterial {
            document: self.document().into(),
            authorities: cas.map(|ca| authority(&ca.subject, &ca.uri, &ca.cert_chain)).collect(),
            timestamps: tsas
                .map(|t| authority(&t.subject, t.uri.as_deref().unwrap_or_default(), &t.cert_chain))
                .collect(),
            rekor: tlogs
                .map(|l| log(&l.base_url, l.log_id.key_id.as_bytes(), &l.public_key))
                .collect(),
            ct: ctlogs
                .map(|l| log(&l.base_url, l.log_id.key_id.as_bytes(), &l.public_key))
                .collect(),
        })
    }
}

/// RFC 7468: lines of 64 characters between the boundaries.
pub(super) fn pem(label: &str, der: &[u8]) -> String {
    let mut text = format!("-----BEGIN {label}-----\n");
    let encoded = STANDARD.encode(der);
    let mut rest = encoded.as_str();
    while let Some((line, after)) = rest.split_at_checked(64) {
        text.push_str(line);
        text.push('\n');
        rest = after;
    }
    if !rest.is_empty() {
        text.push_str(rest);
        text.push('\n');
    }
    text.push_str(&format!("-----END {label}-----\n"));
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn material_is_what_the_root_says_and_whose_root_it_is_is_told() {
        let bytes = include_bytes!("../../tests/fixtures/trusted_root.json");
        let own = TrustRoot::parse(bytes, "f", "file").unwrap();
        let material = own.material().unwrap();
        assert_eq!((material.authorities.len(), material.timestamps.len()), (1, 1));
        assert_eq!((material.rekor.len(), material.ct.len()), (2, 1));
        assert_eq!((material.rekor[0].ecdsa, material.rekor[1].ecdsa), (true, false));
        assert_eq!(material.authorities[0].chain.matches("BEGIN CERTIFICATE").count(), 2);
        assert!(!own.is_public_good());
        // The same document under another name is still the public-good root.
        let good = TrustRoot::embedded().unwrap();
        let copy = TrustRoot::parse(good.document().as_bytes(), "copy.json", "file").unwrap();
        assert!(good.is_public_good() && copy.is_public_good());
        let github = TrustRoot::built_in(BuiltIn::GitHub).unwrap();
        assert!(!github.is_public_good());
    }

    #[test]
    fn a_key_is_written_as_it_was_read() {
        let text = include_str!("../../tests/fixtures/key-signed/cosign.pub");
        let key = crate::verify::key::TrustedKey::parse(text.as_bytes()).unwrap();
        assert_eq!(key.pem(), text);
        for length in [0, 1, 47, 48, 49, 96] {
            let text = pem("X", &vec![7; length]);
            let body: String = text.lines().filter(|l| !l.starts_with('-')).collect();
            assert_eq!(STANDARD.decode(body).unwrap(), vec![7; length], "{text}");
        }
    }
}
