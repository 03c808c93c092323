//! One check = one task = exactly one `Finished`, also after a panic.

use tokio::sync::mpsc::Sender;
use tokio_util::sync::CancellationToken;

use super::{Event, Finding, Planned, World, checks, trace::Asker};
use crate::domain::verdict::Answer;

/// Runs one check as its own task.
///
/// Exactly one [`Event::Finished`] reaches `out` unless `cancel` is cancelled first; a panic
/// inside the check becomes an undecided finding.
pub fn spawn(planned: Planned, world: World, out: Sender<Event>, cancel: CancellationToken) {
    #[expect(clippy::disallowed_methods, reason = "the one place where checks become tasks")]
    tokio::spawn(async move {
        let check = planned.id.clone();
        let now = world.now;
        let events = out.clone();
        let asker = Asker::check(&check, &events, now);
        let work = asker.during(async move { checks::run(&planned, &world, &events).await });
        #[expect(clippy::disallowed_methods, reason = "the inner task catches the panic")]
        let work = tokio::spawn(cancel.run_until_cancelled_owned(work));
        let finding = match work.await {
            Ok(Some(finding)) => finding,
            Ok(None) => return,
            Err(e) => {
                tracing::error!("check {check:?} ended: {e}");
                let words = "internal error: the check ended early; the log has the details";
                Finding::new(Answer::Undecided, words)
            }
        };
        // The receiver is gone only when the program ends.
        let _ = out.send(Event::Finished { check, finding, at: now() }).await;
    });
}
