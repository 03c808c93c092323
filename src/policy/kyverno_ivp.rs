//! An `ImageValidatingPolicy` of Kyverno.

use super::{
    Body, CannotSay,
    grounds::{Found, Grounds, Image},
    names, scalar, trust_root,
    yaml::Yaml,
};
use crate::verify::{root_material::RootMaterial, signer::Identified};

/// The largest `trustedRoot` that Kyverno reads, in bytes.
const MAX_ROOT: usize = 1 << 20;
/// Where a pod has images.
const CONTAINERS: [&str; 3] = ["containers", "initContainers", "ephemeralContainers"];

pub(super) fn write(grounds: &Grounds) -> Result<Body, CannotSay> {
    let image = names::image(grounds)?;
    let (globs, name) = (names::spellings(image)?, names::resource(image)?);
    let bundles = matches!(grounds.found, Found::Bundles(_));
    let material = trust_root::own(grounds)?;
    refuse(grounds, material.as_ref())?;
    let mut yaml = Yaml::default();
    yaml.line(0, "apiVersion: policies.kyverno.io/v1")
        .line(0, "kind: ImageValidatingPolicy")
        .line(0, "metadata:")
        .field(1, "name", &name)
        .line(0, "spec:")
        .line(1, "failurePolicy: Fail")
        .line(1, "webhookConfiguration:")
        .line(2, "timeoutSeconds: 30")
        .line(1, "validationActions: [Deny]")
        .line(1, "matchConstraints:")
        .line(2, "resourceRules:")
        .line(3, r#"- apiGroups: [""]"#)
        .line(4, r#"apiVersions: ["v1"]"#)
        .line(4, r#"operations: ["CREATE", "UPDATE"]"#)
        .line(4, r#"resources: ["pods"]"#)
        .line(1, "matchImageReferences:")
        .list(2, "glob: ", &globs)
        .line(1, "validationConfigurations:")
        .line(2, "mutateDigest: true")
        .line(2, "verifyDigest: true")
        .line(2, "required: true");
    attestor(&mut yaml, grounds, image, bundles, material.as_ref())?;
    validations(&mut yaml, grounds, bundles);
    let mut enforced = names::enforced(grounds);
    if grounds.logs.entry {
        enforced.push("an entry in the transparency log".into());
    }
    Ok(Body {
        enforced,
        not_enforced: not_enforced(grounds, bundles),
        text: yaml.end(),
        notes: notes(grounds, material.is_some()),
    })
}

/// What must be there, and the expressions that ask for it.
fn validations(yaml: &mut Yaml, grounds: &Grounds, bundles: bool) {
    let rules = names::rules(grounds, bundles);
    if !rules.is_empty() {
        yaml.line(1, "attestations:");
        for rule in &rules {
            yaml.field(2, "- name", &rule.name).line(3, "intoto:").field(
                4,
                "type",
                &rule.predicate,
            );
        }
    }
    yaml.line(1, "validations:");
    if grounds.signature {
        let call = "verifyImageSignatures(image, [attestors.signer])";
        validation(yaml, call, "the image is not signed by the demanded signer");
    }
    for rule in &rules {
        let call = format!(
            "verifyAttestationSignatures(image, attestations.{}, [attestors.signer])",
            rule.name
        );
        let message = format!("no attestation by the demanded signer: {}", rule.predicate);
        validation(yaml, &call, &message);
    }
}

fn not_enforced(grounds: &Grounds, bundles: bool) -> Vec<String> {
    let mut all = names::left_open(grounds);
    all.push("anything but pods: what makes pods is seen when it makes one".into());
    if bundles && !grounds.annotations.is_empty() {
        all.push("annotations: in bundles this controller compares none".into());
    }
    all
}

fn notes(grounds: &Grounds, own_root: bool) -> Vec<String> {
    let mut notes = vec![];
    if own_root {
        notes.push(
            "the field trustedRoot needs Kyverno 1.19; Kyverno also reads its own TUF root when it \
             verifies, so it must be able to reach one"
                .into(),
        );
    }
    if grounds.logs.rekor_v2 {
        notes.push("the log is Rekor v2: Kyverno must be built on a cosign that knows it".into());
    }
    notes
}

/// What this kind has no way to say, or would never let in.
fn refuse(grounds: &Grounds, own: Option<&RootMaterial>) -> Result<(), CannotSay> {
    let large = own.is_some_and(|m| m.document.len() > MAX_ROOT);
    let why = if grounds.root.github {
        "GitHub's own Sigstore instance vouches without a log: --for gh"
    } else if grounds.found == (Found::Legacy { hidden: true }) {
        "an ImageValidatingPolicy looks at bundles only as soon as one lies beside the image, and \
         what was proved is in the format before them. Works: --for kyverno or policy-controller"
    } else if large {
        "Kyverno reads trust roots of at most a mebibyte"
    } else if grounds.logs.stamp_demanded && !grounds.logs.timestamp {
        "a signed timestamp is demanded, and none was proved"
    } else {
        return Ok(());
    };
    Err(CannotSay::new(why))
}

fn attestor(
    yaml: &mut Yaml,
    grounds: &Grounds,
    image: &Image,
    bundles: bool,
    own: Option<&RootMaterial>,
) -> Result<(), CannotSay> {
    yaml.line(1, "attestors:").line(2, "- name: signer").line(3, "cosign:");
    match grounds.who.get() {
        Identified::Key { pem } => _ = yaml.line(4, "key:").lines(5, "data", pem),
        Identified::Certificate { .. } => {
            yaml.line(4, "keyless:");
            let regexp = grounds.regexp()?;
            yaml.line(5, "identities:").identity(6, "- ", &grounds.who, regexp.as_deref());
        }
    }
    // Of either format: beside the root that Kyverno always has, cosign passes over `roots`,
    // `rekorPubKey` and `ctLogPubKey` (pkg/cosign/verify.go, `co.TrustedMaterial != nil`).
    if let Some(own) = own {
        yaml.line(4, "trustedRoot:").lines(5, "value", &own.document);
    }
    log(yaml, grounds);
    if let Some(apart) = &image.signatures {
        yaml.line(4, "source:").field(5, "repository", &apart.to_string());
    }
    if !bundles && !grounds.annotations.is_empty() {
        yaml.line(4, "annotations:");
        for (name, value) in &grounds.annotations {
            yaml.field(5, &scalar::quoted(name), value);
        }
    }
    Ok(())
}

/// `ctlog`: which log, and what is not asked of it.
fn log(yaml: &mut Yaml, grounds: &Grounds) {
    let logs = &grounds.logs;
    let certificate = matches!(grounds.who.get(), Identified::Certificate { .. });
    yaml.line(4, "ctlog:").field(5, "url", &trust_root::log_url(grounds));
    if !logs.entry {
        yaml.line(5, "insecureIgnoreTlog: true");
    }
    if certificate && !logs.sct {
        yaml.line(5, "insecureIgnoreSCT: true");
    }
    // Only with this chain Kyverno takes a signed timestamp for the time, which Rekor v2 leaves out.
    let stamped = logs.by_stamp() && certificate;
    if let Some(root) = grounds.root.material().filter(|_| stamped) {
        yaml.lines(5, "tsaCertChain", &trust_root::chains(&root.timestamps));
    }
}

fn validation(yaml: &mut Yaml, call: &str, message: &str) {
    let each = CONTAINERS.map(|list| format!("images.{list}.map(image, {call}).all(e, e > 0)"));
    yaml.line(2, "- expression: >-");
    for (number, expression) in each.iter().enumerate() {
        let and = if number + 1 < each.len() { " &&" } else { "" };
        yaml.line(4, &format!("{expression}{and}"));
    }
    yaml.field(3, "message", message);
}
