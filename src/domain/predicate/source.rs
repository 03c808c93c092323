//! Where source code is said to lie: URIs of many spellings → repository and ref.

/// A repository, however it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    /// Host in lower case, with its port; `None` for `owner/name` alone.
    host: Option<String>,
    /// `owner/name`, without `.git`, in the case it was written in.
    path: String,
    /// What stands behind `@` or `#`: a ref, or a commit.
    pub(super) reference: Option<String>,
}

impl Place {
    /// Reads `git+https://github.com/o/r@refs/heads/main`, `https://github.com/o/r.git#main`,
    /// `git@github.com:o/r.git`, `ssh://…`, or `o/r`; `None` for what names no repository.
    pub(super) fn parse(uri: &str) -> Option<Self> {
        let uri = uri.trim();
        let bare = uri.strip_prefix("git+").unwrap_or(uri);
        let (host, rest) = match bare.split_once("://") {
            Some((scheme, rest)) => {
                if !matches!(scheme, "https" | "http" | "ssh" | "git") {
                    return None;
                }
                let (authority, path) = rest.split_once('/')?;
                (Some(authority), path)
            }
            // The address that `git clone` takes: user@host:path.
            None => match bare.split_once(':') {
                Some((authority, path)) if authority.contains('@') => (Some(authority), path),
                Some(_) => return None,
                None => (None, bare),
            },
        };
        // Behind the host: before it an `@` belongs to a user name.
        let (path, reference) = match rest.split_once(['@', '#']) {
            Some((path, reference)) => (path, Some(reference.to_owned())),
            None => (rest, None),
        };
        let path = path.trim_matches('/');
        let path = path.strip_suffix(".git").unwrap_or(path);
        let host = host.map(|h| h.rsplit('@').next().unwrap_or(h).to_ascii_lowercase());
        let named = path.contains('/') && !path.contains(char::is_whitespace);
        let reference = reference.filter(|r| !r.is_empty());
        named.then(|| Self { host, path: path.to_owned(), reference })
    }

    /// Whether both name one repository. GitHub and GitLab compare names without case.
    pub(super) fn is(&self, other: &Self) -> bool {
        let hosts = match (&self.host, &other.host) {
            (Some(one), Some(two)) => one == two,
            _ => true,
        };
        hosts && self.path.eq_ignore_ascii_case(&other.path)
    }

    /// `github.com/o/r`.
    pub(super) fn repository(&self) -> String {
        match &self.host {
            Some(host) => format!("{host}/{}", self.path),
            None => self.path.clone(),
        }
    }
}

/// Whether a text is the name of a git commit: SHA-1 or SHA-256, in hex.
pub(super) fn is_commit(text: &str) -> bool {
    matches!(text.len(), 40 | 64) && text.bytes().all(|b| b.is_ascii_hexdigit())
}

/// Whether two refs may be one: `main` is short for `refs/heads/main`.
pub(super) fn same_reference(claimed: &str, known: &str) -> bool {
    let short = || known.strip_prefix("refs/").and_then(|k| k.split_once('/')).map(|(_, s)| s);
    claimed == known || (!claimed.starts_with("refs/") && short() == Some(claimed))
}

/// `.github/workflows/x.yml` and its ref out of `https://github.com/o/r/.github/workflows/x.yml@ref`
/// or `o/r/.github/workflows/x.yml@ref`.
pub(super) fn workflow(uri: &str) -> Option<(String, Option<String>)> {
    let start = uri.find(".github/workflows/")?;
    let (_, rest) = uri.split_at(start);
    let (path, reference) = match rest.split_once('@') {
        Some((path, reference)) => (path, Some(reference.to_owned())),
        None => (rest, None),
    };
    Some((path.to_owned(), reference))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_repository_is_known_in_every_spelling() {
        let known = Place::parse("https://github.com/Owner/repo").unwrap();
        for (uri, same, reference) in [
            ("git+https://github.com/Owner/repo@refs/heads/main", true, Some("refs/heads/main")),
            ("https://github.com/owner/repo.git", true, None),
            ("https://github.com/owner/repo/", true, None),
            ("https://GitHub.com/Owner/Repo.git#v1.0", true, Some("v1.0")),
            ("git@github.com:Owner/repo.git", true, None),
            ("ssh://git@github.com/Owner/repo.git", true, None),
            ("https://user@github.com/Owner/repo", true, None),
            ("owner/repo", true, None),
            ("git+https://github.com/Owner/repo@feat@x", true, Some("feat@x")),
            ("https://github.com/Owner/repo2", false, None),
            ("https://github.com.evil.test/Owner/repo", false, None),
            ("https://github.com@evil.test/Owner/repo", false, None),
            ("https://github.com:8443/Owner/repo", false, None),
            ("other/repo", false, None),
        ] {
            let place = Place::parse(uri).unwrap();
            assert_eq!(place.is(&known), same, "{uri}");
            assert_eq!(place.reference.as_deref(), reference, "{uri}");
        }
        for none in ["", "pkg:docker/alpine@3", "gs://bucket/x", "repo", "https://x", "a b/c"] {
            assert!(Place::parse(none).is_none(), "{none}");
        }
    }

    #[test]
    fn a_short_ref_is_the_ref_it_is_short_for() {
        for (claimed, known, same) in [
            ("refs/heads/main", "refs/heads/main", true),
            ("main", "refs/heads/main", true),
            ("feat/x", "refs/heads/feat/x", true),
            ("x", "refs/heads/feat/x", false),
            ("refs/tags/main", "refs/heads/main", false),
            ("v1", "refs/tags/v1", true),
        ] {
            assert_eq!(same_reference(claimed, known), same, "{claimed} {known}");
        }
    }
}
