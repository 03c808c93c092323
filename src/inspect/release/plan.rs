//! What can be found out next of a list or a folder.

use std::{cell::OnceCell, path::Path, sync::Arc};

use super::{
    Beside, FileFacts, FolderFacts, ListFacts, ListWork,
    files::{folder_of, name_of},
    judged::folder_rows,
    key,
    rows::Must,
    verdict::own,
};
use crate::{
    domain::{checksums::is_list, text::shell_word, verdict::Answer},
    inspect::{
        ArtifactFacts, CheckId, CheckKind, Contents, Facts, Finding, Inspection, Material, Subject,
        plan::{Judging, Next, Work, anchors_known, judging},
    },
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

pub(super) fn strict(seen: &Inspection) -> bool {
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
        Facts::WaitsForGitHubRoot => true,
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
    // Asked after every event: what was started already is not gone through again, so that a folder
    // of two thousand files takes no time of its own.
    let of_kind = |kind| seen.checks.keys().filter(|id| id.kind == kind).count();
    let missing = of_kind(CheckKind::Piece) < folder.pairs.len();
    for pair in folder.pairs.iter().filter(|_| missing) {
        let Some(file) = folder.files.get(pair.file) else { continue };
        next.offer(CheckKind::Piece, Some(&pair.key), || {
            let base = base.get_or_init(|| judging(seen));
            let unread = ArtifactFacts { digests: vec![], bytes: Contents::NotKept };
            let artifact = file.hashed.clone().unwrap_or(unread);
            let judging = Judging { artifact, ..base.clone() };
            Work::Evidence(Box::new(pair.paired.clone()), Arc::new(judging))
        });
    }
    for at in &folder.lists {
        let Some(file) = folder.files.get(*at) else { continue };
        let Ok(itself) = &file.hashed else { continue };
        next.offer(CheckKind::List, Some(&key(*at, &file.name)), || {
            let beside = Beside::Known(path.to_owned(), Arc::clone(folder));
            let (name, itself) = (file.name.clone(), Ok(itself.clone()));
            Work::List(Box::new(ListWork { name, itself, beside }))
        });
    }
    let started = folder.lists.len() == seen.findings(CheckKind::List).count()
        && folder.pairs.len() == seen.findings(CheckKind::Piece).count();
    if started && settled(seen, CheckKind::Piece) {
        folder_rows(folder, next);
    }
}

impl Inspection {
    /// Why the list that vouches for a named file could not be read.
    pub(in crate::inspect) fn unread_list(&self) -> Option<String> {
        let unread = |(_, finding): &(&CheckId, &Arc<Finding>)| finding.answer == Answer::Undecided;
        self.findings(CheckKind::List).find(unread).map(|(_, finding)| finding.summary.clone())
    }

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
