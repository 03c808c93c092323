//! A workflow of GitHub Actions that verifies by digest and hands the digest on.

use super::{
    Body, CannotSay,
    cosign::{self, Command, Paths, Value},
    grounds::Grounds,
    names, scalar,
    yaml::Yaml,
};
use crate::verify::signer::Identified;

/// The release of cosign that the commands were tried with.
const COSIGN: &str = "v3.1.3";
/// What no commit has: a workflow with it does not start.
const PLACEHOLDER: &str = "0000000000000000000000000000000000000000";

/// The files that the step writes; only names of ours.
const ROOT_FILE: &str = r#""${RUNNER_TEMP}/trusted_root.json""#;
const KEY_FILE: &str = r#""${RUNNER_TEMP}/cosign.pub""#;

pub(super) fn write(grounds: &Grounds) -> Result<Body, CannotSay> {
    let image = names::image(grounds)?;
    names::place(image)?;
    // A file that was named makes the step do without TUF; one of one's own has no other way.
    let inline = grounds.root.file.is_some() || !grounds.root.is_public_good();
    let root = inline.then(|| grounds.root.root.as_ref().map(|root| root.document())).flatten();
    let key = match grounds.who.get() {
        Identified::Key { pem } => Some(pem.as_str()),
        Identified::Certificate { .. } => None,
    };
    let paths =
        Paths { root: root.map(|_| ROOT_FILE.to_owned()), key: key.map(|_| KEY_FILE.to_owned()) };
    let commands = cosign::commands(grounds, &paths)?;
    let mut env = vec![("IMAGE".to_owned(), image.by_digest())];
    env.extend(image.signatures.iter().map(|r| ("COSIGN_REPOSITORY".into(), r.to_string())));
    env.extend(root.map(|text| ("TRUSTED_ROOT".into(), text.to_owned())));
    env.extend(key.map(|text| ("PUBLIC_KEY".into(), text.to_owned())));
    let mut lines = vec!["set -euo pipefail".to_owned()];
    let print = |name: &str, file| format!(r#"printf '%s\n' "${{{name}}}" > {file}"#);
    lines.extend(root.map(|_| print("TRUSTED_ROOT", ROOT_FILE)));
    lines.extend(key.map(|_| print("PUBLIC_KEY", KEY_FILE)));
    lines.extend(commands.iter().map(|command| line(command, &mut env)));
    lines.push(r#"printf 'image=%s\n' "${IMAGE}" >> "${GITHUB_OUTPUT}""#.into());
    let text = workflow(&env, &lines)?;
    let mut enforced = cosign::enforced(grounds);
    enforced.push("what follows gets the digest that was verified, and never a tag".into());
    let mut not_enforced = cosign::not_enforced(grounds);
    not_enforced.push("that a tag points at this digest: nothing here asks for a tag".into());
    let mut notes = cosign::notes(grounds);
    notes.push(format!(
        "put the commit of the cosign-installer release that you reviewed in the place of \
         {PLACEHOLDER}"
    ));
    if root.is_none() && key.is_none() {
        notes.push(
            "cosign gets the public-good root over TUF; with --trusted-root FILE the step needs \
             no network past the registry, once cosign is installed"
                .into(),
        );
    }
    Ok(Body { enforced, not_enforced, text, notes })
}

/// A command whose values are variables; those are added to `env`.
fn line(command: &Command, env: &mut Vec<(String, String)>) -> String {
    let mut variable = |name: &str, value: &str| {
        let mut number = 1;
        loop {
            let name = if number == 1 { name.to_owned() } else { format!("{name}_{number}") };
            match env.iter().find(|(known, _)| *known == name) {
                Some((_, known)) if known == value => return name,
                Some(_) => number += 1,
                None => {
                    env.push((name.clone(), value.to_owned()));
                    return name;
                }
            }
        }
    };
    let mut words = vec![format!("cosign {}", command.verb)];
    if let Some(predicate) = &command.predicate {
        words.push(format!("--type \"${{{}}}\"", variable("PREDICATE_TYPE", predicate)));
    }
    for part in &command.parts {
        words.push(match &part.value {
            Value::Nothing => part.flag.to_owned(),
            Value::Foreign(name, text) => {
                format!("{} \"${{{}}}\"", part.flag, variable(name, text))
            }
            Value::Path(path) => format!("{} {path}", part.flag),
        });
    }
    words.push(r#""${IMAGE}""#.into());
    words.join(" ")
}

fn workflow(env: &[(String, String)], lines: &[String]) -> Result<String, CannotSay> {
    let mut yaml = Yaml::default();
    yaml.line(0, "name: verify the image")
        .line(0, "on:")
        .line(1, "workflow_dispatch: {}")
        .line(1, "workflow_call:")
        .line(2, "outputs:")
        .line(3, "image:")
        .line(4, "description: the verified image, by digest")
        .line(4, "value: ${{ jobs.verify.outputs.image }}")
        .line(
            0,
            "# Nothing of this repository is read or written. A private image in ghcr.io needs",
        )
        .line(0, "# `packages: read` here and a login before the step.")
        .line(0, "permissions: {}")
        .line(0, "jobs:")
        .line(1, "verify:")
        .line(2, "runs-on: ubuntu-latest")
        .line(2, "timeout-minutes: 10")
        .line(2, "outputs:")
        .line(3, "image: ${{ steps.verify.outputs.image }}")
        .line(2, "steps:")
        .line(
            3,
            "# PLACEHOLDER: the commit of the release that you reviewed; no commit is this one.",
        )
        .line(3, &format!("- uses: sigstore/cosign-installer@{PLACEHOLDER}"))
        .line(4, "with:")
        .line(5, &format!("cosign-release: {COSIGN}"))
        .line(3, "- id: verify")
        .line(4, "env:");
    for (name, value) in env {
        yaml.line(5, &format!("{name}: {}", scalar::for_github(name, value)?));
    }
    yaml.line(4, "run: |");
    for line in lines {
        yaml.line(5, line);
    }
    yaml.line(1, "# What uses the image takes the digest from the job above:")
        .line(1, "# deploy:")
        .line(1, "#   needs: verify")
        .line(1, "#   env:")
        .line(1, "#     IMAGE: ${{ needs.verify.outputs.image }}");
    Ok(yaml.end())
}
