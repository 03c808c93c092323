//! Which references are asked about under which policy, and what was found out of them.

use std::{
    collections::{BTreeMap, BTreeSet, btree_map::Entry},
    sync::Arc,
};

use futures_util::{StreamExt as _, stream};

use super::too_many;
use crate::{
    cli::{
        Console, Stop,
        args::Flags,
        demand,
        profile::images::{self, Assigned},
        remember, root,
    },
    domain::{Reference, Repository, Timestamp, text::safe},
    inspect::{
        pin::{AT_ONCE, Decision, Known, Policy, Settings, Source, Tagged, Update, decide, look},
        tags::{Entry as Remembered, Ledger, Moved},
    },
    net::demo,
};

/// Different references of one run.
const MAX_REFERENCES: usize = 5_000;

/// Who decides which policy is for an image.
pub(super) enum Policies {
    /// The flags: the same for every image.
    One(Policy),
    /// The profiles of the config file, and what holds where none of them is for an image.
    ByImage(Vec<Assigned>, Policy),
}

/// The policies of a run.
pub(super) fn policies(flags: &Flags) -> Result<Policies, Stop> {
    let root = root::of(flags)?;
    match demand::demand(flags)? {
        Some(demand) => Ok(Policies::One(Policy { demand: Some(demand), root })),
        None => Ok(Policies::ByImage(images::assigned(flags)?, Policy { demand: None, root })),
    }
}

impl Policies {
    /// The number of the policy that is for an image.
    fn choose(&self, repository: &Repository) -> Result<Option<usize>, Stop> {
        match self {
            Self::One(_) => Ok(None),
            Self::ByImage(profiles, _) => images::choose(profiles, repository),
        }
    }

    fn get(&self, number: Option<usize>) -> Policy {
        match (self, number) {
            (Self::One(policy) | Self::ByImage(_, policy), None) | (Self::One(policy), _) => {
                policy.clone()
            }
            (Self::ByImage(profiles, none), Some(number)) => profiles.get(number).map_or_else(
                || none.clone(),
                |profile| Policy {
                    demand: Some(Arc::clone(&profile.demand)),
                    root: profile.root.clone(),
                },
            ),
        }
    }
}

/// How is asked.
pub(super) struct Asked {
    /// Whether images are pinned that no policy is for.
    pub(super) unverified: bool,
    /// Whether somebody watches standard error.
    pub(super) screen: bool,
}

/// Every reference once, and where it stands.
pub(super) struct Questions {
    all: Vec<(Reference, Option<usize>)>,
    /// For every file its places, as numbers of questions.
    places: Vec<Vec<usize>>,
}

impl Questions {
    /// Every reference of the files, with the policy that is for it.
    ///
    /// # Errors
    /// Usage: two profiles are for one image. Undecided: too many of them.
    pub(super) fn of(sources: &[Source], policies: &Policies) -> Result<Self, Stop> {
        let mut known: BTreeMap<Reference, usize> = BTreeMap::new();
        let (mut all, mut places) = (vec![], vec![]);
        for source in sources {
            let mut here = vec![];
            for place in source.document.places() {
                let number = match known.entry(place.reference.clone()) {
                    Entry::Occupied(found) => *found.get(),
                    Entry::Vacant(new) => {
                        let policy = policies.choose(&place.reference.repository)?;
                        all.push((place.reference.clone(), policy));
                        *new.insert(all.len() - 1)
                    }
                };
                here.push(number);
            }
            if all.len() > MAX_REFERENCES {
                return Err(too_many(MAX_REFERENCES));
            }
            places.push(here);
        }
        Ok(Self { all, places })
    }

    pub(super) fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// How many different references there are.
    pub(super) fn len(&self) -> usize {
        self.all.len()
    }

    /// The registries that --plain-http is for.
    pub(super) fn plain(&self) -> Vec<&Repository> {
        plain(self.all.iter().map(|(reference, _)| &reference.repository).collect())
    }

    /// The questions of the places of one file.
    pub(super) fn places(&self, file: usize) -> &[usize] {
        self.places.get(file).map_or(&[], Vec::as_slice)
    }

