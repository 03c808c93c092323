//! Index, platforms, configs and labels.

use std::collections::BTreeMap;

use super::Outline;
use crate::{
    domain::{
        Digest, Verdict,
        oci::{Config, Descriptor, Image, Manifest},
        verdict::Judgement,
    },
    inspect::{CheckKind, Facts, Fetched, PlatformFacts, attached},
    tui::{
        mark::Mark,
        state::Slot,
        text::{bytes, count},
        theme::Role,
    },
};

/// The most lines of sixteen bytes that are shown of what is no JSON.
const MAX_HEX_LINES: usize = 64;

/// The index, or the manifest itself.
pub(super) fn index(slot: &Slot, out: &mut Outline) -> String {
    if let Some(fetched) = slot.inspection.raw() {
        return raw(slot, fetched, out);
    }
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
    let inside = finding.and_then(|finding| match &finding.facts {
        Facts::Platform(facts) => Some(&facts.descriptor),
        _ => None,
    });
    let entry = entry.or(inside);
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
        origin(slot, facts, out);
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

/// A document that is not understood: as it came, so that nobody has to believe our reading of it.
fn raw(slot: &Slot, fetched: &Fetched, out: &mut Outline) -> String {
    descriptor(&fetched.descriptor, out);
    if let Some(finding) = slot.inspection.finding(CheckKind::Resolve) {
        out.marked(finding.answer.into(), "manifest", &finding.summary);
    }
    match std::str::from_utf8(&fetched.bytes) {
        Ok(text) if serde_json::from_str::<serde_json::Value>(text).is_ok() => {
            super::json::document("document", text, Role::Text, out);
        }
        _ => {
            out.open("document", "no JSON; its first bytes", true);
            for (line, bytes) in fetched.bytes.chunks(16).take(MAX_HEX_LINES).enumerate() {
                let hex: Vec<String> = bytes.iter().map(|b| format!("{b:02x}")).collect();
                let plain = |b: &u8| if b.is_ascii_graphic() { char::from(*b) } else { '.' };
                let text: String = bytes.iter().map(plain).collect();
                out.leaf(&format!("{:06x}", line * 16), &format!("{:<47}  {text}", hex.join(" ")));
            }
            out.close();
        }
    }
    "Document".into()
}

/// What an image says about where it comes from; the rest of its labels follow.
/// Source: OCI image specification, `annotations.md`.
const ORIGIN: [(&str, &str); 5] = [
    ("source", "org.opencontainers.image.source"),
    ("revision", "org.opencontainers.image.revision"),
    ("version", "org.opencontainers.image.version"),
    ("base image", "org.opencontainers.image.base.name"),
    ("base digest", "org.opencontainers.image.base.digest"),
];

/// Config and manifest hang on the digest by their hashes; what they say is worth what that is.
fn origin(slot: &Slot, facts: &PlatformFacts, out: &mut Outline) {
    let proved = !slot.overall.running
        && slot.inspection.demand.is_some()
        && slot.overall.verdict == Verdict::Proved
        // That nothing forbidden is there is proved without anybody vouching.
        && slot.inspection.pieces().any(|(_, f)| f.piece.judgement == Judgement::Proved);
    let (mark, words) = if proved {
        (Mark::Proved, "covered by the digest that is proved")
    } else {
        (Mark::Unverified, "observed only: the digest is not proved")
    };
    out.marked(mark, "what it says", words);
    let role = if proved { Role::Text } else { Role::Dim };
    let labels = facts.config.as_ref().map(|config| &config.labels);
    let annotations = match &facts.manifest {
        Manifest::Image(image) => &image.annotations,
        Manifest::Index(index) => &index.annotations,
    };
    for (name, key) in ORIGIN {
        // Where both say it and differ, both are shown.
        let own = [labels.and_then(|labels| labels.get(key)), annotations.get(key)];
        let mut said: Vec<&String> = own.into_iter().flatten().collect();
        said.dedup();
        for value in said {
            out.leaf_as(name, value, role);
        }
    }
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
