//! Why something is left alone.

/// The reason, and whether an image may be deployed from there all the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Why {
    /// In our words.
    pub(super) text: String,
    /// Whether an image may be deployed from there that nobody pinned.
    pub(super) open: bool,
}

impl Why {
    /// It is no image of this file's own, or something else decides which one it is.
    pub(super) fn decided(text: impl Into<String>) -> Self {
        Self { text: text.into(), open: false }
    }

    /// The same of a part of a reference.
    pub(super) fn of(self, name: &str) -> Self {
        Self { text: format!("{name}: {}", self.text), open: self.open }
    }
}

/// What nobody can tell is open: silence would be taken for a pin.
impl From<String> for Why {
    fn from(text: String) -> Self {
        Self { text, open: true }
    }
}

impl From<&str> for Why {
    fn from(text: &str) -> Self {
        text.to_owned().into()
    }
}
