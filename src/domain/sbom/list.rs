//! Components one under the other, in an order that is asked for, or in groups.

use std::collections::HashMap;

use super::{Component, Sbom, graph::index};

/// By what a list is ordered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SortKey {
    /// As in the document.
    Document,
    /// Group and name.
    Name,
    /// Version; numbers in it as numbers.
    Version,
    /// First licence.
    Licence,
    /// CycloneDX `type`, SPDX purpose.
    Kind,
    /// How many components depend on it, the most first.
    Dependents,
}

impl SortKey {
    /// All of them, in the order in which they are offered.
    pub const ALL: [Self; 6] =
        [Self::Document, Self::Name, Self::Version, Self::Licence, Self::Kind, Self::Dependents];

    /// For a headline.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Document => "as written",
            Self::Name => "by name",
            Self::Version => "by version",
            Self::Licence => "by licence",
            Self::Kind => "by type",
            Self::Dependents => "by number of users",
        }
    }
}

/// What components of a group have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GroupKey {
    /// CycloneDX `type`, SPDX purpose.
    Kind,
    /// A licence; a component with two stands in two groups.
    Licence,
    /// Who supplied it.
    Supplier,
    /// The type of its package URL: `golang`, `npm`.
    PurlType,
}

impl GroupKey {
    /// All of them, in the order in which they are offered.
    pub const ALL: [Self; 4] = [Self::Kind, Self::Licence, Self::Supplier, Self::PurlType];

    /// For a headline.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Kind => "type",
            Self::Licence => "licence",
            Self::Supplier => "supplier",
            Self::PurlType => "package type",
        }
    }

    /// What a component has under it; more than one for licences, none where nothing is said.
    pub fn of(self, component: Component<'_>) -> Vec<&str> {
        let mut all = Vec::new();
        self.each(component, |label| all.push(label));
        all
    }

    fn each<'a>(self, component: Component<'a>, mut take: impl FnMut(&'a str)) {
        match self {
            Self::Kind => component.kind().into_iter().for_each(take),
            Self::Licence => component.licences().for_each(take),
            Self::Supplier => component.supplier().into_iter().for_each(take),
            Self::PurlType => {
                if let Some(kind) = component.purl().and_then(purl_type) {
                    take(kind);
                }
            }
        }
    }
}

/// The type of a package URL: `pkg:golang/…` → `golang` (purl-spec, "scheme:type/…").
pub fn purl_type(purl: &str) -> Option<&str> {
    let (kind, _) = purl.strip_prefix("pkg:")?.trim_start_matches('/').split_once('/')?;
    (!kind.is_empty()).then_some(kind)
}

/// Every component in that order; equal ones as in the document.
pub fn sorted(sbom: &Sbom, key: SortKey) -> Vec<u32> {
    let all = 0..u32::try_from(sbom.len()).unwrap_or(u32::MAX);
    match key {
        SortKey::Document => all.collect(),
        SortKey::Dependents => {
            let mut order: Vec<(usize, u32)> =
                all.map(|n| (sbom.dependents_of(n).len(), n)).collect();
            order.sort_by_key(|(users, _)| std::cmp::Reverse(*users));
            order.into_iter().map(|(_, component)| component).collect()
        }
        SortKey::Name | SortKey::Version | SortKey::Licence | SortKey::Kind => by_text(sbom, key),
    }
}

/// Sorts by a text that is built once for each component: 100,000 comparisons of places in a
/// document of 100 MB would each wait for the memory.
fn by_text(sbom: &Sbom, key: SortKey) -> Vec<u32> {
    let (mut text, mut ends) = (Vec::new(), vec![0_usize]);
    for component in sbom.components() {
        write_key(component, key, &mut text);
        ends.push(text.len());
    }
    let of = |number: u32| {
        let at = index(number);
        let range = ends.get(at).zip(ends.get(at.saturating_add(1)));
        range.and_then(|(start, end)| text.get(*start..*end)).unwrap_or_default()
    };
    let all = 0..u32::try_from(sbom.len()).unwrap_or(u32::MAX);
    let mut order: Vec<(u128, u32)> = all.map(|n| (head(of(n)), n)).collect();
    order.sort_unstable_by(|a, b| {
        a.0.cmp(&b.0).then_with(|| of(a.1).cmp(of(b.1))).then(a.1.cmp(&b.1))
    });
    order.into_iter().map(|(_, component)| component).collect()
}

