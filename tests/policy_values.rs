//! Hostile values in every kind of policy: what is read back is exactly what went in, or nothing
//! was written.
#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    missing_docs,
    reason = "a test that cannot go on panics"
)]

#[path = "common/webhook.rs"]
mod webhook;
#[path = "common/yaml.rs"]
mod yaml;

use std::{path::PathBuf, process::Command, sync::Arc};

use serde_json::Value;
use sigscope::{
    domain::{Digest, Reference, Tag},
    policy::{
        Kind,
        grounds::{Form, Found, Grounds, Image, Listed, Logs, Root, Suggested, Target, Who},
        write,
    },
    verify::root::TrustRoot,
};
use yaml::at;

/// Texts that end a scalar, a word or a comment, or that somebody evaluates.
const HOSTILE: &[&str] = &[
    "${{ secrets.TOKEN }}",
    "{{ request.object }}",
    "$(touch pwned)",
    "`touch pwned`",
    "\"; touch pwned; \"",
    "'; touch pwned; '",
    "a' b",
    "a\" b",
    "a\\",
    "\\n",
    "a\nb: c",
    "a\r\n- b",
    "# no comment",
    "a # b",
    "- a",
    "a: b",
    "&a",
    "*a",
    "!!binary x",
    "%TAG",
    "@x",
    "|",
    ">-",
    "?",
    "null",
    "~",
    "yes",
    "1e3",
    "0x1f",
    "2026-01-01",
    "---",
    "...",
    " leading",
    "trailing ",
    "\ttab",
    "{a: b}",
    "[a]",
    "a\u{202e}b",
    "a\u{2066}b\u{2069}",
    "a\u{200b}b",
    "\u{feff}a",
    "\u{1b}[31m",
    "\u{7f}",
    "a\u{85}b\u{2028}c",
    "日本 é 🦀",
    "--rekor-url=https://evil.example",
    "a*b?c",
    "$HOME",
    "${IFS}",
    "!history",
    "a;b&c|d>e<f",
];

const ISSUER: &str = "https://token.actions.githubusercontent.com";

fn grounds(found: Found, identity: &str) -> Grounds {
    let digest = Digest::sha256(b"x");
    Grounds {
        who: Who::Suggested(Suggested::new(identity.to_owned(), ISSUER.to_owned())),
        form: Form::Exact,
        target: Target::Image(Image {
            repository: Reference::parse("quay.io/enix/x").unwrap().repository,
            digest,
            tag: Some(Tag::parse("4.0.0").unwrap()),
            looked_at: None,
            signatures: None,
        }),
        found,
        signature: true,
        attestations: vec![],
        root: Root { root: None, file: None, github: false },
        logs: Logs { entry: true, sct: true, promised: true, ..Logs::default() },
        claims: vec![(12, "https://github.com/o/r".into())],
        demanded: vec![],
        annotations: vec![],
        key_file: None,
        beside: vec![],
    }
}

fn bundles() -> Found {
    Found::Bundles(Listed { fallback: false, misdescribed: None })
}

fn legacy() -> Found {
    Found::Legacy { hidden: false }
}

/// The words that a shell hands to `cosign` or `gh`, every command after the other.
fn shell(script: &str, env: &[(String, String)]) -> Vec<String> {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    let fake = "cosign() { printf '%s\\0' \"$@\"; }; gh() { printf '%s\\0' \"$@\"; }\n";
    let out = folder.join(format!("policy-values-{}", std::process::id()));
    let ran = Command::new("bash")
        .args(["-c", &format!("{fake}{script}")])
        .current_dir(&folder)
        .env("RUNNER_TEMP", &folder)
        .env("GITHUB_OUTPUT", &out)
        .envs(env.iter().map(|(name, value)| (name, value)))
        .output()
        .unwrap();
    let _ = std::fs::remove_file(out);
    assert!(ran.status.success(), "{script}\n{}", String::from_utf8_lossy(&ran.stderr));
    assert!(!folder.join("pwned").exists(), "{script}");
    let words = String::from_utf8(ran.stdout).unwrap();
    words.split_terminator('\0').map(str::to_owned).collect()
}

/// The words of the commands in a policy of that kind; of a workflow as its step runs them.
fn commands(kind: Kind, text: &str) -> Vec<String> {
    if kind != Kind::GithubActions {
        return shell(text, &[]);
    }
    let workflow = &yaml::documents(text)[0];
    let step = at(workflow, "jobs/verify/steps/1");
    let run = step["run"].as_str().unwrap();
    assert!(!run.contains("${{"), "nothing is evaluated in a script: {run}");
    let env = step["env"].as_object().unwrap();
    let env: Vec<(String, String)> =
        env.iter().map(|(k, v)| (k.clone(), v.as_str().unwrap().to_owned())).collect();
    assert!(env.iter().all(|(_, value)| !value.contains("${{")), "{env:?}");
    shell(run, &env)
}

