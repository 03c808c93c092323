//! The dependency graph as the rows of a list that can be unfolded.
//!
//! A graph drawn as a tree explodes: 100,000 components with 200,000 edges have about 10³⁶ paths.
//! So every component has one *home*, the first row that shows it; only there it can be opened.
//! Every further row of it says [`Shape::SeenAbove`], or [`Shape::Cycle`] inside itself, and the
//! rows are never more than components and edges together.
//!
//! Rows are a function of the graph and of the set of open components, nothing else; what is above
//! a row that is toggled never moves.

use super::{Sbom, graph::index};

/// What a row shows beside its component.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// Nothing below it.
    Leaf,
    /// What is below it follows, one deeper.
    Open,
    /// What is below it is folded away.
    Closed,
    /// A row further up shows this component.
    SeenAbove,
    /// This row stands inside the component itself.
    Cycle,
}

/// One line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row {
    /// The component; `None`: the root of the document.
    pub component: Option<u32>,
    /// How far inside, from 0; not counted beyond 65,535.
    pub depth: u16,
    /// What is below.
    pub shape: Shape,
}

/// Which rows of a document are unfolded. Belongs to the [`Sbom`] that it was made of; with
/// another one it shows nonsense, but never panics.
///
/// Below a component stand what it depends on, then what it contains. What cannot be reached from
/// the root follows the tree at depth 0: first what nothing else leads to, then the first of each
/// circle that is still missing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tree {
    relation: Relation,
    /// Rows at depth 0.
    tops: Vec<u32>,
    /// For each node the one before it on a shortest way from a top; itself for tops.
    before: Vec<u32>,
    open: Vec<bool>,
    filter: Option<Filter>,
    rows: Vec<Row>,
}

/// What stands below a component.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Relation {
    /// What it depends on, then what it contains.
    Dependencies,
    /// What it contains.
    Contents,
}

/// What a filter shows.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Filter {
    /// Hits and the ways to them.
    shown: Vec<bool>,
    /// Nodes on a way: below them only what is shown, until they are closed.
    way: Vec<bool>,
    open: Vec<bool>,
}

impl Tree {
    /// The dependency tree of a document, with the root open and everything else closed.
    pub fn new(sbom: &Sbom) -> Self {
        Self::over(sbom, Relation::Dependencies)
    }

    /// The tree of that relation, with the root open and everything else closed.
    pub fn over(sbom: &Sbom, relation: Relation) -> Self {
        let nodes = sbom.nodes();
        let mut tree = Self {
            relation,
            tops: Vec::new(),
            before: vec![u32::MAX; nodes],
            open: vec![false; nodes],
            filter: None,
            rows: Vec::new(),
        };
        tree.find_tops(sbom);
        if let (Some(_), Some(root)) = (sbom.root(), tree.open.last_mut()) {
            *root = true;
        }
        tree.rebuild(sbom);
        tree
    }

    /// The visible rows, top to bottom.
    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// Opens or closes the component of that row and answers the row where the cursor belongs: the
    /// same one, or for a row that only says "seen above" or "cycle" the one that it speaks of.
    pub fn toggle(&mut self, sbom: &Sbom, row: usize) -> usize {
        let Some(at) = self.rows.get(row).copied() else { return row };
        match at.shape {
            Shape::Leaf => row,
            Shape::SeenAbove | Shape::Cycle => self.home(at.component).unwrap_or(row),
            Shape::Open | Shape::Closed => {
                let open = self.filter.as_mut().map_or(&mut self.open, |filter| &mut filter.open);
                if let Some(open) = open.get_mut(sbom.node(at.component)) {
                    *open = !*open;
                }
                self.rebuild(sbom);
                row
            }
        }
    }

    /// Opens or closes everything.
    pub fn set_all(&mut self, sbom: &Sbom, open: bool) {
        let all = self.filter.as_mut().map_or(&mut self.open, |filter| &mut filter.open);
        all.fill(open);
        self.rebuild(sbom);
    }

    /// The first row of a component (`None`: the root), if it is visible.
    pub fn home(&self, component: Option<u32>) -> Option<usize> {
        self.rows.iter().position(|row| row.component == component)
    }

    /// Shows the components `hits` and for each of them one shortest way from the top, nothing
    /// else. Hits can be opened; what was open before comes back with [`Self::unfilter`].
    pub fn filter(&mut self, sbom: &Sbom, hits: &[u32]) {
        let nodes = sbom.nodes();
        let (mut shown, mut way) = (vec![false; nodes], vec![false; nodes]);
        for hit in hits.iter().filter(|hit| sbom.place(**hit).is_some()) {
            let mut node = *hit;
            // Ends: each step marks a node that was not marked, or stops.
            while shown.get(index(node)) == Some(&false) {
                mark(&mut shown, node, true);
                let Some(before) = self.before.get(index(node)).copied() else { break };
                if before == node {
                    break;
                }
                mark(&mut way, before, true);
                node = before;
            }
        }
        self.filter = Some(Filter { open: way.clone(), shown, way });
        self.rebuild(sbom);
    }

