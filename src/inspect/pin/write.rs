//! Writing pins into a file: only what is still true, and only into what was read.

use std::collections::{BTreeMap, btree_map::Entry};

use super::{Decision, Settings, Source, Standing, Tagged, look};
use crate::{
    domain::{
        Digest, Reference, Repository, Tag,
        pin::{Pin, Place},
    },
    inspect::world::Replaced,
};

/// The most readings of one file that it may take to find the places that cannot be written.
const MAX_TRIES: usize = 100;

/// The pins of one file, each with the reference that it is for.
#[derive(Clone, Debug, Default)]
pub struct Edit {
    /// What the file would hold; nothing where it stays as it is.
    pub bytes: Option<Vec<u8>>,
    /// The places that change.
    pub places: Vec<usize>,
    /// Places that cannot be written, and why; may hold foreign text.
    pub refused: Vec<(usize, String)>,
}

/// A tag that points elsewhere than at the start of the run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moved {
    /// The place whose pin was not written.
    pub place: usize,
    /// The tag.
    pub tag: Tag,
    /// Where it pointed.
    pub was: Digest,
    /// Where it points now.
    pub now: Digest,
}

/// How a file was left.
#[derive(Debug)]
pub enum Written {
    /// Nothing was to be written.
    Unchanged,
    /// It was replaced.
    Replaced(Replaced),
    /// It could not be, in words, and is as it was.
    Failed(String),
}

/// What became of a file.
#[derive(Debug)]
pub struct Outcome {
    /// What changed in it, or would have.
    pub edit: Edit,
    /// Tags that moved since the start: nothing was written for them.
    pub moved: Vec<Moved>,
    /// Places of which nobody knows whether the tag moved: nothing was written for them.
    pub unknown: Vec<(usize, String)>,
    /// How it was left.
    pub written: Written,
}

/// The file with what was decided, `decisions` in the order of its places. A place that cannot be
/// written keeps no other from being.
pub fn edit(source: &Source, decisions: &[&Decision]) -> Edit {
    let wanted = decisions.iter().enumerate().filter_map(|(place, decision)| {
        let write = decision.write.as_ref()?;
        let (tag, digest, proved) = (write.tag.clone(), write.digest.clone(), write.proved);
        Some(Pin { place, tag, digest, proved })
    });
    edited(source, wanted.chain(confirmed(source, decisions)).collect())
}

/// Digests that stand there and are proved: nothing of them changes, but a remark that they are not
/// goes.
fn confirmed(source: &Source, decisions: &[&Decision]) -> Vec<Pin> {
    let places = source.document.places().iter().zip(decisions).enumerate();
    let proved = places.filter(|(_, (_, decision))| {
        decision.standing == Standing::Proved && decision.write.is_none()
    });
    let pin = |(place, (found, _)): (usize, (&Place, &&Decision))| {
        let digest = found.reference.digest.clone()?;
        Some(Pin { place, tag: None, digest, proved: true })
    };
    proved.filter_map(pin).collect()
}

fn edited(source: &Source, mut pins: Vec<Pin>) -> Edit {
    let (document, mut refused) = (&source.document, vec![]);
    let mut whole = document.pinned(&pins);
    if whole.is_err() {
        let mut tries = MAX_TRIES;
        let good = writable(source, &pins, &mut tries, &mut refused);
        pins = good.into_iter().cloned().collect();
        whole = document.pinned(&pins);
    }
    match whole {
        Ok(bytes) => {
            let same = *bytes == **document.bytes();
            let differs = |pin: &&Pin| {
                let found = document.places().get(pin.place).map(|place| &place.reference);
                found.is_none_or(|found| {
                    found.digest.as_ref() != Some(&pin.digest)
                        || pin.tag.as_ref().is_some_and(|tag| found.tag.as_ref() != Some(tag))
                })
            };
            let changed = pins.iter().filter(differs).map(|pin| pin.place);
            let places = if same { vec![] } else { changed.collect() };
            Edit { bytes: (!same).then_some(bytes), places, refused }
        }
        Err(e) => {
            refused.extend(pins.iter().map(|pin| (pin.place, e.to_string())));
            Edit { refused, ..Edit::default() }
        }
    }
}

/// Those that can be written. Halves are tried and not each one: every try reads the whole file, and
/// a file may have sixty thousand places. Where too many halves fail, the rest of them is refused.
fn writable<'a>(
    source: &Source,
    pins: &'a [Pin],
    tries: &mut usize,
    refused: &mut Vec<(usize, String)>,
) -> Vec<&'a Pin> {
    // Halves that are still to be tried, the next one last.
    let (mut open, mut good) = (vec![pins], vec![]);
    while let Some(part) = open.pop() {
        let why = match tries.checked_sub(1) {
            None => "too many places of this file cannot be written".to_owned(),
            Some(left) => {
                *tries = left;
                match source.document.pinned(part) {
                    Ok(_) => {
                        good.extend(part);
                        continue;
                    }
                    Err(_) if part.len() > 1 => {
                        let (first, second) = part.split_at(part.len() / 2);
                        open.extend([second, first]);
                        continue;
                    }
                    Err(e) => e.to_string(),
                }
            }
        };
        refused.extend(part.iter().map(|pin| (pin.place, why.clone())));
    }
    good
}

/// Writes what was decided into the file, where every tag still points where it did.
pub async fn write(source: &Source, decisions: &[&Decision], settings: &Settings) -> Outcome {
    let (mut moved, mut unknown, mut pins) = (vec![], vec![], vec![]);
    let mut asked: BTreeMap<(&Repository, &Tag), Tagged> = BTreeMap::new();
    let places = source.document.places();
    for ((place, decision), found) in decisions.iter().enumerate().zip(places) {
        let Some(write) = &decision.write else { continue };
        let Reference { repository, .. } = &found.reference;
        let (tag, was) = &write.again;
        let now = match asked.entry((repository, tag)) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(new) => new.insert(look::tagged(repository, tag, settings).await),
        };
        match now {
            Tagged::At(now) if now.digest == *was => {
                let (digest, proved) = (write.digest.clone(), write.proved);
                pins.push(Pin { place, tag: write.tag.clone(), digest, proved });
            }
            Tagged::At(now) => {
                let (tag, was, now) = (tag.clone(), was.clone(), now.digest.clone());
                moved.push(Moved { place, tag, was, now });
            }
            Tagged::Gone(why) => {
                unknown.push((place, format!("its tag was there a moment ago: {why}")));
            }
            Tagged::Unknown(why) => unknown.push((place, why.clone())),
            Tagged::Nothing => unknown.push((place, "it was not asked for".into())),
        }
    }
    pins.extend(confirmed(source, decisions));
    let edit = edited(source, pins);
    let written = replace(source, &edit, settings).await;
    Outcome { edit, moved, unknown, written }
}

async fn replace(source: &Source, edit: &Edit, settings: &Settings) -> Written {
    let Some(new) = &edit.bytes else { return Written::Unchanged };
    let (inside, old) = ((source.folder.as_path(), source.name.as_str()), source.document.bytes());
    match settings.world.files.replace(inside, old.clone(), new.clone()).await {
        Ok(replaced) => Written::Replaced(replaced),
        Err(e) => Written::Failed(e.to_string()),
    }
}
