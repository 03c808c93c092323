//! Which world a command works in: the live one, or the demo; and the way into the terminal UI.

use std::sync::Arc;

use super::{
    Console, INTERRUPTED, Stop, UNDECIDED,
    args::{Flags, Network, Screen},
    demand, files, keeping, registry, remember, root, scope,
};
use crate::{
    domain::{
        Repository, Tag, Timestamp,
        demand::{Demand, Matcher, Signer, Wanted, Who},
        goregexp::GoRegexp,
        rules::Rules,
        target::Target,
    },
    inspect::{
        Log, NoLog, NoTuf, RootSource, Scope, Subject, World, github::NoGitHub, trace::Ring,
    },
    net::{
        Router,
        cache::Cache,
        demo,
        files::LocalFiles,
        registry::Settings,
        rekor::HttpLog,
        trace::Tracer,
        tuf::{self, Tuf},
    },
    tui::{self, Demo, Ended, Launch, Setting, Start, Theme},
};

/// The world outside, as far as the flags allow it.
pub(super) fn live(
    network: &Network,
    settings: Settings,
    rekor_url: Option<&str>,
    (cache, tracer): (Cache, &Tracer),
) -> Result<World, Stop> {
    let registry = Router::new(settings).keeping(cache, tracer);
    let registry = if network.no_network { registry.without_network() } else { registry };
    let requests = !network.offline && !network.no_network;
    let roots = Arc::new(Tuf::new(tuf::Settings::from_env(requests)).traced(tracer));
    let github = Arc::new(NoGitHub("neither --owner nor --repo"));
    // An address that cannot be one is a wrong command line also where nobody is asked.
    let live = HttpLog::new(rekor_url);
    let live = live.map_err(|e| Stop::usage(format!("--rekor-url {e}")))?;
    let log: Arc<dyn Log> = match (network.no_network, network.offline) {
        (true, _) => Arc::new(NoLog("no request was made (--no-network)")),
        (false, true) => Arc::new(NoLog("no request was made (--offline)")),
        (false, false) => Arc::new(live.traced(tracer)),
    };
    Ok(World { registry: Arc::new(registry), files: Arc::new(LocalFiles), github, roots, log, now })
}

/// The same with GitHub, where the flags ask it, for `subjects`.
///
/// # Errors
/// A usage error for a host or an address that cannot be one; undecided for a file of the
/// registry flags that cannot be read.
pub(super) fn judging(flags: &Flags, subjects: &[Subject], tracer: &Tracer) -> Result<World, Stop> {
    let named = subjects.iter().filter_map(|subject| match subject {
        Subject::Artifact(reference) => Some(&reference.repository),
        _ => None,
    });
    judging_at(flags, named, tracer)
}

/// The same for artifacts in `named`.
pub(super) fn judging_at<'a>(
    flags: &Flags,
    named: impl IntoIterator<Item = &'a Repository>,
    tracer: &Tracer,
) -> Result<World, Stop> {
    let settings = flags.registry.settings(named.into_iter().filter_map(registry::host))?;
    let keeping = (flags.keeping.cache(tracer), tracer);
    let world = live(&flags.network, settings, flags.files.rekor_url.as_deref(), keeping)?;
    Ok(World { github: flags.github.attestations(&flags.network, tracer)?, ..world })
}

/// The one place that reads the clock.
#[expect(clippy::disallowed_methods, reason = "this is the port's implementation")]
pub(super) fn now() -> Timestamp {
    Timestamp::now()
}

/// `sigscope demo`.
pub(super) async fn demo(screen: &Screen, console: &mut Console<'_>) -> Result<u8, Stop> {
    only_on_a_terminal(console)?;
    open(Start::Demo, &Flags::default(), screen, console).await
}

/// `sigscope [TARGET]`.
pub(super) async fn terminal(
    target: Option<&str>,
    flags: &Flags,
    screen: &Screen,
    console: &mut Console<'_>,
) -> Result<u8, Stop> {
    let start = match target {
        None => Start::Home,
        Some(word) => start(word, flags)?,
    };
    only_on_a_terminal(console)?;
    open(start, flags, screen, console).await
}

fn start(word: &str, flags: &Flags) -> Result<Start, Stop> {
    match demand::target(word, flags)? {
        Target::Artifact(reference) if flags.bundle.is_none() => {
            Ok(Start::Open(Subject::Artifact(reference)))
        }
        Target::Repository(repository) if flags.bundle.is_none() => Ok(Start::Browse(repository)),
        Target::Registry(host) => Ok(Start::Registry(host)),
        _ => Ok(Start::Open(demand::subject(word, flags, &mut |_| ())?)),
    }
}

