//! SBOMs that nobody signed: cosign's `.sbom` tags, referrers of an SBOM's media type, statements
//! that BuildKit left in an index. Read only where nobody is demanded and nothing is attested.
//!
//! Source: cosign `specs/SBOM_SPEC.md`; OCI distribution specification 1.1, "Referrers"; BuildKit
//! `docs/attestations/attestation-storage.md`.

use std::sync::Arc;

use tokio::task::spawn_blocking;

use crate::{
    domain::{
        Digest, Repository,
        attached::{AttachedKind, Attachment, Part, is_attestation_entry},
        oci::{Descriptor, Image, Manifest},
        reference::Pointer,
        sbom::{Sbom, Source, is_sbom_type},
        statement::Statement,
    },
    inspect::{CheckKind, Facts, Inspection, LegacyTags, RegistryError, Sought, World},
};

/// The most bytes of one document: those of a bundle that would carry it.
const MAX_BYTES: u64 = 256 << 20;
/// The most documents that are tried.
const MAX_TRIED: usize = 20;

/// What was found.
#[derive(Clone, Debug)]
pub enum Unsigned {
    /// Nothing is there.
    Nothing,
    /// The first that can be read.
    Found {
        /// The document.
        sbom: Arc<Sbom>,
        /// The manifest that carries it.
        carrier: Digest,
        /// What carries it, in words.
        place: &'static str,
        /// The platform that the carrier is about, where it says so.
        platform: Option<String>,
        /// Others that were not read; why one could not be read is the second.
        others: (usize, Option<String>),
    },
    /// Something is or may be there, and could not be read: why.
    Unread(String),
}

/// A manifest that may carry one.
struct Carrier {
    repository: Repository,
    digest: Digest,
    place: &'static str,
    platform: Option<String>,
}

/// Looks where SBOMs lie unsigned.
pub async fn unsigned(seen: &Inspection, world: &World) -> Unsigned {
    let (carriers, mut unread) = carriers(seen, world).await;
    let mut documents = vec![];
    for carrier in carriers {
        match layers(&carrier, world).await {
            Ok(layers) => {
                documents.extend(layers.into_iter().map(|layer| (layer, carrier.about())));
            }
            Err(e) => {
                unread.get_or_insert_with(|| format!("{}: {e}", carrier.digest.short()));
            }
        }
    }
    let all = documents.len();
    for (layer, (repository, carrier, place, platform)) in documents.into_iter().take(MAX_TRIED) {
        match read(&repository, &layer, world).await {
            Ok(sbom) => {
                let others = (all.saturating_sub(1), unread);
                return Unsigned::Found { sbom: Arc::new(sbom), carrier, place, platform, others };
            }
            Err(why) => {
                unread.get_or_insert_with(|| format!("{place} {}: {why}", carrier.short()));
            }
        }
    }
    unread.map_or(Unsigned::Nothing, Unsigned::Unread)
}

impl Carrier {
    fn about(&self) -> (Repository, Digest, &'static str, Option<String>) {
        (self.repository.clone(), self.digest.clone(), self.place, self.platform.clone())
    }
}

/// Every manifest that may carry one, and why there may be more.
async fn carriers(seen: &Inspection, world: &World) -> (Vec<Carrier>, Option<String>) {
    let (mut all, mut unread) = (vec![], None);
    let Some((reference, resolved)) = seen.subject.reference().zip(seen.resolved()) else {
        return (all, unread);
    };
    let digest = &resolved.fetched.descriptor.digest;
    // A verdict needs no `.sbom` tag, so that one was not asked for yet.
    let sought = Sought { tags: LegacyTags::All, ..seen.sought(&reference.repository, digest) };
    let listing = world.registry.legacy_tags(&sought).await;
    if !listing.complete() {
        let open = listing.notes.iter().find(|n| n.verdict == crate::domain::Verdict::Undecided);
        unread = open.map(|note| format!("{}: {}", note.asked, note.answer));
    }
    let tagged = listing.found.iter().filter(|r| {
        r.tag.as_ref().is_some_and(|tag| tag.as_str().rsplit('.').next() == Some("sbom"))
    });
    let carrier = |repository: &Repository, digest: &Digest, place| Carrier {
        repository: repository.clone(),
        digest: digest.clone(),
        place,
        platform: None,
    };
    all.extend(
        tagged.map(|r| carrier(&sought.repository, &r.descriptor.digest, "a legacy .sbom tag")),
    );
    for (id, finding) in seen.findings(CheckKind::Piece) {
        let (Facts::OtherReferrer(kind), Some(digest)) = (&finding.facts, &id.subject) else {
            continue;
        };
        let kind = kind.to_ascii_lowercase();
        if ["spdx", "cyclonedx"].iter().any(|word| kind.contains(word)) {
            all.push(carrier(&sought.repository, digest, "an unsigned referrer"));
        }
    }
    if let Manifest::Index(index) = &resolved.manifest {
        for entry in index.manifests.iter().filter(|entry| is_attestation_entry(entry)) {
            let about = entry.annotations.get("vnd.docker.reference.digest");
            let child = index
                .manifests
                .iter()
                .find(|c| Some(&c.digest.to_string()) == about.as_ref().copied());
            let platform = child.and_then(|c| c.platform.as_ref()).map(ToString::to_string);
            let place = "a statement by BuildKit";
            all.push(Carrier { platform, ..carrier(&reference.repository, &entry.digest, place) });
        }
    }
    (all, unread)
}

/// The layers of a carrier that may be an SBOM.
async fn layers(carrier: &Carrier, world: &World) -> Result<Vec<Descriptor>, String> {
    let at = Pointer::Digest(carrier.digest.clone());
    let fetched = world.registry.manifest(&carrier.repository, &at).await;
    let fetched = fetched.map_err(|e: RegistryError| e.to_string())?;
    let Manifest::Image(image) = Manifest::parse(&fetched.bytes).map_err(|e| e.to_string())? else {
        return Err("an index, not a document".to_owned());
    };
    Ok(image.layers.iter().filter(|layer| may_be(carrier, &image, layer)).cloned().collect())
}

/// BuildKit's manifests hold provenance too, and say which layer is which.
fn may_be(carrier: &Carrier, image: &Image, layer: &Descriptor) -> bool {
    let known = Attachment::of_referrer(image);
    let build_kit = carrier.place.ends_with("BuildKit")
        || known.is_some_and(|known| known.kind == AttachedKind::BuildKit);
    !build_kit
        || Part::predicate_type_of(layer)
            .is_some_and(|predicate_type| is_sbom_type(&predicate_type))
}

async fn read(repository: &Repository, layer: &Descriptor, world: &World) -> Result<Sbom, String> {
    let blob = world.registry.blob(repository, layer, MAX_BYTES, &|_, _| ()).await;
    let bytes = blob.map_err(|e| e.to_string())?;
    let parsed = spawn_blocking(move || {
        let statement = Statement::parse(&bytes).ok().and_then(|statement| statement.predicate);
        Sbom::parse(statement.map_or_else(|| Source::from(&*bytes), Source::from))
    });
    parsed.await.map_err(|e| e.to_string())?.map_err(|e| e.to_string())
}
