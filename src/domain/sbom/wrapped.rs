//! What is around a document: taken off by content, layer by layer, and told.
//!
//! Nothing of it is verified here. Whoever shows a document that came in an envelope must not call
//! it attested for that: [`Wrapping`]s say so in their words.

use std::{fmt, io::Read as _};

use base64::{
    Engine as _, alphabet,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use flate2::read::MultiGzDecoder;

use super::{
    Language, SbomError, Source, Watch, mend,
    sniff::{Inner, Seen, clip, look},
    source::offset,
};

/// The most layers that are taken off.
pub const MAX_WRAPPINGS: usize = 8;
/// The most bytes that a packed document may have when it is unpacked.
pub const MAX_UNPACKED_BYTES: usize = 512 * 1024 * 1024;

/// Something that was around a document. Its words hold foreign text, cut to a line and not
/// cleaned: whatever shows them does that ([`crate::domain::text::safe`]).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wrapping {
    /// gzip (RFC 1952).
    Gzip,
    /// A Sigstore bundle with a `dsseEnvelope`.
    Bundle,
    /// A DSSE envelope.
    Envelope,
    /// An in-toto statement; the document was its predicate.
    Statement {
        /// The predicate type as stated, cut to a line.
        predicate_type: Option<String>,
    },
    /// A JSON string: cosign's `--type spdx` attests tag-value so.
    Text,
    /// `{"Data": …, "Timestamp": …}`: cosign's `--type custom`.
    Custom,
}

impl fmt::Display for Wrapping {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Gzip => f.write_str("packed with gzip"),
            Self::Bundle => f.write_str("in a Sigstore bundle, not verified here"),
            Self::Envelope => {
                f.write_str("in a DSSE envelope, whose signatures were not checked here")
            }
            Self::Statement { predicate_type } => {
                let of = predicate_type.as_deref().unwrap_or("no type");
                write!(f, "in an in-toto statement ({of}), whose subjects were not compared here")
            }
            Self::Text => f.write_str("in a JSON string"),
            Self::Custom => f.write_str("in a custom predicate of cosign ({Data, Timestamp})"),
        }
    }
}

/// A document without what was around it.
pub(super) struct Peeled {
    pub(super) source: Source,
    /// From the outside in.
    pub(super) around: Vec<Wrapping>,
    /// Why there may be more of it.
    pub(super) cut: Option<SbomError>,
    pub(super) format: Result<Language, SbomError>,
}

/// Takes off what is around a document.
///
/// # Errors
/// [`SbomError`]: a layer that cannot be opened, more than [`MAX_WRAPPINGS`] of them,
/// [`SbomError::Cancelled`].
pub(super) fn peel(source: Source, watch: Watch<'_>) -> Result<Peeled, SbomError> {
    let mut peeled =
        Peeled { source, around: Vec::new(), cut: None, format: Err(SbomError::Cancelled) };
    loop {
        let next = if is_gzip(peeled.source.bytes()) {
            // Only as the outermost layers: a packed payload of a signed statement of a few MB
            // would otherwise take hundreds in the memory that was set aside for the statement.
            if peeled.around.iter().any(|around| *around != Wrapping::Gzip) {
                return Err(peeled.inside(SbomError::NotAnSbom("packed data".to_owned())));
            }
            let (bytes, cut) = unpack(peeled.source.bytes(), MAX_UNPACKED_BYTES, watch)?;
            peeled.cut = peeled.cut.or(cut);
            Some((Wrapping::Gzip, Source::from(bytes)))
        } else {
            match layer(peeled.source.text()) {
                Ok(Layer::Bare(language)) => {
                    peeled.format = Ok(language);
                    None
                }
                Ok(Layer::Around(around, inner)) => Some((around, inner)),
                Err(error) => {
                    peeled.format = Err(peeled.inside(error));
                    None
                }
            }
        };
        let Some((around, inner)) = next else { return Ok(peeled) };
        if peeled.around.len() >= MAX_WRAPPINGS {
            let words = format!("more than {MAX_WRAPPINGS} layers around the document");
            return Err(SbomError::NotAnSbom(words));
        }
        peeled.around.push(around);
        peeled.source = inner;
    }
}

