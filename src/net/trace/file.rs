//! JSON lines, written by a thread of its own.

use std::{
    fs::{File, OpenOptions},
    io::{self, BufWriter, Write},
    path::Path,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering::Relaxed},
        mpsc::{Receiver, SyncSender, sync_channel},
    },
    thread,
};

use serde_json::{Value, json};

use crate::domain::text;
use crate::inspect::trace::{Outcome, Record, Request, What};
use crate::net::{limits, own};

/// The end of the queue that takes lines.
pub(super) struct Writer {
    /// Nothing once the file is finished.
    queue: Mutex<Option<SyncSender<Arc<Record>>>>,
    lost: Arc<AtomicU64>,
    /// Told by the thread when everything is written: what went wrong.
    done: Mutex<Receiver<Option<String>>>,
}

impl Writer {
    /// Makes the file anew.
    pub(super) fn create(path: &Path) -> io::Result<Self> {
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(true);
        // It names private repositories.
        Self::over(own::named(path, &mut options)?)
    }

    fn over(file: File) -> io::Result<Self> {
        let (queue, lines) = sync_channel(limits::TRACE_QUEUE);
        let (tell, done) = sync_channel(1);
        let lost = Arc::new(AtomicU64::new(0));
        let counted = Arc::clone(&lost);
        thread::Builder::new().name("trace".into()).spawn(move || {
            // The other end is gone only when nobody asks any more.
            let _ = tell.send(write(file, &lines, &counted).err().map(|e| e.to_string()));
        })?;
        Ok(Self { queue: Mutex::new(Some(queue)), lost, done: Mutex::new(done) })
    }

    /// Never waits: what finds no room is counted.
    pub(super) fn write(&self, record: &Arc<Record>) {
        let queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
        let sent = queue.as_ref().map(|queue| queue.try_send(Arc::clone(record)));
        if !matches!(sent, Some(Ok(()))) {
            self.lost.fetch_add(1, Relaxed);
        }
    }

    /// Waits until everything is in the file, but not for ever; what went wrong.
    pub(super) fn finish(&self) -> Option<String> {
        drop(self.queue.lock().unwrap_or_else(PoisonError::into_inner).take()?);
        let done = self.done.lock().unwrap_or_else(PoisonError::into_inner);
        match done.recv_timeout(limits::TRACE_FLUSH) {
            Ok(None) => None,
            Ok(Some(error)) => Some(format!("the trace cannot be written: {error}")),
            Err(_) => Some("the trace is not complete: its file takes no lines".into()),
        }
    }
}

fn write(file: File, lines: &Receiver<Arc<Record>>, lost: &AtomicU64) -> io::Result<()> {
    let mut out = BufWriter::new(file);
    let mut next = lines.recv().ok();
    while let Some(record) = next {
        writeln!(out, "{}", text::json(&line(&record).to_string()))?;
        missing(lost, &mut out)?;
        // Somebody may read along; with an empty queue there is time to write it out.
        next = lines.try_recv().ok();
        if next.is_none() {
            out.flush()?;
            next = lines.recv().ok();
        }
    }
    missing(lost, &mut out)?;
    out.flush()
}

fn missing(lost: &AtomicU64, out: &mut impl Write) -> io::Result<()> {
    match lost.swap(0, Relaxed) {
        0 => Ok(()),
        lost => writeln!(out, "{}", json!({ "kind": "lost", "lines": lost })),
    }
}

/// One record as it stands in the file; foreign text is exact.
fn line(record: &Record) -> Value {
    let (kind, mut fields) = match &record.what {
        What::Request(request) => ("request", of_request(request)),
        What::Cached { purpose, bytes } => {
            ("cache", json!({ "purpose": purpose, "bytes": bytes, "cache": true }))
        }
        What::Wait { host, status, ms, attempt: (next, of) } => {
            ("wait", json!({ "host": host, "status": status, "ms": ms, "next": next, "of": of }))
        }
        What::Warning(words) => ("warning", json!({ "message": words })),
    };
    let mut object = json!({
        "kind": kind,
        "number": record.number,
        "at": record.at.to_string(),
        "asked_by": Some(record.who.words).filter(|words| !words.is_empty()),
        "subject": record.who.check.as_ref().and_then(|c| c.subject.as_ref()).map(ToString::to_string),
    });
    if let (Some(object), Some(fields)) = (object.as_object_mut(), fields.as_object_mut()) {
        object.append(fields);
    }
    object
}

fn of_request(request: &Request) -> Value {
    let (outcome, error) = match &request.outcome {
        Outcome::Answered => ("answered", None),
        Outcome::Failed(words) => ("failed", Some(words)),
        Outcome::CutOff => ("cut-off", None),
    };
    json!({
        "method": request.method,
        "url": request.url,
        "purpose": request.purpose,
        "of": request.of,
        "attempt": request.attempt,
        "status": request.status,
        "bytes": request.bytes,
        "ms": request.ms,
        "cache": false,
        "outcome": outcome,
        "error": error,
        "rate_limit": request.rate,
    })
}
