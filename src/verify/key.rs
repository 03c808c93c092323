//! A key that somebody demands: the one anchor of trust that no authority vouches for.

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1, ECDSA_P384_SHA384_ASN1, ED25519, ML_DSA_44, ML_DSA_65, ML_DSA_87,
    ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, VerificationAlgorithm,
};
use sigstore_crypto::{KeyAlgorithm, validate_raw_public_key};
use sigstore_types::DerPublicKey;
use x509_cert::{
    der::{AnyRef, Decode, Encode},
    spki::SubjectPublicKeyInfoRef,
};

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
    /// [`KeyError`] when it is not one PEM block of a public key, of a kind that cannot verify, or
    /// written in another way than the one that its kind has.
    pub fn parse(bytes: &[u8]) -> Result<Self, KeyError> {
        let error = |e: &dyn std::fmt::Display| KeyError(e.to_string());
        let pem = std::str::from_utf8(bytes).map_err(|e| error(&e))?;
        let spki = one_block(pem).map_err(KeyError)?;
        let spki = DerPublicKey::from_pem(spki).map_err(|e| error(&e))?;
        let algorithm = KeyAlgorithm::from_spki(&spki).map_err(|e| error(&e))?;
        canonical(&spki, algorithm).map_err(KeyError)?;
        let id = sigstore_crypto::sha256(spki.as_bytes()).to_hex();
        let head = id.get(..12).unwrap_or_default().to_owned();
        let words = format!("key {head}… ({})", algorithm.default_signing_scheme().name());
        Ok(Self { spki, algorithm, words, fingerprint: id })
    }

    /// SHA-256 of its SubjectPublicKeyInfo, hex: two files of one key have one, for a key that is
    /// written in two ways is refused in one of them.
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// Its SubjectPublicKeyInfo in PEM.
    pub fn pem(&self) -> String {
        super::root_material::pem("PUBLIC KEY", self.spki.as_bytes())
    }

    /// The key in words: the beginning of its hash, and what it signs with.
    pub fn words(&self) -> &str {
        &self.words
    }
}

/// Refuses a key that is not written in the one way that its kind has.
///
/// RFC 3279 §2.3.1: "the parameters field MUST have ASN.1 type NULL" for `rsaEncryption`; RFC 5480
/// §2.2: a point may be compressed or not, of which only the latter is verified with here. Go's
/// parser, so cosign, takes no other either. One key under two encodings would have two
/// fingerprints, and its one holder would count as two of n.
fn canonical(key: &DerPublicKey, kind: KeyAlgorithm) -> Result<(), String> {
    let read = |e: &dyn std::fmt::Display| e.to_string();
    let spki = SubjectPublicKeyInfoRef::from_der(key.as_bytes()).map_err(|e| read(&e))?;
    if spki.to_der().map_err(|e| read(&e))? != key.as_bytes() {
        return Err("its encoding is not DER".into());
    }
    let (parameters, bytes) = (spki.algorithm.parameters, spki.subject_public_key.raw_bytes());
    // The length of the bit string, where it is the key itself: what parses keys would take a
    // whole SubjectPublicKeyInfo in it for one as well.
    let (verifies, length): (&'static dyn VerificationAlgorithm, _) = match kind {
        KeyAlgorithm::EcdsaP256 => (&ECDSA_P256_SHA256_ASN1, None),
        KeyAlgorithm::EcdsaP384 => (&ECDSA_P384_SHA384_ASN1, None),
        KeyAlgorithm::Rsa => (&RSA_PKCS1_2048_8192_SHA256, None),
        KeyAlgorithm::Ed25519 => (&ED25519, Some(32)),
        KeyAlgorithm::MlDsa44 => (&ML_DSA_44, Some(1312)),
        KeyAlgorithm::MlDsa65 => (&ML_DSA_65, Some(1952)),
        KeyAlgorithm::MlDsa87 => (&ML_DSA_87, Some(2592)),
        other => return Err(format!("{other:?} keys are not supported")),
    };
    if kind == KeyAlgorithm::Rsa && !parameters.is_some_and(AnyRef::is_null) {
        return Err("the parameters of an RSA key are NULL, not missing".into());
    }
    if length.is_some_and(|length| length != bytes.len()) {
        return Err(format!("{} bytes are no {kind:?} key", bytes.len()));
    }
    validate_raw_public_key(kind.default_signing_scheme(), bytes).map_err(|e| read(&e))?;
    // Also a point that is not on its curve: a key that can have signed nothing.
    ParsedPublicKey::new(verifies, bytes).map(drop).map_err(|e| read(&e))
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
