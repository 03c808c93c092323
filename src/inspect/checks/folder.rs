//! A release folder: every file of it hashed, and what vouches for what.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    sync::Arc,
};

use super::{MAX_KEPT_BYTES, blocking, piece::documents, stated};
use crate::{
    domain::{
        Digest,
        checksums::SNIFFED,
        release::{EvidenceName, evidence_of},
        verdict::Answer,
    },
    inspect::{
        ArtifactFacts, Contents, Facts, Finding, World,
        release::{
            FolderFacts, Hashing, MAX_ENTRIES, MAX_KEPT, MAX_PAIRS, Pair, Paired, ReleaseFile,
            Speaks, key, names_otherwise,
        },
        world::{EntryKind, FolderEntry, Progress},
    },
    verify::{Named, named},
};

pub(super) async fn run(path: &Path, world: &World, progress: Progress<'_>) -> Finding {
    let entries = match world.files.folder(path, MAX_ENTRIES).await {
        Ok(entries) => entries,
        Err(e) => {
            let words = format!("the folder {} cannot be read: {e}", path.display());
            return Finding::new(Answer::Undecided, words);
        }
    };
    let total = entries.iter().map(|e| e.bytes).fold(0, u64::saturating_add);
    let (mut hashing, mut kept) = (Hashing::default(), 0);
    let (mut files, mut folders) = (vec![], vec![]);
    for entry in entries {
        if entry.kind == EntryKind::Folder {
            folders.push(entry.name);
            continue;
        }
        let told = |bytes, _| progress(hashing.done.saturating_add(bytes), Some(total));
        let keep = MAX_KEPT_BYTES.min(MAX_KEPT.saturating_sub(kept));
        let hashed = match hashing.over(entry.bytes) {
            Some(why) => Err(why),
            None => one(path, &entry, keep, (world, &told)).await,
        };
        if let Ok(ArtifactFacts { bytes: Contents::Whole(bytes), .. }) = &hashed {
            kept += bytes.len() as u64;
        }
        hashing.done = hashing.done.saturating_add(entry.bytes);
        let (hashed, head) = match head(path, &entry.name, &hashed, world).await {
            Ok(head) => (hashed, head),
            Err(why) => (Err(why), Arc::from([])),
        };
        files.push(ReleaseFile { name: entry.name, hashed, head, is_evidence: false });
    }
    let placed = blocking(move || place(files, folders)).await;
    match placed {
        Ok(folder) => {
            let words = words(&folder);
            let inside = folder.folders.clone();
            let finding = Finding::new(Answer::Proved, words).with(Facts::Folder(Arc::new(folder)));
            inside.iter().fold(finding, |finding, name| {
                let words = format!("the folder {name} inside is not looked into");
                finding.warn("folder-inside", words)
            })
        }
        Err(why) => Finding::new(Answer::Undecided, why),
    }
}

fn words(folder: &FolderFacts) -> String {
    let evidence = folder.files.iter().filter(|f| f.is_evidence).count();
    let lists = folder.files.iter().filter(|f| f.is_list()).count();
    let count = |n: usize, one: &str| match n {
        1 => format!("1 {one}"),
        n => format!("{n} {one}s"),
    };
    format!(
        "{}, of them {} and {} of evidence",
        count(folder.files.len(), "file"),
        count(lists, "list"),
        count(evidence, "file")
    )
}

