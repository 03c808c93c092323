//! The flags that say which GitHub is asked, and how.

use std::sync::Arc;

use clap::Args;

use super::{Stop, args::Network};
use crate::{
    domain::{digest::Algorithm, text::shell_word},
    inspect::github::{GitHub, NoGitHub},
    net::{
        github::{HttpGitHub, Settings},
        limits,
        trace::Tracer,
    },
};

/// Where most of GitHub is.
pub(super) const GITHUB: &str = "github.com";

/// Which GitHub is asked, and how.
#[derive(Args, Default)]
pub(super) struct StoreFlags {
    /// GitHub: another host than github.com (or `GH_HOST`)
    #[arg(long, value_name = "HOST")]
    hostname: Option<String>,
    /// GitHub: the address of the API, where it is not the host's own
    #[arg(long, value_name = "URL")]
    github_api: Option<String>,
    /// GitHub: the most attestations that are fetched
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u16).range(1..=1000))]
    limit: Option<u16>,
    /// GitHub: by which digest the attestations are asked for
    #[arg(long, value_name = "sha256|sha384|sha512")]
    digest_alg: Option<String>,
}

impl StoreFlags {
    /// GitHub's host, in lower case.
    pub(super) fn host(&self) -> Result<String, Stop> {
        let host = self.named_host().unwrap_or_else(|| GITHUB.to_owned());
        // It stands in the identity that is expected, so it is looked at even where nobody is asked.
        Settings::new(Some(&host), None, &|_| None).map_err(|e| Stop::usage(e.to_string()))?;
        Ok(host.to_ascii_lowercase())
    }

    fn named_host(&self) -> Option<String> {
        self.hostname.clone().or_else(|| env("GH_HOST").filter(|host| !host.is_empty()))
    }

    /// By which digest of the artifact it is asked.
    pub(super) fn by(&self) -> Result<Algorithm, Stop> {
        let name = self.digest_alg.as_deref().unwrap_or("sha256");
        Algorithm::from_name(name).ok_or_else(|| {
            let name = shell_word(name);
            Stop::usage(format!("--digest-alg takes sha256, sha384 or sha512, not {name}"))
        })
    }

    /// The first flag that only says how GitHub is asked; the host also says whom to expect.
    pub(super) fn asks(&self) -> Option<&'static str> {
        let given = [
            (self.github_api.is_some(), "--github-api"),
            (self.limit.is_some(), "--limit"),
            (self.digest_alg.is_some(), "--digest-alg"),
        ];
        given.into_iter().find_map(|(given, flag)| given.then_some(flag))
    }

    /// The flags as they would be typed; `asked`: with the host that the environment names.
    pub(super) fn words(&self, asked: bool) -> Vec<String> {
        let host = if asked { self.named_host() } else { self.hostname.clone() };
        let limit = self.limit.map(|limit| limit.to_string());
        let values = [
            ("--hostname", host.as_ref()),
            ("--github-api", self.github_api.as_ref()),
            ("--limit", limit.as_ref()),
            ("--digest-alg", self.digest_alg.as_ref()),
        ];
        let given = values.into_iter().filter_map(|(flag, value)| Some((flag, value?)));
        given.map(|(flag, value)| format!("{flag} {}", shell_word(value))).collect()
    }

    /// GitHub's store of attestations, as far as the flags allow to ask it.
    ///
    /// # Errors
    /// A usage error for a host or an address that cannot be one, and a token that no header holds.
    pub(super) fn open(&self, network: &Network, tracer: &Tracer) -> Result<Arc<dyn GitHub>, Stop> {
        let host = self.host()?;
        let settings = Settings::new(Some(&host), self.github_api.as_deref(), &env);
        let mut settings = settings.map_err(|e| Stop::usage(e.to_string()))?;
        settings.limit = self.limit.map_or(limits::ATTESTATIONS, usize::from);
        if network.no_network {
            return Ok(Arc::new(NoGitHub("--no-network")));
        }
        if network.offline {
            return Ok(Arc::new(NoGitHub("--offline")));
        }
        Ok(Arc::new(HttpGitHub::new(settings).traced(tracer)))
    }
}

fn env(name: &str) -> Option<String> {
    std::env::var(name).ok()
}
