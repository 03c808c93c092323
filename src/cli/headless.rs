//! `verify` and `inspect`: the same plan and the same fold as the terminal UI.

use super::{
    Console, Stop, UNDECIDED, args::Flags, demand, files, keeping, remember, root, scope, world,
};
use crate::{
    domain::{
        Verdict,
        text::{json as harmless, safe},
    },
    inspect::{Inspection, Subject, drive, verdict::overall},
    report::{
        json,
        text::{self, Detail},
    },
};

/// Judges every target; the exit code is that of the worst.
pub(super) async fn verify(
    targets: &[String],
    flags: &Flags,
    as_json: bool,
    console: &mut Console<'_>,
) -> Result<u8, Stop> {
    let demanded = demand::demand(flags)?;
    // Without flags: cosign's sentence about what is missing.
    let Some(demanded) = demanded else { return Err(missing_identity()) };
    let mut notes = vec![];
    let subjects: Vec<Subject> = targets
        .iter()
        .map(|word| {
            let subject = demand::subject(word, flags, &mut |note| notes.push(note))?;
            files::to_verify(subject)
        })
        .collect::<Result<_, _>>()?;
    tell(&notes, console)?;
    let root = root::of(flags)?;
    let tracer = flags.keeping.tracer(world::now())?;
    let world = world::judging(flags, &subjects, &tracer)?;
    let history = remember::history();
    let ledger = remember::read(&history, console).await?;
    let (mut worst, mut entries) = (Verdict::Proved, vec![]);
    for subject in subjects {
        let demanded = files::demanded_over(&demanded, &subject, flags);
        let scope = scope::for_subject(flags, &subject)?;
        let begun = Inspection::new(subject, Some(demanded), root.clone()).within(scope);
        let begun = remember::begin(begun.for_verdict(), &ledger);
        let seen = drive(begun, world.clone(), |_| ()).await;
        worst = worst.max(overall(&seen).verdict);
        entries.extend(remember::end(&seen, (world.now)(), console)?);
        print(&seen, as_json, Detail::Brief, console)?;
    }
    remember::record(&history, entries, console).await?;
    keeping::finish(&tracer, console);
    Ok(worst.exit_code())
}

fn missing_identity() -> Stop {
    Stop::usage(
        "--certificate-identity or --certificate-identity-regexp is required for verification in keyless mode",
    )
}

/// Finds out everything; exit 0 when there was something to report on.
pub(super) async fn inspect(
    target: &str,
    flags: &Flags,
    as_json: bool,
    console: &mut Console<'_>,
) -> Result<u8, Stop> {
    let demanded = demand::demand(flags)?;
    let mut notes = vec![];
    let subject = demand::subject(target, flags, &mut |note| notes.push(note))?;
    let root = root::of(flags)?;
    tell(&notes, console)?;
    let over = |demanded| files::demanded_over(&demanded, &subject, flags);
    let demanded = demanded.map(over);
    let scope = scope::for_subject(flags, &subject)?;
    let tracer = flags.keeping.tracer(world::now())?;
    let world = world::judging(flags, std::slice::from_ref(&subject), &tracer)?;
    let begun = Inspection::new(subject, demanded, root).within(scope);
    let history = remember::history();
    let begun = remember::begin(begun, &remember::read(&history, console).await?);
    let seen = drive(begun, world.clone(), |_| ()).await;
    let entries = remember::end(&seen, (world.now)(), console)?;
    print(&seen, as_json, Detail::Full, console)?;
    remember::record(&history, entries, console).await?;
    keeping::finish(&tracer, console);
    Ok(if seen.digest().is_some() || seen.folder().is_some() { 0 } else { UNDECIDED })
}

fn tell(notes: &[String], console: &mut Console<'_>) -> Result<(), Stop> {
    for note in notes {
        writeln!(console.err, "sigscope: {}", safe(note))?;
    }
    Ok(())
}

fn print(
    seen: &Inspection,
    as_json: bool,
    detail: Detail,
    console: &mut Console<'_>,
) -> Result<(), Stop> {
    if as_json {
        let object = serde_json::to_string(&json::report(seen)).map_err(std::io::Error::from)?;
        writeln!(console.out, "{}", harmless(&object))?;
    } else {
        write!(console.out, "{}", text::report(seen, detail))?;
    }
    console.out.flush()?;
    Ok(())
}
