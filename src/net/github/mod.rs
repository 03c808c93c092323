//! GitHub's store of attestations over its REST API, read-only: the bundles that it keeps for the
//! digest of an artifact.
//!
//! What comes from here proves nothing by itself: every bundle is judged like any other, and what
//! GitHub says about it beside the bundle is not read. Only *absent* rests on GitHub's word.
//!
//! Source: GitHub REST API, "Artifact attestations"; gh `pkg/cmd/attestation/api/client.go`.

mod absence;
mod bundles;
mod host;
mod pages;
mod snappy;

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use futures_util::future::BoxFuture;
use reqwest::{Url, header::HeaderValue};
use serde::Deserialize;
use tokio::time::timeout;

use crate::{
    domain::{Digest, Verdict, github::Whose},
    inspect::{
        ListingNote, RegistryError,
        github::{Attestations, GitHub},
        world::Progress,
    },
};

use super::{
    content::foreign,
    limits::Limits,
    registry::{self, Answer, Ask, Place, Transport},
    trace::Tracer,
};

pub use host::{HostError, Settings};
use pages::{End, Pages};

/// The media type of GitHub's REST API.
const ACCEPT: &str = "application/vnd.github+json";

/// GitHub over HTTP.
pub struct HttpGitHub {
    transport: Transport,
    api: Url,
    authorization: Option<HeaderValue>,
    limit: usize,
}

/// An error of the API.
#[derive(Deserialize)]
struct Problem {
    message: String,
}

impl HttpGitHub {
    /// A client that has not spoken to anybody.
    pub fn new(settings: Settings) -> Self {
        let Settings { limits, api, authorization, limit } = settings;
        let transport = Transport::new(registry::Settings { limits, ..Default::default() });
        Self { transport, api, authorization, limit }
    }

    /// The same, with every request recorded.
    #[must_use]
    pub fn traced(self, tracer: &Tracer) -> Self {
        Self { transport: self.transport.traced(tracer.clone()), ..self }
    }

    const fn limits(&self) -> &Limits {
        self.transport.limits()
    }

    fn place(&self, whose: &Whose) -> Place {
        Place::of(self.api.clone(), &whose.to_string())
    }

    /// `{api}/a/b/c`; every piece is one path segment, so none can climb out.
    fn url(&self, pieces: &[&str]) -> Url {
        let mut url = self.api.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(pieces);
        }
        url
    }

    /// Asks the API, with the token that belongs to its host.
    async fn ask(
        &self,
        (place, url): (&Place, Url),
        what: &str,
        limit: u64,
        progress: Progress<'_>,
    ) -> Result<Answer, RegistryError> {
        let deadline = self.limits().answer;
        // A repository that was renamed redirects on its own host, and nowhere else.
        let elsewhere = false;
        let what = what.to_owned();
        let ask = Ask { place, url, what, accept: ACCEPT, limit, deadline, elsewhere };
        self.transport.get_as(&ask, self.authorization.as_ref(), progress).await
    }

    /// Lists, then fetches what is not in the list itself.
    async fn look(&self, whose: &Whose, digest: &Digest, progress: Progress<'_>) -> Attestations {
        let counted = Counted { progress, done: AtomicU64::new(0) };
        let mut pages = Pages::default();
        let list = pages::read(self, (whose, digest), &mut pages, &counted);
        let limit = self.limits().listing;
        let end = match timeout(limit, list).await {
            Ok(end) => end,
            Err(_) => End::Broken(format!("not listed to the end within {limit:?}")),
        };
        let (number, unreadable) = (pages.entries.len(), pages.unreadable);
        let mut stored = Attestations::default();
        stored.notes.push(self.note(whose, (end, number, unreadable)));
        let fetch = bundles::gather(self, pages.entries, &mut stored, &counted);
        if timeout(limit, fetch).await.is_err() {
            let words = format!("not all bundles were fetched within {limit:?}");
            stored.notes.push(self.undecided(whose, words));
        }
        stored
    }

    fn note(&self, whose: &Whose, (end, number, unreadable): (End, usize, usize)) -> ListingNote {
        let (verdict, answer) = match end {
            End::Broken(why) => (Verdict::Undecided, why),
            End::Complete if unreadable > 0 => {
                (Verdict::Undecided, format!("{unreadable} of its entries cannot be read"))
            }
            End::None(words) => (Verdict::Absent, words),
            End::Complete if number == 0 => {
                (Verdict::Absent, "no attestation of this digest".to_owned())
            }
            End::Complete => {
                let noun = if number == 1 { "attestation" } else { "attestations" };
                (Verdict::Proved, format!("{number} {noun}"))
            }
        };
        ListingNote { asked: self.asked(whose), verdict, answer }
    }

    fn undecided(&self, whose: &Whose, answer: String) -> ListingNote {
        ListingNote { asked: self.asked(whose), verdict: Verdict::Undecided, answer }
    }

    fn asked(&self, whose: &Whose) -> String {
        format!("{} of {whose}", self.api.host_str().unwrap_or_default())
    }
}

