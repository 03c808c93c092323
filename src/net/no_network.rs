//! `--no-network`: a registry that asks nobody, and says so.

use std::sync::Arc;

use futures_util::future::{BoxFuture, ready};

use crate::{
    domain::{Repository, oci::Descriptor, reference::Pointer},
    inspect::{
        CatalogPage, Fetched, Listing, Registry, RegistryError, Sought, TagPage, world::Progress,
    },
};

use super::registry::not_begun;

/// Answers every question with "could not find out".
pub(super) struct NoNetwork;

fn refused(repository: &Repository) -> RegistryError {
    let host = repository.host().unwrap_or_default().to_owned();
    RegistryError::Unreachable { host, words: "no request was made (--no-network)".into() }
}

impl Registry for NoNetwork {
    fn manifest<'a>(
        &'a self,
        repository: &'a Repository,
        _: &'a Pointer,
    ) -> BoxFuture<'a, Result<Fetched, RegistryError>> {
        Box::pin(ready(Err(refused(repository))))
    }

    fn referrers<'a>(&'a self, sought: &'a Sought) -> BoxFuture<'a, Listing> {
        Box::pin(ready(not_begun(&refused(&sought.repository))))
    }

    fn legacy_tags<'a>(&'a self, sought: &'a Sought) -> BoxFuture<'a, Listing> {
        Box::pin(ready(not_begun(&refused(&sought.repository))))
    }

    fn blob<'a>(
        &'a self,
        repository: &'a Repository,
        _: &'a Descriptor,
        _: u64,
        _: Progress<'a>,
    ) -> BoxFuture<'a, Result<Arc<[u8]>, RegistryError>> {
        Box::pin(ready(Err(refused(repository))))
    }

    fn tags<'a>(
        &'a self,
        repository: &'a Repository,
        _: Option<&'a str>,
    ) -> BoxFuture<'a, Result<TagPage, RegistryError>> {
        Box::pin(ready(Err(refused(repository))))
    }

    fn catalog<'a>(
        &'a self,
        host: &'a str,
        _: Option<&'a str>,
    ) -> BoxFuture<'a, Result<CatalogPage, RegistryError>> {
        let (host, words) = (host.to_owned(), "no request was made (--no-network)".into());
        Box::pin(ready(Err(RegistryError::Unreachable { host, words })))
    }
}
