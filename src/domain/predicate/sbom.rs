//! What an SBOM says of itself; its components are read by `domain::sbom`.

use super::{
    read::Reader,
    row::{Rows, Speaks, joined, plural, short},
    tree::Tree,
};

/// Lists that are counted and not read.
pub(super) const COUNTED: [&str; 11] = [
    "components",
    "dependencies",
    "services",
    "compositions",
    "vulnerabilities",
    "packages",
    "files",
    "snippets",
    "relationships",
    "annotations",
    "hasExtractedLicensingInfos",
];

/// The head of an SBOM.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SbomHead {
    /// `CycloneDX 1.6`, `SPDX-2.3`.
    pub format: Option<String>,
    /// What it is of.
    pub subject: Option<String>,
    /// The tools and people that made it.
    pub creators: Vec<String>,
    /// When, as it is written; nobody authenticates it.
    pub created: Option<String>,
    /// Serial number or document namespace.
    pub serial: Option<String>,
    /// How many entries the list of components or packages has; nested ones are not counted.
    pub components: Option<u64>,
    /// How many vulnerabilities are in it.
    pub vulnerabilities: Option<u64>,
}

impl SbomHead {
    pub(super) fn cyclonedx(from: &mut Reader<'_>) -> Self {
        let name = from.text(&["bomFormat"]);
        let version = from.text(&["specVersion"]);
        let format = match (from.expect("format", name), version) {
            (Some(name), Some(version)) => Some(format!("{name} {version}")),
            (name, _) => name,
        };
        let subject = from.text(&["metadata", "component", "name"]);
        let version = from.text(&["metadata", "component", "version"]);
        let components = from.count(&["components"]);
        Self {
            format,
            subject: named(subject, version),
            creators: tools(from),
            created: from.text(&["metadata", "timestamp"]),
            serial: from.text(&["serialNumber"]),
            components: from.expect("components", components),
            vulnerabilities: from.count(&["vulnerabilities"]),
        }
    }

    pub(super) fn spdx(from: &mut Reader<'_>) -> Self {
        let format = from.text(&["spdxVersion"]);
        let components = from.count(&["packages"]);
        Self {
            format: from.expect("format", format),
            subject: from.text(&["name"]),
            creators: from.texts(&["creationInfo", "creators"]),
            created: from.text(&["creationInfo", "created"]),
            serial: from.text(&["documentNamespace"]),
            components: from.expect("packages", components),
            vulnerabilities: None,
        }
    }
}

fn named(name: Option<String>, version: Option<String>) -> Option<String> {
    match (name, version) {
        (Some(name), Some(version)) => Some(format!("{name} {version}")),
        (name, _) => name,
    }
}

/// CycloneDX up to 1.4 has an array of tools, from 1.5 on an object with components.
fn tools(from: &mut Reader<'_>) -> Vec<String> {
    let tools = from.value(&["metadata", "tools"]);
    let list = match tools {
        Some(map @ Tree::Map { .. }) => map.get("components"),
        other => other,
    };
    let items = list.map(Tree::items).unwrap_or_default();
    let text = |item: &Tree, name| item.get(name).and_then(Tree::text).map(str::to_owned);
    items.iter().filter_map(|item| named(text(item, "name"), text(item, "version"))).collect()
}

impl Speaks for SbomHead {
    fn rows(&self, rows: &mut Rows) {
        rows.text("format", "format", self.format.as_ref());
        rows.text("subject", "of", self.subject.as_ref());
        rows.count("components", "components", self.components);
        rows.count("vulnerabilities", "vulnerabilities", self.vulnerabilities);
        rows.texts("creators", "made by", &self.creators);
        rows.text("created", "made, it says", self.created.as_ref());
        rows.text("serial", "serial", self.serial.as_ref());
    }

    fn words(&self) -> String {
        joined([
            self.format.as_ref().map(|f| short(f)),
            self.subject.as_ref().map(|s| format!("of {}", short(s))),
            self.components.map(|n| plural(n, "component")),
            self.creators.first().map(|c| format!("by {}", short(c))),
        ])
    }
}
