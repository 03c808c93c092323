//! `chain`: the certificate was issued by an authority of the trust root, for signing code, and
//! was valid at every authenticated time.

use rustls_pki_types::{CertificateDer, TrustAnchor, UnixTime};
use sigstore_crypto::WEBPKI_VERIFICATION_ALGS;
use sigstore_types::bundle::VerificationMaterialContent;
use webpki::{EndEntityCert, KeyUsage};
use x509_cert::der::{Any, Encode, Tag};

use super::{Context, Leaf, Outcome, time::SignedTime};
use crate::{
    domain::Timestamp,
    verify::{
        Instance,
        root::{Authority, window},
    },
};

pub(crate) const CLAUSE: &str =
    "RFC 5280 §6.1; Sigstore certificate profile: EKU id-kp-codeSigning, 1.3.6.1.5.5.7.3.3";

/// The key of the certificate's direct issuer, a DER SubjectPublicKeyInfo, from the verified path.
pub(crate) struct IssuerKey(pub(crate) Vec<u8>);

/// Builds the path at every authenticated time.
///
/// RFC 5280 §6.1: certification path validation. Only authorities whose own window covers the time
/// may end the path, so an authority that has been retired cannot sign new keys.
///
/// Whose instance it is follows from the certificate that vouches, at every time: GitHub's own has
/// other rules, and a name in a root or in a certificate must not be able to claim them.
pub(crate) fn check(
    cx: &Context<'_>,
    times: &[SignedTime],
) -> (Outcome, Option<IssuerKey>, Instance) {
    let Some(leaf) = cx.signer.leaf() else {
        return (Outcome::absent("a key has no certificate"), None, Instance::WithLogs);
    };
    let (mut issuer, mut instances) = (None, vec![]);
    let mut outcomes = vec![];
    let mut distinct: Vec<&SignedTime> = times.iter().collect();
    distinct.dedup_by_key(|time| time.at);
    for time in distinct {
        match path(cx, leaf, time.at) {
            Ok((detail, key, instance)) => {
                issuer = Some(key);
                instances.push(instance);
                outcomes.push(Outcome::holds(format!("at {}: {detail}", time.at)));
            }
            Err(why) => outcomes.push(Outcome::refuted(format!("at {}: {why}", time.at))),
        }
    }
    let none = || Outcome::undecided("waits for an authenticated time of signing");
    let githubs = !instances.is_empty()
        && instances.len() == outcomes.len()
        && instances.iter().all(|i| *i == Instance::GitHub);
    let instance = if githubs { Instance::GitHub } else { Instance::WithLogs };
    (Outcome::all(outcomes).unwrap_or_else(none), issuer, instance)
}

fn path(
    cx: &Context<'_>,
    signer: &Leaf,
    at: Timestamp,
) -> Result<(String, IssuerKey, Instance), String> {
    let leaf = CertificateDer::from(signer.der.as_bytes());
    let leaf = EndEntityCert::try_from(&leaf).map_err(|e| format!("the certificate: {e}"))?;
    let between: Vec<_> = match &cx.bundle.verification_material.content {
        VerificationMaterialContent::X509CertificateChain { certificates } => certificates
            .iter()
            .skip(1)
            .map(|c| CertificateDer::from(c.raw_bytes.as_bytes()))
            .collect(),
        _ => vec![],
    };
    let seconds = u64::try_from(at.as_second()).map_err(|e| e.to_string())?;
    let time = UnixTime::since_unix_epoch(std::time::Duration::from_secs(seconds));
    let open = |range: Option<sigstore_types::TimeRange>| range.is_none_or(|r| r.contains(at));
    let mut unknown = true;
    let mut last = "no certificate authority of the trust root was valid then".to_owned();
    for authority in cx.root.authorities.iter().filter(|a| open(a.valid_for)) {
        let given = authority.between.iter().map(|c| CertificateDer::from(c.as_bytes()));
        let between: Vec<_> = between.iter().cloned().chain(given).collect();
        match leads_to(&leaf, &authority.anchors, &between, time) {
            Ok(path) => {
                let words = format!(
                    "{} ← {} ({})",
                    signer.claims.issuer_name,
                    authority.name,
                    window(authority.valid_for)
                );
                let github = github_vouches(&leaf, authority, &between, time);
                return Ok((words, IssuerKey(issuer_key(&path)?), github));
            }
            Err(e) => {
                unknown &= matches!(e, webpki::Error::UnknownIssuer);
                last = format!("no path to {}: {}", authority.name, words(&e));
            }
        }
    }
    let hint = if unknown { cx.root.stale_hint() } else { String::new() };
    Err(format!("{last}{hint}"))
}

/// RFC 5280 §6.1, for one set of anchors.
fn leads_to<'p>(
    leaf: &'p EndEntityCert<'_>,
    anchors: &'p [TrustAnchor<'static>],
    between: &'p [CertificateDer<'_>],
    time: UnixTime,
) -> Result<webpki::VerifiedPath<'p>, webpki::Error> {
    let usage = KeyUsage::required(const_oid::db::rfc5912::ID_KP_CODE_SIGNING.as_bytes());
    leaf.verify_for_usage(WEBPKI_VERIFICATION_ALGS, anchors, between, time, usage, None, None)
}

/// Contract: GitHub's instance "is recognised by the vouching CA certificate being one of GitHub's
/// own": a path to one of those certificates must exist, not merely an entry that contains them.
fn github_vouches(
    leaf: &EndEntityCert<'_>,
    authority: &Authority,
    between: &[CertificateDer<'_>],
    time: UnixTime,
) -> Instance {
    if authority.githubs.is_empty() {
        return Instance::WithLogs;
    }
    let chain = authority.certificates.iter().map(|c| CertificateDer::from(c.as_bytes()));
    let between: Vec<_> = between.iter().cloned().chain(chain).collect();
    match leads_to(leaf, &authority.githubs, &between, time) {
        Ok(_) => Instance::GitHub,
        Err(_) => Instance::WithLogs,
    }
}

/// What stands in the way, without the types of the library.
fn words(error: &webpki::Error) -> String {
    match error {
        webpki::Error::CertExpired { .. } => "a certificate had expired by then".into(),
        webpki::Error::CertNotValidYet { .. } => "a certificate was not valid yet".into(),
        webpki::Error::UnknownIssuer => "it did not issue this certificate".into(),
        webpki::Error::InvalidSignatureForPublicKey => {
            "its signature over the certificate does not hold".into()
        }
        webpki::Error::RequiredEkuNotFoundContext(_) => {
            "the certificate is not for signing code".into()
        }
        other => other.to_string(),
    }
}

/// The direct issuer of the leaf, as the path proved it: two authorities may share a name.
fn issuer_key(path: &webpki::VerifiedPath<'_>) -> Result<Vec<u8>, String> {
    match path.intermediate_certificates().next() {
        Some(issuer) => Ok(issuer.subject_public_key_info().as_ref().to_vec()),
        // An anchor holds the contents of the SEQUENCE only.
        None => Any::new(Tag::Sequence, path.anchor().subject_public_key_info.as_ref())
            .and_then(|any| any.to_der())
            .map_err(|e| format!("the issuer's key: {e}")),
    }
}
