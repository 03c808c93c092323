//! What can be found out next of a list or a folder.

use std::{
    cell::OnceCell,
    collections::{BTreeMap, BTreeSet},
    path::Path,
    sync::Arc,
};

use super::{
    Beside, FileFacts, FileState, FolderFacts, ListFacts, ListWork, ReleaseFile, Row,
    files::{folder_of, name_of},
    key,
    rows::Must,
    standing,
    verdict::{answer_over, own},
};
use crate::{
    domain::{Verdict, checksums::is_list, text::shell_word, verdict::Answer},
    inspect::{
        ArtifactFacts, CheckId, CheckKind, Contents, Facts, Finding, Inspection, Material, Subject,
        plan::{Judging, Next, Work, anchors_known, judging},
    },
    verify::Piece,
};

/// Against what the evidence of a file is judged: the file, or the list that vouches for it.
pub(in crate::inspect) fn judged_file(seen: &Inspection) -> Option<ArtifactFacts> {
    let list = matches!(seen.subject, Subject::File { material: Material::Checksums { .. }, .. });
    match (&seen.finding(CheckKind::Resolve)?.facts, list) {
        (Facts::Artifact(artifact), false) => Some(artifact.clone()),
        (Facts::Artifact(_), true) => Some(the_list(seen)?.itself.clone()),
        _ => None,
    }
}

fn the_list(seen: &Inspection) -> Option<&ListFacts> {
    match &seen.finding(CheckKind::List)?.facts {
        Facts::List(list) => Some(list),
        _ => None,
    }
}

/// Follows a list: the file itself where it is one, or the one that was named beside it.
pub(in crate::inspect) fn list(next: &mut Next<'_>) {
    let seen = next.seen;
    let Subject::File { path, material } = &seen.subject else { return };
    let Some(Facts::Artifact(artifact)) = seen.finding(CheckKind::Resolve).map(|f| &f.facts) else {
        return;
    };
    let name = name_of(path);
    match material {
        Material::Checksums { list, .. } => next.offer(CheckKind::List, None, || {
            let beside = Beside::Only(name, artifact.clone());
            let itself = Err(list.clone());
            Work::List(Box::new(ListWork { name: name_of(list), itself, beside }))
        }),
        own if looks_like_a_list(&name, artifact) => next.offer(CheckKind::List, None, || {
            let beside = Beside::Folder(folder_of(path), own.files_in(&folder_of(path)));
            let itself = Ok(artifact.clone());
            Work::List(Box::new(ListWork { name, itself, beside }))
        }),
        _ => return,
    }
    list_rows(next);
}

fn looks_like_a_list(name: &str, artifact: &ArtifactFacts) -> bool {
    match &artifact.bytes {
        Contents::Whole(bytes) => is_list(name, bytes),
        Contents::NotKept => is_list(name, b""),
    }
}

/// A row for every file, once the list and its evidence have been judged.
fn list_rows(next: &mut Next<'_>) {
    let seen = next.seen;
    let (Some(list), true) = (the_list(seen), pieces_settled(seen)) else { return };
    let named = matches!(seen.subject, Subject::File { material: Material::Checksums { .. }, .. });
    let must = Must { strict: strict(seen), named };
    let chain = OnceCell::new();
    for (at, row) in list.rows.iter().enumerate() {
        next.offer(CheckKind::File, Some(&key(at, row.name())), || {
            let chain = *chain.get_or_init(|| own(seen));
            Work::Told(Box::new(row.finding(&shell_word(&list.name), chain, must)))
        });
    }
}

fn strict(seen: &Inspection) -> bool {
    seen.demand.as_ref().is_some_and(|demand| demand.strict)
}

/// Whether every piece that was started has been judged, and there is one.
fn pieces_settled(seen: &Inspection) -> bool {
    seen.finding(CheckKind::Piece).is_some() && settled(seen, CheckKind::Piece)
}

