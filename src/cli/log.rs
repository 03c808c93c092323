//! Where the program says what nobody asked it: a file in the state directory, never a terminal
//! that shows a verdict.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    path::PathBuf,
    sync::Mutex,
};

use crate::{domain::text::safe, net::own};

/// A log that has grown over this many bytes is begun anew.
const MAX_LOG_BYTES: u64 = 4 << 20;

/// Begins the log and makes panics harmless to read. Call once, from `main`.
///
/// A state folder that cannot be written is a warning on `err`, and nothing else changes.
pub fn begin(err: &mut dyn Write) {
    tell_panics_safely();
    match open() {
        Ok(file) => {
            let subscriber = tracing_subscriber::fmt()
                .with_ansi(false)
                .with_max_level(level())
                .with_writer(Mutex::new(file))
                .finish();
            // Somebody who embeds this library may have a subscriber already.
            let _ = tracing::subscriber::set_global_default(subscriber);
        }
        Err(e) => {
            let _ = writeln!(err, "sigscope: warning: no log is kept: {}", safe(&e.to_string()));
        }
    }
}

/// `SIGSCOPE_LOG=debug` also logs every request: host, path and status, never a header or query.
fn level() -> tracing::Level {
    match std::env::var("SIGSCOPE_LOG").as_deref() {
        Ok("debug") => tracing::Level::DEBUG,
        _ => tracing::Level::INFO,
    }
}

fn open() -> io::Result<File> {
    let path = path().ok_or_else(|| io::Error::other("there is no home directory"))?;
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let full = fs::metadata(&path).is_ok_and(|m| m.len() > MAX_LOG_BYTES);
    let mut options = OpenOptions::new();
    if full {
        options.write(true).truncate(true)
    } else {
        options.create(true).append(true)
    };
    own::regular(&path, &mut options)
}

fn path() -> Option<PathBuf> {
    let dirs = directories::ProjectDirs::from("", "", "sigscope")?;
    let folder = dirs.state_dir().unwrap_or_else(|| dirs.data_local_dir());
    Some(folder.join("sigscope.log"))
}

/// The words of a panic may hold foreign text; the usual hook would print it raw.
fn tell_panics_safely() {
    std::panic::set_hook(Box::new(|info| {
        let trace = std::backtrace::Backtrace::force_capture();
        tracing::error!("{info}\n{trace}");
        let _ = writeln!(io::stderr(), "sigscope: internal error: {}", safe(&info.to_string()));
    }));
}
