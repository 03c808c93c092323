//! Names: of the image as each controller reads it, of resources, and of what is attested.

use super::{
    CannotSay,
    grounds::{Form, Grounds, Image, Target},
};
use crate::{
    domain::{Repository, demand::COSIGN_SIGN, reference::DOCKER_HUB, text::safe},
    verify::signer::Identified,
};

/// The host under which the policy-controller knows Docker Hub.
const DOCKER_HUB_INDEX: &str = "index.docker.io";
/// The longest name of a resource that is written; DNS labels have 63 characters at most.
const MAX_NAME: usize = 50;

/// The image that is judged.
pub(super) fn image(grounds: &Grounds) -> Result<&Image, CannotSay> {
    match &grounds.target {
        Target::Image(image) => Ok(image),
        Target::File(file) => Err(CannotSay::new(format!(
            "{} is a file; only images are pulled: --for cosign or gh",
            file.name
        ))),
    }
}

/// Host and path of an image in a registry.
pub(super) fn place(image: &Image) -> Result<(&str, &str), CannotSay> {
    match &image.repository {
        Repository::Remote { host, path } => Ok((host, path)),
        Repository::Layout(_) => Err(CannotSay::new(format!(
            "{} has no name that is pulled: say with --image under which name it is used",
            image.repository
        ))),
    }
}

/// Patterns of the policy-controller for every tag and digest of exactly this repository.
///
/// Its `*` is `[^/]*`, over the whole of `ref.Name()`, in which Docker Hub is `index.docker.io`.
pub(super) fn globs(image: &Image) -> Result<Vec<String>, CannotSay> {
    let (host, path) = place(image)?;
    let host = if host == DOCKER_HUB { DOCKER_HUB_INDEX } else { host };
    // pkg/apis/glob: `^[a-zA-Z0-9-_:\/\*\.@]+$`.
    let allowed = |c: char| c.is_ascii_alphanumeric() || "-_:/*.@".contains(c);
    let name = format!("{host}/{path}");
    if !name.chars().all(allowed) {
        return Err(CannotSay::new(format!(
            "a pattern of the policy-controller cannot hold {name}"
        )));
    }
    Ok(vec![format!("{name}:*"), format!("{name}@*")])
}

/// Patterns of a Kyverno `ClusterPolicy`, which reads names with their host.
pub(super) fn references(image: &Image) -> Result<Vec<String>, CannotSay> {
    let (host, path) = place(image)?;
    if host.starts_with('[') {
        return Err(CannotSay::new(format!("a pattern of Kyverno cannot hold the host {host}")));
    }
    Ok(vec![format!("{host}/{path}:*"), format!("{host}/{path}@*")])
}

/// Patterns of an `ImageValidatingPolicy`, which may see a name as it was typed: with and without a
/// tag, and for Docker Hub in every spelling.
pub(super) fn spellings(image: &Image) -> Result<Vec<String>, CannotSay> {
    let (host, path) = place(image)?;
    if host.starts_with('[') {
        return Err(CannotSay::new(format!("a pattern of Kyverno cannot hold the host {host}")));
    }
    let mut names = vec![format!("{host}/{path}")];
    if host == DOCKER_HUB {
        names.push(format!("{DOCKER_HUB_INDEX}/{path}"));
        names.push(path.to_owned());
        names.extend(path.strip_prefix("library/").map(str::to_owned));
    }
    let every = |name: String| [format!("{name}:*"), format!("{name}@*"), name];
    Ok(names.into_iter().flat_map(every).collect())
}

/// The name of a resource: the last part of the repository as a DNS label.
pub(super) fn resource(image: &Image) -> Result<String, CannotSay> {
    let (_, path) = place(image)?;
    let last = path.rsplit('/').next().unwrap_or(path);
    let label = |c: char| if c.is_ascii_lowercase() || c.is_ascii_digit() { c } else { '-' };
    let name: String = last.chars().map(label).take(MAX_NAME).collect();
    Ok(format!("signed-{}", name.trim_matches('-')))
}

/// One attestation that is demanded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Rule {
    /// Letters and digits only: also an identifier of CEL.
    pub(super) name: String,
    /// Foreign text.
    pub(super) predicate: String,
}

/// A rule for each attestation; for bundles the signature is one, because its predicate type is all
/// that tells it from an SBOM by the same signer.
pub(super) fn rules(grounds: &Grounds, with_signature: bool) -> Vec<Rule> {
    let mut rules: Vec<Rule> = vec![];
    if with_signature && grounds.signature {
        rules.push(Rule { name: "signature".into(), predicate: COSIGN_SIGN.into() });
    }
    for predicate in &grounds.attestations {
        let word = label(predicate);
        let same = rules.iter().filter(|rule| rule.name.starts_with(word)).count();
        let name = if same == 0 { word.to_owned() } else { format!("{word}{}", same + 1) };
        rules.push(Rule { name, predicate: predicate.clone() });
    }
    rules
}

fn label(predicate: &str) -> &'static str {
    const KNOWN: [(&str, &str); 5] = [
        ("https://cyclonedx.org/bom", "cyclonedx"),
        ("https://spdx.dev/Document", "spdx"),
        ("https://slsa.dev/provenance/", "provenance"),
        ("https://cosign.sigstore.dev/attestation/vuln/", "vulnerabilities"),
        ("https://openvex.dev/ns", "vex"),
    ];
    let known = KNOWN.iter().find(|(start, _)| predicate.starts_with(start));
    known.map_or("attestation", |(_, name)| name)
}

/// What an admission policy leaves open, whatever it is written for.
pub(super) fn left_open(grounds: &Grounds) -> Vec<String> {
    let release = match (grounds.who.get(), grounds.form) {
        (Identified::Certificate { .. }, Form::Exact) => {
            "that a tag of the image belongs to the signer's ref: whatever this signer signed in \
             the repository is let in, and the next release is not"
        }
        _ => "which release it is: whatever this signer signed in the repository is let in",
    };
    let mut all = vec!["what the attestations say".to_owned(), release.to_owned()];
    all.extend(unlogged(grounds));
    all
}

/// Which logs nothing is asked of, because nothing of them was proved.
pub(super) fn unlogged(grounds: &Grounds) -> Vec<String> {
    let mut all = vec![];
    if !grounds.logs.entry {
        all.push("an entry in a transparency log: none was proved".to_owned());
    }
    if !grounds.logs.sct && matches!(grounds.who.get(), Identified::Certificate { .. }) {
        all.push("that the certificate was logged: no timestamp of a log was proved".to_owned());
    }
    all
}

/// What the rules demand, in words.
pub(super) fn enforced(grounds: &Grounds) -> Vec<String> {
    let signature = grounds.signature.then(|| "a signature over the digest".to_owned());
    let each = grounds.attestations.iter();
    let each = each.map(|uri| format!("an attestation {} over the digest", safe(uri)));
    signature.into_iter().chain(each).collect()
}
