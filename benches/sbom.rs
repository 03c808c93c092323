//! Times of reading, searching and unfolding SBOMs of 1,000, 10,000 and 100,000 components.
//!
//! `cargo bench --bench sbom`
//!
//! Method: a CycloneDX 1.6 document is generated (seeded, the same on every run) with two
//! dependencies a component, as large Node and Java services have: purl, CPE, licence, hash, two
//! properties and a description each, about 0.75 kB a component. Each action runs 15 times in one
//! process after one run that does not count; printed are the median and the worst. Only the
//! action is timed, not making its input. Memory is the growth of the resident set while the
//! document is read, where the system says it.

#![allow(
    clippy::print_stdout,
    clippy::expect_used,
    clippy::cast_precision_loss,
    missing_docs,
    reason = "a bench prints, may panic, and rounds sizes to tenths of a megabyte"
)]

use std::{
    borrow::Cow,
    fmt::Write as _,
    hint::black_box,
    sync::Arc,
    time::{Duration, Instant},
};

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::{Terminal, backend::TestBackend};
use serde::Deserialize;
use sigscope::{
    domain::{
        Digest, Timestamp,
        sbom::{
            Sbom,
            diff::diff,
            list::{GroupKey, SortKey},
            paths::Paths,
            rows::{Arrangement, Rows},
            tree::Tree,
        },
        verdict::Answer,
    },
    inspect::{Event, Facts, Finding, RootSource, SbomFacts, Scope, Subject},
    tui::{
        Start, Theme,
        message::{Effect, Message},
        state::{Judge, State},
        update::{start, update},
        view::view,
    },
};
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<std::alloc::System> = &INSTRUMENTED_SYSTEM;

const RUNS: usize = 9;

/// What reviewers type, and what costs most: words that are everywhere, fields that have no text
/// in common with the rest, comparisons alone.
const QUERIES: [&str; 21] = [
    "e",
    "spring",
    "org.example",
    "Spring Apache",
    "pkg:maven/ 2.17",
    "log4shell",
    "!go",
    "!e",
    "name:spring",
    "name:e",
    "licence:mit",
    "type:library",
    "!type:library",
    "hash:ab",
    "supplier:acme",
    "version:1",
    "version:<0.30",
    "version:>=0.30,<1.10",
    "version:^1",
    "contains:e",
    "contains:client-go",
];

/// What a reader of CycloneDX that keeps nothing but borrowed names would need: the measure.
#[derive(Deserialize)]
#[allow(dead_code, reason = "read and never looked at")]
struct Slim<'a> {
    #[serde(borrow)]
    components: Vec<SlimPart<'a>>,
    #[serde(borrow)]
    dependencies: Vec<SlimEdge<'a>>,
}

#[derive(Deserialize)]
#[allow(dead_code, reason = "read and never looked at")]
struct SlimPart<'a> {
    #[serde(borrow)]
    name: Cow<'a, str>,
    #[serde(borrow)]
    version: Option<Cow<'a, str>>,
    #[serde(borrow)]
    purl: Option<Cow<'a, str>>,
    #[serde(borrow)]
    cpe: Option<Cow<'a, str>>,
    #[serde(rename = "bom-ref", borrow)]
    bom_ref: Option<Cow<'a, str>>,
}

#[derive(Deserialize)]
#[allow(dead_code, reason = "read and never looked at")]
struct SlimEdge<'a> {
    #[serde(rename = "ref", borrow)]
    from: Cow<'a, str>,
    #[serde(rename = "dependsOn", borrow, default)]
    to: Vec<Cow<'a, str>>,
}

