//! Token servers: the token protocol of the distribution project, by GET with a password or
//! nobody's, and by POST with a refresh token (RFC 6749).
//!
//! Sources: distribution `docs/content/spec/auth/token.md` and `oauth.md`; RFC 6749 §6.

use std::time::Duration;

use reqwest::{Url, header::HeaderValue};
use serde::Deserialize;
use serde_json::Value;
use tokio::time::timeout;

use crate::{
    inspect::RegistryError,
    net::{content::foreign, limits},
};

use super::{
    answer::Answer,
    auth::{basic, secret},
    challenge::Challenge,
    failure::Failure,
    hidden::Hidden,
    keyring::Found,
    transport::{Ask, Sending, Transport},
};

/// How the program names itself to a server of RFC 6749.
const CLIENT: &str = "sigscope";

/// A token that was given.
pub(super) struct Given {
    /// `Bearer …`.
    pub(super) header: HeaderValue,
    /// How long it holds.
    pub(super) lasts: Duration,
    /// What to exchange for the next one, if the server changed it.
    pub(super) refresh: Option<String>,
}

/// What a token server answers; `token` and `access_token` are the same by its protocol.
#[derive(Deserialize)]
struct Issued {
    token: Option<String>,
    access_token: Option<String>,
    // A number, if the server follows the protocol; how long it holds is a hint and no evidence.
    expires_in: Option<Value>,
    refresh_token: Option<String>,
}

/// Asks the token server that the registry named in `challenge`.
///
/// # Errors
/// [`RegistryError`] when there is no token.
pub(super) async fn fetch(
    transport: &Transport,
    ask: &Ask<'_>,
    challenge: &Challenge,
    found: &Found,
) -> Result<Given, RegistryError> {
    let realm = realm(transport, ask, challenge, found)?;
    let mut found = found.clone();
    let mut answer = None;
    if let Some(identity) = found.secrets.identity.clone() {
        let form = form(ask, challenge, &identity);
        let exchanged = send(transport, (ask, realm.clone()), None, Some(form)).await?;
        // "Not all token servers implement oauth2. If the request to the endpoint returns 404
        // using the HTTP POST method, refer to Token Documentation for using the HTTP GET method
        // supported by all token servers." The identity token stays here: a server that does not
        // know it would write it into the log of its users' names.
        if matches!(exchanged.status.as_u16(), 404 | 405) {
            let words = "the token server takes no identity token".to_owned();
            found.trouble = found.trouble.or(Some(words));
        } else {
            answer = Some(exchanged);
        }
    }
    let answer = match answer {
        Some(answer) => answer,
        None => {
            let pair = found.secrets.basic.as_deref();
            let credentials = pair.map(|pair| basic(pair, ask)).transpose()?;
            let url = with_query(ask, challenge, realm.clone());
            send(transport, (ask, url), credentials.as_ref(), None).await?
        }
    };
    if answer.status.as_u16() != 200 {
        return Err(refused(answer, ask, &realm, &found));
    }
    read(&answer, ask)
}

fn read(answer: &Answer, ask: &Ask<'_>) -> Result<Given, RegistryError> {
    // serde_json would repeat a string that stands where a number should; that may be the token.
    let token: Issued = serde_json::from_slice(&answer.body).map_err(|e| {
        malformed(ask, format!("its answer is not a token: {:?} error", e.classify()))
    })?;
    let text = token.token.or(token.access_token).filter(|t| !t.is_empty());
    let text = text.ok_or_else(|| malformed(ask, "its answer holds no token"))?;
    // "expires_in: … If omitted, this defaults to 60 seconds." What is no duration is none either.
    let seconds = token.expires_in.as_ref().and_then(Value::as_f64);
    let seconds = seconds.filter(|s| *s > 0.0).unwrap_or(60.0);
    let lasts = Duration::try_from_secs_f64(seconds).unwrap_or(limits::TOKEN_KEPT);
    Ok(Given {
        header: secret(&format!("Bearer {text}"), ask)?,
        lasts: lasts.min(limits::TOKEN_KEPT),
        refresh: token.refresh_token.filter(|t| !t.is_empty()),
    })
}

/// The address of the token server. It is the registry's word: it may be another host, but never
/// in plain HTTP, where a password could be read on the way, and never further inside.
fn realm(
    transport: &Transport,
    ask: &Ask<'_>,
    challenge: &Challenge,
    found: &Found,
) -> Result<Url, RegistryError> {
    let named = challenge.get("realm").unwrap_or_default();
    // It may be named after a password was sent, and repeat it.
    let shown = || foreign(&hidden(found).cut(named));
    let url =
        Url::parse(named).map_err(|e| malformed(ask, format!("{} is no address: {e}", shown())))?;
    if transport.may_reach(ask.place, &url) {
        return Ok(url);
    }
    let why = match url.scheme() {
        _ if !url.username().is_empty() || url.password().is_some() => "holds a password",
        "https" => "lies within this machine or a private network",
        _ => "is not HTTPS",
    };
    Err(malformed(ask, format!("{} {why}; nothing was sent to it", shown())))
}

