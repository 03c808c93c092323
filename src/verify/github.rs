//! GitHub's own Sigstore instance, recognised by its certificates and by nothing else.
//!
//! It vouches for private repositories and releases and keeps no public log. A root without logs
//! must not be taken for it: whoever could take the logs out of a root would turn "not logged"
//! into "need not be logged".

use std::sync::OnceLock;

use sigstore_trust_root::{SigstoreInstance, TrustedRoot};
use sigstore_types::{DerCertificate, TsaAuthority};

/// The certificates of GitHub's authorities; without their common root, which signs for other
/// services of GitHub too.
struct Own {
    authorities: Vec<DerCertificate>,
    timestamps: Vec<DerCertificate>,
}

fn own() -> &'static Own {
    static OWN: OnceLock<Own> = OnceLock::new();
    OWN.get_or_init(|| {
        // An unreadable root would recognise nothing, and so waive nothing; a test holds it to that.
        let Ok(root) = TrustedRoot::from_embedded(SigstoreInstance::GitHub) else {
            return Own { authorities: vec![], timestamps: vec![] };
        };
        let rooted = |der: &DerCertificate| super::certificate::is_self_issued(der) != Ok(false);
        let chains = root.certificate_authorities.iter().flat_map(|ca| &ca.cert_chain.certificates);
        let authorities: Vec<_> = chains.map(|c| c.raw_bytes.clone()).collect();
        let stamps = root.tsa_authorities();
        let stamps = stamps.iter().flat_map(|a| a.intermediates.iter().chain([&a.leaf]).cloned());
        Own {
            authorities: authorities.into_iter().filter(|der| !rooted(der)).collect(),
            timestamps: stamps.filter(|der| !rooted(der)).collect(),
        }
    })
}

/// Whether this is a certificate of one of GitHub's own certificate authorities.
pub(super) fn is_authority(der: &DerCertificate) -> bool {
    own().authorities.iter().any(|own| own.as_bytes() == der.as_bytes())
}

/// Whether this is one of GitHub's own timestamp authorities.
pub(super) fn is_timestamp_authority(authority: &TsaAuthority) -> bool {
    let own =
        |der: &DerCertificate| own().timestamps.iter().any(|o| o.as_bytes() == der.as_bytes());
    own(&authority.leaf) || authority.intermediates.iter().any(own)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_githubs_own_authorities_are_taken_for_githubs() {
        for (instance, githubs) in [
            (SigstoreInstance::GitHub, true),
            (SigstoreInstance::PublicGood, false),
            (SigstoreInstance::Staging, false),
        ] {
            let root = TrustedRoot::from_embedded(instance).unwrap();
            let stamps = root.tsa_authorities();
            assert!(!stamps.is_empty(), "{instance:?}");
            assert!(stamps.iter().all(|a| is_timestamp_authority(a) == githubs), "{instance:?}");
            for ca in &root.certificate_authorities {
                let certificates = ca.cert_chain.certificates.iter();
                let found = certificates.filter(|c| is_authority(&c.raw_bytes)).count();
                // Two of three: never the root.
                assert_eq!(found, if githubs { 2 } else { 0 }, "{instance:?}");
            }
        }
    }
}
