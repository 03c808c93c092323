//! One thing that is inside, as places in the document.

use super::{
    Sbom,
    graph::index,
    source::{Span, get},
};

/// A component while the document is kept: 96 bytes and no allocation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Record {
    pub(super) name: Span,
    pub(super) group: Span,
    pub(super) version: Span,
    pub(super) purl: Span,
    pub(super) cpe: Span,
    pub(super) kind: Span,
    pub(super) bom_ref: Span,
    pub(super) supplier: Span,
    /// From where to where in the list of all licences.
    pub(super) licences: (u32, u32),
    /// From where to where in the list of all hashes.
    pub(super) hashes: (u32, u32),
    /// Where its own text begins, in bytes; [`u32::MAX`] if it has none.
    pub(super) start: u32,
    /// Whether it stands in the outermost list.
    pub(super) top: bool,
}

impl Record {
    /// Nothing is said of it.
    pub(super) const EMPTY: Self = Self {
        name: Span::NONE,
        group: Span::NONE,
        version: Span::NONE,
        purl: Span::NONE,
        cpe: Span::NONE,
        kind: Span::NONE,
        bom_ref: Span::NONE,
        supplier: Span::NONE,
        licences: (0, 0),
        hashes: (0, 0),
        start: u32::MAX,
        top: false,
    };
}

/// One thing that is inside: a library, a package, a file, an operating system.
///
/// Every text is as the document has it, unparsed and not cleaned: whatever shows it does that
/// ([`crate::domain::text::safe`]). What only a detail view needs is read by
/// [`Self::detail`](super::detail) when it is asked for.
#[derive(Clone, Copy, Debug)]
pub struct Component<'a> {
    pub(super) sbom: &'a Sbom,
    pub(super) record: &'a Record,
}

impl<'a> Component<'a> {
    fn text(self, span: Span) -> Option<&'a str> {
        get(self.sbom.source.text(), &self.sbom.body.unescaped, span)
    }

    fn texts(
        self,
        all: &'a [Span],
        (start, end): (u32, u32),
    ) -> impl ExactSizeIterator<Item = &'a str> + Clone {
        let range = usize::try_from(start).ok().zip(usize::try_from(end).ok());
        let spans = range.and_then(|(start, end)| all.get(start..end)).unwrap_or_default();
        spans.iter().map(move |span| self.text(*span).unwrap_or_default())
    }

    /// Its name; empty when the document gives none (then [`Sbom::problems`] says so).
    pub fn name(self) -> &'a str {
        self.text(self.record.name).unwrap_or_default()
    }

    /// Namespace in front of the name: a Maven group, an npm scope. CycloneDX `group`.
    pub fn group(self) -> Option<&'a str> {
        self.text(self.record.group)
    }

    /// Version.
    pub fn version(self) -> Option<&'a str> {
        self.text(self.record.version)
    }

    /// Package URL. SPDX: the first external reference of type `purl`.
    pub fn purl(self) -> Option<&'a str> {
        self.text(self.record.purl)
    }

    /// CPE name, 2.2 or 2.3.
    pub fn cpe(self) -> Option<&'a str> {
        self.text(self.record.cpe)
    }

    /// Each licence as written: an SPDX id, a name or an expression. SPDX: concluded, then
    /// declared, without `NOASSERTION` and `NONE`.
    pub fn licences(self) -> impl ExactSizeIterator<Item = &'a str> + Clone {
        self.texts(&self.sbom.body.licences, self.record.licences)
    }

    /// The values of its hashes; [`Detail`](super::Detail) has the algorithms beside them.
    pub fn hashes(self) -> impl ExactSizeIterator<Item = &'a str> + Clone {
        self.texts(&self.sbom.body.hashes, self.record.hashes)
    }

    /// CycloneDX `type`, SPDX `primaryPackagePurpose`: `library`, `OPERATING_SYSTEM`.
    pub fn kind(self) -> Option<&'a str> {
        self.text(self.record.kind)
    }

    /// The name by which the document's dependencies refer to it. SPDX: `SPDXID`.
    pub fn bom_ref(self) -> Option<&'a str> {
        self.text(self.record.bom_ref)
    }

    /// Who supplied it. CycloneDX `supplier.name`, SPDX `supplier`.
    pub fn supplier(self) -> Option<&'a str> {
        self.text(self.record.supplier)
    }

    /// Whether it stands in the document's outermost list, and not in another component.
    pub fn is_top(self) -> bool {
        self.record.top
    }

    /// Where its own text begins in the document, in bytes.
    pub(super) fn start(self) -> Option<usize> {
        usize::try_from(self.record.start).ok().filter(|_| self.record.start != u32::MAX)
    }
}

/// The part of a list that is one component's.
pub(super) fn part(list: &[Span], (start, end): (u32, u32)) -> &[Span] {
    list.get(index(start)..index(end)).unwrap_or_default()
}

/// Adds to the part of a list that is one component's. Where somebody else's follows it (a member
/// that stands twice, with components between), it moves to the end.
pub(super) fn append(list: &mut Vec<Span>, mine: &mut (u32, u32), span: Span) {
    let (start, end) = (index(mine.0), index(mine.1));
    let begin = if start == end {
        list.len()
    } else if end == list.len() {
        start
    } else {
        let begin = list.len();
        list.extend_from_within(start..end.min(list.len()));
        begin
    };
    list.push(span);
    let number = |at| u32::try_from(at).unwrap_or(u32::MAX);
    *mine = (number(begin), number(list.len()));
}
