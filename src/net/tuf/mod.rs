//! Trust roots over TUF: the metadata of a mirror, verified from a root that is at hand, and a
//! cache of it that is verified anew each time it is read.
//!
//! The verification is that of `sigstore-tuf`: thresholds, versions, expiry, lengths and hashes.
//! What is here is the world around it: requests with limits, the cache, and the difference
//! between "nobody answered" and "somebody answered what must not be believed".

mod cache;
mod mirror;
mod session;

use std::{path::PathBuf, sync::Arc, time::Duration};

use futures_util::future::BoxFuture;
use sigstore_tuf::{Error, Updater, UpdaterConfig};
use tokio::{task::spawn_blocking, time::timeout};

use crate::{
    domain::Timestamp,
    inspect::trust::{Ask, TrustRoots, TufError, TufRequest, TufRole, TufRoot},
    net::{content::foreign, limits, trace::Tracer},
};

use self::{
    cache::{Cache, Saved},
    mirror::{Mirror, NotReached},
    session::{Kept, Session},
};

/// The one target that is wanted.
const TARGET: &str = "trusted_root.json";

/// How long a confirmation of the mirror is good enough for another run. The public-good
/// timestamp holds for seven days, so a day is well within what its owners promise.
const DUE: Duration = Duration::from_secs(24 * 60 * 60);

/// What a program or a test may set.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The folder of the cache; `None` where this machine has none.
    pub cache: Option<PathBuf>,
    /// Whether requests may be made.
    pub requests: bool,
    /// Time for one refresh, all its requests together.
    pub time: Duration,
}

impl Settings {
    /// The user's cache folder.
    pub fn from_env(requests: bool) -> Self {
        let folders = directories::ProjectDirs::from("", "", "sigscope");
        let cache = folders.map(|folders| folders.cache_dir().join("tuf"));
        Self { cache, requests, time: limits::TUF_TIME }
    }
}

/// Whether `url` can be the address of a repository.
///
/// # Errors
/// In words, when it cannot.
pub fn check_url(url: &str) -> Result<(), String> {
    mirror::base(url).map(|_| ())
}

/// Fetches trust roots over TUF.
pub struct Tuf {
    settings: Settings,
    tracer: Tracer,
}

/// What one refresh or look into the cache gave.
struct Verified {
    document: Vec<u8>,
    roles: Vec<TufRole>,
}

impl Tuf {
    /// A client that has asked nobody.
    pub fn new(settings: Settings) -> Self {
        Self { settings, tracer: Tracer::default() }
    }

    /// The same, with every request recorded.
    #[must_use]
    pub fn traced(self, tracer: &Tracer) -> Self {
        Self { tracer: tracer.clone(), ..self }
    }

    async fn answer(&self, request: TufRequest<'_>) -> Result<TufRoot, TufError> {
        let cache = self.settings.cache.as_ref().map(|folder| Cache::of(folder, request.url));
        let mut warnings = vec![];
        let saved = match read(cache.clone()).await {
            Ok(saved) => saved,
            Err(why) if !self.may_ask(request.ask) => return Err(TufError::Refused(why)),
            Err(why) => {
                // What cannot be read holds no floor either: it is as if there were none.
                warnings.push(("tuf-cache", format!("{why}; it is made anew")));
                None
            }
        };
        let cached = match &saved {
            Some(saved) => Some(from_cache(saved, &request).await),
            None => None,
        };
        if let Some(Ok(root)) = &cached {
            let due = request.ask == Ask::Now || is_due(root.checked, request.now);
            if !due || !self.may_ask(request.ask) {
                return Ok(TufRoot { warnings, ..root.clone() });
            }
        }
        if !self.may_ask(request.ask) {
            return Err(match cached {
                Some(Err(error)) => of_cache(&error),
                _ => TufError::NothingCached("no request was made, and none was before".into()),
            });
        }
        let base = saved.unwrap_or_default();
        match self.refresh(&request, cache, base, &mut warnings).await {
            Err(TufError::Unreachable(why)) => match cached {
                Some(Ok(root)) => Ok(TufRoot { not_reached: Some(why), warnings, ..root }),
                _ => Err(TufError::Unreachable(why)),
            },
            Ok(found) => Ok(TufRoot { warnings, ..found }),
            Err(error) => Err(error),
        }
    }

    fn may_ask(&self, ask: Ask) -> bool {
        self.settings.requests && ask != Ask::CacheOnly
    }