/// Whether every check of that kind has answered, and every look-up that follows from it.
fn settled(seen: &Inspection, kind: CheckKind) -> bool {
    let of_kind = seen.checks.keys().filter(|id| id.kind == kind).count();
    let waiting = |finding: &Finding| match &finding.facts {
        Facts::Pieces(found) => found.iter().any(|found| found.piece.look_up.is_some()),
        _ => false,
    };
    let mut done = seen.findings(kind);
    done.all(|(id, finding)| !waiting(finding) || seen.looked_up(id).is_some())
        && seen.findings(kind).count() == of_kind
}

/// The file that the pieces of a check are over; `None` for an artifact in a registry.
pub(in crate::inspect) fn artifact_of(seen: &Inspection, id: &CheckId) -> Option<ArtifactFacts> {
    let Some(folder) = seen.folder() else { return judged_file(seen) };
    let pair = folder.pairs.iter().find(|pair| Some(&pair.key) == id.subject.as_ref())?;
    folder.files.get(pair.file)?.hashed.clone().ok()
}

/// Compares a file with the layers of the artifact that was resolved.
pub(in crate::inspect) fn layer(path: &Path, next: &mut Next<'_>) {
    let Some(resolved) = next.seen.resolved() else { return };
    let name = path.display().to_string();
    next.offer(CheckKind::File, Some(&key(0, &name)), || {
        Work::Layer(path.to_owned(), Box::new(resolved.manifest.clone()))
    });
}

/// Everything that can be found out in a folder.
pub(in crate::inspect) fn folder(path: &Path, next: &mut Next<'_>) {
    let seen = next.seen;
    let (Some(folder), true) = (seen.folder(), anchors_known(seen)) else { return };
    let base = OnceCell::new();
    for pair in &folder.pairs {
        let Some(file) = folder.files.get(pair.file) else { continue };
        next.offer(CheckKind::Piece, Some(&pair.key), || {
            let base = base.get_or_init(|| judging(seen));
            let unread = ArtifactFacts { digests: vec![], bytes: Contents::NotKept };
            let artifact = file.hashed.clone().unwrap_or(unread);
            let judging = Judging { artifact, ..base.clone() };
            Work::Evidence(Box::new(pair.paired.clone()), Arc::new(judging))
        });
    }
    let lists = folder.files.iter().enumerate().filter(|(_, file)| file.is_list());
    for (at, file) in lists.clone() {
        let Ok(itself) = &file.hashed else { continue };
        next.offer(CheckKind::List, Some(&key(at, &file.name)), || {
            let beside = Beside::Known(path.to_owned(), Arc::clone(folder));
            let (name, itself) = (file.name.clone(), Ok(itself.clone()));
            Work::List(Box::new(ListWork { name, itself, beside }))
        });
    }
    let started = lists.count() == seen.findings(CheckKind::List).count()
        && folder.pairs.len() == seen.findings(CheckKind::Piece).count();
    if started && settled(seen, CheckKind::Piece) {
        folder_rows(folder, next);
    }
}

/// What is known of a folder once everything in it was judged.
struct Known<'a> {
    seen: &'a Inspection,
    /// The pieces over each file.
    pieces: BTreeMap<usize, Vec<&'a Piece>>,
    /// Files with evidence that could not be read: it may be anything.
    unread: BTreeSet<usize>,
    /// The lists, each with how it stands itself.
    lists: Vec<(&'a ListFacts, Option<Answer>)>,
    must: Must,
}

impl<'a> Known<'a> {
    fn of(folder: &FolderFacts, seen: &'a Inspection) -> Self {
        let of_key: BTreeMap<_, usize> = folder.pairs.iter().map(|p| (&p.key, p.file)).collect();
        let mut pieces: BTreeMap<usize, Vec<&Piece>> = BTreeMap::new();
        for (id, found) in seen.pieces() {
            if let Some(file) = id.subject.as_ref().and_then(|key| of_key.get(key)) {
                pieces.entry(*file).or_default().push(&found.piece);
            }
        }
        let without = |finding: &Finding| {
            finding.answer == Answer::Undecided && !matches!(finding.facts, Facts::Pieces(_))
        };
        let unread = seen.findings(CheckKind::Piece).filter(|(_, finding)| without(finding));
        let file = |(id, _): (&CheckId, _)| of_key.get(id.subject.as_ref()?).copied();
        let unread = unread.filter_map(file).collect();
        let must = Must { strict: strict(seen), named: false };
        let mut known = Self { seen, pieces, unread, lists: vec![], must };
        let lists =
            seen.findings(CheckKind::List).filter_map(|(_, finding)| match &finding.facts {
                Facts::List(list) => Some(list),
                _ => None,
            });
        known.lists = lists
            .map(|list| {
                let at = folder.files.iter().position(|file| file.name == list.name);
                (list, at.and_then(|at| known.by_pieces(at)))
            })
            .collect();
        known
    }

