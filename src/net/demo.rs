//! The demonstration: a signed release of a publisher that does not exist, built into the program.
//!
//! Its images live under `demo.invalid` (RFC 2606: a name that never resolves), and its trust root
//! is given out here and nowhere else, so nothing of it can vouch for anything outside.

use std::{collections::BTreeMap, sync::Arc};

use futures_util::future::BoxFuture;
use include_dir::{Dir, include_dir};
use serde::Deserialize;

use crate::{
    domain::{Repository, oci::Descriptor, reference::Pointer},
    inspect::{
        CatalogPage, Fetched, Listing, Registry, RegistryError, Sought, TagPage, world::Progress,
    },
};

use super::{layout::Layout, registry::not_begun};

/// The host of everything in the demonstration.
pub const HOST: &str = "demo.invalid";

static FILES: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/assets/demo");
/// Repository and the folder that holds it.
const REPOSITORIES: [(&str, &str); 2] =
    [("lighthouse/beacon", "layout"), ("lighthouse/charts/beacon", "chart")];

/// Whom the demonstration demands as signer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DemoPolicy {
    /// Go's regular expression for the identity.
    pub identity_regexp: String,
    /// The OIDC issuer.
    pub issuer: String,
    /// The tag that is shown first.
    pub opening: String,
}

#[derive(Deserialize)]
struct Case {
    checks: Vec<Check>,
}

#[derive(Deserialize)]
struct Check {
    reference: String,
    identity_regexp: Option<String>,
    issuer: String,
}

/// The demonstration's own trust root, a `trusted_root.json`.
pub fn demo_root() -> Arc<[u8]> {
    Arc::from(include_bytes!("../../assets/demo/trusted_root.json").as_slice())
}

/// The demonstration's policy; nothing if what was built in is damaged, because an empty policy
/// would match everybody.
pub fn demo_policy() -> Option<DemoPolicy> {
    let case: Case = serde_json::from_slice(FILES.get_file("case.json")?.contents()).ok()?;
    case.checks.into_iter().find_map(|check| {
        let identity_regexp = check.identity_regexp.filter(|r| !r.is_empty())?;
        let opening = check.reference.rsplit(':').next().unwrap_or_default().to_owned();
        Some(DemoPolicy { identity_regexp, issuer: check.issuer, opening })
    })
}

/// The demonstration's registry. It asks no network, and knows nothing else.
pub fn demo_registry() -> Arc<dyn Registry> {
    let open = |(name, folder): (&'static str, &str)| {
        let what = format!("{HOST}/{name}");
        let missing =
            || RegistryError::Malformed { what: what.clone(), words: "not built in".to_owned() };
        let layout = FILES.get_dir(folder).ok_or_else(missing);
        (name, layout.and_then(|dir| Layout::embedded(dir, &what)))
    };
    Arc::new(DemoRegistry { layouts: REPOSITORIES.into_iter().map(open).collect() })
}

/// The registry of [`demo_registry`].
struct DemoRegistry {
    layouts: BTreeMap<&'static str, Result<Layout, RegistryError>>,
}

impl DemoRegistry {
    fn layout(&self, repository: &Repository) -> Result<&Layout, RegistryError> {
        let layout = match repository {
            Repository::Remote { host, path } if host == HOST => self.layouts.get(path.as_str()),
            _ => None,
        };
        let layout = layout.ok_or_else(|| {
            let names = REPOSITORIES.map(|(name, _)| format!("{HOST}/{name}"));
            let words = format!("the demo holds only {}", names.join(" and "));
            RegistryError::Malformed { what: repository.to_string(), words }
        })?;
        layout.as_ref().map_err(Clone::clone)
    }

    fn list(&self, repository: &Repository, list: impl FnOnce(&Layout) -> Listing) -> Listing {
        self.layout(repository).map_or_else(|error| not_begun(&error), list)
    }
}

// What is built in is small and in memory, so nothing here blocks for long.
impl Registry for DemoRegistry {
    fn manifest<'a>(
        &'a self,
        repository: &'a Repository,
        at: &'a Pointer,
    ) -> BoxFuture<'a, Result<Fetched, RegistryError>> {
        Box::pin(async move { self.layout(repository)?.manifest(at) })
    }

    fn referrers<'a>(&'a self, sought: &'a Sought) -> BoxFuture<'a, Listing> {
        let list = |layout: &Layout| layout.referrers(&sought.subject);
        Box::pin(async move { self.list(&sought.repository, list) })
    }

    fn legacy_tags<'a>(&'a self, sought: &'a Sought) -> BoxFuture<'a, Listing> {
        let list = |layout: &Layout| layout.legacy_tags(&sought.subject);
        Box::pin(async move { self.list(&sought.repository, list) })
    }

    fn blob<'a>(
        &'a self,
        repository: &'a Repository,
        blob: &'a Descriptor,
        limit: u64,
        progress: Progress<'a>,
    ) -> BoxFuture<'a, Result<Arc<[u8]>, RegistryError>> {
        Box::pin(async move {
            let bytes = self.layout(repository)?.blob(blob, limit)?;
            progress(bytes.len() as u64, Some(blob.size));
            Ok(bytes)
        })
    }

    fn tags<'a>(
        &'a self,
        repository: &'a Repository,
        _after: Option<&'a str>,
    ) -> BoxFuture<'a, Result<TagPage, RegistryError>> {
        Box::pin(async move { Ok(self.layout(repository)?.tags()) })
    }

    fn catalog<'a>(
        &'a self,
        host: &'a str,
        _after: Option<&'a str>,
    ) -> BoxFuture<'a, Result<CatalogPage, RegistryError>> {
        let paths = REPOSITORIES.iter().map(|(name, _)| (*name).to_owned());
        let answer = match host {
            HOST => Ok(CatalogPage { paths: paths.collect(), ..CatalogPage::default() }),
            _ => Err(RegistryError::Malformed {
                what: host.to_owned(),
                words: format!("the demo holds only {HOST}"),
            }),
        };
        Box::pin(std::future::ready(answer))
    }
}
