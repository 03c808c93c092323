//! SPDX 2.1 to 2.3 tag-value, read leniently: packages and their relationships, no files.
//!
//! A line is `Tag: value`. A value that begins with `<text>` goes on to `</text>`, over lines. What
//! a tag belongs to is said by the tag before it that opens something: `PackageName`, `FileName`.

use std::borrow::Cow;

use super::{
    Detail, Hash, Reference, SbomError,
    build::{Builder, Step, Stop},
    component::Record,
    detail::MAX_ENTRIES,
    sniff::clip,
    source::{Span, offset},
    spdx::{relate, said_version, stated},
};

/// A tag and its value, as they stand in a text.
#[derive(Clone, Copy, Debug)]
enum Line<'a> {
    /// `Tag: value`, the value without `<text>`.
    Tag(&'a str, &'a str),
    /// Empty, or a comment.
    Nothing,
    /// Neither.
    Other(&'a str),
}

/// Reads a text line by line.
struct Lines<'a> {
    rest: &'a str,
    /// Whether a `<text>` was met that nothing closes. Then none behind it is closed either, and
    /// looking for the end at every one would take the square of a hostile document's length.
    unclosed: bool,
}

impl<'a> Lines<'a> {
    fn new(text: &'a str) -> Self {
        Self { rest: text, unclosed: false }
    }

    fn take(&mut self, len: usize) -> &'a str {
        let (piece, rest) = self.rest.split_at_checked(len).unwrap_or((self.rest, ""));
        self.rest = rest;
        piece
    }
}

impl<'a> Iterator for Lines<'a> {
    type Item = Line<'a>;

    fn next(&mut self) -> Option<Line<'a>> {
        if self.rest.is_empty() {
            return None;
        }
        let end = self.rest.find('\n').map_or(self.rest.len(), |at| at.saturating_add(1));
        let whole = self.rest;
        let line = self.take(end).trim();
        if line.is_empty() || line.starts_with('#') {
            return Some(Line::Nothing);
        }
        let tag = line.split_once(':').filter(|(tag, _)| is_tag(tag));
        let Some((tag, value)) = tag.map(|(tag, value)| (tag.trim_end(), value.trim())) else {
            return Some(Line::Other(line));
        };
        let Some(text) = value.strip_prefix("<text>") else { return Some(Line::Tag(tag, value)) };
        let from = offset(whole, text).unwrap_or(0);
        let close =
            if self.unclosed { None } else { whole.get(from..).unwrap_or("").find("</text>") };
        let Some(close) = close else {
            self.unclosed = true;
            return Some(Line::Tag(tag, text));
        };
        let close = from.saturating_add(close);
        let text = whole.get(from..close).unwrap_or_default();
        self.rest = whole.get(close.saturating_add("</text>".len())..).unwrap_or_default();
        let end = self.rest.find('\n').map_or(self.rest.len(), |at| at.saturating_add(1));
        self.take(end);
        Some(Line::Tag(tag, text))
    }
}

fn is_tag(tag: &str) -> bool {
    let tag = tag.trim_end();
    !tag.is_empty() && tag.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// Whether a tag opens something else than a package.
fn opens_other(tag: &str) -> bool {
    matches!(tag, "FileName" | "SnippetSPDXID" | "LicenseID" | "SPDXVersion" | "DocumentName")
}

/// Whether a tag may be a package's own, and not a remark that only follows it.
fn is_package(tag: &str) -> bool {
    !matches!(
        tag,
        "Relationship"
            | "RelationshipComment"
            | "Annotator"
            | "AnnotationDate"
            | "AnnotationType"
            | "AnnotationComment"
            | "SPDXREF"
            | "Reviewer"
            | "ReviewDate"
            | "ReviewComment"
    )
}

/// The length of the package that `text` begins with: to its last own tag.
pub(super) fn block(text: &str) -> usize {
    let mut lines = Lines::new(text);
    let mut end = 0;
    let mut first = true;
    while let Some(line) = lines.next() {
        match line {
            Line::Tag("PackageName", _) if !first => break,
            Line::Tag(tag, _) if opens_other(tag) => break,
            Line::Tag(tag, _) if is_package(tag) => {
                end = text.len().saturating_sub(lines.rest.len());
            }
            Line::Tag(..) | Line::Nothing | Line::Other(_) => {}
        }
        first = false;
    }
    text.get(..end).unwrap_or_default().trim_end().len()
}

/// Whose tags are being read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Section {
    Document,
    Package(u32),
    /// A file, a snippet, a licence.
    Other,
}

