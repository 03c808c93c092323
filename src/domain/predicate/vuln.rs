//! Vulnerability scans: cosign `vuln/v1`, in-toto `vulns/v0.1` and `v0.2`.
//!
//! cosign keeps the scanner's own output, so severities are looked for where Grype, Trivy and SARIF
//! writers put them; output of another shape is counted as far as it is a list.

use super::{
    read::{Reader, number},
    row::{Rows, Speaks, add, counted, joined, plural, short},
    tree::Tree,
};

/// A scan.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scan {
    /// The scanner.
    pub scanner: Option<String>,
    /// Its version.
    pub scanner_version: Option<String>,
    /// The database it used.
    pub database: Option<String>,
    /// When it began, as it is written; nobody authenticates it.
    pub started: Option<String>,
    /// When it ended.
    pub finished: Option<String>,
    /// How many findings; `None` where the result has a shape that is not known.
    pub findings: Option<u64>,
    /// How many of each severity, in the scanner's words, in the order in which they occur.
    pub by_severity: Vec<(String, u64)>,
}

impl Scan {
    pub(super) fn read(from: &mut Reader<'_>) -> Self {
        let scanner = from.text(&["scanner", "uri"]);
        let database = from.first(&[&["scanner", "db", "uri"], &["scanner", "db", "name"]]);
        let updated =
            from.first(&[&["scanner", "db", "version"], &["scanner", "db", "lastUpdate"]]);
        let mut this = Self {
            scanner: from.expect("scanner", scanner),
            scanner_version: from.text(&["scanner", "version"]),
            database: match (database, updated) {
                (Some(name), Some(version)) => Some(format!("{name} {version}")),
                (name, version) => name.or(version),
            },
            started: from.text(&["metadata", "scanStartedOn"]),
            finished: from.text(&["metadata", "scanFinishedOn"]),
            ..Self::default()
        };
        match from.value(&["scanner", "result"]) {
            Some(result) => this.count(result, from),
            None => {
                from.expect("result", None::<()>);
            }
        }
        this
    }

    fn count(&mut self, result: &Tree, from: &mut Reader<'_>) {
        let Some(lists) = findings(result) else {
            from.odd(format!("scanner.result is {} of a shape that is not known", result.kind()));
            return;
        };
        let (mut total, mut unread) = (0, 0);
        for list in lists {
            total += list.len();
            unread += list.len().saturating_sub(list.items().len());
            for finding in list.items() {
                add(&mut self.by_severity, &severity(finding));
            }
        }
        if unread > 0 {
            from.odd(format!("{unread} more findings were not read, only counted"));
        }
        self.findings = Some(number(total));
    }
}

/// The lists of findings in a scanner's output.
fn findings(result: &Tree) -> Option<Vec<&Tree>> {
    if matches!(result, Tree::List { .. }) {
        return Some(vec![result]);
    }
    // Grype.
    if let Some(matches @ Tree::List { .. }) = result.get("matches") {
        return Some(vec![matches]);
    }
    // Trivy: one list for every target, none where nothing was found. SARIF: one for every run.
    for (outer, inner) in [("Results", "Vulnerabilities"), ("runs", "results")] {
        if let Some(list @ Tree::List { .. }) = result.get(outer) {
            return Some(list.items().iter().filter_map(|item| item.get(inner)).collect());
        }
    }
    result.get("vulnerabilities").filter(|v| matches!(v, Tree::List { .. })).map(|v| vec![v])
}

/// The severity of one finding, in the scanner's words, in lower case.
fn severity(finding: &Tree) -> String {
    let paths: [&[&str]; 5] = [
        &["severity"],
        &["Severity"],
        &["vulnerability", "severity"],
        &["level"],
        &["database_specific", "severity"],
    ];
    let said = paths.iter().find_map(|path| finding.at(path));
    match said {
        Some(Tree::Text(word)) => short(&word.to_lowercase()),
        // in-toto: a method and a score; a vector is no word for how bad it is.
        Some(list @ Tree::List { .. }) => {
            let methods = list.items().iter().filter_map(|s| s.get("method")?.text());
            methods.map(short).next().map_or_else(unsaid, |method| format!("with {method}"))
        }
        Some(one @ Tree::Map { .. }) => {
            let method = one.get("method").and_then(Tree::text).map(short);
            method.map_or_else(unsaid, |method| format!("with {method}"))
        }
        _ => unsaid(),
    }
}

fn unsaid() -> String {
    "of no said severity".into()
}

impl Speaks for Scan {
    fn rows(&self, rows: &mut Rows) {
        rows.text("scanner", "scanner", self.scanner.as_ref());
        rows.text("scanner_version", "version", self.scanner_version.as_ref());
        rows.text("database", "database", self.database.as_ref());
        rows.count("findings", "findings", self.findings);
        rows.counts("by_severity", "by severity", &self.by_severity);
        rows.text("started", "started", self.started.as_ref());
        rows.text("finished", "finished", self.finished.as_ref());
    }

    fn words(&self) -> String {
        let counts = counted(&self.by_severity);
        let by = match (&self.scanner, &self.scanner_version) {
            (Some(scanner), Some(version)) if !scanner.contains(version.as_str()) => {
                Some(format!("by {} {}", short(scanner), short(version)))
            }
            (Some(scanner), _) => Some(format!("by {}", short(scanner))),
            (None, _) => None,
        };
        joined([
            self.findings.map(|n| plural(n, "finding")),
            (!counts.is_empty()).then_some(counts),
            by,
            self.finished.as_ref().map(|at| format!("finished {}, it says", short(at))),
        ])
    }
}
