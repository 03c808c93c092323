//! Words → components, fast enough to run at every key.
//!
//! One lower-cased text of all components is searched instead of one text each: the scan is one
//! pass of `memmem` over memory that lies in a row, and a rare word costs almost nothing.

use memchr::memmem::Finder;

use super::{
    component::Record,
    graph::index,
    source::{Span, Spans},
};

/// The searchable text of all components, built once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Haystack {
    /// Lower-cased; every field ends with a line feed, which no word of a query holds.
    text: String,
    /// Where each component ends in `text`.
    ends: Vec<u32>,
}

impl Haystack {
    /// How many components are in it.
    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    /// One line for each of `group/name`, version, purl, CPE and bom-ref, empty where there is
    /// none, and one for each licence.
    ///
    /// Called for one component after the other as they are read: their texts are in the cache of
    /// the processor then, and would have to be fetched from a document of 100 MB afterwards.
    pub(super) fn push(&mut self, record: &Record, licences: &[Span], spans: &Spans<'_>) {
        if let Some(group) = spans.get(record.group) {
            lower(group, &mut self.text);
            self.text.push('/');
        }
        let purl = spans.get(record.purl);
        // Many writers use the purl as reference: one is enough.
        let bom_ref = spans.get(record.bom_ref).filter(|name| Some(*name) != purl);
        let fields = [
            spans.get(record.name),
            spans.get(record.version),
            purl,
            spans.get(record.cpe),
            bom_ref,
        ];
        for field in fields {
            lower(field.unwrap_or_default(), &mut self.text);
            self.text.push('\n');
        }
        let range = index(record.licences.0)..index(record.licences.1);
        for licence in licences.get(range).unwrap_or_default() {
            lower(spans.get(*licence).unwrap_or_default(), &mut self.text);
            self.text.push('\n');
        }
        // The fields come from at most 2 GiB of text, so that u32 holds every end.
        self.ends.push(u32::try_from(self.text.len()).unwrap_or(u32::MAX));
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
///
/// A line feed becomes a space: it would end the field.
fn lower(text: &str, out: &mut String) {
    if text.is_ascii() && memchr::memchr(b'\n', text.as_bytes()).is_none() {
        let start = out.len();
        out.push_str(text);
        if let Some(new) = out.get_mut(start..) {
            new.make_ascii_lowercase();
        }
    } else {
        let letters = text.chars().flat_map(char::to_lowercase);
        out.extend(letters.map(|c| if c == '\n' { ' ' } else { c }));
    }
}
