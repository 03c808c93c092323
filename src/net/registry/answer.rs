//! What a server answered, and what that means.

use reqwest::{
    StatusCode, Url,
    header::{CONTENT_TYPE, HeaderMap},
};
use serde::Deserialize;

use crate::{
    inspect::{RegistryError, Shelf},
    net::content::{essence, foreign},
};

use super::{busy, hidden::Hidden, large::Room};

/// An answer whose body was read to its end or, for errors, to the limit.
#[derive(Debug)]
pub(in crate::net) struct Answer {
    /// The last one, after redirects that were followed.
    pub(in crate::net) status: StatusCode,
    /// The headers that came with it.
    pub(in crate::net) headers: HeaderMap,
    /// The body.
    pub(in crate::net) body: Vec<u8>,
    /// From where it came.
    pub(in crate::net) url: Url,
    /// What it must not repeat.
    pub(super) hidden: Hidden,
    /// Its turn, where it is large.
    #[expect(dead_code, reason = "it is held until the answer was read, and never looked at")]
    pub(super) room: Option<Room>,
    /// Why access may be denied: our credentials could not be used.
    pub(super) trouble: Option<String>,
}

/// The error envelope of the OCI distribution specification, "Error Codes".
#[derive(Deserialize)]
struct Envelope {
    errors: Vec<Problem>,
}

#[derive(Deserialize)]
struct Problem {
    code: String,
    #[serde(default)]
    message: Option<String>,
}

/// What is asked for; each has its own codes for "not there".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A manifest by tag or digest.
    Manifest,
    /// A tag that would hold referrers or signatures: `sha256-<hex>`, `.sig`, `.att`, `.sbom`.
    Attachment(Shelf),
    /// A blob.
    Blob,
    /// A page of tags.
    Tags,
    /// A page of referrers.
    Referrers,
    /// A page of repositories.
    Catalog,
}

impl Kind {
    /// The codes of a 404 that say, in the words of the specification, that it is not there.
    /// `NOT_FOUND` is Harbor's.
    const fn absent(self) -> &'static [&'static str] {
        match self {
            Self::Manifest => &["MANIFEST_UNKNOWN", "NAME_UNKNOWN", "NOT_FOUND"],
            // Stricter: a false "none" here turns a signed image into an unsigned one. Harbor says
            // `NOT_FOUND` for a missing tag and for a repository that is missing or hidden, and the
            // latter cannot be where the artifact itself was just read with the same credentials.
            Self::Attachment(Shelf::BesideIt) => &["MANIFEST_UNKNOWN", "NOT_FOUND"],
            Self::Attachment(Shelf::Apart) => &["MANIFEST_UNKNOWN"],
            Self::Blob => &["BLOB_UNKNOWN", "NAME_UNKNOWN"],
            Self::Tags => &["NAME_UNKNOWN", "NOT_FOUND"],
            // A registry is there, whether it lists anything or not.
            Self::Referrers | Self::Catalog => &[],
        }
    }
}

impl Answer {
    /// `Content-Type`, without parameters.
    pub(in crate::net) fn content_type(&self) -> String {
        let value = self.headers.get(CONTENT_TYPE).and_then(|v| v.to_str().ok());
        let known = value.map(essence).unwrap_or_default();
        // What is one of ours holds no secret, whatever word the secret is.
        if known.is_empty() || super::ACCEPT_MANIFESTS.contains(&known) {
            return known;
        }
        value.map(|value| essence(&self.hidden.cut(value))).unwrap_or_default()
    }

    /// `Retry-After` in seconds.
    pub(in crate::net) fn retry_after(&self) -> Option<u64> {
        busy::retry_after(&self.headers)
    }

    /// Whether the same request may be answered in a moment.
    pub(super) const fn is_busy(&self) -> bool {
        matches!(self.status.as_u16(), 429 | 502 | 503 | 504)
    }

    /// The answer if it is a 200, else what went wrong. Only a 404 that says so in the words of
    /// the specification is "not there": a proxy's 404 page says nothing about an image.
    ///
    /// # Errors
    /// [`RegistryError`] by status.
    pub(super) fn accept(self, host: &str, what: &str, kind: Kind) -> Result<Self, RegistryError> {
        let (host, what) = (host.to_owned(), what.to_owned());
        let status = self.status.as_u16();
        match status {
            200 => Ok(self),
            404 if self.says_absent(kind) => Err(RegistryError::NotFound { what }),
            401 | 403 => {
                let trouble = self.trouble.as_deref().map(|t| format!(" ({})", foreign(t)));
                let words = format!("{}{}", self.words(), trouble.unwrap_or_default());
                Err(RegistryError::Denied { host, what, status, words })
            }
            429 => Err(RegistryError::RateLimited {
                host,
                retry_after: self.retry_after(),
                rate: busy::rate(&self.headers),
            }),
            300..=399 => {
                let words = "it redirects to where this is not followed".to_owned();
                Err(RegistryError::Status { host, what, status, words })
            }
            _ => Err(RegistryError::Status { host, what, status, words: self.words() }),
        }
    }

    /// Every error of the envelope must say so: `[MANIFEST_UNKNOWN, DENIED]` does not.
    fn says_absent(&self, kind: Kind) -> bool {
        let problems = self.problems();
        !problems.is_empty() && problems.iter().all(|p| kind.absent().contains(&p.code.as_str()))
    }