    async fn refresh(
        &self,
        request: &TufRequest<'_>,
        cache: Option<Cache>,
        base: Saved,
        warnings: &mut Vec<(&'static str, String)>,
    ) -> Result<TufRoot, TufError> {
        let mirror = Mirror::new(request.url, self.tracer.clone()).map_err(TufError::Refused)?;
        let session = Arc::new(Session::over(base));
        let time = self.settings.time;
        let outcome = {
            let kept = Kept(Arc::clone(&session));
            let work = async {
                let updater = updater(mirror, request.start)?.with_store(kept);
                verified(updater, request.now).await
            };
            timeout(time, work).await
        };
        let outcome = match outcome {
            Ok(outcome) => outcome.map_err(|e| of_mirror(&e)),
            Err(_) => Err(TufError::Unreachable(format!("no answer within {time:?}"))),
        };
        // Also after a failure: TUF specification §5.4.5 and §5.5.6 persist each role once it is
        // verified, so that an older one is not taken afterwards.
        let complete = outcome.is_ok().then_some(request.now);
        if let Err(why) = write(cache, session.saved(complete)).await {
            warnings.push(("tuf-cache", why));
        }
        outcome.map(|found| root(found, request.now))
    }
}

impl TrustRoots for Tuf {
    fn fetch<'a>(&'a self, request: TufRequest<'a>) -> BoxFuture<'a, Result<TufRoot, TufError>> {
        Box::pin(self.answer(request))
    }
}

/// A clock that was set back must not make an old confirmation look like one of tomorrow.
fn is_due(checked: Timestamp, now: Timestamp) -> bool {
    let age = now.duration_since(checked);
    age.is_negative() || age.unsigned_abs() >= DUE
}

fn root(found: Verified, checked: Timestamp) -> TufRoot {
    TufRoot {
        document: found.document.into(),
        roles: found.roles,
        checked,
        not_reached: None,
        warnings: vec![],
    }
}

/// The whole chain again, from the root that is at hand to the target, out of the cache alone.
async fn from_cache(saved: &Saved, request: &TufRequest<'_>) -> Result<TufRoot, Error> {
    let updater = updater(session::Offline(saved.complete.clone()), request.start)?;
    let found = verified(updater, request.now).await?;
    Ok(root(found, saved.checked))
}

fn updater(
    repository: impl sigstore_tuf::Repository + 'static,
    start: &[u8],
) -> Result<Updater, Error> {
    let mut config = UpdaterConfig::default();
    config.target_max_length = limits::TUF_TARGET_BYTES;
    Ok(Updater::new(repository, start)?.with_config(config))
}

async fn verified(mut updater: Updater, now: Timestamp) -> Result<Verified, Error> {
    updater.refresh(now).await?;
    let document = updater.get_target(TARGET, now).await?;
    let trusted = updater.trusted();
    let root = trusted.root();
    let mut roles = vec![TufRole { name: "root", version: root.version, expires: root.expires }];
    if let Some(t) = trusted.timestamp() {
        roles.push(TufRole { name: "timestamp", version: t.version, expires: t.expires });
    }
    if let Some(s) = trusted.snapshot() {
        roles.push(TufRole { name: "snapshot", version: s.version, expires: s.expires });
    }
    if let Some(t) = trusted.targets_role("targets") {
        roles.push(TufRole { name: "targets", version: t.version, expires: t.expires });
    }
    Ok(Verified { document, roles })
}

/// What a failed refresh means: only "nobody answered" may lead to the built-in root.
fn of_mirror(error: &Error) -> TufError {
    if let Error::Transport { source: Some(source), .. } = error
        && let Some(NotReached(words)) = source.downcast_ref()
    {
        return TufError::Unreachable(words.clone());
    }
    TufError::Refused(words(error))
}

/// What a cache that cannot be used means, where no request may be made. One that has expired is
/// as good as none; one that does not verify was changed by somebody.
fn of_cache(error: &Error) -> TufError {
    match error {
        Error::Expired { role, expires } => TufError::NothingCached(format!(
            "no request was made, and the cached {role} metadata expired at {expires}"
        )),
        Error::Transport { .. } => TufError::NothingCached(format!(
            "no request was made, and the cache is not complete: {}",
            words(error)
        )),
        other => TufError::Refused(format!("in the cache: {}", words(other))),
    }
}

/// An error and its causes; the names in it are the mirror's words.
fn words(error: &dyn std::error::Error) -> String {
    let mut said = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        said.push_str(&format!(": {inner}"));
        cause = inner.source();
    }
    foreign(&said)
}

async fn read(cache: Option<Cache>) -> Result<Option<Saved>, String> {
    let Some(cache) = cache else { return Ok(None) };
    let crashed = |e: tokio::task::JoinError| format!("reading the TUF cache crashed: {e}");
    spawn_blocking(move || cache.read()).await.map_err(crashed)?
}

async fn write(cache: Option<Cache>, saved: Option<Saved>) -> Result<(), String> {
    let Some(saved) = saved else { return Ok(()) };
    let Some(cache) = cache else {
        return Err("this machine names no cache folder: TUF metadata is fetched each time".into());
    };
    let crashed = |e: tokio::task::JoinError| format!("writing the TUF cache crashed: {e}");
    spawn_blocking(move || cache.write(&saved)).await.map_err(crashed)?
}
