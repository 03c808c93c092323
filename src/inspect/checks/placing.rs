//! What in a release folder is to be judged against what, document by document.
//!
//! Nothing of it is believed: a wrong pair ends in a piece that is refuted.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use super::{piece::documents, stated};
use crate::{
    domain::{
        Digest,
        digest::Algorithm,
        release::{EvidenceName, evidence_of},
        statement::Subject,
    },
    inspect::release::{
        FolderFacts, MAX_JUDGED, MAX_PAIRS, Pair, Paired, ReleaseFile, Speaks, certificate_of, key,
        named_as, names_otherwise,
    },
    verify::{Named, named},
};

type Document = Arc<[u8]>;

/// Finds out what is to be judged against what.
///
/// # Errors
/// In words, when that is more than is judged.
pub(super) fn place(
    mut files: Vec<ReleaseFile>,
    folders: Vec<String>,
) -> Result<FolderFacts, String> {
    mark_evidence(&mut files);
    let lists = files.iter().enumerate().filter(|(_, file)| file.is_list());
    let lists = lists.map(|(at, _)| at).collect();
    let mut folder =
        FolderFacts { files, folders, lists, pairs: vec![], unplaced: vec![], stated: vec![] };
    let shelf = Shelf::of(&folder);
    let (mut pairs, mut unplaced, mut said, mut judged) = (vec![], vec![], vec![], 0);
    for (evidence, file) in folder.files.iter().enumerate() {
        said.extend(stated::of(file).into_iter().map(|stated| (evidence, stated)));
        let placed = match (file.evidence(), file.bytes()) {
            (None | Some(EvidenceName::Certificate(_)), _) => continue,
            (Some(EvidenceName::Signature(of)), bytes) => shelf.detached(file, of, bytes),
            (Some(EvidenceName::Bundle(of)), None) => {
                let at = shelf.by_name.get(of).map(|at| (vec![*at], Speaks::Of));
                let pairs = at.map(|to| (to, Paired::Unread(unread(file)))).into_iter().collect();
                Placed { pairs, ..Placed::lost(Some(unread(file))) }
            }
            (Some(EvidenceName::Attestations), None) => Placed::lost(Some(unread(file))),
            (Some(EvidenceName::Bundle(of)), Some(bytes)) => {
                shelf.documents(bytes, shelf.by_name.get(of).copied())
            }
            (Some(EvidenceName::Attestations), Some(bytes)) => shelf.documents(bytes, None),
        };
        // Of several documents one that cannot be read may be of any file here, wherever its name
        // does not say of which.
        match (placed.lost, placed.pairs.is_empty()) {
            (Some(why), _) if placed.pairs.is_empty() || !placed.by_name => {
                unplaced.push((evidence, Err(why)));
            }
            (_, true) => unplaced.push((evidence, Ok(()))),
            (_, false) => {}
        }
        judged += placed.weight;
        for ((files, speaks), paired) in placed.pairs {
            let [file_at, also @ ..] = files.as_slice() else { continue };
            let name = folder.files.get(*file_at).map(|f| f.name.as_str()).unwrap_or_default();
            let key = key(pairs.len(), &format!("{}\0{name}", file.name));
            let (file, also) = (*file_at, also.to_vec());
            pairs.push(Pair { key, evidence, file, also, speaks, paired });
        }
        // What is given must not decide how long it takes, nor how much memory.
        if pairs.len() > MAX_PAIRS {
            return Err(format!("more than {MAX_PAIRS} pairs of evidence and file"));
        }
        if judged > MAX_JUDGED {
            return Err(format!("more than {MAX_JUDGED} subjects of evidence in one folder"));
        }
    }
    (folder.pairs, folder.unplaced, folder.stated) = (pairs, unplaced, said);
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

/// Against what the documents of one file of evidence are judged.
#[derive(Default)]
struct Placed {
    pairs: Vec<((Vec<usize>, Speaks), Paired)>,
    /// Why one of them could not be read.
    lost: Option<String>,
    /// Whether the name of the evidence says of which file here that one is.
    by_name: bool,
    /// What judging them costs, in subjects and files.
    weight: usize,
}

impl Placed {
    fn lost(why: Option<String>) -> Self {
        Self { lost: why, by_name: true, ..Self::default() }
    }
}

/// The documents that are judged together: against the same files, in the same way.
type Together = BTreeMap<(Vec<usize>, Speaks), Vec<Document>>;

/// The files of a folder by what names them.
struct Shelf<'a> {
    folder: &'a FolderFacts,
    by_name: BTreeMap<&'a str, usize>,
    by_digest: BTreeMap<&'a Digest, Vec<usize>>,
    /// Files with a bundle under their own name that speaks of other bytes only.
    claimed: BTreeSet<usize>,
}

