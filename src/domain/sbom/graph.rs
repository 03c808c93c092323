//! Lists of neighbours, all in two vectors: 200,000 edges are two allocations, not 100,000.

/// For each node the nodes it points at, in the order they were given, each once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Lists {
    /// Where each node's list starts in `items`; one more than there are nodes.
    starts: Vec<u32>,
    items: Vec<u32>,
}

impl Lists {
    /// Lists for `nodes` nodes out of pairs (from, to); pairs beyond the nodes are dropped.
    ///
    /// A counting sort: linear, stable, no comparison. The caller bounds the number of pairs to
    /// far below `u32::MAX`.
    pub(super) fn new(nodes: usize, pairs: impl Iterator<Item = (u32, u32)> + Clone) -> Self {
        let inside = |(from, to): &(u32, u32)| index(*from) < nodes && index(*to) < nodes;
        let mut next = vec![0_u32; nodes.saturating_add(1)];
        for (from, _) in pairs.clone().filter(inside) {
            if let Some(slot) = next.get_mut(index(from).saturating_add(1)) {
                *slot = slot.saturating_add(1);
            }
        }
        let mut total = 0_u32;
        for slot in &mut next {
            total = total.saturating_add(*slot);
            *slot = total;
        }
        let ends = next.clone();
        let mut sorted = vec![0_u32; index(total)];
        for (from, to) in pairs.filter(inside) {
            let Some(at) = next.get_mut(index(from)) else { continue };
            if let Some(slot) = sorted.get_mut(index(*at)) {
                *slot = to;
            }
            *at = at.saturating_add(1);
        }
        Self::without_repeats(nodes, &ends, &sorted)
    }

    fn without_repeats(nodes: usize, ends: &[u32], sorted: &[u32]) -> Self {
        let mut listed_by = vec![u32::MAX; nodes];
        let (mut starts, mut items) = (Vec::with_capacity(ends.len()), Vec::new());
        starts.push(0);
        for (from, range) in (0_u32..).zip(ends.windows(2)) {
            let &[start, end] = range else { continue };
            for to in sorted.get(index(start)..index(end)).unwrap_or_default() {
                match listed_by.get_mut(index(*to)) {
                    Some(last) if *last != from => {
                        *last = from;
                        items.push(*to);
                    }
                    Some(_) | None => {}
                }
            }
            starts.push(u32::try_from(items.len()).unwrap_or(u32::MAX));
        }
        Self { starts, items }
    }

    /// What `node` points at.
    pub(super) fn of(&self, node: usize) -> &[u32] {
        let range = self.starts.get(node).zip(self.starts.get(node.saturating_add(1)));
        let range = range.map(|(start, end)| index(*start)..index(*end));
        range.and_then(|range| self.items.get(range)).unwrap_or_default()
    }

    /// Every pair, by node.
    pub(super) fn pairs(&self) -> impl Iterator<Item = (u32, u32)> + Clone {
        let nodes = self.starts.len().saturating_sub(1);
        (0_u32..)
            .take(nodes)
            .flat_map(|from| self.of(index(from)).iter().map(move |to| (from, *to)))
    }

    /// How many pairs there are.
    pub(super) fn len(&self) -> usize {
        self.items.len()
    }
}

/// A node number as an index.
pub(super) fn index(node: u32) -> usize {
    usize::try_from(node).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_keep_the_order_given_and_say_everything_once() {
        let pairs = [(2, 1), (0, 2), (2, 0), (2, 1), (0, 2), (1, 9), (9, 1), (1, 1)];
        let lists = Lists::new(3, pairs.into_iter());
        assert_eq!([lists.of(0), lists.of(1), lists.of(2)], [&[2][..], &[1], &[1, 0]]);
        assert_eq!((lists.len(), lists.of(3), lists.of(usize::MAX)), (4, &[][..], &[][..]));
        assert_eq!(lists.pairs().collect::<Vec<_>>(), [(0, 2), (1, 1), (2, 1), (2, 0)]);
    }
}
