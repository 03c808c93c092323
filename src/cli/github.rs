//! gh's flags for GitHub's attestations → what is demanded, with gh's meaning.
//!
//! Source: gh `pkg/cmd/attestation/verify/policy.go`.

use std::sync::Arc;

use clap::Args;

use super::{
    Stop,
    args::Network,
    demand::filled,
    store::{GITHUB, StoreFlags},
};
use crate::{
    domain::{
        demand::{Matcher, Wanted},
        github::{GitHubSource, RELEASE_SIGNER, Release, Whose, is_release},
        goregexp::GoRegexp,
        text::shell_word,
    },
    inspect::github::{GitHub as Store, NoGitHub},
    net::trace::Tracer,
};

const ISSUER: &str = "https://token.actions.githubusercontent.com";
/// gh's default for `--predicate-type`.
const PROVENANCE: &str = "https://slsa.dev/provenance/v1";

/// gh's policy flags.
#[derive(Args, Default)]
pub(super) struct GitHubFlags {
    /// GitHub: the owner of the source repository and of the signing workflow
    #[arg(long, value_name = "OWNER", conflicts_with = "repo")]
    owner: Option<String>,
    /// GitHub: the source repository
    #[arg(long, value_name = "OWNER/REPO")]
    repo: Option<String>,
    /// GitHub: the ref that was built (.1.14)
    #[arg(long, value_name = "REF")]
    source_ref: Option<String>,
    /// GitHub: the commit that was built (.1.13)
    #[arg(long, value_name = "SHA")]
    source_digest: Option<String>,
    /// GitHub: the workflow that signed, where it is not of the source repository
    #[arg(long, value_name = "[HOST/]OWNER/REPO/PATH")]
    signer_workflow: Option<String>,
    /// GitHub: only workflows on runners of GitHub's own (.1.11)
    #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true", default_value = "false", action = clap::ArgAction::Set)]
    deny_self_hosted_runners: bool,
    /// GitHub: the predicate type of the attestation; SLSA provenance v1 unless told
    #[arg(long, value_name = "URI")]
    predicate_type: Option<String>,
    #[command(flatten)]
    pub(super) store: StoreFlags,
}

/// What gh's flags demand.
#[derive(Debug)]
pub(super) struct GitHub {
    /// Whom the certificate must name.
    pub(super) identity: Matcher,
    /// Who vouches, where no other flag says so.
    pub(super) issuer: Matcher,
    /// Numbers in Fulcio's arc, and their values.
    pub(super) claims: Vec<(u8, Matcher)>,
    /// The attestation.
    pub(super) wanted: Wanted,
}

impl GitHubFlags {
    /// What is demanded; `None` when none of these flags was given.
    ///
    /// # Errors
    /// A usage error for flags without `--owner` or `--repo`, and for values that are not names.
    pub(super) fn demand(&self) -> Result<Option<GitHub>, Stop> {
        let (flag, source) = match (&self.owner, &self.repo) {
            (Some(owner), _) => ("--owner", named("--owner", owner, 1)?),
            (None, Some(repo)) => ("--repo", named("--repo", repo, 2)?),
            (None, None) => return self.nothing_else(),
        };
        if let Some(uri) = self.predicate_type.as_ref().filter(|uri| is_release(uri)) {
            return self.release(uri).map(Some);
        }
        let host = self.store.host()?;
        let site = format!("https://{host}");
        let owner = source.split('/').next().unwrap_or_default();
        let mut claims = vec![(16, Matcher::AnyCase(format!("{site}/{owner}")))];
        if flag == "--repo" {
            claims.push((12, Matcher::AnyCase(format!("{site}/{source}"))));
        }
        for (number, flag, value) in
            [(14, "--source-ref", &self.source_ref), (13, "--source-digest", &self.source_digest)]
        {
            if let Some(value) = value {
                // Stricter than gh, which ignores case here too: git's refs are two by case.
                claims.push((number, Matcher::Exact(filled(flag, value)?)));
            }
        }
        if self.deny_self_hosted_runners {
            claims.push((11, Matcher::Exact("github-hosted".into())));
        }
        let predicate = match &self.predicate_type {
            Some(uri) => filled("--predicate-type", uri)?,
            None => PROVENANCE.to_owned(),
        };
        let identity = match &self.signer_workflow {
            Some(workflow) => signer_workflow(workflow, &site)?,
            // gh: the slash behind keeps the owner `enix` from matching `enix-evil`.
            None => format!("(?i)^{}/", quoted(&format!("{site}/{source}"))),
        };
        Ok(Some(GitHub {
            identity: Matcher::Regexp(compiled(&identity)?),
            issuer: Matcher::AnyCase(issuer(&host)),
            claims,
            wanted: Wanted::Attestation(predicate),
        }))
    }

