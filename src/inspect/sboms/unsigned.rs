//! SBOMs that nobody signed: cosign's `.sbom` tags, referrers that hold one whatever they call
//! themselves, statements that BuildKit left in an index. Every one is read: what only the second
//! says is in the release all the same. Asked where nobody whose word holds attests one.
//!
//! Source: cosign `specs/SBOM_SPEC.md`; OCI distribution specification 1.1, "Referrers"; BuildKit
//! `docs/attestations/attestation-storage.md`.

use std::{collections::BTreeSet, sync::Arc};

use tokio::{
    sync::{Semaphore, SemaphorePermit},
    task::spawn_blocking,
};

use crate::{
    domain::{
        Digest, Repository, Verdict,
        attached::{AttachedKind, Attachment, Part, is_attestation_entry},
        oci::{Descriptor, Image, Manifest},
        reference::Pointer,
        sbom::{Sbom, SbomError, Source, is_sbom_type},
        statement::Statement,
    },
    inspect::{CheckKind, Facts, Inspection, LegacyTags, RegistryError, Sought, World},
};

/// The most bytes of one document: those of a bundle that would carry it.
const MAX_BYTES: u64 = 256 << 20;
/// The most carriers that are opened, and the most documents that are tried.
const MAX_TRIED: usize = 50;
/// Once those that were read have so many bytes, no other one of the artifact is read.
const MAX_READ: usize = 256 << 20;
/// A document that is larger, or packed, is read alone.
const LARGE: usize = 8 << 20;
/// Whoever has read a large one holds this until it is let go of: four releases that are asked at
/// once would else take four times the memory of the largest.
static ONE_LARGE: Semaphore = Semaphore::const_new(1);

/// A document that nobody signed.
#[derive(Clone, Debug)]
pub struct Lone {
    /// The document.
    pub sbom: Arc<Sbom>,
    /// The manifest that carries it.
    pub carrier: Digest,
    /// What carries it, in words.
    pub place: &'static str,
    /// The platform that the carrier is about, where it says so.
    pub platform: Option<String>,
}

/// What was found. Nothing is there where both are empty.
#[derive(Debug, Default)]
pub struct Unsigned {
    /// Those that can be read.
    pub documents: Vec<Lone>,
    /// Why there may be another one.
    pub unread: Option<String>,
    /// Held while one of them is large.
    pub room: Option<SemaphorePermit<'static>>,
}

/// A manifest that may carry one.
struct Carrier {
    repository: Repository,
    digest: Digest,
    place: &'static str,
    platform: Option<String>,
    /// Whether it says that what it carries is an SBOM.
    says: bool,
}

/// What a layer is.
enum Read {
    Document(Box<Sbom>),
    /// Surely no SBOM.
    Other,
    /// It may be one: why it could not be read.
    Failed(String),
}

/// Looks where SBOMs lie unsigned.
pub async fn unsigned(seen: &Inspection, world: &World) -> Unsigned {
    let (carriers, unread) = carriers(seen, world).await;
    let mut found = Unsigned { unread, ..Unsigned::default() };
    let (mut tried, mut bytes) = (BTreeSet::new(), 0_usize);
    for (number, carrier) in carriers.iter().enumerate() {
        if number >= MAX_TRIED {
            let more = carriers.len().saturating_sub(number);
            found.doubt(format!("{more} more that nobody signed were not looked at"));
            break;
        }
        let layers = match layers(carrier, world).await {
            Ok(layers) => layers,
            Err(e) => {
                found.doubt(format!("{}: {e}", carrier.digest.short()));
                continue;
            }
        };
        for (layer, says) in layers {
            // The same bytes under two names say the same.
            if tried.contains(&(layer.digest.clone(), carrier.platform.clone())) {
                continue;
            }
            if tried.len() >= MAX_TRIED || bytes >= MAX_READ {
                found.doubt("there are more that nobody signed than are read".to_owned());
                return found;
            }
            tried.insert((layer.digest.clone(), carrier.platform.clone()));
            match read((&carrier.repository, &layer, says), world, &mut found.room).await {
                Read::Document(sbom) => {
                    bytes = bytes.saturating_add(sbom.source().bytes().len());
                    found.documents.push(carrier.of(*sbom));
                }
                Read::Other => {}
                Read::Failed(why) => {
                    found.doubt(format!("{} {}: {why}", carrier.place, carrier.digest.short()));
                }
            }
        }
    }
    found
}

impl Unsigned {
    /// The first reason is the one that is told.
    fn doubt(&mut self, why: String) {
        self.unread.get_or_insert(why);
    }
}

impl Carrier {
    fn of(&self, sbom: Sbom) -> Lone {
        let (carrier, platform) = (self.digest.clone(), self.platform.clone());
        Lone { sbom: Arc::new(sbom), carrier, place: self.place, platform }
    }
}

