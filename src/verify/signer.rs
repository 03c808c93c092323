//! Who signed, as a policy may demand it: only what is proved becomes a [`ProvedSigner`].

use super::{Piece, PolicyAnswer, key::TrustedKey};
use crate::domain::{suggest::tags_only, verdict::Judgement};

/// A signer, believed or not; whose word it is says the type around it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Identified {
    /// The holder of a certificate.
    Certificate {
        /// The one subject alternative name.
        identity: String,
        /// Who vouched for it.
        issuer: String,
    },
    /// The holder of a key.
    Key {
        /// Its SubjectPublicKeyInfo in PEM.
        pem: String,
    },
}

impl Identified {
    /// Every version tag of the same workflow, anchored and escaped; `None` for what is no workflow
    /// on a numbered tag.
    pub fn tags_only(&self) -> Option<String> {
        match self {
            Self::Certificate { identity, .. } => tags_only(identity),
            Self::Key { .. } => None,
        }
    }
}

/// A demanded signer whose piece is proved.
///
/// The field is private and [`ProvedSigner::of`] is the only constructor: outside of this floor
/// nothing can write a policy that reads like a proved one about somebody who was only observed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProvedSigner(Identified);

impl ProvedSigner {
    /// Who signed a piece, where it is proved under a demand: the identity of its verified
    /// certificate, or the one of `keys` that it is by.
    ///
    /// `None` also where a certificate has not exactly one identity and one issuer.
    pub fn of<'a>(piece: &Piece, keys: impl IntoIterator<Item = &'a TrustedKey>) -> Option<Self> {
        if piece.judgement != Judgement::Proved {
            return None;
        }
        if let Some(fingerprint) = &piece.key {
            let key = keys.into_iter().find(|key| key.fingerprint() == fingerprint)?;
            return Some(Self(Identified::Key { pem: key.pem() }));
        }
        if piece.policy != PolicyAnswer::Matched {
            return None;
        }
        let claims = piece.claims.as_ref()?.verified()?.get();
        let (identity, issuer) = (claims.identity()?.value(), claims.issuer()?);
        let agree = claims.fulcio(1).is_none_or(|old| old == issuer);
        (agree && !identity.is_empty() && !issuer.is_empty()).then(|| {
            let (identity, issuer) = (identity.to_owned(), issuer.to_owned());
            Self(Identified::Certificate { identity, issuer })
        })
    }

    /// The signer.
    pub const fn get(&self) -> &Identified {
        &self.0
    }
}
