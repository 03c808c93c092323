//! What is known of one check.

use super::{Outline, policy};
use crate::{
    inspect::{
        CheckId, CheckKind, CheckState, Facts, Finding, Inspection, Listing, Subject, attached,
        nested,
    },
    report::trust_root,
    tui::{
        mark::Mark,
        panes::{badge, check_name, warnings},
        state::Slot,
        text::{bytes, count, millis, time},
        theme::Role,
    },
};

/// The verdict, and what it rests on.
pub(super) fn verdict(slot: &Slot, out: &mut Outline) -> String {
    let (mark, word) = badge(Some(slot));
    out.marked(mark, "verdict", &slot.overall.reason);
    match &slot.inspection.demand {
        Some(demand) => {
            out.leaf("demanded", &demand.words);
            for signer in demand.signers() {
                for identity in &signer.identity {
                    out.leaf("identity", &identity.words());
                }
                for issuer in &signer.issuer {
                    out.leaf("issuer", &issuer.words());
                }
            }
        }
        None => out.leaf_as(
            "demanded",
            "no signer; start with --certificate-identity and --certificate-oidc-issuer",
            Role::Dim,
        ),
    }
    policy::lint(&slot.inspection, out);
    if let Some(digest) = slot.inspection.own_digest() {
        out.leaf("digest", &digest.to_string());
    }
    if let (Subject::Layer { reference, .. }, Some(digest)) =
        (&slot.inspection.subject, slot.inspection.digest())
    {
        out.leaf("manifest", &format!("{digest} of {reference}"));
    }
    let undecided = undecided(&slot.inspection);
    if !undecided.is_empty() {
        out.open("undecided", &format!("{}; r tries again", undecided.len()), true);
        for (name, why) in undecided {
            out.marked(Mark::Undecided, &name, &why);
        }
        out.close();
    }
    format!("Verdict: {word}")
}

fn undecided(seen: &Inspection) -> Vec<(String, String)> {
    let all = seen.checks.iter().filter_map(|(id, state)| match state {
        CheckState::Done { finding, .. } if Mark::from(finding.answer) == Mark::Undecided => {
            Some((check_name(seen, id), finding.summary.clone()))
        }
        _ => None,
    });
    all.collect()
}

/// One check: its answer in full, what it warns of, what it asked.
pub(super) fn check(slot: &Slot, id: &CheckId, out: &mut Outline) -> String {
    let seen = &slot.inspection;
    let name = check_name(seen, id);
    if let (CheckKind::NestedPiece, Some(digest)) = (id.kind, &id.subject)
        && let Some(parent) = nested::parent(seen, digest)
    {
        out.leaf("refers to", &parent);
        out.leaf_as("", "it speaks for that alone, not for the artifact", Role::Dim);
    }
    match seen.checks.get(id) {
        None => {}
        Some(CheckState::Running { since, bytes: so_far, total, .. }) => {
            out.marked(Mark::Running, "since", &time(*since));
            if *so_far > 0 {
                let of = total.map(|t| format!(" of {}", bytes(t))).unwrap_or_default();
                out.leaf("read", &format!("{}{of}", bytes(*so_far)));
            }
            out.leaf_as("trace", "9 shows what it asked, and what it waits for", Role::Dim);
        }
        Some(CheckState::Done { finding, ms, .. }) => {
            out.marked(finding.answer.into(), "answer", &finding.summary);
            if Mark::from(finding.answer) == Mark::Undecided {
                out.leaf_as("next", "r tries what is undecided again", Role::Dim);
            }
            for (code, message) in &finding.warnings {
                out.marked(Mark::Warning, code, message);
            }
            facts(finding, seen.demand.is_some(), out);
            if let Some(attached) = attached::attached(seen, &finding.facts) {
                super::attached::rows(&attached, out);
            }
            // The id of a row for a name is no digest of anything that somebody could have.
            let named =
                matches!(id.kind, CheckKind::List | CheckKind::File) || seen.folder().is_some();
            if let Some(subject) = id.subject.as_ref().filter(|_| !named) {
                out.leaf_as("digest", &subject.to_string(), Role::Dim);
            }
            out.leaf_as("took", &millis(*ms), Role::Dim);
        }
    }
    name
}

