//! Which of several trust roots judges a piece.

use std::sync::Arc;

use rustls_pki_types::{CertificateDer, UnixTime};
use sigstore_crypto::WEBPKI_VERIFICATION_ALGS;
use sigstore_types::{Bundle, bundle::VerificationMaterialContent};
use webpki::{EndEntityCert, KeyUsage};
use x509_cert::der::Decode;

use super::{Detached, Layer, LookUp, detached, root::TrustRoot};

/// The roots whose certificate authority issued the first of `certificates` (DER), with the others
/// as what may stand between; the first root where none did, for any of them refuses it. Without a
/// certificate every root judges.
///
/// Contract: of JSON lines "only the line whose CA issued the leaf counts". The logs and timestamp
/// authorities of another line must not vouch for it: each line is one instance, and an instance
/// that was added for one purpose would otherwise lend its log to every other one. Several lines
/// may have one CA; then each of them judges, as where a key signed and no CA tells the line: whoever
/// could put a line in front would otherwise choose whose log is believed.
///
/// The windows of the authorities are left to the `chain` step, which has the authenticated time.
pub fn pick<'a>(roots: &'a [Arc<TrustRoot>], certificates: &[&[u8]]) -> Vec<&'a Arc<TrustRoot>> {
    if certificates.is_empty() {
        return roots.iter().collect();
    }
    let vouching: Vec<_> = roots.iter().filter(|root| vouches(root, certificates)).collect();
    if vouching.is_empty() { roots.first().into_iter().collect() } else { vouching }
}

/// The roots that judge a document, a bundle or older; it is read only where there is a choice.
pub fn for_document<'a>(roots: &'a [Arc<TrustRoot>], bytes: &[u8]) -> Vec<&'a Arc<TrustRoot>> {
    by_bundle(roots, || detached::bundle_of(bytes))
}

/// The roots that judge a detached signature.
pub fn for_detached<'a>(
    roots: &'a [Arc<TrustRoot>],
    parts: Detached<'_>,
) -> Vec<&'a Arc<TrustRoot>> {
    by_bundle(roots, || parts.bundle())
}

/// The roots that judge a piece with what its log has of it.
pub fn for_look_up<'a>(roots: &'a [Arc<TrustRoot>], look_up: &LookUp) -> Vec<&'a Arc<TrustRoot>> {
    by_bundle(roots, || Some(look_up.bundle.clone()))
}

fn by_bundle(
    roots: &[Arc<TrustRoot>],
    read: impl FnOnce() -> Option<Bundle>,
) -> Vec<&Arc<TrustRoot>> {
    if roots.len() < 2 {
        return roots.iter().collect();
    }
    let bundle = read();
    let certificates = match bundle.as_ref().map(|b| &b.verification_material.content) {
        Some(VerificationMaterialContent::Certificate(cert)) => vec![cert.raw_bytes.as_bytes()],
        Some(VerificationMaterialContent::X509CertificateChain { certificates }) => {
            certificates.iter().map(|c| c.raw_bytes.as_bytes()).collect()
        }
        _ => vec![],
    };
    pick(roots, &certificates)
}

/// The roots that judge a layer of a legacy tag.
pub fn for_layer<'a>(roots: &'a [Arc<TrustRoot>], layer: Layer<'_>) -> Vec<&'a Arc<TrustRoot>> {
    if roots.len() < 2 {
        return roots.iter().collect();
    }
    let chain = layer.certificates();
    let certificates: Vec<&[u8]> = chain.iter().map(|c| c.raw_bytes.as_bytes()).collect();
    pick(roots, &certificates)
}

/// Whether a CA of the root issued the certificate, at the moment when that began to be valid.
fn vouches(root: &TrustRoot, certificates: &[&[u8]]) -> bool {
    let Some((leaf, between)) = certificates.split_first() else { return false };
    let Ok(parsed) = x509_cert::Certificate::from_der(leaf) else { return false };
    let begin = parsed.tbs_certificate.validity.not_before.to_unix_duration();
    let der = CertificateDer::from(*leaf);
    let Ok(leaf) = EndEntityCert::try_from(&der) else { return false };
    let between: Vec<CertificateDer<'_>> =
        between.iter().map(|der| CertificateDer::from(*der)).collect();
    root.authorities.iter().any(|authority| {
        let built = leaf.verify_for_usage(
            WEBPKI_VERIFICATION_ALGS,
            &authority.anchors,
            &between,
            UnixTime::since_unix_epoch(begin),
            KeyUsage::required(const_oid::db::rfc5912::ID_KP_CODE_SIGNING.as_bytes()),
            None,
            None,
        );
        built.is_ok()
    })
}
