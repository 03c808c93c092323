//! From a finished inspection to what a policy may be written from.

use std::sync::Arc;

use super::{
    CheckKind, Facts, FoundPiece, Inspection, Material, RootFacts, RootSource, Source, Subject,
    verdict::overall,
};
use crate::{
    domain::{
        Repository, Verdict,
        claims::{Claims, FULCIO},
        demand::{Demand, Matcher, Wanted},
        predicate::Family,
        steps::StepName,
        text::safe,
        verdict::Judgement,
    },
    policy::{
        CannotSay,
        grounds::{File, Form, Found, Grounds, Image, Listed, Logs, Root, Suggested, Target, Who},
    },
    verify::{
        Evidence, Format, Instance, Kind, Piece,
        key::TrustedKey,
        signer::{Identified, ProvedSigner},
    },
};

/// What somebody wants to have written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    /// How the identity is written.
    pub form: Form,
    /// Under which name the image is used, where that is not the one that was looked at.
    pub image: Option<Repository>,
}

/// Why nothing can be written from an inspection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoGrounds {
    /// What is demanded is not proved, or nothing was demanded: the verdict, and why.
    NotProved(Verdict, String),
    /// It is proved, in a way that no policy can say.
    CannotSay(CannotSay),
}

impl From<CannotSay> for NoGrounds {
    fn from(why: CannotSay) -> Self {
        Self::CannotSay(why)
    }
}

/// What the proved signer of an inspection allows to be written.
///
/// # Errors
/// [`NoGrounds`] where the demand is not proved, and where one policy cannot say what is.
pub fn proved(seen: &Inspection, asked: &Asked) -> Result<Grounds, NoGrounds> {
    let judged = overall(seen);
    let Some(demand) = &seen.demand else {
        return Err(NoGrounds::NotProved(Verdict::Undecided, "nobody demanded a signer".into()));
    };
    let verdict = if judged.running { Verdict::Undecided } else { judged.verdict };
    if verdict != Verdict::Proved {
        return Err(NoGrounds::NotProved(verdict, judged.reason));
    }
    refuse(demand)?;
    let keys: Vec<Arc<TrustedKey>> = match seen.finding(CheckKind::Key).map(|f| &f.facts) {
        Some(Facts::Keys(keys)) => keys.clone(),
        _ => vec![],
    };
    let signer = |piece: &Piece| ProvedSigner::of(piece, keys.iter().map(AsRef::as_ref));
    let all = carried(seen, demand.rules.legacy_only);
    let by: Vec<(&FoundPiece, ProvedSigner)> =
        all.iter().filter_map(|found| Some((*found, signer(&found.piece)?))).collect();
    let chosen = choose(&by, demand).ok_or_else(|| {
        CannotSay::new(
            "what is demanded is proved, but by several signers, or by a bundle before version \
             0.3, which cosign and the controllers do not read: one policy cannot say it",
        )
    })?;
    let same: Vec<&FoundPiece> = by
        .iter()
        .filter(|(found, who)| who == &chosen.1 && legacy(found) == legacy(chosen.0))
        .map(|(found, _)| *found)
        .collect();
    let mut grounds = from(seen, asked, Who::Proved(chosen.1.clone()), &same, demand.as_ref())?;
    let at = keys.iter().position(|key| match chosen.1.get() {
        Identified::Key { pem } => key.pem() == *pem,
        Identified::Certificate { .. } => false,
    });
    grounds.key_file = at.and_then(|at| demand.keys().get(at)).cloned();
    Ok(grounds)
}

