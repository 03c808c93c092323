//! [`Reference`]: where an artifact is said to be. Parsed once at the edge, then never again.
//!
//! Grammar: OCI distribution specification, "Pulling manifests" (`<name>` and `<reference>`), with
//! the host rule and the Docker Hub short names of the reference implementation.

use std::{fmt, path::PathBuf};

use super::Digest;

/// The registry host that `enix/x` and `docker.io/enix/x` mean.
pub const DOCKER_HUB: &str = "docker.io";
/// The longest repository path that registries accept, in bytes.
const MAX_PATH_BYTES: usize = 255;
/// The longest tag, in bytes: `[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}`.
const MAX_TAG_BYTES: usize = 128;

/// A place that holds tags, manifests and blobs.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Repository {
    /// On a registry that speaks the distribution protocol.
    Remote {
        /// Host with its port, if one was written: `ghcr.io`, `localhost:5000`, `[::1]:5000`.
        host: String,
        /// The `<name>` of the distribution specification.
        path: String,
    },
    /// An OCI image layout, a folder or a tar file.
    Layout(PathBuf),
}

/// A tag, `[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tag(String);

/// A repository with a tag, a digest, or both; with neither it names the repository itself.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Reference {
    /// Where.
    pub repository: Repository,
    /// The movable name, if one was written.
    pub tag: Option<Tag>,
    /// The content, if it was written; it decides when both are there.
    pub digest: Option<Digest>,
}

/// What is asked of a registry: a movable name or fixed content.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Pointer {
    /// A movable name.
    Tag(Tag),
    /// Fixed content.
    Digest(Digest),
}

/// Why a text is not a reference, and where it stops being one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReferenceError {
    /// What is wrong, in words.
    pub message: String,
    /// The character, counted from 0, at which it is wrong.
    pub at: usize,
}

impl ReferenceError {
    pub(super) fn new(at: usize, message: impl Into<String>) -> Self {
        Self { message: message.into(), at }
    }

    /// The text with a caret under the character that is wrong, two lines.
    pub fn pointing_at(&self, text: &str) -> String {
        let shown = super::text::safe(text);
        let before: String = text.chars().take(self.at).collect();
        let column = unicode_width::UnicodeWidthStr::width(super::text::safe(&before).as_str());
        format!("{shown}\n{}^ {}", " ".repeat(column), self.message)
    }
}

impl fmt::Display for ReferenceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "character {}: {}", self.at + 1, self.message)
    }
}

impl std::error::Error for ReferenceError {}

impl Tag {
    /// The tag of that text.
    ///
    /// # Errors
    /// The position of the first character that a tag cannot hold.
    pub fn parse(text: &str) -> Result<Self, ReferenceError> {
        let bad = |(i, c): &(usize, char)| {
            let word = c.is_ascii_alphanumeric() || *c == '_';
            !(word || (*i > 0 && matches!(c, '.' | '-')))
        };
        if text.is_empty() {
            return Err(ReferenceError::new(0, "a tag is expected here"));
        }
        if let Some((at, c)) = text.chars().enumerate().find(bad) {
            return Err(ReferenceError::new(at, format!("{c:?} cannot stand here in a tag")));
        }
        if text.len() > MAX_TAG_BYTES {
            return Err(ReferenceError::new(MAX_TAG_BYTES, "a tag has at most 128 characters"));
        }
        Ok(Self(text.to_owned()))
    }

    /// The tag as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it is one of cosign's or the distribution specification's tags for attached
    /// material: `sha256-<hex>`, perhaps with `.sig`, `.att`, `.sbom`.
    pub fn is_attachment(&self) -> bool {
        let Some(rest) = self.0.strip_prefix("sha256-") else { return false };
        let hex = rest.split('.').next().unwrap_or_default();
        hex.len() == 64 && hex.bytes().all(|b| b.is_ascii_hexdigit())
    }
}

impl AsRef<str> for Tag {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Reference {
    /// Parses and normalises a reference to a registry.
    ///
    /// # Errors
    /// [`ReferenceError`] with the position of the first character that cannot be.
    pub fn parse(text: &str) -> Result<Self, ReferenceError> {
        let (name, digest) = match text.split_once('@') {
            Some((name, digest)) => {
                let at = name.chars().count() + 1;
                let parsed = digest.parse().map_err(|e| ReferenceError::new(at, format!("{e}")))?;
                (name, Some(parsed))
            }
            None => (text, None),
        };
        let (name, tag) = split_tag(name)?;
        let repository = parse_repository(name)?;
        Ok(Self { repository, tag, digest })
    }

