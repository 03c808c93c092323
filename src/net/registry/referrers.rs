//! The Referrers API: OCI distribution specification 1.1, "Listing Referrers".

use std::fmt;

use reqwest::Url;
use serde::{
    Deserialize, Deserializer,
    de::{IgnoredAny, SeqAccess, Visitor},
};
use serde_json::value::RawValue;
use tokio::time::timeout;

use crate::{
    domain::{
        Digest, Verdict,
        oci::{self, Descriptor},
        text,
    },
    inspect::{RegistryError, Source},
    net::{
        content,
        limits::{self, Limits},
        link::{self, Trail},
        listing::Builder,
    },
};

use super::{
    address::{Place, next_link},
    answer::{Answer, Kind},
    transport::{Ask, Transport},
};

/// What was asked, in the notes of a listing.
const ASKED: &str = "Referrers API";

/// Everything that the API listed before it ended, one way or another.
#[derive(Default)]
pub(super) struct Pages {
    entries: Vec<Descriptor>,
    /// Entries that are no descriptors.
    unreadable: usize,
    /// Of the pages that were read.
    bytes: u64,
    trail: Trail,
    end: Option<End>,
}

/// One page. A field that stands twice is an error of the parser: another reader would take the
/// other list.
#[derive(Deserialize)]
struct Page {
    manifests: List,
    errors: Option<IgnoredAny>,
}

/// The list, or the nil slice of a registry written in Go. Entries are counted while they are read:
/// two bytes of a page would be a hundred in memory.
#[derive(Debug, Default)]
struct List {
    entries: Vec<Descriptor>,
    /// Entries that are no descriptors.
    unreadable: usize,
    /// Whether there are more than [`limits::REFERRERS`] of both.
    more: bool,
}

impl<'de> Deserialize<'de> for List {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Reader;
        impl<'de> Visitor<'de> for Reader {
            type Value = List;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list or null")
            }

            fn visit_unit<E>(self) -> Result<List, E> {
                Ok(List::default())
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut from: A) -> Result<List, A::Error> {
                let mut list = List::default();
                for _ in 0..limits::REFERRERS {
                    let Some(entry) = from.next_element::<&RawValue>()? else { return Ok(list) };
                    match oci::listed(entry.get()) {
                        Ok(descriptor) => list.entries.push(descriptor),
                        Err(_) => list.unreadable += 1,
                    }
                }
                while from.next_element::<IgnoredAny>()?.is_some() {
                    list.more = true;
                }
                Ok(list)
            }
        }
        from.deserialize_any(Reader)
    }
}

/// How the pages ended.
enum End {
    /// After the last page.
    Complete,
    /// This registry has no such API: the fallback tag decides.
    Unsupported(String),
    /// Before the last page, or nobody knows.
    Broken(String),
}

/// Reads every page, within the limits.
pub(super) async fn pages(transport: &Transport, place: &Place, subject: &Digest) -> Pages {
    let mut pages = Pages::default();
    let limits = transport.limits();
    let walk = pages.walk(transport, place, subject);
    let end = timeout(limits.listing, walk).await;
    let late = |_| End::Broken(format!("not listed to the end within {:?}", limits.listing));
    pages.end = Some(end.unwrap_or_else(late));
    pages
}

impl Pages {
    async fn walk(&mut self, transport: &Transport, place: &Place, subject: &Digest) -> End {
        let mut url = place.url(&["referrers", &subject.to_string()]);
        loop {
            if let Err(why) = self.trail.enter(&url) {
                return End::Broken(why);
            }
            if let Some(limit) = self.over(transport.limits()) {
                return End::Broken(format!("more than {limit}, not all of them were read"));
            }
            let what = format!("the referrers of {}/{}@{subject}", place.host, place.path);
            let ask = Ask {
                place,
                url: url.clone(),
                what,
                accept: oci::INDEX,
                limit: limits::REFERRERS_PAGE_BYTES,
                deadline: transport.limits().answer,
                elsewhere: false,
            };
            let answer = match transport.get(&ask, &|_, _| ()).await {
                Ok(answer) => answer,
                Err(error) => return self.broken(&error),
            };
            if let Some(why) = unsupported(&answer) {
                // In the middle of the pages that is no answer about the API, but a lost page.
                return if self.trail.read == 0 { End::Unsupported(why) } else { End::Broken(why) };
            }
            self.bytes += answer.body.len() as u64;
            let most = transport.limits().listing_bytes;
            if self.bytes > most {
                let most = limits::bytes(most);
                return End::Broken(format!("more than {most}, not all of them were read"));
            }
            let next = match self.take(answer, place, &ask.what) {
                Ok(next) => next,
                Err(error) => return self.broken(&error),
            };
            match next {
                None => return End::Complete,
                Some(next) => match link::here(place, next) {
                    Ok(next) => url = next,
                    Err(why) => return End::Broken(why),
                },
            }
        }
    }