    /// Shows everything again, unfolded as it was before the filter.
    pub fn unfilter(&mut self, sbom: &Sbom) {
        if self.filter.take().is_some() {
            self.rebuild(sbom);
        }
    }

    /// A shortest way to a component, from the top row to the component itself.
    pub fn way_to(&self, sbom: &Sbom, component: u32) -> Vec<Option<u32>> {
        let mut way = Vec::new();
        let mut node = component;
        while let Some(before) = self.before.get(index(node)).copied() {
            way.push(sbom.place(node));
            if before == node || way.len() > self.before.len() {
                break;
            }
            node = before;
        }
        way.reverse();
        way
    }

    /// Walks the graph breadth first from the root, then from what is left.
    fn find_tops(&mut self, sbom: &Sbom) {
        let relation = self.relation;
        let components = (0_u32..).take(sbom.len());
        let mut led_to = vec![false; sbom.nodes()];
        for node in components.clone() {
            for below in below(sbom, relation, node).filter(|below| *below != node) {
                mark(&mut led_to, below, true);
            }
        }
        if sbom.root().is_some() {
            self.walk(sbom, u32::try_from(sbom.len()).unwrap_or(u32::MAX));
        }
        let first = |node: &u32| led_to.get(index(*node)) == Some(&false);
        for top in components.clone().filter(first).chain(components) {
            self.walk(sbom, top);
        }
    }

    fn walk(&mut self, sbom: &Sbom, top: u32) {
        if !self.reach(top, top) {
            return;
        }
        self.tops.push(top);
        let relation = self.relation;
        let mut queue = std::collections::VecDeque::from([top]);
        while let Some(node) = queue.pop_front() {
            for below in below(sbom, relation, node) {
                if self.reach(below, node) {
                    queue.push_back(below);
                }
            }
        }
    }

    /// Notes that `node` is reached from `before`; false if it was reached earlier.
    fn reach(&mut self, node: u32, before: u32) -> bool {
        match self.before.get_mut(index(node)) {
            Some(slot) if *slot == u32::MAX => {
                *slot = before;
                true
            }
            Some(_) | None => false,
        }
    }

    /// Whether `node` is drawn below `above`: in a filter, on a way to a hit only the way.
    fn drawn(&self, node: u32, above: u32) -> bool {
        self.filter.as_ref().is_none_or(|filter| {
            !is(&filter.way, above)
                || (is(&filter.shown, node)
                    && node != above
                    && self.before.get(index(node)) == Some(&above))
        })
    }

    fn rebuild(&mut self, sbom: &Sbom) {
        let relation = self.relation;
        let mut rows = std::mem::take(&mut self.rows);
        rows.clear();
        let (mut seen, mut inside) = (vec![false; sbom.nodes()], vec![false; sbom.nodes()]);
        let tops = self
            .tops
            .iter()
            .filter(|top| self.filter.as_ref().is_none_or(|filter| is(&filter.shown, **top)));
        for top in tops {
            // A stack of its own: a chain of 100,000 dependencies must not end the program's.
            let mut stack = Vec::new();
            let mut next = Some(*top);
            while let Some(node) = next {
                let shape = self.shape(sbom, node, is(&seen, node), is(&inside, node));
                let depth = u16::try_from(stack.len()).unwrap_or(u16::MAX);
                rows.push(Row { component: sbom.place(node), depth, shape });
                mark(&mut seen, node, true);
                if shape == Shape::Open {
                    mark(&mut inside, node, true);
                    stack.push((node, below(sbom, relation, node)));
                }
                next = None;
                while let Some((above, rest)) = stack.last_mut() {
                    let above = *above;
                    next = rest.find(|node| self.drawn(*node, above));
                    if next.is_some() {
                        break;
                    }
                    mark(&mut inside, above, false);
                    stack.pop();
                }
            }
        }
        self.rows = rows;
    }

    fn shape(&self, sbom: &Sbom, node: u32, seen: bool, inside: bool) -> Shape {
        if inside {
            return Shape::Cycle;
        }
        if seen {
            return Shape::SeenAbove;
        }
        if below(sbom, self.relation, node).next().is_none() {
            return Shape::Leaf;
        }
        let open = self.filter.as_ref().map_or(&self.open, |filter| &filter.open);
        if is(open, node) { Shape::Open } else { Shape::Closed }
    }
}

/// What stands below a node.
fn below(sbom: &Sbom, relation: Relation, node: u32) -> impl Iterator<Item = u32> {
    let lists = match relation {
        Relation::Dependencies => &sbom.body.below,
        Relation::Contents => &sbom.body.contains,
    };
    lists.of(index(node)).iter().copied()
}

fn is(flags: &[bool], node: u32) -> bool {
    flags.get(index(node)) == Some(&true)
}

fn mark(flags: &mut [bool], node: u32, flag: bool) {
    if let Some(slot) = flags.get_mut(index(node)) {
        *slot = flag;
    }
}
