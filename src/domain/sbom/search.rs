//! Words → components, fast enough to run at every key.
//!
//! One lower-cased text of all components is searched instead of one text each: the scan is one
//! pass of `memmem` over memory that lies in a row, and a rare word costs almost nothing. What is
//! seldom looked for lies in texts of its own, so that it does not slow down every key: hashes by
//! component, types and suppliers each once for all components that share them.

use std::{borrow::Cow, collections::HashMap};

use foldhash::quality::RandomState;
use memchr::{memchr, memmem::Finder};

use super::{
    beside::other_version,
    component::{Record, part},
    graph::index,
    purl,
    source::{Span, Spans},
};
use crate::domain::version::order::Scheme;

/// Where the lines of a field begin among those of a component, in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Line {
    /// `group/name`.
    Name,
    Version,
    Purl,
    Cpe,
    BomRef,
    /// The rest: one line each.
    Licences,
}

/// Lower-cased texts one behind the other, each in lines of which every one ends with a line feed,
/// which no word of a query holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Texts {
    text: String,
    /// Where each ends in `text`.
    ends: Vec<u32>,
}

/// The searchable text of all components, built once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Haystack {
    /// Of each component a line for each [`Line`], empty where the document says nothing.
    pub(super) parts: Texts,
    /// Of each component the values of its hashes.
    pub(super) hashes: Texts,
    pub(super) kinds: Names,
    pub(super) suppliers: Names,
    pub(super) facts: Vec<Facts>,
}

/// How the version of a component has to be compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Versioned {
    /// There is none.
    No,
    /// As the line has it: nothing of it was in upper case, and nothing that belongs to it stands in
    /// the purl.
    Plain,
    /// As the document has it, with what stands in the purl.
    Written,
    /// The purl says another one: neither alone decides.
    Contradicted,
}

/// What is known of a component without looking at the document, which lies far away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Facts {
    pub(super) kind: u32,
    pub(super) supplier: u32,
    /// By which rules its version is ordered.
    pub(super) scheme: Scheme,
    pub(super) version: Versioned,
    /// Whether the line is the name as written, and stands in the outermost list.
    pub(super) plain_top: bool,
}

impl Haystack {
    /// How many components are in it.
    pub(super) fn len(&self) -> usize {
        self.facts.len()
    }

    /// Called for one component after the other as they are read: their texts are in the cache of
    /// the processor then, and would have to be fetched from a document of 100 MB afterwards.
    /// Answers whether its version and its purl contradict each other.
    pub(super) fn push(
        &mut self,
        record: &Record,
        licences: &[Span],
        hashes: &[Span],
        spans: &Spans<'_>,
    ) -> bool {
        let parts = &mut self.parts;
        if let Some(group) = spans.get(record.group) {
            lower(group, &mut parts.text);
            parts.text.push('/');
        }
        let purl = spans.get(record.purl);
        // Many writers use the purl as reference: one is enough.
        let bom_ref = spans.get(record.bom_ref).filter(|name| Some(*name) != purl);
        let version = spans.get(record.version);
        parts.line(spans.get(record.name));
        parts.line(version);
        parts.purl(purl.unwrap_or_default());
        parts.line(spans.get(record.cpe));
        parts.line(bom_ref);
        for licence in part(licences, record.licences) {
            parts.line(spans.get(*licence));
        }
        parts.end();
        for hash in part(hashes, record.hashes) {
            self.hashes.line(spans.get(*hash));
        }
        self.hashes.end();
        let scheme = purl.and_then(purl::kind).map_or(Scheme::Unknown, Scheme::of_purl_type);
        let version = version.unwrap_or_default();
        let name = spans.get(record.name);
        let contradicted = other_version(version, purl, scheme).is_some();
        self.facts.push(Facts {
            kind: self.kinds.number(spans.get(record.kind)),
            supplier: self.suppliers.number(spans.get(record.supplier)),
            scheme,
            version: match (version, purl) {
                ("", _) => Versioned::No,
                _ if contradicted => Versioned::Contradicted,
                (version, _) if !is_lower(version) => Versioned::Written,
                (_, Some(purl)) if purl::epoch(purl, scheme).is_some() => Versioned::Written,
                _ => Versioned::Plain,
            },
            plain_top: record.top && !record.group.is_some() && name.is_none_or(is_lower),
        });
        contradicted
    }

