//! `--profile NAME`: a policy that the config file keeps, with what flags cannot say: several
//! (identity, issuer) pairs, kinds that must and that must not be there, n of m signers.
//!
//! The file is `$SIGSCOPE_CONFIG`, else `sigscope/config.toml` in the user's config folder. One
//! that cannot be read or is malformed is undecided; a wrong command line exits 2.

pub(super) mod images;

use std::{
    collections::BTreeMap,
    fs::File,
    io::Read,
    path::{Path, PathBuf},
    sync::Arc,
};

use serde::Deserialize;

use super::{Stop, UNDECIDED, args::Flags, demand::rules};
use crate::domain::{
    claims::FULCIO,
    demand::{Demand, Matcher, Signer, Wanted, Who, predicate_type},
    goregexp::GoRegexp,
    rules::Rules,
    text::{safe, shell_word},
};

/// The most bytes of a config file.
const MAX_CONFIG_BYTES: u64 = 1 << 20;
/// The most pairs of one profile: each piece is compared with each of them.
const MAX_IDENTITIES: usize = 200;
/// The most keys of one profile: each piece is judged under each of them.
const MAX_KEYS: usize = 20;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Config {
    #[serde(default)]
    profile: BTreeMap<String, Profile>,
}

/// One `[profile.NAME]`. A key that nobody knows is refused: a misspelt demand would demand
/// nothing.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Profile {
    #[serde(default)]
    identities: Vec<Pair>,
    #[serde(default)]
    keys: Vec<PathBuf>,
    #[serde(default)]
    claims: BTreeMap<String, Text>,
    #[serde(default)]
    annotations: BTreeMap<String, String>,
    require: Option<Vec<String>>,
    #[serde(default)]
    forbid: Vec<String>,
    threshold: Option<usize>,
    trusted_root: Option<PathBuf>,
    #[serde(default)]
    use_signed_timestamps: bool,
    /// The images that it is for, where no other policy is named; `pin` alone asks.
    #[serde(default)]
    images: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Pair {
    identity: Option<String>,
    identity_regexp: Option<String>,
    issuer: Option<String>,
    issuer_regexp: Option<String>,
}

/// `"exact"` or `{ regexp = "…" }`.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Text {
    Exact(String),
    Regexp(Regexp),
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Regexp {
    regexp: String,
}

/// The policy that a profile sets.
#[derive(Debug)]
pub(super) struct Loaded {
    demand: Arc<Demand>,
}

impl Loaded {
    /// What is demanded.
    pub(super) fn demand(&self) -> Arc<Demand> {
        Arc::clone(&self.demand)
    }
}

/// Reads the profile that the flags name, once, and puts it into them.
///
/// # Errors
/// Usage: policy flags beside `--profile`, an unknown name. Undecided: the file cannot be read, is
/// malformed, or a profile in it means nothing.
pub(super) fn load(flags: &mut Flags) -> Result<(), Stop> {
    let Some(name) = flags.profile.clone() else { return Ok(()) };
    if let Some(flag) = flags.beside_a_profile() {
        let words = format!("--profile and {flag} exclude each other: the profile is the policy");
        return Err(Stop::usage(words));
    }
    let path = path()?;
    let config = config(&path)?;
    let Some(profile) = config.profile.get(&name) else {
        let known: Vec<&str> = config.profile.keys().map(String::as_str).collect();
        let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
        let name = shell_word(&name);
        let words = format!("no profile {name} in {}; it has {known}", path.display());
        return Err(Stop::usage(words));
    };
    let folder = path.parent().unwrap_or_else(|| Path::new("."));
    let rules = rules(flags)?;
    let demand = demand(&name, profile, folder, (rules, flags.bundle.is_some()))
        .map_err(|why| unusable(&path, &format!("is malformed, profile {name}: {why}")))?;
    // Another command does not ask which images it is for; what is wrong there is wrong all the same.
    images::globs(profile)
        .map_err(|why| unusable(&path, &format!("is malformed, profile {name}: {why}")))?;
    if let Some(root) = &profile.trusted_root {
        if flags.trusted_root.is_some() {
            let words = "--trusted-root and the profile's trusted_root exclude each other";
            return Err(Stop::usage(words));
        }
        flags.trusted_root = Some(folder.join(root));
    }
    flags.loaded = Some(Arc::new(Loaded { demand: Arc::new(demand) }));
    Ok(())
}