impl GitHub for HttpGitHub {
    fn attestations<'a>(
        &'a self,
        whose: &'a Whose,
        digest: &'a Digest,
        progress: Progress<'a>,
    ) -> BoxFuture<'a, Attestations> {
        Box::pin(self.look(whose, digest, progress))
    }
}

/// Bytes of several requests, counted together.
struct Counted<'a> {
    progress: Progress<'a>,
    done: AtomicU64,
}

impl Counted<'_> {
    /// The progress of one request.
    fn one(&self) -> impl Fn(u64, Option<u64>) + Send + Sync {
        let before = AtomicU64::new(0);
        move |bytes, _| {
            // A second try begins anew; its first bytes were counted already.
            let more = bytes.saturating_sub(before.fetch_max(bytes, Relaxed));
            let all = self.done.fetch_add(more, Relaxed) + more;
            (self.progress)(all, None);
        }
    }
}

/// The answer if it is a 200, else what went wrong.
///
/// # Errors
/// [`RegistryError`] by status; a 404 is [`RegistryError::Status`], because GitHub says it of
/// what is not there and of what it hides alike.
fn accept(answer: Answer, place: &Place, what: &str) -> Result<Answer, RegistryError> {
    let (host, what) = (place.host.clone(), what.to_owned());
    let status = answer.status.as_u16();
    let limited = rate_limit(&answer);
    match (status, limited) {
        (200, _) => Ok(answer),
        (403 | 429, Some(words)) => Err(RegistryError::Status { host, what, status, words }),
        (429, None) => Err(RegistryError::RateLimited {
            host,
            retry_after: answer.retry_after(),
            rate: registry::rate(&answer.headers),
        }),
        (401 | 403, None) => {
            Err(RegistryError::Denied { host, what, status, words: words(&answer) })
        }
        (300..=399, _) => {
            let words = "it redirects to where this is not followed".to_owned();
            Err(RegistryError::Status { host, what, status, words })
        }
        _ => Err(RegistryError::Status { host, what, status, words: words(&answer) }),
    }
}

/// What a used-up rate limit says of itself. GitHub answers 403 or 429, and names the second in
/// which a new hour begins.
///
/// Source: GitHub REST API, "Exceeding the rate limit".
fn rate_limit(answer: &Answer) -> Option<String> {
    let header = |name: &str| answer.headers.get(name)?.to_str().ok()?.trim().parse::<i64>().ok();
    if let Some(seconds) = answer.retry_after() {
        return Some(format!("the rate of requests is limited; it asks to wait {seconds} s"));
    }
    (header("x-ratelimit-remaining") == Some(0)).then(|| {
        let reset =
            header("x-ratelimit-reset").and_then(|at| jiff::Timestamp::from_second(at).ok());
        let until = reset.map_or_else(String::new, |at| format!(" until {at}"));
        format!("the rate limit is used up{until}; a token raises it")
    })
}

/// GitHub's own words.
fn words(answer: &Answer) -> String {
    match serde_json::from_slice::<Problem>(&answer.body) {
        Ok(problem) => foreign(&problem.message),
        Err(_) if answer.body.trim_ascii_start().starts_with(b"<") => "a web page".to_owned(),
        Err(_) => foreign(&String::from_utf8_lossy(&answer.body)),
    }
}
