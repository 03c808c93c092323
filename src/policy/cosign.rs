//! Command lines of cosign 3; those of a step in CI are the same with other values.

use super::{
    Body, CannotSay,
    grounds::{File, Found, Grounds, Target},
    names, scalar,
};
use crate::{domain::demand::COSIGN_SIGN, verify::signer::Identified};

/// One flag.
pub(super) struct Part {
    /// With its dashes.
    pub(super) flag: &'static str,
    /// Its value.
    pub(super) value: Value,
}

/// The value of a flag.
pub(super) enum Value {
    /// None.
    Nothing,
    /// Foreign text, and the variable that holds it where values are not written inline.
    Foreign(&'static str, String),
    /// A path that the caller chose; ours, already quoted.
    Path(String),
}

/// One command.
pub(super) struct Command {
    /// `verify`, `verify-attestation`.
    pub(super) verb: &'static str,
    /// The predicate type that is asked for; foreign text.
    pub(super) predicate: Option<String>,
    /// The other flags.
    pub(super) parts: Vec<Part>,
}

/// Where the files of the command lie: words of a shell, already quoted.
pub(super) struct Paths {
    /// The trust root, where it is not the public-good one over TUF.
    pub(super) root: Option<String>,
    /// The key, where one is demanded.
    pub(super) key: Option<String>,
}

pub(super) fn write(grounds: &Grounds) -> Result<Body, CannotSay> {
    let path = |what: &str, path: &Option<std::path::PathBuf>| {
        path.as_ref().map(|p| scalar::shell(what, &p.display().to_string())).transpose()
    };
    let root = path("the path of the trust root", &grounds.root.file)?;
    let own = !grounds.root.is_public_good();
    if own && root.is_none() {
        return Err(CannotSay::new(
            "cosign takes a trust root of one's own from a file: save it as trusted_root.json and \
             name it with --trusted-root",
        ));
    }
    let key = path("the path of the key", &grounds.key_file)?;
    let paths = Paths { root, key };
    let (commands, object) = match &grounds.target {
        Target::Image(image) => {
            names::place(image)?;
            (commands(grounds, &paths)?, scalar::shell("the image", &image.by_digest())?)
        }
        Target::File(file) => (vec![blob(grounds, file, &paths)?], blob_name(file)?),
    };
    let mut lines = vec![];
    for command in &commands {
        lines.push(inline(command, &object)?);
    }
    let mut prefix = String::new();
    if let Target::Image(image) = &grounds.target
        && let Some(apart) = &image.signatures
    {
        let apart = scalar::shell("the repository of signatures", &apart.to_string())?;
        prefix = format!("COSIGN_REPOSITORY={apart} ");
    }
    let lines: Vec<String> = lines.into_iter().map(|line| format!("{prefix}{line}")).collect();
    Ok(Body {
        enforced: enforced(grounds),
        not_enforced: not_enforced(grounds),
        text: lines.join(" &&\n") + "\n",
        notes: notes(grounds),
    })
}

/// What these commands enforce.
pub(super) fn enforced(grounds: &Grounds) -> Vec<String> {
    let mut all = match &grounds.target {
        Target::Image(_) => names::enforced(grounds),
        Target::File(_) => vec!["evidence over the digest of the file".to_owned()],
    };
    if grounds.logs.entry {
        all.push("an entry in the transparency log".into());
    }
    if grounds.logs.stamp_demanded {
        all.push("a signed timestamp".into());
    }
    all.extend(claim_flags(grounds).iter().map(|(flag, value)| format!("{flag} {value}")));
    all.extend(annotations(grounds).iter().map(|text| format!("the annotation {text}")));
    all
}

/// What they leave open.
pub(super) fn not_enforced(grounds: &Grounds) -> Vec<String> {
    let mut all = vec!["what the attestations say, and what is inside the image".to_owned()];
    if matches!(grounds.target, Target::File(_)) {
        all = vec!["what the evidence says beside the digest".to_owned()];
    }
    all.extend(names::unlogged(grounds));
    all
}

pub(super) fn notes(grounds: &Grounds) -> Vec<String> {
    let mut notes = vec![];
    if let Found::Legacy { hidden: true } = grounds.found {
        notes.push(
            "a bundle lies beside the legacy signature: without --new-bundle-format=false cosign 3 \
             looks at bundles only"
                .to_owned(),
        );
    }
    notes
}

/// The commands over an image.
pub(super) fn commands(grounds: &Grounds, paths: &Paths) -> Result<Vec<Command>, CannotSay> {
    if grounds.root.github {
        return Err(CannotSay::new(
            "GitHub's own Sigstore instance vouches, which cosign does not know: --for gh",
        ));
    }
    let bundles = matches!(grounds.found, Found::Bundles(_));
    let mut commands = vec![];
    let mut push = |verb, predicate: Option<&str>| -> Result<(), CannotSay> {
        let mut parts = parts(grounds, paths)?;
        if !bundles {
            parts.push(Part { flag: "--new-bundle-format=false", value: Value::Nothing });
        }
        if verb == "verify" {
            let each = annotations(grounds).into_iter();
            parts.extend(
                each.map(|text| Part { flag: "-a", value: Value::Foreign("ANNOTATION", text) }),
            );
        }
        let predicate = predicate.map(str::to_owned);
        commands.push(Command { verb, predicate, parts });
        Ok(())
    };
    if grounds.signature {
        push("verify", None)?;
        // cosign 3 `verify` takes any bundle of the signer, an SBOM too.
        if bundles {
            push("verify-attestation", Some(COSIGN_SIGN))?;
        }
    }
    for predicate in &grounds.attestations {
        push("verify-attestation", Some(predicate))?;
    }
    Ok(commands)
}

fn blob(grounds: &Grounds, file: &File, paths: &Paths) -> Result<Command, CannotSay> {
    let Some(bundle) = &file.bundle else {
        return Err(CannotSay::new(
            "the evidence of the file lies with GitHub and cosign reads none there: --for gh",
        ));
    };
    if grounds.root.github {
        return Err(CannotSay::new(
            "GitHub's own Sigstore instance vouches, which cosign does not know: --for gh",
        ));
    }
    let mut parts = parts(grounds, paths)?;
    let bundle = scalar::shell("the path of the bundle", &bundle.display().to_string())?;
    parts.insert(0, Part { flag: "--bundle", value: Value::Path(bundle) });
    let predicate = grounds.attestations.first().cloned();
    let verb = if file.message { "verify-blob" } else { "verify-blob-attestation" };
    Ok(Command { verb, predicate: predicate.filter(|_| !file.message), parts })
}

fn blob_name(file: &File) -> Result<String, CannotSay> {
    let path =
        file.name.strip_prefix('-').map_or_else(|| file.name.clone(), |rest| format!("./-{rest}"));
    scalar::shell("the name of the file", &path)
}

/// The flags that every command has.
fn parts(grounds: &Grounds, paths: &Paths) -> Result<Vec<Part>, CannotSay> {
    let foreign = |flag, name, text: &str| Part { flag, value: Value::Foreign(name, text.into()) };
    let alone = |flag| Part { flag, value: Value::Nothing };
    let mut parts = vec![];
    let certificate = match grounds.who.get() {
        Identified::Certificate { identity, issuer } => {
            parts.push(match grounds.regexp()? {
                Some(r) => foreign("--certificate-identity-regexp", "IDENTITY_REGEXP", &r),
                None => foreign("--certificate-identity", "IDENTITY", identity),
            });
            parts.push(foreign("--certificate-oidc-issuer", "ISSUER", issuer));
            true
        }
        Identified::Key { .. } => {
            let key = paths.key.clone();
            let key = key.ok_or_else(|| CannotSay::new("the file of the key is not known"))?;
            parts.push(Part { flag: "--key", value: Value::Path(key) });
            false
        }
    };
    for (flag, value) in claim_flags(grounds) {
        let name = match flag {
            "--certificate-github-workflow-trigger" => "WORKFLOW_TRIGGER",
            "--certificate-github-workflow-sha" => "WORKFLOW_SHA",
            "--certificate-github-workflow-name" => "WORKFLOW_NAME",
            "--certificate-github-workflow-repository" => "WORKFLOW_REPOSITORY",
            _ => "WORKFLOW_REF",
        };
        parts.push(foreign(flag, name, &value));
    }
    if let Some(root) = &paths.root {
        parts.push(Part { flag: "--trusted-root", value: Value::Path(root.clone()) });
    }
    let logs = &grounds.logs;
    if !logs.entry {
        parts.push(alone("--insecure-ignore-tlog=true"));
    }
    if certificate && !logs.sct {
        parts.push(alone("--insecure-ignore-sct=true"));
    }
    // Of Rekor v2 cosign knows by itself that there is no other time.
    if logs.stamp_demanded || certificate && logs.by_stamp() && !logs.rekor_v2 {
        parts.push(alone("--use-signed-timestamps"));
    }
    Ok(parts)
}

/// cosign's flags over the old claims of GitHub's workflows, where they were demanded.
fn claim_flags(grounds: &Grounds) -> Vec<(&'static str, String)> {
    const FLAGS: [(u8, &str); 5] = [
        (2, "--certificate-github-workflow-trigger"),
        (3, "--certificate-github-workflow-sha"),
        (4, "--certificate-github-workflow-name"),
        (5, "--certificate-github-workflow-repository"),
        (6, "--certificate-github-workflow-ref"),
    ];
    let demanded = FLAGS.iter().filter(|(number, _)| grounds.demanded.contains(number));
    let each = demanded.filter_map(|(n, flag)| Some((*flag, grounds.claim(*n)?.to_owned())));
    each.collect()
}

fn annotations(grounds: &Grounds) -> Vec<String> {
    let each = grounds.annotations.iter();
    each.filter(|_| grounds.signature).map(|(key, value)| format!("{key}={value}")).collect()
}

/// A command on one line, its values quoted for a shell.
fn inline(command: &Command, object: &str) -> Result<String, CannotSay> {
    let mut line = format!("cosign {}", command.verb);
    if let Some(predicate) = &command.predicate {
        line.push_str(&format!(" --type {}", scalar::shell("the predicate type", predicate)?));
    }
    for part in &command.parts {
        line.push_str(&format!(" {}", part.flag));
        match &part.value {
            Value::Nothing => {}
            Value::Foreign(_, text) => {
                line.push_str(&format!(" {}", scalar::shell(part.flag, text)?));
            }
            Value::Path(path) => line.push_str(&format!(" {path}")),
        }
    }
    Ok(format!("{line} {object}"))
}
