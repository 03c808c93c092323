//! Names → components of the SBOM, by one pass over them for all names together.

use std::collections::{HashMap, HashSet};

use foldhash::quality::RandomState;

use super::{
    MAX_FINDINGS, Product, Said,
    finding::{How, Nowhere, Rank, Versions, Why},
    name::{Document, Name, Named, Target},
    purl::{Purl, Strictness},
};
use crate::domain::sbom::{Component, Sbom};

/// The most comparisons that are made: a hostile document names one package a hundred thousand
/// times, and a hostile SBOM has it as often.
const MAX_COMPARISONS: usize = 1_000_000;

/// Where names lead.
pub(super) struct Places<'a> {
    sbom: &'a Sbom,
    identity: Option<Document>,
    product: Product,
    /// Only what some statement asks for.
    index: HashMap<String, Vec<Option<u32>>, RandomState>,
    comparisons: usize,
    gave_up: bool,
}

impl<'a> Places<'a> {
    pub(super) fn new(
        sbom: &'a Sbom,
        identity: Option<Document>,
        product: Product,
        targets: &[Vec<Target>],
    ) -> Self {
        let named = |target: &'_ Target| -> Vec<String> {
            let all = target.product.iter().chain(&target.part);
            all.flat_map(|named| &named.names).flat_map(keys).collect()
        };
        let wanted: HashSet<String, RandomState> =
            targets.iter().flatten().flat_map(named).collect();
        let mut this = Self {
            sbom,
            identity,
            product,
            index: HashMap::default(),
            comparisons: 0,
            gave_up: false,
        };
        if wanted.is_empty() {
            return this;
        }
        let root = sbom.root().map(|root| (None, root));
        let rest = (0_u32..).map(Some).zip(sbom.components());
        for (place, component) in root.into_iter().chain(rest) {
            for key in keys_of(component) {
                if wanted.contains(&key) {
                    let places = this.index.entry(key).or_default();
                    if places.last() != Some(&place) {
                        places.push(place);
                    }
                }
            }
        }
        this
    }

    /// Whether a limit kept something from its place.
    pub(super) const fn gave_up(&self) -> bool {
        self.gave_up
    }

    /// Puts a statement beside whatever it names; answers the names that led nowhere.
    pub(super) fn place(
        &mut self,
        statement: usize,
        targets: &[Target],
        said: &mut Vec<Said>,
    ) -> Vec<Nowhere> {
        let mut lost = vec![];
        if targets.is_empty() {
            self.say(Said::new(statement, None, How::Subject), said);
        }
        for target in targets {
            let before = said.len();
            let why = self.target(statement, target, said);
            if said.len() == before && !self.gave_up {
                let named = target.text().to_owned();
                lost.push(Nowhere { statement, named, why, wholly: true });
            }
        }
        lost
    }

    fn say(&mut self, one: Said, said: &mut Vec<Said>) {
        if said.len() < MAX_FINDINGS {
            said.push(one);
        } else {
            self.gave_up = true;
        }
    }

    /// Places a target; the answer is why there is no place, where there is none.
    fn target(&mut self, statement: usize, target: &Target, said: &mut Vec<Said>) -> Why {
        let products = match &target.product {
            None => vec![(None, How::Subject)],
            Some(named) => self.product(named, target.strictness),
        };
        if products.is_empty() {
            let image = |name: &Name| matches!(name, Name::Purl(purl) if purl.is_image());
            let images = target.product.iter().flat_map(|named| &named.names).any(image);
            return if images || target.part.is_some() {
                Why::OtherProduct
            } else {
                Why::NotInSbom
            };
        }
        let Some(part) = &target.part else {
            for (place, how) in products {
                self.say(Said::new(statement, place, how), said);
            }
            return Why::NotInSbom;
        };
        let (places, why) = self.look_up(part, target.strictness);
        // What holds in the whole artifact needs no second line for a part of it.
        let whole = products.iter().any(|(place, _)| place.is_none());
        for (within, _) in products.iter().filter(|(place, _)| !whole || place.is_none()) {
            for (place, how) in &places {
                let version = self.sbom.at(*place).and_then(Component::version);
                let versions = target.versions(version);
                let one = Said { within: *within, versions, ..Said::new(statement, *place, *how) };
                self.say(one, said);
            }
        }
        why
    }

    /// The places of a product; `None` among them is the artifact itself.
    fn product(&mut self, named: &Named, strictness: Strictness) -> Vec<(Option<u32>, How)> {
        let Product { digests, repository } = &self.product;
        let is_artifact = |name: &Name| match name {
            Name::Purl(purl) => purl.names_image(digests, repository.as_deref()),
            Name::Hash(hex) => digests.iter().any(|digest| {
                digest.split_once(':').is_some_and(|(_, known)| known.eq_ignore_ascii_case(hex))
            }),
            Name::Text(text) => digests.contains(text),
            Name::Ref(..) | Name::Whole(_) | Name::Package(..) => false,
        };
        if named.names.iter().any(is_artifact) {
            return vec![(None, How::Artifact)];
        }
        self.look_up(named, strictness).0
    }

    /// The components that one of the names leads to, each once, and why there is none.
    fn look_up(&mut self, named: &Named, strictness: Strictness) -> (Vec<(Option<u32>, How)>, Why) {
        let (mut places, mut why) = (vec![], Why::NotInSbom);
        if self.gave_up {
            return (places, why);
        }
        for name in &named.names {
            match name {
                Name::Whole(document) | Name::Ref(Some(document), _)
                    if self.identity.as_ref() != Some(document) =>
                {
                    why = Why::OtherDocument;
                    continue;
                }
                Name::Whole(_) => places.push((None, How::Artifact)),
                _ => {}
            }
            let found: Vec<Option<u32>> = keys(name)
                .iter()
                .filter_map(|key| self.index.get(key))
                .flatten()
                .copied()
                .collect();
            for place in found {
                if self.comparisons >= MAX_COMPARISONS {
                    self.gave_up = true;
                    return (places, why);
                }
                self.comparisons = self.comparisons.saturating_add(1);
                places.extend(self.agrees(name, place, strictness).map(|how| (place, how)));
            }
        }
        places.sort_by_key(|(place, _)| *place);
        places.dedup_by_key(|(place, _)| *place);
        (places, why)
    }

    /// Whether a name that may mean a component does.
    fn agrees(&self, name: &Name, place: Option<u32>, strictness: Strictness) -> Option<How> {
        let component = self.sbom.at(place)?;
        match name {
            Name::Purl(purl) => {
                let own = Purl::parse(component.purl()?)?;
                let how = if purl.has_version() { How::Purl } else { How::AnyVersion };
                purl.covers(&own, strictness).then_some(how)
            }
            Name::Ref(..) => Some(How::BomRef),
            Name::Text(_) => Some(How::Text),
            Name::Package(_, None) => Some(How::NameOnly),
            Name::Package(_, Some(version)) => {
                (component.version() == Some(version.as_str())).then_some(How::Name)
            }
            Name::Whole(_) | Name::Hash(_) => None,
        }
    }
}

