//! Authorization: Basic (RFC 7617) and Bearer tokens (RFC 6750, and the token protocol of the
//! distribution project), anonymous or with credentials of docker's configuration.
//!
//! Nothing is sent before a registry asks for it, and a token is held for one repository of one
//! host only.

use std::{
    collections::HashMap,
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
};

use base64::{Engine, engine::general_purpose::STANDARD};
use reqwest::{Url, header::HeaderValue};
use serde::Deserialize;
use tokio::{
    sync::{Mutex as Turn, OnceCell},
    time::timeout,
};

use crate::{
    inspect::RegistryError,
    net::{content::foreign, limits},
};

use super::{
    address::Place,
    answer::Answer,
    challenge::{Challenge, challenges},
    credentials::{Credentials, Found},
    transport::{Ask, Failure, Transport},
};

/// What is held for one repository; the lock is the single flight: of many requests that were
/// refused at once, one asks the token server and the others wait for it.
type Held = Arc<Turn<Option<HeaderValue>>>;

/// Credentials and tokens.
pub(super) struct Auth {
    config: Option<PathBuf>,
    credentials: OnceCell<Credentials>,
    held: Mutex<HashMap<(String, String), Held>>,
}

/// What a token server answers; `token` and `access_token` are the same by its protocol.
#[derive(Deserialize)]
struct Token {
    token: Option<String>,
    access_token: Option<String>,
}

impl Auth {
    /// Holds nothing yet; `config` is docker's `config.json`.
    pub(super) fn new(config: Option<PathBuf>) -> Self {
        Self { config, credentials: OnceCell::new(), held: Mutex::default() }
    }

    /// The header for the next request, if there is one by now.
    pub(super) async fn current(&self, place: &Place) -> Option<HeaderValue> {
        self.held(place).lock().await.clone()
    }

    /// A header that was not refused yet, or nothing where there is none to be had.
    ///
    /// # Errors
    /// [`RegistryError`] when the token server gives no token.
    pub(super) async fn renew(
        &self,
        transport: &Transport,
        ask: &Ask<'_>,
        refusal: &Answer,
        refused: Option<&HeaderValue>,
    ) -> Result<Option<HeaderValue>, RegistryError> {
        let held = self.held(ask.place);
        let mut held = held.lock().await;
        if held.is_some() && held.as_ref() != refused {
            return Ok(held.clone());
        }
        *held = None;
        let found = self.found(&ask.place.host).await;
        let asked = challenges(&refusal.headers);
        let bearer = asked.iter().find(|c| c.is("bearer") && c.get("realm").is_some());
        let fresh = match bearer {
            Some(challenge) => Some(fetch(transport, ask, challenge, &found).await?),
            None if asked.iter().any(|c| c.is("basic")) => {
                found.basic.as_deref().map(|pair| basic(pair, ask)).transpose()?
            }
            None => None,
        };
        let fresh = fresh.filter(|fresh| Some(fresh) != refused);
        if fresh.is_none() {
            // The 401 stands; if there are credentials that could not be used, that is why.
            return found.trouble.map_or(Ok(None), |trouble| Err(denied(ask, refusal, &trouble)));
        }
        held.clone_from(&fresh);
        Ok(fresh)
    }

    async fn found(&self, host: &str) -> Found {
        let config = self.config.clone();
        let read = || async move {
            let Some(path) = config else { return Credentials::default() };
            let read = tokio::task::spawn_blocking(move || Credentials::read(&path));
            read.await.unwrap_or_default()
        };
        self.credentials.get_or_init(read).await.of(host)
    }

    fn held(&self, place: &Place) -> Held {
        let mut all = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(all.entry((place.host.clone(), place.path.clone())).or_default())
    }
}

fn denied(ask: &Ask<'_>, refusal: &Answer, more: &str) -> RegistryError {
    RegistryError::Denied {
        host: ask.place.host.clone(),
        what: ask.what.clone(),
        status: refusal.status.as_u16(),
        words: format!("{} ({})", refusal.words(), foreign(more)),
    }
}

fn malformed(ask: &Ask<'_>, words: impl Into<String>) -> RegistryError {
    let what = format!("the token server of {}", ask.place.host);
    RegistryError::Malformed { what, words: words.into() }
}

