//! What was asked of the world, for whoever wants to look over the program's shoulder: one record
//! for every request, every hit of the cache and every wait; and which check asked.
//!
//! Who asks travels with the task and not through the ports: a check that forgot to say who it is
//! could not be traced, and one that says it to a port could be believed by it.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::sync::{Notify, mpsc::Sender};

use super::{CheckId, Event};
use crate::domain::Timestamp;

tokio::task_local! {
    static ASKER: Asker;
}

/// Who asks the world something.
#[derive(Clone, Debug)]
pub struct Asker {
    who: Who,
    /// Where a check tells that it waits.
    told: Option<Told>,
}

type Told = (Sender<Event>, fn() -> Timestamp);

/// The same as plain data.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Who {
    /// The check, where it is one.
    pub check: Option<CheckId>,
    /// In words: `signature`, `the tags`. Empty where nobody is known.
    pub words: &'static str,
}

impl Asker {
    /// A check that tells on `out` when it waits.
    pub fn check(check: &CheckId, out: &Sender<Event>, now: fn() -> Timestamp) -> Self {
        let who = Who { words: check.kind.word(), check: Some(check.clone()) };
        Self { who, told: Some((out.clone(), now)) }
    }

    /// Something that has no row.
    pub const fn other(words: &'static str) -> Self {
        Self { who: Who { check: None, words }, told: None }
    }

    /// Does `work` under this name.
    pub async fn during<T>(self, work: impl Future<Output = T>) -> T {
        ASKER.scope(self, work).await
    }
}

/// Who asks, in the task that is under way.
pub fn who() -> Who {
    ASKER.try_with(|asker| asker.who.clone()).unwrap_or_default()
}

/// A wait before another try, as the row of the check shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// For whom; foreign text.
    pub host: String,
    /// The status that said "later"; none when the connection broke.
    pub status: Option<u16>,
    /// The number of the try that comes.
    pub attempt: u32,
    /// How many there are.
    pub of: u32,
    /// When it comes.
    pub until: Timestamp,
}

impl Waiting {
    /// `ghcr.io is busy (429): trying again in 7 s, 2 of 4`; nothing when it is over.
    pub fn words(&self, now: Timestamp) -> Option<String> {
        let left = self.until.duration_since(now).as_millis();
        let seconds = u64::try_from(left).ok().filter(|left| *left > 0)?.div_ceil(1000);
        let why = match self.status {
            Some(status) => format!("{} is busy ({status})", self.host),
            None => format!("{} did not answer", self.host),
        };
        Some(format!("{why}: trying again in {seconds} s, {} of {}", self.attempt, self.of))
    }
}

/// Tells the row of the check that asks how long it waits. May be lost, as progress may.
pub fn waits(host: &str, status: Option<u16>, (attempt, of): (u32, u32), pause: Duration) {
    let told = |asker: &Asker| {
        let (Some((out, now)), Some(check)) = (&asker.told, &asker.who.check) else { return };
        let Ok(until) = now().checked_add(pause) else { return };
        let waiting = Waiting { host: host.to_owned(), status, attempt, of, until };
        let _ = out.try_send(Event::Waiting { check: check.clone(), waiting });
    };
    // Whoever is no check has no row.
    let _ = ASKER.try_with(told);
}

/// How a request ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It was answered; any status is an answer.
    Answered,
    /// It was not, and why; harmless text.
    Failed(String),
    /// Nobody waited for its end: its time was over, or the screen was left.
    CutOff,
}

/// One request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// `GET`, `POST`.
    pub method: &'static str,
    /// The address without user, secrets of the query, and fragment; foreign text.
    pub url: String,
    /// What for, in words; foreign text.
    pub purpose: String,
    /// The server that it is made for: another one than in the address where that is a token
    /// server or a storage server. Foreign text.
    pub of: String,
    /// Which try it is, from 1.
    pub attempt: u32,
    /// HTTP status, once there is one.
    pub status: Option<u16>,
    /// Bytes of the body that were read.
    pub bytes: u64,
    /// Milliseconds from the request to its end.
    pub ms: u64,
    /// How it ended.
    pub outcome: Outcome,
    /// What the server says about its limit of requests, in words; harmless.
    pub rate: Option<String>,
}

/// A request that is under way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pending {
    /// Since when.
    pub since: Timestamp,
    /// Who asked.
    pub who: Who,
    /// `GET`, `POST`.
    pub method: &'static str,
    /// As in [`Request`]; foreign text.
    pub url: String,
    /// What for, in words; foreign text.
    pub purpose: String,
}