/// What the observed signer of an inspection without a demand would allow to be written; unproved,
/// whatever its evidence says. Nobody whose evidence does not hold is suggested.
///
/// # Errors
/// [`NoGrounds`] where there is no such signer.
pub fn suggested(seen: &Inspection, asked: &Asked) -> Result<Grounds, NoGrounds> {
    let none = |why: String| NoGrounds::NotProved(Verdict::Undecided, why);
    if seen.demand.is_some() {
        return Err(none("a signer was demanded, so no other one is suggested".into()));
    }
    if seen.digest().is_none() || !seen.decided() {
        let judged = overall(seen);
        let verdict = judged.verdict.max(Verdict::Absent);
        return Err(NoGrounds::NotProved(verdict, judged.reason));
    }
    let signer = |found: &FoundPiece| {
        let claims = match found.piece.claims.as_ref()? {
            Evidence::Verified(claims) => claims.get(),
            Evidence::Observed(_) => return None,
        };
        let (identity, issuer) = (claims.identity()?.value(), claims.issuer()?);
        let holds = found.piece.judgement == Judgement::Valid && !identity.is_empty();
        holds.then(|| (identity.to_owned(), issuer.to_owned()))
    };
    let all = carried(seen, false);
    let by: Vec<(&FoundPiece, (String, String))> =
        all.iter().filter_map(|found| Some((*found, signer(found)?))).collect();
    let first = by
        .iter()
        .min_by_key(|(found, _)| (legacy(found), found.piece.kind == Kind::Attestation))
        .ok_or_else(|| none("no evidence that holds names a signer".into()))?;
    let same: Vec<&FoundPiece> = by
        .iter()
        .filter(|(found, who)| *who == first.1 && legacy(found) == legacy(first.0))
        .map(|(found, _)| *found)
        .collect();
    let (identity, issuer) = first.1.clone();
    let who = Who::Suggested(Suggested::new(identity, issuer));
    from(seen, asked, who, &same, &Demand::any())
}

/// What one policy cannot say of a demand.
fn refuse(demand: &Demand) -> Result<(), CannotSay> {
    if demand.rules.threshold > 1 {
        return Err(CannotSay::new(
            "several signers are demanded together, and a policy that is written here names one",
        ));
    }
    if demand.release().is_some() {
        return Err(CannotSay::new("a release of GitHub is verified with `gh release verify`"));
    }
    Ok(())
}

/// The pieces that the programs read for which a policy is written.
fn carried(seen: &Inspection, legacy_only: bool) -> Vec<&FoundPiece> {
    let read = |found: &&FoundPiece| match found.source {
        // cosign takes bundles of an image from version 0.3 on.
        Source::Referrer | Source::FallbackTag => {
            found.piece.format == Format::Bundle03 && !legacy_only
        }
        Source::LegacyTag => found.piece.format == Format::CosignLegacy,
        Source::File | Source::GitHub => true,
    };
    seen.pieces().map(|(_, found)| found).filter(read).collect()
}

fn legacy(found: &FoundPiece) -> bool {
    found.source == Source::LegacyTag
}

/// The first signer who meets everything that is wanted, bundles before what was there before them.
fn choose<'a>(
    by: &'a [(&'a FoundPiece, ProvedSigner)],
    demand: &Demand,
) -> Option<&'a (&'a FoundPiece, ProvedSigner)> {
    let meets = |found: &FoundPiece, wanted: &Wanted| match wanted {
        Wanted::Signature if demand.rules.cosign_compatible => true,
        Wanted::Signature => found.piece.kind == Kind::Signature,
        Wanted::Attestation(uri) => found.piece.predicate_type.as_deref() == Some(uri),
        Wanted::SignatureOverFile => found.piece.kind != Kind::Attestation,
        Wanted::AnyOverFile | Wanted::Forbidden(_) => true,
        Wanted::Release(_) => false,
    };
    let all = |one: &&(&FoundPiece, ProvedSigner)| {
        demand.wanted.iter().all(|wanted| {
            by.iter().any(|(found, who)| {
                *who == one.1 && legacy(found) == legacy(one.0) && meets(found, wanted)
            })
        })
    };
    by.iter().filter(all).min_by_key(|(found, _)| legacy(found))
}

