//! YAML → a flat list of nodes that know which bytes they are.
//!
//! Nothing here is copied by an alias: it is a node of its own that points back, and nobody follows
//! it, so a document that doubles itself twenty times stays as small as it is written.
//!
//! `yamlpatch` was looked at and not taken: it finds its places with `tree-sitter` (C) and reads
//! them with a second YAML reader, rewrites more than the value, and cannot prove that it did not;
//! a list of replaced spans over the reader that is here already is smaller than its glue.

mod doubt;
mod outside;

use std::{borrow::Cow, collections::BTreeMap, ops::Range};

use saphyr_parser::{Event, Parser, ScalarStyle, Tag};

use self::doubt::Flaw;
use super::{
    scalar::{Style, Token},
    span::{Offsets, quoted_only, without_properties},
};

/// The most nodes of one file. The shortest ones take two bytes, usual ones twelve.
const MAX_NODES: usize = 1_000_000;
/// The deepest that nodes may lie in each other.
const MAX_DEPTH: usize = 64;

/// Where a node is.
pub(super) type At = usize;

/// What a node is.
#[derive(Debug)]
enum Shape {
    /// Text.
    Scalar(ScalarStyle),
    /// A list.
    List(Vec<At>),
    /// Names and values, in the order of the document.
    Map(Vec<(At, At)>),
    /// A second name for what stands elsewhere.
    Alias,
}

/// One node.
#[derive(Debug)]
struct Node<'a> {
    /// What it is.
    shape: Shape,
    /// The text of a scalar as YAML reads it.
    value: Cow<'a, str>,
    /// Its bytes, with its anchor and its tag.
    span: Range<usize>,
    /// The line, from 1.
    line: usize,
    /// Whether it is or stands in a flow collection, `[…]` or `{…}`.
    flow: bool,
    /// Whether it carries a tag (`!Ref`).
    tagged: bool,
    /// Whether it has a name for aliases.
    anchor: Anchor,
    /// Which event made it.
    event: usize,
    /// The name under which it stands in a map.
    name: Option<At>,
    /// Whether it is a name itself.
    is_name: bool,
    /// What holds it.
    parent: Option<At>,
    /// What is wrong with it as a collection, and with those that hold it.
    own: Option<Flaw>,
    above: Option<Flaw>,
}

impl<'a> Node<'a> {
    fn new(
        (shape, value): (Shape, Cow<'a, str>),
        (span, line, flow): (Range<usize>, usize, bool),
        (tagged, anchor): (bool, Anchor),
        (event, parent): (usize, Option<At>),
    ) -> Self {
        let (name, is_name, own, above) = (None, false, None, None);
        Self {
            shape,
            value,
            span,
            line,
            flow,
            tagged,
            anchor,
            event,
            name,
            is_name,
            parent,
            own,
            above,
        }
    }
}

/// All documents of a file.
#[derive(Debug)]
pub(super) struct Tree<'a> {
    /// The text, without a byte order mark.
    text: &'a str,
    nodes: Vec<Node<'a>>,
    /// The outermost node of each document.
    roots: Vec<At>,
}

/// A name for aliases.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Anchor {
    None,
    Unused,
    Used,
}

/// What is being read: a collection, and the name that waits for its value.
struct Open {
    at: At,
    name: Option<At>,
}

/// The events of a text: what two texts are compared by.
pub(super) fn events(text: &str) -> Result<Vec<Event<'_>>, String> {
    Parser::new_from_str(text).map(|e| e.map(|(event, _)| event).map_err(|e| told(&e))).collect()
}

/// What the reader says, in words that do not call characters bytes.
fn told(error: &saphyr_parser::ScanError) -> String {
    format!("line {}: {}", error.marker().line(), error.info())
}

/// Whether a list or a map is tagged as what it is anyway.
fn is_usual(tag: &Tag) -> bool {
    let name = [tag.handle.as_str(), tag.suffix.as_str()].concat();
    matches!(name.as_str(), "tag:yaml.org,2002:map" | "tag:yaml.org,2002:seq")
}

/// The node that an event begins: what it is, its text, its anchor, whether it carries a tag.
fn begun(event: Event<'_>) -> Option<(Shape, Cow<'_, str>, usize, bool)> {
    let nothing = Cow::Borrowed("");
    match event {
        Event::Alias(_) => Some((Shape::Alias, nothing, 0, false)),
        Event::Scalar(text, style, anchor, tag) => {
            Some((Shape::Scalar(style), text, anchor, tag.is_some()))
        }
        Event::SequenceStart(anchor, tag) => {
            Some((Shape::List(vec![]), nothing, anchor, tag.is_some_and(|tag| !is_usual(&tag))))
        }
        Event::MappingStart(anchor, tag) => {
            Some((Shape::Map(vec![]), nothing, anchor, tag.is_some_and(|tag| !is_usual(&tag))))
        }
        _ => None,
    }
}

