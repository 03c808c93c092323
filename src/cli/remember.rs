//! The history of tags in headless commands: read before, written after, and never in the way.

use std::sync::Arc;

use super::{Console, Stop};
use crate::{
    domain::{Timestamp, text::safe},
    inspect::{
        Inspection,
        tags::{Entry, History, Ledger, NoHistory},
    },
    net::history::FileHistory,
};

/// The history of this user.
pub(super) fn history() -> Arc<dyn History> {
    match FileHistory::from_env() {
        Some(file) => Arc::new(file),
        None => Arc::new(NoHistory),
    }
}

/// Everything that is remembered; what is wrong with it is a warning.
pub(super) async fn read(
    history: &Arc<dyn History>,
    console: &mut Console<'_>,
) -> Result<Ledger, Stop> {
    let history = Arc::clone(history);
    let read = tokio::task::spawn_blocking(move || history.read()).await;
    let (mut ledger, trouble) = read.unwrap_or_default();
    ledger.forget_moves(super::world::now());
    warn(trouble, console)?;
    Ok(ledger)
}

/// Remembers; a history that cannot be written is a warning.
pub(super) async fn record(
    history: &Arc<dyn History>,
    entries: Vec<Entry>,
    console: &mut Console<'_>,
) -> Result<(), Stop> {
    let history = Arc::clone(history);
    let written = tokio::task::spawn_blocking(move || history.record(entries)).await;
    warn(written.ok().and_then(Result::err), console)
}

fn warn(words: Option<String>, console: &mut Console<'_>) -> Result<(), Stop> {
    if let Some(words) = words {
        writeln!(console.err, "sigscope: warning: {}", safe(&words))?;
    }
    Ok(())
}

/// What an inspection starts with: where its tag pointed last.
pub(super) fn begin(begun: Inspection, ledger: &Ledger) -> Inspection {
    let last = begun.tag().and_then(|(repository, tag)| ledger.last(repository, &tag).cloned());
    Inspection { last_seen: last, ..begun }
}

/// What an inspection leaves behind: where its tag pointed. A tag that moved is said at once, also
/// where the report goes to a file.
pub(super) fn end(
    seen: &Inspection,
    now: Timestamp,
    console: &mut Console<'_>,
) -> Result<Vec<Entry>, Stop> {
    if let Some(moved) = seen.moved() {
        writeln!(console.err, "sigscope: {}: {}", moved.code(), safe(&moved.message()))?;
    }
    let entry = || {
        let (repository, tag) = seen.tag()?;
        Entry::of(repository, &tag, seen.named_digest()?, now)
    };
    Ok(entry().into_iter().collect())
}
