//! A `ClusterPolicy` of Kyverno.

use super::{
    Body, CannotSay,
    grounds::{Found, Grounds, Image},
    names, scalar, trust_root,
    yaml::Yaml,
};
use crate::verify::{root_material::RootMaterial, signer::Identified};

pub(super) fn write(grounds: &Grounds) -> Result<Body, CannotSay> {
    let image = names::image(grounds)?;
    let (references, name) = (names::references(image)?, names::resource(image)?);
    let bundles = matches!(grounds.found, Found::Bundles(_));
    let material = trust_root::own(grounds)?;
    refuse(grounds, material.is_some())?;
    check(grounds, material.as_ref())?;
    let mut yaml = Yaml::default();
    yaml.line(0, "apiVersion: kyverno.io/v1")
        .line(0, "kind: ClusterPolicy")
        .line(0, "metadata:")
        .field(1, "name", &name)
        .line(0, "spec:")
        .line(1, "background: false")
        .line(1, "webhookTimeoutSeconds: 30")
        .line(1, "rules:")
        .line(2, "- name: signed")
        .line(3, "match:")
        .line(4, "any:")
        .line(5, "- resources:")
        .line(7, "kinds: [Pod]")
        .line(3, "verifyImages:")
        .line(4, "- imageReferences:")
        .list(6, "", &references)
        .line(5, &format!("type: {}", if bundles { "SigstoreBundle" } else { "Cosign" }))
        .line(5, "failureAction: Enforce")
        .line(5, "mutateDigest: true")
        .line(5, "verifyDigest: true")
        .line(5, "required: true");
    if let Some(apart) = &image.signatures {
        yaml.field(5, "repository", &apart.to_string());
    }
    let by = Attestor { grounds, image, own: material.as_ref() };
    if grounds.signature {
        by.write(&mut yaml, 5, true)?;
    }
    let rules = names::rules(grounds, bundles);
    if !rules.is_empty() {
        yaml.line(5, "attestations:");
        for rule in &rules {
            yaml.field(6, "- name", &rule.name).field(7, "type", &rule.predicate);
            by.write(&mut yaml, 7, false)?;
        }
    }
    let mut enforced = names::enforced(grounds);
    if grounds.logs.entry {
        enforced.push("an entry in the transparency log".into());
    }
    Ok(Body {
        enforced,
        not_enforced: not_enforced(grounds, bundles),
        text: yaml.end(),
        notes: notes(grounds),
    })
}

fn not_enforced(grounds: &Grounds, bundles: bool) -> Vec<String> {
    let mut all = names::left_open(grounds);
    all.push("a new verification while Kyverno remembers the last one (an hour by default)".into());
    if bundles && grounds.logs.sct {
        // buildVerifyOptions asks for a log entry and a time, and for no certificate timestamp.
        all.push("that the certificate was logged: of bundles this controller asks none".into());
    }
    if bundles && !grounds.annotations.is_empty() {
        all.push("annotations: in bundles this controller compares none".into());
    }
    all
}

fn notes(grounds: &Grounds) -> Vec<String> {
    match &grounds.found {
        Found::Bundles(listed) if listed.fallback => vec![
            "the registry lists bundles by a fallback tag; a release signed with cosign 3.0.5 or \
             3.0.6 is listed there with another artifact type and would be refused: --for \
             kyverno-ivp does not look at it"
                .into(),
        ],
        _ => vec![],
    }
}

/// What this kind has no way to say, or would never let in.
fn refuse(grounds: &Grounds, own_root: bool) -> Result<(), CannotSay> {
    let key = matches!(grounds.who.get(), Identified::Key { .. });
    let Found::Bundles(listed) = &grounds.found else {
        return if grounds.root.github { Err(github()) } else { Ok(()) };
    };
    if grounds.root.github {
        return Err(github());
    }
    if let Some(artifact_type) = &listed.misdescribed {
        // pkg/image/verifiers/cpol/cosign/sigstore.go passes over every descriptor whose artifact
        // type does not begin with `application/vnd.dev.sigstore.bundle`.
        return Err(CannotSay::new(format!(
            "a ClusterPolicy passes over referrers whose descriptor does not say that they are \
             bundles, and the registry's list says {artifact_type:?} (cosign 3.0.5 and 3.0.6 wrote \
             that, sigstore/cosign#4641): it would let nothing in. Works: --for kyverno-ivp"
        )));
    }
    let why = if key {
        "a ClusterPolicy verifies bundles by a certificate only, and this one is signed with a \
         key. Works: --for kyverno-ivp"
    } else if own_root {
        "a ClusterPolicy verifies bundles by the trust root of the whole controller (its flags \
         --tufMirror and --tufRoot) and has no field for one of its own. Works: --for kyverno-ivp"
    } else {
        return Ok(());
    };
    Err(CannotSay::new(why))
}

fn github() -> CannotSay {
    CannotSay::new("GitHub's own Sigstore instance vouches, which Kyverno does not know: --for gh")
}

