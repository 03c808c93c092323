//! What the attestations of a release say of vulnerabilities in the components of one of its SBOMs.

use super::{FoundPiece, Inspection, SbomFacts, Subject, verdict};
use crate::{
    domain::{
        sbom::vulnerabilities::{Attested, Findings, Product, Standing},
        verdict::Judgement,
    },
    verify::{Evidence, Kind, Piece},
};

impl Inspection {
    /// What is said of the components of an SBOM of this release: by the SBOM and by the other
    /// attestations, each as far as it may be believed. Reads all of them, which takes
    /// milliseconds to a second: to be called when an SBOM is shown and when pieces come in, and
    /// not for every frame.
    pub fn vulnerabilities(&self, shown: &SbomFacts) -> Findings {
        let document = shown.sbom.source().text();
        let (mut own, mut others) = (Standing::Observed, vec![]);
        for found in self.pieces().map(|(_, found)| found) {
            let Some(attested) = attested(&found.piece) else { continue };
            if attested.predicate != document {
                others.push(attested);
            } else if found.carrier == shown.carrier {
                own = own.max(attested.standing);
            }
        }
        // What the check found out when the SBOM was read stands, whatever became of the piece.
        own = if shown.attested { Standing::Proved } else { own.min(Standing::Valid) };
        let findings = Findings::of(&shown.sbom, own, &self.product(), others);
        match self.unread_attestations() {
            Some(why) => findings.with_left_out(why),
            None => findings,
        }
    }

    fn product(&self) -> Product {
        let remote = self.subject.reference().filter(|r| r.repository.host().is_some());
        let named = self.digest().map(ToString::to_string);
        // Of a platform that was chosen out of an index, both are the product.
        let listed = self.resolved().and_then(|resolved| resolved.listed_in.as_ref());
        Product {
            digests: named
                .into_iter()
                .chain(listed.map(|index| index.digest.to_string()))
                .collect(),
            repository: remote.map(|reference| reference.repository.to_string()),
        }
    }

    /// Why there may be attestations that nobody has read.
    fn unread_attestations(&self) -> Option<String> {
        // Nobody was asked, and nobody is to be: the document is all there is.
        if matches!(self.subject, Subject::Document(_)) {
            return None;
        }
        let unread = |found: &FoundPiece| found.piece.kind == Kind::Unknown;
        let unread = self.pieces().filter(|(_, found)| unread(found)).count();
        verdict::discovery(self, false).err().or_else(|| {
            (unread > 0).then(|| format!("attestations that could not be read: {unread}"))
        })
    }
}

/// An attestation's predicate, and whose word it is.
fn attested(piece: &Piece) -> Option<Attested<'_>> {
    let evidence = piece.statement.as_ref().filter(|_| piece.kind == Kind::Attestation)?;
    let statement = evidence.get();
    Some(Attested {
        standing: standing(piece.judgement, evidence),
        predicate_type: &statement.predicate_type,
        predicate: statement.predicate.as_deref()?,
    })
}

/// Whose word a statement is: never more than what vouches for it.
fn standing<T>(judgement: Judgement, evidence: &Evidence<T>) -> Standing {
    match (evidence.verified().is_some(), judgement) {
        (false, _) => Standing::Observed,
        (true, Judgement::Proved) => Standing::Proved,
        (true, Judgement::Valid) => Standing::Valid,
        (true, Judgement::Undecided | Judgement::Refuted) => Standing::OtherSigner,
    }
}
