//! JSON that is almost JSON, made readable without moving a byte.
//!
//! Real writers produce `NaN`, lone surrogates and raw control characters in strings. Each of them
//! ends a strict parser, and with it everything that stands behind. What takes their place here has
//! the same length, so that a place in the mended text is the same place in the document.

use super::Problem;

/// The most places that are told one by one.
const MAX_TOLD: usize = 20;

/// A text of the same length that JSON parsers read further into, and what was mended; `None` if
/// there is nothing to mend.
pub(super) fn json(text: &str) -> Option<(String, Vec<Problem>)> {
    let mut mender = Mender { bytes: text.as_bytes().to_vec(), at: 0, mended: Vec::new(), more: 0 };
    while let Some(byte) = mender.bytes.get(mender.at).copied() {
        match byte {
            b'"' => mender.string(),
            b'N' | b'I' => mender.number(),
            _ => mender.at = mender.at.saturating_add(1),
        }
    }
    if mender.mended.is_empty() {
        return None;
    }
    let mut problems = mender.mended;
    if mender.more > 0 {
        let message = format!("{} more places were no JSON", mender.more);
        problems.push(Problem { position: String::new(), message, hides: true });
    }
    // Only ASCII was exchanged for ASCII.
    Some((String::from_utf8(mender.bytes).ok()?, problems))
}

struct Mender {
    bytes: Vec<u8>,
    at: usize,
    mended: Vec<Problem>,
    more: usize,
}

impl Mender {
    /// `hides`: a text is read that the document does not say.
    fn tell(&mut self, what: &str, hides: bool) {
        if self.mended.len() < MAX_TOLD {
            let position = format!("byte {}", self.at);
            self.mended.push(Problem { position, message: what.to_owned(), hides });
        } else {
            self.more = self.more.saturating_add(1);
        }
    }

    fn starts(&self, word: &[u8]) -> bool {
        self.bytes.get(self.at..).is_some_and(|rest| rest.starts_with(word))
    }

    fn put(&mut self, with: &[u8]) {
        let end = self.at.saturating_add(with.len());
        if let Some(place) = self.bytes.get_mut(self.at..end) {
            place.copy_from_slice(with);
        }
        self.at = end;
    }

    /// `NaN` and `Infinity`, which JavaScript and Python write and RFC 8259 does not know.
    fn number(&mut self) {
        if self.starts(b"NaN") {
            self.tell("NaN is no JSON; read as 0", false);
            self.put(b"0  ");
        } else if self.starts(b"Infinity") {
            self.tell("Infinity is no JSON; read as 0", false);
            self.put(b"0       ");
        } else {
            self.at = self.at.saturating_add(1);
        }
    }

    /// To behind the closing quote.
    fn string(&mut self) {
        self.at = self.at.saturating_add(1);
        while let Some(byte) = self.bytes.get(self.at).copied() {
            match byte {
                b'"' => {
                    self.at = self.at.saturating_add(1);
                    return;
                }
                b'\\' => self.escape(),
                // RFC 8259, section 7: "the control characters (U+0000 through U+001F)" must be
                // escaped.
                0..=0x1f => {
                    self.tell(
                        "a control character in a string must be escaped; read as it stands",
                        false,
                    );
                    self.put(b" ");
                }
                _ => self.at = self.at.saturating_add(1),
            }
        }
    }

    fn escape(&mut self) {
        match self.bytes.get(self.at.saturating_add(1)) {
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => {
                self.at = self.at.saturating_add(2);
            }
            Some(b'u') => self.unicode(),
            Some(_) | None => {
                self.tell("an escape that JSON does not know", true);
                self.put(b"/");
            }
        }
    }

    fn unit(&self, at: usize) -> Option<u32> {
        let escape = self.bytes.get(at..at.checked_add(6)?)?;
        let digits = std::str::from_utf8(escape.strip_prefix(b"\\u")?).ok()?;
        digits
            .bytes()
            .all(|b| b.is_ascii_hexdigit())
            .then(|| u32::from_str_radix(digits, 16).ok())?
    }

    /// A surrogate needs its other half (RFC 8259, section 7): alone it is no character.
    fn unicode(&mut self) {
        match (self.unit(self.at), self.unit(self.at.saturating_add(6))) {
            (Some(0xd800..=0xdbff), Some(0xdc00..=0xdfff)) => self.at = self.at.saturating_add(12),
            (Some(0xd800..=0xdfff), _) => {
                self.tell("half a surrogate pair; read as U+FFFD", true);
                self.put(b"\\ufffd");
            }
            (Some(_), _) => self.at = self.at.saturating_add(6),
            (None, _) => {
                self.tell("\\u without four digits", true);
                self.put(b"/");
            }
        }
    }
}
