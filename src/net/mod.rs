//! Floor 3: the world behind the ports of `inspect`: registries over HTTP, OCI layouts, files,
//! and the demonstration that is built in.
//!
//! The only floor that names an HTTP client or opens a file. Everything that comes in here is
//! hostile: it is read up to a limit ([`limits`]), hashed before anybody looks at it, and its
//! words are made harmless before they stand in an error.

pub mod cache;
mod content;
pub mod demo;
pub mod files;
mod folder;
pub mod github;
pub mod history;
pub mod layout;
pub mod limits;
mod link;
mod listing;
mod no_network;
pub(crate) mod own;
pub mod registry;
pub mod rekor;
mod replace;
pub mod trace;
pub mod tuf;

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use futures_util::future::BoxFuture;
use tokio::{sync::OnceCell, task::spawn_blocking};

use crate::{
    domain::{Repository, oci::Descriptor, reference::Pointer},
    inspect::{
        CatalogPage, Fetched, Listing, Registry, RegistryError, Sought, TagPage, world::Progress,
    },
};

use self::{
    cache::Cache,
    layout::Layout,
    no_network::NoNetwork,
    registry::{HttpRegistry, Settings, not_begun},
    trace::Tracer,
};

/// A layout that is opened by the first question about it; an error is not kept, and a tag opens
/// it anew, because a tag may have moved since.
type Opened = Arc<OnceCell<Arc<Layout>>>;

/// Every repository that can be named: on a registry, or in a layout.
pub struct Router {
    http: Result<HttpRegistry, NoNetwork>,
    layouts: Mutex<HashMap<PathBuf, Opened>>,
}

impl Router {
    /// A router that has opened nothing and spoken to nobody.
    pub fn new(settings: Settings) -> Self {
        Self { http: Ok(HttpRegistry::new(settings)), layouts: Mutex::default() }
    }

    /// The same, with what was read once kept in `cache`, and every request recorded by `tracer`.
    #[must_use]
    pub fn keeping(self, cache: Cache, tracer: &Tracer) -> Self {
        Self { http: self.http.map(|http| http.keeping(cache, tracer)), ..self }
    }

    /// The same without any request: whatever is not on this machine cannot be found out. The
    /// cache is not asked either: an answer must not depend on what this machine looked at before,
    /// and a digest without its listings is judged by nobody.
    #[must_use]
    pub fn without_network(self) -> Self {
        Self { http: Err(NoNetwork), ..self }
    }

    fn remote(&self) -> &dyn Registry {
        match &self.http {
            Ok(http) => http,
            Err(none) => none,
        }
    }

    /// Asks a layout something, on a thread that may block.
    async fn ask<T: Send + 'static>(
        &self,
        path: &Path,
        question: impl FnOnce(&Layout) -> T + Send + 'static,
    ) -> Result<T, RegistryError> {
        let cell = {
            let mut layouts = self.layouts.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(layouts.entry(path.to_owned()).or_default())
        };
        let crashed = |e: tokio::task::JoinError| RegistryError::Malformed {
            what: format!("oci:{}", path.display()),
            words: format!("reading it crashed: {e}"),
        };
        let own = path.to_owned();
        let open = || async move {
            let opened = spawn_blocking(move || Layout::open(&own)).await;
            opened.map_err(crashed)?.map(Arc::new)
        };
        let layout = Arc::clone(cell.get_or_try_init(open).await?);
        spawn_blocking(move || question(&layout)).await.map_err(crashed)
    }
}

impl Registry for Router {
    fn manifest<'a>(
        &'a self,
        repository: &'a Repository,
        at: &'a Pointer,
    ) -> BoxFuture<'a, Result<Fetched, RegistryError>> {
        let Repository::Layout(path) = repository else {
            return self.remote().manifest(repository, at);
        };
        if matches!(at, Pointer::Tag(_)) {
            self.layouts.lock().unwrap_or_else(PoisonError::into_inner).remove(path);
        }
        let at = at.clone();
        Box::pin(async move { self.ask(path, move |layout| layout.manifest(&at)).await? })
    }

    fn referrers<'a>(&'a self, sought: &'a Sought) -> BoxFuture<'a, Listing> {
        let Repository::Layout(path) = &sought.repository else {
            return self.remote().referrers(sought);
        };
        let subject = sought.subject.clone();
        Box::pin(async move {
            let listing = self.ask(path, move |layout| layout.referrers(&subject)).await;
            listing.unwrap_or_else(|error| not_begun(&error))
        })
    }

    fn legacy_tags<'a>(&'a self, sought: &'a Sought) -> BoxFuture<'a, Listing> {
        let Repository::Layout(path) = &sought.repository else {
            return self.remote().legacy_tags(sought);
        };
        let subject = sought.subject.clone();
        Box::pin(async move {
            let listing = self.ask(path, move |layout| layout.legacy_tags(&subject)).await;
            listing.unwrap_or_else(|error| not_begun(&error))
        })
    }

    fn blob<'a>(
        &'a self,
        repository: &'a Repository,
        blob: &'a Descriptor,
        limit: u64,
        progress: Progress<'a>,
    ) -> BoxFuture<'a, Result<Arc<[u8]>, RegistryError>> {
        let Repository::Layout(path) = repository else {
            return self.remote().blob(repository, blob, limit, progress);
        };
        let own = blob.clone();
        Box::pin(async move {
            let bytes = self.ask(path, move |layout| layout.blob(&own, limit)).await??;
            progress(bytes.len() as u64, Some(blob.size));
            Ok(bytes)
        })
    }

    fn tags<'a>(
        &'a self,
        repository: &'a Repository,
        after: Option<&'a str>,
    ) -> BoxFuture<'a, Result<TagPage, RegistryError>> {
        let Repository::Layout(path) = repository else {
            return self.remote().tags(repository, after);
        };
        Box::pin(async move { self.ask(path, Layout::tags).await })
    }

    fn catalog<'a>(
        &'a self,
        host: &'a str,
        after: Option<&'a str>,
    ) -> BoxFuture<'a, Result<CatalogPage, RegistryError>> {
        self.remote().catalog(host, after)
    }
}
