//! A registry over HTTP(S), read-only: the OCI distribution specification 1.1, "Pull", "Content
//! Discovery" and "Listing Referrers".
//!
//! Three things are kept apart everywhere: it is there, it is not there, and it could not be
//! found out. Only a 404 in the words of the specification is "not there". The bytes decide what
//! something is: nothing is resolved by HEAD, because the digest of a HEAD is only a claim.

mod address;
mod answer;
mod auth;
mod busy;
mod catalog;
mod challenge;
mod clients;
mod credentials;
mod failure;
mod gate;
mod helper;
mod hidden;
mod kept;
mod keyring;
mod large;
mod names;
mod referrers;
mod sent;
mod settings;
mod tags;
mod token;
mod transport;
mod zone;

use std::sync::Arc;

use futures_util::future::{BoxFuture, join_all};

use crate::{
    domain::{Digest, Repository, Verdict, oci::Descriptor, reference::Pointer},
    inspect::{
        CatalogPage, Fetched, Listing, Registry, RegistryError, Sought, TagPage, world::Progress,
    },
};

use self::answer::Kind;
pub(in crate::net) use self::{
    address::{Place, is_loopback, next_link},
    answer::Answer,
    busy::rate,
    failure::words,
    transport::{Ask, Transport},
};
pub use self::{
    clients::Authorities,
    settings::{PlainHttp, Settings},
};
use super::{
    cache::{Cache, Flights},
    content::{self, Arrived},
    limits,
    listing::{self, Builder},
    trace::Tracer,
};

/// What manifests may be; `*/*` last, for registries that refuse a list they do not know.
const ACCEPT_MANIFESTS: &str = "application/vnd.oci.image.index.v1+json, \
     application/vnd.oci.image.manifest.v1+json, \
     application/vnd.docker.distribution.manifest.list.v2+json, \
     application/vnd.docker.distribution.manifest.v2+json, \
     application/vnd.oci.artifact.manifest.v1+json, */*";

/// Registries that speak the distribution protocol.
pub struct HttpRegistry {
    transport: Transport,
    plain: PlainHttp,
    cache: Cache,
    tracer: Tracer,
    blobs: Flights<Arc<[u8]>>,
    manifests: Flights<Fetched>,
}

impl HttpRegistry {
    /// A client that has not spoken to anybody; nothing is read or sent before the first question.
    pub fn new(settings: Settings) -> Self {
        let plain = settings.plain.clone();
        Self {
            transport: Transport::new(settings),
            plain,
            cache: Cache::default(),
            tracer: Tracer::default(),
            blobs: Flights::default(),
            manifests: Flights::default(),
        }
    }

    /// The same, with what was read once kept in `cache`, and every request recorded by `tracer`.
    #[must_use]
    pub fn keeping(self, cache: Cache, tracer: &Tracer) -> Self {
        let transport = self.transport.traced(tracer.clone());
        Self { transport, cache, tracer: tracer.clone(), ..self }
    }

    /// Where a repository is spoken to.
    fn place(&self, repository: &Repository) -> Result<Place, RegistryError> {
        match repository {
            Repository::Remote { host, path } => {
                Place::speaking(host, path, self.plain.is_for(host))
            }
            Repository::Layout(_) => Err(RegistryError::Malformed {
                what: repository.to_string(),
                words: "a layout is not on a registry".to_owned(),
            }),
        }
    }

    async fn get_manifest(
        &self,
        place: &Place,
        at: &Pointer,
        kind: Kind,
    ) -> Result<Fetched, RegistryError> {
        let (want, what) = match at {
            Pointer::Digest(digest) => (Some(digest), named(place, '@', digest)),
            Pointer::Tag(tag) => (None, named(place, ':', tag)),
        };
        let ask = Ask {
            place,
            url: place.url(&["manifests", &at.to_string()]),
            what,
            accept: ACCEPT_MANIFESTS,
            limit: limits::MANIFEST_BYTES,
            deadline: self.transport.limits().answer,
            elsewhere: false,
        };
        let answer = self.transport.get(&ask, &|_, _| ()).await?;
        let mut answer = answer.accept(&place.host, &ask.what, kind)?;
        let bytes = std::mem::take(&mut answer.body);
        let (media_type, header) = (answer.content_type(), "docker-content-digest");
        // A header that is no text is a contradiction too, not an absent one.
        let raw = answer.headers.get(header).map(|v| String::from_utf8_lossy(v.as_bytes()));
        // Both are shown. What is a digest is compared before anything is cut out of it.
        let shown = |raw: &str| match raw.trim().parse::<Digest>() {
            Ok(_) => raw.to_owned(),
            Err(_) => answer.hidden.cut(raw),
        };
        let fetched = content::fetched(Arrived {
            what: &ask.what,
            bytes,
            want,
            media_type: Some(&media_type),
            named: raw.as_deref().map(shown).as_deref(),
        })?;
        let contradicted = fetched.contradicted.map(|named| answer.hidden.cut(&named));
        Ok(Fetched { contradicted, ..fetched })
    }