    /// Why a signed statement of this folder names the file with another digest; `None` where none
    /// does. A file that is not what its release says must not pass for one that nobody speaks of.
    fn names_otherwise(&self, file: &ReleaseFile) -> Option<String> {
        let digests = &file.hashed.as_ref().ok()?.digests;
        let holds =
            |p: &&&Piece| matches!(Answer::from(p.judgement), Answer::Proved | Answer::Valid);
        let other = |subject: &crate::domain::statement::Subject| {
            subject.name.as_deref() == Some(file.name.as_str())
                && digests.iter().any(|digest| {
                    let said = subject.digests.get(digest.algorithm().name());
                    said.is_some_and(|said| said != digest.hex())
                })
        };
        let pieces = self.pieces.values().flatten().filter(holds);
        let named = pieces.filter_map(|piece| {
            let statement = piece.statement.as_ref()?.get();
            statement.subjects.iter().any(other).then(|| piece.summary.clone())
        });
        let first = named.min()?;
        Some(format!("an attestation names it with another digest: {first}"))
    }

    /// How a file stands by its own evidence; `None` without any.
    fn by_pieces(&self, file: usize) -> Option<Answer> {
        let judged = self.pieces.get(&file).map(|pieces| answer_over(self.seen, pieces));
        match judged {
            Some(good @ (Answer::Proved | Answer::Valid)) => Some(good),
            _ if self.unread.contains(&file) => Some(Answer::Undecided),
            other => other,
        }
    }
}

fn folder_rows(folder: &Arc<FolderFacts>, next: &mut Next<'_>) {
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
    if file.is_evidence {
        return evidence(folder, (at, &name), known.must, told);
    }
    let mut unsigned: Vec<String> = vec![];
    let mut vouching: Vec<(Answer, String)> = vec![];
    if let Some(answer) = known.by_pieces(at) {
        let mut pieces = known.pieces.get(&at).into_iter().flatten();
        let telling = pieces.find(|piece| Answer::from(piece.judgement) == answer);
        let words = telling.map_or("its own evidence", |piece| piece.summary.as_str());
        vouching.push((answer, format!("{name}: {words}")));
    }
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
    let own = known.by_pieces(at);
    if !matches!(own, Some(Answer::Proved | Answer::Valid))
        && let Some(words) = known.names_otherwise(file)
    {
        let words = format!("{name}: {words}");
        return told(Answer::Refuted, words, FileState::Wrong, Some(Verdict::Refuted));
    }
    let finding = standing::best(&name, vouching, known.must, told);
    unsigned.into_iter().fold(finding, |finding, words| finding.warn("list-unsigned", words))
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
            let files = folder.pairs.iter().filter(|pair| pair.evidence == at).count();
            let words = match files {
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

impl Inspection {
    /// The release folder, once it was read.
    pub fn folder(&self) -> Option<&Arc<FolderFacts>> {
        match &self.finding(CheckKind::Resolve)?.facts {
            Facts::Folder(folder) => Some(folder),
            _ => None,
        }
    }

    /// Every file of the release, with its row.
    pub fn files(&self) -> impl Iterator<Item = (&CheckId, &Arc<Finding>, &FileFacts)> {
        self.findings(CheckKind::File).filter_map(|(id, finding)| match &finding.facts {
            Facts::File(file) => Some((id, finding, file)),
            _ => None,
        })
    }
}
