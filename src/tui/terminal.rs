//! The terminal itself: taken, and given back in every case.

use std::{
    io::{self, Write as _},
    sync::Mutex,
    thread::ThreadId,
};

use crossterm::{cursor, event, execute, terminal};
use tokio::signal::unix::{Signal, SignalKind, signal};

/// The thread that holds the terminal; a panic anywhere else leaves the screen alone.
static HOLDER: Mutex<Option<ThreadId>> = Mutex::new(None);

/// The terminal as long as it is held; dropping gives it back.
#[derive(Debug)]
pub struct Held(());

/// Takes the terminal: raw mode, the second screen, pasted text as one event.
///
/// A panic of this thread gives the terminal back before anything is printed. A panic of another
/// thread is a failed task: its row says so, and the screen stays.
///
/// # Errors
/// When the terminal refuses.
pub fn enter() -> io::Result<Held> {
    // crossterm 0.29 resets attributes when NO_COLOR is set; the theme does without colour itself.
    crossterm::style::force_color_output(true);
    catch_panics();
    terminal::enable_raw_mode()?;
    set_holder(Some(std::thread::current().id()));
    let held = Held(());
    execute!(io::stdout(), terminal::EnterAlternateScreen, event::EnableBracketedPaste)?;
    Ok(held)
}

impl Drop for Held {
    fn drop(&mut self) {
        restore();
    }
}

fn set_holder(holder: Option<ThreadId>) -> Option<ThreadId> {
    // A poisoned lock holds a good value all the same: nothing between lock and write can panic.
    let mut place = HOLDER.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    std::mem::replace(&mut place, holder)
}

/// Gives the terminal back; does nothing when it is not held.
///
/// Everything is undone that a program might have switched on, in the order of which matters most
/// to whoever types next.
fn restore() {
    if set_holder(None).is_none() {
        return;
    }
    let _ = terminal::disable_raw_mode();
    let mut out = io::stdout();
    let _ = execute!(
        out,
        event::DisableMouseCapture,
        event::DisableBracketedPaste,
        event::DisableFocusChange,
        terminal::LeaveAlternateScreen,
        cursor::Show
    );
    let _ = out.flush();
}

fn catch_panics() {
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        let here = std::thread::current().id();
        let holder = *HOLDER.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        match holder {
            Some(holder) if holder == here => {
                restore();
                before(info);
            }
            Some(_) => tracing::error!("a task panicked: {info}"),
            None => before(info),
        }
    }));
}

/// Puts one line on the clipboard of whatever terminal this is, also over ssh: OSC 52.
///
/// # Errors
/// When nothing can be written to the terminal.
pub(super) fn copy(out: &mut impl io::Write, line: &str) -> io::Result<()> {
    use base64::{Engine as _, engine::general_purpose::STANDARD};
    write!(out, "\x1b]52;c;{}\x07", STANDARD.encode(line))?;
    out.flush()
}

/// SIGTERM and SIGHUP end the program as `q` does.
pub(super) struct Signals(Signal, Signal);

impl Signals {
    pub(super) fn new() -> io::Result<Self> {
        Ok(Self(signal(SignalKind::terminate())?, signal(SignalKind::hangup())?))
    }

    pub(super) async fn next(&mut self) {
        tokio::select! {
            _ = self.0.recv() => {}
            _ = self.1.recv() => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_copied_cannot_reach_the_terminal_as_anything_else() {
        let mut out = Vec::new();
        copy(&mut out, "x\x1b]0;pwned\x07").unwrap();
        let inner = &out[7..out.len() - 1];
        assert!(inner.iter().all(|b| b.is_ascii_alphanumeric() || b"+/=".contains(b)));
    }
}
