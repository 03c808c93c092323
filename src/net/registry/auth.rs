//! Authorization: Basic (RFC 7617) and Bearer tokens (RFC 6750), anonymous or with credentials of
//! the user.
//!
//! Nothing is sent before a registry asks for it, and a token is held for one repository of one
//! host only.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use base64::{Engine, engine::general_purpose::STANDARD};
use reqwest::header::HeaderValue;
use tokio::{sync::Mutex as Turn, time::Instant};

use crate::{
    inspect::RegistryError,
    net::{content::foreign, limits},
};

use super::{
    Settings,
    address::Place,
    answer::Answer,
    challenge::{Challenge, challenges},
    keyring::{Found, Keyring},
    token,
    transport::{Ask, Transport},
};

/// What is held for one repository; the lock is the single flight: of many requests that were
/// refused at once, one asks the token server and the others wait for it.
type Held = Arc<Turn<Kept>>;

/// The last authorization that was had, and how to have another.
#[derive(Default)]
struct Kept {
    header: Option<HeaderValue>,
    /// Until when it holds, where that is known.
    until: Option<Instant>,
    /// Who gave it: the challenge of the registry.
    challenge: Option<Challenge>,
    /// What a token server wants to see instead of our identity token next time, and which one:
    /// what one of them gave out is for no other that a later challenge names.
    refresh: Option<(String, String)>,
    /// Why it may be nobody's: credentials that could not be used.
    trouble: Option<String>,
}

/// Credentials and tokens.
pub(super) struct Auth {
    keyring: Keyring,
    held: Mutex<HashMap<(String, String), Held>>,
}

impl Auth {
    /// Holds nothing yet.
    pub(super) fn new(settings: &Settings) -> Self {
        Self { keyring: Keyring::new(settings), held: Mutex::default() }
    }

    /// The header for the next request, if there is one by now. One that ends is renewed first:
    /// sixteen requests with an old token would be sixteen refusals.
    pub(super) async fn current(
        &self,
        transport: &Transport,
        ask: &Ask<'_>,
    ) -> Option<HeaderValue> {
        let held = self.held(ask.place);
        let mut held = held.lock().await;
        if held.until.is_some_and(|until| Instant::now() >= until) {
            held.header = None;
            held.until = None;
            if let Some(challenge) = held.challenge.take() {
                let found = self.keyring.find(&ask.place.host, &ask.place.path).await;
                // Without a token the registry asks for one, and what went wrong is told then.
                let _ = obtain(transport, ask, challenge, &found, &mut held).await;
            }
        }
        held.header.clone()
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
        if held.header.is_some() && held.header.as_ref() != refused {
            return Ok(held.header.clone());
        }
        *held = Kept { refresh: held.refresh.take(), ..Kept::default() };
        let mut found = self.keyring.find(&ask.place.host, &ask.place.path).await;
        let asked = challenges(&refusal.headers);
        let by_password = asked.iter().any(|c| c.is("basic"));
        let bearer = asked.into_iter().find(|c| c.is("bearer") && c.get("realm").is_some());
        match (bearer, found.secrets.basic.as_deref()) {
            (Some(challenge), _) => obtain(transport, ask, challenge, &found, &mut held).await?,
            (None, Some(pair)) if by_password => held.header = Some(basic(pair, ask)?),
            (None, _) if !found.secrets.is_empty() => {
                let words = "the credentials for it are of a kind that it does not take";
                found.trouble = found.trouble.or_else(|| Some(words.to_owned()));
            }
            (None, _) => {}
        }
        if held.header.is_none() || held.header.as_ref() == refused {
            *held = Kept::default();
            // The 401 stands; if there are credentials that could not be used, that is why.
            return found.trouble.map_or(Ok(None), |trouble| Err(denied(ask, refusal, &trouble)));
        }
        Ok(held.header.clone())
    }

    /// Why the authorization that is held may not be enough: with nobody's token a private
    /// repository is "denied", and the helper that could not be run is why.
    pub(super) async fn trouble(&self, place: &Place) -> Option<String> {
        self.held(place).lock().await.trouble.clone()
    }

    fn held(&self, place: &Place) -> Held {
        let mut all = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(all.entry((place.host.clone(), place.path.clone())).or_default())
    }
}

/// Has a token from the server that `challenge` names, and keeps it.
async fn obtain(
    transport: &Transport,
    ask: &Ask<'_>,
    challenge: Challenge,
    found: &Found,
    held: &mut Kept,
) -> Result<(), RegistryError> {
    if let Some(token) = &found.secrets.token {
        held.header = Some(secret(&format!("Bearer {token}"), ask)?);
        return Ok(());
    }
    let mut found = found.clone();
    let realm = challenge.get("realm").unwrap_or_default().to_owned();
    // Taken: if it is refused, the next time begins with our own again.
    let changed = held.refresh.take().filter(|(from, _)| *from == realm);
    let changed = changed.filter(|_| found.secrets.identity.is_some());
    found.secrets.identity = changed.map(|(_, token)| token).or(found.secrets.identity);
    let given = token::fetch(transport, ask, &challenge, &found).await?;
    held.header = Some(given.header);
    held.until = Instant::now().checked_add(given.lasts.saturating_sub(limits::TOKEN_SLACK));
    held.challenge = Some(challenge);
    held.refresh = given.refresh.or(found.secrets.identity).map(|token| (realm, token));
    held.trouble.clone_from(&found.trouble);
    Ok(())
}

fn denied(ask: &Ask<'_>, refusal: &Answer, more: &str) -> RegistryError {
    RegistryError::Denied {
        host: ask.place.host.clone(),
        what: ask.what.clone(),
        status: refusal.status.as_u16(),
        words: format!("{} ({})", refusal.words(), foreign(more)),
    }
}

/// `Basic …` for `user:password`.
///
/// # Errors
/// [`RegistryError::Malformed`] for what no header may hold.
pub(super) fn basic(pair: &str, ask: &Ask<'_>) -> Result<HeaderValue, RegistryError> {
    secret(&format!("Basic {}", STANDARD.encode(pair)), ask)
}

/// A header that no log shows.
///
/// # Errors
/// [`RegistryError::Malformed`] for what no header may hold.
pub(super) fn secret(text: &str, ask: &Ask<'_>) -> Result<HeaderValue, RegistryError> {
    let mut value = HeaderValue::from_str(text).map_err(|e| RegistryError::Malformed {
        what: format!("the token server of {}", ask.place.host),
        words: format!("its token cannot stand in a header: {e}"),
    })?;
    value.set_sensitive(true);
    Ok(value)
}
