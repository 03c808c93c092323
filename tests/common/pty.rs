//! A program in a terminal of its own: keys in, a screen model out.

use std::{
    io::{Read as _, Write as _},
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, SlavePty, native_pty_system};

/// The longest that anything may take on a busy machine.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);
pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_sigscope");

/// A program in a terminal of its own.
pub(crate) struct Tui {
    pub(crate) parser: Arc<Mutex<vt100::Parser>>,
    pub(crate) raw: Arc<Mutex<Vec<u8>>>,
    keys: Box<dyn std::io::Write + Send>,
    pub(crate) master: Box<dyn MasterPty + Send>,
    // Held, so that the modes can still be read when the program has ended.
    _slave: Box<dyn SlavePty + Send>,
    pub(crate) child: Box<dyn Child + Send + Sync>,
    modes_before: String,
}

fn size(columns: u16, rows: u16) -> PtySize {
    PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 }
}

impl Tui {
    pub(crate) fn start(args: &[&str], columns: u16, rows: u16) -> Self {
        Self::spawn(PROGRAM, args, &[], (columns, rows))
    }

    pub(crate) fn spawn(
        program: &str,
        args: &[&str],
        env: &[(&str, &str)],
        (columns, rows): (u16, u16),
    ) -> Self {
        let pty = native_pty_system().openpty(size(columns, rows)).unwrap();
        let mut command = CommandBuilder::new(program);
        command.args(args);
        command.cwd(env!("CARGO_MANIFEST_DIR"));
        command.env("TERM", "xterm-256color");
        command.env("LC_ALL", "C.UTF-8");
        command.env_remove("NO_COLOR");
        command.env("RUST_BACKTRACE", "0");
        for (name, value) in env {
            command.env(name, value);
        }
        let modes_before = modes(&*pty.master);
        let child = pty.slave.spawn_command(command).unwrap();
        let parser = vt100::Parser::new(rows.try_into().unwrap(), columns.try_into().unwrap(), 0);
        let (parser, raw) = (Arc::new(Mutex::new(parser)), Arc::new(Mutex::new(Vec::new())));
        let mut reader = pty.master.try_clone_reader().unwrap();
        let (screen, bytes) = (Arc::clone(&parser), Arc::clone(&raw));
        std::thread::spawn(move || {
            let mut buffer = vec![0; 65536];
            while let Ok(n) = reader.read(&mut buffer) {
                if n == 0 {
                    break;
                }
                bytes.lock().unwrap().extend_from_slice(&buffer[..n]);
                screen.lock().unwrap().process(&buffer[..n]);
            }
        });
        let keys = pty.master.take_writer().unwrap();
        Self { parser, raw, keys, master: pty.master, _slave: pty.slave, child, modes_before }
    }

    pub(crate) fn send(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).unwrap();
        self.keys.flush().unwrap();
    }

    pub(crate) fn text(&self) -> String {
        self.parser.lock().unwrap().screen().contents()
    }

    pub(crate) fn wait(&self, what: &str) {
        self.wait_for(what, |text| text.contains(what));
    }

    pub(crate) fn wait_for(&self, label: &str, holds: impl Fn(&str) -> bool) {
        let started = Instant::now();
        loop {
            let text = self.text();
            if holds(&text) {
                return;
            }
            assert!(started.elapsed() < PATIENCE, "waiting for {label:?}:\n{text}");
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Pages down until the text is there, each time after the page before has been drawn; at the
    /// end it begins again at the top, since a page may have been drawn over in between.
    pub(crate) fn page_to(&mut self, what: &str) {
        let (down, home) = ("\u{1b}[6~", "\u{1b}[H");
        let started = Instant::now();
        while !self.text().contains(what) {
            assert!(started.elapsed() < PATIENCE, "waiting for {what:?}:\n{}", self.text());
            let before = self.text();
            self.send(down);
            let sent = Instant::now();
            while self.text() == before && sent.elapsed() < Duration::from_secs(1) {
                std::thread::sleep(Duration::from_millis(10));
            }
            if self.text() == before {
                self.send(home);
                std::thread::sleep(Duration::from_millis(200));
            }
        }
    }

    pub(crate) fn resize(&self, columns: u16, rows: u16) {
        let (r, c) = (rows.try_into().unwrap(), columns.try_into().unwrap());
        self.parser.lock().unwrap().screen_mut().set_size(r, c);
        self.master.resize(size(columns, rows)).unwrap();
    }

    pub(crate) fn exit(&mut self) -> u32 {
        let started = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.exit_code();
            }
            assert!(started.elapsed() < PATIENCE, "it does not end:\n{}", self.text());
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// The terminal is as it was before.
    pub(crate) fn assert_restored(&self) {
        self.wait_for_screen("the first screen", |s| !s.alternate_screen());
        self.wait_for_screen("no paste mode", |s| !s.bracketed_paste());
        self.wait_for_screen("the cursor", |s| !s.hide_cursor());
        let none = vt100::MouseProtocolMode::None;
        self.wait_for_screen("no mouse mode", |s| s.mouse_protocol_mode() == none);
        assert_eq!(modes(&*self.master), self.modes_before);
    }

    pub(crate) fn wait_for_screen(&self, label: &str, holds: impl Fn(&vt100::Screen) -> bool) {
        let started = Instant::now();
        while !holds(self.parser.lock().unwrap().screen()) {
            assert!(started.elapsed() < PATIENCE, "waiting for {label}");
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

impl Drop for Tui {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Line discipline: echo, canonical mode, signals.
fn modes(master: &dyn MasterPty) -> String {
    format!("{:?}", master.get_termios().map(|t| (t.local_flags, t.input_flags, t.output_flags)))
}
