//! From a word to the SBOM that is read: a file by itself, or the newest that an artifact has.

use std::{path::PathBuf, sync::Arc};

use crate::{
    cli::{Console, Stop, args::Flags, demand, files, keeping, remember, root, scope, world},
    domain::{
        demand::{Demand, Wanted},
        sbom::is_sbom_type,
        target::Target,
        text::{safe, shell_word},
    },
    inspect::{
        Scope, Subject,
        sboms::{Look, Looked, file},
    },
    net::{files::LocalFiles, trace::Tracer},
};

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

/// The world and root for several targets, and what is demanded of images.
///
/// # Errors
/// A usage error; undecided for a file of the registry flags that cannot be read.
pub(super) fn looking(
    flags: &Flags,
    subjects: &[Subject],
    tracer: &Tracer,
) -> Result<(Look, Option<Arc<Demand>>), Stop> {
    let demanded = demand::demand(flags)?;
    if let (Some(word), Some(demand)) = (&flags.predicate, &demanded) {
        let sbom = |w: &Wanted| matches!(w, Wanted::Attestation(uri) if is_sbom_type(uri));
        if !demand.wanted.iter().any(sbom) {
            let words = format!("--type {} is not that of an SBOM", shell_word(word));
            return Err(Stop::usage(words));
        }
    }
    let (root, whole) = (root::of(flags)?, demand::whole(flags));
    Ok((Look { world: world::judging(flags, subjects, tracer)?, root, whole }, demanded))
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
        Named::File(path) => return Ok(file(&path, &LocalFiles, digest).await),
        Named::Subject(named) => *named,
    };
    let tracer = flags.keeping.tracer(world::now())?;
    let (look, demanded) = looking(flags, std::slice::from_ref(&subject), &tracer)?;
    let demanded = demanded.map(|demand| files::demanded_over(&demand, &subject, flags));
    let history = remember::history();
    let ledger = remember::read(&history, console).await?;
    let looked = look.at((subject, scope), demanded, |i| remember::begin(i, &ledger)).await;
    let entries = match &looked.seen {
        Some(seen) => remember::end(seen, (look.world.now)(), console)?,
        None => vec![],
    };
    remember::record(&history, entries, console).await?;
    keeping::finish(&tracer, console);
    Ok(looked)
}
