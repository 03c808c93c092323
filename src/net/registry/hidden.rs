//! What a server must not repeat: the credentials that it was sent.
//!
//! A server may repeat them in the words of an error, in whichever spelling, and those words stand
//! on screens and in the logs of build machines (CWE-532).

use std::borrow::Cow;

use base64::{Engine, engine::general_purpose::STANDARD};
use reqwest::header::HeaderValue;

/// Shorter ones are no secrets, and would be found in every sentence.
const SHORTEST: usize = 4;
/// What stands in the place of a secret.
const CUT: &str = "***";
/// What stands in the place of words that spell a secret in a way that cannot be cut out.
const WITHHELD: &str = "its words repeat the credentials and are not shown";

/// The secrets that went with a request. No `Debug` that shows them.
#[derive(Clone, Default)]
pub(super) struct Hidden(Vec<String>);

impl std::fmt::Debug for Hidden {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Hidden({})", self.0.len())
    }
}

impl Hidden {
    /// The credentials of an authorization as they were sent and, where they are a password, as
    /// they were given.
    pub(super) fn of(authorization: Option<&HeaderValue>) -> Self {
        let text = authorization.and_then(|value| value.to_str().ok()).unwrap_or_default();
        let (scheme, sent) = text.split_once(' ').unwrap_or_default();
        let given = STANDARD.decode(sent).ok().filter(|_| scheme == "Basic");
        let given = given.and_then(|bytes| String::from_utf8(bytes).ok());
        Self::default().and(Some(sent)).and(given.as_deref())
    }

    /// These, and `secret`: of `user:password` also the password and what is sent for them.
    #[must_use]
    pub(super) fn and(mut self, secret: Option<&str>) -> Self {
        let Some(secret) = secret else { return self };
        self.add(secret);
        self.add(&STANDARD.encode(secret));
        if let Some((_, password)) = secret.split_once(':') {
            self.add(password);
            self.add(&STANDARD.encode(password));
        }
        // The longest first: a password within its pair would leave the rest of the pair.
        self.0.sort_by_key(|text| std::cmp::Reverse(text.len()));
        self.0.dedup();
        self
    }

    fn add(&mut self, secret: &str) {
        // Without the padding, which not everybody writes.
        let bare = secret.trim_end_matches('=');
        let json = serde_json::to_string(secret).unwrap_or_default();
        let url_safe = bare.replace('+', "-").replace('/', "_");
        for text in [secret, bare, json.trim_matches('"'), &url_safe] {
            if text.len() >= SHORTEST && !self.0.iter().any(|known| known == text) {
                self.0.push(text.to_owned());
            }
        }
    }

    /// The text without them.
    pub(super) fn cut(&self, text: &str) -> String {
        let mut out = text.to_owned();
        for secret in self.0.iter().filter(|_| !text.is_empty()) {
            if out.contains(secret.as_str()) {
                out = out.replace(secret.as_str(), CUT);
            }
        }
        // `%68unter2` and `\u0068unter2` are the same word to whoever reads it.
        let spelt = |text: &str| self.0.iter().any(|secret| text.contains(secret.as_str()));
        let (escapes, percents) = (unescaped(&out), unpercented(&out));
        let both = unpercented(&escapes);
        if [&*escapes, &percents, &both].into_iter().any(spelt) {
            return WITHHELD.to_owned();
        }
        out
    }
}

/// The text with the escapes of JSON read.
fn unescaped(text: &str) -> Cow<'_, str> {
    if !text.contains('\\') {
        return Cow::Borrowed(text);
    }
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('\\') {
        out.push_str(before);
        let code = after.strip_prefix('u').and_then(|hex| hex.get(..4));
        let code = code.and_then(|hex| u32::from_str_radix(hex, 16).ok()).and_then(char::from_u32);
        rest = match (code, after.chars().next()) {
            (Some(code), _) => {
                out.push(code);
                after.get(5..).unwrap_or_default()
            }
            (None, Some(plain)) => {
                out.push(plain);
                after.get(plain.len_utf8()..).unwrap_or_default()
            }
            (None, None) => "",
        };
    }
    out.push_str(rest);
    Cow::Owned(out)
}

/// The text with the escapes of URLs and forms read.
fn unpercented(text: &str) -> String {
    let mut out = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('%') {
        out.extend_from_slice(before.as_bytes());
        match after.get(..2).and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(byte) => {
                out.push(byte);
                rest = after.get(2..).unwrap_or_default();
            }
            None => {
                out.push(b'%');
                rest = after;
            }
        }
    }
    out.extend_from_slice(rest.as_bytes());
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PASSWORD: &str = "hunter2 \"sec/ret+=";

    #[test]
    fn no_spelling_of_a_password_is_repeated() {
        let pair = format!("bob:{PASSWORD}");
        let sent = STANDARD.encode(&pair);
        let header = HeaderValue::from_str(&format!("Basic {sent}")).unwrap();
        let all = Hidden::of(Some(&header));
        let json = serde_json::to_string(PASSWORD).unwrap();
        let unicode: String = PASSWORD
            .chars()
            .map(|c| format!("\\u{:04x}", u32::from(c)))
            .collect::<Vec<_>>()
            .concat();
        let percent: String =
            PASSWORD.bytes().map(|b| format!("%{b:02X}")).collect::<Vec<_>>().concat();
        let doubled = percent.replace('%', "\\u0025");
        for echo in [
            PASSWORD.to_owned(),
            pair,
            sent.clone(),
            sent.trim_end_matches('=').to_owned(),
            STANDARD.encode(PASSWORD),
            json,
            unicode,
            percent,
            doubled,
            "hunter2%20%22sec/ret%2B%3D".to_owned(),
        ] {
            let told = all.cut(&format!("no: {echo}!"));
            let harmless = told == "no: ***!" || told.contains(CUT) || told == WITHHELD;
            assert!(harmless && !told.contains("hunter2"), "{echo}: {told}");
        }
        for plain in ["DENIED: 100% wrong", "a\\b", "%zz", "\\u12", "%", "\\", "", "bob"] {
            assert_eq!(all.cut(plain), plain);
        }
        let token = HeaderValue::from_static("Bearer abcdef");
        assert_eq!(Hidden::of(Some(&token)).cut("abcdef"), CUT);
        assert_eq!(Hidden::of(None).cut("Basic x %61"), "Basic x %61");
        assert!(!format!("{all:?}").contains("hunter"));
    }
}
