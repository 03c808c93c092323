//! What makes a value doubtful although it is written plainly: what stands around it.
//!
//! `go-yaml` 2 (kubectl, Helm) lets a later merge win over a name that is there, 3 does not; an alias
//! or a tag may make any name of another one; what carries an anchor stands in two places.

use std::collections::BTreeSet;

use saphyr_parser::ScalarStyle;

use super::{Anchor, At, Shape, Tree};

/// What is wrong with a collection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Flaw {
    /// An alias repeats it.
    Repeated,
    /// It carries a tag.
    Tagged,
    /// A name stands there twice.
    Twice,
    /// A name is an alias, carries a tag or is no text.
    Odd,
    /// Something is merged into it.
    Merged,
}

impl Flaw {
    const fn own(self) -> &'static str {
        match self {
            Self::Repeated => "it is repeated elsewhere by an anchor",
            Self::Tagged => "what holds it carries a tag of YAML",
            Self::Twice => "a name stands twice in the map that holds it",
            Self::Odd => "a name beside it is no plain text",
            Self::Merged => "what is merged into it may name another image",
        }
    }

    const fn above(self) -> &'static str {
        match self {
            Self::Twice => "a name stands twice above it",
            Self::Odd => "a name above it is no plain text",
            Self::Merged => "what is merged in above it may stand in its place",
            Self::Repeated | Self::Tagged => self.own(),
        }
    }
}

impl Tree<'_> {
    /// Looks at every collection once; those outside come before those in them.
    pub(super) fn find_doubts(&mut self) {
        for at in 0..self.nodes.len() {
            let own = self.flaw(at);
            let parent = self.nodes.get(at).and_then(|node| node.parent);
            let above = parent.and_then(|parent| self.nodes.get(parent));
            let above = above.and_then(|node| node.own.or(node.above));
            if let Some(node) = self.nodes.get_mut(at) {
                (node.own, node.above) = (own, above);
            }
        }
    }

    fn flaw(&self, at: At) -> Option<Flaw> {
        let node = self.nodes.get(at)?;
        if !matches!(node.shape, Shape::List(_) | Shape::Map(_)) {
            None
        } else if node.anchor == Anchor::Used {
            Some(Flaw::Repeated)
        } else if node.tagged {
            Some(Flaw::Tagged)
        } else if self.pairs(at).iter().any(|(name, _)| self.is_odd(*name)) {
            Some(Flaw::Odd)
        } else if self.repeats(at) {
            Some(Flaw::Twice)
        } else {
            self.merges(at).then_some(Flaw::Merged)
        }
    }

    /// Why a value that is written here may not be the one that is read.
    pub(in super::super) fn doubt(&self, at: At) -> Option<&'static str> {
        let parent = self.nodes.get(at)?.parent?;
        self.doubt_in(parent)
    }

    /// The same of everything in a collection.
    pub(in super::super) fn doubt_in(&self, holder: At) -> Option<&'static str> {
        let node = self.nodes.get(holder)?;
        node.own.map(Flaw::own).or_else(|| node.above.map(Flaw::above))
    }

    /// Whether names may stand in a map that are not written in it.
    pub(in super::super) fn is_vague(&self, at: At) -> bool {
        self.vague(at).is_some()
    }

    /// The first value whose name is not what it seems, and how.
    pub(in super::super) fn vague(&self, at: At) -> Option<(At, &'static str)> {
        let of = |(name, value): &(At, At)| {
            if self.is_odd(*name) {
                Some((*value, "its name is no plain text"))
            } else if self.text_of(*name) == Some("<<") {
                Some((*value, "what is merged in here may name an image"))
            } else {
                None
            }
        };
        self.pairs(at).iter().find_map(of)
    }

    /// Whether a name is anything but text that stands there: an alias, a tag, a list, a block.
    pub(in super::super) fn is_odd(&self, name: At) -> bool {
        use ScalarStyle::{DoubleQuoted, Plain, SingleQuoted};
        self.nodes.get(name).is_none_or(|node| {
            node.tagged || !matches!(node.shape, Shape::Scalar(Plain | SingleQuoted | DoubleQuoted))
        })
    }

    /// Whether a map merges another one into itself (`<<`).
    fn merges(&self, at: At) -> bool {
        self.pairs(at).iter().any(|(name, _)| self.text_of(*name) == Some("<<"))
    }

    /// Whether a name stands twice in a map.
    fn repeats(&self, at: At) -> bool {
        let mut seen = BTreeSet::new();
        self.pairs(at).iter().any(|(name, _)| !seen.insert(self.text_of(*name)))
    }

    /// Whether it is a second name for what stands elsewhere.
    pub(in super::super) fn is_alias(&self, at: At) -> bool {
        self.nodes.get(at).is_some_and(|node| matches!(node.shape, Shape::Alias))
    }

    /// Whether it carries a tag.
    pub(in super::super) fn is_tagged(&self, at: At) -> bool {
        self.nodes.get(at).is_some_and(|node| node.tagged)
    }

    /// What holds a node.
    pub(in super::super) fn parent(&self, at: At) -> Option<At> {
        self.nodes.get(at)?.parent
    }
}
