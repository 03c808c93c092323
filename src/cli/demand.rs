//! Flags → what is demanded, and words → what is inspected.

use std::{path::PathBuf, sync::Arc};

use super::{Stop, args::Flags, files, github::GitHub};
use crate::{
    domain::{
        Reference, Repository, Tag,
        claims::FULCIO,
        demand::{Demand, Matcher, Signer, Wanted, Who, predicate_type},
        goregexp::GoRegexp,
        rules::Rules,
        steps::StepName,
        target::Target,
        text::{safe, shell_word},
    },
    inspect::{Material, Subject},
};

/// What is demanded; `None` when no policy flag was given.
pub(super) fn demand(flags: &Flags) -> Result<Option<Arc<Demand>>, Stop> {
    if let Some(profile) = &flags.loaded {
        let demand = profile.demand();
        let strict = flags.files.strict;
        return Ok(Some(Arc::new(Demand { strict, ..Demand::clone(&demand) })));
    }
    let none = flags.certificate_identity.is_none()
        && flags.certificate_identity_regexp.is_none()
        && flags.certificate_oidc_issuer.is_none()
        && flags.certificate_oidc_issuer_regexp.is_none();
    let github = flags.github.demand()?;
    if let (Some(_), Some(flag)) = (&flags.bundle, flags.github.store.asks()) {
        return Err(Stop::usage(format!("{flag}: with --bundle GitHub is not asked")));
    }
    let claims = claims(flags, github.as_ref())?;
    let demands_more = flags.predicate.is_some()
        || flags.require_signature
        || flags.use_signed_timestamps
        || flags.insecure_ignore_sct
        || flags.insecure_ignore_tlog
        || flags.cosign_compatible
        || flags.new_bundle_format == Some(false)
        || flags.files.strict
        || !flags.annotations.is_empty()
        || github.is_some()
        || !claims.is_empty();
    let who = match &flags.key {
        Some(_) if !none || github.is_some() || !claims.is_empty() => {
            return Err(Stop::usage(
                "--key and the --certificate-… flags exclude each other: a key has no certificate",
            ));
        }
        Some(path) if path.as_os_str().is_empty() => return Err(Stop::usage("--key is empty")),
        Some(path) => Who::Keys(vec![path.clone()]),
        None if none && !demands_more => return Ok(None),
        None => Who::Signers(vec![Signer {
            identity: identity(flags, github.as_ref())?,
            issuer: issuer(flags, github.as_ref())?,
        }]),
    };
    let wanted = wanted(flags, github)?;
    Ok(Some(Arc::new(Demand {
        who,
        wanted,
        signed_timestamps: flags.use_signed_timestamps,
        claims,
        annotations: annotations(flags)?,
        waived: waived(flags),
        github: flags.github.source()?,
        rules: rules(flags)?,
        strict: flags.files.strict,
        words: words(flags),
    })))
}

/// Whether more is demanded than the one document that a command reads, and all of it must hold.
pub(super) const fn whole(flags: &Flags) -> bool {
    flags.require_signature || flags.loaded.is_some()
}

/// Contract: every family of flags must hold.
fn identity(flags: &Flags, github: Option<&GitHub>) -> Result<Vec<Matcher>, Stop> {
    let mut identity: Vec<Matcher> = github.iter().map(|g| g.identity.clone()).collect();
    match (&flags.certificate_identity, &flags.certificate_identity_regexp) {
        (Some(_), Some(_)) => {
            return Err(Stop::usage(
                "--certificate-identity and --certificate-identity-regexp exclude each other",
            ));
        }
        (Some(exact), None) => {
            identity.push(Matcher::Exact(filled("--certificate-identity", exact)?));
        }
        (None, Some(source)) => identity.push(regexp("--certificate-identity-regexp", source)?),
        // cosign's wording, so that a search for it finds the same answers.
        (None, None) if identity.is_empty() => {
            return Err(Stop::usage(
                "--certificate-identity or --certificate-identity-regexp is required for verification in keyless mode",
            ));
        }
        (None, None) => {}
    }
    Ok(identity)
}

fn issuer(flags: &Flags, github: Option<&GitHub>) -> Result<Vec<Matcher>, Stop> {
    let mut issuer = vec![];
    if let Some(exact) = &flags.certificate_oidc_issuer {
        issuer.push(Matcher::Exact(filled("--certificate-oidc-issuer", exact)?));
    }
    if let Some(source) = &flags.certificate_oidc_issuer_regexp {
        issuer.push(regexp("--certificate-oidc-issuer-regexp", source)?);
    }
    if issuer.is_empty()
        && let Some(github) = github
    {
        issuer.push(github.issuer.clone());
    }
    if issuer.is_empty() {
        return Err(Stop::usage(
            "--certificate-oidc-issuer or --certificate-oidc-issuer-regexp is required for verification in keyless mode",
        ));
    }
    Ok(issuer)
}

/// An empty value would match a certificate without the claim.
pub(super) fn filled(flag: &str, value: &str) -> Result<String, Stop> {
    if value.is_empty() {
        return Err(Stop::usage(format!("{flag} is empty")));
    }
    Ok(value.to_owned())
}

