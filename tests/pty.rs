//! Journeys through the program in a real terminal.
#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a broken journey ends"
)]

use std::{
    io::{Read as _, Write as _},
    path::Path,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, SlavePty, native_pty_system};

/// The longest that anything may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);
const PROGRAM: &str = env!("CARGO_BIN_EXE_sigscope");
const CHILD: &str = "SIGSCOPE_TEST_CHILD";

/// A program in a terminal of its own.
struct Tui {
    parser: Arc<Mutex<vt100::Parser>>,
    raw: Arc<Mutex<Vec<u8>>>,
    keys: Box<dyn std::io::Write + Send>,
    master: Box<dyn MasterPty + Send>,
    // Held, so that the modes can still be read when the program has ended.
    _slave: Box<dyn SlavePty + Send>,
    child: Box<dyn Child + Send + Sync>,
    modes_before: String,
}

fn size(columns: u16, rows: u16) -> PtySize {
    PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 }
}

impl Tui {
    fn start(args: &[&str], columns: u16, rows: u16) -> Self {
        Self::spawn(PROGRAM, args, &[], (columns, rows))
    }

    fn spawn(
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

    fn send(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).unwrap();
        self.keys.flush().unwrap();
    }

    fn text(&self) -> String {
        self.parser.lock().unwrap().screen().contents()
    }

    fn wait(&self, what: &str) {
        self.wait_for(what, |text| text.contains(what));
    }

