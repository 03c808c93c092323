//! What refers to a digest, put together from several places. Shared by registries and layouts, so
//! that both draw the line between "none" and "could not look" in the same place.

use std::collections::BTreeSet;

use crate::{
    domain::{
        Digest, Tag, Verdict,
        oci::{Annotations, Descriptor, Manifest},
    },
    inspect::{Fetched, Listing, ListingNote, Referrer, RegistryError, Source},
};

/// Why nothing was asked for such digests.
const NO_LEGACY: &str = "cosign has no tags for digests of this algorithm";

/// The tag that lists the referrers of `subject` on registries without the Referrers API.
///
/// OCI distribution specification, "Referrers Tag Schema": the algorithm is cut at 32 characters,
/// the encoded part at 64.
pub(super) fn fallback_tag(subject: &Digest) -> Option<Tag> {
    let hex = subject.hex().get(..64)?;
    Tag::parse(&format!("{}-{hex}", subject.algorithm().name())).ok()
}

/// cosign's tag for `subject`: `sha256-<hex>.sig`. A sha512 name is too long to be a tag.
pub(super) fn legacy_tag(subject: &Digest, suffix: &str) -> Option<Tag> {
    Tag::parse(&format!("{}-{}.{suffix}", subject.algorithm().name(), subject.hex())).ok()
}

/// A listing in the making.
#[derive(Default)]
pub(super) struct Builder {
    listing: Listing,
    seen: BTreeSet<Digest>,
}

impl Builder {
    /// Takes in one entry, unless the same content is there already.
    pub(super) fn push(&mut self, referrer: Referrer) {
        if self.seen.insert(referrer.descriptor.digest.clone()) {
            self.listing.found.push(referrer);
        }
    }

    /// Takes in entries until the listing holds `limit`; false when there were more.
    pub(super) fn extend(
        &mut self,
        entries: impl IntoIterator<Item = Descriptor>,
        source: Source,
        limit: usize,
    ) -> bool {
        for descriptor in entries {
            let new = !self.seen.contains(&descriptor.digest);
            if new && self.listing.found.len() >= limit {
                return false;
            }
            // What a list says of an entry is not believed, so what would only be looked at is not
            // kept: it may be megabytes, in each of a hundred lists.
            let descriptor = Descriptor { annotations: Annotations::new(), ..descriptor };
            self.push(Referrer { descriptor, source, tag: None });
        }
        true
    }

    /// Records what one place said.
    pub(super) fn note(
        &mut self,
        asked: impl Into<String>,
        verdict: Verdict,
        answer: impl Into<String>,
    ) {
        let (asked, answer) = (asked.into(), answer.into());
        self.listing.notes.push(ListingNote { asked, verdict, answer });
    }

    /// Takes in what the fallback tag gave.
    ///
    /// Only a plain "not there" means none (an answer of 429 or 403 that is taken for "none" makes
    /// a signed image look unsigned).
    pub(super) fn fallback(
        &mut self,
        subject: &Digest,
        got: Result<Fetched, RegistryError>,
        limit: usize,
    ) {
        let Some(tag) = fallback_tag(subject) else { return };
        let asked = format!("tag {tag}");
        let fetched = match got {
            Ok(fetched) => fetched,
            Err(error) => {
                let verdict = error.verdict();
                let answer =
                    if verdict == Verdict::Absent { "none".into() } else { error.to_string() };
                return self.note(asked, verdict, answer);
            }
        };
        // GitLab resolves `sha256-<hex>` to the very manifest of that digest; the children of an
        // image are not what refers to it.
        if subject.matches(&fetched.bytes) {
            let answer = "the registry answers with the artifact itself: that is no list of \
                          referrers, so there is none";
            return self.note(asked, Verdict::Absent, answer);
        }
        if let Some(named) = fetched.contradicted {
            let answer = format!("the registry calls these bytes {named}, which they are not");
            self.note(format!("{asked}, digest"), Verdict::Undecided, answer);
        }
        match Manifest::parse(&fetched.bytes) {
            Ok(Manifest::Index(index)) => {
                let before = self.listing.found.len();
                let number = index.manifests.len();
                if self.extend(index.manifests, Source::FallbackTag, limit) {
                    let verdict = if number == 0 { Verdict::Absent } else { Verdict::Proved };
                    let new = self.listing.found.len() - before;
                    self.note(asked, verdict, counted(number, new));
                } else {
                    self.note(asked, Verdict::Undecided, format!("more than {limit} referrers"));
                }
            }
            Ok(Manifest::Image(_)) => {
                let answer = "the tag is an image and not an index of referrers";
                self.note(asked, Verdict::Undecided, answer);
            }
            Err(error) => self.note(asked, Verdict::Undecided, error.to_string()),
        }
    }

    /// Takes in what one of cosign's tags gave.
    pub(super) fn legacy(&mut self, asked: String, tag: Tag, got: Result<Fetched, RegistryError>) {
        match got {
            Ok(fetched) => {
                let descriptor = fetched.descriptor;
                let answer = match fetched.contradicted {
                    None => descriptor.digest.to_string(),
                    Some(named) => {
                        format!("{} (the registry calls it {named})", descriptor.digest)
                    }
                };
                self.push(Referrer { descriptor, source: Source::LegacyTag, tag: Some(tag) });
                self.note(asked, Verdict::Proved, answer);
            }
            Err(error) if error.verdict() == Verdict::Absent => {
                self.note(asked, Verdict::Absent, "none");
            }
            Err(error) => self.note(asked, error.verdict(), error.to_string()),
        }
    }

    /// How many entries there are so far.
    pub(super) fn len(&self) -> usize {
        self.listing.found.len()
    }

    /// The listing of cosign's tags, which says so where nothing could be asked for.
    pub(super) fn finish_legacy(mut self) -> Listing {
        if self.listing.notes.is_empty() {
            self.note("cosign's tags", Verdict::Absent, NO_LEGACY);
        }
        self.finish()
    }

    /// The listing.
    pub(super) fn finish(self) -> Listing {
        self.listing
    }
}

/// `3 referrers, 1 of them not listed before`.
fn counted(number: usize, new: usize) -> String {
    let noun = if number == 1 { "referrer" } else { "referrers" };
    match number - new {
        0 => format!("{number} {noun}"),
        _ => format!("{number} {noun}, {new} of them not listed before"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::digest::Algorithm;

    #[test]
    fn a_tag_is_cut_as_the_schema_says() {
        let of = |algorithm| Digest::of(algorithm, b"");
        let tag = |digest: &Digest| fallback_tag(digest).map(|tag| tag.to_string());
        let (short, long) = (of(Algorithm::Sha256), of(Algorithm::Sha512));
        assert_eq!(tag(&short), Some(format!("sha256-{}", short.hex())));
        let cut: String = long.hex().chars().take(64).collect();
        assert_eq!(tag(&long), Some(format!("sha512-{cut}")));
        // cosign's own tags are never cut, and a sha512 one is too long to be a tag.
        assert_eq!(legacy_tag(&long, "sig"), None);
    }
}
