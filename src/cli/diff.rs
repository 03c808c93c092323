//! `diff --sbom`: what changed inside from one release to another.

use clap::{Args, ValueEnum};

use super::{
    Console, Stop, UNDECIDED,
    args::Flags,
    sbom::{self, look},
};
use crate::{
    domain::{
        Verdict,
        sbom::diff::{Diff, diff},
        text::{json as harmless, safe},
    },
    inspect::sboms::{Document, Looked},
    report::sbom::{Form, changes, changes_json, of_rows},
};

/// Exit code where the two differ.
const DIFFERENT: u8 = 1;

/// Which two releases are compared, and how that is shown.
#[derive(Args)]
pub(super) struct DiffFlags {
    /// The older one: image, `oci:DIR:TAG`, or a file: `./bom.json`
    old: String,
    /// The newer one
    new: String,
    /// Compare their SBOMs; nothing else is built yet
    #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true", default_value = "false", action = clap::ArgAction::Set)]
    sbom: bool,
    /// How changes are printed
    #[arg(long, value_enum)]
    format: Option<Format>,
    /// The same as --format json: one JSON object
    #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true", default_value = "false", action = clap::ArgAction::Set)]
    json: bool,
    #[command(flatten)]
    pub(super) flags: Flags,
}

/// How changes are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Aligned; shortened to the terminal, whole in a pipe
    Table,
    /// One JSON object
    Json,
    /// For a spreadsheet, no cell a formula
    Csv,
    /// For a page
    Markdown,
}

/// Runs the command: 0 the same, 1 different, 3 not known, 4 one of them has no SBOM.
pub(super) async fn run(asked: &DiffFlags, console: &mut Console<'_>) -> Result<u8, Stop> {
    if !asked.sbom {
        return Err(Stop::usage("diff without --sbom is not built yet; nothing was contacted"));
    }
    let format = match (asked.format, asked.json) {
        (None, false) => Format::Table,
        (None | Some(Format::Json), true) => Format::Json,
        (Some(format), false) => format,
        (Some(_), true) => {
            return Err(Stop::usage("--json is --format json; another --format excludes it"));
        }
    };
    // Both words are read before anything is contacted.
    for word in [&asked.old, &asked.new] {
        sbom::named(word, &asked.flags, console)?;
    }
    let old = look(&asked.old, &asked.flags, false, console).await?;
    let new = look(&asked.new, &asked.flags, false, console).await?;
    let Some((before, after)) = pair(&old, &new) else {
        let mut worst = 0;
        for looked in [&old, &new].into_iter().filter(|looked| looked.documents.is_empty()) {
            let code = sbom::tell_nothing(looked, console)?;
            worst = if worst == UNDECIDED { worst } else { code };
        }
        return Ok(if worst == 0 { UNDECIDED } else { worst });
    };
    for (looked, document) in [(&old, before), (&new, after)] {
        writeln!(console.err, "sigscope: {}:", safe(&looked.target))?;
        sbom::tell(looked, document, console)?;
    }
    let changed = diff(&before.sbom, &after.sbom);
    print(&changed, (&old, before), (&new, after), format, console)?;
    let doubtful = |looked: &Looked, document: &Document| {
        looked.unknown.is_some() || document.sbom.doubt().is_some()
    };
    let unknown = doubtful(&old, before) || doubtful(&new, after);
    Ok(code(&changed, unknown))
}

/// The two that are compared; of several that are equally new those of one format.
fn pair<'a>(old: &'a Looked, new: &'a Looked) -> Option<(&'a Document, &'a Document)> {
    let language = |one: &Document| one.sbom.format().split(' ').next().map(str::to_owned);
    let alike = old.documents.iter().find_map(|before| {
        let after = new.documents.iter().find(|after| language(before) == language(after))?;
        Some((before, after))
    });
    alike.or_else(|| old.documents.first().zip(new.documents.first()))
}

/// What was not read to its end may hold what seems to be gone, and says nothing of the rest; and
/// "the same" is said only of what is known to be the newest and was read entry by entry.
fn code(changed: &Diff, unknown: bool) -> u8 {
    if changed.old_left_out || changed.new_left_out || (changed.is_empty() && unknown) {
        UNDECIDED
    } else if changed.is_empty() {
        Verdict::Proved.exit_code()
    } else {
        DIFFERENT
    }
}

fn print(
    changed: &Diff,
    (old, before): (&Looked, &Document),
    (new, after): (&Looked, &Document),
    format: Format,
    console: &mut Console<'_>,
) -> Result<(), Stop> {
    let form = match format {
        Format::Json => {
            let mut object = changes_json(changed, &before.sbom, &after.sbom);
            for (name, looked, document) in [("old", old, before), ("new", new, after)] {
                object[name] = serde_json::json!({
                    "target": looked.target,
                    "format": document.sbom.format(),
                    "attested": document.attested,
                    "platform": document.platform,
                    "carrier": document.carrier.as_ref().map(ToString::to_string),
                    "left_out": document.sbom.left_out().map(ToString::to_string),
                    "unread": document.sbom.unread(),
                });
            }
            writeln!(console.out, "{}", harmless(&object.to_string()))?;
            return Ok(console.out.flush()?);
        }
        Format::Csv => Form::Csv,
        Format::Markdown => Form::Markdown,
        Format::Table => Form::Table(sbom::columns(console)),
    };
    let rows = changes(changed, &before.sbom, &after.sbom);
    let table = of_rows(&["change", "name", "old", "new"], rows, form);
    console.out.write_all(table.as_bytes())?;
    console.out.flush()?;
    let counts = changed.counts();
    writeln!(
        console.err,
        "sigscope: {} added, {} removed, {} up, {} down, {} otherwise changed, {} under another licence, {} unchanged",
        counts.added,
        counts.removed,
        counts.up,
        counts.down,
        counts.unclear,
        counts.licences,
        counts.unchanged
    )?;
    Ok(())
}