/// Kyverno puts variables into every field, so what could be one is not written.
fn check(grounds: &Grounds, material: Option<&RootMaterial>) -> Result<(), CannotSay> {
    let mut values: Vec<(&str, &str)> = vec![];
    if let Identified::Certificate { identity, issuer } = grounds.who.get() {
        values.extend([("the identity", identity.as_str()), ("the issuer", issuer.as_str())]);
    }
    values.extend(grounds.attestations.iter().map(|uri| ("the predicate type", uri.as_str())));
    for (key, value) in &grounds.annotations {
        values.extend([("an annotation", key.as_str()), ("an annotation", value.as_str())]);
    }
    values.extend(material.iter().flat_map(|m| &m.rekor).map(|l| ("the log", l.url.as_str())));
    for (what, value) in values {
        scalar::for_kyverno(what, value)?;
    }
    match grounds.who.get() {
        // cosign.go compares the issuer of the format before bundles with `wildcard.Match`.
        Identified::Certificate { issuer, .. } if issuer.contains(['*', '?']) => {
            Err(CannotSay::new(format!("Kyverno would read wildcards in the issuer {issuer}")))
        }
        _ => Ok(()),
    }
}

/// The one attestor.
struct Attestor<'a> {
    grounds: &'a Grounds,
    image: &'a Image,
    own: Option<&'a RootMaterial>,
}

impl Attestor<'_> {
    /// `attestors`, `depth` levels deep.
    fn write(&self, yaml: &mut Yaml, depth: usize, annotated: bool) -> Result<(), CannotSay> {
        let (grounds, inner) = (self.grounds, depth + 5);
        yaml.line(depth, "attestors:").line(depth + 1, "- count: 1").line(depth + 2, "entries:");
        match grounds.who.get() {
            Identified::Key { pem } => {
                yaml.line(depth + 3, "- keys:").lines(inner, "publicKeys", pem);
            }
            Identified::Certificate { identity, .. } => {
                yaml.line(depth + 3, "- keyless:");
                let wild = matches!(grounds.found, Found::Legacy { .. });
                let regexp = match grounds.regexp()? {
                    // Of the format before bundles Kyverno reads `*` and `?` in a subject as
                    // wildcards.
                    None if wild && identity.contains(['*', '?']) => {
                        Some(format!("^{}$", meta(identity)))
                    }
                    regexp => regexp,
                };
                yaml.identity(inner, "", &grounds.who, regexp.as_deref());
                if let Some(own) = self.own {
                    yaml.lines(inner, "roots", &trust_root::chains(&own.authorities));
                }
            }
        }
        self.logs(yaml, inner);
        if let Some(apart) = &self.image.signatures {
            yaml.field(depth + 4, "repository", &apart.to_string());
        }
        let legacy = matches!(grounds.found, Found::Legacy { .. });
        if annotated && legacy && !grounds.annotations.is_empty() {
            yaml.line(depth + 4, "annotations:");
            for (name, value) in &grounds.annotations {
                yaml.field(depth + 5, &scalar::quoted(name), value);
            }
        }
        Ok(())
    }

    /// `rekor` and `ctlog`: which logs, and by which keys.
    fn logs(&self, yaml: &mut Yaml, depth: usize) {
        let logs = &self.grounds.logs;
        yaml.line(depth, "rekor:").field(depth + 1, "url", &trust_root::log_url(self.grounds));
        let used = self.own.and_then(|own| trust_root::logs(self.grounds, own).first().copied());
        if !logs.entry {
            yaml.line(depth + 1, "ignoreTlog: true");
        } else if let Some(log) = used {
            yaml.lines(depth + 1, "pubkey", &log.pem);
        }
        let certificate = matches!(self.grounds.who.get(), Identified::Certificate { .. });
        let unlogged = certificate && !logs.sct;
        let ct = self.own.and_then(|own| own.ct.first()).filter(|_| certificate && logs.sct);
        let bundles = matches!(self.grounds.found, Found::Bundles(_));
        // Of a bundle any time will do that the controller's own root knows.
        let root = self.grounds.root.material().filter(|_| logs.by_stamp() && !bundles);
        if unlogged || ct.is_some() || root.is_some() {
            yaml.line(depth, "ctlog:");
        }
        if unlogged {
            yaml.line(depth + 1, "ignoreSCT: true");
        }
        if let Some(ct) = ct {
            yaml.lines(depth + 1, "pubkey", &ct.pem);
        }
        if let Some(root) = root {
            yaml.lines(depth + 1, "tsaCertChain", &trust_root::chains(&root.timestamps));
        }
    }
}

/// Go's `regexp.QuoteMeta`.
fn meta(text: &str) -> String {
    let escaped = |c: char| {
        let special = r"\.+*?()|[]{}^$".contains(c);
        special.then_some('\\').into_iter().chain(std::iter::once(c))
    };
    text.chars().flat_map(escaped).collect()
}