fn unusable(path: &Path, why: &str) -> Stop {
    Stop { code: UNDECIDED, message: format!("the policy file {} {why}", path.display()) }
}

/// Reads and parses the file; every profile in it must say what this program knows.
fn config(path: &Path) -> Result<Config, Stop> {
    let text = read(path).map_err(|e| unusable(path, &format!("cannot be read: {e}")))?;
    toml::from_str(&text).map_err(|e| {
        let at = e.span().and_then(|s| text.get(..s.start));
        let line = at.map_or(1, |before| before.matches('\n').count() + 1);
        unusable(path, &format!("is malformed, line {line}: {}", e.message()))
    })
}

fn path() -> Result<PathBuf, Stop> {
    if let Some(path) = std::env::var_os("SIGSCOPE_CONFIG").filter(|v| !v.is_empty()) {
        return Ok(path.into());
    }
    let folders = directories::BaseDirs::new();
    folders.map(|base| base.config_dir().join("sigscope").join("config.toml")).ok_or_else(|| Stop {
        code: UNDECIDED,
        message: "there is no home folder to look for a policy file in; set SIGSCOPE_CONFIG".into(),
    })
}

fn read(path: &Path) -> std::io::Result<String> {
    // A FIFO would be waited for without end.
    if !std::fs::metadata(path)?.is_file() {
        return Err(std::io::Error::other("not a regular file"));
    }
    let mut text = String::new();
    let read = File::open(path)?.take(MAX_CONFIG_BYTES + 1).read_to_string(&mut text)?;
    if u64::try_from(read).unwrap_or(u64::MAX) > MAX_CONFIG_BYTES {
        return Err(std::io::Error::other("it is over 1 MiB"));
    }
    Ok(text)
}

fn demand(
    name: &str,
    profile: &Profile,
    folder: &Path,
    (rules, file): (Rules, bool),
) -> Result<Demand, String> {
    let who = who(profile, folder)?;
    let wanted = wanted(profile, file)?;
    let claims = profile.claims.iter().map(claim).collect::<Result<Vec<_>, _>>()?;
    if !claims.is_empty() && matches!(who, Who::Keys(_)) {
        return Err("a key has no certificate, and so no claims".into());
    }
    let threshold = profile.threshold.unwrap_or(1);
    let signers = profile.identities.len().max(profile.keys.len());
    if threshold == 0 || threshold > signers {
        return Err(format!("threshold {threshold} of {signers} signers"));
    }
    let counts_signatures = wanted
        .iter()
        .any(|w| matches!(w, Wanted::Signature | Wanted::SignatureOverFile | Wanted::AnyOverFile));
    if threshold > 1 && !counts_signatures {
        return Err("a threshold counts signatures, and require names none".into());
    }
    let annotations = profile.annotations.iter().map(|(k, v)| (k.clone(), v.clone())).collect();
    Ok(Demand {
        words: words(name, profile, &wanted, &rules),
        who,
        wanted,
        signed_timestamps: profile.use_signed_timestamps,
        claims,
        annotations,
        waived: vec![],
        github: None,
        strict: false,
        rules: Rules { threshold, profile: Some(name.to_owned()), ..rules },
    })
}

fn who(profile: &Profile, folder: &Path) -> Result<Who, String> {
    match (profile.identities.as_slice(), profile.keys.as_slice()) {
        ([], []) => Err("it names no signer: identities or keys".into()),
        ([], keys) if keys.iter().any(|key| key.as_os_str().is_empty()) => {
            Err("a key is empty".into())
        }
        ([], keys) if keys.len() > MAX_KEYS => Err(format!("more than {MAX_KEYS} keys")),
        ([], keys) => Ok(Who::Keys(keys.iter().map(|key| folder.join(key)).collect())),
        (_, [_, ..]) => Err("identities and keys exclude each other".into()),
        (pairs, []) if pairs.len() > MAX_IDENTITIES => {
            Err(format!("more than {MAX_IDENTITIES} identities"))
        }
        (pairs, []) => Ok(Who::Signers(pairs.iter().map(signer).collect::<Result<_, _>>()?)),
    }
}

