//! The `sbom` member of the report, and the report of a document that nothing vouches for.

use serde_json::{Value, json};

use crate::{
    domain::{
        Digest,
        sbom::{Component, Sbom},
    },
    report::json::Report,
};

/// One SBOM in a report.
#[derive(Clone, Copy, Debug)]
pub struct Section<'a> {
    /// The document.
    pub sbom: &'a Sbom,
    /// Whether the demanded signer vouches for it.
    pub attested: bool,
    /// The platform that it describes.
    pub platform: Option<&'a str>,
    /// The manifest that carries it.
    pub carrier: Option<&'a Digest>,
    /// What was found in it; empty where nothing was looked for.
    pub hits: &'a [u32],
    /// How many others may be meant and could not be decided; `None` where nothing was looked for.
    pub undecided: Option<usize>,
    /// Whether licences are to be counted: those of everything, or of what was found.
    pub licences: Option<&'a [u32]>,
}

impl Section<'_> {
    /// As it stands in the report.
    pub fn value(self) -> Value {
        let counts = self.sbom.counts();
        let hits: Vec<Value> = super::components(self.sbom, self.hits).map(hit).collect();
        let mut object = json!({
            "format": self.sbom.format(),
            "components": counts.components,
            "edges": counts.edges,
            "purls": counts.purls,
            "licences": counts.licences,
            "attested": self.attested,
            "platform": self.platform,
            "carrier": self.carrier.map(ToString::to_string),
            "left_out": self.sbom.left_out().map(ToString::to_string),
            "problems": self.sbom.problems().len(),
            "unread": self.sbom.unread(),
            "undecided": self.undecided,
            "hits": hits,
        });
        if let (Some(numbers), Some(object)) = (self.licences, object.as_object_mut()) {
            object.insert("licence_counts".into(), licence_values(self.sbom, numbers));
        }
        object
    }
}

/// How often each licence is stated by these components.
pub(super) fn licence_values(sbom: &Sbom, numbers: &[u32]) -> Value {
    let counts = super::licence_counts(super::components(sbom, numbers)).into_iter();
    counts.map(|(licence, n)| json!({ "licence": licence, "components": n })).collect()
}

pub(super) fn hit(one: Component<'_>) -> Value {
    json!({
        "name": one.name(),
        "group": one.group(),
        "version": one.version(),
        "purl": one.purl(),
        "licences": one.licences().collect::<Vec<_>>(),
    })
}

/// The report of a file by itself: nobody was asked, and nothing vouches for it. The digest is the
/// file's.
pub fn of_document(target: &str, digest: &Digest, section: Section<'_>) -> Report {
    Report::of_document(target.to_owned(), digest.to_string(), section.value())
}