/// Reads a document that says it is SPDX 2 tag-value.
pub(super) fn read<'de>(b: &mut Builder<'de>, text: &'de str) -> Result<(), Stop> {
    let kind = b.spans.of("document");
    let mut root = Record { kind, ..Record::EMPTY };
    let mut reader =
        Reading { section: Section::Document, part: Record::EMPTY, begin: None, tools: vec![] };
    let mut lines = Lines::new(text);
    let mut number = 1_usize;
    let mut read = Ok(());
    loop {
        let before = lines.rest;
        let was_closed = !lines.unclosed;
        let Some(line) = lines.next() else { break };
        b.path.clear();
        b.path.extend([Step::Member("line"), Step::Element(number)]);
        if matches!(line, Line::Other(_)) && lines.rest.is_empty() && !before.ends_with('\n') {
            let what = "it ends inside a line".to_owned();
            b.leave_out(SbomError::Malformed(what));
            break;
        }
        read = reader.line(b, &mut root, line);
        if read.is_err() {
            break;
        }
        let taken = before.len().saturating_sub(lines.rest.len());
        let piece = before.get(..taken).unwrap_or_default();
        let more = memchr::memchr_iter(b'\n', piece.as_bytes()).count();
        doubt(b, piece, more > 1);
        if was_closed && lines.unclosed {
            let what = format!("nothing closes the <text> of line {number}");
            b.leave_out(SbomError::Malformed(what));
        }
        number = number.saturating_add(more);
    }
    reader.close(b);
    b.path.clear();
    b.tool = (!reader.tools.is_empty()).then(|| reader.tools.join(", "));
    root.bom_ref = b.spans.of("SPDXRef-DOCUMENT");
    b.name("SPDXRef-DOCUMENT".into(), None);
    b.fill(None, root);
    read
}

/// What is being read, and what was.
struct Reading {
    section: Section,
    part: Record,
    /// The line in which it begins.
    begin: Option<Step>,
    tools: Vec<String>,
}

impl Reading {
    fn line<'de>(
        &mut self,
        b: &mut Builder<'de>,
        root: &mut Record,
        line: Line<'de>,
    ) -> Result<(), Stop> {
        let (tag, value) = match line {
            Line::Nothing => return Ok(()),
            Line::Other(text) => {
                // An older generator forgets the colon of every relationship.
                let hides = !text.starts_with("Relationship ");
                b.note_if(hides, format!("no tag and value: {:?}; not read", clip(text)));
                return Ok(());
            }
            Line::Tag(tag, value) => (tag, value),
        };
        match tag {
            "PackageName" => {
                self.close(b);
                let start = offset(b.spans.read, tag).and_then(|at| u32::try_from(at).ok());
                let place = b.reserve(start.unwrap_or(u32::MAX), true)?;
                self.section = Section::Package(place);
                self.begin = b.path.last().copied();
                self.part.name = b.spans.maybe(said(value));
            }
            "Relationship" => relationship(b, value)?,
            _ if opens_other(tag) => {
                self.close(b);
                match tag {
                    "FileName" => b.files = b.files.saturating_add(1),
                    "SPDXVersion" => {
                        self.section = Section::Document;
                        said_version(b, value);
                    }
                    "DocumentName" => {
                        self.section = Section::Document;
                        root.name = b.spans.maybe(said(value));
                    }
                    "SnippetSPDXID" => b.name_other(Cow::Borrowed(value)),
                    _ => {}
                }
            }
            "Created" => b.created = said(value).map(str::to_owned),
            "Creator" => {
                let tool = value.strip_prefix("Tool:").map(str::trim);
                self.tools.extend(tool.filter(|_| self.tools.len() < 16).map(str::to_owned));
            }
            "SPDXID" => match self.section {
                Section::Document => {}
                Section::Other => b.name_other(Cow::Borrowed(value)),
                Section::Package(place) => {
                    if let Some(id) = said(value) {
                        twice(b, "SPDXID", self.part.bom_ref);
                        self.part.bom_ref = b.spans.of(id);
                        b.name(Cow::Borrowed(id), Some(place));
                    }
                }
            },
            _ if matches!(self.section, Section::Package(_)) => self.package(b, tag, value),
            _ => {}
        }
        Ok(())
    }

    fn package<'de>(&mut self, b: &mut Builder<'de>, tag: &'de str, value: &'de str) {
        let part = &mut self.part;
        match tag {
            "PackageVersion" => {
                twice(b, tag, part.version);
                part.version = b.spans.maybe(said(value));
            }
            "PackageSupplier" => {
                twice(b, tag, part.supplier);
                part.supplier = b.spans.maybe(stated(said(value)));
            }
            "PrimaryPackagePurpose" => part.kind = b.spans.maybe(said(value)),
            "PackageLicenseConcluded" | "PackageLicenseDeclared" => {
                if let Some(text) = stated(said(value)) {
                    b.licence(part, text);
                }
            }
            "PackageChecksum" => match value.split_once(':') {
                Some((_, value)) if !value.trim().is_empty() => b.hash(part, value.trim()),
                _ => b.hides("a checksum without algorithm or value; not read"),
            },
            "ExternalRef" => {
                let mut words = value.split_whitespace();
                let (_, kind, locator) = (words.next(), words.next(), words.next());
                let slot = match kind {
                    Some("purl") => &mut part.purl,
                    Some("cpe23Type" | "cpe22Type") => &mut part.cpe,
                    Some(_) => return,
                    None => return b.hides("an external reference without a type; not read"),
                };
                if !slot.is_some() {
                    *slot = b.spans.maybe(locator);
                }
            }
            _ => {}
        }
    }

    /// The package that was read, if one was.
    fn close(&mut self, b: &mut Builder<'_>) {
        if let Section::Package(place) = self.section {
            let here = std::mem::take(&mut b.path);
            b.path.extend([Step::Member("line")].into_iter().chain(self.begin));
            b.named(&self.part, "a package");
            b.path = here;
            b.fill(Some(place), self.part);
        }
        self.part = Record::EMPTY;
        self.section = Section::Other;
    }
}

