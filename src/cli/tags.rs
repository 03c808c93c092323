//! `tags`: the names in a repository, all pages of them.

use super::{
    Console, Stop, UNDECIDED,
    args::{Flags, Network},
    demand,
    keeping::{self, Keeping},
    registry::RegistryFlags,
    world,
};
use crate::{
    domain::{Repository, Verdict, target::Target, text::safe},
    inspect::{Registry, RegistryError, trace::Asker},
};

/// The most pages of tags that are read.
const MAX_PAGES: usize = 1000;

pub(super) async fn run(
    word: &str,
    as_json: bool,
    (registry, network, keeping): (&RegistryFlags, &Network, &Keeping),
    console: &mut Console<'_>,
) -> Result<u8, Stop> {
    let repository = match demand::target(word, &Flags::default())? {
        Target::Repository(repository) => repository,
        Target::Artifact(reference) => {
            let words =
                format!("{} names an artifact, not a repository", safe(&reference.to_string()));
            return Err(Stop::usage(words));
        }
        _ => return Err(Stop::usage(format!("{} names no repository", safe(word)))),
    };
    let settings = registry.settings([&repository])?;
    let tracer = keeping.tracer(world::now())?;
    let outside = world::live(network, settings, None, (keeping.cache(&tracer), &tracer))?;
    let asker = Asker::other("tags");
    let names = asker.during(all(&*outside.registry, &repository)).await;
    keeping::finish(&tracer, console);
    let names = match names {
        Ok(names) => names,
        Err(e) => {
            let code = match e.verdict() {
                Verdict::Absent => Verdict::Absent.exit_code(),
                _ => UNDECIDED,
            };
            return Err(Stop { code, message: safe(&e.to_string()) });
        }
    };
    if as_json {
        let tags: Vec<_> = names.iter().map(|n| serde_json::json!({ "name": n })).collect();
        let object =
            serde_json::json!({ "schema": 1, "repository": repository.to_string(), "tags": tags });
        writeln!(console.out, "{object}")?;
    } else {
        for name in names {
            writeln!(console.out, "{}", safe(&name))?;
        }
    }
    console.out.flush()?;
    Ok(0)
}

/// Every page, each name once; a registry that repeats itself or loops ends all the same.
async fn all(registry: &dyn Registry, of: &Repository) -> Result<Vec<String>, RegistryError> {
    let mut names = vec![];
    let mut known = std::collections::HashSet::new();
    let mut cursors = std::collections::HashSet::new();
    let mut after: Option<String> = None;
    for _ in 0..MAX_PAGES {
        let page = registry.tags(of, after.as_deref()).await?;
        let listed = page.tags.iter().map(|t| t.as_str().to_owned()).chain(page.odd);
        names.extend(listed.filter(|name| known.insert(name.clone())));
        // A page may be empty and not the last; only a cursor that was followed before ends it.
        match page.next {
            Some(next) if cursors.insert(next.clone()) => after = Some(next),
            _ => return Ok(names),
        }
    }
    let (what, limit) = (format!("the tags of {of}"), format!("{MAX_PAGES} pages"));
    Err(RegistryError::TooLarge { what, limit })
}