/// A screen in a pipe would be noise; the headless commands are for that.
fn only_on_a_terminal(console: &Console<'_>) -> Result<(), Stop> {
    if console.terminal {
        return Ok(());
    }
    Err(Stop::usage(
        "standard output is not a terminal; `sigscope inspect` and `sigscope verify` print reports",
    ))
}

async fn open(
    start: Start,
    flags: &Flags,
    screen: &Screen,
    console: &mut Console<'_>,
) -> Result<u8, Stop> {
    let demanded = demand::demand(flags)?;
    // Images and files can be opened one after the other, and each is judged as what it is.
    let over_files = demanded.as_ref().map(|demand| files::over_files(demand, flags));
    let root = root::of(flags)?;
    let root_words = root::words(&root);
    let tracer = flags.keeping.tracer(now())?;
    let scope = match &start {
        Start::Open(subject) => scope::for_subject(flags, subject)?,
        _ => scope::of(flags)?,
    };
    let world = match &start {
        Start::Open(subject) => judging(flags, std::slice::from_ref(subject), &tracer)?,
        Start::Browse(repository) => judging_at(flags, [repository], &tracer)?,
        _ => judging(flags, &[], &tracer)?,
    };
    let whole = demand::whole(flags);
    let live = Setting { world, demand: demanded, over_files, root, root_words, scope, whole };
    let trace = tracer.ring().unwrap_or_else(|| Arc::new(Ring::new(0)));
    let (demo, history, theme) = (built_in(), remember::history(), theme(screen));
    let ended = tui::run(Launch { live, demo, start, history, theme, trace }).await;
    keeping::finish(&tracer, console);
    match ended {
        Ok(Ended::Quit) => Ok(0),
        Ok(Ended::Interrupted) => Ok(INTERRUPTED),
        Err(e) => Err(Stop { code: UNDECIDED, message: format!("the terminal: {e}") }),
    }
}

/// The release that is built in, with its own root and its own demand.
fn built_in() -> Option<Demo> {
    let policy = demo::demo_policy()?;
    let identity = Matcher::Regexp(GoRegexp::new(&policy.identity_regexp).ok()?);
    let words = format!("--certificate-identity-regexp '{}'", policy.identity_regexp);
    let opening = Tag::parse(&policy.opening).ok();
    let demand = Demand {
        who: Who::Signers(vec![Signer {
            identity: vec![identity],
            issuer: vec![Matcher::Exact(policy.issuer)],
        }]),
        wanted: vec![Wanted::Signature],
        signed_timestamps: false,
        claims: vec![],
        annotations: vec![],
        waived: vec![],
        github: None,
        rules: Rules::default(),
        strict: false,
        words,
    };
    let setting = Setting {
        world: World {
            registry: demo::demo_registry(),
            files: Arc::new(LocalFiles),
            github: Arc::new(NoGitHub("the demo")),
            roots: Arc::new(NoTuf),
            log: Arc::new(NoLog("the demo asks nobody")),
            now,
        },
        demand: Some(Arc::new(demand)),
        over_files: None,
        root: RootSource::Demo(demo::demo_root()),
        root_words: "demo, built in".into(),
        scope: Scope::default(),
        whole: false,
    };
    let repository =
        |path: &str| Repository::Remote { host: demo::HOST.to_owned(), path: path.to_owned() };
    let repositories = ["lighthouse/beacon", "lighthouse/charts/beacon"].map(repository).to_vec();
    Some(Demo { setting, repositories, opening })
}

/// <https://no-color.org>: any value of `NO_COLOR` but the empty one. A locale that is not UTF-8
/// gets ASCII.
fn theme(screen: &Screen) -> Theme {
    let set = |name: &str| std::env::var(name).ok().filter(|v| !v.is_empty());
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find_map(set);
    let utf8 = |l: String| {
        let l = l.to_ascii_lowercase();
        l.contains("utf-8") || l.contains("utf8")
    };
    let plain = matches!(locale.as_deref(), Some("C" | "POSIX"));
    let ascii = screen.ascii || plain || locale.is_some_and(|l| !utf8(l));
    Theme { colour: set("NO_COLOR").is_none(), ascii }
}