/// Notes a tag that was there before.
fn twice(b: &mut Builder<'_>, tag: &str, before: Span) {
    if before.is_some() {
        b.hides(format!("{tag} stands twice; readers differ in which one they take"));
    }
}

/// Notes what another reader could take for lines of the document.
fn doubt(b: &mut Builder<'_>, piece: &str, long: bool) {
    if long && piece.contains("\nPackageName:") {
        b.hides("a <text> that has a line `PackageName:` in it; no package is read there");
    }
}

fn said(value: &str) -> Option<&str> {
    (!value.is_empty()).then_some(value)
}

/// `Relationship: A DEPENDS_ON B`.
fn relationship<'de>(b: &mut Builder<'de>, value: &'de str) -> Result<(), Stop> {
    let mut words = value.split_whitespace();
    let (Some(from), Some(kind), Some(to)) = (words.next(), words.next(), words.next()) else {
        b.problem("a relationship without its three words; not read");
        return Ok(());
    };
    Ok(relate(b, Cow::Borrowed(from), kind, Cow::Borrowed(to))?)
}

/// What a package's own text says beside what is searched.
pub(super) fn detail(raw: &str) -> Detail {
    let mut detail = Detail::default();
    for line in Lines::new(raw) {
        let Line::Tag(tag, value) = line else { continue };
        let text = || said(value).map(str::to_owned);
        let full = detail.hashes.len().max(detail.references.len()) >= MAX_ENTRIES;
        let mut refer = |kind: &str, locator: &str| {
            if let Some(locator) = stated(said(locator)).filter(|_| !full) {
                let (kind, locator) = (kind.to_owned(), locator.to_owned());
                detail.references.push(Reference { kind, locator });
            }
        };
        match tag {
            "PackageDescription" => detail.description = text(),
            "PackageOriginator" => detail.publisher = stated(text()),
            "PackageCopyrightText" => detail.copyright = stated(text()),
            "PackageDownloadLocation" => refer("download", value),
            "PackageHomePage" => refer("homepage", value),
            "ExternalRef" if !full => {
                let mut words = value.split_whitespace().skip(1);
                refer(words.next().unwrap_or_default(), words.next().unwrap_or_default());
            }
            "PackageChecksum" if !full => {
                let (algorithm, value) = value.split_once(':').unwrap_or(("", value));
                let (algorithm, value) = (algorithm.trim().to_owned(), value.trim().to_owned());
                detail.hashes.push(Hash { algorithm, value });
            }
            "ExternalRef" | "PackageChecksum" => {
                detail.left_out = detail.left_out.saturating_add(1);
            }
            _ => {}
        }
    }
    detail
}
