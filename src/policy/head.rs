//! The comments above a policy: from what it was written, what it enforces, and what it does not.

use super::{
    Body, Kind,
    grounds::{Form, Grounds, Target},
    scalar::comment,
};
use crate::verify::signer::Identified;

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
    for text in body.not_enforced.iter().chain(&grounds.beside) {
        line(format!("Not enforced: {text}"));
    }
    out
}
