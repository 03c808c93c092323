//! Journeys through the program in a real terminal.
#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a broken journey ends"
)]

mod common;

use std::path::Path;

use common::{
    NAME, Registry,
    pty::{PATIENCE, PROGRAM, Tui},
};

const CHILD: &str = "SIGSCOPE_TEST_CHILD";

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
        tui.page_to(wanted);
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

/// Which release has it, which version, and who vouches for that: a table that fills by itself.
#[test]
fn every_release_is_asked_for_what_is_searched_for() {
    let mut tui = native("4.0.0");
    tui.wait_for("the verdict", |t| t.lines().next().unwrap_or("").contains("✓ proved"));
    tui.send("4/client-go\rw");
    tui.wait("the first that has it: 3.9.0");
    for told in ["k8s.io/client-go@v0.36.3", "k8s.io/client-go@v0.28.1", "✓ attested"] {
        tui.wait(told);
    }
    tui.send("G\r");
    tui.wait_for("the oldest release with the same search", |t| {
        t.lines().next().unwrap_or("").contains(":3.9.0") && t.contains("/client-go")
    });
    tui.send("q");
    assert_eq!(tui.exit(), 0);
}

/// From the proved release into a manifest: what would change is shown, written once it is said,
/// and a second time there is nothing to write.
#[test]
fn a_proved_release_is_pinned_in_a_file_that_names_it() {
    let registry = Registry::serve(&[(NAME, common::fixture("native/layout"))], true);
    let image = format!("{}/{NAME}:4.0.0", registry.addr());
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("pinned-from-the-screen");
    std::fs::create_dir_all(&folder).unwrap();
    let file = folder.join("pod.yaml");
    let old = format!(
        "kind: Pod\napiVersion: v1\nspec:\n  containers:\n  - name: a\n    image: {image} # kept\n"
    );
    std::fs::write(&file, &old).unwrap();
    let root = fixture("trusted_root.json");
    let identity = "^https://github\\.com/enix/x509-certificate-exporter/";
    let issuer = "https://token.actions.githubusercontent.com";
    let args = [
        &image,
        "--certificate-identity-regexp",
        identity,
        "--certificate-oidc-issuer",
        issuer,
        "--trusted-root",
        &root,
        "--plain-http",
        "--offline",
    ];
    let mut tui = Tui::start(&args, 160, 45);
    tui.wait_for("the verdict", |t| t.lines().next().unwrap_or("").contains("✓ proved"));
    tui.send("p");
    tui.wait("Kustomize");
    let field = format!("w{}\r", file.display());
    tui.send(&field);
    tui.wait("1 reference");
    assert_eq!(std::fs::read_to_string(&file).unwrap(), old, "shown only");
    tui.send("y");
    tui.wait("wrote 1 pin into");
    let digest = Registry::digest_of(&common::fixture("native/layout"), "4.0.0");
    let new = old.replace(":4.0.0 #", &format!(":4.0.0@{digest} #"));
    assert_eq!(std::fs::read_to_string(&file).unwrap(), new);
    tui.send(&field);
    tui.wait("it is pinned to this digest already");
    // Ctrl-C ends the program from a field too; Esc and q at once would be Alt-q.
    tui.send("\u{3}");
    assert_eq!(tui.exit(), 130);
    std::fs::remove_dir_all(&folder).unwrap();
}

/// Home leads to a folder by its path; where nobody demands a signer, the flags that would are told.
#[test]
fn a_folder_is_opened_from_home_and_the_flags_for_its_signer_are_offered() {
    let root = fixture("trusted_root.json");
    let mut tui = Tui::start(&["--trusted-root", &root], 160, 45);
    tui.wait("What can be opened");
    tui.send("./tests/fixtures/release-d\t");
    tui.wait("release-dir/");
    tui.send("\r");
    tui.wait("to demand it");
    for told in ["linux-amd64.tar.gz", "linux-arm64.tar.gz", "4 SBOM", "c copy flags"] {
        tui.wait(told);
    }
    tui.send("c");
    tui.wait("copied --certificate-identity https://github.com/enix/");
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
    for word in ["DEMO", "✓ proved", "✗ refuted", "– absent"] {
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
