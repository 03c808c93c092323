//! in-toto statements: what an attestation says about which subjects.
//!
//! Source: in-toto attestation framework, `spec/v1/statement.md`.

use std::{collections::BTreeMap, sync::Arc};

use serde::Deserialize;
use serde_json::value::RawValue;

use super::{Digest, digest::Algorithm, predicate::Summary};

/// The DSSE payload type of in-toto statements.
pub const PAYLOAD_TYPE: &str = "application/vnd.in-toto+json";
/// The `_type` values that are understood.
pub const TYPES: [&str; 2] =
    ["https://in-toto.io/Statement/v0.1", "https://in-toto.io/Statement/v1"];

/// One thing that a statement is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subject {
    /// A name; not a claim about where the artifact lives.
    pub name: Option<String>,
    /// Digests by algorithm name, as they are written.
    pub digests: BTreeMap<String, String>,
    /// Annotations, as `cosign sign -a` writes them; only those that are strings.
    pub annotations: BTreeMap<String, String>,
}

/// A parsed statement; the payload that was signed stays beside it, byte for byte.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// `_type`.
    pub statement_type: String,
    /// `predicateType`.
    pub predicate_type: String,
    /// What it is about.
    pub subjects: Vec<Subject>,
    /// The predicate exactly as it stands in the payload; `None` when there is none.
    pub predicate: Option<Arc<str>>,
    /// What it says; only as good as what vouches for the statement.
    pub summary: Arc<Summary>,
    /// The whole payload.
    pub payload: Arc<[u8]>,
}

/// Why a payload is not a statement.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an in-toto statement: {0}")]
pub struct StatementError(String);

#[derive(Deserialize)]
struct Raw<'a> {
    #[serde(rename = "_type")]
    statement_type: String,
    #[serde(rename = "predicateType")]
    predicate_type: String,
    #[serde(default)]
    subject: Vec<RawSubject>,
    #[serde(borrow)]
    predicate: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct RawSubject {
    name: Option<String>,
    #[serde(default)]
    digest: BTreeMap<String, String>,
    #[serde(default)]
    annotations: BTreeMap<String, serde_json::Value>,
}

impl Statement {
    /// Parses a payload.
    ///
    /// # Errors
    /// [`StatementError`] when it is not JSON of that shape, a key stands twice where it counts,
    /// or `_type` is none of [`TYPES`].
    pub fn parse(payload: &[u8]) -> Result<Self, StatementError> {
        let raw: Raw<'_> =
            serde_json::from_slice(payload).map_err(|e| StatementError(e.to_string()))?;
        if !TYPES.contains(&raw.statement_type.as_str()) {
            return Err(StatementError(format!("_type is {:?}", raw.statement_type)));
        }
        let subjects = raw.subject.into_iter().map(|s| Subject {
            name: s.name,
            digests: s.digest,
            annotations: s.annotations.into_iter().filter_map(text).collect(),
        });
        Ok(Self {
            statement_type: raw.statement_type,
            summary: Arc::new(Summary::of(&raw.predicate_type, raw.predicate.map(RawValue::get))),
            predicate_type: raw.predicate_type,
            subjects: subjects.collect(),
            predicate: raw.predicate.map(|p| Arc::from(p.get())),
            payload: Arc::from(payload),
        })
    }
}

/// An annotation whose value is a string: `true` and `"true"` are two things.
pub(super) fn text((key, value): (String, serde_json::Value)) -> Option<(String, String)> {
    match value {
        serde_json::Value::String(text) => Some((key, text)),
        _ => None,
    }
}

/// How a statement's subjects compare with an artifact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SubjectMatch {
    /// The subject of that index names the artifact, and none of its digests contradicts.
    Named(usize),
    /// The subject of that index has one right and one wrong digest of the artifact.
    Contradicts(usize, Digest),
    /// Only the subject of that index names it, by a digest with upper-case letters.
    UpperCase(usize),
    /// No subject names it.
    NotNamed,
    /// No subject has a digest by an algorithm that is known of the artifact.
    NotComparable,
}

