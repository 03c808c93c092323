//! YAML → a flat list of nodes that point at each other.
//!
//! An alias is a second pointer and never a copy, so a document that doubles itself twenty times
//! stays as small as it is written; whoever walks it counts their steps.

#[cfg(test)]
use std::cell::Cell;
use std::{
    cmp::Ordering,
    collections::{BTreeMap, BTreeSet},
};

use saphyr_parser::{Event, Parser, ScalarStyle};

/// The most nodes of one document.
const MAX_NODES: usize = 100_000;
/// The deepest that nodes may lie in each other.
const MAX_DEPTH: usize = 64;
/// The most bytes of a name: it is copied wherever an alias of it is one.
const MAX_NAME: usize = 1_024;
/// A map of more names than this is looked up in order, not from its beginning: a chart may ask one
/// map of thirty thousand names thirty thousand times.
const FEW: usize = 16;

/// Where a node is.
pub(super) type At = usize;

/// One node.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Node {
    /// Text, and whether it stands in quotes.
    Scalar(String, bool),
    /// A list.
    List(Vec<At>),
    /// Names and values, in the order of the document.
    Map(Vec<(String, At)>),
}

/// The first document of a file.
#[derive(Debug, Default)]
pub(super) struct Document {
    nodes: Vec<Node>,
    /// The line of each node, from 1.
    lines: Vec<usize>,
    root: At,
    /// For each map of more than [`FEW`] names, its pairs in the order of their names.
    sorted: BTreeMap<At, Vec<usize>>,
    /// How many names were compared with one that was looked for.
    #[cfg(test)]
    pub(super) compared: Cell<usize>,
}

/// What is being read: a node, and the name that waits for its value.
struct Open {
    at: At,
    name: Option<String>,
    names: BTreeSet<String>,
}

impl Document {
    /// Reads the first document; an empty one is an empty map.
    ///
    /// # Errors
    /// In words, also where a name stands twice: one reader takes the first and another the last.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let mut document = Self::default();
        let mut open: Vec<Open> = vec![];
        let mut anchors: BTreeMap<usize, At> = BTreeMap::new();
        let mut root = None;
        for event in Parser::new_from_str(text) {
            let (event, span) = event.map_err(|e| e.to_string())?;
            let line = span.start.line();
            let (node, anchor, opens) = match event {
                Event::DocumentEnd | Event::StreamEnd => break,
                Event::StreamStart | Event::DocumentStart(_) | Event::Nothing => continue,
                Event::SequenceEnd | Event::MappingEnd => {
                    open.pop();
                    continue;
                }
                Event::Alias(id) => {
                    let at = *anchors.get(&id).ok_or("an alias of nothing")?;
                    document.put(at, &mut open, &mut root)?;
                    continue;
                }
                Event::Scalar(text, style, anchor, _) => {
                    let quoted = style != ScalarStyle::Plain;
                    (Node::Scalar(text.into_owned(), quoted), anchor, false)
                }
                Event::SequenceStart(anchor, _) => (Node::List(vec![]), anchor, true),
                Event::MappingStart(anchor, _) => (Node::Map(vec![]), anchor, true),
            };
            if document.nodes.len() >= MAX_NODES || open.len() >= MAX_DEPTH {
                return Err(format!("more than {MAX_NODES} values, or nested over {MAX_DEPTH}"));
            }
            let at = document.nodes.len();
            document.nodes.push(node);
            document.lines.push(line);
            if anchor > 0 {
                anchors.insert(anchor, at);
            }
            document.put(at, &mut open, &mut root)?;
            if opens {
                open.push(Open { at, name: None, names: BTreeSet::new() });
            }
        }
        if root.is_none() {
            let nodes = vec![Node::Map(vec![])];
            document = Self { nodes, lines: vec![1], ..Self::default() };
        }
        document.root = root.unwrap_or(0);
        document.sort();
        Ok(document)
    }

    /// Notes the order of the names of every large map.
    fn sort(&mut self) {
        for (at, node) in self.nodes.iter().enumerate() {
            let Node::Map(pairs) = node else { continue };
            if pairs.len() > FEW {
                let mut order: Vec<usize> = (0..pairs.len()).collect();
                // Stable: of several merges the first one stays the first.
                order.sort_by_key(|n| pairs.get(*n).map(|(name, _)| name));
                self.sorted.insert(at, order);
            }
        }
    }

    /// Puts a finished or begun node where it belongs.
    fn put(&mut self, at: At, open: &mut [Open], root: &mut Option<At>) -> Result<(), String> {
        let Some(inside) = open.last_mut() else {
            root.get_or_insert(at);
            return Ok(());
        };
        let Some(parent) = self.nodes.get(inside.at) else { return Ok(()) };
        if matches!(parent, Node::Map(_)) && inside.name.is_none() {
            let name = match self.nodes.get(at) {
                Some(Node::Scalar(name, _)) if name.len() > MAX_NAME => {
                    return Err(format!("line {}: a name over {MAX_NAME} bytes", self.line(at)));
                }
                Some(Node::Scalar(name, _)) => name.clone(),
                _ => return Err(format!("line {}: a name that is no text", self.line(at))),
            };
            // A merge of maps may stand there several times.
            if name != "<<" && !inside.names.insert(name.clone()) {
                return Err(format!("line {}: {name:?} stands there twice", self.line(at)));
            }
            inside.name = Some(name);
            return Ok(());
        }
        match self.nodes.get_mut(inside.at) {
            Some(Node::List(items)) => items.push(at),
            Some(Node::Map(pairs)) => pairs.extend(inside.name.take().map(|name| (name, at))),
            _ => {}
        }
        Ok(())
    }

    /// The outermost node.
    pub(super) const fn root(&self) -> At {
        self.root
    }

    /// A node.
    pub(super) fn node(&self, at: At) -> Option<&Node> {
        self.nodes.get(at)
    }

    /// The line of a node, from 1.
    pub(super) fn line(&self, at: At) -> usize {
        self.lines.get(at).copied().unwrap_or(0)
    }

    /// The value under a name.
    pub(super) fn get(&self, at: At, name: &str) -> Option<At> {
        match self.nodes.get(at)? {
            Node::Map(pairs) => {
                let compare = |pair: Option<&(String, At)>| {
                    #[cfg(test)]
                    self.compared.set(self.compared.get() + 1);
                    pair.map(|(own, _)| own.as_str().cmp(name))
                };
                let found = match self.sorted.get(&at) {
                    Some(order) => {
                        let before = |n: &usize| compare(pairs.get(*n)) == Some(Ordering::Less);
                        let n = order.partition_point(before);
                        pairs.get(*order.get(n)?)
                    }
                    None => pairs.iter().find(|pair| compare(Some(*pair)) == Some(Ordering::Equal)),
                };
                found.filter(|(own, _)| own == name).map(|(_, at)| *at)
            }
            _ => None,
        }
    }

    /// Text; YAML's null is none.
    pub(super) fn scalar(&self, at: At) -> Option<&str> {
        match self.nodes.get(at)? {
            Node::Scalar(text, quoted) => {
                let null = !quoted && matches!(text.as_str(), "" | "~" | "null" | "Null" | "NULL");
                (!null).then_some(text.as_str())
            }
            _ => None,
        }
    }

    /// The items of a list; none where it is no list.
    pub(super) fn items(&self, at: Option<At>) -> Vec<At> {
        match at.and_then(|at| self.nodes.get(at)) {
            Some(Node::List(items)) => items.clone(),
            _ => vec![],
        }
    }
}
