//! What a file of trust roots is: one `TrustedRoot`, several as JSON lines, or a
//! `ClientTrustConfig` around one. What people give by mistake is told apart by name.

use serde::Deserialize;
use serde_json::{Value, value::RawValue};
use sigstore_trust_root::TrustedRoot;

/// The media types of a `TrustedRoot`.
///
/// `sigstore_trustroot.proto`: "MUST be application/vnd.dev.sigstore.trustedroot.v0.1+json when
/// encoded as JSON. Clients MUST be able to process and parse content with the media type defined
/// in the old format: application/vnd.dev.sigstore.trustedroot+json;version=0.1".
const ROOT: [&str; 2] = [
    "application/vnd.dev.sigstore.trustedroot+json;version=0.1",
    "application/vnd.dev.sigstore.trustedroot.v0.1+json",
];
const CLIENT_CONFIG: &str = "application/vnd.dev.sigstore.clienttrustconfig.v0.1+json";
const SIGNING_CONFIG: &str = "application/vnd.dev.sigstore.signingconfig.";

/// The most roots of one file.
const MAX_ROOTS: usize = 64;

/// The `TrustedRoot` documents of a file, each as it stands there.
///
/// # Errors
/// In words, for what is no such file.
pub(super) fn documents(text: &str) -> Result<Vec<&str>, String> {
    let mut found = vec![];
    for document in serde_json::Deserializer::from_str(text).into_iter::<&RawValue>() {
        let document = document.map_err(|e| e.to_string())?;
        if found.len() == MAX_ROOTS {
            return Err(format!("more than {MAX_ROOTS} trust roots in one file"));
        }
        found.push(root_in(document.get())?);
    }
    if found.is_empty() { Err("the file is empty".into()) } else { Ok(found) }
}

/// The root in one document.
fn root_in(document: &str) -> Result<&str, String> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Config<'a> {
        #[serde(borrow)]
        trusted_root: &'a RawValue,
    }
    // A name that stands there twice could be read as another document by another reader.
    super::json::refuse_duplicates(document.as_bytes()).map_err(|e| e.to_string())?;
    let value: Value = serde_json::from_str(document).map_err(|e| e.to_string())?;
    let media_type = value.get("mediaType").and_then(Value::as_str);
    match media_type {
        Some(known) if ROOT.contains(&known) => Ok(document),
        Some(CLIENT_CONFIG) => {
            let config: Config<'_> = serde_json::from_str(document).map_err(|e| e.to_string())?;
            let root: Value =
                serde_json::from_str(config.trusted_root.get()).map_err(|e| e.to_string())?;
            match root.get("mediaType").and_then(Value::as_str) {
                Some(known) if ROOT.contains(&known) => Ok(config.trusted_root.get()),
                other => Err(unknown(other)),
            }
        }
        Some(other) if other.starts_with(SIGNING_CONFIG) => {
            Err("this is a signing config: it says where to sign, not whom to trust; a \
             trusted_root.json is wanted"
                .into())
        }
        None if value.get("signed").is_some() => Err(
            "this is TUF metadata (root.json), not a trusted_root.json; it goes with --sigstore \
             URL --tuf-root FILE"
                .into(),
        ),
        None if value.get("certChain").is_some() => {
            Err("this is one certificate authority, not a trusted_root.json".into())
        }
        other => Err(unknown(other)),
    }
}

fn unknown(media_type: Option<&str>) -> String {
    match media_type {
        Some(other) => format!("the mediaType {other:?} is not that of a trust root"),
        None => "no mediaType says that this is a trust root".into(),
    }
}

/// Refuses an authority that anchors nothing.
///
/// `sigstore_trustroot.proto`, `CertificateAuthority.cert_chain`: "The last certificate in the
/// chain MUST be the trust anchor." One that ends below its anchor would be trusted for less than
/// its owner wrote, or for more.
pub(super) fn refuse_rootless(root: &TrustedRoot) -> Result<(), String> {
    for (index, ca) in root.certificate_authorities.iter().enumerate() {
        let Some(last) = ca.cert_chain.certificates.last() else {
            return Err(format!("CA[{index}]: the certificate chain is empty"));
        };
        let anchored = super::certificate::is_self_issued(&last.raw_bytes)
            .map_err(|e| format!("CA[{index}]: {e}"))?;
        if !anchored {
            return Err(format!("CA[{index}]: the certificate chain does not end in a root"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const OLD: &str =
        r#"{"mediaType":"application/vnd.dev.sigstore.trustedroot+json;version=0.1"}"#;
    const NEW: &str = r#"{"mediaType":"application/vnd.dev.sigstore.trustedroot.v0.1+json"}"#;

    #[test]
    fn a_file_holds_one_root_or_one_after_the_other() {
        let around = |root: &str| {
            let kind = CLIENT_CONFIG;
            format!(r#"{{"mediaType":"{kind}","trustedRoot":{root},"signing_config":{{}}}}"#)
        };
        for (text, found) in [
            (OLD.to_owned(), vec![OLD]),
            (format!("{OLD}\n{NEW}\r\n\n"), vec![OLD, NEW]),
            (around(OLD), vec![OLD]),
            (format!("{}\n{NEW}", around(OLD)), vec![OLD, NEW]),
        ] {
            assert_eq!(documents(&text).unwrap(), found, "{text}");
        }
    }

    #[test]
    fn what_is_no_root_is_named() {
        let twice = r#"{"mediaType":"x","mediaType":"y"}"#;
        for (text, words) in [
            (String::new(), "empty"),
            (" \n".to_owned(), "empty"),
            ("{".to_owned(), "EOF"),
            ("[]".to_owned(), "no mediaType"),
            ("{}".to_owned(), "no mediaType"),
            (r#"{"mediaType":7}"#.to_owned(), "no mediaType"),
            (format!("{OLD}\nnonsense"), "expected"),
            (format!("{OLD}\n{twice}"), "mediaType"),
            (r#"{"mediaType":"bad"}"#.to_owned(), "\"bad\" is not"),
            (r#"{"signed":{},"signatures":[]}"#.to_owned(), "TUF metadata"),
            (format!(r#"{{"mediaType":"{SIGNING_CONFIG}v0.2+json"}}"#), "signing config"),
            (format!(r#"{{"mediaType":"{CLIENT_CONFIG}"}}"#), "trustedRoot"),
            (format!(r#"{{"mediaType":"{CLIENT_CONFIG}","trustedRoot":{{}}}}"#), "no mediaType"),
            (format!("{OLD}\n").repeat(MAX_ROOTS + 1), "more than 64"),
        ] {
            let why = documents(&text).unwrap_err();
            assert!(why.contains(words), "{text}: {why}");
        }
    }
}