/// Every text under a name, wherever it stands.
fn under(value: &Value, name: &str, found: &mut Vec<String>) {
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                if key == name {
                    found.extend(value.as_str().map(str::to_owned));
                }
                under(value, name, found);
            }
        }
        Value::Array(list) => {
            for value in list {
                under(value, name, found);
            }
        }
        _ => {}
    }
}

fn texts(text: &str, name: &str) -> Vec<String> {
    let mut found = vec![];
    for value in &yaml::documents(text) {
        under(value, name, &mut found);
    }
    found
}

const SHELLS: [Kind; 3] = [Kind::Cosign, Kind::Gh, Kind::GithubActions];

#[test]
fn a_hostile_identity_is_read_back_exactly_or_nothing_is_written() {
    let (mut written, mut refused) = (0, 0);
    for text in HOSTILE {
        for kind in Kind::ALL {
            for found in [bundles(), legacy()] {
                let Ok(policy) = write(kind, &grounds(found.clone(), text)) else {
                    refused += 1;
                    continue;
                };
                written += 1;
                let head = policy.text.lines().take_while(|line| line.starts_with('#'));
                assert!(head.count() > 3, "the head is whole: {}", policy.text);
                assert!(policy.text.starts_with("# UNPROVED"), "{}", policy.text);
                let control = |c: char| c != '\n' && c.is_control() || c == '\u{202e}';
                assert!(!policy.text.contains(control), "{text:?} {kind:?}");
                if SHELLS.contains(&kind) {
                    let words = commands(kind, &policy.text);
                    let at = words.iter().position(|w| {
                        matches!(w.as_str(), "--certificate-identity" | "--cert-identity")
                    });
                    assert_eq!(words[at.unwrap() + 1], *text, "{kind:?}");
                    continue;
                }
                let exact = texts(&policy.text, "subject");
                let expressions = texts(&policy.text, "subjectRegExp");
                // Kyverno reads wildcards in the subject of the format before bundles.
                let wild = kind == Kind::Kyverno && text.contains(['*', '?']) && found == legacy();
                assert_eq!(exact.is_empty(), wild, "{kind:?} {text:?}");
                assert!(exact.iter().all(|value| value == text), "{kind:?}: {exact:?} {text:?}");
                for expression in &expressions {
                    let regexp = sigscope::domain::goregexp::GoRegexp::new(expression).unwrap();
                    assert!(regexp.is_match(text) && !regexp.is_match(&format!("{text}x")));
                }
                for document in yaml::documents(&policy.text) {
                    assert_eq!(webhook::faults(&document), Vec::<String>::new(), "{text:?}");
                }
            }
        }
    }
    // Enough of both, so that neither is the answer to everything.
    assert!(written > 300 && refused > 50, "{written} {refused}");
}

#[test]
fn hostile_annotations_and_predicate_types_are_read_back_exactly_or_nothing_is_written() {
    for text in HOSTILE {
        for kind in [Kind::Cosign, Kind::GithubActions, Kind::Kyverno, Kind::KyvernoIvp] {
            let mut grounds = grounds(legacy(), "https://example.com/signer");
            let predicate = format!("https://example.com/{text}");
            grounds.annotations = vec![("key".into(), (*text).to_owned())];
            grounds.attestations = vec![predicate.clone()];
            let Ok(policy) = write(kind, &grounds) else { continue };
            if SHELLS.contains(&kind) {
                let words = commands(kind, &policy.text);
                assert!(words.contains(&format!("key={text}")), "{kind:?} {words:?}");
                assert!(words.contains(&predicate), "{kind:?} {words:?}");
            } else {
                assert!(texts(&policy.text, "key").contains(&(*text).to_owned()), "{kind:?}");
                assert!(texts(&policy.text, "type").contains(&predicate), "{kind:?}");
            }
            // The name is foreign as well.
            grounds.annotations = vec![((*text).to_owned(), "value".into())];
            let Ok(policy) = write(kind, &grounds) else { continue };
            if !SHELLS.contains(&kind) {
                assert!(texts(&policy.text, text).contains(&"value".to_owned()), "{kind:?} {text}");
            }
        }
    }
}

#[test]
fn what_github_and_kyverno_evaluate_is_never_written_for_them() {
    for (text, kind) in [
        ("${{ secrets.X }}", Kind::GithubActions),
        ("{{ request.object }}", Kind::Kyverno),
        ("$(./../x)", Kind::Kyverno),
        ("a\nb", Kind::Cosign),
        ("a\u{202e}b", Kind::Gh),
    ] {
        for found in [bundles(), legacy()] {
            assert!(write(kind, &grounds(found, text)).is_err(), "{text:?} {kind:?}");
        }
    }
}