impl<'a> Tree<'a> {
    /// Reads all documents of a file.
    ///
    /// # Errors
    /// In words: not YAML, too many nodes, nested too deep.
    pub(super) fn parse(text: &'a str) -> Result<Self, String> {
        let mut tree = Self { text, nodes: vec![], roots: vec![] };
        let offsets = Offsets::of(text);
        let mut open: Vec<Open> = vec![];
        let mut anchors: BTreeMap<usize, At> = BTreeMap::new();
        for (number, event) in Parser::new_from_str(text).enumerate() {
            let (event, span) = event.map_err(|e| told(&e))?;
            if let Event::Alias(id) = event
                && let Some(target) = anchors.get(&id).and_then(|at| tree.nodes.get_mut(*at))
            {
                target.anchor = Anchor::Used;
            }
            if matches!(event, Event::SequenceEnd | Event::MappingEnd) {
                open.pop();
            }
            let Some((shape, value, anchor, tagged)) = begun(event) else { continue };
            if tree.nodes.len() >= MAX_NODES || open.len() >= MAX_DEPTH {
                return Err(format!("more than {MAX_NODES} values, or nested over {MAX_DEPTH}"));
            }
            let at = tree.nodes.len();
            let opens = matches!(shape, Shape::List(_) | Shape::Map(_));
            let (line, span) = (span.start.line(), offsets.range(text, span));
            let span = match shape {
                Shape::Scalar(style) => quoted_only(text, span, style),
                _ => span,
            };
            let flow = tree.in_flow(&open, opens, &span);
            if anchor > 0 {
                anchors.insert(anchor, at);
            }
            let anchor = if anchor > 0 { Anchor::Unused } else { Anchor::None };
            let parent = open.last().map(|outer| outer.at);
            let place = (span, line, flow);
            tree.nodes.push(Node::new((shape, value), place, (tagged, anchor), (number, parent)));
            tree.put(at, &mut open);
            if opens {
                open.push(Open { at, name: None });
            }
        }
        tree.find_doubts();
        Ok(tree)
    }

    /// A block collection begins where its first entry begins and has no bytes of its own; a flow
    /// collection begins with its bracket.
    fn in_flow(&self, open: &[Open], opens: bool, span: &Range<usize>) -> bool {
        let outer = open.last().and_then(|o| self.nodes.get(o.at)).is_some_and(|n| n.flow);
        let source = self.text.get(span.clone()).unwrap_or_default().trim_end();
        outer || (opens && source.ends_with(['[', '{']))
    }

    /// Puts a node where it belongs.
    fn put(&mut self, at: At, open: &mut [Open]) {
        let Some(inside) = open.last_mut() else {
            self.roots.push(at);
            return;
        };
        let is_map = matches!(self.nodes.get(inside.at).map(|n| &n.shape), Some(Shape::Map(_)));
        if is_map && inside.name.is_none() {
            inside.name = Some(at);
            if let Some(node) = self.nodes.get_mut(at) {
                node.is_name = true;
            }
            return;
        }
        let name = inside.name.take();
        if let Some(node) = self.nodes.get_mut(at) {
            node.name = name;
        }
        match self.nodes.get_mut(inside.at).map(|n| &mut n.shape) {
            Some(Shape::List(items)) => items.push(at),
            Some(Shape::Map(pairs)) => pairs.extend(name.map(|name| (name, at))),
            _ => {}
        }
    }

