//! From a subject to the SBOM that is read of it: the newest that it has, as the contract chooses.

use std::{path::Path, sync::Arc};

use tokio::{sync::SemaphorePermit, task::spawn_blocking};

use super::{
    Choice, Lone, Unsigned, choose, holds, unsigned,
    words::{other, standing},
};
use crate::{
    domain::{
        Digest, Verdict,
        demand::Demand,
        sbom::{MAX_DOCUMENT_BYTES, Query, Sbom},
    },
    inspect::{
        FoundPiece, Inspection, RootSource, SbomFacts, Scope, Subject, World, drive,
        verdict::overall, world::Files,
    },
};

/// The longest list of documents that are not read.
const MAX_OTHERS: usize = 5;

/// A document that is read.
#[derive(Clone, Debug)]
pub struct Document {
    /// Its components.
    pub sbom: Arc<Sbom>,
    /// Whether the demanded signer vouches for it.
    pub attested: bool,
    /// The platform that it describes.
    pub platform: Option<String>,
    /// The manifest that carries it.
    pub carrier: Option<Digest>,
    /// How it stands, in words; foreign text.
    pub standing: String,
    /// The predicate that it is, or is in.
    pub predicate: Option<Arc<str>>,
}

/// What a target holds.
#[derive(Debug)]
pub struct Looked {
    /// As it was written.
    pub target: String,
    /// What was found out; of a file by itself nothing is.
    pub seen: Option<Inspection>,
    /// The digest of a file by itself, where it was asked for.
    pub digest: Option<Digest>,
    /// The one that is read: several where they are equally new.
    pub documents: Vec<Document>,
    /// What else is there, in words.
    pub others: Vec<String>,
    /// Why there may be another one that ought to be read.
    pub unknown: Option<String>,
    /// Where there is no document: why.
    pub nothing: Option<(Verdict, String)>,
    /// Whether the attestation of what is read holds, whoever signed it.
    vouched: bool,
    /// Held while a document is large.
    room: Option<SemaphorePermit<'static>>,
}

/// What a query finds in one document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The components, in document order.
    pub numbers: Vec<u32>,
    /// How many others may be meant: their version cannot be compared, or there is none.
    pub undecided: usize,
}

/// How subjects are looked at: everything that does not differ between them.
#[derive(Clone)]
pub struct Look {
    /// Registries, files, clock.
    pub world: World,
    /// Which trust root judges.
    pub root: RootSource,
    /// Whether more than an SBOM is demanded, and all of it must hold.
    pub whole: bool,
}

/// What is found in one document.
pub fn hits(sbom: &Sbom, query: &Query) -> Found {
    let hits = sbom.find(query);
    Found { undecided: hits.undecided(), numbers: hits.components }
}

/// Reads a file by itself; its digest costs time that only a report needs.
pub async fn file(path: &Path, files: &dyn Files, digest: bool) -> Looked {
    let limit = u64::try_from(MAX_DOCUMENT_BYTES).unwrap_or(u64::MAX);
    let read = match files.whole(path, limit).await {
        Err(e) => Err(e.to_string()),
        Ok(bytes) => {
            let parse = move || {
                let digest = digest.then(|| Digest::sha256(&bytes));
                let sbom = Sbom::parse(bytes).map_err(|e| e.to_string())?;
                Ok((sbom, digest))
            };
            spawn_blocking(parse).await.unwrap_or_else(|e| Err(e.to_string()))
        }
    };
    let mut looked = Looked {
        target: path.display().to_string(),
        seen: None,
        digest: None,
        documents: vec![],
        others: vec![],
        unknown: None,
        nothing: None,
        vouched: false,
        room: None,
    };
    match read {
        Ok((sbom, digest)) => {
            looked.digest = digest;
            looked.documents.push(Document {
                sbom: Arc::new(sbom),
                attested: false,
                platform: None,
                carrier: None,
                standing: "UNVERIFIED: nothing vouches for a file by itself".to_owned(),
                predicate: None,
            });
        }
        Err(why) => looked.nothing = Some((Verdict::Undecided, why)),
    }
    looked
}

impl Looked {
    /// Why what is not found may be there all the same.
    pub fn doubt(&self) -> Option<String> {
        let unread = self.documents.iter().find_map(|one| one.sbom.doubt());
        unread.or_else(|| self.unknown.clone())
    }

    /// The document that is read, and what is found in it; of several that are equally new the
    /// first in which something is found.
    pub fn found<'a>(&'a self, query: Option<&Query>) -> Option<(&'a Document, Option<Found>)> {
        let Some(query) = query else { return Some((self.documents.first()?, None)) };
        let mut all = self.documents.iter().map(|one| (one, hits(&one.sbom, query)));
        let first = all.next()?;
        if !first.1.numbers.is_empty() {
            return Some((first.0, Some(first.1)));
        }
        // What cannot be decided in one of them is not decided by the others.
        let undecided =
            |(_, hits): &(&Document, Found)| (hits.numbers.is_empty(), hits.undecided == 0);
        let (document, hits) = std::iter::once(first).chain(all).min_by_key(undecided)?;
        Some((document, Some(hits)))
    }
}

