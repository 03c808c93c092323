//! Certificates: roots, intermediates, Fulcio's leaves with their embedded timestamp of a CT log.

use sigscope::domain::Timestamp;

use super::{
    der::{algorithm, bits, explicit, int, octets, oid, seq, set, tlv, truth, utc_time, utf8},
    key::Key,
    sha256,
};

const ECDSA_WITH_SHA256: &str = "1.2.840.10045.4.3.2";
const FULCIO: &str = "1.3.6.1.4.1.57264.1";
const CODE_SIGNING: &str = "1.3.6.1.5.5.7.3.3";
const TIME_STAMPING: &str = "1.3.6.1.5.5.7.3.8";

/// What a certificate is for.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Usage {
    Root,
    Intermediate,
    CodeSigning,
    TimeStamping,
}

/// Everything that stands in a certificate but its timestamp of a CT log.
pub(crate) struct Certificate<'a> {
    pub(crate) issuer: &'a str,
    pub(crate) subject: &'a str,
    pub(crate) from: Timestamp,
    pub(crate) to: Timestamp,
    pub(crate) usage: Usage,
    pub(crate) key: &'a Key,
    /// URIs of the subject alternative name.
    pub(crate) sans: Vec<String>,
    /// Fulcio's extensions: number in the arc, value.
    pub(crate) claims: Vec<(u8, String)>,
}

/// A name of the kind that sigstore's certificates have.
pub(crate) fn name(common: &str) -> Vec<u8> {
    let part = |kind: &str, value: &str| set(&[seq(&[oid(kind), utf8(value)])]);
    if common.is_empty() {
        return seq(&[]);
    }
    seq(&[part("2.5.4.10", "virtual.test"), part("2.5.4.3", common)])
}

/// The number that every certificate of that subject has: names it well enough here.
pub(crate) fn serial(subject: &str) -> Vec<u8> {
    let mut hash = sha256(subject.as_bytes());
    hash.truncate(19);
    hash.insert(0, 1);
    int(&hash)
}

fn extension(id: &str, critical: bool, value: &[u8]) -> Vec<u8> {
    let mut parts = vec![oid(id)];
    if critical {
        parts.push(truth());
    }
    parts.push(octets(value));
    seq(&parts)
}

impl Certificate<'_> {
    /// Signed by `by`, with these timestamps of CT logs where they are made.
    pub(crate) fn signed(&self, by: &Key, scts: &[Vec<u8>]) -> Vec<u8> {
        let mut all = self.extensions();
        if !scts.is_empty() {
            // RFC 6962 §3.3: an OCTET STRING with the TLS-encoded list inside the extension's own.
            let each: Vec<u8> = scts.iter().flat_map(|sct| tls(sct)).collect();
            all.push(extension("1.3.6.1.4.1.11129.2.4.2", false, &octets(&tls(&each))));
        }
        let tbs = self.tbs(&all);
        let signature = by.sign(&tbs);
        seq(&[tbs, algorithm(ECDSA_WITH_SHA256), bits(0, &signature)])
    }

    /// What a CT log signs of it: everything but the list itself.
    pub(crate) fn precertificate(&self) -> Vec<u8> {
        self.tbs(&self.extensions())
    }

    fn tbs(&self, extensions: &[Vec<u8>]) -> Vec<u8> {
        seq(&[
            explicit(0, &int(&[2])),
            serial(self.subject),
            algorithm(ECDSA_WITH_SHA256),
            name(self.issuer),
            seq(&[utc_time(self.from), utc_time(self.to)]),
            name(self.subject),
            self.key.spki(),
            explicit(3, &seq(extensions)),
        ])
    }

    fn extensions(&self) -> Vec<Vec<u8>> {
        let ca = matches!(self.usage, Usage::Root | Usage::Intermediate);
        // keyCertSign and cRLSign, or digitalSignature.
        let key_usage = if ca { bits(1, &[0x06]) } else { bits(7, &[0x80]) };
        let mut all = vec![extension("2.5.29.15", true, &key_usage)];
        if ca {
            all.push(extension("2.5.29.19", true, &seq(&[truth()])));
        }
        let purpose = match self.usage {
            Usage::Root => None,
            Usage::Intermediate | Usage::CodeSigning => Some(CODE_SIGNING),
            Usage::TimeStamping => Some(TIME_STAMPING),
        };
        if let Some(purpose) = purpose {
            let critical = self.usage == Usage::TimeStamping;
            all.push(extension("2.5.29.37", critical, &seq(&[oid(purpose)])));
        }
        if !self.sans.is_empty() {
            let uris: Vec<Vec<u8>> = self.sans.iter().map(|s| tlv(0x86, s.as_bytes())).collect();
            all.push(extension("2.5.29.17", true, &seq(&uris)));
        }
        for (number, value) in &self.claims {
            // Fulcio oid-info: .1 to .6 hold the raw text, .8 and later a DER UTF8String.
            let value = if *number < 8 { value.as_bytes().to_vec() } else { utf8(value) };
            all.push(extension(&format!("{FULCIO}.{number}"), false, &value));
        }
        all
    }
}

/// An opaque vector of TLS with two bytes of length.
fn tls(bytes: &[u8]) -> Vec<u8> {
    let len = u16::try_from(bytes.len()).unwrap().to_be_bytes();
    [len.as_slice(), bytes].concat()
}

/// RFC 6962 §3.2: a signed certificate timestamp over a precertificate.
pub(crate) fn sct(
    certificate: &Certificate<'_>,
    issuer: &Key,
    log_id: &[u8],
    log: &Key,
    at: Timestamp,
) -> Vec<u8> {
    let millis = at.as_millisecond().to_be_bytes();
    let tbs = certificate.precertificate();
    let mut signed = vec![0, 0];
    signed.extend(millis);
    signed.extend([0, 1]);
    signed.extend(sha256(&issuer.spki()));
    signed.extend(u32::try_from(tbs.len()).unwrap().to_be_bytes().iter().skip(1));
    signed.extend(&tbs);
    signed.extend([0, 0]);
    let mut out = vec![0];
    out.extend(log_id);
    out.extend(millis);
    out.extend([0, 0, 4, 3]);
    out.extend(tls(&log.sign(&signed)));
    out
}
