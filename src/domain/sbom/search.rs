//! Words → components, fast enough to run at every key.
//!
//! One lower-cased text of all components is searched instead of one text each: the scan is one
//! pass of `memmem` over memory that lies in a row, and a rare word costs almost nothing.

use memchr::memmem::Finder;

use super::{Component, graph::index};

/// The searchable text of all components, built once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Haystack {
    /// Lower-cased; every field ends with a line feed, which no word of a query holds.
    text: String,
    /// Where each component ends in `text`.
    ends: Vec<u32>,
}

impl Haystack {
    pub(super) fn new(components: &[Component]) -> Self {
        let mut hay = Self::default();
        for component in components {
            hay.push(component);
            // The fields come from at most 256 MiB of JSON, so that u32 holds every end.
            hay.ends.push(u32::try_from(hay.text.len()).unwrap_or(u32::MAX));
        }
        hay
    }

    fn push(&mut self, component: &Component) {
        if let Some(group) = &component.group {
            lower(group, &mut self.text);
            self.text.push('/');
        }
        let fields = [
            Some(&component.name),
            component.version.as_ref(),
            component.purl.as_ref(),
            component.cpe.as_ref(),
            component.bom_ref.as_ref().filter(|name| Some(*name) != component.purl.as_ref()),
        ];
        for field in fields.into_iter().flatten().chain(&component.licences) {
            lower(field, &mut self.text);
            self.text.push('\n');
        }
    }

    /// The components that hold every word of `query`.
    pub(super) fn search(&self, query: &str) -> Vec<u32> {
        let mut lowered = String::with_capacity(query.len());
        lower(query, &mut lowered);
        let mut words: Vec<&str> = lowered.split_whitespace().collect();
        // The longest word is most likely the rarest: it drives, the others only confirm.
        words.sort_by_key(|word| std::cmp::Reverse(word.len()));
        let Some((first, others)) = words.split_first() else {
            return (0_u32..).take(self.ends.len()).collect();
        };
        let others: Vec<Finder<'_>> = others.iter().map(Finder::new).collect();
        let mut hits = self.holders(&Finder::new(first));
        hits.retain(|hit| {
            let record = self.record(*hit);
            others.iter().all(|word| word.find(record).is_some())
        });
        hits
    }

    fn holders(&self, word: &Finder<'_>) -> Vec<u32> {
        let (mut hits, mut component, mut from) = (Vec::new(), 0_usize, 0_usize);
        let text = self.text.as_bytes();
        while let Some(found) = text.get(from..).and_then(|rest| word.find(rest)) {
            let at = from.saturating_add(found);
            component = self.holder(component, at);
            let Some(end) = self.ends.get(component) else { break };
            hits.extend(u32::try_from(component));
            (from, component) = (index(*end), component.saturating_add(1));
        }
        hits
    }

    /// The component, at or behind `from`, whose text covers byte `at`: doubling steps, then a
    /// binary search, so that near hits cost a step and far ones do not cost the way.
    fn holder(&self, from: usize, at: usize) -> usize {
        let rest = self.ends.get(from..).unwrap_or_default();
        if rest.first().is_some_and(|end| at < index(*end)) {
            return from;
        }
        let mut bound = 1_usize;
        while rest.get(bound).is_some_and(|end| index(*end) <= at) {
            bound = bound.saturating_mul(2);
        }
        let near = rest.get(..bound.saturating_add(1)).unwrap_or(rest);
        from.saturating_add(near.partition_point(|end| index(*end) <= at))
    }

    fn record(&self, component: u32) -> &[u8] {
        let component = index(component);
        let start = component.checked_sub(1).and_then(|before| self.ends.get(before));
        let (start, end) = (start.copied().unwrap_or(0), self.ends.get(component).copied());
        self.text.as_bytes().get(index(start)..index(end.unwrap_or(start))).unwrap_or_default()
    }
}

/// Appends `text` in lower case, letter by letter: `str::to_lowercase` knows the final sigma, so
/// that a word would not be found in the middle of a text it stands in.
fn lower(text: &str, out: &mut String) {
    if text.is_ascii() {
        let start = out.len();
        out.push_str(text);
        if let Some(new) = out.get_mut(start..) {
            new.make_ascii_lowercase();
        }
    } else {
        out.extend(text.chars().flat_map(char::to_lowercase));
    }
}
