//! The entries of a trust root, for a reader: which authorities and logs, known by which key, and
//! from when to when.

use sigstore_trust_root::TrustedRoot;
use sigstore_types::TimeRange;
use x509_parser::prelude::{FromDer, X509Certificate};

use crate::domain::{Digest, Timestamp};

/// What an entry is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EntryKind {
    /// Issues signing certificates.
    Ca,
    /// Logs certificates.
    CtLog,
    /// Logs signatures.
    Rekor,
    /// Signs timestamps.
    Tsa,
}

impl EntryKind {
    /// The word that a step's detail uses, `CA` in `CA[1]`.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Ca => "CA",
            Self::CtLog => "CT log",
            Self::Rekor => "Rekor",
            Self::Tsa => "TSA",
        }
    }
}

/// One entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RootEntry {
    /// What it is.
    pub kind: EntryKind,
    /// Its place among the entries of its kind, from 0.
    pub index: usize,
    /// Its address; empty where the root names none.
    pub url: String,
    /// Organization and common name of an authority; empty for a log.
    pub subject: String,
    /// The kind of its key.
    pub key: String,
    /// The log id, or the SHA-256 of the authority's issuing certificate; hex.
    pub id: String,
    /// From when it counts.
    pub start: Option<Timestamp>,
    /// Until when; `None` while it is open.
    pub end: Option<Timestamp>,
}

/// Every entry: authorities, CT logs, Rekor logs, timestamp authorities.
pub(super) fn of(root: &TrustedRoot) -> Vec<RootEntry> {
    let window = |range: Option<TimeRange>| (range.map(|r| r.start), range.and_then(|r| r.end));
    let cas = root.certificate_authorities.iter().enumerate().map(|(index, ca)| {
        let first = ca.cert_chain.certificates.first().map(|c| c.raw_bytes.as_bytes());
        let names = [&ca.subject.organization, &ca.subject.common_name];
        entry((EntryKind::Ca, index), &ca.uri, names, first, window(ca.valid_for))
    });
    let tsas = root.timestamp_authorities.iter().enumerate().map(|(index, tsa)| {
        let first = tsa.cert_chain.certificates.first().map(|c| c.raw_bytes.as_bytes());
        let names = [&tsa.subject.organization, &tsa.subject.common_name];
        let url = tsa.uri.as_deref().unwrap_or_default();
        entry((EntryKind::Tsa, index), url, names, first, window(tsa.valid_for))
    });
    let ct = root.ctlogs.iter().map(|l| (EntryKind::CtLog, &l.base_url, &l.log_id, &l.public_key));
    let rekor =
        root.tlogs.iter().map(|l| (EntryKind::Rekor, &l.base_url, &l.log_id, &l.public_key));
    let log = |(index, (kind, url, id, key)): (usize, (_, &String, _, _))| {
        let id: &sigstore_types::LogId = id;
        let key: &sigstore_trust_root::trusted_root::PublicKey = key;
        let (start, end) = window(key.valid_for);
        RootEntry {
            kind,
            index,
            url: url.clone(),
            subject: String::new(),
            key: key.key_details.as_str().to_owned(),
            id: hex::encode(id.key_id.as_bytes()),
            start,
            end,
        }
    };
    cas.chain(ct.enumerate().map(log)).chain(rekor.enumerate().map(log)).chain(tsas).collect()
}

fn entry(
    (kind, index): (EntryKind, usize),
    url: &str,
    names: [&Option<String>; 2],
    certificate: Option<&[u8]>,
    (start, end): (Option<Timestamp>, Option<Timestamp>),
) -> RootEntry {
    let names: Vec<&str> = names.iter().filter_map(|n| n.as_deref()).collect();
    RootEntry {
        kind,
        index,
        url: url.to_owned(),
        subject: names.join(", "),
        key: certificate.map(key_words).unwrap_or_default(),
        id: certificate.map(|der| Digest::sha256(der).hex().to_owned()).unwrap_or_default(),
        start,
        end,
    }
}

/// The kind of the key in a certificate: `ECDSA P-384`.
fn key_words(der: &[u8]) -> String {
    use x509_parser::public_key::PublicKey;
    let Ok((_, cert)) = X509Certificate::from_der(der) else { return "unreadable".into() };
    match cert.public_key().parsed() {
        Ok(PublicKey::EC(point)) => format!("ECDSA {} bits", point.key_size()),
        Ok(PublicKey::RSA(key)) => format!("RSA {} bits", key.key_size()),
        _ => cert.public_key().algorithm.algorithm.to_id_string(),
    }
}
