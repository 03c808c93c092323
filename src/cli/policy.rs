//! `policy`: what is proved, written for the program that is to enforce it.

use clap::{Args, ValueEnum};

use super::{
    Console, Stop, UNDECIDED, args::Flags, demand, files, keeping, remember, root, scope, world,
};
use crate::{
    domain::{Reference, Repository, Verdict, text::safe},
    inspect::{
        Inspection, advice, drive,
        grounds::{Asked, NoGrounds, proved, suggested},
        verdict::overall,
    },
    policy::{self, Kind, Written, grounds::Form},
};

/// Which policy is written, of what.
#[derive(Args)]
#[command(after_help = "\
Exit codes: 0 the signer is proved and the policy is on standard output; 1 refuted, 3 undecided,
4 absent, as for verify, and then nothing is on standard output; 3 also where that kind cannot say
what is proved. With --suggest and without policy flags the observed signer is written: the first
line says UNPROVED and the exit code is 3, so a pipe that looks at exit codes stops.")]
pub(super) struct PolicyFlags {
    /// Image, `oci:DIR:TAG`, or a file with --bundle, --owner or --repo
    target: String,
    /// For which program
    #[arg(long = "for", value_enum, value_name = "KIND")]
    kind: For,
    /// Accept every version tag of the signer's workflow, instead of this identity alone
    #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true", default_value = "false", action = clap::ArgAction::Set)]
    tags_only: bool,
    /// The name under which the image is used, where it is another one: a mirror, or for a layout
    #[arg(long, value_name = "REPOSITORY")]
    image: Option<String>,
    /// Without policy flags: write the observed signer, marked UNPROVED; exit 3
    #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true", default_value = "false", action = clap::ArgAction::Set)]
    suggest: bool,
    #[command(flatten)]
    pub(super) flags: Flags,
}

/// For which program a policy is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum For {
    /// Command lines of cosign 3
    Cosign,
    /// A command line of gh
    Gh,
    /// A workflow that verifies by digest and hands the digest on
    GithubActions,
    /// A `ClusterImagePolicy`
    PolicyController,
    /// A `ClusterPolicy`
    Kyverno,
    /// An `ImageValidatingPolicy`
    KyvernoIvp,
}

impl From<For> for Kind {
    fn from(word: For) -> Self {
        match word {
            For::Cosign => Self::Cosign,
            For::Gh => Self::Gh,
            For::GithubActions => Self::GithubActions,
            For::PolicyController => Self::PolicyController,
            For::Kyverno => Self::Kyverno,
            For::KyvernoIvp => Self::KyvernoIvp,
        }
    }
}

/// Runs the command; the exit codes stand in its help.
pub(super) async fn run(asked: &PolicyFlags, console: &mut Console<'_>) -> Result<u8, Stop> {
    let flags = &asked.flags;
    let demanded = demand::demand(flags)?;
    if asked.suggest && demanded.is_some() {
        return Err(Stop::usage(
            "--suggest is for when nobody is demanded: leave it or the policy flags out",
        ));
    }
    let wanted = Asked { form: form(asked), image: image(asked)? };
    let mut notes = vec![];
    let subject = demand::subject(&asked.target, flags, &mut |note| notes.push(note))?;
    if wanted.image.is_some() && subject.reference().is_none() {
        return Err(Stop::usage("--image: only an image has a name in a registry"));
    }
    let root = root::of(flags)?;
    for note in notes {
        writeln!(console.err, "sigscope: {}", safe(&note))?;
    }
    let demanded = demanded.map(|demand| files::demanded_over(&demand, &subject, flags));
    let scope = scope::for_subject(flags, &subject)?;
    let tracer = flags.keeping.tracer(world::now())?;
    let world = world::judging(flags, std::slice::from_ref(&subject), &tracer)?;
    let begun = Inspection::new(subject, demanded, root).within(scope).for_verdict();
    let history = remember::history();
    let begun = remember::begin(begun, &remember::read(&history, console).await?);
    let seen = drive(begun, world.clone(), |_| ()).await;
    let entries = remember::end(&seen, (world.now)(), console)?;
    remember::record(&history, entries, console).await?;
    keeping::finish(&tracer, console);
    if seen.demand.is_none() && !asked.suggest {
        return offer(&seen, &wanted, console);
    }
    let grounds = match &seen.demand {
        Some(_) => proved(&seen, &wanted),
        None => suggested(&seen, &wanted),
    };
    let written = match grounds {
        Ok(grounds) => policy::write(asked.kind.into(), &grounds),
        Err(NoGrounds::CannotSay(why)) => Err(why),
        Err(NoGrounds::NotProved(verdict, why)) => {
            writeln!(console.err, "sigscope: no policy is written: {verdict}: {}", safe(&why))?;
            return Ok(not_proved(verdict));
        }
    };
    match written {
        Ok(written) => print(&written, console),
        Err(why) => Err(Stop { code: UNDECIDED, message: format!("no policy is written: {why}") }),
    }
}

/// Contract: nothing but `proved` exits 0.
fn not_proved(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::Proved => UNDECIDED,
        other => other.exit_code(),
    }
}

fn form(asked: &PolicyFlags) -> Form {
    if asked.tags_only { Form::TagsOnly } else { Form::Exact }
}

fn image(asked: &PolicyFlags) -> Result<Option<Repository>, Stop> {
    let Some(word) = &asked.image else { return Ok(None) };
    let reference = Reference::parse(word)
        .map_err(|e| Stop::usage(format!("--image {}", e.pointing_at(word))))?;
    if reference.tag.is_some() || reference.digest.is_some() {
        return Err(Stop::usage("--image takes a repository, without tag and digest"));
    }
    Ok(Some(reference.repository))
}

/// Without a demand: flags that would demand who was seen, on standard error only.
fn offer(seen: &Inspection, wanted: &Asked, console: &mut Console<'_>) -> Result<u8, Stop> {
    let (verdict, why) = match suggested(seen, wanted) {
        Err(NoGrounds::NotProved(verdict, why)) => (verdict, why),
        Ok(_) | Err(NoGrounds::CannotSay(_)) => (Verdict::Undecided, overall(seen).reason),
    };
    writeln!(console.err, "sigscope: no policy is written: {verdict}: {}", safe(&why))?;
    let mut known = vec![];
    for (_, found) in seen.pieces() {
        let Some(advice) = advice::suggestions(seen, &found.piece).filter(|a| a.proved) else {
            continue;
        };
        if known.contains(&advice) {
            continue;
        }
        let flags = &advice.suggestions.exact;
        writeln!(
            console.err,
            "sigscope: UNPROVED, who was seen under evidence that holds: {flags}"
        )?;
        known.push(advice);
    }
    if !known.is_empty() {
        writeln!(
            console.err,
            "sigscope: give the flags of whom you expect, or --suggest to have the observed signer \
             written, marked as unproved"
        )?;
    }
    Ok(not_proved(verdict))
}

fn print(written: &Written, console: &mut Console<'_>) -> Result<u8, Stop> {
    for note in &written.notes {
        writeln!(console.err, "sigscope: {}", safe(note))?;
    }
    if !written.proved {
        writeln!(console.err, "sigscope: UNPROVED: nobody demanded this signer")?;
    }
    console.out.write_all(written.text.as_bytes())?;
    console.out.flush()?;
    Ok(if written.proved { Verdict::Proved.exit_code() } else { UNDECIDED })
}
