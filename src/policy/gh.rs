//! A command line of gh: `gh attestation verify`.

use super::{
    Body, CannotSay,
    grounds::{Form, Found, Grounds, Target},
    names, scalar,
};
use crate::{
    domain::{demand::COSIGN_SIGN, text::safe},
    verify::signer::Identified,
};

/// What gh demands where nothing else is written.
const DEFAULT_PREDICATE: &str = "https://slsa.dev/provenance/v1";
/// Who vouches for GitHub's workflows; gh compares it without being told.
const GITHUB_ISSUER: &str = "https://token.actions.githubusercontent.com";

pub(super) fn write(grounds: &Grounds) -> Result<Body, CannotSay> {
    let Identified::Certificate { identity, issuer } = grounds.who.get() else {
        return Err(CannotSay::new("gh knows certificates only, not keys: --for cosign"));
    };
    let repository = grounds.claim(12).and_then(|uri| uri.strip_prefix("https://github.com/"));
    let (Some(repository), GITHUB_ISSUER) = (repository, issuer.as_str()) else {
        return Err(CannotSay::new(
            "gh verifies what GitHub's workflows signed, and the certificate names none: --for \
             cosign",
        ));
    };
    let mut tail = vec!["--repo".to_owned(), scalar::shell("the repository", repository)?];
    let mut enforced = vec![format!("built from the repository {repository}")];
    match grounds.regexp()? {
        None => {
            tail.push("--cert-identity".into());
            tail.push(scalar::shell("the identity", identity)?);
        }
        Some(regexp) => {
            tail.push("--cert-identity-regex".into());
            tail.push(scalar::shell("the identity", &regexp)?);
        }
    }
    enforced.push("the signer above".into());
    if let (Form::Exact, Some(reference)) = (grounds.form, grounds.claim(14)) {
        tail.push("--source-ref".into());
        tail.push(scalar::shell("the ref", reference)?);
        enforced.push(format!("from {reference}"));
    }
    if grounds.claim(11) == Some("github-hosted") {
        tail.push("--deny-self-hosted-runners".into());
        enforced.push("on a runner of GitHub".into());
    }
    if !grounds.root.github {
        enforced.push("an entry in the transparency log".into());
        tail.extend(root(grounds)?);
    }
    let mut lines = vec![];
    let (object, predicates) = object(grounds)?;
    for predicate in &predicates {
        let mut words = vec!["gh attestation verify".to_owned(), object.clone()];
        words.extend(tail.iter().cloned());
        if predicate != DEFAULT_PREDICATE {
            words.push("--predicate-type".into());
            words.push(scalar::shell("the predicate type", predicate)?);
        }
        enforced.push(format!("an attestation {}", safe(predicate)));
        lines.push(words.join(" "));
    }
    let mut not_enforced = vec!["what the attestations say beside the digest".to_owned()];
    if grounds.logs.stamp_demanded {
        not_enforced.push("a signed timestamp beside the log's time".into());
    }
    let left = grounds.annotations.iter();
    not_enforced.extend(left.map(|(key, _)| format!("the annotation {key}: gh reads none")));
    Ok(Body { enforced, not_enforced, text: lines.join(" &&\n") + "\n", notes: vec![] })
}

/// The flag for a trust root of one's own.
fn root(grounds: &Grounds) -> Result<Vec<String>, CannotSay> {
    if grounds.root.is_public_good() {
        return Ok(vec![]);
    }
    let file = grounds.root.file.as_ref();
    let file =
        file.ok_or_else(|| CannotSay::new("gh takes a trust root of one's own from a file"))?;
    let file = scalar::shell("the path of the trust root", &file.display().to_string())?;
    Ok(vec!["--custom-trusted-root".into(), file])
}

/// What is verified, and which predicate types it must have.
fn object(grounds: &Grounds) -> Result<(String, Vec<String>), CannotSay> {
    let mut predicates: Vec<String> = vec![];
    predicates.extend(grounds.signature.then(|| COSIGN_SIGN.to_owned()));
    predicates.extend(grounds.attestations.iter().cloned());
    match &grounds.target {
        Target::File(file) if file.message => Err(CannotSay::new(
            "gh verifies attestations, and the file has a signature over its bytes: --for cosign",
        )),
        Target::File(file) => {
            let mut object = scalar::shell("the name of the file", &file.name)?;
            if let Some(bundle) = &file.bundle {
                let bundle = bundle.display().to_string();
                object.push_str(" --bundle ");
                object.push_str(&scalar::shell("the path of the bundle", &bundle)?);
            }
            Ok((object, grounds.attestations.clone()))
        }
        Target::Image(image) => {
            names::place(image)?;
            match &grounds.found {
                Found::Legacy { .. } => Err(CannotSay::new(
                    "gh reads bundles, and this is signed in the format before them: --for cosign",
                )),
                Found::Bundles(listed) if listed.misdescribed.is_some() => Err(CannotSay::new(
                    "gh takes bundles by the artifact type of their descriptor, and the \
                         registry's list has another one: --for cosign",
                )),
                Found::Bundles(_) if image.signatures.is_some() => Err(CannotSay::new(
                    "gh looks for bundles beside the image, and these lie elsewhere: --for cosign",
                )),
                Found::Bundles(_) => {
                    let object = format!("oci://{}", image.by_digest());
                    let object = scalar::shell("the image", &object)?;
                    Ok((object + " --bundle-from-oci", predicates))
                }
            }
        }
    }
}
