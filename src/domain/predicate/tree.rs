//! JSON of unknown size and shape → a tree with limits; what is over them is counted, not kept.
//!
//! A predicate may be 100 MB of anything. It is read in one pass, and how much memory that takes is
//! decided here and not by whoever wrote it.

use std::{cell::Cell, fmt};

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// The longest text that is kept, in bytes; a longer one is cut and says so.
pub const MAX_TEXT: usize = 4096;
/// Deeper values are counted and not kept.
const MAX_DEPTH: usize = 64;
/// Fields this near to the root are kept also when lists have used up the room: `metadata` may
/// stand behind a million `components`.
const NEAR: usize = 3;
/// How many such fields.
const RESERVE: usize = 10_000;

/// One value of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tree {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number, as a reader of JSON sees it.
    Number(String),
    /// A text of at most [`MAX_TEXT`] bytes; one that was cut ends with `…[N bytes]`.
    Text(String),
    /// An array.
    List {
        /// The items that were kept, the first ones.
        items: Vec<Self>,
        /// How many were not.
        left_out: usize,
    },
    /// An object.
    Map {
        /// The fields that were kept, in the order of the document.
        fields: Vec<(String, Self)>,
        /// How many were not.
        left_out: usize,
    },
}

/// How much of a document is kept.
#[derive(Clone, Copy, Debug)]
pub struct Room {
    /// Values, of every kind.
    pub nodes: usize,
    /// Bytes of all texts and names together.
    pub text: usize,
}

/// Enough for a scan of a few thousand findings; thrown away once it is summarised.
pub const TO_READ: Room = Room { nodes: 400_000, text: 16 << 20 };
/// Enough for a screen.
pub const TO_SHOW: Room = Room { nodes: 4_000, text: 256 << 10 };

impl Tree {
    /// Reads a document. Of the fields of the root that `counted` names only the number of items is
    /// kept.
    ///
    /// # Errors
    /// The words of the JSON reader: not JSON, or nested over 128 levels.
    pub fn read(text: &str, counted: &[&str], room: Room) -> Result<Self, String> {
        let left = Left::of(room);
        let mut reader = serde_json::Deserializer::from_str(text);
        let seed = Seed { depth: 0, left: &left, counted, keep: true };
        let tree = seed.deserialize(&mut reader).map_err(|e| e.to_string())?;
        reader.end().map_err(|e| e.to_string())?;
        Ok(tree)
    }

    /// The same with less in it.
    #[must_use]
    pub fn pruned(self, room: Room) -> Self {
        self.prune(0, &Left::of(room))
    }

    fn prune(self, depth: usize, left: &Left) -> Self {
        match self {
            Self::Text(text) => Self::Text(left.text(&text)),
            Self::List { items, mut left_out } => {
                let mut kept = vec![];
                for item in items {
                    if left.take(depth, false) {
                        kept.push(item.prune(depth + 1, left));
                    } else {
                        left_out += 1;
                    }
                }
                Self::List { items: kept, left_out }
            }
            Self::Map { fields, mut left_out } => {
                let mut kept = vec![];
                for (name, value) in fields {
                    if left.take(depth, true) {
                        kept.push((left.text(&name), value.prune(depth + 1, left)));
                    } else {
                        left_out += 1;
                    }
                }
                Self::Map { fields: kept, left_out }
            }
            other => other,
        }
    }

    /// The value of a field; `None` also for a value that is no object, and for `null`.
    pub fn get(&self, name: &str) -> Option<&Self> {
        let Self::Map { fields, .. } = self else { return None };
        let found = fields.iter().find(|(known, _)| known == name).map(|(_, value)| value);
        found.filter(|value| **value != Self::Null)
    }

    /// The value at the end of a path of fields.
    pub fn at(&self, path: &[&str]) -> Option<&Self> {
        path.iter().try_fold(self, |value, name| value.get(name))
    }

