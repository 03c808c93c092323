//! Reading foreign JSON in one pass, without trusting the type of anything in it.
//!
//! Derived structs stop at the first value of a wrong type and collect lists before anyone counts
//! them: one bad entry would hide a whole document, and 256 MiB of `{},` would become gigabytes.
//! Here a [`Reader`] is shown an object or an array as it stands in the stream, and says of
//! everything else what it found instead.

use std::{borrow::Cow, fmt, marker::PhantomData};

use serde::{
    Deserialize, Deserializer,
    de::{DeserializeSeed, IgnoredAny, MapAccess, SeqAccess, Visitor},
};

/// What stood where a [`Reader`] looked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// What it reads.
    Wanted,
    /// `null`, which many writers mean as "not there".
    Null,
    /// Something else, in words; it was skipped.
    Other(&'static str),
}

/// Reads an object or an array out of the stream.
pub(super) trait Reader<'de>: Sized {
    /// Reads an object; unless overridden it is skipped.
    fn object<A: MapAccess<'de>>(self, mut map: A) -> Result<Found, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Found::Other("an object"))
    }
    /// Reads an array; unless overridden it is skipped.
    fn array<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Found, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Found::Other("an array"))
    }
}

/// A [`Reader`] as serde wants it.
pub(super) struct Read<R>(pub(super) R);

impl<'de, R: Reader<'de>> DeserializeSeed<'de> for Read<R> {
    type Value = Found;
    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Found, D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de, R: Reader<'de>> Visitor<'de> for Read<R> {
    type Value = Found;
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }
    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Found, A::Error> {
        self.0.object(map)
    }
    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Found, A::Error> {
        self.0.array(seq)
    }
    fn visit_unit<E>(self) -> Result<Found, E> {
        Ok(Found::Null)
    }
    fn visit_bool<E>(self, _: bool) -> Result<Found, E> {
        Ok(Found::Other("a boolean"))
    }
    fn visit_i64<E>(self, _: i64) -> Result<Found, E> {
        Ok(Found::Other("a number"))
    }
    fn visit_u64<E>(self, _: u64) -> Result<Found, E> {
        Ok(Found::Other("a number"))
    }
    fn visit_f64<E>(self, _: f64) -> Result<Found, E> {
        Ok(Found::Other("a number"))
    }
    fn visit_str<E>(self, _: &str) -> Result<Found, E> {
        Ok(Found::Other("a string"))
    }
}

/// Shows every element of an array to a function, with its index, and collects nothing.
pub(super) struct Each<T, F>(F, PhantomData<fn() -> T>);

/// [`Each`] for elements of the type that `f` takes.
pub(super) fn each<'de, T: Deserialize<'de>, F: FnMut(usize, T)>(f: F) -> Read<Each<T, F>> {
    Read(Each(f, PhantomData))
}

impl<'de, T: Deserialize<'de>, F: FnMut(usize, T)> Reader<'de> for Each<T, F> {
    fn array<A: SeqAccess<'de>>(mut self, mut seq: A) -> Result<Found, A::Error> {
        let mut index = 0_usize;
        while let Some(element) = seq.next_element::<T>()? {
            (self.0)(index, element);
            index = index.saturating_add(1);
        }
        Ok(Found::Wanted)
    }
}

/// A value that should be text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) enum Text<'a> {
    /// `null`, or no such member.
    #[default]
    Missing,
    /// A string, borrowed from the document where it has no escapes.
    Is(Cow<'a, str>),
    /// A number, which is legible but not what stands there: `1.10` is read as `1.1`.
    Number(String),
    /// Something else, in words; it was skipped.
    Not(&'static str),
}

impl<'a> Text<'a> {
    /// The text, if it is a string that says something.
    pub(super) fn said(self) -> Option<Cow<'a, str>> {
        match self {
            Self::Is(text) if !text.is_empty() => Some(text),
            Self::Number(text) => Some(Cow::Owned(text)),
            Self::Is(_) | Self::Missing | Self::Not(_) => None,
        }
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(TextVisitor(PhantomData))
    }
}

struct TextVisitor<'a>(PhantomData<&'a ()>);

impl<'de: 'a, 'a> Visitor<'de> for TextVisitor<'a> {
    type Value = Text<'a>;
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }
    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Text<'a>, E> {
        Ok(Text::Is(Cow::Borrowed(text)))
    }
    fn visit_str<E>(self, text: &str) -> Result<Text<'a>, E> {
        Ok(Text::Is(Cow::Owned(text.to_owned())))
    }
    fn visit_unit<E>(self) -> Result<Text<'a>, E> {
        Ok(Text::Missing)
    }
    fn visit_bool<E>(self, _: bool) -> Result<Text<'a>, E> {
        Ok(Text::Not("a boolean"))
    }
    fn visit_i64<E>(self, number: i64) -> Result<Text<'a>, E> {
        Ok(Text::Number(number.to_string()))
    }
    fn visit_u64<E>(self, number: u64) -> Result<Text<'a>, E> {
        Ok(Text::Number(number.to_string()))
    }
    fn visit_f64<E>(self, number: f64) -> Result<Text<'a>, E> {
        Ok(Text::Number(number.to_string()))
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Text<'a>, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Text::Not("an object"))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Text<'a>, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Text::Not("an array"))
    }
}
