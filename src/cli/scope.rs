//! What of a target is judged, and where its evidence lies: `--platform`, `COSIGN_REPOSITORY`.

use std::ffi::OsString;

use clap::Args;

use super::{Stop, args::Flags};
use crate::{
    domain::{
        Reference, Repository,
        oci::Platform,
        text::{safe, shorten},
    },
    inspect::{Scope, Subject},
};

/// cosign's name for the repository of signatures.
const SIGNATURES: &str = "COSIGN_REPOSITORY";
/// How it is written.
const HINT: &str = "write HOST/PATH, as in ghcr.io/owner/signatures, or unset it";
/// The most columns of a wrong value that are shown.
const SHOWN: usize = 60;

/// Which part of a target is judged.
#[derive(Args, Default)]
pub(super) struct ScopeFlags {
    /// Judge this child of an index; it needs a signature of its own
    #[arg(long, value_name = "OS/ARCH[/VARIANT]")]
    pub(super) platform: Option<String>,
}

/// The scope that the flags and the environment give.
///
/// # Errors
/// A usage error for a platform or a repository that is none.
pub(super) fn of(flags: &Flags) -> Result<Scope, Stop> {
    let platform = flags.scope.platform.as_deref().map(Platform::parse).transpose();
    let platform = platform.map_err(|why| Stop::usage(format!("--platform: {why}")))?;
    let signatures = repository(std::env::var_os(SIGNATURES))?;
    Ok(Scope { signatures, platform })
}

/// The same for one target. A file has no platforms, and a flag that does nothing is refused.
pub(super) fn for_subject(flags: &Flags, subject: &Subject) -> Result<Scope, Stop> {
    let scope = of(flags)?;
    if scope.platform.is_some() && subject.reference().is_none() {
        return Err(Stop::usage("--platform: only an image has platforms"));
    }
    Ok(scope)
}

/// cosign `pkg/oci/remote/options.go`, `GetEnvTargetRepository`: the whole value is one repository;
/// an empty one counts as none. Since cosign#4836 it holds for bundles as for its tags.
fn repository(value: Option<OsString>) -> Result<Option<Repository>, Stop> {
    let Some(value) = value.filter(|v| !v.is_empty()) else { return Ok(None) };
    let text = value.to_string_lossy();
    let wrong = |why: &str| {
        let text = shorten(&safe(&text), SHOWN);
        Stop::usage(format!("{SIGNATURES}={text}: {why}; {HINT}"))
    };
    if ["https://", "http://", "oci://", "docker://"].iter().any(|scheme| text.starts_with(scheme))
    {
        return Err(wrong("a repository is written without https:// or the like before it"));
    }
    // Without a slash it would be a repository of Docker Hub that happens to look like a host.
    if !text.contains('/') && text.contains(['.', ':']) {
        return Err(wrong("a repository is expected, and this looks like a registry alone"));
    }
    let reference = Reference::parse(&text).map_err(|e| wrong(&e.to_string()))?;
    if reference.tag.is_some() || reference.digest.is_some() {
        return Err(wrong("a repository is expected, without tag and digest"));
    }
    Ok(Some(reference.repository))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_repository_of_signatures_is_a_whole_repository() {
        for (value, wanted) in [
            ("", Some(None)),
            ("reg.example/sigs", Some(Some("reg.example/sigs"))),
            ("127.0.0.1:5000/a/b", Some(Some("127.0.0.1:5000/a/b"))),
            ("enix/sigs", Some(Some("docker.io/enix/sigs"))),
            ("reg.example:5000", None),
            ("quay.io", None),
            ("reg.example/sigs:tag", None),
            ("reg.example/SIGS", None),
            ("reg.example/a b", None),
        ] {
            let got = repository(Some(value.into())).ok();
            let got = got.map(|found| found.map(|repository| repository.to_string()));
            assert_eq!(got, wanted.map(|w: Option<&str>| w.map(str::to_owned)), "{value}");
        }
    }
}