    /// The text, if it is one.
    pub const fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text.as_str()),
            _ => None,
        }
    }

    /// The items that were kept; none for what is no array.
    pub const fn items(&self) -> &[Self] {
        match self {
            Self::List { items, .. } => items.as_slice(),
            _ => &[],
        }
    }

    /// How many items or fields the document has there, the ones that were left out included.
    pub const fn len(&self) -> usize {
        match self {
            Self::List { items, left_out } => items.len().saturating_add(*left_out),
            Self::Map { fields, left_out } => fields.len().saturating_add(*left_out),
            _ => 0,
        }
    }

    /// Whether it has no items and no fields.
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// What kind of value it is, in words.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "true or false",
            Self::Number(_) => "a number",
            Self::Text(_) => "a text",
            Self::List { .. } => "an array",
            Self::Map { .. } => "an object",
        }
    }
}

/// What is still free.
struct Left {
    nodes: Cell<usize>,
    reserve: Cell<usize>,
    text: Cell<usize>,
}

impl Left {
    const fn of(room: Room) -> Self {
        Self {
            nodes: Cell::new(room.nodes),
            reserve: Cell::new(if room.nodes < RESERVE { room.nodes } else { RESERVE }),
            text: Cell::new(room.text),
        }
    }

    /// Room for one value inside a container at that depth.
    fn take(&self, depth: usize, field: bool) -> bool {
        let from = match self.nodes.get() {
            0 if field && depth < NEAR => &self.reserve,
            _ => &self.nodes,
        };
        match from.get().checked_sub(1) {
            Some(rest) if depth < MAX_DEPTH => {
                from.set(rest);
                true
            }
            _ => false,
        }
    }

    /// As much of a text as there is room for; a short one always.
    fn text(&self, whole: &str) -> String {
        let room = self.text.get().clamp(64, MAX_TEXT);
        if whole.len() <= room {
            self.text.set(self.text.get().saturating_sub(whole.len()));
            return whole.to_owned();
        }
        let end = (0..=room).rev().find(|i| whole.is_char_boundary(*i)).unwrap_or(0);
        let (head, _) = whole.split_at(end);
        self.text.set(self.text.get().saturating_sub(head.len()));
        format!("{head}…[{} bytes]", whole.len())
    }
}

#[derive(Clone, Copy)]
struct Seed<'a> {
    depth: usize,
    left: &'a Left,
    counted: &'a [&'a str],
    /// Whether what is inside is kept, or only counted.
    keep: bool,
}

impl Seed<'_> {
    fn inside(self, keep: bool) -> Self {
        Self { depth: self.depth + 1, counted: &[], keep, ..self }
    }
}

impl<'de> DeserializeSeed<'de> for Seed<'_> {
    type Value = Tree;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Tree, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Seed<'_> {
    type Value = Tree;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Tree, E> {
        Ok(Tree::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Tree, E> {
        Ok(Tree::Number(value.to_string()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Tree, E> {
        Ok(Tree::Number(value.to_string()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Tree, E> {
        Ok(Tree::Number(value.to_string()))
    }

    fn visit_str<E>(self, value: &str) -> Result<Tree, E> {
        Ok(Tree::Text(self.left.text(value)))
    }

    fn visit_unit<E>(self) -> Result<Tree, E> {
        Ok(Tree::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut from: A) -> Result<Tree, A::Error> {
        let (mut items, mut left_out) = (vec![], 0);
        loop {
            if self.keep && self.left.take(self.depth, false) {
                match from.next_element_seed(self.inside(true))? {
                    Some(item) => items.push(item),
                    None => return Ok(Tree::List { items, left_out }),
                }
            } else if from.next_element::<IgnoredAny>()?.is_some() {
                left_out += 1;
            } else {
                return Ok(Tree::List { items, left_out });
            }
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut from: A) -> Result<Tree, A::Error> {
        let (mut fields, mut left_out) = (vec![], 0);
        while let Some(name) = from.next_key::<String>()? {
            if self.keep && self.left.take(self.depth, true) {
                let keep = !self.counted.contains(&name.as_str());
                let value = from.next_value_seed(self.inside(keep))?;
                fields.push((self.left.text(&name), value));
            } else {
                from.next_value::<IgnoredAny>()?;
                left_out += 1;
            }
        }
        Ok(Tree::Map { fields, left_out })
    }
}