/// Grounds from the pieces of one signer in one format.
fn from(
    seen: &Inspection,
    asked: &Asked,
    who: Who,
    pieces: &[&FoundPiece],
    demand: &Demand,
) -> Result<Grounds, NoGrounds> {
    let (rules, left) = rules(pieces, demand);
    let signature = pieces.iter().any(|found| found.piece.kind == Kind::Signature);
    let counts = |found: &&&FoundPiece| {
        let uri = found.piece.predicate_type.as_ref();
        found.piece.kind != Kind::Attestation || uri.is_some_and(|uri| rules.contains(uri))
    };
    let used: Vec<&FoundPiece> = pieces.iter().filter(counts).copied().collect();
    let first = used.first().ok_or_else(|| {
        CannotSay::new("neither a signature nor an SBOM nor provenance is there to be demanded")
    })?;
    let claims = first.piece.claims.as_ref().map(Evidence::get);
    let mut beside: Vec<String> =
        left.iter().map(|uri| format!("the attestation {}, which is there", safe(uri))).collect();
    beside.extend(demand.wanted.iter().filter_map(|wanted| match wanted {
        Wanted::Forbidden(uri) => Some(format!("that no attestation {uri} is there")),
        _ => None,
    }));
    let exact = |matcher: &Matcher| matches!(matcher, Matcher::Exact(_) | Matcher::AnyCase(_));
    for (number, matcher) in demand.claims.iter().filter(|(_, matcher)| !exact(matcher)) {
        let name = FULCIO.iter().find(|(n, ..)| n == number).map_or("", |(.., name)| name);
        beside.push(format!("the claim {name} {}", matcher.words()));
    }
    Ok(Grounds {
        who,
        form: asked.form,
        target: target(seen, asked, first)?,
        found: found(seen, &used),
        signature,
        attestations: rules,
        root: root(seen, &first.piece)?,
        logs: logs(&used, demand),
        claims: claims.map(observed).unwrap_or_default(),
        demanded: demand.claims.iter().filter(|(_, m)| exact(m)).map(|(n, _)| *n).collect(),
        annotations: demand.annotations.clone(),
        key_file: None,
        beside,
    })
}

/// The predicate types that get a rule: what is demanded, SBOMs and provenance; and those that are
/// there and get none.
fn rules(pieces: &[&FoundPiece], demand: &Demand) -> (Vec<String>, Vec<String>) {
    let (mut rules, mut left): (Vec<String>, Vec<String>) = (vec![], vec![]);
    for found in pieces.iter().filter(|found| found.piece.kind == Kind::Attestation) {
        let Some(uri) = &found.piece.predicate_type else { continue };
        let demanded = demand.wanted.contains(&Wanted::Attestation(uri.clone()));
        let told =
            matches!(Family::of(uri), Family::CycloneDx | Family::Spdx | Family::Provenance(_));
        let list = if demanded || told { &mut rules } else { &mut left };
        if !list.contains(uri) {
            list.push(uri.clone());
        }
    }
    rules.sort();
    (rules, left)
}

fn observed(claims: &Claims) -> Vec<(u8, String)> {
    let known = claims.extensions.iter().filter(|extension| extension.decoded);
    known.filter_map(|e| Some((e.fulcio?, e.value.clone()))).collect()
}

fn target(seen: &Inspection, asked: &Asked, first: &FoundPiece) -> Result<Target, CannotSay> {
    let message = first.piece.kind == Kind::MessageSignature;
    let file = |name: String, material: &Material| match material {
        Material::Bundle(bundle) => {
            Ok(Target::File(File { name, bundle: Some(bundle.clone()), message }))
        }
        Material::GitHub(_) => Ok(Target::File(File { name, bundle: None, message })),
        _ => Err(CannotSay::new("of files only those with a bundle or GitHub's attestations")),
    };
    match &seen.subject {
        Subject::File { path, material } => file(path.display().to_string(), material),
        Subject::Digest { digest, material } => file(digest.to_string(), material),
        Subject::Artifact(reference) => {
            let digest = seen.digest().ok_or_else(|| CannotSay::new("nothing was resolved"))?;
            let here = &reference.repository;
            let elsewhere = asked.image.as_ref().filter(|name| *name != here);
            Ok(Target::Image(Image {
                repository: elsewhere.unwrap_or(here).clone(),
                digest: digest.clone(),
                tag: reference.tag.clone().filter(|_| seen.index().is_none()),
                looked_at: elsewhere.map(|_| safe(&here.to_string())),
                signatures: seen.apart().cloned(),
            }))
        }
        other => Err(CannotSay::new(format!("{other}: only an image or a file has a policy"))),
    }
}

