//! Which machine is GitHub, and the one token that it may see.

use reqwest::{Url, header::HeaderValue};

use crate::net::{
    limits::{self, Limits},
    registry::is_loopback,
};

const GITHUB: &str = "github.com";
const GITHUB_API: &str = "api.github.com";

/// How GitHub is spoken to.
#[derive(Clone)]
pub struct Settings {
    /// Times and counts.
    pub limits: Limits,
    /// The most attestations that are listed for one digest.
    pub limit: usize,
    pub(super) api: Url,
    pub(super) authorization: Option<HeaderValue>,
}

/// Why GitHub cannot be spoken to as it was asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HostError {
    /// It is no host, or no address.
    #[error("{0} is no host of GitHub and no address of its API")]
    NoHost(String),
    /// Plain HTTP to another machine.
    #[error("{0}: GitHub's API is spoken to over https only")]
    Plain(String),
    /// A token that no header can hold.
    #[error("the token in {0} holds what no header may")]
    Token(&'static str),
}

impl Settings {
    /// GitHub's API on `host` (`github.com` where there is none), or at the address `api`, with
    /// the token that `env` holds for it.
    ///
    /// # Errors
    /// [`HostError`], in words that can stand behind the flag.
    pub fn new(
        host: Option<&str>,
        api: Option<&str>,
        env: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Self, HostError> {
        let api = match api {
            Some(text) => address(text)?,
            None => api_of(host.unwrap_or(GITHUB))?,
        };
        let authorization = token(&api, env)?;
        let (limits, limit) = (Limits::default(), limits::ATTESTATIONS);
        Ok(Self { limits, limit, api, authorization })
    }
}

/// A token never stands in a log.
impl std::fmt::Debug for Settings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Settings").field("api", &self.api.as_str()).finish_non_exhaustive()
    }
}

/// Where the API of a host is. Source: GitHub REST API, "Using an endpoint": `api.` before
/// github.com and before a subdomain of ghe.com, `/api/v3` on a server of one's own.
fn api_of(host: &str) -> Result<Url, HostError> {
    let lower = host.to_ascii_lowercase();
    if !lower.chars().all(|c| c.is_ascii_alphanumeric() || "-.:[]".contains(c)) {
        return Err(HostError::NoHost(host.to_owned()));
    }
    let text = if lower == GITHUB || lower.ends_with(".ghe.com") {
        format!("https://api.{lower}/")
    } else if is_loopback(&lower) {
        format!("http://{lower}/api/v3/")
    } else {
        format!("https://{lower}/api/v3/")
    };
    // A host and nothing else: no user, no path of its own.
    let good = address(&text).ok().filter(|url| url.as_str() == text);
    good.ok_or_else(|| HostError::NoHost(host.to_owned()))
}

fn address(text: &str) -> Result<Url, HostError> {
    let wrong = || HostError::NoHost(text.to_owned());
    let Ok(url) = Url::parse(text) else { return Err(wrong()) };
    let bare = url.username().is_empty() && url.password().is_none();
    if !bare || url.query().is_some() || url.fragment().is_some() || url.host_str().is_none() {
        return Err(wrong());
    }
    let local = url.host_str().is_some_and(is_loopback);
    match url.scheme() {
        "https" => Ok(url),
        "http" if local => Ok(url),
        "http" => Err(HostError::Plain(text.to_owned())),
        _ => Err(wrong()),
    }
}

/// gh's variables. github.com's token is for github.com: a host that somebody set must not get it.
fn token(
    api: &Url,
    env: &dyn Fn(&str) -> Option<String>,
) -> Result<Option<HeaderValue>, HostError> {
    let https = api.scheme() == "https" && api.port().is_none();
    let names = match api.host_str() {
        Some(GITHUB_API) if https => ["GH_TOKEN", "GITHUB_TOKEN"],
        _ => ["GH_ENTERPRISE_TOKEN", "GITHUB_ENTERPRISE_TOKEN"],
    };
    let set = |name: &'static str| {
        let value = env(name).map(|v| v.trim().to_owned()).filter(|v| !v.is_empty());
        value.map(|value| (name, value))
    };
    let Some((name, token)) = names.into_iter().find_map(set) else { return Ok(None) };
    let Ok(mut value) = HeaderValue::from_str(&format!("Bearer {token}")) else {
        return Err(HostError::Token(name));
    };
    value.set_sensitive(true);
    Ok(Some(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every variable is set, each to its own name.
    fn all(name: &str) -> Option<String> {
        (name.starts_with("GH_") || name.starts_with("GITHUB_")).then(|| name.to_owned())
    }

    #[test]
    fn a_token_belongs_to_one_host() {
        for (host, api, at, token) in [
            (None, None, "https://api.github.com/", "GH_TOKEN"),
            (Some("github.com"), None, "https://api.github.com/", "GH_TOKEN"),
            (Some("GitHub.com"), None, "https://api.github.com/", "GH_TOKEN"),
            (None, Some("https://api.github.com"), "https://api.github.com/", "GH_TOKEN"),
            (Some("a.ghe.com"), None, "https://api.a.ghe.com/", "GH_ENTERPRISE_TOKEN"),
            (Some("g.example"), None, "https://g.example/api/v3/", "GH_ENTERPRISE_TOKEN"),
            (
                Some("api.github.com.evil.example"),
                None,
                "https://api.github.com.evil.example/api/v3/",
                "GH_ENTERPRISE_TOKEN",
            ),
            (
                Some("github.com"),
                Some("http://127.0.0.1:1/x/"),
                "http://127.0.0.1:1/x/",
                "GH_ENTERPRISE_TOKEN",
            ),
            (
                None,
                Some("https://api.github.com:8443/"),
                "https://api.github.com:8443/",
                "GH_ENTERPRISE_TOKEN",
            ),
        ] {
            let settings = Settings::new(host, api, &all).unwrap();
            assert_eq!(settings.api.as_str(), at);
            let sent = settings.authorization.as_ref().unwrap();
            assert_eq!(sent.to_str().unwrap(), format!("Bearer {token}"), "{at}");
            assert!(!format!("{settings:?}").contains("TOKEN"));
        }
        let second = |name: &str| all(name).filter(|n| n.starts_with("GITHUB_"));
        let settings = Settings::new(None, None, &second).unwrap();
        assert_eq!(settings.authorization.unwrap(), "Bearer GITHUB_TOKEN");
        let blank = |name: &str| all(name).map(|_| " ".to_owned());
        assert!(Settings::new(None, None, &blank).unwrap().authorization.is_none());
        let broken = |name: &str| all(name).map(|_| "a\nb".to_owned());
        assert!(Settings::new(None, None, &broken).is_err());
    }

    #[test]
    fn what_is_no_host_is_refused() {
        for (host, api) in [
            (Some(""), None),
            (Some("a b"), None),
            (Some("user@g.example"), None),
            (Some("g.example/x"), None),
            (Some("g.example?x"), None),
            (Some("https://g.example"), None),
            (None, Some("http://g.example/")),
            (None, Some("https://user:pw@g.example/")),
            (None, Some("https://g.example/?x=y")),
            (None, Some("ftp://g.example/")),
            (None, Some("g.example")),
        ] {
            assert!(Settings::new(host, api, &|_| None).is_err(), "{host:?} {api:?}");
        }
    }
}
