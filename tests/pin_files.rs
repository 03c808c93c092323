//! Files that people deploy from, each with what is found in it and what it is with digests: the
//! table is the folder `tests/fixtures/pin`.
//!
//! A case holds `in/<file>`, `out/<file>` where pinning changes it, and `expect`, one line each:
//! `kind K|K`, `place LINE FORM REFERENCE`, `left LINE WRITTEN WHY|WHY`, `looked LINE WRITTEN`,
//! `leaves COUNT`, `refused WHY`, `unreadable WHY`. Words of texts are parts of them, `*` is any;
//! with a question mark (`left?`, `looked?`) it may be there or not. A case whose name ends in
//! `-unproved` is pinned with nobody's proof.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    missing_docs,
    reason = "a test that cannot go on panics"
)]

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use sigscope::domain::{
    Digest, Tag,
    pin::{Document, Form, LeftAlone, MAX_FILE_BYTES, NOT_PROVED, Pin, Place, unified_diff},
};

/// A file of the folder with what is expected of it.
struct Case {
    name: String,
    file: String,
    given: Arc<[u8]>,
    wanted: Option<Vec<u8>>,
    /// The lines of `expect`: the keyword and the rest.
    expect: Vec<(String, String)>,
}

impl Case {
    fn read(folder: &Path) -> Self {
        let name = folder.file_name().unwrap().to_str().unwrap().to_owned();
        let [given] = &names(&folder.join("in"))[..] else { panic!("{name}: not one file in/") };
        let out = folder.join("out");
        let wanted = out.exists().then(|| fs::read(out.join(given)).unwrap());
        let text = fs::read_to_string(folder.join("expect")).unwrap();
        let line = |line: &str| {
            let (keyword, rest) = line.split_once(' ').unwrap();
            (keyword.to_owned(), rest.to_owned())
        };
        Self {
            file: given.clone(),
            given: fs::read(folder.join("in").join(given)).unwrap().into(),
            expect: text.lines().map(line).collect(),
            name,
            wanted,
        }
    }

    fn all() -> Vec<Self> {
        names(&root()).iter().map(|name| Self::read(&root().join(name))).collect()
    }

    /// The cases that can be read, with their documents.
    fn readable() -> Vec<(Self, Document)> {
        let all = Self::all().into_iter().filter(|case| case.of("unreadable").next().is_none());
        let read = |case: Self| Document::read(&case.file, &case.given).ok().map(|it| (case, it));
        all.filter_map(read).collect()
    }

    fn of<'a>(&'a self, keyword: &'a str) -> impl Iterator<Item = &'a str> {
        self.expect.iter().filter(move |(k, _)| k == keyword).map(|(_, rest)| rest.as_str())
    }

    fn proved(&self) -> bool {
        !self.name.ends_with("-unproved")
    }

    fn wanted(&self) -> &[u8] {
        self.wanted.as_deref().unwrap_or(&self.given)
    }

    /// A pin of every place, or of one.
    fn pins(&self, places: &[Place], only: Option<usize>) -> Vec<Pin> {
        let all = places.iter().enumerate();
        let some = all.filter(|(at, _)| only.is_none_or(|only| only == *at));
        some.map(|(at, place)| pin(at, place, self.proved())).collect()
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/pin")
}

/// The names in a folder, in order.
fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut all: Vec<String> =
        entries.map(|entry| entry.file_name().into_string().unwrap()).collect();
    all.sort();
    all
}

/// The content that a reference has in these tests: a hash of its name and tag, or what it says
/// where it has no tag.
fn pin(at: usize, place: &Place, proved: bool) -> Pin {
    let reference = &place.reference;
    let latest = Tag::parse("latest").unwrap();
    let tag = reference.tag.as_ref().unwrap_or(&latest);
    let named = Digest::sha256(format!("{}:{tag}", reference.repository).as_bytes());
    let (tag, digest) = match (&reference.tag, &reference.digest) {
        (Some(_), _) => (None, named),
        (None, Some(written)) => (None, written.clone()),
        (None, None) => (Some(latest), named),
    };
    Pin { place: at, tag, digest, proved }
}

