//! DER → [`Claims`]: what a signing certificate says, decoded without believing it.

use sigstore_types::{DerCertificate, DerPublicKey};
use x509_parser::prelude::{FromDer, GeneralName, ParsedExtension, X509Certificate, X509Extension};

use crate::domain::{
    Timestamp,
    claims::{Claims, Extension, San},
};

/// Fulcio's arc, 1.3.6.1.4.1.57264.1.
const FULCIO_ARC: &str = "1.3.6.1.4.1.57264.1.";

/// Reads a certificate.
///
/// # Errors
/// In words: not DER, bytes behind the certificate, an extension that stands twice (one reader
/// would see the first, another the last), or a date out of range.
pub(super) fn claims(der: &DerCertificate) -> Result<Claims, String> {
    let (rest, cert) =
        X509Certificate::from_der(der.as_bytes()).map_err(|e| format!("not a certificate: {e}"))?;
    if !rest.is_empty() {
        return Err("bytes follow behind the certificate".into());
    }
    cert.extensions_map().map_err(|e| format!("an extension stands twice: {e}"))?;
    let time = |t: x509_parser::time::ASN1Time| {
        Timestamp::from_second(t.timestamp()).map_err(|e| format!("validity: {e}"))
    };
    Ok(Claims {
        sans: cert.extensions().iter().flat_map(sans).collect(),
        extensions: cert.extensions().iter().map(extension).collect(),
        not_before: time(cert.validity().not_before)?,
        not_after: time(cert.validity().not_after)?,
        serial: cert.raw_serial_as_string().replace(':', ""),
        issuer_name: cert.issuer().to_string(),
        subject_name: cert.subject().to_string(),
        key: key_words(&cert),
    })
}

/// The SubjectPublicKeyInfo of a certificate.
///
/// # Errors
/// In words, when it is not DER.
pub(super) fn public_key(der: &DerCertificate) -> Result<DerPublicKey, String> {
    let (_, cert) =
        X509Certificate::from_der(der.as_bytes()).map_err(|e| format!("not a certificate: {e}"))?;
    Ok(DerPublicKey::new(cert.public_key().raw.to_vec()))
}

/// Whether a certificate names itself as its issuer, as roots do.
///
/// # Errors
/// In words, when it is not DER.
pub(super) fn is_self_issued(der: &DerCertificate) -> Result<bool, String> {
    let (_, cert) =
        X509Certificate::from_der(der.as_bytes()).map_err(|e| format!("not a certificate: {e}"))?;
    Ok(cert.subject().as_raw() == cert.issuer().as_raw())
}

fn sans(extension: &X509Extension<'_>) -> Vec<San> {
    let ParsedExtension::SubjectAlternativeName(san) = extension.parsed_extension() else {
        return vec![];
    };
    let names = san.general_names.iter().map(|name| match name {
        GeneralName::URI(uri) => San::Uri((*uri).to_owned()),
        GeneralName::RFC822Name(mail) => San::Email((*mail).to_owned()),
        GeneralName::OtherName(oid, value) if oid.to_id_string() == format!("{FULCIO_ARC}7") => {
            other_name(value).map_or_else(|| San::Other(hex::encode(value)), San::OtherName)
        }
        other => San::Other(format!("{other:?}")),
    });
    names.collect()
}

/// RFC 5280 §4.2.1.6: `OtherName ::= SEQUENCE { type-id, value [0] EXPLICIT ANY }`; Fulcio puts a
/// `UTF8String` into it.
fn other_name(value: &[u8]) -> Option<String> {
    der_string(value).or_else(|| der_string(tlv(value, 0xA0)?))
}

fn extension(extension: &X509Extension<'_>) -> Extension {
    let oid = extension.oid.to_id_string();
    let fulcio =
        oid.strip_prefix(FULCIO_ARC).and_then(|n| n.parse().ok()).filter(|n| (1..=24).contains(n));
    let text = match fulcio {
        // Fulcio oid-info: .1 to .6 hold the raw text, .8 and later a DER UTF8String.
        Some(1..=6) => std::str::from_utf8(extension.value).ok().map(str::to_owned),
        _ => der_string(extension.value).or_else(|| known_words(extension)),
    };
    let decoded = text.is_some();
    let value = text.unwrap_or_else(|| hex::encode(extension.value));
    Extension { oid, fulcio, value, decoded, critical: extension.critical }
}

/// Words for the usual extensions of X.509.
fn known_words(extension: &X509Extension<'_>) -> Option<String> {
    match extension.parsed_extension() {
        ParsedExtension::KeyUsage(usage) => Some(format!("key usage: {usage}")),
        ParsedExtension::ExtendedKeyUsage(eku) => {
            let kind = if eku.code_signing { "code signing" } else { "not code signing" };
            Some(format!("extended key usage: {kind}"))
        }
        ParsedExtension::SubjectKeyIdentifier(id) => {
            Some(format!("subject key id: {}", hex::encode(id.0)))
        }
        ParsedExtension::AuthorityKeyIdentifier(id) => {
            let id = id.key_identifier.as_ref().map_or_else(String::new, |k| hex::encode(k.0));
            Some(format!("authority key id: {id}"))
        }
        ParsedExtension::BasicConstraints(basic) => Some(format!("CA: {}", basic.ca)),
        ParsedExtension::SCT(list) => {
            let ids = list.iter().map(|sct| hex::encode(sct.id.key_id)).collect::<Vec<_>>();
            Some(format!("signed certificate timestamps of logs {}", ids.join(", ")))
        }
        ParsedExtension::SubjectAlternativeName(san) => {
            Some(format!("subject alternative names: {}", san.general_names.len()))
        }
        _ => None,
    }
}

/// A DER `UTF8String` that fills `bytes`.
fn der_string(bytes: &[u8]) -> Option<String> {
    std::str::from_utf8(tlv(bytes, 0x0C)?).ok().map(str::to_owned)
}

/// The content of one DER value of that tag which fills `bytes`.
fn tlv(bytes: &[u8], tag: u8) -> Option<&[u8]> {
    let (first, rest) = bytes.split_first()?;
    let (len, rest) = rest.split_first()?;
    let (len, content) = match *len {
        len @ 0..=0x7F => (usize::from(len), rest),
        0x81 => rest.split_first().map(|(len, rest)| (usize::from(*len), rest))?,
        0x82 => {
            let (len, rest) = rest.split_at_checked(2)?;
            (usize::from(u16::from_be_bytes(len.try_into().ok()?)), rest)
        }
        _ => return None,
    };
    (*first == tag && content.len() == len).then_some(content)
}

fn key_words(cert: &X509Certificate<'_>) -> String {
    use x509_parser::public_key::PublicKey;
    match cert.public_key().parsed() {
        Ok(PublicKey::EC(point)) => format!("ECDSA, {} bits", point.key_size()),
        Ok(PublicKey::RSA(rsa)) => format!("RSA, {} bits", rsa.key_size()),
        Ok(_) | Err(_) => {
            let oid = cert.public_key().algorithm.algorithm.to_id_string();
            if oid == "1.3.101.112" { "Ed25519".into() } else { format!("key algorithm {oid}") }
        }
    }
}
