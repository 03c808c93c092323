//! The flags about registries: `--plain-http`, `--registry-cacert`, `--registry-config`.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

use clap::Args;

use super::{Stop, UNDECIDED};
use crate::{
    domain::{Repository, text::safe},
    net::registry::{Authorities, PlainHttp, Settings},
};

/// How registries are spoken to.
#[derive(Args, Default)]
pub(super) struct RegistryFlags {
    /// Speak plain HTTP to the registry of the target, and to no other; `false`: not even to
    /// this machine
    #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true", value_parser = clap::value_parser!(bool))]
    plain_http: Option<bool>,
    /// Certificate authorities in PEM that registries may have, beside those of the system
    #[arg(long, value_name = "FILE")]
    registry_cacert: Option<PathBuf>,
    /// Credentials: a `config.json` of docker or an `auth.json` of podman, and no other
    #[arg(long, value_name = "FILE")]
    registry_config: Option<PathBuf>,
}

impl RegistryFlags {
    /// The settings for a run whose targets lie on `hosts`.
    ///
    /// # Errors
    /// Undecided for a file that cannot be read: without it somebody else would be trusted, or
    /// asked, than the user wanted. A usage error for --plain-http without a registry.
    pub(super) fn settings(
        &self,
        hosts: impl IntoIterator<Item = String>,
    ) -> Result<Settings, Stop> {
        let mut settings = match &self.registry_config {
            None => Settings::from_env(),
            Some(file) => {
                let own = Settings::from_env().with_credentials(file.clone());
                own.map_err(|words| unreadable("--registry-config", file, &words))?
            }
        };
        if let Some(file) = &self.registry_cacert {
            let read = Authorities::read(file);
            settings.authorities =
                read.map_err(|words| unreadable("--registry-cacert", file, &words))?;
        }
        settings.plain = match self.plain_http {
            None => PlainHttp::Machine,
            Some(false) => PlainHttp::Nobody,
            Some(true) => {
                let hosts: BTreeSet<String> = hosts.into_iter().collect();
                if hosts.is_empty() {
                    return Err(Stop::usage("--plain-http is for a registry, and none is named"));
                }
                PlainHttp::Hosts(hosts)
            }
        };
        Ok(settings)
    }
}

/// The host of a repository, where it has one.
pub(super) fn host(repository: &Repository) -> Option<String> {
    match repository {
        Repository::Remote { host, .. } => Some(host.clone()),
        Repository::Layout(_) => None,
    }
}

fn unreadable(flag: &str, file: &Path, words: &str) -> Stop {
    let file = safe(&file.display().to_string());
    let message = format!("{flag} {file}: {words}; nothing was contacted");
    Stop { code: UNDECIDED, message }
}
