//! Credentials from docker's `config.json`: the `auths` table, read once, when first needed.

use std::{collections::BTreeMap, io::Read, path::Path};

use base64::{Engine, engine::general_purpose::STANDARD};
use serde::Deserialize;

use crate::{domain::reference::DOCKER_HUB, net::limits};

/// What a configuration says about one host. No `Debug`: a password must not reach a log.
#[derive(Clone, Default)]
pub(super) struct Found {
    /// `user:password`, as RFC 7617 joins them.
    pub(super) basic: Option<String>,
    /// Why there may be credentials that could not be used; for the error when access is denied.
    pub(super) trouble: Option<String>,
}

/// Every entry of `auths`, by host.
#[derive(Default)]
pub(super) struct Credentials {
    hosts: BTreeMap<String, Found>,
    trouble: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Config {
    auths: Option<BTreeMap<String, Entry>>,
    creds_store: Option<String>,
    cred_helpers: Option<BTreeMap<String, String>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Entry {
    auth: Option<String>,
    identitytoken: Option<String>,
}

impl Credentials {
    /// Reads `path`. A file that is not there holds nothing; one that cannot be read is told to
    /// whoever is denied access, because that may be why.
    pub(super) fn read(path: &Path) -> Self {
        let trouble = |words: String| Self {
            trouble: Some(format!("{} was not used: {words}", path.display())),
            ..Self::default()
        };
        let bytes = match read_regular(path) {
            Ok(bytes) => bytes,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Self::default(),
            Err(e) => return trouble(e.to_string()),
        };
        // serde_json's errors name line and column, never a value.
        match serde_json::from_slice::<Config>(&bytes) {
            Ok(config) => Self::from_config(config),
            Err(e) => trouble(format!("{:?} error at line {}", e.classify(), e.line())),
        }
    }

    fn from_config(config: Config) -> Self {
        let mut hosts: BTreeMap<String, Found> = BTreeMap::new();
        for (key, entry) in config.auths.unwrap_or_default() {
            let Some(host) = host_of(&key) else { continue };
            let found = entry.read();
            // A key that is exactly the host goes before `https://host/v1/`.
            if key == host || !hosts.contains_key(&host) {
                hosts.insert(host, found);
            }
        }
        let helper = |name: &str| format!("docker's config names the helper {name}, not asked");
        for (key, name) in config.cred_helpers.iter().flatten() {
            if let Some(host) = host_of(key) {
                hosts.entry(host).or_default().trouble = Some(helper(name));
            }
        }
        Self { hosts, trouble: config.creds_store.as_deref().map(helper) }
    }

    /// What there is for `host`.
    pub(super) fn of(&self, host: &str) -> Found {
        let mut found = self.hosts.get(host).cloned().unwrap_or_default();
        if found.basic.is_none() {
            found.trouble = found.trouble.or_else(|| self.trouble.clone());
        }
        found
    }
}

impl Entry {
    fn read(self) -> Found {
        let encoded = self.auth.filter(|a| !a.is_empty());
        let decoded = encoded.as_deref().map(|text| {
            let bytes = STANDARD.decode(text.trim()).ok()?;
            let pair = String::from_utf8(bytes).ok()?;
            let pair = pair.trim_end_matches('\0').to_owned();
            pair.contains(':').then_some(pair)
        });
        let trouble = match (&decoded, self.identitytoken) {
            (Some(None), _) => Some("the auth of docker's config is not base64 of user:password"),
            (None, Some(_)) => Some("docker's config holds an identity token, which is not used"),
            _ => None,
        };
        Found { basic: decoded.flatten(), trouble: trouble.map(str::to_owned) }
    }
}

/// The host that a key of `auths` is for: `ghcr.io`, `https://ghcr.io`,
/// `https://index.docker.io/v1/`. A key with any other path is for a part of a host and is left
/// alone, so that nobody's password goes to a neighbour.
fn host_of(key: &str) -> Option<String> {
    let bare = key.strip_prefix("https://").or_else(|| key.strip_prefix("http://")).unwrap_or(key);
    let (host, path) = bare.split_once('/').unwrap_or((bare, ""));
    let whole = matches!(path.trim_end_matches('/'), "" | "v1" | "v2");
    let host = host.to_ascii_lowercase();
    let host = match host.as_str() {
        "index.docker.io" | "registry-1.docker.io" => DOCKER_HUB.to_owned(),
        _ => host,
    };
    (whole && !host.is_empty()).then_some(host)
}

fn read_regular(path: &Path) -> std::io::Result<Vec<u8>> {
    use std::io::{Error, ErrorKind};
    if !std::fs::metadata(path)?.is_file() {
        return Err(Error::new(ErrorKind::InvalidInput, "not a regular file"));
    }
    let mut bytes = Vec::new();
    let file = std::fs::File::open(path)?;
    file.take(limits::CONFIG_BYTES + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limits::CONFIG_BYTES {
        let words = format!("over the limit of {}", limits::bytes(limits::CONFIG_BYTES));
        return Err(Error::new(ErrorKind::FileTooLarge, words));
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn credentials(json: &str) -> Credentials {
        Credentials::from_config(serde_json::from_str(json).unwrap())
    }

    #[test]
    fn a_host_gets_its_own_credentials_and_no_others() {
        let auth = |pair: &str| STANDARD.encode(pair);
        let read = credentials(&format!(
            r#"{{"auths":{{
                "https://index.docker.io/v1/":{{"auth":"{}"}},
                "ghcr.io":{{"auth":"{}"}},
                "https://ghcr.io/v2/":{{"auth":"{}"}},
                "quay.io/team":{{"auth":"{}"}},
                "a.example":{{"auth":"!!"}},
                "b.example":{{"identitytoken":"x"}},
                "c.example":{{}}
            }},"credHelpers":{{"d.example":"pass"}}}}"#,
            auth("hub:h:1"),
            auth("gh:g"),
            auth("other:o"),
            auth("q:q")
        ));
        for (host, basic, trouble) in [
            ("docker.io", Some("hub:h:1"), false),
            ("ghcr.io", Some("gh:g"), false),
            ("quay.io", None, false),
            ("a.example", None, true),
            ("b.example", None, true),
            ("c.example", None, false),
            ("d.example", None, true),
            ("e.example", None, false),
        ] {
            let found = read.of(host);
            assert_eq!(found.basic.as_deref(), basic, "{host}");
            assert_eq!(found.trouble.is_some(), trouble, "{host}");
        }
    }

    #[test]
    fn a_file_that_cannot_be_read_is_remembered_and_a_missing_one_is_not() {
        let missing = Credentials::read(Path::new("tests/no-such-config.json")).of("x");
        assert!(missing.trouble.is_none() && missing.basic.is_none());
        for path in ["tests", "Cargo.toml"] {
            assert!(Credentials::read(Path::new(path)).of("x").trouble.is_some(), "{path}");
        }
    }
}
