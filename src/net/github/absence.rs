//! What a 404 means.
//!
//! GitHub answers 404 where there is no attestation, where there is no such repository, and where
//! it hides a private one from whoever asks. Only the first is *absent*, so a second question
//! tells them apart: whether the repository, or the owner, is there and public.

use serde::Deserialize;

use crate::{
    domain::github::Whose,
    net::registry::{Answer, Place},
};

use super::{HttpGitHub, Problem, accept, words};

/// Bytes of a description of a repository or an owner.
const DESCRIPTION_BYTES: u64 = 1 << 20;

/// Why the list was not found.
pub(super) enum Why {
    /// There is nothing; in words.
    None(String),
    /// The owner is a user and no organisation.
    User,
    /// It cannot be told; in words.
    Unknown(String),
}

#[derive(Deserialize)]
struct Repository {
    private: bool,
}

#[derive(Deserialize)]
struct Owner {
    #[serde(rename = "type")]
    kind: String,
}

/// Tells what the 404 `missing` means.
pub(super) async fn why(
    github: &HttpGitHub,
    whose: &Whose,
    place: &Place,
    missing: &Answer,
) -> Why {
    if !in_githubs_words(missing) {
        return Why::Unknown(not_githubs(place, missing));
    }
    let (url, what) = match whose {
        Whose::Repository { owner, name } => {
            (github.url(&["repos", owner, name]), format!("the repository {whose}"))
        }
        Whose::Owner(owner) => (github.url(&["users", owner]), format!("the owner {whose}")),
    };
    let asked = github.ask((place, url), &what, DESCRIPTION_BYTES, &|_, _| ()).await;
    match asked.and_then(|answer| found(answer, place, &what)) {
        Ok(None) => Why::Unknown(format!(
            "404: {what} is not there, or hidden from this request; a token may show it"
        )),
        Ok(Some(body)) => read(whose, &body),
        Err(error) => Why::Unknown(format!("404, and why cannot be told: {error}")),
    }
}

/// Whether a 404 is the API's: a proxy's says nothing about attestations.
pub(super) fn in_githubs_words(missing: &Answer) -> bool {
    let said = serde_json::from_slice::<Problem>(&missing.body);
    said.is_ok_and(|problem| problem.message == "Not Found")
}

/// What a 404 that is not the API's says.
pub(super) fn not_githubs(place: &Place, missing: &Answer) -> String {
    format!("{} answered 404, not in GitHub's words: {}", place.host, words(missing))
}

/// The description; nothing where there is none.
fn found(
    answer: Answer,
    place: &Place,
    what: &str,
) -> Result<Option<Vec<u8>>, crate::inspect::RegistryError> {
    if answer.status.as_u16() == 404 {
        return Ok(None);
    }
    accept(answer, place, what).map(|answer| Some(answer.body))
}

fn read(whose: &Whose, body: &[u8]) -> Why {
    let none = |of: &str| Why::None(format!("no attestation of this digest in {of} {whose}"));
    let unreadable = |e: serde_json::Error| {
        Why::Unknown(format!("404, and the description of {whose} cannot be read: {e}"))
    };
    match whose {
        Whose::Repository { .. } => match serde_json::from_slice::<Repository>(body) {
            Ok(Repository { private: false }) => none("the public repository"),
            // A token may show a repository and not its attestations.
            Ok(_) => Why::Unknown(format!(
                "404, and {whose} is private: the token may not be allowed to read attestations"
            )),
            Err(e) => unreadable(e),
        },
        Whose::Owner(_) => match serde_json::from_slice::<Owner>(body) {
            Ok(owner) if owner.kind == "User" => Why::User,
            Ok(owner) if owner.kind == "Organization" => none("what is shown of the organisation"),
            Ok(_) => Why::Unknown(format!("404, and {whose} is no user and no organisation")),
            Err(e) => unreadable(e),
        },
    }
}
