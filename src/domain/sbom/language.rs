//! In what a document is written.

use super::{detail::object, markup::element, tag_value::block};

/// In what a document, and so a component's own text, is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Language {
    /// CycloneDX JSON.
    CycloneDx,
    /// CycloneDX XML.
    CycloneDxXml,
    /// SPDX 2 JSON.
    Spdx2,
    /// SPDX 2 tag-value.
    Spdx2Tags,
    /// SPDX 3 JSON-LD.
    Spdx3,
}

impl Language {
    /// Whether it is JSON, and can be mended like it.
    pub(super) fn is_json(self) -> bool {
        matches!(self, Self::CycloneDx | Self::Spdx2 | Self::Spdx3)
    }

    /// The format while no version is known, and where dependencies stand, for problems.
    pub(super) fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::CycloneDx | Self::CycloneDxXml => ("CycloneDX", "dependencies"),
            Self::Spdx2 => ("SPDX 2", "relationships"),
            Self::Spdx2Tags => ("SPDX 2", "Relationship"),
            Self::Spdx3 => ("SPDX 3", "@graph"),
        }
    }

    /// The length of the component that `text` begins with.
    pub(super) fn own_text(self, text: &str) -> usize {
        match self {
            Self::CycloneDx | Self::Spdx2 | Self::Spdx3 => object(text),
            Self::CycloneDxXml => element(text),
            Self::Spdx2Tags => block(text),
        }
    }
}
