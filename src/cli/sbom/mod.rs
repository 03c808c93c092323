//! `sbom`: what is in a release, who says so, and where something is in it.

mod export;
mod find;
mod read;
mod releases;
mod words;

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::{Console, Stop, UNDECIDED, args::Flags};
use crate::{
    domain::{
        sbom::Sbom,
        text::{json as harmless, visible},
    },
    inspect::sboms::{Document, Found, Looked},
    report::{
        json::Report,
        sbom::{self as shown, Form, Section},
    },
};
pub(super) use read::{look, named};
use words::report_of;
pub(super) use words::{tell, tell_nothing};

/// Exit code where the SBOM was read and holds no such component.
const NO_MATCH: u8 = 1;

/// Which SBOM is read, what is looked for in it, and how it is shown.
#[derive(Args)]
pub(super) struct SbomFlags {
    /// Image, `oci:DIR:TAG`, or a file: `./bom.json`; with --tags a repository
    target: String,
    /// Words, `name:`, `purl:`, `licence:`, `type:`, `hash:`, `version:>=0.33`, `!not`, `"a phrase"`:
    /// components that meet all; `contains:TEXT` is jq's `select(.name|contains("TEXT"))`
    #[arg(long, value_name = "QUERY")]
    search: Option<String>,
    /// How it is printed; `names` prints `name@version` lines as jq does
    #[arg(long, value_enum)]
    format: Option<Format>,
    /// The same as --format json: one JSON report
    #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true", default_value = "false", action = clap::ArgAction::Set)]
    json: bool,
    /// Write the document byte for byte as it was attested; `-` writes it to standard output
    #[arg(long, value_name = "FILE")]
    export: Option<PathBuf>,
    /// Count the licences of what was found
    #[arg(long, alias = "licenses", num_args = 0..=1, require_equals = true, default_missing_value = "true", default_value = "false", action = clap::ArgAction::Set)]
    licences: bool,
    /// Every tag that fits, oldest first: `^4`, `>=3.9 <5`; says which is the first that has it
    #[arg(long, value_name = "CONSTRAINT")]
    tags: Option<String>,
    #[command(flatten)]
    pub(super) flags: Flags,
}

/// How components are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// Aligned; shortened to the terminal, whole in a pipe
    Table,
    /// `name@version`
    Names,
    /// A report
    Json,
    /// For a spreadsheet, no cell a formula
    Csv,
    /// For a page
    Markdown,
}

impl SbomFlags {
    fn format(&self) -> Result<Format, Stop> {
        match (self.format, self.json) {
            (None, false) => Ok(Format::Table),
            (None | Some(Format::Json), true) => Ok(Format::Json),
            (Some(format), false) => Ok(format),
            (Some(_), true) => {
                Err(Stop::usage("--json is --format json; another --format excludes it"))
            }
        }
    }

    /// Whether a flag asks for components to be shown.
    const fn shows(&self) -> bool {
        self.format.is_some() || self.json || self.licences || self.search.is_some()
    }

    /// Flags that exclude each other: one would be ignored.
    fn check(&self, console: &Console<'_>) -> Result<Format, Stop> {
        let format = self.format()?;
        if self.search.as_deref() == Some("") {
            return Err(Stop::usage("--search is empty"));
        }
        if self.licences && format == Format::Names {
            return Err(Stop::usage("--licences counts licences; --format names prints names"));
        }
        if self.tags.is_some() && (self.export.is_some() || self.licences) {
            return Err(Stop::usage(
                "--tags looks at many SBOMs; --export and --licences are for one",
            ));
        }
        let chosen = self.shows();
        match &self.export {
            Some(path) if path.as_os_str() == "-" && chosen => Err(Stop::usage(
                "--export - takes standard output; --search, --format and --licences want it too",
            )),
            Some(path) if path.as_os_str() == "-" && console.terminal => Err(Stop::usage(
                "--export - would write foreign bytes to the terminal; send it to a pipe or a file",
            )),
            _ => Ok(format),
        }
    }
}

