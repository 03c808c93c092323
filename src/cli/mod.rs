//! Floor 5: arguments in, exit code out. Nothing here judges anything.

mod args;
mod demand;
mod diff;
mod files;
mod github;
mod headless;
mod keeping;
mod log;
mod misspelt;
mod pin;
mod policy;
mod profile;
mod registry;
mod remember;
mod root;
mod sbom;
mod scope;
mod store;
mod tags;
mod trust_root;
mod unbuilt;
mod world;

use std::{ffi::OsString, io::Write};

use crate::domain::text::safe;

use args::{Cli, Command};
use clap::Parser;
pub use log::begin as begin_log;

/// Exit code of a wrong command line; nothing was contacted.
const USAGE: u8 = 2;
/// Exit code where nothing could be found out.
const UNDECIDED: u8 = 3;
/// Exit code after Ctrl-C.
const INTERRUPTED: u8 = 130;

/// Where a run writes, and what it may assume of its terminal.
pub struct Console<'a> {
    /// Standard output.
    pub out: &'a mut dyn Write,
    /// Standard error.
    pub err: &'a mut dyn Write,
    /// Whether standard output is a terminal.
    pub terminal: bool,
}

/// A message for standard error and the exit code that goes with it.
struct Stop {
    code: u8,
    message: String,
}

impl Stop {
    fn usage(message: impl Into<String>) -> Self {
        Self { code: USAGE, message: message.into() }
    }
}

impl From<std::io::Error> for Stop {
    /// Output that cannot be written is undecided: nobody has read the verdict.
    fn from(error: std::io::Error) -> Self {
        Self { code: UNDECIDED, message: format!("the output cannot be written: {error}") }
    }
}

/// Runs the program with `args` (the program's name first) and returns its exit code.
pub fn run(args: impl IntoIterator<Item = OsString>, console: &mut Console<'_>) -> u8 {
    match dispatch(args.into_iter().collect(), console) {
        Ok(code) => code,
        Err(stop) => {
            // Standard error is the last resort; if it is closed, the exit code still tells.
            for line in stop.message.lines() {
                let _ = writeln!(console.err, "sigscope: {}", safe(line));
            }
            stop.code
        }
    }
}

fn dispatch(args: Vec<OsString>, console: &mut Console<'_>) -> Result<u8, Stop> {
    if let Some(name) = unbuilt::first(&args) {
        let message = format!("{name} is not built yet; nothing was contacted");
        return Err(Stop::usage(message));
    }
    if let Some(words) = misspelt::first(&args) {
        return Err(Stop::usage(words));
    }
    let mut cli = match Cli::try_parse_from(args) {
        Ok(cli) => cli,
        Err(e) if e.use_stderr() => {
            // The message repeats arguments, and those may hold what a terminal obeys.
            for line in e.to_string().lines() {
                writeln!(console.err, "{}", safe(line))?;
            }
            return Ok(USAGE);
        }
        Err(help) => {
            write!(console.out, "{help}")?;
            return Ok(0);
        }
    };
    if let Some(flags) = cli.policy() {
        profile::load(flags)?;
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|e| Stop { code: UNDECIDED, message: format!("the program cannot start: {e}") })?;
    let code = runtime.block_on(async {
        match cli.command {
            Some(Command::Verify { targets, flags, json }) => {
                let verdicts = headless::verify(&targets, &flags, json, console);
                or_interrupt(verdicts).await
            }
            Some(Command::Inspect { target, flags, json }) => {
                or_interrupt(headless::inspect(&target, &flags, json, console)).await
            }
            Some(Command::Sbom(asked)) => or_interrupt(sbom::run(&asked, console)).await,
            Some(Command::Diff(asked)) => or_interrupt(diff::run(&asked, console)).await,
            Some(Command::Pin(asked)) => or_interrupt(pin::run(&asked, console)).await,
            Some(Command::Policy(asked)) => or_interrupt(policy::run(&asked, console)).await,
            Some(Command::Tags(flags)) => or_interrupt(tags::run(&flags, console)).await,
            Some(Command::TrustRoot { action, trusted_root, root, network, json }) => {
                let asked = trust_root::Asked { action, trusted_root, root, network, json };
                or_interrupt(trust_root::run(&asked, console)).await
            }
            Some(Command::Demo { screen }) => world::demo(&screen, console).await,
            None => world::terminal(cli.target.as_deref(), &cli.flags, &cli.screen, console).await,
        }
    });
    // Work that was cancelled must not hold the exit back.
    runtime.shutdown_background();
    code
}

/// Ctrl-C ends a headless command with 130, whatever it waits for.
async fn or_interrupt(work: impl Future<Output = Result<u8, Stop>>) -> Result<u8, Stop> {
    tokio::select! {
        code = work => code,
        _ = tokio::signal::ctrl_c() => Ok(INTERRUPTED),
    }
}