fn read(case: &Case, bytes: &[u8]) -> Document {
    Document::read(&case.file, &bytes.into()).unwrap_or_else(|why| panic!("{}: {why}", case.name))
}

fn all_hold(failures: &[String]) {
    assert!(failures.is_empty(), "{} fail:\n{}", failures.len(), failures.join("\n"));
}

/// Whether one of the alternatives is a part of the text; `*` is any text.
fn holds(text: &str, alternatives: &str) -> bool {
    let text = text.to_lowercase();
    alternatives.split('|').any(|part| part == "*" || text.contains(&part.to_lowercase()))
}

/// What is wrong with the texts that are left alone or looked at, against lines of `expect`.
fn compared(case: &Case, keyword: &str, found: &[LeftAlone]) -> Vec<String> {
    let optional = format!("{keyword}?");
    let fits = |line: &str, text: &LeftAlone| {
        let (at, rest) = line.split_once(' ').unwrap();
        let (written, why) = match keyword {
            "left" => rest.rsplit_once(' ').unwrap(),
            _ => (rest, "*"),
        };
        let part = written == "*" || text.written.contains(written);
        text.line.to_string() == at && part && holds(&text.why, why)
    };
    let missing = case
        .of(keyword)
        .filter(|line| !found.iter().any(|text| fits(line, text)))
        .map(|line| format!("{}: missing: {keyword} {line}", case.name));
    let strange = found
        .iter()
        .filter(|text| !case.of(keyword).chain(case.of(&optional)).any(|line| fits(line, text)))
        .map(|text| {
            format!(
                "{}: not expected: {keyword} {} {} ({})",
                case.name, text.line, text.written, text.why
            )
        });
    missing.chain(strange).collect()
}

#[test]
fn every_case_is_complete() {
    let keywords =
        ["kind", "place", "left", "left?", "looked", "looked?", "leaves", "refused", "unreadable"];
    let cases = Case::all();
    assert!(cases.len() >= 40, "{} cases", cases.len());
    for case in &cases {
        let folder = root().join(&case.name);
        let (mut parts, name) = (vec!["expect", "in"], &case.name);
        if let Some(wanted) = &case.wanted {
            parts.push("out");
            assert_eq!(names(&folder.join("out")), std::slice::from_ref(&case.file), "{name}");
            assert_ne!(wanted[..], case.given[..], "{name}: out/ changes nothing");
        }
        assert_eq!(names(&folder), parts, "{name}");
        for (keyword, rest) in &case.expect {
            assert!(keywords.contains(&keyword.as_str()), "{name}: {keyword} {rest}");
        }
    }
}

#[test]
fn what_is_found_is_what_is_there() {
    let mut failures = Vec::new();
    for case in Case::all() {
        let name = &case.name;
        let unreadable = case.of("unreadable").next();
        let document = match (Document::read(&case.file, &case.given), unreadable) {
            (Ok(document), None) => document,
            (Err(why), Some(part)) if holds(&why.to_string(), part) => continue,
            (Err(why), _) => {
                failures.push(format!("{name}: unreadable: {why}"));
                continue;
            }
            (Ok(_), Some(part)) => {
                failures.push(format!("{name}: can be read, but: {part}"));
                continue;
            }
        };
        let kind = format!("{:?}", document.kind());
        if !case.of("kind").all(|kinds| kinds.split('|').any(|one| one == kind)) {
            failures.push(format!("{name}: is {kind}"));
        }
        let form = |place: &Place| match place.form {
            Form::Word => "word",
            Form::Helm => "helm",
            Form::Kustomize => "kustomize",
        };
        let places: Vec<String> = document
            .places()
            .iter()
            .map(|place| format!("{} {} {}", place.line, form(place), place.reference))
            .collect();
        let wanted: Vec<&str> = case.of("place").collect();
        if places != wanted {
            failures.push(format!("{name}: places {places:#?} are not {wanted:#?}"));
        }
        failures.extend(compared(&case, "left", document.left_alone()));
        failures.extend(compared(&case, "looked", document.looked_like()));
        let left = document.left_alone().len().to_string();
        if let Some(count) = case.of("leaves").next().filter(|count| **count != left) {
            failures.push(format!("{name}: leaves {left} alone, not {count}"));
        }
    }
    all_hold(&failures);
}

