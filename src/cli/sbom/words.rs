//! What is said on standard error of the SBOM that is read, and of those that are not.

use std::sync::Arc;

use crate::{
    cli::{Console, Stop, UNDECIDED},
    domain::{
        Digest, Verdict,
        demand::{Demand, Wanted},
        oci::Manifest,
        sbom::is_sbom_type,
        text::safe,
    },
    inspect::{
        CheckKind, Facts, Inspection,
        sboms::{Document, Looked, choose},
    },
    report::json::{Report, report},
};

/// The exit code where no document is read, told on standard error.
pub(crate) fn tell_nothing(looked: &Looked, console: &mut Console<'_>) -> Result<u8, Stop> {
    let (verdict, why) = match &looked.nothing {
        Some((verdict, why)) => (*verdict, why.as_str()),
        None => (Verdict::Undecided, "no SBOM was read"),
    };
    writeln!(console.err, "sigscope: {}: {}", safe(&looked.target), safe(why))?;
    tell_others(looked, console)?;
    if verdict == Verdict::Absent
        && let Some(hint) = looked.seen.as_ref().and_then(elsewhere)
    {
        writeln!(console.err, "sigscope: {hint}")?;
    }
    Ok(if verdict == Verdict::Absent { Verdict::Absent.exit_code() } else { UNDECIDED })
}

/// What else is there.
fn tell_others(looked: &Looked, console: &mut Console<'_>) -> Result<(), Stop> {
    if !looked.others.is_empty() {
        let others: Vec<String> = looked.others.iter().map(|other| safe(other)).collect();
        writeln!(console.err, "sigscope: also there, and not read: {}", others.join("; "))?;
    }
    Ok(())
}

/// The report of what was found out, with `sbom` in it.
pub(super) fn report_of(looked: &Looked, sbom: Option<serde_json::Value>) -> Option<Report> {
    let seen = looked.seen.as_ref()?;
    let mut seen = seen.clone();
    // What was demanded is an SBOM, so that is what the verdict is about.
    if let Some(demand) = seen.demand.take() {
        let named = |w: &Wanted| matches!(w, Wanted::Attestation(uri) if is_sbom_type(uri));
        let types = choose(&Inspection { demand: Some(demand.clone()), ..seen.clone() })
            .newest
            .first()
            .and_then(|(found, _)| found.piece.predicate_type.clone());
        let own = demand.wanted.iter().any(named);
        seen.demand = Some(match types {
            Some(uri) if !own => {
                let wanted = vec![Wanted::Attestation(uri)];
                Arc::new(Demand { wanted, ..Demand::clone(&demand) })
            }
            _ => demand,
        });
    }
    Some(report(&seen).with_sbom(sbom))
}

/// Where else an SBOM of the release may lie.
fn elsewhere(seen: &Inspection) -> Option<&'static str> {
    match &seen.resolved()?.manifest {
        Manifest::Index(_) => {
            Some("it is an index; --platform OS/ARCH looks at the SBOM of one of its images")
        }
        Manifest::Image(_) if seen.index().is_some() => {
            Some("the index that lists it may have one; without --platform that is looked at")
        }
        Manifest::Image(_) => None,
    }
}

/// What deserves a look about the SBOM that a manifest carries.
pub(crate) fn warnings<'a>(
    seen: &'a Inspection,
    carrier: &'a Digest,
) -> impl Iterator<Item = &'a (&'static str, String)> {
    seen.findings(CheckKind::Sbom).flat_map(move |(_, finding)| {
        let own = matches!(&finding.facts, Facts::Sbom(facts) if facts.carrier == *carrier);
        finding.warnings.iter().filter(move |_| own)
    })
}

/// Says on standard error what is read, and what that is worth.
pub(crate) fn tell(
    looked: &Looked,
    document: &Document,
    console: &mut Console<'_>,
) -> Result<(), Stop> {
    let sbom = &document.sbom;
    writeln!(console.err, "sigscope: {}", safe(&document.standing))?;
    let mut words = format!("read {}, {} components", safe(sbom.format()), sbom.len());
    if let Some(tool) = sbom.tool() {
        words.push_str(&format!(", by {}", safe(tool)));
    }
    if let Some(platform) = &document.platform {
        words.push_str(&format!(", of {}", safe(platform)));
    }
    if let Some(carrier) = &document.carrier {
        words.push_str(&format!(" ({carrier})"));
    }
    writeln!(console.err, "sigscope: {words}")?;
    let equal = looked.documents.iter().filter(|other| !std::ptr::eq(*other, document));
    for other in equal {
        let carrier = other.carrier.as_ref().map(ToString::to_string).unwrap_or_default();
        let format = safe(other.sbom.format());
        let platform = other.platform.as_deref().map(|p| format!(", of {}", safe(p)));
        let platform = platform.unwrap_or_default();
        // What nobody signed has no time that anybody would believe.
        let signed = other.predicate.is_some();
        let what = if signed { "as new as that" } else { "that one is signed by nobody either" };
        writeln!(console.err, "sigscope: {what}: {format}{platform} ({carrier})")?;
    }
    tell_others(looked, console)?;
    if let (Some(seen), Some(carrier)) = (&looked.seen, &document.carrier) {
        for (code, message) in warnings(seen, carrier) {
            writeln!(console.err, "sigscope: warning: {code}: {}", safe(message))?;
        }
    }
    if let Some(why) = &looked.unknown {
        writeln!(console.err, "sigscope: warning: there may be another one: {}", safe(why))?;
    }
    if let Some(why) = sbom.left_out() {
        let why = safe(&why.to_string());
        let words = "what is not listed may be in it all the same";
        writeln!(console.err, "sigscope: warning: not read to its end: {why}; {words}")?;
    } else if let Some(why) = sbom.doubt() {
        writeln!(console.err, "sigscope: warning: {}", safe(&why))?;
    }
    if let Some(first) = sbom.problems().first() {
        let at = if first.position.is_empty() { "the document" } else { &first.position };
        let number = sbom.problems().len();
        let (at, message) = (safe(at), safe(&first.message));
        writeln!(console.err, "sigscope: {number} problems, the first at {at}: {message}")?;
    }
    Ok(())
}
