//! Time from starting `sigscope demo` to its first frame, in a real pseudo-terminal.
//!
//! Method: the release binary is started in a pty of 120×35; the clock runs from just before the
//! spawn until the reading side has seen the word DEMO on the screen model (vt100), which stands
//! in the header of the first frame. Also reported: until every tag has a verdict beside it
//! (no row is running any more). Median of 7 after one warm-up. Run: `cargo bench --bench
//! first_frame`; wanted: first frame within 50 ms.
#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a bench prints and reads the clock"
)]

use std::{
    io::{Read, Write},
    time::{Duration, Instant},
};

use portable_pty::{CommandBuilder, PtySize, native_pty_system};

const RUNS: usize = 7;

/// Time to the first frame, and to the last verdict.
fn start() -> (Duration, Duration) {
    let size = PtySize { rows: 35, cols: 120, pixel_width: 0, pixel_height: 0 };
    let pair = native_pty_system().openpty(size).unwrap();
    let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_sigscope"));
    command.arg("demo");
    command.env("TERM", "xterm-256color");
    command.env("LANG", "C.UTF-8");
    let mut reader = pair.master.try_clone_reader().unwrap();
    let mut writer = pair.master.take_writer().unwrap();
    let mut screen = vt100::Parser::new(35.try_into().unwrap(), 120.try_into().unwrap(), 0);
    let started = Instant::now();
    let mut child = pair.slave.spawn_command(command).unwrap();
    drop(pair.slave);
    let mut first = None;
    let mut buffer = vec![0_u8; 65536];
    loop {
        let read = reader.read(&mut buffer).unwrap();
        screen.process(&buffer[..read]);
        let text = screen.screen().contents();
        if first.is_none() && text.contains("DEMO") {
            first = Some(started.elapsed());
        }
        let answered = ["proved", "refuted", "absent"];
        let done = answered.iter().all(|word| text.contains(word)) && !text.contains("running");
        if done && first.is_some() {
            break;
        }
    }
    let last = started.elapsed();
    writer.write_all(b"q").unwrap();
    child.wait().unwrap();
    (first.unwrap(), last)
}

fn main() {
    start();
    let (mut firsts, mut lasts): (Vec<_>, Vec<_>) = (0..RUNS).map(|_| start()).unzip();
    firsts.sort();
    lasts.sort();
    println!(
        "first frame {:?}, every verdict {:?} (medians of {RUNS})",
        firsts[RUNS / 2],
        lasts[RUNS / 2]
    );
}
