//! `--tags`: the same question to every release of a repository, oldest first.

use std::{
    io::{IsTerminal as _, stderr},
    sync::Arc,
};

use futures_util::{StreamExt as _, stream};
use serde_json::{Value, json};

use super::{Format, NO_MATCH, SbomFlags, read::looking};
use crate::{
    cli::{Console, Stop, UNDECIDED, demand, files, keeping, scope, tags, world},
    domain::{
        Reference, Repository, Tag, Verdict,
        demand::Demand,
        sbom::Query,
        target::Target,
        text::{json as harmless, safe, visible},
        version::{TagOrder, Version},
    },
    inspect::{
        Scope, Subject,
        sboms::{AT_ONCE, Count, Has, Look, Release, first, left_open},
        tags::{Listed, ListingLimits, list_tags},
        trace::Asker,
    },
    report::sbom::{Form, of_rows},
};

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
    let (look, demanded) = looking(&asked.flags, &[Subject::Artifact(named)], &tracer)?;
    let listed = list_tags(&look.world, &repository, ListingLimits::default());
    let listed = Asker::other("tags").during(listed).await.map_err(|e| tags::failed(&e, ""))?;
    let Listed { mut names, incomplete, .. } = listed;
    let unread = names.iter().filter(|tag| may_be_a_release(tag)).count();
    names.retain(|tag| Version::parse(tag.as_str()).is_some_and(|v| constraint.allows(&v)));
    names.sort_by_cached_key(|tag| std::cmp::Reverse(TagOrder::of(tag.as_str())));
    if demanded.is_none() {
        writeln!(console.err, "sigscope: UNVERIFIED: no signer was demanded")?;
    }
    let rows = ask(&look, (&repository, names, &scope), (demanded, query), console).await?;
    keeping::finish(&tracer, console);
    let list = List { open: left_open(incomplete.as_deref(), unread), incomplete, unread };
    print(&rows, (asked, format, &list), &repository, console)?;
    Ok(code(&rows, list.incomplete.is_some()))
}

/// What is known of the list of tags.
struct List {
    /// Why it is not whole.
    incomplete: Option<String>,
    /// How many of its tags no constraint can be asked about.
    unread: usize,
    /// Both, in words.
    open: Option<String>,
}

/// Whether a tag that is no version may name a release all the same: `0.5.0.1` and `release-0.1` do.
/// One without a number moves, as `latest` and `main` do.
fn may_be_a_release(tag: &Tag) -> bool {
    let number = tag.as_str().bytes().any(|byte| byte.is_ascii_digit());
    number && !tag.is_attachment() && Version::parse(tag.as_str()).is_none()
}

/// Contract's order, with the row that could not be found out worst: it is never "not in it".
fn code(rows: &[Release], incomplete: bool) -> u8 {
    let any = |wanted: fn(&Release) -> bool| rows.iter().any(wanted);
    let cut = |row: &Release| matches!(row.has, Some(Has::Document(_, Count::AtLeast(_))));
    if incomplete || any(|row| row.has.is_none()) || any(cut) {
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
    (demanded, query): (Option<Arc<Demand>>, Option<&Query>),
    console: &mut Console<'_>,
) -> Result<Vec<Release>, Stop> {
    let all = names.len();
    let each = names.into_iter().enumerate().map(|(at, tag)| {
        let (digest, repository) = (None, repository.clone());
        let subject = Subject::Artifact(Reference { repository, tag: Some(tag.clone()), digest });
        let demanded = demanded.clone();
        async move { (at, look.release(tag, (subject, scope.clone()), demanded, query).await) }
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

fn row_json(row: &Release) -> Value {
    let hits = match &row.has {
        Some(Has::Hits(named, _)) => Some(named.as_slice()),
        Some(Has::Not) => Some(&[][..]),
        _ => None,
    };
    let hit =
        |(name, version): &(String, Option<String>)| json!({ "name": name, "version": version });
    let found = match &row.has {
        None => "undecided",
        Some(Has::NoSbom) => "no-sbom",
        Some(Has::Not) => "not-in-it",
        Some(Has::Hits(..) | Has::Document(..)) => "found",
    };
    let number = match &row.has {
        Some(Has::Hits(_, all)) => Some(*all),
        _ => None,
    };
    json!({
        "tag": row.tag.as_str(), "digest": row.digest.as_ref().map(ToString::to_string), "found": found, "attested": row.attested,
        "hits": hits.map(|hits| hits.iter().map(hit).collect::<Vec<_>>()),
        "hit_count": number, "note": row.note,
    })
}

fn print(
    rows: &[Release],
    (asked, format, list): (&SbomFlags, Format, &List),
    repository: &Repository,
    console: &mut Console<'_>,
) -> Result<(), Stop> {
    let first = first(rows.iter()).filter(|_| asked.search.is_some());
    if format == Format::Json {
        let first_of = first.as_ref().map(|first| {
            json!({
                "tag": first.release.tag.as_str(), "unknown_before": first.unknown,
                "not_ordered": first.unordered,
            })
        });
        let object = json!({
            "schema": 1, "repository": repository.to_string(), "search": asked.search,
            "complete": list.open.is_none(), "incomplete": list.open,
            "first": first_of, "tags": rows.iter().map(row_json).collect::<Vec<_>>(),
        });
        writeln!(console.out, "{}", harmless(&object.to_string()))?;
    } else {
        let form = match format {
            Format::Csv => Form::Csv,
            Format::Markdown => Form::Markdown,
            _ => Form::Table(super::columns(console)),
        };
        let cells = |row: &Release| {
            let digest = row.digest.as_ref().map(ToString::to_string).unwrap_or_default();
            // On a terminal every row is one line; whoever wants all of it sends it elsewhere.
            let words =
                if matches!(form, Form::Table(Some(_))) { row.first_hit() } else { row.words() };
            vec![row.tag.to_string(), words, row.standing().to_owned(), digest]
        };
        let table = of_rows(
            &["tag", "found", "attested", "digest"],
            rows.iter().map(cells).collect(),
            form,
        );
        let table = if console.terminal { visible(&table) } else { table.into() };
        console.out.write_all(table.as_bytes())?;
        if form != Form::Csv
            && let Some(first) = &first
        {
            let open = list.incomplete.as_ref().map(|_| "not every tag is known".to_owned());
            let open = left_open(open.as_deref(), list.unread);
            writeln!(console.out, "\n{}", first.words(open.as_deref()))?;
        }
    }
    console.out.flush()?;
    for row in rows {
        if let Some(note) = &row.note {
            writeln!(console.err, "sigscope: {}: {}", safe(row.tag.as_str()), safe(note))?;
        }
    }
    if let Some(why) = &list.incomplete {
        writeln!(console.err, "sigscope: the list of tags is not complete: {}", safe(why))?;
    }
    if let Some(words) = left_open(None, list.unread) {
        writeln!(console.err, "sigscope: {words}")?;
    }
    if rows.is_empty() {
        writeln!(console.err, "sigscope: no tag fits the constraint")?;
    }
    Ok(())
}