impl Statement {
    /// Compares the subjects with the digests of one artifact, as many of them as are known.
    ///
    /// in-toto: a subject matches "if any of the digests match"; a second digest that can be
    /// computed and differs would let two verifiers see two artifacts, so it contradicts.
    ///
    /// in-toto `digest_set.md`: "lowercase hex". Readers disagree about other letters: sigstore-go
    /// decodes them, cosign compares strings for its older formats. The same bytes contradict nothing,
    /// and what only some accept names nothing.
    pub fn names(&self, artifact: &[Digest]) -> SubjectMatch {
        let (mut named, mut upper_case) = (None, None);
        let mut comparable = self.subjects.is_empty();
        for (index, subject) in self.subjects.iter().enumerate() {
            let written = subject.digests.iter().filter_map(|(name, hex)| {
                let algorithm = Algorithm::from_name(name)?;
                Some((algorithm, hex.as_str()))
            });
            let known = |algorithm| artifact.iter().find(move |d| d.algorithm() == algorithm);
            let (mut right, mut upper, mut wrong) = (false, false, None);
            for (algorithm, hex) in written {
                match known(algorithm) {
                    Some(digest) if digest.hex() == hex => right = true,
                    Some(digest) if digest.hex().eq_ignore_ascii_case(hex) => upper = true,
                    Some(digest) => wrong = Some(digest.clone()),
                    None => {}
                }
            }
            comparable |= right || upper || wrong.is_some();
            match (right || upper, wrong) {
                // Whichever stands first: the order of the subjects decides nothing.
                (true, Some(digest)) => return SubjectMatch::Contradicts(index, digest),
                (true, None) if right => named = named.or(Some(index)),
                (true, None) => upper_case = upper_case.or(Some(index)),
                (false, _) => {}
            }
        }
        match (named, upper_case, comparable) {
            (Some(index), _, _) => SubjectMatch::Named(index),
            (None, Some(index), _) => SubjectMatch::UpperCase(index),
            (None, None, true) => SubjectMatch::NotNamed,
            (None, None, false) => SubjectMatch::NotComparable,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn statement(subjects: &str) -> Statement {
        let text = format!(
            r#"{{"_type":"https://in-toto.io/Statement/v1","predicateType":"x:y","subject":{subjects},"predicate":{{"a": 1.0}}}}"#
        );
        Statement::parse(text.as_bytes()).unwrap()
    }

    #[test]
    fn a_subject_matches_on_a_digest_and_contradicts_on_another() {
        let (good, bad) = (Digest::sha256(b"a"), Digest::sha256(b"b"));
        let big = Digest::of(Algorithm::Sha512, b"a");
        let wrong = Digest::of(Algorithm::Sha512, b"b");
        let known = [good.clone(), big.clone()];
        // The digests only: what names an algorithm has other letters.
        let upper = |text: &str| {
            [&good, &bad, &big, &wrong]
                .iter()
                .fold(text.to_owned(), |text, d| text.replace(d.hex(), &d.hex().to_uppercase()))
        };
        let one =
            |d: &Digest| format!(r#"{{"digest":{{"{}":"{}"}}}}"#, d.algorithm().name(), d.hex());
        let two = |a: &Digest, b: &Digest| {
            format!(r#"{{"digest":{{"sha256":"{}","sha512":"{}"}}}}"#, a.hex(), b.hex())
        };
        for (subjects, answer) in [
            ("[]".to_owned(), SubjectMatch::NotNamed),
            (format!("[{}]", one(&bad)), SubjectMatch::NotNamed),
            (format!("[{},{}]", one(&bad), one(&good)), SubjectMatch::Named(1)),
            (format!("[{}]", two(&good, &big)), SubjectMatch::Named(0)),
            (format!("[{}]", two(&good, &wrong)), SubjectMatch::Contradicts(0, big.clone())),
            (format!("[{}]", two(&bad, &wrong)), SubjectMatch::NotNamed),
            (
                format!("[{},{}]", one(&good), two(&good, &wrong)),
                SubjectMatch::Contradicts(1, big.clone()),
            ),
            (upper(&format!("[{}]", one(&good))), SubjectMatch::UpperCase(0)),
            (upper(&format!("[{}]", one(&bad))), SubjectMatch::NotNamed),
            (format!("[{},{}]", upper(&one(&good)), one(&good)), SubjectMatch::Named(1)),
            (upper(&format!("[{}]", two(&good, &big))), SubjectMatch::UpperCase(0)),
            (
                format!("[{}]", two(&good, &big).replace(big.hex(), &big.hex().to_uppercase())),
                SubjectMatch::Named(0),
            ),
            (
                upper(&format!("[{}]", two(&good, &wrong))),
                SubjectMatch::Contradicts(0, big.clone()),
            ),
            (r#"[{"digest":{"gitCommit":"00"}}]"#.to_owned(), SubjectMatch::NotComparable),
        ] {
            assert_eq!(statement(&subjects).names(&known), answer, "{subjects}");
        }
    }

    #[test]
    fn the_predicate_is_kept_byte_for_byte() {
        assert_eq!(statement("[]").predicate.as_deref(), Some(r#"{"a": 1.0}"#));
    }

    #[test]
    fn what_is_not_a_statement_is_refused() {
        for text in [
            "",
            "[]",
            "{}",
            "null",
            r#"{"_type":"other","predicateType":"x"}"#,
            r#"{"_type":"https://in-toto.io/Statement/v1","predicateType":"x","predicateType":"y"}"#,
        ] {
            assert!(Statement::parse(text.as_bytes()).is_err(), "{text}");
        }
    }
}
