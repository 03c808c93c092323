//! Trace: what was asked of the world, one row for every request, hit of the cache and wait.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::Arc,
};

use super::Key;
use crate::{
    domain::Timestamp,
    inspect::trace::{Outcome, Pending, Record, Request, What, Who},
    tui::{
        detail::Outline,
        state::State,
        text::{bytes, millis, shown, time},
        theme::Role,
    },
};

/// The most records that are kept here; the same number is kept where they are made.
const MAX_RECORDS: usize = 2_000;

/// What is known of the requests of this run.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Trace {
    /// The last ones, oldest first.
    records: VecDeque<Arc<Record>>,
    /// How many requests there were.
    pub requests: u64,
    /// How many answers came from the cache.
    pub cached: u64,
    /// The requests that are under way, oldest first.
    pending: Vec<Arc<Pending>>,
    /// Hosts that are waited for: what they said, and until when.
    waits: BTreeMap<String, (Option<u16>, Timestamp)>,
}

/// One row; all text in it is harmless.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TraceRow {
    /// `14:21:07`.
    pub at: String,
    /// `200`, `429`, `failed`, `cut off`, `cache`, `wait`, `warning`.
    pub status: String,
    /// Which check asked; with the beginning of its digest, where there are several.
    pub who: String,
    /// The address, or what it is about.
    pub text: String,
    /// Bytes and time.
    pub right: String,
    /// How the row is drawn.
    pub role: Role,
}

impl Trace {
    /// The number of the last record that was taken in.
    pub fn last(&self) -> u64 {
        self.records.back().map_or(0, |record| record.number)
    }

    /// Takes in records; says how many old ones went.
    fn take_in(&mut self, new: Vec<Arc<Record>>) -> usize {
        for record in new {
            match record.what {
                What::Request(_) => self.requests += 1,
                What::Cached { .. } => self.cached += 1,
                What::Wait { ref host, status, ms, .. } => {
                    let pause = std::time::Duration::from_millis(ms);
                    let until = record.at.checked_add(pause).unwrap_or(record.at);
                    self.waits.retain(|_, (_, until)| *until > record.at);
                    self.waits.insert(host.clone(), (status, until));
                }
                What::Warning(_) => {}
            }
            self.records.push_back(record);
        }
        let over = self.records.len().saturating_sub(MAX_RECORDS);
        self.records.drain(..over);
        over
    }

    /// `127.0.0.1:5177 is busy: next try in 2 s`, of the host that is waited for longest; harmless.
    /// Whoever waits need not have a row.
    pub fn waits(&self, now: Timestamp) -> Option<String> {
        let still = self.waits.iter().filter(|(_, (_, until))| *until > now);
        let (host, (status, until)) = still.max_by_key(|(_, (_, until))| *until)?;
        let left = u64::try_from(until.duration_since(now).as_millis()).ok()?.div_ceil(1000);
        let why = if status.is_some() { "is busy" } else { "did not answer" };
        Some(format!("{} {why}: next try in {left} s", shown(host)))
    }

    /// How many records were made before the first that is kept.
    pub fn older(&self) -> u64 {
        self.records.front().map_or(0, |record| record.number - 1)
    }

    fn len(&self) -> usize {
        self.records.len() + self.pending.len()
    }

    fn find(&self, number: u64) -> Option<&Record> {
        let first = self.records.front()?.number;
        let at = usize::try_from(number.checked_sub(first)?).ok()?;
        let near = self.records.get(at).filter(|record| record.number == number);
        // Numbers have gaps only where records were made faster than they could be taken in.
        near.or_else(|| self.records.iter().find(|r| r.number == number)).map(Arc::as_ref)
    }
}

/// Takes in what was recorded. A cursor at the end stays at the end, any other on its row.
pub fn take_in(state: &mut State, new: Vec<Arc<Record>>) {
    let before = state.trace.len();
    let gone = state.trace.take_in(new);
    follow(state, before, gone);
}

