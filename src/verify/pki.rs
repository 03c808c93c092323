//! An authority of one's own: certificates that stand in for those of the trust root.
//!
//! Logs and timestamp authorities stay those of the root. cosign's `--ca-roots`,
//! `--ca-intermediates` and `--certificate-chain` do the same.

use serde_json::{Value, json};
use sigstore_types::DerCertificate;

use super::{certificate, root::RootError};

/// The most certificates of one PEM file.
const MAX_CERTIFICATES: usize = 100;

/// Certificates that may vouch for a signer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pki {
    /// Each of them ends a path.
    roots: Vec<DerCertificate>,
    /// Between a root and a signer; they end no path.
    between: Vec<DerCertificate>,
}

impl Pki {
    /// `--ca-roots`: every certificate of the file is a root; `--ca-intermediates`: none is.
    ///
    /// # Errors
    /// [`RootError`] when a file is not a sequence of certificates in PEM, or has none.
    pub fn from_roots(roots: &[u8], between: Option<&[u8]>) -> Result<Self, RootError> {
        let between = between.map_or_else(|| Ok(vec![]), certificates)?;
        Ok(Self { roots: certificates(roots)?, between })
    }

    /// `--certificate-chain`: "must start with the parent intermediate CA certificate of the signing
    /// certificate and end with the root certificate".
    ///
    /// # Errors
    /// [`RootError`] when it is not a sequence of certificates in PEM, or its last is no root.
    pub fn from_chain(chain: &[u8]) -> Result<Self, RootError> {
        let mut between = certificates(chain)?;
        let root = between.pop().ok_or_else(|| RootError::new("the chain is empty"))?;
        // A chain that ends in an intermediate would make it an anchor that nobody named as one.
        match certificate::is_self_issued(&root) {
            Ok(true) => Ok(Self { roots: vec![root], between }),
            Ok(false) => Err(RootError::new("the chain does not end with a root certificate")),
            Err(e) => Err(RootError::new(&e)),
        }
    }

    /// The document of a trust root with these authorities instead of its own.
    ///
    /// # Errors
    /// [`RootError`] when the document is not a JSON object.
    pub(super) fn graft(&self, root: &str) -> Result<String, RootError> {
        let mut document: Value =
            serde_json::from_str(root).map_err(|e| RootError::new(&e.to_string()))?;
        let object =
            document.as_object_mut().ok_or_else(|| RootError::new("it is not an object"))?;
        let raw = |der: &DerCertificate| json!({ "rawBytes": der.to_base64() });
        let authorities = self.roots.iter().map(|root| {
            let chain: Vec<Value> = self.between.iter().chain([root]).map(raw).collect();
            json!({
                "subject": { "organization": "given by flag" },
                "uri": "",
                "certChain": { "certificates": chain },
            })
        });
        object.insert("certificateAuthorities".into(), authorities.collect());
        Ok(document.to_string())
    }
}

/// Every certificate of a PEM file; other text between the blocks is refused, not skipped.
fn certificates(pem: &[u8]) -> Result<Vec<DerCertificate>, RootError> {
    const END: &str = "-----END CERTIFICATE-----";
    let text = std::str::from_utf8(pem).map_err(|e| RootError::new(&e.to_string()))?;
    let blocks = text.split_inclusive(END).map(str::trim).filter(|block| !block.is_empty());
    let blocks: Vec<&str> = blocks.take(MAX_CERTIFICATES + 1).collect();
    if blocks.is_empty() || blocks.len() > MAX_CERTIFICATES {
        let words =
            format!("it holds {} certificates, 1 to {MAX_CERTIFICATES} are read", blocks.len());
        return Err(RootError::new(&words));
    }
    let read = |block: &str| {
        let block = super::key::one_block(block)?;
        DerCertificate::from_pem(block).map_err(|e| e.to_string())
    };
    blocks.into_iter().map(|block| read(block).map_err(|e| RootError::new(&e))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_sequence_of_certificates_is_refused() {
        let garbage = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        for text in ["", " \n", "no pem", garbage, &format!("text\n{garbage}")] {
            let chain = Pki::from_chain(text.as_bytes());
            assert!(chain.is_err(), "{text}");
            // The shape is checked here, the certificates when the root is built.
            let rooted = Pki::from_roots(text.as_bytes(), None).and_then(|pki| pki.graft("[]"));
            assert!(rooted.is_err(), "{text}");
        }
    }
}
