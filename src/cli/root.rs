//! Which trust root judges: the flags `--sigstore`, `--tuf-root`, `--trusted-root`,
//! `--require-fresh-root`.

use std::path::{Path, PathBuf};

use clap::Args;

use super::{Stop, args::Flags};
use crate::{
    domain::text::safe,
    inspect::{Mirror, RootSource, world::AuthorityFiles},
    verify::root::BuiltIn,
};

/// Where the trust root comes from, beside `--trusted-root`.
#[derive(Args, Default)]
pub(super) struct RootFlags {
    /// Whose Sigstore: `public-good`, `github`, a root file, or a TUF repository with --tuf-root
    #[arg(long, value_name = "public-good|github|FILE|URL")]
    pub(super) sigstore: Option<String>,
    /// The TUF `root.json` where trust in the repository of --sigstore URL starts
    #[arg(long, value_name = "FILE")]
    pub(super) tuf_root: Option<PathBuf>,
    /// Undecided when the root's TUF metadata cannot be had or has expired; no built-in root then
    #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true", default_value = "false", action = clap::ArgAction::Set)]
    pub(super) require_fresh_root: bool,
}

/// Which trust root judges.
pub(super) fn of(flags: &Flags) -> Result<RootSource, Stop> {
    with(flags, flags.trusted_root.as_deref())
}

/// The same with another file in place of `--trusted-root`.
pub(super) fn with(flags: &Flags, trusted_root: Option<&Path>) -> Result<RootSource, Stop> {
    let base = source(trusted_root, &flags.root)?;
    let files = match (&flags.ca_roots, &flags.certificate_chain) {
        (Some(roots), _) => AuthorityFiles::Roots(roots.clone(), flags.ca_intermediates.clone()),
        (None, Some(chain)) => AuthorityFiles::Chain(chain.clone()),
        (None, None) => return Ok(base),
    };
    Ok(RootSource::OwnAuthorities { base: Box::new(base), files })
}

/// What the flags name, authorities of one's own aside.
pub(super) fn source(trusted_root: Option<&Path>, flags: &RootFlags) -> Result<RootSource, Stop> {
    let source = match (trusted_root, flags.sigstore.as_deref()) {
        (Some(_), Some(_)) => {
            return Err(Stop::usage("--trusted-root and --sigstore exclude each other"));
        }
        (Some(file), None) => RootSource::File(file.to_owned()),
        (None, Some("")) => return Err(Stop::usage("--sigstore is empty")),
        (None, None | Some("public-good")) => known(BuiltIn::PublicGood, flags),
        (None, Some("github")) => known(BuiltIn::GitHub, flags),
        (None, Some(url)) if url.contains("://") => own(url, flags)?,
        (None, Some(file)) => RootSource::File(PathBuf::from(file)),
    };
    let own = matches!(&source, RootSource::Tuf { mirror: Mirror::Own { .. }, .. });
    if flags.tuf_root.is_some() && !own {
        return Err(Stop::usage("--tuf-root goes with --sigstore URL"));
    }
    if flags.require_fresh_root && !matches!(source, RootSource::Tuf { .. }) {
        return Err(Stop::usage(
            "--require-fresh-root goes with a root that comes over TUF; a file has no expiry",
        ));
    }
    Ok(source)
}

fn known(instance: BuiltIn, flags: &RootFlags) -> RootSource {
    RootSource::Tuf { mirror: Mirror::Known(instance), require_fresh: flags.require_fresh_root }
}

/// Contract: "never trust on first use". Without a root that was got in another way the first
/// answer of the server would decide whom every later one is checked against.
fn own(url: &str, flags: &RootFlags) -> Result<RootSource, Stop> {
    let Some(root) = flags.tuf_root.clone() else {
        return Err(Stop::usage(format!(
            "--sigstore {} wants --tuf-root FILE: a repository is not trusted at first use",
            safe(url)
        )));
    };
    if let Err(why) = crate::net::tuf::check_url(url) {
        return Err(Stop::usage(format!("--sigstore {why}")));
    }
    let mirror = Mirror::Own { url: url.to_owned(), root };
    Ok(RootSource::Tuf { mirror, require_fresh: flags.require_fresh_root })
}

/// The root in words, for the status line.
pub(super) fn words(source: &RootSource) -> String {
    match source {
        RootSource::File(path) => path.display().to_string(),
        RootSource::Tuf { mirror, .. } => format!("{} over TUF", mirror.name()),
        RootSource::OwnAuthorities {
            files: AuthorityFiles::Roots(path, _) | AuthorityFiles::Chain(path),
            ..
        } => format!("own certificate authorities, {}", path.display()),
        RootSource::Embedded | RootSource::Demo(_) => "built in".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_name_one_root_or_are_refused() {
        let tuf = |mirror, require_fresh| RootSource::Tuf { mirror, require_fresh };
        let file = |name: &str| RootSource::File(name.into());
        let (good, hub) = (BuiltIn::PublicGood, BuiltIn::GitHub);
        let url = "https://tuf.example/r".to_owned();
        let own = Mirror::Own { url, root: "r.json".into() };
        // trusted_root, sigstore, tuf_root, require_fresh → what judges; `Err`: words of it.
        let none = "";
        for (given, wanted) in [
            ((none, none, none, false), Ok(tuf(Mirror::Known(good), false))),
            ((none, none, none, true), Ok(tuf(Mirror::Known(good), true))),
            ((none, "public-good", none, false), Ok(tuf(Mirror::Known(good), false))),
            ((none, "github", none, true), Ok(tuf(Mirror::Known(hub), true))),
            ((none, "GitHub", none, false), Ok(file("GitHub"))),
            ((none, "root.json", none, false), Ok(file("root.json"))),
            (("root.json", none, none, false), Ok(file("root.json"))),
            ((none, "https://tuf.example/r", "r.json", false), Ok(tuf(own, false))),
            ((none, "https://tuf.example/r", none, false), Err("wants --tuf-root")),
            ((none, "http://tuf.example/r", "r.json", false), Err("only https")),
            ((none, "file:///r", "r.json", false), Err("only https")),
            ((none, "https://u:p@tuf.example", "r.json", false), Err("no password")),
            ((none, "https://tuf.example/?a", "r.json", false), Err("no query")),
            ((none, "https://", "r.json", false), Err("no address")),
            ((none, "github", "r.json", false), Err("--tuf-root goes with")),
            ((none, none, "r.json", false), Err("--tuf-root goes with")),
            (("a", "github", none, false), Err("exclude each other")),
            (("a", none, none, true), Err("no expiry")),
        ] {
            let (trusted, sigstore, tuf_root, require_fresh_root) = given;
            let filled = |word: &'static str| Some(word).filter(|w| !w.is_empty());
            let flags = RootFlags {
                sigstore: filled(sigstore).map(str::to_owned),
                tuf_root: filled(tuf_root).map(PathBuf::from),
                require_fresh_root,
            };
            match (source(filled(trusted).map(Path::new), &flags), wanted) {
                (Ok(source), Ok(wanted)) => assert_eq!(source, wanted, "{given:?}"),
                (Err(stop), Err(words)) => {
                    assert!(stop.code == 2 && stop.message.contains(words), "{}", stop.message);
                }
                (got, _) => panic!("{given:?}: {:?}", got.map_err(|stop| stop.message)),
            }
        }
        let empty = RootFlags { sigstore: Some(String::new()), ..RootFlags::default() };
        assert!(source(None, &empty).is_err());
    }
}