    /// What a registry is asked for: the digest where there is one, else the tag, else `latest`.
    pub fn pointer(&self) -> Pointer {
        match (&self.digest, &self.tag) {
            (Some(digest), _) => Pointer::Digest(digest.clone()),
            (None, Some(tag)) => Pointer::Tag(tag.clone()),
            (None, None) => Pointer::Tag(Tag("latest".into())),
        }
    }
}

/// Splits `:tag` off, taking care of `host:port/…` and `[::1]:5000/…`.
fn split_tag(name: &str) -> Result<(&str, Option<Tag>), ReferenceError> {
    let slash = name.rfind('/').map_or(0, |i| i + 1);
    let last = name.get(slash..).unwrap_or_default();
    match last.rfind(':') {
        Some(colon) if slash > 0 || !last.starts_with('[') => {
            let (head, tail) = name.split_at(slash + colon);
            let text = tail.get(1..).unwrap_or_default();
            let tag = Tag::parse(text)
                .map_err(|e| ReferenceError::new(head.chars().count() + 1 + e.at, e.message))?;
            Ok((head, Some(tag)))
        }
        _ => Ok((name, None)),
    }
}

fn parse_repository(name: &str) -> Result<Repository, ReferenceError> {
    if name.is_empty() {
        return Err(ReferenceError::new(0, "a repository name is expected"));
    }
    let (host, path, offset) = match name.split_once('/') {
        Some((first, rest)) if is_host(first) => {
            check_host(first)?;
            (canonical_host(first), rest.to_owned(), first.chars().count() + 1)
        }
        Some(_) => (DOCKER_HUB.to_owned(), name.to_owned(), 0),
        None => (DOCKER_HUB.to_owned(), format!("library/{name}"), 0),
    };
    // For a short name the path was lengthened by `library/`; positions count what was typed.
    let typed = if name.contains('/') { path.as_str() } else { name };
    check_path(typed).map_err(|e| ReferenceError::new(offset + e.at, e.message))?;
    let path = match (host.as_str(), path.contains('/')) {
        (DOCKER_HUB, false) => format!("library/{path}"),
        _ => path,
    };
    if path.len() > MAX_PATH_BYTES {
        let at = offset + MAX_PATH_BYTES;
        return Err(ReferenceError::new(at, "a repository path has at most 255 characters"));
    }
    Ok(Repository::Remote { host, path })
}

/// The first component is a host when it has a dot or a port, or is `localhost`.
pub(super) fn is_host(first: &str) -> bool {
    first == "localhost" || first.contains(['.', ':']) || first.starts_with('[')
}

fn canonical_host(host: &str) -> String {
    let host = host.to_ascii_lowercase();
    match host.as_str() {
        "index.docker.io" | "registry-1.docker.io" => DOCKER_HUB.to_owned(),
        _ => host,
    }
}

/// Checks `host[:port]`, with IPv6 addresses in brackets.
pub(super) fn check_host(host: &str) -> Result<(), ReferenceError> {
    let (name, port) = match host.strip_prefix('[') {
        Some(rest) => {
            let Some((inside, after)) = rest.split_once(']') else {
                return Err(ReferenceError::new(0, "the bracket is not closed"));
            };
            if inside.parse::<std::net::Ipv6Addr>().is_err() {
                return Err(ReferenceError::new(1, "not an IPv6 address"));
            }
            (None, after.strip_prefix(':').or_else(|| (!after.is_empty()).then_some("?")))
        }
        None => match host.split_once(':') {
            Some((name, port)) => (Some(name), Some(port)),
            None => (Some(host), None),
        },
    };
    if let Some(name) = name {
        let bad = |c: char| !(c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_'));
        if let Some(at) = name.chars().position(bad) {
            return Err(ReferenceError::new(at, "a host name cannot hold this character"));
        }
        if name.is_empty() || name.starts_with(['.', '-']) || name.contains("..") {
            return Err(ReferenceError::new(0, "not a host name"));
        }
    }
    match port {
        Some(port) if port.parse::<u16>().is_err() || port.starts_with('+') => {
            let at = host.chars().count() - port.chars().count();
            Err(ReferenceError::new(at, "a port number is expected here"))
        }
        _ => Ok(()),
    }
}

/// `path-component := [a-z0-9]+ ((\.|_|__|-+) [a-z0-9]+)*`, joined by slashes.
fn check_path(path: &str) -> Result<(), ReferenceError> {
    let mut start = 0;
    for component in path.split('/') {
        let letters: Vec<char> = component.chars().collect();
        let word = |c: &char| c.is_ascii_lowercase() || c.is_ascii_digit();
        for (i, c) in letters.iter().enumerate() {
            let message = match c {
                c if c.is_ascii_uppercase() => "repository names are lower case".to_owned(),
                c if word(c) || matches!(c, '.' | '_' | '-') => continue,
                c => format!("{c:?} cannot stand in a repository name"),
            };
            return Err(ReferenceError::new(start + i, message));
        }
        if !letters.first().is_some_and(word) {
            return Err(ReferenceError::new(start, "a letter or digit is expected here"));
        }
        if !letters.last().is_some_and(word) {
            let at = start + letters.len() - 1;
            return Err(ReferenceError::new(at, "a name ends with a letter or digit"));
        }
        if let Some(at) = bad_separator(&letters) {
            return Err(ReferenceError::new(start + at, "separators are one of . _ __ or dashes"));
        }
        start += letters.len() + 1;
    }
    Ok(())
}

fn bad_separator(letters: &[char]) -> Option<usize> {
    let separator = |c: &char| matches!(c, '.' | '_' | '-');
    letters
        .split(|c| !separator(c))
        .scan(0, |at, run| {
            let here = *at;
            *at += run.len() + 1;
            Some((here, run))
        })
        .find_map(|(at, run)| {
            let dashes = run.iter().all(|c| *c == '-');
            let fine = dashes || matches!(run, ['.' | '_'] | ['_', '_']);
            (!fine).then_some(at)
        })
}

impl Repository {
    /// The host with its port, for repositories on a registry.
    pub fn host(&self) -> Option<&str> {
        match self {
            Self::Remote { host, .. } => Some(host),
            Self::Layout(_) => None,
        }
    }
}

impl fmt::Display for Repository {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Remote { host, path } => write!(f, "{host}/{path}"),
            Self::Layout(path) => write!(f, "oci:{}", path.display()),
        }
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.repository)?;
        if let Some(tag) = &self.tag {
            write!(f, ":{tag}")?;
        }
        match &self.digest {
            Some(digest) => write!(f, "@{digest}"),
            None => Ok(()),
        }
    }
}

