//! A TUF mirror over HTTP: every answer has a limit of bytes, and a redirect stays on its host.

use reqwest::{Client, Response, StatusCode, Url, header::LOCATION};
use sigstore_tuf::{Error, Repository, transport::FetchFuture};

use crate::net::{
    limits,
    registry::{is_loopback, words},
    trace::{Begin, Tracer},
};

/// Nobody answered, or said "later".
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(super) struct NotReached(pub(super) String);

fn not_reached(words: impl Into<String>) -> Error {
    let words = words.into();
    Error::transport_with_source(words.clone(), NotReached(words))
}

/// The mirror at one address: metadata beside it, targets under `targets/`.
pub(super) struct Mirror {
    base: Url,
    client: Client,
    tracer: Tracer,
}

impl Mirror {
    /// A mirror that was not asked anything.
    ///
    /// # Errors
    /// In words, for an address that is none.
    pub(super) fn new(url: &str, tracer: Tracer) -> Result<Self, String> {
        let base = base(url)?;
        let builder = Client::builder()
            .user_agent(concat!("sigscope/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(limits::TUF_CONNECT)
            .redirect(reqwest::redirect::Policy::none())
            .referer(false);
        // A proxy of the environment is for the network, not for this machine.
        let local = base.host_str().is_some_and(is_loopback);
        let builder = if local { builder.no_proxy() } else { builder.https_only(true) };
        Ok(Self { base, client: builder.build().map_err(|e| words(&e))?, tracer })
    }

    /// GETs one file; `None` where there is none.
    async fn get(&self, path: &str, limit: u64) -> Result<Option<Vec<u8>>, Error> {
        let mut url = self
            .base
            .join(path)
            .ok()
            .filter(|url| self.is_here(url) && url.path().starts_with(self.base.path()))
            .ok_or_else(|| Error::transport(format!("{path} lies outside of the repository")))?;
        for _ in 0..=limits::REDIRECTS {
            let of = url.host_str().unwrap_or_default();
            let begin = Begin { method: "GET", url: &url, purpose: "the trust root", of };
            let mut open = self.tracer.begin(&begin);
            let response = match self.client.get(url.clone()).send().await {
                Ok(response) => response,
                Err(error) => {
                    let error = failed(error, path);
                    open.end(Err(error.to_string()));
                    return Err(error);
                }
            };
            let status = response.status();
            tracing::debug!(host = of, path = url.path(), status = status.as_u16(), "GET");
            open.head(status, None);
            if !status.is_redirection() {
                let read = body(response, path, limit).await;
                let bytes = read.as_ref().map(|b| b.as_ref().map_or(0, Vec::len));
                open.end(bytes.map_err(ToString::to_string));
                return read;
            }
            url = self.next(&response, &url, path)?;
        }
        Err(Error::transport(format!("{path}: more than {} redirects", limits::REDIRECTS)))
    }

    /// A redirect may lead to another path, never to another host: the address that somebody wrote
    /// down is the one that learns what is verified here.
    fn next(&self, response: &Response, from: &Url, path: &str) -> Result<Url, Error> {
        let location = response.headers().get(LOCATION).and_then(|value| value.to_str().ok());
        let target = location.and_then(|location| from.join(location).ok());
        match target {
            Some(target) if self.is_here(&target) => Ok(target),
            Some(target) => {
                let host = target.host_str().unwrap_or_default();
                Err(Error::transport(format!("{path}: a redirect to {host} is not followed")))
            }
            None => Err(Error::transport(format!("{path}: a redirect to nowhere"))),
        }
    }

    fn is_here(&self, url: &Url) -> bool {
        url.origin() == self.base.origin()
    }
}

/// The address of a repository, with a slash at its end.
///
/// # Errors
/// In words, for one that is not taken.
pub(super) fn base(url: &str) -> Result<Url, String> {
    let parsed = Url::parse(&format!("{}/", url.trim_end_matches('/')));
    let base = parsed.map_err(|e| format!("{url} is no address: {e}"))?;
    let local = base.host_str().is_some_and(is_loopback);
    match base.scheme() {
        "https" => {}
        "http" if local => {}
        // The metadata is signed, but what somebody verifies is nobody's business.
        _ => return Err(format!("{url}: only https, or http on this machine")),
    }
    if !base.username().is_empty() || base.password().is_some() {
        return Err("the address of a repository takes no name and no password".into());
    }
    if url.contains(['?', '#']) {
        return Err(format!("{url}: the address of a repository has no query and no fragment"));
    }
    Ok(base)
}

fn failed(error: reqwest::Error, path: &str) -> Error {
    not_reached(format!("{path}: {}", words(&error.without_url())))
}

async fn body(mut response: Response, path: &str, limit: u64) -> Result<Option<Vec<u8>>, Error> {
    let status = response.status();
    match status {
        StatusCode::NOT_FOUND => return Ok(None),
        // An object store says 403 of what is not there when nobody may list it; of a file that
        // must be there it is the word of whoever stands between.
        StatusCode::FORBIDDEN if path.ends_with(".root.json") => return Ok(None),
        status if is_not_the_mirrors_word(status) => {
            return Err(not_reached(format!("{path}: the answer was {status}")));
        }
        status if !status.is_success() => {
            return Err(Error::transport(format!("{path}: the answer was {status}")));
        }
        _ => {}
    }
    let over = || Error::transport(format!("{path} is over the limit of {}", limits::bytes(limit)));
    if response.content_length().is_some_and(|length| length > limit) {
        return Err(over());
    }
    let mut bytes = vec![];
    while let Some(chunk) = response.chunk().await.map_err(|e| failed(e, path))? {
        if (bytes.len() + chunk.len()) as u64 > limit {
            return Err(over());
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(Some(bytes))
}

/// Busy, down, or somebody between who lets nobody through.
fn is_not_the_mirrors_word(status: StatusCode) -> bool {
    status.is_server_error() || matches!(status.as_u16(), 401 | 403 | 407 | 408 | 429)
}

impl Repository for Mirror {
    fn fetch_metadata<'a>(&'a self, name: &'a str, max_length: u64) -> FetchFuture<'a> {
        Box::pin(self.get(name, max_length))
    }

    fn fetch_target<'a>(&'a self, path: &'a str, max_length: u64) -> FetchFuture<'a> {
        Box::pin(async move { self.get(&format!("targets/{path}"), max_length).await })
    }
}