#[test]
fn the_file_with_digests_is_the_one_that_was_written_by_hand() {
    let mut failures = Vec::new();
    for (case, document) in Case::readable() {
        let name = &case.name;
        let pins = case.pins(document.places(), None);
        let (done, refused) = (document.pinned(&pins), case.of("refused").next());
        match (done, refused) {
            (Ok(done), None) if done == case.wanted() => {}
            (Ok(done), None) => failures.push(format!(
                "{name}: wanted and done differ:{}",
                differences(case.wanted(), &done)
            )),
            (Err(why), Some(part)) if holds(&why.to_string(), part) => {}
            (done, _) => {
                let done = done.map(|done| String::from_utf8_lossy(&done).into_owned());
                failures.push(format!("{name}: {done:?}"));
            }
        }
    }
    all_hold(&failures);
}

/// The lines that differ, of files that ought to be equal.
fn differences(wanted: &[u8], done: &[u8]) -> String {
    let [wanted, done] = [wanted, done].map(|bytes| String::from_utf8_lossy(bytes).into_owned());
    let only = |mark: &str, these: &str, those: &str| -> String {
        let alone = these.split('\n').filter(|line| !those.split('\n').any(|one| one == *line));
        alone.map(|line| format!("\n  {mark} {line:?}")).collect::<Vec<_>>().concat()
    };
    only("wanted", &wanted, &done) + &only("done  ", &done, &wanted)
}

#[test]
fn pinning_again_changes_nothing_and_pinning_one_by_one_is_the_same() {
    let mut failures = Vec::new();
    for (case, _) in Case::readable().into_iter().filter(|(case, _)| case.wanted.is_some()) {
        let name = &case.name;
        let after = read(&case, case.wanted());
        let pins = case.pins(after.places(), None);
        match after.pinned(&pins) {
            Ok(again) if again == case.wanted() => {}
            again => failures.push(format!("{name}: again: {again:?}")),
        }
        let holds =
            |(place, pin): (&Place, &Pin)| place.reference.digest.as_ref() == Some(&pin.digest);
        if !after.places().iter().zip(&pins).all(holds) {
            failures.push(format!("{name}: a place of out/ is not pinned"));
        }
        let mut bytes = case.given.to_vec();
        for at in 0..after.places().len() {
            let document = read(&case, &bytes);
            match document.pinned(&case.pins(document.places(), Some(at))) {
                Ok(next) => bytes = next,
                Err(why) => failures.push(format!("{name}: place {at} alone: {why}")),
            }
        }
        if bytes != case.wanted() {
            let differ = differences(case.wanted(), &bytes);
            failures.push(format!("{name}: one by one:{differ}"));
        }
    }
    all_hold(&failures);
}

#[test]
fn nothing_but_lines_with_digests_and_our_comments_differ() {
    let mut failures = Vec::new();
    for (case, document) in Case::readable() {
        assert_eq!(document.pinned(&[]).unwrap(), *case.given, "{}", case.name);
        let Ok(done) = document.pinned(&case.pins(document.places(), None)) else { continue };
        let (old, new) = (lines(&case.given), lines(&done));
        let (mut at, mut bad) = (0, vec![]);
        let comment = |line: &String| line.trim() == NOT_PROVED;
        for (next, line) in new.iter().enumerate() {
            at += usize::from(old.get(at).is_some_and(|old| comment(old) && old != line));
            let same = old.get(at) == Some(line);
            if !same && !line.contains("sha256:") && !comment(line) {
                bad.push(line.clone());
            }
            // A line that was put in leaves the one that stands here where it is.
            let put_in = !same && (comment(line) || new.get(next + 1) == old.get(at));
            at += usize::from(!put_in);
        }
        if !bad.is_empty() || at != old.len() {
            failures.push(format!("{}: line {} of the old; {bad:?}", case.name, at + 1));
        }
    }
    all_hold(&failures);
}