/// What is asked for: the scope that the registry names, else to read this repository.
fn scope(ask: &Ask<'_>, challenge: &Challenge) -> String {
    let named = challenge.get("scope").filter(|s| !s.is_empty());
    named.map_or_else(|| ask.place.scope(), str::to_owned)
}

fn with_query(ask: &Ask<'_>, challenge: &Challenge, mut url: Url) -> Url {
    let mut query = url.query_pairs_mut();
    if let Some(service) = challenge.get("service") {
        query.append_pair("service", service);
    }
    query.append_pair("scope", &scope(ask, challenge));
    drop(query);
    url
}

/// RFC 6749 §6: `grant_type`, `refresh_token`, `scope`, with the `service` of the distribution
/// project.
fn form(ask: &Ask<'_>, challenge: &Challenge, identity: &str) -> String {
    // The query of a URL is written as a form is.
    let mut form = Url::parse("form:").ok();
    if let Some(url) = &mut form {
        let mut pairs = url.query_pairs_mut();
        pairs.append_pair("grant_type", "refresh_token").append_pair("client_id", CLIENT);
        if let Some(service) = challenge.get("service") {
            pairs.append_pair("service", service);
        }
        pairs.append_pair("scope", &scope(ask, challenge)).append_pair("refresh_token", identity);
    }
    form.and_then(|url| url.query().map(str::to_owned)).unwrap_or_default()
}

/// Sends a token request, and again while the server is busy. No redirects: it may carry a
/// password.
async fn send(
    transport: &Transport,
    (ask, url): (&Ask<'_>, Url),
    credentials: Option<&HeaderValue>,
    form: Option<String>,
) -> Result<Answer, RegistryError> {
    let server = server(&url);
    let token_ask = Ask {
        place: ask.place,
        url,
        what: format!("a token for {}", ask.place.path),
        accept: "application/json",
        limit: limits::TOKEN_BYTES,
        deadline: transport.limits().answer,
        elsewhere: false,
    };
    let form = form.as_deref();
    let attempt = || attempt(transport, &token_ask, Sending { authorization: credentials, form });
    transport.persist((&server, &format!("token {server}")), attempt).await
}

async fn attempt(
    transport: &Transport,
    ask: &Ask<'_>,
    sending: Sending<'_>,
) -> Result<Answer, Failure> {
    let get = async {
        let response = transport.send(ask, ask.url.clone(), sending).await?;
        transport.read(ask, response, &|_, _| ()).await
    };
    let late = |_| Failure::Silent("the token server did not answer in time".into());
    timeout(ask.deadline, get).await.map_err(late)?
}

fn server(url: &Url) -> String {
    foreign(url.host_str().unwrap_or_default())
}

/// What no server may repeat of what we have for it.
fn hidden(found: &Found) -> Hidden {
    let secrets = &found.secrets;
    let all = Hidden::default().and(secrets.basic.as_deref()).and(secrets.identity.as_deref());
    all.and(secrets.token.as_deref())
}

/// What a token server's refusal means: no access, or no answer.
fn refused(mut answer: Answer, ask: &Ask<'_>, realm: &Url, found: &Found) -> RegistryError {
    answer.hidden = hidden(found);
    let identity = found.secrets.identity.as_deref();
    let (status, server) = (answer.status.as_u16(), server(realm));
    let trouble = found.trouble.as_ref().map_or_else(String::new, |t| format!(" ({})", foreign(t)));
    let words = format!("token server {server}: {}{trouble}", answer.words());
    let (host, what) = (ask.place.host.clone(), ask.what.clone());
    match status {
        // RFC 6749 §5.2: a refresh token that is no good is a 400.
        400 if identity.is_some() => RegistryError::Denied { host, what, status, words },
        401 | 403 => RegistryError::Denied { host, what, status, words },
        429 => RegistryError::RateLimited {
            host: server,
            retry_after: answer.retry_after(),
            rate: super::busy::rate(&answer.headers),
        },
        _ => RegistryError::Status { host, what, status, words },
    }
}

fn malformed(ask: &Ask<'_>, words: impl Into<String>) -> RegistryError {
    let what = format!("the token server of {}", ask.place.host);
    RegistryError::Malformed { what, words: words.into() }
}
