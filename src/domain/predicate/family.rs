//! Which predicate types are known, and by what name.

use super::sbom;

/// The predicate types that are known, by family. A version behind them makes no other family.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// SLSA provenance v0.1, v0.2, v1 and its drafts.
    Provenance(&'static str),
    /// SLSA verification summary.
    Verification,
    /// CycloneDX.
    CycloneDx,
    /// SPDX.
    Spdx,
    /// OpenVEX.
    Vex,
    /// A vulnerability scan: cosign's or in-toto's.
    Scan,
    /// A release: in-toto's, as GitHub makes them.
    Release,
    /// A test result.
    TestResult,
    /// An in-toto link.
    Link,
    /// cosign's `{Data, Timestamp}`.
    Custom,
    /// cosign's signature, which has no predicate to speak of.
    Signature,
    /// A package that was published; the predicate may be `null`.
    Publish,
    /// Any other type.
    Other,
}

/// Types whose name is the whole type or goes on with a version: `/v1.4`, `/v0.2.0`.
const BY_PREFIX: [(&str, Family); 3] = [
    ("https://cyclonedx.org/bom", Family::CycloneDx),
    ("https://spdx.dev/Document", Family::Spdx),
    ("https://openvex.dev/ns", Family::Vex),
];
const EXACT: [(&str, Family); 22] = [
    ("https://slsa.dev/provenance/v0.1", Family::Provenance("v0.1")),
    ("https://slsa.dev/provenance/v0.2", Family::Provenance("v0.2")),
    ("https://slsa.dev/provenance/v1", Family::Provenance("v1")),
    ("https://slsa.dev/provenance/v1.0", Family::Provenance("v1.0")),
    ("https://slsa.dev/provenance/v1.0?draft", Family::Provenance("v1.0 draft")),
    ("https://slsa.dev/provenance/v1-rc1", Family::Provenance("v1-rc1")),
    ("https://slsa.dev/verification_summary/v0.1", Family::Verification),
    ("https://slsa.dev/verification_summary/v0.2", Family::Verification),
    ("https://slsa.dev/verification_summary/v1", Family::Verification),
    ("https://cosign.sigstore.dev/attestation/vuln/v1", Family::Scan),
    ("https://in-toto.io/attestation/vuln/v0.1", Family::Scan),
    ("https://in-toto.io/attestation/vulns/v0.1", Family::Scan),
    ("https://in-toto.io/attestation/vulns/v0.2", Family::Scan),
    ("https://in-toto.io/attestation/release/v0.1", Family::Release),
    ("https://in-toto.io/attestation/release/v0.2", Family::Release),
    ("https://in-toto.io/attestation/test-result/v0.1", Family::TestResult),
    ("https://in-toto.io/Link/v1", Family::Link),
    ("https://in-toto.io/attestation/link/v0.2", Family::Link),
    ("https://in-toto.io/attestation/link/v0.3", Family::Link),
    ("https://cosign.sigstore.dev/attestation/v1", Family::Custom),
    ("https://sigstore.dev/cosign/sign/v1", Family::Signature),
    ("https://github.com/npm/attestation/tree/main/specs/publish/v0.1", Family::Publish),
];

/// PEP 740: how the type of an index's publish attestation ends, whatever host it names.
const PUBLISH: &str = "/attestations/publish/v1";

impl Family {
    /// The family of a predicate type.
    pub fn of(predicate_type: &str) -> Self {
        let exact = EXACT.iter().find(|(known, _)| *known == predicate_type);
        let versioned = || {
            BY_PREFIX.iter().find(|(known, _)| {
                let rest = predicate_type.strip_prefix(known);
                rest.is_some_and(|rest| rest.is_empty() || rest.starts_with("/v"))
            })
        };
        if predicate_type.ends_with(PUBLISH) {
            return Self::Publish;
        }
        exact.or_else(versioned).map_or(Self::Other, |(_, family)| *family)
    }

    /// Its name in words; `None` for a type that is not known.
    pub fn name(self) -> Option<String> {
        let name = match self {
            Self::Provenance(version) => return Some(format!("SLSA provenance {version}")),
            Self::Verification => "SLSA verification summary",
            Self::CycloneDx => "CycloneDX",
            Self::Spdx => "SPDX",
            Self::Vex => "OpenVEX",
            Self::Scan => "vulnerability scan",
            Self::Release => "release",
            Self::TestResult => "test result",
            Self::Link => "in-toto link",
            Self::Custom => "custom",
            Self::Signature => "cosign signature",
            Self::Publish => "published package",
            Self::Other => return None,
        };
        Some(name.into())
    }

    /// Whether a predicate of that type may be empty or `null` and still be whole.
    pub(super) const fn may_be_empty(self) -> bool {
        matches!(self, Self::Signature | Self::Publish)
    }

    /// Lists at the root that are counted and not read: they are large, and the SBOM pane has them.
    pub(super) const fn counted(self) -> &'static [&'static str] {
        match self {
            Self::CycloneDx | Self::Spdx => &sbom::COUNTED,
            _ => &[],
        }
    }
}
