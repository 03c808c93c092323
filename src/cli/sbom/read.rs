//! From a word to the SBOM that is read: a file by itself, or the newest that an artifact has.

use std::{path::PathBuf, sync::Arc};

use tokio::task::spawn_blocking;

use super::words::{other, standing};

use crate::{
    cli::{Console, Stop, args::Flags, demand, files, keeping, remember, root, scope, world},
    domain::{
        Digest, Verdict,
        demand::{Demand, Wanted},
        sbom::{MAX_DOCUMENT_BYTES, Sbom, is_sbom_type},
        target::Target,
        text::{safe, shell_word},
    },
    inspect::{
        FoundPiece, Inspection, RootSource, SbomFacts, Scope, Subject, World, drive,
        sboms::{Unsigned, choose, unsigned},
        verdict::overall,
    },
    net::files::whole,
};

/// The longest list of documents that are not read.
const MAX_OTHERS: usize = 5;

/// A document that is read.
pub(crate) struct Document {
    pub(crate) sbom: Arc<Sbom>,
    /// Whether the demanded signer vouches for it.
    pub(crate) attested: bool,
    pub(crate) platform: Option<String>,
    pub(crate) carrier: Option<Digest>,
    /// How it stands, in words; foreign text.
    pub(crate) standing: String,
    /// The predicate that it is, or is in.
    pub(crate) predicate: Option<Arc<str>>,
}

/// What a target holds.
pub(crate) struct Looked {
    /// As it was written.
    pub(crate) target: String,
    /// What was found out; of a file by itself nothing is.
    pub(crate) seen: Option<Inspection>,
    /// The digest of a file by itself, where it was asked for.
    pub(crate) digest: Option<Digest>,
    /// The one that is read: several where they are equally new.
    pub(crate) documents: Vec<Document>,
    /// What else is there, in words.
    pub(crate) others: Vec<String>,
    /// Why there may be another one that ought to be read.
    pub(crate) unknown: Option<String>,
    /// Where there is no document: why.
    pub(crate) nothing: Option<(Verdict, String)>,
}

/// How targets are looked at: everything that does not differ between them.
pub(crate) struct Look {
    world: World,
    demanded: Option<Arc<Demand>>,
    root: RootSource,
    /// Whether more than an SBOM is demanded, and all of it must hold.
    whole: bool,
}

/// A target that was understood; nothing was contacted yet.
pub(crate) enum Named {
    /// A file by itself.
    File(PathBuf),
    /// Something that has evidence, and what of it.
    Subject(Box<(Subject, Scope)>),
}

/// What a word names.
///
/// # Errors
/// A usage error.
pub(crate) fn named(word: &str, flags: &Flags, console: &mut Console<'_>) -> Result<Named, Stop> {
    if let Some(path) = by_itself(word, flags)? {
        let scope = scope::of(flags)?;
        if scope.platform.is_some() {
            return Err(Stop::usage("--platform: only an image has platforms"));
        }
        if demand::demand(flags)?.is_some() {
            return Err(Stop::usage(
                "nothing vouches for a file by itself; what it is signed with goes beside it: \
                 --bundle, --signature, --owner or --repo",
            ));
        }
        return Ok(Named::File(path));
    }
    let mut notes = vec![];
    let subject = demand::subject(word, flags, &mut |note| notes.push(note))?;
    for note in notes {
        writeln!(console.err, "sigscope: {}", safe(&note))?;
    }
    if let Subject::Folder(path) = &subject {
        let name = shell_word(&path.display().to_string());
        return Err(Stop::usage(format!("{name} is a folder; name the file")));
    }
    let scope = scope::for_subject(flags, &subject)?;
    Ok(Named::Subject(Box::new((subject, scope))))
}