impl Said {
    fn new(statement: usize, place: Option<u32>, how: How) -> Self {
        Self { place, statement, how, within: None, versions: Versions::Unsaid, rank: Rank::Only }
    }
}

/// Under what a name is looked for. A sign in front keeps the kinds apart.
fn keys(name: &Name) -> Vec<String> {
    match name {
        Name::Purl(purl) => vec![format!("p{}", purl.key())],
        Name::Ref(_, bom_ref) => {
            // CycloneDX: the reference in a BOM-Link is percent-encoded; not every writer does it.
            let decoded = super::purl::decoded(bom_ref);
            let plain = format!("r{bom_ref}");
            if decoded == *bom_ref { vec![plain] } else { vec![plain, format!("r{decoded}")] }
        }
        Name::Text(text) => vec![format!("t{text}")],
        Name::Package(package, _) => vec![format!("n{package}")],
        Name::Whole(_) | Name::Hash(_) => vec![],
    }
}

/// Under what a component is found.
fn keys_of(component: Component<'_>) -> impl Iterator<Item = String> {
    let purl = component.purl().and_then(Purl::parse).map(|purl| format!("p{}", purl.key()));
    let bom_ref = component.bom_ref().map(|text| format!("r{text}"));
    let texts = [component.purl(), component.bom_ref(), component.cpe()];
    let name = component.name();
    let grouped = component.group().map(|group| {
        // Trivy writes Maven packages with a colon, npm's with a slash.
        [format!("n{group}/{name}"), format!("n{group}:{name}")]
    });
    purl.into_iter()
        .chain(bom_ref)
        .chain(texts.into_iter().flatten().map(|text| format!("t{text}")))
        .chain([format!("n{name}")])
        .chain(grouped.into_iter().flatten())
}