fn basic(pair: &str, ask: &Ask<'_>) -> Result<HeaderValue, RegistryError> {
    secret(&format!("Basic {}", STANDARD.encode(pair)), ask)
}

/// A header value that no log prints. A token comes from outside: one with a line break in it is
/// an error and neither a second header nor a panic.
fn secret(text: &str, ask: &Ask<'_>) -> Result<HeaderValue, RegistryError> {
    let mut value = HeaderValue::from_str(text)
        .map_err(|e| malformed(ask, format!("its token cannot stand in a header: {e}")))?;
    value.set_sensitive(true);
    Ok(value)
}

/// Asks the token server that the registry named.
async fn fetch(
    transport: &Transport,
    ask: &Ask<'_>,
    challenge: &Challenge,
    found: &Found,
) -> Result<HeaderValue, RegistryError> {
    let url = realm(ask, challenge)?;
    let credentials = found.basic.as_deref().map(|pair| basic(pair, ask)).transpose()?;
    let server = foreign(url.host_str().unwrap_or_default());
    let token_ask = Ask {
        place: ask.place,
        url,
        what: format!("a token for {}", ask.place.path),
        accept: "application/json",
        limit: limits::TOKEN_BYTES,
        deadline: transport.limits().answer,
        elsewhere: false,
    };
    let attempt = || attempt(transport, &token_ask, credentials.as_ref());
    let answer = transport.persist((&server, &format!("token {server}")), attempt).await?;
    if answer.status.as_u16() != 200 {
        return Err(refused(&answer, ask, &server, found));
    }
    let token: Token = serde_json::from_slice(&answer.body)
        .map_err(|e| malformed(ask, format!("its answer is not a token: {e}")))?;
    let token = token.token.or(token.access_token).filter(|t| !t.is_empty());
    let token = token.ok_or_else(|| malformed(ask, "its answer holds no token"))?;
    secret(&format!("Bearer {token}"), ask)
}

/// One try at a token. No redirects: this request may carry a password.
async fn attempt(
    transport: &Transport,
    ask: &Ask<'_>,
    credentials: Option<&HeaderValue>,
) -> Result<Answer, Failure> {
    let get = async {
        let response = transport.send(ask, ask.url.clone(), credentials).await?;
        transport.read(ask, response, &|_, _| ()).await
    };
    let late = |_| Failure::Silent("the token server did not answer in time".into());
    timeout(ask.deadline, get).await.map_err(late)?
}

/// The address of the token request. The realm is the registry's word: it may be another host,
/// but never in plain HTTP, where a password could be read on the way.
fn realm(ask: &Ask<'_>, challenge: &Challenge) -> Result<Url, RegistryError> {
    let named = challenge.get("realm").unwrap_or_default();
    let mut url = Url::parse(named)
        .map_err(|e| malformed(ask, format!("{} is no address: {e}", foreign(named))))?;
    if !ask.place.may_reach(&url) {
        let words = format!("{} is not HTTPS; nothing was sent to it", foreign(named));
        return Err(malformed(ask, words));
    }
    let own = format!("repository:{}:pull", ask.place.path);
    let scope = challenge.get("scope").filter(|s| !s.is_empty()).unwrap_or(&own);
    let mut query = url.query_pairs_mut();
    if let Some(service) = challenge.get("service") {
        query.append_pair("service", service);
    }
    query.append_pair("scope", scope);
    drop(query);
    Ok(url)
}

/// What a token server's refusal means: no access, or no answer.
fn refused(answer: &Answer, ask: &Ask<'_>, server: &str, found: &Found) -> RegistryError {
    let status = answer.status.as_u16();
    let trouble = found.trouble.as_ref().map_or_else(String::new, |t| format!(" ({t})"));
    let words = format!("token server {server}: {}{trouble}", answer.words());
    let (host, what) = (ask.place.host.clone(), ask.what.clone());
    match status {
        401 | 403 => RegistryError::Denied { host, what, status, words },
        429 => RegistryError::RateLimited {
            host: server.to_owned(),
            retry_after: answer.retry_after(),
        },
        _ => RegistryError::Status { host, what, status, words },
    }
}
