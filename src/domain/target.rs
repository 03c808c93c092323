//! [`Target`]: the word behind `sigscope verify`, told apart by how it is written.

use std::path::PathBuf;

use super::reference::{ReferenceError, check_host, is_host};
use super::{Digest, Reference, Repository, Tag};

/// What a user names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// An image, chart or other artifact, with tag or digest.
    Artifact(Reference),
    /// A repository: its tags.
    Repository(Repository),
    /// A registry without a path: what it will list.
    Registry(String),
    /// A path, written so that it cannot be meant as a reference.
    Path(PathBuf),
    /// The digest of an artifact that is not at hand.
    Digest(Digest),
}

impl Target {
    /// Tells a target by how it is written; no file is looked at.
    ///
    /// # Errors
    /// [`ReferenceError`] with the position of the first character that cannot be.
    pub fn parse(text: &str) -> Result<Self, ReferenceError> {
        for scheme in ["https://", "http://"] {
            if text.starts_with(scheme) {
                let words = format!("a reference has no {scheme}; leave it out");
                return Err(ReferenceError::new(0, words));
            }
        }
        // As gh and helm write an image of a registry.
        if let Some(rest) = text.strip_prefix("oci://") {
            return registry(rest).map_err(|e| ReferenceError { at: e.at + 6, ..e });
        }
        if let Some(rest) = text.strip_prefix("oci:") {
            return layout(rest).map_err(|e| ReferenceError { at: e.at + 4, ..e });
        }
        if text.starts_with('/') || text.starts_with("./") || text.starts_with("../") {
            return Ok(Self::Path(PathBuf::from(text)));
        }
        // The last three are none of ours: as names of images they would be asked of Docker Hub.
        let digests = ["sha256:", "sha384:", "sha512:", "sha1:", "sha224:", "md5:"];
        if digests.iter().any(|p| text.starts_with(p)) {
            let at = text.find(':').map_or(0, |i| i + 1);
            let digest = text.parse().map_err(|e| ReferenceError::new(at, format!("{e}")))?;
            return Ok(Self::Digest(digest));
        }
        if !text.contains('/') && !text.contains('@') && is_host(text) && looks_like_host(text) {
            check_host(text)?;
            return Ok(Self::Registry(text.to_ascii_lowercase()));
        }
        if let Some(at) = text.chars().position(char::is_whitespace) {
            let words = "a reference has no spaces: only the name of one image is expected";
            return Err(ReferenceError::new(at, words));
        }
        let reference = Reference::parse(text)?;
        Ok(match (&reference.tag, &reference.digest) {
            (None, None) => Self::Repository(reference.repository),
            _ => Self::Artifact(reference),
        })
    }
}

/// What stands behind `oci://`: never a path, a digest or another scheme.
fn registry(text: &str) -> Result<Target, ReferenceError> {
    match Target::parse(text)? {
        found @ (Target::Artifact(_) | Target::Repository(_) | Target::Registry(_))
            if !text.starts_with("oci:") =>
        {
            Ok(found)
        }
        _ => Err(ReferenceError::new(0, "an image of a registry is expected behind oci://")),
    }
}

/// `quay.io` and `localhost:5000` are registries; `alpine:3` is an image of Docker Hub.
fn looks_like_host(text: &str) -> bool {
    match text.rsplit_once(':') {
        Some((name, port)) if !text.ends_with(']') => {
            let host = name == "localhost" || name.contains('.') || name.starts_with('[');
            host && port.bytes().all(|b| b.is_ascii_digit())
        }
        _ => true,
    }
}

/// `DIR`, `DIR:TAG`, `DIR@sha256:…`, `FILE.tar[:TAG]`.
fn layout(text: &str) -> Result<Target, ReferenceError> {
    if text.is_empty() {
        return Err(ReferenceError::new(0, "the folder or tar file of an OCI layout is expected"));
    }
    let (rest, digest) = match text.rsplit_once('@') {
        Some((path, digest)) if digest.parse::<Digest>().is_ok() => (path, digest.parse().ok()),
        Some((path, digest)) if digest.starts_with("sha") => {
            let message = "not a digest: algorithm:hex is expected";
            return Err(ReferenceError::new(path.chars().count() + 1, message));
        }
        _ => (text, None),
    };
    let (path, tag) = match rest.rsplit_once(':') {
        Some((path, tag)) if !path.is_empty() && !tag.contains('/') => {
            let parsed = Tag::parse(tag)
                .map_err(|e| ReferenceError::new(path.chars().count() + 1 + e.at, e.message))?;
            (path, Some(parsed))
        }
        _ => (rest, None),
    };
    let repository = Repository::Layout(PathBuf::from(path));
    Ok(match (&tag, &digest) {
        (None, None) => Target::Repository(repository),
        _ => Target::Artifact(Reference { repository, tag, digest }),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_are_told_apart_by_how_they_are_written() {
        let d = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        let at = format!("oci:a/b:c@{d}");
        let (pinned, digest) = (format!("artifact {at}"), format!("digest {d}"));
        for (text, kind) in [
            ("ghcr.io/enix/x:4.0.0", "artifact ghcr.io/enix/x:4.0.0"),
            ("ghcr.io/enix/x", "repository ghcr.io/enix/x"),
            ("alpine:3", "artifact docker.io/library/alpine:3"),
            ("alpine", "repository docker.io/library/alpine"),
            ("quay.io", "registry quay.io"),
            ("localhost:5000", "registry localhost:5000"),
            ("oci:dir", "repository oci:dir"),
            ("oci:./a:b/c", "repository oci:./a:b/c"),
            ("oci:dir:4.0.0", "artifact oci:dir:4.0.0"),
            ("oci:x.tar:1", "artifact oci:x.tar:1"),
            ("oci://ghcr.io/enix/x:4.0.0", "artifact ghcr.io/enix/x:4.0.0"),
            ("oci://quay.io/enix/charts/x", "repository quay.io/enix/charts/x"),
            (at.as_str(), pinned.as_str()),
            ("./file", "path ./file"),
            ("/tmp/file", "path /tmp/file"),
            (d, digest.as_str()),
        ] {
            let got = match Target::parse(text).unwrap() {
                Target::Artifact(r) => format!("artifact {r}"),
                Target::Repository(r) => format!("repository {r}"),
                Target::Registry(h) => format!("registry {h}"),
                Target::Path(p) => format!("path {}", p.display()),
                Target::Digest(d) => format!("digest {d}"),
            };
            assert_eq!(got, kind);
        }
        for text in
            ["oci:///x", "oci://oci:x:1", "oci://./x", "oci://https://x", &format!("oci://{d}")]
        {
            assert!(Target::parse(text).is_err(), "{text}");
        }
        assert_eq!(Target::parse("oci:dir:a b").unwrap_err().at, 9);
        assert_eq!(Target::parse("oci://ghcr.io/Enix/x:1").unwrap_err().at, 14);
        assert_eq!(Target::parse("sha256:12").unwrap_err().at, 7);
        let sha1 = format!("sha1:{}", "ab".repeat(20));
        assert_eq!(Target::parse(&sha1).unwrap_err().at, 5);
    }
}
