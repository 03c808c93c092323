//! One row for every file: what was found out of it, in words and as a finding.

use super::{FileFacts, FileState};
use crate::{
    domain::{Digest, Verdict, text::shell_word, verdict::Answer},
    inspect::{Facts, Finding},
};

/// What a list says of one file, and what was found under its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Row {
    /// It is as it is listed.
    Good(String, Digest),
    /// It hashes to the second digest, listed is the first.
    Wrong(String, Digest, Digest),
    /// The list has two digests for it, on these lines.
    Contradicts(String, Vec<usize>),
    /// Listed, not here.
    Missing(String),
    /// Listed under a name that is not opened.
    Refused(String, &'static str),
    /// Here and listed, and could not be read.
    Unread(String, String),
    /// Here, not listed; under which other name its digest is listed.
    Unlisted(String, Option<String>),
    /// So many more are here and not listed; `Err` says why nobody knows.
    Others(Result<usize, String>),
}

impl Row {
    /// The name of the file.
    pub(crate) fn name(&self) -> &str {
        match self {
            Self::Good(name, _)
            | Self::Wrong(name, ..)
            | Self::Contradicts(name, _)
            | Self::Missing(name)
            | Self::Refused(name, _)
            | Self::Unread(name, _)
            | Self::Unlisted(name, _) => name,
            Self::Others(_) => "other files",
        }
    }

    /// The finding of the row, under a list that stands as `chain`.
    pub(crate) fn finding(&self, list: &str, chain: Answer, must: Must) -> Finding {
        let name = shell_word(self.name());
        match self {
            Self::Good(_, digest) => {
                let words = format!("{name} is as {list} lists it: {}", digest.short());
                self.told(chain, words, (FileState::Good, Some(chain.verdict())), Some(digest))
            }
            Self::Wrong(_, listed, found) => {
                let (is, wanted) = (found.short(), listed.short());
                let words = format!("{name} is {is}, {list} lists {wanted}");
                let counts = (FileState::Wrong, Some(Verdict::Refuted));
                self.told(Answer::Refuted, words, counts, Some(found))
            }
            Self::Contradicts(_, lines) => {
                let lines: Vec<String> = lines.iter().map(ToString::to_string).collect();
                let words =
                    format!("{list} lists two digests of {name}: lines {}", lines.join(", "));
                let counts = (FileState::Wrong, Some(Verdict::Refuted));
                self.told(Answer::Refuted, words, counts, None)
            }
            Self::Missing(_) => {
                let words = format!("{name} is listed and not here");
                let counts = (FileState::Missing, must.strict.then_some(Verdict::Absent));
                self.told(Answer::Absent, words.clone(), counts, None).warn("file-missing", words)
            }
            Self::Refused(_, why) => {
                let words = format!("{name} is listed, and was not opened: {why}");
                let counts = (FileState::Unread, Some(Verdict::Undecided));
                let finding = self.told(Answer::Undecided, words.clone(), counts, None);
                finding.warn("file-refused", words)
            }
            Self::Unread(_, why) => {
                let words = format!("{name} cannot be read: {why}");
                let counts = (FileState::Unread, Some(Verdict::Undecided));
                self.told(Answer::Undecided, words, counts, None)
            }
            Self::Others(Ok(count)) => {
                let words = format!("{count} more files are here and not listed in {list}");
                self.unvouched(words, must)
            }
            Self::Others(Err(why)) => {
                let words = format!("what else is here is not known: {why}");
                let counts = must.strict.then_some(Verdict::Undecided);
                let counts = (FileState::Unread, counts);
                let finding = self.told(Answer::Undecided, words.clone(), counts, None);
                finding.warn("folder-unread", words)
            }
            Self::Unlisted(_, other) => self.unlisted(&name, list, other.as_deref(), must),
        }
    }

    fn unlisted(&self, name: &str, list: &str, other: Option<&str>, must: Must) -> Finding {
        let but = other.map_or_else(String::new, |other| {
            format!("; the same bytes are listed as {}", shell_word(other))
        });
        let words = format!("{name} is here and not listed in {list}{but}");
        self.unvouched(words, must)
    }

    /// Here, and nothing vouches for it: what is demanded decides whether that is more than a
    /// warning.
    fn unvouched(&self, words: String, must: Must) -> Finding {
        let demanded = must.strict || must.named;
        let answer = if demanded { Answer::Refuted } else { Answer::Absent };
        let counts = (FileState::Unlisted, demanded.then_some(Verdict::Refuted));
        let finding = self.told(answer, words.clone(), counts, None);
        if must.named { finding } else { finding.warn("file-unlisted", words) }
    }

    fn told(
        &self,
        answer: Answer,
        words: String,
        (state, counts): (FileState, Option<Verdict>),
        digest: Option<&Digest>,
    ) -> Finding {
        let name = self.name().to_owned();
        let facts = FileFacts { name, digest: digest.cloned(), state, counts };
        Finding::new(answer, words).with(Facts::File(facts))
    }
}

/// What is demanded of files beyond their chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Must {
    /// `--strict`: a missing or unlisted file is no longer a warning.
    pub(crate) strict: bool,
    /// The file was named by the user, so it has to be listed.
    pub(crate) named: bool,
}
