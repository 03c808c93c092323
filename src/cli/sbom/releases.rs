//! `--tags`: the same question to every release of a repository, oldest first.

use std::io::{IsTerminal as _, stderr};

use futures_util::{StreamExt as _, stream};
use serde_json::{Value, json};

use super::{
    Format, NO_MATCH, SbomFlags, found,
    read::{Look, Looked},
};
use crate::{
    cli::{Console, Stop, UNDECIDED, args::Flags, demand, files, keeping, scope, tags, world},
    domain::{
        Reference, Repository, Tag, Verdict,
        sbom::Query,
        target::Target,
        text::{json as harmless, safe},
        version::{TagOrder, Version, is_fixed},
    },
    inspect::{
        Scope, Subject,
        tags::{Listed, ListingLimits, list_tags},
        trace::Asker,
    },
    report::sbom::{Form, components, of_rows},
};

/// Releases that are looked at at once: each may hold an SBOM of megabytes in memory.
const AT_ONCE: usize = 4;
/// The most versions that one row names.
const MAX_NAMED: usize = 20;

/// What one release says.
struct Row {
    tag: Tag,
    /// `None` where it could not be found out.
    has: Option<Has>,
    attested: bool,
    digest: Option<String>,
    /// Why it could not be found out, or what else is to be said.
    note: Option<String>,
}

/// What its SBOM says.
enum Has {
    /// What was looked for: `name@version`; how many in all.
    Hits(Vec<(String, Option<String>)>, usize),
    /// Not that.
    Not,
    /// Nobody asked for anything: format and number of components.
    Document(String, usize),
    /// There is no SBOM.
    NoSbom,
}

pub(super) async fn run(
    asked: &SbomFlags,
    (constraint, format, query): (&str, Format, Option<&Query>),
    console: &mut Console<'_>,
) -> Result<u8, Stop> {
    if format == Format::Names {
        return Err(Stop::usage(
            "--tags prints a row for every tag; --format names is for one SBOM",
        ));
    }
    let constraint = tags::read_constraint("--tags", constraint)?;
    let Target::Repository(repository) = demand::target(&asked.target, &asked.flags)? else {
        let words = format!("--tags wants a repository, and {} is none", safe(&asked.target));
        return Err(Stop::usage(words));
    };
    let scope = scope::of(&asked.flags)?;
    if files::material(&asked.flags)?.is_some() {
        return Err(Stop::usage("--tags looks at images; --bundle and --signature go with a file"));
    }
    let tracer = asked.flags.keeping.tracer(world::now())?;
    let named = Reference { repository: repository.clone(), tag: None, digest: None };
    let look = Look::new(&asked.flags, &[Subject::Artifact(named)], &tracer)?;
    let listed = list_tags(look.world(), &repository, ListingLimits::default());
    let listed = Asker::other("tags").during(listed).await.map_err(|e| tags::failed(&e, ""))?;
    let Listed { mut names, incomplete, .. } = listed;
    names.retain(|tag| Version::parse(tag.as_str()).is_some_and(|v| constraint.allows(&v)));
    names.sort_by_cached_key(|tag| std::cmp::Reverse(TagOrder::of(tag.as_str())));
    if !look.demands() {
        writeln!(console.err, "sigscope: UNVERIFIED: no signer was demanded")?;
    }
    let rows = ask(&look, (&repository, names, &scope), (&asked.flags, query), console).await?;
    keeping::finish(&tracer, console);
    print(&rows, (asked, format, incomplete.as_deref()), &repository, console)?;
    Ok(code(&rows, incomplete.is_some()))
}

/// Contract's order, with the row that could not be found out worst: it is never "not in it".
fn code(rows: &[Row], incomplete: bool) -> u8 {
    let any = |wanted: fn(&Row) -> bool| rows.iter().any(wanted);
    if incomplete || any(|row| row.has.is_none()) {
        UNDECIDED
    } else if any(|row| matches!(row.has, Some(Has::Hits(..) | Has::Document(..)))) {
        0
    } else if any(|row| matches!(row.has, Some(Has::Not))) {
        NO_MATCH
    } else {
        Verdict::Absent.exit_code()
    }
}