    /// The nodes of each document: its outermost one comes first.
    pub(super) fn documents(&self) -> impl Iterator<Item = Range<At>> + '_ {
        let ends = self.roots.iter().skip(1).copied().chain([self.nodes.len()]);
        self.roots.iter().copied().zip(ends).map(|(start, end)| start..end)
    }

    /// How many nodes there are.
    pub(super) const fn len(&self) -> usize {
        self.nodes.len()
    }

    /// The line of a node, from 1; of a block of lines, the one on which its name stands.
    pub(super) fn line(&self, at: At) -> usize {
        let Some(node) = self.nodes.get(at) else { return 0 };
        let block = matches!(node.shape, Shape::Scalar(ScalarStyle::Literal | ScalarStyle::Folded));
        let name = node.name.filter(|_| block).and_then(|name| self.nodes.get(name));
        name.map_or(node.line, |name| name.line)
    }

    /// The pairs of a map; none where it is no map.
    pub(super) fn pairs(&self, at: At) -> &[(At, At)] {
        match self.nodes.get(at).map(|n| &n.shape) {
            Some(Shape::Map(pairs)) => pairs,
            _ => &[],
        }
    }

    /// The items of a list; none where it is no list.
    pub(super) fn items(&self, at: Option<At>) -> &[At] {
        match at.and_then(|at| self.nodes.get(at)).map(|n| &n.shape) {
            Some(Shape::List(items)) => items,
            _ => &[],
        }
    }

    /// Whether it is a map.
    pub(super) fn is_map(&self, at: At) -> bool {
        matches!(self.nodes.get(at).map(|n| &n.shape), Some(Shape::Map(_)))
    }

    /// The name and the value under a name; none where it stands there twice, because one reader
    /// takes the first and another the last.
    pub(super) fn pair(&self, at: At, name: &str) -> Option<(At, At)> {
        let mut found = self.pairs(at).iter().filter(|(own, _)| self.text_of(*own) == Some(name));
        let first = found.next()?;
        found.next().is_none().then_some(*first)
    }

    /// The value under a name.
    pub(super) fn get(&self, at: At, name: &str) -> Option<At> {
        self.pair(at, name).map(|(_, value)| value)
    }

    /// What lies at the end of names below each other.
    pub(super) fn below(&self, at: At, names: &str) -> Option<At> {
        names.split('.').filter(|n| !n.is_empty()).try_fold(at, |at, name| self.get(at, name))
    }

    /// The text of a scalar.
    pub(super) fn text_of(&self, at: At) -> Option<&str> {
        let node = self.nodes.get(at)?;
        matches!(node.shape, Shape::Scalar(_)).then_some(&*node.value)
    }

    /// The text of a scalar that is something: not empty and not YAML's null.
    pub(super) fn said(&self, at: At) -> Option<&str> {
        let text = self.text_of(at)?;
        let null = self.is_plain(at) && matches!(text, "~" | "null" | "Null" | "NULL");
        (!null && !text.is_empty()).then_some(text)
    }

    /// The text under a name.
    pub(super) fn said_at(&self, at: At, name: &str) -> Option<&str> {
        self.get(at, name).and_then(|at| self.said(at))
    }

    /// Whether it is text without quotes.
    pub(super) fn is_plain(&self, at: At) -> bool {
        matches!(self.nodes.get(at).map(|n| &n.shape), Some(Shape::Scalar(ScalarStyle::Plain)))
    }

    /// Whether it is the name of a pair and no value.
    pub(super) fn is_name(&self, at: At) -> bool {
        self.nodes.get(at).is_some_and(|n| n.is_name)
    }

    /// The name under which a node stands.
    pub(super) fn name_of(&self, at: At) -> Option<&str> {
        self.text_of(self.nodes.get(at)?.name?)
    }

    /// How a node is written.
    pub(super) fn source(&self, at: At) -> &'a str {
        self.nodes.get(at).and_then(|n| self.text.get(n.span.clone())).unwrap_or_default().trim()
    }

    /// The line on which a node begins, from its beginning and as far as it is ever shown.
    pub(super) fn rest_of_line(&self, at: At) -> &'a str {
        let start = self.nodes.get(at).map_or(0, |n| n.span.start);
        let rest = self.text.get(start..).unwrap_or_default();
        let end = rest.char_indices().take(512).find(|(_, c)| matches!(c, '\n' | '\r'));
        let end = end.or_else(|| rest.char_indices().nth(512)).map_or(rest.len(), |(i, _)| i);
        rest.get(..end).unwrap_or_default().trim()
    }

    /// The bytes of a scalar that are its value and nothing else: only those can be replaced and
    /// mean exactly what was put there.
    ///
    /// # Errors
    /// Why there are none, in words.
    pub(super) fn token(&self, at: At) -> Result<Token, &'static str> {
        let node = self.nodes.get(at).ok_or("it is not there")?;
        let style = match node.shape {
            Shape::Alias => return Err("an alias: what it means is written elsewhere"),
            Shape::List(_) | Shape::Map(_) => return Err("it is not text"),
            Shape::Scalar(ScalarStyle::Literal | ScalarStyle::Folded) => {
                return Err("it is written as a block of lines");
            }
            Shape::Scalar(ScalarStyle::SingleQuoted) => Style::Single,
            Shape::Scalar(ScalarStyle::DoubleQuoted) => Style::Double,
            Shape::Scalar(ScalarStyle::Plain) => Style::Plain,
        };
        if node.tagged {
            return Err("it carries a tag of YAML");
        }
        if node.anchor == Anchor::Used {
            return Err("it is anchored, and used elsewhere by an alias");
        }
        let source = self.text.get(node.span.clone()).unwrap_or_default();
        let content = without_properties(source);
        let written = style.quoted(&node.value);
        if content != written {
            let lines = content.contains(['\n', '\r']);
            return Err(if lines { "it goes over several lines" } else { "it has escapes" });
        }
        let start = node.span.end - content.len();
        Ok(Token { event: node.event, span: start..start + written.len(), style, flow: node.flow })
    }
}