/// In which format the evidence is, and how the registry lists it.
fn found(seen: &Inspection, used: &[&FoundPiece]) -> Found {
    if used.first().is_some_and(|found| legacy(found)) {
        let bundle = |found: &FoundPiece| {
            matches!(found.source, Source::Referrer | Source::FallbackTag)
                && found.piece.format != Format::Unknown
        };
        return Found::Legacy { hidden: seen.pieces().any(|(_, found)| bundle(found)) };
    }
    let listing = match seen.finding(CheckKind::Referrers).map(|f| &f.facts) {
        Some(Facts::Listing(listing)) => Some(listing),
        _ => None,
    };
    let described = |found: &FoundPiece| {
        let mut listed = listing.iter().flat_map(|listing| &listing.found);
        let entry = listed.find(|entry| entry.descriptor.digest == found.carrier)?;
        let artifact_type = entry.descriptor.artifact_type.clone().unwrap_or_default();
        let says = artifact_type.starts_with("application/vnd.dev.sigstore.bundle");
        (!says).then_some(artifact_type)
    };
    // Of several of one kind one that is described is enough.
    let kind = |found: &FoundPiece| {
        (found.piece.kind == Kind::Signature, found.piece.predicate_type.clone())
    };
    let misdescribed = used.iter().find_map(|one| {
        let all = used.iter().filter(|other| kind(other) == kind(one));
        all.map(|other| described(other)).collect::<Option<Vec<_>>>()?.into_iter().next()
    });
    let fallback = used.iter().any(|found| found.source == Source::FallbackTag);
    Found::Bundles(Listed { fallback, misdescribed: misdescribed.map(|t| safe(&t)) })
}

fn root(seen: &Inspection, piece: &Piece) -> Result<Root, CannotSay> {
    let facts: Option<&RootFacts> = match seen.finding(CheckKind::TrustRoot).map(|f| &f.facts) {
        Some(Facts::Root(facts)) => Some(facts),
        _ => None,
    };
    if facts.is_some_and(|facts| !facts.others.is_empty()) {
        return Err(CannotSay::new(
            "the file names several trust roots: give the one that issued the signer's certificate",
        ));
    }
    let file = match &seen.root {
        RootSource::File(path) => Some(path.clone()),
        _ => None,
    };
    let github = piece.instance == Instance::GitHub;
    Ok(Root { root: facts.map(|facts| Arc::clone(&facts.root)), file, github })
}

fn logs(used: &[&FoundPiece], demand: &Demand) -> Logs {
    let holds = |found: &FoundPiece, step| found.piece.steps.get(step).verdict == Verdict::Proved;
    let all = |steps: &[StepName]| {
        !used.is_empty() && used.iter().all(|f| steps.iter().any(|step| holds(f, *step)))
    };
    let entries = || used.iter().flat_map(|found| &found.piece.logs);
    Logs {
        entry: all(&[StepName::LogEntry]) && all(&[StepName::Set, StepName::Inclusion]),
        rekor_v2: entries().any(|log| log.kind == "hashedrekord 0.0.2"),
        sct: all(&[StepName::Sct]),
        timestamp: all(&[StepName::Timestamp]),
        promised: all(&[StepName::Set]),
        stamp_demanded: demand.signed_timestamps,
        ids: entries().map(|log| log.log_id.clone()).collect(),
    }
}
