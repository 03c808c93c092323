//! What the reader of a document found, put together: graph, counts, search text.

use std::collections::{HashMap, HashSet};

use foldhash::quality::RandomState;

use super::{
    Body, Counts, Problem,
    build::{Builder, Owner, Step},
    component::part,
    graph::{Lists, index},
    sniff::clip,
    source::Span,
};

impl Builder<'_> {
    fn owner(&self, number: u32) -> Owner {
        self.owners.get(index(number)).copied().unwrap_or(Owner::Nobody)
    }

    /// What was read.
    pub(super) fn finish(mut self) -> Body {
        let pairs = Lists::new(self.owners.len(), self.edges.iter().copied());
        self.edges = Vec::new();
        self.path.clear();
        self.only_files();
        self.at(Step::Member(self.dependencies), |b| b.doubtful(&pairs));
        self.refs = HashMap::default();
        let nodes = self.records.len().saturating_add(1);
        let root = u32::try_from(self.records.len()).unwrap_or(u32::MAX);
        let of_root = if self.root.is_some() { root } else { u32::MAX };
        let node = |place: Option<u32>| place.unwrap_or(of_root);
        let place = |number| match self.owner(number) {
            Owner::Part(place) => node(place),
            Owner::Nobody | Owner::Other => u32::MAX,
        };
        // Lists::new drops what lies beyond the nodes: dangling and foreign references.
        let depends = Lists::new(nodes, pairs.pairs().map(|(from, to)| (place(from), place(to))));
        let dependents = Lists::new(nodes, depends.pairs().map(|(from, to)| (to, from)));
        let nested = self.nested.iter().map(|(outer, inner)| (node(*outer), *inner));
        let stated = self.containments.iter().map(|(a, b)| (place(*a), place(*b)));
        let contains = Lists::new(nodes, nested.chain(stated));
        let below = Lists::new(nodes, depends.pairs().chain(contains.pairs()));
        let counts = self.count(pairs.len());
        let mut contradicted = Vec::new();
        for record in self.records.get(self.haystack.len()..).unwrap_or_default() {
            if self.haystack.push(record, &self.licences, &self.hashes, &self.spans) {
                contradicted.push(*record);
            }
        }
        for record in contradicted {
            self.contradicted(record);
        }
        self.haystack.finish();
        if self.not_listed > 0 {
            let message = format!("{} more problems are not listed", self.not_listed);
            self.problems.push(Problem { position: String::new(), message, hides: false });
        }
        Body {
            haystack: self.haystack,
            language: self.language,
            format: self.format,
            tool: self.tool,
            created: self.created,
            root: self.root,
            records: self.records,
            licences: self.licences,
            hashes: self.hashes,
            unescaped: self.spans.unescaped,
            depends,
            dependents,
            contains,
            below,
            counts,
            problems: self.problems,
            unread: self.unread,
            left_out: self.left_out,
        }
    }

    fn count(&self, edges: usize) -> Counts {
        let distinct = |spans: &mut dyn Iterator<Item = Span>| {
            spans.filter_map(|span| self.spans.get(span)).collect::<HashSet<_, RandomState>>().len()
        };
        Counts {
            components: self.records.len(),
            edges,
            purls: distinct(&mut self.records.iter().map(|record| record.purl)),
            licences: self.stated_licences.unwrap_or_else(|| {
                distinct(
                    &mut self
                        .records
                        .iter()
                        .flat_map(|record| part(&self.licences, record.licences).iter().copied()),
                )
            }),
        }
    }

    /// Notes dependencies on nothing and on oneself.
    fn doubtful(&mut self, pairs: &Lists) {
        let dangling = |to: u32| self.owner(to) == Owner::Nobody;
        let doubtful: Vec<_> = pairs
            .pairs()
            .filter(|(from, to)| from == to || dangling(*from) || dangling(*to))
            .collect();
        if doubtful.is_empty() {
            return;
        }
        let mut names = vec![String::new(); self.owners.len()];
        for (text, number) in &self.refs {
            if let Some(slot) = names.get_mut(index(*number)) {
                *slot = clip(text);
            }
        }
        let name = |number: u32| names.get(index(number));
        for (from, to) in doubtful {
            let (Some(from_name), Some(to_name)) = (name(from), name(to)) else { continue };
            // A BOM-Link names a component of another document (CycloneDX 1.5, "BOM-Link").
            if to_name.starts_with("urn:cdx:") {
                continue;
            }
            let why = if from == to {
                "on itself".to_owned()
            } else if self.owner(to) == Owner::Nobody {
                format!("on {to_name:?}, which is not in the document")
            } else {
                format!("on {to_name:?}, but is not in the document itself")
            };
            self.problem(format!("{from_name:?} depends {why}"));
        }
    }
}
