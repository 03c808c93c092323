//! What is read by digest, with the cache before the registry.

use std::sync::Arc;

use crate::{
    domain::{oci::Descriptor, reference::Pointer},
    inspect::{Fetched, RegistryError, world::Progress},
    net::{
        cache::Key,
        content::{self, Arrived},
        limits,
    },
};

use super::{HttpRegistry, address::Place, answer::Kind, named};

impl HttpRegistry {
    /// A manifest; by digest from the cache, where it is there. A tag is asked for each time.
    pub(super) async fn kept_manifest(
        &self,
        place: &Place,
        at: &Pointer,
    ) -> Result<Fetched, RegistryError> {
        let Pointer::Digest(digest) = at else {
            return self.get_manifest(place, at, Kind::Manifest).await;
        };
        let repository = format!("{}/{}", place.host, place.path);
        let key = Key { repository: &repository, digest };
        let ask = || async move {
            let what = named(place, '@', digest);
            if let Some(bytes) = self.cache.get(key, limits::MANIFEST_BYTES).await {
                self.tracer.cached(&what, bytes.len());
                let want = Some(digest);
                let media_type = None;
                return content::fetched(Arrived {
                    what: &what,
                    bytes,
                    want,
                    media_type,
                    named: None,
                });
            }
            let fetched = self.get_manifest(place, at, Kind::Manifest).await?;
            if content::speaks_for_itself(&fetched) {
                self.cache.put(key, &fetched.bytes).await;
            }
            Ok(fetched)
        };
        self.manifests.one(named(place, '@', digest), ask).await
    }

    /// A blob, from the cache where it is there.
    pub(super) async fn kept_blob(
        &self,
        place: &Place,
        blob: &Descriptor,
        limit: u64,
        progress: Progress<'_>,
    ) -> Result<Arc<[u8]>, RegistryError> {
        let what = format!("blob {}", named(place, '@', &blob.digest));
        if blob.size > limit {
            return Err(RegistryError::TooLarge { what, limit: limits::bytes(limit) });
        }
        let repository = format!("{}/{}", place.host, place.path);
        let key = Key { repository: &repository, digest: &blob.digest };
        // Two descriptors may disagree about the size of one digest; each gets its own answer.
        let name = format!("{what} {}", blob.size);
        let ask = || async move {
            let kept = self.cache.get(key, blob.size).await;
            if let Some(bytes) = kept.filter(|bytes| bytes.len() as u64 == blob.size) {
                self.tracer.cached(&what, bytes.len());
                progress(blob.size, Some(blob.size));
                return Ok(bytes.into());
            }
            let bytes = self.get_blob(place, blob, progress).await?;
            self.cache.put(key, &bytes).await;
            Ok(bytes)
        };
        self.blobs.one(name, ask).await
    }
}
