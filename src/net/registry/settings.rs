//! How registries are spoken to, as a user or a test sets it.

use std::{collections::BTreeSet, ffi::OsString, path::PathBuf};

use crate::net::limits::Limits;

use super::{
    address::is_loopback,
    clients::Authorities,
    credentials::{Credentials, search},
};

/// How registries are spoken to. It holds the paths of secrets and no secret.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// Times and counts.
    pub limits: Limits,
    /// Docker's `config.json` or podman's `auth.json`; no credentials are used without it.
    pub docker_config: Option<PathBuf>,
    /// The search path (`PATH`) on which credential helpers are found; none is run without it.
    pub helpers: Option<OsString>,
    /// Certificate authorities beside those of the system.
    pub authorities: Authorities,
    /// Who is spoken to in plain HTTP.
    pub plain: PlainHttp,
}

/// Who is spoken to in plain HTTP. No server can add anybody.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum PlainHttp {
    /// This machine by name: `localhost`, `127.0.0.1`, `[::1]`.
    #[default]
    Machine,
    /// This machine, and these hosts as the user wrote them, with their ports.
    Hosts(BTreeSet<String>),
    /// Nobody, not even this machine.
    Nobody,
}

impl PlainHttp {
    /// Whether `host`, with or without port, is spoken to in plain HTTP.
    pub(super) fn is_for(&self, host: &str) -> bool {
        match self {
            Self::Machine => is_loopback(host),
            Self::Hosts(hosts) => is_loopback(host) || hosts.contains(host),
            Self::Nobody => false,
        }
    }
}

impl Settings {
    /// The table of limits, and the credentials of this user, from where cosign has them:
    /// `$DOCKER_CONFIG/config.json` or `~/.docker/config.json`, else `$REGISTRY_AUTH_FILE`, else
    /// podman's `auth.json`.
    pub fn from_env() -> Self {
        let env = |name: &str| std::env::var_os(name);
        let dirs = directories::BaseDirs::new();
        let home = dirs.as_ref().map(directories::BaseDirs::home_dir);
        let docker_config = search(&env, home, &|path| path.is_file());
        Self { docker_config, helpers: env("PATH"), ..Self::default() }
    }

    /// Credentials from `file` and from nowhere else.
    ///
    /// # Errors
    /// In words, for a file that cannot be read: whoever named it wants it to be used.
    pub fn with_credentials(self, file: PathBuf) -> Result<Self, String> {
        match Credentials::open(&file)? {
            Some(_) => Ok(Self { docker_config: Some(file), ..self }),
            None => Err("there is no such file".to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_http_is_for_this_machine_and_whom_the_user_named() {
        let named = PlainHttp::Hosts(BTreeSet::from(["r.corp:5000".to_owned()]));
        for (host, machine, hosts) in [
            ("localhost:5000", true, true),
            ("127.0.0.1", true, true),
            ("r.corp:5000", false, true),
            ("r.corp", false, false),
            ("r.corp:50001", false, false),
            ("s.corp:5000", false, false),
            ("ghcr.io", false, false),
        ] {
            assert_eq!(PlainHttp::Machine.is_for(host), machine, "{host}");
            assert_eq!(named.is_for(host), hosts, "{host}");
            assert!(!PlainHttp::Nobody.is_for(host), "{host}");
        }
    }
}
