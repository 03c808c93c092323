//! Who refers to whom in a layout: every manifest that the index lists is read once.

use std::collections::{BTreeSet, HashMap};

use crate::{
    domain::{
        Digest,
        oci::{self, Descriptor, Manifest},
    },
    inspect::RegistryError,
    net::limits,
};

use super::Layout;

/// The entries of a layout's index by their subject.
#[derive(Default)]
pub(super) struct Scan {
    by_subject: HashMap<Digest, Vec<Descriptor>>,
    /// Entries that could not be read; any of them may refer to anything.
    unread: usize,
    /// Why, for the first of them.
    why: Option<String>,
    total: u64,
}

impl Scan {
    /// Reads every entry of the index.
    pub(super) fn of(layout: &Layout) -> Self {
        let mut scan = Self::default();
        let mut seen = BTreeSet::new();
        for entry in &layout.index.manifests {
            if seen.insert(&entry.digest) {
                scan.entry(layout, entry);
            }
        }
        scan
    }

    /// What refers to `subject`.
    pub(super) fn referrers(&self, subject: &Digest) -> &[Descriptor] {
        self.by_subject.get(subject).map_or(&[], Vec::as_slice)
    }

    /// Why what was found may not be all there is.
    pub(super) fn trouble(&self) -> Option<String> {
        let why = self.why.as_deref()?;
        Some(format!("{} entries cannot be read and may refer to it: {why}", self.unread))
    }

    /// Reads one entry. Its media type is only a claim, so what claims to be something else is
    /// read too; but only what claims to be a manifest must be one.
    fn entry(&mut self, layout: &Layout, entry: &Descriptor) {
        let claims = is_manifest(&entry.media_type);
        if self.total >= limits::LAYOUT_SCAN_BYTES {
            let limit = limits::bytes(limits::LAYOUT_SCAN_BYTES);
            return self.unreadable(format!("the manifests are over the limit of {limit}"));
        }
        let what = format!("manifest {}", entry.digest);
        let bytes = match layout.content(&entry.digest, &what, limits::MANIFEST_BYTES) {
            Ok(bytes) => bytes,
            // What is over a manifest's limit and does not claim to be one is none. The size that
            // the entry names is not asked: it may lie to hide a referrer.
            Err(RegistryError::TooLarge { .. }) if !claims => return,
            Err(error) => return self.unreadable(error.to_string()),
        };
        self.total += bytes.len() as u64;
        let manifest = match Manifest::parse(&bytes) {
            Ok(manifest) => manifest,
            Err(error) if claims => return self.unreadable(format!("{what}: {error}")),
            Err(_) => return,
        };
        let Some(subject) = manifest.subject() else { return };
        let descriptor = describe(entry, &manifest, bytes.len() as u64);
        self.by_subject.entry(subject.digest.clone()).or_default().push(descriptor);
    }

    fn unreadable(&mut self, why: String) {
        self.unread += 1;
        self.why.get_or_insert(why);
    }
}

/// What the Referrers API would say of a manifest: its own words and not those of the index,
/// which no digest covers.
fn describe(entry: &Descriptor, manifest: &Manifest, size: u64) -> Descriptor {
    let (kind, annotations) = match manifest {
        Manifest::Index(index) => (oci::INDEX, &index.annotations),
        Manifest::Image(image) => (oci::MANIFEST, &image.annotations),
    };
    let claimed = is_manifest(&entry.media_type);
    let media_type = if claimed { entry.media_type.clone() } else { kind.to_owned() };
    Descriptor {
        media_type,
        digest: entry.digest.clone(),
        size,
        artifact_type: manifest.artifact_type().map(str::to_owned),
        annotations: annotations.clone(),
        platform: None,
    }
}

fn is_manifest(media_type: &str) -> bool {
    [oci::INDEX, oci::MANIFEST, oci::DOCKER_LIST, oci::DOCKER_MANIFEST].contains(&media_type)
}