/// Every manifest that may carry one, those first that say so, and why there may be more.
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
        let open = listing.notes.iter().find(|n| n.verdict == Verdict::Undecided);
        unread = open.map(|note| format!("{}: {}", note.asked, note.answer));
    }
    let tagged = listing.found.iter().filter(|r| {
        r.tag.as_ref().is_some_and(|tag| tag.as_str().rsplit('.').next() == Some("sbom"))
    });
    let carrier = |repository: &Repository, digest: &Digest, place, says| Carrier {
        repository: repository.clone(),
        digest: digest.clone(),
        place,
        platform: None,
        says,
    };
    let place = "a legacy .sbom tag";
    all.extend(tagged.map(|r| carrier(&sought.repository, &r.descriptor.digest, place, true)));
    for (id, finding) in seen.findings(CheckKind::Piece) {
        let Some(digest) = &id.subject else { continue };
        let says = match &finding.facts {
            Facts::OtherReferrer(kind) => says_sbom(kind),
            Facts::Attachment(one) if one.kind == AttachedKind::BuildKit => true,
            _ => continue,
        };
        all.push(carrier(&sought.repository, digest, "an unsigned referrer", says));
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
            let carrier = carrier(&reference.repository, &entry.digest, place, true);
            all.push(Carrier { platform, ..carrier });
        }
    }
    all.sort_by_key(|carrier| !carrier.says);
    (all, unread)
}

/// Whether a type is that of an SBOM. Nobody registered most of those that are used.
fn says_sbom(media_type: &str) -> bool {
    let kind = media_type.to_ascii_lowercase();
    ["spdx", "cyclonedx", "syft", "sbom"].iter().any(|word| kind.contains(word))
}

/// Whether what has that type could be one as well: a document, not a layer of a file system.
fn could_be(media_type: &str) -> bool {
    let kind = media_type.to_ascii_lowercase();
    kind != "application/vnd.oci.empty.v1+json"
        && ["json", "xml", "text/", "in-toto", "octet-stream"].iter().any(|w| kind.contains(w))
}

/// The layers of a carrier that may be an SBOM, and whether they say so.
async fn layers(carrier: &Carrier, world: &World) -> Result<Vec<(Descriptor, bool)>, String> {
    let at = Pointer::Digest(carrier.digest.clone());
    let fetched = world.registry.manifest(&carrier.repository, &at).await;
    let fetched = fetched.map_err(|e: RegistryError| e.to_string())?;
    let image = match Manifest::parse(&fetched.bytes).map_err(|e| e.to_string())? {
        Manifest::Image(image) => image,
        Manifest::Index(_) if carrier.says => return Err("an index, not a document".to_owned()),
        Manifest::Index(_) => return Ok(vec![]),
    };
    let each = image.layers.iter().filter_map(|layer| {
        let says = may_be(carrier, &image, layer)?;
        Some((layer.clone(), says))
    });
    Ok(each.collect())
}

/// Whether a layer may be an SBOM, and then whether it says so. BuildKit's manifests hold provenance
/// too, and mostly say which layer is which; else its statement does.
fn may_be(carrier: &Carrier, image: &Image, layer: &Descriptor) -> Option<bool> {
    let known = Attachment::of_referrer(image);
    let build_kit = carrier.place.ends_with("BuildKit")
        || known.is_some_and(|known| known.kind == AttachedKind::BuildKit);
    match Part::predicate_type_of(layer) {
        Some(predicate_type) if build_kit => is_sbom_type(&predicate_type).then_some(true),
        None if build_kit => could_be(&layer.media_type).then_some(false),
        _ if carrier.says || says_sbom(&layer.media_type) => Some(true),
        _ => could_be(&layer.media_type).then_some(false),
    }
}

async fn read(
    (repository, layer, says): (&Repository, &Descriptor, bool),
    world: &World,
    room: &mut Option<SemaphorePermit<'static>>,
) -> Read {
    let bytes = match world.registry.blob(repository, layer, MAX_BYTES, &|_, _| ()).await {
        Ok(bytes) => bytes,
        Err(e) => return Read::Failed(e.to_string()),
    };
    // By content: gzip (RFC 1952) begins so, and what is in it may be a hundred times as large.
    if room.is_none() && (bytes.len() > LARGE || bytes.starts_with(&[0x1f, 0x8b])) {
        *room = ONE_LARGE.acquire().await.ok();
    }
    let parsed = spawn_blocking(move || parse(&bytes, says)).await;
    parsed.unwrap_or_else(|e| Read::Failed(e.to_string()))
}

/// By content; whoever says that something is an SBOM must be wrong by more than its first bytes.
fn parse(bytes: &[u8], says: bool) -> Read {
    let (parsed, says) = match Statement::parse(bytes) {
        Ok(statement) if !is_sbom_type(&statement.predicate_type) => return Read::Other,
        Ok(Statement { predicate: Some(predicate), .. }) => {
            (Sbom::parse(Source::from(predicate)), true)
        }
        _ => (Sbom::parse(Source::from(bytes)), says),
    };
    match parsed {
        Ok(sbom) => Read::Document(Box::new(sbom)),
        Err(SbomError::NotAnSbom(_)) if !says => Read::Other,
        Err(e) => Read::Failed(e.to_string()),
    }
}
