//! What docker's `config.json` and podman's `auth.json` say: which credentials are for which
//! registry or repository, and which helper knows them.
//!
//! Sources: docker/cli `cli/config/configfile/file.go`; containers-auth.json(5).

use std::{
    collections::BTreeMap,
    ffi::OsString,
    path::{Path, PathBuf},
};

use base64::{Engine, engine::general_purpose::STANDARD};
use serde::Deserialize;

use crate::{
    domain::reference::DOCKER_HUB,
    net::{files, limits},
};

/// The name under which helpers keep what is for Docker Hub.
const DOCKER_HUB_KEY: &str = "https://index.docker.io/v1/";

/// What proves who somebody is. No `Debug`: a password must not reach a log.
#[derive(Clone, Default, PartialEq, Eq)]
pub(super) struct Secrets {
    /// `user:password`, as RFC 7617 joins them.
    pub(super) basic: Option<String>,
    /// What a token server exchanges for a token: docker's "identity token", the refresh
    /// token of RFC 6749.
    pub(super) identity: Option<String>,
    /// A token for the registry itself.
    pub(super) token: Option<String>,
}

/// What a configuration says about one place, in one of its entries.
#[derive(Clone)]
pub(super) enum Source {
    /// It stands in the file; or why it could not be read.
    Kept(Result<Secrets, &'static str>),
    /// A helper knows.
    Helper {
        /// The NAME of `docker-credential-NAME`.
        name: String,
        /// What it is asked for.
        server: String,
    },
}

/// One configuration. Keys are `host` or `host/path`.
#[derive(Default)]
pub(super) struct Credentials {
    kept: BTreeMap<String, Source>,
    helpers: BTreeMap<String, String>,
    store: Option<String>,
    /// Why the file could not be read, or that it has nothing; for whoever is denied access.
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
    username: Option<String>,
    password: Option<String>,
    identitytoken: Option<String>,
    registrytoken: Option<String>,
}

impl Secrets {
    /// Whether there is nothing in it.
    pub(super) const fn is_empty(&self) -> bool {
        self.basic.is_none() && self.identity.is_none() && self.token.is_none()
    }
}

/// The file that cosign, crane and ko would read: docker's where there is one, else podman's.
///
/// Source: go-containerregistry `pkg/authn/keychain.go`, `ResolveContext`.
pub(super) fn search(
    env: &dyn Fn(&str) -> Option<OsString>,
    home: Option<&Path>,
    exists: &dyn Fn(&Path) -> bool,
) -> Option<PathBuf> {
    let folder = |name: &str| env(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let of_home = home.map(|home| home.join(".docker/config.json"));
    let of_env = folder("DOCKER_CONFIG").map(|folder| folder.join("config.json"));
    // It looks whether either is there, and then reads the one of the variable.
    if [&of_home, &of_env].into_iter().flatten().any(|path| exists(path)) {
        return of_env.or(of_home);
    }
    let podman = |folder: PathBuf| folder.join("containers/auth.json");
    let config = || folder("XDG_CONFIG_HOME").or_else(|| home.map(|home| home.join(".config")));
    let places = [
        folder("REGISTRY_AUTH_FILE"),
        // A relative path would be one of the checkout that somebody stands in.
        folder("XDG_RUNTIME_DIR").filter(|folder| folder.is_absolute()).map(podman),
        config().map(podman),
    ];
    places.into_iter().flatten().find(|path| exists(path))
}

impl Credentials {
    /// Reads `path`. A file that is not there holds nothing; one that cannot be read is told to
    /// whoever is denied access, because that may be why.
    pub(super) fn read(path: &Path) -> Self {
        match Self::open(path) {
            Ok(Some(mut credentials)) => {
                let words = format!("{} has no credentials for it", path.display());
                credentials.trouble = Some(words);
                credentials
            }
            Ok(None) => Self::default(),
            Err(words) => {
                let words = format!("{} was not used: {words}", path.display());
                Self { trouble: Some(words), ..Self::default() }
            }
        }
    }

    /// Reads `path`; nothing where it is not there.
    ///
    /// # Errors
    /// In words that hold nothing of what stands in it.
    pub(super) fn open(path: &Path) -> Result<Option<Self>, String> {
        let bytes = match files::read(path, limits::CONFIG_BYTES) {
            Ok(bytes) => bytes,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(e) => return Err(e.to_string()),
        };
        // The message of the error could repeat a value; its place cannot.
        let config = serde_json::from_slice::<Config>(&bytes);
        let config = config.map_err(|e| format!("{:?} error at line {}", e.classify(), e.line()));
        Ok(Some(Self::from_config(config?)))
    }

    fn from_config(config: Config) -> Self {
        let mut kept = BTreeMap::new();
        for (key, entry) in config.auths.unwrap_or_default() {
            let Some(place) = place_of(&key) else { continue };
            // A key that is exactly the host goes before `https://host/v1/`.
            if key == place || !kept.contains_key(&place) {
                kept.insert(place, Source::Kept(entry.read()));
            }
        }
        let helpers = config.cred_helpers.unwrap_or_default().into_iter();
        let helpers = helpers.filter_map(|(key, name)| Some((place_of(&key)?, name)));
        let store = config.creds_store.filter(|name| !name.is_empty());
        Self { kept, helpers: helpers.collect(), store, trouble: None }
    }

    /// Who may know the credentials for `path` on `host`, the most particular first: an entry for
    /// a repository or a part of a registry is for what lies below it and for no neighbour.
    pub(super) fn sources(&self, host: &str, path: &str) -> Vec<Source> {
        let host = canonical(host);
        let whole = format!("{host}/{path}");
        let mut sources = Vec::new();
        let mut place = whole.trim_end_matches('/');
        loop {
            let last = place == host;
            let named = self.helpers.get(place);
            if let Some(name) = named.or_else(|| self.store.as_ref().filter(|_| last)) {
                let server = if place == DOCKER_HUB { DOCKER_HUB_KEY } else { place };
                sources.push(Source::Helper { name: name.clone(), server: server.to_owned() });
            }
            sources.extend(self.kept.get(place).cloned());
            match place.rsplit_once('/') {
                Some((above, _)) if !last => place = above,
                _ => return sources,
            }
        }
    }

    /// Why there may be none, for the error when access is denied.
    pub(super) fn trouble(&self) -> Option<&str> {
        self.trouble.as_deref()
    }
}

impl Entry {
    fn read(self) -> Result<Secrets, &'static str> {
        let some = |text: Option<String>| text.filter(|text| !text.is_empty());
        let (identity, token) = (some(self.identitytoken), some(self.registrytoken));
        let basic = match some(self.auth) {
            Some(encoded) => match decoded(&encoded) {
                // Beside an identity token docker leaves the password empty.
                Some(pair) => Some(pair).filter(|p| !(identity.is_some() && p.ends_with(':'))),
                None => return Err("an auth in the configuration is not base64 of user:password"),
            },
            None => match (some(self.username), some(self.password)) {
                (Some(user), Some(password)) => Some(format!("{user}:{password}")),
                _ => None,
            },
        };
        Ok(Secrets { basic, identity, token })
    }
}

fn decoded(encoded: &str) -> Option<String> {
    let bytes = STANDARD.decode(encoded.trim()).ok()?;
    let pair = String::from_utf8(bytes).ok()?;
    let pair = pair.trim_end_matches('\0').to_owned();
    pair.split_once(':').is_some_and(|(user, _)| !user.is_empty()).then_some(pair)
}

/// The place that a key is for: `ghcr.io`, `https://ghcr.io`, `https://index.docker.io/v1/` are
/// hosts, `quay.io/team` is a part of one.
fn place_of(key: &str) -> Option<String> {
    let bare = key.strip_prefix("https://").or_else(|| key.strip_prefix("http://")).unwrap_or(key);
    let (host, path) = bare.split_once('/').unwrap_or((bare, ""));
    let address = bare != key || path.ends_with('/');
    let path = path.trim_end_matches('/');
    let host = canonical(host);
    let whole = path.is_empty() || address && matches!(path, "v1" | "v2");
    let place = if whole { host.clone() } else { format!("{host}/{path}") };
    (!host.is_empty()).then_some(place)
}

fn canonical(host: &str) -> String {
    let host = host.to_ascii_lowercase();
    match host.as_str() {
        "index.docker.io" | "registry-1.docker.io" => DOCKER_HUB.to_owned(),
        _ => host,
    }
}

#[cfg(test)]
#[path = "credentials_tests.rs"]
mod tests;
