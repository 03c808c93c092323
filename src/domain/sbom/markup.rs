//! XML as a stream of tags and texts that are places in the document.
//!
//! Nothing is expanded: entities that a document type declaration defines are never replaced (the
//! attack "a billion laughs" multiplies three letters to gigabytes, and "XXE" reads files), only
//! `&amp;`, `&lt;`, `&gt;`, `&quot;`, `&apos;` and character references are, which make a text
//! shorter. Nothing here calls itself for an element in an element.

use std::borrow::Cow;

use quick_xml::{
    errors::{Error, IllFormedError},
    escape::unescape,
    events::{BytesStart, Event},
    reader::Reader,
};

use super::{SbomError, sniff::clip, source::offset};

/// The most elements in one another.
const MAX_DEPTH: usize = 100_000;
/// The most namespaces declared at one place.
const MAX_NAMESPACES: usize = 64;
/// The most remarks about texts.
const MAX_NOTES: usize = 20;

/// What comes next.
#[derive(Debug)]
pub(super) enum Token<'de> {
    /// An element begins.
    Open(Tag<'de>),
    /// The innermost element ends.
    Close,
    /// Text, unescaped.
    Text(Cow<'de, str>),
    /// The document ends.
    End,
}

/// The tag with which an element begins.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tag<'de> {
    /// The tag as it stands: `<c:component type="library">`.
    pub(super) text: &'de str,
    /// Its name without prefix.
    pub(super) name: &'de str,
    /// The namespace, if one is declared.
    pub(super) space: Option<&'de str>,
    /// Whether that is one of CycloneDX.
    pub(super) ours: bool,
}

impl<'de> Tag<'de> {
    /// The value of an attribute without prefix, if it says something.
    pub(super) fn attribute(&self, name: &str) -> Option<Cow<'de, str>> {
        let found = self.attributes().find(|(key, _)| *key == name)?.1;
        let text = unescape(found).unwrap_or(Cow::Borrowed(found));
        (!text.is_empty()).then_some(text)
    }

    /// An attribute that stands twice. XML forbids it, and readers differ in which one they take;
    /// the first holds here.
    pub(super) fn doubled(&self) -> Option<&'de str> {
        let names: Vec<&str> = self.attributes().take(16).map(|(name, _)| name).collect();
        let twice = |(at, name): (usize, &&'de str)| {
            names.iter().take(at).any(|before| before == name).then_some(*name)
        };
        names.iter().enumerate().find_map(twice)
    }

    /// Names and values as they stand.
    fn attributes(&self) -> impl Iterator<Item = (&'de str, &'de str)> {
        let inside = self.text.trim_start_matches('<').trim_end_matches('>');
        let inside = inside.strip_suffix('/').unwrap_or(inside);
        let name = inside.find([' ', '\t', '\n', '\r']).unwrap_or(inside.len());
        let start = BytesStart::from_content(inside, name);
        // Without checks: looking for repeats takes the square of a hostile number of attributes.
        let mut all = Vec::new();
        for attribute in start.attributes().with_checks(false).flatten() {
            let part = |text: &str| {
                let at = offset(self.text, text)?;
                self.text.get(at..at.checked_add(text.len())?)
            };
            all.extend(part(attribute.key.as_ref()).zip(part(&attribute.value)));
        }
        all.into_iter()
    }
}

/// A namespace, as long as the element lasts that declares it.
struct Binding<'de> {
    depth: usize,
    prefix: &'de str,
    space: &'de str,
}

/// Whether a namespace is one of CycloneDX: `http://cyclonedx.org/schema/bom/1.6`; 1.1 has
/// dependencies in one of their own.
fn is_ours(space: &str) -> bool {
    space.starts_with("http://cyclonedx.org/schema/bom/")
        || space.starts_with("http://cyclonedx.org/schema/ext/dependency-graph/")
}