    /// gh `release verify-asset`: GitHub itself signs for a release, under a certificate that names
    /// no issuer and no repository; the signed statement names the latter.
    fn release(&self, predicate_type: &str) -> Result<GitHub, Stop> {
        let Some(GitHubSource { whose, .. }) = self.source()? else {
            return Err(Stop::usage("--predicate-type goes with --owner or --repo"));
        };
        let unnamed = [
            (self.source_digest.is_some(), "--source-digest"),
            (self.signer_workflow.is_some(), "--signer-workflow"),
            (self.deny_self_hosted_runners, "--deny-self-hosted-runners"),
        ];
        if let Some((_, flag)) = unnamed.into_iter().find(|(given, _)| *given) {
            return Err(Stop::usage(format!("{flag}: no workflow signs a release attestation")));
        }
        if self.store.host()? != GITHUB {
            return Err(Stop::usage("release attestations are known of github.com only"));
        }
        let tag = self.source_ref.as_ref().map(|written| {
            let tag = written.strip_prefix("refs/tags/").filter(|tag| !tag.is_empty());
            tag.map(str::to_owned).ok_or_else(|| {
                let written = shell_word(written);
                Stop::usage(format!(
                    "a release is of a tag: --source-ref refs/tags/…, not {written}"
                ))
            })
        });
        let tag = tag.transpose()?;
        let predicate_type = predicate_type.to_owned();
        Ok(GitHub {
            identity: Matcher::Exact(RELEASE_SIGNER.into()),
            // Contract: a missing issuer compares as the empty string.
            issuer: Matcher::Exact(String::new()),
            claims: vec![],
            wanted: Wanted::Release(Release { predicate_type, whose, tag }),
        })
    }

    /// Whose attestations GitHub has; `None` without `--owner` and `--repo`.
    ///
    /// # Errors
    /// A usage error for values that are not names.
    pub(super) fn source(&self) -> Result<Option<GitHubSource>, Stop> {
        let whose = match (&self.owner, &self.repo) {
            (Some(owner), _) => Whose::Owner(named("--owner", owner, 1)?.to_owned()),
            (None, Some(repo)) => {
                let (owner, name) = named("--repo", repo, 2)?.split_once('/').unwrap_or_default();
                Whose::Repository { owner: owner.to_owned(), name: name.to_owned() }
            }
            (None, None) => return Ok(None),
        };
        Ok(Some(GitHubSource { whose, by: self.store.by()? }))
    }

    /// GitHub's store of attestations, as far as the flags allow to ask it.
    ///
    /// # Errors
    /// A usage error for a host or an address that cannot be one.
    pub(super) fn attestations(
        &self,
        network: &Network,
        tracer: &Tracer,
    ) -> Result<Arc<dyn Store>, Stop> {
        if self.owner.is_none() && self.repo.is_none() {
            return Ok(Arc::new(NoGitHub("neither --owner nor --repo")));
        }
        self.store.open(network, tracer)
    }

    fn nothing_else(&self) -> Result<Option<GitHub>, Stop> {
        match self.words().first() {
            Some(word) => {
                let flag = word.split(' ').next().unwrap_or_default();
                Err(Stop::usage(format!("{flag} goes with --owner or --repo")))
            }
            None => Ok(None),
        }
    }

    /// The flags as they would be typed.
    pub(super) fn words(&self) -> Vec<String> {
        let values = [
            ("--owner", &self.owner),
            ("--repo", &self.repo),
            ("--source-ref", &self.source_ref),
            ("--source-digest", &self.source_digest),
            ("--signer-workflow", &self.signer_workflow),
            ("--predicate-type", &self.predicate_type),
        ];
        let mut words: Vec<String> = values
            .into_iter()
            .filter_map(|(flag, value)| Some(format!("{flag} {}", shell_word(value.as_ref()?))))
            .collect();
        if self.deny_self_hosted_runners {
            words.push("--deny-self-hosted-runners".into());
        }
        words.extend(self.store.words(self.owner.is_some() || self.repo.is_some()));
        words
    }
}

