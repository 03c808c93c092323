//! Rekor v1 behind [`Log`]: exact entries first, then the index of digests.
//!
//! What it answers is read up to a limit and handed on as it is; whether an entry is one of the
//! trusted log, and of this signature, is judged elsewhere.

use std::{
    sync::{Arc, OnceLock},
    time::Duration,
};

use futures_util::future::BoxFuture;
use reqwest::{
    Client, Response, StatusCode, Url,
    header::{ACCEPT, CONTENT_TYPE},
};
use serde_json::{Value, json, value::RawValue};
use tokio::time::timeout;

use crate::{
    inspect::log::{Log, LogAnswer},
    net::{
        content::foreign,
        limits,
        registry::rate,
        trace::{self, Begin, Tracer},
    },
    verify::Question,
};

/// Bytes of one answer: an intoto entry brings its attestation along.
const ANSWER_BYTES: usize = 16 << 20;
/// Entries of one digest that are read: whoever signs an empty file shares its digest with many.
const ENTRIES: usize = 50;
/// Rekor takes ten ids in one request.
const BATCH: usize = 10;
/// Requests for one answer when the log is busy or the connection breaks.
const TRIES: u32 = 2;

/// A log that is spoken to over HTTP.
pub struct HttpLog {
    /// Instead of the trust root's.
    address: Option<Url>,
    /// Made when it is first asked: it reads every certificate authority of the system.
    client: OnceLock<Result<Client, String>>,
    tracer: Tracer,
}

/// What a request yielded.
enum Said {
    Body(Vec<u8>),
    Refused(String),
}

impl HttpLog {
    /// A log that was not spoken to yet.
    ///
    /// # Errors
    /// In words, for an address that is neither https nor this machine.
    pub fn new(address: Option<&str>) -> Result<Self, String> {
        let address = address.map(base).transpose()?;
        Ok(Self { address, client: OnceLock::new(), tracer: Tracer::default() })
    }

    /// The same, with every request recorded.
    #[must_use]
    pub fn traced(self, tracer: &Tracer) -> Self {
        Self { tracer: tracer.clone(), ..self }
    }

    fn client(&self) -> Result<&Client, String> {
        let made = self.client.get_or_init(|| {
            let client = Client::builder()
                .user_agent(concat!("sigscope/", env!("CARGO_PKG_VERSION")))
                .connect_timeout(limits::CONNECT)
                // Where it leads nobody said that signatures may be asked for.
                .redirect(reqwest::redirect::Policy::none())
                .referer(false);
            let local = self.address.as_ref().is_some_and(|url| url.scheme() == "http");
            let client = if local { client.no_proxy() } else { client.https_only(true) };
            client.build().map_err(|e| foreign(&e.to_string()))
        });
        made.as_ref().map_err(Clone::clone)
    }

    async fn ask(&self, log: &Url, path: &str, body: &Value) -> Result<Said, String> {
        let mut url = log.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(path.split('/'));
        }
        let mut wait = limits::BACK_OFF;
        let mut tries = 0;
        loop {
            tries += 1;
            let words =
                match trace::attempt(tries, timeout(limits::ANSWER, self.once(&url, body))).await {
                    Ok(Ok(said)) => return Ok(said),
                    Ok(Err(words)) => words,
                    Err(_) => format!("no answer within {:?}", limits::ANSWER),
                };
            if tries >= TRIES {
                return Err(format!("{log} gives no answer: {words}"));
            }
            let host = url.host_str().unwrap_or_default();
            self.tracer.pause((host, None), (tries + 1, TRIES), wait).await;
            wait = wait.saturating_mul(2).min(Duration::from_secs(2));
        }
    }

    /// One request; `Err` is worth another try.
    async fn once(&self, url: &Url, body: &Value) -> Result<Said, String> {
        let client = match self.client() {
            Ok(client) => client,
            Err(words) => return Ok(Said::Refused(words)),
        };
        let error = |e: reqwest::Error| foreign(&e.without_url().to_string());
        let request = client
            .post(url.clone())
            .header(ACCEPT, "application/json")
            .header(CONTENT_TYPE, "application/json")
            .body(body.to_string());
        let of = url.host_str().unwrap_or_default();
        let begin = Begin { method: "POST", url, purpose: "a look into the log", of };
        let mut open = self.tracer.begin(&begin);
        let said = async {
            let response = request.send().await.map_err(error)?;
            let status = response.status();
            tracing::debug!(host = of, path = url.path(), status = status.as_u16(), "POST");
            open.head(status, rate(response.headers()));
            body_of(response).await
        };
        let said = said.await;
        open.end(match &said {
            Ok(Said::Body(bytes)) => Ok(bytes.len()),
            Ok(Said::Refused(words)) | Err(words) => Err(words.clone()),
        });
        said
    }

    async fn search(&self, log: Url, question: &Question) -> Result<LogAnswer, String> {
        let name = log.as_str().trim_end_matches('/').to_owned();
        let answer = |entries, unread| LogAnswer { log: name.clone(), entries, unread };
        if !question.proposals.is_empty() {
            let body = json!({ "entries": question.proposals });
            // A log that does not take the proposal may still have the entry in its index.
            if let Said::Body(bytes) = self.ask(&log, ENTRIES_PATH, &body).await? {
                let entries = objects(&bytes)?;
                if !entries.is_empty() {
                    return Ok(answer(entries, 0));
                }
            }
        }
        let body = json!({ "hash": question.hash.to_string() });
        let ids: Vec<String> = match self.ask(&log, INDEX_PATH, &body).await? {
            Said::Body(bytes) => serde_json::from_slice(&bytes)
                .map_err(|e| format!("the answer of {name} cannot be read: {e}"))?,
            Said::Refused(words) => return Err(format!("{name}: {words}")),
        };
        let id =
            |id: &String| matches!(id.len(), 64 | 80) && id.bytes().all(|b| b.is_ascii_hexdigit());
        if !ids.iter().all(id) {
            return Err(format!("{name} names an entry by what is no id"));
        }
        let (mut entries, unread) = (vec![], ids.len().saturating_sub(ENTRIES));
        for batch in ids.get(..ENTRIES).unwrap_or(&ids).chunks(BATCH) {
            let body = json!({ "entryUUIDs": batch });
            match self.ask(&log, ENTRIES_PATH, &body).await? {
                Said::Body(bytes) => entries.extend(objects(&bytes)?),
                Said::Refused(words) => return Err(format!("{name}: {words}")),
            }
        }
        if entries.is_empty() && !ids.is_empty() {
            return Err(format!("{name} names {} entries and gives none of them", ids.len()));
        }
        Ok(answer(entries, unread))
    }
}

