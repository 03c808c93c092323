//! Tags, page by page: OCI distribution specification, "Listing Tags".

use reqwest::Url;
use serde::Deserialize;

use crate::{
    domain::{Tag, text},
    inspect::{RegistryError, TagPage},
    net::{limits, link::here},
};

use super::{
    address::{Place, next_link},
    answer::Kind,
    names::Names,
    transport::{Ask, Transport},
};

/// How many tags are asked for at once. Registries give fewer, or all of them; only `Link` tells
/// whether there are more.
const PAGE: &str = "1000";

#[derive(Deserialize)]
struct Page {
    // `null` is how Go writes an empty list; a body without the field is no list.
    #[serde(deserialize_with = "Option::deserialize")]
    tags: Option<Names>,
}

/// One page; `after` is the address that the page before named.
pub(super) async fn page(
    transport: &Transport,
    place: &Place,
    after: Option<&str>,
) -> Result<TagPage, RegistryError> {
    let what = format!("the tags of {}/{}", place.host, place.path);
    let malformed = |words: String| RegistryError::Malformed { what: what.clone(), words };
    let url = match after {
        None => {
            let mut url = place.url(&["tags", "list"]);
            url.query_pairs_mut().append_pair("n", PAGE);
            url
        }
        Some(cursor) => {
            let url = Url::parse(cursor);
            let url = url.map_err(|e| malformed(format!("the next page is no address: {e}")))?;
            here(place, url).map_err(malformed)?
        }
    };
    let ask = Ask {
        place,
        url,
        what: what.clone(),
        accept: "application/json",
        limit: limits::TAG_PAGE_BYTES,
        deadline: transport.limits().answer,
        elsewhere: false,
    };
    let answer = transport.get(&ask, &|_, _| ()).await?;
    let answer = answer.accept(&place.host, &what, Kind::Tags)?;
    let page: Page = serde_json::from_slice(&answer.body)
        .map_err(|e| malformed(format!("not a list of tags: {}", text::json_error(&e))))?;
    let next = next_link(&answer.headers, &answer.url).map_err(malformed)?;
    // A page that names itself as the next one is the last one: some registries never stop.
    let next = next.filter(|next| *next != ask.url && *next != answer.url);
    let next = next.map(|next| here(place, next)).transpose().map_err(malformed)?;
    let mut found = TagPage { next: next.map(String::from), ..TagPage::default() };
    for name in page.tags.map(|names| names.0).unwrap_or_default() {
        match Tag::parse(&name) {
            Ok(tag) => found.tags.push(tag),
            Err(_) => found.odd.push(name),
        }
    }
    Ok(found)
}