fn main() {
    let given = std::env::args().skip(1).find(|arg| !arg.starts_with('-'));
    let sizes = if given.is_some() { vec![0] } else { vec![1_000, 10_000, 100_000, 1_000_000] };
    for size in sizes {
        let document = match &given {
            Some(path) => std::fs::read_to_string(path).expect("a document"),
            None => document(size),
        };
        println!("{size} components, {:.1} MB", document.len() as f64 / 1e6);
        let before = resident();
        let sbom = Sbom::parse(document.clone()).expect("the generator writes CycloneDX");
        let after = resident();
        if let Some((before, after)) = before.zip(after) {
            println!("  {:<34} {:>9} MB", "memory", after.saturating_sub(before) / 1024);
        }
        time("serde_json, borrowed", || (), |()| serde_json::from_str::<Slim<'_>>(&document));
        time("parse", || document.clone(), Sbom::parse);
        for query in QUERIES {
            let hits = sbom.search(query).len();
            time(&format!("search {query:?}, {hits} hits"), || (), |()| sbom.search(query));
        }
        shapes(&sbom, document.len());
    }
}

/// Everything that is made of a document once it is read.
fn shapes(sbom: &Sbom, bytes: usize) {
    time("diff with itself", || (), |()| diff(sbom, sbom));
    time("tree", || (), |()| Tree::new(sbom));
    let mut open = Tree::new(sbom);
    open.set_all(sbom, true);
    let rows = open.rows().len();
    time(
        &format!("close the root of {rows} rows"),
        || open.clone(),
        |mut tree| {
            tree.toggle(sbom, 0);
            tree
        },
    );
    let middle = rows / 2;
    time(
        "close and open a row in the middle",
        || open.clone(),
        |mut tree| {
            tree.toggle(sbom, middle);
            tree
        },
    );
    let list = Arrangement::List(SortKey::Name);
    time("list by name", || (), |()| Rows::new(sbom, list));
    let groups = Arrangement::Groups(GroupKey::Licence);
    time("groups by licence", || (), |()| Rows::new(sbom, groups));
    time("shortest ways, all components", || (), |()| Paths::new(sbom));
    let paths = Paths::new(sbom);
    let all = u32::try_from(sbom.len()).expect("below the limit");
    let farthest = (0..all).max_by_key(|number| paths.steps(*number)).unwrap_or(0);
    let steps = paths.steps(farthest).unwrap_or(0);
    let name = format!("shortest ways to one, {steps} steps");
    time(&name, || (), |()| paths.ways(sbom, farthest));
    frames(sbom.clone(), bytes);
    let hits = sbom.search("spring");
    time(
        &format!("filter to {} hits", hits.len()),
        || open.clone(),
        |mut tree| {
            tree.filter(sbom, &hits);
            tree
        },
    );
}

/// A frame of the SBOM pane with every row unfolded, and Page-Down with its frame.
fn frames(sbom: Sbom, bytes: usize) {
    let judge = Judge {
        demand: None,
        over_files: None,
        root: RootSource::Embedded,
        root_words: String::new(),
        scope: Scope::default(),
        whole: false,
    };
    let now = Timestamp::UNIX_EPOCH;
    let mut state = State::new(judge, None, now);
    update(&mut state, Message::Resize(120, 40));
    let mut facts = Some(SbomFacts {
        paths: Arc::new(Paths::new(&sbom)),
        sbom: Arc::new(sbom),
        attested: false,
        carrier: Digest::sha256(&bytes.to_le_bytes()),
        platform: None,
    });
    for effect in start(&mut state, Start::Open(Subject::Document("bom.json".into()))) {
        let (Effect::Start { run, planned, .. }, Some(facts)) = (effect, facts.take()) else {
            continue;
        };
        let finding = Finding::new(Answer::Undecided, "read").with(Facts::Sbom(facts));
        let event = Event::Finished { check: planned.id.clone(), finding, at: now };
        update(&mut state, Message::Inspection(run, event));
    }
    let view_of = state.sbom.as_mut().expect("the document is shown");
    let shown = Arc::clone(&view_of.sbom);
    view_of.rows.set_all(&shown, true);
    let rows = view_of.rows.len();
    let mut terminal = Terminal::new(TestBackend::new(120, 40)).expect("in memory");
    let theme = Theme { colour: true, ascii: false };
    let mut draw = |state: &State| {
        terminal.draw(|frame| view(state, theme, frame)).expect("in memory");
    };
    time(&format!("frame of {rows} open rows"), || (), |()| draw(&state));
    let down = KeyEvent::new(KeyCode::PageDown, KeyModifiers::NONE);
    time(
        "page down with its frame",
        || (),
        |()| {
            update(&mut state, Message::Key(down));
            draw(&state);
        },
    );
}

fn time<I, O>(name: &str, mut input: impl FnMut() -> I, mut action: impl FnMut(I) -> O) {
    let mut allocated = 0;
    let mut times: Vec<Duration> = (0..=RUNS)
        .map(|_| {
            let input = input();
            let region = Region::new(ALLOCATOR);
            let start = Instant::now();
            let output = black_box(action(input));
            let took = start.elapsed();
            allocated = region.change().allocations;
            drop(output);
            took
        })
        .skip(1)
        .collect();
    times.sort();
    let milliseconds = |time: Duration| time.as_secs_f64() * 1e3;
    println!(
        "  {name:<34} {:>9.3} ms  (worst {:.3})  {allocated} allocations",
        milliseconds(times[RUNS / 2]),
        milliseconds(times[RUNS - 1])
    );
}

/// Resident memory in kB, from `/proc`; nothing elsewhere.
fn resident() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().strip_suffix(" kB")?.trim().parse().ok()
}

fn document(size: usize) -> String {
    let words = ["spring", "netty", "jackson", "guava", "commons", "log4j", "kafka", "hikari"];
    let licences = ["Apache-2.0", "MIT", "BSD-3-Clause", "EPL-2.0"];
    let mut random = 7_u64;
    let mut next = move |end: usize| {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        usize::try_from(random % end as u64).expect("below end")
    };
    let mut out = String::from(
        r#"{"bomFormat":"CycloneDX","specVersion":"1.6","metadata":{"component":{"bom-ref":"root","name":"app"}},"components":["#,
    );
    for i in 0..size {
        let (word, version) = (words[next(words.len())], format!("{}.{}.{i}", next(3), next(20)));
        let purl = format!("pkg:maven/org.example.{word}/{word}-{i}@{version}");
        let hash = format!("{i:016x}").repeat(4);
        let licence = licences[next(licences.len())];
        write!(
            out,
            r#"{}{{"type":"library","bom-ref":"ref-{i}","group":"org.example.{word}","name":"{word}-{i}","version":"{version}","purl":"{purl}","cpe":"cpe:2.3:a:example:{word}:{version}:*:*:*:*:*:*:*","description":"Part {i} of a large service, which does what {word} does for everyone else","licenses":[{{"license":{{"id":"{licence}"}}}}],"hashes":[{{"alg":"SHA-256","content":"{hash}"}}],"properties":[{{"name":"tool:package:type","value":"java-archive"}},{{"name":"tool:location","value":"/app/lib/{word}.jar"}}]}}"#,
            if i == 0 { "" } else { "," }
        )
        .expect("a String takes everything");
    }
    out.push_str(r#"],"dependencies":["#);
    write!(out, r#"{{"ref":"root","dependsOn":["ref-0","ref-1"]}}"#).expect("as above");
    for i in 0..size.saturating_sub(2) {
        let (near, far) = (i + 1 + next(8).min(size - i - 2), i + 1 + next(size - i - 1));
        write!(out, r#",{{"ref":"ref-{i}","dependsOn":["ref-{near}","ref-{far}"]}}"#)
            .expect("as above");
    }
    out.push_str("]}");
    out
}
