//! Image: the index and its platforms, or the image itself.

use super::{Key, Row, chart, nested};
use crate::{
    domain::{
        Digest,
        oci::{Descriptor, Manifest},
    },
    inspect::{self, CheckId, CheckKind, CheckState, Facts, Inspection, attached},
    tui::{
        mark::Mark,
        state::Slot,
        text::{bytes, count, shown},
        theme::Role,
    },
};

pub(super) fn rows(slot: &Slot) -> Vec<Row> {
    let seen = &slot.inspection;
    if let Some(raw) = seen.raw() {
        let kind = shown(&raw.descriptor.media_type);
        let row = Row::new(Key::Index, Some(Mark::Undecided), "document").text(kind);
        return vec![row.right(raw.descriptor.digest.short())];
    }
    let Some(resolved) = seen.resolved() else { return Vec::new() };
    let descriptor = &resolved.fetched.descriptor;
    let (name, text) = match &resolved.manifest {
        Manifest::Index(index) => ("index", count(index.manifests.len(), "manifest")),
        Manifest::Image(image) => ("manifest", count(image.layers.len(), "layer")),
    };
    let kind = resolved.manifest.artifact_type().map(shown).unwrap_or_default();
    let text = if kind.is_empty() { text } else { format!("{text} · {kind}") };
    let mut rows =
        vec![Row::new(Key::Index, None, name).text(text).right(descriptor.digest.short())];
    let tree = inspect::nested::tree(seen);
    match &resolved.manifest {
        Manifest::Index(index) => {
            for entry in &index.manifests {
                rows.push(platform(seen, entry));
                inner(seen, &entry.digest, 0, &mut rows);
                rows.extend(nested::below(seen, &tree, &entry.digest));
            }
        }
        Manifest::Image(_) => rows.push(platform(seen, descriptor)),
    }
    let listed = CheckId { kind: CheckKind::Listed, subject: None };
    if let Some(CheckState::Done { finding, .. }) = seen.checks.get(&listed) {
        let row = Row::new(Key::Check(listed), Some(finding.answer.into()), "listed in");
        rows.push(row.text(shown(&finding.summary)));
    }
    let referrers = nested::referrers(seen, &tree);
    if !referrers.is_empty() {
        rows.extend([Row::heading(""), Row::heading("What refers to it, and to that")]);
        rows.extend(referrers);
    }
    rows.extend(chart::rows(seen));
    rows
}

fn platform(seen: &Inspection, descriptor: &Descriptor) -> Row {
    let named = descriptor.platform.as_ref().map(|p| shown(&p.to_string()));
    let state = seen
        .checks
        .iter()
        .find(|(id, _)| {
            id.kind == CheckKind::Platform && id.subject.as_ref() == Some(&descriptor.digest)
        })
        .map(|(_, state)| state);
    let (mark, text, role) = match state {
        None => (Mark::NotYet, "not looked at".to_owned(), Role::Dim),
        Some(CheckState::Running { .. }) => (Mark::Running, String::new(), Role::Dim),
        Some(CheckState::Done { finding, .. }) => match &finding.facts {
            Facts::Platform(facts) => {
                (finding.answer.into(), contents(&facts.manifest), Role::Text)
            }
            _ => (finding.answer.into(), shown(&finding.summary), Role::Text),
        },
    };
    let held = state.and_then(|state| match state {
        CheckState::Done { finding, .. } => attached::attached(seen, &finding.facts),
        CheckState::Running { .. } => None,
    });
    if let Some(held) = held {
        // The platform of such an entry is "unknown/unknown": what it attests tells more.
        let name = held.platform.as_deref().map_or_else(|| "no entry".to_owned(), shown);
        return Row::new(Key::Platform(descriptor.digest.clone()), Some(Mark::Unverified), name)
            .text(shown(&held.attachment.words()))
            .right(descriptor.digest.short())
            .role(Role::Dim);
    }
    let name = named.unwrap_or_else(|| "no platform".to_owned());
    Row::new(Key::Platform(descriptor.digest.clone()), Some(mark), name)
        .text(text)
        .right(descriptor.digest.short())
        .role(role)
}

/// The entries of an index inside the index.
fn inner(seen: &Inspection, digest: &Digest, depth: usize, rows: &mut Vec<Row>) {
    // As deep as they are asked for.
    if depth > 2 {
        return;
    }
    for entry in seen.entries_of(digest) {
        let row = platform(seen, entry);
        rows.push(Row { name: format!("{}└ {}", "  ".repeat(depth), row.name), ..row });
        inner(seen, &entry.digest, depth + 1, rows);
    }
}

fn contents(manifest: &Manifest) -> String {
    match manifest {
        Manifest::Index(index) => count(index.manifests.len(), "manifest"),
        Manifest::Image(image) => {
            let size: u64 = image.layers.iter().fold(0, |sum, l| sum.saturating_add(l.size));
            format!("{}, {}", count(image.layers.len(), "layer"), bytes(size))
        }
    }
}
