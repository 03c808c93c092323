//! Following a list of checksums to the files that it names.

use std::{
    collections::BTreeSet,
    path::Path,
    sync::atomic::{AtomicU64, Ordering},
};

use super::{MAX_KEPT_BYTES, blocking};
use crate::{
    domain::{
        checksums::{Checksums, Listed},
        release::{EvidenceName, evidence_of},
        verdict::Answer,
    },
    inspect::{
        ArtifactFacts, Contents, Facts, Finding, World,
        release::{Beside, Hashing, ListFacts, ListWork, MAX_KEPT, Row},
        world::{EntryKind, Progress},
    },
};

/// How many files that are not listed have a row of their own.
const UNLISTED_ROWS: usize = 100;
/// The most entries of the folder of a list, of which only the names are read.
const MAX_NAMES: usize = 100_000;

pub(super) async fn run(work: &ListWork, world: &World, progress: Progress<'_>) -> Finding {
    let itself = match &work.itself {
        Ok(known) => known.clone(),
        Err(path) => match world.files.hash(path, MAX_KEPT_BYTES, progress).await {
            Ok((digests, bytes)) => {
                let bytes = bytes.map_or(Contents::NotKept, Contents::Whole);
                ArtifactFacts { digests, bytes }
            }
            Err(e) => {
                let words = format!("the list {} cannot be read: {e}", path.display());
                return Finding::new(Answer::Undecided, words);
            }
        },
    };
    let facts = |rows| {
        let (name, itself) = (work.name.clone(), itself.clone());
        Facts::List(ListFacts { name, itself, rows })
    };
    let Contents::Whole(bytes) = itself.bytes.clone() else {
        let words = format!(
            "{} is over {} MiB, or over the {} MiB that are kept of a folder, and was not followed",
            work.name,
            MAX_KEPT_BYTES >> 20,
            MAX_KEPT >> 20
        );
        return Finding::new(Answer::Undecided, words).with(facts(vec![]));
    };
    // What is followed is what was hashed: read a second time it could be another list (CWE-367).
    let list = match blocking(move || Checksums::parse(&bytes)).await {
        Ok(list) => list,
        Err(e) => {
            let words = format!("{} cannot be followed: {e}", work.name);
            return Finding::new(Answer::Undecided, words).with(facts(vec![]));
        }
    };
    let rows = match &work.beside {
        Beside::Only(name, artifact) => vec![only(&list, name, artifact)],
        Beside::Folder(folder, evidence) => {
            let files = Folder { path: folder, known: None, world, progress };
            let mut rows = files.listed(&list).await;
            rows.extend(files.unlisted(&list, &work.name, evidence).await);
            rows
        }
        Beside::Known(path, known) => {
            let files = Folder { path, known: Some(known), world, progress };
            files.listed(&list).await
        }
    };
    let words = match work.beside {
        Beside::Only(..) => format!("{} lists {}", work.name, named(&list)),
        _ => words(&list, &rows),
    };
    // That it could be followed says nothing of who signed it.
    let finding = Finding::new(Answer::Valid, words).with(facts(rows));
    if list.malformed_lines == 0 { finding } else { finding.warn("list-lines", malformed(&list)) }
}

fn words(list: &Checksums, rows: &[Row]) -> String {
    let good = rows.iter().filter(|row| matches!(row, Row::Good(..))).count();
    let missing = rows.iter().filter(|row| matches!(row, Row::Missing(_))).count();
    format!("lists {}: {good} as listed, {missing} not here", named(list))
}

fn named(list: &Checksums) -> String {
    match list.files.len() {
        1 => "1 file".to_owned(),
        n => format!("{n} files"),
    }
}

fn malformed(list: &Checksums) -> String {
    let first = list.malformed.iter().take(3).map(|(line, why)| format!("line {line}: {why}"));
    let first: Vec<String> = first.collect();
    let more = if list.malformed_lines > first.len() { "; …" } else { "" };
    let lines = if list.malformed_lines == 1 { "line is" } else { "lines are" };
    format!("{} {lines} no checksum: {}{more}", list.malformed_lines, first.join("; "))
}

/// How the list speaks of one file that the user named.
///
/// By its name, not by its digest: whoever can rename files could pass an older listed file off as
/// another one.
fn only(list: &Checksums, name: &str, artifact: &ArtifactFacts) -> Row {
    let same = |listed: &&Listed| listed.matches(&artifact.digests) == Some(true);
    if let Some(listed) = list.files.iter().find(|listed| listed.name == name) {
        return compared(listed, name, artifact);
    }
    // Under a folder's name every entry must agree: else an older file could pass for this one.
    let inside = list.files.iter().filter(|listed| listed.base() == name);
    let rows: Vec<Row> = inside
        .map(|listed| match listed.refused {
            Some(why) => Row::Refused(listed.name.clone(), why),
            None => compared(listed, name, artifact),
        })
        .collect();
    match rows.iter().find(|row| !matches!(row, Row::Good(..))).or_else(|| rows.first()) {
        Some(row) => row.clone(),
        None => {
            let other = list.files.iter().find(same).map(|listed| listed.name.clone());
            Row::Unlisted(name.to_owned(), other)
        }
    }
}