    fn wait_for(&self, label: &str, holds: impl Fn(&str) -> bool) {
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

    /// Sends a key until the text is there.
    fn wait_for_after(&mut self, key: &str, what: &str) {
        let started = Instant::now();
        while !self.text().contains(what) {
            assert!(started.elapsed() < PATIENCE, "waiting for {what:?}:\n{}", self.text());
            self.send(key);
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    fn resize(&self, columns: u16, rows: u16) {
        let (r, c) = (rows.try_into().unwrap(), columns.try_into().unwrap());
        self.parser.lock().unwrap().screen_mut().set_size(r, c);
        self.master.resize(size(columns, rows)).unwrap();
    }

    fn exit(&mut self) -> u32 {
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
    fn assert_restored(&self) {
        self.wait_for_screen("the first screen", |s| !s.alternate_screen());
        self.wait_for_screen("no paste mode", |s| !s.bracketed_paste());
        self.wait_for_screen("the cursor", |s| !s.hide_cursor());
        let none = vt100::MouseProtocolMode::None;
        self.wait_for_screen("no mouse mode", |s| s.mouse_protocol_mode() == none);
        assert_eq!(modes(&*self.master), self.modes_before);
    }

    fn wait_for_screen(&self, label: &str, holds: impl Fn(&vt100::Screen) -> bool) {
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

fn fixture(name: &str) -> String {
    Path::new("tests/fixtures").join(name).display().to_string()
}

fn native(tag: &str) -> Tui {
    let layout = format!("oci:{}:{tag}", fixture("native/layout"));
    let root = fixture("trusted_root.json");
    let identity = "^https://github\\.com/enix/x509-certificate-exporter/";
    let issuer = "https://token.actions.githubusercontent.com";
    let args = [
        &layout,
        "--certificate-identity-regexp",
        identity,
        "--certificate-oidc-issuer",
        issuer,
        "--trusted-root",
        &root,
    ];
    Tui::start(&args, 120, 35)
}

#[test]
fn a_reviewer_opens_a_release_reads_its_signature_and_searches_its_sbom() {
    let mut tui = native("4.0.0");
    tui.wait_for("the verdict", |t| t.lines().next().unwrap_or("").contains("✓ proved"));
    tui.wait("Who signed");
    tui.send("2");
    tui.wait("signed-time");
    // Into the details, and down to where the certificate is decoded.
    tui.send("\t");
    for wanted in ["Certificate", "Fulcio extensions", "Log entry 1", "predicate type"] {
        tui.wait_for_after("\u{1b}[6~", wanted);
    }
    tui.send("\t\t");
    tui.send("4");
    tui.wait("CycloneDX");
    tui.send("/client-go");
    tui.wait("k8s.io/client-go");
    tui.wait("/client-go");
    tui.send("\r");
    for (columns, rows) in [(60, 16), (40, 10), (120, 35)] {
        tui.resize(columns, rows);
        let wanted = if columns < 60 { "needs 60×16" } else { "client-go" };
        tui.wait(wanted);
    }
    tui.send("q");
    assert_eq!(tui.exit(), 0);
    tui.assert_restored();
}

#[test]
fn control_c_ends_the_program_and_gives_the_terminal_back() {
    let mut tui = native("4.0.0");
    tui.wait("1 Overview");
    tui.send("o\u{3}");
    assert_eq!(tui.exit(), 130);
    tui.assert_restored();
}

#[test]
fn the_demo_shows_its_images_with_their_verdicts_and_goes_on_to_the_next() {
    let mut tui = Tui::start(&["demo"], 120, 35);
    for word in ["DEMO", "✓ proved", "✗ refuted", "? undecided", "– absent"] {
        tui.wait(word);
    }
    let first = tui.text().lines().next().unwrap_or("").to_owned();
    tui.send("\u{1b}[B\r");
    tui.wait_for("the next image", |t| {
        let line = t.lines().next().unwrap_or("").to_owned();
        line.contains("DEMO") && line.contains("demo.invalid") && line != first
    });
    tui.wait("Enter open");
    tui.send("2");
    tui.wait("2 Signatures");
    tui.send("q");
    assert_eq!(tui.exit(), 0);
    tui.assert_restored();
    let raw = tui.raw.lock().unwrap();
    assert!(!raw.windows(5).any(|w| w == b"\x1b]52;"), "nothing of the demo is copied");
}

#[test]
fn every_key_is_answered_while_the_registry_hangs() {
    // It takes connections and never says a word.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let target = format!("{}/a/b:1", silent.local_addr().unwrap());
    let mut tui = Tui::start(&[&target], 80, 24);
    tui.wait("◌ running");
    tui.wait("UNVERIFIED");
    for (key, answer) in [("2", "still looking"), ("?", "Keys"), ("\u{1b}", "2 Signatures")] {
        tui.send(key);
        tui.wait(answer);
    }
    tui.send("q");
    assert_eq!(tui.exit(), 0);
    tui.assert_restored();
}

#[test]
fn without_colour_the_selection_is_still_seen() {
    let mut tui = Tui::spawn(PROGRAM, &["demo"], &[("NO_COLOR", "1")], (120, 35));
    tui.wait("DEMO");
    tui.wait("✓ proved");
    let parser = tui.parser.lock().unwrap();
    let screen = parser.screen();
    let cells = (0..35).flat_map(|y| (0..120).filter_map(move |x| screen.cell(y, x)));
    let cells: Vec<_> = cells.collect();
    assert!(cells.iter().any(|c| c.inverse()) && cells.iter().any(|c| c.bold()));
    assert!(cells.iter().all(|c| c.fgcolor() == vt100::Color::Default));
    drop(parser);
    tui.send("q");
    assert_eq!(tui.exit(), 0);
}

/// Not a test of its own: the next one runs it in a terminal, where it panics.
#[test]
fn panics_in_the_terminal_when_asked_to() {
    match std::env::var(CHILD).as_deref() {
        Ok("ui") => {
            let _held = sigscope::tui::terminal::enter().unwrap();
            println!("in it");
            panic!("as asked");
        }
        Ok("task") => {
            let held = sigscope::tui::terminal::enter().unwrap();
            let ended = std::thread::spawn(|| panic!("only a task")).join();
            assert!(ended.is_err());
            println!("still in it");
            std::thread::sleep(PATIENCE);
            drop(held);
        }
        _ => {}
    }
}

fn panicking(child: &str) -> Tui {
    let own = std::env::current_exe().unwrap();
    let args = ["--exact", "panics_in_the_terminal_when_asked_to", "--nocapture"];
    Tui::spawn(&own.display().to_string(), &args, &[(CHILD, child)], (80, 24))
}

#[test]
fn a_panic_of_the_ui_gives_the_terminal_back_before_it_is_told() {
    let mut tui = panicking("ui");
    assert_ne!(tui.exit(), 0);
    tui.assert_restored();
    tui.wait("as asked");
}

#[test]
fn a_panic_of_a_task_leaves_the_screen_alone() {
    let tui = panicking("task");
    tui.wait("still in it");
    assert!(tui.parser.lock().unwrap().screen().alternate_screen());
    assert!(!tui.text().contains("only a task"), "{}", tui.text());
}
