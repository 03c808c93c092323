//! `pin`: the images of manifests, values, Dockerfiles and workflows, pinned to what is proved.

mod ask;
mod print;

use std::{
    io::{IsTerminal, stderr},
    path::{Path, PathBuf},
};

use clap::Args;

use super::{Console, Stop, UNDECIDED, args::Flags, keeping, scope, tags, world};
use crate::{
    domain::{
        Verdict,
        pin::unified_diff,
        text::{one_line, safe},
    },
    inspect::pin::{
        Bounds, Decision, Outcome, Settings, Source, Target, Walked, Written, edit, walk, write,
    },
    net::files::LocalFiles,
};
use ask::{Asked, Questions};

/// What is pinned, and how.
#[derive(Args)]
#[command(after_help = "\
A policy is for an image by the policy flags, by --profile, or by `images = [\"ghcr.io/enix/*\"]` of a
[profile.NAME] in the config file: globs on the whole normalised name (docker.io/library/nginx),
`*` within a component, `**` across. Two profiles for one image: exit 2.

Without --check and --write a unified diff is printed and no file is changed.

Exit codes: the worst of all references, in the order 1, 3, 4, 0. 0 every reference is proved, or no
policy is for it and --unverified accepts that; 1 one is refuted, its tag moved, or with --update a
newer tag is not proved (not with --skip-failing); 3 one is undecided or no policy is for it, a file
could not be read or written; 4 there is no such tag, or no signature. --check exits 1 too where a
reference has no digest, or is not the newest of --update, 3 where an image was left alone because
readers of the file could differ about it, and changes nothing. What is not proved is
never written; --unverified is for images that no policy is for, and never for what is refuted.

--update takes the newest tag that fits and is proved, written like the old one (4.0.0-alpine stays
alpine), never an older one. A digest that stands there stays, unless there is a newer tag, or a tag
that moves with every release (4, 4.0) moved.

--plain-http: where the files name several registries, it is for those that are written with a port.")]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag that users know by name")]
pub(super) struct PinFlags {
    /// Files, and folders that are walked for `*.yaml`, `*.yml`, `*.json` and Dockerfiles
    #[arg(required = true, value_name = "FILE|FOLDER")]
    paths: Vec<PathBuf>,
    /// Say what is unpinned, moved or refuted, as <FILE:LINE>; change nothing
    #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true", default_value = "false", action = clap::ArgAction::Set)]
    check: bool,
    /// Write the digests into the files
    #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true", default_value = "false", action = clap::ArgAction::Set)]
    write: bool,
    /// Take the newest tag that fits and is proved, as Helm writes it: `^4`, `>=3.9 <5`
    #[arg(long, value_name = "CONSTRAINT")]
    update: Option<String>,
    /// With --update: newer tags that are not proved are named, and are no error
    #[arg(long, requires = "update", num_args = 0..=1, require_equals = true, default_missing_value = "true", default_value = "false", action = clap::ArgAction::Set)]
    skip_failing: bool,
    /// Pin images that no policy is for; the line says `NOT proved by sigscope`
    #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true", default_value = "false", action = clap::ArgAction::Set)]
    unverified: bool,
    #[command(flatten)]
    pub(super) flags: Flags,
}

/// Runs the command; the exit codes stand in its help.
pub(super) async fn run(asked: &PinFlags, console: &mut Console<'_>) -> Result<u8, Stop> {
    let flags = &asked.flags;
    if asked.check && asked.write {
        return Err(Stop::usage("--check and --write exclude each other"));
    }
    refuse_what_is_for_files(flags)?;
    let update = asked.update.as_deref();
    let update = update.map(|text| tags::read_constraint("--update", text)).transpose()?;
    let scope = scope::of(flags)?;
    let policies = ask::policies(flags)?;
    let targets: Vec<Target> = asked.paths.iter().map(|path| target(path)).collect();
    let walked = walk(&targets, &Bounds::default(), &LocalFiles).await;
    let questions = Questions::of(&walked.sources, &policies)?;
    print::troubles(&walked, console)?;
    let unread = walked.troubles.iter().any(|trouble| trouble.undecided);
    let worst = if unread { Verdict::Undecided } else { Verdict::Proved };
    if questions.is_empty() {
        let words = format!("no reference to an image was found, {} files read", walked.read);
        writeln!(console.err, "sigscope: {words}")?;
        return Ok(worst.exit_code());
    }
    let tracer = flags.keeping.tracer(world::now())?;
    let world = world::judging_at(flags, questions.plain(), &tracer)?;
    let settings = Settings { world, scope, update, unverified: asked.unverified };
    let screen = stderr().is_terminal();
    let asking = Asked { unverified: asked.unverified, screen };
    let decisions = questions.answer(&policies, &settings, &asking, console).await?;
    let run = Run { asked, walked: &walked, questions: &questions, decisions, settings: &settings };
    let ended = run.end(worst, console).await;
    keeping::finish(&tracer, console);
    ended.map(Verdict::exit_code)
}

