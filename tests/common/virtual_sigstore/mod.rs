//! A Sigstore of our own, with real keys that live as long as the test: authority, CT log, Rekor v1
//! and v2, timestamp authority. Whatever a bundle proves can be made to fail here on its own, also
//! what no real log or authority would ever sign.
//!
//! It shares no code with what it tests: DER, Merkle tree and canonical JSON are written anew.
#![allow(dead_code, unused_imports, reason = "no test uses everything")]
#![allow(clippy::unwrap_used, reason = "what cannot be made ends the test")]

mod certificate;
mod der;
mod key;
mod recipe;
mod rekor;
mod timestamp;

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use sigscope::domain::Timestamp;

pub(crate) use certificate::Usage;
use certificate::{Certificate, sct};
pub(crate) use key::{Curve, Key};
pub(crate) use recipe::{Other, Recipe};
pub(crate) use rekor::LogKind;

/// When everything is signed, unless a recipe says otherwise.
pub(crate) const SIGNED: &str = "2026-11-22T13:53:20Z";
pub(crate) const IDENTITY: &str =
    "https://git.virtual.test/some/project/.github/workflows/release.yaml@refs/tags/v1.0.0";
pub(crate) const ISSUER: &str = "https://token.virtual.test";

const ROOT: &str = "virtual-root";
const INTERMEDIATE: &str = "virtual-intermediate";
const TSA_ROOT: &str = "virtual-tsa-root";
const TSA: &str = "virtual-tsa";
const REKOR: &str = "rekor.virtual.test";
const REKOR_V2: &str = "log2026.rekor.virtual.test";

pub(crate) fn time(text: &str) -> Timestamp {
    text.parse().unwrap()
}

pub(crate) fn base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

pub(crate) fn sha256(bytes: &[u8]) -> Vec<u8> {
    Sha256::digest(bytes).to_vec()
}

/// A PEM block, 64 columns.
pub(crate) fn pem(label: &str, der: &[u8]) -> String {
    let text = base64(der);
    let lines: Vec<String> =
        text.chars().collect::<Vec<_>>().chunks(64).map(|line| line.iter().collect()).collect();
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", lines.join("\n"))
}

/// Every key of one instance. Two of them have the same names and nothing else in common.
pub(crate) struct Sigstore {
    root: Key,
    intermediate: Key,
    ct: Key,
    rekor: Key,
    rekor_v2: Key,
    tsa_root: Key,
    tsa: Key,
}

impl Sigstore {
    pub(crate) fn new() -> Self {
        Self {
            root: Key::p256(),
            intermediate: Key::p256(),
            ct: Key::p256(),
            rekor: Key::p256(),
            rekor_v2: Key::ed25519(),
            tsa_root: Key::p256(),
            tsa: Key::p256(),
        }
    }

    /// Rekor's key, name and origin line by version.
    fn log(&self, v2: bool) -> (&Key, &'static str, String) {
        if v2 {
            (&self.rekor_v2, REKOR_V2, REKOR_V2.to_owned())
        } else {
            (&self.rekor, REKOR, format!("{REKOR} - 2605736670972794746"))
        }
    }

    /// A `trusted_root.json`.
    pub(crate) fn trusted_root(&self) -> Value {
        let valid = || json!({ "start": "2026-01-01T00:00:00Z" });
        let log = |url: &str, key: &Key| {
            json!({
                "baseUrl": format!("https://{url}"), "hashAlgorithm": "SHA2_256",
                "publicKey": { "rawBytes": base64(&key.spki()), "keyDetails": key.details(),
                    "validFor": valid() },
                "logId": { "keyId": base64(&key.id()) },
            })
        };
        let authority = |name: &str, chain: &[Vec<u8>]| {
            let each: Vec<Value> = chain.iter().map(|c| json!({ "rawBytes": base64(c) })).collect();
            json!({
                "subject": { "organization": "virtual.test", "commonName": name },
                "uri": format!("https://{name}.virtual.test"),
                "certChain": { "certificates": each }, "validFor": valid(),
            })
        };
        json!({
            "mediaType": "application/vnd.dev.sigstore.trustedroot+json;version=0.1",
            "tlogs": [log(REKOR, &self.rekor), log(REKOR_V2, &self.rekor_v2)],
            "certificateAuthorities": [authority("fulcio", &self.authorities())],
            "ctlogs": [log("ct.virtual.test", &self.ct)],
            "timestampAuthorities": [authority("tsa", &self.timestamp_authorities())],
        })
    }

    fn authorities(&self) -> [Vec<u8>; 2] {
        let intermediate = authority(ROOT, INTERMEDIATE, Usage::Intermediate, &self.intermediate);
        let root = authority(ROOT, ROOT, Usage::Root, &self.root);
        [intermediate.signed(&self.root, &[]), root.signed(&self.root, &[])]
    }

    fn timestamp_authorities(&self) -> [Vec<u8>; 2] {
        let leaf = authority(TSA_ROOT, TSA, Usage::TimeStamping, &self.tsa);
        let root = authority(TSA_ROOT, TSA_ROOT, Usage::Root, &self.tsa_root);
        [leaf.signed(&self.tsa_root, &[]), root.signed(&self.tsa_root, &[])]
    }
}

fn authority<'a>(issuer: &'a str, subject: &'a str, usage: Usage, key: &'a Key) -> Certificate<'a> {
    let (from, to) = (time("2026-01-01T00:00:00Z"), time("2036-01-01T00:00:00Z"));
    Certificate { issuer, subject, from, to, usage, key, sans: vec![], claims: vec![] }
}
