//! [`ImageGlob`]: which repositories a policy is for.
//!
//! `*` is any text within one component, `**` any text across them, as policy-controller reads
//! globs; everything else is itself. It is the normalised name that is matched,
//! `docker.io/library/nginx` for `nginx`, and all of it.

use std::fmt;

use super::{Repository, reference::is_host};

/// The longest glob, in bytes: matching takes time by the length of glob and name.
const MAX_BYTES: usize = 512;

/// A glob over normalised names of repositories.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImageGlob {
    text: String,
    tokens: Vec<Token>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Token {
    Byte(u8),
    /// Any text without a slash.
    Within,
    /// Any text.
    Across,
}

impl ImageGlob {
    /// The glob of that text.
    ///
    /// # Errors
    /// In words: what can never match a normalised name, because whoever wrote it would believe that
    /// a policy holds where none does.
    pub fn parse(text: &str) -> Result<Self, String> {
        if text.is_empty() {
            return Err("it is empty".to_owned());
        }
        if text.len() > MAX_BYTES {
            return Err(format!("it is over {MAX_BYTES} bytes"));
        }
        let stands =
            |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "._-/:[]*".contains(c);
        if let Some(c) = text.chars().find(|c| !stands(*c)) {
            return Err(match c {
                '@' => "a repository is matched, without tag and digest".to_owned(),
                c if c.is_ascii_uppercase() => "names of repositories are lower case".to_owned(),
                c => format!("{c:?} cannot stand in the name of a repository"),
            });
        }
        let (first, rest) = text.split_once('/').unwrap_or((text, ""));
        if !first.contains('*') && !is_host(first) {
            return Err(format!(
                "the name is matched with its registry; write docker.io/{}{text}",
                if rest.is_empty() { "library/" } else { "" }
            ));
        }
        // A name without a slash has none of its registry in it.
        if rest.is_empty() && !first.contains("**") {
            return Err("nothing stands behind the registry; write HOST/**".to_owned());
        }
        if rest.contains(':') {
            return Err("a repository is matched, without tag and digest".to_owned());
        }
        Ok(Self { text: text.to_owned(), tokens: tokens(text) })
    }

    /// Whether it is for that repository; a layout has no name that is matched.
    pub fn matches(&self, repository: &Repository) -> bool {
        match repository {
            Repository::Remote { .. } => self.matches_text(repository.to_string().as_bytes()),
            Repository::Layout(_) => false,
        }
    }

    /// One column of the table at a time: no text makes it slower than its length times the glob's.
    fn matches_text(&self, name: &[u8]) -> bool {
        // Whether the first n tokens match what was read so far.
        let mut met = vec![false; self.tokens.len() + 1];
        if let Some(first) = met.first_mut() {
            *first = true;
        }
        self.skip_stars(&mut met);
        for byte in name {
            let mut next = vec![false; met.len()];
            for (at, token) in self.tokens.iter().enumerate() {
                if !met.get(at).copied().unwrap_or_default() {
                    continue;
                }
                let to = match token {
                    Token::Byte(own) if own == byte => at + 1,
                    Token::Within if *byte != b'/' => at,
                    Token::Across => at,
                    Token::Byte(_) | Token::Within => continue,
                };
                if let Some(place) = next.get_mut(to) {
                    *place = true;
                }
            }
            self.skip_stars(&mut next);
            met = next;
        }
        met.last().copied().unwrap_or_default()
    }

    /// A star may stand for nothing.
    fn skip_stars(&self, met: &mut [bool]) {
        for (at, token) in self.tokens.iter().enumerate() {
            let star = !matches!(token, Token::Byte(_));
            if star
                && met.get(at).copied().unwrap_or_default()
                && let Some(place) = met.get_mut(at + 1)
            {
                *place = true;
            }
        }
    }
}

fn tokens(text: &str) -> Vec<Token> {
    let mut tokens = vec![];
    for byte in text.bytes() {
        match (byte, tokens.last_mut()) {
            (b'*', Some(last @ Token::Within)) => *last = Token::Across,
            (b'*', Some(Token::Across)) => {}
            (b'*', _) => tokens.push(Token::Within),
            (byte, _) => tokens.push(Token::Byte(byte)),
        }
    }
    tokens
}

impl fmt::Display for ImageGlob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Reference;

    #[test]
    fn a_glob_is_for_the_whole_normalised_name() {
        for (glob, name, matches) in [
            ("ghcr.io/enix/*", "ghcr.io/enix/x", true),
            ("ghcr.io/enix/*", "ghcr.io/enix/x/y", false),
            ("ghcr.io/enix/*", "ghcr.io/enix", false),
            ("ghcr.io/enix/*", "evil.example/ghcr.io/enix/x", false),
            ("ghcr.io/enix/**", "ghcr.io/enix/x/y", true),
            ("ghcr.io/enix/x", "ghcr.io/enix/x", true),
            ("ghcr.io/enix/x", "ghcr.io/enix/xy", false),
            ("ghcr.io/enix/x*", "ghcr.io/enix/x", true),
            ("docker.io/library/*", "nginx", true),
            ("docker.io/library/nginx", "index.docker.io/nginx", true),
            ("docker.io/*/*", "enix/x", true),
            ("**", "localhost:5000/a", true),
            ("**/x", "ghcr.io/a/b/x", true),
            ("*/x", "ghcr.io/b/x", false),
            ("*.example/**", "a.example/b", true),
            ("*.example/**", "a.b.example/b", true),
            ("*.example/**", "a.example.org/b.example/c", false),
            ("localhost:5000/*-ab*", "localhost:5000/x-abab", true),
            ("ghcr.io/a*b*c", "ghcr.io/aXbXbc", true),
            ("ghcr.io/a*b*c", "ghcr.io/aXbXbd", false),
        ] {
            let name = name.to_ascii_lowercase();
            let repository = Reference::parse(&name).unwrap().repository;
            assert_eq!(
                ImageGlob::parse(glob).unwrap().matches(&repository),
                matches,
                "{glob} {name}"
            );
        }
        let layout = Repository::Layout("x".into());
        assert!(!ImageGlob::parse("**").unwrap().matches(&layout));
    }

    #[test]
    fn what_can_never_match_is_refused_with_what_to_write() {
        for (glob, words) in [
            ("", "empty"),
            ("nginx", "docker.io/library/nginx"),
            ("enix/*", "docker.io/enix/*"),
            ("ghcr.io", "HOST/**"),
            ("ghcr.io/", "HOST/**"),
            ("*", "HOST/**"),
            ("ghcr.io/Enix/*", "lower case"),
            ("ghcr.io/a@sha256:00", "without tag"),
            ("ghcr.io/a:1", "without tag"),
            ("ghcr.io/a?", "cannot stand"),
            ("ghcr.io/\u{1b}", "cannot stand"),
        ] {
            let error = ImageGlob::parse(glob).unwrap_err();
            assert!(error.contains(words), "{glob}: {error}");
        }
        assert!(ImageGlob::parse(&format!("a.b/{}", "a".repeat(600))).is_err());
    }

    #[test]
    fn many_stars_take_no_time() {
        let glob = ImageGlob::parse(&format!("a.b/{}", "*a".repeat(250))).unwrap();
        assert!(!glob.matches_text(format!("a.b/{}b", "a".repeat(250)).as_bytes()));
    }
}