impl fmt::Display for Pointer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tag(tag) => tag.fmt(f),
            Self::Digest(digest) => digest.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const D: &str = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    #[test]
    fn names_are_normalised_as_docker_does() {
        for (written, meant) in [
            ("alpine", "docker.io/library/alpine"),
            ("alpine:3", "docker.io/library/alpine:3"),
            ("enix/x", "docker.io/enix/x"),
            ("docker.io/alpine", "docker.io/library/alpine"),
            ("index.docker.io/enix/x:1", "docker.io/enix/x:1"),
            ("ghcr.io/enix/x:4.0.0", "ghcr.io/enix/x:4.0.0"),
            ("GHCR.io/enix/x", "ghcr.io/enix/x"),
            ("localhost:5000/x", "localhost:5000/x"),
            ("localhost/x:1", "localhost/x:1"),
            ("[::1]:5000/x:t", "[::1]:5000/x:t"),
            ("127.0.0.1:5055/a/b__c-d.e:T_1", "127.0.0.1:5055/a/b__c-d.e:T_1"),
        ] {
            assert_eq!(Reference::parse(written).unwrap().to_string(), meant);
        }
        let both = format!("ghcr.io/enix/x:4.0.0@{D}");
        assert_eq!(Reference::parse(&both).unwrap().to_string(), both);
    }

    #[test]
    fn a_bad_reference_is_told_where_it_is_bad() {
        for (written, at) in [
            ("", 0),
            ("ghcr.io/Enix/x", 8),
            ("ghcr.io/enix/x:", 15),
            ("ghcr.io/enix/x:a b", 16),
            ("ghcr.io/enix//x", 13),
            ("ghcr.io/enix/x-", 14),
            ("ghcr.io/a._b", 9),
            ("ghcr.io/enix/x@sha256:12", 15),
            ("ghcr.io:port/x", 8),
            ("ghcr.io/\u{202e}x", 8),
            ("[::1/x", 0),
        ] {
            assert_eq!(Reference::parse(written).unwrap_err().at, at, "{written}");
        }
    }

    #[test]
    fn the_digest_is_asked_for_where_there_is_one() {
        let both = Reference::parse(&format!("x:1@{D}")).unwrap();
        assert_eq!(both.pointer(), Pointer::Digest(D.parse().unwrap()));
        let none = Reference::parse("x").unwrap();
        assert_eq!(none.pointer().to_string(), "latest");
    }
}