/// Takes in what is under way; it stands below what has ended.
pub fn under_way(state: &mut State, pending: Vec<Arc<Pending>>) {
    let before = state.trace.len();
    state.trace.pending = pending;
    follow(state, before, 0);
}

fn follow(state: &mut State, before: usize, gone: usize) {
    let len = state.trace.len();
    let cursor = &mut state.masters[super::Pane::Trace as usize];
    if cursor.selected + 1 >= before {
        cursor.selected = len.saturating_sub(1);
    } else {
        cursor.selected = cursor.selected.saturating_sub(gone);
        cursor.offset = cursor.offset.saturating_sub(gone);
    }
}

/// How many rows there are. Nothing of the world outside is shown in the demo.
pub fn len(state: &State) -> usize {
    if state.in_demo() { 0 } else { state.trace.len() }
}

/// What is selected: a record, or in words what is under way.
pub fn selected(state: &State) -> Option<Key> {
    if state.in_demo() {
        return None;
    }
    let at = state.masters[super::Pane::Trace as usize].selected;
    if let Some(record) = state.trace.records.get(at) {
        return Some(Key::Record(record.number));
    }
    let pending = state.trace.pending.get(at - state.trace.records.len())?;
    let Pending { method, url, purpose, .. } = &**pending;
    Some(Key::Note(shown(&format!("not answered yet: {method} {url}, for {purpose}"))))
}

/// The rows that are drawn.
pub fn window(state: &State, offset: usize, rows: usize) -> Vec<TraceRow> {
    let trace = &state.trace;
    let ended = trace.records.iter().map(|record| Ok(&**record));
    let all = ended.chain(trace.pending.iter().map(|pending| Err(&**pending))).skip(offset);
    let each = all.take(rows.min(len(state).saturating_sub(offset)));
    each.map(|one| one.map_or_else(|pending| open(pending, state.now), row)).collect()
}

/// `GET ghcr.io …/manifests/4.0.0` and `… waiting 3.2 s`.
fn open(pending: &Pending, now: Timestamp) -> TraceRow {
    let waited = u64::try_from(now.duration_since(pending.since).as_millis()).unwrap_or(0);
    TraceRow {
        at: pending.since.strftime("%H:%M:%S").to_string(),
        status: "open".to_owned(),
        who: who(&pending.who),
        text: format!("{} {}", pending.method, shown(&short(&pending.url))),
        right: format!("… waiting {}", millis(waited)),
        role: Role::Running,
    }
}

fn row(record: &Record) -> TraceRow {
    let at = record.at.strftime("%H:%M:%S").to_string();
    let who = who(&record.who);
    let (status, text, right, role) = match &record.what {
        What::Request(request) => of_request(request),
        What::Cached { purpose, bytes: n } => {
            ("cache".to_owned(), shown(purpose), bytes(*n), Role::Dim)
        }
        What::Wait { host, status, ms, attempt: (next, of) } => {
            let why = status.map_or_else(|| "no answer".to_owned(), |s| format!("after {s}"));
            let text = format!("{why} from {}: try {next} of {of} follows", shown(host));
            ("wait".to_owned(), text, millis(*ms), Role::Warning)
        }
        What::Warning(words) => ("warning".to_owned(), shown(words), String::new(), Role::Warning),
    };
    TraceRow { at, status, who, text, right, role }
}

fn of_request(request: &Request) -> (String, String, String, Role) {
    let (status, role) = match (&request.outcome, request.status) {
        (Outcome::Failed(_), _) => ("failed".to_owned(), Role::Warning),
        (Outcome::CutOff, _) => ("cut off".to_owned(), Role::Warning),
        (Outcome::Answered, Some(status)) => {
            let good = status < 400;
            (status.to_string(), if good { Role::Text } else { Role::Warning })
        }
        (Outcome::Answered, None) => ("answered".to_owned(), Role::Text),
    };
    let again =
        if request.attempt > 1 { format!(" (try {})", request.attempt) } else { String::new() };
    let text = format!("{} {}{again}", request.method, shown(&short(&request.url)));
    let right = format!("{} · {}", bytes(request.bytes), millis(request.ms));
    (status, text, right, role)
}