fn regexp(flag: &str, source: &str) -> Result<Matcher, Stop> {
    let source = filled(flag, source)?;
    let compiled = GoRegexp::new(&source)
        .map_err(|e| Stop::usage(format!("{flag} {}: {e}", shell_word(&source))))?;
    Ok(Matcher::Regexp(compiled))
}

fn wanted(flags: &Flags, github: Option<GitHub>) -> Result<Vec<Wanted>, Stop> {
    let signature = match (flags.bundle.is_some(), flags.require_signature) {
        (false, _) => Wanted::Signature,
        (true, false) => Wanted::AnyOverFile,
        (true, true) => Wanted::SignatureOverFile,
    };
    let attested = |attestation| {
        if flags.require_signature {
            vec![signature.clone(), attestation]
        } else {
            vec![attestation]
        }
    };
    let word = match (&flags.predicate, github) {
        (Some(_), Some(_)) => {
            return Err(Stop::usage(
                "--type is cosign's; with --owner or --repo it is --predicate-type",
            ));
        }
        (None, Some(github)) => return Ok(attested(github.wanted)),
        (None, None) => return Ok(vec![signature]),
        (Some(word), None) => word,
    };
    let uri = predicate_type(word).ok_or_else(|| {
        let words = "--type takes slsaprovenance, slsaprovenance1, spdx, spdxjson, cyclonedx, link, \
                     vuln, openvex, custom, or a URI";
        Stop::usage(format!("{words}, not {}", shell_word(word)))
    })?;
    Ok(attested(Wanted::Attestation(uri)))
}

/// cosign's workflow flags, `--claim` and gh's, as numbers in Fulcio's arc.
fn claims(flags: &Flags, github: Option<&GitHub>) -> Result<Vec<(u8, Matcher)>, Stop> {
    let mut claims = github.map(|g| g.claims.clone()).unwrap_or_default();
    for (number, name, value) in workflow_flags(flags) {
        if let Some(value) = value {
            let flag = format!("--certificate-github-workflow-{name}");
            claims.push((number, Matcher::Exact(filled(&flag, value)?)));
        }
    }
    for claim in &flags.claim {
        let (name, value) =
            claim.split_once('=').ok_or_else(|| Stop::usage("--claim takes NAME=VALUE"))?;
        let known = FULCIO.iter().find(|(.., key)| *key == name);
        let (number, ..) = known.ok_or_else(|| {
            let names: Vec<&str> = FULCIO.iter().map(|(.., key)| *key).collect();
            Stop::usage(format!("--claim knows {}; not {}", names.join(", "), shell_word(name)))
        })?;
        claims.push((*number, Matcher::Exact(filled("--claim", value)?)));
    }
    Ok(claims)
}

/// Whose way of judging is followed.
pub(super) fn rules(flags: &Flags) -> Result<Rules, Stop> {
    if flags.new_bundle_format == Some(false) && flags.bundle.is_some() {
        return Err(Stop::usage(
            "--new-bundle-format=false is for images; the format of --bundle is read from the file",
        ));
    }
    Ok(Rules {
        cosign_compatible: flags.cosign_compatible,
        legacy_only: flags.new_bundle_format == Some(false),
        ..Rules::default()
    })
}

/// The steps that flags waive.
fn waived(flags: &Flags) -> Vec<StepName> {
    let mut waived = vec![];
    if flags.insecure_ignore_sct {
        waived.push(StepName::Sct);
    }
    if flags.insecure_ignore_tlog {
        let log = [StepName::Set, StepName::Inclusion, StepName::Checkpoint, StepName::LogEntry];
        waived.extend(log);
    }
    waived
}

fn annotations(flags: &Flags) -> Result<Vec<(String, String)>, Stop> {
    let each = flags.annotations.iter().map(|text| match text.split_once('=') {
        Some((key, value)) if !key.is_empty() => Ok((key.to_owned(), value.to_owned())),
        _ => Err(Stop::usage(format!("-a takes KEY=VALUE, not {}", shell_word(text)))),
    });
    each.collect()
}

