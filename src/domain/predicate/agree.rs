//! Provenance against certificate: what both say of the source must agree.
//!
//! The certificate authority took its claims from the token of the run; the predicate was written
//! by whatever ran. A workflow that signs provenance of another repository's build, or of another
//! commit, has a good signature and a false statement; only the comparison shows it. It is never a
//! verdict: a build type that is read wrongly here must not refute a release.

use super::{
    provenance::{Claim, Field, Provenance},
    source::{Place, is_commit, same_reference, workflow},
};
use crate::domain::claims::Claims;

/// One place of the predicate that contradicts the certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Disagreement {
    /// Of what they speak.
    pub field: Field,
    /// Where it stands in the predicate.
    pub place: String,
    /// What the predicate says.
    pub says: String,
    /// What the certificate says.
    pub certificate: String,
    /// Which Fulcio extension says so: its place in the arc.
    pub extension: u8,
}

/// The certificate's extensions for a field: the current one, then the deprecated one.
const fn extensions(field: Field) -> &'static [u8] {
    match field {
        Field::Repository => &[12, 5],
        Field::Commit => &[13, 3],
        // The ref of the run; the ref of the workflow's file may be another one.
        Field::Reference => &[14, 6, 18],
        // `.9` and the name of the certificate are of the workflow that signed. A reusable workflow
        // lies in another repository, and that is no disagreement.
        Field::Workflow => &[18],
    }
}

/// Every claim of the predicate that the certificate contradicts; where the certificate is silent,
/// nothing does. A materials list names one repository several times (a submodule, a reusable
/// workflow beside its caller), so of its entries one that agrees is enough.
pub fn disagreements(said: &Provenance, certificate: &Claims) -> Vec<Disagreement> {
    let mut all = vec![];
    for claim in &said.claims {
        let Some(known) = known(claim.field, certificate) else { continue };
        let agrees = |claim: &Claim| known.iter().any(|(_, value)| agree(claim, value));
        let another = || {
            let list = list_of(claim)?;
            let mut others = said.claims.iter().filter(|c| c.field == claim.field);
            others.find(|other| list_of(other) == Some(list) && agrees(other))
        };
        if agrees(claim) || another().is_some() {
            continue;
        }
        if let Some((extension, value)) = known.first() {
            all.push(Disagreement {
                field: claim.field,
                place: claim.place.clone(),
                says: claim.value.clone(),
                certificate: value.clone(),
                extension: *extension,
            });
        }
    }
    all
}

/// `materials` for `materials[3].uri`; `None` for a place that is no list.
fn list_of(claim: &Claim) -> Option<&str> {
    claim.place.split_once('[').map(|(list, _)| list)
}

/// What the certificate says of a field; `None` where it says nothing.
fn known(field: Field, certificate: &Claims) -> Option<Vec<(u8, String)>> {
    let each = extensions(field).iter().filter_map(|number| {
        let value = certificate.fulcio(*number).filter(|v| !v.is_empty())?;
        let value = match (field, number) {
            (Field::Reference, 18) => workflow(value)?.1?,
            (Field::Workflow, _) => workflow(value)?.0,
            // `owner/name` alone; the host is that of the workflow which signed.
            (Field::Repository, 5) => match host(certificate) {
                Some(host) => format!("https://{host}/{value}"),
                None => value.to_owned(),
            },
            _ => value.to_owned(),
        };
        Some((*number, value))
    });
    let all: Vec<_> = each.collect();
    // What only the workflow's own ref says is no ref of the run.
    let only_workflow = field == Field::Reference && all.iter().all(|(number, _)| *number == 18);
    (!all.is_empty() && !only_workflow).then_some(all)
}

fn host(certificate: &Claims) -> Option<&str> {
    let (_, rest) = certificate.identity()?.value().split_once("https://")?;
    rest.split_once('/').map(|(host, _)| host)
}

fn agree(claim: &Claim, known: &str) -> bool {
    let said = claim.value.as_str();
    match claim.field {
        Field::Repository => match (Place::parse(said), Place::parse(known)) {
            (Some(said), Some(known)) => said.is(&known),
            _ => said == known,
        },
        // Git prints them in lower case; a longer hash is of another repository format.
        Field::Commit => said.eq_ignore_ascii_case(known),
        Field::Reference => is_commit(said) || same_reference(said, known),
        Field::Workflow => said == known,
    }
}
