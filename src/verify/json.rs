//! JSON that two readers cannot read differently.
//!
//! A document in which a key stands twice means one thing to a reader that takes the first and
//! another to one that takes the last: signed evidence with such a document is refused. And a field
//! that nobody here knows may mean something to the next verifier, so where the fields are known,
//! others are not skipped. Both are found while reading, without building the document: what is
//! foreign must not decide how much memory it takes.

use std::{collections::HashSet, fmt};

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

/// The fields of one object, each with the shape of its value where that is looked into.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shape {
    pub(super) fields: &'static [(&'static str, Option<&'static Self>)],
    /// Of these exactly one must be there.
    pub(super) one_of: &'static [&'static str],
    /// These must be there.
    pub(super) required: &'static [&'static str],
    /// Whether there may be fields of other names.
    pub(super) open: bool,
    /// Whether it stands for an array of such objects.
    pub(super) list: bool,
}

impl Shape {
    /// The shape of the value under `key`.
    ///
    /// Go's `encoding/json` takes `Subject` and `ſubject` for `subject`, and most other readers do
    /// not: under such a name one verifier would find what another does not see.
    fn inside(&self, key: &str) -> Result<Option<&'static Self>, String> {
        let fold = |name: &str| name.to_uppercase().to_lowercase();
        if let Some((_, inside)) = self.fields.iter().find(|(name, _)| *name == key) {
            return Ok(*inside);
        }
        match self.fields.iter().find(|(name, _)| fold(name) == fold(key)) {
            Some((name, _)) if self.open => {
                Err(format!("{TWICE}some readers take {key:?} for {name:?}"))
            }
            None if self.open => Ok(None),
            // Also `tlog_entries` for `tlogEntries`: the proto3 JSON mapping has both.
            _ => Err(format!("the field {key:?} is not known here")),
        }
    }
}

/// Begins the message of an error that is a deception and not an accident.
const TWICE: &str = "read in two ways: ";

/// Why a document is refused.
#[derive(Debug)]
pub(super) enum Ambiguity {
    /// Two readers would read two things.
    Twofold(String),
    /// Not JSON, or not of that shape.
    Malformed(String),
}

impl From<serde_json::Error> for Ambiguity {
    fn from(error: serde_json::Error) -> Self {
        let words = error.to_string();
        match words.strip_prefix(TWICE) {
            Some(rest) => Self::Twofold(rest.to_owned()),
            None if error.is_data() => Self::Malformed(words),
            None => Self::Malformed(format!("not JSON: {words}")),
        }
    }
}

impl fmt::Display for Ambiguity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Twofold(words) | Self::Malformed(words) => f.write_str(words),
        }
    }
}

/// Checks that `bytes` are one JSON document in which no object has a key twice.
///
/// # Errors
/// The position of the second key, or of what is not JSON; nesting over 128 levels.
pub(super) fn refuse_duplicates(bytes: &[u8]) -> Result<(), Ambiguity> {
    check(bytes, Walk { shape: None, item: false })
}

/// The same, and that its objects have the fields of `shape` and no others.
///
/// # Errors
/// As [`refuse_duplicates`]; also an unknown field, a missing one, and two alternatives at once.
pub(super) fn refuse_other_shapes(bytes: &[u8], shape: &'static Shape) -> Result<(), Ambiguity> {
    check(bytes, Walk { shape: Some(shape), item: false })
}

fn check(bytes: &[u8], walk: Walk) -> Result<(), Ambiguity> {
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    walk.deserialize(&mut reader)?;
    reader.end()?;
    Ok(())
}

#[derive(Clone, Copy)]
struct Walk {
    shape: Option<&'static Shape>,
    /// Whether it is inside the array that the shape asks for.
    item: bool,
}

impl Walk {
    /// Some readers take an array for an object, its items for the fields in their order.
    fn expect<E: Error>(self, list: bool) -> Result<Self, E> {
        match self.shape {
            Some(shape) if (shape.list && !self.item) != list => {
                let (there, wanted) = if list { ("array", "object") } else { ("object", "array") };
                Err(E::custom(format!("an {there} stands where an {wanted} belongs")))
            }
            _ => Ok(Self { item: list, ..self }),
        }
    }
}

