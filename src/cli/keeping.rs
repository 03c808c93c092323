//! The flags that say what is kept of a run: what was read, and what was asked.

use std::path::PathBuf;

use clap::Args;

use super::{Console, Stop, UNDECIDED};
use crate::{
    domain::{Timestamp, text::safe},
    net::{
        cache::{Bounds, Cache},
        trace::Tracer,
    },
};

/// What is kept of a run.
#[derive(Args, Default)]
pub(super) struct Keeping {
    /// Neither read manifests and blobs from the cache nor keep them there
    #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true", default_value = "false", action = clap::ArgAction::Set)]
    pub(super) no_cache: bool,
    /// Write every request as a JSON line; secrets are cut
    #[arg(long, value_name = "FILE")]
    pub(super) trace: Option<PathBuf>,
}

impl Keeping {
    /// Where requests are recorded.
    ///
    /// # Errors
    /// Where the file cannot be made: nobody would read what was asked for.
    pub(super) fn tracer(&self, now: Timestamp) -> Result<Tracer, Stop> {
        let Some(path) = &self.trace else { return Ok(Tracer::new(now)) };
        Tracer::with_file(now, path).map_err(|e| {
            let message = format!("--trace {}: the file cannot be made: {e}", path.display());
            Stop { code: UNDECIDED, message }
        })
    }

    /// Where manifests and blobs are kept.
    pub(super) fn cache(&self, tracer: &Tracer) -> Cache {
        let folder = Cache::folder().filter(|_| !self.no_cache);
        folder.map_or_else(Cache::default, |folder| {
            Cache::new(folder, Bounds::default(), tracer.clone())
        })
    }
}

/// Ends the trace, and says what went wrong beside the answers.
pub(super) fn finish(tracer: &Tracer, console: &mut Console<'_>) {
    for words in tracer.finish() {
        // Standard error may be closed; the verdict stands all the same.
        let _ = writeln!(console.err, "sigscope: warning: {}", safe(&words));
    }
}