    async fn list_referrers(&self, place: &Place, sought: &Sought) -> Listing {
        let subject = &sought.subject;
        let kind = Kind::Attachment(sought.shelf);
        let tag = listing::fallback_tag(subject).map(Pointer::Tag);
        let fallback = async {
            match &tag {
                Some(at) => Some(self.get_manifest(place, at, kind).await),
                None => None,
            }
        };
        let pages = referrers::pages(&self.transport, place, subject);
        let (pages, fallback) = futures_util::join!(pages, fallback);
        let limit = self.transport.limits().referrers;
        let mut listing = Builder::default();
        pages.into_listing(&mut listing, limit);
        if let Some(got) = fallback {
            listing.fallback(subject, got, limit);
        }
        listing.finish()
    }

    async fn list_legacy(&self, place: &Place, sought: &Sought) -> Listing {
        let suffixes = sought.tags.suffixes().iter();
        let tags: Vec<_> =
            suffixes.filter_map(|s| listing::legacy_tag(&sought.subject, s)).collect();
        let kind = Kind::Attachment(sought.shelf);
        let mut listing = Builder::default();
        let pointers: Vec<_> = tags.iter().cloned().map(Pointer::Tag).collect();
        let asked = pointers.iter().map(|at| self.get_manifest(place, at, kind));
        for (tag, got) in tags.into_iter().zip(join_all(asked).await) {
            listing.legacy(format!("tag {tag}"), tag, got);
        }
        listing.finish_legacy()
    }

    async fn get_blob(
        &self,
        place: &Place,
        blob: &Descriptor,
        progress: Progress<'_>,
    ) -> Result<Arc<[u8]>, RegistryError> {
        let what = format!("blob {}", named(place, '@', &blob.digest));
        let ask = Ask {
            place,
            // By digest alone: the `urls` of a descriptor would send us wherever its author wants.
            url: place.url(&["blobs", &blob.digest.to_string()]),
            what,
            accept: "*/*",
            limit: blob.size,
            deadline: self.transport.limits().blob,
            elsewhere: true,
        };
        let told = |so_far, _| progress(so_far, Some(blob.size));
        let answer = self.transport.get(&ask, &told).await?;
        let answer = answer.accept(&place.host, &ask.what, Kind::Blob)?;
        content::blob(&ask.what, answer.body, blob)
    }
}

/// `host/path:tag`, `host/path@digest`.
fn named(place: &Place, mark: char, at: impl std::fmt::Display) -> String {
    format!("{}/{}{mark}{at}", place.host, place.path)
}

/// A listing that could not even be begun.
pub(super) fn not_begun(error: &RegistryError) -> Listing {
    let mut listing = Builder::default();
    listing.note("repository", Verdict::Undecided, error.to_string());
    listing.finish()
}

impl Registry for HttpRegistry {
    fn manifest<'a>(
        &'a self,
        repository: &'a Repository,
        at: &'a Pointer,
    ) -> BoxFuture<'a, Result<Fetched, RegistryError>> {
        Box::pin(async move { self.kept_manifest(&self.place(repository)?, at).await })
    }

    fn referrers<'a>(&'a self, sought: &'a Sought) -> BoxFuture<'a, Listing> {
        Box::pin(async move {
            match self.place(&sought.repository) {
                Ok(place) => self.list_referrers(&place, sought).await,
                Err(error) => not_begun(&error),
            }
        })
    }

    fn legacy_tags<'a>(&'a self, sought: &'a Sought) -> BoxFuture<'a, Listing> {
        Box::pin(async move {
            match self.place(&sought.repository) {
                Ok(place) => self.list_legacy(&place, sought).await,
                Err(error) => not_begun(&error),
            }
        })
    }

    fn blob<'a>(
        &'a self,
        repository: &'a Repository,
        blob: &'a Descriptor,
        limit: u64,
        progress: Progress<'a>,
    ) -> BoxFuture<'a, Result<Arc<[u8]>, RegistryError>> {
        Box::pin(
            async move { self.kept_blob(&self.place(repository)?, blob, limit, progress).await },
        )
    }

    fn tags<'a>(
        &'a self,
        repository: &'a Repository,
        after: Option<&'a str>,
    ) -> BoxFuture<'a, Result<TagPage, RegistryError>> {
        Box::pin(async move { tags::page(&self.transport, &self.place(repository)?, after).await })
    }

    fn catalog<'a>(
        &'a self,
        host: &'a str,
        after: Option<&'a str>,
    ) -> BoxFuture<'a, Result<CatalogPage, RegistryError>> {
        Box::pin(async move {
            catalog::page(&self.transport, (host, self.plain.is_for(host)), after).await
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::oci;

    #[test]
    fn every_kind_of_manifest_is_accepted_by_name() {
        for kind in
            [oci::INDEX, oci::MANIFEST, oci::DOCKER_LIST, oci::DOCKER_MANIFEST, oci::ARTIFACT]
        {
            assert!(ACCEPT_MANIFESTS.contains(kind), "{kind}");
        }
        assert!(ACCEPT_MANIFESTS.ends_with("*/*") && !ACCEPT_MANIFESTS.contains("  "));
    }
}
