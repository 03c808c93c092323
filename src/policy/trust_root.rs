//! A trust root of one's own, as each controller takes it.

use super::{CannotSay, grounds::Grounds, yaml::Yaml};
use crate::verify::root_material::{AuthorityMaterial, LogMaterial, RootMaterial};

/// The public-good log, where no other is known.
const REKOR: &str = "https://rekor.sigstore.dev";
/// The public-good certificate authority.
pub(super) const FULCIO: &str = "https://fulcio.sigstore.dev";

/// What a root is made of, where it is not the public-good one.
pub(super) fn own(grounds: &Grounds) -> Result<Option<RootMaterial>, CannotSay> {
    if grounds.root.is_public_good() {
        return Ok(None);
    }
    let material = grounds.root.material();
    material.map(Some).ok_or_else(|| CannotSay::new("the trust root cannot be read again"))
}

/// The logs of that root that the proof rests on.
pub(super) fn logs<'a>(grounds: &Grounds, material: &'a RootMaterial) -> Vec<&'a LogMaterial> {
    material.rekor.iter().filter(|log| grounds.logs.ids.contains(&log.id)).collect()
}

/// The address of the log that the proof rests on.
pub(super) fn log_url(grounds: &Grounds) -> String {
    let material = grounds.root.material();
    let used = material.as_ref().and_then(|m| logs(grounds, m).first().map(|log| log.url.clone()));
    used.filter(|url| !url.is_empty()).unwrap_or_else(|| REKOR.to_owned())
}

/// A `TrustRoot` of the policy-controller with these keys.
///
/// Its webhook wants organization, common name and address of every authority, and address, hash
/// and key of every log. Its readers of logs take ECDSA keys only and know a log by the hash of its
/// key, so only the logs that the proof rests on are written.
pub(super) fn policy_controller(
    name: &str,
    grounds: &Grounds,
    material: &RootMaterial,
) -> Result<String, CannotSay> {
    if grounds.logs.rekor_v2 {
        return Err(CannotSay::new(
            "a TrustRoot of the policy-controller knows a log by the hash of its key, and a Rekor \
             v2 log is known by its origin: --for kyverno-ivp",
        ));
    }
    let used = if grounds.logs.entry { logs(grounds, material) } else { vec![] };
    let odd = used.iter().find(|log| !log.ecdsa || log.url.is_empty());
    if let Some(log) = odd {
        return Err(CannotSay::new(format!(
            "a TrustRoot of the policy-controller needs the address and an ECDSA key of the log {}",
            log.url
        )));
    }
    if grounds.logs.entry && used.is_empty() {
        return Err(CannotSay::new("the trust root does not name the log that was used"));
    }
    let mut yaml = Yaml::default();
    yaml.line(0, "apiVersion: policy.sigstore.dev/v1alpha1")
        .line(0, "kind: TrustRoot")
        .line(0, "metadata:")
        .field(1, "name", name)
        .line(0, "spec:")
        .line(1, "sigstoreKeys:");
    authorities(&mut yaml, "certificateAuthorities", &material.authorities)?;
    log_list(&mut yaml, "tLogs", &used);
    log_list(&mut yaml, "ctLogs", &material.ct.iter().collect::<Vec<_>>());
    authorities(&mut yaml, "timestampAuthorities", &material.timestamps)?;
    Ok(yaml.end())
}

/// YAML lines of a list of authorities; the chain in base64 of PEM, as a `[]byte` is in JSON.
fn authorities(yaml: &mut Yaml, name: &str, all: &[AuthorityMaterial]) -> Result<(), CannotSay> {
    if all.is_empty() {
        return Ok(());
    }
    yaml.line(2, &format!("{name}:"));
    for one in all {
        if one.organization.is_empty() || one.common_name.is_empty() || one.uri.is_empty() {
            return Err(CannotSay::new(format!(
                "a TrustRoot of the policy-controller wants organization, common name and address \
                 of every authority, and the trust root leaves one out: {} {} {}",
                one.organization, one.common_name, one.uri
            )));
        }
        yaml.line(3, "- subject:")
            .field(5, "organization", &one.organization)
            .field(5, "commonName", &one.common_name)
            .field(4, "uri", &one.uri)
            .field(4, "certChain", &base64(&one.chain));
    }
    Ok(())
}

fn log_list(yaml: &mut Yaml, name: &str, all: &[&LogMaterial]) {
    if all.is_empty() {
        return;
    }
    yaml.line(2, &format!("{name}:"));
    for log in all {
        yaml.field(3, "- baseURL", &log.url).line(4, "hashAlgorithm: sha-256").field(
            4,
            "publicKey",
            &base64(&log.pem),
        );
    }
}

fn base64(pem: &str) -> String {
    use base64::{Engine, engine::general_purpose::STANDARD};
    STANDARD.encode(pem)
}

/// The chains of every authority below each other.
pub(super) fn chains(all: &[AuthorityMaterial]) -> String {
    all.iter().map(|one| one.chain.as_str()).collect()
}
