//! `images` of a profile: which policy is for which image, where no flag says it.

use std::{io::ErrorKind, path::Path, sync::Arc};

use super::{Profile, config, demand, path, unusable};
use crate::{
    cli::{Stop, args::Flags, demand::rules, root},
    domain::{Repository, demand::Demand, image_glob::ImageGlob, text::shell_word},
    inspect::RootSource,
};

/// The most globs of one profile: each reference is matched with each of them.
const MAX_IMAGES: usize = 500;

/// A profile that says for which images it is.
pub(in crate::cli) struct Assigned {
    name: String,
    globs: Vec<ImageGlob>,
    /// What is demanded of them.
    pub(in crate::cli) demand: Arc<Demand>,
    /// Which trust root judges.
    pub(in crate::cli) root: RootSource,
}

/// Every profile of the config file that has `images`; none where there is no such file and nobody
/// named one.
///
/// # Errors
/// Undecided: the file cannot be read or is malformed, or one of those profiles means nothing: it
/// might have been the policy of an image. Usage: --trusted-root beside a profile's own.
pub(in crate::cli) fn assigned(flags: &Flags) -> Result<Vec<Assigned>, Stop> {
    let named = std::env::var_os("SIGSCOPE_CONFIG").is_some_and(|v| !v.is_empty());
    let path = match path() {
        Ok(path) => path,
        Err(_) if !named => return Ok(vec![]),
        Err(stop) => return Err(stop),
    };
    let gone = std::fs::metadata(&path).is_err_and(|e| e.kind() == ErrorKind::NotFound);
    if gone && !named {
        return Ok(vec![]);
    }
    let config = config(&path)?;
    let folder = path.parent().unwrap_or_else(|| Path::new("."));
    let mut found = vec![];
    for (name, profile) in &config.profile {
        if profile.images.is_empty() {
            continue;
        }
        let malformed =
            |why: String| unusable(&path, &format!("is malformed, profile {name}: {why}"));
        let globs = globs(profile).map_err(malformed)?;
        let demand = demand(name, profile, folder, (rules(flags)?, false)).map_err(malformed)?;
        let root = match &profile.trusted_root {
            Some(_) if flags.trusted_root.is_some() => {
                let words = format!(
                    "--trusted-root and the trusted_root of profile {} exclude each other",
                    shell_word(name)
                );
                return Err(Stop::usage(words));
            }
            Some(file) => root::with(flags, Some(&folder.join(file)))?,
            None => root::of(flags)?,
        };
        found.push(Assigned { name: name.clone(), globs, demand: Arc::new(demand), root });
    }
    Ok(found)
}

/// The globs of a profile, or what is wrong with them.
pub(super) fn globs(profile: &Profile) -> Result<Vec<ImageGlob>, String> {
    if profile.images.len() > MAX_IMAGES {
        return Err(format!("more than {MAX_IMAGES} images"));
    }
    let glob = |text: &String| {
        ImageGlob::parse(text).map_err(|why| format!("images {}: {why}", shell_word(text)))
    };
    profile.images.iter().map(glob).collect()
}

/// The profile that is for an image; its place in the list.
///
/// # Errors
/// Usage: two of them are, and nobody said which one counts.
pub(in crate::cli) fn choose(
    all: &[Assigned],
    repository: &Repository,
) -> Result<Option<usize>, Stop> {
    let is_for = |one: &Assigned| one.globs.iter().find(|glob| glob.matches(repository)).cloned();
    let mut fits = all.iter().enumerate().filter_map(|(at, one)| Some((at, one, is_for(one)?)));
    match (fits.next(), fits.next()) {
        (Some((_, first, one)), Some((_, second, other))) => Err(Stop::usage(format!(
            "two profiles are for {repository}: {} ({one}) and {} ({other}); nothing was contacted",
            shell_word(&first.name),
            shell_word(&second.name),
        ))),
        (first, _) => Ok(first.map(|(at, ..)| at)),
    }
}
