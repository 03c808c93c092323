//! What the requests to one host share: turns, patience, and what is remembered of its silence.
//!
//! A listing may name two thousand referrers. Whatever one of them may cost, two thousand times of
//! it must not keep a reviewer from an answer.

use std::{
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU32, Ordering::Relaxed},
    },
    time::Duration,
};

use tokio::{
    sync::{Mutex as Turn, Semaphore, SemaphorePermit},
    time::Instant,
};

use crate::{inspect::trace, net::limits::KEPT_FREE};

/// After so many silent requests in a row a host is given less time.
const SILENT_IN_A_ROW: u32 = 3;
/// The time that a silent host is given for one answer.
const SHORT_DEADLINE: Duration = Duration::from_secs(2);
/// Patience is counted anew after so much time: a reviewer who tries again later may wait again.
const PATIENCE_LASTS: Duration = Duration::from_secs(300);

/// What the requests to one host share.
pub(super) struct Gate {
    /// How many may be under way at once.
    turns: Semaphore,
    /// How many of them may be for what no verdict depends on.
    looks: Semaphore,
    /// Held by the one request that may be under way since the host said that it is busy.
    pub(super) line: Turn<()>,
    busy: AtomicBool,
    silent: AtomicU32,
    waited: Mutex<Waited>,
}

/// How long was waited for a host, and since when that is counted.
struct Waited {
    since: Instant,
    total: Duration,
}

impl Gate {
    /// Knows nothing of the host yet.
    pub(super) fn new(per_host: usize) -> Self {
        Self {
            turns: Semaphore::new(per_host.max(1)),
            looks: Semaphore::new(per_host.saturating_sub(KEPT_FREE).max(1)),
            line: Turn::new(()),
            busy: AtomicBool::new(false),
            silent: AtomicU32::new(0),
            waited: Mutex::new(Waited { since: Instant::now(), total: Duration::ZERO }),
        }
    }

    /// Waits for a turn, which ends when it is dropped.
    ///
    /// Platforms that hang keep their turns until their time is over. What decides, a tag that is
    /// to be pinned and whatever else somebody waits for must not stand in line behind them, also
    /// when it is tried again in the middle.
    pub(super) async fn turn(&self) -> (Option<SemaphorePermit<'_>>, Option<SemaphorePermit<'_>>) {
        let only_looks = trace::who().check.is_some_and(|check| !check.kind.may_decide());
        // The semaphores are never closed, so this only ever waits.
        let look = if only_looks { self.looks.acquire().await.ok() } else { None };
        (self.turns.acquire().await.ok(), look)
    }

    /// Whether it said that it is busy.
    pub(super) fn is_busy(&self) -> bool {
        self.busy.load(Relaxed)
    }

    /// It says that it is busy.
    pub(super) fn says_busy(&self) {
        self.busy.store(true, Relaxed);
    }

    /// It answered.
    pub(super) fn answered(&self) {
        self.silent.store(0, Relaxed);
    }

    /// It let a deadline pass.
    pub(super) fn was_silent(&self) {
        self.silent.fetch_add(1, Relaxed);
    }

    /// The time for the next answer: a host that was silent again and again gets less.
    pub(super) fn deadline(&self, usual: Duration) -> Duration {
        match self.silent.load(Relaxed) {
            n if n >= SILENT_IN_A_ROW => usual.min(SHORT_DEADLINE),
            _ => usual,
        }
    }

    /// Whether there is patience left for one more wait, and takes it.
    pub(super) fn may_wait(&self, pause: Duration, patience: Duration) -> bool {
        let mut waited = self.waited.lock().unwrap_or_else(PoisonError::into_inner);
        if waited.since.elapsed() > PATIENCE_LASTS {
            *waited = Waited { since: Instant::now(), total: Duration::ZERO };
        }
        waited.total += pause;
        waited.total <= patience
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::{
        domain::Timestamp,
        inspect::{CheckId, CheckKind, trace::Asker},
        net::limits::PER_HOST,
    };

    async fn soon<T>(work: impl Future<Output = T>) -> T {
        tokio::time::timeout(Duration::from_secs(1), work).await.expect("no turn is free")
    }

    #[tokio::test(start_paused = true)]
    async fn sixty_platforms_that_hang_leave_a_turn_for_what_decides() {
        let gate = Arc::new(Gate::new(PER_HOST));
        let (out, _inbox) = tokio::sync::mpsc::channel(1);
        let asker = |kind| {
            let check = CheckId { kind, subject: None };
            Asker::check(&check, &out, || Timestamp::UNIX_EPOCH)
        };
        let (taken, mut told) = tokio::sync::mpsc::channel(60);
        for _ in 0..60 {
            let (gate, taken) = (gate.clone(), taken.clone());
            let hangs = asker(CheckKind::Platform).during(async move {
                let _turn = gate.turn().await;
                taken.send(()).await.unwrap();
                std::future::pending::<()>().await;
            });
            #[expect(clippy::disallowed_methods, reason = "tests")]
            tokio::spawn(hangs);
        }
        for _ in 0..PER_HOST - KEPT_FREE {
            told.recv().await.unwrap();
        }
        let kinds = [CheckKind::LegacyTags, CheckKind::Referrers, CheckKind::Piece];
        let mut turns = Vec::new();
        for kind in kinds {
            turns.push(soon(asker(kind).during(gate.turn())).await);
        }
        turns.push(soon(Asker::other("the pin").during(gate.turn())).await);
        assert_eq!(turns.len(), KEPT_FREE, "nobody waited for a platform");
        assert_eq!(gate.turns.available_permits(), 0);
        assert!(told.try_recv().is_err());
    }

    #[tokio::test(start_paused = true)]
    async fn patience_ends_and_comes_back() {
        let (gate, ten) = (Gate::new(1), Duration::from_secs(10));
        let patience = Duration::from_secs(25);
        let waits: Vec<bool> = (0..4).map(|_| gate.may_wait(ten, patience)).collect();
        assert_eq!(waits, [true, true, false, false]);
        tokio::time::advance(PATIENCE_LASTS + ten).await;
        assert!(gate.may_wait(ten, patience));
    }

    #[test]
    fn a_host_that_stays_silent_gets_less_time_until_it_answers() {
        let (gate, usual) = (Gate::new(1), Duration::from_secs(30));
        for _ in 0..SILENT_IN_A_ROW {
            assert_eq!(gate.deadline(usual), usual);
            gate.was_silent();
        }
        assert_eq!(gate.deadline(usual), SHORT_DEADLINE);
        gate.answered();
        assert_eq!(gate.deadline(usual), usual);
    }
}
