//! Everything attached that is recognised and not verified, wherever it was found.

use super::{CheckId, Facts, Inspection};
use crate::domain::{
    attached::Attachment,
    oci::{Descriptor, Manifest},
};

/// One attachment of an artifact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attached {
    /// What it is and holds.
    pub attachment: Attachment,
    /// The platform that it says it is about.
    pub platform: Option<String>,
}

impl Attached {
    /// In one line; foreign text.
    pub fn words(&self) -> String {
        let about = match (&self.platform, &self.attachment.about) {
            (Some(platform), _) => format!(" (about {platform})"),
            (None, Some(digest)) => format!(" (about {}, which is no entry here)", digest.short()),
            (None, None) => String::new(),
        };
        format!("{}{about}", self.attachment.words())
    }
}

/// The attachment that a check found, if it found one.
pub fn attached(seen: &Inspection, facts: &Facts) -> Option<Attached> {
    let attachment = of(facts)?;
    let entry = attachment.about.as_ref().and_then(|digest| entry(seen, digest));
    let platform = entry.map(|entry| match &entry.platform {
        Some(platform) => platform.to_string(),
        None => entry.digest.short(),
    });
    Some(Attached { attachment, platform })
}

/// Whether a check found an attachment.
pub fn is_attached(facts: &Facts) -> bool {
    of(facts).is_some()
}

fn of(facts: &Facts) -> Option<Attachment> {
    match facts {
        Facts::Attachment(attachment) => Some((**attachment).clone()),
        Facts::Platform(platform) => match &platform.manifest {
            Manifest::Image(image) => Attachment::of_entry(&platform.descriptor, image),
            Manifest::Index(_) => None,
        },
        _ => None,
    }
}

/// All of them, in the order of the rows.
pub fn attachments(seen: &Inspection) -> Vec<(&CheckId, Attached)> {
    let all = seen.checks.iter().filter_map(|(id, state)| {
        let super::CheckState::Done { finding, .. } = state else { return None };
        Some((id, attached(seen, &finding.facts)?))
    });
    all.collect()
}

fn entry<'a>(seen: &'a Inspection, digest: &crate::domain::Digest) -> Option<&'a Descriptor> {
    match &seen.resolved()?.manifest {
        Manifest::Index(index) => index.manifests.iter().find(|entry| entry.digest == *digest),
        Manifest::Image(_) => None,
    }
}
