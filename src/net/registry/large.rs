//! Large answers are read a few at a time. Most manifests and lists are kilobytes and sixteen of them
//! may be under way; sixteen that are four megabytes each would be all the memory there is to spend.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::net::limits::{LARGE_ANSWERS, LARGE_BYTES, TAG_PAGE_BYTES};

/// Turns for large answers, over all hosts.
#[derive(Clone)]
pub(super) struct Large(Arc<Semaphore>);

/// A turn, as long as the answer is there.
#[derive(Debug)]
pub(super) struct Room {
    _turn: OwnedSemaphorePermit,
}

impl Default for Large {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(LARGE_ANSWERS)))
    }
}

impl Large {
    /// Waits for a turn where `bytes` of an answer are many and it has none; `limit` is the most that
    /// it may have. What may be larger than any manifest or list has a budget of its own, where it is
    /// judged. Nobody who has a turn waits for another, so each comes.
    pub(super) async fn turn(&self, (bytes, limit): (u64, u64), room: &mut Option<Room>) {
        if room.is_none() && bytes > LARGE_BYTES && limit <= TAG_PAGE_BYTES {
            // The semaphore is never closed, so this only ever waits.
            let turn = Arc::clone(&self.0).acquire_owned().await.ok();
            *room = turn.map(|turn| Room { _turn: turn });
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;

    use super::*;

    #[tokio::test]
    async fn so_many_large_answers_are_there_at_once_and_any_number_of_small_ones() {
        let large = Large::default();
        let take = |bytes, limit| {
            let large = large.clone();
            async move {
                let mut room = None;
                large.turn((bytes, limit), &mut room).await;
                // A turn that is had is not taken again.
                large.turn((bytes, limit), &mut room).await;
                room
            }
        };
        let mut held: Vec<_> = vec![];
        for _ in 0..LARGE_ANSWERS {
            held.push(take(LARGE_BYTES + 1, TAG_PAGE_BYTES).now_or_never().flatten());
        }
        assert!(held.iter().all(Option::is_some));
        assert!(take(LARGE_BYTES + 1, TAG_PAGE_BYTES).now_or_never().is_none());
        for (bytes, limit) in [(LARGE_BYTES, TAG_PAGE_BYTES), (u64::MAX, TAG_PAGE_BYTES + 1)] {
            assert!(take(bytes, limit).now_or_never().is_some_and(|room| room.is_none()));
        }
        held.pop();
        assert!(take(LARGE_BYTES + 1, 1).now_or_never().flatten().is_some());
    }
}
