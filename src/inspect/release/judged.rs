//! The rows of a folder, once everything in it was judged.

use std::{cell::OnceCell, collections::BTreeMap, sync::Arc};

use super::{
    FileFacts, FileState, FolderFacts, ListFacts, ReleaseFile, Row, Speaks, evidence, key,
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
    /// Statements that name files here with other digests.
    otherwise: BTreeMap<usize, Names>,
    /// The lists, each with how it stands itself.
    lists: Vec<(&'a ListFacts, Option<Answer>)>,
    must: Must,
}

impl<'a> Known<'a> {
    fn of(folder: &'a FolderFacts, seen: &'a Inspection) -> Self {
        let of_key: BTreeMap<_, _> = folder.pairs.iter().map(|p| (&p.key, p)).collect();
        let pair = |id: &CheckId| id.subject.as_ref().and_then(|key| of_key.get(key).copied());
        let mut pieces: BTreeMap<usize, Vec<&FoundPiece>> = BTreeMap::new();
        for (id, found) in seen.pieces() {
            if let Some(pair) = pair(id).filter(|pair| pair.speaks == Speaks::Of) {
                pair.files().for_each(|file| pieces.entry(file).or_default().push(found));
            }
        }
        let without = |finding: &Finding| {
            finding.answer == Answer::Undecided && !matches!(finding.facts, Facts::Pieces(_))
        };
        let unread = seen.findings(CheckKind::Piece).filter(|(_, finding)| without(finding));
        let unread = unread.filter_map(|(id, finding)| {
            let pair = pair(id)?;
            let evidence = folder.files.get(pair.evidence).map(|f| shell_word(&f.name))?;
            let words = format!("{evidence} cannot be read: {}", finding.summary);
            Some(pair.files().map(move |file| (file, words.clone())))
        });
        let unread = unread.flatten().collect();
        let must = Must { strict: strict(seen), named: false };
        let unplaced = unread_unplaced(folder);
        let otherwise = named(seen, folder, pair);
        let mut known = Self { seen, pieces, unread, unplaced, otherwise, lists: vec![], must };
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
    let lists = || {
        seen.findings(CheckKind::List).filter_map(|(_, finding)| match &finding.facts {
            Facts::List(list) => Some(list),
            _ => None,
        })
    };
    let elsewhere = |list: &'_ ListFacts| list.rows.iter().filter(|row| !here(folder, row)).count();
    let rows = folder.files.len() + lists().map(elsewhere).sum::<usize>();
    if seen.checks.keys().filter(|id| id.kind == CheckKind::File).count() >= rows {
        return;
    }
    let known = OnceCell::new();
    let known = || known.get_or_init(|| Known::of(folder, seen));
    for (at, file) in folder.files.iter().enumerate() {
        next.offer(CheckKind::File, Some(&key(at, &file.name)), || {
            Work::Told(Box::new(one_file(folder, known(), (at, file))))
        });
    }
    // What lists name and the folder does not have.
    for list in lists() {
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
            // Where nobody knows who signed it, nobody knows either that the file is good.
            let perhaps = standing::may_be_signed(*chain);
            vouching.extend(perhaps.then(|| (Answer::Undecided, row.summary.clone())));
            unsigned.push(row.summary);
            continue;
        }
        // A list that nobody signed vouches for nothing.
        vouching.extend(standing::may_be_signed(*chain).then_some((row.answer, row.summary)));
    }
    let warned = |finding| {
        unsigned
            .iter()
            .fold(finding, |finding: Finding, w| finding.warn("list-unsigned", w.clone()))
    };
    match known.otherwise.get(&at) {
        // What no signer was demanded of may be anybody's.
        Some(Names::Otherwise(_)) if matches!(own, Some((Answer::Valid, _))) => {}
        // The name is under the signature: whatever else vouches for these bytes vouches for them
        // under another name, and two files that changed places would both be good.
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
    // What a list says of evidence holds as of any file: it was compared above.
    if file.is_evidence {
        let vouched = vouching.iter().any(|(a, _)| matches!(a, Answer::Proved | Answer::Valid));
        let must = Must { strict: known.must.strict && !vouched, ..known.must };
        return warned(evidence::row(folder, (at, &name), must, told));
    }
    warned(standing::best(&name, vouching, known.must, told))
}
