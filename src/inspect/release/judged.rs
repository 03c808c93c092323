//! The rows of a folder, once everything in it was judged.

use std::{cell::OnceCell, collections::BTreeMap, sync::Arc};

use super::{
    FileFacts, FileState, FolderFacts, ListFacts, ReleaseFile, Row, Speaks, key,
    otherwise::{Names, named},
    plan::strict,
    rows::Must,
    standing,
    verdict::answer_over,
};
use crate::{
    domain::{Verdict, text::shell_word, verdict::Answer},
    inspect::{
        CheckId, CheckKind, Facts, Finding, FoundPiece, Inspection,
        plan::{Next, Work},
        verdict::Over,
    },
};

/// What is known of a folder once everything in it was judged.
struct Known<'a> {
    seen: &'a Inspection,
    /// The pieces over each file.
    pieces: BTreeMap<usize, Vec<&'a FoundPiece>>,
    /// Files with evidence that could not be read, and why not: it may be anything.
    unread: BTreeMap<usize, String>,
    /// Why evidence that may be of any file could not be read.
    unplaced: Option<String>,
    /// The lists, each with how it stands itself.
    lists: Vec<(&'a ListFacts, Option<Answer>)>,
    must: Must,
}

impl<'a> Known<'a> {
    fn of(folder: &FolderFacts, seen: &'a Inspection) -> Self {
        let of_key: BTreeMap<_, _> = folder.pairs.iter().map(|p| (&p.key, p)).collect();
        let pair = |id: &CheckId| id.subject.as_ref().and_then(|key| of_key.get(key));
        let mut pieces: BTreeMap<usize, Vec<&FoundPiece>> = BTreeMap::new();
        for (id, found) in seen.pieces() {
            if let Some(pair) = pair(id).filter(|pair| pair.speaks == Speaks::Of) {
                pieces.entry(pair.file).or_default().push(found);
            }
        }
        let without = |finding: &Finding| {
            finding.answer == Answer::Undecided && !matches!(finding.facts, Facts::Pieces(_))
        };
        let unread = seen.findings(CheckKind::Piece).filter(|(_, finding)| without(finding));
        let unread = unread.filter_map(|(id, finding)| {
            let pair = pair(id)?;
            let evidence = folder.files.get(pair.evidence).map(|f| shell_word(&f.name))?;
            Some((pair.file, format!("{evidence} cannot be read: {}", finding.summary)))
        });
        let unread = unread.collect();
        let must = Must { strict: strict(seen), named: false };
        let unplaced = unread_unplaced(folder);
        let mut known = Self { seen, pieces, unread, unplaced, lists: vec![], must };
        let lists =
            seen.findings(CheckKind::List).filter_map(|(_, finding)| match &finding.facts {
                Facts::List(list) => Some(list),
                _ => None,
            });
        known.lists = lists
            .map(|list| {
                let at = folder.files.iter().position(|file| file.name == list.name);
                (list, at.and_then(|at| known.by_pieces(at)).map(|(answer, _)| answer))
            })
            .collect();
        known
    }

    /// How a file stands by its own evidence, and why; `None` without any.
    fn by_pieces(&self, file: usize) -> Option<(Answer, String)> {
        let unread = self.unread.get(&file);
        let pieces = match (self.pieces.get(&file), unread) {
            (None, None) => return None,
            (pieces, _) => pieces.cloned().unwrap_or_default(),
        };
        let unread = unread.or(self.unplaced.as_ref());
        let complete = unread.map_or(Ok(()), |why| Err(why.clone()));
        Some(answer_over(self.seen, &Over { pieces, complete }))
    }
}

/// Why evidence that names no file here, as far as it could be read, may still be of one.
pub(super) fn unread_unplaced(folder: &FolderFacts) -> Option<String> {
    folder.unplaced.iter().find_map(|(at, read)| {
        let name = folder.files.get(*at).map(|f| shell_word(&f.name))?;
        read.as_ref().err().map(|why| format!("{name} cannot be read as evidence: {why}"))
    })
}

pub(super) fn folder_rows(folder: &Arc<FolderFacts>, next: &mut Next<'_>) {
    let seen = next.seen;
    let known = OnceCell::new();
    let known = || known.get_or_init(|| Known::of(folder, seen));
    for (at, file) in folder.files.iter().enumerate() {
        next.offer(CheckKind::File, Some(&key(at, &file.name)), || {
            Work::Told(Box::new(one_file(folder, known(), (at, file))))
        });
    }
    // What lists name and the folder does not have.
    let lists = || seen.findings(CheckKind::List);
    for (_, finding) in lists() {
        let Facts::List(list) = &finding.facts else { continue };
        let elsewhere = list.rows.iter().filter(|row| !here(folder, row));
        for (at, row) in (folder.files.len()..).zip(elsewhere) {
            let name = format!("{}\0{}", list.name, row.name());
            next.offer(CheckKind::File, Some(&key(at, &name)), || {
                let chain = known().lists.iter().find(|(l, _)| l.name == list.name);
                let chain = chain.and_then(|(_, chain)| *chain).unwrap_or(Answer::Absent);
                let finding = row.finding(&shell_word(&list.name), chain, known().must);
                let decides = standing::signed(Some(chain));
                Work::Told(Box::new(if decides {
                    finding
                } else {
                    standing::without_weight(finding)
                }))
            });
        }
    }
}