fn facts(finding: &Finding, demanded: bool, out: &mut Outline) {
    match &finding.facts {
        Facts::None | Facts::WaitsForGitHubRoot | Facts::Attachment(_) => {}
        Facts::Root(root) => {
            for (label, words) in trust_root::lines(root) {
                out.leaf(&label, &words);
            }
        }
        Facts::Keys(keys) => keys.iter().for_each(|key| out.leaf("key", key.words())),
        Facts::Resolved(resolved) => {
            let descriptor = &resolved.fetched.descriptor;
            out.leaf("digest", &descriptor.digest.to_string());
            out.leaf("media type", &descriptor.media_type);
            out.leaf("size", &bytes(descriptor.size));
            if let Some(named) = &resolved.fetched.contradicted {
                out.marked(Mark::Warning, "header names", named);
            }
        }
        Facts::Artifact(artifact) => {
            for digest in &artifact.digests {
                out.leaf(digest.algorithm().name(), digest.hex());
            }
        }
        Facts::Listing(listing) => self::listing(listing, demanded, out),
        Facts::Attestations(stored) => {
            for note in &stored.notes {
                out.marked(Mark::from(note.verdict).under(demanded), &note.asked, &note.answer);
            }
            for bundle in &stored.found {
                out.leaf(&bundle.digest.short(), &bytes(bundle.bytes.len() as u64));
            }
        }
        Facts::Chart(chart) => super::chart::chart(chart, out),
        Facts::Raw(fetched) => out.leaf("media type", &fetched.descriptor.media_type),
        Facts::Pieces(pieces) => {
            out.leaf("holds", &count(pieces.len(), "piece"));
            for found in pieces {
                let piece = &found.piece;
                let kind = piece.predicate_type.as_deref().unwrap_or_else(|| piece.format.word());
                out.marked(piece.judgement.into(), kind, &piece.summary);
            }
        }
        Facts::List(_) | Facts::Folder(_) | Facts::File(_) => release(&finding.facts, out),
        Facts::OtherReferrer(kind) => out.leaf("says it is", kind),
        Facts::Sbom(sbom) => {
            let counts = sbom.sbom.counts();
            out.leaf("format", sbom.sbom.format());
            out.leaf("components", &counts.components.to_string());
            out.leaf("edges", &counts.edges.to_string());
            let words = if sbom.attested { "yes, by the demanded signer" } else { "not proved" };
            out.leaf("attested", words);
        }
        Facts::Platform(platform) => {
            if let Some(config) = &platform.config {
                out.leaf_if("created", config.created.as_deref());
                out.leaf("labels", &config.labels.len().to_string());
            }
            out.leaf("media type", &platform.descriptor.media_type);
        }
    }
}

/// Lists, folders and their files.
fn release(facts: &Facts, out: &mut Outline) {
    match facts {
        Facts::List(list) => {
            for digest in &list.itself.digests {
                out.leaf(digest.algorithm().name(), digest.hex());
            }
        }
        Facts::Folder(folder) => {
            for file in &folder.files {
                let words = match &file.hashed {
                    Ok(artifact) => artifact.digests.first().map(ToString::to_string),
                    Err(why) => Some(why.clone()),
                };
                out.leaf(&file.name, &words.unwrap_or_default());
            }
        }
        Facts::File(file) => {
            out.leaf("file", &file.name);
            out.leaf_if("hashes to", file.digest.as_ref().map(ToString::to_string).as_deref());
        }
        _ => {}
    }
}

fn listing(listing: &Listing, demanded: bool, out: &mut Outline) {
    for note in &listing.notes {
        out.marked(Mark::from(note.verdict).under(demanded), &note.asked, &note.answer);
    }
    if listing.found.is_empty() {
        return;
    }
    out.open("listed", &count(listing.found.len(), "entry").replace("entrys", "entries"), false);
    for referrer in &listing.found {
        let descriptor = &referrer.descriptor;
        let kind = descriptor.artifact_type.as_deref().unwrap_or(&descriptor.media_type);
        out.leaf(&descriptor.digest.short(), &format!("{} · {kind}", referrer.source.word()));
    }
    out.close();
}

/// A kind of check that cannot start yet.
pub(super) fn waiting(kind: CheckKind, out: &mut Outline) -> String {
    let words = match kind {
        CheckKind::Piece => {
            "signatures and attestations are read once the referrers and cosign's tags are listed"
        }
        CheckKind::Sbom => "an SBOM is read once an attestation carries one",
        _ => "starts once the reference is resolved to a digest",
    };
    out.leaf_as("", words, Role::Dim);
    "Not started".into()
}

/// One warning in full.
pub(super) fn warning(slot: &Slot, number: usize, out: &mut Outline) -> String {
    if let Some((code, message)) = warnings(slot).into_iter().nth(number) {
        out.marked(Mark::Warning, &code, &message);
    }
    "Worth a look".into()
}
