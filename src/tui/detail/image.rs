//! Index, platforms, configs and labels.

use std::collections::BTreeMap;

use super::Outline;
use crate::{
    domain::{
        Digest,
        oci::{Config, Descriptor, Image, Manifest},
    },
    inspect::{CheckKind, Facts, attached},
    tui::{
        mark::Mark,
        state::Slot,
        text::{bytes, count},
        theme::Role,
    },
};

/// The index, or the manifest itself.
pub(super) fn index(slot: &Slot, out: &mut Outline) -> String {
    let Some(resolved) = slot.inspection.resolved() else { return String::new() };
    let fetched = &resolved.fetched;
    descriptor(&fetched.descriptor, out);
    if let Some(named) = &fetched.contradicted {
        out.marked(Mark::Warning, "header names", named);
    }
    out.leaf_if("artifact type", resolved.manifest.artifact_type());
    if let Some(subject) = resolved.manifest.subject() {
        out.leaf("refers to", &subject.digest.to_string());
    }
    match &resolved.manifest {
        Manifest::Index(index) => {
            pairs("annotations", &index.annotations, true, out);
            "Index".into()
        }
        Manifest::Image(image) => {
            pairs("annotations", &image.annotations, true, out);
            layers(image, out);
            "Manifest".into()
        }
    }
}

fn descriptor(descriptor: &Descriptor, out: &mut Outline) {
    out.leaf("digest", &descriptor.digest.to_string());
    out.leaf("media type", &descriptor.media_type);
    out.leaf("size", &bytes(descriptor.size));
    if let Some(platform) = &descriptor.platform {
        out.leaf("platform", &platform.to_string());
    }
}

/// One platform: manifest, config, labels, layers.
pub(super) fn platform(slot: &Slot, digest: &Digest, out: &mut Outline) -> String {
    let mut found = slot.inspection.findings(CheckKind::Platform);
    let finding = found.find(|(id, _)| id.subject.as_ref() == Some(digest)).map(|(_, f)| f);
    let entry = slot.inspection.resolved().and_then(|r| match &r.manifest {
        Manifest::Index(index) => index.manifests.iter().find(|d| d.digest == *digest),
        Manifest::Image(_) => Some(&r.fetched.descriptor),
    });
    if let Some(entry) = entry {
        descriptor(entry, out);
        pairs("annotations of the entry", &entry.annotations, true, out);
    }
    let Some(finding) = finding else {
        out.marked(Mark::NotYet, "config", "not looked at");
        return "Platform".into();
    };
    if let Some(attached) = attached::attached(&slot.inspection, &finding.facts) {
        super::attached::rows(&attached, out);
    }
    if let Facts::Platform(facts) = &finding.facts {
        if let Some(config) = &facts.config {
            self::config(config, out);
        }
        match &facts.manifest {
            Manifest::Image(image) => {
                pairs("annotations", &image.annotations, true, out);
                layers(image, out);
            }
            Manifest::Index(index) => pairs("annotations", &index.annotations, true, out),
        }
    } else {
        out.marked(finding.answer.into(), "config", &finding.summary);
    }
    let platform = entry.and_then(|e| e.platform.as_ref());
    platform.map_or_else(|| "Manifest".to_owned(), ToString::to_string)
}

fn config(config: &Config, out: &mut Outline) {
    out.leaf_if("created", config.created.as_deref());
    let os = config.os.as_deref().unwrap_or("?");
    let architecture = config.architecture.as_deref().unwrap_or("?");
    out.leaf("made for", &format!("{os}/{architecture}"));
    pairs("labels", &config.labels, true, out);
    pairs("settings", &config.settings, true, out);
}

fn layers(image: &Image, out: &mut Outline) {
    let size: u64 = image.layers.iter().fold(0, |sum, l| sum.saturating_add(l.size));
    let words = format!("{}, {}", count(image.layers.len(), "layer"), bytes(size));
    out.open("layers", &words, image.layers.len() <= 12);
    for layer in &image.layers {
        let words = format!("{} · {}", bytes(layer.size), layer.media_type);
        out.leaf_as(&layer.digest.short(), &words, Role::Dim);
    }
    out.close();
}

fn pairs(label: &str, all: &BTreeMap<String, String>, unfolded: bool, out: &mut Outline) {
    if all.is_empty() {
        return;
    }
    out.open(label, &all.len().to_string(), unfolded);
    for (name, value) in all {
        out.leaf(name, value);
    }
    out.close();
}