fn here(folder: &FolderFacts, row: &Row) -> bool {
    folder.files.binary_search_by(|file| file.name.as_str().cmp(row.name())).is_ok()
}

/// Contract, "A demand", for one file of a folder: its own evidence and every list that names it.
///
/// A list that names other bytes contradicts, whatever else vouches for them.
fn one_file(folder: &FolderFacts, known: &Known<'_>, (at, file): (usize, &ReleaseFile)) -> Finding {
    let name = shell_word(&file.name);
    let digest = file.hashed.as_ref().ok().and_then(|artifact| artifact.digests.first());
    let told = |answer, words: String, state, counts| {
        let facts = FileFacts { name: file.name.clone(), digest: digest.cloned(), state, counts };
        Finding::new(answer, words).with(Facts::File(facts))
    };
    if let Err(why) = &file.hashed {
        let words = format!("{name} cannot be read: {why}");
        return told(Answer::Undecided, words, FileState::Unread, Some(Verdict::Undecided));
    }
    let mut unsigned: Vec<String> = vec![];
    let mut vouching: Vec<(Answer, String)> = vec![];
    let own = known.by_pieces(at);
    vouching.extend(own.iter().map(|(answer, words)| (*answer, format!("{name}: {words}"))));
    for (list, chain) in &known.lists {
        let Some(row) = list.rows.iter().find(|row| row.name() == file.name) else { continue };
        let row = row.finding(&shell_word(&list.name), chain.unwrap_or(Answer::Absent), known.must);
        let Facts::File(facts) = &row.facts else { continue };
        if facts.state == FileState::Wrong {
            // Contract: adding a piece never turns proved into something else. Anybody can lay a
            // list into a folder; one that nobody signed is worth a look and decides nothing.
            if standing::signed(*chain) {
                return row;
            }
            unsigned.push(row.summary);
            continue;
        }
        // A list that nobody signed vouches for nothing.
        vouching.extend(standing::signed(*chain).then_some((row.answer, row.summary)));
    }
    let warned = |finding| {
        unsigned
            .iter()
            .fold(finding, |finding: Finding, w| finding.warn("list-unsigned", w.clone()))
    };
    // What a list says of evidence holds as of any file: it was compared above.
    if file.is_evidence {
        return warned(evidence(folder, (at, &name), known.must, told));
    }
    if !matches!(own, Some((Answer::Proved | Answer::Valid, _))) {
        match named(known.seen, file) {
            Some(Names::Otherwise(words)) => {
                let counts = Some(Verdict::Refuted);
                let words = format!("{name}: {words}");
                return told(Answer::Refuted, words, FileState::Wrong, counts);
            }
            Some(Names::Perhaps(words)) => {
                vouching.push((Answer::Undecided, format!("{name}: {words}")));
            }
            None => {}
        }
    }
    warned(standing::best(&name, vouching, known.must, told))
}

/// A file that vouches for others has a row too; its pieces have their own.
fn evidence(
    folder: &FolderFacts,
    (at, name): (usize, &str),
    must: Must,
    told: impl Fn(Answer, String, FileState, Option<Verdict>) -> Finding,
) -> Finding {
    let unplaced = folder.unplaced.iter().find(|(evidence, _)| *evidence == at);
    match unplaced {
        None => {
            let pairs = || folder.pairs.iter().filter(|pair| pair.evidence == at);
            let words = match pairs().filter(|pair| pair.speaks == Speaks::Of).count() {
                0 if pairs().next().is_some() => {
                    format!("{name} names a file here, with another digest")
                }
                0 => format!("{name} stands beside a signature"),
                1 => format!("{name} speaks of 1 file here"),
                n => format!("{name} speaks of {n} files here"),
            };
            told(Answer::Valid, words, FileState::Evidence, None)
        }
        Some((_, Ok(()))) => {
            let words = format!("{name} speaks of no file that is here");
            let finding = told(Answer::Absent, words.clone(), FileState::Evidence, None);
            finding.warn("evidence-unplaced", words)
        }
        // It may speak of any file here, so under --strict nobody can say that one is unvouched.
        Some((_, Err(why))) => {
            let words = format!("{name} cannot be read as evidence: {why}");
            let counts = must.strict.then_some(Verdict::Undecided);
            let finding = told(Answer::Undecided, words.clone(), FileState::Unread, counts);
            finding.warn("evidence-unread", words)
        }
    }
}
