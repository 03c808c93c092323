//! Commands of the contract that this version does not have: each is refused by name. Flags that are
//! not built do not parse.

use std::ffi::OsString;

/// Commands of the contract that are not built yet.
pub(super) const COMMANDS: &[&str] = &["audit", "dossier", "completions", "man"];

/// The command, if it is one that is not built.
pub(super) fn first(args: &[OsString]) -> Option<String> {
    let word = args.get(1)?.to_string_lossy();
    COMMANDS.contains(&word.as_ref()).then(|| format!("the command {word}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_built_is_refused_by_name() {
        for (line, refused) in [
            ("sigscope audit x", Some("the command audit")),
            ("sigscope sbom x", None),
            ("sigscope verify audit --json", None),
            ("sigscope verify -- audit", None),
        ] {
            let args: Vec<OsString> = line.split(' ').map(OsString::from).collect();
            assert_eq!(first(&args).as_deref(), refused, "{line}");
        }
    }
}
