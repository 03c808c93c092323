//! What is collected while a file is read: places with the bytes that are theirs.

use super::{
    super::{Reference, text},
    Form, LeftAlone, Place,
    scalar::{self, Token},
    tree::{At, Tree},
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
    /// The map that was looked through last for names that stand there twice, and whether they do.
    repeats: Option<(At, bool)>,
}

impl<'t, 'a> Found<'t, 'a> {
    /// Nothing yet.
    pub(super) fn new(tree: &'t Tree<'a>) -> Self {
        Self { tree, places: vec![], left: vec![], claimed: vec![false; tree.len()], repeats: None }
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
    pub(super) fn leave(&mut self, at: At, why: impl Into<String>) {
        let written = match self.tree.source(at) {
            "" => self.tree.rest_of_line(at),
            source => source,
        };
        self.claim(at);
        self.left.push(left_alone(self.tree.line(at), written, why));
    }

    /// A node that is a whole reference, in a map that may hold it only once.
    pub(super) fn word(&mut self, map: At, at: At) {
        self.word_behind(map, at, "");
    }

    /// A node that is a whole reference behind a prefix.
    pub(super) fn word_behind(&mut self, map: At, at: At, prefix: &str) {
        if self.is_claimed(at) || (self.tree.text_of(at).is_some() && self.tree.said(at).is_none())
        {
            return;
        }
        let repeats = match self.repeats {
            Some((of, repeats)) if of == map => repeats,
            _ => self.tree.repeats(map),
        };
        self.repeats = Some((map, repeats));
        match read_word(self.tree, at, prefix, repeats) {
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

    /// The word under the name `image` of a map.
    pub(super) fn image(&mut self, map: At) {
        let mut names = self.tree.pairs(map).iter().copied();
        let images: Vec<At> = names
            .by_ref()
            .filter(|(name, _)| self.tree.text_of(*name) == Some("image"))
            .map(|(_, value)| value)
            .collect();
        for at in &images {
            self.word(map, *at);
        }
        let merged = self.tree.pairs(map).iter().find(|(n, _)| self.tree.text_of(*n) == Some("<<"));
        if let (true, Some((_, at))) = (images.is_empty(), merged) {
            self.leave(*at, "its image may come through a merge key");
        }
    }
}

/// What is left alone, as short as it is shown.
pub(super) fn left_alone(line: usize, written: &str, why: impl Into<String>) -> LeftAlone {
    let first: String = written.chars().take(SHOWN * 4).collect();
    LeftAlone { line, written: text::shorten(&first, SHOWN), why: why.into() }
}

fn read_word(
    tree: &Tree<'_>,
    at: At,
    prefix: &str,
    repeats: bool,
) -> Result<(Token, Reference), String> {
    let Some(text) = tree.text_of(at) else {
        // `{{ .x }}` without quotes is a map in a map to YAML.
        let template = tree.source(at).starts_with('{') && tree.rest_of_line(at).starts_with("{{");
        return Err(if template { "a template decides it" } else { refusal(tree, at) }.to_owned());
    };
    if let Some(why) = scalar::computed(text) {
        return Err(why.to_owned());
    }
    let token = tree.token(at)?;
    if repeats {
        return Err("a name stands twice in the map that holds it".to_owned());
    }
    if tree.is_plain(at) && !scalar::reads_as_text(text) {
        return Err("YAML reads it as a number or a word of its own".to_owned());
    }
    let reference = scalar::reference(text.strip_prefix(prefix).unwrap_or(text))?;
    Ok((token, reference))
}

fn refusal(tree: &Tree<'_>, at: At) -> &'static str {
    tree.token(at).err().unwrap_or("it is not text")
}
