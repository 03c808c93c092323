//! What is said of files and references; every foreign word is made harmless first.

use super::ask::Questions;
use crate::{
    cli::{Console, Stop},
    domain::{
        pin::{Form, LeftAlone, Place},
        text::{safe, shorten},
    },
    inspect::{
        pin::{Decision, HELM_NOTE, Moved, Source, Standing, Walked},
        world::Replaced,
    },
};

/// Lines about what is left alone in one file, and about files that are none of ours.
const MAX_LEFT: usize = 20;
/// Columns of a reference that is foreign text.
const SHOWN: usize = 200;

/// `file:line: reference`.
fn place(source: &Source, line: usize, written: &str) -> String {
    let path = safe(&source.path.display().to_string());
    format!("{path}:{line}: {}", shorten(&safe(written), SHOWN))
}

/// What could not be read, and what is left alone in what could.
pub(super) fn troubles(walked: &Walked, console: &mut Console<'_>) -> Result<(), Stop> {
    let mut warnings = 0;
    for trouble in &walked.troubles {
        warnings += usize::from(!trouble.undecided);
        if !trouble.undecided && warnings > MAX_LEFT {
            continue;
        }
        let path = safe(&trouble.path.display().to_string());
        let word = if trouble.undecided { "" } else { "warning: " };
        writeln!(console.err, "sigscope: {word}{path}: {}", safe(&trouble.words))?;
    }
    if let Some(more) = warnings.checked_sub(MAX_LEFT).filter(|more| *more > 0) {
        writeln!(console.err, "sigscope: warning: {more} more files are none that can be read")?;
    }
    for source in &walked.sources {
        let document = &source.document;
        left(source, ("left alone", document.left_alone()), console)?;
        left(source, ("looked like an image", document.looked_like()), console)?;
    }
    Ok(())
}

fn left(
    source: &Source,
    (word, all): (&str, &[LeftAlone]),
    console: &mut Console<'_>,
) -> Result<(), Stop> {
    for one in all.iter().take(MAX_LEFT) {
        let (path, written) = (safe(&source.path.display().to_string()), safe(&one.written));
        let why = safe(&one.why);
        writeln!(console.err, "{path}:{}: {word}: {written}: {why}", one.line)?;
    }
    if let Some(more) = all.len().checked_sub(MAX_LEFT).filter(|more| *more > 0) {
        let path = safe(&source.path.display().to_string());
        writeln!(console.err, "{path}: {word}: {more} more")?;
    }
    Ok(())
}

/// One line on standard output for what is wrong with a reference.
pub(super) fn check(
    source: &Source,
    found: &Place,
    decision: &Decision,
    console: &mut Console<'_>,
) -> Result<(), Stop> {
    if let Some(why) = decision.complaint() {
        let place = place(source, found.line, &found.written);
        writeln!(console.out, "{place}: {}", safe(&why))?;
    }
    beside(source, found, decision, console)
}

/// The same on standard error for what is not proved, where pins are made or shown.
pub(super) fn standing(
    source: &Source,
    found: &Place,
    decision: &Decision,
    console: &mut Console<'_>,
) -> Result<(), Stop> {
    if decision.standing != Standing::Proved {
        let place = place(source, found.line, &found.written);
        let (word, why) = (decision.standing.word(), safe(&decision.why));
        writeln!(console.err, "{place}: {word}: {why}")?;
    }
    beside(source, found, decision, console)
}

/// Newer tags that were skipped, and what else deserves a look.
fn beside(
    source: &Source,
    found: &Place,
    decision: &Decision,
    console: &mut Console<'_>,
) -> Result<(), Stop> {
    let place = place(source, found.line, &found.written);
    for skipped in &decision.skipped {
        let (tag, verdict, why) = (&skipped.tag, skipped.verdict, safe(&skipped.why));
        writeln!(console.err, "{place}: skipped {tag}: {verdict}: {why}")?;
    }
    for note in &decision.notes {
        writeln!(console.err, "{place}: note: {}", safe(note))?;
    }
    let inserted = found.form == Form::Helm && found.reference.digest.is_none();
    if inserted && decision.write.is_some() {
        writeln!(console.err, "{place}: note: {HELM_NOTE}")?;
    }
    Ok(())
}

/// One line about one place.
pub(super) fn at(
    source: &Source,
    number: usize,
    words: &str,
    console: &mut Console<'_>,
) -> Result<(), Stop> {
    let found = source.document.places().get(number);
    let (line, written) = found.map_or((0, ""), |found| (found.line, found.written.as_str()));
    writeln!(console.err, "{}: {}", place(source, line, written), safe(words))?;
    Ok(())
}

/// The alarm that keeps a pin from being written.
pub(super) fn moved(source: &Source, moved: &Moved, console: &mut Console<'_>) -> Result<(), Stop> {
    let Moved { place, tag, was, now } = moved;
    let words = format!(
        "tag-moved: {tag} pointed at {was} when it was looked at and points at {now} now; \
         nothing was written for it"
    );
    at(source, *place, &words, console)
}

/// What a new file in place of the old one leaves to be said.
pub(super) fn replaced(path: &str, of: Replaced, console: &mut Console<'_>) -> Result<(), Stop> {
    if of.other_links > 0 {
        let number = of.other_links;
        let words = format!("{number} other hard links keep the old content");
        writeln!(console.err, "sigscope: warning: {path}: {words}")?;
    }
    if of.other_owner {
        let words = "its owner or group could not be kept";
        writeln!(console.err, "sigscope: warning: {path}: {words}")?;
    }
    Ok(())
}

/// How many stand how.
pub(super) fn summary(
    questions: &Questions,
    decisions: &[Decision],
    walked: &Walked,
    console: &mut Console<'_>,
) -> Result<(), Stop> {
    let kinds = [
        Standing::Proved,
        Standing::Accepted,
        Standing::NoPolicy,
        Standing::Moved,
        Standing::Refuted,
        Standing::Undecided,
        Standing::Absent,
    ];
    let counted = kinds.into_iter().filter_map(|kind| {
        let number = decisions.iter().filter(|decision| decision.standing == kind).count();
        (number > 0).then(|| format!("{number} {}", kind.word()))
    });
    let left =
        |source: &Source| source.document.left_alone().len() + source.document.looked_like().len();
    let left: usize = walked.sources.iter().map(left).sum();
    let left = (left > 0).then(|| format!("{left} more left alone"));
    let counted: Vec<String> = counted.chain(left).collect();
    let references = if questions.len() == 1 { "reference" } else { "references" };
    let number = questions.len();
    writeln!(console.err, "sigscope: {number} {references}: {}", counted.join(", "))?;
    Ok(())
}