impl<'de> DeserializeSeed<'de> for Walk {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Walk {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON without repeated keys")
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        let item = self.expect(true)?;
        while items.next_element_seed(item)?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<(), A::Error> {
        self.expect::<A::Error>(false)?;
        let (mut keys, mut set) = (HashSet::new(), HashSet::new());
        while let Some(key) = entries.next_key::<String>()? {
            let inside = match self.shape {
                None => None,
                Some(shape) => shape.inside(&key).map_err(A::Error::custom)?,
            };
            if !keys.insert(key.clone()) {
                return Err(A::Error::custom(format!("{TWICE}the key {key:?} stands twice")));
            }
            let unset = entries.next_value_seed(NullOr(Self { shape: inside, item: false }))?;
            if !unset {
                set.insert(key);
            }
        }
        self.shape.map_or(Ok(()), |shape| complete(shape, &set))
    }
}

/// Whether what must be there is there, and no two alternatives are.
fn complete<E: Error>(shape: &Shape, keys: &HashSet<String>) -> Result<(), E> {
    let there = |name: &&&str| keys.contains(**name);
    if let Some(missing) = shape.required.iter().find(|name| !there(name)) {
        return Err(E::custom(format!("it has no {missing}")));
    }
    let present: Vec<&str> = shape.one_of.iter().filter(there).copied().collect();
    match present.as_slice() {
        [] if !shape.one_of.is_empty() => {
            Err(E::custom(format!("it has none of {}", shape.one_of.join(", "))))
        }
        [] | [_] => Ok(()),
        many => Err(E::custom(format!("{TWICE}it has {} at once", many.join(" and ")))),
    }
}

/// A value, told whether it is `null`: in the proto3 JSON mapping that is a field that is not set.
struct NullOr(Walk);

impl<'de> DeserializeSeed<'de> for NullOr {
    type Value = bool;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<bool, D::Error> {
        deserializer.deserialize_option(self)
    }
}

impl<'de> Visitor<'de> for NullOr {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.expecting(f)
    }

    fn visit_none<E>(self) -> Result<bool, E> {
        Ok(true)
    }

    fn visit_unit<E>(self) -> Result<bool, E> {
        Ok(true)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<bool, D::Error> {
        self.0.deserialize(deserializer).map(|()| false)
    }
}

#[cfg(test)]
mod tests {
    use proptest::{
        prelude::*,
        test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
    };

    use super::*;

    static INNER: Shape =
        Shape { fields: &[("b", None)], one_of: &[], required: &["b"], open: false, list: true };
    static SHAPE: Shape = Shape {
        fields: &[("a", Some(&INNER)), ("x", None), ("y", None)],
        one_of: &["x", "y"],
        required: &[],
        open: false,
        list: false,
    };
    static OPEN: Shape =
        Shape { fields: &[("subject", None)], one_of: &[], required: &[], open: true, list: false };

