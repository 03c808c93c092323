//! Commands and flags of the contract that this version does not have: each is refused by name,
//! because a flag that is parsed and ignored would make a verdict mean less than it says.

use std::ffi::OsString;

use crate::domain::text::safe;

/// Flags of the contract that are not built yet.
const FLAGS: &[&str] = &[];

/// Commands of the contract that are not built yet.
pub(super) const COMMANDS: &[&str] =
    &["sbom", "pin", "policy", "diff", "audit", "dossier", "completions", "man"];

/// The first word of the command line that names something unbuilt.
///
/// Values of other flags are not looked at: no value of a built flag begins with two dashes.
pub(super) fn first(args: &[OsString]) -> Option<String> {
    let words: Vec<_> = args.iter().skip(1).map(|a| a.to_string_lossy()).collect();
    if let Some(command) = words.first().filter(|w| COMMANDS.contains(&w.as_ref())) {
        return Some(format!("the command {command}"));
    }
    let flags = words.iter().take_while(|w| *w != "--");
    flags
        .map(|w| w.split('=').next().unwrap_or_default().to_owned())
        .find_map(|w| FLAGS.contains(&w.as_str()).then(|| format!("the flag {}", safe(&w))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_built_is_refused_by_name() {
        for (line, refused) in [
            ("sigscope verify x --trace k", Some("the flag --trace")),
            ("sigscope verify x --trace=k", Some("the flag --trace")),
            ("sigscope sbom x", Some("the command sbom")),
            ("sigscope verify sbom --json", None),
            ("sigscope verify -- --trace", None),
        ] {
            let args: Vec<OsString> = line.split(' ').map(OsString::from).collect();
            assert_eq!(first(&args).as_deref(), refused, "{line}");
        }
    }
}