#[test]
fn the_image_is_named_as_each_controller_reads_it() {
    let names = |repository: &str, kind: Kind| {
        let mut grounds = grounds(legacy(), "https://example.com/signer");
        let Target::Image(image) = &mut grounds.target else { panic!() };
        image.repository = Reference::parse(repository).unwrap().repository;
        let text = write(kind, &grounds).map(|written| written.text);
        let name = if kind == Kind::Kyverno { "imageReferences" } else { "glob" };
        text.map(|text| {
            let documents = yaml::documents(&text);
            let lists = at(&documents[0], "spec/rules/0/verifyImages/0/imageReferences");
            match lists.as_array().filter(|_| name == "imageReferences") {
                Some(list) => list.iter().map(|v| v.as_str().unwrap().to_owned()).collect(),
                None => texts(&text, name),
            }
        })
        .map_err(|_why| ())
    };
    let hub = ["index.docker.io/enix/x:*", "index.docker.io/enix/x@*"].map(str::to_owned).to_vec();
    assert_eq!(names("enix/x", Kind::PolicyController), Ok(hub));
    let own = ["localhost:5000/a/b__c:*", "localhost:5000/a/b__c@*"].map(str::to_owned).to_vec();
    assert_eq!(names("localhost:5000/a/b__c", Kind::PolicyController), Ok(own));
    let hub = ["docker.io/enix/x:*", "docker.io/enix/x@*"].map(str::to_owned).to_vec();
    assert_eq!(names("enix/x", Kind::Kyverno), Ok(hub));
    let spelt = names("alpine", Kind::KyvernoIvp).unwrap();
    for name in ["alpine", "library/alpine:*", "docker.io/library/alpine@*", "alpine@*"] {
        assert!(spelt.contains(&name.to_owned()), "{name}: {spelt:?}");
    }
    for kind in [Kind::PolicyController, Kind::Kyverno, Kind::KyvernoIvp] {
        assert_eq!(names("[::1]:5000/x", kind), Err(()), "{kind:?}");
    }
}

#[test]
fn what_was_found_decides_the_format_and_whether_a_kind_can_say_it() {
    use Kind::{Cosign, Gh, GithubActions, Kyverno, KyvernoIvp, PolicyController};
    let own = TrustRoot::parse(include_bytes!("fixtures/trusted_root.json"), "f", "file").unwrap();
    let own = Root { root: Some(Arc::new(own)), file: Some("f.json".into()), github: false };
    let public = Root { root: None, file: None, github: false };
    let wrong =
        Listed { fallback: true, misdescribed: Some("application/vnd.oci.empty.v1+json".into()) };
    let v1 = Logs { entry: true, sct: true, promised: true, ids: vec![log(0)], ..Logs::default() };
    let unpromised = Logs { promised: false, timestamp: true, ..v1.clone() };
    let v2 = Logs { rekor_v2: true, ids: vec![log(1)], ..unpromised.clone() };
    let none = Logs { timestamp: true, sct: true, ..Logs::default() };
    for (found, root, logs, refused) in [
        (bundles(), &public, &v1, &[][..]),
        (legacy(), &public, &v1, &[Gh]),
        (Found::Legacy { hidden: true }, &public, &v1, &[Gh, KyvernoIvp]),
        (Found::Bundles(wrong), &public, &v1, &[Gh, Kyverno]),
        (bundles(), &own, &v1, &[Kyverno]),
        (legacy(), &own, &v1, &[Gh]),
        (bundles(), &own, &v2, &[PolicyController, Kyverno]),
        (bundles(), &public, &unpromised, &[PolicyController]),
        (bundles(), &public, &none, &[PolicyController]),
        (bundles(), &own, &none, &[Kyverno]),
    ] {
        for kind in Kind::ALL {
            let mut grounds = grounds(found.clone(), "https://example.com/signer");
            (grounds.root, grounds.logs) = (root.clone(), logs.clone());
            let written = write(kind, &grounds);
            assert_eq!(
                written.is_err(),
                refused.contains(&kind),
                "{kind:?} {found:?}: {written:?}"
            );
            let Ok(written) = written else { continue };
            let bundle = matches!(found, Found::Bundles(_));
            let says = |words: &str| written.text.contains(words);
            match kind {
                PolicyController if bundle => assert!(says("signatureFormat: bundle")),
                PolicyController => assert!(says("signatureFormat: legacy")),
                Kyverno if bundle => assert!(says("type: SigstoreBundle")),
                Kyverno => assert!(says("type: Cosign")),
                Cosign | GithubActions => assert_eq!(says("--new-bundle-format=false"), !bundle),
                Gh | KyvernoIvp => {}
            }
            for document in
                yaml::documents(&written.text).iter().filter(|_| kind != Cosign && kind != Gh)
            {
                assert_eq!(webhook::faults(document), Vec::<String>::new(), "{kind:?}");
            }
        }
    }
}

/// The id of a log of the fixtures' root.
fn log(number: usize) -> String {
    let root = TrustRoot::parse(include_bytes!("fixtures/trusted_root.json"), "f", "file").unwrap();
    root.material().unwrap().rekor[number].id.clone()
}
