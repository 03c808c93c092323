//! One GET: deadlines, byte limits, redirects, retries and the token dance. Nothing else of this
//! program speaks HTTP.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use reqwest::{
    Response, StatusCode, Url,
    header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderValue, LOCATION},
};
use tokio::time::timeout;

use crate::{
    inspect::{RegistryError, world::Progress},
    net::{
        limits::{self, Limits},
        trace::{self, Tracer},
    },
};

use super::{
    Settings,
    address::Place,
    answer::Answer,
    auth::Auth,
    busy::{random, stretched},
    clients::Clients,
    failure::{Failure, failure, over},
    gate::Gate,
    hidden::Hidden,
    large::Large,
    sent::Sent,
    zone::Zone,
};

/// One thing to get.
pub(in crate::net) struct Ask<'a> {
    /// Of which repository.
    pub(in crate::net) place: &'a Place,
    /// From where.
    pub(in crate::net) url: Url,
    /// In words, for errors.
    pub(in crate::net) what: String,
    /// `Accept`.
    pub(in crate::net) accept: &'static str,
    /// The most bytes of a 200's body.
    pub(in crate::net) limit: u64,
    /// The time for one try.
    pub(in crate::net) deadline: Duration,
    /// Whether a redirect may lead to another host: blobs lie on storage servers, and are hashed.
    pub(in crate::net) elsewhere: bool,
}

/// What goes with a request beside its address.
#[derive(Clone, Copy, Default)]
pub(super) struct Sending<'a> {
    /// `Authorization`.
    pub(super) authorization: Option<&'a HeaderValue>,
    /// A form, which is posted; nothing else of this program is.
    pub(super) form: Option<&'a str>,
}

/// The HTTP clients and what is shared between requests.
pub(in crate::net) struct Transport {
    limits: Limits,
    auth: Auth,
    clients: Clients,
    gates: Mutex<HashMap<String, Arc<Gate>>>,
    large: Large,
    pub(super) tracer: Tracer,
}

impl Transport {
    /// A transport that has not spoken to anybody.
    pub(in crate::net) fn new(settings: Settings) -> Self {
        let auth = Auth::new(&settings);
        let clients = Clients::new(&settings.limits, settings.authorities);
        let (limits, tracer, large) = (settings.limits, Tracer::default(), Large::default());
        Self { limits, auth, clients, gates: Mutex::default(), large, tracer }
    }

    /// Where `place` lies, as far as it was seen.
    pub(in crate::net) fn home(&self, place: &Place) -> Zone {
        self.clients.home(place)
    }

    /// Whether something of `place` may be fetched from `url`.
    pub(in crate::net) fn may_reach(&self, place: &Place, url: &Url) -> bool {
        place.may_reach(url, self.home(place))
    }

    /// The limits it was made with.
    pub(in crate::net) const fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Gets `ask` with whatever authorization the registry wants. Any status is an answer; after
    /// the last try also one that says "busy".
    ///
    /// # Errors
    /// [`RegistryError`] when there is no answer, or one over its limit.
    pub(super) async fn get(
        &self,
        ask: &Ask<'_>,
        progress: Progress<'_>,
    ) -> Result<Answer, RegistryError> {
        let gate = self.gate(&ask.place.host);
        let _turn = gate.turn().await;
        let host = &ask.place.host;
        Box::pin(self.persist((host, host), || self.authorized(ask, progress))).await
    }

    /// Gets `ask` with that authorization and no other: docker's credentials are for registries.
    /// Any status but 500 is an answer, which is tried again like a broken connection.
    ///
    /// # Errors
    /// [`RegistryError`] when there is no answer, or one over its limit.
    pub(in crate::net) async fn get_as(
        &self,
        ask: &Ask<'_>,
        authorization: Option<&HeaderValue>,
        progress: Progress<'_>,
    ) -> Result<Answer, RegistryError> {
        let gate = self.gate(&ask.place.host);
        let _turn = gate.turn().await;
        let host = &ask.place.host;
        let attempt = || async move {
            match self.within(ask, authorization, progress).await? {
                answer if answer.status == StatusCode::INTERNAL_SERVER_ERROR => {
                    Err(Failure::Lost("answered 500".into()))
                }
                answer => Ok(answer),
            }
        };
        Box::pin(self.persist((host, host), attempt)).await
    }

