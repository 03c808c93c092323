//! Whose attestations GitHub keeps, and what its release attestations say.

use serde::Deserialize;

use super::{digest::Algorithm, statement::Statement};

/// The beginning of the predicate types of release attestations; a version follows.
///
/// Source: in-toto attestation framework, `spec/predicates/release.md`; GitHub writes `v0.2`.
const RELEASE_PREFIX: &str = "https://in-toto.io/attestation/release/";
/// Who signs for every immutable release on github.com.
///
/// Source: gh `pkg/cmd/release/shared/attestation.go`.
pub const RELEASE_SIGNER: &str = "https://dotcom.releases.github.com";

/// Whether this is the predicate type of a release attestation.
pub fn is_release(predicate_type: &str) -> bool {
    predicate_type.starts_with(RELEASE_PREFIX)
}

/// Where on GitHub something comes from.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Whose {
    /// Any repository of an owner.
    Owner(String),
    /// One repository.
    Repository {
        /// Its owner.
        owner: String,
        /// Its name.
        name: String,
    },
}

impl Whose {
    /// The owner.
    pub fn owner(&self) -> &str {
        match self {
            Self::Owner(owner) | Self::Repository { owner, .. } => owner,
        }
    }

    /// Whether `repository`, written `owner/name`, is meant. GitHub's names have no case.
    pub fn holds(&self, repository: &str) -> bool {
        let Some((owner, name)) = repository.split_once('/') else { return false };
        let same = |wanted: &str, found: &str| wanted.eq_ignore_ascii_case(found);
        let plain = !name.is_empty() && !name.contains('/');
        match self {
            Self::Owner(wanted) => plain && same(wanted, owner),
            Self::Repository { owner: wanted, name: called } => {
                same(wanted, owner) && same(called, name)
            }
        }
    }
}

/// `enix`, or `enix/x509-certificate-exporter`.
impl std::fmt::Display for Whose {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Owner(owner) => f.write_str(owner),
            Self::Repository { owner, name } => write!(f, "{owner}/{name}"),
        }
    }
}

/// What GitHub is asked for.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct GitHubSource {
    /// Whose attestations.
    pub whose: Whose,
    /// By which digest of the artifact, where there are several.
    pub by: Algorithm,
}

/// Which release is demanded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Release {
    /// The predicate type.
    pub predicate_type: String,
    /// Of which repository, or of any of an owner.
    pub whose: Whose,
    /// Of which git tag; `None` for any.
    pub tag: Option<String>,
}

#[derive(Deserialize)]
struct Predicate {
    repository: String,
    tag: String,
}

impl Release {
    /// Compares the predicate with what is demanded; what agrees, in words.
    ///
    /// The certificate is one for all of GitHub and names no repository: without this comparison
    /// an attestation of any release, of anybody, would do.
    ///
    /// # Errors
    /// In words, what contradicts or cannot be read.
    pub fn compare(&self, statement: &Statement) -> Result<String, String> {
        let predicate = statement.predicate.as_deref().unwrap_or("null");
        let Predicate { repository, tag } =
            serde_json::from_str(predicate).map_err(|e| format!("no release is named: {e}"))?;
        if !self.whose.holds(&repository) {
            return Err(format!("a release of {repository}, wanted {}", self.whose));
        }
        match &self.tag {
            Some(wanted) if *wanted != tag => {
                Err(format!("the release {tag} of {repository}, wanted {wanted}"))
            }
            _ => Ok(format!("the release {tag} of {repository}")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn repository(owner: &str, name: &str) -> Whose {
        Whose::Repository { owner: owner.into(), name: name.into() }
    }

    #[test]
    fn a_repository_is_meant_by_its_whole_name() {
        let owner = Whose::Owner("enix".into());
        for (whose, found, holds) in [
            (&owner, "enix/x", true),
            (&owner, "ENIX/x", true),
            (&owner, "enix-evil/x", false),
            (&owner, "enix", false),
            (&owner, "enix/", false),
            (&owner, "enix/x/y", false),
            (&repository("enix", "x"), "Enix/X", true),
            (&repository("enix", "x"), "enix/xy", false),
            (&repository("enix", "x"), "evil/x", false),
            (&repository("enix", "x"), "enix/x/y", false),
        ] {
            assert_eq!(whose.holds(found), holds, "{whose} {found}");
        }
    }

    #[test]
    fn a_release_is_the_demanded_one_by_what_was_signed() {
        let statement = |predicate: &str| {
            let text = format!(
                r#"{{"_type":"https://in-toto.io/Statement/v1","subject":[],"predicateType":"x","predicate":{predicate}}}"#
            );
            Statement::parse(text.as_bytes()).unwrap()
        };
        let named = r#"{"repository":"enix/x","tag":"v1","purl":"pkg:github/evil/y@v2"}"#;
        for (whose, tag, predicate, holds) in [
            (repository("enix", "x"), None, named, true),
            (repository("enix", "x"), Some("v1"), named, true),
            (repository("enix", "x"), Some("V1"), named, false),
            (repository("enix", "y"), None, named, false),
            (Whose::Owner("enix".into()), Some("v1"), named, true),
            (Whose::Owner("evil".into()), None, named, false),
            (Whose::Owner("enix".into()), None, r#"{"repository":"enix/x"}"#, false),
            (Whose::Owner("enix".into()), None, r#"{"repository":7,"tag":"v1"}"#, false),
            (Whose::Owner("enix".into()), None, "[]", false),
        ] {
            let tag = tag.map(str::to_owned);
            let release = Release { predicate_type: "x".into(), whose, tag };
            let got = release.compare(&statement(predicate));
            assert_eq!(got.is_ok(), holds, "{release:?} {predicate}: {got:?}");
        }
    }
}
