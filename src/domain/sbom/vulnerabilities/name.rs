//! By what names statements speak of things.

use super::{
    finding::Versions,
    purl::{Purl, Strictness},
};
use crate::domain::predicate::tree::Tree;

/// The most names that one statement may have, its parts included.
pub(super) const MAX_NAMES: usize = 10_000;

/// One name of one thing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Name {
    /// A package URL.
    Purl(Purl),
    /// A `bom-ref`, and the CycloneDX document in which it stands; `None` for the SBOM itself.
    Ref(Option<Document>, String),
    /// A whole CycloneDX document: its subject.
    Whole(Document),
    /// A digest, in hex.
    Hash(String),
    /// Another identifier: a CPE, an IRI.
    Text(String),
    /// What a scanner knows: a name, and a version if it says one.
    Package(String, Option<String>),
}

/// Which CycloneDX document: the UUID of its serial number, and its version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Document {
    pub(super) serial: String,
    pub(super) version: String,
}

impl Document {
    /// CycloneDX: "serialNumber […] urn:uuid:…", "version: […] The default version is '1'".
    pub(super) fn of(serial: &str, version: Option<&str>) -> Self {
        let serial = serial.strip_prefix("urn:uuid:").unwrap_or(serial).to_ascii_lowercase();
        Self { serial, version: version.unwrap_or("1").to_owned() }
    }
}

/// The names of one thing: whatever one of them leads to is meant.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Named {
    /// As it is written, for a message.
    pub(super) text: String,
    pub(super) names: Vec<Name>,
}

/// What a statement speaks of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Target {
    /// The product; `None`: what the statement is attached to.
    pub(super) product: Option<Named>,
    /// What is meant inside the product; `None`: the product itself.
    pub(super) part: Option<Named>,
    pub(super) strictness: Strictness,
    /// CycloneDX `affects[].versions`.
    pub(super) versions: Vec<VersionSaid>,
}

/// One entry of `affects[].versions`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct VersionSaid {
    /// `None`: a range.
    pub(super) version: Option<String>,
    pub(super) status: String,
}

impl Target {
    pub(super) fn statement(product: Option<Named>, part: Option<Named>) -> Self {
        Self { product, part, strictness: Strictness::Statement, versions: vec![] }
    }

    pub(super) fn scan(part: Named) -> Self {
        Self { product: None, part: Some(part), strictness: Strictness::Scan, versions: vec![] }
    }

    /// Whether it refers to a CycloneDX document by its serial number.
    pub(super) fn links(&self) -> bool {
        let names = self.product.iter().chain(&self.part).flat_map(|named| &named.names);
        names.into_iter().any(|name| matches!(name, Name::Ref(Some(_), _) | Name::Whole(_)))
    }

    /// The name that stands for it in a message.
    pub(super) fn text(&self) -> &str {
        let named = self.part.as_ref().or(self.product.as_ref());
        named.map_or("", |named| &named.text)
    }

    /// What is said of a component's version.
    pub(super) fn versions(&self, version: Option<&str>) -> Versions {
        if self.versions.is_empty() {
            return Versions::Unsaid;
        }
        let listed =
            |said: &&VersionSaid| said.version.is_some() && said.version.as_deref() == version;
        let mut statuses = self.versions.iter().filter(listed).map(|said| said.status.as_str());
        match (statuses.next(), statuses.next()) {
            (Some("affected"), None) => Versions::Listed,
            (Some("unaffected"), None) => Versions::Unaffected,
            _ => Versions::Unclear,
        }
    }
}

impl Name {
    /// A text that may be any of them.
    pub(super) fn of(text: &str) -> Self {
        Purl::parse(text)
            .map(Self::Purl)
            .or_else(|| Self::link(text))
            .unwrap_or_else(|| Self::Text(text.to_owned()))
    }

    /// CycloneDX "BOM-Link": `urn:cdx:serialNumber/version#bom-ref`.
    pub(super) fn link(text: &str) -> Option<Self> {
        let rest = text.strip_prefix("urn:cdx:")?;
        let (document, bom_ref) = rest.split_once('#').map_or((rest, None), |(d, r)| (d, Some(r)));
        let (serial, version) = document.split_once('/')?;
        let document = Document::of(serial, Some(version));
        Some(match bom_ref {
            Some(bom_ref) => Self::Ref(Some(document), bom_ref.to_owned()),
            None => Self::Whole(document),
        })
    }
}

impl Named {
    pub(super) fn one(text: &str, name: Name) -> Self {
        Self { text: text.to_owned(), names: vec![name] }
    }

    /// An OpenVEX component: an object with `@id`, `identifiers` and `hashes`; a text until v0.0.2.
    pub(super) fn openvex(item: &Tree) -> Option<Self> {
        if let Tree::Text(text) = item {
            return Some(Self::one(text, Name::of(text)));
        }
        let id = item.get("@id").and_then(Tree::text);
        let within = |list: &str| match item.get(list) {
            Some(Tree::Map { fields, .. }) => fields.as_slice(),
            _ => &[],
        };
        let identifiers = within("identifiers").iter().filter_map(|(_, value)| value.text());
        let hashes = within("hashes").iter().filter_map(|(_, value)| value.text());
        let texts: Vec<&str> = id.into_iter().chain(identifiers).collect();
        let names = texts.iter().map(|text| Name::of(text));
        let names: Vec<Name> =
            names.chain(hashes.clone().map(|hex| Name::Hash(hex.to_owned()))).collect();
        let text = texts.first().copied().or_else(|| hashes.clone().next())?;
        Some(Self { text: text.to_owned(), names })
    }
}