    /// Asks about every reference, a few at once, and decides.
    pub(super) async fn answer(
        &self,
        policies: &Policies,
        settings: &Settings,
        asked: &Asked,
        console: &mut Console<'_>,
    ) -> Result<Vec<Decision>, Stop> {
        let history = remember::history();
        let ledger = remember::read(&history, console).await?;
        let each = self.all.iter().enumerate().map(|(number, (reference, policy))| async move {
            if reference.repository.host() == Some(demo::HOST) {
                return (number, of_the_demo(reference));
            }
            (number, look(reference, &policies.get(*policy), settings).await)
        });
        let mut answers = stream::iter(each).buffer_unordered(AT_ONCE);
        let mut found = vec![];
        while let Some(answer) = answers.next().await {
            found.push(answer);
            if asked.screen {
                write!(
                    console.err,
                    "\r\x1b[Ksigscope: {} of {} references",
                    found.len(),
                    self.len()
                )?;
                console.err.flush()?;
            }
        }
        if asked.screen {
            write!(console.err, "\r\x1b[K")?;
        }
        found.sort_by_key(|(number, _)| *number);
        let now = (settings.world.now)();
        let seen: Vec<Remembered> =
            found.iter().filter_map(|(_, known)| seen(known, now)).collect();
        for (_, known) in &found {
            alarm(known, &ledger, console)?;
        }
        remember::record(&history, seen, console).await?;
        Ok(found.iter().map(|(_, known)| decide(known, asked.unverified)).collect())
    }
}

/// The flag is for the registry of the target and for no other; here files name the targets, and a
/// checkout must not have credentials for a public registry sent in the clear. Where they name several,
/// it is for those with a port: nobody writes one for a public registry.
fn plain(all: Vec<&Repository>) -> Vec<&Repository> {
    let hosts: BTreeSet<&str> = all.iter().filter_map(|repository| repository.host()).collect();
    let port = |host: &str| host.rsplit_once(':').is_some_and(|(_, end)| !end.ends_with(']'));
    let meant = |repository: &&Repository| hosts.len() == 1 || repository.host().is_some_and(port);
    all.into_iter().filter(meant).collect()
}

/// Contract: nothing of the demo enters pins.
fn of_the_demo(reference: &Reference) -> Known {
    let why = format!("{} is the demo; nothing of it is pinned", demo::HOST);
    let tagged = Tagged::Unknown(why);
    Known {
        reference: reference.clone(),
        demanded: false,
        tagged,
        judged: None,
        update: Update::NotAsked,
    }
}

fn seen(known: &Known, now: Timestamp) -> Option<Remembered> {
    let Tagged::At(pointed) = &known.tagged else { return None };
    Remembered::of(&known.reference.repository, &pointed.tag, &pointed.digest, now)
}

/// A tag that points elsewhere than in another run is said, and decides nothing.
fn alarm(known: &Known, ledger: &Ledger, console: &mut Console<'_>) -> Result<(), Stop> {
    let Tagged::At(pointed) = &known.tagged else { return Ok(()) };
    let last = ledger.last(&known.reference.repository, &pointed.tag);
    if let Some(moved) = Moved::between(&pointed.tag, last, &pointed.digest) {
        let (code, message) = (moved.code(), safe(&moved.message()));
        let repository = safe(&known.reference.repository.to_string());
        writeln!(console.err, "sigscope: {code}: {repository}: {message}")?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_checkout_has_a_public_registry_asked_in_the_clear() {
        for (named, meant) in [
            ("localhost:5000/a localhost:5000/b", 2),
            ("registry.lan/a registry.lan/b", 2),
            ("registry.lan/a nginx", 0),
            ("localhost:5000/a nginx ghcr.io/a/b", 1),
            ("[::1]:5000/a [::1]/a nginx", 1),
        ] {
            let parse = |word| Reference::parse(word).unwrap().repository;
            let all: Vec<Repository> = named.split(' ').map(parse).collect();
            assert_eq!(plain(all.iter().collect()).len(), meant, "{named}");
        }
    }
}
