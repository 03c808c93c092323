//! `sigscope trust-root`: whom the verdicts of this machine rest on.

use std::path::PathBuf;

use clap::ValueEnum;

use super::{
    Console, Stop, UNDECIDED,
    args::Network,
    root::{self, RootFlags},
    world,
};
use crate::{
    inspect::{Ask, Facts, Finding, RootSource, World, look_up_root},
    net::{cache::Cache, registry::Settings, trace::Tracer},
    report::trust_root,
};

/// What is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Action {
    /// Print the table; a request is made when the cache is a day old
    Show,
    /// Ask the TUF repository in any case, and say what changed
    Update,
}

/// The arguments.
pub(super) struct Asked {
    pub(super) action: Action,
    pub(super) trusted_root: Option<PathBuf>,
    pub(super) root: RootFlags,
    pub(super) network: Network,
    pub(super) json: bool,
}

/// Exit 0: the table was made, and for `update` the repository has confirmed it; 3: not.
pub(super) async fn run(asked: &Asked, console: &mut Console<'_>) -> Result<u8, Stop> {
    let source = root::source(asked.trusted_root.as_deref(), &asked.root)?;
    let keeping = (Cache::default(), &Tracer::default());
    let world = world::live(&asked.network, Settings::default(), None, keeping)?;
    let (finding, changes, good) = match asked.action {
        Action::Show => {
            let finding = look_up_root(&source, Ask::WhenDue, &world).await;
            let good = matches!(finding.facts, Facts::Root(_));
            (finding, None, good)
        }
        Action::Update => {
            if asked.network.offline || asked.network.no_network {
                return Err(Stop::usage(
                    "trust-root update asks the TUF repository; it excludes --offline and --no-network",
                ));
            }
            if !matches!(source, RootSource::Tuf { .. }) {
                return Err(Stop::usage("trust-root update is for a root that comes over TUF"));
            }
            update(&source, &world).await
        }
    };
    if asked.json {
        let report = trust_root::json(&finding, &source.words(), changes.as_deref());
        let object = serde_json::to_string(&report).map_err(std::io::Error::from)?;
        writeln!(console.out, "{}", crate::domain::text::json(&object))?;
    } else {
        write!(console.out, "{}", trust_root::text(&finding, changes.as_deref()))?;
    }
    console.out.flush()?;
    Ok(if good { 0 } else { UNDECIDED })
}

/// What was known before, then the repository itself; true when it has answered.
async fn update(source: &RootSource, world: &World) -> (Finding, Option<Vec<String>>, bool) {
    let before = look_up_root(source, Ask::CacheOnly, world).await;
    let begun = (world.now)();
    let after = look_up_root(source, Ask::Now, world).await;
    let confirmed = match &after.facts {
        Facts::Root(facts) => facts.tuf.as_ref().filter(|tuf| tuf.checked >= begun).map(|_| facts),
        _ => None,
    };
    let before = match &before.facts {
        Facts::Root(facts) => Some(facts),
        _ => None,
    };
    let changes = confirmed.map(|facts| trust_root::changes(before, facts));
    let good = changes.is_some();
    (after, changes, good)
}
