//! Image: the index and its platforms, or the image itself.

use super::{Key, Row};
use crate::{
    domain::oci::{Descriptor, Manifest},
    inspect::{CheckKind, CheckState, Facts, Inspection, attached},
    tui::{
        mark::Mark,
        state::Slot,
        text::{bytes, count, shown},
        theme::Role,
    },
};

pub(super) fn rows(slot: &Slot) -> Vec<Row> {
    let seen = &slot.inspection;
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
    match &resolved.manifest {
        Manifest::Index(index) => rows.extend(index.manifests.iter().map(|d| platform(seen, d))),
        Manifest::Image(_) => rows.push(platform(seen, descriptor)),
    }
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

fn contents(manifest: &Manifest) -> String {
    match manifest {
        Manifest::Index(index) => count(index.manifests.len(), "manifest"),
        Manifest::Image(image) => {
            let size: u64 = image.layers.iter().fold(0, |sum, l| sum.saturating_add(l.size));
            format!("{}, {}", count(image.layers.len(), "layer"), bytes(size))
        }
    }
}
