//! The pages of the list.

use reqwest::Url;
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::{
    domain::{Digest, github::Whose},
    inspect::RegistryError,
    net::{
        limits,
        link::{self, Trail},
        registry::{Answer, Place, next_link},
    },
};

use super::{Counted, HttpGitHub, absence, accept};

/// One attestation as it is listed.
pub(super) enum Entry {
    /// Its bundle, byte for byte as it stands in the page.
    Inline(Box<[u8]>),
    /// The address of its bundle; foreign.
    At(String),
}

/// Everything that was listed.
#[derive(Default)]
pub(super) struct Pages {
    pub(super) entries: Vec<Entry>,
    /// Entries with neither a bundle nor an address.
    pub(super) unreadable: usize,
    trail: Trail,
}

/// How the list ended.
pub(super) enum End {
    /// After the last page.
    Complete,
    /// There is nothing, and GitHub says so; in words.
    None(String),
    /// Before the last page, or nobody knows.
    Broken(String),
}

/// A field that stands twice is an error of the parser: another reader would take the other one.
#[derive(Deserialize)]
struct Page<'a> {
    #[serde(borrow)]
    attestations: Vec<&'a RawValue>,
}

/// One entry; the newer shape of the API leaves the bundle out.
#[derive(Deserialize)]
struct Listed<'a> {
    #[serde(borrow)]
    bundle: Option<&'a RawValue>,
    bundle_url: Option<String>,
}

/// Reads every page, within the limits.
pub(super) async fn read(
    github: &HttpGitHub,
    (whose, digest): (&Whose, &Digest),
    pages: &mut Pages,
    counted: &Counted<'_>,
) -> End {
    let place = github.place(whose);
    let text = digest.to_string();
    let (first, user) = match whose {
        Whose::Repository { owner, name } => {
            (github.url(&["repos", owner, name, "attestations", &text]), None)
        }
        // An owner is an organisation or a user; only the answer tells.
        Whose::Owner(owner) => (
            github.url(&["orgs", owner, "attestations", &text]),
            Some(github.url(&["users", owner, "attestations", &text])),
        ),
    };
    let what = format!("the attestations of {whose} for {digest}");
    let answer = pages.walk(github, (&place, first), &what, counted).await;
    let Err(missing) = answer else { return answer.unwrap_or(End::Complete) };
    match (absence::why(github, whose, &place, &missing).await, user) {
        (absence::Why::User, Some(user)) => {
            match pages.walk(github, (&place, user), &what, counted).await {
                Ok(end) => end,
                Err(missing) if absence::in_githubs_words(&missing) => {
                    End::None(format!("no attestation of this digest in what is shown of {whose}"))
                }
                Err(missing) => End::Broken(absence::not_githubs(&place, &missing)),
            }
        }
        (absence::Why::User, None) => End::Broken("a user is no repository".into()),
        (absence::Why::None(words), _) => End::None(words),
        (absence::Why::Unknown(words), _) => End::Broken(words),
    }
}

impl Pages {
    /// Reads from `url` on. `Err` is a 404 of the first page, in the API's words.
    async fn walk(
        &mut self,
        github: &HttpGitHub,
        (place, mut url): (&Place, Url),
        what: &str,
        counted: &Counted<'_>,
    ) -> Result<End, Answer> {
        url.query_pairs_mut().append_pair("per_page", "100");
        loop {
            if let Some(limit) = self.over(github) {
                return Ok(End::Broken(format!("more than {limit}, not all of them were read")));
            }
            if let Err(why) = self.trail.enter(&url) {
                return Ok(End::Broken(why));
            }
            let limit = limits::ATTESTATION_PAGE_BYTES;
            let asked = github.ask((place, url.clone()), what, limit, &counted.one()).await;
            let answer = match asked {
                Ok(answer) if self.trail.read == 0 && answer.status.as_u16() == 404 => {
                    return Err(answer);
                }
                Ok(answer) => answer,
                Err(error) => return Ok(self.broken(&error)),
            };
            match self.take(answer, place, what) {
                Err(error) => return Ok(self.broken(&error)),
                Ok(None) if self.entries.len() > github.limit => {}
                Ok(None) => return Ok(End::Complete),
                Ok(Some(next)) => match link::here(place, next) {
                    Ok(next) => url = next,
                    Err(why) => return Ok(End::Broken(why)),
                },
            }
        }
    }

    /// The limit that is reached; what is over it is left out.
    fn over(&mut self, github: &HttpGitHub) -> Option<String> {
        let (pages, entries) = (github.limits().pages, github.limit);
        if self.entries.len() > entries {
            self.entries.truncate(entries);
            return Some(format!("{entries} attestations"));
        }
        (self.trail.read >= pages).then(|| format!("{pages} pages"))
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
        let answer = accept(answer, place, what)?;
        let page: Page<'_> = serde_json::from_slice(&answer.body)
            .map_err(|e| malformed(format!("not a list of attestations: {e}")))?;
        for raw in page.attestations {
            let entry: Option<Listed<'_>> = serde_json::from_str(raw.get()).ok();
            match entry {
                Some(Listed { bundle: Some(bundle), .. }) if bundle.get().starts_with('{') => {
                    self.entries.push(Entry::Inline(bundle.get().as_bytes().into()));
                }
                Some(Listed { bundle: None, bundle_url: Some(at) }) if !at.is_empty() => {
                    self.entries.push(Entry::At(at));
                }
                _ => self.unreadable += 1,
            }
        }
        self.trail.read += 1;
        next_link(&answer.headers, &answer.url).map_err(malformed)
    }
}
