//! The rules of the policy-controller's webhook, which the schemas of its resources do not have:
//! `pkg/apis/policy/v1beta1/clusterimagepolicy_validation.go`, `trustroot_validation.go`,
//! `pkg/apis/glob/glob.go`.

use serde_json::Value;
use sigscope::domain::goregexp::GoRegexp;

fn list<'a>(value: &'a Value, name: &str) -> &'a [Value] {
    value[name].as_array().map_or(&[], Vec::as_slice)
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap_or_default()
}

/// What the webhook would say of a document; nothing for one that it takes.
pub(crate) fn faults(document: &Value) -> Vec<String> {
    let mut wrong = vec![];
    match document["kind"].as_str() {
        Some("ClusterImagePolicy") => policy(&document["spec"], &mut wrong),
        Some("TrustRoot") => root(&document["spec"]["sigstoreKeys"], &mut wrong),
        _ => {}
    }
    wrong
}

fn policy(spec: &Value, wrong: &mut Vec<String>) {
    let mut say = |bad: bool, words: &str| {
        if bad {
            wrong.push(words.to_owned());
        }
    };
    say(list(spec, "images").is_empty(), "images are missing");
    let glob = |c: char| c.is_ascii_alphanumeric() || "-_:/*.@".contains(c);
    for image in list(spec, "images") {
        let pattern = text(image, "glob");
        say(pattern.is_empty() || !pattern.chars().all(glob), "a glob is invalid");
    }
    say(!matches!(text(spec, "mode"), "" | "enforce" | "warn"), "mode is unknown");
    say(list(spec, "authorities").is_empty(), "authorities are missing");
    for authority in list(spec, "authorities") {
        let kinds = ["key", "keyless", "static"].iter().filter(|k| !authority[**k].is_null());
        say(kinds.count() != 1, "exactly one of key, keyless, static");
        let keyless = &authority["keyless"];
        if !keyless.is_null() {
            let both = !keyless["url"].is_null() && !keyless["ca-cert"].is_null();
            say(both, "url and ca-cert exclude each other");
            say(list(keyless, "identities").is_empty(), "identities are missing");
            let bundle = text(authority, "signatureFormat") == "bundle";
            say(bundle && list(keyless, "identities").len() > 1, "bundles take one identity");
        }
        for identity in list(keyless, "identities") {
            for (exact, regexp) in [("issuer", "issuerRegExp"), ("subject", "subjectRegExp")] {
                let there = [exact, regexp].into_iter().filter(|n| !text(identity, n).is_empty());
                say(there.count() != 1, "exactly one of a name and its regexp");
                say(GoRegexp::new(text(identity, regexp)).is_err(), "a regexp does not compile");
            }
        }
        let format = text(authority, "signatureFormat");
        say(!matches!(format, "" | "legacy" | "bundle"), "signatureFormat is unknown");
        say(format == "bundle" && keyless.is_null(), "bundles want keyless");
        let action = text(&authority["static"], "action");
        let is_static = !authority["static"].is_null();
        say(is_static && !matches!(action, "pass" | "fail"), "action is unknown");
        say(list(authority, "source").len() > 1, "more than one source");
        for attestation in list(authority, "attestations") {
            say(text(attestation, "name").is_empty(), "an attestation has no name");
            let predicate = text(attestation, "predicateType");
            // Short words are taken with a warning; nothing that is written should warn.
            say(!predicate.contains("://"), "predicateType is no URI");
            rule(&attestation["policy"], &mut say);
        }
        let data = text(&authority["key"], "data");
        let key = sigscope::verify::key::TrustedKey::parse(data.as_bytes());
        say(!authority["key"].is_null() && key.is_err(), "the key is invalid");
    }
    rule(&spec["policy"], &mut say);
}

fn rule(policy: &Value, say: &mut impl FnMut(bool, &str)) {
    if policy.is_null() {
        return;
    }
    say(!matches!(text(policy, "type"), "cue" | "rego"), "policy.type is unknown");
    let ways = ["data", "configMapRef", "remote"].iter().filter(|w| !policy[**w].is_null());
    say(ways.count() != 1, "exactly one of data, configMapRef, remote");
}

fn root(keys: &Value, wrong: &mut Vec<String>) {
    let authorities = ["certificateAuthorities", "timestampAuthorities"];
    for name in authorities {
        for one in list(keys, name) {
            let subject = &one["subject"];
            for (value, field) in [
                (text(subject, "organization"), "organization"),
                (text(subject, "commonName"), "commonName"),
                (text(one, "uri"), "uri"),
            ] {
                if value.is_empty() {
                    wrong.push(format!("{name}: {field} is missing"));
                }
            }
            if !pem(text(one, "certChain"), "CERTIFICATE") {
                wrong.push(format!("{name}: certChain is no PEM in base64"));
            }
        }
    }
    if authorities.iter().all(|name| list(keys, name).is_empty()) {
        wrong.push("no authority".into());
    }
    for name in ["tLogs", "ctLogs"] {
        for log in list(keys, name) {
            let missing = text(log, "baseURL").is_empty() || text(log, "hashAlgorithm").is_empty();
            if missing || !pem(text(log, "publicKey"), "PUBLIC KEY") {
                wrong.push(format!("{name}: baseURL, hashAlgorithm or publicKey"));
            }
        }
    }
}

fn pem(encoded: &str, label: &str) -> bool {
    use base64::{Engine, engine::general_purpose::STANDARD};
    let Ok(bytes) = STANDARD.decode(encoded) else { return false };
    let begin = format!("-----BEGIN {label}-----\n");
    String::from_utf8(bytes).is_ok_and(|text| text.starts_with(&begin))
}
