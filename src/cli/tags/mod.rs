//! `tags`: what is in a repository, all pages of it, in the order of versions; and for a registry
//! or a namespace, the repositories that it will list.

mod rows;

use clap::Args;
use serde_json::json;

use super::{
    Console, Stop, UNDECIDED,
    args::{Flags, Network},
    demand,
    keeping::{self, Keeping},
    registry::{self, RegistryFlags},
    remember, world,
};
use crate::net::{limits, trace::Tracer};
use crate::{
    domain::{
        Repository, Tag, Verdict,
        target::Target,
        text::{self, safe},
        version::{Constraint, TagOrder, Version},
    },
    inspect::{
        RegistryError, World,
        tags::{Listed, ListingLimits, list_repositories, list_tags},
        trace::Asker,
    },
};
use rows::Row;

/// What is listed, and how.
#[derive(Args)]
pub(super) struct TagFlags {
    /// `ghcr.io/enix/x` or `oci:DIR`; a registry such as `quay.io` lists its repositories
    repository: String,
    /// Resolve every tag: its digest, its date, and whether it moved
    #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true", default_value = "false", action = clap::ArgAction::Set)]
    digests: bool,
    /// Only versions that fit, as Helm writes it: `^4`, `>=3.9 <5`, `^4-0` with prereleases
    #[arg(long, value_name = "CONSTRAINT")]
    constraint: Option<String>,
    /// Print one JSON object
    #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true", default_value = "false", action = clap::ArgAction::Set)]
    json: bool,
    #[command(flatten)]
    registry: RegistryFlags,
    #[command(flatten)]
    network: Network,
    #[command(flatten)]
    keeping: Keeping,
}

impl TagFlags {
    fn world(&self, host: Option<String>, tracer: &Tracer) -> Result<World, Stop> {
        let settings = self.registry.settings(host)?;
        world::live(&self.network, settings, None, (self.keeping.cache(tracer), tracer))
    }
}

pub(super) async fn run(flags: &TagFlags, console: &mut Console<'_>) -> Result<u8, Stop> {
    let constraint = flags.constraint.as_deref();
    let constraint = constraint.map(|text| read_constraint("--constraint", text)).transpose()?;
    let named = &flags.repository;
    match demand::target(named, &Flags::default())? {
        Target::Repository(repository) => {
            let tracer = flags.keeping.tracer(world::now())?;
            let world = flags.world(registry::host(&repository), &tracer)?;
            let tagged = of_repository(&repository, flags, constraint.as_ref(), &world, console);
            let code = Asker::other("tags").during(tagged).await;
            keeping::finish(&tracer, console);
            code
        }
        Target::Registry(host) if constraint.is_none() && !flags.digests => {
            let tracer = flags.keeping.tracer(world::now())?;
            let world = flags.world(Some(host.clone()), &tracer)?;
            let listed = of_registry(&host, flags.json, &world, console);
            let code = Asker::other("catalog").during(listed).await;
            keeping::finish(&tracer, console);
            code
        }
        Target::Registry(host) => {
            let words =
                format!("{} is a registry; --digests and --constraint are for tags", safe(&host));
            Err(Stop::usage(words))
        }
        Target::Artifact(reference) => {
            let words =
                format!("{} names an artifact, not a repository", safe(&reference.to_string()));
            Err(Stop::usage(words))
        }
        _ => Err(Stop::usage(format!("{} names no repository", safe(named)))),
    }
}

/// A constraint, or what is wrong with it and where.
pub(super) fn read_constraint(flag: &str, text: &str) -> Result<Constraint, Stop> {
    Constraint::parse(text).map_err(|e| {
        let before: String = text.chars().take(e.at).collect();
        let column = unicode_width::UnicodeWidthStr::width(safe(&before).as_str());
        Stop::usage(format!("{flag}: {}\n{}\n{}^", e.message, safe(text), " ".repeat(column)))
    })
}

/// Not there, or could not be found out.
pub(super) fn failed(error: &RegistryError, more: &str) -> Stop {
    let code = match error.verdict() {
        Verdict::Absent => Verdict::Absent.exit_code(),
        _ => UNDECIDED,
    };
    Stop { code, message: safe(&format!("{error}{more}")) }
}

async fn of_repository(
    repository: &Repository,
    flags: &TagFlags,
    constraint: Option<&Constraint>,
    world: &World,
    console: &mut Console<'_>,
) -> Result<u8, Stop> {
    let listed = list_tags(world, repository, ListingLimits::default()).await;
    let listed = listed.map_err(|e| failed(&e, ""))?;
    let Listed { mut names, odd, incomplete } = listed;
    let fits = |tag: &str| {
        constraint.is_none_or(|c| Version::parse(tag).is_some_and(|version| c.allows(&version)))
    };
    names.retain(|tag: &Tag| fits(tag.as_str()));
    names.sort_by_cached_key(|tag| TagOrder::of(tag.as_str()));
    let mut rows: Vec<Row> = names.into_iter().map(Row::of).collect();
    if flags.digests {
        let history = remember::history();
        let ledger = remember::read(&history, console).await?;
        rows::resolve(&mut rows, repository, (world, &ledger), limits::RESOLVED_TIME).await;
        for row in &rows {
            row.warn(console)?;
        }
        let seen = rows.iter().filter_map(|row| row.entry(repository, (world.now)())).collect();
        remember::record(&history, seen, console).await?;
    }
    // Names that are no tags cannot be resolved, and are no versions either.
    let odd = odd.into_iter().filter(|name| fits(name)).map(Row::odd);
    rows.extend(odd.collect::<Vec<_>>());
    if flags.json {
        let tags: Vec<_> = rows.iter().map(Row::json).collect();
        let object = json!({
            "schema": 1, "repository": repository.to_string(), "complete": incomplete.is_none(),
            "incomplete": incomplete, "tags": tags,
        });
        writeln!(console.out, "{}", text::json(&object.to_string()))?;
    } else {
        rows::print(&rows, flags.digests, console)?;
    }
    console.out.flush()?;
    if let Some(why) = incomplete {
        return Err(not_complete(&why));
    }
    if rows.is_empty() && constraint.is_some() {
        writeln!(console.err, "sigscope: no tag fits the constraint")?;
        return Ok(Verdict::Absent.exit_code());
    }
    Ok(if rows.iter().any(Row::is_undecided) { UNDECIDED } else { 0 })
}

fn not_complete(why: &str) -> Stop {
    Stop { code: UNDECIDED, message: format!("the list is not complete: {}", safe(why)) }
}

async fn of_registry(
    host: &str,
    as_json: bool,
    world: &World,
    console: &mut Console<'_>,
) -> Result<u8, Stop> {
    let listed = list_repositories(world, host, None, ListingLimits::default()).await;
    let listed = listed.map_err(|e| failed(&e, "; name a repository instead"))?;
    let Listed { mut names, odd, incomplete } = listed;
    names.sort_unstable();
    names.extend(odd);
    if as_json {
        let each: Vec<_> = names.iter().map(|name| json!({ "name": name })).collect();
        let object = json!({
            "schema": 1, "registry": host, "complete": incomplete.is_none(),
            "incomplete": incomplete, "repositories": each,
        });
        writeln!(console.out, "{}", text::json(&object.to_string()))?;
    } else {
        for name in &names {
            writeln!(console.out, "{}/{}", safe(host), safe(name))?;
        }
    }
    console.out.flush()?;
    incomplete.map_or(Ok(0), |why| Err(not_complete(&why)))
}
