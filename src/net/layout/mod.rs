//! An OCI image layout as a registry: a folder, a tar file, or one that is built in.
//!
//! Source: OCI image specification 1.1, `image-layout.md`. A layout answers the same questions as
//! a registry, referrers included, and under the same law: a tag that is not there is "not
//! there"; a blob that is missing or wrong is an error, because the layout says that it has it.

mod scan;
mod source;
mod tarball;

use std::{
    path::Path,
    sync::{Arc, OnceLock},
};

use include_dir::Dir;
use serde::Deserialize;

use crate::{
    domain::{
        Digest, Tag, Verdict,
        oci::{Descriptor, Index, Manifest},
        reference::Pointer,
    },
    inspect::{Fetched, LegacyTags, Listing, RegistryError, Source as Through, TagPage},
};

use self::{
    scan::Scan,
    source::{Source, SourceError, blob_name},
};
use super::{
    content::{self, Arrived, foreign},
    limits,
    listing::{self, Builder},
};

/// The annotation that holds a tag: `annotations.md`.
const REF_NAME: &str = "org.opencontainers.image.ref.name";

/// `cosign save` writes an image and its legacy material without tags; this annotation says which
/// is which. Source: cosign `pkg/oci/layout/write.go`.
const SAVED_KIND: &str = "kind";
const SAVED: [(&str, &str); 2] =
    [("sig", "dev.cosignproject.cosign/sigs"), ("att", "dev.cosignproject.cosign/atts")];

/// A layout whose index was read. Its methods block.
pub struct Layout {
    source: Source,
    /// As it is called in errors.
    name: String,
    index: Index,
    scan: OnceLock<Scan>,
}

/// The `oci-layout` file.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Marker {
    image_layout_version: String,
}

impl Layout {
    /// Opens the folder or tar file at `path`.
    ///
    /// # Errors
    /// [`RegistryError`], never "not there": a layout that cannot be opened says nothing about
    /// what is in it.
    pub fn open(path: &Path) -> Result<Self, RegistryError> {
        let name = format!("oci:{}", path.display());
        let source = Source::open(path).map_err(|error| {
            let words = match error {
                SourceError::Missing => "there is no such folder or file".to_owned(),
                SourceError::TooLarge => "too large".to_owned(),
                SourceError::Broken(words) => words,
            };
            RegistryError::Unreachable { host: name.clone(), words }
        })?;
        Self::read(source, name)
    }

    /// Opens a folder that is built into the program.
    ///
    /// # Errors
    /// [`RegistryError`] when it is no layout.
    pub fn embedded(dir: &'static Dir<'static>, name: &str) -> Result<Self, RegistryError> {
        Self::read(Source::Embedded(dir), name.to_owned())
    }

    fn read(source: Source, name: String) -> Result<Self, RegistryError> {
        let malformed = |words: String| RegistryError::Malformed { what: name.clone(), words };
        let file = |file: &str, limit| {
            source.read(file, limit).map_err(|error| match error {
                SourceError::Missing => malformed(format!("not an OCI layout: it has no {file}")),
                SourceError::TooLarge => RegistryError::TooLarge {
                    what: format!("{file} of {name}"),
                    limit: limits::bytes(limit),
                },
                SourceError::Broken(words) => malformed(format!("{file}: {words}")),
            })
        };
        let marker: Marker = serde_json::from_slice(&file("oci-layout", limits::ERROR_BYTES)?)
            .map_err(|e| malformed(format!("oci-layout: {e}")))?;
        let version = &marker.image_layout_version;
        if !version.starts_with("1.") {
            return Err(malformed(format!("unknown layout version {}", foreign(version))));
        }
        let bytes = file("index.json", limits::LAYOUT_INDEX_BYTES)?;
        let index = match Manifest::parse(&bytes) {
            Ok(Manifest::Index(index)) => index,
            Ok(Manifest::Image(_)) => return Err(malformed("index.json is an image".to_owned())),
            Err(error) => return Err(malformed(format!("index.json: {error}"))),
        };
        Ok(Self { source, name, index, scan: OnceLock::new() })
    }

    /// The manifest behind a tag or digest, hashed.
    ///
    /// # Errors
    /// [`RegistryError::NotFound`] for a tag that is not there; any other error is undecided.
    pub fn manifest(&self, at: &Pointer) -> Result<Fetched, RegistryError> {
        let digest = match at {
            Pointer::Digest(digest) => digest,
            Pointer::Tag(tag) => self.resolve(tag)?,
        };
        let what = format!("manifest {digest} of {}", self.name);
        let bytes = self.content(digest, &what, limits::MANIFEST_BYTES)?;
        let entry = self.index.manifests.iter().find(|d| d.digest == *digest);
        content::fetched(Arrived {
            what: &what,
            bytes,
            want: Some(digest),
            media_type: entry.map(|d| d.media_type.as_str()),
            named: None,
        })
    }

    /// A blob of at most `limit` bytes, hashed.
    ///
    /// # Errors
    /// [`RegistryError`], by case.
    pub fn blob(&self, blob: &Descriptor, limit: u64) -> Result<Arc<[u8]>, RegistryError> {
        let what = format!("blob {} of {}", blob.digest, self.name);
        let bytes = self.content(&blob.digest, &what, limit)?;
        content::blob(&what, bytes, blob)
    }

