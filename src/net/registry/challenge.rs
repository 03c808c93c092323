//! `WWW-Authenticate`: RFC 9110 §11.6.1, several challenges in one header or in several.

use reqwest::header::{HeaderMap, WWW_AUTHENTICATE};

/// The most challenges and parameters that are read of one answer.
const MAX_PARTS: usize = 32;

/// One challenge: a scheme and its parameters.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Challenge {
    scheme: String,
    params: Vec<(String, String)>,
}

impl Challenge {
    /// Whether it is of that scheme, written in lower case.
    pub(super) fn is(&self, scheme: &str) -> bool {
        self.scheme == scheme
    }

    /// The value of a parameter.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.params.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }
}

/// Every challenge that can be read; what cannot be read challenges nobody.
pub(super) fn challenges(headers: &HeaderMap) -> Vec<Challenge> {
    let texts = headers.get_all(WWW_AUTHENTICATE).iter().filter_map(|v| v.to_str().ok());
    texts.flat_map(parse).collect()
}

fn parse(text: &str) -> Vec<Challenge> {
    let mut found: Vec<Challenge> = Vec::new();
    let mut rest = text;
    for _ in 0..MAX_PARTS {
        rest = rest.trim_start_matches([' ', '\t', ',']);
        let (word, after) = token(rest);
        if word.is_empty() {
            break;
        }
        let padded = after.trim_start_matches([' ', '\t']);
        match (padded.strip_prefix('='), found.last_mut()) {
            (Some(value), Some(challenge)) => {
                let (value, after) = value_of(value.trim_start_matches([' ', '\t']));
                challenge.params.push((word.to_ascii_lowercase(), value));
                rest = after;
            }
            (Some(_), None) => break,
            (None, _) => {
                found.push(Challenge { scheme: word.to_ascii_lowercase(), params: Vec::new() });
                rest = padded;
            }
        }
    }
    found
}

/// The `token` at the front, and what follows.
fn token(text: &str) -> (&str, &str) {
    let word = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
    let end = text.find(|c| !word(c)).unwrap_or(text.len());
    text.split_at(end)
}

/// A `token` or `quoted-string`, and what follows. An unquoted value goes to the next comma, as
/// some registries write addresses without quotes.
fn value_of(text: &str) -> (String, &str) {
    let Some(inner) = text.strip_prefix('"') else {
        let end = text.find([',', ' ', '\t']).unwrap_or(text.len());
        let (value, after) = text.split_at(end);
        return (value.to_owned(), after);
    };
    let mut value = String::new();
    let mut chars = inner.chars();
    while let Some(c) = chars.next() {
        match c {
            '"' => break,
            '\\' => value.extend(chars.next()),
            c => value.push(c),
        }
    }
    (value, chars.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn challenges_are_read_as_servers_write_them() {
        for (text, scheme, name, value) in [
            (
                r#"Bearer realm="https://a/token",service="s",scope="repository:x:pull,push""#,
                "bearer",
                "scope",
                Some("repository:x:pull,push"),
            ),
            ("bearer realm=https://a/token, service=s", "bearer", "realm", Some("https://a/token")),
            (r#"Basic realm="a \"b\", c""#, "basic", "realm", Some("a \"b\", c")),
            (
                r#"Negotiate, Basic realm="x", Bearer realm="https://b""#,
                "bearer",
                "realm",
                Some("https://b"),
            ),
            (r#"Bearer REALM = "x""#, "bearer", "realm", Some("x")),
            (r#"Bearer realm="unclosed"#, "bearer", "realm", Some("unclosed")),
            ("Bearer", "bearer", "realm", None),
        ] {
            let all = parse(text);
            let one = all.iter().find(|c| c.is(scheme)).unwrap();
            assert_eq!(one.get(name), value, "{text}");
        }
        for text in ["", "=", "\"", ",,,", "é"] {
            assert_eq!(parse(text), [], "{text}");
        }
    }
}
