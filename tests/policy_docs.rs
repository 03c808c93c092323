//! `docs/policies.md` shows what is really written, and its claims about it hold.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    missing_docs,
    reason = "a test that cannot go on panics"
)]

#[path = "common/grounds.rs"]
mod grounds;
#[path = "common/webhook.rs"]
mod webhook;
#[path = "common/yaml.rs"]
mod yaml;

use std::{fs, sync::Arc};

use sigscope::{
    domain::Reference,
    inspect::grounds::{Asked, proved},
    policy::{
        Kind,
        grounds::{Form, Grounds, Root, Target},
        write,
    },
    verify::root::TrustRoot,
};

const PAGE: &str = "docs/policies.md";
/// Set to write the page anew.
const WRITE: &str = "SIGSCOPE_WRITE_DOCS";

/// The reference release as it lies on quay.io. The fixture imitates it on a private Sigstore; the
/// page shows the policies of a release of the public-good one.
fn reference(form: Form) -> Grounds {
    let demand = grounds::signed_by(grounds::RELEASE, grounds::ISSUER);
    let seen = grounds::inspect("oci:tests/fixtures/native/layout:4.0.0", Some(demand));
    let image = Reference::parse("quay.io/enix/x509-certificate-exporter").unwrap().repository;
    let mut grounds = proved(&seen, &Asked { form, image: Some(image) }).unwrap();
    let root = Some(Arc::new(TrustRoot::embedded().unwrap()));
    grounds.root = Root { root, file: None, github: false };
    let Target::Image(image) = &mut grounds.target else { panic!() };
    image.looked_at = None;
    grounds
}

/// The page with every block behind `<!-- policy KIND -->` as it is written now.
fn page() -> String {
    let text = fs::read_to_string(PAGE).unwrap();
    let (mut out, mut lines) = (String::new(), text.lines());
    let mut shown = vec![];
    while let Some(line) = lines.next() {
        out.push_str(line);
        out.push('\n');
        let Some(words) = line.strip_prefix("<!-- policy ").and_then(|l| l.strip_suffix(" -->"))
        else {
            continue;
        };
        let (word, form) = match words.split_once(' ') {
            Some((word, "tags-only")) => (word, Form::TagsOnly),
            _ => (words, Form::Exact),
        };
        let kind = Kind::parse(word).unwrap();
        shown.push(kind);
        out.push_str(lines.next().unwrap());
        out.push('\n');
        out.push_str(&write(kind, &reference(form)).unwrap().text);
        let end = lines.by_ref().find(|line| *line == "```");
        out.push_str(end.unwrap());
        out.push('\n');
    }
    for kind in Kind::ALL {
        assert!(shown.contains(&kind), "{kind:?} is not on the page");
    }
    out
}

#[test]
fn the_page_shows_what_is_written() {
    let now = page();
    if std::env::var_os(WRITE).is_some() {
        fs::write(PAGE, &now).unwrap();
    }
    let then = fs::read_to_string(PAGE).unwrap();
    for (number, (then, now)) in then.lines().zip(now.lines()).enumerate() {
        assert_eq!(then, now, "{PAGE}:{}; {WRITE}=1 writes it anew", number + 1);
    }
    assert_eq!(then.lines().count(), now.lines().count(), "{WRITE}=1 writes it anew");
}

#[test]
fn what_is_on_the_page_is_taken_by_the_webhook() {
    let policy = write(Kind::PolicyController, &reference(Form::Exact)).unwrap();
    let documents = yaml::documents(&policy.text);
    assert_eq!(documents.len(), 1);
    assert_eq!(webhook::faults(&documents[0]), Vec::<String>::new());
}

#[test]
fn the_guides_policy_looks_at_another_format_than_the_release_has() {
    // As the guide prints it: no `signatureFormat`, so the controller's default.
    let text = fs::read_to_string(PAGE).unwrap();
    let begin = text.find("apiVersion: policy.sigstore.dev/v1beta1\nkind: ClusterImagePolicy\nmetadata:\n  name: enix-x509").unwrap();
    let block = text.get(begin..).unwrap();
    let block = block.get(..block.find("```").unwrap()).unwrap();
    let guide = &yaml::documents(block)[0];
    assert_eq!(webhook::faults(guide), Vec::<String>::new());
    assert!(guide["spec"]["authorities"][0]["signatureFormat"].is_null());
    let written = write(Kind::PolicyController, &reference(Form::Exact)).unwrap();
    let ours = &yaml::documents(&written.text)[0];
    assert_eq!(ours["spec"]["authorities"][0]["signatureFormat"], "bundle");
    // Both know the same signer.
    let identity = "/spec/authorities/0/keyless/identities/0/subject";
    assert_eq!(guide.pointer(identity), ours.pointer(identity));
    let glob = guide.pointer("/spec/images/0/glob").unwrap().as_str().unwrap();
    assert!(glob.starts_with("**/"), "{glob}");
}
