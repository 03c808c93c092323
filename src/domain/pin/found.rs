//! What is collected while a file is read: places with the bytes that are theirs.

use super::{
    super::{Reference, text},
    Form, LeftAlone, Place,
    scalar::{self, Token},
    tree::{At, Tree},
    why::Why,
};

/// The most columns of what is shown of a text that is left alone.
const SHOWN: usize = 120;
/// In front of an image where other things can stand too, in workflows.
pub(super) const DOCKER: &str = "docker://";

/// Which bytes of a file are one place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Site {
    /// A whole reference, behind a prefix of that many bytes.
    Word(Token, usize),
    /// A tag with a digest in one value: `tag: 1.2@sha256:…`.
    Tagged(Token),
    /// A tag and a digest as values of their own.
    Parts(Parts),
}

/// A reference in parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Parts {
    /// The names of the tag and the digest.
    pub(super) names: Names,
    /// The tag.
    pub(super) tag: Slot,
    /// What the chart puts behind the tag.
    pub(super) suffix: String,
    /// The digest.
    pub(super) digest: Slot,
}

/// The names of the parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Names {
    /// Of the tag.
    pub(super) tag: &'static str,
    /// Of the digest.
    pub(super) digest: &'static str,
    /// Whether a new value is quoted even where it need not be.
    pub(super) quoted: bool,
}

/// One part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Slot {
    /// Its name is not there.
    Absent,
    /// Its name is there and nothing behind it.
    Empty {
        /// The name.
        name: Token,
        /// Which event of the reader the nothing is.
        event: usize,
    },
    /// It is there, perhaps as `""`.
    Written {
        /// The name.
        name: Token,
        /// The value.
        value: Token,
    },
}

impl Site {
    /// Where it begins; of parts, where the first one that can be written begins.
    pub(super) fn start(&self) -> usize {
        match self {
            Self::Word(token, _) | Self::Tagged(token) => token.span.start,
            Self::Parts(Parts { tag, digest, .. }) => {
                let starts = [tag, digest].into_iter().filter_map(|slot| match slot {
                    Slot::Absent => None,
                    Slot::Empty { name, .. } | Slot::Written { name, .. } => Some(name.span.start),
                });
                starts.min().unwrap_or_default()
            }
        }
    }
}

/// The collector.
#[derive(Debug)]
pub(super) struct Found<'t, 'a> {
    /// The file.
    pub(super) tree: &'t Tree<'a>,
    /// What can be pinned.
    pub(super) places: Vec<(Place, Site)>,
    /// What is left alone.
    pub(super) left: Vec<LeftAlone>,
    /// Which nodes were spoken of.
    claimed: Vec<bool>,
}

impl<'t, 'a> Found<'t, 'a> {
    /// Nothing yet.
    pub(super) fn new(tree: &'t Tree<'a>) -> Self {
        Self { tree, places: vec![], left: vec![], claimed: vec![false; tree.len()] }
    }

    /// Whether a node was spoken of.
    pub(super) fn is_claimed(&self, at: At) -> bool {
        self.claimed.get(at).copied().unwrap_or(false)
    }

    /// Speaks of a node.
    pub(super) fn claim(&mut self, at: At) {
        if let Some(claimed) = self.claimed.get_mut(at) {
            *claimed = true;
        }
    }

    /// A node that is not touched.
    pub(super) fn leave(&mut self, at: At, why: impl Into<Why>) {
        let written = match self.tree.source(at) {
            // Of a list or a map, only its bracket is known.
            "" | "{" | "[" => self.tree.rest_of_line(at),
            source => source,
        };
        self.claim(at);
        self.left.push(left_alone(self.tree.line(at), written, why));
    }

    /// A node that is a whole reference.
    pub(super) fn word(&mut self, at: At) {
        self.word_behind(at, "");
    }

    /// A node that is a whole reference behind a prefix.
    pub(super) fn word_behind(&mut self, at: At, prefix: &str) {
        let nothing = self.tree.text_of(at).is_some() && self.tree.said(at).is_none();
        if self.is_claimed(at) || (nothing && self.tree.doubt(at).is_none()) {
            return;
        }
        match read_word(self.tree, at, prefix) {
            Ok((token, reference)) => {
                self.claim(at);
                let written = self.tree.text_of(at).unwrap_or_default().to_owned();
                let place =
                    Place { line: self.tree.line(at), form: Form::Word, written, reference };
                self.places.push((place, Site::Word(token, prefix.len())));
            }
            Err(why) => self.leave(at, why),
        }
    }
}

/// What is left alone, as short as it is shown.
pub(super) fn left_alone(line: usize, written: &str, why: impl Into<Why>) -> LeftAlone {
    let Why { text: why, open } = why.into();
    let first: String = written.chars().take(SHOWN * 4).collect();
    LeftAlone { line, written: text::shorten(&first, SHOWN), why, open }
}

fn read_word(tree: &Tree<'_>, at: At, prefix: &str) -> Result<(Token, Reference), Why> {
    // First of all: what stands here may not be what is read, whatever it is.
    if let Some(why) = tree.doubt(at) {
        return Err(why.into());
    }
    let Some(text) = tree.text_of(at) else {
        // `{{ .x }}` without quotes is a map in a map to YAML.
        let template = tree.source(at).starts_with('{') && tree.rest_of_line(at).starts_with("{{");
        return Err(if template {
            Why::decided("a template decides it")
        } else {
            refusal(tree, at).into()
        });
    };
    if let Some(why) = scalar::computed(text) {
        return Err(why);
    }
    let token = tree.token(at)?;
    if tree.is_plain(at) && !scalar::reads_as_text(text) {
        return Err("YAML reads it as a number or a word of its own".into());
    }
    let reference = scalar::reference(text.strip_prefix(prefix).unwrap_or(text))?;
    Ok((token, reference))
}

fn refusal(tree: &Tree<'_>, at: At) -> &'static str {
    tree.token(at).err().unwrap_or("it is not text")
}