impl Look {
    /// What there is of one subject under a demand over it; `remembered` adds what is remembered
    /// of it.
    pub async fn at(
        &self,
        (subject, scope): (Subject, Scope),
        demanded: Option<Arc<Demand>>,
        remembered: impl FnOnce(Inspection) -> Inspection,
    ) -> Looked {
        let inspection = Inspection::new(subject, demanded, self.root.clone()).within(scope);
        let seen = drive(remembered(inspection.for_verdict()), self.world.clone(), |_| ()).await;
        let mut looked = chosen(&seen);
        if self.whole && !looked.documents.is_empty() {
            let all = overall(&seen);
            if all.verdict != Verdict::Proved {
                looked.documents.clear();
                looked.vouched = false;
                looked.nothing = Some((Verdict::Undecided, all.reason));
            }
        }
        if looked.documents.is_empty() && !self.whole {
            self.signed_itself(&seen, &mut looked).await;
        }
        // A document that somebody pushed under an attestation that does not hold must not stand
        // before those that the publisher left unsigned.
        if !looked.vouched && seen.digest().is_some() {
            self.otherwise(&seen, &mut looked).await;
        }
        looked.seen = Some(seen);
        looked
    }

    /// A file whose own bytes are signed, as `cosign sign-blob` signs a document.
    async fn signed_itself(&self, seen: &Inspection, looked: &mut Looked) {
        let Subject::File { path, .. } = &seen.subject else { return };
        let proved = overall(seen).verdict == Verdict::Proved;
        if seen.demand.is_some() && !proved {
            return;
        }
        let Looked { documents, digest, .. } = file(path, &*self.world.files, true).await;
        // It may be another file by now than the one that was judged.
        if digest.is_none() || digest.as_ref() != seen.digest() {
            return;
        }
        let standing = |document: Document| Document {
            attested: proved,
            standing: if proved { "the file itself is signed".into() } else { document.standing },
            ..document
        };
        looked.documents = documents.into_iter().map(standing).collect();
        looked.vouched = !looked.documents.is_empty();
        if !looked.documents.is_empty() {
            looked.nothing = None;
        }
    }

    /// No attestation that holds is read: what nobody signed is told of, and read where nobody is
    /// demanded.
    async fn otherwise(&self, seen: &Inspection, looked: &mut Looked) {
        let Unsigned { documents, unread, room } = unsigned(seen, &self.world).await;
        let absent = |looked: &Looked| {
            looked.nothing.as_ref().is_none_or(|(verdict, _)| *verdict == Verdict::Absent)
        };
        if let Some(why) = unread {
            let why = format!("an unsigned SBOM may be there: {why}");
            looked.unknown.get_or_insert_with(|| why.clone());
            if looked.documents.is_empty() && absent(looked) {
                looked.nothing = Some((Verdict::Undecided, why));
            }
        }
        if seen.demand.is_none() {
            looked.documents.extend(documents.into_iter().map(Document::from));
            looked.room = room;
            if !looked.documents.is_empty() {
                looked.nothing = None;
            }
            return;
        }
        for Lone { carrier, place, .. } in documents {
            looked.others.push(format!("{place} ({}), which nobody signed", carrier.short()));
            if absent(looked) {
                let why = format!("no SBOM is verified: only {place} is there, unsigned");
                looked.nothing = Some((Verdict::Undecided, why));
            }
        }
    }
}

impl Document {
    /// Which one it is, where there are several; foreign text.
    pub(super) fn which(&self) -> String {
        let carrier = self.carrier.as_ref().map(Digest::short).unwrap_or_default();
        let platform = self.platform.as_deref().map(|p| format!(" of {p}")).unwrap_or_default();
        format!("{}{platform} ({carrier})", self.sbom.format())
    }
}

impl From<Lone> for Document {
    fn from(Lone { sbom, carrier, place, platform }: Lone) -> Self {
        let standing = format!("UNVERIFIED: {place}, which nobody signed");
        let (attested, predicate) = (false, None);
        Self { sbom, attested, platform, carrier: Some(carrier), standing, predicate }
    }
}

/// What is read of an inspection, by the contract.
fn chosen(seen: &Inspection) -> Looked {
    let Choice { newest, others: all, unknown, nothing } = choose(seen);
    let demanded = seen.demand.is_some();
    let document = |(found, facts): &(&FoundPiece, &SbomFacts)| Document {
        sbom: Arc::clone(&facts.sbom),
        attested: demanded,
        platform: facts.platform.clone(),
        carrier: Some(found.carrier.clone()),
        standing: standing(found, demanded),
        predicate: found.piece.statement.as_ref().and_then(|s| s.get().predicate.clone()),
    };
    let mut others: Vec<String> = all.iter().take(MAX_OTHERS).map(other).collect();
    if let Some(more) = all.len().checked_sub(MAX_OTHERS).filter(|more| *more > 0) {
        others.push(format!("{more} more"));
    }
    let unresolved = seen.digest().is_none().then(|| overall(seen));
    let nothing = match unresolved {
        Some(overall) => Some((overall.verdict, overall.reason)),
        None => nothing,
    };
    Looked {
        target: seen.subject.to_string(),
        documents: newest.iter().map(document).collect(),
        others,
        unknown,
        nothing,
        digest: None,
        seen: None,
        vouched: newest.iter().any(|(found, _)| holds(found.piece.judgement)),
        room: None,
    }
}
