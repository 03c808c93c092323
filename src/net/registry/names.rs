//! The names of one page, of tags or of repositories.

use std::fmt;

use serde::{
    Deserialize, Deserializer,
    de::{IgnoredAny, SeqAccess, Visitor},
};

use crate::net::limits::LISTED_NAMES;

/// Names as they are listed, one more than [`LISTED_NAMES`] at most: the walk over the pages then
/// ends as not complete. They are counted while they are read, because an empty name is three bytes
/// of a page and eight times that in memory.
#[derive(Debug)]
pub(super) struct Names(pub(super) Vec<String>);

impl<'de> Deserialize<'de> for Names {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Reader;
        impl<'de> Visitor<'de> for Reader {
            type Value = Names;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a sequence")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut from: A) -> Result<Names, A::Error> {
                let mut names = vec![];
                while names.len() <= LISTED_NAMES {
                    let Some(name) = from.next_element()? else { return Ok(Names(names)) };
                    names.push(name);
                }
                while from.next_element::<IgnoredAny>()?.is_some() {}
                Ok(Names(names))
            }
        }
        from.deserialize_seq(Reader)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_holds_one_name_more_than_a_listing_may_have() {
        for (number, kept) in
            [(0, 0), (3, 3), (LISTED_NAMES, LISTED_NAMES), (LISTED_NAMES * 3, LISTED_NAMES + 1)]
        {
            let page = format!("[{}]", vec!["\"\""; number].join(","));
            assert_eq!(serde_json::from_str::<Names>(&page).unwrap().0.len(), kept, "{number}");
        }
        for page in ["[0]", "{}", "[\"a\"", "\"a\""] {
            assert!(serde_json::from_str::<Names>(page).is_err(), "{page}");
        }
    }
}
