//! Signing keys, made anew in every run.

use aws_lc_rs::{
    encoding::AsDer,
    rand::SystemRandom,
    signature::{
        ECDSA_P256_SHA256_ASN1_SIGNING, ECDSA_P384_SHA384_ASN1_SIGNING,
        ECDSA_P521_SHA256_ASN1_SIGNING, ECDSA_P521_SHA512_ASN1_SIGNING, EcdsaKeyPair,
        Ed25519KeyPair, KeyPair,
    },
};
use sha2::{Digest as _, Sha384, Sha512};

use super::sha256;

/// The curve of a signer's key; each signs over the hash of its own length.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Curve {
    P256,
    P384,
    P521,
    /// P-521 over SHA-256, as cosign's legacy format signs with every curve.
    P521Sha256,
}

impl Curve {
    pub(crate) fn key(self) -> Key {
        let algorithm = match self {
            Self::P256 => return Key::p256(),
            Self::P384 => &ECDSA_P384_SHA384_ASN1_SIGNING,
            Self::P521 => &ECDSA_P521_SHA512_ASN1_SIGNING,
            Self::P521Sha256 => &ECDSA_P521_SHA256_ASN1_SIGNING,
        };
        Key::Ecdsa(EcdsaKeyPair::generate(algorithm).unwrap())
    }

    /// The hash that its signatures are over: Rekor's name for it, and the digest.
    pub(crate) fn hash(self, bytes: &[u8]) -> (&'static str, Vec<u8>) {
        match self {
            Self::P256 | Self::P521Sha256 => ("sha256", sha256(bytes)),
            Self::P384 => ("sha384", Sha384::digest(bytes).to_vec()),
            Self::P521 => ("sha512", Sha512::digest(bytes).to_vec()),
        }
    }
}

/// A private key.
pub(crate) enum Key {
    Ecdsa(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
}

impl Key {
    pub(crate) fn p256() -> Self {
        Self::Ecdsa(EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).unwrap())
    }

    pub(crate) fn ed25519() -> Self {
        Self::Ed25519(Ed25519KeyPair::generate().unwrap())
    }

    /// Signs; ECDSA over the hash of its curve, in ASN.1.
    pub(crate) fn sign(&self, message: &[u8]) -> Vec<u8> {
        match self {
            Self::Ecdsa(pair) => {
                pair.sign(&SystemRandom::new(), message).unwrap().as_ref().to_vec()
            }
            Self::Ed25519(pair) => pair.sign(message).as_ref().to_vec(),
        }
    }

    /// The `SubjectPublicKeyInfo`.
    pub(crate) fn spki(&self) -> Vec<u8> {
        match self {
            Self::Ecdsa(pair) => pair.public_key().as_der().unwrap().as_ref().to_vec(),
            Self::Ed25519(pair) => pair.public_key().as_der().unwrap().as_ref().to_vec(),
        }
    }

    /// How Sigstore names a log: by the hash of its key.
    pub(crate) fn id(&self) -> Vec<u8> {
        sha256(&self.spki())
    }

    /// The name of its algorithm in a trust root, where no other curve is used.
    pub(crate) fn details(&self) -> &'static str {
        match self {
            Self::Ecdsa(_) => "PKIX_ECDSA_P256_SHA_256",
            Self::Ed25519(_) => "PKIX_ED25519",
        }
    }
}
