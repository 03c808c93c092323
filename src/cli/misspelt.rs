//! A command that was written almost right is not taken for an image of Docker Hub: a verification
//! that was meant would end in somebody else's repository.

use std::ffi::OsString;

use super::unbuilt;
use crate::domain::text::safe;

/// The commands that are built.
const COMMANDS: &[&str] =
    &["demo", "verify", "inspect", "sbom", "diff", "pin", "policy", "tags", "trust-root", "help"];

/// What to say of the first word of the command line, where it is almost a command.
pub(super) fn first(args: &[OsString]) -> Option<String> {
    let word = args.get(1)?.to_str()?;
    let bare = |c: char| c.is_ascii_alphabetic() || c == '-' || c == '_';
    let own = COMMANDS.iter().chain(unbuilt::COMMANDS);
    if word.starts_with('-') || !word.chars().all(bare) || own.clone().any(|c| *c == word) {
        return None;
    }
    let lower = word.to_ascii_lowercase();
    let far = |command: &&str| distance(&lower, command);
    let nearest = own.copied().min_by_key(far)?;
    // One slip in a short word, two in a long one: `node` and `redis` are images.
    let allowed = if nearest.len() <= 4 { 1 } else { 2 };
    (far(&nearest) <= allowed).then(|| {
        let word = safe(word);
        format!(
            "{word} is not a command; did you mean `sigscope {nearest}`? \
             An image of that name is written docker.io/library/{word}"
        )
    })
}

/// How many letters must be put in, left out, changed, or swapped with their neighbour.
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut before: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let changed = above[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut least = changed.min(above[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                least = least.min(before[j - 2] + 1);
            }
            row.push(least);
        }
        before = std::mem::replace(&mut above, row);
    }
    above[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_with_a_slip_is_refused_and_an_image_is_not() {
        for (line, meant) in [
            ("sigscope verfy", Some("verify")),
            ("sigscope verfiy ghcr.io/a/b:1", Some("verify")),
            ("sigscope Verify x", Some("verify")),
            ("sigscope inpect x", Some("inspect")),
            ("sigscope tag x", Some("tags")),
            ("sigscope sbon x", Some("sbom")),
            ("sigscope trustroot", Some("trust-root")),
            ("sigscope polcy x", Some("policy")),
            ("sigscope verify x", None),
            ("sigscope sbom x", None),
            ("sigscope nginx", None),
            ("sigscope node", None),
            ("sigscope redis", None),
            ("sigscope alpine", None),
            ("sigscope ./verfy", None),
            ("sigscope verfy:1", None),
            ("sigscope docker.io/library/verfy", None),
            ("sigscope", None),
        ] {
            let args: Vec<OsString> = line.split(' ').map(OsString::from).collect();
            let said = first(&args);
            assert_eq!(said.is_some(), meant.is_some(), "{line}: {said:?}");
            if let (Some(said), Some(meant)) = (said, meant) {
                assert!(said.contains(&format!("`sigscope {meant}`")), "{said}");
                assert!(said.contains("docker.io/library/"), "{said}");
            }
        }
    }
}
