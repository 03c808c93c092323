//! The rows of a document in whatever arrangement is asked for.

use super::{
    Sbom,
    graph::index,
    list::{Group, GroupKey, SortKey, grouped, sorted},
    tree::{self, Relation, Shape, Tree},
};

/// How the components stand on the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arrangement {
    /// Below each what it depends on, then what it contains.
    Dependencies,
    /// Below each what it contains.
    Nesting,
    /// One under the other.
    List(SortKey),
    /// Under what they have in common.
    Groups(GroupKey),
}

/// One line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Line {
    /// A component, and how it stands.
    Component(tree::Row),
    /// A heading: the number of its group, and whether it is open.
    Group(usize, bool),
}

impl Line {
    /// The component (inside `None`: the root); `None` for a heading.
    pub const fn component(self) -> Option<Option<u32>> {
        match self {
            Self::Component(row) => Some(row.component),
            Self::Group(..) => None,
        }
    }

    /// How far inside.
    pub const fn depth(self) -> u16 {
        match self {
            Self::Component(row) => row.depth,
            Self::Group(..) => 0,
        }
    }

    /// What is below.
    pub const fn shape(self) -> Shape {
        match self {
            Self::Component(row) => row.shape,
            Self::Group(_, true) => Shape::Open,
            Self::Group(_, false) => Shape::Closed,
        }
    }
}

/// Rows of one document. Belongs to the [`Sbom`] that it was made of.
#[derive(Clone, Debug, PartialEq)]
pub struct Rows {
    arrangement: Arrangement,
    inner: Inner,
}

#[derive(Clone, Debug, PartialEq)]
enum Inner {
    Tree(Tree),
    List { all: Vec<u32>, shown: Option<Vec<u32>> },
    Groups(Groups),
}

#[derive(Clone, Debug, PartialEq)]
struct Groups {
    all: Vec<Group>,
    /// For each group what is shown of it, while a filter stands.
    shown: Option<Vec<Vec<u32>>>,
    open: Vec<bool>,
    /// In which row each group begins, and behind the last the number of rows. Groups without a
    /// row begin where the next does.
    starts: Vec<usize>,
}

impl Rows {
    /// The rows in that arrangement, with the root or nothing open.
    pub fn new(sbom: &Sbom, arrangement: Arrangement) -> Self {
        let inner = match arrangement {
            Arrangement::Dependencies => Inner::Tree(Tree::new(sbom)),
            Arrangement::Nesting => Inner::Tree(Tree::over(sbom, Relation::Contents)),
            Arrangement::List(key) => Inner::List { all: sorted(sbom, key), shown: None },
            Arrangement::Groups(key) => Inner::Groups(Groups::new(grouped(sbom, key))),
        };
        Self { arrangement, inner }
    }