    /// Tries until there is an answer that another try would not change.
    ///
    /// Requests of one lane share their patience. A token request has a lane of its own: it is
    /// made while a request to the registry waits for it, and both may be on the same host.
    pub(super) async fn persist<F>(
        &self,
        (host, lane): (&str, &str),
        attempt: impl Fn() -> F,
    ) -> Result<Answer, RegistryError>
    where
        F: Future<Output = Result<Answer, Failure>>,
    {
        let gate = self.gate(lane);
        // Once the host said "busy", everything to it goes one by one: sixteen retries at once
        // would keep it busy, and each of them could be the unlucky one every time.
        let mut alone = None;
        if gate.is_busy() {
            alone = Some(gate.line.lock().await);
        }
        let mut wait = self.limits.back_off;
        let mut tries = 0;
        loop {
            tries += 1;
            let (outcome, allowed, asked, busy) = match trace::attempt(tries, attempt()).await {
                Ok(answer) if answer.is_busy() => {
                    let asked = answer.retry_after().map(Duration::from_secs);
                    (Ok(answer), self.limits.tries, asked, true)
                }
                Ok(answer) => {
                    gate.answered();
                    return Ok(answer);
                }
                Err(Failure::Final(error)) => return Err(error),
                Err(Failure::Lost(words)) => (Err(words), self.limits.tries, None, false),
                Err(Failure::Silent(words)) => (Err(words), self.limits.connect_tries, None, false),
            };
            // A server that wants a longer wait than a reviewer has is taken at its word: asking
            // it again before its time would only prolong the ban.
            let pause = asked.unwrap_or(wait).max(wait);
            let too_long = pause > self.limits.longest_wait.max(wait);
            if tries >= allowed || too_long || !gate.may_wait(pause, self.limits.patience) {
                let unreachable =
                    |words| RegistryError::Unreachable { host: host.to_owned(), words };
                return outcome.map_err(unreachable);
            }
            let status = outcome.ok().map(|answer| answer.status.as_u16());
            if busy && alone.is_none() {
                gate.says_busy();
                alone = Some(gate.line.lock().await);
            }
            let pause = stretched(pause, random());
            self.tracer.pause((host, status), (tries + 1, allowed), pause).await;
            wait = (wait * 2).min(self.limits.longest_wait);
        }
    }

    /// One try; a 401 costs one token dance and one more request, never more.
    async fn authorized(&self, ask: &Ask<'_>, progress: Progress<'_>) -> Result<Answer, Failure> {
        let mut answer = self.asked(ask, progress).await?;
        if matches!(answer.status.as_u16(), 401 | 403) && ask.place.is_here(&answer.url) {
            answer.trouble = self.auth.trouble(ask.place).await;
        }
        Ok(answer)
    }

    async fn asked(&self, ask: &Ask<'_>, progress: Progress<'_>) -> Result<Answer, Failure> {
        let held = self.auth.current(self, ask).await;
        let answer = self.within(ask, held.as_ref(), progress).await?;
        // A 401 of a host that a redirect led to is not the registry's: renewing for it would hand
        // the registry's password to a token server that the other host names (CVE-2020-15157).
        if answer.status != StatusCode::UNAUTHORIZED || !ask.place.is_here(&answer.url) {
            return Ok(answer);
        }
        match self.auth.renew(self, ask, &answer, held.as_ref()).await {
            Ok(Some(fresh)) => self.within(ask, Some(&fresh), progress).await,
            Ok(None) => Ok(answer),
            Err(error) => Err(Failure::Final(error)),
        }
    }

    async fn within(
        &self,
        ask: &Ask<'_>,
        authorization: Option<&HeaderValue>,
        progress: Progress<'_>,
    ) -> Result<Answer, Failure> {
        let gate = self.gate(&ask.place.host);
        let deadline = gate.deadline(ask.deadline);
        match timeout(deadline, self.follow(ask, authorization, progress)).await {
            Ok(Ok(answer)) => Ok(Answer { hidden: Hidden::of(authorization), ..answer }),
            Ok(answer) => answer,
            Err(_) => {
                gate.was_silent();
                Err(Failure::Silent(format!("no answer within {deadline:?}")))
            }
        }
    }

    /// One request and the redirects that are allowed for it.
    async fn follow(
        &self,
        ask: &Ask<'_>,
        authorization: Option<&HeaderValue>,
        progress: Progress<'_>,
    ) -> Result<Answer, Failure> {
        let mut url = ask.url.clone();
        let mut authorization = authorization;
        for _ in 0..=limits::REDIRECTS {
            // A credential for one host must not reach another one (CVE-2020-15157 and its kin);
            // once away from home it stays away.
            authorization = authorization.filter(|_| ask.place.is_here(&url));
            let sending = Sending { authorization, form: None };
            let response = self.send(ask, url.clone(), sending).await?;
            let Some(target) = redirect(&response, &url) else {
                return self.read(ask, response, progress).await;
            };
            let may = ask.elsewhere || ask.place.is_here(&target) || same_question(ask, &target);
            if !may || !self.may_reach(ask.place, &target) {
                return self.read(ask, response, progress).await;
            }
            url = target;
        }
        let words = format!("more than {} redirects", limits::REDIRECTS);
        Err(Failure::Final(RegistryError::Malformed { what: ask.what.clone(), words }))
    }