/// `ghcr.io …/manifests/sha256:08bbd8888e3a…`: the host and what is asked for. The repository is
/// that of all the rows around it, and the whole address stands in the details.
fn short(url: &str) -> String {
    let (_, rest) = url.split_once("://").unwrap_or(("", url));
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    let (path, query) = path.split_once('?').map_or((path, None), |(p, q)| (p, Some(q)));
    let pieces: Vec<String> = path.split('/').map(short_hex).collect();
    let last = pieces.get(pieces.len().saturating_sub(2)..).unwrap_or_default().join("/");
    let before = if pieces.len() > 2 { "…/" } else { "/" };
    let query = query.map_or_else(String::new, |q| format!("?{q}"));
    format!("{host} {before}{last}{query}")
}

/// A long run of hexadecimal digits by its first twelve.
fn short_hex(piece: &str) -> String {
    const KEPT: usize = 12;
    let (mut out, mut run) = (String::new(), String::new());
    for c in piece.chars().map(Some).chain([None]) {
        match c {
            Some(c) if c.is_ascii_hexdigit() => run.push(c),
            other => {
                if run.len() >= 32 {
                    run.truncate(KEPT);
                    run.push('…');
                }
                out.push_str(&run);
                run.clear();
                out.extend(other);
            }
        }
    }
    out
}

fn who(who: &Who) -> String {
    let subject = who.check.as_ref().and_then(|check| check.subject.as_ref());
    match subject {
        // Algorithm and all of the digest stand in the details.
        Some(digest) => {
            let start: String = digest.hex().chars().take(6).collect();
            format!("{} {start}", who.words)
        }
        None => who.words.to_owned(),
    }
}

/// Everything that is known of one record; the heading.
pub fn detail(state: &State, number: u64, out: &mut Outline) -> String {
    let Some(record) = state.trace.find(number).filter(|_| !state.in_demo()) else {
        return String::new();
    };
    out.leaf("at", &time(record.at));
    let asked = if record.who.words.is_empty() { "nobody by name" } else { record.who.words };
    out.leaf("asked by", asked);
    let subject = record.who.check.as_ref().and_then(|check| check.subject.as_ref());
    out.leaf_if("about", subject.map(ToString::to_string).as_deref());
    match &record.what {
        What::Request(request) => request_detail(request, out),
        What::Cached { purpose, bytes: n } => {
            out.leaf("from the cache", purpose);
            out.leaf("read", &bytes(*n));
        }
        What::Wait { host, status, ms, attempt: (next, of) } => {
            out.leaf("waits for", host);
            out.leaf_if("it said", status.map(|s| s.to_string()).as_deref());
            out.leaf("how long", &millis(*ms));
            out.leaf("then", &format!("try {next} of {of}"));
        }
        What::Warning(words) => out.leaf_as("warning", words, Role::Warning),
    }
    format!("Record {number}")
}

fn request_detail(request: &Request, out: &mut Outline) {
    out.leaf("what for", &request.purpose);
    out.leaf(request.method, &request.url);
    out.leaf("made for", &request.of);
    out.leaf_if("status", request.status.map(|s| s.to_string()).as_deref());
    match &request.outcome {
        Outcome::Answered => {}
        Outcome::Failed(words) => out.leaf_as("failed", words, Role::Warning),
        Outcome::CutOff => {
            out.leaf_as("cut off", "its time was over, or nobody waits for it", Role::Warning);
        }
    }
    out.leaf_if("limit", request.rate.as_deref());
    out.leaf("try", &request.attempt.to_string());
    out.leaf("read", &bytes(request.bytes));
    out.leaf_as("took", &millis(request.ms), Role::Dim);
}

#[cfg(test)]
#[path = "trace_tests.rs"]
mod tests;