    /// Whether the envelope says that somebody may not ask, or not so often: then there is an API,
    /// whatever the status.
    pub(super) fn says_denied(&self) -> bool {
        const DENIED: [&str; 3] = ["DENIED", "UNAUTHORIZED", "TOOMANYREQUESTS"];
        self.problems().iter().any(|p| DENIED.contains(&p.code.as_str()))
    }

    fn problems(&self) -> Vec<Problem> {
        serde_json::from_slice::<Envelope>(&self.body).map(|e| e.errors).unwrap_or_default()
    }

    /// The server's own words, without what it was sent as a secret. It is cut out of the words as
    /// they are shown: JSON spells a secret in many ways.
    pub(super) fn words(&self) -> String {
        let problems = self.problems();
        if !problems.is_empty() {
            let one = |p: &Problem| match p.message.as_deref().filter(|m| !m.is_empty()) {
                Some(message) => format!("{}: {message}", p.code),
                None => p.code.clone(),
            };
            let all: Vec<String> = problems.iter().take(3).map(one).collect();
            return foreign(&self.hidden.cut(&all.join("; ")));
        }
        let text = String::from_utf8_lossy(&self.body);
        if text.trim().is_empty() {
            return self.status.canonical_reason().unwrap_or("no words").to_owned();
        }
        if text.trim_start().starts_with('<') {
            return "a web page".to_owned();
        }
        foreign(&self.hidden.cut(&text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Verdict;

    fn answer(status: u16, body: &str) -> Answer {
        Answer {
            status: StatusCode::from_u16(status).unwrap(),
            headers: HeaderMap::new(),
            body: body.as_bytes().to_vec(),
            url: Url::parse("http://localhost/").unwrap(),
            hidden: Hidden::default(),
            room: None,
            trouble: None,
        }
    }

    #[test]
    fn only_a_404_in_the_words_of_the_specification_is_absent() {
        use Kind::{Attachment, Blob, Manifest, Referrers, Tags};
        use Shelf::{Apart, BesideIt};
        let envelope = |code: &str| format!(r#"{{"errors":[{{"code":"{code}"}}]}}"#);
        for (status, body, kind, verdict) in [
            (404, envelope("MANIFEST_UNKNOWN"), Manifest, Verdict::Absent),
            (404, envelope("NAME_UNKNOWN"), Manifest, Verdict::Absent),
            (404, envelope("NOT_FOUND"), Manifest, Verdict::Absent),
            (404, envelope("MANIFEST_UNKNOWN"), Attachment(BesideIt), Verdict::Absent),
            (404, envelope("NAME_UNKNOWN"), Attachment(BesideIt), Verdict::Undecided),
            (404, envelope("NOT_FOUND"), Attachment(BesideIt), Verdict::Absent),
            (404, envelope("MANIFEST_UNKNOWN"), Attachment(Apart), Verdict::Absent),
            (404, envelope("NAME_UNKNOWN"), Attachment(Apart), Verdict::Undecided),
            (404, envelope("NOT_FOUND"), Attachment(Apart), Verdict::Undecided),
            (404, envelope("BLOB_UNKNOWN"), Manifest, Verdict::Undecided),
            (404, envelope("BLOB_UNKNOWN"), Blob, Verdict::Absent),
            (404, envelope("NAME_UNKNOWN"), Tags, Verdict::Absent),
            (404, envelope("NOT_FOUND"), Referrers, Verdict::Undecided),
            (404, envelope("DENIED"), Manifest, Verdict::Undecided),
            (403, envelope("MANIFEST_UNKNOWN"), Manifest, Verdict::Undecided),
            (429, envelope("MANIFEST_UNKNOWN"), Manifest, Verdict::Undecided),
            (500, envelope("MANIFEST_UNKNOWN"), Manifest, Verdict::Undecided),
            (404, "<html>MANIFEST_UNKNOWN</html>".into(), Manifest, Verdict::Undecided),
            (404, r#"{"errors":[]}"#.into(), Manifest, Verdict::Undecided),
            (
                404,
                r#"{"errors":[{"code":"MANIFEST_UNKNOWN"},{"code":"DENIED"}]}"#.into(),
                Manifest,
                Verdict::Undecided,
            ),
            (404, r#"{"errors":[{"code":"MANIFEST_UNK"#.into(), Manifest, Verdict::Undecided),
            (404, String::new(), Manifest, Verdict::Undecided),
        ] {
            let error = answer(status, &body).accept("h", "w", kind).unwrap_err();
            assert_eq!(error.verdict(), verdict, "{status} {body} {kind:?}");
        }
    }

    #[test]
    fn the_words_of_a_server_are_its_own_but_harmless() {
        for (body, words) in [
            (
                r#"{"errors":[{"code":"DENIED","message":"account \u001b[31mlocked"}]}"#,
                "DENIED: account \\x1b[31mlocked",
            ),
            ("plain\nwords", "plain\\nwords"),
            ("  <!DOCTYPE html><p>x", "a web page"),
            ("", "Forbidden"),
        ] {
            assert_eq!(answer(403, body).words(), words);
        }
    }
}
