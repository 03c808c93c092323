//! Simple signing: what cosign's legacy signatures sign.
//!
//! Source: containers/image `containers-signature.5.md` as cosign `specs/SIGNATURE_SPEC.md` uses it.

use std::collections::BTreeMap;

use serde::Deserialize;

/// The only `critical.type` of cosign's payloads.
pub const TYPE: &str = "cosign container image signature";

/// The payload of one legacy signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SimpleSigning {
    /// `critical.type`.
    pub kind: String,
    /// `critical.image.docker-manifest-digest`, as it is written.
    pub digest: String,
    /// `critical.identity.docker-reference`: where the signer said the image was; cosign does not
    /// check it.
    pub reference: String,
    /// `optional`: annotations of `cosign sign -a`; values that are not strings equal no demand.
    pub optional: BTreeMap<String, String>,
}

/// Why a payload is not simple signing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a simple signing payload: {0}")]
pub struct SimpleSigningError(String);

#[derive(Deserialize)]
struct Raw {
    critical: Critical,
    optional: Option<BTreeMap<String, serde_json::Value>>,
}

#[derive(Deserialize)]
struct Critical {
    identity: Identity,
    image: Image,
    #[serde(rename = "type")]
    kind: String,
}

#[derive(Deserialize)]
struct Identity {
    #[serde(rename = "docker-reference")]
    reference: String,
}

#[derive(Deserialize)]
struct Image {
    #[serde(rename = "docker-manifest-digest")]
    digest: String,
}

impl SimpleSigning {
    /// Parses a payload.
    ///
    /// # Errors
    /// [`SimpleSigningError`] when it is not JSON of that shape.
    pub fn parse(payload: &[u8]) -> Result<Self, SimpleSigningError> {
        let raw: Raw =
            serde_json::from_slice(payload).map_err(|e| SimpleSigningError(e.to_string()))?;
        let optional = raw.optional.unwrap_or_default();
        Ok(Self {
            kind: raw.critical.kind,
            digest: raw.critical.image.digest,
            reference: raw.critical.identity.reference,
            optional: optional.into_iter().filter_map(super::statement::text).collect(),
        })
    }
}