/// The lines without their ends.
fn lines(bytes: &[u8]) -> Vec<String> {
    let text = std::str::from_utf8(bytes).unwrap();
    text.lines().map(ToOwned::to_owned).collect()
}

#[test]
fn the_diff_leads_from_the_one_to_the_other() {
    let mut failures = Vec::new();
    for case in Case::all() {
        let (old, new) = (&case.given[..], case.wanted());
        let diff = unified_diff(&case.file, old, new);
        let (name, same) = (&case.name, old == new);
        if same != diff.is_empty() {
            failures.push(format!("{name}: {diff:?}"));
        } else if !same && applied(old, &diff) != new {
            failures.push(format!("{name}: it does not lead there:\n{diff}"));
        } else if !same && !diff.lines().take(2).all(|line| line.contains(&case.file)) {
            failures.push(format!("{name}: the file is not named: {diff}"));
        }
    }
    all_hold(&failures);
}

/// A file after a unified diff.
fn applied(old: &[u8], diff: &str) -> Vec<u8> {
    let old: Vec<&[u8]> = old.split_inclusive(|byte| *byte == b'\n').collect();
    let (mut at, mut new) = (0, Vec::<u8>::new());
    let mut diff = diff.split_inclusive('\n').skip(2).peekable();
    while let Some(line) = diff.next() {
        let (mark, rest) = line.split_at(1);
        // Said of the line above: its end is not the file's.
        let bare = diff.peek().is_some_and(|next| next.starts_with('\\'));
        let text = if bare { rest.strip_suffix('\n').unwrap() } else { rest };
        match mark {
            "@" => {
                let start = rest.split(['-', ',', ' ']).find_map(|word| word.parse::<usize>().ok());
                let start = start.unwrap().saturating_sub(1);
                new.extend(old[at..start].concat());
                at = start;
            }
            " " | "-" => {
                assert_eq!(old[at], text.as_bytes(), "{line:?}");
                at += 1;
                if mark == " " {
                    new.extend(text.as_bytes());
                }
            }
            "+" => new.extend(text.as_bytes()),
            _ => assert_eq!(mark, "\\", "{line:?}"),
        }
    }
    new.extend(old[at..].concat());
    new
}

#[test]
fn a_pin_of_no_place_or_twice_of_one_writes_nothing() {
    for (case, document) in Case::readable() {
        let pins = case.pins(document.places(), None);
        let Some(first) = pins.first() else { continue };
        let past = Pin { place: pins.len(), ..first.clone() };
        assert!(document.pinned(&[past]).is_err(), "{}: past the end", case.name);
        let twice = [first.clone(), first.clone()];
        assert!(document.pinned(&twice).is_err(), "{}: twice", case.name);
    }
}

#[test]
fn a_file_that_is_too_large_is_not_read() {
    let pod = "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n    - image: nginx:1.25\n";
    let line = "# nothing stands here that anybody would want to read, many times over\n";
    let large = pod.to_owned() + &line.repeat(MAX_FILE_BYTES / line.len() + 1);
    assert!(Document::read("pod.yaml", &large.as_bytes().into()).is_err());
    let from = "FROM nginx:1.25\n".to_owned() + &line.repeat(MAX_FILE_BYTES / line.len() + 1);
    assert!(Document::read("Dockerfile", &from.as_bytes().into()).is_err());
    let fits = &large.as_bytes()[..MAX_FILE_BYTES];
    let document = Document::read("pod.yaml", &fits.into()).unwrap();
    assert_eq!(document.places().len(), 1);
}