/// What is recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// A request that has ended.
    Request(Request),
    /// Bytes that were not asked for, because they lay in the cache.
    Cached {
        /// What, in words; foreign text.
        purpose: String,
        /// How many.
        bytes: u64,
    },
    /// A wait before another try begins.
    Wait {
        /// For whom; foreign text.
        host: String,
        /// The status that said "later".
        status: Option<u16>,
        /// Milliseconds.
        ms: u64,
        /// The number of the try that comes, and how many there are.
        attempt: (u32, u32),
    },
    /// Something that deserves a look; may hold foreign text.
    Warning(String),
}

/// One line of the trace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Counted from 1, without gaps.
    pub number: u64,
    /// When it was recorded.
    pub at: Timestamp,
    /// Who asked.
    pub who: Who,
    /// What.
    pub what: What,
}

/// The last records, in memory.
#[derive(Debug)]
pub struct Ring {
    limit: usize,
    held: Mutex<Held>,
    told: Notify,
}

#[derive(Debug, Default)]
struct Held {
    records: VecDeque<Arc<Record>>,
    total: u64,
    pending: BTreeMap<u64, Arc<Pending>>,
    begun: u64,
}

impl Ring {
    /// Keeps the last `limit` records.
    pub fn new(limit: usize) -> Self {
        Self { limit, held: Mutex::default(), told: Notify::new() }
    }

    /// Numbers a record and keeps it.
    pub fn push(&self, at: Timestamp, who: Who, what: What) -> Arc<Record> {
        let record = {
            let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
            held.total += 1;
            let record = Arc::new(Record { number: held.total, at, who, what });
            held.records.push_back(Arc::clone(&record));
            let over = held.records.len().saturating_sub(self.limit);
            held.records.drain(..over);
            record
        };
        self.told.notify_one();
        record
    }

    /// A request begins; the number by which it ends. Over the limit it is not listed.
    pub fn begin(&self, pending: Pending) -> u64 {
        let number = {
            let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
            held.begun += 1;
            let number = held.begun;
            if held.pending.len() < self.limit {
                held.pending.insert(number, Arc::new(pending));
            }
            number
        };
        self.told.notify_one();
        number
    }

    /// A request has ended, however that was.
    pub fn end(&self, number: u64) {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        held.pending.remove(&number);
        drop(held);
        self.told.notify_one();
    }

    /// The requests that are under way, the oldest first.
    pub fn pending(&self) -> Vec<Arc<Pending>> {
        let held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        held.pending.values().cloned().collect()
    }

    /// The records behind that number that are still kept.
    pub fn since(&self, number: u64) -> Vec<Arc<Record>> {
        let held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        let new = usize::try_from(held.total.saturating_sub(number)).unwrap_or(usize::MAX);
        let skip = held.records.len().saturating_sub(new);
        held.records.iter().skip(skip).cloned().collect()
    }

    /// Waits until something was recorded since the last call.
    pub async fn changed(&self) {
        self.told.notified().await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn a_wait_is_counted_down_and_then_says_nothing() {
        let waiting =
            |status| Waiting { host: "ghcr.io".into(), status, attempt: 2, of: 4, until: at(7) };
        for (status, now, words) in [
            (Some(429), 0, Some("ghcr.io is busy (429): trying again in 7 s, 2 of 4")),
            (Some(503), 6, Some("ghcr.io is busy (503): trying again in 1 s, 2 of 4")),
            (None, 5, Some("ghcr.io did not answer: trying again in 2 s, 2 of 4")),
            (Some(429), 7, None),
            (Some(429), 99, None),
        ] {
            assert_eq!(waiting(status).words(at(now)).as_deref(), words);
        }
    }

    #[test]
    fn a_request_is_pending_until_it_ends_and_never_too_many_are_listed() {
        let ring = Ring::new(2);
        let pending = |second| Pending {
            since: at(second),
            who: Who::default(),
            method: "GET",
            url: String::new(),
            purpose: String::new(),
        };
        let numbers: Vec<u64> = (1..=3).map(|second| ring.begin(pending(second))).collect();
        let since = || ring.pending().iter().map(|p| p.since.as_second()).collect::<Vec<_>>();
        assert_eq!(since(), [1, 2]);
        ring.end(numbers[0]);
        assert_eq!(since(), [2]);
        for number in numbers {
            ring.end(number);
        }
        assert_eq!(since(), [0; 0]);
    }

    #[test]
    fn the_ring_keeps_the_last_records_and_their_numbers() {
        let ring = Ring::new(3);
        for number in 1..=5 {
            ring.push(at(number), Who::default(), What::Warning(String::new()));
        }
        for (since, numbers) in
            [(0, vec![3, 4, 5]), (3, vec![4, 5]), (4, vec![5]), (5, vec![]), (9, vec![])]
        {
            let kept: Vec<u64> = ring.since(since).iter().map(|r| r.number).collect();
            assert_eq!(kept, numbers, "since {since}");
        }
    }
}
