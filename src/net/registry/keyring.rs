//! Who we are on a registry: the configuration, read once, and the helpers that it names.

use std::{
    collections::HashMap,
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
};

use tokio::{
    sync::{Mutex as Turn, OnceCell},
    time::Instant,
};

use crate::net::limits;

use super::{
    Settings,
    credentials::{Credentials, Secrets, Source},
    helper,
};

/// What was found for one place. No `Debug`: a password must not reach a log.
#[derive(Clone, Default)]
pub(super) struct Found {
    /// What proves who we are; empty for anybody.
    pub(super) secrets: Secrets,
    /// Why there may be credentials that could not be used; for the error when access is denied.
    pub(super) trouble: Option<String>,
}

/// What a helper answered, and when. The lock is the single flight: sixteen requests must not
/// open sixteen dialogues that ask for a passphrase.
type Asked = Arc<Turn<Option<(Instant, Result<Option<Secrets>, String>)>>>;

/// Credentials of the user, read when a registry first asks for them.
pub(super) struct Keyring {
    config: Option<PathBuf>,
    path: Option<std::ffi::OsString>,
    time: std::time::Duration,
    read: OnceCell<Credentials>,
    asked: Mutex<HashMap<(String, String), Asked>>,
}

impl Keyring {
    /// Nothing is read and nobody asked yet.
    pub(super) fn new(settings: &Settings) -> Self {
        Self {
            config: settings.docker_config.clone(),
            path: settings.helpers.clone(),
            time: settings.limits.helper,
            read: OnceCell::new(),
            asked: Mutex::default(),
        }
    }

    /// The credentials for `path` on `host`.
    pub(super) async fn find(&self, host: &str, path: &str) -> Found {
        let credentials = self.read().await;
        let mut trouble: Option<String> = None;
        for source in credentials.sources(host, path) {
            let got = match source {
                Source::Kept(kept) => kept.map(Some).map_err(str::to_owned),
                Source::Helper { name, server } => self.ask(name, server).await,
            };
            match got {
                Ok(Some(secrets)) if !secrets.is_empty() => return Found { secrets, trouble },
                Ok(_) => {}
                // The first one is of the most particular entry.
                Err(words) => trouble = trouble.or(Some(words)),
            }
        }
        let trouble = trouble.or_else(|| credentials.trouble().map(str::to_owned));
        Found { secrets: Secrets::default(), trouble }
    }

    async fn read(&self) -> &Credentials {
        let config = self.config.clone();
        let read = || async move {
            let Some(path) = config else { return Credentials::default() };
            let read = tokio::task::spawn_blocking(move || Credentials::read(&path));
            read.await.unwrap_or_default()
        };
        self.read.get_or_init(read).await
    }

    /// What a helper says; its word holds for a minute, because some of them give out passwords
    /// that end with the hour.
    async fn ask(&self, name: String, server: String) -> Result<Option<Secrets>, String> {
        let asked = {
            let mut all = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
            Asked::clone(all.entry((name.clone(), server.clone())).or_default())
        };
        let mut asked = asked.lock().await;
        if let Some((when, said)) = asked.as_ref()
            && when.elapsed() < limits::HELPER_KEPT
        {
            return said.clone();
        }
        let said = helper::ask(&name, &server, self.path.as_deref(), self.time).await;
        *asked = Some((Instant::now(), said.clone()));
        said
    }
}