const ENTRIES_PATH: &str = "api/v1/log/entries/retrieve";
const INDEX_PATH: &str = "api/v1/index/retrieve";

/// The items of an array, each as it stands there.
fn objects(bytes: &[u8]) -> Result<Vec<Arc<[u8]>>, String> {
    let items: Vec<&RawValue> = serde_json::from_slice(bytes)
        .map_err(|e| format!("the answer of the log cannot be read: {e}"))?;
    if items.len() > ENTRIES {
        return Err(format!("the log gives more than {ENTRIES} entries at once"));
    }
    Ok(items.into_iter().map(|item| Arc::from(item.get().as_bytes())).collect())
}

/// The address of a log.
fn base(text: &str) -> Result<Url, String> {
    let url = Url::parse(text).map_err(|e| format!("{}: {e}", foreign(text)))?;
    let host = url.host_str().unwrap_or_default();
    let local = matches!(host, "localhost" | "127.0.0.1" | "[::1]");
    let may = url.scheme() == "https" || url.scheme() == "http" && local;
    let bare = url.username().is_empty() && url.password().is_none();
    if !may || !bare || url.query().is_some() || url.fragment().is_some() {
        return Err(format!("{} is not the https address of a log", foreign(text)));
    }
    Ok(url)
}

impl Log for HttpLog {
    fn find<'a>(
        &'a self,
        address: Option<&'a str>,
        question: &'a Question,
    ) -> BoxFuture<'a, Result<LogAnswer, String>> {
        Box::pin(async move {
            let log = match (&self.address, address) {
                (Some(own), _) => own.clone(),
                // A trust root is a file like any other: it opens no way around https.
                (None, Some(named)) => base(named).and_then(|url| match url.scheme() {
                    "https" => Ok(url),
                    _ => Err(format!("{} is not the https address of a log", foreign(named))),
                })?,
                (None, None) => {
                    return Err("the trust root names no log that can be searched".into());
                }
            };
            self.search(log, question).await
        })
    }
}

/// Reads an answer; `Err` is worth another try.
async fn body_of(mut response: Response) -> Result<Said, String> {
    let error = |e: reqwest::Error| foreign(&e.without_url().to_string());
    let status = response.status();
    if status == StatusCode::TOO_MANY_REQUESTS || status.is_server_error() {
        return Err(format!("it answers {}", status.as_u16()));
    }
    if status != StatusCode::OK {
        return Ok(Said::Refused(format!("it answers {}", status.as_u16())));
    }
    let mut bytes = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(error)? {
        if bytes.len() + chunk.len() > ANSWER_BYTES {
            let words = format!("an answer over the limit of {} MiB", ANSWER_BYTES >> 20);
            return Ok(Said::Refused(words));
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(Said::Body(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_https_and_this_machine_are_asked() {
        for (text, may) in [
            ("https://rekor.example", true),
            ("https://rekor.example/prefix/", true),
            ("http://127.0.0.1:3000", true),
            ("http://localhost:1", true),
            ("http://[::1]:1", true),
            ("http://rekor.example", false),
            ("http://127.0.0.1.example", false),
            ("https://user:secret@rekor.example", false),
            ("https://rekor.example/?x", false),
            ("ftp://rekor.example", false),
            ("rekor.example", false),
            ("", false),
        ] {
            assert_eq!(base(text).is_ok(), may, "{text}");
        }
    }
}
