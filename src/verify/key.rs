//! A key that somebody demands: the one anchor of trust that no authority vouches for.

use sigstore_crypto::{KeyAlgorithm, VerificationKey};
use sigstore_types::DerPublicKey;

/// A public key that was given, and nothing else: a key found in a certificate or in a log body is
/// the signer's own claim.
#[derive(Clone)]
pub struct TrustedKey {
    pub(super) spki: DerPublicKey,
    pub(super) algorithm: KeyAlgorithm,
    words: String,
    fingerprint: String,
}

/// Why bytes are no public key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the key cannot be read: {0}")]
pub struct KeyError(String);

impl TrustedKey {
    /// Reads a PEM block `PUBLIC KEY`, as `cosign generate-key-pair` writes it.
    ///
    /// # Errors
    /// [`KeyError`] when it is not one PEM block of a public key, or of a kind that cannot verify.
    pub fn parse(bytes: &[u8]) -> Result<Self, KeyError> {
        let error = |e: &dyn std::fmt::Display| KeyError(e.to_string());
        let pem = std::str::from_utf8(bytes).map_err(|e| error(&e))?;
        let spki = one_block(pem).map_err(KeyError)?;
        let spki = DerPublicKey::from_pem(spki).map_err(|e| error(&e))?;
        let algorithm = KeyAlgorithm::from_spki(&spki).map_err(|e| error(&e))?;
        VerificationKey::from_spki(&spki).map_err(|e| error(&e))?;
        let id = sigstore_crypto::sha256(spki.as_bytes()).to_hex();
        let head = id.get(..12).unwrap_or_default().to_owned();
        let words = format!("key {head}… ({})", algorithm.default_signing_scheme().name());
        Ok(Self { spki, algorithm, words, fingerprint: id })
    }

    /// SHA-256 of its SubjectPublicKeyInfo, hex: two files of one key have one.
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// The key in words: the beginning of its hash, and what it signs with.
    pub fn words(&self) -> &str {
        &self.words
    }
}

/// The text of exactly one PEM block, with nothing before or behind it.
///
/// Of two blocks one reader would take the first and another the last.
pub(super) fn one_block(pem: &str) -> Result<&str, String> {
    let pem = pem.trim();
    let last = pem.lines().last().unwrap_or_default();
    let ends = last.starts_with("-----END ") && last.ends_with("-----");
    let whole = pem.starts_with("-----BEGIN ") && ends;
    if !whole || pem.matches("-----BEGIN ").count() != 1 {
        return Err("it is not exactly one PEM block".into());
    }
    Ok(pem)
}

impl PartialEq for TrustedKey {
    fn eq(&self, other: &Self) -> bool {
        self.spki == other.spki
    }
}

impl std::fmt::Debug for TrustedKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("TrustedKey").field(&self.words).finish()
    }
}
