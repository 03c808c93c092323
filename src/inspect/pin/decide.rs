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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Reference;

    fn digest(text: &str) -> Digest {
        Digest::sha256(text.as_bytes())
    }

    fn tag(text: &str) -> Tag {
        Tag::parse(text).unwrap()
    }

    /// `-`: nothing, `gone`, `?`: unknown, else the content; `a>b`: an index that lists b.
    fn tagged(text: &str) -> Tagged {
        match text {
            "-" => Tagged::Nothing,
            "gone" => Tagged::Gone("no such tag".into()),
            "?" => Tagged::Unknown("unreachable".into()),
            text => {
                let (own, lists) = text.split_once('>').unwrap_or((text, ""));
                let lists = if lists.is_empty() { vec![] } else { vec![digest(lists)] };
                Tagged::At(Pointed { tag: tag("1"), digest: digest(own), lists })
            }
        }
    }

    fn judged(content: &str, word: &str) -> Option<Judged> {
        let verdict = match word {
            "proved" => Verdict::Proved,
            "refuted" => Verdict::Refuted,
            "undecided" | "unread" => Verdict::Undecided,
            "absent" => Verdict::Absent,
            _ => return None,
        };
        let (digest, reason) = (digest(content), "because".into());
        Some(Judged { digest, verdict, reason, there: word != "unread" })
    }

    /// Whether a digest (of `a`) is written; where the tag points; whether a policy is for it; the
    /// verdict over the digest; whether `--unverified`. Then: how it stands; what is written (`*`:
    /// marked as not proved); exit codes of a run and of a check.
    type Row = (bool, &'static str, bool, &'static str, bool, Standing, &'static str, u8, u8);

    #[test]
    fn what_is_done_follows_from_what_is_known() {
        use Standing::{Absent, Accepted, Moved, NoPolicy, Proved, Refuted, Undecided};
        let rows: &[Row] = &[
            // Unpinned, under a policy: only what is proved is written, whatever is accepted.
            (false, "a", true, "proved", false, Proved, "a", 0, 1),
            (false, "a", true, "refuted", false, Refuted, "", 1, 1),
            (false, "a", true, "undecided", false, Undecided, "", 3, 1),
            (false, "a", true, "absent", false, Absent, "", 4, 1),
            (false, "a", true, "refuted", true, Refuted, "", 1, 1),
            (false, "a", true, "undecided", true, Undecided, "", 3, 1),
            (false, "a", true, "absent", true, Absent, "", 4, 1),
            (false, "gone", true, "", true, Absent, "", 4, 1),
            (false, "?", true, "", true, Undecided, "", 3, 1),
            // No policy: only where that is accepted, and never what is refuted.
            (false, "a", false, "undecided", false, NoPolicy, "", 3, 1),
            (false, "a", false, "undecided", true, Accepted, "a*", 0, 1),
            (false, "a", false, "proved", true, Accepted, "a*", 0, 1),
            (false, "a", false, "refuted", true, Refuted, "", 1, 1),
            (false, "a", false, "absent", true, Absent, "", 4, 1),
            (false, "a", false, "unread", true, Undecided, "", 3, 1),
            // Pinned: never written again.
            (true, "a", true, "proved", false, Proved, "", 0, 0),
            (true, "-", true, "proved", false, Proved, "", 0, 0),
            (true, "b>a", true, "proved", false, Proved, "", 0, 0),
            (true, "gone", true, "proved", false, Proved, "", 0, 0),
            (true, "b", true, "proved", false, Moved, "", 1, 1),
            (true, "b>c", true, "proved", false, Moved, "", 1, 1),
            (true, "b", true, "undecided", false, Moved, "", 1, 1),
            (true, "b", true, "refuted", false, Refuted, "", 1, 1),
            (true, "?", true, "proved", false, Undecided, "", 3, 3),
            (true, "?", true, "refuted", false, Refuted, "", 1, 1),
            (true, "?", true, "absent", false, Undecided, "", 3, 3),
            (true, "a", true, "refuted", false, Refuted, "", 1, 1),
            (true, "a", true, "undecided", false, Undecided, "", 3, 3),
            (true, "a", true, "absent", false, Absent, "", 4, 4),
            (true, "a", false, "undecided", false, NoPolicy, "", 3, 3),
            (true, "a", false, "undecided", true, Accepted, "", 0, 0),
            (true, "b", false, "undecided", true, Moved, "", 1, 1),
            (true, "a", false, "refuted", true, Refuted, "", 1, 1),
        ];
        for row in rows {
            let (written, points, demanded, word, unverified, standing, pin, code, check) = *row;
            let mut reference = Reference::parse("ghcr.io/a/b:1").unwrap();
            reference.digest = written.then(|| digest("a"));
            let (tagged, update) = (tagged(points), Update::NotAsked);
            let known = Known { reference, demanded, tagged, judged: judged("a", word), update };
            let got = decide(&known, unverified);
            let wrote = got.write.as_ref().map_or(String::new(), |write| {
                assert_eq!((&write.tag, &write.digest), (&None, &digest("a")), "{row:?}");
                assert_eq!(write.again, (tag("1"), digest("a")), "{row:?}");
                format!("a{}", if write.proved { "" } else { "*" })
            });
            assert_eq!((got.standing, wrote.as_str()), (standing, pin), "{row:?}");
            assert_eq!(got.verdict(false).exit_code(), code, "{row:?}");
            assert_eq!(got.checked(false).exit_code(), check, "{row:?}");
            assert_eq!(got.complaint().is_some(), check != 0, "{row:?}");
        }
    }

    #[test]
    fn a_chosen_platform_is_written_and_the_index_must_not_have_moved() {
        let reference = Reference::parse("ghcr.io/a/b:1").unwrap();
        let (tagged, update) = (tagged("index>child"), Update::NotAsked);
        let judged = judged("child", "proved");
        let known = Known { reference, demanded: true, tagged, judged, update };
        let write = decide(&known, false).write.unwrap();
        assert_eq!((write.digest, write.again.1), (digest("child"), digest("index")));
    }

    #[test]
    fn a_newer_tag_takes_the_place_and_what_was_skipped_is_an_error() {
        let skip = || vec![Skipped { tag: tag("3"), verdict: Verdict::Absent, why: "none".into() }];
        let newest = |name: &str, skipped| Update::Chosen {
            tag: tag(name),
            pointed: Pointed { tag: tag(name), digest: digest("new"), lists: vec![] },
            judged: judged("new", "proved").unwrap(),
            skipped,
        };
        let nothing = |skipped, untried| Update::Nothing { skipped, untried };
        // Whether pinned, what was found; the tag and content that are written; exit codes of a run,
        // with --skip-failing, of a check.
        for (pinned, update, wrote, codes) in [
            (false, newest("2", vec![]), "2 new", (0, 0, 1)),
            (true, newest("2", vec![]), "2 new", (0, 0, 1)),
            (true, newest("2", skip()), "2 new", (1, 0, 1)),
            (true, newest("1", vec![]), "- new", (0, 0, 1)),
            (true, nothing(vec![], 0), "", (0, 0, 0)),
            (true, nothing(skip(), 0), "", (1, 0, 1)),
            (false, nothing(skip(), 0), "- old", (1, 0, 1)),
            (false, Update::Unknown("unreachable".into()), "", (3, 3, 1)),
            (true, Update::Unknown("unreachable".into()), "", (3, 3, 3)),
            (false, Update::NotAVersion, "- old", (0, 0, 1)),
        ] {
            let mut reference = Reference::parse("ghcr.io/a/b:1").unwrap();
            reference.digest = pinned.then(|| digest("old"));
            let row = format!("{pinned} {update:?}");
            let (tagged, judged) = (tagged("old"), judged("old", "proved"));
            let known = Known { reference, demanded: true, tagged, judged, update };
            let got = decide(&known, false);
            let words = got.write.as_ref().map_or(String::new(), |write| {
                let content = if write.digest == digest("new") { "new" } else { "old" };
                format!("{} {content}", write.tag.as_ref().map_or("-", Tag::as_str))
            });
            assert_eq!(words, wrote, "{row}");
            let exit = |verdict: Verdict| verdict.exit_code();
            let got = (got.verdict(false), got.verdict(true), got.checked(false));
            assert_eq!((exit(got.0), exit(got.1), exit(got.2)), codes, "{row}");
        }
    }
}