/// Asks every release, a few at once; how far it is stands on standard error, if that is a screen.
async fn ask(
    look: &Look,
    (repository, names, scope): (&Repository, Vec<Tag>, &Scope),
    (flags, query): (&Flags, Option<&Query>),
    console: &mut Console<'_>,
) -> Result<Vec<Row>, Stop> {
    let all = names.len();
    let each = names.into_iter().enumerate().map(|(at, tag)| async move {
        let (digest, repository) = (None, repository.clone());
        let subject = Subject::Artifact(Reference { repository, tag: Some(tag.clone()), digest });
        let looked = look.at((subject, scope.clone()), flags, |begun| begun).await;
        // Only the row is kept: many releases have many megabytes.
        (at, Row::of(tag, &looked, query))
    });
    let screen = stderr().is_terminal();
    let mut answers = stream::iter(each).buffer_unordered(AT_ONCE);
    let mut rows = vec![];
    while let Some(row) = answers.next().await {
        rows.push(row);
        if screen {
            write!(console.err, "\r\x1b[Ksigscope: {} of {all} tags", rows.len())?;
            console.err.flush()?;
        }
    }
    if screen && all > 0 {
        write!(console.err, "\r\x1b[K")?;
    }
    rows.sort_by_key(|(at, _)| *at);
    Ok(rows.into_iter().map(|(_, row)| row).collect())
}

impl Row {
    fn of(tag: Tag, looked: &Looked, query: Option<&Query>) -> Self {
        let digest = looked.seen.as_ref().and_then(|seen| seen.digest()).map(ToString::to_string);
        let Some((document, hits)) = found(looked, query) else {
            let (verdict, why) =
                looked.nothing.clone().unwrap_or((Verdict::Undecided, String::new()));
            let has = (verdict == Verdict::Absent && digest.is_some()).then_some(Has::NoSbom);
            return Self { tag, has, attested: false, digest, note: Some(why) };
        };
        let sbom = &document.sbom;
        let doubt = looked.doubt();
        let (has, note) = match hits {
            None => (Some(Has::Document(sbom.format().to_owned(), sbom.len())), doubt),
            Some(hits) if !hits.numbers.is_empty() => {
                let named = components(sbom, &hits.numbers).take(MAX_NAMED);
                let named =
                    named.map(|one| (one.name().to_owned(), one.version().map(str::to_owned)));
                (Some(Has::Hits(named.collect(), hits.numbers.len())), doubt)
            }
            Some(hits) if hits.undecided > 0 => {
                (None, Some(format!("{} with no version that can be compared", hits.undecided)))
            }
            // What was not read to its end cannot say that something is not there.
            Some(_) if doubt.is_some() => (None, doubt),
            Some(_) => (Some(Has::Not), None),
        };
        Self { tag, has, attested: document.attested, digest, note }
    }

    fn is_hit(&self) -> bool {
        matches!(self.has, Some(Has::Hits(..)))
    }

    /// What was found, in a cell.
    fn words(&self) -> String {
        match &self.has {
            None => "?".to_owned(),
            Some(Has::Not) => "not in it".to_owned(),
            Some(Has::NoSbom) => "no SBOM".to_owned(),
            Some(Has::Document(format, number)) => format!("{format}, {number} components"),
            Some(Has::Hits(named, all)) => {
                let text = |(name, version): &(String, Option<String>)| {
                    format!("{name}@{}", version.as_deref().unwrap_or("null"))
                };
                let mut words: Vec<String> = named.iter().map(text).collect();
                if *all > named.len() {
                    words.push(format!("{} more", all - named.len()));
                }
                words.join(", ")
            }
        }
    }

