//! `sct`: a trusted certificate transparency log promised to log the certificate.

use sigstore_crypto::SigningScheme;
use sigstore_types::{Sha256Hash, SignatureBytes};
use tls_codec::SerializeBytes;
use x509_cert::{
    Certificate,
    der::{Decode, Encode},
    ext::pkix::{SignedCertificateTimestamp, SignedCertificateTimestampList},
};

use super::{Context, Leaf, Outcome, chain::IssuerKey};
use crate::domain::{Timestamp, steps::StepName};

pub(crate) const CLAUSE: &str = "RFC 6962 §3.2, §3.3";

/// Verifies the one embedded signed certificate timestamp.
///
/// Without it an authority could issue a certificate that nobody can ever find in a log.
pub(crate) fn check(cx: &Context<'_>, issuer: Option<&IssuerKey>) -> Outcome {
    if let Some(why) = cx.exempt(StepName::Sct) {
        return Outcome::absent(why);
    }
    match (cx.signer.leaf(), issuer) {
        (None, _) => Outcome::absent("a key has no certificate"),
        (Some(leaf), Some(issuer)) => verify(cx, leaf, issuer).into(),
        (Some(_), None) => {
            Outcome::undecided("waits for the certificate's issuer, which the chain proves")
        }
    }
}

fn verify(cx: &Context<'_>, leaf: &Leaf, issuer: &IssuerKey) -> Result<String, String> {
    let cert = Certificate::from_der(leaf.der.as_bytes()).map_err(|e| e.to_string())?;
    let sct = embedded(&cert)?;
    let scheme = scheme(&sct)?;
    let millis = i64::try_from(sct.timestamp).map_err(|e| e.to_string())?;
    let at = Timestamp::from_millisecond(millis).map_err(|e| e.to_string())?;
    let keys = cx.root.ct.iter().find(|(s, _)| *s == scheme).map(|(_, keys)| keys);
    let keys = keys.ok_or("no CT log of the trust root signs with this scheme")?;
    let signed = signed_data(&cert, &sct, issuer)?;
    let signature = SignatureBytes::new(sct.signature.signature.as_slice().to_vec());
    let id = Sha256Hash::new(sct.log_id.key_id);
    keys.verify_with_key_id_at(&id, at, &signed, &signature).map_err(|e| {
        let (id, known) = (hex::encode(sct.log_id.key_id), cx.root.knows_log(&sct.log_id.key_id));
        let hint = if known { String::new() } else { cx.root.stale_hint() };
        format!("log {id}: {e}{hint}")
    })?;
    Ok(format!("{} at {at}", cx.root.log_name(&sct.log_id.key_id)))
}

fn embedded(cert: &Certificate) -> Result<SignedCertificateTimestamp, String> {
    let found = cert.tbs_certificate.get::<SignedCertificateTimestampList>();
    let list = found.map_err(|e| e.to_string())?.map(|(_, list)| list);
    let list = list.ok_or("the certificate has no signed certificate timestamp")?;
    let each = list.parse_timestamps().map_err(|e| format!("{e:?}"))?;
    match each.as_slice() {
        [one] => one.parse_timestamp().map_err(|e| format!("{e:?}")),
        many => Err(format!("{} signed certificate timestamps, one is expected", many.len())),
    }
}

/// RFC 5246 §7.4.1.4.1, `SignatureAndHashAlgorithm`.
fn scheme(sct: &SignedCertificateTimestamp) -> Result<SigningScheme, String> {
    let bytes = sct.signature.algorithm.tls_serialize().map_err(|e| e.to_string())?;
    match bytes.as_slice() {
        [4, 3] => Ok(SigningScheme::EcdsaP256Sha256),
        [5, 3] => Ok(SigningScheme::EcdsaP384Sha384),
        [4, 1] => Ok(SigningScheme::RsaPkcs1Sha256),
        [5, 1] => Ok(SigningScheme::RsaPkcs1Sha384),
        [6, 1] => Ok(SigningScheme::RsaPkcs1Sha512),
        other => Err(format!("signature algorithm {other:?} is not supported")),
    }
}

/// RFC 6962 §3.2: version, signature type, timestamp, entry type, then "the SHA-256 hash of the
/// certificate issuer's public key" and the TBSCertificate "without … the SCT list", and the
/// extensions of the timestamp.
fn signed_data(
    cert: &Certificate,
    sct: &SignedCertificateTimestamp,
    issuer: &IssuerKey,
) -> Result<Vec<u8>, String> {
    const VERSION_1: u8 = 0;
    const CERTIFICATE_TIMESTAMP: u8 = 0;
    const PRECERT_ENTRY: [u8; 2] = [0, 1];
    let mut tbs = cert.tbs_certificate.clone();
    tbs.extensions = tbs.extensions.map(|all| {
        let scts = const_oid::db::rfc6962::CT_PRECERT_SCTS;
        all.into_iter().filter(|e| e.extn_id != scts).collect()
    });
    let tbs = tbs.to_der().map_err(|e| e.to_string())?;
    let tbs_len = u32::try_from(tbs.len()).map_err(|e| e.to_string())?.to_be_bytes();
    let extensions_len = u16::try_from(sct.extensions.len()).map_err(|e| e.to_string())?;
    let mut data = vec![VERSION_1, CERTIFICATE_TIMESTAMP];
    data.extend(sct.timestamp.to_be_bytes());
    data.extend(PRECERT_ENTRY);
    data.extend(sigstore_crypto::sha256(&issuer.0).as_bytes());
    data.extend(tbs_len.into_iter().skip(1));
    data.extend(&tbs);
    data.extend(extensions_len.to_be_bytes());
    data.extend(sct.extensions.as_slice());
    Ok(data)
}
