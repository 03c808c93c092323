//! The document itself, kept once: every text of a component is a place in it.
//!
//! 100,000 components have half a million texts. Kept one by one they would be half a million
//! allocations and half as much memory again as the document, which is needed anyway: it is
//! exported byte for byte, and the raw view of a component is a piece of it.

use std::sync::Arc;

use super::wrapped::is_gzip;

/// A document as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// Read for this purpose.
    Owned(String),
    /// A part of something else that is kept: the predicate of a statement.
    Shared(Arc<str>),
    /// Bytes that are no UTF-8, and the text that was read in their place: that of UTF-16 where a
    /// byte order mark says so; otherwise each byte that fits nowhere has become U+FFFD. Packed
    /// bytes have no text.
    Lossy {
        /// As they came.
        bytes: Arc<[u8]>,
        /// What was read.
        text: String,
    },
}

impl Source {
    /// The text that is read.
    pub fn text(&self) -> &str {
        match self {
            Self::Owned(text) | Self::Lossy { text, .. } => text,
            Self::Shared(text) => text,
        }
    }

    /// The bytes as they came.
    pub fn bytes(&self) -> &[u8] {
        match self {
            Self::Lossy { bytes, .. } => bytes,
            Self::Owned(_) | Self::Shared(_) => self.text().as_bytes(),
        }
    }

    /// In what the text is not what came, and whether something of it is lost.
    pub(super) fn doubt(&self) -> Option<(&'static str, bool)> {
        match self {
            Self::Owned(_) | Self::Shared(_) => None,
            Self::Lossy { bytes, .. } if utf16(bytes).is_some() => {
                Some(("the document is UTF-16; read as such", false))
            }
            Self::Lossy { .. } => Some(("bytes that are no UTF-8 are read as U+FFFD", true)),
        }
    }
}

/// The text of bytes that begin with a byte order mark of UTF-16 (RFC 2781, section 3.2).
fn utf16(bytes: &[u8]) -> Option<impl Iterator<Item = char>> {
    let (big, rest) = match bytes {
        [0xff, 0xfe, rest @ ..] => (false, rest),
        [0xfe, 0xff, rest @ ..] => (true, rest),
        _ => return None,
    };
    let units = rest.chunks(2).map(move |unit| match unit {
        [first, second] if big => u16::from_be_bytes([*first, *second]),
        [first, second] => u16::from_le_bytes([*first, *second]),
        // Half a unit at the end.
        _ => 0xfffd,
    });
    Some(char::decode_utf16(units).map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER)))
}

fn text(bytes: &[u8]) -> String {
    if is_gzip(bytes) {
        return String::new();
    }
    utf16(bytes).map_or_else(|| String::from_utf8_lossy(bytes).into_owned(), Iterator::collect)
}

impl From<Vec<u8>> for Source {
    fn from(bytes: Vec<u8>) -> Self {
        String::from_utf8(bytes).map_or_else(
            |e| {
                let bytes = e.into_bytes();
                let text = text(&bytes);
                Self::Lossy { bytes: Arc::from(bytes), text }
            },
            Self::Owned,
        )
    }
}

impl From<&[u8]> for Source {
    fn from(bytes: &[u8]) -> Self {
        Self::from(bytes.to_vec())
    }
}

impl From<String> for Source {
    fn from(text: String) -> Self {
        Self::Owned(text)
    }
}

impl From<&str> for Source {
    fn from(text: &str) -> Self {
        Self::Owned(text.to_owned())
    }
}

impl From<Arc<str>> for Source {
    fn from(text: Arc<str>) -> Self {
        Self::Shared(text)
    }
}

/// A place in the document, or behind its end in what had to be unescaped.
///
/// Eight bytes in place of a string's twenty-four; the caller bounds a document to 2 GiB, and what
/// is unescaped is shorter than what was escaped, so that 32 bits reach.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Span {
    start: u32,
    len: u32,
}

impl Span {
    /// No text: not there, which is something else than empty.
    pub(super) const NONE: Self = Self { start: u32::MAX, len: 0 };

    pub(super) fn is_some(self) -> bool {
        self != Self::NONE
    }
}

/// Where a borrowed text stands in the one it was borrowed from; `None` if it was not.
pub(super) fn offset(whole: &str, part: &str) -> Option<usize> {
    let at = part.as_ptr().addr().checked_sub(whole.as_ptr().addr())?;
    (at.checked_add(part.len())? <= whole.len()).then_some(at)
}

/// Makes [`Span`]s while a document is read.
#[derive(Debug)]
pub(super) struct Spans<'de> {
    /// What the reader reads. As long as the document, byte for byte at the same place.
    pub(super) read: &'de str,
    /// Texts that do not stand in the document as they are meant.
    pub(super) unescaped: String,
}

impl<'de> Spans<'de> {
    pub(super) fn new(read: &'de str) -> Self {
        Self { read, unescaped: String::new() }
    }

    /// The span of a text; what was not borrowed from the document is kept beside it.
    pub(super) fn of(&mut self, text: &str) -> Span {
        let start = offset(self.read, text).unwrap_or_else(|| {
            let at = self.read.len().saturating_add(self.unescaped.len());
            self.unescaped.push_str(text);
            at
        });
        match (u32::try_from(start), u32::try_from(text.len())) {
            (Ok(start), Ok(len)) => Span { start, len },
            _ => Span::NONE,
        }
    }

    /// The span of a text that may be missing.
    pub(super) fn maybe(&mut self, text: Option<impl AsRef<str>>) -> Span {
        text.map_or(Span::NONE, |text| self.of(text.as_ref()))
    }

    /// What a span says.
    pub(super) fn get(&self, span: Span) -> Option<&str> {
        get(self.read, &self.unescaped, span)
    }
}

/// What a span of a document says; `None` for [`Span::NONE`].
pub(super) fn get<'a>(document: &'a str, unescaped: &'a str, span: Span) -> Option<&'a str> {
    if !span.is_some() {
        return None;
    }
    let (start, len) = (usize::try_from(span.start).ok()?, usize::try_from(span.len).ok()?);
    match start.checked_sub(document.len()) {
        None => document.get(start..start.checked_add(len)?),
        Some(start) => unescaped.get(start..start.checked_add(len)?),
    }
}