/// Who vouches for workflows on `host`.
///
/// Source: gh `pkg/cmd/attestation/verify/policy.go` for ghe.com; GitHub Enterprise Server,
/// "Security hardening with `OpenID` Connect", for a server of one's own.
fn issuer(host: &str) -> String {
    match host {
        GITHUB => ISSUER.to_owned(),
        tenant if tenant.ends_with(".ghe.com") => format!("https://token.actions.{tenant}"),
        own => format!("https://{own}/_services/token"),
    }
}

/// A path of exactly `parts` names in GitHub's letters.
fn named<'a>(flag: &str, value: &'a str, parts: usize) -> Result<&'a str, Stop> {
    let name = |part: &str| {
        let up = part == "." || part == "..";
        !up && !part.is_empty()
            && part.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c))
    };
    if value.split('/').count() == parts && value.split('/').all(name) {
        return Ok(value);
    }
    let shape = if parts == 1 { "OWNER" } else { "OWNER/REPO" };
    Err(Stop::usage(format!("{flag} takes {shape}, not {}", shell_word(value))))
}

/// gh compares the beginning only, so `release.yaml` would accept `release.yaml-evil`; here the
/// path ends there, or a ref follows.
fn signer_workflow(value: &str, site: &str) -> Result<String, Stop> {
    let parts: Vec<&str> = value.split('/').collect();
    let host = parts.first().is_some_and(|first| first.contains('.'));
    if parts.len() < 3 + usize::from(host) || parts.iter().any(|part| part.is_empty()) {
        return Err(Stop::usage(format!(
            "--signer-workflow takes [HOST/]OWNER/REPO/PATH, not {}",
            shell_word(value)
        )));
    }
    let url = if host { format!("https://{value}") } else { format!("{site}/{value}") };
    let end = if value.contains('@') { "$" } else { "(@.*)?$" };
    Ok(format!("^{}{end}", quoted(&url)))
}

/// Go's `regexp.QuoteMeta`.
fn quoted(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        if r"\.+*?()|[]{}^$".contains(c) {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

fn compiled(source: &str) -> Result<GoRegexp, Stop> {
    GoRegexp::new(source).map_err(|e| Stop::usage(format!("{}: {e}", shell_word(source))))
}

#[cfg(test)]
mod tests {
    use super::*;

    const RELEASE: &str = "https://github.com/enix/x/.github/workflows/release.yaml@refs/tags/v1";

    fn flags(owner: Option<&str>, repo: Option<&str>, workflow: Option<&str>) -> GitHubFlags {
        GitHubFlags {
            owner: owner.map(str::to_owned),
            repo: repo.map(str::to_owned),
            signer_workflow: workflow.map(str::to_owned),
            ..GitHubFlags::default()
        }
    }

    #[test]
    fn owner_repository_and_workflow_end_where_their_names_end() {
        for (owner, repo, workflow, matches) in [
            (Some("enix"), None, None, true),
            (Some("ENIX"), None, None, true),
            (Some("eni"), None, None, false),
            (None, Some("enix/x"), None, true),
            (None, Some("enix/y"), None, false),
            (Some("other"), None, Some("enix/x/.github/workflows/release.yaml"), true),
            (Some("enix"), None, Some("github.com/enix/x/.github/workflows/release.yaml"), true),
            (Some("enix"), None, Some("enix/x/.github/workflows/release"), false),
            (Some("enix"), None, Some("enix/x/.github/workflows/release.yaml@refs/tags"), false),
            (Some("enix"), None, Some("enix/x/.github/workflows/release_yaml"), false),
        ] {
            let demand = flags(owner, repo, workflow).demand().ok().flatten().unwrap();
            assert_eq!(
                demand.identity.matches(RELEASE),
                matches,
                "{owner:?} {repo:?} {workflow:?}"
            );
        }
    }

    #[test]
    fn what_is_no_name_is_refused() {
        for (owner, repo, workflow) in [
            (Some(""), None, None),
            (Some("enix/x"), None, None),
            (Some("e.*"), None, None),
            (Some(".."), None, None),
            (None, Some("enix/.."), None),
            (None, Some("enix"), None),
            (None, Some("enix/"), None),
            (None, None, Some("enix/x/.github/workflows/release.yaml")),
            (Some("enix"), None, Some("release.yaml")),
        ] {
            let asked = flags(owner, repo, workflow).demand();
            assert!(asked.is_err(), "{owner:?} {repo:?} {workflow:?}");
        }
    }
}
