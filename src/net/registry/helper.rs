//! Credential helpers: `docker-credential-NAME get` with the server's name on standard input.
//!
//! The crate `docker_credential` runs them too, but it waits for ever for one that hangs, reads
//! whatever it writes into memory, blocks the thread, and takes a name with slashes in it. A
//! helper may ask a service far away, or a person; so here it has a time and a limit, and it ends
//! when nobody waits for it any more.
//!
//! Source: docker-credential-helpers, `credentials/credentials.go`.

use std::{
    ffi::OsStr,
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use rustix::process::{Pid, Signal, kill_process_group};
use serde::Deserialize;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    process::{Child, ChildStdout, Command},
    time::timeout,
};

use crate::{domain::text::safe, net::limits};

use super::credentials::Secrets;

/// The user name of a helper that stores an identity token instead of a password.
const IDENTITY: &str = "<token>";
/// How long the output of a helper that has ended is still read.
const GRACE: Duration = Duration::from_secs(1);
/// What a helper says when it knows nothing of a server: that is an answer, no fault.
const NOTHING_KNOWN: &str = "credentials not found";

/// What a helper prints.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Stored {
    username: String,
    secret: String,
}

/// Asks the helper `name`, which is looked for in the folders of `path`, for `server`. Nothing
/// where it knows nothing.
///
/// # Errors
/// In words that hold nothing of what the helper wrote: it could be the secret.
pub(super) async fn ask(
    name: &str,
    server: &str,
    path: Option<&OsStr>,
    time: Duration,
) -> Result<Option<Secrets>, String> {
    let program = find(name, path)?;
    let failed = |words: String| format!("docker-credential-{name} {words}");
    // Its own group: a helper that reads the terminal would take the keys of the screen.
    let child = Command::new(program)
        .arg("get")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .process_group(0)
        .kill_on_drop(true)
        .spawn();
    let child = child.map_err(|e| failed(format!("cannot be run: {e}")))?;
    let (good, bytes) = timeout(time, converse(child, server))
        .await
        .map_err(|_late| failed(format!("did not answer within {time:?}")))?
        .map_err(failed)?;
    if !good {
        let said = String::from_utf8_lossy(&bytes);
        if said.to_ascii_lowercase().contains(NOTHING_KNOWN) {
            return Ok(None);
        }
        return Err(failed("failed; run it with `get` to see why".to_owned()));
    }
    let stored: Stored = serde_json::from_slice(&bytes)
        .map_err(|_secret| failed("answered with something that is no credential".to_owned()))?;
    Ok(Some(secrets(stored)))
}

fn secrets(stored: Stored) -> Secrets {
    if stored.username == IDENTITY {
        return Secrets { identity: Some(stored.secret), ..Secrets::default() };
    }
    let pair = format!("{}:{}", stored.username, stored.secret);
    Secrets { basic: Some(pair).filter(|pair| pair != ":"), ..Secrets::default() }
}

/// Whether it ended well, and what it wrote up to the limit.
async fn converse(mut child: Child, server: &str) -> Result<(bool, Vec<u8>), String> {
    let mut group = Group(child.id());
    let mut input = child.stdin.take().ok_or("takes no input")?;
    let mut output = child.stdout.take().ok_or("gives no output")?;
    // One that ends without reading has said all it wants to say.
    let _ = input.write_all(server.as_bytes()).await;
    drop(input);
    let mut bytes = Vec::new();
    let status = {
        let mut reading = Box::pin(fill(&mut output, &mut bytes));
        tokio::select! {
            read = &mut reading => {
                read?;
                child.wait().await
            }
            status = child.wait() => {
                // What it left behind may hold the output open for ever; what the helper itself
                // wrote is in the pipe by now.
                if let Ok(read) = timeout(GRACE, reading).await {
                    read?;
                }
                status
            }
        }
    };
    // From here on the number may be another process's.
    group.0 = None;
    Ok((status.map_err(|e| e.to_string())?.success(), bytes))
}

/// Reads to the end; what was read so far stands even when nobody waits for the end.
async fn fill(output: &mut ChildStdout, bytes: &mut Vec<u8>) -> Result<(), String> {
    let limit = limits::HELPER_BYTES;
    let mut piece = [0; 4096];
    loop {
        let number = output.read(&mut piece).await.map_err(|e| e.to_string())?;
        if number == 0 {
            return Ok(());
        }
        bytes.extend_from_slice(piece.get(..number).unwrap_or_default());
        if bytes.len() as u64 > limit {
            return Err(format!("wrote more than {}", limits::bytes(limit)));
        }
    }
}

/// The process group of a helper that runs; it ends with this. A helper is often a script, and to
/// end the script alone would leave what it waits for.
struct Group(Option<u32>);

impl Drop for Group {
    fn drop(&mut self) {
        let leader = self.0.and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw);
        if let Some(leader) = leader {
            // It may have ended by itself.
            let _ = kill_process_group(leader, Signal::KILL);
        }
    }
}

/// The program of a helper. Only folders with an absolute path count: with `.` in the search path
/// a checkout could bring its own helper (CWE-426).
fn find(name: &str, path: Option<&OsStr>) -> Result<PathBuf, String> {
    let word = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    if name.is_empty() || !name.chars().all(word) {
        return Err(format!("{} is no name of a credential helper; it was not run", safe(name)));
    }
    let file = format!("docker-credential-{name}");
    let folders = path.map(std::env::split_paths).into_iter().flatten();
    let mut programs = folders.filter(|f| f.is_absolute()).map(|folder| folder.join(&file));
    programs.find(|program| is_program(program)).ok_or_else(|| format!("{file} is not installed"))
}

fn is_program(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    path.metadata().is_ok_and(|m| m.is_file() && m.permissions().mode() & 0o111 != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_a_name_and_no_path() {
        for (name, words) in [
            ("", "no name"),
            ("../evil", "no name"),
            ("a/b", "no name"),
            ("a b", "no name"),
            ("a\0b", "no name"),
            ("a\x1b[2J", "no name"),
            ("no-such-helper", "not installed"),
        ] {
            let error = find(name, Some(OsStr::new("/usr/bin:.::bin"))).unwrap_err();
            assert!(error.contains(words) && !error.contains('\x1b'), "{name}: {error}");
        }
        assert!(find("x", None).is_err());
    }
}
