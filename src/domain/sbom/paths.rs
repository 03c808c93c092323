//! Who pulls a component in: every shortest way from the root to it.

use std::collections::VecDeque;

use super::{
    Sbom,
    graph::{Lists, index},
};

/// The most ways that are listed; all of them are counted.
pub const MAX_WAYS: usize = 20;

/// The shortest ways to one component.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ways {
    /// How many there are; [`u64::MAX`] also stands for more.
    pub count: u64,
    /// The first of them, at most [`MAX_WAYS`], each from the root (or, where no way leads from
    /// it, from a component that nothing leads to) down to the component itself.
    pub listed: Vec<Vec<Option<u32>>>,
}

/// How far every component is from the root. Made once for a document, then every question is
/// answered by walking back from the component.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paths {
    /// Steps from the nearest top; [`u32::MAX`] where no top leads.
    distance: Vec<u32>,
    /// What stands directly above each node.
    above: Lists,
}

impl Paths {
    /// Walks the whole graph once, breadth first: from the root where there is one, then from what
    /// nothing leads to.
    pub fn new(sbom: &Sbom) -> Self {
        let nodes = sbom.nodes();
        let below = &sbom.body.below;
        let pairs = below.pairs().filter(|(from, to)| from != to).map(|(from, to)| (to, from));
        let mut paths = Self { distance: vec![u32::MAX; nodes], above: Lists::new(nodes, pairs) };
        let root = u32::try_from(sbom.len()).unwrap_or(u32::MAX);
        if sbom.root().is_some() {
            paths.walk(below, [root]);
        }
        let tops: Vec<u32> =
            (0..root).filter(|node| paths.above.of(index(*node)).is_empty()).collect();
        paths.walk(below, tops);
        paths
    }

    fn walk(&mut self, below: &Lists, from: impl IntoIterator<Item = u32>) {
        let mut queue = VecDeque::new();
        for node in from {
            self.reach(node, 0, &mut queue);
        }
        while let Some(node) = queue.pop_front() {
            let next = self.distance(node).saturating_add(1);
            for to in below.of(index(node)) {
                self.reach(*to, next, &mut queue);
            }
        }
    }

    fn reach(&mut self, node: u32, distance: u32, queue: &mut VecDeque<u32>) {
        if let Some(slot) = self.distance.get_mut(index(node))
            && *slot == u32::MAX
        {
            *slot = distance;
            queue.push_back(node);
        }
    }

    fn distance(&self, node: u32) -> u32 {
        self.distance.get(index(node)).copied().unwrap_or(u32::MAX)
    }

    /// What stands above a node one step nearer to the top.
    fn nearer(&self, node: u32) -> impl Iterator<Item = u32> + '_ {
        let wanted = self.distance(node).checked_sub(1).filter(|_| self.distance(node) < u32::MAX);
        let above = self.above.of(index(node)).iter().copied();
        above.filter(move |above| wanted.is_some_and(|wanted| self.distance(*above) == wanted))
    }

    /// How many steps lead to a component; `None` where no top leads to it.
    pub fn steps(&self, component: u32) -> Option<u32> {
        Some(self.distance(component)).filter(|steps| *steps < u32::MAX)
    }

    /// The shortest ways to a component.
    ///
    /// Their number may grow with a power of the document's size, so they are counted by adding up
    /// level by level, and only the first are written out.
    pub fn ways(&self, sbom: &Sbom, component: u32) -> Ways {
        if self.steps(component).is_none() {
            return Ways::default();
        }
        let mut listed = Vec::new();
        let mut way = vec![component];
        let mut rest = vec![self.nearer(component)];
        while let (Some(step), Some(last)) = (rest.last_mut(), way.last().copied()) {
            if self.distance(last) == 0 {
                listed.push(way.iter().rev().map(|node| sbom.place(*node)).collect());
                way.pop();
                rest.pop();
                if listed.len() >= MAX_WAYS {
                    break;
                }
                continue;
            }
            match step.next() {
                Some(above) => {
                    way.push(above);
                    rest.push(self.nearer(above));
                }
                None => {
                    way.pop();
                    rest.pop();
                }
            }
        }
        Ways { count: self.count(component), listed }
    }

    fn count(&self, component: u32) -> u64 {
        let mut ways = std::collections::HashMap::from([(component, 1_u64)]);
        let mut level = vec![component];
        loop {
            let mut above = Vec::new();
            for node in &level {
                let here = ways.get(node).copied().unwrap_or(0);
                for nearer in self.nearer(*node) {
                    let slot = ways.entry(nearer).or_insert_with(|| {
                        above.push(nearer);
                        0
                    });
                    *slot = slot.saturating_add(here);
                }
            }
            if above.is_empty() {
                let ends = level.iter().filter_map(|node| ways.get(node));
                return ends.fold(0, |sum, ways| sum.saturating_add(*ways));
            }
            level = above;
        }
    }
}