/// The path of a file that no flag gives evidence for.
fn by_itself(word: &str, flags: &Flags) -> Result<Option<PathBuf>, Stop> {
    let evidence = files::material(flags)?.is_some()
        || flags.files.say_file()
        || flags.github.source()?.is_some();
    match demand::target(word, flags)? {
        Target::Path(path) if !evidence => {
            let name = || shell_word(&path.display().to_string());
            if path.is_dir() {
                return Err(Stop::usage(format!("{} is a folder; name the file", name())));
            }
            if !path.exists() {
                return Err(Stop::usage(format!("there is no file {}", name())));
            }
            Ok(Some(path))
        }
        _ => Ok(None),
    }
}

/// Reads a file by itself; its digest costs time that only a report needs.
pub(crate) async fn file(path: PathBuf, digest: bool) -> Looked {
    let target = path.display().to_string();
    let read = spawn_blocking(move || {
        let limit = u64::try_from(MAX_DOCUMENT_BYTES).unwrap_or(u64::MAX);
        let bytes = whole(&path, limit).map_err(|e| e.to_string())?;
        let digest = digest.then(|| Digest::sha256(&bytes));
        let sbom = Sbom::parse(bytes).map_err(|e| e.to_string())?;
        Ok((sbom, digest))
    });
    let read: Result<_, String> = read.await.unwrap_or_else(|e| Err(e.to_string()));
    let mut looked = Looked {
        target,
        seen: None,
        digest: None,
        documents: vec![],
        others: vec![],
        unknown: None,
        nothing: None,
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

impl Look {
    /// The same demand, root and world for several targets.
    ///
    /// # Errors
    /// A usage error; undecided for a file of the registry flags that cannot be read.
    pub(crate) fn new(
        flags: &Flags,
        subjects: &[Subject],
        tracer: &crate::net::trace::Tracer,
    ) -> Result<Self, Stop> {
        let demanded = demand::demand(flags)?;
        if let (Some(word), Some(demand)) = (&flags.predicate, &demanded) {
            let sbom = |w: &Wanted| matches!(w, Wanted::Attestation(uri) if is_sbom_type(uri));
            if !demand.wanted.iter().any(sbom) {
                let words = format!("--type {} is not that of an SBOM", shell_word(word));
                return Err(Stop::usage(words));
            }
        }
        let whole = flags.require_signature || flags.loaded.is_some();
        let root = root::of(flags)?;
        Ok(Self { world: world::judging(flags, subjects, tracer)?, demanded, root, whole })
    }

    /// The world that is asked.
    pub(crate) const fn world(&self) -> &World {
        &self.world
    }

    /// Whether somebody is demanded.
    pub(crate) const fn demands(&self) -> bool {
        self.demanded.is_some()
    }

    /// What there is of one subject; `remembered` adds what is remembered of it.
    pub(crate) async fn at(
        &self,
        (subject, scope): (Subject, Scope),
        flags: &Flags,
        remembered: impl FnOnce(Inspection) -> Inspection,
    ) -> Looked {
        let over = |demand| files::demanded_over(demand, &subject, flags);
        let demanded = self.demanded.as_ref().map(over);
        let inspection = Inspection::new(subject, demanded, self.root.clone()).within(scope);
        let seen = drive(remembered(inspection.for_verdict()), self.world.clone(), |_| ()).await;
        let mut looked = chosen(&seen);
        if self.whole && !looked.documents.is_empty() {
            let all = overall(&seen);
            if all.verdict != Verdict::Proved {
                looked.documents.clear();
                looked.nothing = Some((Verdict::Undecided, all.reason));
            }
        }
        if looked.documents.is_empty() && !self.whole {
            self.signed_itself(&seen, &mut looked).await;
        }
        if looked.documents.is_empty() && seen.digest().is_some() {
            self.otherwise(&seen, &mut looked).await;
        }
        looked.seen = Some(seen);
        looked
    }

    /// A file whose own bytes are signed, as `cosign sign-blob` signs a document.
    async fn signed_itself(&self, seen: &Inspection, looked: &mut Looked) {
        let Subject::File { path, .. } = &seen.subject else { return };
        let proved = overall(seen).verdict == Verdict::Proved;
        if self.demands() && !proved {
            return;
        }
        let Looked { documents, digest, .. } = file(path.clone(), true).await;
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
        if !looked.documents.is_empty() {
            looked.nothing = None;
        }
    }

    /// Nothing attested is read: what nobody signed is told of, and read where nobody is demanded.
    async fn otherwise(&self, seen: &Inspection, looked: &mut Looked) {
        match unsigned(seen, &self.world).await {
            Unsigned::Nothing => {}
            Unsigned::Unread(why) => {
                let why = format!("an unsigned SBOM may be there: {why}");
                looked.unknown.get_or_insert_with(|| why.clone());
                if looked.nothing.as_ref().is_none_or(|(verdict, _)| *verdict == Verdict::Absent) {
                    looked.nothing = Some((Verdict::Undecided, why));
                }
            }
            Unsigned::Found { carrier, place, .. } if self.demands() => {
                looked.others.push(format!("{place} ({}), which nobody signed", carrier.short()));
                if looked.nothing.as_ref().is_none_or(|(verdict, _)| *verdict == Verdict::Absent) {
                    let why = format!("no SBOM is verified: only {place} is there, unsigned");
                    looked.nothing = Some((Verdict::Undecided, why));
                }
            }
            Unsigned::Found { sbom, carrier, place, platform, others: (more, unread) } => {
                let standing = format!("UNVERIFIED: {place}, which nobody signed");
                let carrier = Some(carrier);
                let (attested, predicate) = (false, None);
                looked.documents =
                    vec![Document { sbom, attested, platform, carrier, standing, predicate }];
                if more > 0 {
                    looked.others.push(format!("{more} more that nobody signed"));
                }
                looked.unknown = looked.unknown.take().or(unread);
                looked.nothing = None;
            }
        }
    }
}

/// What is read of an inspection, by the contract.
fn chosen(seen: &Inspection) -> Looked {
    let choice = choose(seen);
    let demanded = seen.demand.is_some();
    let document = |(found, facts): &(&FoundPiece, &SbomFacts)| Document {
        sbom: Arc::clone(&facts.sbom),
        attested: demanded,
        platform: facts.platform.clone(),
        carrier: Some(found.carrier.clone()),
        standing: standing(found, demanded),
        predicate: found.piece.statement.as_ref().and_then(|s| s.get().predicate.clone()),
    };
    let mut others: Vec<String> = choice.others.iter().take(MAX_OTHERS).map(other).collect();
    if let Some(more) = choice.others.len().checked_sub(MAX_OTHERS).filter(|more| *more > 0) {
        others.push(format!("{more} more"));
    }
    let unresolved = seen.digest().is_none().then(|| overall(seen));
    let nothing = match unresolved {
        Some(overall) => Some((overall.verdict, overall.reason)),
        None => choice.nothing,
    };
    Looked {
        target: seen.subject.to_string(),
        documents: choice.newest.iter().map(document).collect(),
        others,
        unknown: choice.unknown,
        nothing,
        digest: None,
        seen: None,
    }
}

/// Looks at one target, as `inspect` would: with what is remembered of its tag.
///
/// # Errors
/// A usage error; undecided for output or files that cannot be read or written.
pub(crate) async fn look(
    word: &str,
    flags: &Flags,
    digest: bool,
    console: &mut Console<'_>,
) -> Result<Looked, Stop> {
    let (subject, scope) = match named(word, flags, console)? {
        Named::File(path) => return Ok(file(path, digest).await),
        Named::Subject(named) => *named,
    };
    let tracer = flags.keeping.tracer(world::now())?;
    let look = Look::new(flags, std::slice::from_ref(&subject), &tracer)?;
    let history = remember::history();
    let ledger = remember::read(&history, console).await?;
    let looked = look.at((subject, scope), flags, |i| remember::begin(i, &ledger)).await;
    let entries = match &looked.seen {
        Some(seen) => remember::end(seen, (look.world.now)(), console)?,
        None => vec![],
    };
    remember::record(&history, entries, console).await?;
    keeping::finish(&tracer, console);
    Ok(looked)
}
