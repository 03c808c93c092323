//! The bundles behind the entries of the list.

use std::{collections::BTreeSet, sync::Arc};

use futures_util::{StreamExt, stream};
use reqwest::Url;

use crate::{
    domain::Verdict,
    inspect::{
        ListingNote, RegistryError,
        github::{Attestations, Stored},
    },
    net::{
        content::{essence, foreign},
        limits,
        registry::{Ask, Place},
    },
};

use super::{Counted, HttpGitHub, accept, pages::Entry, snappy};

/// Puts every bundle into `stored`, in the order of the list; what fails becomes a note.
pub(super) async fn gather(
    github: &HttpGitHub,
    entries: Vec<Entry>,
    stored: &mut Attestations,
    counted: &Counted<'_>,
) {
    let mut seen = BTreeSet::new();
    let mut total = 0u64;
    let each = entries.into_iter().map(|entry| async move {
        match entry {
            Entry::Inline(bytes) => Ok(Arc::from(bytes)),
            Entry::At(address) => fetch(github, &address, counted).await,
        }
    });
    let mut each = stream::iter(each).buffered(limits::ATTESTATIONS_AT_ONCE);
    while let Some(got) = each.next().await {
        let bytes: Arc<[u8]> = match got {
            Ok(bytes) => bytes,
            Err(error) => {
                stored.notes.push(note(format!("a bundle cannot be read: {error}")));
                continue;
            }
        };
        total = total.saturating_add(bytes.len() as u64);
        if total > limits::ATTESTATIONS_BYTES {
            let limit = limits::bytes(limits::ATTESTATIONS_BYTES);
            stored.notes.push(note(format!("more than {limit} of bundles; not all were read")));
            return;
        }
        let bundle = Stored::new(bytes);
        if seen.insert(bundle.digest.clone()) {
            stored.found.push(bundle);
        }
    }
}

fn note(answer: String) -> ListingNote {
    ListingNote { asked: "GitHub".into(), verdict: Verdict::Undecided, answer }
}

/// Fetches one bundle from a storage server, of which only its address is known.
///
/// The address is the word of whoever wrote the list: it gets no token, whatever its host is, it
/// must be https, and it may not lead into this machine or a private network.
async fn fetch(
    github: &HttpGitHub,
    address: &str,
    counted: &Counted<'_>,
) -> Result<Arc<[u8]>, RegistryError> {
    let bad = |words: &str| RegistryError::Malformed {
        what: format!("the address of a bundle, {}", foreign(without_query(address))),
        words: words.to_owned(),
    };
    let url = Url::parse(address).map_err(|e| bad(&e.to_string()))?;
    let api = Place::of(github.api.clone(), "");
    if !github.transport.may_reach(&api, &url) || url.host_str().is_none() {
        return Err(bad("nothing is fetched from there"));
    }
    // Storage servers have hosts of their own, which redirect among themselves.
    let place = Place::led(url.clone(), github.transport.home(&api));
    let what = format!("a bundle on {}", place.host);
    let ask = Ask {
        place: &place,
        url,
        what: what.clone(),
        accept: "application/x-snappy, application/json",
        limit: limits::ATTESTATION_BYTES,
        deadline: github.limits().answer,
        elsewhere: true,
    };
    let answer = github.transport.get_as(&ask, None, &counted.one()).await?;
    let answer = accept(answer, &place, &what)?;
    if essence_is_json(&answer.content_type()) {
        return Ok(answer.body.into());
    }
    let unpacked = tokio::task::spawn_blocking(move || snappy::unpack(&answer.body)).await;
    let crashed = |e: tokio::task::JoinError| RegistryError::Malformed {
        what: what.clone(),
        words: format!("unpacking it crashed: {e}"),
    };
    match unpacked.map_err(crashed)? {
        Ok(bytes) => Ok(bytes.into()),
        Err(snappy::Error::TooLarge) => {
            let limit = limits::bytes(limits::ATTESTATION_BYTES);
            Err(RegistryError::TooLarge { what: format!("{what}, unpacked,"), limit })
        }
        Err(snappy::Error::Corrupt(words)) => Err(RegistryError::Malformed { what, words }),
    }
}

fn essence_is_json(content_type: &str) -> bool {
    essence(content_type) == "application/json"
}

/// An address without what may be a credential: storage servers sign theirs in the query.
fn without_query(address: &str) -> &str {
    address.split(['?', '#']).next().unwrap_or_default()
}
