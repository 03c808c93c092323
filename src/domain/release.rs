//! The names of files in a release: what vouches for what, as far as names tell.

/// What a file is evidence of, by its name alone; its content decides what it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EvidenceName<'a> {
    /// A bundle, or a file of bundles, for the file of that name.
    Bundle(&'a str),
    /// A detached signature of the file of that name.
    Signature(&'a str),
    /// The certificate beside a detached signature.
    Certificate(&'a str),
    /// Attestations; their subjects tell of what.
    Attestations,
}

/// The ends of names that say bundle. Sources: cosign `sign-blob --bundle` in its own examples,
/// sigstore-python (`X.sigstore.json`, earlier `X.sigstore`), slsa-github-generator.
const BUNDLES: [&str; 5] =
    [".sigstore.json", ".sigstore", ".cosign.bundle", ".bundle", ".intoto.jsonl"];
/// What gh (`sha256:….jsonl`), slsa-github-generator and in-toto call their files.
const ATTESTATIONS: [&str; 2] = [".jsonl", ".intoto.json"];
const CERTIFICATES: [&str; 3] = [".pem", ".crt", ".cert"];

/// What the name of a file says that it is evidence of.
pub fn evidence_of(name: &str) -> Option<EvidenceName<'_>> {
    let stem = |end: &str| name.strip_suffix(end).filter(|stem| !stem.is_empty());
    if let Some(of) = BUNDLES.into_iter().find_map(stem) {
        return Some(EvidenceName::Bundle(of));
    }
    if ATTESTATIONS.into_iter().find_map(stem).is_some() {
        return Some(EvidenceName::Attestations);
    }
    if let Some(of) = stem(".sig") {
        return Some(EvidenceName::Signature(of));
    }
    CERTIFICATES.into_iter().find_map(stem).map(EvidenceName::Certificate)
}

#[cfg(test)]
mod tests {
    use super::*;
    use EvidenceName::{Attestations, Bundle, Certificate, Signature};

    #[test]
    fn evidence_is_paired_by_the_names_that_projects_use() {
        for (name, what) in [
            ("checksums.txt.sigstore.json", Some(Bundle("checksums.txt"))),
            ("x.tar.gz.sigstore", Some(Bundle("x.tar.gz"))),
            ("x.bundle", Some(Bundle("x"))),
            ("x.intoto.jsonl", Some(Bundle("x"))),
            ("attestations.jsonl", Some(Attestations)),
            ("x.sig", Some(Signature("x"))),
            ("x.pem", Some(Certificate("x"))),
            ("x.crt", Some(Certificate("x"))),
            (".sig", None),
            ("x.tar.gz", None),
            ("x.json", None),
        ] {
            assert_eq!(evidence_of(name), what, "{name}");
        }
    }
}