fn signer(pair: &Pair) -> Result<Signer, String> {
    let identity = match (&pair.identity, &pair.identity_regexp) {
        (Some(_), Some(_)) => Err("identity and identity_regexp exclude each other".into()),
        (Some(exact), None) => self::exact("identity", exact),
        (None, Some(source)) => regexp("identity_regexp", source),
        (None, None) => Err("a pair wants identity or identity_regexp".to_owned()),
    }?;
    let exact = pair.issuer.as_ref().map(|value| self::exact("issuer", value));
    let source = pair.issuer_regexp.as_ref().map(|source| regexp("issuer_regexp", source));
    let issuer = exact.into_iter().chain(source).collect::<Result<Vec<_>, _>>()?;
    if issuer.is_empty() {
        return Err("a pair wants issuer or issuer_regexp".into());
    }
    Ok(Signer { identity: vec![identity], issuer })
}

/// An empty value would match a certificate without the claim.
fn exact(key: &str, value: &str) -> Result<Matcher, String> {
    if value.is_empty() { Err(format!("{key} is empty")) } else { Ok(Matcher::Exact(value.into())) }
}

fn regexp(key: &str, source: &str) -> Result<Matcher, String> {
    if source.is_empty() {
        return Err(format!("{key} is empty"));
    }
    let compiled = GoRegexp::new(source).map_err(|e| format!("{key} {source}: {e}"))?;
    Ok(Matcher::Regexp(compiled))
}

fn claim((name, value): (&String, &Text)) -> Result<(u8, Matcher), String> {
    let known = FULCIO.iter().find(|(.., key)| key == name);
    let (number, ..) = known.ok_or_else(|| format!("no claim is called {name}"))?;
    let value = match value {
        Text::Exact(value) => exact(name, value),
        Text::Regexp(Regexp { regexp: source }) => regexp(name, source),
    }?;
    Ok((*number, value))
}

fn wanted(profile: &Profile, file: bool) -> Result<Vec<Wanted>, String> {
    let uri =
        |word: &String| predicate_type(word).ok_or_else(|| format!("{word} is no predicate type"));
    let mut wanted = vec![];
    match &profile.require {
        None if file => wanted.push(Wanted::AnyOverFile),
        None => wanted.push(Wanted::Signature),
        // Then nothing would have to be signed at all.
        Some(words) if words.is_empty() => return Err("require is empty".into()),
        Some(words) => {
            for word in words {
                wanted.push(match word.as_str() {
                    "signature" if file => Wanted::SignatureOverFile,
                    "signature" => Wanted::Signature,
                    _ => Wanted::Attestation(uri(word)?),
                });
            }
        }
    }
    for word in &profile.forbid {
        let uri = uri(word)?;
        if wanted.contains(&Wanted::Attestation(uri.clone())) {
            return Err(format!("{word} is both required and forbidden"));
        }
        wanted.push(Wanted::Forbidden(uri));
    }
    Ok(wanted)
}

/// What stands in headers.
fn words(name: &str, profile: &Profile, wanted: &[Wanted], rules: &Rules) -> String {
    let mut words = vec![format!("--profile {}", shell_word(name))];
    let kinds: Vec<String> = wanted.iter().map(Wanted::words).collect();
    let n = profile.threshold.unwrap_or(1);
    for (m, what) in [(profile.identities.len(), "signers"), (profile.keys.len(), "keys")] {
        words.extend((m > 1).then(|| format!("({n} of {m} {what})")));
    }
    words.push(format!("[{}]", safe(&kinds.join(", "))));
    if rules.cosign_compatible {
        words.push("--cosign-compatible".into());
    }
    if rules.legacy_only {
        words.push("--new-bundle-format=false".into());
    }
    words.join(" ")
}
