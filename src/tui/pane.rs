//! The panes of a release.

/// What is shown of a release.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pane {
    /// One row for every check.
    Overview,
    /// Signatures.
    Signatures,
    /// Attestations.
    Attestations,
    /// Components.
    Sbom,
    /// Index, platforms, labels.
    Image,
    /// The digest and the proved signer, written for what enforces them.
    Decision,
    /// Requests.
    Trace,
}

impl Pane {
    /// All of them, in the order of their digits.
    pub const ALL: [Self; 7] = [
        Self::Overview,
        Self::Signatures,
        Self::Attestations,
        Self::Sbom,
        Self::Image,
        Self::Decision,
        Self::Trace,
    ];

    /// The key that shows it.
    pub const fn digit(self) -> char {
        match self {
            Self::Overview => '1',
            Self::Signatures => '2',
            Self::Attestations => '3',
            Self::Sbom => '4',
            Self::Image => '5',
            Self::Decision => '6',
            Self::Trace => '9',
        }
    }

    /// The name on its tab.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Overview => "Overview",
            Self::Signatures => "Signatures",
            Self::Attestations => "Attestations",
            Self::Sbom => "SBOM",
            Self::Image => "Image",
            Self::Decision => "Pin",
            Self::Trace => "Trace",
        }
    }
}
