//! An address as it may be shown to anybody.

use reqwest::Url;

/// The parameters whose values are shown. A list of what is harmless, because nobody knows every
/// name under which a storage server takes its signature.
const SHOWN: [&str; 11] = [
    "n",
    "last",
    "page",
    "per_page",
    "limit",
    "artifactType",
    "predicate_type",
    "scope",
    "service",
    "before",
    "after",
];
/// Characters of one value, and of a parameter's name.
const LONGEST: usize = 128;

/// The address without user, password and fragment; what is not known to be harmless in the query
/// is cut. Pre-signed addresses hold everything that is needed to read what somebody may not show.
pub(super) fn without_secrets(url: &Url) -> String {
    let mut shown = url.clone();
    shown.set_fragment(None);
    shown.set_query(None);
    // Both fail only for addresses that cannot have a user.
    let _ = shown.set_username("");
    let _ = shown.set_password(None);
    let mut text = shown.to_string();
    for (i, part) in url.query().into_iter().flat_map(|q| q.split('&')).enumerate() {
        text.push(if i == 0 { '?' } else { '&' });
        text.push_str(&parameter(part));
    }
    text
}

fn parameter(part: &str) -> String {
    match part.split_once('=') {
        Some((name, value)) if SHOWN.contains(&name) => {
            let cut: String = value.chars().take(LONGEST).collect();
            let more = if cut.len() < value.len() { "…" } else { "" };
            format!("{name}={cut}{more}")
        }
        Some((name, _)) if is_name(name) => format!("{name}=…"),
        _ => "…".to_owned(),
    }
}

/// A long name, or a part without a value, may be the secret itself.
fn is_name(name: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    (1..=32).contains(&name.len()) && name.chars().all(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_lets_somebody_in_is_shown() {
        for (url, shown) in [
            ("https://h/v2/a/tags/list?n=1000&last=v1", "https://h/v2/a/tags/list?n=1000&last=v1"),
            (
                "https://auth.h/token?service=r&scope=repository%3Aa%3Apull",
                "https://auth.h/token?service=r&scope=repository%3Aa%3Apull",
            ),
            (
                "https://s3.h/x?X-Amz-Credential=AKIA&X-Amz-Signature=s3cret",
                "https://s3.h/x?X-Amz-Credential=…&X-Amz-Signature=…",
            ),
            ("https://b.h/x?sv=2020&sig=s3cret&se=1", "https://b.h/x?sv=…&sig=…&se=…"),
            ("https://h/x?s3cret", "https://h/x?…"),
            ("https://h/x?token=s3cret#s3cret", "https://h/x?token=…"),
            ("https://user:s3cret@h/x", "https://h/x"),
            ("https://h/x?a%20b=s3cret&=s3cret", "https://h/x?…&…"),
            ("https://h/x", "https://h/x"),
        ] {
            let got = without_secrets(&Url::parse(url).unwrap());
            assert_eq!(got, shown, "{url}");
            assert!(!got.contains("s3cret"), "{url}");
        }
        let long = format!("https://h/x?last={}", "a".repeat(1000));
        assert!(without_secrets(&Url::parse(&long).unwrap()).len() < 200);
    }
}