fn target(path: &Path) -> Target {
    let own = path.to_owned();
    if path.is_dir() { Target::Folder(own) } else { Target::File(own) }
}

/// Nothing is parsed and ignored: a flag that would change nothing here is refused.
fn refuse_what_is_for_files(flags: &Flags) -> Result<(), Stop> {
    let given = [
        (flags.bundle.is_some(), "--bundle"),
        (flags.files.signature.is_some(), "--signature"),
        (flags.files.certificate.is_some(), "--certificate"),
        (flags.files.checksums.is_some(), "--checksums"),
        (flags.files.layer_of.is_some(), "--layer-of"),
        (flags.files.strict, "--strict"),
    ];
    match given.into_iter().find(|(given, _)| *given) {
        Some((_, flag)) => Err(Stop::usage(format!("{flag} goes with a file that is verified"))),
        None => Ok(()),
    }
}

/// Everything that is known, and what is to be done with it.
struct Run<'a> {
    asked: &'a PinFlags,
    walked: &'a Walked,
    questions: &'a Questions,
    decisions: Vec<Decision>,
    settings: &'a Settings,
}

impl Run<'_> {
    /// What was decided for the places of one file, in their order.
    fn of(&self, at: usize) -> Vec<&Decision> {
        let numbers = self.questions.places(at).iter();
        numbers.filter_map(|number| self.decisions.get(*number)).collect()
    }

    async fn end(&self, mut worst: Verdict, console: &mut Console<'_>) -> Result<Verdict, Stop> {
        for (at, source) in self.walked.sources.iter().enumerate() {
            let decisions = self.of(at);
            for (place, decision) in source.document.places().iter().zip(&decisions) {
                let verdict = if self.asked.check {
                    print::check(source, place, decision, console)?;
                    decision.checked(self.asked.skip_failing)
                } else {
                    print::standing(source, place, decision, console)?;
                    decision.verdict(self.asked.skip_failing)
                };
                worst = worst.max(verdict);
            }
            // Who asks whether all is pinned is not told so where an image could not be read.
            if self.asked.check && source.document.left_alone().iter().any(|one| one.open) {
                worst = worst.max(Verdict::Undecided);
            }
            worst = worst.max(if self.asked.write {
                self.write(source, &decisions, console).await?
            } else if self.asked.check {
                Verdict::Proved
            } else {
                diff(source, &decisions, console)?
            });
        }
        console.out.flush()?;
        print::summary(self.questions, &self.decisions, self.walked, console)?;
        Ok(worst)
    }

    async fn write(
        &self,
        source: &Source,
        decisions: &[&Decision],
        console: &mut Console<'_>,
    ) -> Result<Verdict, Stop> {
        let Outcome { edit, moved, unknown, written } =
            write(source, decisions, self.settings).await;
        let mut worst = Verdict::Proved;
        for moved in &moved {
            print::moved(source, moved, console)?;
            worst = Verdict::Refuted;
        }
        for (place, why) in unknown.iter().chain(&edit.refused) {
            print::at(source, *place, &format!("not written: {why}"), console)?;
            worst = worst.max(Verdict::Undecided);
        }
        let path = safe(&source.path.display().to_string());
        match written {
            Written::Unchanged => {}
            Written::Replaced(replaced) => {
                let number = edit.places.len();
                let pins = if number == 1 { "pin" } else { "pins" };
                writeln!(console.err, "sigscope: wrote {path}: {number} {pins}")?;
                print::replaced(&path, replaced, console)?;
            }
            Written::Failed(why) => {
                writeln!(console.err, "sigscope: {path}: not written: {}", safe(&why))?;
                worst = worst.max(Verdict::Undecided);
            }
        }
        Ok(worst)
    }
}

/// Prints what would change. A screen gets no byte that it would obey; a pipe gets every byte, or
/// `patch` could not apply it.
fn diff(
    source: &Source,
    decisions: &[&Decision],
    console: &mut Console<'_>,
) -> Result<Verdict, Stop> {
    let edit = edit(source, decisions);
    for (place, why) in &edit.refused {
        print::at(source, *place, &format!("cannot be written: {why}"), console)?;
    }
    let refused = if edit.refused.is_empty() { Verdict::Proved } else { Verdict::Undecided };
    let Some(new) = &edit.bytes else { return Ok(refused) };
    // `a//x` is no path that `patch` finds.
    let name = source.path.display().to_string();
    let text = unified_diff(name.trim_start_matches('/'), source.document.bytes(), new);
    if console.terminal {
        for line in text.split_terminator('\n') {
            let line = line.strip_suffix('\r').unwrap_or(line);
            writeln!(console.out, "{}", one_line(line))?;
        }
    } else {
        console.out.write_all(text.as_bytes())?;
    }
    Ok(refused)
}

/// More references than anybody deploys by hand: somebody's generated folder.
fn too_many(most: usize) -> Stop {
    let message = format!("more than {most} different references; name fewer files");
    Stop { code: UNDECIDED, message }
}
