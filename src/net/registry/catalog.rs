//! Repositories of a registry, page by page: `GET /v2/_catalog` of Docker's registry API, which
//! the OCI specification left out. Most public registries refuse it; then they say why.

use reqwest::Url;
use serde::Deserialize;

use crate::{
    domain::{Reference, text},
    inspect::{CatalogPage, RegistryError},
    net::{limits, link::here},
};

use super::{
    address::{Place, next_link},
    answer::Kind,
    names::Names,
    transport::{Ask, Transport},
};

/// How many are asked for at once; Docker's registry refuses more.
const PAGE: &str = "1000";

#[derive(Deserialize)]
struct Page {
    #[serde(deserialize_with = "Option::deserialize")]
    repositories: Option<Names>,
}

/// One page; `after` is the address that the page before named.
pub(super) async fn page(
    transport: &Transport,
    (host, plain): (&str, bool),
    after: Option<&str>,
) -> Result<CatalogPage, RegistryError> {
    let place = Place::catalog(host, plain)?;
    let what = format!("the repositories of {host}");
    let malformed = |words: String| RegistryError::Malformed { what: what.clone(), words };
    let url = match after {
        None => {
            let mut url = place.url(&[]);
            url.query_pairs_mut().append_pair("n", PAGE);
            url
        }
        Some(cursor) => {
            let url = Url::parse(cursor);
            let url = url.map_err(|e| malformed(format!("the next page is no address: {e}")))?;
            here(&place, url).map_err(malformed)?
        }
    };
    let ask = Ask {
        place: &place,
        url,
        what: what.clone(),
        accept: "application/json",
        limit: limits::TAG_PAGE_BYTES,
        deadline: transport.limits().answer,
        elsewhere: false,
    };
    let answer = transport.get(&ask, &|_, _| ()).await?;
    let answer = answer.accept(host, &what, Kind::Catalog)?;
    let page: Page = serde_json::from_slice(&answer.body)
        .map_err(|e| malformed(format!("not a list of repositories: {}", text::json_error(&e))))?;
    let next = next_link(&answer.headers, &answer.url).map_err(malformed)?;
    // A page that names itself as the next one is the last one: some registries never stop.
    let next = next.filter(|next| *next != ask.url && *next != answer.url);
    let next = next.map(|next| here(&place, next)).transpose().map_err(malformed)?;
    let mut found = CatalogPage { next: next.map(String::from), ..CatalogPage::default() };
    for path in page.repositories.map(|names| names.0).unwrap_or_default() {
        // What is listed is opened by its name later, so it must be one.
        let plain = Reference::parse(&format!("{host}/{path}"))
            .is_ok_and(|named| named.tag.is_none() && named.digest.is_none());
        if plain { found.paths.push(path) } else { found.odd.push(path) }
    }
    Ok(found)
}
