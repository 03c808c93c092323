//! From what is known of a reference to what is done with it. Pure.

use super::{Judged, Known, Pointed, Skipped, Tagged, Update};
use crate::domain::{Digest, Tag, Verdict};

/// How a reference stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Its digest is proved.
    Proved,
    /// No policy is for it, and that was accepted.
    Accepted,
    /// No policy is for it.
    NoPolicy,
    /// Its tag points elsewhere than at the digest beside it.
    Moved,
    /// Its digest contradicts the policy.
    Refuted,
    /// Could not find out.
    Undecided,
    /// There is no such artifact, or nothing that was demanded of it.
    Absent,
}

impl Standing {
    /// What it counts as in an exit code: a moved tag as refuted, a missing policy as undecided.
    pub const fn verdict(self) -> Verdict {
        match self {
            Self::Proved | Self::Accepted => Verdict::Proved,
            Self::NoPolicy | Self::Undecided => Verdict::Undecided,
            Self::Moved | Self::Refuted => Verdict::Refuted,
            Self::Absent => Verdict::Absent,
        }
    }

    /// The word in front of the reason.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Proved => "proved",
            Self::Accepted => "NOT proved",
            Self::NoPolicy => "no policy for it",
            Self::Moved => "moved",
            Self::Refuted => "refuted",
            Self::Undecided => "undecided",
            Self::Absent => "absent",
        }
    }
}

/// What is written at every place of a reference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Write {
    /// Another tag than the one that stands there.
    pub tag: Option<Tag>,
    /// The digest.
    pub digest: Digest,
    /// Whether its signer is proved.
    pub proved: bool,
    /// The tag that must still point at this digest when it is written.
    pub again: (Tag, Digest),
}

/// What is done with a reference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// How it stands.
    pub standing: Standing,
    /// Why, in one line; may hold foreign text.
    pub why: String,
    /// Whether a digest is written already.
    pub pinned: bool,
    /// What is to be written; nothing where it stays as it is.
    pub write: Option<Write>,
    /// Newer tags that are not proved, the newest first.
    pub skipped: Vec<Skipped>,
    /// What deserves a look although the standing stands; may hold foreign text.
    pub notes: Vec<String>,
}

impl Decision {
    /// What it counts as where pins are made or shown.
    pub fn verdict(&self, skip_failing: bool) -> Verdict {
        let skipped = !self.skipped.is_empty() && !skip_failing;
        self.standing.verdict().max(if skipped { Verdict::Refuted } else { Verdict::Proved })
    }

    /// What it counts as where pins are checked: what has no digest is refuted, whoever signed it.
    pub fn checked(&self, skip_failing: bool) -> Verdict {
        let complete = self.pinned && self.write.is_none();
        self.verdict(skip_failing).max(if complete { Verdict::Proved } else { Verdict::Refuted })
    }

    /// What is wrong with it where pins are checked, in one line; nothing where all is well.
    pub fn complaint(&self) -> Option<String> {
        let standing = self.standing;
        let own = || format!("{}: {}", standing.word(), self.why);
        match (self.pinned, standing, &self.write) {
            (false, Standing::Proved, Some(write)) => Some(match &write.tag {
                Some(tag) => format!("unpinned; {tag}@{} is proved", write.digest),
                None => format!("unpinned; {} is proved", write.digest),
            }),
            (false, ..) => Some(format!("unpinned; {}", own())),
            (true, Standing::Proved, Some(write)) => Some(match &write.tag {
                Some(tag) => format!("not the newest: {tag} is proved"),
                None => format!("not the newest: its tag points at {}, proved", write.digest),
            }),
            (true, Standing::Proved | Standing::Accepted, _) => None,
            (true, ..) => Some(own()),
        }
    }

    fn stays(standing: Standing, why: impl Into<String>, known: &Known) -> Self {
        Self {
            standing,
            why: why.into(),
            pinned: known.reference.digest.is_some(),
            write: None,
            skipped: vec![],
            notes: vec![],
        }
    }
}

/// What follows from what is known. `unverified`: a reference without a policy is pinned all the
/// same. What is refuted is never written, and what is written already is replaced by a newer tag
/// alone.
pub fn decide(known: &Known, unverified: bool) -> Decision {
    let decision = match &known.update {
        Update::Chosen { tag, pointed, judged, .. } => chosen(known, (tag, pointed, judged)),
        Update::Unknown(why) => Decision::stays(
            Standing::Undecided,
            format!("whether there is a newer tag: {why}"),
            known,
        ),
        _ => match (&known.reference.digest, &known.judged) {
            (Some(written), Some(judged)) => written_already(known, (written, judged), unverified),
            (None, Some(judged)) => by_its_tag(known, judged, unverified),
            (_, None) => unknown(known),
        },
    };
    let skipped = known.update.skipped().to_vec();
    let notes = decision.notes.into_iter().chain(known.update.note()).collect();
    Decision { skipped, notes, ..decision }
}