/// Reads a document from tag to tag.
pub(super) struct Cursor<'de> {
    text: &'de str,
    reader: Reader<&'de [u8]>,
    depth: usize,
    bindings: Vec<Binding<'de>>,
    /// A part of a document: the prefix of its first tag is declared further out.
    part: bool,
    /// What could not be taken as it stands, in words, and whether that hides something.
    pub(super) notes: Vec<(String, bool)>,
}

impl<'de> Cursor<'de> {
    /// At the beginning of a document, behind its byte order mark.
    pub(super) fn new(text: &'de str) -> Self {
        let mut reader = Reader::from_str(text);
        let config = reader.config_mut();
        config.expand_empty_elements = true;
        config.allow_dangling_amp = true;
        Self { text, reader, depth: 0, bindings: Vec::new(), part: false, notes: Vec::new() }
    }

    /// At the beginning of an element of a document that was read already.
    pub(super) fn within(text: &'de str) -> Self {
        Self { part: true, ..Self::new(text) }
    }

    /// The outermost element's tag; `None` if there is no element.
    pub(super) fn root(&mut self) -> Result<Option<Tag<'de>>, SbomError> {
        loop {
            match self.next()? {
                Token::Open(tag) => return Ok(Some(tag)),
                Token::End => return Ok(None),
                Token::Close | Token::Text(_) => {}
            }
        }
    }

    /// The number of elements that are open.
    pub(super) fn depth(&self) -> usize {
        self.depth
    }

    /// The byte behind what was read.
    pub(super) fn position(&self) -> usize {
        usize::try_from(self.reader.buffer_position()).unwrap_or(usize::MAX).min(self.text.len())
    }

    pub(super) fn next(&mut self) -> Result<Token<'de>, SbomError> {
        loop {
            let start = self.position();
            let event = self.reader.read_event().map_err(|e| self.refused(&e))?;
            let piece = self.text.get(start..self.position()).unwrap_or_default();
            match event {
                Event::Start(_) | Event::Empty(_) => return self.open(piece).map(Token::Open),
                Event::End(_) => {
                    self.depth = self.depth.saturating_sub(1);
                    while self.bindings.last().is_some_and(|b| b.depth > self.depth) {
                        self.bindings.pop();
                    }
                    return Ok(Token::Close);
                }
                Event::Text(_) => return Ok(Token::Text(Cow::Borrowed(piece))),
                Event::GeneralRef(_) => return Ok(Token::Text(self.reference(piece))),
                Event::CData(_) => {
                    let inside = piece.strip_prefix("<![CDATA[").unwrap_or(piece);
                    let inside = inside.strip_suffix("]]>").unwrap_or(inside);
                    return Ok(Token::Text(Cow::Borrowed(inside)));
                }
                Event::DocType(_) => {
                    let words = "a document type declaration; not read, and nothing is expanded";
                    self.note(words, false);
                }
                Event::Eof if self.depth > 0 => {
                    let words = "it ends inside an element".to_owned();
                    return Err(SbomError::Malformed(words));
                }
                Event::Eof => return Ok(Token::End),
                Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
            }
        }
    }

    /// The text of the element whose tag was read last, without the space around it and without
    /// elements in it.
    pub(super) fn text(&mut self) -> Result<Cow<'de, str>, SbomError> {
        let depth = self.depth;
        let mut all = Cow::Borrowed("");
        loop {
            match self.next()? {
                Token::Text(text) if self.depth == depth => {
                    if all.is_empty() {
                        all = text;
                    } else {
                        all.to_mut().push_str(&text);
                    }
                }
                Token::Close if self.depth < depth => break,
                Token::End => break,
                Token::Open(_) | Token::Close | Token::Text(_) => {}
            }
        }
        let white = [' ', '\t', '\n', '\r'];
        Ok(match all {
            Cow::Borrowed(text) => Cow::Borrowed(text.trim_matches(white)),
            Cow::Owned(text) => Cow::Owned(text.trim_matches(white).to_owned()),
        })
    }

    /// To behind the end of the element whose tag was read last.
    pub(super) fn skip(&mut self) -> Result<(), SbomError> {
        let depth = self.depth;
        while self.depth >= depth {
            if matches!(self.next()?, Token::End) {
                break;
            }
        }
        Ok(())
    }

    /// Shows every element right inside the one whose tag was read last; `f` has to read it to its
    /// end. Elements of other namespaces are skipped.
    pub(super) fn each<E: From<SbomError>>(
        &mut self,
        mut f: impl FnMut(&mut Self, Tag<'de>) -> Result<(), E>,
    ) -> Result<(), E> {
        loop {
            match self.next()? {
                Token::Open(tag) if tag.ours => f(self, tag)?,
                Token::Open(_) => self.skip()?,
                Token::Text(_) => {}
                Token::Close | Token::End => return Ok(()),
            }
        }
    }

    fn open(&mut self, text: &'de str) -> Result<Tag<'de>, SbomError> {
        self.depth = self.depth.saturating_add(1);
        if self.depth > MAX_DEPTH {
            return Err(SbomError::TooDeep);
        }
        let inside = text.strip_prefix('<').unwrap_or(text);
        let end = inside.find([' ', '\t', '\n', '\r', '>', '/']).unwrap_or(inside.len());
        let full = inside.get(..end).unwrap_or_default();
        let (prefix, name) = full.split_once(':').unwrap_or(("", full));
        if std::mem::take(&mut self.part) {
            let space = "http://cyclonedx.org/schema/bom/";
            self.bindings.push(Binding { depth: 0, prefix, space });
        }
        let mut tag = Tag { text, name, space: None, ours: false };
        if text.contains("xmlns") {
            for (key, space) in tag.attributes() {
                let prefix = match key.strip_prefix("xmlns") {
                    Some("") => "",
                    Some(rest) => rest.strip_prefix(':').unwrap_or(rest),
                    None => continue,
                };
                if self.bindings.len() >= MAX_NAMESPACES {
                    let words =
                        format!("it has more than {MAX_NAMESPACES} namespaces at one place");
                    return Err(SbomError::Malformed(words));
                }
                self.bindings.push(Binding { depth: self.depth, prefix, space });
            }
        }
        let bound = self.bindings.iter().rev().find(|bound| bound.prefix == prefix);
        tag.space = bound.map(|bound| bound.space);
        if tag.space.is_none() && !prefix.is_empty() {
            let words = format!("the prefix {:?} is declared nowhere; not read", clip(prefix));
            self.note(&words, true);
        }
        tag.ours = tag.space.is_some_and(is_ours);
        Ok(tag)
    }

    /// `&amp;` and the like. What is not defined by XML itself stays as it stands.
    fn reference(&mut self, piece: &'de str) -> Cow<'de, str> {
        unescape(piece).unwrap_or_else(|_| {
            self.note(&format!("{:?} is not replaced", clip(piece)), true);
            Cow::Borrowed(piece)
        })
    }

    fn note(&mut self, what: &str, hides: bool) {
        if self.notes.len() < MAX_NOTES && !self.notes.iter().any(|(note, _)| note == what) {
            self.notes.push((what.to_owned(), hides));
        }
    }

    fn refused(&self, error: &Error) -> SbomError {
        let what = match error {
            // These hold names of the document, of any length.
            Error::IllFormed(IllFormedError::MismatchedEndTag { expected, found }) => {
                format!("</{}> where </{}> should stand", clip(found), clip(expected))
            }
            error => clip(&error.to_string()),
        };
        SbomError::Malformed(format!("{what} at byte {}", self.reader.error_position()))
    }
}

/// The length of the element that `text` begins with, or of all of it where it is cut off.
pub(super) fn element(text: &str) -> usize {
    let mut cursor = Cursor::within(text);
    match cursor.root() {
        Ok(Some(_)) if cursor.skip().is_ok() => cursor.position(),
        _ => text.len(),
    }
}