/// The first bytes as a number that orders as they do.
fn head(bytes: &[u8]) -> u128 {
    let mut head = [0_u8; 16];
    let len = bytes.len().min(16);
    if let (Some(to), Some(from)) = (head.get_mut(..len), bytes.get(..len)) {
        to.copy_from_slice(from);
    }
    u128::from_be_bytes(head)
}

/// Lower case; what is not said comes last.
fn write_key(component: Component<'_>, key: SortKey, out: &mut Vec<u8>) {
    let text = match key {
        SortKey::Version => component.version(),
        SortKey::Licence => component.licences().next(),
        SortKey::Kind => component.kind(),
        SortKey::Name | SortKey::Document | SortKey::Dependents => {
            out.extend(
                component.group().unwrap_or_default().bytes().map(|b| b.to_ascii_lowercase()),
            );
            Some(component.name())
        }
    };
    match text.filter(|text| !text.is_empty()) {
        None => out.push(0xff),
        Some(text) if key == SortKey::Version => natural(text, out),
        Some(text) => out.extend(text.bytes().map(|b| b.to_ascii_lowercase())),
    }
}

/// Digits in a row with their number in front: `1.10` comes after `1.9`.
fn natural(text: &str, out: &mut Vec<u8>) {
    let text = text.strip_prefix('v').unwrap_or(text);
    let mut rest = text.as_bytes();
    while let Some(first) = rest.first() {
        let digits = rest.iter().take_while(|b| b.is_ascii_digit()).count();
        if digits == 0 {
            out.push(first.to_ascii_lowercase());
            rest = rest.get(1..).unwrap_or_default();
            continue;
        }
        let (number, behind) = rest.split_at(digits);
        let zeros = number.iter().take_while(|b| **b == b'0').count().min(digits.saturating_sub(1));
        let number = number.get(zeros..).unwrap_or_default();
        // Digits are below every letter and above every separator that versions use.
        out.push(b'0');
        out.push(u8::try_from(number.len()).unwrap_or(u8::MAX));
        out.extend_from_slice(number);
        rest = behind;
    }
}

/// Components that have something in common.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// What they have in common; `None`: that nothing is said.
    pub label: Option<String>,
    /// They, in document order.
    pub members: Vec<u32>,
}

/// The groups of a document, the largest first; the one of which nothing is said comes last.
///
/// Every text is read once, to find its group: a million labels in a document of 100 MB that were
/// compared where they stand would each wait for the memory.
pub fn grouped(sbom: &Sbom, key: GroupKey) -> Vec<Group> {
    let mut known: HashMap<&str, usize> = HashMap::with_capacity(sbom.len());
    let mut said: Vec<(u128, &str, Vec<u32>)> = Vec::new();
    let mut unsaid = Vec::new();
    for (number, component) in (0_u32..).zip(sbom.components()) {
        let mut any = false;
        key.each(component, |label| {
            any = true;
            let group = *known.entry(label).or_insert(said.len());
            match said.get_mut(group) {
                Some((.., members)) => members.push(number),
                None => said.push((head(label.as_bytes()), label, vec![number])),
            }
        });
        if !any {
            unsaid.push(number);
        }
    }
    drop(known);
    said.sort_unstable_by(|(a_head, a, a_members), (b_head, b, b_members)| {
        let by_size = b_members.len().cmp(&a_members.len());
        by_size.then_with(|| a_head.cmp(b_head)).then_with(|| a.cmp(b))
    });
    let mut groups: Vec<Group> = said
        .into_iter()
        .map(|(_, label, members)| Group { label: Some(label.to_owned()), members })
        .collect();
    if !unsaid.is_empty() {
        groups.push(Group { label: None, members: unsaid });
    }
    groups
}