    /// Forgets what was needed only to put it together.
    pub(super) fn finish(&mut self) {
        self.kinds.numbers = HashMap::default();
        self.suppliers.numbers = HashMap::default();
    }

    /// What a component says in a field: one line, or all of its licences.
    pub(super) fn line(&self, component: u32, line: Line) -> &[u8] {
        let mut rest = self.parts.of(component);
        for _ in 0..line as usize {
            let end = memchr(b'\n', rest).map_or(rest.len(), |end| end.saturating_add(1));
            rest = rest.get(end..).unwrap_or_default();
        }
        match line {
            Line::Licences => rest,
            _ => rest.get(..memchr(b'\n', rest).unwrap_or(rest.len())).unwrap_or_default(),
        }
    }
}

/// Texts that many components share, each once. The first is none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Names {
    pub(super) texts: Texts,
    numbers: HashMap<String, u32, RandomState>,
}

impl Names {
    fn number(&mut self, text: Option<&str>) -> u32 {
        if self.texts.len() == 0 {
            self.texts.end();
        }
        let Some(text) = text else { return 0 };
        if let Some(number) = self.numbers.get(text) {
            return *number;
        }
        let number = u32::try_from(self.texts.len()).unwrap_or(u32::MAX);
        self.numbers.insert(text.to_owned(), number);
        self.texts.line(Some(text));
        self.texts.end();
        number
    }
}

impl Texts {
    fn line(&mut self, text: Option<&str>) {
        lower(text.unwrap_or_default(), &mut self.text);
        self.text.push('\n');
    }

    /// As written and, where that differs, decoded: whoever looks for one writes it either way.
    fn purl(&mut self, purl: &str) {
        lower(purl, &mut self.text);
        if let Cow::Owned(decoded) = purl::decoded(purl) {
            // No query that can be typed holds it, so that nothing is found across both.
            self.text.push('\0');
            lower(&decoded, &mut self.text);
        }
        self.text.push('\n');
    }

    fn end(&mut self) {
        // The texts come from at most 2 GiB, so that u32 holds every end.
        self.ends.push(u32::try_from(self.text.len()).unwrap_or(u32::MAX));
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    /// The text of one of them.
    pub(super) fn of(&self, number: u32) -> &[u8] {
        let number = index(number);
        let start = number.checked_sub(1).and_then(|before| self.ends.get(before));
        let (start, end) = (start.copied().unwrap_or(0), self.ends.get(number).copied());
        self.text.as_bytes().get(index(start)..index(end.unwrap_or(start))).unwrap_or_default()
    }

    /// The numbers of those that hold a word, in rising order.
    pub(super) fn holders(&self, word: &Finder<'_>) -> Vec<u32> {
        let (mut hits, mut number, mut from) = (Vec::new(), 0_usize, 0_usize);
        let text = self.text.as_bytes();
        while let Some(found) = text.get(from..).and_then(|rest| word.find(rest)) {
            let at = from.saturating_add(found);
            number = self.holder(number, at);
            let Some(end) = self.ends.get(number) else { break };
            hits.extend(u32::try_from(number));
            (from, number) = (index(*end), number.saturating_add(1));
        }
        hits
    }

    /// The one, at or behind `from`, whose text covers byte `at`: doubling steps, then a binary
    /// search, so that near hits cost a step and far ones do not cost the way.
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
}

/// Appends `text` in lower case, letter by letter: `str::to_lowercase` knows the final sigma, so
/// that a word would not be found in the middle of a text it stands in.
///
/// A line feed becomes a space: it would end the field.
pub(super) fn lower(text: &str, out: &mut String) {
    if text.is_ascii() && memchr(b'\n', text.as_bytes()).is_none() {
        let start = out.len();
        out.push_str(text);
        if let Some(new) = out.get_mut(start..) {
            new.make_ascii_lowercase();
        }
    } else {
        out.extend(text.chars().flat_map(lowered));
    }
}

/// What [`lower`] makes of one letter.
pub(super) fn lowered(letter: char) -> impl Iterator<Item = char> {
    let letter = if letter == '\n' { ' ' } else { letter };
    letter.to_lowercase()
}

/// Whether [`lower`] changes nothing; may say no where it would not.
fn is_lower(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii() && !b.is_ascii_uppercase() && b != b'\n')
}