    /// How they stand.
    pub const fn arrangement(&self) -> Arrangement {
        self.arrangement
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        match &self.inner {
            Inner::Tree(tree) => tree.rows().len(),
            Inner::List { all, shown } => shown.as_ref().unwrap_or(all).len(),
            Inner::Groups(groups) => groups.starts.last().copied().unwrap_or(0),
        }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// One of them.
    pub fn get(&self, row: usize) -> Option<Line> {
        match &self.inner {
            Inner::Tree(tree) => tree.rows().get(row).copied().map(Line::Component),
            Inner::List { all, shown } => {
                shown.as_ref().unwrap_or(all).get(row).map(|component| leaf(*component, 0))
            }
            Inner::Groups(groups) => groups.get(row),
        }
    }

    /// The heading of a group: what its members have in common, how many are shown and how many
    /// there are.
    pub fn group(&self, number: usize) -> Option<(Option<&str>, usize, usize)> {
        let Inner::Groups(groups) = &self.inner else { return None };
        let group = groups.all.get(number)?;
        Some((group.label.as_deref(), groups.members(number).len(), group.members.len()))
    }

    /// What is shown of a group.
    pub fn members(&self, group: usize) -> &[u32] {
        match &self.inner {
            Inner::Groups(groups) => groups.members(group),
            Inner::Tree(_) | Inner::List { .. } => &[],
        }
    }

    /// Opens or closes what is below a row; answers the row where the cursor belongs: on a row
    /// that says "seen above" or "cycle" that is the one it speaks of.
    pub fn toggle(&mut self, sbom: &Sbom, row: usize) -> usize {
        match &mut self.inner {
            Inner::Tree(tree) => tree.toggle(sbom, row),
            Inner::List { .. } => row,
            Inner::Groups(groups) => groups.toggle(row),
        }
    }

    /// Opens or closes everything.
    pub fn set_all(&mut self, sbom: &Sbom, open: bool) {
        match &mut self.inner {
            Inner::Tree(tree) => tree.set_all(sbom, open),
            Inner::List { .. } => {}
            Inner::Groups(groups) => {
                groups.open.fill(open);
                groups.place();
            }
        }
    }

    /// Shows these components and what leads to them, nothing else. `hits` in document order.
    pub fn filter(&mut self, sbom: &Sbom, hits: &[u32]) {
        let mut hit = vec![false; sbom.len()];
        for component in hits {
            if let Some(slot) = hit.get_mut(index(*component)) {
                *slot = true;
            }
        }
        let is = |component: &u32| hit.get(index(*component)) == Some(&true);
        match &mut self.inner {
            Inner::Tree(tree) => tree.filter(sbom, hits),
            Inner::List { all, shown } => *shown = Some(all.iter().copied().filter(is).collect()),
            Inner::Groups(groups) => {
                let some = |group: &Group| group.members.iter().copied().filter(is).collect();
                groups.shown = Some(groups.all.iter().map(some).collect());
                groups.place();
            }
        }
    }

    /// Shows everything again.
    pub fn unfilter(&mut self, sbom: &Sbom) {
        match &mut self.inner {
            Inner::Tree(tree) => tree.unfilter(sbom),
            Inner::List { shown, .. } => *shown = None,
            Inner::Groups(groups) => {
                groups.shown = None;
                groups.place();
            }
        }
    }

    /// The first row of a component (`None`: the root), if it is visible.
    pub fn home(&self, component: Option<u32>) -> Option<usize> {
        (0..self.len())
            .find(|row| self.get(*row).is_some_and(|line| line.component() == Some(component)))
    }
}

fn leaf(component: u32, depth: u16) -> Line {
    Line::Component(tree::Row { component: Some(component), depth, shape: Shape::Leaf })
}

impl Groups {
    fn new(all: Vec<Group>) -> Self {
        let open = vec![false; all.len()];
        let mut new = Self { all, shown: None, open, starts: Vec::new() };
        new.place();
        new
    }

    fn members(&self, number: usize) -> &[u32] {
        match &self.shown {
            Some(shown) => shown.get(number).map(Vec::as_slice).unwrap_or_default(),
            None => self.all.get(number).map(|g| g.members.as_slice()).unwrap_or_default(),
        }
    }

    /// While a filter stands, a group shows its hits unless it was closed by hand: a hit inside a
    /// closed group would be a hit that nobody sees.
    fn is_open(&self, number: usize) -> bool {
        self.open.get(number).copied().unwrap_or(false) != self.shown.is_some()
    }

    fn place(&mut self) {
        let mut at = 0_usize;
        let mut starts = Vec::with_capacity(self.all.len().saturating_add(1));
        for number in 0..self.all.len() {
            starts.push(at);
            let members = self.members(number).len();
            if members > 0 {
                let below = if self.is_open(number) { members } else { 0 };
                at = at.saturating_add(1).saturating_add(below);
            }
        }
        starts.push(at);
        self.starts = starts;
    }

    /// The group that a row belongs to, and the row inside it; 0 is the heading.
    fn find(&self, row: usize) -> Option<(usize, usize)> {
        if row >= self.starts.last().copied().unwrap_or(0) {
            return None;
        }
        let number = self.starts.partition_point(|start| *start <= row).checked_sub(1)?;
        Some((number, row.checked_sub(*self.starts.get(number)?)?))
    }

    fn get(&self, row: usize) -> Option<Line> {
        let (number, inside) = self.find(row)?;
        match inside.checked_sub(1) {
            None => Some(Line::Group(number, self.is_open(number))),
            Some(member) => self.members(number).get(member).map(|component| leaf(*component, 1)),
        }
    }

    fn toggle(&mut self, row: usize) -> usize {
        let Some((number, inside)) = self.find(row) else { return row };
        if let Some(open) = self.open.get_mut(number) {
            *open = !*open;
        }
        self.place();
        row.saturating_sub(inside)
    }
}
