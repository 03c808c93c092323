//! Listing what refers to a digest. Absent needs the full listing.

use std::sync::Arc;

use crate::{
    domain::{Digest, Repository, Verdict, verdict::Answer},
    inspect::{Facts, Finding, Listing, World},
};

pub(super) async fn referrers(repository: &Repository, of: &Digest, world: &World) -> Finding {
    let listing = world.registry.referrers(repository, of).await;
    finding(listing, "nothing refers to this digest")
}

pub(super) async fn legacy(repository: &Repository, of: &Digest, world: &World) -> Finding {
    let listing = world.registry.legacy_tags(repository, of).await;
    finding(listing, "no .sig, .att or .sbom tags")
}

fn finding(listing: Listing, none: &str) -> Finding {
    let failed = |n: &&crate::inspect::ListingNote| n.verdict == Verdict::Undecided;
    let answer = match (listing.complete(), listing.found.is_empty()) {
        (false, _) => Answer::Undecided,
        (true, true) => Answer::Absent,
        (true, false) => Answer::Proved,
    };
    let told: Vec<String> = match answer {
        Answer::Undecided => {
            let failed = listing.notes.iter().filter(failed);
            failed.map(|n| format!("{}: {}", n.asked, n.answer)).collect()
        }
        // What was asked stands beside "none": a registry without the Referrers API is no proof
        // that nothing refers.
        Answer::Absent => {
            let odd = listing.notes.iter().filter(|n| n.answer.contains("not supported"));
            let odd = odd.map(|n| format!("{}: {}", n.asked, n.answer));
            std::iter::once(none.to_owned()).chain(odd).collect()
        }
        _ => {
            let found = listing.notes.iter().filter(|n| n.verdict == Verdict::Proved);
            found.map(|n| format!("{}: {}", n.asked, n.answer)).collect()
        }
    };
    let words = if told.is_empty() { "nothing was asked".to_owned() } else { told.join("; ") };
    Finding::new(answer, words).with(Facts::Listing(Arc::new(listing)))
}
