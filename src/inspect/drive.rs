//! The headless driver: the same plan and the same fold as the terminal UI, without a terminal.

use tokio_util::sync::CancellationToken;

use super::{Inspection, World, ready, spawn};

/// Room for events that wait to be folded.
const EVENTS: usize = 256;

/// Runs an inspection to its end; `observe` sees every state on the way.
pub async fn drive(
    mut seen: Inspection,
    world: World,
    mut observe: impl FnMut(&Inspection),
) -> Inspection {
    let (out, mut inbox) = tokio::sync::mpsc::channel(EVENTS);
    let cancel = CancellationToken::new();
    // Whoever stops waiting for the end (Ctrl-C) stops the requests too.
    let _end = cancel.clone().drop_guard();
    loop {
        for planned in ready(&seen) {
            seen.start(planned.id.clone(), (world.now)());
            spawn(planned, world.clone(), out.clone(), cancel.clone());
        }
        observe(&seen);
        if seen.running() == 0 {
            return seen;
        }
        let Some(event) = inbox.recv().await else { return seen };
        seen.apply(event);
    }
}
