//! What a public key verifies with: the library's schemes, and ECDSA on P-521, which it lacks.

use aws_lc_rs::{
    digest::{Digest as Hashed, SHA256, SHA512},
    signature::{
        ECDSA_P521_SHA256_ASN1, ECDSA_P521_SHA512_ASN1, EcdsaVerificationAlgorithm,
        UnparsedPublicKey,
    },
};
use sigstore_crypto::{Error, KeyAlgorithm, SigningScheme};
use sigstore_types::{DerPublicKey, HashAlgorithm, SignatureBytes};

fn not_signed() -> String {
    "the signature does not hold".into()
}

/// The kind of a signer's key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum KeyKind {
    /// One that the library verifies with.
    Library(KeyAlgorithm),
    /// ECDSA on P-521 with SHA-512; `PKIX_ECDSA_P521_SHA_512` of `sigstore_common.proto`. With
    /// SHA-256 where a digest by it is named: cosign's legacy format signs so with every curve.
    P521,
}

/// How one signature is verified.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scheme {
    /// By the library.
    Library(SigningScheme),
    /// ECDSA on P-521 with SHA-512.
    P521Sha512,
    /// ECDSA on P-521 with SHA-256. Source: cosign `ValidateAndUnpackCert`, `LoadVerifier(…,
    /// crypto.SHA256)`.
    P521Sha256,
}

/// RFC 5480 §2.1.1: `SEQUENCE { OID id-ecPublicKey, OID secp521r1 }`, then a bit string without
/// unused bits that holds an uncompressed point of 2 × 66 bytes.
const P521_PREFIX: [u8; 26] = [
    0x30, 0x81, 0x9B, 0x30, 0x10, 0x06, 0x07, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01, 0x06, 0x05,
    0x2B, 0x81, 0x04, 0x00, 0x23, 0x03, 0x81, 0x86, 0x00, 0x04,
];
const P521_BYTES: usize = 158;

impl KeyKind {
    /// Reads the kind of a SubjectPublicKeyInfo.
    ///
    /// # Errors
    /// The library's, for a kind that neither knows.
    pub(super) fn of(spki: &DerPublicKey) -> Result<Self, Error> {
        let bytes = spki.as_bytes();
        if bytes.len() == P521_BYTES && bytes.starts_with(&P521_PREFIX) {
            return Ok(Self::P521);
        }
        KeyAlgorithm::from_spki(spki).map(Self::Library)
    }

    /// The scheme where nothing names a hash.
    pub(super) fn default_scheme(self) -> Scheme {
        match self {
            Self::Library(kind) => Scheme::Library(kind.default_signing_scheme()),
            Self::P521 => Scheme::P521Sha512,
        }
    }

    /// The scheme for a signature over a digest by that algorithm.
    ///
    /// # Errors
    /// In words, where such a key does not sign such digests.
    pub(super) fn scheme(self, hash: HashAlgorithm) -> Result<Scheme, String> {
        match self {
            Self::Library(kind) => {
                kind.resolve_signing_scheme(hash).map(Scheme::Library).map_err(|e| e.to_string())
            }
            Self::P521 => match hash {
                HashAlgorithm::Sha2512 => Ok(Scheme::P521Sha512),
                HashAlgorithm::Sha2256 => Ok(Scheme::P521Sha256),
                _ => Err("a key on P-521 signs SHA-512 digests, or SHA-256 ones".into()),
            },
        }
    }
}

impl Scheme {
    fn p521(self) -> &'static EcdsaVerificationAlgorithm {
        match self {
            Self::P521Sha256 => &ECDSA_P521_SHA256_ASN1,
            _ => &ECDSA_P521_SHA512_ASN1,
        }
    }

    /// The name in details.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Library(scheme) => scheme.name(),
            Self::P521Sha512 => "ECDSA P-521 SHA-512",
            Self::P521Sha256 => "ECDSA P-521 SHA-256",
        }
    }

    /// The hash of what is signed; `None` where the bytes themselves are.
    pub(super) fn hash_algorithm(self) -> Option<HashAlgorithm> {
        match self {
            Self::Library(scheme) => scheme.hash_algorithm(),
            Self::P521Sha512 => Some(HashAlgorithm::Sha2512),
            Self::P521Sha256 => Some(HashAlgorithm::Sha2256),
        }
    }

    /// Verifies a signature over `data`.
    ///
    /// # Errors
    /// In words, where it does not hold.
    pub(super) fn verify(
        self,
        key: &DerPublicKey,
        data: &[u8],
        signature: &SignatureBytes,
    ) -> Result<(), String> {
        match self {
            Self::Library(scheme) => {
                sigstore_crypto::verify_signature(key, data, signature, scheme)
                    .map_err(|e| e.to_string())
            }
            Self::P521Sha512 | Self::P521Sha256 => {
                UnparsedPublicKey::new(self.p521(), key.as_bytes())
                    .verify(data, signature.as_bytes())
                    .ok()
                    .ok_or_else(not_signed)
            }
        }
    }

    /// Verifies a signature over what hashes to `digest`.
    ///
    /// # Errors
    /// In words, where it does not hold, or the digest is none of that hash.
    pub(super) fn verify_prehashed(
        self,
        key: &DerPublicKey,
        digest: &[u8],
        signature: &SignatureBytes,
    ) -> Result<(), String> {
        match self {
            Self::Library(scheme) => {
                sigstore_crypto::verify_signature_prehashed(key, digest, signature, scheme)
                    .map_err(|e| e.to_string())
            }
            Self::P521Sha512 | Self::P521Sha256 => {
                let hash = if self == Self::P521Sha256 { &SHA256 } else { &SHA512 };
                let digest = Hashed::import_less_safe(digest, hash)
                    .ok()
                    .ok_or_else(|| format!("it is no {hash:?} digest"))?;
                UnparsedPublicKey::new(self.p521(), key.as_bytes())
                    .verify_digest(&digest, signature.as_bytes())
                    .ok()
                    .ok_or_else(not_signed)
            }
        }
    }
}