fn chosen(known: &Known, (tag, pointed, judged): (&Tag, &Pointed, &Judged)) -> Decision {
    if let (Some(written), Tagged::At(now)) = (&known.reference.digest, &known.tagged)
        && now.digest != *written
        && !now.lists.contains(written)
    {
        let why = format!("its tag {} points at {}, not at {written}", now.tag, now.digest);
        return Decision::stays(Standing::Moved, why, known);
    }
    let other = known.reference.tag.as_ref() != Some(tag);
    let write = Write {
        tag: other.then(|| tag.clone()),
        digest: judged.digest.clone(),
        proved: true,
        again: (pointed.tag.clone(), pointed.digest.clone()),
    };
    let decision = Decision::stays(Standing::Proved, &judged.reason, known);
    Decision { write: Some(write), ..decision }
}

/// Neither a digest nor where the tag points.
fn unknown(known: &Known) -> Decision {
    match &known.tagged {
        Tagged::Nothing if !known.demanded => {
            Decision::stays(Standing::NoPolicy, "it was not asked for", known)
        }
        Tagged::Gone(why) => Decision::stays(Standing::Absent, why, known),
        Tagged::Unknown(why) => Decision::stays(Standing::Undecided, why, known),
        Tagged::Nothing | Tagged::At(_) => {
            Decision::stays(Standing::Undecided, "it was not judged", known)
        }
    }
}

fn standing(known: &Known, judged: &Judged, unverified: bool) -> Standing {
    match (judged.verdict, known.demanded) {
        (Verdict::Refuted, _) => Standing::Refuted,
        (Verdict::Absent, _) => Standing::Absent,
        (Verdict::Proved, true) => Standing::Proved,
        (Verdict::Undecided, true) => Standing::Undecided,
        // What nobody could read is not accepted for that.
        (Verdict::Undecided, false) if !judged.there => Standing::Undecided,
        // Without a demand nothing is proved, whatever the evidence is worth.
        (Verdict::Proved | Verdict::Undecided, false) if unverified => Standing::Accepted,
        (Verdict::Proved | Verdict::Undecided, false) => Standing::NoPolicy,
    }
}

/// Only a tag is written, and it was found where it points.
fn by_its_tag(known: &Known, judged: &Judged, unverified: bool) -> Decision {
    let standing = standing(known, judged, unverified);
    let decision = Decision::stays(standing, &judged.reason, known);
    let (Tagged::At(pointed), Standing::Proved | Standing::Accepted) = (&known.tagged, standing)
    else {
        return decision;
    };
    let write = Write {
        tag: None,
        digest: judged.digest.clone(),
        proved: standing == Standing::Proved,
        again: (pointed.tag.clone(), pointed.digest.clone()),
    };
    Decision { write: Some(write), ..decision }
}

/// A digest is written, and was judged; nothing else is written in its place.
fn written_already(
    known: &Known,
    (written, judged): (&Digest, &Judged),
    unverified: bool,
) -> Decision {
    let standing = standing(known, judged, unverified);
    let mut decision = Decision::stays(standing, &judged.reason, known);
    match &known.tagged {
        Tagged::Nothing => {}
        Tagged::At(pointed) if pointed.digest == *written || pointed.lists.contains(written) => {}
        Tagged::At(pointed) => {
            let words =
                format!("its tag {} points at {}, not at {written}", pointed.tag, pointed.digest);
            if standing == Standing::Refuted {
                decision.notes.push(words);
            } else {
                // The digest's own verdict is not lost beside the alarm.
                let own = format!("{words} (which is {}: {})", standing.word(), decision.why);
                (decision.standing, decision.why) = (Standing::Moved, own);
            }
        }
        // The digest is what is deployed; a tag that is gone cannot lead anybody elsewhere.
        Tagged::Gone(why) => decision.notes.push(format!("its tag is gone: {why}")),
        Tagged::Unknown(why) => {
            let words = format!("whether its tag moved: {why}");
            // A registry that is down says the same of both.
            if decision.why.contains(why.as_str()) {
                return decision;
            }
            if decision.standing.verdict() < Verdict::Undecided {
                (decision.standing, decision.why) = (Standing::Undecided, words);
            } else {
                decision.notes.push(words);
            }
        }
    }
    decision
}
