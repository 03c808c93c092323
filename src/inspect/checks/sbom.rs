//! Parsing the SBOM of an attestation.

use std::sync::Arc;

use super::blocking;
use crate::{
    domain::{
        Digest,
        oci::{Descriptor, Manifest},
        sbom::{Sbom, SbomError, Source, paths::Paths},
        verdict::{Answer, Judgement},
    },
    inspect::{Allowance, Facts, Finding, FoundPiece, SbomFacts},
};

pub(super) async fn run(
    found: &FoundPiece,
    resolved: Option<&Finding>,
    allowance: &Allowance,
) -> Finding {
    let children = match resolved.map(|finding| &finding.facts) {
        Some(Facts::Resolved(resolved)) => match &resolved.manifest {
            Manifest::Index(index) => index.manifests.as_slice(),
            Manifest::Image(_) => &[],
        },
        _ => &[],
    };
    let predicate = found.piece.statement.as_ref().and_then(|s| s.get().predicate.clone());
    let Some(predicate) = predicate else {
        return Finding::new(Answer::Undecided, "the attestation has no predicate");
    };
    if !allowance.keeps_sbom(&found.piece, predicate.len()) {
        let words =
            format!("more SBOMs than are kept: one of {} bytes was not read", predicate.len());
        return Finding::new(Answer::Undecided, words);
    }
    let document = document(&predicate);
    let read = move || {
        let sbom = Sbom::parse(document)?;
        Ok::<_, SbomError>((Paths::new(&sbom), sbom))
    };
    match blocking(read).await {
        Ok((paths, sbom)) => finding(found, children, Arc::new(sbom), Arc::new(paths)),
        Err(e) => Finding::new(Answer::Undecided, format!("the SBOM cannot be read: {e}")),
    }
}

/// The predicate itself, or the text in it: cosign's `--type spdx` wraps tag-value in a string.
fn document(predicate: &Arc<str>) -> Source {
    match serde_json::from_str::<String>(predicate) {
        Ok(text) => Source::from(text),
        Err(_) => Source::from(Arc::clone(predicate)),
    }
}

fn finding(
    found: &FoundPiece,
    children: &[Descriptor],
    sbom: Arc<Sbom>,
    paths: Arc<Paths>,
) -> Finding {
    let attested = found.piece.judgement == Judgement::Proved;
    let platform = platform(&sbom, children);
    let counts = sbom.counts();
    let standing = match found.piece.judgement {
        Judgement::Proved => "attested",
        Judgement::Valid => "attested by a signer that nobody demanded",
        Judgement::Undecided | Judgement::Refuted => "UNVERIFIED",
    };
    let words = format!(
        "{}, {} components, {} edges, {standing}",
        sbom.format(),
        counts.components,
        counts.edges
    );
    let facts = SbomFacts {
        sbom,
        paths,
        attested,
        carrier: found.carrier.clone(),
        platform: platform.clone(),
    };
    let finding = Finding::new(found.piece.judgement.into(), words).with(Facts::Sbom(facts));
    match (children.is_empty(), platform) {
        (true, _) => finding,
        (false, Some(platform)) => finding.warn(
            "sbom-platform-scope",
            format!("the SBOM is attached to the index but describes {platform} only"),
        ),
        (false, None) => finding.warn(
            "sbom-platform-scope",
            "the SBOM is attached to the index; which platform it describes is not said",
        ),
    }
}

/// syft names the manifest that it scanned as the version of the document's subject.
fn platform(sbom: &Sbom, children: &[Descriptor]) -> Option<String> {
    let scanned: Digest = sbom.root()?.version()?.parse().ok()?;
    let child = children.iter().find(|c| c.digest == scanned)?;
    child.platform.as_ref().map(ToString::to_string)
}
