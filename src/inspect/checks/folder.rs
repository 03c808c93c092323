//! A release folder: every file of it hashed, and what vouches for what.

use std::{path::Path, sync::Arc};

use super::{MAX_KEPT_BYTES, blocking, placing::place};
use crate::{
    domain::{checksums::SNIFFED, verdict::Answer},
    inspect::{
        ArtifactFacts, Contents, Facts, Finding, World,
        release::{FolderFacts, Hashing, MAX_ENTRIES, MAX_KEPT, ReleaseFile},
        world::{EntryKind, FolderEntry, Progress},
    },
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
    let count = |n: usize, one: &str| match n {
        1 => format!("1 {one}"),
        n => format!("{n} {one}s"),
    };
    format!(
        "{}, of them {} and {} of evidence",
        count(folder.files.len(), "file"),
        count(folder.lists.len(), "list"),
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