impl Peeled {
    /// The error, with the layer in which it was met.
    fn inside(&self, error: SbomError) -> SbomError {
        match (error, self.around.last()) {
            (SbomError::NotAnSbom(what), Some(around)) => {
                SbomError::NotAnSbom(format!("{what}; it came {around}"))
            }
            (error, _) => error,
        }
    }
}

enum Layer {
    Bare(Language),
    Around(Wrapping, Source),
}

fn layer(text: &str) -> Result<Layer, SbomError> {
    match look(text) {
        Ok(seen) => opened(text, text, seen),
        Err(error @ SbomError::Malformed(_)) => {
            // Python writes NaN into statements too. Mended, its parts stand at the same places.
            let mended = text.trim_start().starts_with('{').then(|| mend::json(text)).flatten();
            match mended.as_ref().map(|(mended, _)| (mended, look(mended))) {
                Some((mended, Ok(seen @ Seen::Around(..)))) => opened(text, mended, seen),
                _ => Err(error),
            }
        }
        Err(error) => Err(error),
    }
}

/// `read` is as long as `text` and stands for it.
fn opened(text: &str, read: &str, seen: Seen<'_>) -> Result<Layer, SbomError> {
    let (around, inner) = match seen {
        Seen::Document(language) => return Ok(Layer::Bare(language)),
        Seen::Around(around, inner) => (around, inner),
    };
    let source = match inner {
        Inner::Part(part) => {
            let at = offset(read, part);
            let same = at.and_then(|at| text.get(at..at.checked_add(part.len())?));
            Source::from(same.unwrap_or(part))
        }
        Inner::Text(inner) => Source::from(inner.into_owned()),
        Inner::Base64(payload) => Source::from(decode(&payload)?),
    };
    Ok(Layer::Around(around, source))
}

/// DSSE, protocol: "`Base64()`: Base64 encoding, transforming a byte sequence to a unicode string.
/// Either standard or URL-safe encoding is allowed." Writers differ in padding too.
fn decode(payload: &str) -> Result<Vec<u8>, SbomError> {
    let lenient = GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true);
    let url_safe = payload.contains(['-', '_']);
    let alphabet = if url_safe { alphabet::URL_SAFE } else { alphabet::STANDARD };
    let engine = GeneralPurpose::new(&alphabet, lenient);
    let refused = |e: base64::DecodeError| {
        SbomError::Malformed(format!("the payload of the envelope is no Base64: {e}"))
    };
    engine.decode(payload).map_err(refused)
}

/// RFC 1952, section 2.3.1: ID1 = 31, ID2 = 139; CM = 8 is deflate.
pub(super) fn is_gzip(bytes: &[u8]) -> bool {
    bytes.starts_with(&[0x1f, 0x8b, 8])
}

/// What is packed, as far as it can be unpacked, and why that is not all.
pub(super) fn unpack(
    bytes: &[u8],
    limit: usize,
    watch: Watch<'_>,
) -> Result<(Vec<u8>, Option<SbomError>), SbomError> {
    let mut out = Vec::new();
    let mut from = MultiGzDecoder::new(bytes);
    loop {
        if !watch(0) {
            return Err(SbomError::Cancelled);
        }
        // A few kilobytes unpack to gigabytes: never read more at once than is looked at.
        let read = from.by_ref().take(1 << 20).read_to_end(&mut out);
        if out.len() > limit {
            out.truncate(limit);
            return Ok((out, Some(SbomError::Unpacked(limit))));
        }
        match read {
            Ok(0) => return Ok((out, None)),
            Ok(_) => {}
            Err(e) => {
                let why = format!("its gzip cannot be unpacked further: {}", clip(&e.to_string()));
                return Ok((out, Some(SbomError::Malformed(why))));
            }
        }
    }
}