fn workflow_flags(flags: &Flags) -> [(u8, &'static str, &Option<String>); 5] {
    [
        (2, "trigger", &flags.certificate_github_workflow_trigger),
        (3, "sha", &flags.certificate_github_workflow_sha),
        (4, "name", &flags.certificate_github_workflow_name),
        (5, "repository", &flags.certificate_github_workflow_repository),
        (6, "ref", &flags.certificate_github_workflow_ref),
    ]
}

fn words(flags: &Flags) -> String {
    let mut words = vec![];
    for (name, value) in [
        ("--certificate-identity", &flags.certificate_identity),
        ("--certificate-identity-regexp", &flags.certificate_identity_regexp),
        ("--certificate-oidc-issuer", &flags.certificate_oidc_issuer),
        ("--certificate-oidc-issuer-regexp", &flags.certificate_oidc_issuer_regexp),
        ("--type", &flags.predicate),
    ] {
        words.extend(value.as_ref().map(|v| format!("{name} {}", shell_word(v))));
    }
    for (_, name, value) in workflow_flags(flags) {
        let flag = format!("--certificate-github-workflow-{name}");
        words.extend(value.as_ref().map(|v| format!("{flag} {}", shell_word(v))));
    }
    words.extend(flags.github.words());
    words.extend(flags.claim.iter().map(|c| format!("--claim {}", shell_word(c))));
    words.extend(flags.annotations.iter().map(|a| format!("-a {}", shell_word(a))));
    if let Some(key) = &flags.key {
        words.push(format!("--key {}", shell_word(&key.display().to_string())));
    }
    if flags.insecure_ignore_tlog {
        words.push("--insecure-ignore-tlog".into());
    }
    if flags.insecure_ignore_sct {
        words.push("--insecure-ignore-sct".into());
    }
    if flags.use_signed_timestamps {
        words.push("--use-signed-timestamps".into());
    }
    if flags.files.strict {
        words.push("--strict".into());
    }
    if flags.require_signature {
        words.push("--require-signature".into());
    }
    if flags.cosign_compatible {
        words.push("--cosign-compatible".into());
    }
    if flags.new_bundle_format == Some(false) {
        words.push("--new-bundle-format=false".into());
    }
    words.join(" ")
}

/// The target behind a word, where a word that could be two things is refused.
pub(super) fn target(word: &str, flags: &Flags) -> Result<Target, Stop> {
    if let Some(target) = path_with_bundle(word, flags) {
        return Ok(target);
    }
    if flags.bundle.is_none() && flags.github.source()?.is_some() && is_file_for_gh(word) {
        return Ok(Target::Path(PathBuf::from(word)));
    }
    let target = Target::parse(word).map_err(|e| Stop::usage(e.pointing_at(word)))?;
    let reference =
        matches!(target, Target::Artifact(_) | Target::Repository(_) | Target::Registry(_));
    // Contract: otherwise a checkout could redirect a verification.
    if reference && !word.starts_with("oci:") && std::path::Path::new(word).exists() {
        return Err(Stop::usage(format!(
            "{0} is a reference and a path that exists; write ./{0} or docker.io/{0}",
            safe(word)
        )));
    }
    Ok(target)
}

/// With `--bundle` and its like every word is a path, unless it is a digest.
fn path_with_bundle(word: &str, flags: &Flags) -> Option<Target> {
    let digest = ["sha256:", "sha384:", "sha512:"].iter().any(|p| word.starts_with(p));
    ((flags.bundle.is_some() || flags.files.say_file()) && !digest && !word.starts_with("oci:"))
        .then(|| Target::Path(PathBuf::from(word)))
}

/// With `--owner` or `--repo` a word is a file, as gh takes it, unless it can only be meant as an
/// image: with a host in front, or with a tag or digest behind.
fn is_file_for_gh(word: &str) -> bool {
    if word.starts_with("oci:") {
        return false;
    }
    let host = word.split_once('/').map(|(first, _)| first);
    let hosted = host.is_some_and(|h| h == "localhost" || h.contains(['.', ':']));
    match Target::parse(word) {
        Ok(Target::Artifact(_) | Target::Digest(_)) => false,
        Ok(Target::Repository(_)) => !hosted,
        _ => true,
    }
}

/// What a headless command inspects; `latest` where no tag was written, told to `note`.
pub(super) fn subject(
    word: &str,
    flags: &Flags,
    note: &mut dyn FnMut(String),
) -> Result<Subject, Stop> {
    let target = target(word, flags)?;
    let asked =
        flags.github.source()?.filter(|_| flags.bundle.is_none() && !flags.files.say_file());
    let target = match (target, asked) {
        (Target::Path(path), Some(source)) => {
            return Ok(Subject::File { path, material: Material::GitHub(source) });
        }
        (Target::Digest(digest), Some(source)) => {
            return Ok(Subject::Digest { digest, material: Material::GitHub(source) });
        }
        (target, _) => target,
    };
    match (target, files::material(flags)?) {
        (Target::Artifact(reference), None) => Ok(Subject::Artifact(reference)),
        (Target::Repository(repository), None) => {
            let reference = latest(repository)?;
            note(format!("no tag was written: {reference} is looked at"));
            Ok(Subject::Artifact(reference))
        }
        (Target::Path(path), _) => files::path(path, flags),
        (Target::Digest(_), Some(Material::Checksums { .. })) => {
            Err(Stop::usage("--checksums goes with a file: a list vouches for names"))
        }
        (Target::Digest(digest), Some(material)) => Ok(Subject::Digest { digest, material }),
        (Target::Artifact(_) | Target::Repository(_), Some(_)) => {
            Err(Stop::usage("--bundle and --signature go with a file or a digest"))
        }
        (Target::Digest(_), None) => {
            Err(Stop::usage("a digest wants --bundle, --signature, --owner or --repo"))
        }
        (Target::Registry(host), _) => {
            Err(Stop::usage(format!("{} names a registry, not an artifact", safe(&host))))
        }
    }
}

fn latest(repository: Repository) -> Result<Reference, Stop> {
    let tag = Tag::parse("latest").map_err(|e| Stop::usage(e.to_string()))?;
    Ok(Reference { repository, tag: Some(tag), digest: None })
}