    /// All tags, in the order of the index.
    pub fn tags(&self) -> TagPage {
        let mut page = TagPage::default();
        for name in self.index.manifests.iter().filter_map(|d| d.annotations.get(REF_NAME)) {
            match tag_of(name) {
                Some(tag) if page.tags.contains(&tag) => {}
                Some(tag) => page.tags.push(tag),
                None => page.odd.push(name.clone()),
            }
        }
        page
    }

    /// What refers to `subject`: entries of the index with a `subject`, and the fallback tag.
    pub fn referrers(&self, subject: &Digest) -> Listing {
        let scan = self.scan.get_or_init(|| Scan::of(self));
        let mut listing = Builder::default();
        let found = scan.referrers(subject);
        let number = found.len();
        let all = listing.extend(found.iter().cloned(), Through::Referrer, limits::REFERRERS);
        let (verdict, answer) = match scan.trouble() {
            Some(trouble) => (Verdict::Undecided, trouble),
            None if !all => {
                (Verdict::Undecided, format!("more than {} referrers", limits::REFERRERS))
            }
            None if number == 0 => (Verdict::Absent, "none".to_owned()),
            None => (Verdict::Proved, format!("{number} with this subject")),
        };
        listing.note("index.json", verdict, answer);
        if let Some(tag) = listing::fallback_tag(subject) {
            listing.fallback(subject, self.manifest(&Pointer::Tag(tag)), limits::REFERRERS);
        }
        listing.finish()
    }

    /// cosign's `.sig`, `.att` and `.sbom` tags of `subject`, and what `cosign save` put beside it.
    pub fn legacy_tags(&self, subject: &Digest) -> Listing {
        let mut listing = Builder::default();
        let tags =
            LegacyTags::All.suffixes().iter().filter_map(|s| listing::legacy_tag(subject, s));
        for tag in tags {
            let got = self.manifest(&Pointer::Tag(tag.clone()));
            listing.legacy(format!("tag {tag}"), tag, got);
        }
        // Of which image they are is not said: each piece is judged over the digest that was asked
        // for, and one that names another is refuted.
        for (suffix, kind) in SAVED {
            let saved = |d: &&Descriptor| d.annotations.get(SAVED_KIND).is_some_and(|k| k == kind);
            for entry in self.index.manifests.iter().filter(saved).take(limits::REFERRERS) {
                let got = self.manifest(&Pointer::Digest(entry.digest.clone()));
                if let Some(tag) = listing::legacy_tag(subject, suffix) {
                    listing.legacy(format!("cosign save's {kind}"), tag, got);
                }
            }
        }
        listing.finish_legacy()
    }

    /// The digest behind a tag. Two entries may carry one tag if they are the same content; if
    /// not, nobody can say which is meant.
    fn resolve(&self, tag: &Tag) -> Result<&Digest, RegistryError> {
        let what = || format!("tag {tag} of {}", self.name);
        let named = |d: &&Descriptor| {
            d.annotations.get(REF_NAME).and_then(|n| tag_of(n)).as_ref() == Some(tag)
        };
        let mut entries = self.index.manifests.iter().filter(named);
        let first = entries.next().ok_or_else(|| RegistryError::NotFound { what: what() })?;
        match entries.find(|other| other.digest != first.digest) {
            None => Ok(&first.digest),
            Some(other) => {
                let words = format!("names both {} and {}", first.digest, other.digest);
                Err(RegistryError::Malformed { what: what(), words })
            }
        }
    }

    /// Reads what a digest names, and hashes it.
    fn content(&self, digest: &Digest, what: &str, limit: u64) -> Result<Vec<u8>, RegistryError> {
        let malformed = |words: String| RegistryError::Malformed { what: what.to_owned(), words };
        let bytes = self.source.read(&blob_name(digest), limit).map_err(|error| match error {
            SourceError::Missing => malformed(format!("the layout lacks blob {digest}")),
            SourceError::Broken(words) => malformed(words),
            SourceError::TooLarge => {
                RegistryError::TooLarge { what: what.to_owned(), limit: limits::bytes(limit) }
            }
        })?;
        if digest.matches(&bytes) {
            return Ok(bytes);
        }
        let got = Digest::of(digest.algorithm(), &bytes);
        Err(RegistryError::DigestMismatch { want: digest.clone(), got })
    }
}

/// The tag in a `ref.name`: all of it, or for a full name what follows the last colon. A name with
/// a digest holds no tag, and a port is none.
fn tag_of(name: &str) -> Option<Tag> {
    let full = name.rsplit_once(':').filter(|_| !name.contains('@'));
    Tag::parse(full.map_or(name, |(_, tag)| tag)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ref_name_is_a_tag_or_ends_in_one() {
        for (name, tag) in [
            ("4.0.0", Some("4.0.0")),
            ("ghcr.io/enix/x:4.0.0", Some("4.0.0")),
            ("localhost:5000/x:v1", Some("v1")),
            ("localhost:5000/x", None),
            ("ghcr.io/enix/x", None),
            ("x:1", Some("1")),
            ("x@sha256:0123", None),
            ("a b", None),
            ("", None),
            ("../../etc/passwd", None),
        ] {
            assert_eq!(tag_of(name).as_ref().map(Tag::as_str), tag, "{name}");
        }
    }
}
