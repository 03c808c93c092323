//! Reading the trust root: built in, from a file, or over TUF.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use super::MAX_ROOT_BYTES;
use crate::{
    domain::verdict::Answer,
    inspect::{
        Facts, Finding, RootFacts, RootSource, TufFacts, World,
        trust::{Ask, Mirror, TufError, TufRequest, TufRoot},
        world::AuthorityFiles,
    },
    verify::{
        pki::Pki,
        root::{BuiltIn, RootError, TrustRoot},
    },
};

/// The code of the warning that the built-in root judges because the mirror was not reached.
pub(crate) const FALLBACK: &str = "root-fallback";

pub(super) async fn run(source: &RootSource, ask: Ask, world: &World) -> Finding {
    match source {
        RootSource::OwnAuthorities { base, files } => {
            let found = plain(base, ask, world).await;
            own_authorities(found, files, world).await
        }
        source => plain(source, ask, world).await,
    }
}

/// The authorities of one's own in the place of those of `found`.
async fn own_authorities(found: Finding, files: &AuthorityFiles, world: &World) -> Finding {
    let Facts::Root(base) = &found.facts else { return found };
    let read = async |path: &PathBuf| {
        let bytes = world.files.read(path, MAX_ROOT_BYTES).await;
        bytes.map_err(|e| format!("{} cannot be read: {e}", path.display()))
    };
    let pki = async {
        match files {
            AuthorityFiles::Roots(roots, between) => {
                let roots = read(roots).await?;
                let between = match between {
                    Some(path) => Some(read(path).await?),
                    None => None,
                };
                Pki::from_roots(&roots, between.as_deref()).map_err(|e| e.to_string())
            }
            AuthorityFiles::Chain(path) => {
                Pki::from_chain(&read(path).await?).map_err(|e| e.to_string())
            }
        }
    };
    let grafted =
        pki.await.and_then(|pki| base.root.with_authorities(&pki).map_err(|e| e.to_string()));
    match grafted {
        Ok(root) => Finding {
            summary: root.summary(),
            facts: Facts::Root(RootFacts {
                root: Arc::new(root),
                others: vec![],
                tuf: base.tuf.clone(),
            }),
            ..found
        },
        Err(why) => Finding::new(Answer::Undecided, format!("certificate authorities: {why}")),
    }
}

async fn plain(source: &RootSource, ask: Ask, world: &World) -> Finding {
    match source {
        RootSource::OwnAuthorities { .. } => {
            Finding::new(Answer::Undecided, "own authorities cannot be nested")
        }
        RootSource::Embedded => built(TrustRoot::embedded().map(|root| vec![root])),
        RootSource::Demo(bytes) => {
            built(TrustRoot::parse(bytes, "demo", "demo").map(|root| vec![root]))
        }
        RootSource::File(path) => match read(path, world).await {
            Ok(bytes) => built(TrustRoot::parse_all(&bytes, &path.display().to_string(), "file")),
            Err(undecided) => undecided,
        },
        RootSource::Tuf { mirror, require_fresh } => {
            let start = match mirror {
                Mirror::Known(instance) => Arc::from(instance.tuf_start()),
                // TUF specification §5.2: without a root that was got in another way, whoever
                // answers first would say whom to trust.
                Mirror::Own { root, .. } => match read(root, world).await {
                    Ok(bytes) => bytes,
                    Err(undecided) => return undecided,
                },
            };
            let request = TufRequest { url: mirror.url(), start: &start, ask, now: (world.now)() };
            match world.roots.fetch(request).await {
                Ok(root) => over_tuf(mirror, root),
                Err(error) => without(mirror, &error, *require_fresh),
            }
        }
    }
}

async fn read(path: &Path, world: &World) -> Result<Arc<[u8]>, Finding> {
    world.files.read(path, MAX_ROOT_BYTES).await.map_err(|e| {
        let words = format!("the trust root {} cannot be read: {e}", path.display());
        Finding::new(Answer::Undecided, words)
    })
}

fn built(roots: Result<Vec<TrustRoot>, RootError>) -> Finding {
    let mut roots = match roots {
        Ok(roots) => roots.into_iter().map(Arc::new),
        Err(e) => return Finding::new(Answer::Undecided, e.to_string()),
    };
    let Some(root) = roots.next() else {
        return Finding::new(Answer::Undecided, "there is no trust root in the file");
    };
    let others: Vec<_> = roots.collect();
    let words = match others.len() {
        0 => root.summary(),
        more => {
            format!("{}; and {more} more: the one whose CA issued a leaf judges", root.summary())
        }
    };
    let facts = Facts::Root(RootFacts { root, others, tuf: None });
    Finding::new(Answer::Proved, words).with(facts)
}

fn over_tuf(mirror: &Mirror, fetched: TufRoot) -> Finding {
    let root = match TrustRoot::over_tuf(&fetched.document, mirror.name(), fetched.checked) {
        Ok(root) => Arc::new(root),
        Err(e) => return Finding::new(Answer::Undecided, e.to_string()),
    };
    let mut words = root.summary();
    if let Some(why) = &fetched.not_reached {
        words.push_str(&format!("; not reached today ({why}), its metadata has not expired"));
    }
    let (url, roles) = (mirror.url().to_owned(), fetched.roles);
    let tuf = Some(TufFacts { url, roles, checked: fetched.checked });
    let facts = Facts::Root(RootFacts { root, others: vec![], tuf });
    let finding = Finding::new(Answer::Proved, words).with(facts);
    Finding { warnings: fetched.warnings, ..finding }
}

/// What judges when nothing came over TUF.
///
/// Contract: the built-in root "is used only when the mirror cannot be reached", and says so.
/// Metadata that contradicts is another thing: whoever can forge an answer must not be able to
/// choose an older root by it.
fn without(mirror: &Mirror, error: &TufError, require_fresh: bool) -> Finding {
    let embedded = match (mirror, error) {
        (Mirror::Known(instance), TufError::Unreachable(_) | TufError::NothingCached(_)) => {
            *instance
        }
        _ => return refused(mirror, error),
    };
    if require_fresh {
        let words = format!(
            "{}: {error}; --require-fresh-root does not take the built-in root",
            mirror.name()
        );
        return Finding::new(Answer::Undecided, words);
    }
    let mut finding = built(TrustRoot::built_in(embedded).map(|root| vec![root]));
    match error {
        TufError::Unreachable(_) => finding.warnings.push(fallback(embedded, error)),
        // Nobody wanted a request: the row says what judges, and that is no warning.
        other => finding.summary.push_str(&format!("; {other}")),
    }
    finding
}

fn refused(mirror: &Mirror, error: &TufError) -> Finding {
    Finding::new(Answer::Undecided, format!("{}: {error}", mirror.url()))
}

fn fallback(instance: BuiltIn, error: &TufError) -> (&'static str, String) {
    let (url, date) = (instance.tuf_url(), instance.embedded_date());
    let words = format!(
        "{url}: {error}; the built-in trust root of {date} judges and may be stale: a log or CA \
         that it does not know may be a new one"
    );
    (FALLBACK, words)
}