    fn over(&self, limits: &Limits) -> Option<String> {
        let pages = (self.trail.read >= limits.pages).then(|| format!("{} pages", limits.pages));
        let entries = || format!("{} referrers", limits.referrers);
        pages.or_else(|| (self.entries.len() > limits.referrers).then(entries))
    }

    fn broken(&self, error: &RegistryError) -> End {
        End::Broken(self.trail.broken(error))
    }

    /// Takes in one page and tells where the next one is.
    fn take(
        &mut self,
        answer: Answer,
        place: &Place,
        what: &str,
    ) -> Result<Option<Url>, RegistryError> {
        let malformed = |words: String| RegistryError::Malformed { what: what.to_owned(), words };
        let answer = answer.accept(&place.host, what, Kind::Referrers)?;
        let page: Page = serde_json::from_slice(&answer.body)
            .map_err(|e| malformed(format!("not a list: {}", text::json_error(&e))))?;
        if page.errors.is_some() {
            return Err(malformed("a list that is an error too".to_owned()));
        }
        self.entries.extend(page.manifests.entries);
        self.unreadable += page.manifests.unreadable;
        if page.manifests.more {
            return Err(malformed(format!("more than {} entries on one page", limits::REFERRERS)));
        }
        self.trail.read += 1;
        next_link(&answer.headers, &answer.url).map_err(malformed)
    }

    /// Puts what was listed, and how it ended, into `listing`.
    pub(super) fn into_listing(self, listing: &mut Builder, limit: usize) {
        let all = listing.extend(self.entries, Source::Referrer, limit);
        let number = listing.len();
        let (verdict, answer) = match self.end {
            Some(End::Unsupported(why)) => (
                Verdict::Absent,
                format!("not supported by this registry ({why}); the fallback tag decides"),
            ),
            Some(End::Broken(why)) => (Verdict::Undecided, why),
            None => (Verdict::Undecided, "not listed to the end".to_owned()),
            Some(End::Complete) if !all => {
                (Verdict::Undecided, format!("more than {limit} referrers"))
            }
            Some(End::Complete) if self.unreadable > 0 => {
                (Verdict::Undecided, format!("{} entries cannot be read", self.unreadable))
            }
            Some(End::Complete) if number == 0 => (Verdict::Absent, "none".to_owned()),
            Some(End::Complete) => {
                let pages = match self.trail.read {
                    1 => String::new(),
                    n => format!(" on {n} pages"),
                };
                let noun = if number == 1 { "referrer" } else { "referrers" };
                (Verdict::Proved, format!("{number} {noun}{pages}"))
            }
        };
        listing.note(ASKED, verdict, answer);
    }
}

/// Why an answer shows that there is no Referrers API, if it does. What the specification does
/// not define for it (a login page, a redirect to another host) comes from something else that
/// listens there; what it does define (401, 403, 429, 5xx) says that the API could not be asked.
fn unsupported(answer: &Answer) -> Option<String> {
    let status = answer.status.as_u16();
    match status {
        301..=303 | 307 | 308 if answer.headers.contains_key("location") => {
            Some(format!("HTTP {status}, a redirect to another host"))
        }
        400 | 404 | 405 | 406 | 501 if !answer.says_denied() => Some(format!("HTTP {status}")),
        200 if !content::is_object(&answer.body) && !answer.content_type().contains("json") => {
            Some("it answers with something that is not JSON".to_owned())
        }
        _ => None,
    }
}
