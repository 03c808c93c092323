//! What elements of an SPDX 3 document say of one another, put together at its end.

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
};

use foldhash::quality::RandomState;

use super::{build::Builder, graph::index, source::Span};

/// What is said of elements by other elements.
#[derive(Default)]
pub(super) struct Graph<'de> {
    pub(super) versions: bool,
    pub(super) tools: Vec<String>,
    /// Element → the text of the licence that it is.
    pub(super) licences: HashMap<u32, Cow<'de, str>, RandomState>,
    /// Element → the name of the person, organisation or tool that it is.
    pub(super) agents: HashMap<u32, Cow<'de, str>, RandomState>,
    /// Package, licence; concluded ones.
    pub(super) concluded: Vec<(u32, u32)>,
    pub(super) declared: Vec<(u32, u32)>,
    /// Place of a package, who supplied it.
    pub(super) suppliers: Vec<(u32, u32)>,
}

impl Graph<'_> {
    /// Gives packages what other elements say of them.
    pub(super) fn join(self, b: &mut Builder<'_>) {
        b.tool = (!self.tools.is_empty()).then(|| self.tools.join(", "));
        let suppliers = places_of(b, &self.suppliers, &self.agents, |text| Some(text));
        for (place, agent) in &self.suppliers {
            if let Some(record) = b.records.get_mut(index(*place)) {
                record.supplier = suppliers.get(agent).copied().unwrap_or(Span::NONE);
            }
        }
        let package = b.places();
        let pairs = self.concluded.iter().chain(&self.declared);
        let pairs = pairs.filter_map(|(from, licence)| Some((package(*from)?, *licence)));
        let mut pairs: Vec<(u32, u32)> = pairs.collect();
        // By package, so that each one's licences lie in a row; the order within stays.
        pairs.sort_by_key(|(place, _)| *place);
        let licences = places_of(b, &pairs, &self.licences, licence);
        for (place, number) in pairs {
            let span = licences.get(&number).zip(b.records.get(index(place)));
            if let Some((span, record)) = span {
                let mut record = *record;
                b.licence_at(&mut record, *span);
                b.keep(index(place), record);
            }
        }
        let elements = self.licences.values().filter_map(|text| licence(text));
        let named = licences.values().filter_map(|span| b.spans.get(*span));
        let all: HashSet<&str, RandomState> = elements.chain(named).collect();
        let all = all.len();
        b.stated_licences = Some(all);
    }
}

/// One place for the text of each element that is pointed at: what `known` says of it, otherwise
/// its name, which is all there is of an element of another document. One: a name of a megabyte
/// and a million packages that share it must not become a million copies.
fn places_of(
    b: &mut Builder<'_>,
    pairs: &[(u32, u32)],
    known: &HashMap<u32, Cow<'_, str>, RandomState>,
    meant: impl Fn(&str) -> Option<&str>,
) -> HashMap<u32, Span, RandomState> {
    let wanted: BTreeSet<u32> = pairs.iter().map(|(_, to)| *to).collect();
    let names = b.refs.iter().filter(|(_, number)| wanted.contains(number));
    let unknown = names.filter(|(_, number)| !known.contains_key(number));
    let unknown: BTreeMap<u32, String> =
        unknown.map(|(text, number)| (*number, text.to_string())).collect();
    let mut all = HashMap::default();
    for number in wanted {
        let text = known.get(&number).map(Cow::as_ref);
        let text = text.or_else(|| unknown.get(&number).map(String::as_str));
        if let Some(text) = text.and_then(&meant) {
            all.insert(number, b.spans.of(text));
        }
    }
    all
}

/// The text of a licence: for one of SPDX's list its id; `None` for those that are no licence.
fn licence(text: &str) -> Option<&str> {
    let text = text.strip_prefix("https://spdx.org/licenses/").unwrap_or(text);
    (!says_none(text)).then_some(text)
}

/// The two individuals that are no licence.
fn says_none(text: &str) -> bool {
    let name = text.rsplit(['/', '_']).next().unwrap_or_default();
    matches!(
        name,
        "NOASSERTION" | "NONE" | "NoAssertion" | "None" | "NoAssertionLicense" | "NoneLicense"
    )
}
