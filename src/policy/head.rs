//! The comments above a policy: from what it was written, what it enforces, and what it does not.

use super::{
    Body, Kind,
    grounds::{Form, Grounds, Target},
    scalar::comment,
};
use crate::{domain::claims::FULCIO, verify::signer::Identified};

/// The head of a policy.
pub(super) fn write(kind: Kind, grounds: &Grounds, body: &Body) -> String {
    let mut out = String::new();
    let mut line = |text: String| out.push_str(&comment(&text));
    if grounds.who.proved() {
        line(format!("Written by sigscope for {}, from evidence that it proved.", kind.word()));
    } else {
        line("UNPROVED: nobody demanded this signer, whoever signed is only observed.".into());
        line(format!("Written by sigscope for {} to be looked at.", kind.word()));
    }
    match &grounds.target {
        Target::Image(image) => {
            line(format!("Image:  {}", image.words()));
            if let Some(place) = &image.looked_at {
                line(format!("        its evidence was looked at in {place}, not there"));
            }
        }
        Target::File(file) => line(format!("File:   {}", file.name)),
    }
    match (grounds.who.get(), grounds.form) {
        (Identified::Certificate { identity, issuer }, form) => {
            line(format!("Signer: {identity}"));
            line(format!("        vouched for by {issuer}"));
            if form == Form::TagsOnly {
                line("        and every other version tag of the same workflow".into());
            }
        }
        (Identified::Key { .. }, _) => line("Signer: the holder of the key below".into()),
    }
    for text in &body.enforced {
        line(format!("Enforced: {text}"));
    }
    let claims = unsaid(kind, grounds);
    for text in body.not_enforced.iter().chain(&claims).chain(&grounds.beside) {
        line(format!("Not enforced: {text}"));
    }
    out
}

/// Claims that were demanded and that this kind does not compare.
fn unsaid(kind: Kind, grounds: &Grounds) -> Vec<String> {
    let compared = |number: u8| match kind {
        // `--certificate-github-workflow-…`; the issuer is always compared.
        Kind::Cosign | Kind::GithubActions => matches!(number, 1..=6 | 8),
        // `--repo`, `--source-ref` of an exact policy, `--deny-self-hosted-runners`.
        Kind::Gh => {
            let hosted = grounds.claim(11) == Some("github-hosted");
            matches!(number, 1 | 8 | 12 | 16)
                || number == 14 && grounds.form == Form::Exact
                || number == 11 && hosted
        }
        Kind::PolicyController | Kind::Kyverno | Kind::KyvernoIvp => matches!(number, 1 | 8),
    };
    let left = grounds.demanded.iter().filter(|number| !compared(**number));
    left.map(|number| {
        let name = FULCIO.iter().find(|(n, ..)| n == number).map_or("", |(.., name)| name);
        format!("the claim {name}, which was demanded here")
    })
    .collect()
}
