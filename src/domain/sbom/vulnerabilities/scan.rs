//! What scanners find: cosign `vuln/v1`, in-toto `vulns/v0.1` and `v0.2`, around the output of Grype,
//! Trivy, SARIF writers and in-toto's own list.

use super::{
    Attested, State, Statement,
    fold::Sink,
    name::{Name, Named, Target},
    purl::Purl,
    read::{aliases, doubt, id, joined, outer, shown, text, texts},
};
use crate::domain::predicate::tree::Tree;

/// Reads a scan.
pub(super) fn read(tree: &Tree, from: &Attested<'_>, sink: &mut Sink) {
    let scanner = text(tree, &["scanner", "uri"]);
    let name = scanner.map_or_else(
        || "vulnerability scan".to_owned(),
        |scanner| format!("scan by {}", shown(&scanner)),
    );
    let finished = text(tree, &["metadata", "scanFinishedOn"]);
    sink.begin(name.clone(), from.standing, finished.clone());
    for path in [&[] as &[&str], &["scanner"], &["scanner", "result"]] {
        outer(&name, tree.at(path).unwrap_or(tree), sink);
    }
    let at = finished.and_then(|at| at.parse().ok());
    let Some(result) = tree.at(&["scanner", "result"]) else {
        sink.problem(format!("{name}: no result"));
        return;
    };
    for targets in ["Results", "runs"].iter().filter_map(|outer| result.get(outer)) {
        targets.items().iter().for_each(|target| outer(&name, target, sink));
        if is_cut(targets) || targets.items().iter().any(is_cut) {
            sink.missed(format!("{name}: not all of its targets were read"));
        }
    }
    let Some(lists) = lists(result) else {
        let kind = result.kind();
        sink.missed(format!("{name}: scanner.result is {kind} of a shape that is not known"));
        return;
    };
    for list in lists {
        for (index, item) in list.items().iter().enumerate() {
            match found(item) {
                Ok(statement) => {
                    sink.push(Statement { at, ..statement }, package(item).into_iter().collect());
                }
                Err(why) => sink.problem(format!("{name}: finding {index}: {why}")),
            }
        }
        let left_out = list.len().saturating_sub(list.items().len());
        if left_out > 0 {
            sink.missed(format!("{name}: {left_out} more findings were not read"));
        }
    }
}

/// Whether something in it was left out because there was no room.
const fn is_cut(tree: &Tree) -> bool {
    matches!(tree, Tree::Map { left_out: 1.., .. } | Tree::List { left_out: 1.., .. })
}

/// The lists of findings: Grype's, Trivy's (one for each target), SARIF's (one for each run), and
/// in-toto's own.
fn lists(result: &Tree) -> Option<Vec<&Tree>> {
    let is_list = |tree: &&Tree| matches!(tree, Tree::List { .. });
    if is_list(&result) {
        return Some(vec![result]);
    }
    if let Some(list) = ["matches", "vulnerabilities"].iter().find_map(|n| result.get(n)) {
        return Some(vec![list]).filter(|_| is_list(&list));
    }
    for (outer, inner) in [("Results", "Vulnerabilities"), ("runs", "results")] {
        if let Some(list) = result.get(outer).filter(is_list) {
            return Some(list.items().iter().filter_map(|item| item.get(inner)).collect());
        }
    }
    // Trivy leaves the list away where it looked at nothing.
    result.get("SchemaVersion").map(|_| vec![])
}

/// The text at the first of several paths: scanners call one thing by different names.
fn first(item: &Tree, paths: &[&[&str]]) -> Option<String> {
    paths.iter().find_map(|path| text(item, path))
}

/// One finding of a scanner.
fn found(item: &Tree) -> Result<Statement, String> {
    if let Some(why) = doubt(item) {
        return Err(why);
    }
    let vulnerability = first(
        item,
        &[&["VulnerabilityID"], &["vulnerability", "id"], &["vulnerability"], &["id"], &["ruleId"]],
    );
    let related = item.get("relatedVulnerabilities").map(Tree::items).unwrap_or_default();
    let severity =
        [&["Severity"] as &[&str], &["vulnerability", "severity"], &["severity"], &["level"]];
    let severity = first(item, &severity).map(|word| word.to_lowercase());
    Ok(Statement {
        origin: 0,
        vulnerability: id(vulnerability)?,
        aliases: aliases(related.iter().filter_map(|related| text(related, &["id"]))),
        state: State::Reported,
        severity: severity.or_else(|| score(item.get("severity")?)),
        justification: None,
        detail: joined([
            first(item, &[&["Title"], &["message", "text"]]),
            fixed_in(item).map(|version| format!("fixed in {version}")),
            None,
        ]),
        at: None,
    })
}

/// The package in which it was found, if it says so.
fn package(item: &Tree) -> Option<Target> {
    let purl = first(item, &[&["PkgIdentifier", "PURL"], &["artifact", "purl"], &["purl"]]);
    let name = first(item, &[&["PkgName"], &["artifact", "name"], &["package"]]);
    let version = first(item, &[&["InstalledVersion"], &["artifact", "version"]]);
    let text = match (&purl, &name, &version) {
        (Some(purl), ..) => purl.clone(),
        (None, Some(name), Some(version)) => format!("{name} {version}"),
        (None, name, _) => name.clone()?,
    };
    // The name only where there is no purl: it tells less, and would find more.
    let by_purl = purl.as_deref().and_then(Purl::parse).map(Name::Purl);
    let names = by_purl.or_else(|| name.map(|name| Name::Package(name, version)));
    Some(Target::scan(Named { text, names: names.into_iter().collect() }))
}

/// in-toto: a method and a score instead of a word.
fn score(severity: &Tree) -> Option<String> {
    let one = severity.items().first().unwrap_or(severity);
    joined([text(one, &["method"]), text(one, &["score"]), None])
}

fn fixed_in(item: &Tree) -> Option<String> {
    let versions = || {
        let all: Vec<String> =
            texts(item.at(&["vulnerability", "fix", "versions"])).take(8).collect();
        Some(all.join(", ")).filter(|versions| !versions.is_empty())
    };
    text(item, &["FixedVersion"]).or_else(versions)
}
