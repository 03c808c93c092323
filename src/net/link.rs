//! Walking along the pages of a list, as `Link: <…>; rel="next"` tells the way (RFC 8288).

use std::collections::BTreeSet;

use reqwest::Url;

use crate::{inspect::RegistryError, net::registry::Place};

/// Which pages of one list were read.
#[derive(Default)]
pub(in crate::net) struct Trail {
    been: BTreeSet<String>,
    /// How many pages were read.
    pub(in crate::net) read: usize,
}

impl Trail {
    /// Goes to a page.
    ///
    /// # Errors
    /// In words, when it was there before: a server could keep a client going for ever.
    pub(in crate::net) fn enter(&mut self, url: &Url) -> Result<(), String> {
        let new = self.been.insert(url.to_string());
        if new { Ok(()) } else { Err("the pages go round in a circle".to_owned()) }
    }

    /// What broke the list off, with the number of the page where it is not the first.
    pub(in crate::net) fn broken(&self, error: &RegistryError) -> String {
        match self.read {
            0 => error.to_string(),
            n => format!("page {}: {error}", n + 1),
        }
    }
}

/// The next page, which must be on the host that was asked: credentials are for no other.
///
/// # Errors
/// In words, when it is elsewhere, or names a user: the client would send that name instead of
/// whom we decided on.
pub(in crate::net) fn here(place: &Place, next: Url) -> Result<Url, String> {
    if !next.username().is_empty() || next.password().is_some() {
        return Err("the next page holds a password".to_owned());
    }
    if place.is_here(&next) {
        return Ok(next);
    }
    Err("the next page is on another host".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_page_is_on_this_host_and_names_no_user() {
        let place = Place::of(Url::parse("https://r.example/").unwrap(), "a");
        for (next, words) in [
            ("https://r.example/v2/a/tags/list?last=x", None),
            ("https://R.example:443/x", None),
            ("https://u:p@r.example/x", Some("holds a password")),
            ("https://u@r.example/x", Some("holds a password")),
            ("https://:p@r.example/x", Some("holds a password")),
            ("https://other.example/x", Some("on another host")),
            ("http://r.example/x", Some("on another host")),
        ] {
            let got = here(&place, Url::parse(next).unwrap());
            assert_eq!(got.is_ok(), words.is_none(), "{next}");
            let said = got.err().unwrap_or_default();
            assert!(said.contains(words.unwrap_or_default()) && !said.contains("u:p"), "{said}");
        }
    }
}
