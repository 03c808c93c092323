//! Listing what refers to a digest. Absent needs the full listing.

use std::sync::Arc;

use crate::{
    domain::{Repository, Verdict, verdict::Answer},
    inspect::{Facts, Finding, Listing, ListingNote, Shelf, Sought, World, nested::MAX_LISTED},
};

pub(super) async fn referrers(sought: &Sought, world: &World) -> Finding {
    let listing = world.registry.referrers(sought).await;
    let mut finding = told(sought, listing, "nothing refers to this digest");
    if sought.shelf == Shelf::BesideIt {
        return finding;
    }
    // Said once, and always: nobody should have to remember an environment variable to read a
    // verdict.
    let words = format!(
        "evidence was looked for in {} alone (COSIGN_REPOSITORY), not beside the artifact",
        sought.repository
    );
    // This row is the reason of the verdict, and the setting is what settles it.
    if finding.answer == Answer::Undecided {
        finding.summary.push_str("; correct it, or unset it to look beside the artifact");
    }
    finding.warn("signature-repository", words)
}

pub(super) async fn legacy(sought: &Sought, world: &World) -> Finding {
    let listing = world.registry.legacy_tags(sought).await;
    told(sought, listing, &format!("no {} tags", sought.tags.words()))
}

/// What refers to something inside or below the artifact.
pub(super) async fn nested(sought: &Sought, legacy: bool, world: &World) -> Finding {
    let tags = async {
        if legacy { world.registry.legacy_tags(sought).await } else { Listing::default() }
    };
    let (mut listing, tags) = futures_util::join!(world.registry.referrers(sought), tags);
    for referrer in tags.found {
        if listing.found.iter().all(|r| r.descriptor.digest != referrer.descriptor.digest) {
            listing.found.push(referrer);
        }
    }
    listing.notes.extend(tags.notes);
    told(sought, shortened(listing, MAX_LISTED), "nothing refers to it")
}

/// The listing with no more than `most` entries; a note says so, and that it is not all of them. A
/// hundred such listings are kept at once.
fn shortened(mut listing: Listing, most: usize) -> Listing {
    if listing.found.len() > most {
        let answer = format!("{} entries, of which {most} are kept", listing.found.len());
        listing.found.truncate(most);
        listing.found.shrink_to_fit();
        let asked = "below the artifact".to_owned();
        listing.notes.push(ListingNote { asked, verdict: Verdict::Undecided, answer });
    }
    listing
}

/// Where evidence lies in a repository of its own, every note says in which.
fn told(sought: &Sought, mut listing: Listing, none: &str) -> Finding {
    if sought.shelf == Shelf::BesideIt {
        return finding(listing, none);
    }
    let unread = unread_apart(&sought.repository, &listing);
    for note in &mut listing.notes {
        note.asked = format!("{} in {}", note.asked, sought.repository);
    }
    let finding = finding(listing, &format!("{none} in {}", sought.repository));
    match unread {
        Some(summary) if finding.answer == Answer::Undecided => Finding { summary, ..finding },
        _ => finding,
    }
}

/// Why a repository of its own could not be read, in one sentence: where its name is wrong, every
/// place in it gives the same answer. The notes keep each of them.
fn unread_apart(repository: &Repository, listing: &Listing) -> Option<String> {
    let failed = listing.notes.iter().filter(|n| n.verdict == Verdict::Undecided);
    let answers: Vec<String> = failed.map(|n| without_tags(&n.answer, repository)).collect();
    let mut different: Vec<&String> = vec![];
    for answer in &answers {
        if !different.contains(&answer) {
            different.push(answer);
        }
    }
    let (first, others) = different.split_first()?;
    let looked = |n: &ListingNote| n.verdict != Verdict::Undecided && !unsupported(n);
    let read = if listing.notes.iter().any(looked) { "not everything" } else { "nothing" };
    let more = match others.len() {
        0 => String::new(),
        n => format!(" (and {n} more)"),
    };
    let which = "which COSIGN_REPOSITORY names as the place of evidence";
    Some(format!("{read} can be read in {repository}, {which}: {first}{more}"))
}

/// An answer without the tag or digest behind the name of the repository.
fn without_tags(answer: &str, repository: &Repository) -> String {
    let name = repository.to_string();
    let each = answer.split(' ').map(|word| {
        let behind = word.strip_prefix(&name).filter(|rest| rest.starts_with([':', '@']));
        match behind {
            Some(rest) if rest.ends_with(':') => format!("{name}:"),
            Some(_) => name.clone(),
            None => word.to_owned(),
        }
    });
    each.collect::<Vec<_>>().join(" ")
}

/// Whether a place does not exist there, so that nothing was read in it.
fn unsupported(note: &ListingNote) -> bool {
    note.answer.contains("not supported")
}

fn finding(listing: Listing, none: &str) -> Finding {
    let failed = |n: &&ListingNote| n.verdict == Verdict::Undecided;
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
            let odd = listing.notes.iter().filter(|n| unsupported(n));
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
