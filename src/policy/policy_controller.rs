//! A `ClusterImagePolicy` of the policy-controller.

use super::{
    Body, CannotSay,
    grounds::{Found, Grounds, Image},
    names::{self, Rule},
    trust_root,
    yaml::Yaml,
};
use crate::verify::signer::Identified;

pub(super) fn write(grounds: &Grounds) -> Result<Body, CannotSay> {
    let image = names::image(grounds)?;
    let (globs, name) = (names::globs(image)?, names::resource(image)?);
    let bundles = matches!(grounds.found, Found::Bundles(_));
    refuse(grounds, bundles)?;
    let material = trust_root::own(grounds)?;
    let root_name = format!("{name}-root");
    let own = material.as_ref().map(|_| root_name.as_str());
    let mut documents = vec![];
    if let Some(material) = &material {
        documents.push(trust_root::policy_controller(&root_name, grounds, material)?);
    }
    let rules = names::rules(grounds, bundles);
    // An authority with attestations looks at those alone, and one authority that holds is enough:
    // what must hold beside them is a policy of its own, for every policy that matches must hold.
    if bundles || !grounds.signature {
        documents.push(policy(grounds, image, (&name, own), &globs, &rules)?);
    } else {
        documents.push(policy(grounds, image, (&name, own), &globs, &[])?);
        if !rules.is_empty() {
            let name = format!("{name}-attested");
            documents.push(policy(grounds, image, (&name, own), &globs, &rules)?);
        }
    }
    let mut not_enforced = names::left_open(grounds);
    not_enforced
        .push("anything in namespaces without the label policy.sigstore.dev/include=true".into());
    if !grounds.annotations.is_empty() {
        not_enforced.push("annotations: this controller compares none".into());
    }
    if grounds.logs.stamp_demanded && grounds.logs.entry {
        not_enforced
            .push("a signed timestamp beside the log: it would take the log's place".into());
    }
    let mut notes = vec![];
    if bundles {
        notes.push(
            "signatureFormat: bundle needs a controller that knows the field; the default \
             `legacy` finds no signatures here (sigstore/policy-controller#1899)"
                .into(),
        );
    }
    if grounds.logs.rekor_v2 {
        notes.push(
            "the log is Rekor v2: the controller must be built on a cosign that knows it".into(),
        );
    }
    let mut enforced = names::enforced(grounds);
    if grounds.logs.entry {
        enforced.push("an entry in the transparency log".into());
    }
    Ok(Body { enforced, not_enforced, text: documents.join("---\n"), notes })
}

/// What this controller has no way to say.
fn refuse(grounds: &Grounds, bundles: bool) -> Result<(), CannotSay> {
    let key = matches!(grounds.who.get(), Identified::Key { .. });
    let why = if grounds.root.github {
        "GitHub's own Sigstore instance vouches without a log that this policy could name: --for gh"
    } else if key && bundles {
        "the policy-controller verifies bundles by a certificate only, and this one is signed with \
         a key: --for kyverno-ivp"
    } else if !key && !grounds.logs.entry && grounds.root.is_public_good() {
        "without a log entry the policy-controller needs a trust root with a timestamp authority, \
         and the public-good root is not named as one: --for kyverno-ivp"
    } else if !key
        && bundles
        && grounds.logs.entry
        && !grounds.logs.promised
        && !grounds.logs.rekor_v2
    {
        "the log did not promise its entry, so it gives no time, and a timestamp would stand in the \
         place of the log here: --for kyverno-ivp"
    } else {
        return Ok(());
    };
    Err(CannotSay::new(why))
}

fn policy(
    grounds: &Grounds,
    image: &Image,
    (name, root): (&str, Option<&str>),
    globs: &[String],
    rules: &[Rule],
) -> Result<String, CannotSay> {
    let mut yaml = Yaml::default();
    yaml.line(0, "apiVersion: policy.sigstore.dev/v1beta1")
        .line(0, "kind: ClusterImagePolicy")
        .line(0, "metadata:")
        .field(1, "name", name)
        .line(0, "spec:")
        .line(1, "mode: enforce")
        .line(1, "images:")
        .list(2, "glob: ", globs)
        .line(1, "authorities:")
        .line(2, "- name: signer");
    let format = if matches!(grounds.found, Found::Bundles(_)) { "bundle" } else { "legacy" };
    yaml.line(3, &format!("signatureFormat: {format}"));
    match grounds.who.get() {
        Identified::Key { pem } => {
            yaml.line(3, "key:").lines(4, "data", pem);
        }
        Identified::Certificate { .. } => {
            yaml.line(3, "keyless:").field(4, "url", &fulcio(grounds));
            if let Some(root) = root {
                yaml.field(4, "trustRootRef", root);
            }
            if !grounds.logs.sct {
                yaml.line(4, "insecureIgnoreSCT: true");
            }
            yaml.line(4, "identities:").identity(
                5,
                "- ",
                &grounds.who,
                grounds.regexp()?.as_deref(),
            );
        }
    }
    if grounds.logs.entry {
        yaml.line(3, "ctlog:").field(4, "url", &trust_root::log_url(grounds));
        if let Some(root) = root {
            yaml.field(4, "trustRootRef", root);
        }
    } else if let Some(root) = root.filter(|_| grounds.logs.timestamp) {
        yaml.line(3, "rfc3161timestamp:").field(4, "trustRootRef", root);
    }
    if let Some(apart) = &image.signatures {
        yaml.line(3, "source:").field(4, "- oci", &apart.to_string());
    }
    if !rules.is_empty() {
        yaml.line(3, "attestations:");
        for rule in rules {
            yaml.field(4, "- name", &rule.name).field(5, "predicateType", &rule.predicate);
        }
    }
    Ok(yaml.end())
}

fn fulcio(grounds: &Grounds) -> String {
    let own = trust_root::own(grounds).ok().flatten();
    let named = own.and_then(|m| m.authorities.first().map(|ca| ca.uri.clone()));
    named.filter(|uri| !uri.is_empty()).unwrap_or_else(|| trust_root::FULCIO.to_owned())
}