async fn one(
    folder: &Path,
    entry: &FolderEntry,
    keep: u64,
    (world, progress): (&World, Progress<'_>),
) -> Result<ArtifactFacts, String> {
    if entry.kind == EntryKind::Other {
        return Err("neither a file nor a folder, or its name is not UTF-8".into());
    }
    match world.files.hash_inside((folder, &entry.name), keep, progress).await {
        Ok((digests, bytes)) => {
            let bytes = bytes.map_or(Contents::NotKept, Contents::Whole);
            Ok(ArtifactFacts { digests, bytes })
        }
        Err(e) => Err(e.to_string()),
    }
}

/// How a file begins whose bytes were not kept: that alone tells whether it may be a list or
/// evidence, whatever it is called.
async fn head(
    folder: &Path,
    name: &str,
    hashed: &Result<ArtifactFacts, String>,
    world: &World,
) -> Result<Arc<[u8]>, String> {
    match hashed {
        Ok(ArtifactFacts { bytes: Contents::NotKept, .. }) => {
            let head = world.files.head_inside((folder, name), SNIFFED as u64).await;
            head.map_err(|e| e.to_string())
        }
        _ => Ok(Arc::from([])),
    }
}

/// Finds out what is to be judged against what. Nothing of it is believed: a wrong pair ends in a
/// piece that is refuted.
fn place(mut files: Vec<ReleaseFile>, folders: Vec<String>) -> Result<FolderFacts, String> {
    mark_evidence(&mut files);
    let mut folder =
        FolderFacts { files, folders, pairs: vec![], unplaced: vec![], stated: vec![] };
    let mut by_name = BTreeMap::new();
    let mut by_digest: BTreeMap<Digest, Vec<usize>> = BTreeMap::new();
    for (at, file) in folder.files.iter().enumerate() {
        by_name.insert(file.name.clone(), at);
        if file.is_evidence {
            continue;
        }
        for digest in file.hashed.iter().flat_map(|artifact| &artifact.digests) {
            by_digest.entry(digest.clone()).or_default().push(at);
        }
    }
    for evidence in 0..folder.files.len() {
        let Some(file) = folder.files.get(evidence) else { continue };
        folder.stated.extend(stated::of(file).into_iter().map(|stated| (evidence, stated)));
        let pairs = match (file.evidence(), file.bytes()) {
            (None | Some(EvidenceName::Certificate(_)), _) => continue,
            (Some(EvidenceName::Signature(of)), bytes) => {
                let paired = match bytes {
                    Some(bytes) => {
                        Paired::Detached(Arc::clone(bytes), certificate(&folder, of, &by_name))
                    }
                    None => Paired::Unread(unread(file)),
                };
                by_name.get(of).map(|at| (*at, paired)).into_iter().collect()
            }
            (Some(EvidenceName::Bundle(of)), None) => {
                let paired = || Paired::Unread(unread(file));
                by_name.get(of).map(|at| (*at, paired())).into_iter().collect()
            }
            (Some(EvidenceName::Attestations), None) => vec![],
            (Some(EvidenceName::Bundle(of)), Some(bytes)) => {
                by_content(bytes, by_name.get(of).copied(), &by_digest)
            }
            (Some(EvidenceName::Attestations), Some(bytes)) => by_content(bytes, None, &by_digest),
        };
        let pairs: Vec<_> =
            pairs.into_iter().map(|(at, paired)| (at, Speaks::Of, paired)).collect();
        let pairs = match file.bytes() {
            Some(bytes) if pairs.is_empty() => otherwise(bytes, &folder, &by_name),
            _ => pairs,
        };
        let read = file.bytes().map_or_else(|| Err(unread(file)), readable);
        // Of several documents one that cannot be read may be of any file here.
        let lost = matches!(file.evidence(), Some(EvidenceName::Attestations)) && read.is_err();
        if pairs.is_empty() || lost {
            folder.unplaced.push((evidence, read));
        }
        for (at, speaks, paired) in pairs {
            let name = folder.files.get(at).map(|f| f.name.as_str()).unwrap_or_default();
            let key = key(folder.pairs.len(), &format!("{}\0{name}", file.name));
            folder.pairs.push(Pair { key, evidence, file: at, speaks, paired });
        }
        if folder.pairs.len() > MAX_PAIRS {
            return Err(format!("more than {MAX_PAIRS} pairs of evidence and file"));
        }
    }
    Ok(folder)
}

/// A `.pem` is a certificate beside a signature, and an ordinary file otherwise.
fn mark_evidence(files: &mut [ReleaseFile]) {
    let names: BTreeSet<String> = files.iter().map(|f| f.name.clone()).collect();
    for file in files {
        file.is_evidence = match evidence_of(&file.name) {
            Some(EvidenceName::Certificate(of)) => names.contains(&format!("{of}.sig")),
            other => other.is_some(),
        };
    }
}

fn unread(file: &ReleaseFile) -> String {
    match &file.hashed {
        Ok(_) => "it is too large to be read as evidence".into(),
        Err(why) => why.clone(),
    }
}

fn certificate(
    folder: &FolderFacts,
    of: &str,
    by_name: &BTreeMap<String, usize>,
) -> Option<Arc<[u8]>> {
    let names = ["pem", "crt", "cert"].map(|end| format!("{of}.{end}"));
    let at = names.iter().find_map(|name| by_name.get(name))?;
    folder.files.get(*at)?.bytes().cloned()
}

fn readable(bytes: &Arc<[u8]>) -> Result<(), String> {
    documents(Arc::clone(bytes)).iter().try_for_each(|document| named(document).map(|_| ()))
}

/// The files that the documents name by digest, and the one that the name of the evidence says.
fn by_content(
    bytes: &Arc<[u8]>,
    by_name: Option<usize>,
    by_digest: &BTreeMap<Digest, Vec<usize>>,
) -> Vec<(usize, Paired)> {
    let documents = documents(Arc::clone(bytes));
    let mut found: BTreeMap<usize, Vec<Arc<[u8]>>> = BTreeMap::new();
    for document in &documents {
        let digests = match (named(document), by_name) {
            (Ok(Named { digests, .. }), _) => digests,
            // It may be of the file that its name says: that must end in a row too.
            (Err(_), Some(file)) => {
                found.entry(file).or_default().push(Arc::clone(document));
                continue;
            }
            (Err(_), None) => continue,
        };
        let mut files: Vec<usize> =
            digests.iter().filter_map(|d| by_digest.get(d)).flatten().copied().collect();
        files.sort_unstable();
        files.dedup();
        for file in files {
            found.entry(file).or_default().push(Arc::clone(document));
        }
    }
    if let Some(file) = by_name {
        // Named for it and speaking of something else: that must end in a row too.
        found.entry(file).or_insert(documents);
    }
    found.into_iter().map(|(file, documents)| (file, Paired::Documents(documents))).collect()
}

/// Of evidence that speaks of no file here: the documents that name one with another digest, each
/// with the first such file. Judged, they tell of every other one too.
fn otherwise(
    bytes: &Arc<[u8]>,
    folder: &FolderFacts,
    by_name: &BTreeMap<String, usize>,
) -> Vec<(usize, Speaks, Paired)> {
    let mut found: BTreeMap<usize, Vec<Arc<[u8]>>> = BTreeMap::new();
    for document in documents(Arc::clone(bytes)) {
        let Named { subjects, .. } = named(&document).unwrap_or_default();
        let first = subjects.iter().find_map(|subject| {
            let at = *by_name.get(subject.name.as_deref()?)?;
            let file = folder.files.get(at)?;
            let own = &file.hashed.as_ref().ok()?.digests;
            names_otherwise(subject, &file.name, own).then_some(at)
        });
        if let Some(at) = first {
            found.entry(at).or_default().push(document);
        }
    }
    let paired = |(file, documents)| (file, Speaks::Otherwise, Paired::Documents(documents));
    found.into_iter().map(paired).collect()
}
