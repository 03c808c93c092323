//! `verify` and `inspect`: the same plan and the same fold as the terminal UI.

use std::sync::Arc;

use super::{Console, Stop, UNDECIDED, args::Flags, demand, files, world};
use crate::{
    domain::{Verdict, demand::Demand, text::safe},
    inspect::{Inspection, Subject, World, drive, verdict::overall},
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
        .map(|word| demand::subject(word, flags, &mut |note| notes.push(note)))
        .collect::<Result<_, _>>()?;
    tell(&notes, console)?;
    let world = world::live(&flags.network, flags.files.rekor_url.as_deref())?;
    let mut worst = Verdict::Proved;
    for subject in subjects {
        let demanded = files::demanded_over(&demanded, &subject, flags);
        let seen = look(subject, Some(demanded), flags, world.clone()).await;
        worst = worst.max(overall(&seen).verdict);
        print(&seen, as_json, Detail::Brief, console)?;
    }
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
    tell(&notes, console)?;
    let demanded = demanded.map(|demanded| files::demanded_over(&demanded, &subject, flags));
    let seen = look(
        subject,
        demanded,
        flags,
        world::live(&flags.network, flags.files.rekor_url.as_deref())?,
    )
    .await;
    print(&seen, as_json, Detail::Full, console)?;
    Ok(if seen.digest().is_some() || seen.folder().is_some() { 0 } else { UNDECIDED })
}

async fn look(
    subject: Subject,
    demanded: Option<Arc<Demand>>,
    flags: &Flags,
    world: World,
) -> Inspection {
    drive(Inspection::new(subject, demanded, demand::root(flags)), world, |_| ()).await
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
        serde_json::to_writer(&mut *console.out, &json::report(seen))
            .map_err(std::io::Error::from)?;
        writeln!(console.out)?;
    } else {
        write!(console.out, "{}", text::report(seen, detail))?;
    }
    console.out.flush()?;
    Ok(())
}