    /// Sends one request and waits for the head of its answer.
    pub(super) async fn send(
        &self,
        ask: &Ask<'_>,
        url: Url,
        sending: Sending<'_>,
    ) -> Result<Sent, Failure> {
        let method = if sending.form.is_some() { "POST" } else { "GET" };
        let answered = self.response(ask, url.clone(), sending);
        Sent::head(&self.tracer, (method, ask, &url), answered).await
    }

    async fn response(
        &self,
        ask: &Ask<'_>,
        url: Url,
        sending: Sending<'_>,
    ) -> Result<Response, Failure> {
        let client = self.clients.of(ask.place, &url).map_err(|words| {
            let host = ask.place.host.clone();
            Failure::Final(RegistryError::Unreachable { host, words })
        })?;
        let request = match sending.form {
            None => client.get(url.clone()),
            Some(form) => {
                let kind = "application/x-www-form-urlencoded";
                client.post(url.clone()).header(CONTENT_TYPE, kind).body(form.to_owned())
            }
        };
        let mut request = request.header(ACCEPT, ask.accept);
        if let Some(value) = sending.authorization {
            request = request.header(AUTHORIZATION, value.clone());
        }
        // A head is small whatever follows it, so a long deadline for a blob does not hold here.
        let head = timeout(self.limits.answer, request.send()).await;
        let late = |_| Failure::Silent(format!("no answer within {:?}", self.limits.answer));
        let through = || self.clients.proxy(&url);
        let response = head.map_err(late)?.map_err(|error| failure(error, through()))?;
        self.clients.answered(ask.place, &url, response.remote_addr());
        Ok(response)
    }

    /// Reads a body up to its limit. An error's body is cut at its limit instead, and what stops
    /// in the middle of it is forgiven: the status is the answer.
    pub(super) async fn body(
        &self,
        ask: &Ask<'_>,
        mut response: Response,
        progress: Progress<'_>,
    ) -> Result<Answer, Failure> {
        let (status, url) = (response.status(), response.url().clone());
        let headers = response.headers().clone();
        let good = status.is_success();
        let limit = if good { ask.limit } else { limits::ERROR_BYTES };
        let expected = response.content_length();
        if good && expected.is_some_and(|length| length > limit) {
            return Err(over(ask));
        }
        let (mut body, mut room): (Vec<u8>, _) = (Vec::new(), None);
        loop {
            let bytes = expected.unwrap_or(0).max(body.len() as u64);
            self.large.turn((bytes, limit), &mut room).await;
            let chunk = match timeout(self.limits.stall, response.chunk()).await {
                Ok(Ok(Some(chunk))) => chunk,
                Ok(Ok(None)) => break,
                _ if !good => break,
                Ok(Err(error)) => return Err(failure(error, None)),
                Err(_) => {
                    let words = format!("nothing came for {:?}", self.limits.stall);
                    return Err(Failure::Silent(words));
                }
            };
            let room = limit.saturating_sub(body.len() as u64);
            if chunk.len() as u64 > room {
                if good {
                    return Err(over(ask));
                }
                let room = usize::try_from(room).unwrap_or(0);
                body.extend_from_slice(chunk.get(..room).unwrap_or_default());
                break;
            }
            body.extend_from_slice(&chunk);
            if good {
                progress(body.len() as u64, expected);
            }
        }
        let hidden = Hidden::default();
        Ok(Answer { status, headers, body, url, hidden, room, trouble: None })
    }

    fn gate(&self, host: &str) -> Arc<Gate> {
        let mut gates = self.gates.lock().unwrap_or_else(PoisonError::into_inner);
        let new = || Arc::new(Gate::new(self.limits.per_host));
        Arc::clone(gates.entry(host.to_owned()).or_insert_with(new))
    }
}

/// Where an answer redirects to, if it does.
fn redirect(response: &Response, from: &Url) -> Option<Url> {
    let redirects = matches!(response.status().as_u16(), 301 | 302 | 303 | 307 | 308);
    let location = response.headers().get(LOCATION).filter(|_| redirects)?;
    from.join(location.to_str().ok()?).ok()
}

/// Whether `target` asks another host the same question of the distribution protocol: some
/// registries are only an address in front of others (registry.k8s.io). A page to sign in is not.
fn same_question(ask: &Ask<'_>, target: &Url) -> bool {
    let tail = |url: &Url| {
        let mut pieces = url.path_segments()?;
        let (last, kind) = (pieces.next_back()?.to_owned(), pieces.next_back()?.to_owned());
        let api = url.path_segments()?.next() == Some("v2");
        let known = matches!(kind.as_str(), "manifests" | "referrers");
        (api && known).then_some((kind, last))
    };
    tail(target).is_some_and(|tail_of_target| tail(&ask.url) == Some(tail_of_target))
}