impl<'a> Shelf<'a> {
    fn of(folder: &'a FolderFacts) -> Self {
        let mut by_digest: BTreeMap<&Digest, Vec<usize>> = BTreeMap::new();
        for (at, file) in folder.files.iter().enumerate().filter(|(_, f)| !f.is_evidence) {
            for digest in file.hashed.iter().flat_map(|artifact| &artifact.digests) {
                by_digest.entry(digest).or_default().push(at);
            }
        }
        let by_name = folder.files.iter().enumerate().map(|(at, f)| (f.name.as_str(), at));
        let by_name: BTreeMap<_, _> = by_name.collect();
        let claimed = claimed(folder, &by_name);
        Self { folder, by_name, by_digest, claimed }
    }

    fn own(&self, at: usize) -> &'a [Digest] {
        own(self.folder, at)
    }

    fn detached(&self, file: &ReleaseFile, of: &str, bytes: Option<&Document>) -> Placed {
        let paired = match bytes {
            Some(bytes) => {
                let at = certificate_of(&self.folder.files, of);
                let certificate = at.and_then(|at| self.folder.files.get(at)?.bytes().cloned());
                Paired::Detached(Arc::clone(bytes), certificate)
            }
            None => Paired::Unread(unread(file)),
        };
        let lost = bytes.map_or_else(|| Some(unread(file)), |bytes| named(bytes).err());
        let at = self.by_name.get(of).map(|at| ((vec![*at], Speaks::Of), paired));
        Placed { pairs: at.into_iter().collect(), weight: 1, ..Placed::lost(lost) }
    }

    /// Each document with the files that it names by digest; with the one that the name of its
    /// evidence says, where it cannot be read; and, where it speaks of no file by digest, with one
    /// that it names and gives another: it contradicts whatever stands in the other lines.
    fn documents(&self, bytes: &Document, by_name: Option<usize>) -> Placed {
        let documents = documents(Arc::clone(bytes));
        let mut placed = Placed { by_name: by_name.is_some(), ..Placed::default() };
        let (mut together, mut otherwise) = (Together::new(), Together::new());
        for document in &documents {
            // Over the limit everything is given up: no reason to read on.
            if placed.weight > MAX_JUDGED {
                break;
            }
            let named = match named(document) {
                Ok(named) => named,
                Err(why) => {
                    placed.lost.get_or_insert(why);
                    // It may be of the file that its name says: that must end in a row too.
                    let to = by_name.map(|file| (vec![file], Speaks::Of));
                    placed.weight += 1;
                    add(&mut together, to, document);
                    continue;
                }
            };
            let files = self.by_digest(&named, by_name);
            let to = if files.is_empty() { self.otherwise(&named.subjects) } else { None };
            let speaks = files.iter().map(Vec::len).sum::<usize>();
            let judged = files.len() + usize::from(to.is_some());
            placed.weight += speaks.max((judged * named.subjects.len()).max(1));
            add(&mut otherwise, to.map(|file| (vec![file], Speaks::Otherwise)), document);
            for files in files {
                add(&mut together, Some((files, Speaks::Of)), document);
            }
        }
        // Named for it and speaking of something else: that must end in a row too, and tells of
        // every other file that it names.
        let of = |file| together.keys().any(|(files, _)| files.contains(&file));
        if let Some(file) = by_name.filter(|file| !of(*file)) {
            placed.weight += documents.len();
            together.insert((vec![file], Speaks::Of), documents);
            otherwise.remove(&(vec![file], Speaks::Otherwise));
        }
        together.extend(otherwise);
        let pairs = together.into_iter();
        placed.pairs = pairs.map(|(to, documents)| (to, Paired::Documents(documents))).collect();
        placed
    }

    /// The files that a document names by digest, in groups of which one judgement holds for each.
    ///
    /// The subjects of a statement that name a file and nothing else of it cannot tell one file
    /// from another; where a second digest may contradict, or annotations are signed beside it, a
    /// file is judged alone.
    fn by_digest(&self, named: &Named, by_name: Option<usize>) -> Vec<Vec<usize>> {
        let (mut plain, mut alone) = (BTreeSet::new(), BTreeSet::new());
        for subject in &named.subjects {
            let digests = subject.digests.iter().filter_map(|(name, hex)| {
                Digest::new(Algorithm::from_name(name)?, &hex.to_ascii_lowercase()).ok()
            });
            // Upper-case hex is judged otherwise than lower-case, so its file is judged alone.
            let lower = |hex: &String| !hex.bytes().any(|b| b.is_ascii_uppercase());
            let is_plain = subject.annotations.is_empty()
                && subject.digests.len() == 1
                && subject.digests.values().all(lower);
            for digest in digests {
                let files = self.by_digest.get(&digest).into_iter().flatten().copied();
                if is_plain { plain.extend(files) } else { alone.extend(files) }
            }
        }
        if named.subjects.is_empty() {
            let files = named.digests.iter().filter_map(|digest| self.by_digest.get(digest));
            alone.extend(files.flatten().copied());
        }
        let vouches = |file: &usize| self.may_vouch(*file, named, by_name);
        let plain: Vec<usize> = plain.difference(&alone).copied().filter(vouches).collect();
        let alone = alone.iter().copied().filter(vouches).map(|file| vec![file]);
        alone.chain((!plain.is_empty()).then_some(plain)).collect()
    }

    /// What is signed under the name of one file must not vouch for it under the name of another
    /// one, whose own evidence speaks of other bytes: so two files would change places, each with a
    /// good signature beside it.
    fn may_vouch(&self, file: usize, named: &Named, by_name: Option<usize>) -> bool {
        let name = self.folder.files.get(file).map(|f| f.name.as_str()).unwrap_or_default();
        let borrowed = by_name.is_some_and(|own| own != file);
        !borrowed
            || !self.claimed.contains(&file)
            || named.subjects.iter().any(|subject| named_as(subject, name))
    }

    /// The first file that the subjects name with another digest. Judged, the document tells of
    /// every other one too.
    fn otherwise(&self, subjects: &[Subject]) -> Option<usize> {
        subjects.iter().find_map(|subject| {
            let name = crate::domain::checksums::tidy(subject.name.as_deref()?).0;
            let at = *self.by_name.get(name.as_str())?;
            names_otherwise(subject, self.own(at)).then_some(at)
        })
    }
}

fn add(together: &mut Together, to: Option<(Vec<usize>, Speaks)>, document: &Document) {
    if let Some(to) = to {
        together.entry(to).or_default().push(Arc::clone(document));
    }
}

fn own(folder: &FolderFacts, at: usize) -> &[Digest] {
    let hashed = folder.files.get(at).map(|file| &file.hashed);
    hashed.and_then(|hashed| hashed.as_ref().ok()).map_or(&[], |artifact| &artifact.digests)
}

fn claimed(folder: &FolderFacts, by_name: &BTreeMap<&str, usize>) -> BTreeSet<usize> {
    let (mut right, mut wrong) = (BTreeSet::new(), BTreeSet::new());
    for file in &folder.files {
        let Some(EvidenceName::Bundle(of)) = file.evidence() else { continue };
        let (Some(at), Some(bytes)) = (by_name.get(of), file.bytes()) else { continue };
        for document in documents(Arc::clone(bytes)) {
            let digests = named(&document).unwrap_or_default().digests;
            let own = own(folder, *at);
            if digests.iter().any(|digest| own.contains(digest)) {
                right.insert(*at);
            } else if !digests.is_empty() {
                wrong.insert(*at);
            }
        }
    }
    wrong.difference(&right).copied().collect()
}
