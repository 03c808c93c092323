//! The checks: what each kind of [`Work`] does to find out what it is asked.
//!
//! A check cannot fail: what could not be learnt is an undecided [`Finding`] that says why.

mod anchors;
mod artifact;
mod chart;
mod evidence;
mod folder;
mod key;
mod layer;
mod list;
mod listing;
mod log;
mod piece;
mod placing;
mod platform;
mod resolve;
mod root;
mod sbom;
mod stated;
mod under;

use tokio::sync::mpsc::Sender;

use super::{Ask, Event, Finding, Planned, RegistryError, RootSource, Work, World, github, nested};
use crate::domain::verdict::Answer;

/// The most bytes of one bundle: an attested SBOM of 100,000 components is about 160 MB.
const MAX_BUNDLE_BYTES: u64 = 256 << 20;
/// The most bytes of one image config.
const MAX_CONFIG_BYTES: u64 = 4 << 20;
/// The most bytes of one packed chart; Helm's own limit for a release is 1 MiB.
const MAX_CHART_BYTES: u64 = 16 << 20;
/// The most bytes of one trust root.
const MAX_ROOT_BYTES: u64 = 4 << 20;
/// The most bytes of a public key.
const MAX_KEY_BYTES: u64 = 64 << 10;
/// Files up to this many bytes are kept in memory, for keys that sign bytes and not digests.
const MAX_KEPT_BYTES: u64 = 64 << 20;

/// Reads a trust root outside of an inspection.
pub async fn look_up_root(source: &RootSource, ask: Ask, world: &World) -> Finding {
    root::run(source, ask, world).await
}

/// Runs one check to its finding.
pub(super) async fn run(planned: &Planned, world: &World, out: &Sender<Event>) -> Finding {
    let progress = |bytes, total| {
        let check = planned.id.clone();
        // Progress may be lost: the row then lags, and the finding is not touched.
        let _ = out.try_send(Event::Progress { check, bytes, total });
    };
    let told = || sbom::Told::new(planned.id.clone(), out.clone());
    match &planned.work {
        Work::TrustRoot(source) => root::run(source, Ask::WhenDue, world).await,
        Work::Keys(paths) => key::run(paths, world).await,
        Work::Resolve(reference, platform) => {
            resolve::run(reference, platform.as_ref(), world).await
        }
        Work::ReadPinned(reference, platform) => {
            resolve::pinned(reference, platform.as_ref(), world).await
        }
        Work::HashFile(path) => artifact::hash(path, world, &progress).await,
        Work::GivenDigest(digest) => artifact::given(digest),
        Work::Tag(repository, tag, digest) => resolve::tag(repository, tag, digest, world).await,
        Work::Referrers(sought) => listing::referrers(sought, world).await,
        Work::LegacyTags(sought) => listing::legacy(sought, world).await,
        Work::Nested(sought, legacy) => listing::nested(sought, *legacy, world).await,
        Work::Referrer(repository, referrer, judging) => {
            let judged = piece::referrer(repository, referrer, judging, (world, &progress)).await;
            nested::told(planned.id.kind, judged)
        }
        Work::BundleFile(path, judging) => piece::file(path, judging, world).await,
        Work::GitHub(whose, digest) => {
            github::finding(whose, world.github.attestations(whose, digest, &progress).await)
        }
        Work::Stored(bundle, judging) => piece::stored(bundle, judging, world).await,
        Work::Detached(signature, certificate, judging) => {
            evidence::detached((signature, certificate.as_deref()), judging, world).await
        }
        Work::Folder(path) => folder::run(path, world, &progress).await,
        Work::List(work) => list::run(work, world, &progress).await,
        Work::Evidence(paired, judging) => evidence::run(paired, judging, world).await,
        Work::LookUp(found, judging) => log::run(found, judging, world).await,
        Work::Layer(path, manifest) => layer::run(path, manifest, world, &progress).await,
        Work::Told(finding) => (**finding).clone(),
        Work::Sbom(found, resolved, allowance) => {
            sbom::run(found, resolved.as_deref(), allowance, told()).await
        }
        Work::Document(path) => sbom::file(path, world, told()).await,
        Work::Chart(repository, layer) => chart::run(repository, layer, (world, &progress)).await,
        Work::Platform(repository, descriptor, known) => {
            platform::run(repository, descriptor, known.clone(), world).await
        }
    }
}

/// A failure of the registry as a finding: only a plain "not there" is an answer.
impl From<RegistryError> for Finding {
    fn from(error: RegistryError) -> Self {
        Self::new(Answer::from(error.verdict()), error.to_string())
    }
}

/// Runs heavy work off the event loop; a panic in it ends the check, and only the check.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    match tokio::task::spawn_blocking(work).await {
        Ok(value) => value,
        Err(e) => std::panic::resume_unwind(e.into_panic()),
    }
}
