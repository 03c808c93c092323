//! Package URLs, and when two of them speak of one package. The rules of matching stand here only.
//!
//! | part | a VEX statement | a scanner's finding |
//! |---|---|---|
//! | type, namespace, name | equal, after the normalisation of the type | the same |
//! | version | equal; without one it speaks of every version | the same |
//! | qualifiers | each one that it states must be there and equal | not compared |
//! | subpath | equal where it states one | not compared |
//!
//! Of a statement those are the rules of go-vex (`PurlMatches`): "If purl1 does not have a version,
//! it will match any version in purl2 […] If purl1 has qualifers, purl2 must have the same set of
//! qualifiers". A scanner looked at this artifact, and writes qualifiers in its own way
//! (`distro=3.17`, `distro=alpine-3.17`): to leave its finding without a place for that would hide
//! it, while "not affected" for another architecture must not be taken for this one.
//!
//! Source: package-url `PURL-SPECIFICATION.rst` and `PURL-TYPES.rst`.

/// A package URL, parsed leniently.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Purl {
    /// In lower case.
    kind: String,
    /// Namespace and name, decoded, as the type writes them.
    path: String,
    version: Option<String>,
    qualifiers: Vec<(String, String)>,
    subpath: Option<String>,
}

/// Types whose names are the same in every case: what the specification lower-cases.
const CASELESS: [&str; 12] = [
    "alpm",
    "apk",
    "bitbucket",
    "bitnami",
    "composer",
    "deb",
    "github",
    "golang",
    "hex",
    "oci",
    "pypi",
    "rpm",
];

/// How strictly a finding's package URL is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Strictness {
    /// As of a VEX statement.
    Statement,
    /// As of a scan of this very artifact.
    Scan,
}

impl Purl {
    /// Parses `pkg:type/namespace/name@version?qualifiers#subpath`; `None` for what is none.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (scheme, rest) = text.split_once(':')?;
        if !scheme.eq_ignore_ascii_case("pkg") {
            return None;
        }
        let (rest, subpath) = cut(rest.trim_start_matches('/'), '#');
        let (rest, qualifiers) = cut(rest, '?');
        let (kind, path) = rest.split_once('/')?;
        let kind = kind.to_ascii_lowercase();
        // An `@` that begins a segment is a scope of npm which was not encoded: no version follows.
        let (path, version) = match path.rsplit_once('@') {
            Some((path, version)) if !path.is_empty() && !path.ends_with('/') => {
                (path, Some(decoded(version)))
            }
            _ => (path, None),
        };
        let segments: Vec<String> =
            path.split('/').filter(|s| !s.is_empty()).map(segment).collect();
        if kind.is_empty() || segments.is_empty() {
            return None;
        }
        let mut path = segments.join("/");
        if CASELESS.contains(&kind.as_str()) {
            path = path.to_lowercase();
        }
        if kind == "pypi" {
            path = path.replace('_', "-");
        }
        let version = version.filter(|v| !v.is_empty()).map(|version| match kind.as_str() {
            // Trivy and syft write a module's version with `v`, older ones without.
            "golang" => version.strip_prefix('v').map(str::to_owned).unwrap_or(version),
            _ => version,
        });
        let pairs = qualifiers.unwrap_or_default().split('&').filter_map(|pair| {
            let (key, value) = pair.split_once('=')?;
            (!value.is_empty()).then(|| (key.to_ascii_lowercase(), decoded(value)))
        });
        let subpath = subpath.map(|s| decoded(s.trim_matches('/'))).filter(|s| !s.is_empty());
        Some(Self { qualifiers: pairs.collect(), kind, path, version, subpath })
    }

    /// Type, namespace and name: what every match has in common.
    pub(super) fn key(&self) -> String {
        format!("{}/{}", self.kind, self.path)
    }

    /// Whether it names a version.
    pub(super) const fn has_version(&self) -> bool {
        self.version.is_some()
    }

    /// Whether what is said of this one is said of `other`.
    pub(super) fn covers(&self, other: &Self, strictness: Strictness) -> bool {
        let package = self.kind == other.kind && self.path == other.path;
        let version = self.version.is_none() || self.version == other.version;
        let variant = match strictness {
            Strictness::Scan => true,
            Strictness::Statement => {
                self.qualifiers.iter().all(|pair| other.qualifiers.contains(pair))
                    && (self.subpath.is_none() || self.subpath == other.subpath)
            }
        };
        package && version && variant
    }

    /// Whether it names an image.
    pub(super) fn is_image(&self) -> bool {
        matches!(self.kind.as_str(), "oci" | "docker")
    }

    /// Whether it names the image of that digest or, without a version, of that repository
    /// (`quay.io/enix/x`).
    ///
    /// purl-spec, `oci`: "The version is the `sha256:hex_encoded_lowercase_digest` of the artifact",
    /// "the name is the last fragment of the repository name".
    pub(super) fn names_image(&self, digests: &[String], repository: Option<&str>) -> bool {
        if !self.is_image() {
            return false;
        }
        if let Some(version) = &self.version {
            return digests.contains(version);
        }
        let Some(repository) = repository.map(str::to_lowercase) else { return false };
        let last = |path: &str| path.rsplit('/').next().map(str::to_owned);
        let stated = self.qualifiers.iter().find(|(key, _)| key == "repository_url");
        let there = stated.is_none_or(|(_, url)| url.to_lowercase() == repository);
        there && last(&self.path) == last(&repository)
    }
}

/// What stands before the last such sign, and what stands behind it.
fn cut(text: &str, sign: char) -> (&str, Option<&str>) {
    text.rsplit_once(sign).map_or((text, None), |(before, behind)| (before, Some(behind)))
}

/// A segment of the path. One that hides a slash stays encoded: `k8s.io%2Fclient-go` is one name
/// and not two.
fn segment(text: &str) -> String {
    let plain = decoded(text);
    if plain.contains('/') { text.to_owned() } else { plain }
}

/// Percent-decoded; as it stands where that makes no text.
pub(super) fn decoded(text: &str) -> String {
    if !text.contains('%') {
        return text.to_owned();
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        let mut ahead = rest.clone();
        let digits = (ahead.next().and_then(hex), ahead.next().and_then(hex));
        match (byte, digits) {
            (b'%', (Some(high), Some(low))) => {
                bytes.push(high.wrapping_shl(4) | low);
                rest = ahead;
            }
            _ => bytes.push(byte),
        }
    }
    String::from_utf8(bytes).unwrap_or_else(|_| text.to_owned())
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|d| u8::try_from(d).ok())
}