    #[test]
    fn a_key_that_stands_twice_is_found_at_any_depth() {
        for (text, fine) in [
            (r#"{"a":1,"b":[{"a":2}]}"#, true),
            (r#"{"a":1,"a":1}"#, false),
            (r#"{"a":null,"a":1}"#, false),
            (r#"[{"b":{"c":null,"d":1,"\u0064":true}}]"#, false),
            ("{", false),
            ("1 2", false),
        ] {
            assert_eq!(refuse_duplicates(text.as_bytes()).is_ok(), fine, "{text}");
        }
        let deep = format!("{}{}", "[".repeat(1_000_000), "]".repeat(1_000_000));
        assert!(refuse_duplicates(deep.as_bytes()).is_err());
    }

    #[test]
    fn a_document_has_the_fields_of_its_shape_and_no_others() {
        for (text, answer) in [
            (r#"{"x":1}"#, "fine"),
            (r#"{"x":1,"y":null}"#, "fine"),
            (r#"{"x":{"anything":1},"a":[{"b":1},{"b":2}]}"#, "fine"),
            ("{}", "malformed"),
            (r#"{"x":1,"z":1}"#, "malformed"),
            (r#"{"x":1,"a":{"b":1}}"#, "malformed"),
            (r#"{"x":1,"a":[[1]]}"#, "malformed"),
            ("[1,2]", "malformed"),
            (r#"[{"x":1}]"#, "malformed"),
            (r#"{"x":1,"a":[{}]}"#, "malformed"),
            (r#"{"x":1,"a":[{"b":1,"c":1}]}"#, "malformed"),
            (r#"{"x":1,"y":1}"#, "twofold"),
            (r#"{"x":1,"x":1}"#, "twofold"),
        ] {
            assert_eq!(answer_for(text, &SHAPE), answer, "{text}");
        }
    }

    fn answer_for(text: &str, shape: &'static Shape) -> &'static str {
        match refuse_other_shapes(text.as_bytes(), shape) {
            Ok(()) => "fine",
            Err(Ambiguity::Malformed(_)) => "malformed",
            Err(Ambiguity::Twofold(_)) => "twofold",
        }
    }

    #[test]
    fn a_name_that_go_takes_for_a_known_one_is_read_in_two_ways() {
        for (text, answer) in [
            (r#"{"subject":1,"other":{"A":1,"a":1}}"#, "fine"),
            (r#"{"subject":1,"Subject":1}"#, "twofold"),
            (r#"{"SUBJECT":1}"#, "twofold"),
            (r#"{"\u017fubject":1}"#, "twofold"),
        ] {
            assert_eq!(answer_for(text, &OPEN), answer, "{text}");
        }
    }

    /// A document of any shape, few names, so that they would meet.
    fn documents() -> impl Strategy<Value = serde_json::Value> {
        let leaf = prop_oneof![
            Just(serde_json::Value::Null),
            any::<bool>().prop_map(Into::into),
            any::<i64>().prop_map(Into::into),
            ".{0,4}".prop_map(Into::into),
        ];
        leaf.prop_recursive(4, 32, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Into::into),
                prop::collection::btree_map("[ab\"\\\\é]{0,2}", inner, 0..4).prop_map(|fields| {
                    fields.into_iter().collect::<serde_json::Map<_, _>>().into()
                }),
            ]
        })
    }

    #[test]
    fn a_document_is_refused_exactly_when_a_key_is_put_in_again() {
        let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[7; 32]);
        let config = Config { cases: 300, failure_persistence: None, ..Config::default() };
        let mut runner = TestRunner::new_with_rng(config, rng);
        let nested = (documents(), documents(), "[a-z\"\\\\é]{0,3}", any::<bool>(), 0_usize..60);
        runner
            .run(&nested, |(one, other, key, escaped, depth)| {
                let around = |inner: &str| {
                    format!("{}{inner}{}", r#"[{"n":"#.repeat(depth), "}]".repeat(depth))
                };
                prop_assert!(refuse_duplicates(around(&one.to_string()).as_bytes()).is_ok());
                let key = serde_json::Value::from(key).to_string();
                // The same name in other letters: every character may be written as an escape.
                let again = if escaped {
                    let text: String = serde_json::from_str(&key).unwrap();
                    let units = text.encode_utf16().map(|unit| format!("\\u{unit:04x}"));
                    format!("\"{}\"", units.collect::<String>())
                } else {
                    key.clone()
                };
                let twice = around(&format!("{{{key}:{one},{again}:{other}}}"));
                let refused = refuse_duplicates(twice.as_bytes());
                prop_assert!(matches!(refused, Err(Ambiguity::Twofold(_))), "{}", twice);
                Ok(())
            })
            .unwrap();
    }

    #[test]
    fn no_bytes_make_it_panic() {
        let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[7; 32]);
        let config = Config { cases: 300, failure_persistence: None, ..Config::default() };
        let mut runner = TestRunner::new_with_rng(config, rng);
        let bytes = prop_oneof![
            any::<Vec<u8>>(),
            "[\\[\\]{}:,\"\\\\axy0-9.eE+\\- ]{0,40}".prop_map(String::into_bytes),
        ];
        runner
            .run(&bytes, |bytes| {
                // What it takes, every reader of JSON takes.
                let json = serde_json::from_slice::<serde_json::Value>(&bytes).is_ok();
                prop_assert!(json || refuse_duplicates(&bytes).is_err());
                prop_assert!(json || refuse_other_shapes(&bytes, &SHAPE).is_err());
                Ok(())
            })
            .unwrap();
    }
}