fn compared(listed: &Listed, name: &str, artifact: &ArtifactFacts) -> Row {
    let name = name.to_owned();
    if listed.contradicts_itself() {
        return Row::Contradicts(name, listed.lines.clone());
    }
    let found = |wanted: &crate::domain::Digest| {
        artifact.digests.iter().find(|d| d.algorithm() == wanted.algorithm())
    };
    for wanted in &listed.digests {
        match found(wanted) {
            Some(found) if found == wanted => {}
            Some(found) => return Row::Wrong(name, wanted.clone(), found.clone()),
            None => {
                let why = format!("its {} digest is not known", wanted.algorithm().name());
                return Row::Unread(name, why);
            }
        }
    }
    match listed.digests.first() {
        Some(digest) => Row::Good(name, digest.clone()),
        None => Row::Unread(name, "it is listed without a digest".into()),
    }
}

/// The folder of a list.
struct Folder<'a> {
    path: &'a Path,
    known: Option<&'a crate::inspect::release::FolderFacts>,
    world: &'a World,
    progress: Progress<'a>,
}

impl Folder<'_> {
    /// A row for every file that the list names.
    async fn listed(&self, list: &Checksums) -> Vec<Row> {
        let mut hashing = Hashing::default();
        let mut rows = vec![];
        for listed in &list.files {
            rows.push(self.one(listed, &mut hashing).await);
        }
        rows
    }

    async fn one(&self, listed: &Listed, hashing: &mut Hashing) -> Row {
        let name = listed.name.clone();
        if let Some(why) = listed.refused {
            return Row::Refused(name, why);
        }
        // No file can be both, so it need not be looked at.
        if listed.contradicts_itself() {
            return Row::Contradicts(name, listed.lines.clone());
        }
        if let Some(known) = self.known.and_then(|k| k.files.iter().find(|f| f.name == name)) {
            return match &known.hashed {
                Ok(artifact) => compared(listed, &name, artifact),
                Err(why) => Row::Unread(name, why.clone()),
            };
        }
        if let Some(why) = hashing.over(0) {
            return Row::Unread(name, why);
        }
        let (before, read) = (hashing.done, AtomicU64::new(0));
        let told = |bytes, _| {
            read.store(bytes, Ordering::Relaxed);
            (self.progress)(before.saturating_add(bytes), None);
        };
        let hashed = self.world.files.hash_inside((self.path, &name), 0, &told).await;
        hashing.done = before.saturating_add(read.load(Ordering::Relaxed));
        match hashed {
            Ok((digests, _)) => {
                compared(listed, &name, &ArtifactFacts { digests, bytes: Contents::NotKept })
            }
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => Row::Missing(name),
            Err(e) => Row::Unread(name, e.to_string()),
        }
    }

    /// The files that are here although the list does not name them.
    async fn unlisted(&self, list: &Checksums, itself: &str, evidence: &[String]) -> Vec<Row> {
        let entries = match self.world.files.folder(self.path, MAX_NAMES).await {
            Ok(entries) => entries,
            Err(e) => return vec![Row::Others(Err(e.to_string()))],
        };
        let named: BTreeSet<&str> = list.files.iter().map(|f| f.name.as_str()).collect();
        let vouches = |name: &str| match evidence_of(name) {
            Some(
                EvidenceName::Bundle(of)
                | EvidenceName::Signature(of)
                | EvidenceName::Certificate(of),
            ) => of == itself || named.contains(of),
            Some(EvidenceName::Attestations) | None => false,
        };
        let more = entries.iter().filter(|entry| {
            let name = entry.name.as_str();
            let known = name == itself || named.contains(name) || vouches(name);
            entry.kind != EntryKind::Folder && !known && !evidence.iter().any(|e| e == name)
        });
        let mut rows: Vec<Row> =
            more.clone().take(UNLISTED_ROWS).map(|e| Row::Unlisted(e.name.clone(), None)).collect();
        let rest = more.count().saturating_sub(rows.len());
        if rest > 0 {
            rows.push(Row::Others(Ok(rest)));
        }
        rows
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Digest, digest::Algorithm};

    #[test]
    fn a_named_file_is_compared_with_the_entry_of_exactly_its_name() {
        let digest = |bytes: &str| Digest::sha256(bytes.as_bytes());
        let artifact = ArtifactFacts {
            digests: Algorithm::ALL.map(|a| Digest::of(a, b"new")).to_vec(),
            bytes: Contents::NotKept,
        };
        for (lines, good) in [
            (vec![("new", "a")], true),
            (vec![("old", "a")], false),
            // An older file of that name in a folder must not pass for this one, nor the reverse.
            (vec![("old", "a"), ("new", "old/a")], false),
            (vec![("new", "a"), ("old", "old/a")], true),
            (vec![("new", "x/a")], true),
            (vec![("new", "x/a"), ("old", "y/a")], false),
            (vec![("new", "../a")], false),
            (vec![("new", "/etc/a")], false),
            (vec![("new", "b")], false),
        ] {
            let text = |(bytes, name): &(&str, &str)| format!("{}  {name}\n", digest(bytes).hex());
            let text: String = lines.iter().map(text).collect();
            let list = Checksums::parse(text.as_bytes()).unwrap();
            let row = only(&list, "a", &artifact);
            assert_eq!(matches!(row, Row::Good(..)), good, "{lines:?}: {row:?}");
        }
    }
}