/// Runs the command; the exit code is the contract's.
pub(super) async fn run(asked: &SbomFlags, console: &mut Console<'_>) -> Result<u8, Stop> {
    let format = asked.check(console)?;
    let query = asked.search.as_deref().map(find::query).transpose()?;
    if let Some(constraint) = &asked.tags {
        return releases::run(asked, (constraint, format, query.as_ref()), console).await;
    }
    let looked = look(&asked.target, &asked.flags, format == Format::Json, console).await?;
    let Some((document, hits)) = looked.found(query.as_ref()) else {
        let code = tell_nothing(&looked, console)?;
        if format == Format::Json
            && let Some(report) = report_of(&looked, None)
        {
            print_json(&report, console)?;
        }
        return Ok(code);
    };
    tell(&looked, document, console)?;
    if let Some(path) = &asked.export {
        export::run(document, path, console).await?;
        if path.as_os_str() == "-" {
            return Ok(0);
        }
    }
    let numbers = hits.as_ref().map(|hits| hits.numbers.as_slice());
    // An export alone is asked for nothing else.
    if asked.export.is_none() || asked.shows() {
        print(&looked, document, (hits.as_ref(), asked.licences, format), console)?;
    }
    if let Some(hits) = hits.as_ref().filter(|hits| hits.undecided > 0) {
        let number = hits.undecided;
        writeln!(
            console.err,
            "sigscope: {number} more may be meant: no version, or none that can be compared"
        )?;
    }
    let unknown = looked.doubt().is_some() || hits.as_ref().is_some_and(|hits| hits.undecided > 0);
    Ok(code(&document.sbom, numbers, unknown))
}

/// Contract: "Exit 0 found, 1 no match, 3 none could be read". What was not read to its end, may
/// not be the newest, or cannot be compared, cannot say that something is not there.
fn code(sbom: &Sbom, hits: Option<&[u32]>, unknown: bool) -> u8 {
    let cut = sbom.left_out().is_some();
    match hits {
        Some([]) if cut || unknown => UNDECIDED,
        Some([]) => NO_MATCH,
        // A list that is not whole.
        None if cut => UNDECIDED,
        Some(_) | None => 0,
    }
}

fn print(
    looked: &Looked,
    document: &Document,
    (found, licences, format): (Option<&Found>, bool, Format),
    console: &mut Console<'_>,
) -> Result<(), Stop> {
    let sbom = &document.sbom;
    let hits = found.map(|found| found.numbers.as_slice());
    let everything: Vec<u32>;
    let numbers = match hits {
        Some(hits) => hits,
        None => {
            everything = (0_u32..).take(sbom.len()).collect();
            &everything
        }
    };
    let all = shown::components(sbom, numbers);
    let form = match format {
        Format::Json => {
            let section = Section {
                sbom,
                attested: document.attested,
                platform: document.platform.as_deref(),
                carrier: document.carrier.as_ref(),
                hits: hits.unwrap_or_default(),
                undecided: found.map(|found| found.undecided),
                licences: licences.then_some(numbers),
            };
            let report = match &looked.digest {
                Some(digest) if looked.seen.is_none() => {
                    Some(shown::of_document(&looked.target, digest, section))
                }
                _ => report_of(looked, Some(section.value())),
            };
            return report.map_or(Ok(()), |report| print_json(&report, console));
        }
        Format::Names => None,
        Format::Csv => Some(Form::Csv),
        Format::Markdown => Some(Form::Markdown),
        Format::Table => Some(Form::Table(columns(console))),
    };
    let text = match form {
        None => shown::names(all),
        Some(form) if licences => shown::licences(all, form),
        Some(form) => shown::list(all, form),
    };
    // Through a pipe the letters stay as they are: `names` is compared with what jq prints.
    let text = if console.terminal { visible(&text) } else { text.into() };
    console.out.write_all(text.as_bytes())?;
    Ok(console.out.flush()?)
}

fn print_json(report: &Report, console: &mut Console<'_>) -> Result<(), Stop> {
    let object = serde_json::to_string(report).map_err(std::io::Error::from)?;
    writeln!(console.out, "{}", harmless(&object))?;
    Ok(console.out.flush()?)
}

/// How wide the terminal is; a pipe has no width.
pub(super) fn columns(console: &Console<'_>) -> Option<usize> {
    let size = crossterm::terminal::size().ok().filter(|_| console.terminal)?;
    Some(usize::from(size.0))
}