    fn attested_words(&self) -> &'static str {
        match (&self.has, self.attested) {
            (None | Some(Has::NoSbom), _) => "-",
            (_, true) => "attested",
            (_, false) => "UNVERIFIED",
        }
    }

    fn json(&self) -> Value {
        let hits = match &self.has {
            Some(Has::Hits(named, _)) => Some(named.as_slice()),
            Some(Has::Not) => Some(&[][..]),
            _ => None,
        };
        let hit = |(name, version): &(String, Option<String>)| json!({ "name": name, "version": version });
        let found = match &self.has {
            None => "undecided",
            Some(Has::NoSbom) => "no-sbom",
            Some(Has::Not) => "not-in-it",
            Some(Has::Hits(..) | Has::Document(..)) => "found",
        };
        let number = match &self.has {
            Some(Has::Hits(_, all)) => Some(*all),
            _ => None,
        };
        json!({
            "tag": self.tag.as_str(), "digest": self.digest, "found": found, "attested": self.attested,
            "hits": hits.map(|hits| hits.iter().map(hit).collect::<Vec<_>>()),
            "hit_count": number, "note": self.note,
        })
    }
}

/// The first release that has what was looked for, and the earlier ones of which that is not known.
/// Only tags that name one release count: `4` moves to every new one.
fn first(rows: &[Row]) -> Option<(&Row, Vec<&str>)> {
    let fixed = || rows.iter().filter(|row| is_fixed(row.tag.as_str()));
    let first = fixed().position(Row::is_hit)?;
    // What no SBOM is of may well have it.
    let unknown = fixed().take(first).filter(|row| matches!(row.has, None | Some(Has::NoSbom)));
    Some((fixed().nth(first)?, unknown.map(|row| row.tag.as_str()).collect()))
}

fn print(
    rows: &[Row],
    (asked, format, incomplete): (&SbomFlags, Format, Option<&str>),
    repository: &Repository,
    console: &mut Console<'_>,
) -> Result<(), Stop> {
    let first = first(rows).filter(|_| asked.search.is_some());
    if format == Format::Json {
        let first_of = first
            .as_ref()
            .map(|(row, unknown)| json!({ "tag": row.tag.as_str(), "unknown_before": unknown }));
        let object = json!({
            "schema": 1, "repository": repository.to_string(), "search": asked.search,
            "complete": incomplete.is_none(), "incomplete": incomplete,
            "first": first_of, "tags": rows.iter().map(Row::json).collect::<Vec<_>>(),
        });
        writeln!(console.out, "{}", harmless(&object.to_string()))?;
    } else {
        let form = match format {
            Format::Csv => Form::Csv,
            Format::Markdown => Form::Markdown,
            _ => Form::Table(super::columns(console)),
        };
        let cells = |row: &Row| {
            let digest = row.digest.clone().unwrap_or_default();
            vec![row.tag.to_string(), row.words(), row.attested_words().to_owned(), digest]
        };
        let table = of_rows(
            &["tag", "found", "attested", "digest"],
            rows.iter().map(cells).collect(),
            form,
        );
        console.out.write_all(table.as_bytes())?;
        if form != Form::Csv
            && let Some((row, unknown)) = &first
        {
            writeln!(console.out, "\n{}", first_words(row, unknown, incomplete.is_some()))?;
        }
    }
    console.out.flush()?;
    for row in rows {
        if let Some(note) = &row.note {
            writeln!(console.err, "sigscope: {}: {}", safe(row.tag.as_str()), safe(note))?;
        }
    }
    if let Some(why) = incomplete {
        writeln!(console.err, "sigscope: the list of tags is not complete: {}", safe(why))?;
    }
    if rows.is_empty() {
        writeln!(console.err, "sigscope: no tag fits the constraint")?;
    }
    Ok(())
}

fn first_words(row: &Row, unknown: &[&str], incomplete: bool) -> String {
    let tag = row.tag.as_str();
    if !unknown.is_empty() {
        return format!("the first known to have it: {tag}; not known of {}", unknown.join(", "));
    }
    if incomplete {
        return format!("the first known to have it: {tag}; not every tag is known");
    }
    format!("the first that has it: {tag}")
}
