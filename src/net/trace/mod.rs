//! Every request as a record: in memory for the terminal, and as JSON lines in a file.
//!
//! Nothing here can hold a request up: the memory is bounded, the file has a thread and a queue of
//! its own, and what does not fit is counted and said.

mod file;
mod url;

use std::{
    io,
    path::Path,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::Instant,
};

use reqwest::{StatusCode, Url};

use crate::{
    domain::Timestamp,
    inspect::trace::{Outcome, Pending, Request, Ring, What, Who, waits, who},
};

use self::file::Writer;
use super::limits;

tokio::task_local! {
    /// Which try is under way.
    static ATTEMPT: u32;
}

/// Where requests are recorded; the default records nothing.
#[derive(Clone, Default)]
pub struct Tracer(Option<Arc<Sink>>);

struct Sink {
    ring: Arc<Ring>,
    /// The clock of the program, read once; everything else is counted from there.
    begun: (Timestamp, Instant),
    file: Option<Writer>,
    requests: AtomicU64,
    warnings: Mutex<Vec<String>>,
}

/// What a request is for.
pub(in crate::net) struct Begin<'a> {
    /// `GET`, `POST`.
    pub(in crate::net) method: &'static str,
    /// Where.
    pub(in crate::net) url: &'a Url,
    /// In words.
    pub(in crate::net) purpose: &'a str,
    /// For which server it is made.
    pub(in crate::net) of: &'a str,
}

/// A request that is under way; it is recorded when this value ends, whatever ends it.
pub(in crate::net) struct Open {
    sink: Option<Arc<Sink>>,
    /// Its number among those that are under way.
    number: u64,
    request: Request,
    who: Who,
    started: Instant,
}

impl Tracer {
    /// Records in memory.
    pub fn new(now: Timestamp) -> Self {
        Self(Some(Arc::new(Sink {
            ring: Arc::new(Ring::new(limits::TRACE_RECORDS)),
            begun: (now, Instant::now()),
            file: None,
            requests: AtomicU64::new(0),
            warnings: Mutex::default(),
        })))
    }

    /// Records in memory and as JSON lines in a new file, which only its owner may read.
    ///
    /// # Errors
    /// When the file cannot be made.
    pub fn with_file(now: Timestamp, path: &Path) -> io::Result<Self> {
        let Self(Some(sink)) = Self::new(now) else { return Ok(Self(None)) };
        let Some(sink) = Arc::into_inner(sink) else { return Ok(Self(None)) };
        Ok(Self(Some(Arc::new(Sink { file: Some(Writer::create(path)?), ..sink }))))
    }

    /// The last records.
    pub fn ring(&self) -> Option<Arc<Ring>> {
        self.0.as_ref().map(|sink| Arc::clone(&sink.ring))
    }

    /// How many requests have ended.
    pub fn requests(&self) -> u64 {
        self.0.as_ref().map_or(0, |sink| sink.requests.load(Relaxed))
    }

    /// What went wrong beside the answers, once each: the cache cannot be written, lines of the
    /// file are missing. Waits until the file is written, but not for ever.
    pub fn finish(&self) -> Vec<String> {
        let Some(sink) = &self.0 else { return vec![] };
        if let Some(words) = sink.file.as_ref().and_then(Writer::finish) {
            self.warn(words);
        }
        let warnings = sink.warnings.lock().unwrap_or_else(PoisonError::into_inner);
        warnings.clone()
    }

    /// A request begins.
    pub(in crate::net) fn begin(&self, begin: &Begin<'_>) -> Open {
        let sink = self.0.clone();
        let text = |text: &str| if sink.is_some() { text.to_owned() } else { String::new() };
        let request = Request {
            method: begin.method,
            url: sink.as_ref().map(|_| url::without_secrets(begin.url)).unwrap_or_default(),
            purpose: text(begin.purpose),
            of: text(begin.of),
            attempt: ATTEMPT.try_with(|n| *n).unwrap_or(1),
            status: None,
            bytes: 0,
            ms: 0,
            outcome: Outcome::CutOff,
            rate: None,
        };
        let who = who();
        let number = sink.as_ref().map_or(0, |sink| sink.begin(&request, &who));
        Open { sink, number, request, who, started: Instant::now() }
    }

    /// Bytes came from the cache.
    pub(in crate::net) fn cached(&self, purpose: &str, bytes: usize) {
        if let Some(sink) = &self.0 {
            let purpose = purpose.to_owned();
            sink.push(who(), What::Cached { purpose, bytes: bytes as u64 });
        }
    }

    /// Something deserves a look.
    pub fn warn(&self, words: String) {
        tracing::warn!("{}", crate::domain::text::safe(&words));
        if let Some(sink) = &self.0 {
            let mut warnings = sink.warnings.lock().unwrap_or_else(PoisonError::into_inner);
            if warnings.len() < limits::TRACE_WARNINGS && !warnings.contains(&words) {
                warnings.push(words.clone());
            }
            drop(warnings);
            sink.push(who(), What::Warning(words));
        }
    }

    /// Waits before another try, and tells the row that asked.
    pub(in crate::net) async fn pause(
        &self,
        (host, status): (&str, Option<u16>),
        attempt: (u32, u32),
        pause: std::time::Duration,
    ) {
        waits(host, status, attempt, pause);
        if let Some(sink) = &self.0 {
            let ms = u64::try_from(pause.as_millis()).unwrap_or(u64::MAX);
            sink.push(who(), What::Wait { host: host.to_owned(), status, ms, attempt });
        }
        tokio::time::sleep(pause).await;
    }
}

/// Does one try; its requests know its number.
pub(in crate::net) async fn attempt<T>(number: u32, work: impl Future<Output = T>) -> T {
    ATTEMPT.scope(number, work).await
}

impl Sink {
    fn now(&self) -> Timestamp {
        let (at, clock) = self.begun;
        at.checked_add(clock.elapsed()).unwrap_or(at)
    }

    fn begin(&self, request: &Request, who: &Who) -> u64 {
        self.ring.begin(Pending {
            since: self.now(),
            who: who.clone(),
            method: request.method,
            url: request.url.clone(),
            purpose: request.purpose.clone(),
        })
    }

    fn push(&self, who: Who, what: What) {
        let at = self.now();
        if matches!(what, What::Request(_)) {
            self.requests.fetch_add(1, Relaxed);
        }
        let record = self.ring.push(at, who, what);
        if let Some(file) = &self.file {
            file.write(&record);
        }
    }
}

impl Open {
    /// The head of the answer came.
    pub(in crate::net) fn head(&mut self, status: StatusCode, rate: Option<String>) {
        self.request.status = Some(status.as_u16());
        self.request.rate = rate;
        // Where a redirect is followed nobody reads its body.
        if status.is_redirection() {
            self.request.outcome = Outcome::Answered;
        }
    }

    /// It ended: with so many bytes, or why not.
    pub(in crate::net) fn end(mut self, ended: Result<usize, String>) {
        match ended {
            Ok(bytes) => {
                (self.request.bytes, self.request.outcome) = (bytes as u64, Outcome::Answered);
            }
            Err(words) => self.request.outcome = Outcome::Failed(words),
        }
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        let Some(sink) = &self.sink else { return };
        self.request.ms = u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX);
        sink.ring.end(self.number);
        sink.push(std::mem::take(&mut self.who), What::Request(self.request.clone()));
    }
}
